//! Random aws-chunked bodies, as they were signed and with a change.

use super::texts::text;
use super::wire::{Wire, change, expected};
use super::{KEY_ID, NOW, SECRET, Seen};
use aws_refresh_session_core::Result;
use aws_refresh_session_core::clock::AmzDate;
use aws_refresh_session_core::credentials::Published;
use aws_refresh_session_core::sign::chunk::{sign_chunk, sign_trailer};
use aws_refresh_session_core::sign::key::SigningKey;
use aws_refresh_session_core::sign::prepared::{self, Prepared};
use aws_refresh_session_core::sign::{Algorithm, Payload, Settings, dialect};
use aws_refresh_session_core::verify::Received;
use fastrand::Rng;

/// A chunked upload that is accepted however it is cut, and refused, or decoded to the same, when a byte of it is changed.
pub(crate) fn chunked(rng: &mut Rng, seen: &Seen) -> std::result::Result<(), String> {
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
    let mut first = [b'0'; 64];
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
    prepared::sign(&keys, &settings, date, request, |made| first.copy_from_slice(&made.signature))
        .map_err(|e| e.to_string())?;
    let mut previous = first;
    let mut body = Vec::new();
    for chunk in contents.iter().map(|content| &content[..]).chain([&b""[..]]) {
        previous = sign_chunk(&key, date, &previous, chunk);
        body.extend_from_slice(format!("{:x};chunk-signature={}\r\n", chunk.len(), ascii(&previous)).as_bytes());
        body.extend_from_slice(chunk);
        if !chunk.is_empty() {
            body.extend_from_slice(b"\r\n");
        }
    }
    let checksum = base64(crc32(&content).to_be_bytes());
    let trailer = sign_trailer(&key, date, &previous, format!("x-amz-checksum-crc32:{checksum}\n").as_bytes());
    body.extend_from_slice(
        format!("x-amz-checksum-crc32:{checksum}\r\nx-amz-trailer-signature:{}\r\n\r\n", ascii(&trailer)).as_bytes(),
    );
    let lines = lines_with(&ascii(&first));
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

fn base64(bytes: [u8; 4]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let number = u64::from(u32::from_be_bytes(bytes)) << 4;
    let digit = |place: u32| char::from(DIGITS[(number >> (30 - 6 * place) & 63) as usize]);
    (0..6).map(digit).chain(['=', '=']).collect()
}
