//! What is known of a JSON text that was cut off.

use super::lexer::Event;
use super::mended;
use super::scanner::{Listener, Scanner};

/// The values in `text` that are whole, as JSON: containers that are open are closed behind the last of them. An empty object if there is
/// none. It is what a reader was shown: the last value of the text, and not what was thought before it.
pub(crate) fn known(text: &str) -> String {
    let mut whole = Whole::default();
    Scanner::default().push(text, &mut whole);
    let known = text.get(whole.start..whole.end).unwrap_or_default();
    if known.is_empty() {
        return "{}".to_owned();
    }
    let mut known = known.to_owned();
    known.extend(whole.closers.iter().rev());
    mended(&known).unwrap_or(known)
}

/// Where the last whole value ends.
#[derive(Default)]
struct Whole {
    /// Where the outermost container begins.
    start: usize,
    /// What closes the containers that are open.
    open: Vec<char>,
    end: usize,
    /// What closes those that are open there.
    closers: Vec<char>,
}

impl Whole {
    fn ends(&mut self, at: usize) {
        self.end = at;
        self.closers.clone_from(&self.open);
    }
}

impl Listener for Whole {
    fn event(&mut self, _text: &str, event: Event<'_>, at: usize) {
        if self.open.is_empty() {
            self.start = at;
        }
        match event {
            Event::ObjectStart => {
                self.open.push('}');
                // Of the outermost one everything is known to be missing.
                if self.open.len() == 1 {
                    self.ends(at + 1);
                }
            }
            Event::ArrayStart => self.open.push(']'),
            Event::ObjectEnd | Event::ArrayEnd => {
                self.open.pop();
                self.ends(at);
            }
            Event::TextEnd => self.ends(at),
            Event::Number {
                text,
                is_whole: true,
            } => self.ends(at + text.len()),
            Event::Boolean(true) | Event::Null => self.ends(at + 4),
            Event::Boolean(false) => self.ends(at + 5),
            Event::Number {
                is_whole: false, ..
            }
            | Event::Key(_)
            | Event::TextStart
            | Event::Text(_) => {}
        }
    }

    fn restart(&mut self) {
        *self = Whole::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_whole_is_kept() {
        for (text, expected) in [
            ("", "{}"),
            ("{", "{}"),
            ("{\"a", "{}"),
            ("{\"a\": 1", "{}"),
            ("{\"a\": 12, \"b", "{\"a\": 12}"),
            (
                "{\"a\": \"x\", \"b\": [1, {\"c\": true, \"d\": [",
                "{\"a\": \"x\", \"b\": [1, {\"c\": true}]}",
            ),
            ("{\"a\": {\"b\": \"cut", "{}"),
            ("Here: {\"a\": null}", "{\"a\": null}"),
            ("<think>{\"a\": 5}</think>{\"a\": 20, ", "{\"a\": 20}"),
            ("No {\"a\": 5} but {\"a\": 20, ", "{\"a\": 20}"),
            ("{\"a\": [\"x\",], \"b\": 2, ", "{\"a\": [\"x\"], \"b\": 2}"),
        ] {
            assert_eq!(known(text), expected, "{text}");
            serde_json::from_str::<serde_json::Value>(&known(text)).expect(text);
        }
    }
}
