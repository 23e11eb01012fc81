//! Every attribute, under lints that generated code must not trip.
#![forbid(unsafe_code)]
#![deny(
    warnings,
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    unused_qualifications,
    unused_results,
    single_use_lifetimes,
    trivial_casts,
    variant_size_differences,
    rust_2018_idioms
)]

use std::collections::HashMap;

use instructor::ResponseModel;
use serde::Deserialize;

/// Who may do it.
#[derive(Debug)]
pub struct Team {
    /// Their names.
    pub members: Vec<String>,
}

/// How urgent it is.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, ResponseModel)]
#[serde(rename_all = "snake_case", expecting = "a priority")]
pub enum Priority {
    /// Can wait.
    Low,
    /// Today.
    #[serde(rename = "now")]
    High,
    /// Not said.
    #[serde(skip)]
    Unset,
}

/// Something to do.
#[derive(Debug, Default, Deserialize, ResponseModel)]
#[serde(rename = "task", rename_all = "camelCase", default)]
#[response_model(context = Team)]
#[llm_validate("the parts add up")]
pub struct Task {
    /// What to do.
    #[validate(length(min = 1, max = 60))]
    #[llm_validate("concise and engaging")]
    #[llm_validate("no names", model = "gpt-4o-mini", allow_override, on_error = reject)]
    #[moderate(model = "openai/omni-moderation-latest", on_error = accept)]
    pub title: String,
    /// How often.
    #[validate(range(min = 1))]
    pub r#loop: u8,
    /// How hot.
    #[validate(range(min = -273.15, max = 1_000.0))]
    pub temperature: Option<f64>,
    /// Where.
    #[validate(pattern(r"^\d{5}$"), length(max = 5))]
    #[serde(rename(deserialize = "zip", serialize = "postcode"), skip_serializing_if = "Option::is_none")]
    pub zip_code: Option<Box<String>>,
    /// How urgent.
    pub priority: Option<Priority>,
    /// Words.
    #[llm_validate("a word that everybody knows", each)]
    #[moderate(each)]
    #[validate(length(max = 3))]
    #[serde(default = "Vec::new")]
    pub tags: Vec<String>,
    /// Notes.
    #[validate(length(min = 0))]
    pub notes: HashMap<String, String>,
    /// Smaller ones.
    pub parts: Vec<Self>,
    /// Old.
    #[deprecated]
    pub old: bool,
    /// Ours.
    #[serde(skip)]
    pub cache: std::cell::Cell<u8>,
}

/// Nothing to fill in.
#[derive(Debug, Clone, Copy, Deserialize, ResponseModel)]
pub struct Empty {}

fn main() {
    fn is_field<T: ResponseModel>() {}
    is_field::<Vec<Task>>();
    is_field::<Priority>();
    assert_eq!(Empty::SCHEMA.name, "Empty");
}
