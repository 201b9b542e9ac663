//! The form of a frame: where the numbers and lines of a request stand, and what they mean.
//!
//! One buffer carries everything: nine little-endian doubles, then the head as lines of UTF-8, then a text body.
//!
//! | double | meaning |
//! |---|---|
//! | 0 | handle of the cell |
//! | 1 | version of the triple whose key id and token the caller knows |
//! | 2 | now, milliseconds since the epoch: decides whether a refresh is due |
//! | 3 | signing date, milliseconds since the epoch |
//! | 4 | flags, see [`flag`] |
//! | 5 | number of headers |
//! | 6 | bytes of the head |
//! | 7 | bytes of the text after the head: a body or a digest |
//! | 8 | lifetime of a presigned URL in seconds |
//!
//! The head has the lines region, service, unsigned header names (separated by spaces; one with `+` before it is signed
//! although its dialect leaves it out), method, URL, then name and value of each header. Every line ends in a line feed,
//! and their number must be right: a header value with a line feed in it cannot pass for two lines. The head of a prepared
//! request has a line more: path and query in place of the URL.

use super::Answer;
use crate::cell::{self, Handle};
use crate::clock::{AmzDate, Millis};
use crate::credentials::Published;
use crate::error::{Error, ErrorKind, Result};
use crate::refresh::Decision;
use crate::sign::prepared::Prepared;
use crate::sign::{Algorithm, Payload, Request, Settings, dialect};
use memchr::{memchr, memchr_iter};
use std::ops::Range;
use std::sync::Arc;

/// Bytes before the head.
pub const HEADER: usize = 9 * 8;

/// The bits of double 4.
#[allow(missing_docs, reason = "named after the fields of `Settings` and the variants of `Payload`")]
pub mod flag {
    pub const DOUBLE_ENCODE_PATH: u32 = 1;
    pub const NORMALIZE_PATH: u32 = 1 << 1;
    pub const CONTENT_SHA256_HEADER: u32 = 1 << 2;
    pub const UNSIGNED_PAYLOAD: u32 = 1 << 3;
    pub const OMIT_SESSION_TOKEN: u32 = 1 << 4;
    pub const ENGINE_AWS_SIGV4: u32 = 1 << 5;
    pub const ALGORITHM_SIGV4A: u32 = 1 << 6;
    /// The text after the head is the body.
    pub const BODY_TEXT: u32 = 1 << 8;
    /// The body is the second argument.
    pub const BODY_BYTES: u32 = 1 << 9;
    /// The text after the head is the SHA-256 of the body as hex.
    pub const BODY_DIGEST: u32 = 1 << 10;
    pub const BODY_UNSIGNED: u32 = 1 << 11;
    /// Without this bit and the next the dialect is `aws`.
    pub const DIALECT_SMITHY: u32 = 1 << 12;
    pub const DIALECT_BOTOCORE: u32 = 1 << 13;
}

/// The nine doubles.
#[derive(Clone, Copy, Debug)]
pub(super) struct Numbers {
    pub(super) handle: Handle,
    pub(super) version: u64,
    pub(super) now: Millis,
    pub(super) signing_date: Millis,
    pub(super) flags: u32,
    pub(super) headers: usize,
    pub(super) head: usize,
    pub(super) tail: usize,
    pub(super) expires_in: f64,
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast saturates: whatever a caller writes becomes some number, and each is checked where it is used"
)]
impl Numbers {
    pub(super) fn read(frame: &[u8]) -> Result<Self> {
        let (doubles, _) = frame.get(..HEADER).ok_or_else(malformed)?.as_chunks::<8>();
        let at = |index: usize| f64::from_le_bytes(doubles[index]);
        Ok(Self {
            handle: Handle::from_bits(at(0) as u64),
            version: at(1) as u64,
            now: at(2) as Millis,
            signing_date: at(3) as Millis,
            flags: at(4) as u32,
            headers: at(5) as usize,
            head: at(6) as usize,
            tail: at(7) as usize,
            expires_in: at(8),
        })
    }

    pub(super) const fn has(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }

    pub(super) fn date(&self) -> AmzDate {
        AmzDate::at(self.signing_date)
    }

    pub(super) fn expires_in(&self) -> Result<u64> {
        if self.expires_in.fract() == 0.0 && self.expires_in >= 0.0 {
            return Ok(self.expires_in as u64);
        }
        // The caller has checked it and said what was found; to print a double would cost the addon 20 KB.
        Err(Error::new(ErrorKind::SignExpires, "\"expiresIn\" must be a whole number of seconds from 1 to 604800"))
    }

    /// The lines between the doubles and the text.
    pub(super) fn head<'f>(&self, frame: &'f [u8]) -> Result<&'f [u8]> {
        frame.get(HEADER..HEADER.saturating_add(self.head)).ok_or_else(malformed)
    }

    /// The triple that the caller saw, for work that goes on with it whatever is published later.
    pub(super) fn same_triple(&self) -> Result<Arc<Published>> {
        cell::get(self.handle)?
            .recent(self.version)
            .ok_or_else(|| Error::new(ErrorKind::Frame, "the credentials changed while the work began"))
    }

    /// The triple to sign with and whether a refresh is advised, or the answer that says why there is none. `in_hand` tells
    /// that its key id stands in the request already: then one that was replaced a moment ago will do.
    pub(super) fn triple(&self, in_hand: bool) -> Result<Result<(Arc<Published>, bool), Answer>> {
        let cell = cell::get(self.handle)?;
        let decision = cell.decide(self.now);
        Ok(match decision {
            Decision::RefreshRequired => Err(Answer::RefreshRequired),
            Decision::RejectKept => Err(Answer::RejectKept),
            Decision::Fresh | Decision::RefreshAdvised | Decision::ServeHeld => match cell.current() {
                Some(published) if published.version() == self.version => {
                    Ok((published, decision == Decision::RefreshAdvised))
                }
                Some(_) => match cell.recent(self.version) {
                    Some(published) if in_hand => Ok((published, false)),
                    _ => Err(Answer::VersionChanged),
                },
                None => Err(Answer::RefreshRequired),
            },
        })
    }
}

/// Where the first `N` lines of a text stand, and the rest after them.
pub(super) struct Lines<const N: usize> {
    ranges: [Range<usize>; N],
    end: usize,
}

impl<const N: usize> Lines<N> {
    pub(super) fn parse(text: &[u8]) -> Result<Self> {
        let mut start = 0;
        let mut ranges = [const { 0..0 }; N];
        for range in &mut ranges {
            let length = memchr(b'\n', &text[start..]).ok_or_else(malformed)?;
            *range = start..start + length;
            start += length + 1;
        }
        Ok(Self { ranges, end: start })
    }

    pub(super) fn text<'t>(&self, text: &'t [u8]) -> [&'t [u8]; N] {
        std::array::from_fn(|index| &text[self.ranges[index].clone()])
    }
}

/// Where everything stands in the frame: `N` lines, then the headers.
pub(super) struct Head<const N: usize> {
    lines: Lines<N>,
    headers: Range<usize>,
    tail: Range<usize>,
}

impl<const N: usize> Head<N> {
    pub(super) fn parse(frame: &[u8], numbers: &Numbers) -> Result<Self> {
        let end = HEADER.saturating_add(numbers.head);
        let tail = end..end.saturating_add(numbers.tail);
        if frame.len() < tail.end {
            return Err(malformed());
        }
        let head = &frame[HEADER..end];
        let lines = Lines::parse(head)?;
        let headers = HEADER + lines.end..end;
        let text = &frame[headers.clone()];
        let whole = text.last().is_none_or(|&last| last == b'\n');
        if !whole || memchr_iter(b'\n', text).count() != numbers.headers.saturating_mul(2) {
            return Err(split_line());
        }
        Ok(Self { lines, headers, tail })
    }

    pub(super) fn headers<'f>(&self, frame: &'f [u8]) -> HeaderLines<'f> {
        HeaderLines(&frame[self.headers.clone()])
    }

    pub(super) fn payload<'f>(
        &self,
        frame: &'f [u8],
        numbers: &Numbers,
        body: Option<&'f [u8]>,
    ) -> Result<Payload<'f>> {
        let tail = &frame[self.tail.clone()];
        Ok(match numbers.flags {
            flags if flags & flag::BODY_TEXT != 0 => Payload::Content(tail),
            flags if flags & flag::BODY_BYTES != 0 => Payload::Content(body.ok_or_else(malformed)?),
            flags if flags & flag::BODY_DIGEST != 0 => Payload::Digest(tail),
            flags if flags & flag::BODY_UNSIGNED != 0 => Payload::Unsigned,
            _ => Payload::Absent,
        })
    }
}

impl Head<5> {
    pub(super) fn request<'f>(
        &self,
        frame: &'f [u8],
        numbers: &Numbers,
        body: Option<&'f [u8]>,
    ) -> Result<(Settings<'f>, Request<'f, HeaderLines<'f>>)> {
        let [region, service, unsigned_headers, method, url] = self.lines.text(&frame[HEADER..]);
        let payload = self.payload(frame, numbers, body)?;
        let settings = settings(numbers, region, service, unsigned_headers);
        Ok((settings, Request { method, url, headers: self.headers(frame), payload }))
    }
}

impl Head<6> {
    pub(super) fn prepared<'f>(
        &self,
        frame: &'f [u8],
        numbers: &Numbers,
        body: Option<&'f [u8]>,
    ) -> Result<(Settings<'f>, Prepared<'f, HeaderLines<'f>>)> {
        let [region, service, unsigned_headers, method, path, query] = self.lines.text(&frame[HEADER..]);
        let payload = self.payload(frame, numbers, body)?;
        let settings = settings(numbers, region, service, unsigned_headers);
        Ok((settings, Prepared { method, path, query, headers: self.headers(frame), payload }))
    }
}

pub(super) fn split_line() -> Error {
    Error::new(
        ErrorKind::SignHeader,
        "the URL, or a header name or value, holds a line feed, which no request can carry",
    )
}

pub(super) fn settings<'t>(
    numbers: &Numbers,
    region: &'t [u8],
    service: &'t [u8],
    unsigned_headers: &'t [u8],
) -> Settings<'t> {
    Settings {
        dialect: match numbers.flags {
            flags if flags & flag::DIALECT_SMITHY != 0 => &dialect::SMITHY,
            flags if flags & flag::DIALECT_BOTOCORE != 0 => &dialect::BOTOCORE,
            _ => &dialect::AWS,
        },
        algorithm: if numbers.has(flag::ALGORITHM_SIGV4A) { Algorithm::Sigv4a } else { Algorithm::Sigv4 },
        region,
        service,
        unsigned_headers,
        double_encode_path: numbers.has(flag::DOUBLE_ENCODE_PATH),
        normalize_path: numbers.has(flag::NORMALIZE_PATH),
        content_sha256_header: numbers.has(flag::CONTENT_SHA256_HEADER),
        unsigned_payload: numbers.has(flag::UNSIGNED_PAYLOAD),
        omit_session_token: numbers.has(flag::OMIT_SESSION_TOKEN),
    }
}

/// Name and value lines in turn; the number of lines was checked before.
#[derive(Clone, Debug)]
pub(super) struct HeaderLines<'f>(&'f [u8]);

impl<'f> HeaderLines<'f> {
    fn line(&mut self) -> Option<&'f [u8]> {
        let length = memchr(b'\n', self.0)?;
        let (line, rest) = (&self.0[..length], &self.0[length + 1..]);
        self.0 = rest;
        Some(line)
    }
}

impl<'f> Iterator for HeaderLines<'f> {
    type Item = (&'f [u8], &'f [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        Some((self.line()?, self.line()?))
    }
}

/// What is held, expired or not.
pub(super) fn held(numbers: &Numbers) -> Result<Arc<Published>> {
    cell::get(numbers.handle)?
        .current()
        .ok_or_else(|| Error::new(ErrorKind::CredentialsInvalid, "no credentials are held yet"))
}

pub(super) fn malformed() -> Error {
    Error::new(ErrorKind::Frame, "malformed frame")
}
