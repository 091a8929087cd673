//! When events and communities take place, and when access to them ends.

use std::time::Duration;

use jiff::{Span, Timestamp as Moment, tz::TimeZone};

use crate::{
    look::TimeZoneName,
    time::{DAY, Timestamp, Version},
};

/// The most days that access can outlast an event.
pub const MAX_DAYS_AFTER: u16 = 730;

/// How long the seats of people stay taken after their access ended with an event, so that moving the event gives them back
/// what they had (docs/domain.md#rule-18).
pub const GRACE: Duration = DAY.saturating_mul(7);

/// When an event or a community takes place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dates {
    /// Its start.
    pub starts_at: Option<Timestamp>,
    /// Its end, after its start.
    pub ends_at: Option<Timestamp>,
    /// The time zone of its place; `None` for that of the client.
    pub time_zone: Option<TimeZoneName>,
    /// How many days after its end access to it ends, [`MAX_DAYS_AFTER`] at most; `None` for what the client says.
    pub access_ends_after_days: Option<u16>,
}

impl Dates {
    /// Whether it ends after it starts, as far as both are known.
    #[must_use]
    pub fn are_in_order(&self) -> bool {
        self.starts_at.zip(self.ends_at).is_none_or(|(starts_at, ends_at)| starts_at < ends_at)
    }

    /// When access ends: at the same time of day, so many calendar days after the end. `None` if it does not.
    #[must_use]
    pub fn access_ends_at(&self, rule: &AccessEnds) -> Option<Timestamp> {
        let days = self.access_ends_after_days.or(rule.after_days)?;
        let zone = self.time_zone.as_ref().or(rule.time_zone.as_ref());
        let zone = zone.and_then(TimeZoneName::zone).unwrap_or(TimeZone::UTC);
        Some(days_later(self.ends_at?, days, &zone))
    }
}

/// When access to the events of a client ends, as far as the events do not say it themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessEnds {
    /// How many days after the end of an event, [`MAX_DAYS_AFTER`] at most; `None` for never.
    pub after_days: Option<u16>,
    /// The client's time zone, for events without one. It is also in [`Look`](crate::look::Look), which checks do not read.
    pub time_zone: Option<TimeZoneName>,
    /// Whether an event of the client has, or had, an end of its own or was archived.
    pub of_events: bool,
}

impl AccessEnds {
    /// The rule of a client with these days and this time zone.
    #[must_use]
    pub fn new(after_days: Option<u16>, time_zone: Option<&TimeZoneName>, of_events: bool) -> Self {
        let rule = Self { after_days, time_zone: None, of_events };
        // Without any end the rule stays absent, as the version before this one leaves it.
        let time_zone = time_zone.filter(|_| rule.are_possible()).cloned();
        Self { time_zone, ..rule }
    }

    /// Whether access to some event can end. Otherwise no event need be read to know that it does not.
    #[must_use]
    pub const fn are_possible(&self) -> bool {
        self.after_days.is_some() || self.of_events
    }
}

/// What is known of the end of access to the event or community that a grant is on. It is added to each grant that is read
/// ([`ClientRules::resolve`](crate::client_rules::ClientRules::resolve)) and never stored, so that moving the event moves
/// the ends of all its grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventEnd {
    /// The grant does not end with an event.
    None,
    /// The grant can end with its event, which was not read. Such a grant gives nothing.
    Unread,
    /// The grant ends with its event.
    Read {
        /// When; `None` if the event has no end.
        ends_at: Option<Timestamp>,
        /// The version of the event, which must be unchanged if something is removed because of this end.
        version: Version,
    },
}

impl EventEnd {
    /// The end that is known.
    #[must_use]
    pub const fn ends_at(self) -> Option<Timestamp> {
        match self {
            Self::None | Self::Unread => None,
            Self::Read { ends_at, .. } => ends_at,
        }
    }
}

/// The same time of day in `zone`, `days` calendar days later. Where summer time begins and skips that time, it is an hour
/// later; where it ends, the first of the two.
fn days_later(time: Timestamp, days: u16, zone: &TimeZone) -> Timestamp {
    let later = Moment::from_millisecond(time.millis())
        .and_then(|moment| moment.to_zoned(zone.clone()).checked_add(Span::new().days(days)));
    // Beyond the year 9999.
    let by_hours = || time.after(DAY * u32::from(days));
    later.map_or_else(
        |_| by_hours(),
        |zoned| Timestamp::from_millis(zoned.timestamp().as_millisecond()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(ends_at: &str, days: u16, zone: &str) -> String {
        let dates = Dates {
            ends_at: Some(Timestamp::parse(ends_at).unwrap()),
            time_zone: Some(TimeZoneName::entered(zone).unwrap()),
            access_ends_after_days: Some(days),
            ..Dates::default()
        };
        dates.access_ends_at(&AccessEnds::default()).unwrap().to_string()
    }

    #[test]
    fn days_are_calendar_days_of_the_events_time_zone() {
        for (ends_at, days, zone, expected) in [
            // Paris changes to summer time on 28 March 2027 and back on 31 October 2027.
            ("2027-03-27T18:00:00+01:00", 1, "Europe/Paris", "2027-03-28T16:00:00.000Z"),
            ("2027-10-30T18:00:00+02:00", 1, "Europe/Paris", "2027-10-31T17:00:00.000Z"),
            // 02:30 does not exist on 28 March 2027, and exists twice on 31 October.
            ("2027-03-27T02:30:00+01:00", 1, "Europe/Paris", "2027-03-28T01:30:00.000Z"),
            ("2027-10-30T02:30:00+02:00", 1, "Europe/Paris", "2027-10-31T00:30:00.000Z"),
            ("2027-03-27T18:00:00+01:00", 1, "UTC", "2027-03-28T17:00:00.000Z"),
            ("2027-06-30T18:00:00Z", 0, "Europe/Paris", "2027-06-30T18:00:00.000Z"),
            ("2028-02-28T12:00:00Z", 730, "UTC", "2030-02-27T12:00:00.000Z"),
            ("9999-12-31T12:00:00Z", 0, "UTC", "9999-12-31T12:00:00.000Z"),
        ] {
            assert_eq!(end(ends_at, days, zone), expected, "{ends_at} and {days} days in {zone}");
        }
    }

    #[test]
    fn an_event_overrides_the_days_and_the_time_zone_of_the_client() {
        let rule = AccessEnds {
            after_days: Some(10),
            time_zone: Some(TimeZoneName::entered("Europe/Paris").unwrap()),
            of_events: false,
        };
        let mut dates = Dates {
            ends_at: Some(Timestamp::parse("2027-03-20T18:00:00+01:00").unwrap()),
            ..Dates::default()
        };
        let end = |dates: &Dates| dates.access_ends_at(&rule).unwrap().to_string();
        assert_eq!(end(&dates), "2027-03-30T16:00:00.000Z");
        dates.time_zone = Some(TimeZoneName::entered("UTC").unwrap());
        assert_eq!(end(&dates), "2027-03-30T17:00:00.000Z");
        dates.access_ends_after_days = Some(0);
        assert_eq!(end(&dates), "2027-03-20T17:00:00.000Z");
        assert_eq!(Dates::default().access_ends_at(&rule), None, "without an end of the event");
        dates.access_ends_after_days = None;
        assert_eq!(dates.access_ends_at(&AccessEnds::default()), None, "without days");
    }
}
