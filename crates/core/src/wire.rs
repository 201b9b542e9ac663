//! What a request that crosses the boundary asks for, and the answer that comes back in its place.
//!
//! [`mod@frame`] tells the form in which it crosses.

mod batch;
pub mod frame;

pub use batch::{Batch, Frozen};
pub use frame::{HEADER, flag};

use crate::credentials::Published;
use crate::error::{Error, ErrorKind, Result};
use crate::sign::key::SigningKey;
use crate::sign::{self, engine, prepared};
use frame::{Head, Lines, Numbers, held, malformed};
use std::cell::Cell;

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

/// Finds the triple that a frame names, and writes what `sign` appends over the head; for `in_hand` see
/// [`Numbers::triple`].
fn answered(
    frame: &mut [u8],
    in_hand: bool,
    sign: impl FnOnce(&[u8], &Numbers, &Published, &mut Vec<u8>) -> Result<()>,
) -> Result<Answer> {
    let numbers = Numbers::read(frame)?;
    let (published, refresh_advised) = match numbers.triple(in_hand)? {
        Ok(found) => found,
        Err(answer) => return Ok(answer),
    };
    let mut answer = ANSWER.take();
    answer.clear();
    sign(frame, &numbers, &published, &mut answer)?;
    write_answer(frame, answer, refresh_advised)
}

/// Signs the request in `frame` with headers and writes `authorization`, and after a line feed the payload hash if it
/// has to travel, over the head.
pub fn sign(frame: &mut [u8], body: Option<&[u8]>) -> Result<Answer> {
    answered(frame, false, |frame, numbers, published, answer| {
        let head = Head::parse(frame, numbers)?;
        let (settings, request) = head.request(frame, numbers, body)?;
        if numbers.has(flag::ENGINE_AWS_SIGV4) {
            answer.extend_from_slice(&engine::sign_headers(published, &settings, numbers.signing_date, request)?);
            return Ok(());
        }
        sign::sign_headers(published, &settings, numbers.date(), request, |signed| {
            signed.write_authorization(answer);
            if let Some(hash) = signed.content_sha256 {
                answer.push(b'\n');
                answer.extend_from_slice(hash);
            }
        })
    })
}

/// Presigns the URL in `frame` and writes the whole new URL over the head.
pub fn presign(frame: &mut [u8], body: Option<&[u8]>) -> Result<Answer> {
    answered(frame, false, |frame, numbers, published, answer| {
        let head = Head::parse(frame, numbers)?;
        let (settings, request) = head.request(frame, numbers, body)?;
        let expires_in = numbers.expires_in()?;
        if numbers.has(flag::ENGINE_AWS_SIGV4) {
            let presigned = engine::presign(published, &settings, numbers.signing_date, expires_in, request)?;
            answer.extend_from_slice(&presigned);
            return Ok(());
        }
        sign::presign(published, &settings, numbers.date(), expires_in, request, |signed| signed.write_url(answer))
    })
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

/// Signs the prepared request in `frame` and writes the names of the signed headers, after a line feed the signature, and
/// after another the hash of the body where that is signed as a header, over the head.
pub fn sign_prepared(frame: &mut [u8], body: Option<&[u8]>) -> Result<Answer> {
    answered(frame, true, |frame, numbers, published, answer| {
        let (settings, request) = Head::parse(frame, numbers)?.prepared(frame, numbers, body)?;
        prepared::sign(published, &settings, numbers.date(), request, |signed| {
            answer.extend_from_slice(signed.signed_headers);
            answer.push(b'\n');
            answer.extend_from_slice(&signed.signature);
            if settings.content_sha256_header {
                answer.push(b'\n');
                answer.extend_from_slice(signed.hash);
            }
        })
    })
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
    answered(frame, true, |frame, numbers, published, answer| {
        let head = numbers.head(frame)?;
        let [region, service, _] = Lines::<3>::parse(head)?.text(head);
        answer.extend_from_slice(&SigningKey::of(published, numbers.date(), region, service).sign(text));
        Ok(())
    })
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
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
