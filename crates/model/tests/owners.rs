//! Every interleaving of threads that open, read, replace and close a shared cell: readers see whole triples, and the
//! last owner frees each of them once.
#![allow(missing_docs, reason = "tests")]

mod support;

use aws_refresh_session_model::cell::Registry;
use aws_refresh_session_model::refresh::Decision;
use aws_refresh_session_model::sign::key::take_forgotten;
use loom::sync::Arc;
use loom::thread;
use support::{check, open, triple};

#[test]
fn the_last_of_two_owners_frees_what_either_published() {
    check(|| {
        let registry = Arc::new(Registry::default());
        let (one, other) = (open(&registry), open(&registry));
        let cell = registry.get(one).expect("is open");
        let thread = {
            let registry = Arc::clone(&registry);
            thread::spawn(move || {
                registry.get(other).expect("is open").publish(triple(1), 0);
                registry.close(other);
            })
        };
        cell.publish(triple(2), 0);
        registry.close(one);
        thread.join().expect("no panic");
        assert!(cell.current().is_none());
        assert_eq!(registry.counts(), (0, 0));
        assert_eq!(take_forgotten(), [1, 2]);
        assert_eq!(cell.publish(triple(3), 0), 0, "nobody would free it");
        assert!(cell.current().is_none());
    });
}

#[test]
fn who_opens_while_the_last_owner_closes_gets_a_cell_that_works() {
    check(|| {
        let registry = Arc::new(Registry::default());
        let first = open(&registry);
        registry.get(first).expect("is open").publish(triple(1), 0);
        let thread = {
            let registry = Arc::clone(&registry);
            thread::spawn(move || {
                let joined = open(&registry);
                let cell = registry.get(joined).expect("is open");
                let inherited = cell.current().is_some();
                assert_eq!(cell.publish(triple(2), 0), 2);
                assert_eq!(cell.current().expect("is published").version(), 2);
                registry.close(joined);
                inherited
            })
        };
        registry.close(first);
        thread.join().expect("no panic");
        assert_eq!(registry.counts(), (0, 0));
        assert_eq!(take_forgotten(), [1, 2]);
    });
}

#[test]
fn a_reader_sees_the_old_triple_the_new_one_or_none() {
    check(|| {
        let registry = Arc::new(Registry::default());
        let handle = open(&registry);
        let cell = registry.get(handle).expect("is open");
        cell.publish(triple(1), 0);
        let thread = {
            let cell = Arc::clone(&cell);
            thread::spawn(move || {
                cell.publish(triple(2), 0);
                cell.invalidate(Some("AKID2"))
            })
        };
        let mut seen = 1;
        for _ in 0..2 {
            match cell.decide_with_version(0) {
                (Decision::Fresh, version @ (1 | 2)) => {
                    assert!(version >= seen, "an old triple came back");
                    seen = version;
                }
                (Decision::RefreshRequired, 0) => seen = 3,
                other => panic!("{other:?}"),
            }
        }
        if let Some(current) = cell.current() {
            assert!(current.version() >= seen);
            assert_eq!(current.credentials().access_key_id(), format!("AKID{}", current.version()));
        }
        assert!(thread.join().expect("no panic"));
        assert_eq!(cell.decide_with_version(0), (Decision::RefreshRequired, 0));
        registry.close(handle);
        assert_eq!(take_forgotten(), [1, 2]);
    });
}
