//! The only place where the codes of the core meet N-API.

use aws_refresh_session_core::Error;

/// A result whose error arrives in JavaScript with `code` set to the core's own code.
pub(crate) type Result<T> = std::result::Result<T, napi::Error<&'static str>>;

pub(crate) fn to_js(error: Error) -> napi::Error<&'static str> {
    napi::Error::new(error.kind().code(), error.to_string())
}

pub(crate) fn closed(what: &str) -> napi::Error<&'static str> {
    napi::Error::new("ERR_CLOSED", format!("{what} was closed"))
}
