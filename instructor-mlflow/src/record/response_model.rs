//! A response model, as far as traces and logged models tell of it.

use std::collections::HashMap;
use std::ptr;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use instructor_core::Schema;
use instructor_core::schema::{Dialect, WrittenRule};
use serde::{Deserialize, Serialize};

use super::Defined;

/// A response model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ResponseModel {
    pub(crate) name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) description: String,
    /// The schema in standard JSON Schema.
    pub(crate) schema: String,
    /// The schema in the other dialects.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) dialects: Vec<InDialect>,
    /// What code checks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) rules: Vec<Rule>,
    /// What models are asked about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) llm_rules: Vec<Rule>,
    /// The tools that are offered in its place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) tools: Vec<Tool>,
    /// The version of the framework that it was part of.
    pub(crate) instructor_version: String,
}

/// The schema in the words of a dialect, or why it has none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct InDialect {
    pub(crate) dialect: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) schema: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
}

/// A rule, and the place where it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Rule {
    pub(crate) place: String,
    pub(crate) rule: String,
}

/// A variant that is a tool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tool {
    pub(crate) name: String,
    pub(crate) schema: String,
}

/// The dialects beside the standard, and what they are called here.
const DIALECTS: [(Dialect, &str); 3] = [
    (Dialect::OpenAiStrict, "openai_strict"),
    (Dialect::Anthropic, "anthropic"),
    (Dialect::Gemini, "gemini"),
];

impl ResponseModel {
    /// The definition of a schema, which is made once.
    pub(crate) fn of(schema: &'static Schema) -> Arc<Defined<ResponseModel>> {
        static KNOWN: LazyLock<RwLock<HashMap<usize, Arc<Defined<ResponseModel>>>>> =
            LazyLock::new(RwLock::default);
        let address = ptr::from_ref(schema).addr();
        let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(&address) {
            return known.clone();
        }
        drop(known);
        let made = Arc::new(Defined::new(ResponseModel::new(schema)));
        let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
        known.entry(address).or_insert(made).clone()
    }

    fn new(schema: &'static Schema) -> ResponseModel {
        let dialects = DIALECTS.map(|(dialect, name)| {
            let text = schema.text(dialect);
            InDialect {
                dialect: name.to_owned(),
                schema: text.ok().map(str::to_owned),
                reason: text.err().map(|error| error.reason.to_owned()),
            }
        });
        let tools = schema.tools().map(|set| set.schemas.as_slice());
        let tools = tools.unwrap_or_default().iter().map(|tool| Tool {
            name: tool.name.to_owned(),
            schema: tool.standard().to_owned(),
        });
        ResponseModel {
            name: schema.name.to_owned(),
            description: schema.description.to_owned(),
            schema: schema.standard().to_owned(),
            dialects: dialects.into(),
            rules: rules(schema.written_rules()),
            llm_rules: rules(schema.written_llm_rules()),
            tools: tools.collect(),
            instructor_version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}

fn rules(written: Vec<WrittenRule>) -> Vec<Rule> {
    let rules = written.into_iter().map(|rule| Rule {
        place: rule.place,
        rule: rule.text,
    });
    rules.collect()
}
