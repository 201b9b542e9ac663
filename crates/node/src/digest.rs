//! The key of the process, and digests of texts under it.

use aws_refresh_session_core::digest::KeyedHash;
use napi_derive::napi;
use std::sync::OnceLock;
use zeroize::Zeroizing;

/// The hash of the process, whose key nobody knows and all its threads share.
pub(crate) fn process_hash() -> &'static KeyedHash {
    static HASH: OnceLock<KeyedHash> = OnceLock::new();
    HASH.get_or_init(|| {
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(key.as_mut_slice()).expect("the system gives random bytes");
        KeyedHash::new(&key)
    })
}

/// A key for digests that mean something in this process alone: the first candidate that any thread brought.
#[napi(catch_unwind)]
pub fn process_key(candidate: String) -> String {
    static KEY: OnceLock<String> = OnceLock::new();
    KEY.get_or_init(|| candidate).clone()
}
