//! Credential cells: the current triple, its refresh state and the lease of who refreshes it, shared by every thread of
//! the process and named by handles that are never reused.

// The paths are those that the names stand for; `crates/model` needs them said, since it compiles this file from elsewhere.
#[path = "cell/lease.rs"]
mod lease;
#[path = "cell/registry.rs"]
mod registry;

pub use lease::{Failure, Turn};
pub use registry::{Opening, Registry, Shared};

use crate::clock::Millis;
use crate::credentials::Published;
use crate::error::{Error, ErrorKind, Result};
use crate::refresh::{Decision, Policy, State};
use crate::sign::key;
use crate::sync::{Arc, ArcSwapOption, AtomicI64, AtomicU64, Mutex, Ordering};
use lease::Leases;
use std::iter;
use std::sync::LazyLock;

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

/// The current triple of one session or signer, or of all that share it, and the state that says when to replace it.
#[derive(Debug)]
pub struct Cell {
    id: u64,
    shared: Option<Shared>,
    published: ArcSwapOption<Published>,
    /// Version of what is published; 0 for nothing.
    version: AtomicU64,
    /// Before this instant the triple is fresh and readers need not take the lock.
    fresh_until: AtomicI64,
    locked: Mutex<Locked>,
}

/// What somebody knew who decided to refresh.
#[derive(Clone, Copy, Debug)]
pub struct Since {
    /// Version of the triple that was current; 0 for none.
    pub version: u64,
    /// When, as given to [`Cell::decide`].
    pub now: Millis,
}

#[derive(Debug)]
struct Locked {
    state: State,
    leases: Leases,
    /// What was replaced last in a shared cell: other threads may be writing its key id into a request just then.
    replaced: Option<Arc<Published>>,
    /// Key id of the triple that was given up last, if it was.
    given_up: Option<Box<str>>,
    /// Handles that are open; without any the cell stays empty.
    owners: usize,
}

impl Locked {
    /// Whether a triple may be published under a lease. One whose key id was given up while its source was asked is not
    /// what the complaint was to bring: the lease is free then, and whoever takes it next asks the source anew.
    fn admits(&mut self, lease: u64, published: &Published) -> bool {
        if !self.leases.is_live(lease) {
            return false;
        }
        let is_stale = self.given_up.as_deref() == Some(published.credentials().access_key_id());
        !(is_stale && self.leases.withdraw_if_outdated())
    }
}

impl Cell {
    fn new(id: u64, policy: Policy, shared: Option<Shared>) -> Self {
        let locked =
            Locked { state: State::new(policy), leases: Leases::default(), replaced: None, given_up: None, owners: 1 };
        Self {
            id,
            shared,
            published: ArcSwapOption::empty(),
            version: AtomicU64::new(0),
            fresh_until: AtomicI64::new(Millis::MIN),
            locked: Mutex::new(locked),
        }
    }

    /// Process-unique number of the cell, the same behind all its handles.
    #[must_use]
    pub const fn id(&self) -> u64 {
        self.id
    }

    fn name(&self) -> Option<&str> {
        self.shared.as_ref().map(|shared| shared.name.as_str())
    }

    /// One more handle, for somebody with the same options.
    fn join(&self, fingerprint: &str) -> Result<()> {
        let own = self.shared.as_ref().map_or("", |shared| &shared.fingerprint);
        if let Some(option) = difference(own, fingerprint) {
            let message = format!(
                "shared: sessions of this name have another \"{option}\"; give the same options, or another name"
            );
            return Err(Error::new(ErrorKind::SharedOptions, message));
        }
        self.locked.lock().owners += 1;
        Ok(())
    }

    /// One handle less; tells whether it was the last.
    fn leave(&self, handle: Handle) -> bool {
        let mut locked = self.locked.lock();
        locked.leases.release(handle);
        locked.owners -= 1;
        locked.owners == 0
    }

    /// What to do at `now`.
    #[must_use]
    pub fn decide(&self, now: Millis) -> Decision {
        self.decide_with_version(now).0
    }

    /// What to do at `now`, and the version of the triple for which that holds; 0 for none.
    #[must_use]
    pub fn decide_with_version(&self, now: Millis) -> (Decision, u64) {
        if now <= self.fresh_until() {
            let version = self.version.load(Ordering::Acquire);
            // Nothing is fresh for ever only where it was just given up.
            if version != 0 {
                return (Decision::Fresh, version);
            }
        }
        let locked = self.locked.lock();
        (locked.state.decide(now), self.version.load(Ordering::Acquire))
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

    /// The triple of this version, if it is current, or was before another thread replaced it.
    #[must_use]
    pub fn recent(&self, version: u64) -> Option<Arc<Published>> {
        let is_meant = |published: &Arc<Published>| published.version() == version;
        self.current().filter(is_meant).or_else(|| self.locked.lock().replaced.clone().filter(is_meant))
    }

    /// Asks for the lease of a refresh, for `ttl` milliseconds from `now` by a clock that all threads share. `awaited` is
    /// the lease under which somebody else refreshed when the caller asked before, or 0. Without `since` a refresh is
    /// wanted in any case.
    pub fn begin_refresh(&self, handle: Handle, now: Millis, ttl: Millis, awaited: u64, since: Option<Since>) -> Turn {
        let mut locked = self.locked.lock();
        if awaited == 0
            && let Some(since) = since
        {
            // A refresh may have ended since the caller decided to.
            match locked.state.decide(since.now) {
                _ if since.version != self.version.load(Ordering::Acquire) => return Turn::Published,
                Decision::ServeHeld => return Turn::Published,
                Decision::RejectKept => return Turn::Failed,
                Decision::Fresh | Decision::RefreshAdvised | Decision::RefreshRequired => {}
            }
        }
        locked.leases.turn(handle, now, ttl, awaited)
    }

    /// Makes a triple the current one and returns its version. Whoever refreshes meanwhile does so in vain.
    pub fn publish(&self, published: Published, now: Millis) -> u64 {
        self.replace(published, now, |_, _| true).unwrap_or_default()
    }

    /// Makes the triple that a refresh fetched the current one and returns its version; `None`, and nothing is changed,
    /// when its lease was lost, or when it is the very triple that was given up meanwhile.
    pub fn refreshed(&self, lease: u64, published: Published, now: Millis) -> Option<u64> {
        self.replace(published, now, |locked, published| locked.admits(lease, published))
    }

    fn replace(
        &self,
        published: Published,
        now: Millis,
        may: impl FnOnce(&mut Locked, &Published) -> bool,
    ) -> Option<u64> {
        let (version, expiration) = (published.version(), published.expiration());
        let mut locked = self.locked.lock();
        if locked.owners == 0 || !may(&mut locked, &published) {
            return None;
        }
        let mut before = self.published.swap(Some(Arc::new(published)));
        if self.shared.is_some() {
            before = std::mem::replace(&mut locked.replaced, before);
        }
        self.version.store(version, Ordering::Release);
        locked.state.obtained(expiration, now);
        locked.leases.published();
        self.fresh_until.store(locked.state.fresh_until(), Ordering::Release);
        drop(locked);
        if let Some(before) = before {
            key::forget(before.version());
        }
        Some(version)
    }

    /// The refresh under this lease failed at `now`; see [`State::failed`]. The text is kept for all who share the cell.
    /// Tells whether it counted: the failure of a lease that was lost is nobody's.
    pub fn refresh_failed(&self, lease: u64, now: Millis, recoverable: bool, random: f64, text: &str) -> bool {
        let mut locked = self.locked.lock();
        if !locked.leases.is_live(lease) {
            return false;
        }
        locked.state.failed(now, recoverable, random);
        locked.leases.failed(text.into());
        true
    }

    /// The failure of the newest refresh that ended, if that one failed.
    #[must_use]
    pub fn failure(&self) -> Option<Failure> {
        self.locked.lock().leases.failure().cloned()
    }

    /// Drops the current triple, but only if its access key id is the one that was refused: a late complaint about an
    /// older triple must not cost the new one. `None` drops whatever is held. Tells whether anything was dropped.
    pub fn invalidate(&self, access_key_id: Option<&str>) -> bool {
        let mut locked = self.locked.lock();
        let Some(current) = self.published.load_full() else { return false };
        if access_key_id.is_some_and(|id| id != current.credentials().access_key_id()) {
            return false;
        }
        self.fresh_until.store(Millis::MIN, Ordering::Release);
        self.version.store(0, Ordering::Release);
        self.published.store(None);
        locked.state.invalidated();
        locked.leases.gave_up();
        locked.given_up = Some(current.credentials().access_key_id().into());
        let replaced = locked.replaced.take();
        drop(locked);
        for gone in iter::once(current).chain(replaced) {
            key::forget(gone.version());
        }
        true
    }
}

/// The name of the first line that only one of two fingerprints has.
fn difference<'f>(one: &'f str, other: &'f str) -> Option<&'f str> {
    let missing = |from: &'f str, of: &'f str| from.lines().find(|line| of.lines().all(|known| known != *line));
    missing(other, one).or_else(|| missing(one, other)).map(|line| line.split(' ').next().unwrap_or(line))
}

static CELLS: LazyLock<Registry> = LazyLock::new(Registry::default);

/// Opens a cell of its own, or joins the one that is shared under the same name.
pub fn open(opening: impl Into<Opening>) -> Result<Handle> {
    CELLS.open(opening.into())
}

/// The cell that an open handle names.
pub fn get(handle: Handle) -> Result<Arc<Cell>> {
    CELLS.get(handle)
}

/// Closes a handle; the last one of a cell wipes what it holds. Closing twice is harmless.
pub fn close(handle: Handle) {
    CELLS.close(handle);
}

/// Closes all handles of an owner that has ended.
pub fn close_all(owner: u64) {
    CELLS.close_all(owner);
}

/// How many handles are open, and how many of the cells behind them are shared by name.
pub fn counts() -> (usize, usize) {
    CELLS.counts()
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
        let cell = Cell::new(1, POLICY, None);
        cell.publish(triple("AKIDNEW"), 0);
        assert!(!cell.invalidate(Some("AKIDOLD")));
        assert!(cell.current().is_some());
        assert!(cell.invalidate(Some("AKIDNEW")));
        assert!(cell.current().is_none());
        assert_eq!(cell.decide(0), Decision::RefreshRequired);
        assert!(!cell.invalidate(None));
    }
}
