//! The chain of signatures of an aws-chunked body, and the checksums of its trailer. Nothing of JavaScript's memory is kept
//! between two calls.

use crate::error::{Result, closed, to_js};
use aws_refresh_session_core::sign::checksum::{Checksum, ChecksumAlgorithm};
use aws_refresh_session_core::sign::chunk;
use aws_refresh_session_core::wire::Frozen;
use napi::bindgen_prelude::{Buffer, BufferSlice};
use napi_derive::napi;

/// Signs the chunks of one body, one after the other, with the key that signed its request.
#[napi]
#[derive(Debug)]
pub struct ChunkChain(Option<chunk::ChunkChain>);

#[napi]
impl ChunkChain {
    /// Takes triple, scope and date from the frame; `seed` is the signature of the request.
    #[napi(constructor, catch_unwind)]
    pub fn new(frame: BufferSlice<'_>, seed: String) -> Result<Self> {
        let frozen = Frozen::of(&frame).map_err(to_js)?;
        let date = frozen.date();
        let chain = chunk::ChunkChain::new(frozen.key(date), date, seed.as_bytes()).map_err(to_js)?;
        Ok(Self(Some(chain)))
    }

    /// Adds bytes to the current chunk.
    #[napi(catch_unwind)]
    pub fn update(&mut self, bytes: &[u8]) -> Result<()> {
        self.chain()?.update(bytes);
        Ok(())
    }

    /// Ends the current chunk; the answer is its signature.
    #[napi(catch_unwind)]
    pub fn sign_chunk(&mut self) -> Result<String> {
        Ok(String::from_utf8_lossy(&self.chain()?.sign_chunk()).into_owned())
    }

    /// The signature of the trailing headers, given as lines `name:value`, each ended by a line feed.
    #[napi(catch_unwind)]
    pub fn sign_trailer(&mut self, trailer: String) -> Result<String> {
        Ok(String::from_utf8_lossy(&self.chain()?.sign_trailer(trailer.as_bytes())).into_owned())
    }

    /// Wipes what the chain holds; the next call throws `ERR_CLOSED`.
    #[napi(catch_unwind)]
    pub fn close(&mut self) {
        self.0 = None;
    }

    fn chain(&mut self) -> Result<&mut chunk::ChunkChain> {
        self.0.as_mut().ok_or_else(|| closed("the chain of signatures"))
    }
}

/// The checksum of a body that comes in pieces: "crc32", "crc32c", "crc64nvme", "sha1" or "sha256".
#[napi]
#[derive(Debug)]
pub struct BodyChecksum(Checksum);

#[napi]
impl BodyChecksum {
    /// The checksum of nothing yet.
    #[napi(constructor, catch_unwind)]
    pub fn new(algorithm: String) -> Result<Self> {
        let algorithm = ChecksumAlgorithm::named(&algorithm)
            .ok_or_else(|| napi::Error::new("ERR_SIGN_CHECKSUM", "no such checksum algorithm"))?;
        Ok(Self(Checksum::new(algorithm)))
    }

    /// Adds bytes.
    #[napi(catch_unwind)]
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The checksum of all bytes so far.
    #[napi(catch_unwind)]
    pub fn digest(&self) -> Buffer {
        self.0.digest().to_vec().into()
    }
}
