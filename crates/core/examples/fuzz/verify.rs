//! Random requests to the verifier: nonsense, and signed ones that are changed.

use super::chunks::chunked;
use super::meaning::meaning;
use super::texts::{sendable, text, token, value};
use super::wire::{Wire, change, expected, shown};
use super::{Headers, Keys, NOW, Seen, TOKEN};
use aws_refresh_session_core::clock::AmzDate;
use aws_refresh_session_core::sign::{self, Algorithm, Payload, Request, Settings, dialect};
use aws_refresh_session_core::verify::Received;
use fastrand::Rng;

pub(crate) fn verify_input(rng: &mut Rng, keys: &Keys, seen: &Seen) -> Result<(), String> {
    match rng.u8(0..16) {
        0 | 1 => {
            garbage(rng);
            Ok(())
        }
        2 => chunked(rng, seen),
        _ => tampered(rng, keys, seen),
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

fn tampered(rng: &mut Rng, keys: &Keys, seen: &Seen) -> Result<(), String> {
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
