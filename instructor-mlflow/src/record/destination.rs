//! Where a record goes.

use serde::{Deserialize, Serialize};

use crate::config;
use crate::models::ActiveModel;

/// Where records go and what becomes of them there. How the server is reached and who asks is no part of it: credentials,
/// certificates and times are those of the process that sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Destination {
    /// The address of the server, without credentials.
    pub(crate) address: String,
    pub(crate) experiment: Experiment,
    /// The logged model that the traces belong to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) model: Option<Model>,
    /// Whether what was asked and answered is sent.
    pub(crate) capture_content: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) workspace: Option<String>,
    #[serde(default)]
    pub(crate) is_databricks: bool,
    #[serde(default)]
    pub(crate) log_assessments: bool,
}

/// The experiment that traces belong to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Experiment {
    Name(String),
    Id(String),
}

/// A logged model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Model {
    Name(String),
    Id(String),
}

impl Destination {
    pub(crate) fn of(destination: &config::Destination) -> Destination {
        Destination {
            address: destination.address.to_string(),
            experiment: match &destination.experiment {
                config::Experiment::Name(name) => Experiment::Name(name.clone()),
                config::Experiment::Id(id) => Experiment::Id(id.clone()),
            },
            model: match &destination.active_model {
                ActiveModel::None => None,
                ActiveModel::Name(name) => Some(Model::Name(name.clone())),
                ActiveModel::Id(id) => Some(Model::Id(id.clone())),
            },
            capture_content: destination.capture_content,
            workspace: destination.workspace.clone(),
            is_databricks: destination.is_databricks,
            log_assessments: destination.log_assessments,
        }
    }
}
