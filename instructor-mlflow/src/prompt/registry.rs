//! The registry of prompts on the tracking server: a prompt is a registered model with certain tags, a version of it a model
//! version whose text is a tag.

use std::collections::BTreeMap;
use std::sync::Arc;

use instructor_core::Role;
use reqwest::Method;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::reference::{PromptReference, Wanted, WantedVersion};
use super::register::{PromptTemplate, RegisterPrompt};
use super::template::Template;
use super::{Body, Prompt, Turn, uses};
use crate::api::{Call, Tracking, TrackingError};

/// The tags that make a model a prompt.
pub(super) const IS_PROMPT: &str = "mlflow.prompt.is_prompt";
pub(super) const TEXT: &str = "mlflow.prompt.text";
pub(super) const TYPE: &str = "_mlflow_prompt_type";
pub(super) const CHAT: &str = "chat";

const SINCE: &str = "MLflow 2.21";

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Tag {
    pub(super) key: String,
    #[serde(default)]
    pub(super) value: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Version {
    name: String,
    version: Value,
    description: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
    #[serde(default)]
    aliases: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct VersionAnswer {
    pub(super) model_version: Version,
}

impl Tracking {
    /// Registers a new version of the prompt `name`, which is created if there is none. Names are made of letters, digits and
    /// `_`, `-`, `.`. Variables are written `{{ name }}`. Nothing is sent before the builder is awaited.
    ///
    /// Takes MLflow 2.21 or later for texts, 3.0 or later for messages.
    pub fn register_prompt(
        &self,
        name: impl Into<String>,
        template: impl Into<PromptTemplate>,
    ) -> RegisterPrompt {
        RegisterPrompt::new(Some(self.clone()), name.into(), template.into())
    }

    /// Loads a prompt: `name/3`, `name@alias`, either with `prompts:/` before it, or the newest version of `name`. Nothing is
    /// cached: keep what it gives.
    ///
    /// Takes MLflow 2.21 or later, for the newest version 3.4 or later.
    ///
    /// # Errors
    ///
    /// See [`TrackingError`]; [`is_not_found`](TrackingError::is_not_found) tells whether there is no such prompt.
    pub async fn load_prompt(&self, reference: &str) -> Result<Prompt, TrackingError> {
        let wanted = Wanted::parse(reference).ok_or_else(|| TrackingError::Invalid {
            what: format!("the prompt {reference:?}"),
            reason: "it is written `name/3`, `name@alias` or `prompts:/name/3`".into(),
        })?;
        let number;
        let (path, (key, value)) = match wanted.version {
            WantedVersion::Number(version) => {
                number = version.to_string();
                ("model-versions/get", ("version", number.as_str()))
            }
            WantedVersion::Alias(alias) => ("registered-models/alias", ("alias", alias)),
        };
        let path = format!("api/2.0/mlflow/{path}");
        let call = registry(Method::GET, &path);
        let parameters = [("name", wanted.name), (key, value)];
        let answer: VersionAnswer = self.query(&call, &parameters).await?;
        self.prompt(&call, answer.model_version)
    }

    /// Makes `alias` point to a version of a prompt, so that `name@alias` loads it.
    ///
    /// Takes MLflow 2.21 or later.
    ///
    /// # Errors
    ///
    /// See [`TrackingError`].
    pub async fn set_prompt_alias(
        &self,
        name: &str,
        alias: &str,
        version: u32,
    ) -> Result<(), TrackingError> {
        let body = json!({"name": name, "alias": alias, "version": version.to_string()});
        self.registry_post("registered-models/alias", &body)
            .await
            .map(|_: IgnoredAny| ())
    }

    pub(super) async fn registry_post<A: DeserializeOwned>(
        &self,
        path: &str,
        body: &Value,
    ) -> Result<A, TrackingError> {
        let path = format!("api/2.0/mlflow/{path}");
        self.send(&registry(Method::POST, &path), body).await
    }

    pub(super) fn prompt(
        &self,
        call: &Call<'_>,
        version: Version,
    ) -> Result<Prompt, TrackingError> {
        let mut tags: BTreeMap<String, String> = version
            .tags
            .into_iter()
            .map(|tag| (tag.key, tag.value))
            .collect();
        let unreadable = |reason: &str| {
            let name = &version.name;
            self.unreadable(call, format!("{name:?} {reason}"))
        };
        let is_prompt = tags.contains_key(IS_PROMPT);
        let text = tags.remove(TEXT).filter(|_| is_prompt);
        let text = text.ok_or_else(|| unreadable("is a model, and not a prompt"))?;
        let number = version.version.as_u64();
        let number = number.or_else(|| version.version.as_str()?.parse().ok());
        let number = number
            .and_then(|number| u32::try_from(number).ok())
            .ok_or_else(|| unreadable("has no number"))?;
        let is_chat = tags.get(TYPE).is_some_and(|kind| kind == CHAT);
        let body = if is_chat {
            let turns = turns(&text);
            Body::Chat(turns.ok_or_else(|| unreadable("has messages that are not of text"))?)
        } else {
            Body::Text(Template::parse(&text))
        };
        let templates: Vec<&Template> = match &body {
            Body::Text(template) => vec![template],
            Body::Chat(turns) => turns.iter().map(|turn| &turn.template).collect(),
        };
        let mut variables: Vec<String> = Vec::new();
        for name in templates.iter().flat_map(|template| template.variables()) {
            if !variables.iter().any(|known| known == name) {
                variables.push(name.to_owned());
            }
        }
        tags.retain(|key, _| {
            !key.starts_with("mlflow.prompt.") && !key.starts_with("_mlflow_prompt_")
        });
        let reference = Arc::new(PromptReference {
            address: self.connection().destination().address.clone(),
            name: version.name,
            version: number,
        });
        if variables.is_empty() && !is_chat {
            // It may be used as it is.
            uses::note(&reference, &[&text]);
        }
        Ok(Prompt {
            reference,
            text,
            body,
            variables,
            commit_message: version.description.filter(|text| !text.is_empty()),
            tags,
            aliases: version.aliases,
        })
    }
}

pub(super) fn registry(method: Method, path: &str) -> Call<'_> {
    Call {
        method,
        path,
        since: SINCE,
    }
}

impl Tag {
    pub(super) fn new(key: &str, value: &str) -> Self {
        Tag {
            key: key.to_owned(),
            value: value.to_owned(),
        }
    }
}

fn turns(text: &str) -> Option<Vec<Turn>> {
    #[derive(Deserialize)]
    struct Read {
        role: String,
        content: String,
    }
    let read: Vec<Read> = serde_json::from_str(text).ok()?;
    read.into_iter()
        .map(|turn| {
            let roles = [Role::System, Role::User, Role::Assistant, Role::Tool];
            let role = roles
                .into_iter()
                .find(|role| role.as_str() == turn.role)
                // OpenAI's newer name.
                .or((turn.role == "developer").then_some(Role::System))?;
            Some(Turn {
                role,
                template: Template::parse(&turn.content),
            })
        })
        .collect()
}
