//! The functions of the user's own that stand before and after everything else that needs no model: `before` and `custom_async`.

use futures_util::future::join_all;
use serde_json::Value;

use super::{Conditions, cheap};
use crate::context::Context;
use crate::inspect::{self, AsyncFault};
use crate::leniency::{Correction, Leniency};
use crate::model::ResponseModel;
use crate::outcome::{Accepted, Rejected};
use crate::schema::Schema;
use crate::validate::ValidationErrors;
use crate::{answer, parse};

/// Parses and checks `text`, whose values are first put into shape by the functions of `before = path`.
pub(super) fn shaped<T: ResponseModel>(
    text: &str,
    conditions: Conditions<'_>,
    corrections: &mut Vec<Correction>,
) -> Result<Accepted<T>, Rejected> {
    let shape = T::SCHEMA
        .has_before()
        .then(|| shape::<T>(text, conditions.leniency))
        .flatten();
    let Some((text, mut noted)) = shape else {
        return cheap::<T>(text, conditions, corrections);
    };
    corrections.append(&mut noted);
    let Accepted { value, corrected } = cheap::<T>(&text, conditions, corrections)?;
    Ok(Accepted {
        value,
        corrected: corrected.or(Some(text)),
    })
}

/// The text with its values in shape, and what had to be put right to read it; `None` where there is nothing to shape, or what is
/// wrong with the text is to be told first.
fn shape<T: ResponseModel>(text: &str, leniency: Leniency) -> Option<(String, Vec<Correction>)> {
    let mut found = parse::json(text, leniency).ok()?;
    answer::check_wrapper::<T>(&found.text).ok()?;
    let mut duplicates = Vec::new();
    let mut value = parse::value_noting_duplicates(&found.text, &mut duplicates).ok()?;
    if leniency == Leniency::Strict && !duplicates.is_empty() {
        return None;
    }
    if !inspect::put_into_shape(T::SCHEMA, &mut value) {
        return None;
    }
    found.corrections.append(&mut duplicates);
    Some((parse::written(&found.text, &value), found.corrections))
}

/// Runs the functions of `custom_async = path`, all at the same time: they wait for the user's own services.
pub(super) async fn asynchronous(
    schema: &Schema,
    answer: &Value,
    context: &Context,
) -> Result<(), ValidationErrors> {
    if !schema.has_async_rules() {
        return Ok(());
    }
    let faults = inspect::async_faults(schema, answer, context);
    let found = join_all(faults.into_iter().map(AsyncFault::found)).await;
    let mut errors = ValidationErrors::new();
    found
        .into_iter()
        .flatten()
        .for_each(|error| errors.push(error));
    if errors.is_empty() {
        Ok(())
    } else {
        Err(errors)
    }
}
