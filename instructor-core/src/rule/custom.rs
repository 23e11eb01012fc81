//! `custom = path`: a function of the user's own, which says what is wrong with a value.
//!
//! The derive writes a function around it of the one type [`Function`], so that a mistake in it is told once, and where it is
//! named.

use std::fmt::Display;
use std::future::Future;
use std::pin::Pin;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Checks;
use crate::context::Context;
use crate::validate::{ErrorCode, Path, ValidationError};

/// What is wrong with a value of type `T`, if anything.
pub type Function<T> = fn(&T, &Context) -> Option<String>;

/// The same for its JSON. What is no `T` has no fault of this kind.
pub type JsonFunction = fn(&Value, &Context) -> Option<String>;

/// What an asynchronous function of the user's will say of a JSON value. What is no value of its type has no fault of this kind.
pub type AsyncFunction = fn(&Value, Context) -> Pending;

/// A [`AsyncFunction`] at work.
pub type Pending = Pin<Box<dyn Future<Output = Option<String>> + Send>>;

/// Has `ask` put its question about a JSON value of type `T`. Generated code calls this.
pub fn pending<T, F>(
    json: &Value,
    context: Context,
    ask: impl FnOnce(T, Context) -> F + Send + 'static,
) -> Pending
where
    T: DeserializeOwned + Send + 'static,
    F: Future<Output = Option<String>> + Send + 'static,
{
    let value = T::deserialize(json).ok();
    Box::pin(async move { ask(value?, context).await })
}

/// What the user's function said.
pub fn fault<E: Display>(outcome: Result<(), E>) -> Option<String> {
    outcome.err().map(|error| error.to_string())
}

/// Asks the user's function about a JSON value.
pub fn of_json<T: DeserializeOwned>(
    json: &Value,
    context: &Context,
    function: Function<T>,
) -> Option<String> {
    T::deserialize(json)
        .ok()
        .and_then(|value| function(&value, context))
}

/// Notes what the user's function found. Generated code calls this.
pub fn check(fault: Option<String>, path: &Path<'_>, checks: &mut Checks<'_>) {
    if let Some(fault) = fault {
        checks.push(ValidationError::new(path, ErrorCode::Custom, fault));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    struct Limit(u8);

    fn within_limit(value: &u8, context: &Context) -> Option<String> {
        let limit = context.get::<Limit>()?;
        fault(if *value > limit.0 {
            Err(format!("must be at most {}", limit.0))
        } else {
            Ok(())
        })
    }

    #[test]
    fn the_function_sees_the_context_and_what_is_a_value() {
        let context = Context::new().with_extension(Limit(3));
        let ask = |json: Value| of_json(&json, &context, within_limit);
        assert_eq!(ask(json!(3)), None);
        assert_eq!(ask(json!(4)).as_deref(), Some("must be at most 3"));
        assert_eq!(ask(json!("4")), None);
    }
}
