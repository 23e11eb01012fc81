//! What is known of a JSON text that was cut off.

use super::lexer::{Event, Lexer, Sink};

/// The values in `text` that are whole, as JSON: containers that are open are closed behind the last of them. An empty object if there is
/// none.
pub(crate) fn known(text: &str) -> String {
    let start = text.find('{').unwrap_or(text.len());
    let text = text.get(start..).unwrap_or_default();
    let mut whole = Whole::default();
    Lexer::new(0).push(text, &mut whole);
    let mut known = text.get(..whole.end).unwrap_or_default().to_owned();
    known.extend(whole.closers.iter().rev());
    if known.is_empty() {
        known.push_str("{}");
    }
    known
}

/// Where the last whole value ends.
#[derive(Default)]
struct Whole {
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

impl Sink for Whole {
    fn event(&mut self, event: Event<'_>, at: usize) {
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
        ] {
            assert_eq!(known(text), expected, "{text}");
            serde_json::from_str::<serde_json::Value>(&known(text)).expect(text);
        }
    }
}
