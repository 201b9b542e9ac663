//! XML, and the proof that a panic stays inside.

use crate::error::{Result, to_js};
use aws_refresh_session_core::xml;
use napi_derive::napi;

/// Path and text, in turn, of every leaf element of an XML document.
#[napi(catch_unwind)]
pub fn parse_xml(text: String) -> Result<Vec<String>> {
    xml::leaves(&text).map_err(to_js)
}

/// Panics, so that a test can see the process survive it.
#[napi(catch_unwind)]
pub fn panic_on_purpose() {
    panic!("a panic on purpose");
}
