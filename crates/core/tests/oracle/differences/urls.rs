//! Where ours and aws-sigv4 differ on URLs: spelling, hosts, and what is left in them.

use super::{agreed, class, is_query, pairs, plain, put, sent, with_path, with_query};
use crate::peer;
use crate::random::{ANY_SPELLING, one_of, path};
use crate::requests::{Case, split};
use aws_refresh_session_core::ErrorKind;

#[test]
fn what_pure_botocore_signs_otherwise_is_signed_as_the_crate_signs_it() {
    // Section 1.5 of the notes on botocore: of its classes these are no differences of ours, so nothing is excluded.
    for target in [
        "/?a=b+c",
        "/?a=%7E",
        "/?a=%c3%a9%2f",
        "/?a=b;c=d",
        "/?a&&b",
        "/?a=b/c",
        "/?a=b=c",
        "/?a=/&=b&=",
        "/?a&a=&a=b",
        "/?!*'()",
        "/foo/.",
        "/foo/bar/..",
        "/foo//bar/",
        "",
        "?a",
    ] {
        for case in plain(&format!("https://h{target}")) {
            assert_eq!(case.ours(), peer::sign(&case), "{target}\n{}", case.explained());
            assert!(case.ours().is_ok(), "{target}");
        }
    }
}

/// S3 decodes the key it was sent and encodes it again, so that every spelling of one key has one signature. The crate
/// takes the path as it is spelled.
#[test]
fn a_key_of_s3_may_be_spelled_in_any_way() {
    const UNSENT: [&str; 6] = [" ", "\"", "<", "{", "é", "`"];
    class(
        |rng| {
            let mut case = agreed(rng, |case| !case.double_encode_path);
            case.normalize_path = false;
            let pieces: Vec<&str> = ANY_SPELLING.into_iter().chain(UNSENT).collect();
            let path = path(rng, &pieces) + "/" + one_of(rng, &["(", "%2f", "%41", "%", "+", "*", "é", " ", "%zz"]);
            with_path(&case, &path)
        },
        |case| {
            let segments = split(&case.url).1.split('/').map(|segment| peer::encoded(&peer::decoded(segment)));
            // An encoded slash is the slash of the key.
            with_path(case, &segments.collect::<Vec<_>>().join("/").replace("%2F", "/"))
        },
    );
}

/// A client encodes these characters of a path before it sends them, and then a server that encodes twice encodes the
/// `%` as well. The crate encodes them once, as if they had been sent raw.
#[test]
fn characters_that_no_client_sends_raw_are_encoded_first() {
    const ODD: [&str; 6] = ["\"", "{", "}", "é", "日", "🦀"];
    class(
        |rng| {
            let case = agreed(rng, |case| case.double_encode_path);
            let pieces: Vec<&str> = ANY_SPELLING.into_iter().chain(ODD).collect();
            let path = path(rng, &pieces) + "/" + one_of(rng, &ODD);
            with_path(&case, &path)
        },
        |case| with_path(case, &sent(split(&case.url).1, &ODD)),
    );
}

/// The same for characters that the crate refuses to take raw.
#[test]
fn characters_that_the_crate_refuses_are_encoded_first() {
    const IN_PATH: [&str; 4] = [" ", "<", ">", "`"];
    const IN_QUERY: [&str; 4] = [" ", "\"", "<", ">"];
    class(
        |rng| {
            let case = agreed(rng, |case| case.double_encode_path);
            let (origin, path, _, _) = split(&case.url);
            let (odd, pair) = (one_of(rng, &IN_PATH), one_of(rng, &IN_QUERY));
            Case { url: format!("{origin}{path}/{odd}?{}&a{pair}={pair}", pairs(&case)), ..case }
        },
        |case| {
            let case = with_path(case, &sent(split(&case.url).1, &IN_PATH));
            with_query(&case, &sent(&pairs(&case), &IN_QUERY))
        },
    );
}

/// The crate reads a query as UTF-8 and puts U+FFFD where it is not, so that different values get one signature. A
/// server hashes the bytes that it was sent.
#[test]
fn bytes_of_a_query_that_are_not_utf8_are_signed_as_they_are() {
    for (one, two) in plain("https://h/?a=%FF").into_iter().zip(plain("https://h/?a=%FE")) {
        assert_eq!(peer::sign(&one).map(|s| s.signature), peer::sign(&two).map(|s| s.signature));
        assert_ne!(one.ours(), two.ours());
        assert_ne!(one.ours(), peer::sign(&one));
        assert!(one.explained().lines().nth(2).is_some_and(|query| query.contains("a=%FF")), "{}", one.explained());
    }
}

/// HTTP clients send the host in lower case, whatever the URL says. The crate signs it as written.
#[test]
fn hosts_are_signed_in_lower_case() {
    let without_host = |case: &Case| case.headers.iter().all(|(name, _)| !name.eq_ignore_ascii_case("host"));
    class(
        |rng| {
            let case =
                agreed(rng, |case| without_host(case) && split(&case.url).0.bytes().any(|b| b.is_ascii_lowercase()));
            let (origin, path, query, fragment) = split(&case.url);
            let (scheme, _) = origin.split_once("://").expect("an origin");
            Case { url: format!("{scheme}://Upper.EXAMPLE{path}{query}{fragment}"), ..case }
        },
        |case| Case { url: case.url.replace("://Upper.EXAMPLE", "://upper.example"), ..case.clone() },
    );
}

/// A port that is the scheme's default is not sent (RFC 6455, 3 and 4.1 say so for web sockets), nor is an empty one.
/// The crate knows the defaults of http and https, and signs the colon of an empty port.
#[test]
fn ports_that_are_not_sent_are_not_signed() {
    let without_host = |case: &Case| case.headers.iter().all(|(name, _)| !name.eq_ignore_ascii_case("host"));
    class(
        |rng| {
            let case = agreed(rng, without_host);
            let origin = one_of(rng, &["wss://h:443", "ws://h:80", "https://h:", "http://[::1]:", "wss://[::1]:443"]);
            let (_, path, query, fragment) = split(&case.url);
            Case { url: format!("{origin}{path}{query}{fragment}"), ..case }
        },
        |case| {
            let (origin, path, query, fragment) = split(&case.url);
            let origin = &origin[..origin.rfind(':').expect("a port")];
            Case { url: format!("{origin}{path}{query}{fragment}"), ..case.clone() }
        },
    );
}

/// A URL with a parameter of a signature twice is refused by servers, so presigning again replaces the old ones. The
/// crate keeps and signs them.
#[test]
fn presigning_a_presigned_url_replaces_the_signature() {
    const STALE: [&str; 5] = [
        "X-Amz-Signature=00",
        "X-Amz-Date=20150830T123600Z",
        "x-amz-expires=1&X-Amz-SignedHeaders=host",
        "X-Amz-Security-Token=t%2Bo",
        "X-Amz-Credential=a%2Fb&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD",
    ];
    class(
        |rng| {
            let case = agreed(rng, is_query);
            let stale = one_of(rng, &STALE);
            with_query(&case, &format!("{}&{stale}&kept=1", pairs(&case)))
        },
        |case| {
            let fresh = pairs(case);
            let fresh = fresh.split('&').filter(|pair| !STALE.iter().any(|stale| stale.split('&').any(|s| s == *pair)));
            with_query(case, &fresh.collect::<Vec<_>>().join("&"))
        },
    );
}

/// What clients would send in different ways, or not at all, is refused instead of guessed. The crate takes it.
#[test]
fn urls_and_names_that_clients_read_differently_are_refused() {
    for url in ["https://user@h/", "https://user:pass@h/", "https://h/a\\b"] {
        for case in plain(url) {
            assert!(case.ours().expect_err(url).starts_with(ErrorKind::SignUrl.code()), "{url}");
            peer::sign(&case).expect("the crate takes it");
        }
    }
    for mut case in plain("https://h/") {
        // KELVIN SIGN: its lower case is an ASCII letter.
        put(&mut case, "x-\u{212a}", "value");
        assert!(case.ours().expect_err("refused").starts_with(ErrorKind::SignHeader.code()));
        peer::sign(&case).expect("the crate takes it");
    }
}
