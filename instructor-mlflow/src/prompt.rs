//! Prompts that are kept on the tracking server, by name and version.

mod error;
mod link;
mod reference;
mod register;
mod registry;
mod template;
mod uses;

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::Arc;

use instructor_core::Message;
use serde::Serialize;

pub use error::FormatError;
pub(crate) use link::{LINK_PATH, LINKED_PROMPTS_TAG, link_body, linked_prompts};
pub(crate) use reference::PromptReference;
pub use register::{PromptTemplate, RegisterPrompt};
use template::{Template, Values};
pub(crate) use uses::prompts_in;

use crate::api::{Tracking, TrackingError};

/// A version of a prompt, as the tracking server keeps it.
///
/// A call whose message is what [`format`](Prompt::format) gave is linked to the version: the page of the trace shows it, and
/// `prompt = 'name/version'` finds the trace. The whole text of a message counts, not a part of it; other calls are linked by
/// [`link_prompt`](crate::link_prompt).
#[derive(Debug, Clone, PartialEq)]
pub struct Prompt {
    reference: Arc<PromptReference>,
    text: String,
    body: Body,
    variables: Vec<String>,
    commit_message: Option<String>,
    tags: BTreeMap<String, String>,
    aliases: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
enum Body {
    Text(Template),
    Chat(Vec<Turn>),
}

/// One message of a chat prompt.
#[derive(Debug, Clone, PartialEq)]
struct Turn {
    role: instructor_core::Role,
    template: Template,
}

impl Prompt {
    /// The name.
    pub fn name(&self) -> &str {
        &self.reference.name
    }

    /// The version, from 1.
    pub fn version(&self) -> u32 {
        self.reference.version
    }

    /// What the registry keeps: the text with its variables, or for a chat prompt the JSON text of its messages.
    pub fn template(&self) -> &str {
        &self.text
    }

    /// Whether it is made of messages.
    pub fn is_chat(&self) -> bool {
        matches!(self.body, Body::Chat(_))
    }

    /// The names of its variables, each once, in the order in which they stand in the template.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.variables.iter().map(String::as_str)
    }

    /// What was said when this version was registered.
    pub fn commit_message(&self) -> Option<&str> {
        self.commit_message.as_deref()
    }

    /// The tags of this version, without those that MLflow keeps for itself.
    pub fn tags(&self) -> &BTreeMap<String, String> {
        &self.tags
    }

    /// The aliases that point to this version, as far as the server told.
    pub fn aliases(&self) -> &[String] {
        &self.aliases
    }

    /// The text with these values in the place of its variables.
    ///
    /// `values` is a struct, a map, or anything else that is a JSON object; each of its members is a variable. `{{ user.name }}`
    /// is the member `user.name`, or else the member `name` of `user`. A text goes in as it is, any other value as JSON. What
    /// goes in is data: a value with `{{ }}` in it is not looked at again.
    ///
    /// ```no_run
    /// # async fn example(mail: &str) -> Result<(), Box<dyn std::error::Error>> {
    /// let prompt = instructor_mlflow::load_prompt("summary@production").await?;
    /// let question = prompt.format(serde_json::json!({"mail": mail, "sentences": 2}))?;
    /// # drop(question);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If a variable has no value (`null` is none), or a value no variable: see [`FormatError`]; and for a chat prompt.
    pub fn format(&self, values: impl Serialize) -> Result<String, FormatError> {
        let Body::Text(template) = &self.body else {
            return Err(FormatError::Chat {
                prompt: self.reference.to_string(),
            });
        };
        let values = self.check(&values)?;
        let text = template.fill(&values);
        uses::note(&self.reference, &[&text]);
        Ok(text)
    }

    /// The messages with these values in the place of their variables; one message of the user if it is no chat prompt.
    ///
    /// ```no_run
    /// # use instructor_core::{Client, ResponseModel};
    /// # async fn example<Reply: ResponseModel>(client: Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let prompt = instructor_mlflow::load_prompt("assistant/3").await?;
    /// let mut messages = prompt.format_messages([("question", "How are you?")].into_iter().collect::<std::collections::HashMap<_, _>>())?;
    /// let question = messages.pop().ok_or("the prompt has no messages")?;
    /// let reply: Reply = client.create(question).messages(messages).await?;
    /// # drop(reply);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`format`](Prompt::format).
    pub fn format_messages(&self, values: impl Serialize) -> Result<Vec<Message>, FormatError> {
        let Body::Chat(turns) = &self.body else {
            return Ok(vec![Message::user(self.format(values)?)]);
        };
        let values = self.check(&values)?;
        let texts: Vec<(instructor_core::Role, String)> = turns
            .iter()
            .map(|turn| (turn.role, turn.template.fill(&values)))
            .collect();
        let noted: Vec<&str> = texts.iter().map(|(_, text)| text.as_str()).collect();
        uses::note(&self.reference, &noted);
        Ok(texts
            .into_iter()
            .map(|(role, text)| Message::new(role, vec![instructor_core::Part::Text(text)]))
            .collect())
    }

    fn check(&self, values: &impl Serialize) -> Result<Values, FormatError> {
        let prompt = || self.reference.to_string();
        if self.text.contains("{%") && self.text.contains("%}") {
            return Err(FormatError::Jinja { prompt: prompt() });
        }
        let values = Values::of(values).map_err(|reason| FormatError::Values {
            prompt: prompt(),
            reason,
        })?;
        let missing = values.missing(&self.variables);
        let unknown = values.unknown(&self.variables);
        if missing.is_empty() && unknown.is_empty() {
            return Ok(values);
        }
        Err(FormatError::Variables {
            prompt: prompt(),
            missing,
            unknown,
            known: self.variables.clone(),
        })
    }
}

/// Registers a new version of the prompt `name`, which is created if there is none. See [`Tracking::register_prompt`].
///
/// ```no_run
/// # async fn example() -> Result<(), instructor_mlflow::TrackingError> {
/// let prompt = instructor_mlflow::register_prompt("summary", "Summarize in {{ sentences }} sentences: {{ mail }}")
///     .commit_message("Ask for a number of sentences")
///     .await?;
/// println!("version {}", prompt.version());
/// # Ok(())
/// # }
/// ```
pub fn register_prompt(
    name: impl Into<String>,
    template: impl Into<PromptTemplate>,
) -> RegisterPrompt {
    RegisterPrompt::new(None, name.into(), template.into())
}

/// Loads a prompt: `name/3`, `name@alias`, either with `prompts:/` before it, or the newest version of `name`. See
/// [`Tracking::load_prompt`].
///
/// # Errors
///
/// See [`TrackingError`].
pub async fn load_prompt(reference: &str) -> Result<Prompt, TrackingError> {
    Tracking::current()?.load_prompt(reference).await
}

/// Makes `alias` point to a version of a prompt. See [`Tracking::set_prompt_alias`].
///
/// # Errors
///
/// See [`TrackingError`].
pub async fn set_prompt_alias(name: &str, alias: &str, version: u32) -> Result<(), TrackingError> {
    Tracking::current()?
        .set_prompt_alias(name, alias, version)
        .await
}

/// Links a trace to the version of a prompt that it used. See [`Tracking::link_prompt`].
///
/// # Errors
///
/// See [`TrackingError`].
pub async fn link_prompt(trace_id: impl Display, prompt: &Prompt) -> Result<(), TrackingError> {
    Tracking::current()?.link_prompt(trace_id, prompt).await
}
