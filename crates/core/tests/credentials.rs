//! What may be published as a triple, and that its parts never show.
#![allow(missing_docs, reason = "tests")]

mod support;

use aws_refresh_session_core::ErrorKind;
use aws_refresh_session_core::credentials::Published;
use support::{KEY_ID, NOW, SECRET};

fn refused(key_id: &str, secret: &str, token: Option<&str>, expiration: Option<i64>) -> ErrorKind {
    let error = Published::new(key_id, secret, token, expiration, NOW).expect_err("must be refused");
    assert!(!error.to_string().contains("hush"), "{error}");
    error.kind()
}

#[test]
fn a_key_id_or_token_that_would_split_a_header_is_refused() {
    for odd in [" ", "\t", "\n", "\r", "\0", "\u{7f}", "é", "\u{a0}"] {
        let (key_id, token) = (format!("AK{odd}hush"), format!("hush{odd}token"));
        assert_eq!(refused(&key_id, SECRET, None, None), ErrorKind::CredentialsInvalid, "{odd:?}");
        assert_eq!(refused(KEY_ID, SECRET, Some(&token), None), ErrorKind::CredentialsInvalid, "{odd:?}");
    }
    // These two separate the parts of the header itself.
    for odd in ["/", ","] {
        assert_eq!(refused(&format!("AK{odd}hush"), SECRET, None, None), ErrorKind::CredentialsInvalid, "{odd:?}");
        assert!(Published::new(KEY_ID, SECRET, Some(&format!("a{odd}b")), None, NOW).is_ok(), "{odd:?}");
    }
}

#[test]
fn missing_parts_and_triples_past_their_end_are_refused() {
    assert_eq!(refused("", "hush", None, None), ErrorKind::CredentialsInvalid);
    assert_eq!(refused(KEY_ID, "", Some("hush"), None), ErrorKind::CredentialsInvalid);
    for expiration in [NOW, NOW - 1, 0, i64::MIN] {
        assert_eq!(refused(KEY_ID, "hush", None, Some(expiration)), ErrorKind::CredentialsExpired);
    }
    for expiration in [NOW + 1, i64::MAX] {
        let published = Published::new(KEY_ID, SECRET, None, Some(expiration), NOW).expect("valid for a moment");
        assert_eq!(published.expiration(), Some(expiration));
    }
}

#[test]
fn a_secret_may_hold_anything_and_an_empty_token_is_none() {
    for secret in ["\0", "\n", " ", "é🦀", "hush\r\nhush", &"x".repeat(10_000)] {
        let published = Published::new(KEY_ID, secret, Some(""), None, NOW).expect("any secret will do");
        assert_eq!(published.credentials().secret_access_key(), secret);
        assert_eq!(published.session_token(), None);
    }
}

#[test]
fn neither_secret_nor_token_shows_when_printed() {
    let published = Published::new(KEY_ID, "hush-secret", Some("hush-token"), Some(NOW + 1), NOW).expect("whole");
    for shown in [format!("{published:?}"), format!("{published:#?}"), format!("{:?}", published.credentials())] {
        assert!(shown.contains(KEY_ID) && !shown.contains("hush"), "{shown}");
    }
}
