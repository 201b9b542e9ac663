//! Verification of a received request, in two calls: the caller looks the secret up between them.

use crate::error::{Result, to_js};
use crate::secret::SecretString;
use aws_refresh_session_core::verify::{Expected, PayloadProof, Received};
use napi_derive::napi;

/// What a signature claims, unproved: key id, session token (null for none), region, service, signed headers, and the
/// instants (milliseconds) when it was made and, for a presigned URL, when it ends (else 0).
#[napi(object)]
pub struct SignatureClaim {
    pub access_key_id: String,
    pub session_token: Option<String>,
    pub region: String,
    pub service: String,
    pub signed_headers: String,
    pub signed_at: f64,
    pub expires_at: f64,
}

/// Reads the claim of a request: method, raw target, names and values of the headers as lines, in received bytes.
#[napi(catch_unwind)]
#[allow(clippy::cast_precision_loss, reason = "instants in milliseconds are far below 2^53")]
pub fn read_signature(request: &[u8]) -> Result<SignatureClaim> {
    let claim = Received::parse(request).and_then(|received| received.claim()).map_err(to_js)?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(SignatureClaim {
        session_token: claim.session_token.as_deref().map(text),
        signed_headers: text(&claim.signed_headers),
        signed_at: claim.signed_at as f64,
        expires_at: claim.expires_in.map_or(0, |seconds| claim.signed_at + seconds * 1000) as f64,
        access_key_id: claim.access_key_id,
        region: claim.region,
        service: claim.service,
    })
}

/// Proves the claim of a request. The answer tells of the body: "verified", "unsigned" or "pending". `hosts` has one
/// host a line; empty for any.
#[napi(catch_unwind)]
#[allow(
    clippy::too_many_arguments,
    clippy::cast_possible_truncation,
    reason = "flat arguments are what crosses cheaply"
)]
pub fn verify_signature(
    request: &[u8],
    body: Option<&[u8]>,
    service: String,
    region: String,
    hosts: String,
    #[napi(ts_arg_type = "string")] secret_access_key: SecretString,
    session_token: Option<String>,
    now_ms: f64,
    max_skew_ms: f64,
    allow_unsigned: bool,
) -> Result<&'static str> {
    let received = Received::parse(request).map_err(to_js)?;
    let expected = Expected {
        service: &service,
        region: &region,
        hosts: &hosts,
        secret_access_key: secret_access_key.as_str(),
        session_token: session_token.as_deref(),
        now: now_ms as i64,
        max_skew: max_skew_ms as i64,
        allow_unsigned,
    };
    let proof = received.claim().and_then(|claim| received.verify(&claim, &expected, body)).map_err(to_js)?;
    Ok(match proof {
        PayloadProof::Verified => "verified",
        PayloadProof::Unsigned => "unsigned",
        PayloadProof::Pending => "pending",
    })
}
