//! Random requests to the canonicaliser, in all dialects.

use super::texts::{text, token, value};
use super::{Headers, Keys, NOW, Seen};
use aws_refresh_session_core::clock::AmzDate;
use aws_refresh_session_core::sign::prepared::{self, Prepared};
use aws_refresh_session_core::sign::{self, Algorithm, Payload, Request, Settings, dialect};
use fastrand::Rng;

#[allow(clippy::unnecessary_wraps, reason = "the form of every input")]
pub(crate) fn canonical_input(rng: &mut Rng, keys: &Keys, seen: &Seen) -> Result<(), String> {
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
