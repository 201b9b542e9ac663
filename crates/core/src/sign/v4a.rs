//! `SigV4a`: one ECDSA key for all regions, derived from the secret once for each triple.

use crate::clock::AmzDate;
use crate::credentials::Published;
use aws_sigv4::sign::v4a::generate_signing_key;
use p256::ecdsa::signature::hazmat::{PrehashSigner, PrehashVerifier};
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};
use smallvec::SmallVec;
use std::fmt;
use std::sync::Arc;

/// The name of the algorithm in headers, queries and strings to sign.
pub const ALGORITHM: &[u8] = b"AWS4-ECDSA-P256-SHA256";

/// A signature as hex: 64 digits for `SigV4`, up to 144 (DER) for `SigV4a`.
pub type SignatureText = SmallVec<[u8; 64]>;

/// The key pair that belongs to an access key id and its secret. The private half is wiped when dropped.
pub struct AsymmetricKey {
    signing: SigningKey,
}

impl AsymmetricKey {
    /// Derives the key pair: about two scalar multiplications' time, so keep it.
    ///
    /// # Panics
    /// Never: the derivation gives numbers from one to the order of the curve less one.
    #[must_use]
    pub fn from_secret(access_key_id: &str, secret: &str) -> Self {
        let derived = generate_signing_key(access_key_id, secret);
        let signing = SigningKey::from_slice(derived.as_ref()).expect("the derivation stays below the curve's order");
        Self { signing }
    }

    /// The key pair of a published triple, derived when first asked for.
    #[must_use]
    pub fn of(published: &Published) -> Arc<Self> {
        let credentials = published.credentials();
        let derive = || Arc::new(Self::from_secret(credentials.access_key_id(), credentials.secret_access_key()));
        Arc::clone(published.asymmetric_key.get_or_init(derive))
    }

    /// Signs a string: hex of the DER form. The nonce comes from key and text (RFC 6979), so equal requests have equal
    /// signatures.
    ///
    /// # Panics
    /// Never: every SHA-256 digest can be signed.
    #[must_use]
    pub fn sign(&self, string_to_sign: &[u8]) -> SignatureText {
        let signature: Signature = self
            .signing
            .sign_prehash(&Sha256::digest(string_to_sign))
            .expect("a SHA-256 digest has the curve's length");
        let der = signature.to_der();
        let mut text = SignatureText::new();
        for byte in der.as_bytes() {
            text.extend_from_slice(&super::hex_pair(*byte));
        }
        text
    }

    /// Whether `signature`, hex of the DER form, was made with this key over the string.
    #[must_use]
    pub fn verify(&self, string_to_sign: &[u8], signature: &[u8]) -> bool {
        let verifying: &VerifyingKey = self.signing.verifying_key();
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'a'..=b'f' => Some(byte - b'a' + 10),
            _ => None,
        };
        let (pairs, rest) = signature.as_chunks::<2>();
        let der: Option<Vec<u8>> = pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect();
        let Some(signature) = der.filter(|_| rest.is_empty()).and_then(|der| Signature::from_der(&der).ok()) else {
            return false;
        };
        verifying.verify_prehash(&Sha256::digest(string_to_sign), &signature).is_ok()
    }

    /// The public point as 65 bytes (0x04, x, y).
    #[must_use]
    pub fn public_point(&self) -> [u8; 65] {
        let mut bytes = [0; 65];
        bytes.copy_from_slice(self.signing.verifying_key().to_sec1_point(false).as_bytes());
        bytes
    }

    /// The credential scope, which names no region: `20150830/service/aws4_request`.
    #[must_use]
    pub fn scope(date: AmzDate, service: &[u8]) -> Vec<u8> {
        [date.date(), b"/", service, b"/aws4_request"].concat()
    }
}

impl fmt::Debug for AsymmetricKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsymmetricKey").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_deterministic_and_verifies_with_its_own_key_alone() {
        let key = AsymmetricKey::from_secret("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
        let signature = key.sign(b"text");
        assert_eq!(signature, key.sign(b"text"));
        assert!(key.verify(b"text", &signature));
        assert!(!key.verify(b"texu", &signature));
        assert!(!AsymmetricKey::from_secret("AKIDEXAMPLF", "secret").verify(b"text", &signature));
        for broken in [&signature[2..], &signature[..signature.len() - 1], b"zz", b""] {
            assert!(!key.verify(b"text", broken));
        }
    }

    #[test]
    fn it_is_the_signature_of_the_aws_sigv4_crate() {
        let (id, secret) = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
        let theirs = aws_sigv4::sign::v4a::calculate_signature(generate_signing_key(id, secret), b"text");
        assert_eq!(AsymmetricKey::from_secret(id, secret).sign(b"text").as_slice(), theirs.as_bytes());
    }
}
