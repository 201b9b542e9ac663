//! The one error of the crate and the stable code of each of its kinds.

use std::borrow::Cow;
use std::fmt;

/// A result whose error is [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, in a form a program can switch on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A key that is in the index of a cache was added again: a defect of the caller inside this package.
    CacheKey,
    /// The handle was closed, or never opened. User action: do not use a session after `close()`.
    Closed,
    /// A triple that is already expired was offered. User action: repair the source.
    CredentialsExpired,
    /// A triple lacks a part. User action: repair the source.
    CredentialsInvalid,
    /// The frame does not have the agreed form: a defect of the caller inside this package.
    Frame,
    /// A name under which sessions with other options share their credentials. User action: take another name.
    SharedOptions,
    /// The second engine refused the request.
    SignEngine,
    /// The lifetime of a presigned URL is outside 1 to 604 800 seconds.
    SignExpires,
    /// A header name or value that no HTTP client could send.
    SignHeader,
    /// A method that is not an HTTP token.
    SignMethod,
    /// The payload hash is neither 64 hex digits nor a name that AWS knows.
    SignPayload,
    /// The URL is relative, has no host, or has a form that would be sent differently by different clients.
    SignUrl,
    /// A received request was refused, with AWS's own name for the reason.
    Verification(&'static str),
    /// The text is not well-formed XML, or carries a DTD.
    Xml,
}

impl ErrorKind {
    /// The code that crosses the boundary and that users switch on.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::CacheKey => "ERR_CACHE_KEY",
            Self::Closed => "ERR_CLOSED",
            Self::CredentialsExpired => "ERR_CREDENTIALS_EXPIRED",
            Self::CredentialsInvalid => "ERR_CREDENTIALS_INVALID",
            Self::Frame => "ERR_FRAME",
            Self::SharedOptions => "ERR_SHARED_OPTIONS",
            Self::SignEngine => "ERR_SIGN_ENGINE",
            Self::SignExpires => "ERR_SIGN_EXPIRES",
            Self::SignHeader => "ERR_SIGN_HEADER",
            Self::SignMethod => "ERR_SIGN_METHOD",
            Self::SignPayload => "ERR_SIGN_PAYLOAD",
            Self::SignUrl => "ERR_SIGN_URL",
            Self::Verification(code) => code,
            Self::Xml => "ERR_XML",
        }
    }
}

/// An error of the core: a kind and a message that never holds a secret.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Error {
    kind: ErrorKind,
    message: Cow<'static, str>,
}

impl Error {
    /// Makes an error; the caller keeps secrets out of the message.
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, message: message.into() }
    }

    /// The kind, to match on.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
