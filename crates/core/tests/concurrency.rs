//! Many threads sign through frames while others publish, invalidate, open and close.
#![allow(missing_docs, reason = "tests")]

mod support;

use aws_refresh_session_core::ErrorKind;
use aws_refresh_session_core::cell::{self, Handle};
use aws_refresh_session_core::clock::{AmzDate, Millis};
use aws_refresh_session_core::credentials::Published;
use aws_refresh_session_core::sign::{self, Algorithm, Payload, Request, Settings, dialect};
use aws_refresh_session_core::wire::{self, Answer, Batch};
use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::iter;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, RwLock};
use std::thread;
use std::time::{Duration, SystemTime};
use support::{Frame, NOW, WINDOWS, answered, field, triple};

const THREADS: usize = 4;
const DAY: Millis = 86_400_000;
const EXPIRES: u32 = 60;
/// Region and service that frames have unless told otherwise.
const SCOPE: (&str, &str) = ("us-east-1", "service");

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The signature of a canonical request, computed with nothing of ours.
fn signature(canonical: &str, secret: &str, at: Millis, (region, service): (&str, &str)) -> String {
    let date = String::from_utf8(AmzDate::at(at).date_time().to_vec()).expect("ASCII");
    let hash = hex(&Sha256::digest(canonical));
    let text = format!("AWS4-HMAC-SHA256\n{date}\n{}/{region}/{service}/aws4_request\n{hash}", &date[..8]);
    let time = SystemTime::UNIX_EPOCH + Duration::from_millis(at.unsigned_abs());
    calculate_signature(generate_signing_key(secret, time, region, service), text.as_bytes())
}

fn header_signature(secret: &str, token: Option<&str>, at: Millis, scope: (&str, &str)) -> String {
    let date = String::from_utf8(AmzDate::at(at).date_time().to_vec()).expect("ASCII");
    let (token_line, token_name) = token
        .map_or_else(Default::default, |token| (format!("x-amz-security-token:{token}\n"), ";x-amz-security-token"));
    let empty = hex(&Sha256::digest(b""));
    let canonical = format!("GET\n/\n\nhost:h\nx-amz-date:{date}\n{token_line}\nhost;x-amz-date{token_name}\n{empty}");
    signature(&canonical, secret, at, scope)
}

fn query_signature(key_id: &str, secret: &str, token: &str) -> String {
    let empty = hex(&Sha256::digest(b""));
    let query = format!(
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={key_id}%2F20150830%2Fus-east-1%2Fservice%2Faws4_request\
         &X-Amz-Date=20150830T123600Z&X-Amz-Expires={EXPIRES}&X-Amz-Security-Token={token}&X-Amz-SignedHeaders=host"
    );
    signature(&format!("GET\n/\n{query}\nhost:h\n\nhost\n{empty}"), secret, NOW, SCOPE)
}

/// What a version must be signed with.
struct Known {
    key_id: String,
    header: String,
    query: String,
}

/// The triple number `index`: key ids repeat, secrets and tokens do not.
fn numbered(index: usize) -> (Published, Known) {
    let (key_id, secret, token) = (format!("AKID{}", index % 3), format!("secret-{index}"), format!("token{index}"));
    let known = Known {
        header: header_signature(&secret, Some(&token), NOW, SCOPE),
        query: query_signature(&key_id, &secret, &token),
        key_id,
    };
    (triple(&known.key_id, &secret, Some(&token)), known)
}

/// Ends the other threads when the one that holds it ends, by a panic as well.
struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

#[test]
fn no_signature_mixes_two_triples_while_they_are_replaced() {
    let handle = cell::open(WINDOWS).expect("opens");
    let cell = cell::get(handle).expect("is open");
    let known: RwLock<HashMap<u64, Known>> = RwLock::default();
    let ended = AtomicBool::new(false);
    let (signed, changed, missing, batches) =
        (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let count = |counter: &AtomicUsize| counter.fetch_add(1, Ordering::Relaxed);
    let publish = |index| {
        let (published, what) = numbered(index);
        known.write().expect("no panic").insert(published.version(), what);
        cell.publish(published, NOW)
    };
    let first = publish(0);
    let work = || {
        let mut version = first;
        for turn in 0.. {
            if ended.load(Ordering::Acquire) {
                break;
            }
            let frame = Frame::new(handle, version, "https://h/").expires_in(f64::from(EXPIRES));
            let mut bytes = frame.bytes();
            if turn % 5 == 0 {
                // A batch freezes its triple: what is published meanwhile must not show.
                if let Ok(batch) = Batch::new(&bytes, b"https://h/\nhttps://h/", 0) {
                    thread::yield_now();
                    let answer = String::from_utf8(batch.presign().expect("presigns")).expect("ASCII");
                    let expected = &known.read().expect("no panic")[&version].query;
                    assert!(answer.ends_with(&format!("\n?{expected}?{expected}")), "{answer}");
                    count(&batches);
                }
                continue;
            }
            let presigned = turn % 2 == 0;
            let answer = if presigned { wire::presign(&mut bytes, None) } else { wire::sign(&mut bytes, None) };
            match answer.expect("the cell is open") {
                answer @ Answer::Signed { .. } => {
                    let text = answered(&bytes, answer);
                    let known = known.read().expect("no panic");
                    let Known { key_id, header, query } = &known[&version];
                    let wanted = if presigned { query } else { header };
                    assert_eq!(field(&text, "Signature="), wanted, "version {version}: {text}");
                    assert!(text.contains(&format!("Credential={key_id}")), "version {version}: {text}");
                    count(&signed);
                }
                Answer::VersionChanged => {
                    version = cell.current().map_or(version, |current| current.version());
                    count(&changed);
                }
                Answer::RefreshRequired => {
                    count(&missing);
                    thread::yield_now();
                }
                Answer::RejectKept => panic!("no refresh failed"),
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(work);
        }
        let _ends = Ends(&ended);
        let enough = |counter: &AtomicUsize| counter.load(Ordering::Relaxed) >= 50;
        let mut index = 0;
        while index < 1_500 || !(enough(&signed) && enough(&changed) && enough(&batches)) {
            index += 1;
            publish(index);
            if index % 7 == 0 {
                assert!(cell.invalidate(None));
                thread::yield_now();
            }
            if index % 11 == 0 {
                let late = format!("AKID{}", (index + 1) % 3);
                assert!(!cell.invalidate(Some(&late)), "a complaint about another key id drops nothing");
            }
            if index % 5 == 0 {
                thread::sleep(Duration::from_micros(200));
            }
            assert!(index < 100_000, "{signed:?} signed, {changed:?} changed, {batches:?} batches");
        }
    });
    assert!(cell.current().is_some() || missing.load(Ordering::Relaxed) > 0);
    cell::close(handle);
}

#[test]
fn a_closed_handle_is_closed_for_every_thread_and_for_ever() {
    let stale: RwLock<Vec<Handle>> = RwLock::default();
    let given: Mutex<HashSet<u64>> = Mutex::default();
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (stale, given) = (&stale, &given);
            scope.spawn(move || {
                for turn in 0..400 {
                    let handle = cell::open(WINDOWS).expect("opens");
                    assert!(given.lock().expect("no panic").insert(handle.to_bits()), "a handle was given out twice");
                    let secret = format!("secret-{thread}-{turn}");
                    let version = cell::get(handle).expect("is open").publish(triple("AKIDSHARED", &secret, None), NOW);
                    let mut bytes = Frame::new(handle, version, "https://h/").bytes();
                    let answer = wire::sign(&mut bytes, None).expect("is open");
                    let expected = header_signature(&secret, None, NOW, SCOPE);
                    assert_eq!(field(&answered(&bytes, answer), "Signature="), expected);
                    cell::close(handle);
                    stale.write().expect("no panic").push(handle);
                    // Slots are used again at once, by any thread; old handles must not reach them.
                    let stale = stale.read().expect("no panic");
                    for &closed in stale.iter().rev().take(8).chain(stale.first()) {
                        let frame = Frame::new(closed, version, "https://h/").expires_in(1.0).bytes();
                        let kinds = [
                            wire::sign(&mut frame.clone(), None).map(drop),
                            wire::presign(&mut frame.clone(), None).map(drop),
                            wire::explain(&frame, None).map(drop),
                            Batch::new(&frame, b"https://h/", 0).map(drop),
                            cell::get(closed).map(drop),
                        ]
                        .map(|result| result.expect_err("the handle is stale").kind());
                        assert_eq!(kinds, [ErrorKind::Closed; 5]);
                    }
                }
            });
        }
    });
    let slots: HashSet<u64> = given.lock().expect("no panic").iter().map(|bits| bits & ((1 << 21) - 1)).collect();
    assert!(slots.len() < 100, "slots are used again: {} for {} cells", slots.len(), THREADS * 400);
}

#[test]
fn closing_a_cell_under_its_signers_never_signs_wrongly() {
    for round in 0..200 {
        let handle = cell::open(WINDOWS).expect("opens");
        let secret = format!("closing-{round}");
        let version = cell::get(handle).expect("is open").publish(triple("AKID", &secret, None), NOW);
        let expected = header_signature(&secret, None, NOW, SCOPE);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    loop {
                        let mut bytes = Frame::new(handle, version, "https://h/").bytes();
                        match wire::sign(&mut bytes, None) {
                            Ok(answer @ Answer::Signed { .. }) => {
                                assert_eq!(field(&answered(&bytes, answer), "Signature="), expected);
                            }
                            // The triple was already dropped when the cell had just been found.
                            Ok(Answer::RefreshRequired) => {}
                            Ok(other) => panic!("{other:?}"),
                            Err(error) => break assert_eq!(error.kind(), ErrorKind::Closed),
                        }
                    }
                });
            }
            thread::yield_now();
            cell::close(handle);
        });
    }
}

#[test]
fn keys_of_one_key_id_with_two_secrets_never_meet() {
    const SCOPES: [(&str, &str); 3] = [SCOPE, ("eu-west-1", SCOPE.1), (SCOPE.0, "other")];
    let open = |secret: &'static str| {
        let handle = cell::open(WINDOWS).expect("opens");
        let version = cell::get(handle).expect("is open").publish(triple("AKIDTWICE", secret, None), NOW);
        let expected = SCOPES.map(|scope| [0, 1].map(|day| header_signature(secret, None, NOW + day * DAY, scope)));
        (handle, version, expected)
    };
    let cells = [open("the one secret"), open("the other secret")];
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let cells = &cells;
            scope.spawn(move || {
                let mut rng = fastrand::Rng::with_seed(thread as u64);
                for _ in 0..5_000 {
                    let (handle, version, expected) = &cells[rng.usize(..2)];
                    let (scope, day) = (rng.usize(..SCOPES.len()), rng.usize(..2));
                    let mut frame = Frame::new(*handle, *version, "https://h/");
                    (frame.region, frame.service) = (SCOPES[scope].0.to_owned(), SCOPES[scope].1.to_owned());
                    frame.signing_date += [0.0, 86_400_000.0][day];
                    let mut bytes = frame.bytes();
                    let answer = wire::sign(&mut bytes, None).expect("is open");
                    assert_eq!(field(&answered(&bytes, answer), "Signature="), expected[scope][day]);
                }
            });
        }
    });
    for (handle, _, _) in cells {
        cell::close(handle);
    }
}

fn settings() -> Settings<'static> {
    Settings {
        dialect: &dialect::AWS,
        algorithm: Algorithm::Sigv4,
        region: b"us-east-1",
        service: b"service",
        unsigned_headers: b"",
        double_encode_path: true,
        normalize_path: true,
        content_sha256_header: false,
        unsigned_payload: false,
        omit_session_token: false,
    }
}

/// A request whose third header cannot be read.
fn failing_headers() -> impl Iterator<Item = (&'static [u8], &'static [u8])> {
    (0..3).map(|index| {
        assert!(index < 2, "reading the headers failed, as this test wants");
        (&b"x-amz-meta-a"[..], &b"value"[..])
    })
}

#[test]
fn a_panic_while_signing_leaves_the_thread_able_to_sign() {
    let published = triple("AKID", "a secret", None);
    let date = AmzDate::at(NOW);
    let request = || Request {
        method: b"GET",
        url: b"https://h/",
        headers: iter::empty::<(&[u8], &[u8])>(),
        payload: Payload::Absent,
    };
    let failing =
        || Request { method: b"GET", url: b"https://h/", headers: failing_headers(), payload: Payload::Absent };
    let sign = || {
        sign::sign_headers(&published, &settings(), date, request(), |signed| signed.signature.to_vec()).expect("signs")
    };
    let presign = || {
        sign::presign(&published, &settings(), date, 60, request(), |signed| signed.signature.to_vec()).expect("signs")
    };
    let (signed, presigned) = (sign(), presign());
    assert_eq!(String::from_utf8_lossy(&signed), header_signature("a secret", None, NOW, SCOPE));
    let panics: [(&str, &dyn Fn()); 4] = [
        ("the closure of sign_headers", &|| {
            let _ = sign::sign_headers(&published, &settings(), date, request(), |_| panic!("as this test wants"));
        }),
        ("the closure of presign", &|| {
            let _ = sign::presign(&published, &settings(), date, 60, request(), |_| panic!("as this test wants"));
        }),
        ("the headers of sign_headers", &|| {
            let _ = sign::sign_headers(&published, &settings(), date, failing(), |_| ());
        }),
        ("the headers of presign", &|| {
            let _ = sign::presign(&published, &settings(), date, 60, failing(), |_| ());
        }),
    ];
    for (place, panicking) in panics {
        panic::catch_unwind(AssertUnwindSafe(panicking)).expect_err(place);
        assert_eq!(sign(), signed, "after a panic in {place}");
        assert_eq!(presign(), presigned, "after a panic in {place}");
    }
}
