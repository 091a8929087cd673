//! Dates and times for readers, in the time zone of the client. They name it, because a team can be in several.

use coulisses_domain::{locale::Locale, look::TimeZoneName, time::Timestamp};
use jiff::{Zoned, tz::TimeZone};

use super::{of, pick};

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

/// The parts of the world whose time zones are named after cities.
const CONTINENTS: [&str; 10] = [
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
];

/// Cities whose names the French write in another way.
const IN_FRENCH: [(&str, &str); 20] = [
    ("Algiers", "Alger"),
    ("Athens", "Athènes"),
    ("Beirut", "Beyrouth"),
    ("Brussels", "Bruxelles"),
    ("Bucharest", "Bucarest"),
    ("Copenhagen", "Copenhague"),
    ("Dubai", "Dubaï"),
    ("Lisbon", "Lisbonne"),
    ("London", "Londres"),
    ("Mexico City", "Mexico"),
    ("Montreal", "Montréal"),
    ("Moscow", "Moscou"),
    ("Noumea", "Nouméa"),
    ("Reunion", "La Réunion"),
    ("Sao Paulo", "São Paulo"),
    ("Seoul", "Séoul"),
    ("Singapore", "Singapour"),
    ("Tehran", "Téhéran"),
    ("Vienna", "Vienne"),
    ("Warsaw", "Varsovie"),
];

/// Writes times for one reader.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dates<'a> {
    /// The language.
    pub locale: Locale,
    /// The time zone; UTC without one, or with one of a newer database.
    pub zone: Option<&'a TimeZoneName>,
}

impl Dates<'_> {
    /// `6 décembre 2026 à 14 h 05 (heure de Paris)` or `6 December 2026 at 14:05 (Paris time)`.
    pub(super) fn time(self, at: Timestamp) -> String {
        let Some(time) = self.local(at) else { return at.to_string() };
        let (date, hour, minute) = (self.day(&time), time.hour(), time.minute());
        let zone = self.label(&time);
        match self.locale {
            Locale::Fr => format!("{date} à {hour}\u{a0}h\u{a0}{minute:02} ({zone})"),
            Locale::En => format!("{date} at {hour:02}:{minute:02} ({zone})"),
        }
    }

    /// `6 décembre 2026` or `6 December 2026`.
    pub(super) fn date(self, at: Timestamp) -> String {
        self.local(at).map_or_else(|| at.to_string(), |time| self.day(&time))
    }

    fn local(self, at: Timestamp) -> Option<Zoned> {
        let instant = jiff::Timestamp::from_millisecond(at.millis()).ok()?;
        let zone = self.zone.and_then(TimeZoneName::zone).unwrap_or(TimeZone::UTC);
        Some(instant.to_zoned(zone))
    }

    fn day(self, time: &Zoned) -> String {
        let index = usize::try_from(time.month()).unwrap_or(1).saturating_sub(1);
        let (french, english) = MONTHS.get(index).copied().unwrap_or_default();
        let (day, year) = (time.day(), time.year());
        let first = if day == 1 { "er" } else { "" };
        pick(
            self.locale,
            format!("{day}{first} {french} {year}"),
            format!("{day} {english} {year}"),
        )
    }

    /// The city of the time zone, or else its distance from UTC.
    fn label(self, time: &Zoned) -> String {
        let name = time.time_zone().iana_name().unwrap_or_default();
        let city = name.split_once('/').filter(|(continent, _)| CONTINENTS.contains(continent));
        let city = city.and_then(|_| name.rsplit('/').next()).map(|city| city.replace('_', " "));
        let Some(city) = city else { return distance(time.offset().seconds()) };
        let french = IN_FRENCH.iter().find(|(english, _)| *english == city);
        let french = french.map_or(city.as_str(), |(_, french)| french);
        pick(self.locale, format!("heure {}", of(french, french)), format!("{city} time"))
    }
}

/// `UTC`, `UTC+2`, `UTC-3:30`.
fn distance(seconds: i32) -> String {
    let (sign, minutes) = (if seconds < 0 { '-' } else { '+' }, seconds.abs() / 60);
    match (minutes / 60, minutes % 60) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn a_time_is_in_the_readers_language_with_its_time_zone() {
        let time = |text, locale| Dates { locale, zone: None }.time(at(text));
        assert_eq!(
            time("2026-12-06T15:05:00+01:00", Locale::Fr),
            "6 décembre 2026 à 14\u{a0}h\u{a0}05 (UTC)"
        );
        assert_eq!(
            time("2027-01-01T00:00:00Z", Locale::Fr),
            "1er janvier 2027 à 0\u{a0}h\u{a0}00 (UTC)"
        );
        assert_eq!(time("2027-08-31T23:59:59Z", Locale::En), "31 August 2027 at 23:59 (UTC)");
    }

    #[test]
    fn a_time_is_that_of_the_clients_city() {
        let shown = |zone: &str, locale| {
            let zone = TimeZoneName::parse(zone).unwrap();
            Dates { locale, zone: Some(&zone) }.time(at("2026-12-13T00:02:00Z"))
        };
        assert_eq!(
            shown("Europe/Paris", Locale::Fr),
            "13 décembre 2026 à 1\u{a0}h\u{a0}02 (heure de Paris)"
        );
        for (zone, french, english) in [
            ("Europe/London", "heure de Londres", "London time"),
            ("Europe/Athens", "heure d’Athènes", "Athens time"),
            ("America/New_York", "heure de New York", "New York time"),
            ("America/Argentina/Buenos_Aires", "heure de Buenos Aires", "Buenos Aires time"),
            ("UTC", "UTC", "UTC"),
            ("Etc/GMT-2", "UTC+2", "UTC+2"),
            ("US/Eastern", "UTC-5", "UTC-5"),
            ("Canada/Newfoundland", "UTC-3:30", "UTC-3:30"),
            // Of a newer database.
            ("Europe/Later", "UTC", "UTC"),
        ] {
            assert!(shown(zone, Locale::Fr).ends_with(&format!("({french})")), "{zone}");
            assert!(shown(zone, Locale::En).ends_with(&format!("({english})")), "{zone}");
        }
        let kiritimati = TimeZoneName::parse("Pacific/Kiritimati").unwrap();
        let dates = Dates { locale: Locale::En, zone: Some(&kiritimati) };
        assert_eq!(dates.date(at("2026-12-31T23:00:00Z")), "1 January 2027");
    }
}
