//! Values that are read once they are whole.

use serde_json::Value;

use super::frame::{Target, What};
use super::{Builder, Filling, Slot, Start};
use crate::inspect::{self, Enumeration};
use crate::parse::lexer::Lexer;
use crate::schema::{Body, Edge, Named, Node};

impl Builder {
    /// Reads the value at hand, which is whole. Says whether it could.
    pub(super) fn whole(&mut self, root: &mut dyn Slot, target: &Target, json: &str) -> bool {
        if self.begin(root, Start::Whole(json)) {
            return true;
        }
        let (What::Type(edge), Some((mut value, is_mended))) = (target.what, self.value_of(json))
        else {
            return false;
        };
        if (self.coerce(target, edge, &mut value) || is_mended)
            && self.begin(root, Start::Whole(&value.to_string()))
        {
            return true;
        }
        self.variant(root, target, edge, &value)
    }

    /// Reads an enum, which is whole.
    fn variant(&mut self, root: &mut dyn Slot, target: &Target, edge: Edge, value: &Value) -> bool {
        let named = match edge.node() {
            Node::Named(named) => Some(*named),
            Node::Enclosing(_) => target.current,
            _ => None,
        };
        let Some(named) = named else {
            return false;
        };
        let Some(enumeration) = enumeration(named) else {
            return false;
        };
        let context = inspect::Context {
            current: Some(named),
            ..inspect::Context::ROOT
        };
        let Ok(choice) = enumeration.choose(context, value) else {
            return false;
        };
        let Some(index) = enumeration.index(choice.variant) else {
            return false;
        };
        if !self.begin(root, Start::Type(named, index)) {
            return false;
        }
        if let Some(content) = choice.content {
            let (steps, path) = (self.steps.len(), self.path.len());
            let what = What::Payload(choice.variant.payload);
            let inner = Target::new(what, Some(named), steps, path);
            self.replay(root, inner, &content.value.to_string());
        }
        true
    }

    /// Puts a value into the place at hand that is whole, and no piece of the answer's text.
    fn replay(&mut self, root: &mut dyn Slot, target: Target, json: &str) {
        let frames = std::mem::take(&mut self.frames);
        let (checks, open) = (std::mem::take(&mut self.checks), self.open.take());
        let is_whole = self.is_whole;
        self.next = Some(target);
        let text = format!("{json} ");
        Lexer::new(0).push(&text, &mut Filling::of(self, root, &text));
        (self.frames, self.checks, self.open) = (frames, checks, open);
        self.next = None;
        self.is_whole = is_whole;
    }
}

/// The parts of an enum.
pub(super) fn enumeration(named: &'static Named) -> Option<Enumeration> {
    match named.body {
        Body::Enum {
            variants,
            tagging,
            closed,
        } => Some(Enumeration {
            variants,
            tagging,
            closed,
        }),
        _ => None,
    }
}
