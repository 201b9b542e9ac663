//! The date of HTTP's `Date` header in the one form that may still be sent: IMF-fixdate.

use crate::clock::Millis;
use time::{Date, Month, OffsetDateTime, Time};

const MONTHS: [&[u8; 3]; 12] =
    [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];
const DAYS: [&[u8; 3]; 7] = [b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun"];

/// Reads `Sun, 30 Aug 2015 12:36:00 GMT` (RFC 9110, 5.6.7); `None` for any other form, and for a wrong day of the week.
pub(super) fn parse(text: &[u8]) -> Option<Millis> {
    let separators = [(3, b", "), (16, b" \0"), (25, b" G"), (27, b"MT")];
    let is_formed = text.len() == 29
        && separators.iter().all(|(at, pair)| text[*at] == pair[0] && (pair[1] == 0 || text[at + 1] == pair[1]))
        && [7, 11].iter().all(|&at| text[at] == b' ')
        && [19, 22].iter().all(|&at| text[at] == b':');
    if !is_formed {
        return None;
    }
    let number = |from: usize, to: usize| {
        text[from..to]
            .iter()
            .try_fold(0_u16, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + u16::from(byte - b'0')))
    };
    let small = |from: usize| u8::try_from(number(from, from + 2)?).ok();
    let month = (1..).zip(MONTHS).find(|(_, name)| text[8..11] == name[..])?.0;
    let date = Date::from_calendar_date(i32::from(number(12, 16)?), Month::try_from(month).ok()?, small(5)?).ok()?;
    if text[..3] != DAYS[usize::from(date.weekday().number_days_from_monday())][..] {
        return None;
    }
    let time = Time::from_hms(small(17)?, small(20)?, small(23)?).ok()?;
    Some(OffsetDateTime::new_utc(date, time).unix_timestamp() * 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_fixed_form_and_no_other() {
        assert_eq!(parse(b"Sun, 30 Aug 2015 12:36:00 GMT"), Some(1_440_938_160_000));
        assert_eq!(parse(b"Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        for text in [
            "Mon, 30 Aug 2015 12:36:00 GMT",
            "Sun, 30 aug 2015 12:36:00 GMT",
            "Sun, 30 Aug 2015 12:36:00 UTC",
            "Sun, 30 Aug 2015 12:36:60 GMT",
            "Sun, 31 Feb 2015 12:36:00 GMT",
            "Sunday, 30-Aug-15 12:36:00 GMT",
            "Sun Aug 30 12:36:00 2015",
            "Sun, 30 Aug 2015 12:36:00 GMT ",
            "20150830T123600Z",
            "",
        ] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }
}
