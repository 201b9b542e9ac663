//! The index of a cache beside a model of it: examples, random sequences, a million steps, and threads.
#![allow(missing_docs, reason = "tests")]

mod model;

use aws_refresh_session_core::ErrorKind;
use aws_refresh_session_core::cache::{Added, EvictionPolicy, Index};
use aws_refresh_session_core::digest::{Digest, KeyedHash};
use model::Model;
use proptest::prelude::*;
use std::sync::LazyLock;

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
            Step::Clear => assert_eq!(self.index.clear(), self.model.clear()),
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
