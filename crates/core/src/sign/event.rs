//! Event streams: the signature of an event after the one before it, and the frames that events travel in.
//!
//! Source: "Setting up a streaming request" in the Amazon Transcribe developer guide, and the event stream encoding of
//! Smithy (`vnd.amazon.eventstream`).

use super::chunk::{CHUNK, checked_signature, sign_linked};
use super::key::SigningKey;
use crate::clock::{AmzDate, Millis};
use crate::error::{Error, ErrorKind, Result};
use crate::wire::Frozen;
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::Arc;
use zeroize::Zeroize;

/// The most bytes that the headers of a message may have.
pub const MAX_HEADERS: usize = 128 * 1024;
/// The most bytes that a whole message may have.
pub const MAX_MESSAGE: usize = 24 * 1024 * 1024;
/// Total length, length of the headers, and the checksum of both.
const PRELUDE: usize = 12;
/// The checksum that ends a message.
const END: usize = 4;

const BYTES: u8 = 6;
const TIMESTAMP: u8 = 8;

/// The signature of an event, as 64 hex digits. `headers` are the encoded headers that are signed, `:date` as a rule;
/// `previous` is the signature before, or that of the request.
#[must_use]
pub fn sign_event(key: &SigningKey, date: AmzDate, previous: &[u8], headers: &[u8], payload: &[u8]) -> [u8; 64] {
    let hash = |bytes: &[u8]| super::hex64(&Sha256::digest(bytes).into());
    sign_linked(key, date, previous, CHUNK, &[&hash(headers), &hash(payload)])
}

/// Appends a message with these encoded headers to `target`.
pub fn write_message(headers: &[u8], payload: &[u8], target: &mut Vec<u8>) -> Result<()> {
    let total = PRELUDE + headers.len() + payload.len() + END;
    if headers.len() > MAX_HEADERS {
        return Err(too_long("headers of an event", headers.len(), MAX_HEADERS));
    }
    if total > MAX_MESSAGE {
        return Err(too_long("an event", total, MAX_MESSAGE));
    }
    let start = target.len();
    target.reserve(total);
    for length in [total, headers.len()] {
        let length = u32::try_from(length).map_err(|_| too_long("an event", length, MAX_MESSAGE))?;
        target.extend_from_slice(&length.to_be_bytes());
    }
    target.extend_from_slice(&crc32(&target[start..]));
    target.extend_from_slice(headers);
    target.extend_from_slice(payload);
    target.extend_from_slice(&crc32(&target[start..]));
    Ok(())
}

fn crc32(bytes: &[u8]) -> [u8; 4] {
    crc32fast::hash(bytes).to_be_bytes()
}

fn too_long(what: &str, found: usize, most: usize) -> Error {
    Error::new(ErrorKind::SignPayload, format!("{what} may have {most} bytes, found {found}"))
}

fn write_header(name: &[u8], kind: u8, target: &mut Vec<u8>) {
    // Only names of this file are written.
    target.push(u8::try_from(name.len()).unwrap_or_default());
    target.extend_from_slice(name);
    target.push(kind);
}

/// A stream of events on its way out, signed with the triple that signed its request, whatever a refresh does meanwhile.
///
/// Not for concurrent use.
pub struct EventChain {
    frozen: Frozen,
    previous: [u8; 64],
}

impl EventChain {
    /// A chain that begins with the signature of the request, 64 lower-case hex digits.
    pub fn new(frozen: Frozen, seed: &[u8]) -> Result<Self> {
        Ok(Self { frozen, previous: checked_signature(seed)? })
    }

    /// Wraps an encoded event, or nothing at the end of the stream, into a signed message and appends that to `target`.
    pub fn sign_message(&mut self, at: Millis, event: &[u8], target: &mut Vec<u8>) -> Result<()> {
        let date = AmzDate::at(at);
        // The header says what the string to sign says, and that has no milliseconds.
        let second = AmzDate::parse(date.date_time()).unwrap_or_default();
        let mut headers = Vec::with_capacity(15 + 51);
        write_header(b":date", TIMESTAMP, &mut headers);
        headers.extend_from_slice(&second.to_be_bytes());
        let key: Arc<SigningKey> = self.frozen.key(date);
        let signature = sign_event(&key, date, &self.previous, &headers, event);
        write_header(b":chunk-signature", BYTES, &mut headers);
        headers.extend_from_slice(&[0, 32]);
        headers.extend(signature.as_chunks::<2>().0.iter().map(|&[high, low]| digit(high) << 4 | digit(low)));
        write_message(&headers, event, target)?;
        self.previous = signature;
        Ok(())
    }
}

impl fmt::Debug for EventChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventChain").finish_non_exhaustive()
    }
}

impl Drop for EventChain {
    fn drop(&mut self) {
        self.previous.zeroize();
    }
}

/// The value of a lower-case hex digit.
const fn digit(character: u8) -> u8 {
    if character < b'a' { character.wrapping_sub(b'0') } else { character - b'a' + 10 }
}
