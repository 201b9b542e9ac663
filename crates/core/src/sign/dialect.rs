//! The three dialects of the canonical request, as one table of settings: nothing else differs between them.
//!
//! `docs/dialects.md` tells where they differ in the result, which of them real servers accept, and why.

/// The rules by which a request becomes its canonical form.
#[derive(Debug)]
pub struct Dialect {
    /// Whether a header of this lower-case name is left out, whatever the caller says.
    pub(crate) never_signed: fn(&[u8]) -> bool,
    /// What counts as white space in a header value, where runs of it become one space.
    pub(crate) white_space: WhiteSpace,
    /// How the path is read.
    pub(crate) path: PathForm,
    /// How the query is read.
    pub(crate) query: QueryForm,
    /// Whether a method is signed in upper case, however it was given.
    pub(crate) upper_case_method: bool,
    /// Whether a pseudo-header of HTTP/2 may stand among the headers: the AWS SDK signs `:authority` in place of `host`.
    pub(crate) pseudo_headers: bool,
}

/// What counts as white space in a header value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum WhiteSpace {
    /// Spaces and tabs; other control characters, which no request can carry, are refused.
    Strict,
    /// Spaces, tabs and line ends; other control characters stay as they are.
    Lines,
    /// Everything that Python's `str.split()` splits at.
    Unicode,
}

/// How the path is read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum PathForm {
    /// As it is sent: what cannot travel is encoded first, and S3's keys have one form however they are spelled.
    AsSent,
    /// As it is given.
    AsGiven {
        /// What an empty path becomes where dot segments are resolved.
        empty: &'static [u8],
    },
}

/// How the query is read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum QueryForm {
    /// Names and values decoded and encoded again, so that every spelling has one form.
    Reencoded,
    /// Names and values as they are written.
    AsWritten,
}

/// What a verifying server computes for the request as it is sent. The default.
pub static AWS: Dialect = Dialect {
    never_signed: |name| name == b"authorization" || is_changed_on_the_way(name),
    white_space: WhiteSpace::Strict,
    path: PathForm::AsSent,
    query: QueryForm::Reencoded,
    upper_case_method: true,
    pseudo_headers: false,
};

/// Byte-equal to `@smithy/signature-v4`, for the AWS SDK for JavaScript v3.
pub static SMITHY: Dialect = Dialect {
    never_signed: |name| {
        is_changed_on_the_way(name)
            || matches!(name, b"authorization" | b"cache-control" | b"from" | b"max-forwards" | b"pragma" | b"referer")
            || name.starts_with(b"proxy-")
            || name.starts_with(b"sec-")
    },
    white_space: WhiteSpace::Lines,
    path: PathForm::AsGiven { empty: b"" },
    query: QueryForm::Reencoded,
    upper_case_method: false,
    pseudo_headers: true,
};

/// Byte-equal to botocore's pure-Python classes, for `RequestSigner`.
pub static BOTOCORE: Dialect = Dialect {
    never_signed: is_changed_on_the_way,
    white_space: WhiteSpace::Unicode,
    path: PathForm::AsGiven { empty: b"/" },
    query: QueryForm::AsWritten,
    upper_case_method: true,
    pseudo_headers: false,
};

/// Headers that clients, proxies and connections change on the way: no dialect signs them.
fn is_changed_on_the_way(name: &[u8]) -> bool {
    matches!(
        name,
        b"connection"
            | b"expect"
            | b"keep-alive"
            | b"proxy-authenticate"
            | b"proxy-authorization"
            | b"te"
            | b"trailer"
            | b"transfer-encoding"
            | b"upgrade"
            | b"user-agent"
            | b"x-amzn-trace-id"
    )
}
