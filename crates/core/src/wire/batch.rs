//! Work that goes on with one frozen triple: chains of signatures, and many URLs presigned on any thread.

use super::frame::{Lines, Numbers, settings};
use crate::clock::AmzDate;
use crate::credentials::Published;
use crate::error::{Error, Result};
use crate::sign::key::SigningKey;
use crate::sign::{self, Parameters, Payload, Request};
use std::sync::Arc;

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
    /// signature, with blanks behind one that is shorter than the longest.
    pub fn presign(&self) -> Result<Vec<u8>> {
        let lines = Lines::<3>::parse(&self.head)?;
        let [region, service, unsigned_headers] = lines.text(&self.head);
        let settings = settings(&self.numbers, region, service, unsigned_headers);
        let expires_in = self.numbers.expires_in()?;
        let date = self.numbers.date();
        let width = settings.algorithm.signature_width();
        let mut answer = Vec::new();
        let mut shared = Parameters::default();
        for (index, url) in self.urls.split(|&byte| byte == b'\n').enumerate() {
            let request = Request { method: b"GET", url, headers: std::iter::empty(), payload: Payload::Absent };
            sign::presign_next(&self.published, &settings, date, expires_in, &mut shared, request, |signed| {
                if index == 0 {
                    let urls = 1 + self.urls.len() / url.len().max(1);
                    answer.reserve(signed.parameters.len() + 1 + (1 + width) * urls);
                    answer.extend_from_slice(signed.parameters);
                    answer.push(b'\n');
                }
                answer.push(signed.joined_to(url));
                let start = answer.len();
                answer.extend_from_slice(&signed.signature);
                answer.resize(start + width, b' ');
            })
            .map_err(|error| Error::new(error.kind(), format!("request {}: {error}", self.first_index + index)))?;
        }
        Ok(answer)
    }
}
