//! The way of a batch to the server.

use std::time::Instant;

use futures_util::stream::{self, StreamExt};

use crate::notice::Notice;
use crate::processor::Processors;
use crate::server::artifacts::Location;
use crate::server::connection::Connection;
use crate::server::obstacle::Obstacle;
use crate::server::route::Route;
use crate::server::spans::{PackedSpans, Wire};
use crate::server::{Server, databricks, file, spans, v2};
use crate::shipment::{Package, Records, Shipment};

/// What became of a batch: the positions of what arrived whole, and what stopped the rest.
pub(super) type Outcome = (Vec<usize>, Result<(), Obstacle>);

impl Server {
    /// Gets a batch to the server, as far as it can travel now; the rest is held and leaves the batch.
    pub(crate) async fn carry(
        &mut self,
        batch: &mut Vec<Shipment>,
        records: &mut Records<'_>,
    ) -> Outcome {
        if batch.is_empty() {
            return (Vec::new(), Ok(()));
        }
        let (mut arrived, mut outcome) = match self.transmit(batch, records).await {
            Ok((arrived, outcome)) => (arrived, outcome),
            Err(obstacle) => (Vec::new(), Err(obstacle)),
        };
        outcome = outcome.map_err(|obstacle| self.explain(obstacle));
        self.note_places(batch);
        for (position, obstacle) in self.annotate_all(batch, &arrived).await {
            arrived.retain(|one| *one != position);
            outcome = Err(obstacle);
        }
        for position in &arrived {
            self.keep(batch.get_mut(*position));
        }
        (arrived, outcome)
    }

    /// Sends spans and traces by the route of this server.
    async fn transmit(
        &mut self,
        batch: &mut Vec<Shipment>,
        records: &mut Records<'_>,
    ) -> Result<Outcome, Obstacle> {
        let experiment_id = self.experiment_id().await?;
        let route = match self.route {
            Some(route) => route,
            None => {
                let route = self
                    .probe(&experiment_id, batch, records.processors)
                    .await?;
                self.take_route(route);
                route
            }
        };
        self.pack(route, batch, records);
        if let Route::Spans { compressed } = route {
            let wire = Wire {
                connection: &self.connection,
                experiment_id: &experiment_id,
                compressed,
            };
            let answers = spans::send_all(wire, self.longest_body, batch).await;
            for answer in answers {
                if let Err((obstacle, length)) = answer {
                    if obstacle.is_about_size() {
                        self.longest_body = self.longest_body.min(length / 2);
                    }
                    return Err(obstacle);
                }
            }
            if self.destination().verify_delivery {
                spans::verify(wire, batch).await?;
            }
        }
        let of_models = batch.iter_mut().filter_map(|shipment| {
            // Taken out for as long as the info is lent.
            let model = shipment.model.clone()?;
            Some((model, shipment.info_mut()?))
        });
        records.models.write(self, of_models).await?;
        let connection = &self.connection;
        Ok(match route {
            Route::Spans { .. } => spans::complete(connection, &experiment_id, batch).await,
            _ => carry_files(connection, &experiment_id, route, batch).await,
        })
    }

    /// Finds the route by what the server answers.
    async fn probe(
        &self,
        experiment_id: &str,
        batch: &mut [Shipment],
        processors: &Processors,
    ) -> Result<Route, Obstacle> {
        let has_root = |shipment: &Shipment| {
            let parcel = shipment.parcels.first();
            parcel.is_some_and(|parcel| parcel.record.root().is_some())
        };
        let position = batch.iter().position(has_root).unwrap_or(0);
        let probed = batch.get_mut(position);
        let Some((shipment, parcel)) = probed.and_then(|shipment| {
            let parcel = shipment.parcels.first()?;
            let packed = PackedSpans::with_any_info(parcel, processors);
            Some((shipment, packed))
        }) else {
            return Ok(Route::Spans { compressed: false });
        };
        let mut packed = parcel;
        match spans::probe(&self.connection, experiment_id, &mut packed).await {
            Ok(true) => {
                // Not sent again: that would count its tokens twice.
                shipment.package = Package::Spans(Box::new(packed));
                Ok(Route::Spans { compressed: false })
            }
            Ok(false) => Ok(Route::File),
            Err(Obstacle::Missing(_)) => Ok(Route::V2),
            Err(obstacle) => Err(obstacle),
        }
    }

    /// Notes once where the spans of traces cannot be written.
    fn note_places(&mut self, batch: &mut [Shipment]) {
        let place = batch.iter_mut().find_map(|shipment| {
            let receipt = shipment.file_mut()?.receipt.as_ref()?;
            match &receipt.location {
                Location::Elsewhere(place) => Some(place.clone()),
                Location::Served(_) => None,
            }
        });
        if let Some(place) = place {
            self.remarks.push(Notice::NoPlace {
                address: self.destination().address.clone(),
                place,
            });
        }
    }

    /// Keeps what has arrived of a trace in progress.
    fn keep(&mut self, shipment: Option<&mut Shipment>) {
        let Some(shipment) = shipment else { return };
        if let Package::File(file) = std::mem::replace(&mut shipment.package, Package::None)
            && !file.info.is_finished()
        {
            self.open.keep(*file, Instant::now());
        }
    }
}

/// Sends traces as files; each on its own.
async fn carry_files(
    connection: &Connection,
    experiment_id: &str,
    route: Route,
    batch: &mut [Shipment],
) -> Outcome {
    let files = batch
        .iter_mut()
        .enumerate()
        .filter_map(|(position, shipment)| Some((position, shipment.file_mut()?)));
    let requests = files.map(|(position, trace_file)| async move {
        let answer = match route {
            Route::V2 => v2::carry(connection, experiment_id, trace_file).await,
            Route::Databricks => databricks::carry(connection, experiment_id, trace_file).await,
            _ => file::carry(connection, experiment_id, trace_file).await,
        };
        (position, answer)
    });
    send_each(requests, Vec::new()).await
}

/// Sends what is told of single traces, some at the same time, and adds the positions of what arrived to `arrived`.
pub(super) async fn send_each<R>(
    requests: impl Iterator<Item = R>,
    mut arrived: Vec<usize>,
) -> Outcome
where
    R: Future<Output = (usize, Result<(), Obstacle>)>,
{
    let answers: Vec<_> = stream::iter(requests)
        .buffered(spans::CONCURRENT_TRACES)
        .collect()
        .await;
    let mut outcome = Ok(());
    for (position, answer) in answers {
        match answer {
            Ok(()) => arrived.push(position),
            Err(obstacle) => outcome = Err(obstacle),
        }
    }
    (arrived, outcome)
}
