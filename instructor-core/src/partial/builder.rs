//! Puts what arrives into its place of a partial value.
//!
//! It walks the schema graph beside the events of the answer, as the walks of `inspect` do beside a whole value, and keeps the way to the
//! value at hand: in the graph, in the partial value, and as a path for people. What it cannot place before it is whole (a date, an
//! untagged enum) it reads when it is.

mod checks;
mod frame;
mod members;
mod tagged;
mod value;
mod whole;

use std::fmt;

use super::{Changes, Part, Slot, Start, Step};
use crate::context::Context;
use crate::leniency::Leniency;
use crate::parse::lexer::{Event, Sink};
use crate::schema::Schema;
use crate::validate::ValidationErrors;

use frame::{Frame, Inside, Target, What};

/// The way through an answer that arrives.
pub(crate) struct Builder {
    schema: &'static Schema,
    /// What rules may look at.
    context: Context,
    leniency: Leniency,
    /// The containers around the value at hand, outermost first.
    frames: Vec<Frame>,
    /// What the next value is.
    next: Option<Target>,
    /// The string or number that is open, and where it begins.
    open: Option<(Target, usize)>,
    /// From the root of the partial value to the value at hand.
    steps: Vec<Step>,
    /// The same for people: `steps[2].owner`.
    path: String,
    pub(crate) changes: Changes,
    /// What is wrong with values that are whole.
    pub(crate) errors: ValidationErrors,
    /// Whether the values that are whole are checked.
    checks: bool,
    /// The answer is whole.
    is_whole: bool,
    /// Some value without parts is.
    pub(crate) has_whole_value: bool,
}

impl Builder {
    /// For an answer of `schema`, of which each value is checked as it closes.
    pub(crate) fn new(schema: &'static Schema, context: Context, leniency: Leniency) -> Self {
        Builder {
            schema,
            context,
            leniency,
            frames: Vec::new(),
            next: None,
            open: None,
            steps: Vec::new(),
            path: String::new(),
            changes: Changes::default(),
            errors: ValidationErrors::new(),
            checks: true,
            is_whole: false,
            has_whole_value: false,
        }
    }

    /// What rules may look at.
    pub(crate) fn context(&self) -> &Context {
        &self.context
    }

    /// Whether the whole answer is there.
    pub(crate) fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Begins anew.
    pub(crate) fn restart(&mut self) {
        self.frames.clear();
        self.next = None;
        self.open = None;
        self.steps.clear();
        self.path.clear();
        self.errors = ValidationErrors::new();
        self.is_whole = false;
        self.changes.clear();
        self.changes.add("", false);
    }

    /// Takes an event of the answer, of which `text` is there.
    #[inline]
    pub(crate) fn event(&mut self, root: &mut dyn Slot, text: &str, event: Event<'_>, at: usize) {
        match event {
            // Most are this one.
            Event::Text(more) => self.more(root, more),
            _ => self.rare_event(root, text, event, at),
        }
    }

    #[inline(never)]
    fn rare_event(&mut self, root: &mut dyn Slot, text: &str, event: Event<'_>, at: usize) {
        match event {
            Event::Text(_) => {}
            Event::Key(key) => self.key(root, key),
            Event::TextEnd => {
                if let Some((target, start)) = self.open.take() {
                    self.text_ended(root, text, target, start, at);
                }
            }
            Event::ObjectEnd | Event::ArrayEnd => self.container_ended(root, text, at),
            Event::TextStart => self.text_started(root, at),
            Event::ObjectStart | Event::ArrayStart => {
                let is_object = event == Event::ObjectStart;
                self.container_started(root, is_object, at);
            }
            Event::Number {
                text: number,
                is_whole,
            } => self.scalar(root, number, is_whole),
            Event::Boolean(true) => self.scalar(root, "true", true),
            Event::Boolean(false) => self.scalar(root, "false", true),
            Event::Null => self.null(root),
        }
    }

    /// What the value that begins now is.
    fn target(&mut self) -> Target {
        if let Some(target) = self.next.take() {
            return target;
        }
        let (steps, path) = (self.steps.len(), self.path.len());
        let Some(frame) = self.frames.last_mut() else {
            return Target::new(What::Root, None, steps, path);
        };
        let mut target = frame.target.part(steps, path);
        let index = match &mut frame.inside {
            Inside::List { items, rules, next } => {
                target.what = What::Type(*items);
                target.rules = rules;
                self.steps.push(Step::NewItem);
                std::mem::replace(next, *next + 1)
            }
            Inside::Places { places, next } => {
                if let Some(place) = places.get(*next) {
                    target.what = What::Type(place.edge);
                    target.rules = place.rules;
                    target.is_put_into_shape |= place.is_put_into_shape;
                }
                self.steps.push(Step::Field(*next));
                std::mem::replace(next, *next + 1)
            }
            _ => return target,
        };
        self.push_index(index);
        target
    }

    fn push_index(&mut self, index: usize) {
        use fmt::Write as _;
        // Writing to a string does not fail.
        let _ = write!(self.path, "[{index}]");
    }

    fn push_key(&mut self, key: &str) {
        if !self.path.is_empty() {
            self.path.push('.');
        }
        self.path.push_str(key);
    }

    /// The value of `target` is done with.
    fn leave(&mut self, target: &Target) {
        if target.is_put_into_shape {
            self.note_shaped();
        }
        self.steps.truncate(target.steps);
        self.path.truncate(target.path);
        if self.frames.is_empty() {
            self.is_whole = true;
        }
    }

    /// Something in the innermost container is put into shape before it is checked.
    fn note_shaped(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.has_shaped = true;
        }
    }

    /// Begins the value at hand. Says whether it could be.
    fn begin(&mut self, root: &mut dyn Slot, start: Start<'_>) -> bool {
        let Some((last, before)) = self.steps.split_last() else {
            return root.begin(start);
        };
        let can_begin = part(root, before).is_some_and(|part| part.begin_part(last, start));
        if can_begin && let Some(last @ Step::NewItem) = self.steps.last_mut() {
            *last = Step::LastItem;
        }
        can_begin
    }

    /// Takes back what is there of the value at hand, which turned out to be none.
    fn take_back(&mut self, root: &mut dyn Slot) {
        if self.begin(root, Start::Nothing) {
            if let Some(last @ Step::LastItem) = self.steps.last_mut() {
                *last = Step::NewItem;
            }
            self.changes.add(&self.path, false);
        }
    }

    fn more(&mut self, root: &mut dyn Slot, more: &str) {
        if let Some((target, _)) = &self.open
            && target.is_shown
            && let Some(part) = part(root, &self.steps)
        {
            part.push_str(more);
            // It was told that the text is there, and nothing has come in between.
            self.changes.again();
        }
    }
}

/// The part of the partial value at the end of `steps`.
fn part<'a>(root: &'a mut dyn Slot, steps: &[Step]) -> Option<&'a mut dyn Part> {
    let mut part = root.part()?;
    for step in steps {
        part = part.part(step)?;
    }
    Some(part)
}

/// Puts the events of a text into a partial value.
struct Filling<'a> {
    builder: &'a mut Builder,
    root: &'a mut dyn Slot,
    text: &'a str,
}

impl<'a> Filling<'a> {
    fn of(builder: &'a mut Builder, root: &'a mut dyn Slot, text: &'a str) -> Self {
        Filling {
            builder,
            root,
            text,
        }
    }
}

impl Sink for Filling<'_> {
    fn event(&mut self, event: Event<'_>, at: usize) {
        self.builder.event(self.root, self.text, event, at);
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("schema", &self.schema.name)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}
