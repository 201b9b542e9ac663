//! The frame in which a request crosses the boundary, and the answer that comes back in its place.
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
//! The head has the lines region, service, unsigned header names (separated by spaces), method, URL, then name and value
//! of each header. Every line ends in a line feed, and their number must be right: a header value with a line feed in
//! it cannot pass for two lines. The head of a prepared request has a line more: path and query in place of the URL.

use crate::cell::{self, Handle};
use crate::clock::{AmzDate, Millis};
use crate::credentials::Published;
use crate::error::{Error, ErrorKind, Result};
use crate::refresh::Decision;
use crate::sign::key::SigningKey;
use crate::sign::prepared::{self, Prepared};
use crate::sign::{self, Algorithm, Parameters, Payload, Request, Settings, dialect, engine};
use memchr::{memchr, memchr_iter};
use std::cell::Cell;
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

/// What a signing call answers, as one number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Answer {
    /// The frame now holds this many bytes of answer after its nine doubles.
    Signed {
        /// Bytes written.
        length: u32,
        /// Whether the caller should start a refresh that nobody waits for.
        refresh_advised: bool,
    },
    /// The caller must wait for a refresh first.
    RefreshRequired,
    /// A refresh failed lately; the caller rejects with the kept failure.
    RejectKept,
    /// Another thread published a new triple: learn its key id and token, then ask again.
    VersionChanged,
}

impl Answer {
    const ADVISED: i32 = 1 << 30;

    /// The number that crosses the boundary.
    #[must_use]
    pub fn to_number(self) -> i32 {
        match self {
            Self::Signed { length, refresh_advised } => {
                i32::try_from(length).unwrap_or_default() | if refresh_advised { Self::ADVISED } else { 0 }
            }
            Self::RefreshRequired => -1,
            Self::RejectKept => -2,
            Self::VersionChanged => -3,
        }
    }
}

thread_local! {
    /// The buffer of the last answer, for the next one.
    static ANSWER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Signs the request in `frame` with headers and writes `authorization`, and after a line feed the payload hash if it
/// has to travel, over the head.
pub fn sign(frame: &mut [u8], body: Option<&[u8]>) -> Result<Answer> {
    let numbers = Numbers::read(frame)?;
    let (published, refresh_advised) = match numbers.triple()? {
        Ok(found) => found,
        Err(answer) => return Ok(answer),
    };
    let head = Head::parse(frame, &numbers)?;
    let (settings, request) = head.request(frame, &numbers, body)?;
    let mut answer = ANSWER.take();
    answer.clear();
    if numbers.has(flag::ENGINE_AWS_SIGV4) {
        answer.extend_from_slice(&engine::sign_headers(&published, &settings, numbers.signing_date, request)?);
    } else {
        sign::sign_headers(&published, &settings, numbers.date(), request, |signed| {
            signed.write_authorization(&mut answer);
            if let Some(hash) = signed.content_sha256 {
                answer.push(b'\n');
                answer.extend_from_slice(hash);
            }
        })?;
    }
    write_answer(frame, answer, refresh_advised)
}

/// Presigns the URL in `frame` and writes the whole new URL over the head.
pub fn presign(frame: &mut [u8], body: Option<&[u8]>) -> Result<Answer> {
    let numbers = Numbers::read(frame)?;
    let (published, refresh_advised) = match numbers.triple()? {
        Ok(found) => found,
        Err(answer) => return Ok(answer),
    };
    let head = Head::parse(frame, &numbers)?;
    let (settings, request) = head.request(frame, &numbers, body)?;
    let expires_in = numbers.expires_in()?;
    let mut answer = ANSWER.take();
    answer.clear();
    if numbers.has(flag::ENGINE_AWS_SIGV4) {
        answer.extend_from_slice(&engine::presign(&published, &settings, numbers.signing_date, expires_in, request)?);
    } else {
        sign::presign(&published, &settings, numbers.date(), expires_in, request, |signed| {
            signed.write_url(&mut answer);
        })?;
    }
    write_answer(frame, answer, refresh_advised)
}

/// Texts behind a signature, for somebody who asks why a server refused it.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// What was hashed, with the session token in it.
    pub canonical_request: String,
    /// What was signed.
    pub string_to_sign: String,
    /// 64 hex digits.
    pub signature: String,
    /// `host;x-amz-date`.
    pub signed_headers: String,
    /// The value of `authorization`, or the presigned URL.
    pub result: String,
}

/// Signs or presigns the request in `frame` and tells what was computed on the way. Expired credentials are used as
/// they are: an explanation sends nothing.
pub fn explain(frame: &[u8], body: Option<&[u8]>) -> Result<Explanation> {
    let numbers = Numbers::read(frame)?;
    let published = held(&numbers)?;
    let head = Head::parse(frame, &numbers)?;
    let (settings, request) = head.request(frame, &numbers, body)?;
    let mut result = Vec::new();
    if numbers.expires_in == 0.0 {
        sign::sign_headers(&published, &settings, numbers.date(), request, |signed| {
            signed.write_authorization(&mut result);
            Explanation {
                canonical_request: text(signed.canonical_request),
                string_to_sign: text(signed.string_to_sign),
                signature: text(&signed.signature),
                signed_headers: text(signed.signed_headers),
                result: text(&result),
            }
        })
    } else {
        sign::presign(&published, &settings, numbers.date(), numbers.expires_in()?, request, |signed| {
            signed.write_url(&mut result);
            Explanation {
                canonical_request: text(signed.canonical_request),
                string_to_sign: text(signed.string_to_sign),
                signature: text(&signed.signature),
                signed_headers: text(signed.signed_headers),
                result: text(&result),
            }
        })
    }
}

/// Signs the prepared request in `frame` and writes the names of the signed headers, and after a line feed the signature,
/// over the head.
pub fn sign_prepared(frame: &mut [u8], body: Option<&[u8]>) -> Result<Answer> {
    let numbers = Numbers::read(frame)?;
    let (published, refresh_advised) = match numbers.triple()? {
        Ok(found) => found,
        Err(answer) => return Ok(answer),
    };
    let (settings, request) = Head::parse(frame, &numbers)?.prepared(frame, &numbers, body)?;
    let answer = prepared::sign(&published, &settings, numbers.date(), request, |signed| {
        [signed.signed_headers, b"\n", &signed.signature].concat()
    })?;
    write_answer(frame, answer, refresh_advised)
}

/// Signs the prepared request in `frame` and tells what was computed on the way; the result is empty.
pub fn explain_prepared(frame: &[u8], body: Option<&[u8]>) -> Result<Explanation> {
    let numbers = Numbers::read(frame)?;
    let published = held(&numbers)?;
    let (settings, request) = Head::parse(frame, &numbers)?.prepared(frame, &numbers, body)?;
    prepared::sign(&published, &settings, numbers.date(), request, |signed| Explanation {
        canonical_request: text(signed.canonical_request),
        string_to_sign: text(signed.string_to_sign),
        signature: text(&signed.signature),
        signed_headers: text(signed.signed_headers),
        result: String::new(),
    })
}

/// Writes the names of the headers that a signature of the prepared request in `frame` would cover over its head. Needs
/// no credentials.
pub fn signed_header_names(frame: &mut [u8]) -> Result<Answer> {
    let numbers = Numbers::read(frame)?;
    let (settings, request) = Head::<6>::parse(frame, &numbers)?.prepared(frame, &numbers, Some(&[]))?;
    let answer = prepared::signed_header_names(&settings, request.headers, <[u8]>::to_vec)?;
    write_answer(frame, answer, false)
}

/// Writes the signature of a text, made with the key of the scope in `frame`, over the head.
pub fn sign_text(frame: &mut [u8], text: &[u8]) -> Result<Answer> {
    let numbers = Numbers::read(frame)?;
    let (published, refresh_advised) = match numbers.triple()? {
        Ok(found) => found,
        Err(answer) => return Ok(answer),
    };
    let [region, service, _] = Lines::<3>::parse(numbers.head(frame)?)?.text(numbers.head(frame)?);
    let signature = SigningKey::of(&published, numbers.date(), region, service).sign(text);
    write_answer(frame, signature.to_vec(), refresh_advised)
}

/// A triple and a scope kept for a chain of signatures: a refresh in between does not change who signs the rest.
#[derive(Clone, Debug)]
pub struct Frozen {
    published: Arc<Published>,
    region: Box<[u8]>,
    service: Box<[u8]>,
    date: AmzDate,
}

impl Frozen {
    /// Takes triple, region, service and signing date from `frame`; the rest of it is not read.
    pub fn of(frame: &[u8]) -> Result<Self> {
        let numbers = Numbers::read(frame)?;
        let head = numbers.head(frame)?;
        let [region, service, _] = Lines::<3>::parse(head)?.text(head);
        Ok(Self {
            published: numbers.same_triple()?,
            region: region.into(),
            service: service.into(),
            date: numbers.date(),
        })
    }

    /// The signing date of the frame.
    #[must_use]
    pub const fn date(&self) -> AmzDate {
        self.date
    }

    /// The signing key for a date.
    #[must_use]
    pub fn key(&self, date: AmzDate) -> Arc<SigningKey> {
        SigningKey::of(&self.published, date, &self.region, &self.service)
    }
}

/// Many URLs to presign with one frozen triple, away from the frame so that any thread can do it.
#[derive(Debug)]
pub struct Batch {
    published: Arc<Published>,
    numbers: Numbers,
    head: Vec<u8>,
    urls: Vec<u8>,
    first_index: usize,
}

impl Batch {
    /// Takes the settings from `frame` (its method and URL are not read) and a copy of `urls`, one a line. An error
    /// names the index of its URL, counted from `first_index`.
    pub fn new(frame: &[u8], urls: &[u8], first_index: usize) -> Result<Self> {
        let numbers = Numbers::read(frame)?;
        let head = numbers.head(frame)?.to_vec();
        Ok(Self { published: numbers.same_triple()?, numbers, head, urls: urls.to_vec(), first_index })
    }

    /// Signs every URL. The answer begins with the parameters that all share and a line feed; then come, for each URL,
    /// the character that joins it to them (`?` or `&`; a blank when the URL needs more care than that) and its
    /// signature.
    pub fn presign(&self) -> Result<Vec<u8>> {
        let lines = Lines::<3>::parse(&self.head)?;
        let [region, service, unsigned_headers] = lines.text(&self.head);
        let settings = settings(&self.numbers, region, service, unsigned_headers);
        let expires_in = self.numbers.expires_in()?;
        let date = self.numbers.date();
        let mut answer = Vec::new();
        let mut shared = Parameters::default();
        for (index, url) in self.urls.split(|&byte| byte == b'\n').enumerate() {
            let request = Request { method: b"GET", url, headers: std::iter::empty(), payload: Payload::Absent };
            sign::presign_next(&self.published, &settings, date, expires_in, &mut shared, request, |signed| {
                if index == 0 {
                    answer.reserve(signed.parameters.len() + 1 + 65 * (1 + self.urls.len() / url.len().max(1)));
                    answer.extend_from_slice(signed.parameters);
                    answer.push(b'\n');
                }
                answer.push(signed.joined_to(url));
                answer.extend_from_slice(&signed.signature);
            })
            .map_err(|error| Error::new(error.kind(), format!("request {}: {error}", self.first_index + index)))?;
        }
        Ok(answer)
    }
}

/// What is held, expired or not.
fn held(numbers: &Numbers) -> Result<Arc<Published>> {
    cell::get(numbers.handle)?
        .current()
        .ok_or_else(|| Error::new(ErrorKind::CredentialsInvalid, "no credentials are held yet"))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn malformed() -> Error {
    Error::new(ErrorKind::Frame, "malformed frame")
}

/// The nine doubles.
#[derive(Clone, Copy, Debug)]
struct Numbers {
    handle: Handle,
    version: u64,
    now: Millis,
    signing_date: Millis,
    flags: u32,
    headers: usize,
    head: usize,
    tail: usize,
    expires_in: f64,
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast saturates: whatever a caller writes becomes some number, and each is checked where it is used"
)]
impl Numbers {
    fn read(frame: &[u8]) -> Result<Self> {
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

    const fn has(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }

    fn date(&self) -> AmzDate {
        AmzDate::at(self.signing_date)
    }

    fn expires_in(&self) -> Result<u64> {
        if self.expires_in.fract() == 0.0 && self.expires_in >= 0.0 {
            return Ok(self.expires_in as u64);
        }
        Err(Error::new(
            ErrorKind::SignExpires,
            format!("\"expiresIn\" must be a whole number of seconds from 1 to 604800, found {}", self.expires_in),
        ))
    }

    /// The lines between the doubles and the text.
    fn head<'f>(&self, frame: &'f [u8]) -> Result<&'f [u8]> {
        frame.get(HEADER..HEADER.saturating_add(self.head)).ok_or_else(malformed)
    }

    /// The triple that the caller saw, for work that goes on with it whatever is published later.
    fn same_triple(&self) -> Result<Arc<Published>> {
        cell::get(self.handle)?
            .current()
            .filter(|published| published.version() == self.version)
            .ok_or_else(|| Error::new(ErrorKind::Frame, "the credentials changed while the work began"))
    }

    /// The triple to sign with and whether a refresh is advised, or the answer that says why there is none.
    fn triple(&self) -> Result<Result<(Arc<Published>, bool), Answer>> {
        let cell = cell::get(self.handle)?;
        let decision = cell.decide(self.now);
        Ok(match decision {
            Decision::RefreshRequired => Err(Answer::RefreshRequired),
            Decision::RejectKept => Err(Answer::RejectKept),
            Decision::Fresh | Decision::RefreshAdvised | Decision::ServeHeld => match cell.current() {
                Some(published) if published.version() == self.version => {
                    Ok((published, decision == Decision::RefreshAdvised))
                }
                Some(_) => Err(Answer::VersionChanged),
                None => Err(Answer::RefreshRequired),
            },
        })
    }
}

/// Where the first `N` lines of a text stand, and the rest after them.
struct Lines<const N: usize> {
    ranges: [Range<usize>; N],
    end: usize,
}

impl<const N: usize> Lines<N> {
    fn parse(text: &[u8]) -> Result<Self> {
        let mut start = 0;
        let mut ranges = [const { 0..0 }; N];
        for range in &mut ranges {
            let length = memchr(b'\n', &text[start..]).ok_or_else(malformed)?;
            *range = start..start + length;
            start += length + 1;
        }
        Ok(Self { ranges, end: start })
    }

    fn text<'t>(&self, text: &'t [u8]) -> [&'t [u8]; N] {
        std::array::from_fn(|index| &text[self.ranges[index].clone()])
    }
}

/// Where everything stands in the frame: `N` lines, then the headers.
struct Head<const N: usize> {
    lines: Lines<N>,
    headers: Range<usize>,
    tail: Range<usize>,
}

impl<const N: usize> Head<N> {
    fn parse(frame: &[u8], numbers: &Numbers) -> Result<Self> {
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

    fn headers<'f>(&self, frame: &'f [u8]) -> HeaderLines<'f> {
        HeaderLines(&frame[self.headers.clone()])
    }

    fn payload<'f>(&self, frame: &'f [u8], numbers: &Numbers, body: Option<&'f [u8]>) -> Result<Payload<'f>> {
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
    fn request<'f>(
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
    fn prepared<'f>(
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

fn split_line() -> Error {
    Error::new(
        ErrorKind::SignHeader,
        "the URL, or a header name or value, holds a line feed, which no request can carry",
    )
}

fn settings<'t>(numbers: &Numbers, region: &'t [u8], service: &'t [u8], unsigned_headers: &'t [u8]) -> Settings<'t> {
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
struct HeaderLines<'f>(&'f [u8]);

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

fn write_answer(frame: &mut [u8], answer: Vec<u8>, refresh_advised: bool) -> Result<Answer> {
    let target = frame
        .get_mut(HEADER..HEADER + answer.len())
        .ok_or_else(|| Error::new(ErrorKind::Frame, format!("the answer needs {} bytes", HEADER + answer.len())))?;
    target.copy_from_slice(&answer);
    let length = u32::try_from(answer.len()).map_err(|_| malformed())?;
    ANSWER.set(answer);
    Ok(Answer::Signed { length, refresh_advised })
}
