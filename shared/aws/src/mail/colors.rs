//! Colours that can be read: contrast as WCAG 2.2 defines it.

use coulisses_domain::look::AccentColor;

/// The accent of a client that chose none.
const ACCENT: AccentColor = AccentColor::new([0x7a, 0x1f, 0x3d]);

const BLACK: AccentColor = AccentColor::new([0; 3]);
const WHITE: AccentColor = AccentColor::new([255; 3]);

/// The backgrounds of a mail in the light and the dark scheme, as in the template.
const BACKGROUNDS: [AccentColor; 2] = [WHITE, AccentColor::new([0x21, 0x21, 0x29])];

/// An edge that stands out from both backgrounds.
const EDGE: AccentColor = AccentColor::new([0x85, 0x85, 0x92]);

/// The colours of a button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Button {
    pub background: AccentColor,
    pub text: AccentColor,
    pub edge: AccentColor,
}

impl Button {
    /// The text is black or white: the one with more contrast, at least 4.58:1 on any colour. A button that is hard to
    /// distinguish from the background of one scheme gets an edge.
    pub(super) fn of(accent: Option<AccentColor>) -> Self {
        let background = accent.unwrap_or(ACCENT);
        let is_light = contrast(background, BLACK) > contrast(background, WHITE);
        let is_distinct = |behind: &AccentColor| contrast(background, *behind) >= 1.5;
        Self {
            background,
            text: if is_light { BLACK } else { WHITE },
            edge: if BACKGROUNDS.iter().all(is_distinct) { background } else { EDGE },
        }
    }
}

/// The contrast ratio of two colours, 1 to 21.
fn contrast(one: AccentColor, other: AccentColor) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// The relative luminance, 0 to 1.
fn luminance(color: AccentColor) -> f64 {
    let [red, green, blue] = color.parts().map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    0.0722_f64.mul_add(blue, 0.2126_f64.mul_add(red, 0.7152 * green))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn color(text: &str) -> AccentColor {
        AccentColor::parse(text).unwrap()
    }

    #[test]
    fn the_text_of_a_button_can_be_read_on_every_colour() {
        assert!((contrast(BLACK, WHITE) - 21.0).abs() < 1e-9);
        assert!((contrast(color("#767676"), WHITE) - 4.54).abs() < 0.01);
        for red in (0..=255).step_by(15) {
            for green in (0..=255).step_by(15) {
                for blue in (0..=255).step_by(15) {
                    let button = Button::of(Some(AccentColor::new([red, green, blue])));
                    let ratio = contrast(button.background, button.text);
                    assert!(ratio >= 4.5, "{button:?}: {ratio}");
                }
            }
        }
        assert_eq!(Button::of(None).text, WHITE);
        assert_eq!(Button::of(Some(color("#ffd400"))).text, BLACK);
    }

    #[test]
    fn a_button_can_be_told_from_the_background_of_both_schemes() {
        assert!(BACKGROUNDS.iter().all(|behind| contrast(EDGE, *behind) >= 3.0));
        for (accent, edge) in
            [("#7a1f3d", "#7a1f3d"), ("#fefefe", "#858592"), ("#202028", "#858592")]
        {
            assert_eq!(Button::of(Some(color(accent))).edge, color(edge), "{accent}");
        }
    }
}
