//! The lease: who may refresh a cell, until when, and how the attempts ended. Pure; the cell keeps it under its lock.
//!
//! Leases are numbered from one and a number is never given again, so a result that names a lease tells by that alone
//! whether its holder still had the right to it. Instants are those of a clock that all threads share and that never
//! jumps.

use super::Handle;
use crate::clock::Millis;
use std::sync::Arc;

/// What somebody who wants a refresh has to do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Turn {
    /// Refresh, and report with the number of this lease.
    Yours {
        /// Number of the lease.
        lease: u64,
        /// The last triple was given up rather than outlived: a source that keeps its answers must be asked anew.
        anew: bool,
    },
    /// Somebody else refreshes under this lease: ask again, naming it, at a notice or when its time is over.
    Wait {
        /// Number of that lease.
        lease: u64,
        /// Milliseconds until it may be taken over.
        millis: Millis,
    },
    /// The refresh that was waited for, or a later one, has published: what is held will do.
    Published,
    /// The refresh that was waited for, or a later one, has failed: the kept failure is the answer.
    Failed,
}

/// Why a refresh failed, told in the words of the caller.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Failure {
    /// The lease under which it failed.
    pub lease: u64,
    /// What the caller said; the core does not read it.
    pub text: Arc<str>,
}

#[derive(Clone, Copy, Debug)]
struct Live {
    lease: u64,
    holder: Handle,
    deadline: Millis,
    /// How many triples had been given up when this began.
    given_up: u64,
}

#[derive(Debug, Default)]
pub(super) struct Leases {
    last: u64,
    live: Option<Live>,
    /// The newest lease whose refresh was published.
    published: u64,
    /// How many triples were given up so far, and how many before the refresh began that was published last.
    given_up: u64,
    replaced: u64,
    failure: Option<Failure>,
}

impl Leases {
    /// Grants a lease of `ttl`, unless somebody holds one, or the refresh under the lease `awaited` has ended. Who waited
    /// for nothing before passes 0.
    pub(super) fn turn(&mut self, holder: Handle, now: Millis, ttl: Millis, awaited: u64) -> Turn {
        if awaited != 0 && self.published >= awaited {
            return Turn::Published;
        }
        if awaited != 0 && self.failure.as_ref().is_some_and(|failure| failure.lease >= awaited) {
            return Turn::Failed;
        }
        if let Some(Live { lease, deadline, .. }) = self.live
            && now < deadline
        {
            return Turn::Wait { lease, millis: deadline.saturating_sub(now) };
        }
        self.last += 1;
        let (lease, given_up) = (self.last, self.given_up);
        self.live = Some(Live { lease, holder, deadline: now.saturating_add(ttl), given_up });
        Turn::Yours { lease, anew: given_up > self.replaced }
    }

    /// Whether a result under this lease counts. One that came late, but before anybody took over, does.
    pub(super) fn is_live(&self, lease: u64) -> bool {
        self.live.is_some_and(|live| live.lease == lease)
    }

    /// A triple was published, under a lease or by somebody who needed none: whoever refreshes now does so in vain.
    pub(super) fn published(&mut self) {
        self.replaced = self.live.take().map_or(self.given_up, |live| live.given_up);
        self.published = self.last;
        self.failure = None;
    }

    /// The refresh under the live lease failed.
    pub(super) fn failed(&mut self, text: Arc<str>) {
        self.live = None;
        self.failure = Some(Failure { lease: self.last, text });
    }

    /// What was held was refused or withdrawn.
    pub(super) fn gave_up(&mut self) {
        self.given_up += 1;
    }

    /// Frees the live lease if a triple was given up since its refresh began; tells whether that is so.
    pub(super) fn withdraw_if_outdated(&mut self) -> bool {
        let is_outdated = self.live.is_some_and(|live| live.given_up < self.given_up);
        if is_outdated {
            self.live = None;
        }
        is_outdated
    }

    /// A handle was closed: a lease that it holds is free for the next who asks.
    pub(super) fn release(&mut self, holder: Handle) {
        if self.live.is_some_and(|live| live.holder == holder) {
            self.live = None;
        }
    }

    /// The failure of the newest refresh that ended, if that one failed.
    pub(super) fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }
}
