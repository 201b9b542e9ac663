//! Verification of what was received, in two calls: the caller looks the secret up between them. Then the proof of a body
//! that comes later, and the guard against replays.

use crate::error::{Result, to_js};
use crate::secret::SecretString;
use aws_refresh_session_core::sign::Algorithm;
use aws_refresh_session_core::verify::{
    self, Admission, Expected, PayloadProof, Received, SignedPolicy, UsedSignature, Verification,
};
use napi::bindgen_prelude::Buffer;
use napi_derive::napi;

/// What a signature claims, unproved: algorithm ("sigv4" or "sigv4a"), key id, session token (null for none) and whether it
/// is that of an S3 Express session, region (the region set for "sigv4a"), service, signed headers, the instants
/// (milliseconds) when it was made and, for a presigned URL, when it ends (else 0), and whether it can only be proved with the
/// body at hand.
#[napi(object)]
pub struct SignatureClaim {
    pub algorithm: String,
    pub access_key_id: String,
    pub session_token: Option<String>,
    pub is_s3_session: bool,
    pub region: String,
    pub service: String,
    pub signed_headers: String,
    pub signed_at: f64,
    pub expires_at: f64,
    pub needs_body: bool,
}

/// Reads the claim of a request: method, raw target, names and values of the headers as lines, in received bytes.
#[napi(catch_unwind)]
#[allow(clippy::cast_precision_loss, reason = "instants in milliseconds are far below 2^53")]
pub fn read_signature(request: &[u8]) -> Result<SignatureClaim> {
    let received = Received::parse(request).map_err(to_js)?;
    let claim = received.claim().map_err(to_js)?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(SignatureClaim {
        algorithm: match claim.algorithm {
            Algorithm::Sigv4 => "sigv4".into(),
            Algorithm::Sigv4a => "sigv4a".into(),
        },
        needs_body: received.needs_body(&claim),
        session_token: claim.session_token.as_deref().map(text),
        is_s3_session: claim.is_s3_session,
        signed_headers: text(&claim.signed_headers),
        signed_at: claim.signed_at as f64,
        expires_at: claim.expires_in.map_or(0, |seconds| claim.signed_at + seconds * 1000) as f64,
        access_key_id: claim.access_key_id,
        region: claim.region,
        service: claim.service,
    })
}

/// Bits of `flags` of `verifySignature`.
const ALLOW_UNSIGNED: u32 = 1;
const ALLOW_SIGV4: u32 = 2;
const ALLOW_SIGV4A: u32 = 4;
const LATE_TOKEN: u32 = 8;

/// Proves the claim of a request. `hosts` has one host a line; empty for any. `flags` is the sum of 1 (bodies may be
/// unsigned), 2 (HMAC is accepted), 4 (ECDSA is accepted) and 8 (a token after the signature may be unsigned).
#[napi(catch_unwind)]
#[allow(
    clippy::too_many_arguments,
    clippy::cast_possible_truncation,
    reason = "flat arguments are what crosses cheaply"
)]
pub fn verify_signature(
    request: &[u8],
    body: Option<&[u8]>,
    service: String,
    region: String,
    hosts: String,
    #[napi(ts_arg_type = "string")] secret_access_key: SecretString,
    session_token: Option<String>,
    now_ms: f64,
    max_skew_ms: f64,
    max_chunk_bytes: u32,
    flags: u32,
) -> Result<ProvedSignature> {
    let received = Received::parse(request).map_err(to_js)?;
    let expected = Expected {
        service: &service,
        region: &region,
        hosts: &hosts,
        secret_access_key: secret_access_key.as_str(),
        session_token: session_token.as_deref(),
        now: now_ms as i64,
        max_skew: max_skew_ms as i64,
        allow_unsigned: flags & ALLOW_UNSIGNED != 0,
        allow_sigv4: flags & ALLOW_SIGV4 != 0,
        allow_sigv4a: flags & ALLOW_SIGV4A != 0,
        late_token: flags & LATE_TOKEN != 0,
        max_chunk: max_chunk_bytes as usize,
    };
    let verification = received.claim().and_then(|claim| received.verify(&claim, &expected, body)).map_err(to_js)?;
    let Verification { payload, body, decoded, used } = verification;
    Ok(ProvedSignature { payload, body: Some(BodyVerifier { verifier: body }), decoded, used })
}

/// Proves the signature of a POST policy by the fields of its form. `validUntilMs` is when the policy ends.
#[napi(catch_unwind)]
#[allow(
    clippy::too_many_arguments,
    clippy::cast_possible_truncation,
    reason = "flat arguments are what crosses cheaply"
)]
pub fn verify_policy(
    policy: String,
    credential: String,
    date: String,
    signature: String,
    given_token: Option<String>,
    service: String,
    region: String,
    #[napi(ts_arg_type = "string")] secret_access_key: SecretString,
    session_token: Option<String>,
    now_ms: f64,
    max_skew_ms: f64,
    valid_until_ms: f64,
) -> Result<ProvedSignature> {
    let expected = Expected {
        service: &service,
        region: &region,
        hosts: "",
        secret_access_key: secret_access_key.as_str(),
        session_token: session_token.as_deref(),
        now: now_ms as i64,
        max_skew: max_skew_ms as i64,
        allow_unsigned: true,
        allow_sigv4: true,
        allow_sigv4a: false,
        late_token: false,
        max_chunk: 0,
    };
    let form = SignedPolicy {
        policy: policy.as_bytes(),
        credential: &credential,
        date: &date,
        signature: &signature,
        session_token: given_token.as_deref(),
    };
    let used = verify::verify_policy(&form, &expected, valid_until_ms as i64).map_err(to_js)?;
    Ok(ProvedSignature { payload: PayloadProof::Unsigned, body: None, decoded: None, used })
}

/// What a signature proved.
#[napi]
#[derive(Debug)]
pub struct ProvedSignature {
    payload: PayloadProof,
    body: Option<BodyVerifier>,
    decoded: Option<Vec<u8>>,
    used: UsedSignature,
}

#[napi]
impl ProvedSignature {
    /// What is known of the body: "verified", "unsigned" or "pending".
    #[napi(getter, catch_unwind)]
    pub fn payload(&self) -> &'static str {
        match self.payload {
            PayloadProof::Verified => "verified",
            PayloadProof::Unsigned => "unsigned",
            PayloadProof::Pending => "pending",
        }
    }

    /// A given body without the frames of its chunks; null when it had none, and when it was taken before.
    #[napi(catch_unwind)]
    pub fn take_decoded(&mut self) -> Option<Buffer> {
        self.decoded.take().map(Buffer::from)
    }

    /// What proves a body that was not given; null when it was taken before.
    #[napi(catch_unwind)]
    pub fn take_body(&mut self) -> Option<BodyVerifier> {
        self.body.take()
    }
}

/// Proves a body piece by piece.
#[napi]
#[derive(Debug)]
pub struct BodyVerifier {
    verifier: verify::BodyVerifier,
}

#[napi]
impl BodyVerifier {
    /// Takes the next bytes and gives those of a chunked body that are proved by now; null when the bytes themselves are the
    /// body.
    #[napi(catch_unwind)]
    pub fn push(&mut self, bytes: &[u8]) -> Result<Option<Buffer>> {
        let mut proved = Vec::new();
        self.verifier.push(bytes, &mut proved).map_err(to_js)?;
        Ok(self.verifier.is_chunked().then(|| proved.into()))
    }

    /// Says that the body has ended; throws unless all of it is proved.
    #[napi(catch_unwind)]
    pub fn finish(&mut self) -> Result<()> {
        self.verifier.finish().map_err(to_js)
    }
}

/// Remembers used signatures while they are valid.
#[napi]
#[derive(Debug)]
pub struct UsedSignatures {
    guard: verify::ReplayGuard,
}

#[napi]
impl UsedSignatures {
    /// Holds up to `maxEntries` signatures.
    #[napi(constructor, catch_unwind)]
    pub fn new(max_entries: u32) -> Self {
        Self { guard: verify::ReplayGuard::new(max_entries as usize) }
    }

    /// Marks a signature as used. "first", or why it is refused: "repeated" or "full".
    #[napi(catch_unwind)]
    #[allow(clippy::cast_possible_truncation, reason = "instants in milliseconds are far below 2^53")]
    pub fn admit(&self, proved: &ProvedSignature, now_ms: f64) -> &'static str {
        match self.guard.admit(&proved.used, now_ms as i64) {
            Admission::First => "first",
            Admission::Repeated => "repeated",
            Admission::Full => "full",
        }
    }

    /// How many signatures are held.
    #[napi(getter, catch_unwind)]
    #[allow(clippy::cast_possible_truncation, reason = "at most maxEntries")]
    pub fn size(&self) -> u32 {
        self.guard.len() as u32
    }
}
