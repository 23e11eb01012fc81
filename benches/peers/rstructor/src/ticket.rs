//! The answer's type.

use harness::CallError;
use rstructor::Instructor;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Instructor)]
#[llm(description = "A support ticket, read from a customer's message.")]
pub(crate) struct Ticket {
    #[llm(description = "The problem in one sentence.")]
    pub(crate) title: String,
    #[llm(description = "How urgent it is.")]
    pub(crate) priority: Priority,
    #[llm(description = "The customer's account number, if the message names one.")]
    pub(crate) account: Option<String>,
    #[llm(description = "Words to find the ticket by.")]
    pub(crate) tags: Vec<String>,
    #[llm(description = "What has to be done, in order.")]
    pub(crate) steps: Vec<Step>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Instructor)]
#[llm(description = "How urgent a ticket is.")]
#[serde(rename_all = "snake_case")]
pub(crate) enum Priority {
    Low,
    Normal,
    High,
    Urgent,
}

#[derive(Debug, Serialize, Deserialize, Instructor)]
#[llm(description = "One thing to do.")]
pub(crate) struct Step {
    #[llm(description = "What to do.")]
    pub(crate) summary: String,
    #[llm(description = "Who does it, if anyone is named.")]
    pub(crate) owner: Option<String>,
    #[llm(description = "How long it takes, in minutes.")]
    pub(crate) minutes: u32,
}

impl Ticket {
    /// That the canned answer came through whole.
    pub(crate) fn check(&self) -> Result<(), CallError> {
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
