//! Times, days and versions. Nothing here reads a clock.

use std::{fmt, time::Duration};

use jiff::{SignedDuration, civil::DateTime};

/// 1970-01-01T00:00:00Z. Civil times reach to the end of the year 9999, which `jiff::Timestamp` does not.
const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

/// 9999-12-31T23:59:59Z. RFC 3339 has no years of five digits.
const LAST_SECOND: i64 = 253_402_300_799;

/// One day.
pub const DAY: Duration = Duration::from_hours(24);

/// A time, in whole milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Takes milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Takes whole seconds since 1970-01-01T00:00:00Z, the resolution of DynamoDB's time to live.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Reads an RFC 3339 date and time with an offset, truncated to milliseconds. RFC 3339 is stricter than the parsers of
    /// dates: no other separators, nothing left out, no names of time zones.
    ///
    /// # Errors
    /// [`NotATime`] for anything else.
    pub fn parse(text: &str) -> Result<Self, NotATime> {
        let (local, rest) = text.split_at_checked("2027-06-30T18:00:00".len()).ok_or(NotATime)?;
        let digits = rest
            .strip_prefix('.')
            .map_or(0, |rest| rest.bytes().take_while(u8::is_ascii_digit).count());
        let (fraction, offset) = match digits {
            0 => ("", rest),
            digits => rest.split_at(digits + 1),
        };
        let is_shaped =
            local.bytes().zip(*b"0000-00-00T00:00:00").all(|(byte, shape)| match shape {
                b'0' => byte.is_ascii_digit(),
                _ => byte.eq_ignore_ascii_case(&shape),
            });
        // The parser knows leap seconds, which no clock here has.
        if !is_shaped || local.ends_with(":60") {
            return Err(NotATime);
        }
        let local: DateTime = local.parse().map_err(|_| NotATime)?;
        let seconds = local.duration_since(EPOCH).as_secs() - offset_seconds(offset)?;
        if seconds > LAST_SECOND {
            return Err(NotATime);
        }
        let millis: i64 = fraction.get(1..).map_or(0, |digits| {
            digits
                .bytes()
                .chain(*b"000")
                .take(3)
                .fold(0, |all, digit| all * 10 + i64::from(digit - b'0'))
        });
        Ok(Self(seconds * 1000 + millis))
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The time `span` earlier.
    #[must_use]
    pub fn before(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }

    /// The time `span` later.
    #[must_use]
    pub fn after(self, span: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }

    /// The time since `earlier`; zero if `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The day, in UTC.
    #[must_use]
    pub const fn day(self) -> Day {
        Day(self.0.div_euclid(86_400_000))
    }
}

/// The seconds of an offset: `Z`, or `+hh:mm` or `-hh:mm`.
fn offset_seconds(text: &str) -> Result<i64, NotATime> {
    if text.eq_ignore_ascii_case("Z") {
        return Ok(0);
    }
    let [sign @ (b'+' | b'-'), h, hh, b':', m, mm] = text.as_bytes() else { return Err(NotATime) };
    let number = |tens: &u8, ones: &u8| {
        let digits = [tens, ones].into_iter().all(u8::is_ascii_digit);
        digits.then(|| i64::from(tens - b'0') * 10 + i64::from(ones - b'0'))
    };
    match (number(h, hh), number(m, mm)) {
        (Some(hours @ ..=23), Some(minutes @ ..=59)) => {
            let seconds = (hours * 60 + minutes) * 60;
            Ok(if *sign == b'-' { -seconds } else { seconds })
        }
        _ => Err(NotATime),
    }
}

/// RFC 3339 in UTC, always with three digits of milliseconds.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match EPOCH.checked_add(SignedDuration::from_millis(self.0)) {
            Ok(time) => write!(f, "{time:.3}Z"),
            Err(_) => write!(f, "{}ms", self.0),
        }
    }
}

/// The text is not an RFC 3339 date and time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 date and time with an offset")]
pub struct NotATime;

/// A day in UTC, counted from 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i64);

impl Day {
    /// Takes days since 1970-01-01.
    #[must_use]
    pub const fn from_number(days: i64) -> Self {
        Self(days)
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub const fn number(self) -> i64 {
        self.0
    }

    /// The start of the next day.
    #[must_use]
    pub const fn end(self) -> Timestamp {
        Timestamp((self.0 + 1) * 86_400_000)
    }
}

/// The date, for example `2027-01-31`.
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start = Timestamp(self.0.saturating_mul(86_400_000)).to_string();
        f.write_str(start.split_once('T').map_or(start.as_str(), |(date, _)| date))
    }
}

/// The version of a record. It only grows and is not used twice, even if a collaborator is removed and invited again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(i64);

impl Version {
    /// Takes a version that was stored or received.
    #[must_use]
    pub const fn from_number(number: i64) -> Self {
        Self(number)
    }

    /// The first version of a client or a scope: the time in milliseconds (docs/domain.md#rule-11).
    #[must_use]
    pub const fn first(now: Timestamp) -> Self {
        Self(now.0)
    }

    /// The next version of a client or a scope: the time in milliseconds, or one more if the clock is behind.
    #[must_use]
    pub fn next(self, now: Timestamp) -> Self {
        Self(now.0.max(self.0.saturating_add(1)))
    }

    /// The version after this one, of a collaborator. It does not contain the time, because the change can be at a scope
    /// that the reader of the version cannot see.
    #[must_use]
    pub const fn successor(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The number that is stored and returned.
    #[must_use]
    pub const fn number(self) -> i64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_formatted_as_it_was_parsed() {
        for text in
            ["2027-01-31T08:30:00.000Z", "2027-01-31T08:30:00.120Z", "9999-12-31T23:59:59.999Z"]
        {
            assert_eq!(Timestamp::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(
            Timestamp::parse("2027-01-31T08:30:00+02:00").unwrap().to_string(),
            "2027-01-31T06:30:00.000Z"
        );
    }

    #[test]
    fn a_time_without_an_offset_is_refused() {
        for text in ["", "tomorrow", "2027-01-31", "2027-01-31T08:30:00", "2027-13-31T08:30:00Z"] {
            assert_eq!(Timestamp::parse(text), Err(NotATime), "{text}");
        }
    }

    /// Each of these is a time for a parser of dates, some of another day.
    #[test]
    fn a_time_beyond_the_grammar_of_rfc_3339_is_refused() {
        for text in [
            "2027-06-30T18:00:00+25:00",
            "2027-06-30T18:00:00+02:60",
            "2027-06-30T18:00:00+02",
            "2027-06-30T18:00:00+0200",
            "2027-06-30T18:00:00+02:00[!America/New_York]",
            "2027-06-30T18:00:00Z[Mars/Olympus]",
            "20270630T180000Z",
            "2027-06-30T18Z",
            "2027-06-30T12:30:60Z",
            "2027-06-30 18:00:00Z",
            "2027-06-30T18:00:00.Z",
            "2027-06-30T18:00:00,5Z",
            "+002027-06-30T18:00:00Z",
            " 2027-06-30T18:00:00Z",
            "2027-06-30T18:00:00Z ",
            "2027-02-29T18:00:00Z",
            "2027-06-30T24:00:00Z",
            "9999-12-31T23:59:59-00:01",
            "２０２７-06-30T18:00:00Z",
        ] {
            assert_eq!(Timestamp::parse(text), Err(NotATime), "{text}");
        }
    }

    #[test]
    fn every_time_of_rfc_3339_is_accepted() {
        for (text, expected) in [
            ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59.000Z"),
            ("2027-06-30t18:00:00z", "2027-06-30T18:00:00.000Z"),
            ("2027-06-30T18:00:00-00:00", "2027-06-30T18:00:00.000Z"),
            ("2027-06-30T00:30:00+05:45", "2027-06-29T18:45:00.000Z"),
            ("2027-06-30T18:00:00.5Z", "2027-06-30T18:00:00.500Z"),
            ("2027-06-30T18:00:00.123456789012345Z", "2027-06-30T18:00:00.123Z"),
            ("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"),
            ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"),
        ] {
            let time = Timestamp::parse(text).unwrap_or_else(|_| panic!("{text}"));
            assert_eq!(time.to_string(), expected, "{text}");
        }
    }

    #[test]
    fn a_version_grows_even_if_the_clock_is_behind() {
        let now = Timestamp::from_millis(1_000);
        assert_eq!(Version::first(now).next(now), Version::from_number(1_001));
        assert_eq!(Version::from_number(5).next(now), Version::from_number(1_000));
        assert_eq!(Version::from_number(9_000).next(now), Version::from_number(9_001));
    }

    #[test]
    fn a_day_ends_at_the_start_of_the_next() {
        let day = Timestamp::parse("2027-01-31T23:59:59.999Z").unwrap().day();
        assert_eq!(day.end().to_string(), "2027-02-01T00:00:00.000Z");
        assert_eq!(day.end().day(), Day::from_number(day.number() + 1));
        assert_eq!(day.to_string(), "2027-01-31");
    }
}
