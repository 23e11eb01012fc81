//! What a tag says: the name of a variant, in each form that serde reads one from.

use serde_json::Value;

use super::{Enumeration, NoChoice};
use crate::inspect::context::Source;
use crate::inspect::type_name;
use crate::schema::Variant;
use crate::validate::ErrorCode;

/// Variants that are named in an error; of an enum with more, the others are only counted.
const NAMED_VARIANTS: usize = 32;

impl Enumeration {
    /// The variant of this name, and its place among all.
    pub(crate) fn find(self, name: &str) -> Option<(usize, &'static Variant)> {
        let variant = self.named(name, &Value::Null).ok()?;
        Some((self.index(variant)?, variant))
    }

    /// The place of a variant among all.
    pub(crate) fn index(self, variant: &'static Variant) -> Option<usize> {
        let mut all = self.variants.iter();
        all.position(|other| std::ptr::eq(other, variant))
    }

    /// The variants that have a name.
    fn with_names(self) -> impl Iterator<Item = &'static Variant> + Clone {
        self.variants.iter().filter(|variant| !variant.untagged)
    }

    /// The variant of this name; `input` is where it stands.
    pub(super) fn named<'a>(
        self,
        name: &str,
        input: &'a Value,
    ) -> Result<&'static Variant, NoChoice<'a>> {
        let is_called =
            |variant: &&Variant| variant.name.as_str() == name || variant.aliases.contains(&name);
        self.with_names()
            .find(is_called)
            .or_else(|| self.other())
            .ok_or_else(|| NoChoice::new(ErrorCode::UnknownVariant, self.unknown_variant(), input))
    }

    fn other(self) -> Option<&'static Variant> {
        self.with_names().find(|variant| variant.is_other)
    }

    /// The variant that an identifier says: its name or, in a buffer, its index.
    pub(super) fn identified(
        self,
        value: &Value,
        source: Source,
    ) -> Result<&'static Variant, NoChoice<'_>> {
        let index = value.as_u64().filter(|_| source.knows_indices());
        if let Some(index) = index {
            return usize::try_from(index)
                .ok()
                .and_then(|index| self.with_names().nth(index))
                .or_else(|| self.other())
                .ok_or_else(|| {
                    NoChoice::new(ErrorCode::UnknownVariant, self.unknown_variant(), value)
                });
        }
        match value {
            Value::String(name) => self.named(name, value),
            other => Err(no_name(other)),
        }
    }

    /// The variant that a tag says which is read as an enum of its own: `"Name"`, and also `{"Name": null}`.
    pub(super) fn told_as_an_enum(
        self,
        value: &Value,
        source: Source,
    ) -> Result<&'static Variant, NoChoice<'_>> {
        match value {
            Value::String(name) => self.named(name, value),
            Value::Object(members) => match members.iter().next() {
                Some((name, nothing)) if members.len() == 1 && is_nothing(nothing, source) => {
                    self.named(name, value)
                }
                _ => Err(no_name(value)),
            },
            other => Err(no_name(other)),
        }
    }

    fn unknown_variant(self) -> String {
        let named = self.with_names();
        let mut names: Vec<String> = named
            .clone()
            .take(NAMED_VARIANTS)
            .map(|variant| format!("`{}`", variant.name.as_str()))
            .collect();
        if let Some(more @ 1..) = named.count().checked_sub(NAMED_VARIANTS) {
            names.push(format!("{more} more"));
        }
        match names.as_slice() {
            [only] => format!("must be {only}"),
            _ => format!("must be one of {}", names.join(", ")),
        }
    }
}

/// Whether serde reads `()` from it.
pub(super) fn is_nothing(value: &Value, source: Source) -> bool {
    match value {
        Value::Null => true,
        Value::Object(members) => members.is_empty() && source.takes_empty_objects_for_null(),
        _ => false,
    }
}

fn no_name(value: &Value) -> NoChoice<'_> {
    let message = format!("expected string, got {}", type_name(value));
    NoChoice::new(ErrorCode::Type, message, value)
}
