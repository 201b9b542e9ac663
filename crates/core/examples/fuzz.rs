//! Random requests against the canonicaliser and the verifier: no input makes them panic, what was signed is accepted, and
//! every change of what was signed is refused.
//!
//! `cargo run --release -p aws-refresh-session-core --example fuzz -- --canonical 10000000 --verify 1000000 --seed 1`.
//! A failure prints the seed and the number of its input, which `--seed` and `--from` repeat.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a program for developers")]

use aws_refresh_session_core::Result;
use aws_refresh_session_core::clock::AmzDate;
use aws_refresh_session_core::credentials::Published;
use aws_refresh_session_core::sign::chunk::{sign_chunk, sign_trailer};
use aws_refresh_session_core::sign::key::SigningKey;
use aws_refresh_session_core::sign::prepared::{self, Prepared};
use aws_refresh_session_core::sign::{self, Algorithm, Payload, Request, Settings, dialect};
use aws_refresh_session_core::verify::{Expected, PayloadProof, Received};
use fastrand::Rng;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};

const KEY_ID: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const TOKEN: &str = "AQoDYXdzEPT//wEXAMPLEtc764bNrC9SAPBSM22+";
const NOW: i64 = 1_440_938_160_000;

type Headers = Vec<(Vec<u8>, Vec<u8>)>;

/// What one run does, and how much of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) canonical: u64,
    pub(crate) verify: u64,
    pub(crate) seed: u64,
    pub(crate) from: u64,
    pub(crate) threads: u64,
    pub(crate) progress: bool,
}

/// What a run saw, so that a run that tested nothing can be told.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Inputs that were signed.
    pub(crate) signed: AtomicU64,
    /// Signatures that were accepted as they were.
    pub(crate) accepted: AtomicU64,
    /// Changed requests that were refused.
    pub(crate) refused: AtomicU64,
    /// Changed requests that mean the same, and were accepted.
    pub(crate) equal: AtomicU64,
}

impl Seen {
    fn count(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

/// Runs the plan; the first failure is told by its seed and number.
pub(crate) fn run(plan: Plan) -> std::result::Result<Seen, String> {
    let seen = Seen::default();
    phase("canonical", plan, plan.canonical, &seen, canonical_input)?;
    phase("verify", plan, plan.verify, &seen, verify_input)?;
    Ok(seen)
}

type Input = fn(&mut Rng, &Keys, &Seen) -> std::result::Result<(), String>;

fn phase(name: &str, plan: Plan, total: u64, seen: &Seen, input: Input) -> std::result::Result<(), String> {
    let done = AtomicU64::new(0);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..plan.threads)
            .map(|thread| {
                let done = &done;
                scope.spawn(move || {
                    let keys = Keys::new();
                    for index in (plan.from + thread..plan.from + total).step_by(plan.threads as usize) {
                        // Each input has a generator of its own, so that it can be repeated alone.
                        let mut rng = Rng::with_seed(plan.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ index);
                        let result = catch_unwind(AssertUnwindSafe(|| input(&mut rng, &keys, seen)))
                            .unwrap_or_else(|_| Err("it panicked".to_owned()));
                        result.map_err(|why| format!("{name}, --seed {} --from {index}: {why}", plan.seed))?;
                        let count = done.fetch_add(1, Ordering::Relaxed) + 1;
                        if plan.progress && count.is_multiple_of((total / 20).max(1)) {
                            println!("{name}: {count} of {total}");
                        }
                    }
                    Ok(())
                })
            })
            .collect();
        threads.into_iter().try_for_each(|thread| thread.join().map_err(|_| "a thread ended".to_owned())?)
    })
}

struct Keys {
    plain: Published,
    temporary: Published,
}

impl Keys {
    fn new() -> Self {
        let published = |token| Published::new(KEY_ID, SECRET, token, None, NOW).unwrap();
        Self { plain: published(None), temporary: published(Some(TOKEN)) }
    }

    fn of(&self, rng: &mut Rng) -> &Published {
        if rng.bool() { &self.plain } else { &self.temporary }
    }
}

// ---- random texts

const PIECES: &[&[u8]] = &[
    b"/",
    b"//",
    b"/./",
    b"/../",
    b"..",
    b"%2F",
    b"%2f",
    b"%",
    b"%%",
    b"%zz",
    b"%C3%BC",
    b"\xc3\xbc",
    b"\xff",
    b"+",
    b" ",
    b"=",
    b"&",
    b"&&",
    b"?",
    b"#",
    b";",
    b":",
    b",",
    b"\t",
    b"~",
    b"*",
    b"a",
    b"A",
    b"b",
    b"x-amz-",
    b"X-Amz-Date",
    b"X-Amz-Signature",
    b"X-Amz-Security-Token",
    b"X-Amz-Expires",
    b"\xe2\x80\x83",
    b"\x00",
    b"\r",
    b"\x7f",
    b"'",
    b"\"",
    b"[",
    b"@",
    b"\\",
];

/// A text of pieces that have a meaning somewhere, or of any bytes.
fn text(rng: &mut Rng, most: usize) -> Vec<u8> {
    let length = rng.usize(0..=most);
    let mut bytes = Vec::new();
    for _ in 0..length {
        if rng.u8(0..8) == 0 {
            bytes.push(rng.u8(..));
        } else {
            bytes.extend_from_slice(PIECES[rng.usize(0..PIECES.len())]);
        }
    }
    bytes
}

/// The same without what no request can carry.
fn sendable(rng: &mut Rng, most: usize, also_not: &[u8]) -> Vec<u8> {
    let mut bytes = text(rng, most);
    bytes.retain(|byte| *byte > b' ' && *byte != 0x7f && *byte != b'\\' && !also_not.contains(byte));
    bytes
}

fn token(rng: &mut Rng) -> Vec<u8> {
    const NAMES: &[&[u8]] = &[
        b"x-a",
        b"X-B",
        b"content-type",
        b"range",
        b"x-amz-meta-a",
        b"X-Amz-Meta-B",
        b"accept",
        b"cookie",
        b"x-!#$%&'*+.^_`|~",
    ];
    NAMES[rng.usize(0..NAMES.len())].to_vec()
}

fn value(rng: &mut Rng) -> Vec<u8> {
    let mut bytes = text(rng, 6);
    bytes.retain(|byte| (*byte >= b' ' || *byte == b'\t') && *byte != 0x7f);
    bytes
}

// ---- the canonicaliser

fn canonical_input(rng: &mut Rng, keys: &Keys, seen: &Seen) -> std::result::Result<(), String> {
    let dialects = [&dialect::AWS, &dialect::SMITHY, &dialect::BOTOCORE];
    let service = [&b"s3"[..], b"execute-api", b"s3express", b"", b"\xff/"][rng.usize(0..5)];
    let settings = Settings {
        dialect: dialects[rng.usize(0..3)],
        // An ECDSA signature costs as much as a hundred others, and its canonical request is the same.
        algorithm: if rng.u16(0..1000) == 0 { Algorithm::Sigv4a } else { Algorithm::Sigv4 },
        region: [&b"us-east-1"[..], b"*", b"us-*,eu-west-1", b""][rng.usize(0..4)],
        service,
        unsigned_headers: [&b""[..], b"x-a", b"+user-agent x-b"][rng.usize(0..3)],
        double_encode_path: rng.bool(),
        normalize_path: rng.bool(),
        content_sha256_header: rng.bool(),
        unsigned_payload: rng.bool(),
        omit_session_token: rng.bool(),
    };
    let method = if rng.u8(0..10) == 0 { text(rng, 3) } else { b"GET".to_vec() };
    let (path, query, body) = (text(rng, 10), text(rng, 10), text(rng, 4));
    let count = rng.usize(0..6);
    let headers: Headers = (0..count)
        .map(|_| if rng.u8(0..8) == 0 { (text(rng, 3), text(rng, 5)) } else { (token(rng), value(rng)) })
        .collect();
    let payload = match rng.u8(0..4) {
        0 => Payload::Absent,
        1 => Payload::Unsigned,
        2 => Payload::Digest(&body),
        _ => Payload::Content(&body),
    };
    let date = AmzDate::at(if rng.u8(0..20) == 0 { rng.i64(..) } else { NOW });
    let published = keys.of(rng);
    let pairs = headers.iter().map(|(name, value)| (&name[..], &value[..]));
    let is_signed = match rng.u8(0..3) {
        0 => {
            let request = Prepared { method: &method, path: &path, query: &query, headers: pairs, payload };
            prepared::sign(published, &settings, date, request, |_| ()).is_ok()
        }
        kind => {
            let mut url = if rng.u8(0..10) == 0 { text(rng, 4) } else { b"https://host.example/".to_vec() };
            url.extend_from_slice(&path);
            url.push(b'?');
            url.extend_from_slice(&query);
            let request = Request { method: &method, url: &url, headers: pairs, payload };
            if kind == 1 {
                sign::sign_headers(published, &settings, date, request, |_| ()).is_ok()
            } else {
                let expires = if rng.u8(0..10) == 0 { rng.u64(..) } else { 60 };
                sign::presign(published, &settings, date, expires, request, |_| ()).is_ok()
            }
        }
    };
    if is_signed {
        Seen::count(&seen.signed);
    }
    Ok(())
}

// ---- the verifier

fn verify_input(rng: &mut Rng, keys: &Keys, seen: &Seen) -> std::result::Result<(), String> {
    match rng.u8(0..16) {
        0 | 1 => {
            garbage(rng);
            Ok(())
        }
        2 => chunked(rng, seen),
        _ => tampered(rng, keys, seen),
    }
}

fn expected<'a>(service: &'a str, token: Option<&'a str>, allow_unsigned: bool) -> Expected<'a> {
    Expected {
        service,
        region: "us-east-1",
        hosts: "host.example",
        secret_access_key: SECRET,
        session_token: token,
        now: NOW,
        max_skew: 900_000,
        allow_unsigned,
        allow_sigv4: true,
        allow_sigv4a: true,
        late_token: false,
        max_chunk: 1 << 20,
    }
}

/// Lines that look like a request, or like nothing.
fn garbage(rng: &mut Rng) {
    const WORDS: &[&[u8]] = &[
        b"\n",
        b"GET\n",
        b"/?",
        b"Authorization\n",
        b"AWS4-HMAC-SHA256 ",
        b"AWS4-ECDSA-P256-SHA256 ",
        b"Credential=",
        b"SignedHeaders=",
        b"Signature=",
        b", ",
        b"host",
        b";",
        b"AKIDEXAMPLE/20150830/us-east-1/s3/aws4_request",
        b"AKIDEXAMPLE/20150830/s3/aws4_request",
        b"x-amz-date\n20150830T123600Z\n",
        b"x-amz-region-set\n*\n",
        b"Date\nSun, 30 Aug 2015 12:36:00 GMT\n",
        b"host\nhost.example\n",
        b"X-Amz-Algorithm=AWS4-HMAC-SHA256&",
        b"X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1%2Fs3%2Faws4_request&",
        b"X-Amz-Date=20150830T123600Z&",
        b"X-Amz-Expires=60&",
        b"X-Amz-SignedHeaders=host&",
        b"X-Amz-Signature=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        b"x-amz-content-sha256\nSTREAMING-AWS4-HMAC-SHA256-PAYLOAD\n",
        b"x-amz-decoded-content-length\n5\n",
        b"\xff",
        b"30440220",
    ];
    let mut lines = if rng.bool() { b"GET\n/?".to_vec() } else { Vec::new() };
    for _ in 0..rng.usize(0..24) {
        lines.extend_from_slice(WORDS[rng.usize(0..WORDS.len())]);
    }
    lines.push(b'\n');
    let body = text(rng, 4);
    let _ = Received::parse(&lines).and_then(|received| {
        let claim = received.claim()?;
        let _ = received.needs_body(&claim);
        received.verify(
            &claim,
            &expected("s3", None, true),
            Some(&body).filter(|_| body.len() > 2).map(|body| &body[..]),
        )
    });
}

/// A request as it travels.
#[derive(Clone, Debug)]
struct Wire {
    method: Vec<u8>,
    target: Vec<u8>,
    headers: Headers,
    body: Vec<u8>,
}

impl Wire {
    fn lines(&self) -> Vec<u8> {
        let mut lines = [&self.method[..], b"\n", &self.target, b"\n"].concat();
        for (name, value) in &self.headers {
            lines.extend_from_slice(&[name, &b"\n"[..], value, b"\n"].concat());
        }
        lines
    }

    fn verified(&self, expected: &Expected<'_>) -> Result<PayloadProof> {
        let lines = self.lines();
        let received = Received::parse(&lines)?;
        let claim = received.claim()?;
        // The secret of another key id is another; a lookup would know none of these.
        let secret_access_key = if claim.access_key_id == KEY_ID { SECRET } else { "unknown" };
        let expected = Expected { secret_access_key, ..*expected };
        received.verify(&claim, &expected, Some(&self.body)).map(|verification| verification.payload)
    }
}

fn signed(rng: &mut Rng, keys: &Keys, service: &'static str) -> Option<(Wire, Option<&'static str>)> {
    let is_s3 = service == "s3";
    let settings = Settings {
        dialect: &dialect::AWS,
        algorithm: if rng.u8(0..100) == 0 { Algorithm::Sigv4a } else { Algorithm::Sigv4 },
        region: b"us-east-1",
        service: service.as_bytes(),
        unsigned_headers: b"",
        double_encode_path: !is_s3,
        normalize_path: !is_s3,
        content_sha256_header: is_s3,
        unsigned_payload: false,
        omit_session_token: false,
    };
    // What a client would send otherwise, and what a server cannot read in one way, is left to the tests.
    let path = [b"/p", &sendable(rng, 6, b"?#")[..]].concat();
    let path = if is_s3 {
        path
    } else {
        path.split(|&b| b == b'/')
            .filter(|s| !matches!(*s, b"" | b"." | b".."))
            .flat_map(|s| [b"/", s].concat())
            .collect()
    };
    let query = sendable(rng, 6, b"#");
    let lower = query.to_ascii_lowercase();
    if path.len() < 2
        || lower.windows(3).any(|three| three == b"amz")
        || lower.windows(2).any(|two| two == b"%4" || two == b"%5" || two == b"%6" || two == b"%7")
    {
        return None;
    }
    let mut names = Vec::new();
    let headers: Headers = (0..rng.usize(0..4))
        .map(|_| (token(rng), value(rng)))
        .filter(|(name, _)| {
            let lower = name.to_ascii_lowercase();
            let is_new = !names.contains(&lower);
            names.push(lower);
            is_new
        })
        .collect();
    let body = text(rng, 3);
    let (published, token) = if rng.bool() { (&keys.plain, None) } else { (&keys.temporary, Some(TOKEN)) };
    let url = [b"https://host.example", &path[..], b"?", &query].concat();
    let pairs = headers.iter().map(|(name, value)| (&name[..], &value[..]));
    let request = Request { method: b"PUT", url: &url, headers: pairs, payload: Payload::Content(&body) };
    let mut wire = Wire { method: b"PUT".to_vec(), target: Vec::new(), headers: headers.clone(), body: body.clone() };
    wire.headers.push((b"Host".to_vec(), b"host.example".to_vec()));
    let date = AmzDate::at(NOW);
    if rng.bool() {
        let (authorization, hash) = sign::sign_headers(published, &settings, date, request, |signature| {
            let mut text = Vec::new();
            signature.write_authorization(&mut text);
            (text, signature.content_sha256.map(<[u8]>::to_vec))
        })
        .ok()?;
        wire.target = [&path[..], b"?", &query].concat();
        wire.headers.push((b"X-Amz-Date".to_vec(), date.date_time().to_vec()));
        wire.headers.push((b"Authorization".to_vec(), authorization));
        wire.headers.extend(hash.map(|hash| (b"X-Amz-Content-Sha256".to_vec(), hash)));
        wire.headers.extend(token.map(|token| (b"X-Amz-Security-Token".to_vec(), token.as_bytes().to_vec())));
        if settings.algorithm == Algorithm::Sigv4a {
            wire.headers.push((b"X-Amz-Region-Set".to_vec(), b"us-east-1".to_vec()));
        }
    } else {
        let mut url = Vec::new();
        sign::presign(published, &settings, date, 60, request, |signature| signature.write_url(&mut url)).ok()?;
        wire.target = url[b"https://host.example".len()..].to_vec();
    }
    // What the signer had to encode for sending, it sends encoded.
    if wire.headers.iter().any(|(name, _)| name == b"Authorization") {
        wire.target = wire
            .target
            .iter()
            .flat_map(|&byte| if byte.is_ascii_graphic() { vec![byte] } else { format!("%{byte:02X}").into_bytes() })
            .collect();
    }
    Some((wire, token))
}

fn tampered(rng: &mut Rng, keys: &Keys, seen: &Seen) -> std::result::Result<(), String> {
    let service = if rng.bool() { "s3" } else { "execute-api" };
    let Some((wire, token)) = signed(rng, keys, service) else { return Ok(()) };
    Seen::count(&seen.signed);
    let expected = expected(service, token, false);
    if let Err(error) = wire.verified(&expected) {
        return Err(format!("what was signed is refused: {error}\n{}", shown(&wire)));
    }
    Seen::count(&seen.accepted);
    for _ in 0..3 {
        let mut changed = wire.clone();
        change(rng, &mut changed);
        let is_accepted = changed.verified(&expected).is_ok();
        match (is_accepted, meaning(&changed, service) == meaning(&wire, service)) {
            (true, false) => {
                return Err(format!("a change is accepted\n{}\nbecame\n{}", shown(&wire), shown(&changed)));
            }
            (true, true) => Seen::count(&seen.equal),
            (false, _) => Seen::count(&seen.refused),
        }
    }
    Ok(())
}

fn shown(wire: &Wire) -> String {
    format!("{}\n{}", String::from_utf8_lossy(&wire.lines()).escape_debug(), wire.body.escape_ascii())
}

/// One change, of a byte or of a whole part.
fn change(rng: &mut Rng, wire: &mut Wire) {
    let at = rng.usize(0..wire.headers.len());
    let part = match rng.u8(0..8) {
        0 => &mut wire.method,
        1..=3 => &mut wire.target,
        4 => &mut wire.headers[at].0,
        5 | 6 => &mut wire.headers[at].1,
        _ => &mut wire.body,
    };
    if part.is_empty() {
        part.push(rng.u8(..));
        return;
    }
    let place = rng.usize(0..part.len());
    match rng.u8(0..8) {
        0 => {
            part.remove(place);
        }
        1 => part.insert(place, rng.u8(..)),
        2 => {
            let end = (place + rng.usize(1..8)).min(part.len());
            let again = part[place..end].to_vec();
            part.splice(place..place, again);
        }
        3 => part[place] ^= 0x20,
        4 => {
            let piece = PIECES[rng.usize(0..PIECES.len())];
            part.splice(place..place, piece.iter().copied());
        }
        5 if part[place] != b'%' => {
            let encoded = format!("%{:02x}", part[place]);
            part.splice(place..=place, encoded.bytes());
        }
        6 => {
            let other = wire.headers[rng.usize(0..wire.headers.len())].clone();
            wire.headers.push(other);
        }
        _ => part[place] = rng.u8(..),
    }
}

// ---- what a request means, written a second time, for clearness alone

/// Everything of a request that its signature covers, and the signature itself. Two requests with one meaning are the same to
/// whoever holds the key.
fn meaning(wire: &Wire, service: &str) -> Vec<Vec<u8>> {
    let (path, query) = split(&wire.target, b'?');
    let mut parameters: Vec<(Vec<u8>, Vec<u8>)> = query
        .split(|&byte| byte == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| split(pair, b'='))
        .map(|(name, value)| (decoded(name, true), decoded(value, true)))
        .collect();
    parameters.sort();
    let authorization = values(wire, b"authorization");
    let signed_headers = match authorization.first() {
        Some(text) => after(text, b"SignedHeaders="),
        None => parameters
            .iter()
            .find(|(name, _)| is(name, b"x-amz-signedheaders"))
            .map_or(vec![], |(_, value)| value.clone()),
    };
    let path = if service == "s3" { decoded_segments(path) } else { sent(path) };
    let mut meaning = vec![wire.method.to_ascii_uppercase(), path];
    for (name, value) in parameters {
        meaning.push(name);
        meaning.push(value);
    }
    for name in signed_headers.split(|&byte| byte == b';') {
        meaning.push(name.to_vec());
        meaning.push(values(wire, name).join(&b','));
    }
    meaning.push(after(authorization.first().map_or(&[], |text| &text[..]), b"Credential="));
    meaning.push(after(authorization.first().map_or(&[], |text| &text[..]), b"Signature="));
    meaning.push(signed_headers);
    meaning.push(wire.body.clone());
    meaning
}

fn is(name: &[u8], other: &[u8]) -> bool {
    name.eq_ignore_ascii_case(other)
}

fn split(bytes: &[u8], at: u8) -> (&[u8], &[u8]) {
    match bytes.iter().position(|&byte| byte == at) {
        Some(place) => (&bytes[..place], &bytes[place + 1..]),
        None => (bytes, &[]),
    }
}

fn after(text: &[u8], name: &[u8]) -> Vec<u8> {
    let Some(at) = text.windows(name.len()).position(|window| window == name) else { return Vec::new() };
    text[at + name.len()..].iter().copied().take_while(|byte| !matches!(byte, b',' | b' ' | b'\t')).collect()
}

/// The values of a header as they are signed.
fn values(wire: &Wire, name: &[u8]) -> Vec<Vec<u8>> {
    let collapsed = |value: &[u8]| {
        value.split(|byte| matches!(byte, b' ' | b'\t')).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(&b' ')
    };
    wire.headers.iter().filter(|(other, _)| is(other, name)).map(|(_, value)| collapsed(value)).collect()
}

fn decoded(bytes: &[u8], plus_is_space: bool) -> Vec<u8> {
    let mut result = Vec::new();
    let mut rest = bytes;
    while let Some((&byte, tail)) = rest.split_first() {
        let hex = tail.get(..2).filter(|digits| byte == b'%' && digits.iter().all(u8::is_ascii_hexdigit));
        if let Some(byte) = hex.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()) {
            result.push(byte);
            rest = &tail[2..];
        } else {
            result.push(if byte == b'+' && plus_is_space { b' ' } else { byte });
            rest = tail;
        }
    }
    result
}

/// The segments of a key, decoded; an encoded slash stays apart from a plain one.
fn decoded_segments(path: &[u8]) -> Vec<u8> {
    path.split(|&byte| byte == b'/').flat_map(|segment| [&decoded(segment, false)[..], b"\n"].concat()).collect()
}

/// What a path is when what no client sends as it is was sent encoded.
fn sent(path: &[u8]) -> Vec<u8> {
    const AS_IT_IS: &[u8] = b"-._~/!$%&'()*+,:;=@[]^|";
    let encode = |byte: u8| {
        if byte.is_ascii_alphanumeric() || AS_IT_IS.contains(&byte) {
            vec![byte]
        } else {
            format!("%{byte:02X}").into_bytes()
        }
    };
    path.iter().flat_map(|&byte| encode(byte)).collect()
}

// ---- aws-chunked bodies

/// A chunked upload that is accepted however it is cut, and refused, or decoded to the same, when a byte of it is changed.
fn chunked(rng: &mut Rng, seen: &Seen) -> std::result::Result<(), String> {
    let contents: Vec<Vec<u8>> =
        (0..rng.usize(0..4)).map(|_| text(rng, 8)).filter(|content| !content.is_empty()).collect();
    let content = contents.concat();
    let length = content.len().to_string();
    let date = AmzDate::at(NOW);
    let key = SigningKey::from_secret(KEY_ID, SECRET, date, b"us-east-1", b"s3");
    let names = "host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-trailer";
    let lines_with = |signature: &str| {
        format!(
            "PUT\n/b/k\nhost\nhost.example\nx-amz-date\n20150830T123600Z\nx-amz-content-sha256\n\
             STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER\nx-amz-decoded-content-length\n{length}\nx-amz-trailer\n\
             x-amz-checksum-crc32\nauthorization\nAWS4-HMAC-SHA256 Credential={KEY_ID}/20150830/us-east-1/s3/aws4_request, \
             SignedHeaders={names}, Signature={signature}\n"
        )
    };
    let mut seed = [b'0'; 64];
    let mut settings = base_settings();
    settings.service = b"s3";
    let headers = [
        (&b"host"[..], &b"host.example"[..]),
        (b"x-amz-date", b"20150830T123600Z"),
        (b"x-amz-content-sha256", b"STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"),
        (b"x-amz-decoded-content-length", length.as_bytes()),
        (b"x-amz-trailer", b"x-amz-checksum-crc32"),
    ];
    let keys = Published::new(KEY_ID, SECRET, None, None, NOW).unwrap();
    let request = Prepared {
        method: b"PUT",
        path: b"/b/k",
        query: b"",
        headers: headers.into_iter(),
        payload: Payload::Digest(b"STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"),
    };
    prepared::sign(&keys, &settings, date, request, |made| seed.copy_from_slice(&made.signature))
        .map_err(|e| e.to_string())?;
    let mut previous = seed;
    let mut body = Vec::new();
    for chunk in contents.iter().map(|content| &content[..]).chain([&b""[..]]) {
        previous = sign_chunk(&key, date, &previous, chunk);
        body.extend_from_slice(format!("{:x};chunk-signature={}\r\n", chunk.len(), ascii(&previous)).as_bytes());
        body.extend_from_slice(chunk);
        if !chunk.is_empty() {
            body.extend_from_slice(b"\r\n");
        }
    }
    let checksum = base64(&crc32(&content).to_be_bytes());
    let trailer = sign_trailer(&key, date, &previous, format!("x-amz-checksum-crc32:{checksum}\n").as_bytes());
    body.extend_from_slice(
        format!("x-amz-checksum-crc32:{checksum}\r\nx-amz-trailer-signature:{}\r\n\r\n", ascii(&trailer)).as_bytes(),
    );
    let lines = lines_with(&ascii(&seed));
    Seen::count(&seen.signed);
    let decoded = decode(rng, &lines, &body).map_err(|error| format!("a chunked body is refused: {error}"))?;
    if decoded != content {
        return Err("a chunked body was decoded to another".to_owned());
    }
    Seen::count(&seen.accepted);
    let mut wire = Wire { method: Vec::new(), target: body.clone(), headers: vec![(vec![], vec![])], body: Vec::new() };
    while wire.target == body {
        change(rng, &mut wire);
    }
    match decode(rng, &lines, &wire.target) {
        Ok(decoded) if decoded == content => Seen::count(&seen.equal),
        Ok(_) => return Err(format!("a changed body is accepted: {}", wire.target.escape_ascii())),
        Err(_) => Seen::count(&seen.refused),
    }
    Ok(())
}

fn base_settings() -> Settings<'static> {
    Settings {
        dialect: &dialect::AWS,
        algorithm: Algorithm::Sigv4,
        region: b"us-east-1",
        service: b"execute-api",
        unsigned_headers: b"",
        double_encode_path: false,
        normalize_path: false,
        content_sha256_header: false,
        unsigned_payload: false,
        omit_session_token: false,
    }
}

fn ascii(text: &[u8; 64]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

/// Decodes a body that arrives in random pieces.
fn decode(rng: &mut Rng, lines: &str, body: &[u8]) -> Result<Vec<u8>> {
    let received = Received::parse(lines.as_bytes())?;
    let claim = received.claim()?;
    let mut verifier = received.verify(&claim, &expected("s3", None, false), None)?.body;
    let mut decoded = Vec::new();
    let mut rest = body;
    while !rest.is_empty() {
        let (piece, tail) = rest.split_at(rng.usize(1..=rest.len()));
        verifier.push(piece, &mut decoded)?;
        rest = tail;
    }
    verifier.finish().map(|()| decoded)
}

/// The checksum bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    })
}

fn base64(bytes: &[u8; 4]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let number = u64::from(u32::from_be_bytes(*bytes)) << 4;
    let digit = |place: u32| char::from(DIGITS[(number >> (30 - 6 * place) & 63) as usize]);
    (0..6).map(digit).chain(['=', '=']).collect()
}

// ---- the program

#[allow(dead_code, reason = "a test includes this file for the functions above")]
fn main() {
    let mut plan =
        Plan { canonical: 10_000_000, verify: 1_000_000, seed: fastrand::u64(..), from: 0, threads: 0, progress: true };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let Some(number) = arguments.next().and_then(|text| text.parse().ok()) else {
            println!("{name} needs a number");
            std::process::exit(2);
        };
        match &name[..] {
            "--canonical" => plan.canonical = number,
            "--verify" => plan.verify = number,
            "--seed" => plan.seed = number,
            "--from" => plan.from = number,
            "--threads" => plan.threads = number,
            _ => {
                println!("{name} is none of --canonical, --verify, --seed, --from, --threads");
                std::process::exit(2);
            }
        }
    }
    if plan.threads == 0 {
        plan.threads = std::thread::available_parallelism().map_or(1, |count| count.get() as u64);
    }
    println!("{} canonical, {} verify, --seed {}", plan.canonical, plan.verify, plan.seed);
    let started = std::time::Instant::now();
    match run(plan) {
        Ok(seen) => println!("no failure in {:.1} s: {seen:?}", started.elapsed().as_secs_f64()),
        Err(why) => {
            println!("FAILED {why}");
            std::process::exit(1);
        }
    }
}
