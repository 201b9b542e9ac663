//! The order of least frequent use: one list through the slots, next victim first, cut into runs of one frequency.

use super::lru::List;
use super::slots::NONE;

/// Entries of one frequency, which follow each other in the list in the order in which they reached it.
#[derive(Clone, Copy, Debug)]
struct Run {
    frequency: u64,
    /// The slot at its end.
    last: u32,
}

/// Fewest uses first; of equal ones, who reached that number first. Every operation takes the same time however many entries
/// or frequencies there are, since a run knows its end and the next run begins behind it.
#[derive(Debug)]
pub(super) struct Lfu {
    list: List,
    /// By slot, an index into `runs`; `NONE` has the run 0, of frequency 0, which is never left.
    run_of: Vec<u32>,
    runs: Vec<Run>,
    free: Vec<u32>,
}

impl Lfu {
    pub(super) fn new() -> Self {
        let ends = Run { frequency: 0, last: NONE };
        Self { list: List::new(), run_of: vec![0], runs: vec![ends], free: Vec::new() }
    }

    pub(super) const fn list(&self) -> &List {
        &self.list
    }

    pub(super) fn enter(&mut self, slot: u32) {
        if slot as usize == self.run_of.len() {
            self.run_of.push(0);
        }
        self.reach(slot, 1, NONE);
    }

    pub(super) fn used(&mut self, slot: u32) {
        let Run { frequency, last } = self.run(slot);
        let before = self.list.before(slot);
        self.leave(slot);
        self.reach(slot, frequency + 1, if last == slot { before } else { last });
    }

    pub(super) fn leave(&mut self, slot: u32) {
        let run = self.run_of[slot as usize];
        let before = self.list.before(slot);
        self.list.unlink(slot);
        if self.runs[run as usize].last == slot {
            if self.run_of[before as usize] == run {
                self.runs[run as usize].last = before;
            } else {
                self.free.push(run);
            }
        }
    }

    fn run(&self, slot: u32) -> Run {
        self.runs[self.run_of[slot as usize] as usize]
    }

    /// Puts a slot that is not in the list at the end of the run of a frequency. `lower` is the last entry of all below it.
    fn reach(&mut self, slot: u32, frequency: u64, lower: u32) {
        let next = self.list.behind(lower);
        let Run { frequency: found, last } = self.run(next);
        let (run, before) =
            if found == frequency { (self.run_of[next as usize], last) } else { (self.new_run(frequency), lower) };
        self.list.insert(slot, before);
        self.run_of[slot as usize] = run;
        self.runs[run as usize].last = slot;
    }

    fn new_run(&mut self, frequency: u64) -> u32 {
        let run = Run { frequency, last: NONE };
        if let Some(free) = self.free.pop() {
            self.runs[free as usize] = run;
            return free;
        }
        self.runs.push(run);
        u32::try_from(self.runs.len() - 1).expect("there are no more runs than slots")
    }
}
