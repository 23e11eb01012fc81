//! Rules that no code can check: a service judges them.

/// A rule of `#[llm_validate("...")]` or `#[moderate]`, on a field or on a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct LlmRule {
    /// What must be true of the value.
    pub criterion: Criterion,
    /// Who judges: a validator registered under this name, `provider/model`, or a model of the judging client's provider;
    /// `None` for the model that judges by default.
    pub model: Option<&'static str>,
    /// Take the judge's replacement value instead of asking again.
    pub allow_override: bool,
    /// Judge each item of the list, or each value of the map, by itself.
    pub each: bool,
    /// What happens to the value if there is no verdict.
    pub on_error: OnError,
}

/// What must be true of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Criterion {
    /// This statement.
    Statement(&'static str),
    /// This statement, once the variables of the call's context are put into it.
    Template(&'static str),
    /// The provider's moderation endpoint does not flag it.
    Moderation,
}

/// What happens to a value whose judge gives no verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OnError {
    /// The call ends with [`Error::Validator`](crate::Error::Validator).
    Reject,
    /// The value passes; the ledger says why nobody judged it.
    Accept,
}

impl LlmRule {
    /// The rule that `criterion` is true, judged by default.
    pub const fn new(criterion: Criterion) -> LlmRule {
        LlmRule {
            criterion,
            model: None,
            allow_override: false,
            each: false,
            on_error: OnError::Reject,
        }
    }

    /// The same rule, judged by `model`.
    #[must_use]
    pub const fn with_model(mut self, model: &'static str) -> LlmRule {
        self.model = Some(model);
        self
    }

    /// The same rule; the judge's replacement is taken.
    #[must_use]
    pub const fn with_override(mut self) -> LlmRule {
        self.allow_override = true;
        self
    }

    /// The same rule about each item.
    #[must_use]
    pub const fn of_each(mut self) -> LlmRule {
        self.each = true;
        self
    }

    /// The same rule; a value that cannot be judged passes.
    #[must_use]
    pub const fn accepting_errors(mut self) -> LlmRule {
        self.on_error = OnError::Accept;
        self
    }
}
