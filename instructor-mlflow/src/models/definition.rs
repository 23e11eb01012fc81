//! What defines a logged model: all that changes the answers of a response model and is known before a call.

use std::fmt::Write as _;

use instructor_core::schema::WrittenRule;
use instructor_core::trace::Recording;
use instructor_core::{Mode, Schema};
use sha2::{Digest, Sha256};

/// The most characters of a parameter: stores of files refuse or cut longer ones.
pub(super) const LONGEST_PARAM: usize = 6000;

/// The definition of one version of a model.
#[derive(Debug)]
pub(crate) struct Definition {
    pub(super) schema: &'static Schema,
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
    pub(super) mode: Option<Mode>,
}

impl Asked {
    /// What the recording of a call says.
    pub(super) fn of(recording: &Recording) -> Option<Asked> {
        let request = recording.request.as_ref()?;
        Some(Asked {
            provider: recording.provider.as_deref()?.to_owned(),
            model: request.model.to_string(),
            mode: Some(request.mode),
        })
    }
}

impl Definition {
    /// The definition of `schema`, of a type that was never asked for if `asked` is `None`.
    pub(super) fn new(schema: &'static Schema, asked: Option<&Asked>) -> Definition {
        let text = schema.standard();
        let mode = asked.and_then(|asked| asked.mode).map(Mode::as_str);
        let params = [
            ("response_model", Some(schema.name.to_owned())),
            ("description", Some(schema.description.to_owned())),
            ("schema", Some(text.to_owned())),
            ("schema_hash", Some(sha256(text.as_bytes()))),
            ("rules", Some(lines(&schema.written_rules()))),
            ("llm_rules", Some(lines(&schema.written_llm_rules()))),
            ("provider", asked.map(|asked| asked.provider.clone())),
            ("model", asked.map(|asked| asked.model.clone())),
            ("mode", mode.map(str::to_owned)),
            (
                "instructor_version",
                Some(env!("CARGO_PKG_VERSION").to_owned()),
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
            schema,
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

fn lines(rules: &[WrittenRule]) -> String {
    let lines = rules
        .iter()
        .map(|rule| format!("{}: {}", rule.place, rule.text));
    lines.collect::<Vec<_>>().join("\n")
}
