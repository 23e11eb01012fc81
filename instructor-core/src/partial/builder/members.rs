//! The members of objects: which key is what.

use super::frame::{Inside, Target, What};
use super::tagged::Told;
use super::{Builder, Slot, Start, Step};
use crate::inspect::{is_flat, names};
use crate::schema::{Edge, Field, Flattened, Named};

impl Builder {
    pub(super) fn key(&mut self, root: &mut dyn Slot, key: &str) {
        let (steps, path) = (self.steps.len(), self.path.len());
        let Some(frame) = self.frames.last_mut() else {
            return;
        };
        let mut target = frame.target.part(steps, path);
        match &mut frame.inside {
            Inside::Wrapper(wrapper) => {
                if key == *wrapper {
                    target.what = What::Type(self.schema.root);
                    self.push_key(key);
                }
            }
            Inside::Fields { fields, seen } => {
                let fields = *fields;
                if let Some((index, field)) = next(fields, *seen, key).or_else(|| own(fields, key))
                {
                    let is_again = *seen & bit(index) != 0;
                    *seen |= bit(index);
                    target = target.of_field(field);
                    self.steps.push(Step::Field(index));
                    self.push_key(field.name.as_str());
                    if is_again {
                        self.forget_errors();
                    }
                } else if is_flat(fields) {
                    self.flattened(root, fields, key, &mut target);
                }
            }
            Inside::Map { values, rules } => {
                target.what = What::Type(*values);
                target.rules = rules;
                self.steps.push(Step::Entry(key.to_owned()));
                self.push_key(key);
            }
            Inside::Tagged {
                named,
                enumeration,
                variant,
                is_late,
            } => match Told::by_key(*enumeration, key, *variant) {
                Told::Tag => target.what = What::Tag,
                Told::Variant(index, payload) => {
                    *variant = Some(index);
                    target.what = What::Payload(payload);
                    let start = Start::Type(named, index);
                    self.begin(root, start);
                    self.push_key(key);
                }
                Told::Content(payload) => {
                    target.what = What::Payload(payload);
                    self.push_key(key);
                }
                Told::TooEarly => *is_late = true,
                Told::Nothing => {}
            },
            Inside::List { .. } | Inside::Places { .. } | Inside::Opaque | Inside::Ignored => {}
        }
        self.next = Some(target);
    }

    /// Finds the place of a key that is none of the struct's own.
    fn flattened(
        &mut self,
        root: &mut dyn Slot,
        fields: &'static [Field],
        key: &str,
        target: &mut Target,
    ) {
        for (index, field) in fields.iter().enumerate() {
            if !field.is_flattened {
                continue;
            }
            let found = match Flattened::of(field.edge) {
                Flattened::Fields(named, inner, _) if !is_flat(inner) => own(inner, key)
                    .map(|(place, field)| (Step::Field(place), target.of_field(field), named)),
                _ => None,
            };
            if let Some((step, found, named)) = found {
                self.steps.push(Step::Field(index));
                self.begin_once(root, Start::Type(named, 0));
                self.steps.push(step);
                self.push_key(key);
                *target = found;
                target.current = Some(named);
                return;
            }
        }
        for (index, field) in fields.iter().enumerate() {
            if let (true, Flattened::Open(_, values)) =
                (field.is_flattened, Flattened::of(field.edge))
            {
                self.steps.push(Step::Field(index));
                self.begin_once(root, Start::Object);
                self.steps.push(Step::Entry(key.to_owned()));
                self.push_key(key);
                target.what = What::Type(values);
                return;
            }
        }
    }

    /// Begins the object at hand if it has not begun.
    fn begin_once(&mut self, root: &mut dyn Slot, start: Start<'_>) {
        if super::part(root, &self.steps).is_none() {
            self.begin(root, start);
        }
    }

    /// Reads the flattened fields of an object that is whole, as far as they could not be followed.
    pub(super) fn flattened_ended(
        &mut self,
        root: &mut dyn Slot,
        fields: &'static [Field],
        current: Option<&'static Named>,
        json: &str,
    ) {
        for (index, field) in fields.iter().enumerate() {
            if field.is_flattened && !is_followed(field.edge) {
                let target = Target::new(
                    What::Type(field.edge),
                    current,
                    self.steps.len(),
                    self.path.len(),
                );
                self.steps.push(Step::Field(index));
                self.whole(root, &target, json);
                self.steps.truncate(target.steps);
            }
        }
    }
}

/// Whether the parts of a flattened field find their places as they arrive.
fn is_followed(edge: Edge) -> bool {
    match Flattened::of(edge) {
        Flattened::Fields(_, fields, _) => !is_flat(fields),
        Flattened::Open(..) => true,
        Flattened::Unsayable => false,
    }
}

/// The field that this key belongs to.
fn own(fields: &'static [Field], key: &str) -> Option<(usize, &'static Field)> {
    let mut own = fields
        .iter()
        .enumerate()
        .filter(|(_, field)| !field.is_flattened);
    own.find(|(_, field)| names(field).any(|name| name == key))
}

/// The field behind the last of those that are there, if the key is its name: models mostly keep the order of the schema.
fn next(fields: &'static [Field], seen: u128, key: &str) -> Option<(usize, &'static Field)> {
    let index = usize::try_from(u128::BITS - seen.leading_zeros()).ok()?;
    let field = fields.get(index)?;
    (!field.is_flattened && field.name.as_str() == key).then_some((index, field))
}

/// The bit of a field among those that are there. From the 128th field on nobody keeps count.
pub(super) fn bit(index: usize) -> u128 {
    u32::try_from(index)
        .ok()
        .and_then(|index| 1_u128.checked_shl(index))
        .unwrap_or_default()
}
