//! Experiments, by name.

use reqwest::{Method, StatusCode};
use serde::{Deserialize, Serialize};

use crate::server::connection::{Connection, parse};
use crate::server::obstacle::{Obstacle, accepted};

impl Connection {
    /// The id of the experiment `name`, which is created if it does not exist.
    pub(crate) async fn find_or_create_experiment(&self, name: &str) -> Result<String, Obstacle> {
        if let Some(id) = self.find_experiment(name).await? {
            return Ok(id);
        }
        #[derive(Serialize)]
        struct Create<'a> {
            name: &'a str,
        }
        #[derive(Deserialize)]
        struct Created {
            experiment_id: String,
        }
        let path = "api/2.0/mlflow/experiments/create";
        let request = self.request_with_json(Method::POST, path, &Create { name });
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
        let Found { experiment } = parse(&accepted(response).await?)?;
        if experiment.lifecycle_stage == "deleted" {
            return Err(Obstacle::Experiment(format!(
                "the experiment {name:?} is deleted: restore it or choose another name"
            )));
        }
        Ok(Some(experiment.experiment_id))
    }
}
