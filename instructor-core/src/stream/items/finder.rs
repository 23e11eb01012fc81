//! Finds the items of a list in a text that arrives.

use crate::parse::lexer::Event;
use crate::parse::scanner::Listener;

/// The list is looked for only where the schema puts it: under the key around the answer, or as the whole of it.
#[derive(Debug)]
pub(super) struct Finder {
    wrapper: Option<&'static str>,
    /// Containers around what comes next.
    depth: usize,
    /// The last key was the one around the answer.
    is_wrapped: bool,
    /// How deep the items are.
    items: Option<usize>,
    /// Where the item begins that is open.
    start: Option<usize>,
    /// Where each item stands that has closed since this was taken.
    pub(super) closed: Vec<(usize, usize)>,
    /// The text turned out to be another one: what was found does not count.
    pub(super) has_restarted: bool,
}

impl Finder {
    pub(super) fn new(wrapper: Option<&'static str>) -> Self {
        Finder {
            wrapper,
            depth: 0,
            is_wrapped: false,
            items: None,
            start: None,
            closed: Vec::new(),
            has_restarted: false,
        }
    }

    fn begin(&mut self, at: usize) {
        if self.items == Some(self.depth) {
            self.start = Some(at);
        }
    }

    fn end(&mut self, at: usize) {
        if self.items == Some(self.depth)
            && let Some(start) = self.start.take()
        {
            self.closed.push((start, at));
        }
        if self.depth == 1 {
            self.is_wrapped = false;
        }
    }
}

impl Listener for Finder {
    fn event(&mut self, _text: &str, event: Event<'_>, at: usize) {
        match event {
            Event::Key(key) => {
                if self.depth == 1 {
                    self.is_wrapped = self.wrapper == Some(key);
                }
            }
            Event::ObjectStart | Event::ArrayStart => {
                self.begin(at);
                let is_list = event == Event::ArrayStart;
                let is_place = self.depth == 0 || (self.depth == 1 && self.is_wrapped);
                self.depth += 1;
                if is_list && is_place && self.items.is_none() {
                    self.items = Some(self.depth);
                }
            }
            Event::ObjectEnd | Event::ArrayEnd => {
                if self.items == Some(self.depth) {
                    self.items = None;
                }
                self.depth = self.depth.saturating_sub(1);
                self.end(at);
            }
            Event::TextStart => self.begin(at),
            Event::TextEnd => self.end(at),
            Event::Number { text, is_whole } => {
                if is_whole {
                    self.begin(at);
                    self.end(at + text.len());
                }
            }
            Event::Boolean(value) => {
                self.begin(at);
                self.end(at + if value { 4 } else { 5 });
            }
            Event::Null => {
                self.begin(at);
                self.end(at + 4);
            }
            Event::Text(_) => {}
        }
    }

    fn restart(&mut self) {
        *self = Finder {
            has_restarted: true,
            ..Finder::new(self.wrapper)
        };
    }
}
