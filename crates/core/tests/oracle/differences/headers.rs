//! Where ours and aws-sigv4 differ on the method and on headers.

use super::{agreed, class, is_header, is_query, plain, put, without};
use crate::peer;
use crate::random::{one_of, text};
use crate::requests::Case;
use aws_refresh_session_core::ErrorKind;

/// White space of HTTP is the blank and the tab, and runs of either are collapsed by the servers we know of. The crate
/// knows the blank only.
#[test]
fn tabs_of_a_header_value_count_as_blanks() {
    class(
        |rng| {
            let mut case = agreed(rng, |_| true);
            let value = text(rng, &["\t", " ", "a", "é", "\t\t"], 0..=5);
            put(&mut case, "x-tabbed", &format!("{value}a \t b\t{value}"));
            case
        },
        |case| {
            let (_, value) = case.headers.last().expect("the case has the header");
            let value = value.split([' ', '\t']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
            let mut seen = without(case, "x-tabbed");
            put(&mut seen, "x-tabbed", &value);
            seen
        },
    );
}

/// No client sends a folded value and RFC 9112 forbids it; both refuse it.
#[test]
fn line_breaks_and_control_characters_in_header_values_are_refused_by_both() {
    for value in ["a\n b", "a\r\n b", "a\rb", "a\0b", "\x7f", "\x1b"] {
        for mut case in plain("https://h/") {
            put(&mut case, "x-folded", value);
            assert!(case.ours().expect_err("refused").starts_with(ErrorKind::SignHeader.code()), "{value:?}");
            peer::sign(&case).expect_err("the crate refuses it");
        }
    }
}

/// These headers belong to one connection or are changed by proxies: what a server receives is not what was signed. The
/// crate leaves out four of them unless told otherwise; told so, it agrees.
#[test]
fn headers_of_a_connection_are_never_signed() {
    const BY_DEFAULT: [&str; 4] = ["authorization", "transfer-encoding", "user-agent", "x-amzn-trace-id"];
    for name in peer::NEVER_SIGNED {
        for mut case in plain("https://h/") {
            case.unsigned_headers.clear();
            put(&mut case, &name.to_ascii_uppercase(), "value");
            let ours = case.ours();
            assert_eq!(ours, peer::sign(&case), "{name}");
            assert_eq!(ours, without(&case, name).ours(), "{name} is not signed");
            assert_eq!(ours == peer::sign_with_default_exclusions(&case), BY_DEFAULT.contains(&name), "{name}");
        }
    }
}

/// A header left from an earlier signature is replaced or, when nothing replaces it, not sent. The crate signs it and
/// asks its callers to remove it first.
#[test]
fn headers_of_an_earlier_signature_are_not_signed() {
    class(
        |rng| {
            let name = one_of(rng, &["x-amz-date", "X-Amz-Security-Token"]);
            let mut case = if name == "x-amz-date" {
                agreed(rng, is_query)
            } else {
                agreed(rng, |case| {
                    (is_query(case) && !case.omit_session_token) || (is_header(case) && case.token.is_none())
                })
            };
            case.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
            put(&mut case, name, "stale");
            case
        },
        |case| without(case, &case.headers.last().expect("the case has the header").0),
    );
}

/// Servers want every `x-amz-` header signed that they receive. The crate leaves two of them out of presigned URLs.
#[test]
fn every_amz_header_given_to_a_presigned_url_is_signed() {
    for name in ["x-amz-user-agent", "x-amz-checksum-mode"] {
        for case in plain("https://h/").into_iter().filter(is_query) {
            let with = |value: &str| {
                let mut case = case.clone();
                put(&mut case, name, value);
                case
            };
            assert_ne!(with("a").ours(), peer::sign(&with("a")), "{name}");
            assert_ne!(with("a").ours(), with("b").ours(), "{name}");
            assert_eq!(peer::sign(&with("a")), peer::sign(&with("b")), "{name}: the crate signs it now");
            assert!(with("a").explained().contains(&format!("\n{name}:a\n")), "{name}");
        }
    }
}

/// HTTP clients send the method in upper case. The crate signs it as written.
#[test]
fn methods_are_signed_in_upper_case() {
    class(
        |rng| Case { method: one_of(rng, &["get", "Put", "delete"]).to_owned(), ..agreed(rng, |_| true) },
        |case| Case { method: case.method.to_ascii_uppercase(), ..case.clone() },
    );
}

/// Host, date and token have to be signed. The crate leaves out whatever it is told to leave out.
#[test]
fn headers_that_must_be_signed_cannot_be_left_out() {
    for name in ["host", "x-amz-date", "x-amz-content-sha256", "x-amz-security-token"] {
        for mut case in plain("https://h/") {
            (case.token, case.omit_session_token) = (Some("token".to_owned()), false);
            let whole = case.ours();
            case.unsigned_headers.push(name);
            assert_eq!(case.ours(), whole, "{name}");
            let present = case.explained().contains(&format!("\n{name}:"));
            assert_eq!(whole != peer::sign(&case), present, "{name}");
        }
    }
}
