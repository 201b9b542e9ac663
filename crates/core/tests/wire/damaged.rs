//! Damaged frames: none makes a call panic, and no refusal tells a secret.

use super::support::{self, Frame, SECRET, doubles};
use super::{TOKEN, opened, sign};
use aws_refresh_session_core::cell::Handle;
use aws_refresh_session_core::wire::{self, Batch, HEADER};
use aws_refresh_session_core::{Error, ErrorKind};
use fastrand::Rng;
use std::panic;

/// Every call that reads a frame; what it answers does not matter, only that it answers.
fn read_in_every_way(frame: &[u8], body: Option<&[u8]>) -> Vec<Error> {
    let mut errors = Vec::new();
    errors.extend(wire::sign(&mut frame.to_vec(), body).err());
    errors.extend(wire::presign(&mut frame.to_vec(), body).err());
    errors.extend(wire::explain(frame, body).err());
    errors.extend(
        Batch::new(frame, body.unwrap_or(b"https://h/k?a=b"), usize::MAX).and_then(|batch| batch.presign()).err(),
    );
    errors
}

/// A frame that is nearly right, in one of many ways.
fn damaged(rng: &mut Rng, handle: Handle, version: u64) -> Vec<u8> {
    const NUMBERS: [f64; 16] = [
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::MIN_POSITIVE,
        f64::MAX,
        f64::MIN,
        -0.0,
        -1.0,
        0.0,
        0.5,
        1.0,
        4_294_967_295.0,
        4_294_967_296.0,
        9_007_199_254_740_991.0,
        9_223_372_036_854_775_807.0,
        18_446_744_073_709_551_615.0,
    ];
    const URLS: [&str; 10] = [
        "https://h/",
        "https://h/a/../b c?x=1&&y#f",
        "http://[::1]:80/é?%ff=%zz",
        "",
        "https://",
        "https://:443/",
        "https://h:0/?X-Amz-Date=1",
        "wss://h?",
        "https://[]/",
        "https://h/%",
    ];
    let mut frame = Frame::new(handle, version, URLS[rng.usize(..URLS.len())]);
    frame.flags = if rng.bool() { rng.u32(..) } else { 1 << rng.u32(..12) };
    frame.expires_in = 60.0;
    frame.room = rng.usize(..1200);
    frame.tail = (0..rng.usize(..80)).map(|_| rng.u8(..)).collect();
    for _ in 0..rng.usize(..4) {
        let value: String = (0..rng.usize(..6)).map(|_| rng.char(..)).collect();
        let names = ["host", "x-amz-content-sha256", "X-Amz-Date", "a", "te", "", "\u{212a}", "authorization"];
        frame = frame.header(names[rng.usize(..names.len())], &value);
    }
    let mut bytes = frame.bytes();
    for _ in 0..rng.usize(..3) {
        let at = rng.usize(..9);
        let number = match rng.u8(..4) {
            0 => f64::from_bits(rng.u64(..)),
            1 => f64::from(rng.i32(-3..400)),
            _ => NUMBERS[rng.usize(..NUMBERS.len())],
        };
        bytes[at * 8..at * 8 + 8].copy_from_slice(&number.to_le_bytes());
    }
    for _ in 0..rng.usize(..3) {
        let at = rng.usize(..bytes.len());
        bytes[at] = rng.u8(..);
    }
    match rng.u8(..8) {
        0 => bytes.truncate(rng.usize(..=bytes.len())),
        1 => bytes = (0..rng.usize(..200)).map(|_| rng.u8(..)).collect(),
        2 => {
            // Nine good numbers before a head of noise.
            let noise: Vec<u8> =
                (0..rng.usize(..200)).map(|_| if rng.u8(..4) == 0 { b'\n' } else { rng.u8(..) }).collect();
            bytes.truncate(HEADER);
            bytes.extend(noise);
        }
        _ => {}
    }
    bytes
}

#[test]
fn no_frame_makes_a_call_panic_or_tell_a_secret() {
    let cases = support::setting("WIRE_CASES", || 60_000);
    let seed = support::setting("WIRE_SEED", || fastrand::u64(..));
    let (handle, version) = opened();
    let right = Frame::new(handle, version, "https://h/");
    let signature = sign(&right, None).expect("signs");
    let mut refused = 0;
    for index in 0..cases {
        let mut rng = Rng::with_seed(seed.wrapping_add(index));
        let bytes = damaged(&mut rng, handle, version);
        let body: Option<Vec<u8>> = rng.bool().then(|| (0..rng.usize(..40)).map(|_| rng.u8(..)).collect());
        let read = panic::catch_unwind(|| read_in_every_way(&bytes, body.as_deref()));
        let errors = read.unwrap_or_else(|_| panic!("WIRE_SEED={seed}, case {index}: {bytes:?}"));
        refused += u64::from(!errors.is_empty());
        for error in errors {
            let text = error.to_string();
            assert!(!text.contains(SECRET) && !text.contains(TOKEN), "WIRE_SEED={seed}, case {index}: {text}");
        }
    }
    assert!(refused > cases / 10 && refused < cases, "{refused} of {cases} were refused");
    assert_eq!(sign(&right, None).expect("signs"), signature);
}

#[test]
fn lengths_at_the_end_of_the_number_range_are_malformed_frames() {
    let (handle, version) = opened();
    let good = Frame::new(handle, version, "https://h/").expires_in(60.0).bytes();
    for at in [5, 6, 7] {
        for number in [f64::INFINITY, f64::MAX, 18_446_744_073_709_551_615.0, 9_007_199_254_740_991.0, 1e6] {
            let mut bytes = good.clone();
            bytes[at * 8..at * 8 + 8].copy_from_slice(&doubles(&[number]));
            let wanted = if at == 5 { ErrorKind::SignHeader } else { ErrorKind::Frame };
            assert_eq!(wire::sign(&mut bytes.clone(), None).expect_err("malformed").kind(), wanted, "{at} {number}");
            assert_eq!(wire::presign(&mut bytes.clone(), None).expect_err("malformed").kind(), wanted, "{at} {number}");
            assert_eq!(wire::explain(&bytes, None).expect_err("malformed").kind(), wanted, "{at} {number}");
            let batch = panic::catch_unwind(|| Batch::new(&bytes, b"https://h/", 0).map(drop).err());
            let error = batch.unwrap_or_else(|_| panic!("double {at} as {number} made a batch panic"));
            // A batch reads neither headers nor tail.
            assert_eq!(error.map(|error| error.kind()), (at == 6).then_some(ErrorKind::Frame), "{at} {number}");
        }
    }
}
