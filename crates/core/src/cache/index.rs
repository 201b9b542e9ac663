//! The index: slots and an order over them, within a size.

use super::lfu::Lfu;
use super::lru::{List, Lru};
use super::slots::{NONE, Slots};
use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};

/// Who leaves first when there is no room.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum EvictionPolicy {
    /// The entry whose last use is longest ago.
    Lru,
    /// The entry with the fewest uses, being added counted as one; of several, the one that reached that number first.
    Lfu,
}

/// What became of a newcomer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Added {
    /// The newcomer's.
    pub slot: u32,
    /// The slot of the entry that left for it, which is free now; never the newcomer's.
    pub evicted: Option<u32>,
}

#[derive(Debug)]
enum Order {
    Lru(Lru),
    Lfu(Lfu),
}

/// Which slot a key has, and in what order entries leave.
///
/// Slots count from 0. One that was freed is given to a later newcomer, so there are never more of them than there were
/// entries at once, and one. Every operation takes constant time, but those that return several slots. Not for
/// concurrent use: threads share an index behind a lock.
#[derive(Debug)]
pub struct Index {
    slots: Slots,
    order: Order,
    max_size: usize,
}

impl Index {
    /// An empty index of at most `max_size` entries; `usize::MAX` is no limit.
    #[must_use]
    pub fn new(policy: EvictionPolicy, max_size: usize) -> Self {
        let order = match policy {
            EvictionPolicy::Lru => Order::Lru(Lru::new()),
            EvictionPolicy::Lfu => Order::Lfu(Lfu::new()),
        };
        Self { slots: Slots::new(), order, max_size }
    }

    /// How many entries there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The slot of an entry, which is used thereby.
    pub fn touch(&mut self, digest: &Digest) -> Option<u32> {
        let slot = self.slots.find(digest);
        if slot != NONE {
            match &mut self.order {
                Order::Lru(order) => order.used(slot),
                Order::Lfu(order) => order.used(slot),
            }
        }
        outside(slot)
    }

    /// The slot of an entry, without using it.
    #[must_use]
    pub fn peek(&self, digest: &Digest) -> Option<u32> {
        outside(self.slots.find(digest))
    }

    /// Adds an entry. Who leaves for it is decided before it enters, so that it is never its own victim. None when the
    /// index holds nothing, its size being 0; an error when the key is there already.
    pub fn add(&mut self, digest: Digest) -> Result<Option<Added>> {
        if self.slots.find(&digest) != NONE {
            return Err(Error::new(ErrorKind::CacheKey, "the key is in the index already"));
        }
        if self.max_size == 0 {
            return Ok(None);
        }
        let victim = if self.len() < self.max_size { NONE } else { self.first() };
        let slot = self.slots.take(digest);
        if victim != NONE {
            self.leave(victim);
        }
        match &mut self.order {
            Order::Lru(order) => order.enter(slot),
            Order::Lfu(order) => order.enter(slot),
        }
        Ok(Some(Added { slot: slot - 1, evicted: outside(victim) }))
    }

    /// Takes an entry out; false when the slot has none.
    pub fn remove(&mut self, slot: u32) -> bool {
        slot.checked_add(1).is_some_and(|slot| self.leave(slot))
    }

    /// Sets how many entries there may be, and gives the slots of those who leave for it, first victim first.
    pub fn resize(&mut self, max_size: usize) -> Vec<u32> {
        self.max_size = max_size;
        let mut evicted = Vec::new();
        while self.len() > max_size {
            let victim = self.first();
            self.leave(victim);
            evicted.push(victim - 1);
        }
        evicted
    }

    /// The slots of all entries, next victim first.
    #[must_use]
    pub fn order(&self) -> Vec<u32> {
        let list = self.order.list();
        let mut slots = Vec::with_capacity(self.len());
        let mut slot = list.behind(NONE);
        while slot != NONE {
            slots.push(slot - 1);
            slot = list.behind(slot);
        }
        slots
    }

    fn first(&self) -> u32 {
        self.order.list().behind(NONE)
    }

    fn leave(&mut self, slot: u32) -> bool {
        let left = self.slots.release(slot);
        if left {
            match &mut self.order {
                Order::Lru(order) => order.leave(slot),
                Order::Lfu(order) => order.leave(slot),
            }
        }
        left
    }
}

impl Order {
    const fn list(&self) -> &List {
        match self {
            Self::Lru(order) => order.list(),
            Self::Lfu(order) => order.list(),
        }
    }
}

/// Inside, slots count from 1, so that 0 is free to mean none.
const fn outside(slot: u32) -> Option<u32> {
    slot.checked_sub(1)
}
