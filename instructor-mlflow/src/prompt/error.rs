//! What can be wrong with the values for a prompt.

/// Why a prompt could not be filled with values. None of these errors shows a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormatError {
    /// Variables without a value, or values without a variable.
    #[error("the prompt {prompt} {}", difference(.missing, .unknown, .known))]
    Variables {
        /// The prompt, for example `greeting/3`.
        prompt: String,
        /// Its variables that have no value.
        missing: Vec<String>,
        /// Values that it has no variable for.
        unknown: Vec<String>,
        /// All of its variables.
        known: Vec<String>,
    },
    /// The values are no JSON object.
    #[error(
        "the values for the prompt {prompt} have no names: {reason}; give a struct, a map or an object"
    )]
    Values {
        /// The prompt, for example `greeting/3`.
        prompt: String,
        /// What they are instead.
        reason: String,
    },
    /// A chat prompt is messages, and no text.
    #[error("the prompt {prompt} is made of messages: call `format_messages`")]
    Chat {
        /// The prompt, for example `greeting/3`.
        prompt: String,
    },
    /// The template has statements of Jinja2, which only MLflow's Python client carries out.
    #[error(
        "the prompt {prompt} has Jinja2 statements ({{% ... %}}), which are not carried out here: register it with \
         variables only ({{{{ name }}}})"
    )]
    Jinja {
        /// The prompt, for example `greeting/3`.
        prompt: String,
    },
}

fn difference(missing: &[String], unknown: &[String], known: &[String]) -> String {
    let mut parts = Vec::new();
    if !missing.is_empty() {
        parts.push(format!("lacks values for {}", list(missing)));
    }
    if !unknown.is_empty() {
        let known = match known {
            [] => "it has no variables".into(),
            known => format!("its variables are {}", list(known)),
        };
        parts.push(format!("has no variable {} ({known})", list(unknown)));
    }
    parts.join(" and ")
}

fn list(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

impl From<FormatError> for instructor_core::Error {
    /// For `?` in a function that returns `instructor::Result`.
    fn from(error: FormatError) -> Self {
        instructor_core::Error::Request(error.to_string())
    }
}
