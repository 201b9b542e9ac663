//! Holds the refresh state machine to the table of the design: every cell and boundary as a row, and in `walks` at
//! random against a model.
#![allow(missing_docs, reason = "tests")]

#[path = "../support/mod.rs"]
mod support;
mod walks;

use aws_refresh_session_core::cell;
use aws_refresh_session_core::clock::Millis;
use aws_refresh_session_core::credentials::Published;
use aws_refresh_session_core::refresh::Decision::{
    self, Fresh, RefreshAdvised, RefreshRequired, RejectKept, ServeHeld,
};
use aws_refresh_session_core::refresh::PolicyKind::{self, StaticStability, Windows, WindowsServeValid};
use aws_refresh_session_core::refresh::{Policy, State};
use support::fails;

const SECOND: Millis = 1_000;
const MINUTE: Millis = 60 * SECOND;
const HOUR: Millis = 60 * MINUTE;
const KINDS: [PolicyKind; 3] = [Windows, WindowsServeValid, StaticStability];
/// The last number below 1 that a caller may draw.
const ALMOST_ONE: f64 = 1.0 - f64::EPSILON / 2.0;

fn policy(kind: PolicyKind) -> Policy {
    Policy { kind, ..support::WINDOWS }
}

/// A state that obtained a triple at the instant 0.
fn held(kind: PolicyKind, lifetime: Millis) -> State {
    let mut state = State::new(policy(kind));
    state.obtained(Some(lifetime), 0);
    state
}

/// Asserts the decision at so much remaining lifetime.
fn decides(state: &State, expiration: Millis, rows: &[(Millis, Decision)]) {
    for &(remaining, decision) in rows {
        assert_eq!(state.decide(expiration - remaining), decision, "{remaining} ms remain of {state:?}");
    }
}

#[test]
fn windows_are_strict_and_decide_by_what_remains() {
    for kind in [Windows, WindowsServeValid] {
        decides(
            &held(kind, HOUR),
            HOUR,
            &[
                (HOUR, Fresh),
                (901 * SECOND, Fresh),
                (900 * SECOND, Fresh),
                (900 * SECOND - 1, RefreshAdvised),
                (899 * SECOND, RefreshAdvised),
                (601 * SECOND, RefreshAdvised),
                (600 * SECOND, RefreshAdvised),
                (600 * SECOND - 1, RefreshRequired),
                (599 * SECOND, RefreshRequired),
                (1, RefreshRequired),
                (0, RefreshRequired),
                (-HOUR, RefreshRequired),
            ],
        );
    }
}

#[test]
fn windows_are_at_most_a_half_and_a_quarter_of_the_lifetime() {
    for (lifetime, advisory, mandatory) in [
        (1, 0, 0),
        (2 * SECOND, SECOND, 500),
        (2 * SECOND + 1, SECOND, 500),
        (900 * SECOND, 450 * SECOND, 225 * SECOND),
        (1_799 * SECOND, 899_500, 449_750),
        (1_800 * SECOND, 900 * SECOND, 450 * SECOND),
        (2_399 * SECOND, 900 * SECOND, 599_750),
        (2_400 * SECOND, 900 * SECOND, 600 * SECOND),
        (12 * HOUR, 900 * SECOND, 600 * SECOND),
    ] {
        for kind in [Windows, WindowsServeValid] {
            let state = held(kind, lifetime);
            decides(&state, lifetime, &[(lifetime, Fresh), (lifetime - lifetime / 2, Fresh), (advisory.max(1), Fresh)]);
            assert_eq!(state.fresh_until(), lifetime - advisory.max(1), "{lifetime}");
            if advisory > 0 {
                decides(&state, lifetime, &[(advisory - 1, RefreshAdvised), (mandatory, RefreshAdvised)]);
                decides(&state, lifetime, &[(mandatory - 1, RefreshRequired)]);
            }
            decides(&state, lifetime, &[(0, RefreshRequired)]);
        }
    }
}

#[test]
fn windows_are_fixed_when_the_triple_is_obtained() {
    let mut state = State::new(policy(Windows));
    // Received late: what counts is the lifetime that was left then.
    state.obtained(Some(HOUR), HOUR - 100 * SECOND);
    decides(
        &state,
        HOUR,
        &[(50 * SECOND, Fresh), (50 * SECOND - 1, RefreshAdvised), (25 * SECOND - 1, RefreshRequired)],
    );
    state.obtained(Some(3 * HOUR), HOUR);
    decides(&state, 3 * HOUR, &[(900 * SECOND, Fresh), (900 * SECOND - 1, RefreshAdvised)]);
}

#[test]
fn static_stability_takes_its_windows_from_the_lifetime() {
    for (lifetime, advisory, mandatory) in [
        (2 * SECOND, SECOND, 500),
        (4 * MINUTE, 2 * MINUTE, MINUTE),
        (15 * MINUTE, 5 * MINUTE, MINUTE),
        (20 * MINUTE, 5 * MINUTE, MINUTE),
        (20 * MINUTE + 1, 10 * MINUTE, MINUTE),
        (HOUR, 15 * MINUTE, MINUTE),
        (90 * MINUTE - 1, 15 * MINUTE, MINUTE),
        (90 * MINUTE, 45 * MINUTE, MINUTE),
        (2 * HOUR, HOUR, MINUTE),
        (12 * HOUR, HOUR, MINUTE),
    ] {
        let rows = [
            (lifetime, Fresh),
            (advisory, Fresh),
            (advisory - 1, RefreshAdvised),
            (mandatory, RefreshAdvised),
            (mandatory - 1, RefreshRequired),
            (0, RefreshRequired),
            (-HOUR, RefreshRequired),
        ];
        decides(&held(StaticStability, lifetime), lifetime, &rows);
    }
}

/// One failure in a state that held a triple of an hour: what is decided until the backoff ends, and after it.
struct Failure {
    kind: PolicyKind,
    /// Lifetime that remains at the failure.
    remaining: Millis,
    recoverable: bool,
    /// Length of the backoff for the lowest and the highest random number.
    backoff: (Millis, Millis),
    within: Decision,
    after: Decision,
}

#[test]
fn a_failure_backs_off_as_its_zone_says() {
    let row = |kind, remaining, recoverable, backoff, within, after| Failure {
        kind,
        remaining,
        recoverable,
        backoff,
        within,
        after,
    };
    let (jittered, one) = ((30 * SECOND, 60 * SECOND), (SECOND, SECOND));
    let (stable, surfacing) = ((5 * MINUTE, 10 * MINUTE), (SECOND, 5 * SECOND));
    let rows = [
        row(Windows, 14 * MINUTE, true, jittered, ServeHeld, RefreshAdvised),
        row(Windows, 14 * MINUTE, false, jittered, ServeHeld, RefreshAdvised),
        row(Windows, 9 * MINUTE, true, one, RejectKept, RefreshRequired),
        row(Windows, 9 * MINUTE, false, one, RejectKept, RefreshRequired),
        row(Windows, 0, true, (0, 0), RefreshRequired, RefreshRequired),
        row(Windows, -HOUR, false, (0, 0), RefreshRequired, RefreshRequired),
        row(WindowsServeValid, 14 * MINUTE, true, jittered, ServeHeld, RefreshAdvised),
        row(WindowsServeValid, 9 * MINUTE, true, one, ServeHeld, RefreshRequired),
        row(WindowsServeValid, 9 * MINUTE, false, one, ServeHeld, RefreshRequired),
        row(WindowsServeValid, 0, true, (0, 0), RefreshRequired, RefreshRequired),
        row(StaticStability, 14 * MINUTE, true, stable, ServeHeld, RefreshAdvised),
        row(StaticStability, 30 * SECOND, true, stable, ServeHeld, RefreshRequired),
        row(StaticStability, 0, true, stable, ServeHeld, RefreshRequired),
        row(StaticStability, -24 * HOUR, true, stable, ServeHeld, RefreshRequired),
        row(StaticStability, 14 * MINUTE, false, surfacing, ServeHeld, RefreshAdvised),
        row(StaticStability, 30 * SECOND, false, surfacing, RejectKept, RefreshRequired),
        row(StaticStability, 0, false, surfacing, RejectKept, RefreshRequired),
    ];
    for Failure { kind, remaining, recoverable, backoff, within, after } in rows {
        for (random, length) in [(0.0, backoff.0), (ALMOST_ONE, (backoff.1 - 1).max(backoff.0)), (1.0, backoff.1)] {
            let mut state = held(kind, HOUR);
            let failed_at = HOUR - remaining;
            state.failed(failed_at, recoverable, random);
            let told = format!("{kind:?}, {remaining} ms remain, recoverable {recoverable}, random {random}");
            if length > 0 {
                assert_eq!(state.decide(failed_at), within, "{told}");
                assert_eq!(state.decide(failed_at + length - 1), within, "{told}");
            }
            assert_eq!(state.decide(failed_at + length), after, "{told}");
        }
    }
}

#[test]
fn random_numbers_out_of_range_stay_within_the_bounds() {
    for random in [f64::NAN, f64::NEG_INFINITY, -1.0, 2.0, f64::INFINITY] {
        let mut state = held(Windows, HOUR);
        let failed_at = HOUR - 14 * MINUTE;
        state.failed(failed_at, true, random);
        assert_eq!(state.decide(failed_at + 30 * SECOND - 1), ServeHeld, "{random}");
        assert_eq!(state.decide(failed_at + 60 * SECOND), RefreshAdvised, "{random}");
    }
}

/// Fails again and again as soon as a refresh is due, and gives the lengths of the backoffs.
fn backoffs(mut state: State, mut now: Millis, within: Decision, count: usize) -> Vec<Millis> {
    let mut lengths = Vec::new();
    for _ in 0..count {
        assert_eq!(state.decide(now), RefreshRequired, "{state:?}");
        state.failed(now, true, 0.5);
        let failed_at = now;
        while state.decide(now) != RefreshRequired {
            assert_eq!(state.decide(now), within, "{state:?}");
            now += SECOND;
        }
        assert!(now == failed_at || state.decide(now - 1) == within, "{state:?}");
        lengths.push((now - failed_at) / SECOND);
    }
    lengths
}

#[test]
fn failures_in_a_row_double_their_backoff_up_to_thirty_seconds() {
    let first_kept = [1, 2, 4, 8, 16, 30, 30, 30];
    let first_not_kept = [0, 1, 2, 4, 8, 16, 30, 30];
    let mandatory = HOUR - 9 * MINUTE;
    assert_eq!(backoffs(held(Windows, HOUR), mandatory, RejectKept, 8), first_kept);
    assert_eq!(backoffs(held(WindowsServeValid, HOUR), mandatory, ServeHeld, 8), first_kept);
    for kind in KINDS {
        assert_eq!(backoffs(State::new(policy(kind)), 0, RejectKept, 8), first_not_kept, "{kind:?}");
    }
    for kind in [Windows, WindowsServeValid] {
        assert_eq!(backoffs(held(kind, HOUR), HOUR, RejectKept, 8), first_not_kept, "{kind:?}");
    }
}

#[test]
fn a_success_ends_the_backoff_and_the_row() {
    for kind in KINDS {
        let mut state = State::new(policy(kind));
        for _ in 0..5 {
            state.failed(0, true, 0.0);
        }
        assert_eq!(state.decide(0), RejectKept, "{kind:?}");
        state.obtained(Some(HOUR), 0);
        assert_eq!(state.decide(0), Fresh, "{kind:?}");
        state.invalidated();
        state.failed(1, true, 0.0);
        assert_eq!(state.decide(1), RefreshRequired, "{kind:?}: the row begins anew");
    }
}

#[test]
fn an_advisory_backoff_does_not_hold_where_callers_wait() {
    for kind in [Windows, WindowsServeValid] {
        let mut state = held(kind, HOUR);
        state.failed(HOUR - 610 * SECOND, true, 0.0);
        decides(
            &state,
            HOUR,
            &[(610 * SECOND, ServeHeld), (600 * SECOND, ServeHeld), (600 * SECOND - 1, RefreshRequired)],
        );
        // Nobody waited for it, so it does not count among the failures in a row.
        state.failed(HOUR - 599 * SECOND, true, 0.0);
        let (within, at) = (state.decide(HOUR - 599 * SECOND), HOUR - 598 * SECOND);
        assert_eq!(within, if kind == Windows { RejectKept } else { ServeHeld });
        assert_eq!(state.decide(at), RefreshRequired, "the first backoff lasts one second");
    }
}

#[test]
fn a_triple_that_expires_during_its_backoff_is_no_longer_served_under_windows() {
    for kind in [Windows, WindowsServeValid] {
        let mut state = held(kind, HOUR);
        for _ in 0..6 {
            state.failed(HOUR - 10 * SECOND, true, 0.0);
        }
        let valid = if kind == Windows { RejectKept } else { ServeHeld };
        decides(&state, HOUR, &[(10 * SECOND, valid), (1, valid), (0, RejectKept), (-20 * SECOND + 1, RejectKept)]);
        decides(&state, HOUR, &[(-20 * SECOND, RefreshRequired)]);
    }
}

#[test]
fn static_stability_outlives_an_outage_of_any_length() {
    let mut state = held(StaticStability, HOUR);
    let mut now = HOUR - 15 * MINUTE + 1;
    for _ in 0..200 {
        assert!(matches!(state.decide(now), RefreshAdvised | RefreshRequired), "{state:?}");
        state.failed(now, true, 0.3);
        let ends = now + 5 * MINUTE + (5 * MINUTE * 3) / 10;
        assert_eq!(state.decide(now), ServeHeld);
        assert_eq!(state.decide(ends - 1), ServeHeld);
        now = ends;
    }
    assert!(now > 20 * HOUR, "the triple was served long after its end");
}

#[test]
fn a_failure_that_waiting_cannot_cure_is_hidden_only_where_nobody_waits() {
    let mut state = held(StaticStability, HOUR);
    // In the advisory window nobody waits; a failure there does not reject those who come in the mandatory one.
    state.failed(HOUR - MINUTE - 2 * SECOND, false, 0.0);
    decides(
        &state,
        HOUR,
        &[(MINUTE + SECOND + 1, ServeHeld), (MINUTE + SECOND, RefreshAdvised), (MINUTE - 1, RefreshRequired)],
    );
    state.failed(HOUR - SECOND, false, 1.0);
    decides(&state, HOUR, &[(SECOND, RejectKept), (-4 * SECOND + 1, RejectKept), (-4 * SECOND, RefreshRequired)]);
    // Once it is cured, the triple is stable again.
    state.failed(HOUR + 4 * SECOND, true, 0.0);
    decides(&state, HOUR, &[(-4 * SECOND, ServeHeld), (-5 * MINUTE, ServeHeld)]);
}

#[test]
fn an_invalidated_triple_is_replaced_before_anything_else() {
    for kind in KINDS {
        for recoverable in [true, false] {
            for failed_at in [None, Some(HOUR - 14 * MINUTE), Some(HOUR - 30 * SECOND)] {
                let mut state = held(kind, HOUR);
                if let Some(at) = failed_at {
                    state.failed(at, recoverable, 0.0);
                }
                state.invalidated();
                // A backoff was granted for a triple that could be served meanwhile; now none can.
                let now = failed_at.unwrap_or(0);
                assert_eq!(state.decide(now), RefreshRequired, "{kind:?}, failed at {failed_at:?}");
            }
        }
    }
}

#[test]
fn a_triple_that_never_expires_is_never_refreshed() {
    for kind in KINDS {
        let mut state = State::new(policy(kind));
        assert_eq!(state.decide(0), RefreshRequired);
        state.obtained(None, 0);
        for now in [Millis::MIN, 0, HOUR, Millis::MAX] {
            assert_eq!(state.decide(now), Fresh, "{kind:?} at {now}");
            state.failed(now, false, 0.5);
            assert_eq!(state.decide(now), Fresh, "{kind:?} at {now}");
        }
        assert_eq!(state.fresh_until(), Millis::MAX);
    }
}

#[test]
fn a_forced_refresh_that_fails_leaves_a_fresh_triple_fresh() {
    for kind in KINDS {
        let mut state = held(kind, HOUR);
        state.failed(0, false, 1.0);
        assert_eq!(state.decide(0), Fresh, "{kind:?}");
        decides(&state, HOUR, &[(900 * SECOND - 1, RefreshAdvised)]);
    }
}

#[test]
fn a_cell_without_windows_serves_its_triple_to_the_last_millisecond_and_not_longer() {
    for kind in [Windows, WindowsServeValid] {
        let handle = cell::open(Policy { kind, advisory: 0, mandatory: 0 }).expect("opens");
        let cell = cell::get(handle).expect("is open");
        cell.publish(Published::new("AKID", "secret", None, Some(HOUR), 0).expect("whole"), 0);
        assert_eq!(cell.decide(HOUR - 1), Fresh, "{kind:?}");
        assert_eq!(cell.decide(HOUR), RefreshRequired, "{kind:?}");
        cell::close(handle);
    }
}

#[test]
fn a_closed_cell_holds_nothing_for_those_who_still_have_it() {
    let handle = cell::open(policy(StaticStability)).expect("opens");
    let cell = cell::get(handle).expect("is open");
    cell.publish(Published::new("AKID", "secret", None, None, 0).expect("whole"), 0);
    assert_eq!(cell.decide(0), Fresh);
    cell::close(handle);
    assert!(cell.current().is_none());
    assert_eq!(cell.decide(0), RefreshRequired);
}

#[test]
fn a_cell_decides_as_its_state_does() {
    let handle = cell::open(policy(Windows)).expect("opens");
    let cell = cell::get(handle).expect("is open");
    let publish = |expiration: Millis, now: Millis| {
        cell.publish(Published::new("AKID", "secret", None, Some(expiration), now).expect("whole"), now)
    };
    assert_eq!(cell.decide(0), RefreshRequired);
    publish(HOUR, 0);
    for (remaining, decision) in [
        (901 * SECOND, Fresh),
        (900 * SECOND, Fresh),
        (899 * SECOND, RefreshAdvised),
        (599 * SECOND, RefreshRequired),
        (0, RefreshRequired),
    ] {
        assert_eq!(cell.decide(HOUR - remaining), decision, "{remaining}");
    }
    fails(handle, HOUR - MINUTE);
    assert_eq!(cell.decide(HOUR - MINUTE), RejectKept);
    // A shorter triple after a longer one: the instant that readers go by must move back.
    publish(2 * HOUR, HOUR);
    assert_eq!(cell.decide(HOUR + 30 * MINUTE), Fresh);
    publish(HOUR + 4 * SECOND, HOUR);
    assert_eq!(cell.decide(HOUR + 2 * SECOND), Fresh);
    assert_eq!(cell.decide(HOUR + 2 * SECOND + 1), RefreshAdvised);
    assert!(cell.invalidate(None));
    assert_eq!(cell.decide(HOUR), RefreshRequired);
    assert!(cell.current().is_none());
    cell::close(handle);
}
