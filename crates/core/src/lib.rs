//! The native core of `aws-refresh-session`: credentials, the decision when to refresh them, `SigV4` signing and
//! verification.
//!
//! The crate is pure. It reads no clock, file or environment, opens no connection and calls nobody back; instants come
//! in as milliseconds since the epoch. Secrets are wiped when dropped and never appear in an error or in `Debug`.
#![forbid(unsafe_code)]

mod base64;
pub mod cache;
pub mod cell;
pub mod clock;
pub mod codes;
pub mod credentials;
pub mod digest;
pub mod error;
pub mod refresh;
pub mod sign;
mod sync;
pub mod verify;
pub mod wire;
pub mod xml;

pub use error::{Error, ErrorKind, Result};
