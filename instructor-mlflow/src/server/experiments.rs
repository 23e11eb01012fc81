//! Experiments, by name.

use reqwest::{Method, StatusCode};
use serde::{Deserialize, Serialize};

use crate::random;
use crate::server::connection::{Connection, parse};
use crate::server::obstacle::Obstacle;

impl Connection {
    /// The id of the experiment `name`, which is created if it does not exist.
    pub(crate) async fn find_or_create_experiment(&self, name: &str) -> Result<String, Obstacle> {
        match self.find_experiment(name).await? {
            Some(id) => Ok(id),
            None => self.create_experiment(name, None).await,
        }
    }

    /// The same; if it is created, its files are put where this server writes them for its clients, if it does so.
    pub(super) async fn find_or_create_served(&self, name: &str) -> Result<String, Obstacle> {
        if let Some(id) = self.find_experiment(name).await? {
            return Ok(id);
        }
        let needs_place = !self.is_served_by_default().await? && self.serves_files().await?;
        // A name may hold anything, a folder may not.
        let folder = u128::from_ne_bytes(random::bytes());
        let place = needs_place.then(|| format!("mlflow-artifacts:/instructor-{folder:032x}"));
        self.create_experiment(name, place.as_deref()).await
    }

    /// Whether the experiment that every server has keeps its files where the server writes them.
    async fn is_served_by_default(&self) -> Result<bool, Obstacle> {
        #[derive(Deserialize)]
        struct Found {
            experiment: Place,
        }
        #[derive(Deserialize)]
        struct Place {
            artifact_location: String,
        }
        let request = self
            .request(Method::GET, "api/2.0/mlflow/experiments/get")
            .query(&[("experiment_id", "0")]);
        match self.send(request).await {
            Ok(body) => {
                let Found { experiment } = parse(&body)?;
                Ok(experiment
                    .artifact_location
                    .starts_with("mlflow-artifacts:"))
            }
            Err(Obstacle::Rejected(_) | Obstacle::Unauthorized(_)) => Ok(false),
            Err(obstacle) => Err(obstacle),
        }
    }

    async fn create_experiment(
        &self,
        name: &str,
        artifact_location: Option<&str>,
    ) -> Result<String, Obstacle> {
        #[derive(Serialize)]
        struct Create<'a> {
            name: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            artifact_location: Option<&'a str>,
        }
        #[derive(Deserialize)]
        struct Created {
            experiment_id: String,
        }
        let path = "api/2.0/mlflow/experiments/create";
        let body = Create {
            name,
            artifact_location,
        };
        let request = self.request_with_json(Method::POST, path, &body);
        match self.send(request).await {
            Ok(body) => {
                let created: Created = parse(&body)?;
                Ok(created.experiment_id)
            }
            // Perhaps somebody else was faster.
            Err(Obstacle::Rejected(reason)) => self.find_experiment(name).await?.ok_or_else(|| {
                Obstacle::Experiment(format!(
                    "the experiment {name:?} cannot be created: {reason}"
                ))
            }),
            Err(obstacle) => Err(obstacle),
        }
    }

    /// Fails if the experiment is deleted.
    pub(super) async fn confirm_experiment(&self, id: &str) -> Result<(), Obstacle> {
        #[derive(Deserialize)]
        struct Found {
            experiment: Stage,
        }
        #[derive(Deserialize)]
        struct Stage {
            lifecycle_stage: String,
        }
        let request = self
            .request(Method::GET, "api/2.0/mlflow/experiments/get")
            .query(&[("experiment_id", id)]);
        let answer = match self.send(request).await {
            Ok(answer) => answer,
            Err(Obstacle::Rejected(reason)) if reason.contains("RESOURCE_DOES_NOT_EXIST") => {
                return Err(Obstacle::Experiment(reason));
            }
            // It says nothing of the experiment.
            Err(Obstacle::Rejected(_) | Obstacle::Internal(_)) => return Ok(()),
            Err(obstacle) => return Err(obstacle),
        };
        match parse(&answer) {
            Ok(Found { experiment }) if experiment.lifecycle_stage == "deleted" => {
                Err(Obstacle::Experiment(format!(
                    "the experiment {id} is deleted: restore it or choose another one"
                )))
            }
            _ => Ok(()),
        }
    }

    /// The id of the experiment `name`. The server finds those in its trash as well, where no trace can be put.
    pub(crate) async fn find_experiment(&self, name: &str) -> Result<Option<String>, Obstacle> {
        #[derive(Deserialize)]
        struct Found {
            experiment: Experiment,
        }
        #[derive(Deserialize)]
        struct Experiment {
            experiment_id: String,
            #[serde(default)]
            lifecycle_stage: String,
        }
        let request = self
            .request(Method::GET, "api/2.0/mlflow/experiments/get-by-name")
            .query(&[("experiment_name", name)]);
        let response = self.transmit(request).await?;
        if response.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let Found { experiment } = parse(&self.accepted(response).await?)?;
        if experiment.lifecycle_stage == "deleted" {
            return Err(Obstacle::Experiment(format!(
                "the experiment {name:?} is deleted: restore it or choose another name"
            )));
        }
        Ok(Some(experiment.experiment_id))
    }
}
