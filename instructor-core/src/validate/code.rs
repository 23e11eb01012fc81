//! The kinds of faults.

use std::fmt;

/// What kind of fault a [`ValidationError`](super::ValidationError) is. The names are stable; use them to tell faults apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorCode {
    /// The answer is not JSON, or is cut off.
    Json,
    /// The answer is nested 128 levels deep or more.
    TooDeep,
    /// The value has another JSON type than the field.
    Type,
    /// A required field is absent.
    Missing,
    /// The text is none of the enum's variants.
    UnknownVariant,
    /// `length(...)` does not hold.
    Length,
    /// `range(...)` does not hold, or an integer does not fit its Rust type.
    Range,
    /// `pattern("...")` does not match.
    Pattern,
    /// `email` does not hold.
    Email,
    /// `url` does not hold.
    Url,
    /// `contains("...")` does not hold.
    Contains,
    /// `does_not_contain("...")` does not hold.
    DoesNotContain,
    /// `starts_with("...")` does not hold.
    StartsWith,
    /// `ends_with("...")` does not hold.
    EndsWith,
    /// `one_of(...)` does not hold.
    OneOf,
    /// `uuid` does not hold.
    Uuid,
    /// `ip` does not hold.
    Ip,
    /// `ipv4` does not hold.
    Ipv4,
    /// `ipv6` does not hold.
    Ipv6,
    /// `multiple_of(...)` does not hold.
    MultipleOf,
    /// `unique_items` does not hold.
    UniqueItems,
    /// A `custom` function found something wrong.
    Custom,
    /// A key that the type does not have, or has already under another name.
    UnknownField,
    /// A language model found that `#[llm_validate("...")]` does not hold.
    Llm,
    /// The provider's moderation flags the text of a `#[moderate]`.
    Moderation,
    /// The model did not call the tool, or not once, or one that there is not.
    ToolCall,
    /// The type's own `Deserialize` refused the value.
    Deserialize,
}

impl ErrorCode {
    /// The stable name, for example `unknown_variant`.
    pub const fn as_str(self) -> &'static str {
        match self {
            ErrorCode::Json => "json",
            ErrorCode::TooDeep => "too_deep",
            ErrorCode::Type => "type",
            ErrorCode::Missing => "missing",
            ErrorCode::UnknownVariant => "unknown_variant",
            ErrorCode::Length => "length",
            ErrorCode::Range => "range",
            ErrorCode::Pattern => "pattern",
            ErrorCode::Email => "email",
            ErrorCode::Url => "url",
            ErrorCode::Contains => "contains",
            ErrorCode::DoesNotContain => "does_not_contain",
            ErrorCode::StartsWith => "starts_with",
            ErrorCode::EndsWith => "ends_with",
            ErrorCode::OneOf => "one_of",
            ErrorCode::Uuid => "uuid",
            ErrorCode::Ip => "ip",
            ErrorCode::Ipv4 => "ipv4",
            ErrorCode::Ipv6 => "ipv6",
            ErrorCode::MultipleOf => "multiple_of",
            ErrorCode::UniqueItems => "unique_items",
            ErrorCode::Custom => "custom",
            ErrorCode::UnknownField => "unknown_field",
            ErrorCode::Llm => "llm_validate",
            ErrorCode::Moderation => "moderation",
            ErrorCode::ToolCall => "tool_call",
            ErrorCode::Deserialize => "deserialize",
        }
    }

    /// Whether the words of such a fault come from the response model alone, and so quote nothing of the answer.
    pub(super) const fn is_said_by_the_model(self) -> bool {
        matches!(
            self,
            ErrorCode::TooDeep
                | ErrorCode::Type
                | ErrorCode::Missing
                | ErrorCode::UnknownVariant
                | ErrorCode::Length
                | ErrorCode::Range
                | ErrorCode::Pattern
                | ErrorCode::Email
                | ErrorCode::Url
                | ErrorCode::Contains
                | ErrorCode::DoesNotContain
                | ErrorCode::UnknownField
        )
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
