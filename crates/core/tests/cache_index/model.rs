//! A cache index as a list that is searched and sorted anew at every step: slow, and plain enough to be right.

use aws_refresh_session_core::cache::EvictionPolicy;

#[derive(Clone, Debug)]
struct Entry {
    key: u32,
    slot: u32,
    uses: u64,
    /// When it was used last, which is also when it reached that number of uses.
    at: u64,
}

/// What an [`Index`](aws_refresh_session_core::cache::Index) has to say, whatever slots it chooses for newcomers.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    policy: EvictionPolicy,
    max_size: usize,
    entries: Vec<Entry>,
    now: u64,
}

impl Model {
    pub(crate) const fn new(policy: EvictionPolicy, max_size: usize) -> Self {
        Self { policy, max_size, entries: Vec::new(), now: 0 }
    }

    pub(crate) const fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) const fn max_size(&self) -> usize {
        self.max_size
    }

    pub(crate) fn peek(&self, key: u32) -> Option<u32> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| entry.slot)
    }

    pub(crate) fn holds(&self, slot: u32) -> bool {
        self.entries.iter().any(|entry| entry.slot == slot)
    }

    pub(crate) fn touch(&mut self, key: u32) -> Option<u32> {
        self.now += 1;
        let entry = self.entries.iter_mut().find(|entry| entry.key == key)?;
        entry.uses += 1;
        entry.at = self.now;
        Some(entry.slot)
    }

    /// Makes room for one: the slot of who left.
    pub(crate) fn make_room(&mut self) -> Option<u32> {
        if self.entries.len() < self.max_size {
            return None;
        }
        let victim = self.victim()?;
        Some(self.entries.remove(victim).slot)
    }

    /// Adds a key at the slot that the index chose.
    pub(crate) fn add(&mut self, key: u32, slot: u32) {
        self.now += 1;
        self.entries.push(Entry { key, slot, uses: 1, at: self.now });
    }

    pub(crate) fn remove(&mut self, slot: u32) -> bool {
        let before = self.entries.len();
        self.entries.retain(|entry| entry.slot != slot);
        self.entries.len() < before
    }

    pub(crate) fn resize(&mut self, max_size: usize) -> Vec<u32> {
        self.max_size = max_size;
        let mut left = Vec::new();
        while self.entries.len() > max_size {
            let victim = self.victim().expect("there are entries");
            left.push(self.entries.remove(victim).slot);
        }
        left
    }

    pub(crate) fn order(&self) -> Vec<u32> {
        let mut entries: Vec<&Entry> = self.entries.iter().collect();
        entries.sort_by_key(|entry| self.rank(entry));
        entries.iter().map(|entry| entry.slot).collect()
    }

    fn victim(&self) -> Option<usize> {
        (0..self.entries.len()).min_by_key(|&index| self.rank(&self.entries[index]))
    }

    const fn rank(&self, entry: &Entry) -> (u64, u64) {
        match self.policy {
            EvictionPolicy::Lru => (0, entry.at),
            EvictionPolicy::Lfu => (entry.uses, entry.at),
        }
    }
}
