//! A batch of URLs gives what single calls give.

use super::support::{Frame, field};
use super::{frame, presign};
use aws_refresh_session_core::ErrorKind;
use aws_refresh_session_core::wire::Batch;
use aws_refresh_session_core::wire::flag::{
    CONTENT_SHA256_HEADER, DOUBLE_ENCODE_PATH, NORMALIZE_PATH, OMIT_SESSION_TOKEN,
};
use fastrand::Rng;
use std::panic::{self, AssertUnwindSafe};

/// Asserts that each URL of a batch comes out as the single call gives it.
fn batch_equals_single(frame: &Frame, urls: &[String]) -> Vec<u8> {
    let answer = Batch::new(&frame.bytes(), urls.join("\n").as_bytes(), 0).and_then(|batch| batch.presign());
    let answer = String::from_utf8(answer.expect("presigns")).expect("ASCII");
    let (parameters, entries) = answer.split_once('\n').expect("the shared parameters end in a line feed");
    assert_eq!(entries.len(), 65 * urls.len(), "one character and 64 digits for each URL");
    let mut joined = Vec::new();
    for (url, entry) in urls.iter().zip(entries.as_bytes().as_chunks::<65>().0) {
        let signature = std::str::from_utf8(&entry[1..]).expect("ASCII");
        let single = presign(&Frame { url: url.clone(), ..frame.clone() }, None).expect("presigns");
        assert_eq!(signature, &field(&single, "X-Amz-Signature=")[..64], "{url}");
        let character = char::from(entry[0]);
        match character {
            '?' | '&' => assert_eq!(format!("{url}{character}{parameters}&X-Amz-Signature={signature}"), single),
            ' ' => {}
            other => panic!("{other:?} for {url}"),
        }
        joined.push(entry[0]);
    }
    joined
}

fn owned(urls: &[&str]) -> Vec<String> {
    urls.iter().map(|&url| url.to_owned()).collect()
}

#[test]
fn a_batch_gives_what_single_calls_give() {
    let frame = frame("").flags(CONTENT_SHA256_HEADER).expires_in(3_600.0);
    let plain =
        owned(&["https://h/", "https://h/a%20b", "https://h:8443/a/../b", "http://[::1]/k", "https://H.EXAMPLE/a"]);
    assert_eq!(batch_equals_single(&frame, &plain), b"?????");
    let with_query =
        owned(&["https://h/?a", "https://h/k?a=1&b=2", "https://h/k?a+b=%7e&&", "https://h/k?&", "https://h/?a?b"]);
    assert_eq!(batch_equals_single(&frame, &with_query), b"&&&&&");
    let odd = owned(&[
        "https://h",
        "https://h?a",
        "https://h/?",
        "https://h/#f",
        "https://h/?a#f",
        "https://h/?#f",
        "https://h/a b",
        "https://h/é",
        "https://h/é#123",
        "https://h/é#1234",
        "https://h/é?",
        "https://h/é?a",
        "https://h/é?a#12",
        "https://h/?é",
        "https://h/?é#123",
        "https://h/k?X-Amz-Signature=1",
        "https://h/k?X-Amz-Date=1&a",
        "https://h/k?a&X-Amz-Date=é",
        "https://h/ééé?a&X-Amz-Date=",
    ]);
    let joined = batch_equals_single(&frame, &odd);
    assert!(joined.iter().all(|&byte| byte == b' '), "{:?}", String::from_utf8_lossy(&joined));
    // A token that follows the signature makes every URL one that needs more care.
    let late = Frame { flags: frame.flags | OMIT_SESSION_TOKEN, ..frame.clone() };
    assert_eq!(batch_equals_single(&late, &plain), b"     ");
    let double = Frame { flags: DOUBLE_ENCODE_PATH | NORMALIZE_PATH, ..frame };
    assert_eq!(batch_equals_single(&double, &plain), b"?????");
}

#[test]
fn random_batches_give_what_single_calls_give() {
    const PIECES: [&str; 20] = [
        "/",
        "/",
        "a",
        "k",
        "%20",
        "?",
        "?",
        "&",
        "=",
        "é",
        " ",
        "\"",
        "#",
        "X-Amz-Date=",
        "x-amz-signature=",
        "+",
        "..",
        "~",
        "(",
        "%",
    ];
    let seed = fastrand::u64(..);
    let mut rng = Rng::with_seed(seed);
    let frame = frame("").expires_in(3_600.0);
    for _ in 0..400 {
        let urls: Vec<String> = (0..rng.usize(1..20))
            .map(|_| {
                let tail: String = (0..rng.usize(0..12)).map(|_| PIECES[rng.usize(..PIECES.len())]).collect();
                let slash = if tail.starts_with(['/', '?', '#']) || tail.is_empty() { "" } else { "/" };
                format!("https://h{slash}{tail}")
            })
            .collect();
        panic::catch_unwind(AssertUnwindSafe(|| batch_equals_single(&frame, &urls)))
            .unwrap_or_else(|_| panic!("seed {seed}: {urls:#?}"));
    }
}

#[test]
fn a_batch_names_the_url_it_refuses() {
    let bytes = frame("").expires_in(60.0).bytes();
    for (urls, index) in
        [("/relative", 40), ("https://h/\nhttps://h/\nhttps://u@h/", 42), ("https://h/\n", 41), ("", 40)]
    {
        let error = Batch::new(&bytes, urls.as_bytes(), 40).and_then(|batch| batch.presign()).expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::SignUrl);
        assert!(error.to_string().contains(&format!("request {index}:")), "{error}");
    }
}
