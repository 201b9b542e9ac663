//! The texts of instants, which every signature is bound to.
#![allow(missing_docs, reason = "tests")]

mod support;

use aws_refresh_session_core::clock::{AmzDate, Millis};
use fastrand::Rng;
use support::NOW;

/// The civil date and time of an instant, counted day by day from the epoch.
fn counted(second: i64) -> String {
    let leap = |year: i64| (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let (mut day, rest) = (second.div_euclid(86_400), second.rem_euclid(86_400));
    let mut year = 1970;
    while day < 0 {
        year -= 1;
        day += 365 + i64::from(leap(year));
    }
    while day >= 365 + i64::from(leap(year)) {
        day -= 365 + i64::from(leap(year));
        year += 1;
    }
    let lengths = [31, 28 + i64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while day >= lengths[month] {
        day -= lengths[month];
        month += 1;
    }
    format!("{year:04}{:02}{:02}T{:02}{:02}{:02}Z", month + 1, day + 1, rest / 3600, rest / 60 % 60, rest % 60)
}

fn text(millis: Millis) -> String {
    String::from_utf8(AmzDate::at(millis).date_time().to_vec()).expect("ASCII")
}

#[test]
fn every_second_has_a_text_of_its_own_whatever_was_asked_before() {
    for second in NOW / 1000 - 90..NOW / 1000 + 90 {
        // Twice, with the milliseconds that belong to it, and between two others.
        for at in [second * 1000, second * 1000 + 999, (second + 60) * 1000, second * 1000] {
            assert_eq!(text(at), counted(at.div_euclid(1000)), "{at}");
        }
    }
}

#[test]
fn texts_follow_the_calendar_and_read_back() {
    let seed = support::setting("CLOCK_SEED", || fastrand::u64(..));
    let mut rng = Rng::with_seed(seed);
    let random = (0..3_000).map(|_| rng.i64(-30_000_000_000..=253_402_300_799));
    let edges = [0, -1, 951_782_399, 951_782_400, 4_107_542_399, 4_107_542_400, 253_402_300_799];
    for second in random.chain(edges) {
        let date = AmzDate::at(second * 1000 + 7);
        assert_eq!(String::from_utf8_lossy(date.date_time()), counted(second), "CLOCK_SEED={seed}");
        assert_eq!(AmzDate::parse(date.date_time()), Some(second * 1000), "CLOCK_SEED={seed}");
        assert_eq!(date.date(), &date.date_time()[..8]);
    }
}
