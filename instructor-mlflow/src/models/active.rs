//! The model that traces belong to from now on.

use crate::config::Settings;
use crate::error::InitError;
use crate::process;

/// Which logged model traces belong to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum ActiveModel {
    #[default]
    None,
    /// A version of it for each definition, which is found or created.
    Name(String),
    /// This one, which is there.
    Id(String),
}

/// What MLflow takes in no name of a logged model.
const REFUSED: &[char] = &['/', ':', '.', '%', '"', '\''];

/// The most characters of a name.
const LONGEST_NAME: usize = 500;

impl ActiveModel {
    /// The model, if its name can be one.
    pub(crate) fn checked(self) -> Result<ActiveModel, InitError> {
        match &self {
            ActiveModel::Name(name) if !is_name(name) => {
                Err(InitError::InvalidModelName { name: name.clone() })
            }
            _ => Ok(self),
        }
    }
}

/// Whether MLflow takes `name` for a logged model.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(REFUSED) && name.chars().count() <= LONGEST_NAME
}

/// From now on every trace belongs to a logged model called `name`: it carries `mlflow.modelId`.
///
/// There is one version of the model for each definition, that is for each combination of response model (its schema, rules and LLM
/// rules), provider, model, mode and version of this crate. The exporter finds it by its hash, or creates it, in the background; a
/// program that runs again finds the version of its first run, a changed schema makes a new one. A trace of several calls belongs
/// to the version of the call that finished first.
///
/// Works before tracing is turned on as well. Servers have logged models since MLflow 3.0; on others traces go on without.
///
/// ```no_run
/// # fn main() -> Result<(), instructor_mlflow::InitError> {
/// let _mlflow = instructor_mlflow::autolog().experiment("emails").init()?;
/// instructor_mlflow::set_active_model("email-writer")?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`InitError::InvalidModelName`], or if the environment holds a setting that cannot be read.
pub fn set_active_model(name: impl Into<String>) -> Result<(), InitError> {
    set(ActiveModel::Name(name.into()))
}

/// From now on every trace belongs to the logged model with this id, for example `m-2898d905ffc3498890d9a9aae910642a`. Nothing is
/// created, and nobody asks whether it is there.
///
/// The environment variable `MLFLOW_ACTIVE_MODEL_ID` does the same from the start.
///
/// # Errors
///
/// If the environment holds a setting that cannot be read.
pub fn set_active_model_id(id: impl Into<String>) -> Result<(), InitError> {
    set(ActiveModel::Id(id.into()))
}

/// From now on traces belong to no logged model, whatever `MLFLOW_ACTIVE_MODEL_ID` says.
///
/// # Errors
///
/// If the environment holds a setting that cannot be read.
pub fn clear_active_model() -> Result<(), InitError> {
    set(ActiveModel::None)
}

fn set(model: ActiveModel) -> Result<(), InitError> {
    process::set(Settings {
        active_model: Some(model),
        ..Settings::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_the_server_would_refuse_is_refused_at_once() {
        for name in [
            "",
            "a/b",
            "a:b",
            "a.b",
            "50%",
            "it's",
            "\"a\"",
            &"a".repeat(501),
        ] {
            let outcome = ActiveModel::Name(name.to_owned()).checked();
            assert!(
                matches!(outcome, Err(InitError::InvalidModelName { .. })),
                "{name}"
            );
        }
        for name in ["emails", "Email writer 2 (ä)", &"a".repeat(500)] {
            assert!(
                ActiveModel::Name(name.to_owned()).checked().is_ok(),
                "{name}"
            );
        }
    }
}
