//! `Maybe<T>`: an answer that the text need not hold.

use instructor_derive::ResponseModel;
use serde::{Deserialize, Serialize};

// A derive reads doc comments, and no files: the model is shown the first sentences alone.
/// What was found, if it was. If it is there, fill in `result`. If it is not, do not make one up: leave `result` null, set
/// `error` to true, and say in `message` what is missing.
#[doc = include_str!("../docs/maybe.md")]
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ResponseModel)]
#[response_model(crate = crate)]
#[non_exhaustive]
pub struct Maybe<T> {
    /// What was asked for; null if it is not there.
    pub result: Option<T>,
    /// Whether it is not there.
    pub error: bool,
    /// Why it is not there; null if it is.
    pub message: Option<String>,
}

impl<T> Maybe<T> {
    /// An answer that is there.
    pub const fn found(result: T) -> Self {
        Maybe {
            result: Some(result),
            error: false,
            message: None,
        }
    }

    /// No answer, and why.
    pub fn not_found(message: impl Into<String>) -> Self {
        Maybe {
            result: None,
            error: true,
            message: Some(message.into()),
        }
    }

    /// Whether there is an answer: a result, of which the model does not say that it is none.
    pub const fn is_found(&self) -> bool {
        self.result.is_some() && !self.error
    }

    /// The answer.
    ///
    /// # Errors
    ///
    /// If there is none, with the model's reason. A result of which the model says that it is none is not taken for one.
    pub fn into_result(self) -> Result<T, NotFound> {
        match self.result {
            Some(result) if !self.error => Ok(result),
            _ => Err(NotFound {
                message: self.message,
            }),
        }
    }
}

impl<T> From<Maybe<T>> for Result<T, NotFound> {
    fn from(maybe: Maybe<T>) -> Self {
        maybe.into_result()
    }
}

/// The text does not hold what was asked for: the error of [`Maybe::into_result`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not found{}", reason(.message))]
#[non_exhaustive]
pub struct NotFound {
    /// Why, in the model's words, if it gave any.
    pub message: Option<String>,
}

fn reason(message: &Option<String>) -> String {
    message
        .as_ref()
        .map(|message| format!(": {message}"))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<u8, String> {
        let maybe: Maybe<u8> = serde_json::from_str(json).expect(json);
        assert_eq!(maybe.is_found(), maybe.clone().into_result().is_ok());
        maybe.into_result().map_err(|error| error.to_string())
    }

    #[test]
    fn a_result_counts_unless_the_model_says_that_it_is_none() {
        assert_eq!(read(r#"{"result": 1, "error": false}"#), Ok(1));
        assert_eq!(
            read(r#"{"result": 0, "error": false, "message": "sure"}"#),
            Ok(0)
        );
        let none = Err("not found".to_owned());
        assert_eq!(read(r#"{"error": false}"#), none);
        assert_eq!(read(r#"{"result": 1, "error": true}"#), none);
        let reason = Err("not found: nobody".to_owned());
        assert_eq!(
            read(r#"{"result": null, "error": true, "message": "nobody"}"#),
            reason
        );
    }

    #[test]
    fn an_answer_of_another_shape_does_not_pass_for_an_absent_one() {
        for json in ["{}", r#"{"name": "Ann"}"#] {
            serde_json::from_str::<Maybe<u8>>(json).expect_err(json);
        }
    }

    #[test]
    fn what_is_built_by_hand_reads_back() {
        for maybe in [Maybe::found(1_u8), Maybe::not_found("nobody")] {
            let json = serde_json::to_string(&maybe).expect("JSON");
            assert_eq!(
                serde_json::from_str::<Maybe<u8>>(&json).expect("reads"),
                maybe
            );
        }
        assert_eq!(Result::from(Maybe::found(1)), Ok(1));
    }
}
