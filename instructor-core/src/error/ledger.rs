//! The attempts that an error carries, and what they add up to.

use super::Error;
use crate::attempt::Attempt;
use crate::cost::Cost;
use crate::response::Usage;
use crate::validate::ValidationErrors;

impl Error {
    /// The attempts made before this error; none if it came before the first request.
    pub fn attempts(&self) -> &[Attempt] {
        match self {
            Error::Api { attempts, .. }
            | Error::Transport { attempts, .. }
            | Error::Decode { attempts, .. }
            | Error::Incomplete { attempts, .. }
            | Error::Refused { attempts, .. }
            | Error::Exhausted { attempts, .. }
            | Error::Validator { attempts, .. }
            | Error::Timeout { attempts, .. }
            | Error::BudgetExceeded { attempts, .. }
            | Error::BudgetUnknown { attempts, .. } => attempts,
            Error::MissingApiKey { .. }
            | Error::InvalidApiKey { .. }
            | Error::UnknownProvider { .. }
            | Error::InvalidModel { .. }
            | Error::InvalidBaseUrl { .. }
            | Error::PlainHttp { .. }
            | Error::InvalidAmount { .. }
            | Error::UnsupportedMode { .. }
            | Error::NoTransport
            | Error::Request(_)
            | Error::Item { .. }
            | Error::Template { .. }
            | Error::NoModeration { .. }
            | Error::Tracing(_) => &[],
        }
    }

    /// The attempt that came nearest to a valid answer: of those with an answer, the one with the fewest errors, and of these the
    /// last. Its [`Attempt::answer`] is the JSON text, and its [`Attempt::errors`] say what is wrong with it.
    pub fn best_attempt(&self) -> Option<&Attempt> {
        let answered = |attempt: &&Attempt| attempt.answer.is_some();
        let errors = |attempt: &&Attempt| {
            let errors = attempt.errors.as_ref();
            errors.map_or(0, |errors| errors.len() + errors.omitted())
        };
        // Of several least elements `min_by_key` takes the first.
        self.attempts()
            .iter()
            .rev()
            .filter(answered)
            .min_by_key(errors)
    }

    pub(crate) fn set_attempts(&mut self, ledger: Vec<Attempt>) {
        match self {
            Error::Api { attempts, .. }
            | Error::Transport { attempts, .. }
            | Error::Decode { attempts, .. }
            | Error::Incomplete { attempts, .. }
            | Error::Refused { attempts, .. }
            | Error::Exhausted { attempts, .. }
            | Error::Validator { attempts, .. }
            | Error::Timeout { attempts, .. }
            | Error::BudgetExceeded { attempts, .. }
            | Error::BudgetUnknown { attempts, .. } => *attempts = ledger,
            Error::MissingApiKey { .. }
            | Error::InvalidApiKey { .. }
            | Error::UnknownProvider { .. }
            | Error::InvalidModel { .. }
            | Error::InvalidBaseUrl { .. }
            | Error::PlainHttp { .. }
            | Error::InvalidAmount { .. }
            | Error::UnsupportedMode { .. }
            | Error::NoTransport
            | Error::Request(_)
            | Error::Item { .. }
            | Error::Template { .. }
            | Error::NoModeration { .. }
            | Error::Tracing(_) => {}
        }
    }

    /// Tokens of all attempts, LLM validators included.
    pub fn usage(&self) -> Usage {
        self.attempts().iter().map(Attempt::usage).sum()
    }

    /// What all attempts cost, LLM validators included; `None` as in [`Attempt::cost`].
    pub fn cost(&self) -> Option<Cost> {
        self.attempts().iter().map(Attempt::cost).sum()
    }

    /// What was wrong with the last answer, if validation is why there is no value.
    pub fn validation_errors(&self) -> Option<&ValidationErrors> {
        match self {
            Error::Exhausted { attempts, .. } | Error::BudgetExceeded { attempts, .. } => {
                attempts.last()?.errors.as_ref()
            }
            Error::Item { errors, .. } => Some(errors),
            _ => None,
        }
    }
}
