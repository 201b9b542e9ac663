//! Cells shared by name: joining, owners that end, leases over time, and real threads that take turns.
#![allow(missing_docs, reason = "tests")]

mod support;

use aws_refresh_session_core::ErrorKind;
use aws_refresh_session_core::cell::{self, Failure, Handle, Opening, Shared, Since, Turn};
use aws_refresh_session_core::clock::Millis;
use aws_refresh_session_core::credentials::Published;
use aws_refresh_session_core::refresh::Decision;
use aws_refresh_session_core::wire::{self, Answer};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use support::{Frame, NOW, SECRET, WINDOWS, triple};

const TTL: Millis = 1_000;

fn opening(name: &str, owner: u64, fingerprint: &str) -> Opening {
    let shared = Some(Shared { name: name.to_owned(), fingerprint: fingerprint.to_owned() });
    Opening { policy: WINDOWS, owner, shared }
}

fn join(name: &str, owner: u64) -> Handle {
    cell::open(opening(name, owner, "method a\nrole b\n")).expect("opens")
}

fn lease(handle: Handle, now: Millis) -> u64 {
    match cell::get(handle).expect("is open").begin_refresh(handle, now, TTL, 0, None) {
        Turn::Yours { lease, .. } => lease,
        turn => panic!("{turn:?}"),
    }
}

#[test]
fn handles_of_one_name_reach_one_cell_until_the_last_is_closed() {
    let (one, other, elsewhere) = (join("reach", 1), join("reach", 2), join("reach-not", 1));
    assert_ne!(one, other);
    let cell = |handle| cell::get(handle).expect("is open");
    assert_eq!(cell(one).id(), cell(other).id());
    assert_ne!(cell(one).id(), cell(elsewhere).id());
    let version = cell(one).publish(triple("AKID", SECRET, None), NOW);
    assert_eq!(cell(other).decide_with_version(NOW), (Decision::Fresh, version));
    cell::close(one);
    cell::close(one);
    assert_eq!(cell::get(one).expect_err("is closed").kind(), ErrorKind::Closed);
    assert!(cell(other).current().is_some());
    let kept = cell(other);
    cell::close(other);
    assert!(kept.current().is_none(), "the last one wipes");
    let next = join("reach", 1);
    assert_ne!(cell(next).id(), kept.id());
    assert!(cell(next).current().is_none());
    for handle in [next, elsewhere] {
        cell::close(handle);
    }
}

#[test]
fn a_request_that_names_a_triple_already_is_signed_with_it_though_another_thread_replaced_it() {
    let handle = join("in hand", 1);
    let cell = cell::get(handle).expect("is open");
    let secrets = ["first", "second", "third"];
    let versions = secrets.map(|secret| cell.publish(triple("AKID", secret, None), NOW));
    let secret = |version| cell.recent(version).map(|found| found.credentials().secret_access_key().to_owned());
    assert_eq!(versions.map(secret), [None, Some("second".to_owned()), Some("third".to_owned())]);
    for (version, signed) in versions.into_iter().zip([false, true, true]) {
        let mut frame = Frame::new(handle, version, "https://h/").bytes();
        let answer = wire::sign_text(&mut frame, b"text").expect("is open");
        assert_eq!(matches!(answer, Answer::Signed { .. }), signed, "{answer:?}");
        let answer = wire::sign(&mut Frame::new(handle, version, "https://h/").bytes(), None).expect("is open");
        assert_eq!(matches!(answer, Answer::Signed { .. }), version == versions[2], "{answer:?}");
    }
    assert!(cell.invalidate(None));
    assert_eq!(versions.map(secret), [None, None, None]);
    cell::close(handle);
    let alone = cell::open(WINDOWS).expect("opens");
    let cell = cell::get(alone).expect("is open");
    let replaced = cell.publish(triple("AKID", "first", None), NOW);
    cell.publish(triple("AKID", "second", None), NOW);
    assert!(cell.recent(replaced).is_none(), "what no other thread sees is wiped at once");
    cell::close(alone);
}

#[test]
fn who_brings_another_fingerprint_is_told_which_line_differs() {
    let first = join("fingerprint", 1);
    for (fingerprint, option) in
        [("method a\nrole c\n", "role"), ("method a\n", "role"), ("method a\nrole b\nzone d\n", "zone"), ("", "method")]
    {
        let error = cell::open(opening("fingerprint", 1, fingerprint)).expect_err("must be refused");
        assert_eq!(error.kind().code(), "ERR_SHARED_OPTIONS");
        assert!(error.to_string().contains(&format!("another \"{option}\"")), "{error}");
    }
    // What was refused owns nothing.
    let kept = cell::get(first).expect("is open");
    kept.publish(triple("AKID", SECRET, None), NOW);
    cell::close(first);
    assert!(kept.current().is_none());
}

#[test]
fn an_owner_that_ends_closes_its_handles_and_no_others() {
    let handles = [join("owner", 71), join("owner", 71), join("owner", 72)];
    let alone = cell::open(Opening { policy: WINDOWS, owner: 71, shared: None }).expect("opens");
    let held = lease(handles[0], 0);
    cell::close_all(71);
    for handle in [handles[0], handles[1], alone] {
        assert!(cell::get(handle).is_err());
    }
    assert!(lease(handles[2], 0) > held, "its lease is free");
    cell::close_all(71);
    cell::close_all(72);
    assert!(cell::get(handles[2]).is_err());
}

#[test]
fn a_lease_ends_at_its_deadline_or_with_its_result() {
    let (one, other) = (join("time", 1), join("time", 2));
    let cell = cell::get(one).expect("is open");
    let first = lease(one, 0);
    let ask = |now, awaited| cell.begin_refresh(other, now, TTL, awaited, None);
    assert_eq!(ask(1, 0), Turn::Wait { lease: first, millis: TTL - 1 });
    assert_eq!(ask(TTL - 1, first), Turn::Wait { lease: first, millis: 1 });
    assert!(cell.refreshed(first, triple("AKIDFIRST", SECRET, None), NOW).is_some());
    assert_eq!(ask(TTL - 1, first), Turn::Published);
    assert!(cell.failure().is_none());
    // What is asked anew begins anew, and a result that is late, but before anybody took over, counts.
    let second = lease(one, TTL);
    assert!(cell.refresh_failed(second, NOW, true, 0.0, "late"));
    assert_eq!(cell.failure(), Some(Failure { lease: second, text: "late".into() }));
    assert_eq!(ask(9 * TTL, second), Turn::Failed);
    let third = lease(one, 9 * TTL);
    let Turn::Yours { lease: fourth, .. } = ask(10 * TTL, third) else { panic!("its time is over") };
    assert_eq!(cell.refreshed(third, triple("AKIDTHIRD", SECRET, None), NOW), None);
    assert!(!cell.refresh_failed(third, NOW, true, 0.0, "lost"));
    assert_eq!(cell.current().expect("is held").credentials().access_key_id(), "AKIDFIRST");
    assert_eq!(cell.failure().map(|failure| failure.lease), Some(second));
    assert!(cell.refreshed(fourth, triple("AKIDFOURTH", SECRET, None), NOW).is_some());
    // A triple that needed no refresh makes the one under way vain.
    let fifth = lease(one, 20 * TTL);
    cell.publish(triple("AKIDGIVEN", SECRET, None), NOW);
    assert_eq!(cell.refreshed(fifth, triple("AKIDFIFTH", SECRET, None), NOW), None);
    assert_eq!(ask(20 * TTL, fifth), Turn::Published);
    for handle in [one, other] {
        cell::close(handle);
    }
}

#[test]
fn who_decided_before_a_refresh_ended_need_not_refresh() {
    let handle = join("since", 1);
    let cell = cell::get(handle).expect("is open");
    let ask = |version, now, awaited| cell.begin_refresh(handle, 0, TTL, awaited, Some(Since { version, now }));
    let begins = |turn| match turn {
        Turn::Yours { lease, .. } => lease,
        other => panic!("{other:?}"),
    };
    let first = begins(ask(0, NOW, 0));
    let expiring = Published::new("AKID", SECRET, None, Some(NOW + 4_000_000), NOW).expect("whole");
    let version = cell.refreshed(first, expiring, NOW).expect("the lease is held");
    assert_eq!(ask(0, NOW, 0), Turn::Published, "what was due is done");
    // Ahead of time, or when it is due again.
    for now in [NOW, NOW + 3_500_000] {
        let lease = begins(ask(version, now, 0));
        assert!(matches!(ask(version, now, 0), Turn::Wait { .. }));
        assert!(cell.refresh_failed(lease, now, true, 0.0, "why"));
    }
    assert_eq!(ask(version, NOW + 3_500_000, 0), Turn::Failed, "the failure is kept for a while");
    begins(ask(version, NOW + 3_502_000, 0));
    cell::close(handle);
}

#[test]
fn the_source_is_asked_anew_until_a_refresh_that_began_after_the_triple_was_given_up_is_published() {
    let handle = join("anew", 1);
    let cell = cell::get(handle).expect("is open");
    let begin = || match cell.begin_refresh(handle, 0, TTL, 0, None) {
        Turn::Yours { lease, anew } => (lease, anew),
        turn => panic!("{turn:?}"),
    };
    let publish = |lease| cell.refreshed(lease, triple("AKID", SECRET, None), NOW).expect("the lease is held");
    let (lease, anew) = begin();
    assert!(!anew, "nothing was given up yet");
    publish(lease);
    assert!(cell.invalidate(None));
    let (lease, anew) = begin();
    assert!(anew);
    assert!(cell.refresh_failed(lease, NOW, true, 0.0, ""));
    let (lease, anew) = begin();
    assert!(anew, "the last attempt came to nothing");
    publish(lease);
    let (lease, anew) = begin();
    assert!(!anew);
    assert!(cell.invalidate(None), "while a refresh is under way");
    assert!(cell.refreshed(lease, triple("AKIDNEXT", SECRET, None), NOW).is_some());
    assert!(begin().1, "what was published then may have been made before the complaint");
    cell::close(handle);
}

#[test]
fn a_triple_that_was_given_up_while_its_source_was_asked_is_not_published_by_that_refresh() {
    let handle = join("stale", 1);
    let cell = cell::get(handle).expect("is open");
    let begin = || cell.begin_refresh(handle, 0, TTL, 0, None);
    cell.publish(triple("AKIDOLD", SECRET, None), NOW);
    let during = lease(handle, 0);
    assert!(cell.invalidate(Some("AKIDOLD")));
    assert_eq!(cell.refreshed(during, triple("AKIDOLD", SECRET, None), NOW), None);
    assert!(cell.current().is_none());
    // The lease is free at once, and its next holder asks anew; what the source insists on then is taken.
    let Turn::Yours { lease: next, anew: true } = begin() else { panic!("not free") };
    assert!(cell.refreshed(next, triple("AKIDOLD", SECRET, None), NOW).is_some());

    let during = lease(handle, 0);
    assert!(cell.invalidate(None));
    assert!(
        cell.refreshed(during, triple("AKIDNEW", SECRET, None), NOW).is_some(),
        "another triple is what was wanted"
    );
    cell::close(handle);
}

#[test]
fn threads_that_all_want_to_refresh_take_turns() {
    const THREADS: usize = 8;
    const ROUNDS: usize = 500;
    let (holders, fetched) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let watch = join("turns", 100);
    thread::scope(|scope| {
        for owner in 0..THREADS {
            let (holders, fetched) = (&holders, &fetched);
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    let handle = join("turns", owner as u64);
                    let cell = cell::get(handle).expect("is open");
                    let mut awaited = 0;
                    loop {
                        match cell.begin_refresh(handle, 0, TTL, awaited, None) {
                            Turn::Yours { lease, .. } => {
                                assert_eq!(holders.fetch_add(1, Ordering::SeqCst), 0, "two hold the lease at once");
                                assert_eq!(holders.fetch_sub(1, Ordering::SeqCst), 1);
                                match round % 3 {
                                    // Ends without a word, and hands the lease on.
                                    0 => break,
                                    1 => assert!(cell.refresh_failed(lease, NOW, true, 0.0, "why")),
                                    _ => {
                                        let secret = format!("secret-{owner}-{round}");
                                        assert!(cell.refreshed(lease, triple("AKID", &secret, None), NOW).is_some());
                                    }
                                }
                                fetched.fetch_add(1, Ordering::Relaxed);
                                break;
                            }
                            Turn::Wait { lease, .. } => {
                                awaited = lease;
                                thread::yield_now();
                            }
                            Turn::Published | Turn::Failed => break,
                        }
                    }
                    cell::close(handle);
                }
            });
        }
    });
    assert!(fetched.load(Ordering::Relaxed) > ROUNDS / 3);
    let kept = cell::get(watch).expect("is open");
    assert!(kept.current().is_some());
    cell::close(watch);
    assert!(kept.current().is_none());
}
