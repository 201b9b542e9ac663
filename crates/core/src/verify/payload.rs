//! Which form of payload a request declares, and what is left to prove of its body once the signature is right.

use super::trailer::Announced;
use super::{Claim, Expected, Location, PayloadProof, Received, refused};
use crate::error::Result;
use crate::sign::{self, Algorithm};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

const UNSIGNED_PAYLOAD: &[u8] = b"UNSIGNED-PAYLOAD";
const SIGNED_CHUNKS: &[u8] = b"STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
const SIGNED_CHUNKS_TRAILER: &[u8] = b"STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
const UNSIGNED_CHUNKS_TRAILER: &[u8] = b"STREAMING-UNSIGNED-PAYLOAD-TRAILER";

/// What is left to do for the body.
#[derive(Debug)]
pub(super) enum Plan {
    /// Nothing: it was given, or is left open.
    Proved(PayloadProof),
    /// There is none; bytes that come all the same are refused.
    Nothing,
    /// Its hash is to be compared.
    Hash,
    /// Its chunks are to be decoded.
    Chunks(ChunkForm),
}

/// What the headers say of an aws-chunked body.
#[derive(Debug)]
pub(super) struct ChunkForm {
    /// Whether chunks, and the trailer, are signed.
    pub(super) signed: bool,
    /// The checksums that the trailer must hold, if there is to be a trailer.
    pub(super) trailer: Option<Vec<Announced>>,
    /// Bytes of the body without frames.
    pub(super) decoded_length: u64,
    /// The most bytes of one signed chunk.
    pub(super) max_chunk: usize,
}

impl Received<'_> {
    /// The payload hash of the canonical request, and what is left to do for the body.
    pub(super) fn payload(
        &self,
        claim: &Claim,
        expected: &Expected<'_>,
        is_s3: bool,
        body: Option<&[u8]>,
    ) -> Result<(Vec<u8>, Plan)> {
        let by_default: Option<&[u8]> = (claim.location == Location::Query && is_s3).then_some(UNSIGNED_PAYLOAD);
        let Some(declared) = claim.content_sha256.as_deref().or(by_default) else {
            return self.undeclared(body);
        };
        match declared {
            UNSIGNED_PAYLOAD => {
                // An empty body that was left open is no different from one that was signed.
                if !expected.allow_unsigned && !body.is_some_and(<[u8]>::is_empty) {
                    return Err(unsigned());
                }
                Ok((declared.to_vec(), Plan::Proved(PayloadProof::Unsigned)))
            }
            _ if declared.len() == 64 && declared.iter().all(u8::is_ascii_hexdigit) => {
                let Some(body) = body else { return Ok((declared.to_vec(), Plan::Hash)) };
                let computed = sign::hex64(&Sha256::digest(body).into());
                if bool::from(computed.ct_eq(&declared.to_ascii_lowercase())) {
                    return Ok((declared.to_vec(), Plan::Proved(PayloadProof::Verified)));
                }
                Err(hash_mismatch())
            }
            SIGNED_CHUNKS | SIGNED_CHUNKS_TRAILER | UNSIGNED_CHUNKS_TRAILER if claim.location == Location::Header => {
                Ok((declared.to_vec(), Plan::Chunks(self.chunk_form(claim, expected, declared)?)))
            }
            _ => Err(refused("NotImplemented", "This form of payload signature is not verified here.")),
        }
    }

    /// Without a declared hash the one of the body is signed.
    fn undeclared(&self, body: Option<&[u8]>) -> Result<(Vec<u8>, Plan)> {
        let hash = |content| sign::hex64(&Sha256::digest(content).into()).to_vec();
        match body {
            Some(body) => Ok((hash(body), Plan::Proved(PayloadProof::Verified))),
            None if self.announces_body() => Err(refused(
                "InvalidRequest",
                "The body must be read before a request without x-amz-content-sha256 can be verified.",
            )),
            None => Ok((hash(b""), Plan::Nothing)),
        }
    }

    fn chunk_form(&self, claim: &Claim, expected: &Expected<'_>, declared: &[u8]) -> Result<ChunkForm> {
        let signed = declared != UNSIGNED_CHUNKS_TRAILER;
        if !signed && !expected.allow_unsigned {
            return Err(unsigned());
        }
        if signed && claim.algorithm != Algorithm::Sigv4 {
            return Err(refused("InvalidRequest", "x-amz-content-sha256 names another algorithm than the signature."));
        }
        let length = self.header(b"x-amz-decoded-content-length").ok_or_else(|| {
            refused("MissingContentLength", "You must provide the x-amz-decoded-content-length HTTP header.")
        })?;
        let decoded_length = whole_number(length.trim_ascii())
            .ok_or_else(|| refused("InvalidArgument", "x-amz-decoded-content-length must be a number of bytes."))?;
        let names = self.header(b"x-amz-trailer");
        let trailer = match (declared == SIGNED_CHUNKS, names) {
            (true, None) => None,
            (false, Some(names)) => Some(announced(names)?),
            (true, Some(_)) => {
                return Err(refused(
                    "InvalidRequest",
                    "x-amz-trailer is there, but x-amz-content-sha256 names no trailer.",
                ));
            }
            (false, None) => return Err(refused("MalformedTrailerError", "The header x-amz-trailer is missing.")),
        };
        Ok(ChunkForm { signed, trailer, decoded_length, max_chunk: expected.max_chunk })
    }
}

/// The checksums that `x-amz-trailer` announces.
fn announced(names: &[u8]) -> Result<Vec<Announced>> {
    let mut found = Vec::new();
    for name in names.split(|&byte| byte == b',') {
        let checksum = Announced::of_header(name.trim_ascii()).filter(|other| !found.contains(other));
        found.push(checksum.ok_or_else(|| {
            refused("InvalidRequest", "The value specified in the x-amz-trailer header is not supported.")
        })?);
    }
    Ok(found)
}

fn whole_number(text: &[u8]) -> Option<u64> {
    let is_number = !text.is_empty() && text.len() <= 16 && text.iter().all(u8::is_ascii_digit);
    is_number.then(|| text.iter().fold(0, |sum, byte| sum * 10 + u64::from(byte - b'0')))
}

fn unsigned() -> crate::Error {
    refused("AccessDenied", "The payload of the request must be signed.")
}

pub(super) fn hash_mismatch() -> crate::Error {
    refused("XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed.")
}
