//! Moments, days and versions. Nothing here asks what time it is.

use std::{fmt, time::Duration};

/// One day, the unit of the limits and of the lifetimes.
pub const DAY: Duration = Duration::from_hours(24);

/// A moment, in whole milliseconds since 1970-01-01T00:00:00Z.
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

    /// Reads an RFC 3339 date and time with its offset; what is finer than a millisecond is cut.
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

    /// The moment `span` later.
    #[must_use]
    pub fn after(self, span: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }

    /// How long it is from `earlier` until this moment; zero if `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The day of this moment, in UTC.
    #[must_use]
    pub const fn day(self) -> Day {
        Day(self.0.div_euclid(86_400_000))
    }
}

/// RFC 3339 in UTC, with milliseconds only where there are some.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(instant) => instant.fmt(f),
            Err(_) => write!(f, "{}ms", self.0),
        }
    }
}

/// A text that is no RFC 3339 date and time.
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

    /// The first moment of the day after this one.
    #[must_use]
    pub const fn end(self) -> Timestamp {
        Timestamp((self.0 + 1) * 86_400_000)
    }
}

/// The date, as in `2027-01-31`.
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start = Timestamp(self.0.saturating_mul(86_400_000)).to_string();
        f.write_str(start.split_once('T').map_or(start.as_str(), |(date, _)| date))
    }
}

/// The version of a record: it only grows, and is never used twice, not even by somebody removed and invited again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(i64);

impl Version {
    /// Takes a version as it was stored or named by a client.
    #[must_use]
    pub const fn from_number(number: i64) -> Self {
        Self(number)
    }

    /// The version of something that begins at `now`: the time in milliseconds (`domain.md`, rule 11).
    #[must_use]
    pub const fn first(now: Timestamp) -> Self {
        Self(now.0)
    }

    /// The version after this one: the time in milliseconds, or one more where the clock is behind.
    #[must_use]
    pub fn next(self, now: Timestamp) -> Self {
        Self(now.0.max(self.0.saturating_add(1)))
    }

    /// The number that is stored and shown.
    #[must_use]
    pub const fn number(self) -> i64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_as_it_was_read() {
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
    fn a_version_only_grows_even_where_the_clock_is_behind() {
        let now = Timestamp::from_millis(1_000);
        assert_eq!(Version::first(now).next(now), Version::from_number(1_001));
        assert_eq!(Version::from_number(5).next(now), Version::from_number(1_000));
        assert_eq!(Version::from_number(9_000).next(now), Version::from_number(9_001));
    }

    #[test]
    fn a_day_ends_where_the_next_begins() {
        let day = Timestamp::parse("2027-01-31T23:59:59.999Z").unwrap().day();
        assert_eq!(day.end().to_string(), "2027-02-01T00:00:00Z");
        assert_eq!(day.end().day(), Day::from_number(day.number() + 1));
        assert_eq!(day.to_string(), "2027-01-31");
    }
}
