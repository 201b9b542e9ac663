//! All cells of a process: found by handle, or by name where sessions share one. The last owner's close frees a cell.

use super::{Cell, Handle, SLOT_LIMIT};
use crate::error::{Error, ErrorKind, Result};
use crate::refresh::Policy;
use crate::sync::{Arc, RwLock};
use std::collections::BTreeMap;

/// What opens a cell, or joins one.
#[derive(Clone, Debug)]
pub struct Opening {
    /// When to refresh.
    pub policy: Policy,
    /// Whoever closes all its handles at once when it ends, such as a thread of JavaScript.
    pub owner: u64,
    /// With it the cell is shared by all who open with the same name.
    pub shared: Option<Shared>,
}

impl From<Policy> for Opening {
    fn from(policy: Policy) -> Self {
        Self { policy, owner: 0, shared: None }
    }
}

/// Under what name a cell is shared, and by whom.
#[derive(Clone, Debug)]
pub struct Shared {
    /// Names one cell in the process.
    pub name: String,
    /// Lines of an option's name, a space and a digest of its value: who joins must bring the same ones.
    pub fingerprint: String,
}

#[derive(Debug)]
struct Open {
    cell: Arc<Cell>,
    owner: u64,
}

#[derive(Debug)]
struct Slot {
    generation: u32,
    open: Option<Open>,
}

#[derive(Debug, Default)]
struct Table {
    slots: Vec<Slot>,
    free: Vec<u32>,
    named: BTreeMap<String, Arc<Cell>>,
    last_id: u64,
}

/// The handles and cells of one process.
#[derive(Debug, Default)]
pub struct Registry {
    table: RwLock<Table>,
}

fn closed() -> Error {
    Error::new(ErrorKind::Closed, "the session is closed; open a new one")
}

impl Registry {
    /// Opens a cell of its own, or joins the one that has the name; either way with a handle of its own.
    pub fn open(&self, opening: Opening) -> Result<Handle> {
        let Opening { policy, owner, shared } = opening;
        let mut table = self.table.write();
        let handle = table.free_slot()?;
        let named = shared.as_ref().and_then(|shared| table.named.get(&shared.name));
        let cell = match (named, shared) {
            (Some(cell), Some(shared)) => {
                cell.join(&shared.fingerprint)?;
                Arc::clone(cell)
            }
            (_, shared) => table.add(policy, shared),
        };
        table.slots[handle.slot as usize].open = Some(Open { cell, owner });
        table.free.pop();
        Ok(handle)
    }

    /// The cell that an open handle names.
    pub fn get(&self, handle: Handle) -> Result<Arc<Cell>> {
        let table = self.table.read();
        match table.slots.get(handle.slot as usize) {
            Some(Slot { generation, open: Some(open) }) if *generation == handle.generation => {
                Ok(Arc::clone(&open.cell))
            }
            _ => Err(closed()),
        }
    }

    /// Closes a handle. A lease that it holds passes on; the last handle of a cell wipes it. Twice is harmless.
    pub fn close(&self, handle: Handle) {
        let freed = self.table.write().take(handle);
        if let Some(cell) = freed {
            cell.invalidate(None);
        }
    }

    /// Closes all handles of an owner that has ended.
    pub fn close_all(&self, owner: u64) {
        let mut table = self.table.write();
        let handles: Vec<Handle> = table.handles(owner).collect();
        let freed: Vec<_> = handles.into_iter().filter_map(|handle| table.take(handle)).collect();
        drop(table);
        for cell in freed {
            cell.invalidate(None);
        }
    }

    /// How many handles are open, and how many of the cells behind them are shared by name.
    pub fn counts(&self) -> (usize, usize) {
        let table = self.table.read();
        (table.slots.iter().filter(|slot| slot.open.is_some()).count(), table.named.len())
    }
}

impl Table {
    /// The handle that is given out next; its slot is the last of the free ones.
    fn free_slot(&mut self) -> Result<Handle> {
        if self.free.is_empty() {
            if self.slots.len() == SLOT_LIMIT {
                let message = format!("more than {SLOT_LIMIT} sessions are open: close some");
                return Err(Error::new(ErrorKind::Closed, message));
            }
            self.free.push(u32::try_from(self.slots.len()).map_err(|_| closed())?);
            self.slots.push(Slot { generation: 1, open: None });
        }
        let slot = *self.free.last().ok_or_else(closed)?;
        Ok(Handle { slot, generation: self.slots[slot as usize].generation })
    }

    fn add(&mut self, policy: Policy, shared: Option<Shared>) -> Arc<Cell> {
        self.last_id += 1;
        let name = shared.as_ref().map(|shared| shared.name.clone());
        let cell = Arc::new(Cell::new(self.last_id, policy, shared));
        if let Some(name) = name {
            self.named.insert(name, Arc::clone(&cell));
        }
        cell
    }

    /// Ends a handle, and gives its cell to whoever must wipe it when that was the last one.
    fn take(&mut self, handle: Handle) -> Option<Arc<Cell>> {
        let slot = self.slots.get_mut(handle.slot as usize).filter(|slot| slot.generation == handle.generation)?;
        let Open { cell, .. } = slot.open.take()?;
        // A slot whose generations are used up is retired, so that no handle ever means two cells.
        if let Some(next) = slot.generation.checked_add(1) {
            slot.generation = next;
            self.free.push(handle.slot);
        }
        if !cell.leave(handle) {
            return None;
        }
        if let Some(name) = cell.name() {
            self.named.remove(name);
        }
        Some(cell)
    }

    fn handles(&self, owner: u64) -> impl Iterator<Item = Handle> {
        (0..).zip(&self.slots).filter_map(move |(slot, Slot { generation, open })| {
            (open.as_ref()?.owner == owner).then_some(Handle { slot, generation: *generation })
        })
    }
}
