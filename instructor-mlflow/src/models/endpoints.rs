//! The endpoints of logged models.

use reqwest::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::models::definition::{Definition, LONGEST_PARAM};
use crate::preview::shorten;
use crate::server::connection::{Connection, parse};
use crate::server::obstacle::Obstacle;
use crate::source::defined_source;

const PATH: &str = "api/2.0/mlflow/logged-models";

/// The tag by which a version is found again.
pub(super) const HASH_TAG: &str = "instructor.definition_hash";

/// The type of all models of this framework: `search_logged_models` finds them by it.
pub(super) const MODEL_TYPE: &str = "instructor";

/// What the server says of a model.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Info {
    pub(super) model_id: String,
    pub(super) artifact_uri: String,
    #[serde(default)]
    pub(super) status: Status,
    /// Milliseconds since 1970; a text, if the server writes protobuf's JSON to the letter.
    #[serde(default)]
    creation_timestamp_ms: Value,
}

impl Info {
    /// When it was created.
    fn created(&self) -> u64 {
        let time = &self.creation_timestamp_ms;
        let text = || time.as_str()?.parse().ok();
        time.as_u64().or_else(text).unwrap_or_default()
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Status {
    #[serde(rename = "LOGGED_MODEL_PENDING")]
    Pending,
    #[serde(rename = "LOGGED_MODEL_READY")]
    Ready,
    #[serde(rename = "LOGGED_MODEL_UPLOAD_FAILED")]
    UploadFailed,
    #[default]
    #[serde(other, rename = "LOGGED_MODEL_STATUS_UNSPECIFIED")]
    Unspecified,
}

#[derive(Serialize)]
struct Pair<'a> {
    key: &'a str,
    value: &'a str,
}

#[derive(Deserialize)]
struct Model {
    info: Info,
}

impl Connection {
    /// The oldest model of this name and definition, so that all programs that look find the same.
    pub(super) async fn find_model(
        &self,
        experiment_id: &str,
        name: &str,
        definition: &Definition,
    ) -> Result<Option<Info>, Obstacle> {
        #[derive(Serialize)]
        struct Search<'a> {
            experiment_ids: [&'a str; 1],
            filter: String,
            order_by: [OrderBy; 1],
            max_results: u32,
        }
        #[derive(Serialize)]
        struct OrderBy {
            field_name: &'static str,
            ascending: bool,
        }
        #[derive(Deserialize)]
        struct Found {
            #[serde(default)]
            models: Vec<Model>,
        }
        // Neither a name nor a hash has a quotation mark in it.
        let search = Search {
            experiment_ids: [experiment_id],
            filter: format!(
                "name = '{name}' AND tags.`{HASH_TAG}` = '{}'",
                definition.hash
            ),
            order_by: [OrderBy {
                field_name: "creation_timestamp",
                ascending: true,
            }],
            max_results: 100,
        };
        let path = format!("{PATH}/search");
        let request = self.request_with_json(Method::POST, &path, &search);
        let response = self.transmit(request).await?;
        let is_missing = response.status() == StatusCode::NOT_FOUND;
        let body = match self.accepted(response).await {
            Err(Obstacle::Rejected(reason))
                if is_missing && !reason.contains("RESOURCE_DOES_NOT_EXIST") =>
            {
                return Err(Obstacle::Unsupported(
                    "it has no logged models, which exist since MLflow 3.0".into(),
                ));
            }
            body => body?,
        };
        let found: Found = parse(&body)?;
        let models = found.models.into_iter().map(|model| model.info);
        let usable = models.filter(|info| info.status != Status::UploadFailed);
        // Of one millisecond, too, all must take the same.
        Ok(usable.min_by(|one, other| {
            let age = |info: &Info| (info.created(), info.model_id.clone());
            age(one).cmp(&age(other))
        }))
    }

    /// Creates a model. It is pending until [`Connection::conclude_model`].
    pub(super) async fn create_model(
        &self,
        experiment_id: &str,
        name: &str,
        definition: &Definition,
        is_external: bool,
    ) -> Result<Info, Obstacle> {
        #[derive(Serialize)]
        struct Create<'a> {
            experiment_id: &'a str,
            name: &'a str,
            model_type: &'static str,
            params: Vec<Pair<'a>>,
            tags: Vec<Pair<'a>>,
        }
        #[derive(Deserialize)]
        struct Created {
            model: Model,
        }
        let shortened: Vec<_> = definition
            .params
            .iter()
            .map(|(key, value)| (*key, shorten(value, LONGEST_PARAM)))
            .collect();
        let source = &defined_source().value;
        let tags = [
            (HASH_TAG, Some(definition.hash.as_str())),
            ("mlflow.model.isExternal", is_external.then_some("true")),
            // What the UI calls the description, "logged from" and "created by".
            ("mlflow.note.content", definition.param("description")),
            ("mlflow.source.type", Some("LOCAL")),
            ("mlflow.source.name", source.program.as_deref()),
            ("mlflow.user", source.user.as_deref()),
        ];
        let tags = tags.into_iter().filter_map(|(key, value)| {
            let value = value?;
            Some(Pair { key, value })
        });
        let create = Create {
            experiment_id,
            name,
            model_type: MODEL_TYPE,
            params: shortened
                .iter()
                .map(|(key, value)| Pair { key, value })
                .collect(),
            tags: tags.collect(),
        };
        let request = self.request_with_json(Method::POST, PATH, &create);
        let created: Created = parse(&self.send(request).await?)?;
        Ok(created.model.info)
    }

    /// Says whether everything of the model has arrived.
    pub(super) async fn conclude_model(
        &self,
        model_id: &str,
        status: Status,
    ) -> Result<(), Obstacle> {
        #[derive(Serialize)]
        struct Finalize<'a> {
            model_id: &'a str,
            status: Status,
        }
        let path = format!("{PATH}/{model_id}");
        let request = self.request_with_json(Method::PATCH, &path, &Finalize { model_id, status });
        self.send(request).await.map(drop)
    }

    /// Takes back a model that was created a moment ago.
    pub(super) async fn delete_model(&self, model_id: &str) -> Result<(), Obstacle> {
        let path = format!("{PATH}/{model_id}");
        self.send(self.request(Method::DELETE, &path))
            .await
            .map(drop)
    }
}
