//! Mistakes of writing that have one correction only: a comma behind the last item, a line break in a string.

use crate::leniency::CorrectionKind;

/// A text that was repaired. Whether it is JSON now is another question.
pub(super) struct Repaired {
    pub(super) text: String,
    /// What was done, each once.
    pub(super) kinds: Vec<CorrectionKind>,
}

/// `text` without commas that stand directly before a closing bracket, and with control characters escaped.
pub(super) fn repaired(text: &str) -> Repaired {
    let mut kept = String::with_capacity(text.len());
    let mut kinds = Vec::new();
    let mut note = |kind| {
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    };
    let mut place = Place::default();
    // The last character that is no space: a comma needs an item before it to be behind one.
    let mut before = '[';
    for (index, character) in text.char_indices() {
        let Place { in_string, escaped } = place;
        place.step(character);
        if in_string && character < ' ' && !escaped {
            note(CorrectionKind::ControlCharacter);
            kept.push_str(&format!("\\u{:04x}", u32::from(character)));
            continue;
        }
        if !in_string && character == ',' && !matches!(before, '[' | '{' | ',') {
            let after = text.get(index + 1..).unwrap_or_default().trim_start();
            if after.starts_with(['}', ']']) {
                note(CorrectionKind::TrailingComma);
                continue;
            }
        }
        if !in_string && character.is_control() && !matches!(character, '\t' | '\n' | '\r') {
            note(CorrectionKind::ControlCharacter);
            kept.push(' ');
            continue;
        }
        if !character.is_whitespace() {
            before = character;
        }
        kept.push(character);
    }
    Repaired { text: kept, kinds }
}

/// Where the bracket that `text` starts with is closed, brackets in strings not counted.
pub(super) fn balanced(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    let mut place = Place::default();
    for (index, character) in text.char_indices() {
        let was_in_string = place.in_string;
        place.step(character);
        match character {
            _ if was_in_string => {}
            '{' | '[' => depth += 1,
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(index + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// Whether the text so far has opened a string.
#[derive(Clone, Copy, Default)]
struct Place {
    in_string: bool,
    escaped: bool,
}

impl Place {
    fn step(&mut self, character: char) {
        match character {
            _ if self.escaped => self.escaped = false,
            '\\' if self.in_string => self.escaped = true,
            '"' => self.in_string = !self.in_string,
            _ => {}
        }
    }
}
