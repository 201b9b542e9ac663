//! When to refresh: a pure state machine over the age of what is held and the failures since.
//!
//! Nothing here fetches, waits or reads a clock. The caller asks [`State::decide`], runs the refresh it is told to run,
//! and reports back with [`State::obtained`] or [`State::failed`].

use crate::clock::Millis;

/// How a session refreshes, fixed at its construction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Policy {
    /// Which rules of the table apply.
    pub kind: PolicyKind,
    /// Remaining lifetime below which a refresh is advised, in milliseconds. Ignored by static stability.
    pub advisory: Millis,
    /// Remaining lifetime below which callers wait for a refresh, in milliseconds. Ignored by static stability.
    pub mandatory: Millis,
}

/// The rules that a [`Policy`] follows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PolicyKind {
    /// The held triple outlives outages of its source, even past its expiration.
    StaticStability,
    /// Inside the mandatory window a failed refresh rejects the callers that waited for it.
    Windows,
    /// As [`PolicyKind::Windows`], but a triple that is still valid is served when its refresh fails.
    WindowsServeValid,
}

/// What the caller must do now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Decision {
    /// Use what is held.
    Fresh,
    /// Use what is held and start a refresh that nobody waits for.
    RefreshAdvised,
    /// Wait for a refresh before using anything.
    RefreshRequired,
    /// A refresh failed lately: use what is held, do not ask again yet.
    ServeHeld,
    /// A refresh failed lately and nothing held may be used: reject with the kept failure, do not ask again yet.
    RejectKept,
}

/// Lifetime of a held triple, with the windows fixed when it was obtained.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Held {
    expiration: Option<Millis>,
    advisory: Millis,
    mandatory: Millis,
}

/// Remaining lifetime, coarsely.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Zone {
    Fresh,
    Advisory,
    Mandatory,
    Expired,
    Nothing,
}

impl Zone {
    const fn callers_wait(self) -> bool {
        matches!(self, Self::Mandatory | Self::Expired | Self::Nothing)
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Backoff {
    until: Millis,
    /// An advisory backoff ends where callers start to wait: they are owed an attempt of their own.
    advisory_only: bool,
    /// The failure cannot be cured by waiting, so static stability does not hide it.
    surfaces: bool,
}

/// The refresh state of one credential cell.
#[derive(Clone, Debug)]
pub struct State {
    policy: Policy,
    held: Option<Held>,
    backoff: Option<Backoff>,
    failures_in_a_row: u32,
}

const SECOND: Millis = 1_000;
const MINUTE: Millis = 60 * SECOND;

impl State {
    /// A state that holds nothing yet.
    #[must_use]
    pub const fn new(policy: Policy) -> Self {
        Self { policy, held: None, backoff: None, failures_in_a_row: 0 }
    }

    /// The policy given at construction.
    #[must_use]
    pub const fn policy(&self) -> Policy {
        self.policy
    }

    /// What to do at `now`.
    #[must_use]
    pub fn decide(&self, now: Millis) -> Decision {
        let zone = self.zone(now);
        if zone == Zone::Fresh {
            return Decision::Fresh;
        }
        if let Some(backoff) = self.backoff
            && now < backoff.until
            && !(backoff.advisory_only && zone.callers_wait())
        {
            return if self.serves_held(zone, backoff) { Decision::ServeHeld } else { Decision::RejectKept };
        }
        if zone.callers_wait() { Decision::RefreshRequired } else { Decision::RefreshAdvised }
    }

    /// Until when [`State::decide`] stays [`Decision::Fresh`]: a reader may skip it before this instant.
    #[must_use]
    pub fn fresh_until(&self) -> Millis {
        match self.held {
            None => Millis::MIN,
            Some(Held { expiration: None, .. }) => Millis::MAX,
            // Without a window it is fresh up to its last millisecond, and no longer at its expiration.
            Some(Held { expiration: Some(expiration), advisory, .. }) => expiration.saturating_sub(advisory.max(1)),
        }
    }

    /// A new triple was obtained at `now`; `None` never expires. Its windows are fixed here: at most half, and a
    /// quarter, of its lifetime, so that a short-lived triple is not refetched on every access.
    pub fn obtained(&mut self, expiration: Option<Millis>, now: Millis) {
        let lifetime = expiration.map_or(Millis::MAX, |expiration| expiration.saturating_sub(now));
        let (advisory, mandatory) = match self.policy.kind {
            PolicyKind::StaticStability => (static_advisory_window(lifetime), MINUTE),
            PolicyKind::Windows | PolicyKind::WindowsServeValid => (self.policy.advisory, self.policy.mandatory),
        };
        self.held =
            Some(Held { expiration, advisory: advisory.min(lifetime / 2), mandatory: mandatory.min(lifetime / 4) });
        self.backoff = None;
        self.failures_in_a_row = 0;
    }

    /// The refresh that [`State::decide`] asked for failed at `now`. `random` is in `[0, 1)`. A failure that is not
    /// `recoverable` (a refused role, a sign-in that ended) surfaces under static stability.
    pub fn failed(&mut self, now: Millis, recoverable: bool, random: f64) {
        let zone = self.zone(now);
        if zone == Zone::Fresh {
            // Only a forced refresh fails here; what is held is fresh, so nothing is owed to anyone.
            return;
        }
        let stable = self.policy.kind == PolicyKind::StaticStability && self.held.is_some();
        if zone.callers_wait() || stable {
            self.failures_in_a_row = self.failures_in_a_row.saturating_add(1);
        }
        let (delay, advisory_only) = match zone {
            _ if stable && recoverable => (between(5 * MINUTE, 10 * MINUTE, random), false),
            _ if stable => (between(SECOND, 5 * SECOND, random), false),
            Zone::Fresh | Zone::Advisory => (between(30 * SECOND, 60 * SECOND, random), true),
            Zone::Mandatory => (doubling(self.failures_in_a_row), false),
            // A first failure is not kept: the next caller may be luckier than the first.
            Zone::Expired | Zone::Nothing => (doubling(self.failures_in_a_row - 1), false),
        };
        self.backoff =
            (delay > 0).then_some(Backoff { until: now.saturating_add(delay), advisory_only, surfaces: !recoverable });
    }

    /// The held triple was refused by a service or withdrawn by the user. A backoff was granted for the time in which
    /// it could be served (minutes, under static stability), so it ends as well: the next caller asks for a new triple.
    pub fn invalidated(&mut self) {
        if self.held.take().is_some() {
            self.backoff = None;
        }
    }

    fn zone(&self, now: Millis) -> Zone {
        let Some(held) = self.held else { return Zone::Nothing };
        let Some(expiration) = held.expiration else { return Zone::Fresh };
        let remaining = expiration.saturating_sub(now);
        if remaining <= 0 {
            Zone::Expired
        } else if remaining < held.mandatory {
            Zone::Mandatory
        } else if remaining < held.advisory {
            Zone::Advisory
        } else {
            Zone::Fresh
        }
    }

    fn serves_held(&self, zone: Zone, backoff: Backoff) -> bool {
        match (self.policy.kind, zone) {
            (_, Zone::Nothing) => false,
            (_, Zone::Fresh | Zone::Advisory) | (PolicyKind::WindowsServeValid, Zone::Mandatory) => true,
            (PolicyKind::StaticStability, _) => !backoff.surfaces,
            _ => false,
        }
    }
}

/// The advisory window that static stability takes from a lifetime.
const fn static_advisory_window(lifetime: Millis) -> Millis {
    if lifetime <= 20 * MINUTE {
        5 * MINUTE
    } else if lifetime < 90 * MINUTE {
        15 * MINUTE
    } else {
        60 * MINUTE
    }
}

/// One second for the first failure, doubling to thirty; nothing for none.
const fn doubling(failures: u32) -> Millis {
    match failures {
        0 => 0,
        1..=5 => SECOND << (failures - 1),
        _ => 30 * SECOND,
    }
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "a few minutes, rounded to a millisecond"
)]
fn between(low: Millis, high: Millis, random: f64) -> Millis {
    low + ((high - low) as f64 * random.clamp(0.0, 1.0)) as Millis
}
