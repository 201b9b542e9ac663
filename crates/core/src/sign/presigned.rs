//! Presigned URLs: the signature and all that it says stand in the query.

use super::canonical;
use super::escape;
use super::key::Key;
use super::payload::PayloadHash;
use super::url::Url;
use super::v4a::SignatureText;
use super::{Algorithm, Request, Settings, finish, lower_case, with_workspace};
use crate::clock::AmzDate;
use crate::credentials::Published;
use crate::error::{Error, ErrorKind, Result};
use std::borrow::Cow;
use std::cell::Cell;

/// The longest lifetime of a presigned URL: seven days, in seconds.
pub const MAX_EXPIRES: u64 = 604_800;

/// The result of presigning, borrowed from the thread's workspace.
#[derive(Debug)]
pub struct QuerySignature<'w> {
    /// `https://host:port` as given.
    pub origin: &'w [u8],
    /// The path as it has to be sent.
    pub path: Cow<'w, [u8]>,
    /// The caller's query, without the parameters of an earlier signature.
    pub query: Cow<'w, [u8]>,
    /// The parameters that were signed, encoded.
    pub parameters: &'w [u8],
    /// The session token, encoded, when it is added after signing.
    pub late_token: &'w [u8],
    /// `host`.
    pub signed_headers: &'w [u8],
    /// 64 hex digits; for `SigV4a` the DER form in hex.
    pub signature: SignatureText,
    /// What was hashed.
    pub canonical_request: &'w [u8],
    /// What was signed.
    pub string_to_sign: &'w [u8],
}

impl QuerySignature<'_> {
    /// The character that joins the parameters to `url` when nothing else in it changes; a blank when the presigned URL
    /// has to be written anew.
    pub(crate) fn joined_to(&self, url: &[u8]) -> u8 {
        let (Cow::Borrowed(path), Cow::Borrowed(query)) = (&self.path, &self.query) else { return b' ' };
        // A token that follows the signature is not among the parameters.
        if path.is_empty() || !self.late_token.is_empty() {
            return b' ';
        }
        // What is left of the URL is its question mark, or a fragment.
        match (query.is_empty(), url.len() - self.origin.len() - path.len() - query.len()) {
            (true, 0) => b'?',
            (false, 1) => b'&',
            _ => b' ',
        }
    }

    /// Writes the whole presigned URL.
    pub fn write_url(&self, target: &mut Vec<u8>) {
        target.extend_from_slice(self.origin);
        target.extend_from_slice(if self.path.is_empty() { b"/" } else { &self.path });
        target.push(b'?');
        if !self.query.is_empty() {
            target.extend_from_slice(&self.query);
            target.push(b'&');
        }
        target.extend_from_slice(self.parameters);
        target.extend_from_slice(b"&X-Amz-Signature=");
        target.extend_from_slice(&self.signature);
        if !self.late_token.is_empty() {
            target.extend_from_slice(b"&X-Amz-Security-Token=");
            target.extend_from_slice(self.late_token);
        }
    }
}

/// Presigns a URL for `expires_in` seconds and hands the result to `use_signature`.
pub fn presign<'a, H, R>(
    published: &Published,
    settings: &Settings<'_>,
    date: AmzDate,
    expires_in: u64,
    request: Request<'a, H>,
    use_signature: impl FnOnce(&QuerySignature<'_>) -> R,
) -> Result<R>
where
    H: Iterator<Item = (&'a [u8], &'a [u8])>,
{
    thread_local! {
        /// Buffers of the last URL, for the next one.
        static PARAMETERS: Cell<Parameters> = Cell::default();
    }
    let mut parameters = PARAMETERS.take();
    // What it held may belong to other credentials.
    parameters.text.clear();
    let presigned = presign_next(published, settings, date, expires_in, &mut parameters, request, use_signature);
    // A key is not kept for longer than whoever asked for it.
    parameters.key = None;
    PARAMETERS.set(parameters);
    presigned
}

/// The query parameters that presigning adds, kept from one URL of a list to the next: with the same triple, settings,
/// date and lifetime they are the same for all that sign the same headers and have no body.
#[derive(Debug, Default)]
pub(crate) struct Parameters {
    /// Looked up once for a list: threads that count references to one key for each URL wait for each other.
    key: Option<Key>,
    text: Vec<u8>,
    signed_headers: Vec<u8>,
    content_sha256: Vec<u8>,
}

/// Presigns one URL of a list, all of which are signed with the same arguments but for the request.
pub(crate) fn presign_next<'a, H, R>(
    published: &Published,
    settings: &Settings<'_>,
    date: AmzDate,
    expires_in: u64,
    parameters: &mut Parameters,
    request: Request<'a, H>,
    use_signature: impl FnOnce(&QuerySignature<'_>) -> R,
) -> Result<R>
where
    H: Iterator<Item = (&'a [u8], &'a [u8])>,
{
    if !(1..=MAX_EXPIRES).contains(&expires_in) {
        return Err(Error::new(
            ErrorKind::SignExpires,
            format!("\"expiresIn\" must be 1 to {MAX_EXPIRES} seconds (seven days), found {expires_in}"),
        ));
    }
    with_workspace(|workspace| {
        let url = Url::parse(request.url)?;
        let (request, given) = request.split_headers();
        let given = workspace.headers.collect(settings, given)?;
        let hash = PayloadHash::of(settings, &request.payload, &given, true)?;
        if !given.has_host {
            workspace.headers.add(b"host", &lower_case(url.host));
        }
        workspace.write_signed_headers();
        let key = parameters.key.take().unwrap_or_else(|| Key::of(published, settings, date));
        let token = if settings.omit_session_token { &[] } else { published.query_token() };
        let content_sha256 = if hash.travels { hash.text() } else { &[] };
        parameters.write(settings, &key, date, expires_in, token, &workspace.signed_headers, content_sha256);
        let query = without_earlier_signature(url.query);
        canonical::write_query(settings, &query, &parameters.text, workspace);
        canonical::write(settings, request.method, url.path, hash.text(), workspace)?;
        let signature = finish(&key, date, workspace);
        parameters.key = Some(key);
        Ok(use_signature(&QuerySignature {
            origin: url.origin,
            path: sendable(url.path),
            query: sendable_query(query),
            parameters: &parameters.text,
            late_token: if settings.omit_session_token { published.query_token() } else { &[] },
            signed_headers: &workspace.signed_headers,
            signature,
            canonical_request: &workspace.canonical,
            string_to_sign: &workspace.string_to_sign,
        }))
    })
}

impl Parameters {
    #[allow(clippy::too_many_arguments, reason = "each is a parameter of the query, or decides about one")]
    fn write(
        &mut self,
        settings: &Settings<'_>,
        key: &Key,
        date: AmzDate,
        expires_in: u64,
        token: &[u8],
        signed_headers: &[u8],
        content_sha256: &[u8],
    ) {
        let Self { text, .. } = self;
        if !text.is_empty() && self.signed_headers == signed_headers && self.content_sha256 == content_sha256 {
            return;
        }
        self.signed_headers.clear();
        self.signed_headers.extend_from_slice(signed_headers);
        self.content_sha256.clear();
        self.content_sha256.extend_from_slice(content_sha256);
        text.clear();
        text.extend_from_slice(b"X-Amz-Algorithm=");
        text.extend_from_slice(settings.algorithm.name());
        if !content_sha256.is_empty() {
            text.extend_from_slice(b"&X-Amz-Content-Sha256=");
            text.extend_from_slice(content_sha256);
        }
        text.extend_from_slice(b"&X-Amz-Credential=");
        escape::encode(key.credential(), text);
        text.extend_from_slice(b"&X-Amz-Date=");
        text.extend_from_slice(date.date_time());
        text.extend_from_slice(b"&X-Amz-Expires=");
        text.extend_from_slice(expires_in.to_string().as_bytes());
        if settings.algorithm == Algorithm::Sigv4a {
            text.extend_from_slice(b"&X-Amz-Region-Set=");
            escape::encode(settings.region, text);
        }
        if !token.is_empty() {
            text.extend_from_slice(b"&X-Amz-Security-Token=");
            text.extend_from_slice(token);
        }
        text.extend_from_slice(b"&X-Amz-SignedHeaders=");
        escape::encode(signed_headers, text);
    }
}

/// The query parameters of a signature, which signing again replaces.
const SIGNATURE_PARAMETERS: [&[u8]; 9] = [
    b"X-Amz-Algorithm",
    b"X-Amz-Content-Sha256",
    b"X-Amz-Credential",
    b"X-Amz-Date",
    b"X-Amz-Expires",
    b"X-Amz-Region-Set",
    b"X-Amz-Security-Token",
    b"X-Amz-Signature",
    b"X-Amz-SignedHeaders",
];

fn is_signature_parameter(name: &[u8]) -> bool {
    SIGNATURE_PARAMETERS.iter().any(|other| name.eq_ignore_ascii_case(other))
}

pub(super) fn without_earlier_signature(query: &[u8]) -> Cow<'_, [u8]> {
    let stale = |pair: &&[u8]| is_signature_parameter(canonical::split_pair(pair).0);
    if !query.split(|&byte| byte == b'&').any(|pair| stale(&pair)) {
        return Cow::Borrowed(query);
    }
    let kept: Vec<&[u8]> = query.split(|&byte| byte == b'&').filter(|pair| !stale(pair)).collect();
    Cow::Owned(kept.join(&b'&'))
}

fn sendable(path: &[u8]) -> Cow<'_, [u8]> {
    if escape::is_sendable(path) {
        return Cow::Borrowed(path);
    }
    let mut encoded = Vec::new();
    escape::encode_unsendable(path, &mut encoded);
    Cow::Owned(encoded)
}

/// A query holds two more characters than a path that travel as they are; encoding them as well changes nothing for
/// the server, so one table serves both, with the question mark put back.
fn sendable_query(query: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    if query.iter().all(|&byte| byte == b'?' || escape::is_sendable(&[byte])) {
        return query;
    }
    let mut encoded = Vec::new();
    for (index, part) in query.split(|&byte| byte == b'?').enumerate() {
        if index > 0 {
            encoded.push(b'?');
        }
        escape::encode_unsendable(part, &mut encoded);
    }
    Cow::Owned(encoded)
}
