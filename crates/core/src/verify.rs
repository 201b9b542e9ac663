//! Verification of received requests: header and query signatures, with AWS's own codes for every refusal.
//!
//! A verifier must see the request as it came over the wire: the raw target and the raw headers. [`Received::parse`]
//! reads what a signature claims; [`Received::verify`] checks it against the secret that the claimed key id has.

mod claim;

pub use claim::{Claim, Location};

use crate::clock::{AmzDate, Millis};
use crate::error::{Error, ErrorKind, Result};
use crate::sign::canonical::{self, Workspace};
use crate::sign::key::SigningKey;
use crate::sign::{self, Settings, escape};
use sha2::{Digest, Sha256};
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
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// Service that the credential scope must name.
    pub service: &'a str,
    /// Region that the credential scope must name.
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
}

/// How far the payload is proved.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PayloadProof {
    /// The body is the one that was signed.
    Verified,
    /// The signature leaves the body open.
    Unsigned,
    /// The body was not given: whoever reads it must compare it with the declared hash.
    Pending,
}

pub(crate) fn refused(code: &'static str, message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Verification(code), message)
}

impl<'a> Received<'a> {
    /// Reads a request from lines: method, raw target, then name and value of each header, every line ended by a line
    /// feed, in the bytes in which they were received.
    pub fn parse(text: &'a [u8]) -> Result<Self> {
        let malformed = || refused("InvalidRequest", "The request is not well formed.");
        let text = text.strip_suffix(b"\n").ok_or_else(malformed)?;
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
        let mut headers = Vec::new();
        while let Some(name) = lines.next() {
            headers.push((name, lines.next().ok_or_else(malformed)?));
        }
        Ok(Self { method, path, query, headers })
    }

    /// What the signature claims, after every check that needs no secret.
    pub fn claim(&self) -> Result<Claim> {
        claim::read(self)
    }

    /// Proves the claim with the secret of its key id. `body` is `None` when it has not been read yet.
    pub fn verify(&self, claim: &Claim, expected: &Expected<'_>, body: Option<&[u8]>) -> Result<PayloadProof> {
        self.check_scope(claim, expected)?;
        check_time(claim, expected)?;
        check_token(claim, expected)?;
        let is_s3 = expected.service == "s3" || expected.service.starts_with("s3-") || expected.service == "s3express";
        if !is_s3 && canonical::normalized(self.path) != self.path {
            return Err(refused(
                "InvalidURI",
                "The path holds empty or dot segments, which could be read in two ways.",
            ));
        }
        let (payload_hash, proof) = self.payload(claim, expected, is_s3, body)?;
        self.check_signature(claim, expected, is_s3, &payload_hash)?;
        Ok(proof)
    }

    fn check_scope(&self, claim: &Claim, expected: &Expected<'_>) -> Result<()> {
        let wrong = |message: String| Err(refused("SignatureDoesNotMatch", message));
        if claim.service != expected.service {
            return wrong(format!("Credential should be scoped to correct service: '{}'.", expected.service));
        }
        if claim.region != expected.region {
            return wrong(format!(
                "Credential should be scoped to a valid region, not '{}'.",
                printable(&claim.region)
            ));
        }
        let host = self
            .header(b"host")
            .map_or_else(String::new, |host| String::from_utf8_lossy(host.trim_ascii()).to_ascii_lowercase());
        if !expected.hosts.is_empty() && !expected.hosts.lines().any(|allowed| allowed == host) {
            return wrong(format!("The host '{}' is not served here.", printable(&host)));
        }
        Ok(())
    }

    fn check_signature(&self, claim: &Claim, expected: &Expected<'_>, is_s3: bool, payload_hash: &[u8]) -> Result<()> {
        let settings = Settings {
            dialect: &sign::dialect::AWS,
            algorithm: sign::Algorithm::Sigv4,
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
        let query = self.query_without_signature(claim.location);
        canonical::write_query(&settings, &query, &[], &mut workspace);
        canonical::write(&settings, self.method, self.path, payload_hash, &mut workspace)?;
        let key = SigningKey::from_secret(
            &claim.access_key_id,
            expected.secret_access_key,
            claim.date,
            settings.region,
            settings.service,
        );
        let digest = Sha256::digest(&workspace.canonical);
        sign::write_string_to_sign(
            settings.algorithm,
            claim.date,
            key.scope(),
            &digest.into(),
            &mut workspace.string_to_sign,
        );
        let computed = key.sign(&workspace.string_to_sign);
        if bool::from(computed.ct_eq(&claim.signature)) {
            return Ok(());
        }
        Err(refused("SignatureDoesNotMatch", mismatch(&workspace, claim)))
    }

    /// The payload hash of the canonical request, and what is thereby proved of the body.
    fn payload(
        &self,
        claim: &Claim,
        expected: &Expected<'_>,
        is_s3: bool,
        body: Option<&[u8]>,
    ) -> Result<(Vec<u8>, PayloadProof)> {
        let by_default: Option<&[u8]> = (claim.location == Location::Query && is_s3).then_some(b"UNSIGNED-PAYLOAD");
        match claim.content_sha256.as_deref().or(by_default) {
            Some(b"UNSIGNED-PAYLOAD") => {
                // An empty body that was left open is no different from one that was signed.
                if !expected.allow_unsigned && !body.is_some_and(<[u8]>::is_empty) {
                    return Err(refused("AccessDenied", "The payload of the request must be signed."));
                }
                Ok((b"UNSIGNED-PAYLOAD".to_vec(), PayloadProof::Unsigned))
            }
            Some(declared) if declared.len() == 64 && declared.iter().all(u8::is_ascii_hexdigit) => match body {
                None => Ok((declared.to_vec(), PayloadProof::Pending)),
                Some(body) if sign::hex64(&Sha256::digest(body).into())[..] == declared.to_ascii_lowercase() => {
                    Ok((declared.to_vec(), PayloadProof::Verified))
                }
                Some(_) => Err(refused(
                    "XAmzContentSHA256Mismatch",
                    "The provided 'x-amz-content-sha256' header does not match what was computed.",
                )),
            },
            Some(_) => Err(refused("NotImplemented", "This form of payload signature is not verified here.")),
            None => match body {
                Some(body) => Ok((sign::hex64(&Sha256::digest(body).into()).to_vec(), PayloadProof::Verified)),
                None if self.announces_body() => Err(refused(
                    "InvalidRequest",
                    "The body must be read before a request without x-amz-content-sha256 can be verified.",
                )),
                None => Ok((sign::hex64(&Sha256::digest(b"").into()).to_vec(), PayloadProof::Verified)),
            },
        }
    }

    fn announces_body(&self) -> bool {
        self.header(b"transfer-encoding").is_some()
            || self.header(b"content-length").is_some_and(|length| length.trim_ascii() != b"0")
    }

    fn query_without_signature(&self, location: Location) -> Vec<u8> {
        if location == Location::Header {
            return self.query.to_vec();
        }
        let kept: Vec<&[u8]> = self
            .query
            .split(|&byte| byte == b'&')
            .filter(|pair| decoded(canonical::split_pair(pair).0) != b"X-Amz-Signature")
            .collect();
        kept.join(&b'&')
    }

    /// The value of a header that is there once; the first of several.
    fn header(&self, name: &[u8]) -> Option<&'a [u8]> {
        self.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }
}

fn check_time(claim: &Claim, expected: &Expected<'_>) -> Result<()> {
    let Expected { now, max_skew, .. } = *expected;
    let text = |at: Millis| String::from_utf8_lossy(AmzDate::at(at).date_time()).into_owned();
    if claim.signed_at > now.saturating_add(max_skew) {
        return Err(refused(
            "RequestTimeTooSkewed",
            format!(
                "Signature not yet current: {} is still later than {}.",
                text(claim.signed_at),
                text(now + max_skew)
            ),
        ));
    }
    match claim.expires_in {
        Some(seconds) if now >= claim.signed_at.saturating_add(seconds.saturating_mul(1000)) => {
            return Err(refused("AccessDenied", "Request has expired."));
        }
        None if claim.signed_at < now.saturating_sub(max_skew) => {
            return Err(refused(
                "RequestTimeTooSkewed",
                format!("Signature expired: {} is now earlier than {}.", text(claim.signed_at), text(now - max_skew)),
            ));
        }
        _ => {}
    }
    Ok(())
}

fn check_token(claim: &Claim, expected: &Expected<'_>) -> Result<()> {
    let given = claim.session_token.as_deref().unwrap_or_default();
    let stored = expected.session_token.unwrap_or_default().as_bytes();
    if given.len() == stored.len() && bool::from(given.ct_eq(stored)) {
        return Ok(());
    }
    Err(refused("InvalidToken", "The security token included in the request is invalid."))
}

/// AWS's own answer to a wrong signature: what should have been signed, but never the session token.
fn mismatch(workspace: &Workspace, claim: &Claim) -> String {
    let mut canonical = String::from_utf8_lossy(&workspace.canonical).into_owned();
    if let Some(token) = &claim.session_token {
        let shown = format!("<token, {} bytes>", token.len());
        let mut encoded = Vec::new();
        escape::encode(token, &mut encoded);
        for secret in [&token[..], &encoded] {
            if let Ok(secret) = std::str::from_utf8(secret)
                && !secret.is_empty()
            {
                canonical = canonical.replace(secret, &shown);
            }
        }
    }
    format!(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access \
         Key and signing method.\n\nThe Canonical String for this request should have been\n'{canonical}'\n\nThe \
         String-to-Sign should have been\n'{}'",
        String::from_utf8_lossy(&workspace.string_to_sign)
    )
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

/// A text from outside, cut and without control characters, so that it can stand in a message.
fn printable(text: &str) -> String {
    text.chars().take(80).map(|character| if character.is_control() { '?' } else { character }).collect()
}
