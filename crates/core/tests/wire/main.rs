//! Frames: what they hold, what they refuse and what they answer.
#![allow(missing_docs, reason = "tests")]

mod batches;
mod damaged;
#[path = "../support/mod.rs"]
mod support;

use aws_refresh_session_core::cell::{self, Handle};
use aws_refresh_session_core::clock::Millis;
use aws_refresh_session_core::credentials::Published;
use aws_refresh_session_core::refresh::{Policy, PolicyKind};
use aws_refresh_session_core::wire::flag::{
    BODY_BYTES, BODY_DIGEST, BODY_TEXT, BODY_UNSIGNED, CONTENT_SHA256_HEADER, ENGINE_AWS_SIGV4, UNSIGNED_PAYLOAD,
};
use aws_refresh_session_core::wire::{self, Answer, Batch, HEADER};
use aws_refresh_session_core::{Error, ErrorKind};
use support::{Frame, KEY_ID, NOW, SECRET, WINDOWS, answered, doubles, fails, field, triple};

const TOKEN: &str = "token+/of+a+session==";
/// SHA-256 of nothing and of `abc` (FIPS 180-4).
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

/// A cell that holds a triple with a token for ever.
fn opened() -> (Handle, u64) {
    let handle = cell::open(WINDOWS).expect("opens");
    let version = cell::get(handle).expect("is open").publish(triple(KEY_ID, SECRET, Some(TOKEN)), NOW);
    (handle, version)
}

fn frame(url: &str) -> Frame {
    let (handle, version) = opened();
    Frame::new(handle, version, url)
}

fn sign(frame: &Frame, body: Option<&[u8]>) -> Result<String, Error> {
    let mut bytes = frame.bytes();
    wire::sign(&mut bytes, body).map(|answer| answered(&bytes, answer))
}

fn presign(frame: &Frame, body: Option<&[u8]>) -> Result<String, Error> {
    let mut bytes = frame.bytes();
    wire::presign(&mut bytes, body).map(|answer| answered(&bytes, answer))
}

fn kind(result: Result<String, Error>) -> ErrorKind {
    result.expect_err("must be refused").kind()
}

#[test]
fn the_answer_holds_the_header_and_the_hash_only_when_it_travels() {
    let plain = sign(&frame("https://h/").header("X-Amz-Target", "a"), None).expect("signs");
    let start = format!("AWS4-HMAC-SHA256 Credential={KEY_ID}/20150830/us-east-1/service/aws4_request, SignedHeaders=");
    assert!(plain.starts_with(&start), "{plain}");
    assert_eq!(field(&plain, "SignedHeaders="), "host;x-amz-date;x-amz-security-token;x-amz-target");
    assert!(!plain.contains('\n'));
    let hashed = sign(&frame("https://h/").flags(CONTENT_SHA256_HEADER), None).expect("signs");
    assert_eq!(hashed.lines().nth(1), Some(EMPTY));
    assert!(field(&hashed, "SignedHeaders=").contains("x-amz-content-sha256"));
    for frame in [frame("https://h/").flags(BODY_UNSIGNED), frame("https://h/").flags(UNSIGNED_PAYLOAD)] {
        let unsigned = sign(&frame, None).expect("signs");
        assert_eq!(unsigned.lines().nth(1), Some("UNSIGNED-PAYLOAD"));
        assert!(field(&unsigned, "SignedHeaders=").contains("x-amz-content-sha256"));
    }
}

#[test]
fn an_explanation_tells_what_was_signed() {
    let signing = frame("https://h/p?b=2&a=1").header("content-type", "text/plain").flags(BODY_TEXT).tail(b"abc");
    let told = wire::explain(&signing.bytes(), None).expect("explains");
    assert_eq!(told.result, sign(&signing, None).expect("signs"));
    assert_eq!(told.signature, field(&told.result, "Signature="));
    assert_eq!(told.signed_headers, "content-type;host;x-amz-date;x-amz-security-token");
    assert_eq!(
        told.canonical_request,
        format!(
            "GET\n/p\na=1&b=2\ncontent-type:text/plain\nhost:h\nx-amz-date:20150830T123600Z\n\
             x-amz-security-token:{TOKEN}\n\ncontent-type;host;x-amz-date;x-amz-security-token\n{ABC}"
        )
    );
    assert!(told.string_to_sign.starts_with("AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/service/"));
    let presigning = signing.expires_in(60.0);
    let told = wire::explain(&presigning.bytes(), None).expect("explains");
    assert_eq!(told.result, presign(&presigning, None).expect("presigns"));
    assert_eq!(told.signed_headers, "content-type;host");
}

#[test]
fn an_empty_body_is_a_body_but_only_a_presigned_url_of_s3_can_tell() {
    let s3 = CONTENT_SHA256_HEADER;
    for flags in [0, s3] {
        let absent = sign(&frame("https://h/").flags(flags), None).expect("signs");
        assert_eq!(sign(&frame("https://h/").flags(flags | BODY_TEXT), None).expect("signs"), absent);
        assert_eq!(sign(&frame("https://h/").flags(flags | BODY_BYTES), Some(b"")).expect("signs"), absent);
    }
    let presigned = |flags, body| presign(&frame("https://h/").flags(flags).expires_in(9.0), body).expect("presigns");
    let parameter =
        |url: &str| url.contains("X-Amz-Content-Sha256=").then(|| field(url, "X-Amz-Content-Sha256=").to_owned());
    assert_eq!(parameter(&presigned(0, None)), None);
    assert_eq!(presigned(BODY_TEXT, None), presigned(0, None));
    assert_eq!(parameter(&presigned(s3, None)), None, "S3 takes it for unsigned");
    assert_eq!(parameter(&presigned(s3 | BODY_TEXT, None)).as_deref(), Some(EMPTY));
    assert_eq!(parameter(&presigned(s3 | BODY_BYTES, Some(b"abc"))).as_deref(), Some(ABC));
    assert_eq!(parameter(&presigned(BODY_UNSIGNED, None)).as_deref(), Some("UNSIGNED-PAYLOAD"));
}

#[test]
fn a_body_signs_the_same_as_text_as_bytes_and_as_its_digest() {
    let signed = |flags, tail: &[u8], body| sign(&frame("https://h/").flags(flags).tail(tail), body).expect("signs");
    for flags in [0, CONTENT_SHA256_HEADER] {
        let text = signed(flags | BODY_TEXT, b"abc", None);
        assert_eq!(signed(flags | BODY_BYTES, b"", Some(b"abc")), text);
        assert_eq!(signed(flags | BODY_DIGEST, ABC.as_bytes(), None), text);
        assert_eq!(signed(flags | BODY_DIGEST, ABC.to_ascii_uppercase().as_bytes(), None), text);
        assert_ne!(signed(flags, b"", None), text);
        // Said of one request, a digest counts more than the setting of the signer.
        let own = signed(flags | BODY_DIGEST | UNSIGNED_PAYLOAD, ABC.as_bytes(), None);
        assert_eq!(field(&own, "Signature="), field(&text, "Signature="));
    }
    let body: Vec<u8> = (0..=255).collect();
    assert_eq!(signed(BODY_BYTES, b"", Some(&body)), signed(BODY_TEXT, &body, None));
}

#[test]
fn digests_that_are_none_and_missing_bodies_are_refused() {
    let (short, long) = (&ABC[1..], format!("{ABC}0"));
    let not_hex = ABC.replace('b', "g");
    for digest in ["", short, &long, &not_hex, "STREAMING-\n", "unsigned-payload"] {
        for engine in [0, ENGINE_AWS_SIGV4] {
            let frame = frame("https://h/").flags(BODY_DIGEST | engine).tail(digest.as_bytes()).expires_in(9.0);
            assert_eq!(kind(sign(&frame, None)), ErrorKind::SignPayload, "{digest:?}");
            assert_eq!(kind(presign(&frame, None)), ErrorKind::SignPayload, "{digest:?}");
        }
    }
    assert_eq!(kind(sign(&frame("https://h/").flags(BODY_BYTES), None)), ErrorKind::Frame);
}

#[test]
fn no_field_can_smuggle_in_a_line() {
    let fresh = || frame("https://h/").header("x-amz-meta-a", "value").expires_in(60.0);
    for injected in ["\n", "a\n", "\na", "a\nb", "a\n\nb", "\r\nx-evil: 1", "a\nx-evil\nb"] {
        type Field = fn(&mut Frame) -> &mut String;
        let fields: [(&str, Field); 7] = [
            ("region", |frame| &mut frame.region),
            ("service", |frame| &mut frame.service),
            ("unsigned headers", |frame| &mut frame.unsigned_headers),
            ("method", |frame| &mut frame.method),
            ("url", |frame| &mut frame.url),
            ("header name", |frame| &mut frame.headers[0].0),
            ("header value", |frame| &mut frame.headers[0].1),
        ];
        for (name, field) in fields {
            for engine in [0, ENGINE_AWS_SIGV4] {
                let mut frame = fresh().flags(engine);
                field(&mut frame).push_str(injected);
                if injected.contains('\n') {
                    assert_eq!(kind(sign(&frame, None)), ErrorKind::SignHeader, "{name} {injected:?}");
                    assert_eq!(kind(presign(&frame, None)), ErrorKind::SignHeader, "{name} {injected:?}");
                    let error = wire::explain(&frame.bytes(), None).expect_err("must be refused");
                    assert_eq!(error.kind(), ErrorKind::SignHeader, "{name} {injected:?}");
                }
            }
        }
    }
    // Not even two wrongs make a right: one line too many and a header count to match it.
    let mut frame = fresh();
    frame.headers[0].1.push_str("\nx-evil\n1");
    let mut bytes = frame.bytes();
    bytes[5 * 8..6 * 8].copy_from_slice(&2.0_f64.to_le_bytes());
    let told = wire::explain(&bytes, None).expect("a frame with two headers");
    assert_eq!(told.signed_headers, "host;x-amz-meta-a;x-evil", "the count is the caller's word for what it wrote");
}

#[test]
fn a_head_that_does_not_end_with_its_last_line_is_refused() {
    let mut frame = frame("https://h/").header("x-amz-meta-a", "value");
    frame.expires_in = 60.0;
    for (last, count) in [("rest", 1), ("x-amz-meta-b\nvalue", 2), ("x-amz-meta-b\n", 1)] {
        frame.tail = last.as_bytes().to_vec();
        let mut bytes = frame.bytes();
        #[allow(clippy::cast_precision_loss, reason = "a short text")]
        let length = (frame.head().len() + last.len()) as f64;
        bytes[5 * 8..8 * 8].copy_from_slice(&doubles(&[f64::from(count), length, 0.0]));
        assert_eq!(
            wire::sign(&mut bytes.clone(), None).expect_err("refused").kind(),
            ErrorKind::SignHeader,
            "{last:?}"
        );
        assert_eq!(
            wire::presign(&mut bytes.clone(), None).expect_err("refused").kind(),
            ErrorKind::SignHeader,
            "{last:?}"
        );
        assert_eq!(wire::explain(&bytes, None).expect_err("refused").kind(), ErrorKind::SignHeader, "{last:?}");
    }
}

#[test]
fn carriage_returns_and_nuls_are_refused_wherever_they_stand() {
    for control in ["\r", "\0", "\u{b}", "\u{7f}", "\u{1b}"] {
        for engine in [0, ENGINE_AWS_SIGV4] {
            let frame = |url: &str| frame(url).flags(engine).expires_in(60.0);
            let refused = |frame: &Frame, expected| {
                assert_eq!(kind(sign(frame, None)), expected, "{control:?} {frame:?}");
                assert_eq!(kind(presign(frame, None)), expected, "{control:?} {frame:?}");
            };
            refused(&frame("https://h/").header("x-amz-meta-a", &format!("a{control}b")), ErrorKind::SignHeader);
            refused(&frame("https://h/").header("x-amz-meta-a", control), ErrorKind::SignHeader);
            refused(&frame("https://h/").header(&format!("x{control}a"), "value"), ErrorKind::SignHeader);
            // Also where the header itself stays unsigned: it would be sent all the same.
            refused(&frame("https://h/").header("user-agent", &format!("a{control}")), ErrorKind::SignHeader);
            refused(&frame(&format!("https://h/a{control}b")), ErrorKind::SignUrl);
            refused(&frame(&format!("https://h/?a{control}b")), ErrorKind::SignUrl);
            refused(&frame(&format!("https://h{control}/")), ErrorKind::SignUrl);
            if engine == 0 {
                let mut frame = frame("https://h/");
                frame.method.push_str(control);
                refused(&frame, ErrorKind::SignMethod);
            }
        }
    }
    for name in ["", " ", "a b", "a:b", "é", "a\u{212a}"] {
        for engine in [0, ENGINE_AWS_SIGV4] {
            assert_eq!(
                kind(sign(&frame("https://h/").flags(engine).header(name, "value"), None)),
                ErrorKind::SignHeader
            );
        }
    }
}

#[test]
fn an_answer_that_does_not_fit_says_how_much_room_it_needs_and_changes_nothing() {
    for presigned in [false, true] {
        for engine in [0, ENGINE_AWS_SIGV4] {
            let mut frame = frame("https://h/").flags(engine | CONTENT_SHA256_HEADER).expires_in(60.0);
            let whole = if presigned { presign(&frame, None) } else { sign(&frame, None) }.expect("fits");
            let run =
                |bytes: &mut Vec<u8>| if presigned { wire::presign(bytes, None) } else { wire::sign(bytes, None) };
            frame.room = 0;
            let mut bytes = frame.bytes();
            let before = bytes.clone();
            assert!(bytes.len() < HEADER + whole.len(), "the frame is shorter than its answer");
            let error = run(&mut bytes).expect_err("does not fit");
            assert_eq!(error.kind(), ErrorKind::Frame);
            assert_eq!(bytes, before, "the frame can be used again");
            let needed = HEADER + whole.len();
            assert!(error.to_string().contains(&needed.to_string()), "{error}");
            bytes.resize(needed - 1, 0);
            assert_eq!(run(&mut bytes).expect_err("one byte short").kind(), ErrorKind::Frame);
            bytes.resize(needed, 0);
            let answer = run(&mut bytes).expect("fits");
            assert_eq!(answered(&bytes, answer), whole);
        }
    }
}

#[test]
fn a_presigned_url_lives_one_second_to_seven_days() {
    for engine in [0, ENGINE_AWS_SIGV4] {
        let lives = |seconds| presign(&frame("https://h/").flags(engine).expires_in(seconds), None);
        for seconds in [1.0, 2.0, 3_600.0, 604_799.0, 604_800.0] {
            let url = lives(seconds).expect("presigns");
            assert_eq!(field(&url, "X-Amz-Expires="), format!("{seconds}"));
        }
        for seconds in
            [0.0, -0.0, -1.0, 0.5, 1.5, 604_800.5, 604_801.0, 1e300, f64::NAN, f64::INFINITY, f64::NEG_INFINITY]
        {
            assert_eq!(kind(lives(seconds)), ErrorKind::SignExpires, "{seconds}");
            let bytes = frame("https://h/").flags(engine).expires_in(seconds).bytes();
            let batch = Batch::new(&bytes, b"https://h/", 0).expect("the cell is open");
            assert_eq!(batch.presign().expect_err("refused").kind(), ErrorKind::SignExpires, "{seconds}");
        }
    }
}

#[test]
fn a_frame_learns_that_its_triple_is_gone_or_due() {
    let minute: Millis = 60_000;
    let policy = Policy { kind: PolicyKind::Windows, advisory: 15 * minute, mandatory: 10 * minute };
    let handle = cell::open(policy).expect("opens");
    let cell = cell::get(handle).expect("is open");
    let publish = || {
        let published = Published::new(KEY_ID, SECRET, Some(TOKEN), Some(NOW + 60 * minute), NOW).expect("whole");
        cell.publish(published, NOW)
    };
    #[allow(clippy::cast_precision_loss, reason = "an instant of the tests")]
    let ask = |version, now: Millis| {
        let mut frame = Frame::new(handle, version, "https://h/").expires_in(60.0);
        frame.now = now as f64;
        let mut bytes = frame.bytes();
        let signed = wire::sign(&mut bytes, None).expect("the cell is open");
        let presigned = wire::presign(&mut frame.bytes(), None).expect("the cell is open");
        // The lengths differ; all else is decided alike.
        if !matches!((signed, presigned), (Answer::Signed { .. }, Answer::Signed { .. })) {
            assert_eq!(signed, presigned);
        }
        signed
    };
    let advised = |answer| match answer {
        Answer::Signed { refresh_advised, .. } => refresh_advised,
        other => panic!("{other:?}"),
    };
    assert_eq!(ask(1, NOW), Answer::RefreshRequired);
    let version = publish();
    assert!(!advised(ask(version, NOW + 45 * minute)));
    assert!(advised(ask(version, NOW + 45 * minute + 1)));
    assert!(advised(ask(version, NOW + 50 * minute)));
    assert_eq!(ask(version, NOW + 50 * minute + 1), Answer::RefreshRequired);
    fails(handle, NOW + 46 * minute);
    assert!(!advised(ask(version, NOW + 46 * minute)), "the one who asked is told off for a while");
    fails(handle, NOW + 51 * minute);
    assert_eq!(ask(version, NOW + 51 * minute), Answer::RejectKept);
    let next = publish();
    assert_eq!(ask(version, NOW), Answer::VersionChanged);
    assert!(!advised(ask(next, NOW)));
    let bytes = Frame::new(handle, version, "").expires_in(60.0).bytes();
    assert!(Batch::new(&bytes, b"https://h/", 0).is_err(), "a batch begins with the triple its caller knows");
    cell.invalidate(None);
    assert_eq!(ask(next, NOW), Answer::RefreshRequired);
    cell::close(handle);
    let error = wire::sign(&mut Frame::new(handle, next, "https://h/").bytes(), None).expect_err("is closed");
    assert_eq!(error.kind().code(), "ERR_CLOSED");
}

#[test]
fn an_answer_crosses_as_one_number() {
    let signed = |length, refresh_advised| Answer::Signed { length, refresh_advised }.to_number();
    assert_eq!(signed(300, false), 300);
    assert_eq!(signed(300, true), 300 + (1 << 30));
    assert!(signed((1 << 30) - 1, true) > 0);
    assert_eq!(
        [Answer::RefreshRequired, Answer::RejectKept, Answer::VersionChanged].map(Answer::to_number),
        [-1, -2, -3]
    );
}

#[test]
fn no_number_but_the_handle_itself_names_a_cell() {
    let (handle, version) = opened();
    let bits = handle.to_bits();
    for other in [bits + (1 << 53), bits + (1 << 54), bits | (1 << 63), bits ^ (1 << 52), u64::MAX, 0] {
        assert!(cell::get(Handle::from_bits(other)).is_err(), "{other:#x} names {bits:#x}");
    }
    assert!(cell::get(Handle::from_bits(bits)).is_ok());
    for number in [f64::NAN, -1.0, f64::NEG_INFINITY, f64::INFINITY, 1e300, 0.0, 0.9] {
        let mut frame = Frame::new(handle, version, "https://h/");
        frame.handle = number;
        assert_eq!(kind(sign(&frame, None)), ErrorKind::Closed, "{number}");
    }
}
