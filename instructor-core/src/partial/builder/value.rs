//! Values as they begin and end.

use super::frame::{Frame, Inside, Places, Target, What};
use super::whole::enumeration;
use super::{Builder, Slot, Start, Step};
use crate::schema::{Body, Named, Node, Payload, Rule, Scalar};

/// What kind of JSON a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Object,
    List,
    Scalar,
}

/// The type of a value, newtypes and options opened.
#[derive(Debug, Clone, Copy)]
enum Met {
    Node(&'static Node),
    Named(&'static Named),
    Fields(Payload),
    Wrapper(&'static str),
    Nothing,
}

impl Builder {
    /// What a value of this kind is read as. The way goes on to it, and `target` becomes what is there.
    fn meet(&mut self, root: &mut dyn Slot, target: &mut Target, kind: Kind) -> Met {
        let mut edge = match target.what {
            What::Ignored | What::Tag => return Met::Nothing,
            What::Root => match self.schema.wrapper {
                Some(key) if kind == Kind::Object => return Met::Wrapper(key),
                Some(key) => {
                    self.push_key(key);
                    self.schema.root
                }
                None => self.schema.root,
            },
            What::Type(edge) => edge,
            What::Payload(Payload::Newtype(field)) => {
                *target = target.of_field(field);
                self.steps.push(Step::Field(0));
                field.edge
            }
            What::Payload(payload) => return Met::Fields(payload),
        };
        let mut is_single = false;
        loop {
            target.what = What::Type(edge);
            let node = edge.node();
            let named = match node {
                Node::Nullable(inner) => {
                    edge = *inner;
                    continue;
                }
                Node::Array { items, .. } if kind != Kind::List && !is_single => {
                    // A single item may stand for a list of one.
                    if !self.begin(root, Start::List) {
                        return Met::Node(node);
                    }
                    is_single = true;
                    self.steps.push(Step::NewItem);
                    self.push_index(0);
                    target.rules = Rule::of_items(target.rules);
                    edge = *items;
                    continue;
                }
                Node::Named(named) => Some(*named),
                Node::Enclosing(_) => target.current,
                _ => None,
            };
            let Some(named) = named else {
                return Met::Node(node);
            };
            target.current = Some(named);
            match named.body {
                Body::Newtype { field, .. } => {
                    target.is_put_into_shape |= !field.before.is_empty();
                    edge = field.edge;
                }
                _ => return Met::Named(named),
            }
        }
    }

    pub(super) fn container_started(&mut self, root: &mut dyn Slot, is_object: bool, at: usize) {
        let mut target = self.target();
        let kind = if is_object { Kind::Object } else { Kind::List };
        let inside = match (self.meet(root, &mut target, kind), is_object) {
            (Met::Nothing | Met::Fields(Payload::Unit), _) => Inside::Ignored,
            (Met::Wrapper(key), _) => Inside::Wrapper(key),
            (Met::Node(Node::Array { items, .. }), false) if self.begin(root, Start::List) => {
                Inside::List {
                    items: *items,
                    rules: Rule::of_items(target.rules),
                    next: 0,
                }
            }
            (Met::Node(Node::Tuple(edges)), false) if self.begin(root, Start::List) => {
                Inside::Places {
                    places: Places::Edges(edges),
                    next: 0,
                }
            }
            (Met::Node(Node::Map { values, .. }), true) if self.begin(root, Start::Object) => {
                Inside::Map {
                    values: *values,
                    rules: Rule::of_values(target.rules),
                }
            }
            (Met::Named(named), _) => self.inside(root, named, is_object),
            (Met::Fields(Payload::Object(fields)), true) => Inside::Fields { fields, seen: 0 },
            (Met::Fields(Payload::Tuple(fields)), false) => Inside::Places {
                places: Places::Fields(fields),
                next: 0,
            },
            (Met::Node(_), _) => Inside::Opaque,
            (Met::Fields(_), _) => Inside::Ignored,
        };
        if !matches!(
            inside,
            Inside::Ignored | Inside::Opaque | Inside::Wrapper(_) | Inside::Tagged { .. }
        ) {
            self.changes.add(&self.path, false);
        }
        self.frames.push(Frame {
            target,
            inside,
            start: at,
            has_shaped: false,
        });
    }

    /// What is in a container that is a type of the derive.
    fn inside(&mut self, root: &mut dyn Slot, named: &'static Named, is_object: bool) -> Inside {
        match (named.body, is_object) {
            (Body::Object { fields, .. }, true) if self.begin(root, Start::Type(named, 0)) => {
                Inside::Fields { fields, seen: 0 }
            }
            (Body::Tuple(fields), false) if self.begin(root, Start::Type(named, 0)) => {
                Inside::Places {
                    places: Places::Fields(fields),
                    next: 0,
                }
            }
            (Body::Enum { .. }, true) => match enumeration(named) {
                Some(enumeration) if !enumeration.has_untagged() => Inside::Tagged {
                    named,
                    enumeration,
                    variant: None,
                    is_late: false,
                },
                _ => Inside::Opaque,
            },
            _ => Inside::Opaque,
        }
    }

    pub(super) fn container_ended(&mut self, root: &mut dyn Slot, text: &str, at: usize) {
        let Some(frame) = self.frames.pop() else {
            return;
        };
        let Frame {
            target,
            inside,
            start,
            has_shaped,
        } = frame;
        let json = text.get(start..at).unwrap_or_default();
        let is_shown = match inside {
            Inside::Ignored => matches!(target.what, What::Payload(_)),
            Inside::Wrapper(_) => false,
            Inside::Opaque => self.whole(root, &target, json),
            Inside::Tagged {
                variant, is_late, ..
            } => (variant.is_some() && !is_late) || self.whole(root, &target, json),
            Inside::Fields { fields, seen } => {
                self.flattened_ended(root, fields, target.current, json);
                if !target.is_put_into_shape {
                    self.check_fields(fields, seen);
                }
                true
            }
            Inside::List { .. } | Inside::Places { .. } | Inside::Map { .. } => true,
        };
        if has_shaped {
            // What is in it is not what will be checked.
            self.note_shaped();
        } else if !matches!(inside, Inside::Ignored | Inside::Wrapper(_)) {
            self.check_container(&target, json, is_shown);
        }
        if is_shown {
            self.changes.add(&self.path, true);
        }
        self.leave(&target);
    }

    pub(super) fn text_started(&mut self, root: &mut dyn Slot, at: usize) {
        let mut target = self.target();
        if let Met::Node(Node::Scalar(Scalar::String)) = self.meet(root, &mut target, Kind::Scalar)
        {
            target.is_shown = self.begin(root, Start::Text);
            if target.is_shown {
                self.changes.add(&self.path, false);
            }
        }
        self.open = Some((target, at));
    }

    pub(super) fn text_ended(
        &mut self,
        root: &mut dyn Slot,
        text: &str,
        target: Target,
        start: usize,
        at: usize,
    ) {
        let json = text.get(start..at).unwrap_or_default();
        match target.what {
            What::Tag => self.tag_told(root, text, json, at),
            What::Type(_) => self.scalar_ended(root, &target, json),
            _ => self.leave(&target),
        }
    }

    /// Takes a number, a boolean or what there is of it.
    pub(super) fn scalar(&mut self, root: &mut dyn Slot, json: &str, is_whole: bool) {
        let target = match self.open.take() {
            Some((target, _)) => target,
            None => {
                let mut target = self.target();
                self.meet(root, &mut target, Kind::Scalar);
                target
            }
        };
        if !matches!(target.what, What::Type(_)) {
            if is_whole {
                self.leave(&target);
            } else {
                self.open = Some((target, 0));
            }
        } else if is_whole {
            self.scalar_ended(root, &target, json);
        } else {
            if self.begin(root, Start::Whole(json)) {
                self.changes.add(&self.path, false);
            } else {
                self.take_back(root);
            }
            self.open = Some((target, 0));
        }
    }

    pub(super) fn null(&mut self, root: &mut dyn Slot) {
        let target = self.target();
        match target.what {
            What::Type(_) => {
                let is_shown = self.begin(root, Start::Null);
                self.check_leaf(&target, "null", is_shown);
                if is_shown {
                    self.changes.add(&self.path, true);
                }
            }
            What::Payload(Payload::Newtype(_)) => {
                self.steps.push(Step::Field(0));
                self.begin(root, Start::Null);
            }
            _ => {}
        }
        self.leave(&target);
    }

    fn scalar_ended(&mut self, root: &mut dyn Slot, target: &Target, json: &str) {
        let is_shown = target.is_shown || self.whole(root, target, json);
        self.check_leaf(target, json, is_shown);
        if is_shown {
            self.has_whole_value = true;
            self.changes.add(&self.path, true);
        } else {
            // The beginning of a number may have been one that fits.
            self.take_back(root);
        }
        self.leave(target);
    }
}
