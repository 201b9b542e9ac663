//! Every interleaving of threads that share a cell: who refreshes, what is published, and how a lease passes on.
#![allow(missing_docs, reason = "tests")]

mod support;

use aws_refresh_session_model::cell::{Handle, Registry, Since, Turn};
use loom::sync::{Arc, Notify};
use loom::thread;
use support::{TTL, check, open, triple};

/// What both threads saw when they decided to refresh.
const NOTHING_HELD: Option<Since> = Some(Since { version: 0, now: 0 });

/// Fetches and publishes, or waits for who does, until a triple is there; tells whether this thread fetched it.
fn refresh(registry: &Registry, handle: Handle, version: u64, notice: &Notify) -> bool {
    let cell = registry.get(handle).expect("is open");
    let mut awaited = 0;
    loop {
        match cell.begin_refresh(handle, 0, TTL, awaited, NOTHING_HELD) {
            Turn::Yours { lease, .. } => {
                assert_eq!(
                    cell.refreshed(lease, triple(version), 0),
                    Some(version),
                    "nobody can take the lease in time"
                );
                notice.notify();
                return true;
            }
            Turn::Wait { lease, millis } => {
                assert!(millis > 0 && millis <= TTL);
                awaited = lease;
                // Without time passing nothing but the notice wakes it: loom reports a lost one as a deadlock.
                notice.wait();
            }
            Turn::Published => return false,
            Turn::Failed => panic!("no refresh failed"),
        }
    }
}

#[test]
fn one_of_two_threads_refreshes_and_the_other_is_woken() {
    check(|| {
        let registry = Arc::new(Registry::default());
        let notice = Arc::new(Notify::new());
        let (one, other) = (open(&registry), open(&registry));
        let thread = {
            let (registry, notice) = (Arc::clone(&registry), Arc::clone(&notice));
            thread::spawn(move || refresh(&registry, one, 1, &notice))
        };
        let here = refresh(&registry, other, 2, &notice);
        let there = thread.join().expect("no panic");
        let version = registry.get(one).expect("is open").current().expect("is published").version();
        assert!(there != here, "both decided while nothing was held");
        assert_eq!(version, if there { 1 } else { 2 });
    });
}

#[test]
fn a_failure_reaches_the_thread_that_waited_for_it() {
    check(|| {
        let registry = Arc::new(Registry::default());
        let notice = Arc::new(Notify::new());
        let (one, other) = (open(&registry), open(&registry));
        let cell = registry.get(one).expect("is open");
        let Turn::Yours { lease, .. } = cell.begin_refresh(one, 0, TTL, 0, None) else { panic!("nobody else asked") };
        let thread = {
            let (registry, notice) = (Arc::clone(&registry), Arc::clone(&notice));
            thread::spawn(move || {
                let cell = registry.get(other).expect("is open");
                loop {
                    match cell.begin_refresh(other, 0, TTL, lease, None) {
                        Turn::Wait { .. } => notice.wait(),
                        turn => break (turn, cell.failure()),
                    }
                }
            })
        };
        assert!(cell.refresh_failed(lease, 0, true, 0.0, "why"));
        notice.notify();
        let (turn, failure) = thread.join().expect("no panic");
        assert_eq!(turn, Turn::Failed);
        assert_eq!(failure.map(|failure| (failure.lease, failure.text)), Some((lease, "why".into())));
    });
}

#[test]
fn what_comes_after_the_lease_was_lost_is_never_published() {
    check(|| {
        let registry = Arc::new(Registry::default());
        let (slow, quick) = (open(&registry), open(&registry));
        let cell = registry.get(slow).expect("is open");
        let Turn::Yours { lease: lost, .. } = cell.begin_refresh(slow, 0, TTL, 0, None) else {
            panic!("nobody else asked")
        };
        let thread = {
            let registry = Arc::clone(&registry);
            thread::spawn(move || {
                let cell = registry.get(quick).expect("is open");
                match cell.begin_refresh(quick, TTL, TTL, lost, None) {
                    Turn::Yours { lease, .. } => cell.refreshed(lease, triple(2), TTL),
                    Turn::Published => None,
                    turn => panic!("{turn:?} when the time of the lease is over"),
                }
            })
        };
        let late = cell.refreshed(lost, triple(1), TTL);
        let taken_over = thread.join().expect("no panic");
        assert!(late.is_some() != taken_over.is_some(), "{late:?} and {taken_over:?}");
        assert_eq!(cell.current().map(|current| current.version()), late.or(taken_over));
        assert!(!cell.refresh_failed(lost, TTL, true, 0.0, "late"), "a lost lease cannot fail");
    });
}

#[test]
fn two_threads_never_hold_the_lease_at_once_when_its_time_is_over() {
    check(|| {
        let registry = Arc::new(Registry::default());
        let handles = [open(&registry), open(&registry), open(&registry)];
        let cell = registry.get(handles[0]).expect("is open");
        let Turn::Yours { lease: lost, .. } = cell.begin_refresh(handles[0], 0, TTL, 0, None) else {
            panic!("nobody else asked")
        };
        let threads = [1, 2].map(|index| {
            let (registry, handle) = (Arc::clone(&registry), handles[index]);
            thread::spawn(move || {
                let cell = registry.get(handle).expect("is open");
                matches!(cell.begin_refresh(handle, TTL, TTL, lost, None), Turn::Yours { .. })
            })
        });
        let taken = threads.map(|thread| thread.join().expect("no panic"));
        assert!(taken[0] != taken[1], "{taken:?}");
    });
}

#[test]
fn closing_hands_the_lease_on_wherever_it_happens() {
    for ends_thread in [false, true] {
        check(move || {
            let registry = Arc::new(Registry::default());
            let (closing, waiting) = (open(&registry), open(&registry));
            let thread = {
                let registry = Arc::clone(&registry);
                thread::spawn(move || {
                    let cell = registry.get(closing).expect("is open");
                    let turn = cell.begin_refresh(closing, 0, TTL, 0, None);
                    if ends_thread {
                        registry.close_all(closing.to_bits() & 1);
                    } else {
                        registry.close(closing);
                    }
                    turn
                })
            };
            let cell = registry.get(waiting).expect("is open");
            let turn = cell.begin_refresh(waiting, 0, TTL, 0, None);
            thread.join().expect("no panic");
            // Nobody told the one who waits; its next look is enough, long before the lease would end.
            if let Turn::Wait { lease, .. } = turn {
                assert!(
                    matches!(cell.begin_refresh(waiting, 0, TTL, lease, None), Turn::Yours { lease: next, .. } if next > lease)
                );
            } else {
                assert!(matches!(turn, Turn::Yours { .. }));
            }
            registry.close(waiting);
            assert_eq!(registry.counts(), (0, 0));
        });
    }
}
