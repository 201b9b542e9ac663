//! Instants as the caller gives them (milliseconds since the epoch) and the two forms AWS writes them in.

use std::cell::Cell;
use std::time::{Duration, SystemTime};
use time::OffsetDateTime;

/// An instant in milliseconds since the Unix epoch. Nothing in this crate reads a clock.
pub type Millis = i64;

/// An instant as AWS writes it: `20150830T123600Z`, whose first eight bytes are the date of the scope.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AmzDate([u8; 16]);

impl AmzDate {
    /// Formats an instant; instants outside the years 0 to 9999 are clamped to them.
    #[must_use]
    pub fn at(millis: Millis) -> Self {
        thread_local! {
            // Requests come in bursts: most of them share their second with the one before.
            static LAST: Cell<(i64, AmzDate)> = const { Cell::new((i64::MIN, AmzDate(*b"00000101T000000Z"))) };
        }
        let second = millis.div_euclid(1000);
        let (cached_second, cached) = LAST.get();
        if cached_second == second {
            return cached;
        }
        let date = Self::format(second);
        LAST.set((second, date));
        date
    }

    fn format(second: i64) -> Self {
        const FIRST: i64 = -62_167_219_200; // 0000-01-01T00:00:00Z
        const LAST: i64 = 253_402_300_799; // 9999-12-31T23:59:59Z
        let at = OffsetDateTime::from_unix_timestamp(second.clamp(FIRST, LAST)).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let mut text = *b"00000000T000000Z";
        write_digits(&mut text[0..4], at.year().unsigned_abs());
        write_digits(&mut text[4..6], u32::from(u8::from(at.month())));
        write_digits(&mut text[6..8], u32::from(at.day()));
        write_digits(&mut text[9..11], u32::from(at.hour()));
        write_digits(&mut text[11..13], u32::from(at.minute()));
        write_digits(&mut text[13..15], u32::from(at.second()));
        Self(text)
    }

    /// Reads `20150830T123600Z` back into an instant; `None` for any other form.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<Millis> {
        if text.len() != 16 || text[8] != b'T' || text[15] != b'Z' {
            return None;
        }
        let number = |from: usize, to: usize| {
            text[from..to]
                .iter()
                .try_fold(0_u32, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + u32::from(byte - b'0')))
        };
        let month = time::Month::try_from(u8::try_from(number(4, 6)?).ok()?).ok()?;
        let day = u8::try_from(number(6, 8)?).ok()?;
        let date = time::Date::from_calendar_date(i32::try_from(number(0, 4)?).ok()?, month, day).ok()?;
        let (hour, minute, second) = (number(9, 11)?, number(11, 13)?, number(13, 15)?);
        let time =
            time::Time::from_hms(u8::try_from(hour).ok()?, u8::try_from(minute).ok()?, u8::try_from(second).ok()?)
                .ok()?;
        Some(OffsetDateTime::new_utc(date, time).unix_timestamp() * 1000)
    }

    /// The whole text, `20150830T123600Z`.
    #[must_use]
    pub const fn date_time(&self) -> &[u8; 16] {
        &self.0
    }

    /// The same instant for crates that take one of these; instants before 1970 and clamped ones as well.
    pub(crate) fn to_system_time(self) -> SystemTime {
        let millis = Self::parse(&self.0).unwrap_or_default();
        let since = Duration::from_millis(millis.unsigned_abs());
        let time = if millis < 0 {
            SystemTime::UNIX_EPOCH.checked_sub(since)
        } else {
            SystemTime::UNIX_EPOCH.checked_add(since)
        };
        time.unwrap_or(SystemTime::UNIX_EPOCH)
    }

    /// The date of the credential scope, `20150830`.
    #[must_use]
    pub fn date(&self) -> &[u8] {
        &self.0[..8]
    }
}

fn write_digits(target: &mut [u8], mut value: u32) {
    for digit in target.iter_mut().rev() {
        *digit = b'0' + (value % 10) as u8;
        value /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_and_reads_back_the_instant_of_the_aws_examples() {
        let at = AmzDate::at(1_440_938_160_999);
        assert_eq!(at.date_time(), b"20150830T123600Z");
        assert_eq!(at.date(), b"20150830");
        assert_eq!(AmzDate::parse(at.date_time()), Some(1_440_938_160_000));
    }

    #[test]
    fn instants_beyond_the_calendar_are_clamped_not_panics() {
        assert_eq!(AmzDate::at(i64::MAX).date_time(), b"99991231T235959Z");
        assert_eq!(AmzDate::at(i64::MIN).date_time(), b"00000101T000000Z");
    }

    #[test]
    fn other_forms_are_not_read() {
        for text in ["20150830T123600", "2015-08-30T12:36Z", "20151330T123600Z", "20150830T256000Z", "２０150830T123Z"]
        {
            assert_eq!(AmzDate::parse(text.as_bytes()), None, "{text}");
        }
    }
}
