//! The order of least recent use: one list through the slots, next victim first.

use super::slots::NONE;

#[derive(Clone, Copy, Debug)]
struct Link {
    before: u32,
    behind: u32,
}

/// A ring through `NONE` and the slots: behind `NONE` is the first of the list, before it the last.
#[derive(Debug)]
pub(super) struct List {
    links: Vec<Link>,
}

impl List {
    pub(super) fn new() -> Self {
        Self { links: vec![Link { before: NONE, behind: NONE }] }
    }

    pub(super) fn before(&self, slot: u32) -> u32 {
        self.links[slot as usize].before
    }

    pub(super) fn behind(&self, slot: u32) -> u32 {
        self.links[slot as usize].behind
    }

    /// Adds a slot that is not in the list, behind another or, with `NONE`, as the first.
    pub(super) fn insert(&mut self, slot: u32, before: u32) {
        let behind = self.behind(before);
        let link = Link { before, behind };
        match self.links.get_mut(slot as usize) {
            Some(place) => *place = link,
            // Slots are given in turn, so the next new one is always the next link.
            None => self.links.push(link),
        }
        self.links[before as usize].behind = slot;
        self.links[behind as usize].before = slot;
    }

    pub(super) fn unlink(&mut self, slot: u32) {
        let Link { before, behind } = self.links[slot as usize];
        self.links[before as usize].behind = behind;
        self.links[behind as usize].before = before;
    }
}

/// Least recent use first.
#[derive(Debug)]
pub(super) struct Lru(List);

impl Lru {
    pub(super) fn new() -> Self {
        Self(List::new())
    }

    pub(super) const fn list(&self) -> &List {
        &self.0
    }

    pub(super) fn enter(&mut self, slot: u32) {
        self.0.insert(slot, self.0.before(NONE));
    }

    pub(super) fn used(&mut self, slot: u32) {
        self.0.unlink(slot);
        self.enter(slot);
    }

    pub(super) fn leave(&mut self, slot: u32) {
        self.0.unlink(slot);
    }
}
