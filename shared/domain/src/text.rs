//! Texts from users: names, messages, reasons. None of them can break a header, a line or a page.

/// The name of a person, a client or a scope: one line of 1 to 100 characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

impl Name {
    /// Takes a name, without surrounding white space.
    ///
    /// # Errors
    /// [`NotAText`] if it is empty, too long, or not a single line.
    pub fn parse(text: &str) -> Result<Self, NotAText> {
        let text = within(text, 100)?;
        if text.is_empty() { Err(NotAText::Empty) } else { one_line(text).map(Self) }
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
}

/// Whether a character is invisible or affects the text around it: controls, line separators, bidi, zero width.
#[must_use]
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}')
}

fn within(text: &str, most: usize) -> Result<&str, NotAText> {
    let text = text.trim();
    if text.chars().count() > most { Err(NotAText::TooLong(most)) } else { Ok(text) }
}

/// Joiners and variation selectors are part of names and emoji, so they are allowed.
fn one_line(text: &str) -> Result<String, NotAText> {
    let breaks = |character: char| {
        is_hidden(character)
            && !matches!(character, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}')
    };
    if text.chars().any(breaks) { Err(NotAText::Control) } else { Ok(text.to_owned()) }
}

/// Each line must be valid on its own.
fn lines(text: &str) -> Result<String, NotAText> {
    let text = text.replace("\r\n", "\n").replace('\t', " ");
    let lines: Result<Vec<String>, NotAText> = text.split('\n').map(one_line).collect();
    Ok(lines?.join("\n"))
}

as_str!(Name, Reason, Message, MailSubject, Paragraphs);
display!(Name);
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
        assert!(Name::parse("👩\u{200d}💻").is_ok());
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
