//! Invisible characters: which they are, and which of them are part of a text.

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

/// Whether an invisible character only chooses the form of its neighbours: joiners and variation selectors.
#[must_use]
pub const fn is_shaping(character: char) -> bool {
    matches!(character,
        '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{180b}'..='\u{180d}' | '\u{180f}'
        | '\u{e0100}'..='\u{e01ef}')
}

/// Whether an invisible character is often copied around a text: zero-width spaces, and the isolates of a page or mail.
#[must_use]
pub const fn is_copied(character: char) -> bool {
    matches!(character, '\u{200b}' | '\u{2060}' | '\u{feff}' | '\u{2066}'..='\u{2069}')
}

/// The marks that name the direction of the characters beside them. Overrides, embeddings and isolates are none: their
/// effect extends over the text that follows.
const fn is_mark(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{61c}')
}

/// Whether a text contains an invisible character that is not part of writing.
#[must_use]
pub fn has_foreign_hidden(text: &str) -> bool {
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        if character == FLAG {
            rest = after_tags(rest);
        } else if is_hidden(character) && !is_shaping(character) && !is_mark(character) {
            return true;
        }
    }
    false
}

/// The flag that tag characters turn into that of a region, as of Scotland. Elsewhere they would be a hidden text.
const FLAG: char = '\u{1f3f4}';

/// The characters after the tags of a flag: from three to six letters or digits and the end (UTS 51, ED-14a). Without
/// such a sequence, the characters as they were.
fn after_tags(flag: std::str::Chars<'_>) -> std::str::Chars<'_> {
    let text = flag.as_str();
    let is_tag = |it: char| matches!(it, '\u{e0030}'..='\u{e0039}' | '\u{e0061}'..='\u{e007a}');
    let rest = text.trim_start_matches(is_tag);
    let count = text.chars().count() - rest.chars().count();
    match rest.strip_prefix('\u{e007f}') {
        Some(rest) if (3..=6).contains(&count) => rest.chars(),
        _ => flag,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shaping_marks_and_flags_are_part_of_a_text() {
        for text in [
            "",
            "Léa",
            "👩\u{200d}💻 ❤\u{fe0f}",
            "ᠮᠣᠩᠭᠣᠯ\u{180b}\u{180f}",
            "葛\u{e0100}城",
            "חברה\u{200f} \u{200e} \u{61c}",
            "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}!",
            "🏴",
        ] {
            assert!(!has_foreign_hidden(text), "{text:?}");
        }
    }

    #[test]
    fn overrides_isolates_zero_width_spaces_and_loose_tags_are_not() {
        for text in [
            "a\u{202a}b",
            "a\u{202e}b",
            "a\u{2066}b",
            "a\u{2069}b",
            "a\u{200b}b",
            "a\u{feff}b",
            "a\u{2060}b",
            "a\u{180e}b",
            "a\nb",
            "\u{e0067}\u{e0062}\u{e0073}\u{e007f}",
            "🏴\u{e0067}\u{e0062}\u{e0073}",
            "🏴\u{e0067}\u{e0062}\u{e007f}",
            "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0067}\u{e0062}\u{e0073}\u{e0067}\u{e007f}",
            "🏴\u{e0047}\u{e0062}\u{e0073}\u{e007f}",
        ] {
            assert!(has_foreign_hidden(text), "{text:?}");
        }
    }
}
