//! Signatures that were used: each is accepted once while it is valid.

use crate::clock::Millis;
use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

/// What identifies a proved signature, and how long it could be used.
///
/// It is the hash of what was signed, never of the signature: of one ECDSA signature anybody can make a second.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct UsedSignature {
    digest: [u8; 32],
    valid_until: Millis,
}

impl UsedSignature {
    pub(super) fn of(access_key_id: &str, string_to_sign: &[u8], valid_until: Millis) -> Self {
        // A string to sign does not say by whom: two may send the same request in the same second.
        let mut hash = Sha256::new();
        hash.update((access_key_id.len() as u64).to_be_bytes());
        hash.update(access_key_id);
        hash.update(string_to_sign);
        Self { digest: hash.finalize().into(), valid_until }
    }
}

/// A guard's answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Admission {
    /// The signature was not used before; now it is.
    First,
    /// It was used before, or so long ago that it cannot be known.
    Repeated,
    /// The guard is full of signatures that are still valid: it refuses rather than forget one.
    Full,
}

/// Remembers used signatures while they are valid by the verifier's clock, never by another.
///
/// A cache that decides by itself what to drop could forget a signature early, and one that measures time by the system's
/// clock could forget it by the wrong one; so this is an exact set, ordered by the end of validity, under one lock that is held
/// for well under a microsecond. For use by any number of threads.
#[derive(Debug)]
pub struct ReplayGuard {
    max_entries: usize,
    held: Mutex<Held>,
}

#[derive(Debug)]
struct Held {
    digests: HashSet<[u8; 32]>,
    ends: BinaryHeap<Reverse<(Millis, [u8; 32])>>,
    /// Signatures that ended before this were forgotten: should the clock go back, they are taken for used.
    forgotten: Millis,
}

impl ReplayGuard {
    /// A guard that holds up to `max_entries` signatures, about 120 bytes each.
    #[must_use]
    pub fn new(max_entries: usize) -> Self {
        let held = Held { digests: HashSet::new(), ends: BinaryHeap::new(), forgotten: Millis::MIN };
        Self { max_entries, held: Mutex::new(held) }
    }

    /// Asks whether a signature may be used, and marks it as used, in one step.
    pub fn admit(&self, used: &UsedSignature, now: Millis) -> Admission {
        let mut held = self.held.lock();
        held.forget(now);
        if used.valid_until < held.forgotten || held.digests.contains(&used.digest) {
            return Admission::Repeated;
        }
        if held.digests.len() >= self.max_entries {
            return Admission::Full;
        }
        held.digests.insert(used.digest);
        held.ends.push(Reverse((used.valid_until, used.digest)));
        Admission::First
    }

    /// How many signatures are held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.held.lock().digests.len()
    }

    /// Whether none is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Held {
    fn forget(&mut self, now: Millis) {
        while let Some(&Reverse((end, digest))) = self.ends.peek()
            && end < now
        {
            self.ends.pop();
            self.digests.remove(&digest);
            self.forgotten = self.forgotten.max(end.saturating_add(1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(name: &str, valid_until: Millis) -> UsedSignature {
        UsedSignature::of("AK", name.as_bytes(), valid_until)
    }

    #[test]
    fn a_signature_is_admitted_once_until_it_ends() {
        let guard = ReplayGuard::new(10);
        assert_eq!(guard.admit(&used("a", 100), 0), Admission::First);
        assert_eq!(guard.admit(&used("a", 100), 100), Admission::Repeated);
        assert_eq!(guard.admit(&used("b", 200), 101), Admission::First);
        assert_eq!(guard.len(), 1);
    }

    #[test]
    fn a_full_guard_refuses_and_forgets_nothing() {
        let guard = ReplayGuard::new(2);
        assert_eq!(guard.admit(&used("a", 100), 0), Admission::First);
        assert_eq!(guard.admit(&used("b", 50), 0), Admission::First);
        assert_eq!(guard.admit(&used("c", 100), 0), Admission::Full);
        assert_eq!(guard.admit(&used("a", 100), 0), Admission::Repeated);
        assert_eq!(guard.admit(&used("c", 100), 51), Admission::First);
    }

    #[test]
    fn a_clock_that_goes_back_brings_no_signature_back() {
        let guard = ReplayGuard::new(10);
        assert_eq!(guard.admit(&used("a", 100), 0), Admission::First);
        assert_eq!(guard.admit(&used("b", 300), 200), Admission::First);
        assert_eq!(guard.admit(&used("a", 100), 50), Admission::Repeated);
        assert_eq!(guard.admit(&used("c", 100), 50), Admission::Repeated);
        assert_eq!(guard.admit(&used("d", 101), 50), Admission::First);
    }

    #[test]
    fn of_many_threads_with_one_signature_one_is_admitted() {
        let guard = ReplayGuard::new(1000);
        for round in 0..200 {
            let name = round.to_string();
            let admitted = std::thread::scope(|scope| {
                let threads: Vec<_> =
                    (0..4).map(|_| scope.spawn(|| guard.admit(&used(&name, 100), 0) == Admission::First)).collect();
                threads.into_iter().filter_map(|thread| thread.join().ok()).filter(|&first| first).count()
            });
            assert_eq!(admitted, 1);
        }
    }
}
