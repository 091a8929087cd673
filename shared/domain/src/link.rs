//! Web addresses in texts from users. A mail client turns them into links, in a mail that comes from this service
//! (docs/security.md#web-addresses-in-texts).

use crate::hidden::is_hidden;

/// Whether a text contains a web address with a scheme, with `www.`, or with a path.
///
/// A bare domain is not one: `Salon.fr` is a name.
#[must_use]
pub fn has_web_address(text: &str) -> bool {
    text.contains("://") || dots(text).any(|dot| dot.ends_www() || dot.starts_path())
}

/// The text with a space inside each web address, bare domains included, so that no mail client finds one.
///
/// A space ends an address for every client. Zero-width characters do not: several clients accept them in a host name, and
/// browsers ignore them there.
#[must_use]
pub fn without_links(text: &str) -> String {
    let mut breaks: Vec<usize> = dots(text).filter(Dot::joins_host).map(|dot| dot.end).collect();
    breaks.extend(text.match_indices("://").map(|(at, _)| at + 1));
    // A share on a file server: Windows sends a password hash to it.
    let pairs = text.as_bytes().windows(2).enumerate();
    breaks.extend(pairs.filter(|(_, pair)| *pair == b"\\\\").map(|(at, _)| at + 1));
    breaks.sort_unstable();
    let mut broken = String::with_capacity(text.len() + breaks.len());
    let mut done = 0;
    for at in breaks {
        broken.push_str(text.get(done..at).unwrap_or_default());
        broken.push(' ');
        done = at;
    }
    broken.push_str(text.get(done..).unwrap_or_default());
    broken
}

/// A dot, with the text on both sides.
#[derive(Clone, Copy)]
struct Dot<'a> {
    before: &'a str,
    is_ascii: bool,
    after: &'a str,
    /// The index of the byte after the dot.
    end: usize,
}

/// All dots of a text, those that browsers read as a dot of a domain included.
fn dots(text: &str) -> impl Iterator<Item = Dot<'_>> {
    text.match_indices(['.', '\u{3002}', '\u{ff0e}', '\u{ff61}']).map(|(at, dot)| Dot {
        before: text.get(..at).unwrap_or_default(),
        is_ascii: dot == ".",
        after: text.get(at + dot.len()..).unwrap_or_default(),
        end: at + dot.len(),
    })
}

impl<'a> Dot<'a> {
    /// Whether the text around the dot reads as a host name.
    fn joins_host(&self) -> bool {
        let touches = |character: Option<char>| character.is_some_and(|it| !it.is_whitespace());
        // An ideographic full stop ends a sentence, except between ASCII letters.
        let is_ascii = |character: char| character.is_ascii_alphanumeric();
        let is_dot =
            self.is_ascii || (self.before.ends_with(is_ascii) && self.after.starts_with(is_ascii));
        touches(self.before.chars().rfind(|character| !is_hidden(*character)))
            && is_dot
            && (self.label().is_some() || self.ends_www() || self.ends_three_numbers())
    }

    /// The label after the dot and the rest of the text, if the label can be a top-level domain: from two letters or
    /// digits on, the first one a letter.
    fn label(&self) -> Option<(&'a str, &'a str)> {
        let in_label = |it: char| it.is_alphanumeric() || it == '-' || is_hidden(it);
        let length = self.after.find(|it| !in_label(it)).unwrap_or(self.after.len());
        let (label, rest) = self.after.split_at_checked(length)?;
        let mut shown = label.chars().filter(|it| !is_hidden(*it));
        let starts = shown.next().is_some_and(char::is_alphabetic);
        (starts && shown.next().is_some()).then_some((label, rest))
    }

    /// Whether this is the dot of `www.`.
    fn ends_www(&self) -> bool {
        let Some((rest, www)) =
            self.before.len().checked_sub(3).and_then(|at| self.before.split_at_checked(at))
        else {
            return false;
        };
        www.eq_ignore_ascii_case("www")
            && !rest.ends_with(char::is_alphanumeric)
            && self.after.starts_with(|it: char| it.is_alphanumeric() || is_hidden(it))
    }

    /// Whether a path, perhaps after a port, follows the domain that this dot is in.
    fn starts_path(&self) -> bool {
        let Some((_, rest)) = self.label().filter(|_| self.joins_host()) else { return false };
        let port = rest
            .strip_prefix(':')
            .map(|rest| rest.trim_start_matches(|it: char| it.is_ascii_digit()));
        let path = port.unwrap_or(rest).strip_prefix('/');
        path.is_some_and(|path| path.starts_with(|it: char| !it.is_whitespace()))
    }

    /// Whether this is the last dot of an IPv4 address.
    fn ends_three_numbers(&self) -> bool {
        let is_digit = |it: char| it.is_ascii_digit();
        let mut numbers = self.before.rsplit('.');
        let is_number = |text: &str| (1..=3).contains(&text.len()) && text.chars().all(is_digit);
        let two = numbers.by_ref().take(2).filter(|text| is_number(text)).count() == 2;
        two && numbers.next().is_some_and(|text| text.ends_with(is_digit))
            && self.after.starts_with(is_digit)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_web_address_has_a_scheme_a_www_or_a_path() {
        for address in [
            "Évelyne https://evil.example/login",
            "HTTP://EVIL.EXAMPLE",
            "ftp://10.0.0.1",
            "www.evil.example",
            "Évelyne WWW.evil",
            "(www.evil.example)",
            "Évelyne evil.example/login",
            "evil.example:8080/login",
            "evil.рф/вход",
            "a.b.example/x",
            "evil.ex\u{200d}ample/login",
        ] {
            assert!(has_web_address(address), "{address}");
        }
    }

    #[test]
    fn a_bare_domain_and_an_abbreviation_are_no_web_address() {
        for name in [
            "Salon.fr",
            "booking.com Team",
            "St. John",
            "A.B.",
            "J.-P. Martin",
            "N.Y./L.A.",
            "Saint-Denis/Paris 10.5/20",
            "Awww. Cute",
            "Salon.fr / Expo.fr",
            "lea@example.org",
            "Expo 12.05.2027",
            "AT&T: R&D // Ops",
        ] {
            assert!(!has_web_address(name), "{name}");
        }
    }

    #[test]
    fn a_web_address_is_broken_by_a_space() {
        for (text, broken) in [
            ("https://evil.example/login?a.b", "https: //evil. example/login?a.b"),
            ("www.evil.example", "www. evil. example"),
            ("www.1", "www. 1"),
            ("voir evil.example.", "voir evil. example."),
            ("ftp://127.0.0.1/x", "ftp: //127.0.0. 1/x"),
            ("lea@evil.example", "lea@evil. example"),
            ("💩.la", "💩. la"),
            ("evil.\u{200d}com", "evil. \u{200d}com"),
            ("evil\u{ff0e}com evil\u{3002}com", "evil\u{ff0e} com evil\u{3002} com"),
            ("http:\\\\evil", "http:\\ \\evil"),
            ("\\\\evil\\share", "\\ \\evil\\share"),
            ("\\\\\\evil", "\\ \\ \\evil"),
        ] {
            assert_eq!(without_links(text), broken);
        }
    }

    #[test]
    fn a_text_without_a_web_address_stays_as_it_is() {
        for text in [
            "Bonjour. À lundi, 12.05.2027 à 9.30…",
            "St. John, A.B.C. et J.-P.",
            "3.5 km, p. ex. ici",
            "你好\u{3002}我是",
            "Mail: lea",
            "",
        ] {
            assert_eq!(without_links(text), text);
        }
    }

    proptest! {
        /// No client finds a scheme, `www.` or a domain in any word of the result.
        #[test]
        fn no_word_is_left_that_a_client_could_link(text in "([a-z0-9A-Zéж.:/@\\\\ \u{200d}。-]|www\\.|://|\\.com){0,30}") {
            let broken = without_links(&text);
            for word in broken.split(' ') {
                prop_assert!(!word.contains("://") && !word.contains("\\\\"), "{text:?} {word:?}");
                let shown: String = word.chars().filter(|it| !is_hidden(*it)).collect();
                let mut labels = shown.split('.');
                let mut before = labels.next().unwrap_or_default().to_owned();
                for label in labels {
                    let first: String = label.chars().take_while(|it| it.is_alphanumeric()).collect();
                    let is_domain = !before.is_empty()
                        && first.chars().count() > 1
                        && first.starts_with(char::is_alphabetic);
                    prop_assert!(!is_domain, "{text:?} {word:?}");
                    before = label.to_owned();
                }
            }
            let spaces = |text: &str| text.replace(' ', "");
            prop_assert_eq!(spaces(&broken), spaces(&text), "nothing else changes");
        }
    }
}
