//! Registering a prompt.

use std::collections::BTreeMap;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

use instructor_core::{Message, Part};
use reqwest::Method;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use super::Prompt;
use super::registry::{CHAT, IS_PROMPT, TEXT, TYPE, Tag, VersionAnswer, registry};
use crate::api::{Tracking, TrackingError};

/// The registry asks for a source; the server takes no other one for a prompt.
const SOURCE: &str = "dummy-source";

/// What a prompt says: a text, or messages.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum PromptTemplate {
    /// One text.
    Text(String),
    /// Messages, whose texts have variables. They must be of text only.
    Chat(Vec<Message>),
}

impl From<&str> for PromptTemplate {
    fn from(text: &str) -> Self {
        PromptTemplate::Text(text.to_owned())
    }
}

impl From<String> for PromptTemplate {
    fn from(text: String) -> Self {
        PromptTemplate::Text(text)
    }
}

impl From<&String> for PromptTemplate {
    fn from(text: &String) -> Self {
        PromptTemplate::Text(text.clone())
    }
}

impl From<Vec<Message>> for PromptTemplate {
    fn from(messages: Vec<Message>) -> Self {
        PromptTemplate::Chat(messages)
    }
}

impl<const N: usize> From<[Message; N]> for PromptTemplate {
    fn from(messages: [Message; N]) -> Self {
        PromptTemplate::Chat(messages.into())
    }
}

/// A new version of a prompt in the making; await it to send it. Made by [`register_prompt`](crate::register_prompt).
#[derive(Debug)]
#[must_use = "nothing is sent until this is awaited"]
pub struct RegisterPrompt {
    tracking: Option<Tracking>,
    pub(super) name: String,
    pub(super) template: PromptTemplate,
    pub(super) commit_message: Option<String>,
    pub(super) tags: BTreeMap<String, String>,
}

impl RegisterPrompt {
    pub(super) fn new(tracking: Option<Tracking>, name: String, template: PromptTemplate) -> Self {
        RegisterPrompt {
            tracking,
            name,
            template,
            commit_message: None,
            tags: BTreeMap::new(),
        }
    }

    /// What changed, and why.
    pub fn commit_message(mut self, message: impl Into<String>) -> Self {
        self.commit_message = Some(message.into());
        self
    }

    /// A tag of the version, and of the prompt as a whole, as in Python; may be said several times.
    pub fn tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.insert(key.into(), value.into());
        self
    }
}

impl IntoFuture for RegisterPrompt {
    type Output = Result<Prompt, TrackingError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(mut self) -> Self::IntoFuture {
        Box::pin(async move {
            let tracking = match self.tracking.take() {
                Some(tracking) => tracking,
                None => Tracking::current()?,
            };
            tracking.register(self).await
        })
    }
}

impl Tracking {
    /// As MLflow's Python client does it.
    pub(super) async fn register(&self, register: RegisterPrompt) -> Result<Prompt, TrackingError> {
        let RegisterPrompt {
            name,
            template,
            commit_message,
            tags,
            ..
        } = register;
        let invalid = |reason: &str| TrackingError::Invalid {
            what: format!("the prompt {name:?}"),
            reason: reason.into(),
        };
        let is_letter = |letter: char| letter.is_ascii_alphanumeric() || "_-.".contains(letter);
        if name.is_empty() || !name.chars().all(is_letter) {
            return Err(invalid(
                "a name is made of letters, digits, `_`, `-` and `.`",
            ));
        }
        let (text, kind) = match template {
            PromptTemplate::Text(text) => (text, "text"),
            PromptTemplate::Chat(messages) => {
                let text = chat_text(&messages);
                let text = text.ok_or_else(|| invalid("its messages are not all of text"))?;
                (text, CHAT)
            }
        };
        if text.is_empty() {
            return Err(invalid("its template is empty"));
        }
        let own = tags.iter().map(|(key, value)| Tag::new(key, value));
        let is_prompt = Tag::new(IS_PROMPT, "true");
        let of_prompt: Vec<Tag> = own.clone().chain([is_prompt.clone()]).collect();
        let is_new = self
            .create_prompt(&name, commit_message.as_deref(), &of_prompt)
            .await?;
        if !is_new {
            for Tag { key, value } in own.clone() {
                let body = json!({"name": name, "key": key, "value": value});
                let _: IgnoredAny = self
                    .registry_post("registered-models/set-tag", &body)
                    .await?;
            }
        }
        let of_version: Vec<Tag> = own
            .chain([is_prompt, Tag::new(TYPE, kind), Tag::new(TEXT, &text)])
            .collect();
        let path = "api/2.0/mlflow/model-versions/create";
        let call = registry(Method::POST, path);
        let body = json!({"name": name, "source": SOURCE, "description": commit_message, "tags": of_version});
        match self.send::<VersionAnswer>(&call, &body).await {
            Ok(answer) => self.prompt(&call, answer.model_version),
            Err(error) => {
                if is_new {
                    // A prompt without versions helps nobody.
                    let path = "api/2.0/mlflow/registered-models/delete";
                    let delete = registry(Method::DELETE, path);
                    let _ = self
                        .send::<IgnoredAny>(&delete, &json!({"name": name}))
                        .await;
                }
                Err(error)
            }
        }
    }

    /// Whether the prompt is new: it was not there, and is now.
    async fn create_prompt(
        &self,
        name: &str,
        description: Option<&str>,
        tags: &[Tag],
    ) -> Result<bool, TrackingError> {
        #[derive(Deserialize)]
        struct Answer {
            registered_model: Found,
        }
        #[derive(Deserialize)]
        struct Found {
            #[serde(default)]
            tags: Vec<Tag>,
        }
        let get = registry(Method::GET, "api/2.0/mlflow/registered-models/get");
        let found: Result<Answer, _> = self.query(&get, &[("name", name)]).await;
        match found {
            Ok(Answer { registered_model }) => {
                let mut tags = registered_model.tags.iter();
                if tags.any(|tag| tag.key == IS_PROMPT) {
                    return Ok(false);
                }
                Err(TrackingError::Invalid {
                    what: format!("the prompt {name:?}"),
                    reason: "there is a model of that name: choose another".into(),
                })
            }
            Err(error) if error.is_not_found() => {
                let body = json!({"name": name, "description": description, "tags": tags});
                let created: Result<IgnoredAny, _> =
                    self.registry_post("registered-models/create", &body).await;
                match created {
                    Ok(_) => Ok(true),
                    // Somebody else was faster.
                    Err(error) if error.code() == Some("RESOURCE_ALREADY_EXISTS") => Ok(false),
                    Err(error) => Err(error),
                }
            }
            Err(error) => Err(error),
        }
    }
}

/// The messages as the registry keeps them; `None` if there are none, or not all are texts.
fn chat_text(messages: &[Message]) -> Option<String> {
    let turns: Option<Vec<Value>> = messages
        .iter()
        .map(|message| {
            let is_text = message
                .parts
                .iter()
                .all(|part| matches!(part, Part::Text(_)));
            let text = message.text().filter(|_| is_text)?;
            Some(json!({"role": message.role.as_str(), "content": text}))
        })
        .collect();
    let turns = turns.filter(|turns| !turns.is_empty())?;
    Some(Value::from(turns).to_string())
}
