//! What threads share state through. `crates/model` compiles the cell with a model checker's twins of these names.

pub(crate) use arc_swap::ArcSwapOption;
pub(crate) use parking_lot::{Mutex, RwLock};
pub(crate) use std::sync::Arc;
pub(crate) use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
