//! What the judges by LLM rules find, and what they put in its place.

use serde_json::Value;

use crate::attempt::ValidatorCall;
use crate::error::Error;
use crate::inspect;
use crate::llm_rule::{self, Finding, Panel};
use crate::outcome::Rejected;
use crate::pointer::is_within;
use crate::schema::Schema;
use crate::validate::ValidationErrors;

/// Runs the LLM rules and puts the suggested replacements into `value`; gives the faults that they mend.
pub(super) async fn judged(
    schema: &Schema,
    value: &mut Value,
    panel: &Panel,
    calls: &mut Vec<ValidatorCall>,
) -> Result<ValidationErrors, Rejected> {
    let mut broken = ValidationErrors::new();
    let mut mended = ValidationErrors::new();
    let mut places: Vec<String> = Vec::new();
    let mut failed = None;
    let targets = inspect::llm_targets(schema, value);
    let findings = llm_rule::judge_all(panel, targets, calls).await;
    for (call, finding) in calls.iter_mut().zip(findings) {
        match finding {
            Finding::Holds => {}
            Finding::Broken(error) => broken.push(error),
            // What was judged is no longer there: another rule's replacement stands in its place.
            Finding::Replaceable { error, pointer, .. }
                if places.iter().any(|place| is_within(&pointer, place)) =>
            {
                broken.push(error);
            }
            Finding::Replaceable {
                error,
                pointer,
                replacement,
            } => {
                call.replaced_by = Some(replacement.to_string());
                mended.push(error);
                if let Some(place) = value.pointer_mut(&pointer) {
                    *place = replacement;
                }
                places.push(pointer);
            }
            Finding::Failed(error) => {
                failed.get_or_insert(Error::Validator {
                    path: call.path.clone(),
                    error,
                    attempts: Vec::new(),
                });
            }
        }
    }
    match failed {
        Some(error) => Err(Rejected::Failed(Box::new(error))),
        None if broken.is_empty() => Ok(mended),
        None => Err(Rejected::Invalid(broken)),
    }
}
