//! The checksums that trailing headers carry, computed over the body as it is decoded.

use super::refused;
use crate::base64;
use crate::error::Result;
use crate::sign::checksum::{Checksum, ChecksumAlgorithm};
use subtle::ConstantTimeEq;

const PREFIX: &str = "x-amz-checksum-";

/// A checksum that a trailer was announced to hold.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Announced {
    /// Name of its header, in lower case.
    header: String,
    algorithm: ChecksumAlgorithm,
}

impl Announced {
    /// The checksum of a header such as `x-amz-checksum-crc32`, in any case.
    pub(super) fn of_header(name: &[u8]) -> Option<Self> {
        let header = std::str::from_utf8(name).ok()?.to_ascii_lowercase();
        let algorithm = ChecksumAlgorithm::named(header.strip_prefix(PREFIX)?)?;
        Some(Self { header, algorithm })
    }
}

/// The checksums that a trailer was announced to hold, of the bytes so far.
pub(super) struct Checksums(Vec<(String, Checksum)>);

impl Checksums {
    pub(super) fn new(announced: &[Announced]) -> Self {
        Self(announced.iter().map(|each| (each.header.clone(), Checksum::new(each.algorithm))).collect())
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        for (_, checksum) in &mut self.0 {
            checksum.update(bytes);
        }
    }

    /// Compares with the fields of the trailer: each that was announced must be there once, and no other.
    pub(super) fn check(&self, fields: &[(Vec<u8>, &[u8])]) -> Result<()> {
        let is_announced = |name: &[u8]| self.0.iter().any(|(header, _)| header.as_bytes() == name);
        if fields.len() != self.0.len() || !fields.iter().all(|(name, _)| is_announced(name)) {
            return Err(refused("MalformedTrailerError", "The trailer does not hold what x-amz-trailer announces."));
        }
        for (header, checksum) in &self.0 {
            // Of two fields with one name another that was announced is missing.
            let Some((_, given)) = fields.iter().find(|(name, _)| name == header.as_bytes()) else {
                return Err(refused(
                    "MalformedTrailerError",
                    "The trailer does not hold what x-amz-trailer announces.",
                ));
            };
            if !bool::from(base64::padded(&checksum.digest()).as_bytes().ct_eq(given)) {
                let name = header[PREFIX.len()..].to_ascii_uppercase();
                return Err(refused(
                    "BadDigest",
                    format!("The {name} you specified did not match the calculated checksum."),
                ));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_of_the_check_string_are_the_published_ones() {
        for (name, expected) in [
            ("crc32", "y/Q5Jg=="),
            ("crc32c", "4waSgw=="),
            ("crc64nvme", "rosUhgp5mIg="),
            ("sha1", "98O8HYCOBHMq32eZZczDTKeuNEE="),
            ("sha256", "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU="),
        ] {
            let header = format!("X-Amz-Checksum-{}", name.to_ascii_uppercase());
            let announced = Announced::of_header(header.as_bytes()).expect("a checksum of S3");
            let mut checksums = Checksums::new(&[announced]);
            checksums.update(b"12345");
            checksums.update(b"6789");
            let field = |value: &'static str| [(format!("x-amz-checksum-{name}").into_bytes(), value.as_bytes())];
            assert!(checksums.check(&field(expected)).is_ok(), "{name}");
            assert!(checksums.check(&field("AAAA")).is_err(), "{name}");
            assert!(checksums.check(&[]).is_err(), "{name}");
        }
    }
}
