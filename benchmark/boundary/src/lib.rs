//! The ways a request of four headers could cross into Rust and a 240-character answer come back, each doing nothing
//! else, so that what is timed is the boundary alone.

use napi::bindgen_prelude::{BufferSlice, Latin1String};
use napi_derive::napi;
use std::collections::HashMap;

fn answer(length: usize) -> String {
    "A".repeat(240 + (length & 1))
}

#[napi(catch_unwind)]
pub fn nothing() {}

#[napi]
pub fn nothing_without_guard() {}

#[napi(catch_unwind)]
pub fn handle_and_numbers(handle: f64, version: f64, now: f64, flags: u32, count: u32) -> f64 {
    handle + version + now + f64::from(flags + count)
}

#[napi]
pub struct Signer {
    answers: u32,
}

#[napi]
impl Signer {
    #[napi(constructor, catch_unwind)]
    pub fn new() -> Self {
        Self { answers: 1 }
    }

    #[napi(catch_unwind)]
    pub fn nothing(&self) -> u32 {
        self.answers
    }

    #[napi(catch_unwind)]
    pub fn text(&self, text: String) -> String {
        answer(text.len())
    }
}

#[napi(catch_unwind)]
pub fn text(text: String) -> String {
    answer(text.len())
}

#[napi(catch_unwind)]
pub fn latin1_text(text: Latin1String) -> String {
    answer(text.len())
}

#[napi(catch_unwind)]
#[allow(clippy::too_many_arguments)]
pub fn strings(a: String, b: String, c: String, d: String, e: String, f: String, g: String) -> String {
    answer(a.len() + b.len() + c.len() + d.len() + e.len() + f.len() + g.len())
}

#[napi(catch_unwind)]
pub fn array(parts: Vec<String>) -> Vec<String> {
    parts
}

#[napi(catch_unwind)]
pub fn object(headers: HashMap<String, String>) -> HashMap<String, String> {
    headers
}

#[napi(catch_unwind)]
pub fn scratch(mut frame: BufferSlice<'_>) -> u32 {
    frame[72..312].fill(b'A');
    240
}
