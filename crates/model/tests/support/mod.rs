//! What the models have in common.
#![allow(dead_code, reason = "each test file uses a part")]

use aws_refresh_session_model::cell::{Handle, Opening, Registry, Shared};
use aws_refresh_session_model::clock::Millis;
use aws_refresh_session_model::credentials::Published;
use aws_refresh_session_model::refresh::{Policy, PolicyKind};
use aws_refresh_session_model::sign::key::take_forgotten;

/// Time of a lease.
pub(crate) const TTL: Millis = 10;

/// Runs a model in every interleaving.
pub(crate) fn check(model: impl Fn() + Send + Sync + 'static) {
    loom::model(move || {
        take_forgotten();
        model();
    });
}

/// A handle of the one cell that all share; its owner is the parity of its slot.
pub(crate) fn open(registry: &Registry) -> Handle {
    let policy = Policy { kind: PolicyKind::Windows, advisory: 2, mandatory: 1 };
    let shared = Some(Shared { name: "all".to_owned(), fingerprint: "method sts\n".to_owned() });
    let owner = u64::try_from(registry.counts().0 & 1).unwrap_or_default();
    registry.open(Opening { policy, owner, shared }).expect("opens")
}

/// A triple that is fresh before instant 98.
pub(crate) fn triple(version: u64) -> Published {
    Published::numbered(version, Some(100))
}
