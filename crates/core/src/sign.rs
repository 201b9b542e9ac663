//! Signature Version 4: headers and presigned URLs, from one canonicaliser and cached keys.

pub(crate) mod canonical;
pub mod checksum;
pub mod chunk;
pub mod dialect;
pub mod engine;
pub(crate) mod escape;
pub mod event;
pub(crate) mod headers;
pub mod key;
pub(crate) mod payload;
pub mod prepared;
pub(crate) mod url;
pub mod v4a;

use crate::clock::AmzDate;
use crate::credentials::Published;
use crate::error::{Error, ErrorKind, Result};
use canonical::Workspace;
use dialect::Dialect;
use key::Key;
use payload::PayloadHash;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use url::Url;
use v4a::SignatureText;

/// The name of the algorithm in headers, queries and strings to sign.
pub const ALGORITHM: &[u8] = b"AWS4-HMAC-SHA256";
/// The longest lifetime of a presigned URL: seven days, in seconds.
pub const MAX_EXPIRES: u64 = 604_800;

/// Which of AWS's two algorithms signs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Algorithm {
    /// HMAC with a key of one region.
    Sigv4,
    /// ECDSA with a key of all regions; the signature names the set of those that it is for.
    Sigv4a,
}

impl Algorithm {
    /// The name in headers, queries and strings to sign.
    #[must_use]
    pub const fn name(self) -> &'static [u8] {
        match self {
            Self::Sigv4 => ALGORITHM,
            Self::Sigv4a => v4a::ALGORITHM,
        }
    }
}

/// How requests to one service are signed. The defaults of a service are the caller's business.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "independent switches, named as AWS names them")]
pub struct Settings<'a> {
    /// The rules of the canonical request.
    pub dialect: &'static Dialect,
    /// Which algorithm signs.
    pub algorithm: Algorithm,
    /// Region of the credential scope; for `SigV4a` the region set, separated by commas.
    pub region: &'a [u8],
    /// Service of the credential scope.
    pub service: &'a [u8],
    /// Lower-case names, separated by single spaces, that stay unsigned besides those that always do; one with a `+`
    /// before it is signed even if it always stays unsigned.
    pub unsigned_headers: &'a [u8],
    /// Whether `%` in the path is encoded again; S3 alone says no.
    pub double_encode_path: bool,
    /// Whether dot segments and runs of slashes are resolved; S3 alone says no.
    pub normalize_path: bool,
    /// Whether the payload hash travels as `x-amz-content-sha256`; S3 wants it.
    pub content_sha256_header: bool,
    /// Whether bodies are left unsigned unless a request says otherwise.
    pub unsigned_payload: bool,
    /// Whether the session token is added after signing.
    pub omit_session_token: bool,
}

impl Settings<'_> {
    fn signs(&self, name: &[u8]) -> bool {
        let is_never_signed = (self.dialect.never_signed)(name);
        if self.unsigned_headers.is_empty() {
            return !is_never_signed;
        }
        let mut names = self.unsigned_headers.split(|&byte| byte == b' ');
        if names.clone().any(|other| other.strip_prefix(b"+") == Some(name)) {
            return true;
        }
        !is_never_signed && names.all(|other| other != name)
    }
}

/// What is sent after the headers.
#[derive(Clone, Copy, Debug)]
pub enum Payload<'a> {
    /// No body.
    Absent,
    /// A body, hashed here.
    Content(&'a [u8]),
    /// A body whose SHA-256 the caller knows, as hex.
    Digest(&'a [u8]),
    /// A body that is not signed.
    Unsigned,
}

/// A request to be signed; `headers` yields names in any case with their values.
#[derive(Clone, Debug)]
pub struct Request<'a, H> {
    /// HTTP method, in any case.
    pub method: &'a [u8],
    /// Absolute URL as it will be sent.
    pub url: &'a [u8],
    /// The caller's headers.
    pub headers: H,
    /// The body.
    pub payload: Payload<'a>,
}

/// The result of signing with headers, borrowed from the thread's workspace.
#[derive(Debug)]
pub struct HeaderSignature<'w> {
    /// `AK/20150830/us-east-1/iam/aws4_request`.
    pub credential: &'w [u8],
    /// `host;x-amz-date`.
    pub signed_headers: &'w [u8],
    /// 64 hex digits; for `SigV4a` the DER form in hex.
    pub signature: SignatureText,
    /// The algorithm that signed.
    pub algorithm: Algorithm,
    /// The value of `x-amz-content-sha256`, when it has to travel.
    pub content_sha256: Option<&'w [u8]>,
    /// What was hashed.
    pub canonical_request: &'w [u8],
    /// What was signed.
    pub string_to_sign: &'w [u8],
}

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

impl HeaderSignature<'_> {
    /// Writes the value of the `authorization` header.
    pub fn write_authorization(&self, target: &mut Vec<u8>) {
        target.extend_from_slice(self.algorithm.name());
        target.extend_from_slice(b" Credential=");
        target.extend_from_slice(self.credential);
        target.extend_from_slice(b", SignedHeaders=");
        target.extend_from_slice(self.signed_headers);
        target.extend_from_slice(b", Signature=");
        target.extend_from_slice(&self.signature);
    }
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

thread_local! {
    static WORKSPACE: RefCell<Workspace> = RefCell::default();
}

/// Signs a request with headers and hands the result to `use_signature`.
pub fn sign_headers<'a, H, R>(
    published: &Published,
    settings: &Settings<'_>,
    date: AmzDate,
    request: Request<'a, H>,
    use_signature: impl FnOnce(&HeaderSignature<'_>) -> R,
) -> Result<R>
where
    H: Iterator<Item = (&'a [u8], &'a [u8])>,
{
    with_workspace(|workspace| {
        let url = Url::parse(request.url)?;
        let (request, given) = request.split_headers();
        let given = workspace.headers.collect(settings, given)?;
        let hash = PayloadHash::of(settings, &request.payload, &given, false)?;
        if !given.has_host {
            workspace.headers.add(b"host", &lower_case(url.host));
        }
        if hash.travels {
            workspace.headers.add(b"x-amz-content-sha256", hash.text());
        }
        workspace.headers.add(b"x-amz-date", date.date_time());
        if settings.algorithm == Algorithm::Sigv4a {
            workspace.headers.add(b"x-amz-region-set", settings.region);
        }
        if let Some(token) = published.session_token()
            && !settings.omit_session_token
        {
            workspace.headers.add(b"x-amz-security-token", token.as_bytes());
        }
        workspace.write_signed_headers();
        canonical::write_query(settings, url.query, &[], workspace);
        canonical::write(settings, request.method, url.path, hash.text(), workspace)?;
        let key = Key::of(published, settings, date);
        let signature = finish(&key, date, workspace);
        Ok(use_signature(&HeaderSignature {
            credential: key.credential(),
            signed_headers: &workspace.signed_headers,
            signature,
            algorithm: settings.algorithm,
            content_sha256: hash.travels.then_some(hash.text()),
            canonical_request: &workspace.canonical,
            string_to_sign: &workspace.string_to_sign,
        }))
    })
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

impl<'a, H> Request<'a, H> {
    /// The headers are consumed by the first pass; the rest of the request is read later.
    fn split_headers(self) -> (Request<'a, ()>, H) {
        let Self { method, url, headers, payload } = self;
        (Request { method, url, headers: (), payload }, headers)
    }
}

fn with_workspace<R>(f: impl FnOnce(&mut Workspace) -> Result<R>) -> Result<R> {
    WORKSPACE.with_borrow_mut(f)
}

/// Hashes the canonical request, builds the string to sign and signs it.
fn finish(key: &Key, date: AmzDate, workspace: &mut Workspace) -> SignatureText {
    let digest = Sha256::digest(&workspace.canonical);
    write_string_to_sign(key.algorithm(), date, key.scope(), &digest.into(), &mut workspace.string_to_sign);
    key.sign(&workspace.string_to_sign)
}

pub(crate) fn write_string_to_sign(
    algorithm: Algorithm,
    date: AmzDate,
    scope: &[u8],
    digest: &[u8; 32],
    target: &mut Vec<u8>,
) {
    target.clear();
    target.extend_from_slice(algorithm.name());
    target.push(b'\n');
    target.extend_from_slice(date.date_time());
    target.push(b'\n');
    target.extend_from_slice(scope);
    target.push(b'\n');
    target.extend_from_slice(&hex64(digest));
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

pub(crate) fn is_signature_parameter(name: &[u8]) -> bool {
    SIGNATURE_PARAMETERS.iter().any(|other| name.eq_ignore_ascii_case(other))
}

fn without_earlier_signature(query: &[u8]) -> Cow<'_, [u8]> {
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

fn lower_case(host: &[u8]) -> Cow<'_, [u8]> {
    if host.iter().any(u8::is_ascii_uppercase) { Cow::Owned(host.to_ascii_lowercase()) } else { Cow::Borrowed(host) }
}

/// A byte as two lower-case hex digits.
pub(crate) fn hex_pair(byte: u8) -> [u8; 2] {
    // Both digits of a byte at once: half the stores of a table of sixteen.
    static PAIRS: [[u8; 2]; 256] = {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let mut pairs = [[0; 2]; 256];
        let mut byte = 0;
        while byte < 256 {
            pairs[byte] = [HEX[byte >> 4], HEX[byte & 15]];
            byte += 1;
        }
        pairs
    };
    PAIRS[usize::from(byte)]
}

/// A digest as lower-case hex.
pub(crate) fn hex64(digest: &[u8; 32]) -> [u8; 64] {
    let mut text = [0; 64];
    for (pair, byte) in text.as_chunks_mut::<2>().0.iter_mut().zip(digest) {
        *pair = hex_pair(*byte);
    }
    text
}
