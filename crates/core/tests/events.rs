//! Event streams against the aws-sigv4 crate, which signs them, and aws-smithy-eventstream, which writes and reads them.
#![allow(missing_docs, reason = "tests")]

mod support;

use aws_credential_types::Credentials;
use aws_refresh_session_core::ErrorKind;
use aws_refresh_session_core::cell::{self, Handle};
use aws_refresh_session_core::clock::AmzDate;
use aws_refresh_session_core::sign::event::{EventChain, MAX_HEADERS, MAX_MESSAGE, sign_event, write_message};
use aws_refresh_session_core::sign::key::SigningKey;
use aws_refresh_session_core::wire::Frozen;
use aws_sigv4::event_stream::{sign_empty_message, sign_message};
use aws_sigv4::sign::v4;
use aws_smithy_eventstream::frame::{read_message_from, write_headers_to, write_message_to};
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use bytes::Bytes;
use fastrand::Rng;
use std::time::{Duration, SystemTime};
use support::{Frame, KEY_ID, NOW, SECRET, WINDOWS, setting, triple};

const DAY: i64 = 86_400_000;

fn random_header(rng: &mut Rng, index: usize) -> Header {
    let value = match rng.u8(..9) {
        0 => HeaderValue::Bool(rng.bool()),
        1 => HeaderValue::Byte(rng.i8(..)),
        2 => HeaderValue::Int16(rng.i16(..)),
        3 => HeaderValue::Int32(rng.i32(..)),
        4 => HeaderValue::Int64(rng.i64(..)),
        5 => HeaderValue::ByteArray((0..rng.usize(..40)).map(|_| rng.u8(..)).collect::<Vec<_>>().into()),
        6 => HeaderValue::String((0..rng.usize(..40)).map(|_| rng.alphanumeric()).collect::<String>().into()),
        7 => HeaderValue::Timestamp(aws_smithy_types::DateTime::from_secs(rng.i64(0..4_000_000_000))),
        _ => HeaderValue::Uuid(rng.u128(..)),
    };
    Header::new(format!("header-{index}"), value)
}

fn random_message(rng: &mut Rng) -> Message {
    let payload: Vec<u8> = (0..rng.usize(..300)).map(|_| rng.u8(..)).collect();
    let headers = (0..rng.usize(..6)).map(|index| random_header(rng, index)).collect();
    Message::new_from_parts(headers, payload)
}

fn chain_of(secret: &str, seed: &[u8]) -> (Handle, EventChain) {
    let handle = cell::open(WINDOWS).expect("opens");
    let version = cell::get(handle).expect("is open").publish(triple(KEY_ID, secret, None), NOW);
    let frozen = Frozen::of(&Frame::new(handle, version, "").bytes()).expect("the current triple");
    (handle, EventChain::new(frozen, seed).expect("a seed"))
}

#[test]
fn messages_are_written_as_the_crate_writes_them() {
    let seed = setting("SEED", || fastrand::u64(..));
    println!("SEED={seed}");
    let mut rng = Rng::with_seed(seed);
    for _ in 0..1000 {
        let message = random_message(&mut rng);
        let mut theirs = Vec::new();
        write_message_to(&message, &mut theirs).expect("writes");
        let mut headers = Vec::new();
        write_headers_to(message.headers(), &mut headers).expect("writes");
        // What is there before is left alone.
        let mut ours = b"before".to_vec();
        write_message(&headers, message.payload(), &mut ours).expect("writes");
        assert_eq!(ours.strip_prefix(b"before"), Some(&theirs[..]));
    }
}

#[test]
fn a_stream_of_events_is_signed_as_the_crate_signs_it() {
    let seed = setting("SEED", || fastrand::u64(..));
    println!("SEED={seed}");
    let mut rng = Rng::with_seed(seed);
    for _ in 0..100 {
        let secret: String = (0..40).map(|_| rng.alphanumeric()).collect();
        let mut previous: String = (0..64).map(|_| char::from(b"0123456789abcdef"[rng.usize(..16)])).collect();
        let (handle, mut chain) = chain_of(&secret, previous.as_bytes());
        // Days pass within a stream: the key is that of the day.
        let mut at = rng.i64(DAY..4_102_444_800_000);
        for turn in 0..6 {
            at += rng.i64(0..DAY);
            let identity = Credentials::from_keys(KEY_ID, &*secret, None).into();
            let parameters = v4::SigningParams::builder()
                .identity(&identity)
                .region("us-east-1")
                .name("service")
                .time(SystemTime::UNIX_EPOCH + Duration::from_millis(at.unsigned_abs()))
                .settings(())
                .build()
                .expect("whole parameters");
            let message = random_message(&mut rng);
            let mut event = Vec::new();
            let theirs = if turn == 5 {
                sign_empty_message(&previous, &parameters).expect("signs")
            } else {
                write_message_to(&message, &mut event).expect("writes");
                sign_message(&message, &previous, &parameters).expect("signs")
            };
            let (expected, signature) = theirs.into_parts();
            let mut ours = Vec::new();
            chain.sign_message(at, &event, &mut ours).expect("signs");
            let read = read_message_from(Bytes::from(ours)).expect("a message");
            // The order of the two headers is that of the AWS SDK for JavaScript.
            let [date, signed] = read.headers() else { panic!("two headers, found {:?}", read.headers()) };
            assert_eq!([signed, date], [&expected.headers()[0], &expected.headers()[1]]);
            assert_eq!(read.payload(), expected.payload());
            previous = signature;
        }
        cell::close(handle);
    }
}

#[test]
fn a_refresh_does_not_change_who_signs_the_rest_of_a_stream() {
    let seed = [b'0'; 64];
    let (handle, mut chain) = chain_of(SECRET, &seed);
    cell::get(handle).expect("is open").publish(triple("AKIDOTHER", "another secret", None), NOW);
    cell::close(handle);
    let date = AmzDate::at(NOW);
    let key = SigningKey::from_secret(KEY_ID, SECRET, date, b"us-east-1", b"service");
    let mut headers = Vec::new();
    let timestamp = HeaderValue::Timestamp(aws_smithy_types::DateTime::from_millis(NOW));
    write_headers_to(&[Header::new(":date", timestamp)], &mut headers).expect("writes");
    let expected = sign_event(&key, date, &seed, &headers, b"event");
    let mut message = Vec::new();
    chain.sign_message(NOW, b"event", &mut message).expect("signs");
    let read = read_message_from(Bytes::from(message)).expect("a message");
    let HeaderValue::ByteArray(found) = read.headers()[1].value() else { panic!("no bytes") };
    assert_eq!(support::hex(found.as_ref()).as_bytes(), expected);
}

#[test]
fn what_no_service_reads_is_not_written() {
    let written = |headers: usize, payload: usize| {
        write_message(&vec![0; headers], &vec![0; payload], &mut Vec::new()).map_err(|error| error.kind())
    };
    assert_eq!(written(MAX_HEADERS, MAX_MESSAGE - MAX_HEADERS - 16), Ok(()));
    assert_eq!(written(MAX_HEADERS + 1, 0), Err(ErrorKind::SignPayload));
    assert_eq!(written(0, MAX_MESSAGE - 15), Err(ErrorKind::SignPayload));
}

#[test]
fn a_message_that_cannot_be_written_does_not_move_the_chain_on() {
    let seed = [b'1'; 64];
    let (one, mut chain) = chain_of(SECRET, &seed);
    let (two, mut same) = chain_of(SECRET, &seed);
    chain.sign_message(NOW, &vec![0; MAX_MESSAGE], &mut Vec::new()).expect_err("too long");
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    chain.sign_message(NOW, b"event", &mut ours).expect("signs");
    same.sign_message(NOW, b"event", &mut theirs).expect("signs");
    assert_eq!(ours, theirs);
    cell::close(one);
    cell::close(two);
}
