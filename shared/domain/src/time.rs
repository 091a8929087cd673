//! Times, days and versions. Nothing here reads a clock.

use std::{fmt, time::Duration};

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

    /// Reads an RFC 3339 date and time with an offset, truncated to milliseconds.
    ///
    /// # Errors
    /// [`NotATime`] for anything else.
    pub fn parse(text: &str) -> Result<Self, NotATime> {
        let instant: jiff::Timestamp = text.parse().map_err(|_| NotATime)?;
        Ok(Self(instant.as_millisecond()))
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

/// RFC 3339 in UTC, with milliseconds if they are not zero.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(instant) => instant.fmt(f),
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

/// The version of a record. It only grows and is never used twice, even if a collaborator is removed and invited again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(i64);

impl Version {
    /// Takes a version that was stored or received.
    #[must_use]
    pub const fn from_number(number: i64) -> Self {
        Self(number)
    }

    /// The first version of a record: the time in milliseconds (docs/domain.md#rule-11).
    #[must_use]
    pub const fn first(now: Timestamp) -> Self {
        Self(now.0)
    }

    /// The next version: the time in milliseconds, or one more if the clock is behind.
    #[must_use]
    pub fn next(self, now: Timestamp) -> Self {
        Self(now.0.max(self.0.saturating_add(1)))
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
        for text in ["2027-01-31T08:30:00Z", "2027-01-31T08:30:00.125Z"] {
            assert_eq!(Timestamp::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(
            Timestamp::parse("2027-01-31T08:30:00+02:00").unwrap().to_string(),
            "2027-01-31T06:30:00Z"
        );
    }

    #[test]
    fn a_time_without_an_offset_is_refused() {
        for text in ["", "tomorrow", "2027-01-31", "2027-01-31T08:30:00", "2027-13-31T08:30:00Z"] {
            assert_eq!(Timestamp::parse(text), Err(NotATime), "{text}");
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
        assert_eq!(day.end().to_string(), "2027-02-01T00:00:00Z");
        assert_eq!(day.end().day(), Day::from_number(day.number() + 1));
        assert_eq!(day.to_string(), "2027-01-31");
    }
}
