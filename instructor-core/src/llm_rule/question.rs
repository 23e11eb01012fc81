//! What a judge is asked, and what it says.

use std::borrow::Cow;
use std::sync::Arc;

use instructor_derive::ResponseModel;
use serde::Deserialize;

/// A question to a judge. Equal questions have the same answer, within an answer of the model and in a
/// [`ValidatorCache`](super::ValidatorCache).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Question {
    /// The judge's provider and its address: a proxy of the same name may be something else.
    pub(super) provider: Cow<'static, str>,
    pub(super) base_url: Arc<str>,
    pub(super) model: Arc<str>,
    /// The statement, its variables put in; `None` asks for moderation.
    pub(super) statement: Option<Cow<'static, str>>,
    /// The value, as JSON text.
    pub(super) value: String,
}

/// The verdict on one value.
#[derive(Debug, Clone, Deserialize, ResponseModel)]
#[response_model(crate = crate)]
pub(super) struct Verdict {
    /// Whether the candidate value satisfies the validation rule.
    pub(super) is_valid: bool,
    /// Why it does not; null if it does.
    pub(super) reason: Option<String>,
    /// A value that satisfies the rule: plain text if the candidate value is text, JSON otherwise; null if it is valid
    /// already.
    pub(super) fixed_value: Option<String>,
}
