//! Credential cells: the current triple and its refresh state, shared by every thread of the process and named by
//! handles that are never reused.

use crate::clock::Millis;
use crate::credentials::Published;
use crate::error::{Error, ErrorKind, Result};
use crate::refresh::{Decision, Policy, State};
use crate::sign::key;
use arc_swap::ArcSwapOption;
use parking_lot::{Mutex, RwLock};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Names a cell: a slot and the generation of its use. A handle whose cell was closed stays invalid for ever.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Handle {
    slot: u32,
    generation: u32,
}

/// Slots fit 21 bits and generations 32, so that a handle is exact in the 53 bits of a JavaScript number.
const SLOT_BITS: u32 = 21;
const SLOT_LIMIT: usize = 1 << SLOT_BITS;

impl Handle {
    /// The handle as one integer below 2^53.
    #[must_use]
    pub const fn to_bits(self) -> u64 {
        (self.generation as u64) << SLOT_BITS | self.slot as u64
    }

    /// Reads [`Handle::to_bits`] back; any other integer names no cell.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, reason = "the bits above are the other half of the handle, or checked")]
    pub const fn from_bits(bits: u64) -> Self {
        let generation = bits >> SLOT_BITS;
        // Generations begin at one.
        let generation = if generation > u32::MAX as u64 { 0 } else { generation as u32 };
        Self { slot: (bits & (SLOT_LIMIT as u64 - 1)) as u32, generation }
    }
}

/// The current triple of one session or signer and the state that says when to replace it.
#[derive(Debug)]
pub struct Cell {
    published: ArcSwapOption<Published>,
    /// Before this instant the triple is fresh and readers need not take the lock.
    fresh_until: AtomicI64,
    state: Mutex<State>,
}

impl Cell {
    fn new(policy: Policy) -> Self {
        Self {
            published: ArcSwapOption::empty(),
            fresh_until: AtomicI64::new(Millis::MIN),
            state: Mutex::new(State::new(policy)),
        }
    }

    /// What to do at `now`.
    #[must_use]
    pub fn decide(&self, now: Millis) -> Decision {
        if now <= self.fresh_until() {
            return Decision::Fresh;
        }
        self.state.lock().decide(now)
    }

    /// Until when what is held is fresh: `Millis::MAX` for ever, `Millis::MIN` when nothing is held.
    #[must_use]
    pub fn fresh_until(&self) -> Millis {
        self.fresh_until.load(Ordering::Acquire)
    }

    /// The triple that is current, if any is held.
    #[must_use]
    pub fn current(&self) -> Option<Arc<Published>> {
        self.published.load_full()
    }

    /// Makes a triple the current one and returns its version.
    pub fn publish(&self, published: Published, now: Millis) -> u64 {
        let (version, expiration) = (published.version(), published.expiration());
        let mut state = self.state.lock();
        let before = self.published.swap(Some(Arc::new(published)));
        state.obtained(expiration, now);
        self.fresh_until.store(state.fresh_until(), Ordering::Release);
        drop(state);
        if let Some(before) = before {
            key::forget(before.version());
        }
        version
    }

    /// The refresh that was asked for failed; see [`State::failed`].
    pub fn refresh_failed(&self, now: Millis, recoverable: bool, random: f64) {
        self.state.lock().failed(now, recoverable, random);
    }

    /// Drops the current triple, but only if its access key id is the one that was refused: a late complaint about an
    /// older triple must not cost the new one. `None` drops whatever is held. Tells whether anything was dropped.
    pub fn invalidate(&self, access_key_id: Option<&str>) -> bool {
        let mut state = self.state.lock();
        let Some(current) = self.published.load_full() else { return false };
        if access_key_id.is_some_and(|id| id != current.credentials().access_key_id()) {
            return false;
        }
        self.published.store(None);
        state.invalidated();
        self.fresh_until.store(Millis::MIN, Ordering::Release);
        drop(state);
        key::forget(current.version());
        true
    }
}

struct Slot {
    generation: u32,
    cell: Option<Arc<Cell>>,
}

#[derive(Default)]
struct Registry {
    slots: Vec<Slot>,
    free: Vec<u32>,
}

static REGISTRY: RwLock<Registry> = RwLock::new(Registry { slots: Vec::new(), free: Vec::new() });

fn closed() -> Error {
    Error::new(ErrorKind::Closed, "the session is closed")
}

/// Opens an empty cell.
pub fn open(policy: Policy) -> Result<Handle> {
    let cell = Some(Arc::new(Cell::new(policy)));
    let mut registry = REGISTRY.write();
    if let Some(slot) = registry.free.pop() {
        let entry = &mut registry.slots[slot as usize];
        entry.cell = cell;
        return Ok(Handle { slot, generation: entry.generation });
    }
    if registry.slots.len() == SLOT_LIMIT {
        return Err(Error::new(ErrorKind::Closed, format!("more than {SLOT_LIMIT} sessions are open: close some")));
    }
    registry.slots.push(Slot { generation: 1, cell });
    let slot = u32::try_from(registry.slots.len() - 1).map_err(|_| closed())?;
    Ok(Handle { slot, generation: 1 })
}

/// The open cell that a handle names.
pub fn get(handle: Handle) -> Result<Arc<Cell>> {
    let registry = REGISTRY.read();
    match registry.slots.get(handle.slot as usize) {
        Some(Slot { generation, cell: Some(cell) }) if *generation == handle.generation => Ok(Arc::clone(cell)),
        _ => Err(closed()),
    }
}

/// Closes a cell and wipes what it holds. Closing twice is harmless.
pub fn close(handle: Handle) {
    let mut registry = REGISTRY.write();
    let Some(entry) = registry.slots.get_mut(handle.slot as usize) else { return };
    if entry.generation != handle.generation {
        return;
    }
    let Some(cell) = entry.cell.take() else { return };
    // A slot whose generations are used up is retired, so that no handle ever means two cells.
    if let Some(next) = entry.generation.checked_add(1) {
        entry.generation = next;
        registry.free.push(handle.slot);
    }
    drop(registry);
    cell.invalidate(None);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refresh::PolicyKind;

    const POLICY: Policy = Policy { kind: PolicyKind::Windows, advisory: 900_000, mandatory: 600_000 };

    fn triple(id: &str) -> Published {
        Published::new(id, "secret", None, None, 0).expect("a full triple")
    }

    #[test]
    fn a_closed_handle_stays_closed_when_its_slot_is_used_again() {
        let first = open(POLICY).expect("opens");
        close(first);
        close(first);
        let mut second = open(POLICY).expect("opens");
        while second.slot != first.slot {
            second = open(POLICY).expect("opens");
        }
        assert_eq!(get(first).expect_err("stale").kind(), ErrorKind::Closed);
        assert!(get(second).is_ok());
        assert_eq!(Handle::from_bits(second.to_bits()), second);
        assert!(second.to_bits() < 1 << 53);
    }

    #[test]
    fn handles_that_were_never_given_out_name_nothing() {
        for bits in [0, 1, u64::MAX, (1 << 53) - 1] {
            assert!(get(Handle::from_bits(bits)).is_err(), "{bits}");
        }
    }

    #[test]
    fn only_the_current_key_id_can_be_invalidated() {
        let cell = Cell::new(POLICY);
        cell.publish(triple("AKIDNEW"), 0);
        assert!(!cell.invalidate(Some("AKIDOLD")));
        assert!(cell.current().is_some());
        assert!(cell.invalidate(Some("AKIDNEW")));
        assert!(cell.current().is_none());
        assert_eq!(cell.decide(0), Decision::RefreshRequired);
        assert!(!cell.invalidate(None));
    }
}
