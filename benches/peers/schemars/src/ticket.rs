//! The answer's type.
#![expect(dead_code, reason = "only the schema is asked for")]

use schemars::JsonSchema;
use serde::Deserialize;

/// A support ticket, read from a customer's message.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Ticket {
    /// The problem in one sentence.
    title: String,
    /// How urgent it is.
    priority: Priority,
    /// The customer's account number, if the message names one.
    account: Option<String>,
    /// Words to find the ticket by.
    tags: Vec<String>,
    /// What has to be done, in order.
    steps: Vec<Step>,
}

/// How urgent a ticket is.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Priority {
    Low,
    Normal,
    High,
    Urgent,
}

/// One thing to do.
#[derive(Debug, Deserialize, JsonSchema)]
struct Step {
    /// What to do.
    summary: String,
    /// Who does it, if anyone is named.
    owner: Option<String>,
    /// How long it takes, in minutes.
    minutes: u32,
}
