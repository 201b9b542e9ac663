//! Random parts of requests: texts, tokens, instants, bodies, headers and URLs.

use super::requests::Body;
use super::support;
use aws_refresh_session_core::clock::Millis;
use fastrand::Rng;

pub(crate) fn one_of<'t>(rng: &mut Rng, texts: &[&'t str]) -> &'t str {
    texts[rng.usize(..texts.len())]
}

/// Pieces in a row.
pub(crate) fn text(rng: &mut Rng, pieces: &[&str], count: std::ops::RangeInclusive<usize>) -> String {
    (0..rng.usize(count)).map(|_| one_of(rng, pieces)).collect()
}

pub(crate) fn token(rng: &mut Rng) -> Option<String> {
    match rng.u8(..6) {
        0 | 1 => None,
        2 => Some("token".to_owned()),
        3 => Some(text(rng, &["AQoDYXdzEPT", "/", "+", "=", "%", "&", "9f"], 1..=12)),
        _ => Some(text(rng, &["IQoJb3JpZ2luX2VjE", "a", "Z", "/", "+"], 40..=60) + "=="),
    }
}

pub(crate) fn instant(rng: &mut Rng) -> Millis {
    match rng.u8(..8) {
        0 => support::NOW,
        1 => rng.i64(-62_135_596_800_000..=0),
        2 => rng.i64(0..=253_402_300_799_999),
        // The last and the first instant of a day.
        3 => rng.i64(0..40_000) * 86_400_000 - 1,
        4 => rng.i64(0..40_000) * 86_400_000,
        _ => rng.i64(0..=4_102_444_800_000),
    }
}

pub(crate) fn digest(rng: &mut Rng) -> String {
    (0..64).map(|_| char::from(b"0123456789abcdef"[rng.usize(..16)])).collect()
}

pub(crate) fn payload(rng: &mut Rng) -> Body {
    match rng.u8(..6) {
        0 | 1 => Body::Absent,
        2 => Body::Content(Vec::new()),
        3 => Body::Content((0..rng.usize(1..200)).map(|_| rng.u8(..)).collect()),
        4 => Body::Digest(digest(rng)),
        _ => Body::Unsigned,
    }
}

pub(crate) const UNSIGNABLE: [&str; 4] = ["accept", "content-type", "x-amz-meta-a", "range"];

pub(crate) fn header_name(rng: &mut Rng) -> String {
    const NAMES: [&str; 36] = [
        "a",
        "A",
        "accept",
        "Accept",
        "accept-encoding",
        "authorization",
        "Cache-Control",
        "connection",
        "content-length",
        "Content-MD5",
        "content-type",
        "Content-Type",
        "cookie",
        "date",
        "expect",
        "if-match",
        "keep-alive",
        "my-header1",
        "My-Header1",
        "my-header10",
        "my-header1-",
        "proxy-authorization",
        "range",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "User-Agent",
        "x-amz-meta",
        "x-amz-meta-a",
        "X-AMZ-META-A",
        "x-amz-meta-a-b",
        "x-amz-meta_a",
        "X-Amz-Target",
        "x-amzn-trace-id",
        "!#$%&'*+-.^_`|~",
    ];
    if rng.u8(..6) > 0 {
        return one_of(rng, &NAMES).to_owned();
    }
    let letters: String = (0..rng.usize(1..24)).map(|_| rng.alphanumeric()).collect();
    format!("x{letters}")
}

pub(crate) fn header_value(rng: &mut Rng) -> String {
    const PIECES: [&str; 18] = [
        " ",
        " ",
        "  ",
        "   ",
        "a",
        "Bc",
        "0",
        "\"",
        ",",
        ";",
        "=",
        "%20",
        "application/json",
        "é",
        "\u{a0}",
        "\u{3000}",
        "日本",
        "🦀",
    ];
    text(rng, &PIECES, 0..=8)
}

pub(crate) fn url(rng: &mut Rng, any_spelling: bool) -> String {
    const AUTHORITIES: [&str; 16] = [
        "https://example.amazonaws.com",
        "https://bucket.s3.eu-west-1.amazonaws.com",
        "HTTPS://h",
        "https://h:443",
        "https://h:80",
        "https://h:8443",
        "http://localhost",
        "http://localhost:80",
        "http://localhost:443",
        "http://127.0.0.1:9000",
        "https://[::1]",
        "https://[::1]:443",
        "http://[fe80::1:2]:8080",
        "https://a_b.example",
        "wss://h:8443",
        "ws://h",
    ];
    let mut url = one_of(rng, &AUTHORITIES).to_owned();
    if rng.u8(..16) > 0 {
        url.push_str(&path(rng, if any_spelling { &ANY_SPELLING } else { &ONE_SPELLING }));
    }
    if rng.u8(..5) > 1 {
        url.push('?');
        url.push_str(&query(rng));
    }
    if rng.u8(..20) == 0 {
        url.push_str(one_of(rng, &["#", "#top", "#a?b=c&d#e"]));
    }
    url
}

/// Parts of a path in the one form that decoding and encoding again gives.
pub(crate) const ONE_SPELLING: [&str; 15] =
    ["a", "B", "photo", "0", "-", ".", "_", "~", "%20", "%25", "%2B", "%28", "%C3%A9", "%FF", "%00"];

/// Any part of a path that an HTTP client sends as it is.
pub(crate) const ANY_SPELLING: [&str; 34] = [
    "a", "B", "photo", "0", "-", ".", "_", "~", "%20", "%2F", "%2f", "%7E", "%41", "%25", "%C3%A9", "%c3%a9", "%FF",
    "%zz", "%", "!", "$", "&", "'", "(", ")", "*", "+", ",", ":", ";", "=", "@", "[", "|",
];

pub(crate) fn path(rng: &mut Rng, pieces: &[&str]) -> String {
    let mut path = String::new();
    for _ in 0..rng.usize(1..=6) {
        path.push('/');
        match rng.u8(..8) {
            0 => {}
            1 => path.push('.'),
            2 => path.push_str(".."),
            _ => path.push_str(&text(rng, pieces, 1..=4)),
        }
    }
    path
}

fn query(rng: &mut Rng) -> String {
    // No `%` stands before what could be taken for hex digits, so that every sequence decodes to UTF-8.
    const PIECES: [&str; 42] = [
        "g", "H", "key", "5", "-", ".", "_", "~", "+", "%20", "%2B", "%2b", "%7E", "%7e", "%2F", "%26", "%3D", "%3d",
        "%C3%A9", "%c3%a9", "%00", "%zz", "%-", "é", "日", ";", "/", "?", ":", "@", "!", "'", "(", "*", ",", "$", "[",
        "{", "|", "^", "`", "\\",
    ];
    const KEYS: [&str; 10] = ["a", "b", "a-", "a.b", "list-type", "A", "x-id", "X-Amz-Meta", "%E1%88%B4", ""];
    let mut query = String::new();
    for _ in 0..rng.usize(0..=6) {
        query.push_str(&if rng.bool() { one_of(rng, &KEYS).to_owned() } else { text(rng, &PIECES, 0..=3) });
        if rng.u8(..4) > 0 {
            query.push('=');
            query.push_str(&text(rng, &PIECES, 0..=4));
            query.push_str(one_of(rng, &["", "", "", "=", "=/", "==", "%"]));
        }
        query.push_str(one_of(rng, &["&", "&", "&", "&&", "&="]));
    }
    if rng.bool() {
        query.truncate(query.trim_end_matches('&').len());
    }
    query
}
