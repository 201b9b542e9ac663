//! The N-API face of the core: converts arguments, forwards, and maps errors. Every export catches panics, so that a
//! defect in here becomes a JavaScript error and never ends the process.
#![allow(clippy::needless_pass_by_value, reason = "an argument that crosses the boundary arrives owned")]
#![allow(
    missing_docs,
    unreachable_pub,
    reason = "the macros generate items without docs and export what is private to Rust"
)]

mod batch;
mod cache;
mod cells;
mod chunks;
mod digest;
mod error;
mod events;
mod secret;
mod signing;
mod text;
mod verifying;

/// The panic hook of Rust prints to standard error, where a message might quote what no log should hold. The message
/// reaches the caller as an error instead.
#[napi_derive::module_init]
fn quiet_panics() {
    std::panic::set_hook(Box::new(|_| {}));
}
