//! Signing keys: derived once per triple, date, region and service, kept ready as HMAC states.

use super::v4a::{AsymmetricKey, SignatureText};
use super::{Algorithm, Settings};
use crate::clock::AmzDate;
use crate::credentials::Published;
use aws_sigv4::sign::v4::generate_signing_key;
use hmac::{Hmac, KeyInit, Mac};
use moka::sync::Cache;
use sha2::Sha256;
use std::fmt;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

/// Keys kept over the whole process. A service that signs for more regions and services than this at a time derives
/// some keys again, which costs under a microsecond each.
const CAPACITY: u64 = 10_000;
/// A key not used for this long is wiped.
const IDLE: Duration = Duration::from_hours(1);

#[derive(Clone, Eq, Hash, PartialEq)]
struct CacheKey {
    version: u64,
    date: [u8; 8],
    region: Box<[u8]>,
    service: Box<[u8]>,
}

static KEYS: LazyLock<Cache<CacheKey, Arc<SigningKey>>> = LazyLock::new(|| {
    Cache::builder().max_capacity(CAPACITY).time_to_idle(IDLE).support_invalidation_closures().build()
});

/// A derived key as a keyed HMAC state, with the texts that every signature made from it repeats.
pub struct SigningKey {
    date: [u8; 8],
    region: Box<[u8]>,
    service: Box<[u8]>,
    mac: Hmac<Sha256>,
    scope: Vec<u8>,
    credential: Vec<u8>,
}

impl SigningKey {
    /// The key of a triple for a date, region and service, from the cache if it was used before.
    #[must_use]
    pub fn of(published: &Published, date: AmzDate, region: &[u8], service: &[u8]) -> Arc<Self> {
        if let Some(key) = &*published.last_key.load()
            && key.is_for(date, region, service)
        {
            return Arc::clone(key);
        }
        let mut day = [0; 8];
        day.copy_from_slice(date.date());
        let name = CacheKey { version: published.version(), date: day, region: region.into(), service: service.into() };
        // Not `get_with`: that two threads derive the same key once costs less than making one of them wait.
        let key = KEYS.get(&name).unwrap_or_else(|| {
            let key = Arc::new(Self::derive(published, date, region, service));
            KEYS.insert(name, Arc::clone(&key));
            key
        });
        published.last_key.store(Some(Arc::clone(&key)));
        key
    }

    /// Derives the key without looking at any cache.
    #[must_use]
    pub fn derive(published: &Published, date: AmzDate, region: &[u8], service: &[u8]) -> Self {
        Self::from_secret(
            published.credentials().access_key_id(),
            published.credentials().secret_access_key(),
            date,
            region,
            service,
        )
    }

    /// Derives the key of a secret that no cell holds, as a verifier must.
    ///
    /// # Panics
    /// Never: HMAC takes keys of any length.
    #[must_use]
    pub fn from_secret(access_key_id: &str, secret: &str, date: AmzDate, region: &[u8], service: &[u8]) -> Self {
        let (region_text, service_text) = (String::from_utf8_lossy(region), String::from_utf8_lossy(service));
        let derived = generate_signing_key(secret, date.to_system_time(), &region_text, &service_text);
        let mut day = [0; 8];
        day.copy_from_slice(date.date());
        let scope = [date.date(), b"/", region, b"/", service, b"/aws4_request"].concat();
        let credential = [access_key_id.as_bytes(), b"/", &scope].concat();
        Self {
            date: day,
            region: region.into(),
            service: service.into(),
            mac: Hmac::new_from_slice(derived.as_ref()).expect("HMAC takes keys of any length"),
            scope,
            credential,
        }
    }

    fn is_for(&self, date: AmzDate, region: &[u8], service: &[u8]) -> bool {
        self.date == date.date() && *self.service == *service && *self.region == *region
    }

    /// `20150830/us-east-1/iam/aws4_request`.
    #[must_use]
    pub fn scope(&self) -> &[u8] {
        &self.scope
    }

    /// The scope with the access key id before it.
    #[must_use]
    pub fn credential(&self) -> &[u8] {
        &self.credential
    }

    /// The signature of a string to sign, as 64 hex digits.
    #[must_use]
    pub fn sign(&self, string_to_sign: &[u8]) -> [u8; 64] {
        let mut mac = self.mac.clone();
        mac.update(string_to_sign);
        super::hex64(&mac.finalize().into_bytes().into())
    }
}

/// The key that signs with either algorithm, with its scope.
#[derive(Debug)]
pub(crate) enum Key {
    Regional(Arc<SigningKey>),
    Global { key: Arc<AsymmetricKey>, scope: Vec<u8>, credential: Vec<u8> },
}

impl Key {
    pub(crate) fn of(published: &Published, settings: &Settings<'_>, date: AmzDate) -> Self {
        match settings.algorithm {
            Algorithm::Sigv4 => Self::Regional(SigningKey::of(published, date, settings.region, settings.service)),
            Algorithm::Sigv4a => {
                let scope = AsymmetricKey::scope(date, settings.service);
                let credential = [published.credentials().access_key_id().as_bytes(), b"/", &scope].concat();
                Self::Global { key: AsymmetricKey::of(published), scope, credential }
            }
        }
    }

    pub(crate) const fn algorithm(&self) -> Algorithm {
        match self {
            Self::Regional(_) => Algorithm::Sigv4,
            Self::Global { .. } => Algorithm::Sigv4a,
        }
    }

    pub(crate) fn scope(&self) -> &[u8] {
        match self {
            Self::Regional(key) => key.scope(),
            Self::Global { scope, .. } => scope,
        }
    }

    pub(crate) fn credential(&self) -> &[u8] {
        match self {
            Self::Regional(key) => key.credential(),
            Self::Global { credential, .. } => credential,
        }
    }

    pub(crate) fn sign(&self, string_to_sign: &[u8]) -> SignatureText {
        match self {
            Self::Regional(key) => SignatureText::from_slice(&key.sign(string_to_sign)),
            Self::Global { key, .. } => key.sign(string_to_sign),
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("scope", &String::from_utf8_lossy(&self.scope)).finish_non_exhaustive()
    }
}

/// Wipes the keys of a triple that is no longer current.
pub(crate) fn forget(version: u64) {
    // The closures are supported, as the builder above says; without them nothing would be forgotten early.
    let asked = KEYS.invalidate_entries_if(move |name, _| name.version == version);
    debug_assert!(asked.is_ok(), "the cache supports invalidation closures");
    KEYS.run_pending_tasks();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_key_id_with_another_secret_never_shares_a_key() {
        let triple = |secret| Published::new("AKIDEXAMPLE", secret, None, None, 0).expect("a full triple");
        let (one, two) = (triple("one"), triple("two"));
        let date = AmzDate::at(1_440_938_160_000);
        let sign = |published| SigningKey::of(published, date, b"us-east-1", b"iam").sign(b"text");
        assert_ne!(sign(&one), sign(&two));
        assert_eq!(sign(&one), sign(&triple("one")));
    }

    #[test]
    fn a_forgotten_version_leaves_nothing_in_the_cache() {
        let published = Published::new("AKIDFORGET", "secret", None, None, 0).expect("a full triple");
        let date = AmzDate::at(1_440_938_160_000);
        for region in [&b"us-east-1"[..], b"eu-west-1"] {
            let _ = SigningKey::of(&published, date, region, b"iam");
        }
        let held = || KEYS.iter().filter(|(name, _)| name.version == published.version()).count();
        assert_eq!(held(), 2);
        forget(published.version());
        assert_eq!(held(), 0);
    }
}
