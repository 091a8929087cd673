//! Dates and times for readers. They are in UTC and say so, because a team can be in several time zones.

use coulisses_domain::{locale::Locale, time::Timestamp};
use jiff::tz::TimeZone;

const MONTHS: [(&str, &str); 12] = [
    ("janvier", "January"),
    ("février", "February"),
    ("mars", "March"),
    ("avril", "April"),
    ("mai", "May"),
    ("juin", "June"),
    ("juillet", "July"),
    ("août", "August"),
    ("septembre", "September"),
    ("octobre", "October"),
    ("novembre", "November"),
    ("décembre", "December"),
];

/// `6 décembre 2026 à 14 h 05 (UTC)` or `6 December 2026 at 14:05 (UTC)`.
pub(super) fn format(at: Timestamp, locale: Locale) -> String {
    let Ok(instant) = jiff::Timestamp::from_millisecond(at.millis()) else { return at.to_string() };
    let time = instant.to_zoned(TimeZone::UTC);
    let index = usize::try_from(time.month()).unwrap_or(1).saturating_sub(1);
    let (french, english) = MONTHS.get(index).copied().unwrap_or_default();
    let (day, year, hour, minute) = (time.day(), time.year(), time.hour(), time.minute());
    match locale {
        Locale::Fr => {
            let first = if day == 1 { "er" } else { "" };
            format!("{day}{first} {french} {year} à {hour}\u{a0}h\u{a0}{minute:02} (UTC)")
        }
        Locale::En => format!("{day} {english} {year} at {hour:02}:{minute:02} (UTC)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_in_the_readers_language_with_its_time_zone() {
        let at = |text: &str| Timestamp::parse(text).unwrap();
        assert_eq!(
            format(at("2026-12-06T15:05:00+01:00"), Locale::Fr),
            "6 décembre 2026 à 14\u{a0}h\u{a0}05 (UTC)"
        );
        assert_eq!(
            format(at("2027-01-01T00:00:00Z"), Locale::Fr),
            "1er janvier 2027 à 0\u{a0}h\u{a0}00 (UTC)"
        );
        assert_eq!(format(at("2027-08-31T23:59:59Z"), Locale::En), "31 August 2027 at 23:59 (UTC)");
    }
}
