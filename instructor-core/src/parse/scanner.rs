//! Looks for the JSON in an answer that is still arriving.
//!
//! What it finds is what a reader may be shown meanwhile. What counts in the end is found by [`json`](super::json) in the whole text,
//! with the same lexer: an answer that holds one value, which is nearly every one, is the same to both.

use super::bracket::Bracket;
use super::lexer::{Event, Lexer, Progress, Sink};
use super::search::THINKING;

/// Who is told what the answer says.
pub(crate) trait Listener {
    /// An event of the value in `text`, which is all that is there of the answer.
    fn event(&mut self, text: &str, event: Event<'_>, at: usize);

    /// What was told is no part of the answer after all.
    fn restart(&mut self);
}

/// The text of an answer as it arrives.
#[derive(Debug, Default)]
pub(crate) struct Scanner {
    text: String,
    /// Bytes that are done with.
    read: usize,
    place: Place,
    /// A whole object was told.
    has_object: bool,
    /// Something was told that is not taken back.
    has_told: bool,
}

#[derive(Debug, Default)]
enum Place {
    /// Nothing but thinking was there.
    #[default]
    Start,
    /// Thinking ends with these words.
    Thinking(&'static str),
    Between,
    Value {
        lexer: Lexer,
        is_object: bool,
        is_told: bool,
    },
    /// In what is no JSON, but looks like it.
    Broken(Bracket),
    /// There is nothing to look for.
    Over,
}

/// Whether the text at hand leads on.
enum Step {
    On(Place),
    /// More text must come first.
    Wait,
}

impl Scanner {
    /// All that is there of the answer.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Reads on, and tells what the text means.
    pub(crate) fn push(&mut self, more: &str, listener: &mut impl Listener) {
        self.text.push_str(more);
        if let Place::Value {
            lexer,
            is_told: true,
            ..
        } = &mut self.place
            && let Some(at) = lexer.more_text(more)
        {
            self.read = self.text.len();
            if !more.is_empty() {
                listener.event(&self.text, Event::Text(more), at);
            }
            return;
        }
        loop {
            let step = match self.place {
                Place::Value { .. } => self.value(listener),
                _ => self.step(listener),
            };
            match step {
                Step::On(place) => self.place = place,
                Step::Wait => return,
            }
        }
    }

    #[inline(never)]
    fn step(&mut self, listener: &mut impl Listener) -> Step {
        let text = &*self.text;
        let rest = text.get(self.read..).unwrap_or_default();
        match &mut self.place {
            Place::Start => {
                let is_space = |character: char| {
                    character.is_whitespace() || character.is_control() || character == '\u{feff}'
                };
                let trimmed = rest.trim_start_matches(is_space);
                self.read = text.len() - trimmed.len();
                for (start, end) in THINKING {
                    if trimmed.starts_with(start) {
                        self.read += start.len();
                        return Step::On(Place::Thinking(end));
                    }
                }
                if THINKING.iter().any(|(start, _)| start.starts_with(trimmed)) {
                    return Step::Wait;
                }
                Step::On(Place::Between)
            }
            Place::Thinking(end) => match rest.find(*end) {
                Some(at) => {
                    self.read += at + end.len();
                    Step::On(Place::Start)
                }
                None => {
                    self.read = before_end_of(text, self.read, end.len());
                    Step::Wait
                }
            },
            Place::Between => {
                let Some(at) = rest.find(['{', '[', '<']) else {
                    self.read = text.len();
                    return Step::Wait;
                };
                self.read += at;
                let rest = rest.get(at..).unwrap_or_default();
                let is_object = rest.starts_with('{');
                if !is_object && rest.starts_with('<') {
                    return self.tag(listener);
                }
                // An object is not given up for something else.
                let is_told = is_object || !self.has_object;
                if is_told {
                    self.take_back(listener);
                    self.has_told = true;
                }
                Step::On(Place::Value {
                    lexer: Lexer::new(self.read),
                    is_object,
                    is_told,
                })
            }
            // `value` reads it.
            Place::Value { .. } => Step::Wait,
            Place::Broken(bracket) => {
                // What is thought need not close its brackets.
                let (before, after) = end_of_thinking(rest);
                if let Some(end) = rest.get(..before).and_then(|rest| bracket.close(rest)) {
                    self.read += end;
                    return Step::On(Place::Between);
                }
                let Some(after) = after else {
                    self.read += before;
                    return Step::Wait;
                };
                self.read += after;
                self.take_back(listener);
                Step::On(Place::Between)
            }
            Place::Over => {
                self.read = text.len();
                Step::Wait
            }
        }
    }

    /// Reads on in a value.
    fn value(&mut self, listener: &mut impl Listener) -> Step {
        let text = &*self.text;
        let rest = text.get(self.read..).unwrap_or_default();
        let Place::Value {
            lexer,
            is_object,
            is_told,
        } = &mut self.place
        else {
            return Step::Wait;
        };
        let (is_object, is_told) = (*is_object, *is_told);
        let mut telling = Telling {
            text,
            listener: is_told.then_some(listener),
        };
        match lexer.push(rest, &mut telling) {
            Progress::Open => {
                self.read = text.len();
                Step::Wait
            }
            Progress::Done(end) => {
                self.read += end;
                self.has_object |= is_object;
                Step::On(Place::Between)
            }
            Progress::Broken(fault, end) => {
                let telling = telling.listener.take();
                // It began with the lexer, and is looked through from there.
                let mut bracket = Bracket::default();
                let start = lexer.start();
                let seen = text.get(start..self.read + end).unwrap_or_default();
                let _ = bracket.close(seen);
                self.read += end;
                if let Some(listener) = telling {
                    self.take_back(listener);
                }
                Step::On(match fault {
                    super::lexer::Fault::Syntax => Place::Broken(bracket),
                    super::lexer::Fault::TooDeep => Place::Over,
                })
            }
        }
    }

    /// Takes what begins like the end of thinking. What stands before it was thought.
    fn tag(&mut self, listener: &mut impl Listener) -> Step {
        let rest = self.text.get(self.read..).unwrap_or_default();
        let mut ends = THINKING.iter().map(|(_, end)| *end);
        if let Some(end) = ends.clone().find(|end| rest.starts_with(end)) {
            self.read += end.len();
            self.take_back(listener);
        } else if ends.any(|end| end.starts_with(rest)) {
            return Step::Wait;
        } else {
            self.read += 1;
        }
        Step::On(Place::Between)
    }

    fn take_back(&mut self, listener: &mut impl Listener) {
        self.has_object = false;
        if std::mem::take(&mut self.has_told) {
            listener.restart();
        }
    }
}

/// Where the words are that end thinking, and where they end; or where they may have begun, if more text comes.
fn end_of_thinking(text: &str) -> (usize, Option<usize>) {
    let ends = || THINKING.iter().map(|(_, end)| *end);
    let found = ends().filter_map(|end| Some((text.find(end)?, end.len())));
    if let Some((at, length)) = found.min() {
        return (at, Some(at + length));
    }
    let begun = text.rfind('<').filter(|at| {
        let rest = text.get(*at..).unwrap_or_default();
        ends().any(|end| end.starts_with(rest))
    });
    (begun.unwrap_or(text.len()), None)
}

/// Where the last `length - 1` bytes begin, in which words of this length may have begun.
fn before_end_of(text: &str, from: usize, length: usize) -> usize {
    let mut at = text.len().saturating_sub(length - 1).max(from);
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

/// Tells a listener, if there is one, along with the text.
struct Telling<'a, 'b, L> {
    text: &'a str,
    listener: Option<&'b mut L>,
}

impl<L: Listener> Sink for Telling<'_, '_, L> {
    fn event(&mut self, event: Event<'_>, at: usize) {
        if let Some(listener) = &mut self.listener {
            listener.event(self.text, event, at);
        }
    }
}

#[cfg(test)]
mod tests;
