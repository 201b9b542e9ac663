//! Keyed digests: they tell texts apart under one random key, and say nothing to whoever does not hold it.

use crate::base64;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;

/// The digest of a text under a key.
pub type Digest = [u8; 32];

/// HMAC-SHA-256 under a key that is absorbed once, so that a short secret, such as a code of six digits, cannot be found by
/// trying all of them. For use by any number of threads.
pub struct KeyedHash(Hmac<Sha256>);

impl KeyedHash {
    /// A hash under a key, which should be random.
    #[must_use]
    #[allow(clippy::missing_panics_doc, reason = "HMAC takes keys of any length")]
    pub fn new(key: &[u8; 32]) -> Self {
        Self(Hmac::new_from_slice(key).expect("HMAC takes keys of any length"))
    }

    /// The digest of a text.
    #[must_use]
    pub fn digest(&self, text: &[u8]) -> Digest {
        let mut hash = self.0.clone();
        hash.update(text);
        hash.finalize().into_bytes().into()
    }
}

/// A digest in base64url, without padding.
#[must_use]
pub fn to_text(digest: &Digest) -> String {
    base64::for_url(digest)
}

impl fmt::Debug for KeyedHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyedHash")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Test case 1 of RFC 4231, whose key of 20 bytes is the same as one of 32 that ends in zeros.
    #[test]
    fn a_digest_is_the_hmac_of_the_text() {
        let mut key = [0; 32];
        key[..20].fill(0x0b);
        let hash = KeyedHash::new(&key);
        assert_eq!(to_text(&hash.digest(b"Hi There")), "sDRMYdjbOFNcqK_OrwvxK4gdwgDJgz2nJuk3bC4yz_c");
        assert_ne!(hash.digest(b"Hi there"), hash.digest(b"Hi There"));
        assert_eq!(format!("{hash:?}"), "KeyedHash");
    }
}
