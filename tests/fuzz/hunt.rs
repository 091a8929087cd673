//! How an input is come by: those of the corpus, any bytes, and what is near those of the corpus.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
    fs,
    panic::AssertUnwindSafe,
    path::PathBuf,
};

use bolero::check;

/// Texts that mean something to one reader or another.
const WORDS: [&str; 24] = [
    "@", ".", ":", "#", "\"", "{", "}", "[", "]", ",", "null", "true", "-1", "1e999", "\\ud800",
    "\0", "\r\n", "\u{200b}", "\u{202e}", "\u{130}", "ß", "\u{212a}", "。", "xn--",
];

/// Whether a law had something to say about an input, or the input was refused.
pub enum Met {
    /// It was taken, and the law holds.
    Taken,
    /// It was refused, as most are.
    Refused,
}

/// Holds a law against every file of a target's corpus, against any bytes, and against what is near the corpus.
pub fn hunt(target: &str, tries: usize, law: impl Fn(&[u8]) -> Met) {
    let kept = kept(target);
    let (seen, taken) = (RefCell::new(BTreeSet::new()), Cell::new(0_usize));
    let told = |input: &[u8]| {
        if matches!(law(input), Met::Taken) {
            taken.set(taken.get() + 1);
        }
    };
    let each = AssertUnwindSafe(|input: &[u8]| {
        if kept.iter().any(|file| file == input) {
            seen.borrow_mut().insert(input.to_vec());
        }
        told(input);
        told(&near(&kept, input));
    });
    check!(name = target).with_iterations(tries).with_max_len(512).for_each(|input| (*each)(input));
    assert_eq!(seen.borrow().len(), kept.len(), "every file of the corpus of {target} is replayed");
    assert!(taken.get() > 0, "the law of {target} has something to say");
}

/// The files of a corpus, in the order of their names.
fn kept(target: &str) -> Vec<Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz/__fuzz__").join(target);
    let files = fs::read_dir(folder.join("corpus")).unwrap();
    let mut paths: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|path| fs::read(path).unwrap()).collect()
}

/// One file of a corpus, changed in up to four places as `tape` says.
fn near(kept: &[Vec<u8>], tape: &[u8]) -> Vec<u8> {
    let mut tape = tape.iter().copied();
    let mut next = |below: usize| {
        let number = u16::from_be_bytes([tape.next().unwrap_or(0), tape.next().unwrap_or(0)]);
        usize::from(number) % below.max(1)
    };
    let mut text = kept[next(kept.len())].clone();
    for _ in 0..next(5) {
        let at = next(text.len() + 1);
        let until = at + next((text.len() - at).min(12) + 1);
        match next(6) {
            0 => drop(text.drain(at..until)),
            1 => text.insert(at, u8::try_from(next(256)).unwrap_or_default()),
            2 => drop(text.splice(at..until, WORDS[next(WORDS.len())].bytes())),
            3 => {
                let other = &kept[next(kept.len())];
                let from = next(other.len() + 1);
                let part = other[from..].iter().take(next(24)).copied();
                drop(text.splice(at..until, part.collect::<Vec<u8>>()));
            }
            4 => text.extend_from_within(at..until),
            _ => text[at..until].iter_mut().for_each(|byte| *byte ^= 1 << next(8)),
        }
    }
    text
}
