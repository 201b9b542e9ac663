//! What a received signature claims, and the checks of its form.

use super::{Received, decoded, refused};
use crate::clock::{AmzDate, Millis};
use crate::error::{Error, Result};
use crate::sign;
use crate::sign::canonical::split_pair;

/// Where a signature stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Location {
    /// In the `authorization` header.
    Header,
    /// In the query of a presigned URL.
    Query,
}

/// A signature and all that it says about itself. Nothing of it is proved yet.
#[derive(Clone)]
pub struct Claim {
    /// Where it stands.
    pub location: Location,
    /// Whose it claims to be.
    pub access_key_id: String,
    /// Region of the credential scope.
    pub region: String,
    /// Service of the credential scope.
    pub service: String,
    /// When it was made.
    pub signed_at: Millis,
    /// Lifetime of a presigned URL, in seconds.
    pub expires_in: Option<i64>,
    /// Names of the signed headers, sorted, separated by semicolons.
    pub signed_headers: Vec<u8>,
    /// Session token that came with it.
    pub session_token: Option<Vec<u8>>,
    pub(crate) date: AmzDate,
    pub(crate) signature: [u8; 64],
    pub(crate) content_sha256: Option<Vec<u8>>,
}

impl std::fmt::Debug for Claim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Claim")
            .field("location", &self.location)
            .field("access_key_id", &self.access_key_id)
            .field("region", &self.region)
            .field("service", &self.service)
            .finish_non_exhaustive()
    }
}

/// The parts of a signature as they were written.
struct Parts {
    location: Location,
    credential: Vec<u8>,
    signed_headers: Vec<u8>,
    signature: Vec<u8>,
    date: Vec<u8>,
    expires: Option<Vec<u8>>,
    session_token: Option<Vec<u8>>,
    content_sha256: Option<Vec<u8>>,
}

pub(super) fn read(received: &Received<'_>) -> Result<Claim> {
    let parameters = signature_parameters(received)?;
    let in_query = parameters.iter().any(|(name, _)| is(name, b"X-Amz-Algorithm") || is(name, b"X-Amz-Signature"));
    let parts = match (received.header(b"authorization"), in_query) {
        (Some(_), true) => {
            return Err(refused("InvalidArgument", "Only one auth mechanism allowed: a header or query parameters."));
        }
        (Some(value), false) => header_parts(received, value)?,
        (None, true) => query_parts(received, &parameters)?,
        (None, false) => return Err(refused("MissingAuthenticationToken", "Missing Authentication Token")),
    };
    check_signed_headers(received, &parts)?;
    claim(parts)
}

fn claim(parts: Parts) -> Result<Claim> {
    let malformed = |message: &'static str| malformed(parts.location, message);
    let credential = String::from_utf8(parts.credential).map_err(|_| malformed("Credential is not readable."))?;
    let mut from_end = credential.rsplitn(5, '/');
    let mut next = || from_end.next().filter(|part| !part.is_empty());
    let (Some("aws4_request"), Some(service), Some(region), Some(day), Some(access_key_id)) =
        (next(), next(), next(), next(), next())
    else {
        return Err(malformed("Credential must be ID/YYYYMMDD/region/service/aws4_request."));
    };
    let signed_at =
        AmzDate::parse(&parts.date).ok_or_else(|| malformed("The date must be in the form YYYYMMDDTHHMMSSZ."))?;
    let date = AmzDate::at(signed_at);
    if day.as_bytes() != date.date() {
        return Err(refused(
            "SignatureDoesNotMatch",
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP.",
        ));
    }
    let expires_in = parts.expires.as_deref().map(|text| lifetime(text, &malformed)).transpose()?;
    let mut signature = [0; 64];
    if parts.signature.len() != 64 || !parts.signature.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(malformed("Signature must be 64 lower-case hex digits."));
    }
    signature.copy_from_slice(&parts.signature);
    Ok(Claim {
        location: parts.location,
        access_key_id: access_key_id.to_owned(),
        region: region.to_owned(),
        service: service.to_owned(),
        signed_at,
        expires_in,
        signed_headers: parts.signed_headers,
        session_token: parts.session_token,
        date,
        signature,
        content_sha256: parts.content_sha256,
    })
}

fn lifetime(text: &[u8], malformed: &impl Fn(&'static str) -> Error) -> Result<i64> {
    let digits = !text.is_empty() && text.len() <= 6 && text.iter().all(u8::is_ascii_digit);
    let seconds = text.iter().fold(0_i64, |sum, byte| sum * 10 + i64::from(byte.wrapping_sub(b'0')));
    if !digits || !(1..=sign::MAX_EXPIRES.cast_signed()).contains(&seconds) {
        return Err(malformed("X-Amz-Expires must be 1 to 604800 seconds."));
    }
    Ok(seconds)
}

fn malformed(location: Location, message: &'static str) -> Error {
    match location {
        Location::Header => refused("IncompleteSignature", message),
        Location::Query => refused("AuthorizationQueryParametersError", message),
    }
}

fn is(name: &[u8], other: &[u8]) -> bool {
    name.eq_ignore_ascii_case(other)
}

/// The parameters of the query whose names begin with `X-Amz-`, decoded. None may be there twice: two readers could
/// believe two of them.
fn signature_parameters(received: &Received<'_>) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
    let mut found: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    for pair in received.query.split(|&byte| byte == b'&') {
        let (name, value) = split_pair(pair);
        let name = decoded(name);
        if name.get(..6).is_some_and(|prefix| is(prefix, b"X-Amz-")) {
            if found.iter().any(|(other, _)| is(other, &name)) {
                return Err(refused("AuthorizationQueryParametersError", "An X-Amz- query parameter is repeated."));
            }
            found.push((name, decoded(value)));
        }
    }
    Ok(found)
}

fn header_parts(received: &Received<'_>, value: &[u8]) -> Result<Parts> {
    let malformed = |message| malformed(Location::Header, message);
    for name in [&b"authorization"[..], b"x-amz-date", b"x-amz-security-token", b"x-amz-content-sha256", b"host"] {
        if received.headers.iter().filter(|(other, _)| is(other, name)).count() > 1 {
            return Err(malformed("A header that carries the signature is repeated."));
        }
    }
    let rest = value
        .trim_ascii()
        .strip_prefix(sign::ALGORITHM)
        .and_then(|rest| rest.strip_prefix(b" "))
        .ok_or_else(|| malformed("Authorization must begin with AWS4-HMAC-SHA256."))?;
    let (mut credential, mut signed_headers, mut signature) = (None, None, None);
    for field in rest.split(|&byte| byte == b',') {
        let (name, value) = split_pair(field.trim_ascii());
        let place = match name {
            b"Credential" => &mut credential,
            b"SignedHeaders" => &mut signed_headers,
            b"Signature" => &mut signature,
            _ => return Err(malformed("Authorization holds an unknown field.")),
        };
        if place.replace(value.to_vec()).is_some() {
            return Err(malformed("Authorization holds a field twice."));
        }
    }
    let trimmed = |name| received.header(name).map(|value| value.trim_ascii().to_vec());
    Ok(Parts {
        location: Location::Header,
        credential: credential.ok_or_else(|| malformed("Authorization header requires 'Credential' parameter."))?,
        signed_headers: signed_headers
            .ok_or_else(|| malformed("Authorization header requires 'SignedHeaders' parameter."))?,
        signature: signature.ok_or_else(|| malformed("Authorization header requires 'Signature' parameter."))?,
        date: trimmed(b"x-amz-date")
            .ok_or_else(|| malformed("Authorization header requires existence of an 'X-Amz-Date' header."))?,
        expires: None,
        session_token: trimmed(b"x-amz-security-token"),
        content_sha256: trimmed(b"x-amz-content-sha256"),
    })
}

fn query_parts(received: &Received<'_>, parameters: &[(Vec<u8>, Vec<u8>)]) -> Result<Parts> {
    let malformed = |message| malformed(Location::Query, message);
    let find = |name: &[u8]| parameters.iter().find(|(other, _)| is(other, name)).map(|(_, value)| value.clone());
    if find(b"X-Amz-Algorithm").as_deref() != Some(sign::ALGORITHM) {
        return Err(malformed("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"."));
    }
    let in_header = |name| received.header(name).map(|value: &[u8]| value.trim_ascii().to_vec());
    Ok(Parts {
        location: Location::Query,
        credential: find(b"X-Amz-Credential").ok_or_else(|| malformed("X-Amz-Credential is missing."))?,
        signed_headers: find(b"X-Amz-SignedHeaders").ok_or_else(|| malformed("X-Amz-SignedHeaders is missing."))?,
        signature: find(b"X-Amz-Signature").ok_or_else(|| malformed("X-Amz-Signature is missing."))?,
        date: find(b"X-Amz-Date").ok_or_else(|| malformed("X-Amz-Date is missing."))?,
        expires: Some(find(b"X-Amz-Expires").ok_or_else(|| malformed("X-Amz-Expires is missing."))?),
        session_token: find(b"X-Amz-Security-Token"),
        content_sha256: find(b"X-Amz-Content-Sha256").or_else(|| in_header(b"x-amz-content-sha256")),
    })
}

/// The list of signed headers must have its one canonical form, name the host, and leave no `x-amz-` header out: what
/// is not signed could have been added on the way.
fn check_signed_headers(received: &Received<'_>, parts: &Parts) -> Result<()> {
    let malformed = |message| Err(malformed(parts.location, message));
    let names: Vec<&[u8]> = parts.signed_headers.split(|&byte| byte == b';').collect();
    if names.iter().any(|name| name.is_empty() || name.iter().any(u8::is_ascii_uppercase)) {
        return malformed("SignedHeaders must be lower-case names.");
    }
    if !names.is_sorted_by(|one, two| one < two) {
        return malformed("SignedHeaders must be sorted and without repetition.");
    }
    if !names.contains(&&b"host"[..]) {
        return malformed("'Host' must be a signed header.");
    }
    let is_signed = |name: &[u8]| names.iter().any(|signed| is(signed, name));
    let unsigned = received
        .headers
        .iter()
        .find(|(name, _)| name.get(..6).is_some_and(|prefix| is(prefix, b"x-amz-")) && !is_signed(name));
    if unsigned.is_some() {
        return Err(refused("AccessDenied", "There were headers present in the request which were not signed."));
    }
    Ok(())
}
