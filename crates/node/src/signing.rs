//! Signing and presigning of one request: a frame in, an answer in the same frame. `wire` in the core tells its form.

use crate::error::{Result, to_js};
use aws_refresh_session_core::wire;
use napi::bindgen_prelude::BufferSlice;
use napi_derive::napi;

/// Signs with headers. At least 0: that many bytes of answer (bit 30: a refresh is advised); below 0: see `Answer`.
#[napi(catch_unwind)]
pub fn sign(mut frame: BufferSlice<'_>) -> Result<i32> {
    wire::sign(&mut frame, None).map(wire::Answer::to_number).map_err(to_js)
}

/// As `sign`, for a body that is not text.
#[napi(catch_unwind)]
pub fn sign_bytes(mut frame: BufferSlice<'_>, body: &[u8]) -> Result<i32> {
    wire::sign(&mut frame, Some(body)).map(wire::Answer::to_number).map_err(to_js)
}

/// Presigns; the answer is the whole URL.
#[napi(catch_unwind)]
pub fn presign(mut frame: BufferSlice<'_>, body: Option<&[u8]>) -> Result<i32> {
    wire::presign(&mut frame, body).map(wire::Answer::to_number).map_err(to_js)
}

/// The canonical request, string to sign, signature, signed headers and result, in this order.
#[napi(catch_unwind)]
pub fn explain(frame: BufferSlice<'_>, body: Option<&[u8]>) -> Result<Vec<String>> {
    let told = wire::explain(&frame, body).map_err(to_js)?;
    Ok(vec![told.canonical_request, told.string_to_sign, told.signature, told.signed_headers, told.result])
}

/// Signs a request that already holds all that is signed; the answer is the names of the signed headers, a line feed and
/// the signature.
#[napi(catch_unwind)]
pub fn sign_prepared(mut frame: BufferSlice<'_>, body: Option<&[u8]>) -> Result<i32> {
    wire::sign_prepared(&mut frame, body).map(wire::Answer::to_number).map_err(to_js)
}

/// As `explain`, for a prepared request: canonical request, string to sign, signature, signed headers.
#[napi(catch_unwind)]
pub fn explain_prepared(frame: BufferSlice<'_>, body: Option<&[u8]>) -> Result<Vec<String>> {
    let told = wire::explain_prepared(&frame, body).map_err(to_js)?;
    Ok(vec![told.canonical_request, told.string_to_sign, told.signature, told.signed_headers])
}

/// The names of the headers that a signature of the prepared request would cover. Needs no credentials.
#[napi(catch_unwind)]
pub fn signed_header_names(mut frame: BufferSlice<'_>) -> Result<i32> {
    wire::signed_header_names(&mut frame).map(wire::Answer::to_number).map_err(to_js)
}

/// The signature of a text by the signing key of the frame's scope.
#[napi(catch_unwind)]
pub fn sign_text(mut frame: BufferSlice<'_>, text: &[u8]) -> Result<i32> {
    wire::sign_text(&mut frame, text).map(wire::Answer::to_number).map_err(to_js)
}
