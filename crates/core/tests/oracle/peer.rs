//! The other side: aws-sigv4's `http_request::sign` with the settings that mean the same as ours.

use super::requests::{Body, Case, Form, Signed, parameter};
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SessionTokenMode, SignableBody, SignableRequest, SignatureLocation,
    SigningSettings, UriPathNormalizationMode, sign as sign_request,
};
use aws_sigv4::sign::v4;
use std::borrow::Cow;
use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

/// The names that DESIGN's `aws` dialect never signs; the crate's own list has four of them.
pub(crate) const NEVER_SIGNED: [&str; 12] = [
    "authorization",
    "connection",
    "expect",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "x-amzn-trace-id",
];

/// Signs as the crate does when it leaves out the same headers as we do.
pub(crate) fn sign(case: &Case) -> Result<Signed, String> {
    let excluded = NEVER_SIGNED.iter().chain(&case.unsigned_headers).map(|name| Cow::Borrowed(*name)).collect();
    sign_without(case, Some(excluded))
}

/// Signs as the crate does by default.
pub(crate) fn sign_with_default_exclusions(case: &Case) -> Result<Signed, String> {
    sign_without(case, SigningSettings::default().excluded_headers)
}

fn sign_without(case: &Case, excluded: Option<Vec<Cow<'static, str>>>) -> Result<Signed, String> {
    let mut settings = SigningSettings::default();
    settings.excluded_headers = excluded;
    settings.percent_encoding_mode =
        if case.double_encode_path { PercentEncodingMode::Double } else { PercentEncodingMode::Single };
    settings.uri_path_normalization_mode = UriPathNormalizationMode::from(case.normalize_path);
    settings.payload_checksum_kind =
        if case.content_sha256_header { PayloadChecksumKind::XAmzSha256 } else { PayloadChecksumKind::NoHeader };
    settings.session_token_mode =
        if case.omit_session_token { SessionTokenMode::Exclude } else { SessionTokenMode::Include };
    if let Form::Query(seconds) = case.form {
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(Duration::from_secs(seconds));
    }
    let since = Duration::from_millis(case.at.unsigned_abs());
    let time = if case.at < 0 { SystemTime::UNIX_EPOCH - since } else { SystemTime::UNIX_EPOCH + since };
    let identity = Credentials::from_keys(&*case.key_id, &*case.secret, case.token.clone()).into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(&case.region)
        .name(&case.service)
        .time(time)
        .settings(settings)
        .build()
        .expect("all parameters are given")
        .into();
    let body = match &case.payload {
        Body::Unsigned => SignableBody::UnsignedPayload,
        Body::Digest(digest) => SignableBody::Precomputed(digest.clone()),
        Body::Absent if case.form != Form::Header && case.content_sha256_header => SignableBody::UnsignedPayload,
        _ if case.unsigned_payload => SignableBody::UnsignedPayload,
        Body::Absent => SignableBody::Bytes(&[]),
        Body::Content(content) => SignableBody::Bytes(content),
    };
    let headers = case.headers.iter().map(|(name, value)| (&**name, &**value));
    let request = SignableRequest::new(&case.method, &*case.url, headers, body).map_err(|error| error.to_string())?;
    let (instructions, signature) = sign_request(request, &parameters).map_err(|error| error.to_string())?.into_parts();
    let header = |name| instructions.headers().find(|(found, _)| *found == name).map(|(_, value)| value);
    let signed = match case.form {
        Form::Header => {
            let authorization = header("authorization").expect("the crate sets the header");
            Signed::from_authorization(authorization, header("x-amz-content-sha256"))
        }
        Form::Query(_) => {
            Signed::from_parameters(instructions.params().iter().map(|(name, value)| parameter(name, value)).collect())
        }
    };
    assert_eq!(signed.signature, signature, "the crate gives one signature");
    Ok(signed)
}

/// Percent-encoding written for the tests: everything but unreserved characters.
pub(crate) fn encoded(bytes: &[u8]) -> String {
    let mut text = String::new();
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

/// Percent-decoding written for the tests: a `%` that begins no sequence stays.
pub(crate) fn decoded(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let pair = tail.get(..2).filter(|pair| pair.iter().all(u8::is_ascii_hexdigit));
        let digits = pair.filter(|_| *first == b'%').and_then(|pair| std::str::from_utf8(pair).ok());
        if let Some(digits) = digits {
            bytes.push(u8::from_str_radix(digits, 16).expect("two hex digits"));
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    bytes
}
