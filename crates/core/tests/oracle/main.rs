//! Compares our canonicaliser with aws-sigv4's own `http_request::sign`, called here directly, over random requests.
//!
//! `ORACLE_SEED` and `ORACLE_CASES` choose the run; a failure prints the seed, the request and our canonical request.
#![allow(missing_docs, reason = "tests")]

mod differences;
mod peer;
mod random;
mod requests;
#[path = "../support/mod.rs"]
mod support;

use fastrand::Rng;
use requests::{Case, Form};
use std::panic;
use std::thread;

/// Random requests of one run, over all threads.
const CASES: u64 = 150_000;
const THREADS: u64 = 2;

fn seed() -> u64 {
    support::setting("ORACLE_SEED", || fastrand::u64(..))
}

/// Every case has a generator of its own, so that it can be made again without those before it.
fn generator(seed: u64, index: u64) -> Rng {
    Rng::with_seed(seed.wrapping_add(index.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
}

fn on_threads(cases: u64, check: impl Fn(u64) + Sync) {
    let check = &check;
    thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|first| {
                scope.spawn(move || {
                    for index in (first..cases).step_by(usize::try_from(THREADS).expect("a few")) {
                        check(index);
                    }
                })
            })
            .collect();
        for thread in threads {
            if let Err(failure) = thread.join() {
                panic::resume_unwind(failure);
            }
        }
    });
}

#[test]
fn random_requests_are_signed_as_aws_sigv4_signs_them() {
    let (seed, cases) = (seed(), support::setting("ORACLE_CASES", || CASES));
    on_threads(cases, |index| {
        let case = Case::agreed(&mut generator(seed, index));
        let (ours, peer) = (case.ours(), peer::sign(&case));
        assert!(
            ours.is_ok() && ours == peer,
            "ORACLE_SEED={seed}, case {index}\n{case:#?}\nours {ours:#?}\naws-sigv4 {peer:#?}\n{}",
            case.explained()
        );
    });
}

#[test]
fn the_second_engine_gives_what_the_first_gives() {
    let (seed, cases) = (seed(), support::setting("ORACLE_CASES", || CASES) / 6);
    on_threads(cases, |index| {
        let mut rng = generator(seed, index);
        let mut case = Case::agreed(&mut rng);
        // Here the wrapper and not the test has to say what the crate leaves to its callers.
        case.unsigned_payload = rng.bool();
        case.payload = random::payload(&mut rng);
        let (ours, second) = (case.ours(), case.second_engine());
        assert!(
            ours.is_ok() && ours == second,
            "ORACLE_SEED={seed}, case {index}\n{case:#?}\nfirst {ours:#?}\nsecond {second:#?}\n{}",
            case.explained()
        );
    });
}

#[test]
fn the_random_requests_reach_what_they_are_meant_to_reach() {
    let cases: Vec<Case> = (0..4_000).map(|index| Case::agreed(&mut generator(1, index))).collect();
    let reached = |what: &str, holds: &dyn Fn(&Case) -> bool| {
        let count = cases.iter().filter(|case| holds(case)).count();
        assert!(count >= 20, "only {count} of {} cases have {what}", cases.len());
    };
    let names = |case: &Case| case.headers.iter().map(|(name, _)| name.to_ascii_lowercase()).collect::<Vec<_>>();
    let path = |case: &Case| requests::split(&case.url).1.to_owned();
    let query = |case: &Case| requests::split(&case.url).2.to_owned();
    reached("the header form", &|case| case.form == Form::Header);
    reached("the query form", &|case| case.form != Form::Header);
    reached("the settings of S3", &|case| {
        !case.double_encode_path && !case.normalize_path && case.content_sha256_header
    });
    reached("the settings of other services", &|case| case.double_encode_path && case.normalize_path);
    reached("a token", &|case| case.token.is_some() && !case.omit_session_token);
    reached("a token added after signing", &|case| case.token.is_some() && case.omit_session_token);
    reached("a repeated header", &|case| {
        let mut names = names(case);
        names.sort();
        names.windows(2).any(|pair| pair[0] == pair[1])
    });
    reached("a host header", &|case| names(case).contains(&"host".to_owned()));
    reached("more headers than fit inline", &|case| case.headers.len() > 24);
    reached("a header that stays unsigned", &|case| names(case).contains(&"user-agent".to_owned()));
    reached("a value with runs of blanks", &|case| case.headers.iter().any(|(_, value)| value.contains("  ")));
    reached("a value that is not ASCII", &|case| case.headers.iter().any(|(_, value)| !value.is_ascii()));
    reached("dot segments", &|case| path(case).contains("/../") || path(case).ends_with("/."));
    reached("a run of slashes", &|case| path(case).contains("//"));
    reached("an encoded slash", &|case| path(case).contains("%2F"));
    reached("no path", &|case| path(case).is_empty());
    for piece in ["+", "%7E", "%c3", ";", "&&", "=/", "==", "%zz", "é"] {
        reached(&format!("{piece} in the query"), &|case| query(case).contains(piece));
    }
    reached("a repeated key", &|case| {
        let query = query(case);
        let keys: Vec<&str> = query.split('&').filter_map(|pair| pair.split('=').next()).collect();
        (1..keys.len()).any(|at| !keys[at].is_empty() && keys[..at].contains(&keys[at]))
    });
    reached("an empty key", &|case| query(case).split('&').any(|pair| pair.starts_with('=')));
    reached("a fragment", &|case| case.url.contains('#'));
}
