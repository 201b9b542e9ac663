//! The credential cell of the core, compiled with loom's twins of what threads share state through, so that the tests
//! beside this run every interleaving of its threads.
//!
//! The sources are those of the core. Only what they import differs: [`sync`], triples that are numbers, and a cache of
//! signing keys that remembers what it was told to forget.
#![allow(dead_code, missing_docs, reason = "the modules are documented in the core, which uses all of them")]
#![allow(clippy::must_use_candidate, reason = "nobody but the tests beside this uses them")]

#[path = "../../core/src/cell.rs"]
pub mod cell;
#[path = "../../core/src/error.rs"]
pub mod error;
#[path = "../../core/src/refresh.rs"]
pub mod refresh;

pub mod sync;

pub mod clock {
    pub type Millis = i64;
}

pub mod credentials {
    use crate::clock::Millis;

    /// A triple that is its version alone; key ids are made of it.
    #[derive(Debug)]
    pub struct Published {
        version: u64,
        expiration: Option<Millis>,
        credentials: Credentials,
    }

    #[derive(Debug)]
    pub struct Credentials(String);

    impl Credentials {
        pub fn access_key_id(&self) -> &str {
            &self.0
        }
    }

    impl Published {
        pub fn numbered(version: u64, expiration: Option<Millis>) -> Self {
            Self { version, expiration, credentials: Credentials(format!("AKID{version}")) }
        }

        pub const fn version(&self) -> u64 {
            self.version
        }

        pub const fn expiration(&self) -> Option<Millis> {
            self.expiration
        }

        pub const fn credentials(&self) -> &Credentials {
            &self.credentials
        }
    }
}

pub mod sign {
    pub mod key {
        use std::cell::RefCell;

        thread_local! {
            // All threads of a model run on the thread that runs the model.
            static FORGOTTEN: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
        }

        pub(crate) fn forget(version: u64) {
            FORGOTTEN.with_borrow_mut(|forgotten| forgotten.push(version));
        }

        /// The versions whose keys were wiped since this was asked last, sorted.
        pub fn take_forgotten() -> Vec<u64> {
            let mut forgotten = FORGOTTEN.take();
            forgotten.sort_unstable();
            forgotten
        }
    }
}
