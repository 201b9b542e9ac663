//! Verification of what was received: signatures in headers, queries and forms, with AWS's own codes for every refusal.
//!
//! A verifier must see the request as it came over the wire: the raw target and the raw headers. [`Received::parse`]
//! reads what a signature claims; [`Received::verify`] checks it against the secret that the claimed key id has. A body
//! that was not read yet is proved by the [`BodyVerifier`] of the result.

mod body;
mod checks;
mod chunked;
mod claim;
mod http_date;
mod payload;
mod policy;
mod region;
mod replay;
mod trailer;

pub use body::BodyVerifier;
pub use claim::{Claim, Location};
pub use policy::{SignedPolicy, verify_policy};
pub use replay::{Admission, ReplayGuard, UsedSignature};

use crate::clock::Millis;
use crate::error::{Error, ErrorKind, Result};
use crate::sign::canonical::{self, Workspace};
use crate::sign::chunk::ChunkChain;
use crate::sign::headers::is_token;
use crate::sign::key::SigningKey;
use crate::sign::v4a::AsymmetricKey;
use crate::sign::{self, Algorithm, Settings, escape};
use checks::{check_time, check_token};
use payload::Plan;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use subtle::ConstantTimeEq;

/// A request as it was received.
#[derive(Clone, Debug)]
pub struct Received<'a> {
    method: &'a [u8],
    path: &'a [u8],
    query: &'a [u8],
    headers: Vec<(&'a [u8], &'a [u8])>,
}

/// What the receiver knows and demands.
#[derive(Clone, Copy)]
#[allow(clippy::struct_excessive_bools, reason = "independent switches")]
pub struct Expected<'a> {
    /// Service that the credential scope must name.
    pub service: &'a str,
    /// Region that the credential scope must name, or the region set of `SigV4a` hold.
    pub region: &'a str,
    /// Names that the `host` header may have, one a line, in lower case; empty for any.
    pub hosts: &'a str,
    /// Secret access key of the claimed key id.
    pub secret_access_key: &'a str,
    /// Session token that belongs to the key id, if its credentials are temporary.
    pub session_token: Option<&'a str>,
    /// Milliseconds since the epoch.
    pub now: Millis,
    /// How far the signer's clock may differ, in milliseconds.
    pub max_skew: Millis,
    /// Whether bodies may be left unsigned.
    pub allow_unsigned: bool,
    /// Whether signatures by HMAC are accepted.
    pub allow_sigv4: bool,
    /// Whether signatures by ECDSA are accepted.
    pub allow_sigv4a: bool,
    /// Whether a session token that follows the signature in a query may be left out of what was signed.
    pub late_token: bool,
    /// The most bytes of a signed chunk, which is held until its signature was checked.
    pub max_chunk: usize,
}

impl std::fmt::Debug for Expected<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Expected")
            .field("service", &self.service)
            .field("region", &self.region)
            .field("hosts", &self.hosts)
            .finish_non_exhaustive()
    }
}

/// How far the payload is proved.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PayloadProof {
    /// The body is the one that was signed.
    Verified,
    /// The signature leaves the body open.
    Unsigned,
    /// The body was not given: it is proved only when the [`BodyVerifier`] has seen all of it.
    Pending,
}

/// What a signature proved.
#[derive(Debug)]
pub struct Verification {
    /// How far the payload is proved.
    pub payload: PayloadProof,
    /// What proves, and decodes, a body that was not given.
    pub body: BodyVerifier,
    /// A given body without the frames of its chunks, if it had any.
    pub decoded: Option<Vec<u8>>,
    /// The signature, for a [`ReplayGuard`].
    pub used: UsedSignature,
}

pub(crate) fn refused(code: &'static str, message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Verification(code), message)
}

/// Services whose paths are keys, signed as they are, and whose presigned URLs leave the payload open.
fn is_s3_like(service: &str) -> bool {
    service == "s3" || service.starts_with("s3-") || service == "s3express"
}

impl<'a> Received<'a> {
    /// Reads a request from lines: method, raw target, then name and value of each header, every line ended by a line
    /// feed, in the bytes in which they were received.
    pub fn parse(text: &'a [u8]) -> Result<Self> {
        let malformed = || refused("InvalidRequest", "The request is not well formed.");
        let text = text.strip_suffix(b"\n").ok_or_else(malformed)?;
        // No request can carry these, and readers differ in what they take for white space or for the end of a line.
        if text.iter().any(|&byte| (byte < b' ' && byte != b'\t' && byte != b'\n') || byte == 0x7f) {
            return Err(malformed());
        }
        let mut lines = text.split(|&byte| byte == b'\n');
        let (method, target) = (lines.next().ok_or_else(malformed)?, lines.next().ok_or_else(malformed)?);
        // A proxy and a server may read either of these forms differently.
        if target.first() != Some(&b'/') || target.starts_with(b"//") || target.contains(&b'#') {
            return Err(refused("InvalidURI", "Couldn't parse the specified URI."));
        }
        let (path, query) = match target.iter().position(|&byte| byte == b'?') {
            Some(at) => (&target[..at], &target[at + 1..]),
            None => (target, &[][..]),
        };
        // WHATWG's URL takes a backslash for a slash and leaves tabs out, so that "/\\host/" is "//host/" to it: no signer
        // signs either but encoded.
        if path.contains(&b'\\') || target.iter().any(|byte| matches!(byte, b' ' | b'\t')) {
            return Err(refused("InvalidURI", "Couldn't parse the specified URI."));
        }
        let mut headers = Vec::new();
        while let Some(name) = lines.next() {
            // A name with a blank after it, or a line that goes on from the last, is another header to another reader.
            if name.is_empty() || !name.iter().all(|&byte| is_token(byte)) {
                return Err(malformed());
            }
            headers.push((name, lines.next().ok_or_else(malformed)?));
        }
        let received = Self { method, path, query, headers };
        // Where a body ends must not be a matter of opinion (RFC 9112, 6.3).
        let (lengths, encodings) = (received.count(b"content-length"), received.count(b"transfer-encoding"));
        if lengths + encodings > 1 { Err(malformed()) } else { Ok(received) }
    }

    /// What the signature claims, after every check that needs no secret.
    pub fn claim(&self) -> Result<Claim> {
        claim::read(self)
    }

    /// Whether a claim can only be proved with the body at hand: its hash is signed, but was not sent.
    #[must_use]
    pub fn needs_body(&self, claim: &Claim) -> bool {
        let is_open = claim.location == Location::Query && is_s3_like(&claim.service);
        claim.content_sha256.is_none() && !is_open && self.announces_body()
    }

    /// Proves the claim with the secret of its key id. `body` is `None` when it has not been read yet.
    pub fn verify(&self, claim: &Claim, expected: &Expected<'_>, body: Option<&[u8]>) -> Result<Verification> {
        self.check_scope(claim, expected)?;
        check_time(claim, expected)?;
        check_token(claim, expected)?;
        let is_s3 = is_s3_like(expected.service);
        if !is_s3 && canonical::normalized(self.path) != self.path {
            return Err(refused(
                "InvalidURI",
                "The path holds empty or dot segments, which could be read in two ways.",
            ));
        }
        let (payload_hash, plan) = self.payload(claim, expected, is_s3, body)?;
        let (key, used) = self.check_signature(claim, expected, is_s3, &payload_hash)?;
        let (payload, mut verifier) = match plan {
            Plan::Proved(proof) => (proof, BodyVerifier::open()),
            Plan::Nothing => (PayloadProof::Verified, BodyVerifier::hashing(&payload_hash)),
            Plan::Hash => (PayloadProof::Pending, BodyVerifier::hashing(&payload_hash)),
            Plan::Chunks(form) => {
                let proof = if form.signed { PayloadProof::Pending } else { PayloadProof::Unsigned };
                let chain = match key.filter(|_| form.signed) {
                    Some(key) => Some(ChunkChain::new(Arc::new(key), claim.date, &claim.signature)?),
                    None => None,
                };
                (proof, BodyVerifier::chunked(form, chain))
            }
        };
        let Some(body) = body.filter(|_| verifier.is_chunked()) else {
            return Ok(Verification { payload, body: verifier, decoded: None, used });
        };
        let mut decoded = Vec::new();
        verifier.push(body, &mut decoded)?;
        verifier.finish()?;
        let payload = if payload == PayloadProof::Pending { PayloadProof::Verified } else { payload };
        Ok(Verification { payload, body: BodyVerifier::open(), decoded: Some(decoded), used })
    }

    /// Compares the signature, and gives the key it was made with unless it is an asymmetric one.
    fn check_signature(
        &self,
        claim: &Claim,
        expected: &Expected<'_>,
        is_s3: bool,
        payload_hash: &[u8],
    ) -> Result<(Option<SigningKey>, UsedSignature)> {
        let settings = Settings {
            dialect: &sign::dialect::AWS,
            algorithm: claim.algorithm,
            region: expected.region.as_bytes(),
            service: expected.service.as_bytes(),
            unsigned_headers: b"",
            double_encode_path: !is_s3,
            normalize_path: !is_s3,
            content_sha256_header: false,
            unsigned_payload: false,
            omit_session_token: false,
        };
        let mut workspace = Workspace::default();
        let names = claim.signed_headers.split(|&byte| byte == b';');
        if !workspace.headers.collect_named(names, &self.headers)? {
            return Err(refused(
                "SignatureDoesNotMatch",
                "SignedHeaders names a header that the request does not have.",
            ));
        }
        workspace.write_signed_headers();
        let query = self.signed_query(claim.location, expected.late_token);
        canonical::write_query(&settings, &query, &[], &mut workspace);
        canonical::write(&settings, self.method, self.path, payload_hash, &mut workspace)?;
        let digest = Sha256::digest(&workspace.canonical).into();
        let (key_id, secret) = (&claim.access_key_id, expected.secret_access_key);
        let mut key = None;
        let is_right = match claim.algorithm {
            Algorithm::Sigv4 => {
                let derived = SigningKey::from_secret(key_id, secret, claim.date, settings.region, settings.service);
                write_string_to_sign(claim, derived.scope(), &digest, &mut workspace.string_to_sign);
                let computed = derived.sign(&workspace.string_to_sign);
                key = Some(derived);
                bool::from(computed.ct_eq(&claim.signature[..]))
            }
            Algorithm::Sigv4a => {
                let scope = AsymmetricKey::scope(claim.date, settings.service);
                write_string_to_sign(claim, &scope, &digest, &mut workspace.string_to_sign);
                AsymmetricKey::from_secret(key_id, secret).verify(&workspace.string_to_sign, &claim.signature)
            }
        };
        if !is_right {
            return Err(refused("SignatureDoesNotMatch", self.mismatch(&workspace)));
        }
        let lifetime = claim.expires_in.map_or(expected.max_skew, |seconds| seconds.saturating_mul(1000));
        let used = UsedSignature::of(key_id, &workspace.string_to_sign, claim.signed_at.saturating_add(lifetime));
        Ok((key, used))
    }

    /// AWS's own answer to a wrong signature: what should have been signed, but never a session token.
    fn mismatch(&self, workspace: &Workspace) -> String {
        let canonical = masked(&workspace.canonical, &self.tokens());
        format!(
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
             Access Key and signing method.\n\nThe Canonical String for this request should have \
             been\n'{canonical}'\n\nThe String-to-Sign should have been\n'{}'",
            String::from_utf8_lossy(&workspace.string_to_sign)
        )
    }

    /// Every session token of the request, wherever it stands and whether it counts or not.
    fn tokens(&self) -> Vec<Vec<u8>> {
        let is_token = |name: &[u8]| {
            name.eq_ignore_ascii_case(b"x-amz-security-token") || name.eq_ignore_ascii_case(b"x-amz-s3session-token")
        };
        let in_headers =
            self.headers.iter().filter(|(name, _)| is_token(name)).map(|(_, value)| value.trim_ascii().to_vec());
        let pairs = self.query.split(|&byte| byte == b'&').map(canonical::split_pair);
        let in_query = pairs.filter(|(name, _)| is_token(&decoded(name))).map(|(_, value)| decoded(value));
        in_headers.chain(in_query).collect()
    }

    fn announces_body(&self) -> bool {
        self.header(b"transfer-encoding").is_some()
            || self.header(b"content-length").is_some_and(|length| length.trim_ascii() != b"0")
    }

    /// The query as it was when it was signed: without the signature, and without a token that was added after it.
    fn signed_query(&self, location: Location, late_token: bool) -> Vec<u8> {
        if location == Location::Header {
            return self.query.to_vec();
        }
        let mut after_signature = false;
        let kept: Vec<&[u8]> = self
            .query
            .split(|&byte| byte == b'&')
            .filter(|pair| {
                let name = decoded(canonical::split_pair(pair).0);
                // Under another spelling it is a parameter like any other, and was not signed.
                let is_signature = name == b"X-Amz-Signature";
                after_signature |= is_signature;
                let is_late = late_token && after_signature && name == b"X-Amz-Security-Token";
                !is_signature && !is_late
            })
            .collect();
        kept.join(&b'&')
    }

    /// The value of a header that is there once; the first of several.
    fn header(&self, name: &[u8]) -> Option<&'a [u8]> {
        self.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }

    fn count(&self, name: &[u8]) -> usize {
        self.headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name)).count()
    }
}

/// The text without tokens, raw or encoded. In one pass: a mask that was looked through for the next token would grow with
/// every one that a sender makes of the letters of a mask.
fn masked(text: &[u8], tokens: &[Vec<u8>]) -> String {
    let mut secrets: Vec<(Vec<u8>, usize)> = Vec::new();
    for token in tokens.iter().filter(|token| !token.is_empty()) {
        let mut encoded = Vec::new();
        escape::encode(token, &mut encoded);
        secrets.extend([(encoded, token.len()), (token.clone(), token.len())]);
    }
    // Of two that begin alike the longer first, or its end would stay.
    secrets.sort_by_key(|(secret, _)| std::cmp::Reverse(secret.len()));
    let mut shown = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, tail)) = rest.split_first() {
        if let Some((secret, length)) = secrets.iter().find(|(secret, _)| rest.starts_with(secret)) {
            shown.extend_from_slice(format!("<token, {length} bytes>").as_bytes());
            rest = &rest[secret.len()..];
        } else {
            shown.push(byte);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&shown).into_owned()
}

fn write_string_to_sign(claim: &Claim, scope: &[u8], digest: &[u8; 32], target: &mut Vec<u8>) {
    sign::write_string_to_sign(claim.algorithm, claim.date, scope, digest, target);
}

/// A query name or value with its escapes resolved.
fn decoded(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, tail)) = rest.split_first() {
        match (byte, escape::decoded(rest)) {
            (b'%', Some(value)) => {
                bytes.push(value);
                rest = &rest[3..];
            }
            (b'+', _) => {
                bytes.push(b' ');
                rest = tail;
            }
            _ => {
                bytes.push(byte);
                rest = tail;
            }
        }
    }
    bytes
}
