//! The index of a cache whose entries are JavaScript's.

use crate::digest::DigestedText;
use crate::error::{Result, to_js};
use aws_refresh_session_core::cache::{EvictionPolicy, Index};
use napi_derive::napi;
use parking_lot::Mutex;

/// Which slot of an array a key has, and which entries leave first. Keys are held as keyed digests, never in clear.
#[napi]
#[derive(Debug)]
pub struct CacheIndex(Mutex<Index>);

#[napi]
impl CacheIndex {
    /// An empty index of at most `maxSize` entries; Infinity is no limit.
    #[napi(constructor, catch_unwind, ts_args_type = "policy: 'LRU' | 'LFU', maxSize: number")]
    pub fn new(policy: String, max_size: f64) -> Result<Self> {
        let policy = EvictionPolicy::named(&policy)
            .ok_or_else(|| napi::Error::new("ERR_CACHE_POLICY", "no such eviction policy"))?;
        Ok(Self(Mutex::new(Index::new(policy, size(max_size)))))
    }

    /// The slot of an entry, which is used thereby; -1 when it is absent.
    #[napi(catch_unwind)]
    pub fn touch(&self, #[napi(ts_arg_type = "string")] key: DigestedText) -> i32 {
        self.0.lock().touch(&key.0).map_or(-1, number)
    }

    /// The slot of an entry, without using it; -1 when it is absent.
    #[napi(catch_unwind)]
    pub fn peek(&self, #[napi(ts_arg_type = "string")] key: DigestedText) -> i32 {
        self.0.lock().peek(&key.0).map_or(-1, number)
    }

    /// Adds an entry: its slot, and that of the entry that left for it, if one did. That one is free from now on, and never the
    /// newcomer's own. -1 alone when `maxSize` is 0. Throws `ERR_CACHE_KEY` when the key is there already.
    #[napi(catch_unwind)]
    pub fn add(&self, #[napi(ts_arg_type = "string")] key: DigestedText) -> Result<Vec<i32>> {
        let Some(added) = self.0.lock().add(key.0).map_err(to_js)? else { return Ok(vec![-1]) };
        Ok([added.slot].into_iter().chain(added.evicted).map(number).collect())
    }

    /// Takes an entry out; false when the slot has none.
    #[napi(catch_unwind)]
    pub fn remove(&self, slot: u32) -> bool {
        self.0.lock().remove(slot)
    }

    /// Sets how many entries there may be: the slots of those who leave for it, first victim first.
    #[napi(catch_unwind)]
    pub fn resize(&self, max_size: f64) -> Vec<u32> {
        self.0.lock().resize(size(max_size))
    }

    /// Takes all entries out: their slots, in the order in which they would have left.
    #[napi(catch_unwind)]
    pub fn clear(&self) -> Vec<u32> {
        self.0.lock().clear()
    }

    /// The slots of all entries, next victim first.
    #[napi(catch_unwind)]
    pub fn order(&self) -> Vec<u32> {
        self.0.lock().order()
    }

    /// How many entries there are.
    #[napi(getter, catch_unwind)]
    #[allow(clippy::cast_possible_truncation, reason = "there are fewer than slots")]
    pub fn size(&self) -> u32 {
        self.0.lock().len() as u32
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast saturates, and the caller checks")]
const fn size(number: f64) -> usize {
    number as usize
}

fn number(slot: u32) -> i32 {
    i32::try_from(slot).expect("memory ends before slots do")
}
