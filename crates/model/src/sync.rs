//! loom's twins of what `sync` of the core names, with the same faces.

pub(crate) use loom::sync::Arc;
pub(crate) use loom::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use loom::sync::{MutexGuard, RwLockReadGuard, RwLockWriteGuard};

const NO_PANIC: &str = "a panic ends the model";

#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(loom::sync::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(loom::sync::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().expect(NO_PANIC)
    }
}

#[derive(Debug, Default)]
pub(crate) struct RwLock<T>(loom::sync::RwLock<T>);

impl<T> RwLock<T> {
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, T> {
        self.0.read().expect(NO_PANIC)
    }

    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, T> {
        self.0.write().expect(NO_PANIC)
    }
}

/// What the core has from `arc-swap`, whose own tests cover its inside.
#[derive(Debug)]
pub(crate) struct ArcSwapOption<T>(Mutex<Option<Arc<T>>>);

impl<T> ArcSwapOption<T> {
    pub(crate) fn empty() -> Self {
        Self(Mutex::new(None))
    }

    pub(crate) fn load_full(&self) -> Option<Arc<T>> {
        self.0.lock().clone()
    }

    pub(crate) fn swap(&self, new: Option<Arc<T>>) -> Option<Arc<T>> {
        std::mem::replace(&mut *self.0.lock(), new)
    }

    pub(crate) fn store(&self, new: Option<Arc<T>>) {
        self.swap(new);
    }
}
