//! What a received signature claims, and the checks of its form.

use super::{Received, decoded, http_date, refused};
use crate::clock::{AmzDate, Millis};
use crate::error::{Error, Result};
use crate::sign::canonical::split_pair;
use crate::sign::v4a::SignatureText;
use crate::sign::{self, Algorithm};

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
    /// What it was made with.
    pub algorithm: Algorithm,
    /// Whose it claims to be.
    pub access_key_id: String,
    /// Region of the credential scope; for `SigV4a` the region set, as it was written.
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
    /// Whether that token is one of an S3 Express session, which travels under a name of its own.
    pub is_s3_session: bool,
    /// Hash of the payload, or the name of another form, that came with it.
    pub content_sha256: Option<Vec<u8>>,
    pub(crate) date: AmzDate,
    pub(crate) signature: SignatureText,
}

impl std::fmt::Debug for Claim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Claim")
            .field("location", &self.location)
            .field("algorithm", &self.algorithm)
            .field("access_key_id", &self.access_key_id)
            .field("region", &self.region)
            .field("service", &self.service)
            .finish_non_exhaustive()
    }
}

/// The parts of a signature as they were written.
struct Parts {
    location: Location,
    algorithm: Algorithm,
    credential: Vec<u8>,
    signed_headers: Vec<u8>,
    signature: Vec<u8>,
    signed_at: Option<Millis>,
    expires: Option<Vec<u8>>,
    region_set: Option<Vec<u8>>,
    session_token: Option<Vec<u8>>,
    s3_session_token: Option<Vec<u8>>,
    content_sha256: Option<Vec<u8>>,
}

/// Which session token counts, and whether it is that of an S3 Express session. In its service both kinds are known;
/// everywhere else the second is a header like any other.
fn session_token(parts: &mut Parts, service: &str) -> Result<(Option<Vec<u8>>, bool)> {
    if service != "s3express" {
        return Ok((parts.session_token.take(), false));
    }
    match (parts.session_token.take(), parts.s3_session_token.take()) {
        (Some(_), Some(_)) => Err(refused("InvalidRequest", "Only one session token is allowed.")),
        (None, Some(token)) => Ok((Some(token), true)),
        (token, None) => Ok((token, false)),
    }
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

fn claim(mut parts: Parts) -> Result<Claim> {
    let location = parts.location;
    let malformed = |message: &'static str| malformed(location, message);
    let credential = String::from_utf8(std::mem::take(&mut parts.credential))
        .map_err(|_| malformed("Credential is not readable."))?;
    let is_asymmetric = parts.algorithm == Algorithm::Sigv4a;
    let mut from_end = credential.rsplitn(if is_asymmetric { 4 } else { 5 }, '/');
    let mut next = || from_end.next().filter(|part| !part.is_empty());
    let (terminator, service) = (next(), next());
    let region = if is_asymmetric { Some("") } else { next() };
    let (Some("aws4_request"), Some(service), Some(region), Some(day), Some(access_key_id)) =
        (terminator, service, region, next(), next())
    else {
        return Err(malformed(if is_asymmetric {
            "Credential must be ID/YYYYMMDD/service/aws4_request."
        } else {
            "Credential must be ID/YYYYMMDD/region/service/aws4_request."
        }));
    };
    let region = if is_asymmetric { region_set(&parts)? } else { region.to_owned() };
    let signed_at = parts.signed_at.ok_or_else(|| malformed("The date must be in the form YYYYMMDDTHHMMSSZ."))?;
    let date = AmzDate::at(signed_at);
    if day.as_bytes() != date.date() {
        return Err(refused(
            "SignatureDoesNotMatch",
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP.",
        ));
    }
    let expires_in = parts.expires.as_deref().map(|text| lifetime(text, &malformed)).transpose()?;
    check_signature_form(&parts, &malformed)?;
    let (session_token, is_s3_session) = session_token(&mut parts, service)?;
    Ok(Claim {
        location,
        algorithm: parts.algorithm,
        access_key_id: access_key_id.to_owned(),
        region,
        service: service.to_owned(),
        signed_at,
        expires_in,
        signed_headers: parts.signed_headers,
        session_token,
        is_s3_session,
        content_sha256: parts.content_sha256,
        date,
        signature: SignatureText::from_vec(parts.signature),
    })
}

/// A signature has one form only: lower-case hex, of the one length that HMAC has, or of the lengths that DER can have.
fn check_signature_form(parts: &Parts, malformed: &impl Fn(&'static str) -> Error) -> Result<()> {
    let is_hex = parts.signature.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let length = parts.signature.len();
    match parts.algorithm {
        Algorithm::Sigv4 if length != 64 || !is_hex => Err(malformed("Signature must be 64 lower-case hex digits.")),
        Algorithm::Sigv4a if !(16..=144).contains(&length) || length % 2 == 1 || !is_hex => {
            Err(malformed("Signature must be 16 to 144 lower-case hex digits."))
        }
        _ => Ok(()),
    }
}

/// The region set of a `SigV4a` signature: names and patterns, separated by commas, none of them empty.
fn region_set(parts: &Parts) -> Result<String> {
    let malformed = |message| malformed(parts.location, message);
    let text = parts.region_set.as_deref().ok_or_else(|| malformed("X-Amz-Region-Set is missing."))?;
    let text = std::str::from_utf8(text).map_err(|_| malformed("X-Amz-Region-Set is not readable."))?;
    let is_region =
        |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-*".contains(&byte));
    if !text.split(',').all(|name| is_region(name.trim_matches([' ', '\t']))) {
        return Err(malformed("X-Amz-Region-Set must list regions, separated by commas."));
    }
    Ok(text.to_owned())
}

fn lifetime(text: &[u8], malformed: &impl Fn(&'static str) -> Error) -> Result<i64> {
    let is_number = !text.is_empty() && text.len() <= 6 && text.iter().all(u8::is_ascii_digit);
    let seconds = || text.iter().fold(0_i64, |sum, byte| sum * 10 + i64::from(byte - b'0'));
    is_number
        .then(seconds)
        .filter(|seconds| (1..=sign::MAX_EXPIRES.cast_signed()).contains(seconds))
        .ok_or_else(|| malformed("X-Amz-Expires must be 1 to 604800 seconds."))
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
    let found: Vec<(Vec<u8>, Vec<u8>)> = received
        .query
        .split(|&byte| byte == b'&')
        .map(split_pair)
        .map(|(name, value)| (decoded(name), value))
        .filter(|(name, _)| name.get(..6).is_some_and(|prefix| is(prefix, b"X-Amz-")))
        .map(|(name, value)| (name, decoded(value)))
        .collect();
    // Sorted, since comparing each with each would take as long as a sender likes who has no key.
    let mut names: Vec<Vec<u8>> = found.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
    names.sort_unstable();
    if names.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(refused("AuthorizationQueryParametersError", "An X-Amz- query parameter is repeated."));
    }
    Ok(found)
}

/// Headers that say something about the signature: of two, two readers could believe two.
const CARRYING: [&[u8]; 9] = [
    b"authorization",
    b"x-amz-date",
    b"x-amz-security-token",
    b"x-amz-s3session-token",
    b"x-amz-region-set",
    b"x-amz-content-sha256",
    b"x-amz-decoded-content-length",
    b"x-amz-trailer",
    b"host",
];

/// Refuses two headers of which each could be believed, wherever the signature stands.
fn refuse_repeated(received: &Received<'_>, location: Location) -> Result<()> {
    if CARRYING.iter().any(|name| received.count(name) > 1) {
        return Err(malformed(location, "A header that carries the signature is repeated."));
    }
    Ok(())
}

fn header_parts(received: &Received<'_>, value: &[u8]) -> Result<Parts> {
    let malformed = |message| malformed(Location::Header, message);
    refuse_repeated(received, Location::Header)?;
    let value = value.trim_ascii();
    let (algorithm, rest) = [Algorithm::Sigv4, Algorithm::Sigv4a]
        .into_iter()
        .find_map(|algorithm| Some((algorithm, value.strip_prefix(algorithm.name())?.strip_prefix(b" ")?)))
        .ok_or_else(|| malformed("Authorization must begin with AWS4-HMAC-SHA256 or AWS4-ECDSA-P256-SHA256."))?;
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
    let signed_headers =
        signed_headers.ok_or_else(|| malformed("Authorization header requires 'SignedHeaders' parameter."))?;
    let trimmed = |name| received.header(name).map(|value| value.trim_ascii().to_vec());
    Ok(Parts {
        location: Location::Header,
        algorithm,
        credential: credential.ok_or_else(|| malformed("Authorization header requires 'Credential' parameter."))?,
        signature: signature.ok_or_else(|| malformed("Authorization header requires 'Signature' parameter."))?,
        signed_at: header_date(received, &signed_headers)?,
        signed_headers,
        expires: None,
        region_set: trimmed(b"x-amz-region-set"),
        session_token: trimmed(b"x-amz-security-token"),
        s3_session_token: trimmed(b"x-amz-s3session-token"),
        content_sha256: trimmed(b"x-amz-content-sha256"),
    })
}

/// When a signature in the headers was made: by x-amz-date, or by a signed Date header where there is none, as clients of
/// API Gateway send it.
fn header_date(received: &Received<'_>, signed_headers: &[u8]) -> Result<Option<Millis>> {
    if let Some(date) = received.header(b"x-amz-date") {
        return Ok(AmzDate::parse(date.trim_ascii()));
    }
    let malformed = |message| Err(malformed(Location::Header, message));
    let is_signed = signed_headers.split(|&byte| byte == b';').any(|name| name == b"date");
    match received.header(b"date") {
        Some(_) if received.count(b"date") > 1 => malformed("A header that carries the signature is repeated."),
        Some(date) if is_signed => Ok(http_date::parse(date.trim_ascii())),
        _ => malformed("Authorization header requires existence of either a 'X-Amz-Date' or a signed 'Date' header."),
    }
}

fn query_parts(received: &Received<'_>, parameters: &[(Vec<u8>, Vec<u8>)]) -> Result<Parts> {
    let malformed = |message| malformed(Location::Query, message);
    refuse_repeated(received, Location::Query)?;
    let find = |name: &[u8]| parameters.iter().find(|(other, _)| is(other, name)).map(|(_, value)| value.clone());
    let name = find(b"X-Amz-Algorithm").unwrap_or_default();
    let algorithm =
        [Algorithm::Sigv4, Algorithm::Sigv4a].into_iter().find(|algorithm| algorithm.name() == name).ok_or_else(
            || malformed("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\" and \"AWS4-ECDSA-P256-SHA256\"."),
        )?;
    let content_sha256 = find(b"X-Amz-Content-Sha256");
    let in_header = received.header(b"x-amz-content-sha256").map(|value: &[u8]| value.trim_ascii().to_vec());
    if content_sha256.is_some() && in_header.is_some() && content_sha256 != in_header {
        return Err(malformed("X-Amz-Content-Sha256 is given in two ways."));
    }
    let date = find(b"X-Amz-Date").ok_or_else(|| malformed("X-Amz-Date is missing."))?;
    Ok(Parts {
        location: Location::Query,
        algorithm,
        credential: find(b"X-Amz-Credential").ok_or_else(|| malformed("X-Amz-Credential is missing."))?,
        signed_headers: find(b"X-Amz-SignedHeaders").ok_or_else(|| malformed("X-Amz-SignedHeaders is missing."))?,
        signature: find(b"X-Amz-Signature").ok_or_else(|| malformed("X-Amz-Signature is missing."))?,
        signed_at: AmzDate::parse(&date),
        expires: Some(find(b"X-Amz-Expires").ok_or_else(|| malformed("X-Amz-Expires is missing."))?),
        region_set: find(b"X-Amz-Region-Set"),
        session_token: find(b"X-Amz-Security-Token"),
        s3_session_token: find(b"X-Amz-S3session-Token"),
        content_sha256: content_sha256.or(in_header),
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
