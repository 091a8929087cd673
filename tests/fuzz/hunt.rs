//! The inputs of a target: its corpus, random bytes, and mutations of the corpus.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
    fs,
    panic::AssertUnwindSafe,
    path::PathBuf,
};

use bolero::check;
use serde_json::{Map, Value, json};

/// Texts with a meaning to a parser.
const WORDS: [&str; 24] = [
    "@", ".", ":", "#", "\"", "{", "}", "[", "]", ",", "null", "true", "-1", "1e999", "\\ud800",
    "\0", "\r\n", "\u{200b}", "\u{202e}", "\u{130}", "ß", "\u{212a}", "。", "xn--",
];

/// Whether an input was valid for the target.
pub enum Met {
    /// Accepted, and the property holds.
    Taken,
    /// Refused, like most inputs.
    Refused,
}

/// Checks a property on every file of a target's corpus, on random bytes and on mutations of the corpus.
pub fn hunt(target: &str, tries: usize, property: impl Fn(&[u8]) -> Met) {
    let kept = kept(target);
    let (seen, taken) = (RefCell::new(BTreeSet::new()), Cell::new(0_usize));
    let run = |input: &[u8]| {
        if matches!(property(input), Met::Taken) {
            taken.set(taken.get() + 1);
        }
    };
    let each = AssertUnwindSafe(|input: &[u8]| {
        if kept.iter().any(|file| file == input) {
            seen.borrow_mut().insert(input.to_vec());
        }
        run(input);
        run(&near(&kept, input));
    });
    check!(name = target).with_iterations(tries).with_max_len(512).for_each(|input| (*each)(input));
    assert_eq!(seen.borrow().len(), kept.len(), "every file of the corpus of {target} is replayed");
    assert!(taken.get() > 0, "no input of {target} was accepted");
}

/// The files of a corpus, sorted by name.
fn kept(target: &str) -> Vec<Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("__fuzz__").join(target);
    let files = fs::read_dir(folder.join("corpus")).unwrap();
    let mut paths: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|path| fs::read(path).unwrap()).collect()
}

/// Bytes that determine the mutations; zeros follow after their end.
struct Tape<'a>(&'a [u8]);

impl Tape<'_> {
    /// A number below `most`.
    fn below(&mut self, most: usize) -> usize {
        let mut byte = || {
            let (first, rest) = self.0.split_first().unwrap_or((&0, &[]));
            self.0 = rest;
            *first
        };
        usize::from(u16::from_be_bytes([byte(), byte()])) % most.max(1)
    }

    fn one_of<'k, T>(&mut self, all: &'k [T]) -> &'k T {
        &all[self.below(all.len())]
    }
}

/// A file of a corpus with up to four mutations, of its JSON values or of its bytes.
fn near(kept: &[Vec<u8>], tape: &[u8]) -> Vec<u8> {
    let mut tape = Tape(tape);
    let mut text = tape.one_of(kept).clone();
    let read = |text: &[u8]| serde_json::from_slice::<Value>(text).ok();
    for _ in 0..tape.below(5) {
        match read(&text).filter(|_| tape.below(4) > 0) {
            Some(mut value) => {
                let other = read(tape.one_of::<Vec<u8>>(kept)).unwrap_or_default();
                let there = part(&mut value, &mut tape);
                match there.as_object_mut() {
                    Some(fields) if tape.below(2) > 0 => {
                        let name = fields.keys().nth(tape.below(fields.len())).cloned();
                        fields.remove(&name.unwrap_or_default());
                    }
                    _ => *there = another(other, &mut tape),
                }
                text = value.to_string().into_bytes();
            }
            None => change(&mut text, kept, &mut tape),
        }
    }
    text
}

/// A value somewhere in `value`.
fn part<'v>(value: &'v mut Value, tape: &mut Tape<'_>) -> &'v mut Value {
    let parts = value.as_array().map_or(0, Vec::len) + value.as_object().map_or(0, Map::len);
    if parts == 0 || tape.below(6) == 0 {
        return value;
    }
    let at = tape.below(parts);
    let inner = match value {
        Value::Array(items) => items.get_mut(at),
        Value::Object(fields) => fields.values_mut().nth(at),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    };
    part(inner.unwrap(), tape)
}

/// A replacement value: a part of `other`, a word, or an edge case.
fn another(mut other: Value, tape: &mut Tape<'_>) -> Value {
    match tape.below(10) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(*tape.one_of(&[-1, 0, 1, i64::MAX, i64::MIN])),
        3 => json!([]),
        4 => json!({}),
        5 => json!("x".repeat(tape.below(2_000))),
        6 => json!(WORDS[tape.below(WORDS.len())]),
        7 => json!([part(&mut other, tape).take()]),
        _ => part(&mut other, tape).take(),
    }
}

/// Mutates some bytes.
fn change(text: &mut Vec<u8>, kept: &[Vec<u8>], tape: &mut Tape<'_>) {
    let at = tape.below(text.len() + 1);
    let until = at + tape.below((text.len() - at).min(12) + 1);
    match tape.below(6) {
        0 => drop(text.drain(at..until)),
        1 => text.insert(at, u8::try_from(tape.below(256)).unwrap_or_default()),
        2 => drop(text.splice(at..until, tape.one_of(&WORDS).bytes())),
        3 => {
            let other = tape.one_of(kept);
            let from = tape.below(other.len() + 1);
            let part = other[from..].iter().take(tape.below(24)).copied();
            drop(text.splice(at..until, part.collect::<Vec<u8>>()));
        }
        4 => text.extend_from_within(at..until),
        _ => text[at..until].iter_mut().for_each(|byte| *byte ^= 1 << tape.below(8)),
    }
}
