//! Every class of requests that our `aws` dialect signs otherwise than aws-sigv4 does, one test each: that the two
//! differ, why ours is what a verifying server computes, and that they agree once the crate is given the request in the
//! form the server sees.

mod headers;
mod payloads;
mod urls;

use crate::requests::{Case, Form, Signed, split};
use crate::{generator, peer, seed};
use fastrand::Rng;

/// Random requests of each class.
const CASES: u64 = 1_000;

/// Asserts of random cases that the crate signs them otherwise than we do, and that it signs what `server` makes of
/// them as we do.
fn class(make: impl Fn(&mut Rng) -> Case, server: impl Fn(&Case) -> Case) {
    let seed = seed();
    for index in 0..CASES {
        let case = make(&mut generator(seed, index));
        let signature = |signed: Result<Signed, String>| signed.map(|signed| signed.signature);
        let received = server(&case);
        let (ours, peer) = (signature(case.ours()), signature(peer::sign(&received)));
        let told = || format!("ORACLE_SEED={seed}, case {index}\n{case:#?}\nas the server sees it {received:#?}");
        assert!(ours.is_ok() && ours == peer, "{}\nours {ours:?}\npeer {peer:?}\n{}", told(), case.explained());
        assert_ne!(ours, signature(peer::sign(&case)), "{}\nthe crate agrees: no exception is needed", told());
    }
}

fn agreed(rng: &mut Rng, fits: impl Fn(&Case) -> bool) -> Case {
    loop {
        let case = Case::agreed(rng);
        if fits(&case) {
            return case;
        }
    }
}

fn is_header(case: &Case) -> bool {
    case.form == Form::Header
}

fn is_query(case: &Case) -> bool {
    case.form != Form::Header
}

/// The first of each kind of settings: header and query, single and double encoding.
fn plain(url: &str) -> Vec<Case> {
    let mut cases = Vec::new();
    for index in 0.. {
        let mut case = Case::agreed(&mut generator(7, index));
        let kind = |case: &Case| (is_header(case), case.double_encode_path);
        if case.normalize_path == case.double_encode_path && !cases.iter().any(|other| kind(other) == kind(&case)) {
            url.clone_into(&mut case.url);
            case.headers.clear();
            cases.push(case);
        }
        if cases.len() == 4 {
            break;
        }
    }
    cases
}

fn with_path(case: &Case, path: &str) -> Case {
    let (origin, _, query, fragment) = split(&case.url);
    Case { url: format!("{origin}{path}{query}{fragment}"), ..case.clone() }
}

fn with_query(case: &Case, pairs: &str) -> Case {
    let (origin, path, _, _) = split(&case.url);
    Case { url: format!("{origin}{path}?{pairs}"), ..case.clone() }
}

fn pairs(case: &Case) -> String {
    let query = split(&case.url).2;
    query.strip_prefix('?').unwrap_or(query).to_owned()
}

fn put(case: &mut Case, name: &str, value: &str) {
    case.headers.push((name.to_owned(), value.to_owned()));
}

fn without(case: &Case, name: &str) -> Case {
    let mut case = case.clone();
    case.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
    case
}

/// Percent-encodes the characters that stand in `odd`, as an HTTP client does before it sends them.
fn sent(text: &str, odd: &[&str]) -> String {
    let encoded = |character: char| {
        let character = character.to_string();
        if odd.contains(&&*character) { peer::encoded(character.as_bytes()) } else { character }
    };
    text.chars().map(encoded).collect()
}
