//! The signature of a POST policy. What the policy says is for the caller to compare with the form.

use super::checks::{check_scope_names, check_token_text};
use super::{Expected, UsedSignature, refused};
use crate::clock::{AmzDate, Millis};
use crate::error::Result;
use crate::sign::key::SigningKey;
use subtle::ConstantTimeEq;

/// A policy and its signature, as the fields of a form hold them.
#[derive(Clone, Copy)]
pub struct SignedPolicy<'a> {
    /// The policy in base64, exactly as it came.
    pub policy: &'a [u8],
    /// `AK/20150830/us-east-1/s3/aws4_request`.
    pub credential: &'a str,
    /// `20150830T123600Z`.
    pub date: &'a str,
    /// 64 hex digits.
    pub signature: &'a str,
    /// Session token of the form.
    pub session_token: Option<&'a str>,
}

impl std::fmt::Debug for SignedPolicy<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignedPolicy").finish_non_exhaustive()
    }
}

/// Proves the signature of a policy. `valid_until` is when the policy ends, for a [`ReplayGuard`](super::ReplayGuard).
pub fn verify_policy(form: &SignedPolicy<'_>, expected: &Expected<'_>, valid_until: Millis) -> Result<UsedSignature> {
    let malformed = |message: &'static str| refused("AuthorizationQueryParametersError", message);
    let mut from_end = form.credential.rsplitn(5, '/');
    let mut next = || from_end.next().filter(|part| !part.is_empty());
    let (Some("aws4_request"), Some(service), Some(region), Some(day), Some(access_key_id)) =
        (next(), next(), next(), next(), next())
    else {
        return Err(malformed("X-Amz-Credential must be ID/YYYYMMDD/region/service/aws4_request."));
    };
    let signed_at = AmzDate::parse(form.date.as_bytes())
        .ok_or_else(|| malformed("X-Amz-Date must be in the form YYYYMMDDTHHMMSSZ."))?;
    let date = AmzDate::at(signed_at);
    if day.as_bytes() != date.date() {
        return Err(refused("SignatureDoesNotMatch", "Date in Credential scope does not match that of X-Amz-Date."));
    }
    check_scope_names(service, region, expected)?;
    if signed_at > expected.now.saturating_add(expected.max_skew) {
        return Err(refused("RequestTimeTooSkewed", "The policy was signed in the future."));
    }
    check_token_text(form.session_token.unwrap_or_default().as_bytes(), expected)?;
    let key =
        SigningKey::from_secret(access_key_id, expected.secret_access_key, date, region.as_bytes(), service.as_bytes());
    if !bool::from(key.sign(form.policy).ct_eq(form.signature.as_bytes())) {
        return Err(refused(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. Check your key and signing \
             method.",
        ));
    }
    Ok(UsedSignature::of(access_key_id, form.policy, valid_until))
}
