//! What several test files share: triples, frames as the addon writes them, and seeds that a failure can name.
#![allow(dead_code, reason = "each test file uses a part of it")]

use aws_refresh_session_core::cell::{self, Handle, Turn};
use aws_refresh_session_core::clock::Millis;
use aws_refresh_session_core::credentials::Published;
use aws_refresh_session_core::refresh::{Policy, PolicyKind};
use aws_refresh_session_core::wire::{self, Answer, HEADER};

/// The key id, secret and instant of AWS's own examples.
pub(crate) const KEY_ID: &str = "AKIDEXAMPLE";
pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
pub(crate) const NOW: Millis = 1_440_938_160_000;

/// The windows that sessions have unless told otherwise.
pub(crate) const WINDOWS: Policy = Policy { kind: PolicyKind::Windows, advisory: 900_000, mandatory: 600_000 };

/// A triple that never expires.
pub(crate) fn triple(key_id: &str, secret: &str, token: Option<&str>) -> Published {
    Published::new(key_id, secret, token, None, NOW).expect("a whole triple")
}

/// A refresh of this cell begins and fails, in a way that the next may cure.
pub(crate) fn fails(handle: Handle, now: Millis) {
    let cell = cell::get(handle).expect("is open");
    let Turn::Yours { lease, .. } = cell.begin_refresh(handle, now, 1, 0, None) else { panic!("somebody refreshes") };
    assert!(cell.refresh_failed(lease, now, true, 0.0, "why"));
}

/// A request as the addon's TypeScript half writes it into the shared buffer.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(crate) handle: f64,
    pub(crate) version: f64,
    pub(crate) now: f64,
    pub(crate) signing_date: f64,
    pub(crate) flags: u32,
    pub(crate) region: String,
    pub(crate) service: String,
    pub(crate) unsigned_headers: String,
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) tail: Vec<u8>,
    pub(crate) expires_in: f64,
    /// Bytes after the request, where the answer may spread.
    pub(crate) room: usize,
}

#[allow(clippy::cast_precision_loss, reason = "handles, versions and lengths of tests are far below 2^53")]
impl Frame {
    pub(crate) fn new(handle: Handle, version: u64, url: &str) -> Self {
        Self {
            handle: handle.to_bits() as f64,
            version: version as f64,
            now: NOW as f64,
            signing_date: NOW as f64,
            flags: wire::flag::DOUBLE_ENCODE_PATH | wire::flag::NORMALIZE_PATH,
            region: "us-east-1".to_owned(),
            service: "service".to_owned(),
            unsigned_headers: String::new(),
            method: "GET".to_owned(),
            url: url.to_owned(),
            headers: Vec::new(),
            tail: Vec::new(),
            expires_in: 0.0,
            room: 4096,
        }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn flags(mut self, flags: u32) -> Self {
        self.flags |= flags;
        self
    }

    pub(crate) fn tail(mut self, tail: &[u8]) -> Self {
        self.tail = tail.to_vec();
        self
    }

    pub(crate) fn expires_in(mut self, seconds: f64) -> Self {
        self.expires_in = seconds;
        self
    }

    pub(crate) fn head(&self) -> Vec<u8> {
        let mut head = Vec::new();
        let lines = [&self.region, &self.service, &self.unsigned_headers, &self.method, &self.url];
        for line in lines.into_iter().chain(self.headers.iter().flat_map(|(name, value)| [name, value])) {
            head.extend_from_slice(line.as_bytes());
            head.push(b'\n');
        }
        head
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let head = self.head();
        let numbers = [
            self.handle,
            self.version,
            self.now,
            self.signing_date,
            f64::from(self.flags),
            self.headers.len() as f64,
            head.len() as f64,
            self.tail.len() as f64,
            self.expires_in,
        ];
        let mut frame = doubles(&numbers);
        frame.extend_from_slice(&head);
        frame.extend_from_slice(&self.tail);
        frame.resize(frame.len() + self.room, 0);
        frame
    }
}

/// Doubles as they stand in a frame.
pub(crate) fn doubles(numbers: &[f64]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// The text that a signing call left in the frame.
pub(crate) fn answered(frame: &[u8], answer: Answer) -> String {
    let Answer::Signed { length, .. } = answer else { panic!("nothing was signed: {answer:?}") };
    let end = HEADER + usize::try_from(length).expect("fits");
    String::from_utf8(frame[HEADER..end].to_vec()).expect("answers are ASCII")
}

/// What follows `name` up to the next comma or ampersand.
pub(crate) fn field<'t>(text: &'t str, name: &str) -> &'t str {
    let start = text.find(name).unwrap_or_else(|| panic!("no {name} in {text}")) + name.len();
    text[start..].split([',', '&', '\n']).next().unwrap_or_default()
}

/// Bytes as lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// The value of an environment variable, or what `otherwise` gives.
pub(crate) fn setting(name: &str, otherwise: impl FnOnce() -> u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} must be a whole number, found {text:?}")),
        Err(_) => otherwise(),
    }
}
