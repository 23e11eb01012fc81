//! Enums of which some variants have no tag: serde tries them in turn.
//!
//! What decides is whether serde can read the variant, and never a rule: rules are checked on the value that was read. A rule that
//! took part in the choice would be lost whenever it is broken and a later variant fits.
//!
//! One thing the walk cannot know: whether a text is in the format of a type such as a date. It takes each text to be, so that of
//! `Date(NaiveDate), Text(String)` it chooses the date for every text. Rules of typed values are safe from that, since they are
//! checked on the value that serde made. A rule that is checked on the JSON only, or by a judge, should not stand on a variant after
//! one that any text may be.

use std::borrow::Cow;

use serde_json::Value;

use super::{Choice, Content, Enumeration, NoChoice, Place};
use crate::inspect::context::{Context, Source};
use crate::inspect::faults;
use crate::schema::{Tagging, Variant};
use crate::validate::ErrorCode;

impl Enumeration {
    /// Whether some variant has no tag.
    pub(crate) fn has_untagged(self) -> bool {
        self.variants
            .iter()
            .any(|variant| self.is_untagged(variant))
    }

    fn is_untagged(self, variant: &Variant) -> bool {
        variant.untagged || matches!(self.tagging, Tagging::Untagged)
    }

    /// The variant that serde reads from `value`.
    pub(crate) fn choose(
        self,
        context: Context,
        value: &Value,
    ) -> Result<Choice<'_>, NoChoice<'_>> {
        if !self.has_untagged() {
            return self.tagged(context, value);
        }
        self.candidates(context, value)
            .flatten()
            .find(|candidate| faults::fits(context, self, candidate, value))
            .ok_or_else(|| {
                let message = "fits none of the variants";
                NoChoice::new(ErrorCode::UnknownVariant, message, value)
            })
    }

    /// What serde tries for an enum with untagged variants: the variant that the tag says, then those without a tag.
    pub(crate) fn candidates(
        self,
        context: Context,
        value: &Value,
    ) -> impl Iterator<Item = Result<Choice<'_>, NoChoice<'_>>> {
        let context = Context {
            source: Source::Again,
            ..context
        };
        let has_tags = !matches!(self.tagging, Tagging::Untagged);
        let tagged = has_tags.then(|| self.tagged(context, value));
        let untagged = self
            .variants
            .iter()
            .filter(move |variant| self.is_untagged(variant));
        let whole = untagged.map(|variant| Ok(Choice::of_whole(variant, value)));
        tagged.into_iter().chain(whole)
    }
}

impl<'a> Choice<'a> {
    /// A variant without a tag, which `value` is as a whole.
    pub(crate) fn of_whole(variant: &'static Variant, value: &'a Value) -> Self {
        Choice {
            variant,
            content: Some(Content {
                value: Cow::Borrowed(value),
                place: Place::Whole,
                source: Source::Again,
                may_be_list: false,
            }),
        }
    }
}
