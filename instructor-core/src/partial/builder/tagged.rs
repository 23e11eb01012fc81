//! Enums, by what tells which variant one is.

use super::frame::{Frame, Inside, Target, What};
use super::{Builder, Filling, Slot, Start};
use crate::inspect::Enumeration;
use crate::parse::lexer::Lexer;
use crate::schema::{Payload, Tagging};

/// What a key of an enum tells.
pub(super) enum Told {
    /// Its value is the name of the variant.
    Tag,
    /// The variant, and its value is what is in it.
    Variant(usize, Payload),
    /// Its value is what is in the variant.
    Content(Payload),
    /// Its value is what is in the variant, which is not known yet.
    TooEarly,
    Nothing,
}

impl Told {
    pub(super) fn by_key(enumeration: Enumeration, key: &str, variant: Option<usize>) -> Told {
        match enumeration.tagging {
            Tagging::External => match enumeration.find(key) {
                Some((index, variant)) => Told::Variant(index, variant.payload),
                None => Told::Nothing,
            },
            Tagging::Internal { tag } | Tagging::Adjacent { tag, .. } if key == tag.as_str() => {
                Told::Tag
            }
            Tagging::Internal { .. } => Told::TooEarly,
            Tagging::Adjacent { content, .. } if key == content.as_str() => {
                match variant.and_then(|index| enumeration.variants.get(index)) {
                    Some(variant) => Told::Content(variant.payload),
                    None => Told::TooEarly,
                }
            }
            Tagging::Adjacent { .. } | Tagging::Untagged => Told::Nothing,
        }
    }
}

impl Builder {
    /// Takes the name of the variant that the innermost container is. `text` is there of the answer, up to the name's end.
    pub(super) fn tag_told(&mut self, root: &mut dyn Slot, text: &str, json: &str, at: usize) {
        let Ok(name) = serde_json::from_str::<String>(json) else {
            return;
        };
        let Some(Frame {
            inside:
                Inside::Tagged {
                    named,
                    enumeration,
                    variant,
                    ..
                },
            start,
            target,
            ..
        }) = self.frames.last_mut()
        else {
            return;
        };
        let Some((index, told)) = enumeration.find(&name) else {
            return;
        };
        *variant = Some(index);
        let is_internal = matches!(enumeration.tagging, Tagging::Internal { .. });
        let (start, target) = (*start, *target);
        let payload = told.payload;
        let begun = Start::Type(named, index);
        if !self.begin(root, begun) {
            return;
        }
        self.changes.add(&self.path, false);
        if is_internal {
            // The members stand beside the tag: the object is read again, as what is in the variant.
            self.frames.pop();
            self.next = Some(Target {
                what: What::Payload(payload),
                ..target
            });
            let seen = text.get(start..at).unwrap_or_default();
            Lexer::new(start).push(seen, &mut Filling::of(self, root, text));
        }
    }
}
