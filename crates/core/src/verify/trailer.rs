//! The checksums that trailing headers carry, computed over the body as it is decoded.

use super::refused;
use crate::error::Result;
use crc_fast::{CrcAlgorithm, Digest as Crc};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// A checksum that S3 knows as a header.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum ChecksumAlgorithm {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Sha1,
    Sha256,
}

const ALL: [ChecksumAlgorithm; 5] = [
    ChecksumAlgorithm::Crc32,
    ChecksumAlgorithm::Crc32c,
    ChecksumAlgorithm::Crc64Nvme,
    ChecksumAlgorithm::Sha1,
    ChecksumAlgorithm::Sha256,
];

impl ChecksumAlgorithm {
    /// The algorithm of a header such as `x-amz-checksum-crc32`, in any case.
    pub(super) fn of_header(name: &[u8]) -> Option<Self> {
        ALL.into_iter().find(|algorithm| algorithm.header().as_bytes().eq_ignore_ascii_case(name))
    }

    const fn header(self) -> &'static str {
        match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Crc64Nvme => "x-amz-checksum-crc64nvme",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
        }
    }
}

enum Running {
    Crc(Crc, usize),
    Sha1(Sha1),
    Sha256(Sha256),
}

impl Running {
    fn new(algorithm: ChecksumAlgorithm) -> Self {
        match algorithm {
            ChecksumAlgorithm::Crc32 => Self::Crc(Crc::new(CrcAlgorithm::Crc32IsoHdlc), 4),
            ChecksumAlgorithm::Crc32c => Self::Crc(Crc::new(CrcAlgorithm::Crc32Iscsi), 4),
            ChecksumAlgorithm::Crc64Nvme => Self::Crc(Crc::new(CrcAlgorithm::Crc64Nvme), 8),
            ChecksumAlgorithm::Sha1 => Self::Sha1(Sha1::new()),
            ChecksumAlgorithm::Sha256 => Self::Sha256(Sha256::new()),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Crc(crc, _) => crc.update(bytes),
            Self::Sha1(hash) => hash.update(bytes),
            Self::Sha256(hash) => hash.update(bytes),
        }
    }

    /// The checksum as headers carry it.
    fn base64(self) -> Vec<u8> {
        match self {
            Self::Crc(crc, length) => base64(&crc.finalize().to_be_bytes()[8 - length..]),
            Self::Sha1(hash) => base64(&hash.finalize()),
            Self::Sha256(hash) => base64(&hash.finalize()),
        }
    }
}

/// The checksums that a trailer was announced to hold.
pub(super) struct Checksums(Vec<(ChecksumAlgorithm, Running)>);

impl Checksums {
    pub(super) fn new(algorithms: &[ChecksumAlgorithm]) -> Self {
        Self(algorithms.iter().map(|&algorithm| (algorithm, Running::new(algorithm))).collect())
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        for (_, running) in &mut self.0 {
            running.update(bytes);
        }
    }

    /// Compares with the fields of the trailer: each that was announced must be there once, and no other.
    pub(super) fn check(&mut self, fields: &[(Vec<u8>, &[u8])]) -> Result<()> {
        let announced = std::mem::take(&mut self.0);
        let is_announced =
            |name: &[u8]| announced.iter().any(|(algorithm, _)| algorithm.header().as_bytes() == name);
        if fields.len() != announced.len() || !fields.iter().all(|(name, _)| is_announced(name)) {
            return Err(refused("MalformedTrailerError", "The trailer does not hold what x-amz-trailer announces."));
        }
        for (algorithm, running) in announced {
            let header = algorithm.header();
            let given = fields.iter().find(|(name, _)| name == header.as_bytes()).map_or(&[][..], |(_, value)| value);
            if !bool::from(running.base64().ct_eq(given)) {
                let name = header.trim_start_matches("x-amz-checksum-").to_ascii_uppercase();
                return Err(refused(
                    "BadDigest",
                    format!("The {name} you specified did not match the calculated checksum."),
                ));
            }
        }
        Ok(())
    }
}

fn base64(bytes: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = Vec::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let number = group.iter().fold(0_usize, |sum, &byte| sum << 8 | usize::from(byte)) << (8 * (3 - group.len()));
        for place in 0..4 {
            text.push(if place <= group.len() { DIGITS[number >> (18 - 6 * place) & 63] } else { b'=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_of_the_check_string_are_the_published_ones() {
        for (algorithm, expected) in [
            (ChecksumAlgorithm::Crc32, "y/Q5Jg=="),
            (ChecksumAlgorithm::Crc32c, "4waSgw=="),
            (ChecksumAlgorithm::Crc64Nvme, "rosUhgp5mIg="),
            (ChecksumAlgorithm::Sha1, "98O8HYCOBHMq32eZZczDTKeuNEE="),
            (ChecksumAlgorithm::Sha256, "FeKw09MwJiEtQJqXg6iTKuMRP7z2sAkzCZfgnOWUwiU="),
        ] {
            let mut running = Running::new(algorithm);
            running.update(b"12345");
            running.update(b"6789");
            assert_eq!(String::from_utf8_lossy(&running.base64()), expected, "{algorithm:?}");
        }
    }
}
