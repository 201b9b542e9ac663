//! The indexes of caches whose entries are JavaScript's. An index belongs to the thread that opened it.
//!
//! Handles and free functions, since finding the object behind a method takes as long as all the rest of a hit.

use crate::digest::DigestedText;
use crate::error::{Result, to_js};
use aws_refresh_session_core::cache::{EvictionPolicy, Index};
use napi_derive::napi;
use std::cell::RefCell;

thread_local! {
    /// By handle. They go with the thread.
    static INDEXES: RefCell<Vec<Option<Box<Index>>>> = const { RefCell::new(Vec::new()) };
}

fn with<T>(index: u32, work: impl FnOnce(&mut Index) -> T) -> T {
    INDEXES.with_borrow_mut(|indexes| {
        let index = indexes.get_mut(index as usize).and_then(Option::as_mut);
        work(index.expect("a handle is used until it is closed"))
    })
}

/// Opens an index of at most `maxSize` entries (Infinity is no limit), in the order of their frequency of use or else of their
/// last use. The handle means this index until it is closed. Keys are held as keyed digests, never in clear.
#[napi(catch_unwind)]
pub fn open_index(by_frequency: bool, max_size: f64) -> u32 {
    let policy = if by_frequency { EvictionPolicy::Lfu } else { EvictionPolicy::Lru };
    let index = Some(Box::new(Index::new(policy, size(max_size))));
    INDEXES.with_borrow_mut(|indexes| {
        let handle = indexes.iter().position(Option::is_none).unwrap_or(indexes.len());
        if handle == indexes.len() {
            indexes.push(index);
        } else {
            indexes[handle] = index;
        }
        u32::try_from(handle).expect("memory ends before handles do")
    })
}

/// Closes an index; its handle may be that of another one later.
#[napi(catch_unwind)]
pub fn close_index(index: u32) {
    INDEXES.with_borrow_mut(|indexes| {
        if let Some(place) = indexes.get_mut(index as usize) {
            *place = None;
        }
    });
}

/// The slot of an entry, which is used thereby; -1 when it is absent.
#[napi(catch_unwind)]
pub fn touch_entry(index: u32, #[napi(ts_arg_type = "string")] key: DigestedText) -> i32 {
    with(index, |index| index.touch(&key.0)).map_or(-1, number)
}

/// The slot of an entry, without using it; -1 when it is absent.
#[napi(catch_unwind)]
pub fn peek_entry(index: u32, #[napi(ts_arg_type = "string")] key: DigestedText) -> i32 {
    with(index, |index| index.peek(&key.0)).map_or(-1, number)
}

/// Adds an entry: its slot, and that of the entry that left for it, if one did. That one is free from now on, and never the
/// newcomer's own. -1 alone when the size is 0. Throws `ERR_CACHE_KEY` when the key is there already.
#[napi(catch_unwind)]
pub fn add_entry(index: u32, #[napi(ts_arg_type = "string")] key: DigestedText) -> Result<Vec<i32>> {
    let Some(added) = with(index, |index| index.add(key.0)).map_err(to_js)? else { return Ok(vec![-1]) };
    let mut slots = Vec::with_capacity(2);
    slots.push(number(added.slot));
    slots.extend(added.evicted.map(number));
    Ok(slots)
}

/// Takes an entry out; false when the slot has none.
#[napi(catch_unwind)]
pub fn remove_entry(index: u32, slot: u32) -> bool {
    with(index, |index| index.remove(slot))
}

/// Sets how many entries there may be: the slots of those who leave for it, first victim first.
#[napi(catch_unwind)]
pub fn resize_index(index: u32, max_size: f64) -> Vec<u32> {
    with(index, |index| index.resize(size(max_size)))
}

/// The slots of all entries, next victim first.
#[napi(catch_unwind)]
pub fn entry_order(index: u32) -> Vec<u32> {
    with(index, |index| index.order())
}

/// How many entries there are.
#[napi(catch_unwind)]
#[allow(clippy::cast_possible_truncation, reason = "there are fewer than slots")]
pub fn index_size(index: u32) -> u32 {
    with(index, |index| index.len()) as u32
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast saturates, and the caller checks")]
const fn size(number: f64) -> usize {
    number as usize
}

fn number(slot: u32) -> i32 {
    i32::try_from(slot).expect("memory ends before slots do")
}
