//! The slots of an index: which digest has which, and which are free.

use crate::digest::Digest;

/// What no entry has: it stands for "no slot", and in the lists of the policies for both of their ends.
pub(super) const NONE: u32 = 0;

const SMALLEST_TABLE: usize = 16;

/// Digests in slots that count from 1, and a table that finds them.
///
/// The table is open addressing with linear probing. A keyed digest is uniform and nobody can aim at it, so its own first
/// bits say where it belongs, and no further hash is needed.
#[derive(Debug)]
pub(super) struct Slots {
    /// By slot; that of a freed slot is stale.
    digests: Vec<Digest>,
    free: Vec<u32>,
    /// Slots, or `NONE`; the length is a power of two and more than the entries.
    table: Vec<u32>,
    len: usize,
}

impl Slots {
    pub(super) fn new() -> Self {
        Self { digests: vec![[0; 32]], free: Vec::new(), table: vec![NONE; SMALLEST_TABLE], len: 0 }
    }

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// The slot of a digest, or `NONE`.
    pub(super) fn find(&self, digest: &Digest) -> u32 {
        self.table[self.probe(|slot| self.digests[slot as usize] == *digest, digest)]
    }

    /// Gives a slot to a digest that has none; one that was freed before, if there is one.
    pub(super) fn take(&mut self, digest: Digest) -> u32 {
        // At three quarters a search for what is absent takes eight steps on average.
        if (self.len + 1) * 4 > self.table.len() * 3 {
            self.grow();
        }
        let slot = if let Some(slot) = self.free.pop() {
            self.digests[slot as usize] = digest;
            slot
        } else {
            let slot = u32::try_from(self.digests.len()).expect("memory ends before slots do");
            self.digests.push(digest);
            slot
        };
        self.place(slot);
        self.len += 1;
        slot
    }

    /// Frees a slot; false when it is free already or was never given.
    pub(super) fn release(&mut self, slot: u32) -> bool {
        let Some(digest) = self.digests.get(slot as usize).filter(|_| slot != NONE) else { return false };
        let at = self.probe(|other| other == slot, digest);
        if self.table[at] == NONE {
            return false;
        }
        self.close_gap(at);
        self.free.push(slot);
        self.len -= 1;
        true
    }

    /// Where in the table a search ends: at the slot that is looked for, or at a place that holds none.
    fn probe(&self, found: impl Fn(u32) -> bool, digest: &Digest) -> usize {
        let mut at = self.home(digest);
        while self.table[at] != NONE && !found(self.table[at]) {
            at = self.behind(at);
        }
        at
    }

    fn place(&mut self, slot: u32) {
        let at = self.probe(|_| false, &self.digests[slot as usize]);
        self.table[at] = slot;
    }

    fn grow(&mut self) {
        let doubled = vec![NONE; self.table.len() * 2];
        for slot in std::mem::replace(&mut self.table, doubled) {
            if slot != NONE {
                self.place(slot);
            }
        }
    }

    /// Empties a place and moves up those behind it that a search would miss otherwise.
    fn close_gap(&mut self, mut gap: usize) {
        let mask = self.table.len() - 1;
        let mut at = gap;
        loop {
            at = self.behind(at);
            let slot = self.table[at];
            if slot == NONE {
                break;
            }
            let home = self.home(&self.digests[slot as usize]);
            if at.wrapping_sub(home) & mask >= at.wrapping_sub(gap) & mask {
                self.table[gap] = slot;
                gap = at;
            }
        }
        self.table[gap] = NONE;
    }

    fn home(&self, digest: &Digest) -> usize {
        let [a, b, c, d, ..] = *digest;
        u32::from_le_bytes([a, b, c, d]) as usize & (self.table.len() - 1)
    }

    const fn behind(&self, at: usize) -> usize {
        (at + 1) & (self.table.len() - 1)
    }
}
