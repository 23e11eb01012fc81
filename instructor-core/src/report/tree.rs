//! The lines of a report.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

use crate::parse::Parts;
use crate::validate::{Path, ValidationError};

/// The longest value that is shown, in characters.
const MAX_SHOWN: usize = 60;
/// How deep a tree is drawn. Answers are not deeper; a path that somebody made up may be.
const MAX_DEPTH: usize = 128;

const RED: &str = "\u{1b}[31m";
const DIM: &str = "\u{1b}[2m";
const PLAIN: &str = "\u{1b}[0m";

/// A tree that is being drawn.
pub(super) struct Tree {
    lines: String,
    is_colored: bool,
    is_redacted: bool,
}

/// A value of the answer, and what leads to it.
struct Place<'a> {
    /// How deep it stands.
    depth: usize,
    /// What stands before it on its line.
    label: String,
    text: &'a str,
    /// Its path, as faults have it; empty for the whole answer.
    path: String,
}

impl Tree {
    pub(super) fn new(is_colored: bool, is_redacted: bool) -> Self {
        Tree {
            lines: String::new(),
            is_colored,
            is_redacted,
        }
    }

    pub(super) fn finish(mut self) -> String {
        self.lines.truncate(self.lines.trim_end().len());
        self.lines
    }

    /// An answer that is JSON.
    pub(super) fn answer(&mut self, text: &str, errors: &[&ValidationError]) {
        let root = Path::ROOT.to_string();
        let (own, inner): (Vec<_>, Vec<_>) = errors.iter().partition(|error| error.path == root);
        let place = Place {
            depth: 0,
            label: String::new(),
            text,
            path: String::new(),
        };
        self.value(&place, &own, &inner);
    }

    /// An answer that is none.
    pub(super) fn text(&mut self, text: &str, errors: &[&ValidationError]) {
        let shown = self.shown(text);
        self.underlined(0, "", &shown, errors);
    }

    pub(super) fn omitted(&mut self, count: usize) {
        self.dim(0, &format!("… {count} more faults"));
    }

    /// A value with faults of its `own`, and of what is `inner` to it.
    fn value(&mut self, place: &Place<'_>, own: &[&ValidationError], inner: &[&ValidationError]) {
        let parts = match Parts::of(place.text) {
            _ if inner.is_empty() || place.depth >= MAX_DEPTH => Parts::Scalar,
            parts => parts,
        };
        let Place { depth, label, .. } = place;
        match parts {
            Parts::Scalar => {
                let shown = self.shown(place.text);
                let all: Vec<&ValidationError> = own.iter().chain(inner).copied().collect();
                self.underlined(*depth, label, &shown, &all);
            }
            Parts::Items(items) => {
                self.opened(*depth, label, "[", own);
                let parts = items.into_iter().enumerate().map(|(index, item)| Place {
                    depth: depth + 1,
                    label: String::new(),
                    text: item.get(),
                    path: format!("{}[{index}]", place.path),
                });
                self.parts(place, &parts.collect::<Vec<_>>(), inner);
                self.line(*depth, "]");
            }
            Parts::Members(members) => {
                self.opened(*depth, label, "{", own);
                let parts = members.into_iter().map(|(key, member)| Place {
                    depth: depth + 1,
                    label: format!("{}: ", quoted(&key)),
                    text: member.get(),
                    path: match place.path.as_str() {
                        "" => key,
                        path => format!("{path}.{key}"),
                    },
                });
                self.parts(place, &parts.collect::<Vec<_>>(), inner);
                self.line(*depth, "}");
            }
        }
    }

    /// The parts of a value that have faults. The others are counted.
    fn parts(&mut self, whole: &Place<'_>, parts: &[Place<'_>], errors: &[&ValidationError]) {
        // Of a key that is given twice, the last one counts.
        let indices: HashMap<&str, usize> = parts
            .iter()
            .enumerate()
            .map(|(index, part)| (part.path.as_str(), index))
            .collect();
        let longest = parts
            .iter()
            .map(|part| part.path.len())
            .max()
            .unwrap_or_default();
        let mut of_parts: BTreeMap<usize, Vec<&ValidationError>> = BTreeMap::new();
        let mut of_none = Vec::new();
        for error in errors {
            match owner(&error.path, &indices, longest) {
                Some(index) => of_parts.entry(index).or_default().push(error),
                None => of_none.push(error),
            }
        }
        let depth = whole.depth + 1;
        let mut shown = 0;
        for (index, errors) in of_parts {
            let Some(part) = parts.get(index) else {
                continue;
            };
            self.skipped(depth, index - shown);
            shown = index + 1;
            let (own, inner): (Vec<_>, Vec<_>) =
                errors.iter().partition(|error| error.path == part.path);
            self.value(part, &own, &inner);
        }
        self.skipped(depth, parts.len() - shown);
        // What is missing has no place but where it should be.
        for error in of_none {
            let name = error.path.strip_prefix(whole.path.as_str());
            let name = name.unwrap_or(&error.path).trim_start_matches('.');
            self.underlined(depth, "", &quoted(name), &[error]);
        }
    }

    fn skipped(&mut self, depth: usize, count: usize) {
        if count > 0 {
            self.dim(depth, &format!("… {count} more"));
        }
    }

    fn opened(&mut self, depth: usize, label: &str, bracket: &str, own: &[&ValidationError]) {
        if own.is_empty() {
            self.line(depth, &format!("{label}{bracket}"));
        } else {
            self.underlined(depth, label, bracket, own);
        }
    }

    /// A line whose `shown` part is underlined, and below it what is wrong.
    fn underlined(&mut self, depth: usize, label: &str, shown: &str, errors: &[&ValidationError]) {
        self.line(depth, &format!("{label}{shown}"));
        let (red, plain) = match self.is_colored {
            true => (RED, PLAIN),
            false => ("", ""),
        };
        let width = shown.chars().count().max(1);
        let mut marks = "^".repeat(width);
        for error in errors {
            let words = error.explanation.as_ref().unwrap_or(&error.message);
            let line = format!(
                "{}{red}{marks} {}: {}{plain}",
                " ".repeat(label.chars().count()),
                error.code,
                one_line(words)
            );
            self.line(depth, &line);
            marks = " ".repeat(width);
        }
    }

    fn dim(&mut self, depth: usize, text: &str) {
        match self.is_colored {
            true => self.line(depth, &format!("{DIM}{text}{PLAIN}")),
            false => self.line(depth, text),
        }
    }

    fn line(&mut self, depth: usize, text: &str) {
        // Writing to a string does not fail.
        let _ = writeln!(self.lines, "{}{text}", "  ".repeat(depth));
    }

    /// A value on one line, cut short.
    fn shown(&self, text: &str) -> String {
        if self.is_redacted {
            let kind = match text.as_bytes().first() {
                Some(b'{') => "object",
                Some(b'[') => "array",
                Some(b'"') => "string",
                Some(b't' | b'f') => "boolean",
                Some(b'n') => "null",
                Some(b'-' | b'0'..=b'9') => "number",
                _ => "text",
            };
            return format!("<{kind}>");
        }
        let mut shown = one_line(text.get(..floor(text, MAX_SHOWN * 4)).unwrap_or(text));
        if shown.chars().count() > MAX_SHOWN {
            shown = shown.chars().take(MAX_SHOWN - 1).collect();
            shown.push('…');
        }
        shown
    }
}

/// The part that a fault belongs to. Keys may hold dots, so it is the one whose path covers most of its own;
/// none of the parts has a path that is longer than `longest`.
fn owner(path: &str, parts: &HashMap<&str, usize>, longest: usize) -> Option<usize> {
    let ends = path.match_indices(['.', '[']).map(|(end, _)| end);
    let ends = std::iter::once(path.len()).chain(ends.rev());
    let mut ends = ends.filter(|end| *end <= longest);
    ends.find_map(|end| parts.get(path.get(..end)?).copied())
}

/// The last character boundary of `text` that is not behind `end`.
fn floor(text: &str, end: usize) -> usize {
    let ends = (0..=end.min(text.len())).rev();
    ends.into_iter()
        .find(|end| text.is_char_boundary(*end))
        .unwrap_or_default()
}

/// The text with every run of spaces and control characters as one space.
fn one_line(text: &str) -> String {
    let words = text.split(|character: char| character.is_whitespace() || character.is_control());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
