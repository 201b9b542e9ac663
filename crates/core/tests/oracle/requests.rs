//! Random requests of the kind that both signers take for the same, and what ours makes of them.

use super::peer::encoded;
use super::random::{self, one_of};
use super::support;
use aws_refresh_session_core::clock::{AmzDate, Millis};
use aws_refresh_session_core::credentials::Published;
use aws_refresh_session_core::sign::{self, Algorithm, MAX_EXPIRES, Payload, Request, Settings, dialect, engine};
use fastrand::Rng;
use std::collections::BTreeSet;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Form {
    Header,
    /// A presigned URL that lives so many seconds.
    Query(u64),
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Body {
    Absent,
    Content(Vec<u8>),
    Digest(String),
    Unsigned,
}

/// A request with all that its signature depends on.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "the switches of `Settings`")]
pub(crate) struct Case {
    pub(crate) form: Form,
    pub(crate) key_id: String,
    pub(crate) secret: String,
    pub(crate) token: Option<String>,
    pub(crate) at: Millis,
    pub(crate) region: String,
    pub(crate) service: String,
    pub(crate) unsigned_headers: Vec<&'static str>,
    pub(crate) double_encode_path: bool,
    pub(crate) normalize_path: bool,
    pub(crate) content_sha256_header: bool,
    pub(crate) unsigned_payload: bool,
    pub(crate) omit_session_token: bool,
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) payload: Body,
}

/// What a signer gave back.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Signed {
    pub(crate) signature: String,
    /// The whole `authorization` value, or every parameter that presigning adds.
    pub(crate) result: BTreeSet<String>,
    /// The value of `x-amz-content-sha256`, when it travels as a header.
    pub(crate) content_sha256: Option<String>,
}

impl Signed {
    pub(crate) fn from_parameters(parameters: BTreeSet<String>) -> Self {
        let signature = parameters.iter().find_map(|pair| pair.strip_prefix("X-Amz-Signature="));
        Self {
            signature: signature.expect("a presigned URL has a signature").to_owned(),
            result: parameters,
            content_sha256: None,
        }
    }

    pub(crate) fn from_authorization(authorization: &str, content_sha256: Option<&str>) -> Self {
        Self {
            signature: support::field(authorization, "Signature=").to_owned(),
            result: BTreeSet::from([authorization.to_owned()]),
            content_sha256: content_sha256.map(str::to_owned),
        }
    }
}

impl Case {
    /// A request without anything on which the two signers differ.
    pub(crate) fn agreed(rng: &mut Rng) -> Self {
        let presigned = rng.bool();
        let double_encode_path = rng.bool();
        // S3 has all three switches its own way; the other combinations must agree as well.
        let alike = rng.u8(..4) > 0;
        let normalize_path = if alike { double_encode_path } else { rng.bool() };
        let content_sha256_header = if alike { !double_encode_path } else { rng.bool() };
        let token = random::token(rng);
        let mut case = Self {
            form: if presigned { Form::Query(rng.u64(1..=MAX_EXPIRES)) } else { Form::Header },
            key_id: one_of(rng, &["AKIDEXAMPLE", "ASIAIOSFODNN7EXAMPLE", "a", "AK%ID+=&?"]).to_owned(),
            secret: random::text(rng, &["w", "J", "K7MDENG", "+", "/", "é", " ", "\n", "\0", "🦀"], 1..=80),
            omit_session_token: token.is_some() && rng.u8(..4) == 0,
            token,
            at: random::instant(rng),
            region: one_of(rng, &["us-east-1", "eu-central-1", "cn-north-1", "aws-global", "", "a+b c/é"]).to_owned(),
            service: one_of(rng, &["s3", "sts", "execute-api", "dynamodb", "x&y=z"]).to_owned(),
            unsigned_headers: random::UNSIGNABLE.into_iter().filter(|_| rng.u8(..8) == 0).collect(),
            double_encode_path,
            normalize_path,
            content_sha256_header,
            unsigned_payload: false,
            method: one_of(rng, &["GET", "PUT", "POST", "DELETE", "HEAD", "M-SEARCH", "X!"]).to_owned(),
            url: String::new(),
            headers: Vec::new(),
            payload: Body::Absent,
        };
        case.url = random::url(rng, double_encode_path);
        case.payload = case.agreed_payload(rng);
        case.headers = case.agreed_headers(rng);
        case
    }

    fn agreed_payload(&mut self, rng: &mut Rng) -> Body {
        if self.form == Form::Header {
            self.unsigned_payload = self.content_sha256_header && rng.u8(..4) == 0;
            return match random::payload(rng) {
                // The hash of an unsigned body has to travel, which the crate leaves to its settings.
                Body::Unsigned if !self.content_sha256_header => Body::Absent,
                // The crate has no way to say that one request differs from the setting.
                Body::Digest(_) if self.unsigned_payload => Body::Unsigned,
                payload => payload,
            };
        }
        match random::payload(rng) {
            // In all other cases the hash is a parameter of the URL, which the crate leaves to its callers.
            Body::Absent => Body::Absent,
            _ if self.content_sha256_header => Body::Unsigned,
            Body::Unsigned => Body::Content(b"content".to_vec()),
            payload => payload,
        }
    }

    fn agreed_headers(&self, rng: &mut Rng) -> Vec<(String, String)> {
        let count = match rng.u8(..20) {
            0 => rng.usize(20..40),
            1..4 => 0,
            _ => rng.usize(1..10),
        };
        let mut headers: Vec<_> = (0..count).map(|_| (random::header_name(rng), random::header_value(rng))).collect();
        let mut put = |name: &str, value: String, rng: &mut Rng| {
            headers.insert(rng.usize(..=headers.len()), (name.to_owned(), value));
        };
        if rng.u8(..8) == 0 {
            let host = one_of(rng, &["Example.COM", "h:443", " h ", "", "bücher"]).to_owned();
            put(one_of(rng, &["host", "Host"]), host, rng);
        }
        if self.form != Form::Header {
            return headers;
        }
        // What an earlier signature left is replaced by both, where the crate sets the same header again.
        for name in ["x-amz-user-agent", "x-amz-checksum-mode", "X-Amz-Date"] {
            if rng.u8(..8) == 0 {
                put(name, random::header_value(rng), rng);
            }
        }
        if self.token.is_some() && rng.u8(..8) == 0 {
            put("X-Amz-Security-Token", "stale".to_owned(), rng);
        }
        if self.content_sha256_header && matches!(self.payload, Body::Content(_)) && rng.u8(..4) == 0 {
            put("x-amz-content-sha256", random::digest(rng), rng);
        }
        headers
    }

    fn published(&self) -> Published {
        Published::new(&self.key_id, &self.secret, self.token.as_deref(), None, 0).expect("a whole triple")
    }

    fn with_request<R>(
        &self,
        sign: impl FnOnce(&Published, &Settings<'_>, Request<'_, std::vec::IntoIter<(&[u8], &[u8])>>) -> R,
    ) -> R {
        let unsigned = self.unsigned_headers.join(" ");
        let settings = Settings {
            dialect: &dialect::AWS,
            algorithm: Algorithm::Sigv4,
            region: self.region.as_bytes(),
            service: self.service.as_bytes(),
            unsigned_headers: unsigned.as_bytes(),
            double_encode_path: self.double_encode_path,
            normalize_path: self.normalize_path,
            content_sha256_header: self.content_sha256_header,
            unsigned_payload: self.unsigned_payload,
            omit_session_token: self.omit_session_token,
        };
        let headers: Vec<(&[u8], &[u8])> =
            self.headers.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes())).collect();
        let payload = match &self.payload {
            Body::Absent => Payload::Absent,
            Body::Content(content) => Payload::Content(content),
            Body::Digest(digest) => Payload::Digest(digest.as_bytes()),
            Body::Unsigned => Payload::Unsigned,
        };
        let (method, url) = (self.method.as_bytes(), self.url.as_bytes());
        sign(&self.published(), &settings, Request { method, url, headers: headers.into_iter(), payload })
    }

    /// What our canonicaliser gives, with the canonical request behind it.
    fn signed(&self) -> Result<(Signed, String), String> {
        let date = AmzDate::at(self.at);
        let mut result = Vec::new();
        self.with_request(|published, settings, request| match self.form {
            Form::Header => sign::sign_headers(published, settings, date, request, |signed| {
                signed.write_authorization(&mut result);
                let hash = signed.content_sha256.map(lossless);
                let canonical = String::from_utf8_lossy(signed.canonical_request).into_owned();
                (Signed::from_authorization(&lossless(&result), hash.as_deref()), canonical)
            }),
            Form::Query(expires_in) => sign::presign(published, settings, date, expires_in, request, |signed| {
                signed.write_url(&mut result);
                let canonical = String::from_utf8_lossy(signed.canonical_request).into_owned();
                (Signed::from_parameters(added_parameters(&lossless(&result))), canonical)
            }),
        })
        .map_err(|error| format!("{} {error}", error.kind().code()))
    }

    pub(crate) fn ours(&self) -> Result<Signed, String> {
        self.signed().map(|(signed, _)| signed)
    }

    /// Our canonical request, or why there is none.
    pub(crate) fn explained(&self) -> String {
        self.signed().map_or_else(|error| error, |(_, canonical)| canonical)
    }

    /// What `engine: "aws-sigv4"` gives.
    pub(crate) fn second_engine(&self) -> Result<Signed, String> {
        self.with_request(|published, settings, request| match self.form {
            Form::Header => engine::sign_headers(published, settings, self.at, request).map(|answer| {
                let answer = lossless(&answer);
                let (authorization, hash) = answer.split_once('\n').map_or((&*answer, None), |(a, h)| (a, Some(h)));
                Signed::from_authorization(authorization, hash)
            }),
            Form::Query(expires_in) => engine::presign(published, settings, self.at, expires_in, request)
                .map(|answer| Signed::from_parameters(added_parameters(&lossless(&answer)))),
        })
        .map_err(|error| format!("{} {error}", error.kind().code()))
    }
}

fn lossless(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("answers are UTF-8")
}

/// The parameters that presigning adds; the random queries hold none of these names.
fn added_parameters(url: &str) -> BTreeSet<String> {
    const NAMES: [&str; 8] = [
        "X-Amz-Algorithm",
        "X-Amz-Content-Sha256",
        "X-Amz-Credential",
        "X-Amz-Date",
        "X-Amz-Expires",
        "X-Amz-Security-Token",
        "X-Amz-Signature",
        "X-Amz-SignedHeaders",
    ];
    let pairs: Vec<&str> = url[url.find('?').expect("a presigned URL has a query") + 1..]
        .split('&')
        .filter(|pair| pair.split_once('=').is_some_and(|(name, _)| NAMES.contains(&name)))
        .collect();
    let found: BTreeSet<String> = pairs.iter().map(|&pair| pair.to_owned()).collect();
    assert_eq!(found.len(), pairs.len(), "a parameter stands twice in {url}");
    found
}

/// Scheme and authority, path, query and fragment, the last two with the character they begin with.
pub(crate) fn split(url: &str) -> (&str, &str, &str, &str) {
    let (url, fragment) = url.split_at(url.find('#').unwrap_or(url.len()));
    let (url, query) = url.split_at(url.find('?').unwrap_or(url.len()));
    let authority = url.find("://").expect("the URL is absolute") + 3;
    let path = url[authority..].find('/').map_or(url.len(), |at| authority + at);
    let (origin, path) = url.split_at(path);
    (origin, path, query, fragment)
}

/// An encoded parameter.
pub(crate) fn parameter(name: &str, value: &str) -> String {
    format!("{}={}", encoded(name.as_bytes()), encoded(value.as_bytes()))
}
