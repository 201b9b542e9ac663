//! The signatures inside an aws-chunked body: each chunk signs the one before it, and the trailer the last chunk.
//!
//! Source: "Signature calculations for the authorization header: Transferring payload in multiple chunks" and "...
//! Including trailing headers" in the Amazon S3 API reference.

use super::key::SigningKey;
use crate::clock::AmzDate;
use crate::error::{Error, ErrorKind, Result};
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::Arc;
use zeroize::Zeroize;

/// First line of what a chunk's signature covers.
pub(super) const CHUNK: &[u8] = b"AWS4-HMAC-SHA256-PAYLOAD";
/// First line of what the trailer's signature covers.
const TRAILER: &[u8] = b"AWS4-HMAC-SHA256-TRAILER";
/// SHA-256 of nothing: a chunk has no headers, and their hash stands in its string to sign all the same.
const NO_HEADERS: &[u8] = b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// The signature of a chunk, as 64 hex digits, after `previous`: the one before it, or that of the request.
#[must_use]
pub fn sign_chunk(key: &SigningKey, date: AmzDate, previous: &[u8; 64], chunk: &[u8]) -> [u8; 64] {
    sign_digest(key, date, previous, &Sha256::digest(chunk).into())
}

/// The signature of the trailing headers after that of the last, empty chunk. `trailer` is their canonical text: lines
/// `name:value`, each ended by a line feed.
#[must_use]
pub fn sign_trailer(key: &SigningKey, date: AmzDate, previous: &[u8; 64], trailer: &[u8]) -> [u8; 64] {
    sign_linked(key, date, previous, TRAILER, &[&super::hex64(&Sha256::digest(trailer).into())])
}

fn sign_digest(key: &SigningKey, date: AmzDate, previous: &[u8; 64], digest: &[u8; 32]) -> [u8; 64] {
    sign_linked(key, date, previous, CHUNK, &[NO_HEADERS, &super::hex64(digest)])
}

/// Signs the lines algorithm, date, scope and signature before this one, then `hashes`.
pub(super) fn sign_linked(
    key: &SigningKey,
    date: AmzDate,
    previous: &[u8],
    algorithm: &[u8],
    hashes: &[&[u8]],
) -> [u8; 64] {
    let mut text = Vec::with_capacity(384);
    for line in [algorithm, date.date_time(), key.scope(), previous] {
        text.extend_from_slice(line);
        text.push(b'\n');
    }
    text.extend_from_slice(&hashes.join(&b'\n'));
    key.sign(&text)
}

/// A body on its way out, signed chunk by chunk with the key that signed its request, whatever a refresh does meanwhile.
///
/// The bytes of a chunk may come in pieces. Not for concurrent use.
pub struct ChunkChain {
    key: Arc<SigningKey>,
    date: AmzDate,
    previous: [u8; 64],
    chunk: Sha256,
}

impl ChunkChain {
    /// A chain that begins with the signature of the request, 64 lower-case hex digits.
    pub fn new(key: Arc<SigningKey>, date: AmzDate, seed: &[u8]) -> Result<Self> {
        Ok(Self { key, date, previous: checked_signature(seed)?, chunk: Sha256::new() })
    }

    /// Adds bytes to the current chunk.
    pub fn update(&mut self, bytes: &[u8]) {
        self.chunk.update(bytes);
    }

    /// Ends the current chunk and returns its signature. Without bytes since the last it is the chunk that ends the body.
    pub fn sign_chunk(&mut self) -> [u8; 64] {
        let digest = self.chunk.finalize_reset().into();
        self.previous = sign_digest(&self.key, self.date, &self.previous, &digest);
        self.previous
    }

    /// The signature of the trailing headers, as [`sign_trailer`].
    pub fn sign_trailer(&mut self, trailer: &[u8]) -> [u8; 64] {
        self.previous = sign_trailer(&self.key, self.date, &self.previous, trailer);
        self.previous
    }
}

impl fmt::Debug for ChunkChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChunkChain").finish_non_exhaustive()
    }
}

impl Drop for ChunkChain {
    // The key wipes itself with its last owner, the state of the hash by the feature `zeroize`.
    fn drop(&mut self) {
        self.previous.zeroize();
    }
}

/// A signature as it stands at the end of `authorization`.
pub(super) fn checked_signature(text: &[u8]) -> Result<[u8; 64]> {
    <[u8; 64]>::try_from(text)
        .ok()
        .filter(|text| text.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')))
        .ok_or_else(|| Error::new(ErrorKind::SignPayload, "the signature before must be 64 lower-case hex digits"))
}
