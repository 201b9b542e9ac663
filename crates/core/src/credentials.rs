//! The triple that a cell publishes: credentials that are wiped when dropped and never printed, with what every
//! signature made from them shares.

use crate::clock::Millis;
use crate::error::{Error, ErrorKind, Result};
use crate::sign::escape;
use crate::sign::key::SigningKey;
use crate::sign::v4a::AsymmetricKey;
use arc_swap::ArcSwapOption;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};
use zeroize::Zeroizing;

/// Credentials with their expiration; `Debug` shows neither secret nor token.
pub use aws_credential_types::Credentials;

/// One published triple. Immutable, so a reader sees the old one or the new one, never a mix.
pub struct Published {
    version: u64,
    credentials: Credentials,
    expiration: Option<Millis>,
    account_id: Option<Box<str>>,
    clock_offset: Millis,
    query_token: Zeroizing<Vec<u8>>,
    /// The signing key used last. A cell signs for one region and service almost always, and this read costs a tenth
    /// of a look-up in the shared cache.
    pub(crate) last_key: ArcSwapOption<SigningKey>,
    /// The key pair for `SigV4a`, which depends on nothing but the triple.
    pub(crate) asymmetric_key: OnceLock<Arc<AsymmetricKey>>,
}

impl Published {
    /// Checks a triple and gives it its version. `expiration` is `None` for one that never expires.
    pub fn new(
        access_key_id: &str,
        secret_access_key: &str,
        session_token: Option<&str>,
        expiration: Option<Millis>,
        now: Millis,
    ) -> Result<Self> {
        static NEXT_VERSION: AtomicU64 = AtomicU64::new(1);
        if access_key_id.is_empty() || secret_access_key.is_empty() {
            let part = if access_key_id.is_empty() { "access key id" } else { "secret access key" };
            return Err(Error::new(ErrorKind::CredentialsInvalid, format!("the {part} is empty")));
        }
        // Both are written into a header, where anything else would end or split it.
        if !access_key_id.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'/' | b',')) {
            return Err(Error::new(
                ErrorKind::CredentialsInvalid,
                "the access key id may hold printable ASCII only, without '/' and ','",
            ));
        }
        if !session_token.unwrap_or_default().bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Error::new(
                ErrorKind::CredentialsInvalid,
                "the session token may hold printable ASCII only, without spaces",
            ));
        }
        if expiration.is_some_and(|expiration| expiration <= now) {
            return Err(Error::new(ErrorKind::CredentialsExpired, "the credentials are already expired"));
        }
        let session_token = session_token.filter(|token| !token.is_empty());
        let mut query_token = Zeroizing::new(Vec::new());
        escape::encode(session_token.unwrap_or_default().as_bytes(), &mut query_token);
        let expires_after = expiration
            .and_then(|at| u64::try_from(at).ok())
            .and_then(|at| SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(at)));
        Ok(Self {
            version: NEXT_VERSION.fetch_add(1, Ordering::Relaxed),
            credentials: Credentials::new(
                access_key_id,
                secret_access_key,
                session_token.map(str::to_owned),
                expires_after,
                "aws-refresh-session",
            ),
            expiration,
            account_id: None,
            clock_offset: 0,
            query_token,
            last_key: ArcSwapOption::empty(),
            asymmetric_key: OnceLock::new(),
        })
    }

    /// Adds what its source told besides: the account, and how far the local clock is behind that of AWS.
    #[must_use]
    pub fn told_by_source(mut self, account_id: Option<&str>, clock_offset: Millis) -> Self {
        self.account_id = account_id.map(Box::from);
        self.clock_offset = clock_offset;
        self
    }

    /// Process-unique number of this triple. Signing keys are cached by it and never by access key id, since the same
    /// id may come with two secrets.
    #[must_use]
    pub const fn version(&self) -> u64 {
        self.version
    }

    /// The credentials.
    #[must_use]
    pub const fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// When they expire; `None` is never.
    #[must_use]
    pub const fn expiration(&self) -> Option<Millis> {
        self.expiration
    }

    /// The account that the credentials belong to, where the source told it.
    #[must_use]
    pub fn account_id(&self) -> Option<&str> {
        self.account_id.as_deref()
    }

    /// Milliseconds to add to the local clock, as known when the triple was published.
    #[must_use]
    pub const fn clock_offset(&self) -> Millis {
        self.clock_offset
    }

    /// The session token, if the credentials are temporary.
    #[must_use]
    pub fn session_token(&self) -> Option<&str> {
        self.credentials.session_token()
    }

    /// The session token percent-encoded for a query string; empty when there is none.
    pub(crate) fn query_token(&self) -> &[u8] {
        &self.query_token
    }
}

impl fmt::Debug for Published {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Published")
            .field("version", &self.version)
            .field("access_key_id", &self.credentials.access_key_id())
            .field("secrets", &"** redacted **")
            .field("expiration", &self.expiration)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    #[test]
    fn debug_shows_no_secret() {
        let published = Published::new("AKIDEXAMPLE", SECRET, Some("TOKENTOKEN"), None, 0).expect("a full triple");
        let shown = format!("{published:?} {:?}", published.credentials());
        assert!(shown.contains("AKIDEXAMPLE"));
        assert!(!shown.contains("wJalr") && !shown.contains("TOKENTOKEN"), "{shown}");
    }

    #[test]
    fn half_a_triple_an_unprintable_one_and_an_expired_one_are_refused() {
        let refused = |id, secret, token, expiration| {
            Published::new(id, secret, token, expiration, 1_000).expect_err("must be refused").kind()
        };
        assert_eq!(refused("", SECRET, None, None), ErrorKind::CredentialsInvalid);
        assert_eq!(refused("AKID", "", None, None), ErrorKind::CredentialsInvalid);
        assert_eq!(refused("AK\r\nID", SECRET, None, None), ErrorKind::CredentialsInvalid);
        assert_eq!(refused("AKID", SECRET, Some("to\nken"), None), ErrorKind::CredentialsInvalid);
        assert_eq!(refused("AKID", SECRET, None, Some(1_000)), ErrorKind::CredentialsExpired);
    }

    #[test]
    fn versions_are_never_shared() {
        let make = || Published::new("AKIDEXAMPLE", SECRET, None, None, 0).expect("a full triple").version();
        assert_ne!(make(), make());
    }
}
