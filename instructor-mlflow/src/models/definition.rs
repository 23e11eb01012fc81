//! What defines a logged model: all that changes the answers of a response model and is known before a call.

use std::fmt::Write as _;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::record::{Call, ResponseModel, Rule};

/// The most characters of a parameter: stores of files refuse or cut longer ones.
pub(super) const LONGEST_PARAM: usize = 6000;

/// The definition of one version of a model.
#[derive(Debug)]
pub(crate) struct Definition {
    pub(super) response_model: Arc<ResponseModel>,
    /// Parameters of the logged model, whole.
    pub(super) params: Vec<(&'static str, String)>,
    /// SHA-256 of all parameters: two definitions are the same if their hashes are.
    pub(super) hash: String,
}

/// Who is asked, and how.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Asked {
    pub(super) provider: String,
    pub(super) model: String,
    /// The name of the mode.
    pub(super) mode: Option<String>,
}

impl Asked {
    /// What the span of a call says.
    pub(super) fn of(call: &Call<'_>) -> Option<Asked> {
        let request = call.request.as_ref()?;
        Some(Asked {
            provider: call.provider.as_deref()?.to_owned(),
            model: request.model.to_string(),
            mode: Some(request.mode.to_string()),
        })
    }
}

impl Definition {
    /// The definition of `response_model`, of a type that was never asked for if `asked` is `None`.
    pub(super) fn new(response_model: Arc<ResponseModel>, asked: Option<&Asked>) -> Definition {
        let schema = &response_model.schema;
        let params = [
            ("response_model", Some(response_model.name.clone())),
            ("description", Some(response_model.description.clone())),
            ("schema", Some(schema.clone())),
            ("schema_hash", Some(sha256(schema.as_bytes()))),
            ("rules", Some(lines(&response_model.rules))),
            ("llm_rules", Some(lines(&response_model.llm_rules))),
            ("provider", asked.map(|asked| asked.provider.clone())),
            ("model", asked.map(|asked| asked.model.clone())),
            ("mode", asked.and_then(|asked| asked.mode.clone())),
            (
                "instructor_version",
                Some(response_model.instructor_version.clone()),
            ),
        ];
        let params: Vec<_> = params
            .into_iter()
            .filter_map(|(key, value)| Some((key, value?)))
            .filter(|(_, value)| !value.is_empty())
            .collect();
        // Neither keys nor values hold a zero, so different parameters are different texts.
        let mut whole = String::new();
        for (key, value) in &params {
            let _ = write!(whole, "{key}\0{value}\0");
        }
        Definition {
            response_model,
            hash: sha256(whole.as_bytes()),
            params,
        }
    }

    pub(super) fn param(&self, key: &str) -> Option<&str> {
        let found = self.params.iter().find(|(name, _)| *name == key);
        found.map(|(_, value)| value.as_str())
    }
}

/// In hexadecimal digits.
fn sha256(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn lines(rules: &[Rule]) -> String {
    let lines = rules
        .iter()
        .map(|rule| format!("{}: {}", rule.place, rule.rule));
    lines.collect::<Vec<_>>().join("\n")
}
