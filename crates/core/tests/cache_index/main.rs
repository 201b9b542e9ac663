//! The index of a cache beside a model of it: examples, random sequences, a million steps, and threads.
#![allow(missing_docs, reason = "tests")]

mod model;

use aws_refresh_session_core::ErrorKind;
use aws_refresh_session_core::cache::{Added, EvictionPolicy, Index};
use aws_refresh_session_core::digest::{Digest, KeyedHash};
use model::Model;
use parking_lot::Mutex;
use proptest::prelude::*;
use std::sync::LazyLock;
use std::thread;

const POLICIES: [EvictionPolicy; 2] = [EvictionPolicy::Lru, EvictionPolicy::Lfu];

static HASH: LazyLock<KeyedHash> = LazyLock::new(|| KeyedHash::new(&[7; 32]));

fn digest(key: u32) -> Digest {
    HASH.digest(&key.to_le_bytes())
}

#[derive(Clone, Debug)]
enum Step {
    Touch(u32),
    Peek(u32),
    Add(u32),
    /// As a cache does: touch, and add where that finds nothing.
    Visit(u32),
    Remove(u32),
    Resize(usize),
    /// Down to nothing, and back.
    Clear,
}

/// An index and its model, which take every step together and must agree on all that can be seen of it.
struct Pair {
    index: Index,
    model: Model,
    most: usize,
}

impl Pair {
    fn new(policy: EvictionPolicy, max_size: usize) -> Self {
        Self { index: Index::new(policy, max_size), model: Model::new(policy, max_size), most: 0 }
    }

    fn take(&mut self, step: &Step) {
        match *step {
            Step::Touch(key) => assert_eq!(self.index.touch(&digest(key)), self.model.touch(key)),
            Step::Peek(key) => assert_eq!(self.index.peek(&digest(key)), self.model.peek(key)),
            Step::Add(key) => self.add(key),
            Step::Visit(key) => {
                let found = self.index.touch(&digest(key));
                assert_eq!(found, self.model.touch(key));
                if found.is_none() {
                    self.add(key);
                }
            }
            Step::Remove(slot) => assert_eq!(self.index.remove(slot), self.model.remove(slot)),
            Step::Resize(max_size) => assert_eq!(self.index.resize(max_size), self.model.resize(max_size)),
            Step::Clear => {
                let max_size = self.model.max_size();
                self.take(&Step::Resize(0));
                self.take(&Step::Resize(max_size));
            }
        }
        assert_eq!(self.index.len(), self.model.len());
        assert_eq!(self.index.is_empty(), self.model.len() == 0);
        self.most = self.most.max(self.index.len());
    }

    fn add(&mut self, key: u32) {
        let added = self.index.add(digest(key));
        if self.model.peek(key).is_some() {
            assert_eq!(added.map_err(|error| error.kind()), Err(ErrorKind::CacheKey));
            return;
        }
        let added = added.expect("the key is new");
        if self.model.max_size() == 0 {
            return assert_eq!(added, None);
        }
        let Added { slot, evicted } = added.expect("there is room for one");
        assert!(!self.model.holds(slot), "slot {slot} was taken");
        assert_eq!(evicted, self.model.make_room());
        // The newcomer and its victim together are one more than there were entries at once.
        assert!(slot as usize <= self.most + 1, "slot {slot} while there were {} entries at most", self.most);
        self.model.add(key, slot);
    }

    fn compare_order(&self) {
        assert_eq!(self.index.order(), self.model.order());
    }
}

fn step() -> impl Strategy<Value = Step> {
    // Few keys and slots beside the sizes, so that all of found, absent, evicted and free happen often.
    prop_oneof![
        6 => (0_u32..12).prop_map(Step::Visit),
        4 => (0_u32..12).prop_map(Step::Touch),
        3 => (0_u32..12).prop_map(Step::Add),
        1 => (0_u32..12).prop_map(Step::Peek),
        2 => (0_u32..12).prop_map(Step::Remove),
        1 => prop_oneof![0_usize..9, Just(usize::MAX)].prop_map(Step::Resize),
        1 => Just(Step::Clear),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn every_sequence_gives_what_the_model_gives(
        max_size in prop_oneof![0_usize..9, Just(usize::MAX)],
        steps in prop::collection::vec(step(), 1..120),
    ) {
        for policy in POLICIES {
            let mut pair = Pair::new(policy, max_size);
            for step in &steps {
                pair.take(step);
                pair.compare_order();
            }
        }
    }
}

/// Steps as a cache takes them, most of them visits of few keys; now and then what else there is.
fn random_step(rng: &mut fastrand::Rng) -> Step {
    // The square of a random number: some keys are visited often, most of them seldom.
    let spread = |rng: &mut fastrand::Rng, most: f64| {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small and positive")]
        let key = (rng.f64().powi(2) * most) as u32;
        key
    };
    match rng.u32(0..1_000) {
        0 => Step::Clear,
        1..4 => Step::Resize(if rng.bool() { rng.usize(0..80) } else { 40 }),
        4 => Step::Resize(usize::MAX),
        5..40 => Step::Remove(rng.u32(0..80)),
        40..100 => Step::Peek(spread(rng, 300.0)),
        100..150 => Step::Add(spread(rng, 300.0)),
        150..300 => Step::Touch(spread(rng, 300.0)),
        _ => Step::Visit(spread(rng, 300.0)),
    }
}

fn a_million_steps(policy: EvictionPolicy) {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut pair = Pair::new(policy, 40);
    for step in 0..1_000_000 {
        pair.take(&random_step(&mut rng));
        if step % 500 == 0 {
            pair.compare_order();
        }
    }
}

#[test]
fn a_million_steps_of_least_recent_use_give_what_the_model_gives() {
    a_million_steps(EvictionPolicy::Lru);
}

#[test]
fn a_million_steps_of_least_frequent_use_give_what_the_model_gives() {
    a_million_steps(EvictionPolicy::Lfu);
}

/// What a thread did and saw: the key, the slot that was found, and what was added where none was.
type Visit = (u32, Option<u32>, Option<Added>);

#[test]
fn threads_behind_a_lock_see_what_one_would_see_that_did_all_they_did() {
    for policy in POLICIES {
        let shared = Mutex::new((Index::new(policy, 16), Vec::<Visit>::new()));
        thread::scope(|scope| {
            for number in 0..4_u64 {
                let shared = &shared;
                scope.spawn(move || {
                    let mut rng = fastrand::Rng::with_seed(number);
                    for _ in 0..10_000 {
                        let key = rng.u32(0..40);
                        let digest = digest(key);
                        let (index, seen) = &mut *shared.lock();
                        let found = index.touch(&digest);
                        let added = if found.is_none() { index.add(digest).expect("it was absent") } else { None };
                        seen.push((key, found, added));
                    }
                });
            }
        });
        let (index, seen) = shared.into_inner();
        let mut model = Model::new(policy, 16);
        for (key, found, added) in seen {
            assert_eq!(found, model.touch(key));
            if let Some(Added { slot, evicted }) = added {
                assert_eq!(evicted, model.make_room());
                model.add(key, slot);
            }
        }
        assert_eq!(index.order(), model.order());
    }
}

#[test]
fn ties_go_to_who_reached_the_frequency_first() {
    let mut index = Index::new(EvictionPolicy::Lfu, 3);
    for key in [1, 2, 3] {
        index.add(digest(key)).expect("it is new");
    }
    for key in [3, 1, 2] {
        assert!(index.touch(&digest(key)).is_some());
    }
    assert_eq!(index.order(), [2, 0, 1]);
    // Of the frequencies 2, 2, 2 the first to reach it leaves, not the newcomer, and then the newcomer, with 1.
    assert_eq!(index.add(digest(4)).expect("it is new"), Some(Added { slot: 3, evicted: Some(2) }));
    assert_eq!(index.add(digest(5)).expect("it is new"), Some(Added { slot: 2, evicted: Some(3) }));
    assert_eq!(index.order(), [2, 0, 1]);
}

#[test]
fn an_index_of_size_zero_holds_nothing_and_one_of_size_one_changes_hands() {
    for policy in POLICIES {
        let mut index = Index::new(policy, 0);
        assert_eq!(index.add(digest(1)).expect("it is new"), None);
        assert_eq!((index.len(), index.touch(&digest(1)), index.order()), (0, None, vec![]));
        assert!(index.resize(1).is_empty());
        assert_eq!(index.add(digest(1)).expect("it is new"), Some(Added { slot: 0, evicted: None }));
        assert_eq!(index.add(digest(2)).expect("it is new"), Some(Added { slot: 1, evicted: Some(0) }));
        assert_eq!((index.peek(&digest(1)), index.peek(&digest(2))), (None, Some(1)));
        assert_eq!(index.resize(0), [1]);
        assert!(!index.remove(1));
        assert!(!index.remove(u32::MAX));
    }
}
