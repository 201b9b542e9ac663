//! The checksums that S3 takes in a trailer, each as a state that bytes are added to.
//!
//! Source: "Checking object integrity for data uploads" in the Amazon S3 user guide.

use sha1::Sha1;
use sha2::{Digest, Sha256};
use smallvec::SmallVec;
use std::fmt;

/// The algorithms, by the names of their headers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ChecksumAlgorithm {
    /// `x-amz-checksum-crc32`.
    Crc32,
    /// `x-amz-checksum-crc32c`.
    Crc32c,
    /// `x-amz-checksum-crc64nvme`.
    Crc64nvme,
    /// `x-amz-checksum-sha1`.
    Sha1,
    /// `x-amz-checksum-sha256`.
    Sha256,
}

impl ChecksumAlgorithm {
    /// The algorithm whose header is `x-amz-checksum-` and this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "crc32" => Self::Crc32,
            "crc32c" => Self::Crc32c,
            "crc64nvme" => Self::Crc64nvme,
            "sha1" => Self::Sha1,
            "sha256" => Self::Sha256,
            _ => return None,
        })
    }
}

/// A checksum of bytes that come one after the other. Not for concurrent use.
#[derive(Clone)]
pub struct Checksum(State);

#[derive(Clone)]
enum State {
    Crc32(crc32fast::Hasher),
    Crc32c(u32),
    Crc64nvme(crc64fast_nvme::Digest),
    Sha1(Sha1),
    Sha256(Sha256),
}

impl Checksum {
    /// The checksum of nothing yet.
    #[must_use]
    pub fn new(algorithm: ChecksumAlgorithm) -> Self {
        Self(match algorithm {
            ChecksumAlgorithm::Crc32 => State::Crc32(crc32fast::Hasher::new()),
            ChecksumAlgorithm::Crc32c => State::Crc32c(0),
            ChecksumAlgorithm::Crc64nvme => State::Crc64nvme(crc64fast_nvme::Digest::new()),
            ChecksumAlgorithm::Sha1 => State::Sha1(Sha1::new()),
            ChecksumAlgorithm::Sha256 => State::Sha256(Sha256::new()),
        })
    }

    /// Adds bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            State::Crc32(state) => state.update(bytes),
            State::Crc32c(state) => *state = crc32c::crc32c_append(*state, bytes),
            State::Crc64nvme(state) => state.write(bytes),
            State::Sha1(state) => state.update(bytes),
            State::Sha256(state) => state.update(bytes),
        }
    }

    /// The checksum of all bytes so far, most significant byte first, as the base64 in its header has it.
    #[must_use]
    pub fn digest(&self) -> SmallVec<[u8; 32]> {
        match &self.0 {
            State::Crc32(state) => SmallVec::from_slice(&state.clone().finalize().to_be_bytes()),
            State::Crc32c(state) => SmallVec::from_slice(&state.to_be_bytes()),
            State::Crc64nvme(state) => SmallVec::from_slice(&state.sum64().to_be_bytes()),
            State::Sha1(state) => SmallVec::from_slice(&state.clone().finalize()),
            State::Sha256(state) => SmallVec::from_slice(&state.clone().finalize()),
        }
    }
}

impl fmt::Debug for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Checksum").finish_non_exhaustive()
    }
}
