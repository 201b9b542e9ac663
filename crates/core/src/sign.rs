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
mod presigned;
pub(crate) mod url;
pub mod v4a;

use presigned::without_earlier_signature;
pub use presigned::{MAX_EXPIRES, QuerySignature, presign};
pub(crate) use presigned::{Parameters, presign_next};

use crate::clock::AmzDate;
use crate::credentials::Published;
use crate::error::Result;
use canonical::Workspace;
use dialect::Dialect;
use key::Key;
use payload::PayloadHash;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::cell::RefCell;
use url::Url;
use v4a::SignatureText;

/// The name of the algorithm in headers, queries and strings to sign.
pub const ALGORITHM: &[u8] = b"AWS4-HMAC-SHA256";

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

    /// The hex digits of the longest signature.
    #[must_use]
    pub const fn signature_width(self) -> usize {
        match self {
            Self::Sigv4 => 64,
            // Two numbers of 33 bytes with their tags and lengths, and those of the sequence.
            Self::Sigv4a => 144,
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
