//! The checks that need neither key nor canonical request: scope, host, time and session token.

use super::{Claim, Expected, Received, refused, region};
use crate::clock::{AmzDate, Millis};
use crate::error::Result;
use crate::sign::Algorithm;
use subtle::ConstantTimeEq;

impl Received<'_> {
    pub(super) fn check_scope(&self, claim: &Claim, expected: &Expected<'_>) -> Result<()> {
        let (is_allowed, is_for_region) = match claim.algorithm {
            Algorithm::Sigv4 => (expected.allow_sigv4, claim.region == expected.region),
            Algorithm::Sigv4a => (expected.allow_sigv4a, region::contains(&claim.region, expected.region)),
        };
        if !is_allowed {
            return Err(refused(
                "InvalidRequest",
                format!(
                    "The authorization mechanism {} is not supported here.",
                    String::from_utf8_lossy(claim.algorithm.name())
                ),
            ));
        }
        check_scope_names(&claim.service, if is_for_region { expected.region } else { &claim.region }, expected)?;
        let host = self
            .header(b"host")
            .map_or_else(String::new, |host| String::from_utf8_lossy(host.trim_ascii()).to_ascii_lowercase());
        if !expected.hosts.is_empty() && !expected.hosts.lines().any(|allowed| allowed == host) {
            return Err(refused(
                "SignatureDoesNotMatch",
                format!("The host '{}' is not served here.", printable(&host)),
            ));
        }
        Ok(())
    }
}

/// A lifetime that is over, or a clock that is too far from ours.
pub(super) fn check_time(claim: &Claim, expected: &Expected<'_>) -> Result<()> {
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

pub(super) fn check_token(claim: &Claim, expected: &Expected<'_>) -> Result<()> {
    check_token_text(claim.session_token.as_deref().unwrap_or_default(), expected)
}

pub(super) fn check_token_text(given: &[u8], expected: &Expected<'_>) -> Result<()> {
    let stored = expected.session_token.unwrap_or_default().as_bytes();
    if given.len() == stored.len() && bool::from(given.ct_eq(stored)) {
        return Ok(());
    }
    Err(refused("InvalidToken", "The security token included in the request is invalid."))
}

pub(super) fn check_scope_names(service: &str, region: &str, expected: &Expected<'_>) -> Result<()> {
    if service != expected.service {
        return Err(refused(
            "SignatureDoesNotMatch",
            format!("Credential should be scoped to correct service: '{}'.", expected.service),
        ));
    }
    if region != expected.region {
        return Err(refused(
            "SignatureDoesNotMatch",
            format!("Credential should be scoped to a valid region, not '{}'.", printable(region)),
        ));
    }
    Ok(())
}

/// A text from outside, cut and without control characters, so that it can stand in a message.
fn printable(text: &str) -> String {
    text.chars().take(80).map(|character| if character.is_control() { '?' } else { character }).collect()
}
