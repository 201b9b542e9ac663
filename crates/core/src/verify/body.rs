//! Proof of a body that comes after its request was verified, piece by piece.

use super::chunked::ChunkDecoder;
use super::payload::{ChunkForm, hash_mismatch};
use super::refused;
use crate::error::Result;
use crate::sign;
use crate::sign::chunk::ChunkChain;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Proves a body as it arrives, and takes the frames of chunks away.
///
/// Bytes of a signed chunk are handed on only after its signature was compared. A body under one hash is handed on as it
/// comes, and proved when [`finish`](Self::finish) succeeds: until then nothing may be done that cannot be undone. After a
/// refusal every further call is refused.
#[derive(Debug)]
pub struct BodyVerifier {
    form: Form,
    is_refused: bool,
}

#[derive(Debug)]
enum Form {
    Open,
    Hashed { seen: Box<Sha256>, declared: [u8; 64] },
    Chunked(Box<ChunkDecoder>),
}

impl BodyVerifier {
    fn new(form: Form) -> Self {
        Self { form, is_refused: false }
    }

    pub(super) fn open() -> Self {
        Self::new(Form::Open)
    }

    /// For a body with a declared hash, 64 hex digits.
    pub(super) fn hashing(declared: &[u8]) -> Self {
        let mut hex = [0; 64];
        for (place, digit) in hex.iter_mut().zip(declared) {
            *place = digit.to_ascii_lowercase();
        }
        Self::new(Form::Hashed { seen: Box::new(Sha256::new()), declared: hex })
    }

    pub(super) fn chunked(form: ChunkForm, chain: Option<ChunkChain>) -> Self {
        Self::new(Form::Chunked(Box::new(ChunkDecoder::new(form, chain))))
    }

    /// Whether the body arrives in frames: what [`push`](Self::push) writes is then the body, else the bytes that were
    /// pushed are.
    #[must_use]
    pub const fn is_chunked(&self) -> bool {
        matches!(self.form, Form::Chunked(_))
    }

    /// Takes the next bytes; those of a chunked body that are proved by now are appended to `target`.
    pub fn push(&mut self, bytes: &[u8], target: &mut Vec<u8>) -> Result<()> {
        self.guarded(|form| match form {
            Form::Open => Ok(()),
            Form::Hashed { seen, .. } => {
                seen.update(bytes);
                Ok(())
            }
            Form::Chunked(decoder) => decoder.push(bytes, target),
        })
    }

    /// Says that the body has ended; on success all of it is proved.
    pub fn finish(&mut self) -> Result<()> {
        self.guarded(|form| match form {
            Form::Open => Ok(()),
            Form::Hashed { seen, declared } => {
                let computed = sign::hex64(&seen.finalize_reset().into());
                if bool::from(computed.ct_eq(declared)) { Ok(()) } else { Err(hash_mismatch()) }
            }
            Form::Chunked(decoder) => decoder.finish(),
        })
    }

    fn guarded(&mut self, step: impl FnOnce(&mut Form) -> Result<()>) -> Result<()> {
        if self.is_refused {
            return Err(refused("IncompleteBody", "The request body was refused before."));
        }
        let result = step(&mut self.form);
        self.is_refused = result.is_err();
        result
    }
}
