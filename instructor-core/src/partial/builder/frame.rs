//! What a builder keeps of the containers around the value at hand.

use crate::inspect::Enumeration;
use crate::schema::{Edge, Field, Named, Payload, Rule};

/// A container that is open.
#[derive(Debug)]
pub(super) struct Frame {
    /// The container as a value.
    pub(super) target: Target,
    pub(super) inside: Inside,
    /// Where it begins.
    pub(super) start: usize,
    /// Functions of the user's change something in it before it is checked.
    pub(super) has_shaped: bool,
}

/// What is in a container.
#[derive(Debug)]
pub(super) enum Inside {
    /// The answer, under this key.
    Wrapper(&'static str),
    /// Named fields. The bits are those that are there.
    Fields {
        fields: &'static [Field],
        seen: u128,
    },
    List {
        items: Edge,
        rules: &'static [Rule],
        next: usize,
    },
    /// Fields without names.
    Places { places: Places, next: usize },
    Map {
        values: Edge,
        rules: &'static [Rule],
    },
    /// An enum that says which variant it is by a key.
    Tagged {
        named: &'static Named,
        enumeration: Enumeration,
        variant: Option<usize>,
        /// Something came before it was known which variant it is.
        is_late: bool,
    },
    /// What can only be read when it is whole.
    Opaque,
    /// What nothing is known about.
    Ignored,
}

/// The fields without names of a tuple, a struct or a variant.
#[derive(Debug, Clone, Copy)]
pub(super) enum Places {
    Edges(&'static [Edge]),
    Fields(&'static [Field]),
}

/// One of them.
pub(super) struct Place {
    pub(super) edge: Edge,
    pub(super) rules: &'static [Rule],
    pub(super) is_put_into_shape: bool,
}

impl Places {
    pub(super) fn get(self, index: usize) -> Option<Place> {
        match self {
            Places::Edges(edges) => edges.get(index).map(|edge| Place {
                edge: *edge,
                rules: &[],
                is_put_into_shape: false,
            }),
            Places::Fields(fields) => fields.get(index).map(|field| Place {
                edge: field.edge,
                rules: field.rules,
                is_put_into_shape: !field.before.is_empty(),
            }),
        }
    }
}

/// What a value is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target {
    pub(super) what: What,
    /// The rules that stand on it.
    pub(super) rules: &'static [Rule],
    /// Functions of the user's change it, or what is around it, before it is checked.
    pub(super) is_put_into_shape: bool,
    /// The type that it is a part of.
    pub(super) current: Option<&'static Named>,
    /// The text that is there of it is shown.
    pub(super) is_shown: bool,
    /// How many steps lead to what is around it.
    pub(super) steps: usize,
    /// How long the path of what is around it is.
    pub(super) path: usize,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum What {
    /// The answer, or the object around it.
    Root,
    Type(Edge),
    /// What is in a variant.
    Payload(Payload),
    /// The name of a variant.
    Tag,
    Ignored,
}

impl Target {
    pub(super) fn new(
        what: What,
        current: Option<&'static Named>,
        steps: usize,
        path: usize,
    ) -> Self {
        Target {
            what,
            rules: &[],
            is_put_into_shape: false,
            current,
            is_shown: false,
            steps,
            path,
        }
    }

    /// What is in this container, before it is known what it is.
    pub(super) fn part(&self, steps: usize, path: usize) -> Self {
        Target {
            is_put_into_shape: self.is_put_into_shape,
            ..Target::new(What::Ignored, self.current, steps, path)
        }
    }

    /// The same place, as a field.
    pub(super) fn of_field(mut self, field: &'static Field) -> Self {
        self.what = What::Type(field.edge);
        self.rules = field.rules;
        self.is_put_into_shape |= !field.before.is_empty();
        self
    }
}
