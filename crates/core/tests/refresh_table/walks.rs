//! Random walks through the state machine beside a model that reads the table in another way.

use super::{HOUR, KINDS, MINUTE, SECOND, support};
use aws_refresh_session_core::clock::Millis;
use aws_refresh_session_core::refresh::Decision::{
    self, Fresh, RefreshAdvised, RefreshRequired, RejectKept, ServeHeld,
};
use aws_refresh_session_core::refresh::PolicyKind::{self, StaticStability, Windows, WindowsServeValid};
use aws_refresh_session_core::refresh::{Policy, State};
use proptest::prelude::*;

/// The table of the design, read as sentences.
#[derive(Debug)]
struct Model {
    kind: PolicyKind,
    advisory: Millis,
    mandatory: Millis,
    /// When the held triple was received and when it ends.
    triple: Option<(Millis, Option<Millis>)>,
    /// Failures of refreshes that callers waited for (or might have, under static stability) since the last success.
    row: u32,
    last: Option<LastFailure>,
}

#[derive(Clone, Copy, Debug)]
struct LastFailure {
    until: Millis,
    recoverable: bool,
    /// It was an event only: nobody waited.
    event_only: bool,
}

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Urgency {
    None,
    Advised,
    Waiting,
    Lost,
}

impl Model {
    fn urgency(&self, now: Millis) -> Urgency {
        let Some((received, end)) = self.triple else { return Urgency::Lost };
        let Some(end) = end else { return Urgency::None };
        let lifetime = end - received;
        let (advisory, mandatory) = match self.kind {
            StaticStability if lifetime > 20 * MINUTE && lifetime < 90 * MINUTE => (15 * MINUTE, MINUTE),
            StaticStability if lifetime > 20 * MINUTE => (HOUR, MINUTE),
            StaticStability => (5 * MINUTE, MINUTE),
            Windows | WindowsServeValid => (self.advisory, self.mandatory),
        };
        let within = |window: Millis, part: Millis| now > end - window.min(lifetime / part);
        if now >= end {
            Urgency::Lost
        } else if within(mandatory, 4) {
            Urgency::Waiting
        } else if within(advisory, 2) {
            Urgency::Advised
        } else {
            Urgency::None
        }
    }

    fn decide(&self, now: Millis) -> Decision {
        let urgency = self.urgency(now);
        let due = match urgency {
            Urgency::None => return Fresh,
            Urgency::Advised => RefreshAdvised,
            Urgency::Waiting | Urgency::Lost => RefreshRequired,
        };
        let Some(last) = self.last.filter(|last| now < last.until) else { return due };
        if last.event_only && urgency > Urgency::Advised {
            return due;
        }
        let serves = match self.kind {
            _ if urgency == Urgency::Advised => true,
            Windows => false,
            WindowsServeValid => urgency == Urgency::Waiting,
            StaticStability => self.triple.is_some() && last.recoverable,
        };
        if serves { ServeHeld } else { RejectKept }
    }

    fn obtained(&mut self, end: Option<Millis>, now: Millis) {
        (self.triple, self.row, self.last) = (Some((now, end)), 0, None);
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "minutes in milliseconds")]
    fn failed(&mut self, now: Millis, recoverable: bool, random: f64) {
        let urgency = self.urgency(now);
        let stable = self.kind == StaticStability && self.triple.is_some();
        if urgency == Urgency::None {
            return;
        }
        let jittered = |low: Millis, high: Millis| low + ((high - low) as f64 * random) as Millis;
        let doubling = |failures: u32| match failures {
            0 => 0,
            failures => (SECOND * 2_i64.pow((failures - 1).min(5))).min(30 * SECOND),
        };
        let event_only = !stable && urgency == Urgency::Advised;
        self.row += u32::from(!event_only);
        let length = match urgency {
            _ if stable && recoverable => jittered(5 * MINUTE, 10 * MINUTE),
            _ if stable => jittered(SECOND, 5 * SECOND),
            Urgency::Advised => jittered(30 * SECOND, MINUTE),
            Urgency::Waiting => doubling(self.row),
            Urgency::Lost | Urgency::None => doubling(self.row - 1),
        };
        self.last = Some(LastFailure { until: now + length, recoverable, event_only });
    }

    fn invalidated(&mut self) {
        if self.triple.take().is_some() {
            self.last = None;
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    Wait(Millis),
    /// To so many milliseconds before the end of the held triple.
    WaitUntilRemaining(Millis),
    Obtain(Option<Millis>),
    Fail {
        recoverable: bool,
        random: f64,
    },
    Invalidate,
}

fn window() -> impl Strategy<Value = Millis> {
    prop_oneof![Just(0), Just(1), 0..2 * HOUR]
}

fn step() -> impl Strategy<Value = Step> {
    let lifetime =
        prop_oneof![1..5_000_i64, 1..2 * HOUR, Just(15 * MINUTE), Just(HOUR), Just(90 * MINUTE), Just(12 * HOUR)];
    let near = [0, 1, 500, SECOND, MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, HOUR];
    prop_oneof![
        3 => prop_oneof![0..3 * SECOND, 0..MINUTE, 0..HOUR].prop_map(Step::Wait),
        3 => (prop::sample::select(near.to_vec()), -1..=1_i64).prop_map(|(near, by)| Step::WaitUntilRemaining(near + by)),
        2 => prop_oneof![9 => lifetime.prop_map(Some), 1 => Just(None)].prop_map(Step::Obtain),
        6 => (prop::bool::weighted(0.7), 0.0..1.0_f64).prop_map(|(recoverable, random)| Step::Fail { recoverable, random }),
        1 => Just(Step::Invalidate),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_walks_follow_the_model_and_keep_its_promises(
        kind in prop::sample::select(KINDS.to_vec()),
        windows in (window(), window()),
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let (advisory, mandatory) = (windows.0.max(windows.1), windows.0.min(windows.1));
        let mut state = State::new(Policy { kind, advisory, mandatory });
        let mut model = Model { kind, advisory, mandatory, triple: None, row: 0, last: None };
        let mut now = support::NOW;
        let mut failed_at = None;
        for step in steps {
            match step {
                Step::Wait(time) => now += time,
                Step::WaitUntilRemaining(remaining) => {
                    if let Some((_, Some(end))) = model.triple {
                        now = now.max(end - remaining);
                    }
                }
                Step::Obtain(lifetime) => {
                    let end = lifetime.map(|lifetime| now + lifetime);
                    state.obtained(end, now);
                    model.obtained(end, now);
                    failed_at = None;
                    let half = lifetime.unwrap_or(HOUR) / 2;
                    prop_assert_eq!(state.decide(now), Fresh);
                    prop_assert_eq!(state.decide(now + half), Fresh);
                }
                Step::Fail { recoverable, random } => {
                    state.failed(now, recoverable, random);
                    model.failed(now, recoverable, random);
                    failed_at = Some(now);
                }
                Step::Invalidate => {
                    state.invalidated();
                    model.invalidated();
                }
            }
            let decision = state.decide(now);
            prop_assert_eq!(decision, model.decide(now), "at {} {:?} {:?}", now, state, model);
            let uses_held = matches!(decision, Fresh | RefreshAdvised | ServeHeld);
            let expired = matches!(model.triple, Some((_, Some(end))) if now >= end);
            match model.triple {
                None => prop_assert!(!uses_held, "nothing is held"),
                Some((_, None)) => prop_assert_eq!(decision, Fresh, "a triple without end is never refreshed"),
                Some(_) if expired && kind != StaticStability => prop_assert!(!uses_held, "an expired triple was used"),
                Some(_) if !expired && kind == WindowsServeValid => prop_assert_ne!(decision, RejectKept),
                Some(_) => {}
            }
            let since = failed_at.map_or(Millis::MAX, |at| now - at);
            let longest = if kind == StaticStability { 10 * MINUTE } else { MINUTE };
            prop_assert!(decision != ServeHeld || since < longest, "served {} ms after a failure", since);
            prop_assert!(decision != RejectKept || since < 30 * SECOND, "rejected {} ms after a failure", since);
            let fresh_until = state.fresh_until();
            if model.triple.is_some_and(|(_, end)| end.is_some()) {
                prop_assert_eq!(decision == Fresh, now <= fresh_until);
            }
        }
    }
}
