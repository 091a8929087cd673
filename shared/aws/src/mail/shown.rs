//! How a mail shows texts from users: without links, and each name isolated from the direction of the text around it
//! (docs/security.md#web-addresses-in-texts).

use coulisses_domain::{collaborator::Collaborator, email::Email, link::without_links};

/// FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE. No text from a user contains one of them.
const ISOLATE: (char, char) = ('\u{2068}', '\u{2069}');

/// A name within a text.
pub(super) fn name(name: &str) -> String {
    isolated(&without_links(name))
}

/// An address within a text. A mail client may link it, as an address to write to. The signs that mail permits before the
/// `@` can form the path of a web address.
pub(super) fn address(email: &Email) -> String {
    let original = email.original();
    let local = original.rsplit_once('@').map_or("", |(local, _)| local);
    let is_plain =
        local.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._+-'".contains(&byte));
    let starts_www = local.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("www."));
    if is_plain && !starts_www { isolated(original) } else { name(original) }
}

/// A person within a text: their name, or else their address.
pub(super) fn person(person: &Collaborator) -> String {
    person.name.as_ref().map_or_else(|| address(&person.email), |it| name(it.as_str()))
}

fn isolated(text: &str) -> String {
    let (open, close) = ISOLATE;
    format!("{open}{text}{close}")
}

/// A finished line. Isolates have no effect, and are left out, if everything is written from left to right.
pub(super) fn line(text: String) -> String {
    if text.chars().any(is_right_to_left) { text } else { plain(&text) }
}

/// A line without isolates, for the title of a page, which has no direction.
pub(super) fn plain(text: &str) -> String {
    text.replace(<[char; 2]>::from(ISOLATE), "")
}

/// Replaces the isolates of a page by elements.
pub(super) fn with_elements(page: &str) -> String {
    page.replace(ISOLATE.0, "<bdi>").replace(ISOLATE.1, "</bdi>")
}

/// Whether a character is written from right to left: the blocks that Unicode reserves for such scripts, and RLM.
const fn is_right_to_left(character: char) -> bool {
    matches!(character,
        '\u{590}'..='\u{8ff}' | '\u{200f}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}'
        | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn isolates_stay_only_beside_a_text_from_right_to_left() {
        let beside = |event: &str| line(format!("{} ({})", name(event), name("3M")));
        assert_eq!(beside("Summit"), "Summit (3M)");
        assert_eq!(beside("כנס 2027"), "\u{2068}כנס 2027\u{2069} (\u{2068}3M\u{2069})");
        assert_eq!(beside("קמ\u{200f}"), "\u{2068}קמ\u{200f}\u{2069} (\u{2068}3M\u{2069})");
        for letter in ['א', 'ع', 'ܐ', 'ߐ', 'ﷲ', 'ﻻ', '𐤀', '𞤀'] {
            assert!(is_right_to_left(letter), "{letter}");
        }
        for other in ['a', 'é', 'अ', '中', '3', '\u{feff}', '\u{2068}'] {
            assert!(!is_right_to_left(other), "{other}");
        }
    }

    #[test]
    fn an_address_stays_as_it_is_unless_it_reads_as_a_web_address() {
        let shown = |text: &str| plain(&address(&Email::parse(text).unwrap()));
        assert_eq!(shown("lea.martin+expo@acme.example"), "lea.martin+expo@acme.example");
        assert_eq!(shown("evil.example/login@x.example"), "evil. example/login@x. example");
        assert_eq!(shown("www.evil@x.example"), "www. evil@x. example");
    }
}
