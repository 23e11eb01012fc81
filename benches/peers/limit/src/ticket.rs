//! The answer's type.

use harness::CallError;
use serde::Deserialize;

/// A support ticket, read from a customer's message.
#[derive(Debug, Deserialize)]
pub struct Ticket {
    /// The problem in one sentence.
    pub title: String,
    /// How urgent it is.
    pub priority: Priority,
    /// The customer's account number, if the message names one.
    pub account: Option<String>,
    /// Words to find the ticket by.
    pub tags: Vec<String>,
    /// What has to be done, in order.
    pub steps: Vec<Step>,
}

/// How urgent a ticket is.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    Low,
    Normal,
    High,
    Urgent,
}

/// One thing to do.
#[derive(Debug, Deserialize)]
pub struct Step {
    /// What to do.
    pub summary: String,
    /// Who does it, if anyone is named.
    pub owner: Option<String>,
    /// How long it takes, in minutes.
    pub minutes: u32,
}

impl Ticket {
    /// That the canned answer came through whole.
    pub fn check(&self) -> Result<(), CallError> {
        let is_whole = !self.title.is_empty()
            && self.priority == Priority::Urgent
            && self.account.is_some()
            && self.tags.len() == 3
            && self.steps.iter().map(|step| step.minutes).sum::<u32>() == 160
            && self
                .steps
                .iter()
                .filter(|step| step.owner.is_some())
                .count()
                == 2
            && self.steps.iter().all(|step| !step.summary.is_empty());
        is_whole
            .then_some(())
            .ok_or_else(|| format!("not the canned ticket: {self:?}").into())
    }
}
