//! What is said about a trace whose spans are there.

use std::collections::BTreeMap;

use futures_util::stream::{self, StreamExt};
use reqwest::{Method, StatusCode};
use serde::Serialize;
use serde_json::json;

use crate::annotations::Annotations;
use crate::api::{NewAssessment, segment};
use crate::prompt::{LINK_PATH, LINKED_PROMPTS_TAG, link_body};
use crate::server::spans::CONCURRENT_TRACES;
use crate::server::{Obstacle, Server};
use crate::shipment::{Package, Shipment};

impl Server {
    /// Says it. What was said is taken out; what an older server has no endpoint for as well.
    pub(crate) async fn annotate(&self, annotations: &mut Annotations) -> Result<(), Obstacle> {
        #[derive(Serialize)]
        struct Body<'a> {
            assessment: &'a NewAssessment,
        }
        let trace = segment(&annotations.trace_id);
        while let Some(assessment) = annotations.assessments.last() {
            let path = format!("api/3.0/mlflow/traces/{trace}/assessments");
            match self.say(Method::POST, &path, &Body { assessment }).await {
                // It is there already: the answer to it was lost.
                Err(Obstacle::Internal(reason)) if reason.contains("constraint violation") => {}
                outcome => outcome?,
            }
            annotations.assessments.pop();
        }
        if !annotations.prompts.is_empty() {
            let prompts = annotations.prompts.iter().map(|prompt| &**prompt);
            let body = link_body(&annotations.trace_id, prompts);
            self.say(Method::POST, LINK_PATH, &body).await?;
            annotations.prompts.clear();
        }
        if let Some(tag) = &annotations.linked_prompts {
            let path = format!("api/2.0/mlflow/traces/{trace}/tags");
            let body = json!({"key": LINKED_PROMPTS_TAG, "value": tag});
            self.say(Method::PATCH, &path, &body).await?;
            annotations.linked_prompts = None;
        }
        Ok(())
    }

    /// Whether the server takes nothing at all now.
    async fn is_out_of_reach(&self) -> bool {
        let Some(id) = &self.experiment_id else {
            return true;
        };
        self.connection.confirm_experiment(id).await.is_err()
    }

    async fn say(&self, method: Method, path: &str, body: &impl Serialize) -> Result<(), Obstacle> {
        let request = self.connection.request_with_json(method, path, body);
        match self.connection.send(request).await {
            Ok(_) => Ok(()),
            Err(obstacle) => match obstacle.or_missing() {
                Obstacle::Missing(_) => Ok(()),
                obstacle => Err(obstacle),
            },
        }
    }

    /// Says what is known of the traces that `arrived`; the positions of those of which it is to be said again, and why. What is refused
    /// is withheld.
    pub(super) async fn annotate_all(
        &self,
        batch: &mut [Shipment],
        arrived: &[usize],
    ) -> Vec<(usize, Obstacle)> {
        // One after the other for each trace: a server that hears two things of one trace at once refuses one of them.
        let mut traces: BTreeMap<[u8; 16], Vec<(usize, &mut Annotations)>> = BTreeMap::new();
        for (position, shipment) in batch.iter_mut().enumerate() {
            if !arrived.contains(&position) {
                continue;
            }
            let Some(parcel) = shipment.parcels.first() else {
                continue;
            };
            let trace = parcel.record.trace_id.to_bytes();
            let id = match &shipment.package {
                Package::File(file) => file.id_on_server().map(str::to_owned),
                _ => None,
            };
            for annotations in &mut shipment.annotations {
                if let Some(id) = &id {
                    annotations.trace_id.clone_from(id);
                }
                if !annotations.is_empty() {
                    traces
                        .entry(trace)
                        .or_default()
                        .push((position, annotations));
                }
            }
        }
        let requests = traces.into_values().map(|of_trace| async move {
            let (mut failed, mut refused) = (Vec::new(), Vec::new());
            for (position, annotations) in of_trace {
                match self.annotate(annotations).await {
                    Ok(()) => {}
                    Err(obstacle @ Obstacle::Unavailable { .. }) => {
                        failed.push((position, obstacle));
                    }
                    // The credentials have expired since the spans have arrived. A right that is missing (403) is no reason to wait.
                    Err(
                        obstacle @ (Obstacle::Unauthorized(StatusCode::UNAUTHORIZED)
                        | Obstacle::Redirected(_)),
                    ) if self.is_out_of_reach().await => failed.push((position, obstacle)),
                    Err(obstacle @ Obstacle::Internal(_)) if annotations.may_try_again() => {
                        failed.push((position, obstacle));
                    }
                    Err(obstacle) => {
                        let withheld = annotations.withhold(&obstacle.reason());
                        refused.push((position, withheld));
                    }
                }
            }
            (failed, refused)
        });
        let answers: Vec<_> = stream::iter(requests)
            .buffered(CONCURRENT_TRACES)
            .collect()
            .await;
        let (failed, refused): (Vec<_>, Vec<_>) = answers.into_iter().unzip();
        for (position, withheld) in refused.into_iter().flatten() {
            if let Some(shipment) = batch.get_mut(position) {
                shipment.withheld.push(withheld);
            }
        }
        failed.into_iter().flatten().collect()
    }
}
