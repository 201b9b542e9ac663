//! The second engine: the same request signed by the aws-sigv4 crate's own `http_request::sign`.

use super::canonical;
use super::dialect;
use super::headers::SignedHeaders;
use super::payload::PayloadHash;
use super::url::Url;
use super::{Request, Settings};
use crate::clock::{AmzDate, Millis};
use crate::credentials::Published;
use crate::error::{Error, ErrorKind, Result};
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SessionTokenMode, SignableBody, SignableRequest, SignatureLocation,
    SigningInstructions, SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use std::borrow::Cow;
use std::time::Duration;

/// Signs with headers; the answer is the value of `authorization`, and after a line feed the payload hash if it travels.
pub fn sign_headers<'a, H>(
    published: &Published,
    settings: &Settings<'_>,
    signing_date: Millis,
    request: Request<'a, H>,
) -> Result<Vec<u8>>
where
    H: Iterator<Item = (&'a [u8], &'a [u8])>,
{
    let request = collected(request);
    Url::parse(request.url)?;
    let hash = payload_hash(settings, &request, false)?;
    let instructions = run(published, settings, signing_date, None, &request, &hash)?;
    let header = |name| instructions.headers().find(|(found, _)| *found == name).map(|(_, value)| value);
    let mut answer = header("authorization").unwrap_or_default().as_bytes().to_vec();
    if let Some(hash) = header("x-amz-content-sha256") {
        answer.push(b'\n');
        answer.extend_from_slice(hash.as_bytes());
    }
    Ok(answer)
}

/// Presigns; the answer is the whole URL.
pub fn presign<'a, H>(
    published: &Published,
    settings: &Settings<'_>,
    signing_date: Millis,
    expires_in: u64,
    request: Request<'a, H>,
) -> Result<Vec<u8>>
where
    H: Iterator<Item = (&'a [u8], &'a [u8])>,
{
    if !(1..=super::MAX_EXPIRES).contains(&expires_in) {
        return Err(Error::new(ErrorKind::SignExpires, "\"expiresIn\" must be 1 to 604800 seconds"));
    }
    let request = collected(request);
    let url = Url::parse(request.url)?;
    let hash = payload_hash(settings, &request, true)?;
    let mut answer = [url.origin, if url.path.is_empty() { b"/" } else { url.path }].concat();
    let mut joined = b'?';
    let query = super::without_earlier_signature(url.query);
    if !query.is_empty() {
        answer.push(joined);
        answer.extend_from_slice(&query);
        joined = b'&';
    }
    if hash.travels {
        answer.push(joined);
        answer.extend_from_slice(b"X-Amz-Content-Sha256=");
        answer.extend_from_slice(hash.text());
        joined = b'&';
    }
    let request = Request { url: &answer, ..request };
    let instructions = run(published, settings, signing_date, Some(expires_in), &request, &hash)?;
    for (name, value) in instructions.params() {
        answer.push(joined);
        answer.extend_from_slice(name.as_bytes());
        answer.push(b'=');
        super::escape::encode(value.as_bytes(), &mut answer);
        joined = b'&';
    }
    Ok(answer)
}

/// A request whose headers can be read more than once.
type Collected<'a> = Request<'a, Vec<(&'a [u8], &'a [u8])>>;

fn collected<'a>(request: Request<'a, impl Iterator<Item = (&'a [u8], &'a [u8])>>) -> Collected<'a> {
    let Request { method, url, headers, payload } = request;
    Request { method, url, headers: headers.collect(), payload }
}

/// What the crate leaves to its callers: which hash is signed, and whether it travels. Refuses the headers that the
/// first engine refuses.
fn payload_hash<'a>(settings: &Settings<'_>, request: &Collected<'a>, presigned: bool) -> Result<PayloadHash<'a>> {
    let given = SignedHeaders::default().collect(settings, request.headers.iter().copied())?;
    PayloadHash::of(settings, &request.payload, &given, presigned)
}

fn run(
    published: &Published,
    settings: &Settings<'_>,
    signing_date: Millis,
    expires_in: Option<u64>,
    request: &Collected<'_>,
    hash: &PayloadHash<'_>,
) -> Result<SigningInstructions> {
    // The settings are non-exhaustive, so they can only be changed, not built.
    let mut crate_settings = SigningSettings::default();
    crate_settings.percent_encoding_mode =
        if settings.double_encode_path { PercentEncodingMode::Double } else { PercentEncodingMode::Single };
    crate_settings.uri_path_normalization_mode = UriPathNormalizationMode::from(settings.normalize_path);
    crate_settings.payload_checksum_kind =
        if hash.travels { PayloadChecksumKind::XAmzSha256 } else { PayloadChecksumKind::NoHeader };
    crate_settings.session_token_mode =
        if settings.omit_session_token { SessionTokenMode::Exclude } else { SessionTokenMode::Include };
    // Those that are never signed are not shown to the crate at all, see below.
    let unsigned = text(settings.unsigned_headers)?.split(' ').filter(|name| !name.is_empty()).map(str::to_owned);
    crate_settings.excluded_headers = Some(unsigned.map(Cow::Owned).collect());
    if let Some(seconds) = expires_in {
        crate_settings.signature_location = SignatureLocation::QueryParams;
        crate_settings.expires_in = Some(Duration::from_secs(seconds));
    }
    let identity = published.credentials().clone().into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(text(settings.region)?)
        .name(text(settings.service)?)
        .time(AmzDate::at(signing_date).to_system_time())
        .settings(crate_settings)
        .build()
        .map_err(|error| refused(error.to_string()))?
        .into();
    // The crate takes any text for a method, and signs it in the case in which it is given.
    let mut method = Vec::new();
    canonical::write_method(request.method, &mut method)?;
    let mut headers = Vec::new();
    for &(name, value) in &request.headers {
        let lower = text(name)?.to_ascii_lowercase();
        // The crate signs what is left of an earlier signature; its callers remove it.
        if !(dialect::AWS.never_signed)(lower.as_bytes())
            && !matches!(&*lower, "x-amz-date" | "x-amz-security-token" | "x-amz-content-sha256")
        {
            headers.push((lower, text(value)?));
        }
    }
    let request = SignableRequest::new(
        text(&method)?,
        text(request.url)?,
        headers.iter().map(|(name, value)| (name.as_str(), *value)),
        SignableBody::Precomputed(text(hash.text())?.to_owned()),
    )
    .map_err(|error| refused(error.to_string()))?;
    Ok(sign(request, &parameters).map_err(|error| refused(error.to_string()))?.into_parts().0)
}

fn text(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|_| refused("the request is not UTF-8"))
}

fn refused(message: impl Into<Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::SignEngine, message)
}
