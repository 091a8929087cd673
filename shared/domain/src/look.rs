//! How a client looks in mails and on pages, and where the platform's back-office is.

use std::fmt;

use jiff::tz::{TimeZone, TimeZoneDatabase};
use url::Url;

/// How a client looks. Without a part, readers use their own default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// The logo.
    pub logo_url: Option<WebUrl>,
    /// The colour of buttons.
    pub accent_color: Option<AccentColor>,
    /// The time zone of the times that are shown; UTC without one.
    pub time_zone: Option<TimeZoneName>,
}

/// An absolute `https` address in ASCII, of at most 500 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebUrl(String);

/// Why a text is no [`WebUrl`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAWebUrl {
    /// It begins with something else.
    #[error("does not begin with https://")]
    NotHttps,
    /// Too many characters.
    #[error("longer than 500 characters")]
    TooLong,
    /// A user name or a password before the host, which hides where the address leads.
    #[error("contains a user name or password")]
    UserInfo,
    /// Not a web address, or one with characters that must be encoded.
    #[error("not a web address in ASCII")]
    Malformed,
}

impl WebUrl {
    /// Reads a stored address.
    ///
    /// # Errors
    /// [`NotAWebUrl`] if it is too long, or not of the characters of an `https` address.
    pub fn parse(text: &str) -> Result<Self, NotAWebUrl> {
        let rest = text.strip_prefix("https://").ok_or(NotAWebUrl::NotHttps)?;
        if text.chars().count() > 500 {
            return Err(NotAWebUrl::TooLong);
        }
        // RFC 3986, without white space, quotes and brackets of markup.
        let permitted =
            |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte);
        // A parser of web addresses would skip further slashes to find a host.
        if rest.starts_with(['/', '?', '#']) || !rest.bytes().all(permitted) {
            return Err(NotAWebUrl::Malformed);
        }
        Ok(Self(text.to_owned()))
    }

    /// Takes an address from a request.
    ///
    /// # Errors
    /// Those of [`WebUrl::parse`]; [`NotAWebUrl`] too if it has no valid host, or a user name.
    pub fn entered(text: &str) -> Result<Self, NotAWebUrl> {
        let entered = Self::parse(text)?;
        let url = Url::parse(text).map_err(|_| NotAWebUrl::Malformed)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(NotAWebUrl::UserInfo);
        }
        Ok(entered)
    }
}

/// A colour, `#7a1f3d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccentColor([u8; 3]);

/// The text is not `#` and six hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not # and six hexadecimal digits")]
pub struct NotAColor;

impl AccentColor {
    /// Reads a colour.
    ///
    /// # Errors
    /// [`NotAColor`].
    pub fn parse(text: &str) -> Result<Self, NotAColor> {
        let digits = text.strip_prefix('#').ok_or(NotAColor)?;
        let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(digits.as_bytes());
        bytes.ok().and_then(|bytes| bytes.try_into().ok()).map(Self).ok_or(NotAColor)
    }
}

impl AccentColor {
    /// A colour of these parts: red, green and blue.
    #[must_use]
    pub const fn new(parts: [u8; 3]) -> Self {
        Self(parts)
    }

    /// Red, green and blue.
    #[must_use]
    pub const fn parts(self) -> [u8; 3] {
        self.0
    }
}

impl fmt::Display for AccentColor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

/// The name of a time zone in the database of IANA, such as `Europe/Paris`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeZoneName(String);

/// The text names no time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a time zone of the IANA database")]
pub struct NotATimeZone;

impl TimeZoneName {
    /// Reads a stored name. The time zone can be unknown here: the version after this one has a newer database.
    ///
    /// # Errors
    /// [`NotATimeZone`] if it is not written like such a name.
    pub fn parse(text: &str) -> Result<Self, NotATimeZone> {
        let permitted = |byte: u8| byte.is_ascii_alphanumeric() || b"/_+-".contains(&byte);
        if (1..=64).contains(&text.len()) && text.bytes().all(permitted) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotATimeZone)
        }
    }

    /// Takes a name from a request, in its usual capitals.
    ///
    /// # Errors
    /// [`NotATimeZone`] if there is no such time zone.
    pub fn entered(text: &str) -> Result<Self, NotATimeZone> {
        let zone = Self(text.to_owned()).zone().ok_or(NotATimeZone)?;
        Self::parse(zone.iana_name().ok_or(NotATimeZone)?)
    }

    /// The time zone, from the database that is compiled in; `None` if it is unknown here.
    #[must_use]
    pub fn zone(&self) -> Option<TimeZone> {
        let zone = TimeZoneDatabase::bundled().get(&self.0).ok()?;
        (!zone.is_unknown()).then_some(zone)
    }
}

as_str!(WebUrl, TimeZoneName);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_web_address_is_https_without_a_user_and_names_a_host() {
        let longest = format!("https://a.example/{}", "x".repeat(482));
        let brand = "https://cdn.acme.example:8443/@acme/logo.png?v=2&dark=%C3%A9#top";
        for good in ["https://acme.example", "https://[2001:db8::1]/", brand, &longest] {
            assert_eq!(WebUrl::entered(good).unwrap().as_str(), good);
        }
        for (bad, reason) in [
            ("", NotAWebUrl::NotHttps),
            ("http://acme.example/", NotAWebUrl::NotHttps),
            ("javascript:alert(1)", NotAWebUrl::NotHttps),
            ("//acme.example/", NotAWebUrl::NotHttps),
            (&format!("{longest}x"), NotAWebUrl::TooLong),
            ("https://odile@acme.example/", NotAWebUrl::UserInfo),
            ("https://:secret@acme.example/", NotAWebUrl::UserInfo),
            ("https://", NotAWebUrl::Malformed),
            ("https:///acme.example", NotAWebUrl::Malformed),
            ("https://?acme", NotAWebUrl::Malformed),
            ("https://acme.example:port/", NotAWebUrl::Malformed),
            ("https://acme.example/a b", NotAWebUrl::Malformed),
            ("https://acme.example/\n", NotAWebUrl::Malformed),
            ("https://acme.example/\"onload=", NotAWebUrl::Malformed),
            ("https://acme.example\\@evil.example", NotAWebUrl::Malformed),
            ("https://événement.example/", NotAWebUrl::Malformed),
        ] {
            assert_eq!(WebUrl::entered(bad), Err(reason), "{bad}");
        }
    }

    #[test]
    fn a_colour_has_six_hexadecimal_digits_and_is_written_in_lower_case() {
        assert_eq!(AccentColor::parse("#7A1f3D").unwrap().to_string(), "#7a1f3d");
        assert_eq!(AccentColor::parse("#000000").unwrap().to_string(), "#000000");
        for bad in ["", "#", "7a1f3d", "#7a1f3", "#7a1f3d0", "#7a1f3d00", "#abc", "#7a1f3g", "red"]
        {
            assert_eq!(AccentColor::parse(bad), Err(NotAColor), "{bad}");
        }
    }

    #[test]
    fn a_time_zone_that_is_entered_is_one_of_iana_in_its_usual_capitals() {
        for (entered, name) in [
            ("Europe/Paris", "Europe/Paris"),
            ("europe/PARIS", "Europe/Paris"),
            ("America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
            ("utc", "UTC"),
        ] {
            assert_eq!(TimeZoneName::entered(entered).unwrap().as_str(), name);
        }
        for bad in ["", "Paris", "Europe/Paris ", "Europe/Nowhere", "Etc/Unknown", "+01:00", "CETX"]
        {
            assert_eq!(TimeZoneName::entered(bad), Err(NotATimeZone), "{bad}");
        }
        assert!(TimeZoneName::parse("Europe/Nowhere").unwrap().zone().is_none());
        assert!(TimeZoneName::parse("Europe/\nParis").is_err());
    }
}
