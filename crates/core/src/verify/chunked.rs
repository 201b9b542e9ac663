//! Decoding of aws-chunked bodies: every chunk's signature, then the trailer's signature and its checksums.
//!
//! Source: "Signature calculations for the authorization header: Transferring payload in multiple chunks" and
//! "... Including trailing headers" in the Amazon S3 API reference.

use super::payload::ChunkForm;
use super::refused;
use super::trailer::Checksums;
use crate::error::{Error, Result};
use crate::sign::chunk::ChunkChain;
use crate::sign::headers::is_token;
use std::fmt;
use subtle::ConstantTimeEq;

/// More than any header of a chunk needs.
const MAX_HEADER: usize = 256;
/// More than all checksums and a signature need.
const MAX_TRAILER: usize = 4096;

#[derive(Clone, Copy, Debug)]
enum State {
    /// In the line before a chunk.
    Header,
    /// In a chunk of which so many bytes are to come.
    Data(u64),
    /// Before the line end after a chunk; whether its carriage return was seen.
    AfterData(bool),
    /// In the trailing headers.
    Trailer,
    /// Before the line end that closes a body without a trailer.
    Closing(bool),
    /// Behind everything.
    End,
}

/// Decodes one body.
pub(super) struct ChunkDecoder {
    form: ChunkForm,
    chain: Option<ChunkChain>,
    state: State,
    /// The line that is being read, or all lines of the trailer.
    line: Vec<u8>,
    /// A signed chunk until it is proved, and the signature that it came with.
    chunk: Vec<u8>,
    signature: [u8; 64],
    seen: u64,
    checksums: Checksums,
}

impl fmt::Debug for ChunkDecoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChunkDecoder").field("form", &self.form).field("seen", &self.seen).finish_non_exhaustive()
    }
}

fn incomplete(message: &'static str) -> Error {
    refused("IncompleteBody", message)
}

const TERMINATED: &str = "The request body terminated unexpectedly.";
const WRONG_LENGTH: &str =
    "You did not provide the number of bytes specified by the x-amz-decoded-content-length HTTP header.";
const NOT_CHUNKED: &str = "The request body is not in the aws-chunked form that its headers declare.";

impl ChunkDecoder {
    pub(super) fn new(form: ChunkForm, chain: Option<ChunkChain>) -> Self {
        let checksums = Checksums::new(form.trailer.as_deref().unwrap_or_default());
        Self {
            form,
            chain,
            state: State::Header,
            line: Vec::new(),
            chunk: Vec::new(),
            signature: [0; 64],
            seen: 0,
            checksums,
        }
    }

    pub(super) fn push(&mut self, mut bytes: &[u8], target: &mut Vec<u8>) -> Result<()> {
        while let Some((&byte, rest)) = bytes.split_first() {
            match self.state {
                State::Header => {
                    bytes = self.read_line(bytes, MAX_HEADER)?;
                    if self.line.ends_with(b"\n") {
                        self.begin_chunk()?;
                    }
                }
                State::Data(left) => {
                    let length = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
                    let (data, rest) = bytes.split_at(length);
                    self.take(data, target);
                    self.state = match left - length as u64 {
                        0 => State::AfterData(false),
                        left => State::Data(left),
                    };
                    bytes = rest;
                }
                State::AfterData(is_half) | State::Closing(is_half) => {
                    if byte != if is_half { b'\n' } else { b'\r' } {
                        return Err(incomplete(NOT_CHUNKED));
                    }
                    self.end_line(is_half, target)?;
                    bytes = rest;
                }
                State::Trailer => {
                    bytes = self.read_line(bytes, MAX_TRAILER)?;
                    // The empty line ends the trailer; one that is empty altogether is this line alone.
                    if self.line == b"\r\n" || self.line.ends_with(b"\r\n\r\n") {
                        self.check_trailer()?;
                        self.state = State::End;
                    }
                }
                State::End => return Err(incomplete("The request body goes on after its last chunk.")),
            }
        }
        Ok(())
    }

    pub(super) fn finish(&mut self) -> Result<()> {
        match self.state {
            State::End => Ok(()),
            _ => Err(incomplete(TERMINATED)),
        }
    }

    /// Takes bytes up to the end of the line, but not more than `limit` in all.
    fn read_line<'b>(&mut self, bytes: &'b [u8], limit: usize) -> Result<&'b [u8]> {
        let end = memchr::memchr(b'\n', bytes).map_or(bytes.len(), |at| at + 1);
        if self.line.len() + end > limit {
            return Err(incomplete(NOT_CHUNKED));
        }
        self.line.extend_from_slice(&bytes[..end]);
        Ok(&bytes[end..])
    }

    /// Reads `10000;chunk-signature=...`, or the size alone where nothing is signed.
    fn begin_chunk(&mut self) -> Result<()> {
        let malformed = || incomplete(NOT_CHUNKED);
        let line = std::mem::take(&mut self.line);
        let line = line.strip_suffix(b"\r\n").ok_or_else(malformed)?;
        let size = if self.chain.is_some() {
            let at = line.iter().position(|&byte| byte == b';').ok_or_else(malformed)?;
            let given = line[at..].strip_prefix(b";chunk-signature=").ok_or_else(malformed)?;
            self.signature = lower_hex(given).ok_or_else(malformed)?;
            &line[..at]
        } else {
            line
        };
        let size = hex_number(size).ok_or_else(malformed)?;
        if size > self.form.decoded_length - self.seen {
            return Err(incomplete(WRONG_LENGTH));
        }
        if self.chain.is_some() && usize::try_from(size).map_or(true, |size| size > self.form.max_chunk) {
            return Err(refused(
                "InvalidChunkSizeError",
                format!("A signed chunk may have up to {} bytes here.", self.form.max_chunk),
            ));
        }
        if size > 0 {
            self.state = State::Data(size);
            return Ok(());
        }
        if self.seen != self.form.decoded_length {
            return Err(incomplete(WRONG_LENGTH));
        }
        self.check_chunk()?;
        self.state = if self.form.trailer.is_some() { State::Trailer } else { State::Closing(false) };
        Ok(())
    }

    /// Bytes of a chunk: held until its signature was compared, or handed on where there is none.
    fn take(&mut self, data: &[u8], target: &mut Vec<u8>) {
        self.seen += data.len() as u64;
        if let Some(chain) = &mut self.chain {
            chain.update(data);
            self.chunk.extend_from_slice(data);
        } else {
            self.checksums.update(data);
            target.extend_from_slice(data);
        }
    }

    fn end_line(&mut self, is_half: bool, target: &mut Vec<u8>) -> Result<()> {
        self.state = match (self.state, is_half) {
            (State::Closing(_), true) => State::End,
            (State::Closing(_), false) => State::Closing(true),
            (_, false) => State::AfterData(true),
            (_, true) => {
                self.check_chunk()?;
                self.checksums.update(&self.chunk);
                target.extend_from_slice(&self.chunk);
                self.chunk.clear();
                State::Header
            }
        };
        Ok(())
    }

    fn check_chunk(&mut self) -> Result<()> {
        let Some(chain) = &mut self.chain else { return Ok(()) };
        same(&chain.sign_chunk(), &self.signature)
    }

    fn check_trailer(&mut self) -> Result<()> {
        let text = std::mem::take(&mut self.line);
        let mut fields = fields(&text)?;
        if let Some(chain) = &mut self.chain {
            let signature = fields
                .pop()
                .filter(|(name, _)| name == b"x-amz-trailer-signature")
                .and_then(|(_, value)| lower_hex(value))
                .ok_or_else(|| malformed("The trailer must end with x-amz-trailer-signature."))?;
            let mut sorted = fields.clone();
            sorted.sort();
            let mut canonical = Vec::new();
            for (name, value) in sorted {
                canonical.extend_from_slice(&[&name, &b":"[..], value, b"\n"].concat());
            }
            same(&chain.sign_trailer(&canonical), &signature)?;
        }
        self.checksums.check(&fields)
    }
}

/// Compares a signature with the one that the chain says.
fn same(computed: &[u8; 64], given: &[u8; 64]) -> Result<()> {
    if bool::from(computed.ct_eq(given)) {
        return Ok(());
    }
    Err(refused("SignatureDoesNotMatch", "The signature of a chunk or trailer does not match the one we calculated."))
}

fn malformed(message: &'static str) -> Error {
    refused("MalformedTrailerError", message)
}

/// Names, in lower case, and values of the trailing headers.
fn fields(text: &[u8]) -> Result<Vec<(Vec<u8>, &[u8])>> {
    let text = text.strip_suffix(b"\r\n").unwrap_or(text);
    let mut fields = Vec::new();
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        let Some(line) = line.strip_suffix(b"\r\n") else {
            // The reference shows a line feed at the end of the value, before the line's own end.
            let is_shown_form = line.len() > 1 && !line.contains(&b'\r');
            match line.strip_suffix(b"\n").filter(|_| is_shown_form) {
                Some(line) => fields.push(field(line)?),
                None => return Err(malformed("The trailer is not well formed.")),
            }
            continue;
        };
        if !line.is_empty() {
            fields.push(field(line)?);
        }
    }
    Ok(fields)
}

fn field(line: &[u8]) -> Result<(Vec<u8>, &[u8])> {
    let at = line.iter().position(|&byte| byte == b':');
    let (name, value) = line.split_at(at.ok_or_else(|| malformed("The trailer is not well formed."))?);
    if name.is_empty() || !name.iter().all(|&byte| is_token(byte)) {
        return Err(malformed("The trailer is not well formed."));
    }
    Ok((name.to_ascii_lowercase(), value[1..].trim_ascii()))
}

fn lower_hex(text: &[u8]) -> Option<[u8; 64]> {
    let text = <[u8; 64]>::try_from(text).ok()?;
    text.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')).then_some(text)
}

fn hex_number(text: &[u8]) -> Option<u64> {
    if text.is_empty() || text.len() > 12 {
        return None;
    }
    text.iter().try_fold(0, |sum, &byte| Some(sum * 16 + u64::from(char::from(byte).to_digit(16)?)))
}
