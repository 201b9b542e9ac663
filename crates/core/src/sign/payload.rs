//! The payload hash that ends a canonical request: which one it is, and whether it travels.

use super::headers::Given;
use super::{Payload, Settings};
use crate::error::{Error, ErrorKind, Result};
use sha2::{Digest, Sha256};

/// SHA-256 of nothing.
pub(crate) const EMPTY_PAYLOAD: &[u8] = b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
pub(crate) const UNSIGNED_PAYLOAD: &[u8] = b"UNSIGNED-PAYLOAD";

/// The hash that the canonical request ends with, and whether it travels as `x-amz-content-sha256`.
pub(crate) struct PayloadHash<'a> {
    text: HashText<'a>,
    pub(crate) travels: bool,
}

enum HashText<'a> {
    Given(&'a [u8]),
    /// Made here; kept in place, since an allocation would cost as much as the signature's hexadecimal digits.
    Made([u8; 64]),
}

impl HashText<'_> {
    fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Given(text) => text,
            Self::Made(text) => text,
        }
    }
}

impl<'p> PayloadHash<'p> {
    /// The hash by what the caller gave and what the settings say.
    pub(crate) fn of<'h: 'p>(
        settings: &Settings<'_>,
        payload: &Payload<'p>,
        given: &Given<'h>,
        presigned: bool,
    ) -> Result<Self> {
        let declared = given.declared_hash.map(checked_payload_hash).transpose()?;
        let text = match (payload, declared) {
            // A name such as UNSIGNED-PAYLOAD is a decision; a hash may be left from an earlier signature.
            (Payload::Absent, Some(declared)) => declared,
            (Payload::Content(_), Some(declared)) if declared.as_bytes().len() != 64 => declared,
            (Payload::Digest(digest), _) => checked_payload_hash(digest)?,
            (Payload::Unsigned, _) => HashText::Given(UNSIGNED_PAYLOAD),
            (Payload::Absent | Payload::Content(_), _) if settings.unsigned_payload => {
                HashText::Given(UNSIGNED_PAYLOAD)
            }
            // S3 cannot know the body of a URL that somebody else will send.
            (Payload::Absent, None) if presigned && settings.content_sha256_header => HashText::Given(UNSIGNED_PAYLOAD),
            (Payload::Absent, None) | (Payload::Content([]), _) => HashText::Given(EMPTY_PAYLOAD),
            (Payload::Content(content), _) => HashText::Made(super::hex64(&Sha256::digest(content).into())),
        };
        let is_hash = text.as_bytes().len() == 64;
        let travels = if presigned {
            // S3 takes an absent parameter for UNSIGNED-PAYLOAD; other services take it for the hash of the body.
            is_hash == settings.content_sha256_header
        } else {
            // A hash that the caller put on the request is part of it and is signed like any other header.
            settings.content_sha256_header || given.declared_hash.is_some() || !is_hash
        };
        Ok(Self { text, travels })
    }

    pub(crate) fn text(&self) -> &[u8] {
        self.text.as_bytes()
    }
}

fn checked_payload_hash(text: &[u8]) -> Result<HashText<'_>> {
    if let Ok(mut hash) = <[u8; 64]>::try_from(text)
        && hash.iter().all(u8::is_ascii_hexdigit)
    {
        hash.make_ascii_lowercase();
        return Ok(HashText::Made(hash));
    }
    if text == UNSIGNED_PAYLOAD || text.starts_with(b"STREAMING-") && text.iter().all(u8::is_ascii_graphic) {
        return Ok(HashText::Given(text));
    }
    Err(Error::new(
        ErrorKind::SignPayload,
        "the payload hash must be 64 hex digits, UNSIGNED-PAYLOAD or one of the STREAMING- names",
    ))
}
