//! Texts from users: names, messages, reasons. None of them can break a header, a line or a page.

use crate::{
    hidden::{has_foreign_hidden, is_copied, is_hidden},
    link::has_web_address,
};

/// The name of a person, a client or a scope: one line of 1 to 100 characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

impl Name {
    /// Reads a stored name. It can contain a web address, which an earlier version accepted.
    ///
    /// # Errors
    /// [`NotAText`] if it is empty, too long, or not a single line.
    pub fn parse(text: &str) -> Result<Self, NotAText> {
        let text = within(text, 100)?;
        if text.is_empty() { Err(NotAText::Empty) } else { one_line(text).map(Self) }
    }

    /// Takes a name from a request or a claim, without surrounding white space and what is copied with it.
    ///
    /// # Errors
    /// Those of [`Name::parse`]; [`NotAText`] too if nothing of it is visible, or if it contains a web address.
    pub fn entered(text: &str) -> Result<Self, NotAText> {
        let name = Self::parse(text.trim_matches(|it: char| it.is_whitespace() || is_copied(it)))?;
        if name.0.chars().all(is_hidden) {
            Err(NotAText::Empty)
        } else if has_web_address(&name.0) {
            Err(NotAText::WebAddress)
        } else {
            Ok(name)
        }
    }
}

/// The reason for a change: one line of at most 500 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason(String);

impl Reason {
    /// Takes a reason; `None` if it is blank.
    ///
    /// # Errors
    /// [`NotAText`] if it is too long, or not a single line.
    pub fn parse(text: &str) -> Result<Option<Self>, NotAText> {
        let text = within(text, 500)?;
        if text.is_empty() { Ok(None) } else { one_line(text).map(|line| Some(Self(line))) }
    }
}

/// What a role allows, in a sentence: one line of 1 to 300 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description(String);

impl Description {
    /// Takes a description, without surrounding white space.
    ///
    /// # Errors
    /// [`NotAText`] if it is empty, too long, or not a single line.
    pub fn parse(text: &str) -> Result<Self, NotAText> {
        let text = within(text, 300)?;
        if text.is_empty() { Err(NotAText::Empty) } else { one_line(text).map(Self) }
    }
}

/// The inviter's message in a mail: at most 500 characters, possibly in several lines.
#[derive(Clone, PartialEq, Eq)]
pub struct Message(String);

impl Message {
    /// Takes a message; `None` if it is blank. Line ends become line feeds.
    ///
    /// # Errors
    /// [`NotAText`] if it is too long, or has a control character other than line ends and tabs.
    pub fn parse(text: &str) -> Result<Option<Self>, NotAText> {
        let text = within(text, 500)?;
        if text.is_empty() { Ok(None) } else { lines(text).map(|lines| Some(Self(lines))) }
    }
}

/// The subject of an announcement: one line of 1 to 120 characters.
#[derive(Clone, PartialEq, Eq)]
pub struct MailSubject(String);

impl MailSubject {
    /// Takes a subject, without surrounding white space.
    ///
    /// # Errors
    /// [`NotAText`] if it is empty, too long, or not a single line.
    pub fn parse(text: &str) -> Result<Self, NotAText> {
        let text = within(text, 120)?;
        if text.is_empty() { Err(NotAText::Empty) } else { one_line(text).map(Self) }
    }
}

/// The text of an announcement: 1 to 2,000 characters, possibly in several lines.
#[derive(Clone, PartialEq, Eq)]
pub struct Paragraphs(String);

impl Paragraphs {
    /// Takes a text, without surrounding white space. Line ends become line feeds.
    ///
    /// # Errors
    /// [`NotAText`] if it is empty, too long, or has a control character other than line ends and tabs.
    pub fn parse(text: &str) -> Result<Self, NotAText> {
        let text = within(text, 2_000)?;
        if text.is_empty() { Err(NotAText::Empty) } else { lines(text).map(Self) }
    }
}

/// The content of an announcement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnnouncementText {
    /// The subject.
    pub subject: MailSubject,
    /// The text.
    pub text: Paragraphs,
}

/// Why a text is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAText {
    /// Only white space.
    #[error("empty")]
    Empty,
    /// Too many characters.
    #[error("longer than {0} characters")]
    TooLong(usize),
    /// A control, a line separator or a character that changes the direction of the text.
    #[error("contains a control character")]
    Control,
    /// A web address, in a name.
    #[error("contains a web address")]
    WebAddress,
}

fn within(text: &str, most: usize) -> Result<&str, NotAText> {
    let text = text.trim();
    if text.chars().count() > most { Err(NotAText::TooLong(most)) } else { Ok(text) }
}

fn one_line(text: &str) -> Result<String, NotAText> {
    if has_foreign_hidden(text) { Err(NotAText::Control) } else { Ok(text.to_owned()) }
}

/// Each line must be valid on its own.
fn lines(text: &str) -> Result<String, NotAText> {
    let text = text.replace("\r\n", "\n").replace('\t', " ");
    let lines: Result<Vec<String>, NotAText> = text.split('\n').map(one_line).collect();
    Ok(lines?.join("\n"))
}

as_str!(Name, Description, Reason, Message, MailSubject, Paragraphs);
display!(Name, Description);
redacted_debug!(Message, MailSubject, Paragraphs);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_without_surrounding_space() {
        assert_eq!(Name::parse("  Léa Martin ").unwrap().as_str(), "Léa Martin");
        assert_eq!(Name::parse(&"é".repeat(100)).unwrap().as_str().chars().count(), 100);
        assert_eq!(Name::parse(&"é".repeat(101)), Err(NotAText::TooLong(100)));
        assert_eq!(Name::parse(" \n "), Err(NotAText::Empty));
    }

    #[test]
    fn a_name_or_a_reason_cannot_break_a_line() {
        for bad in [
            "a\rb",
            "a\nb",
            "a\0b",
            "a\u{2028}b",
            "a\u{2029}b",
            "a\u{85}b",
            "a\u{202e}b",
            "a\u{200b}b",
        ] {
            assert_eq!(Name::parse(bad), Err(NotAText::Control), "{bad:?}");
            assert_eq!(Reason::parse(bad), Err(NotAText::Control), "{bad:?}");
        }
    }

    #[test]
    fn characters_that_names_are_written_with_are_part_of_them() {
        for name in [
            "👩\u{200d}💻",
            "Glasgow 🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f} 2027",
            "ᠮᠣᠩᠭᠣᠯ\u{180b}",
            "葛\u{e0100}城",
            "(חברה)\u{200f}",
        ] {
            for parse in [Name::parse, Name::entered] {
                assert_eq!(parse(name).unwrap().as_str(), name);
            }
            assert_eq!(Message::parse(name).unwrap().unwrap().as_str(), name);
        }
    }

    #[test]
    fn a_new_name_is_visible_and_has_no_web_address_but_a_stored_one_can_be_read() {
        let stored = "Évelyne https://evil.example/login";
        assert_eq!(Name::entered(stored), Err(NotAText::WebAddress));
        assert_eq!(Name::parse(stored).unwrap().as_str(), stored);
        assert_eq!(Name::entered("\u{200d}"), Err(NotAText::Empty));
        assert!(Name::parse("\u{200d}").is_ok());
        assert_eq!(Name::entered(" Salon.fr ").unwrap().as_str(), "Salon.fr");
        let copied = "\u{feff}\u{2068} חברה\u{200f}\u{2069}\u{200b}";
        assert_eq!(Name::entered(copied).unwrap().as_str(), "חברה\u{200f}");
        assert_eq!(Name::entered("\u{202e}Léa"), Err(NotAText::Control), "an override");
        assert!(Message::parse(stored).is_ok(), "mails break it up");
    }

    #[test]
    fn a_message_keeps_its_lines_and_no_other_control() {
        let message = Message::parse("Bonjour,\r\n\tà lundi\n").unwrap().unwrap();
        assert_eq!(message.as_str(), "Bonjour,\n à lundi");
        assert_eq!(Message::parse("  "), Ok(None));
        assert_eq!(Message::parse("a\u{2028}b"), Err(NotAText::Control));
        assert_eq!(Message::parse("a\rb"), Err(NotAText::Control));
        assert_eq!(Message::parse(&"a".repeat(501)), Err(NotAText::TooLong(500)));
        assert_eq!(format!("{message:?}"), "Message(..)");
    }

    #[test]
    fn an_announcement_has_a_subject_of_one_line_and_a_text_of_several() {
        assert_eq!(MailSubject::parse(" Maintenance ").unwrap().as_str(), "Maintenance");
        let (subject, text) = ("é".repeat(120), "é".repeat(2_000));
        assert_eq!(MailSubject::parse(&subject).unwrap().as_str(), subject);
        assert_eq!(Paragraphs::parse(&text).unwrap().as_str(), text);
        assert_eq!(MailSubject::parse(&"é".repeat(121)), Err(NotAText::TooLong(120)));
        assert_eq!(Paragraphs::parse(&"é".repeat(2_001)), Err(NotAText::TooLong(2_000)));
        for blank in ["", " ", "\n"] {
            assert_eq!(MailSubject::parse(blank), Err(NotAText::Empty));
            assert_eq!(Paragraphs::parse(blank), Err(NotAText::Empty));
        }
        for bad in ["a\rb", "a\0b", "a\u{2028}b", "a\u{2029}b", "a\u{85}b", "a\u{202e}b"] {
            assert_eq!(MailSubject::parse(bad), Err(NotAText::Control), "{bad:?}");
            assert_eq!(Paragraphs::parse(bad), Err(NotAText::Control), "{bad:?}");
        }
        assert_eq!(MailSubject::parse("a\nb"), Err(NotAText::Control));
        assert_eq!(Paragraphs::parse("a\r\n\r\nb\n").unwrap().as_str(), "a\n\nb");
        let debug = format!("{:?} {:?}", MailSubject::parse("a"), Paragraphs::parse("a"));
        assert_eq!(debug, "Ok(MailSubject(..)) Ok(Paragraphs(..))");
    }
}
