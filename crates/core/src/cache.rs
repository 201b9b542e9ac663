//! The exact index of a cache: which slot a key has, and who goes first when there is no room.
//!
//! The cached things themselves stay with the caller, in an array that the slots index. The index promises what caches
//! built for throughput do not: exact order, ties included, and that a newcomer is always admitted. It holds digests of the
//! keys, which are made with [`KeyedHash`](crate::digest::KeyedHash), never the keys.

mod index;
mod lfu;
mod lru;
mod slots;

pub use index::{Added, EvictionPolicy, Index};
