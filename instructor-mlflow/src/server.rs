//! An MLflow server: which one it is, and how traces get there.

mod annotations;
mod artifacts;
pub(crate) mod connection;
mod databricks;
mod experiments;
mod file;
pub(crate) mod obstacle;
mod open_traces;
mod route;
mod salvage;
pub(crate) mod spans;
pub(crate) mod trace_file;
mod trace_v3;
mod v2;
mod version;

use std::sync::Arc;
use std::time::Instant;

use futures_util::stream::{self, StreamExt};
use reqwest::Method;

use crate::annotations::Annotations;
use crate::config::{Destination, Experiment};
use crate::notice::Notice;
use crate::processor::Processors;
use crate::queue::Queue;
use crate::server::artifacts::Location;
use crate::server::connection::Connection;
pub(crate) use crate::server::obstacle::Obstacle;
use crate::server::open_traces::OpenTraces;
use crate::server::route::Route;
use crate::server::spans::{PackedSpans, Wire};
use crate::server::trace_file::{Shape, TraceFile};
use crate::server::version::Version;
use crate::shipment::{Package, Records, Shipment};

/// What became of a batch: the positions of what arrived whole, and what stopped the rest.
type Outcome = (Vec<usize>, Result<(), Obstacle>);

/// A server, and what was learned about it.
#[derive(Debug)]
pub(crate) struct Server {
    connection: Connection,
    checked: bool,
    version: Option<Version>,
    /// Unknown at first, and where a proxy hides the version.
    route: Option<Route>,
    experiment_id: Option<String>,
    open: OpenTraces,
    /// In bytes: a request that carries several frames is made no longer, since the server has refused that.
    longest_body: usize,
    /// What people should know, to be said once the HTTP client is done.
    remarks: Vec<Notice>,
}

impl Server {
    /// Connects to nothing yet.
    pub(crate) fn new(destination: Arc<Destination>) -> Result<Server, Obstacle> {
        let exposed = destination.exposes_credentials().then(|| Notice::Exposed {
            address: destination.address.clone(),
        });
        Ok(Server {
            connection: Connection::new(destination).map_err(Obstacle::or_away)?,
            checked: false,
            version: None,
            route: None,
            experiment_id: None,
            open: OpenTraces::default(),
            longest_body: usize::MAX,
            remarks: exposed.into_iter().collect(),
        })
    }

    pub(crate) fn destination(&self) -> &Arc<Destination> {
        self.connection.destination()
    }

    /// Makes sure that the server is there, and chooses the route; asks once, and again after it was away.
    pub(crate) async fn check(&mut self) -> Result<(), Obstacle> {
        if self.checked {
            return Ok(());
        }
        if self.destination().is_databricks {
            // It has no version, and knows this way only.
            self.take_route(Route::Databricks);
            self.checked = true;
            return Ok(());
        }
        let version = self.ask_version().await?;
        // The same server as before needs no other route than the one that was found out.
        if version != self.version || self.route.is_none() {
            self.version = version;
            self.route = None;
            if let Some(version) = version {
                let route = Route::to(version);
                let unsupported = || Obstacle::Unsupported(format!("it is MLflow {version}"));
                self.take_route(route.ok_or_else(unsupported)?);
            }
        }
        self.checked = true;
        Ok(())
    }

    /// The server was away: it may come back as another one.
    pub(crate) fn lost(&mut self) {
        self.checked = false;
    }

    /// Reads the credentials again.
    pub(crate) fn renew_credentials(&mut self) {
        self.connection.renew_credentials();
    }

    /// What people should know and have not been told.
    pub(crate) fn take_remarks(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.remarks)
    }

    /// `GET /version` answers plain text such as `3.17.2`. A proxy may hide it.
    async fn ask_version(&self) -> Result<Option<Version>, Obstacle> {
        let request = self.connection.request(Method::GET, "version");
        match self.connection.send(request).await {
            Ok(text) => Ok(Version::parse(&text)),
            // Whatever it is that a proxy says.
            Err(Obstacle::Rejected(_) | Obstacle::Unsupported(_)) => Ok(None),
            Err(obstacle) => Err(obstacle),
        }
    }

    fn take_route(&mut self, route: Route) {
        self.route = Some(route);
        if matches!(route, Route::File | Route::V2) {
            self.remarks.push(Notice::Limited {
                address: self.destination().address.clone(),
                version: self.version.map(|version| version.to_string()),
                keeps_ids: route == Route::File,
            });
        }
    }

    /// The number of the experiment; asks once.
    async fn experiment_id(&mut self) -> Result<String, Obstacle> {
        if let Some(id) = &self.experiment_id {
            return Ok(id.clone());
        }
        let keeps_files = matches!(self.route, Some(Route::File | Route::V2));
        let id = match &self.destination().experiment {
            Experiment::Id(id) => id.clone(),
            Experiment::Name(name) => {
                let found = match keeps_files {
                    true => self.connection.find_or_create_served(name).await,
                    false => self.connection.find_or_create_experiment(name).await,
                };
                // That is said of no trace.
                found.map_err(Obstacle::or_experiment)?
            }
        };
        self.experiment_id = Some(id.clone());
        Ok(id)
    }

    /// Makes sure that the experiment can still be used: a server refuses whatever is for one that was deleted meanwhile.
    async fn confirm_experiment(&mut self) -> Result<(), Obstacle> {
        match &self.destination().experiment {
            Experiment::Name(_) => {
                self.experiment_id = None;
                self.experiment_id().await.map(drop)
            }
            Experiment::Id(id) => self.connection.confirm_experiment(id).await,
        }
    }

    /// How to reach it, and the number of the experiment.
    pub(crate) async fn place(&mut self) -> Result<(Connection, String), Obstacle> {
        let experiment_id = self.experiment_id().await?;
        Ok((self.connection.clone(), experiment_id))
    }

    /// When the next trace has waited long enough for its root.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.open.due()
    }

    /// What has waited long enough for its root; everything if `now` is `None`.
    pub(crate) fn release(&mut self, now: Option<Instant>, queue: &Queue) -> Vec<Shipment> {
        let released = self.open.release(now);
        queue.resume(released.iter().map(|one| one.parcels.len()).sum());
        released
    }

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

    /// Sends what can be sent of a shipment that the server refused; whether it is to be tried again.
    ///
    /// Unless the server `is_sound`, which means that it takes other things, an internal error may be about everything.
    pub(crate) async fn salvage(
        &mut self,
        shipment: &mut Shipment,
        refusal: &Obstacle,
        is_sound: bool,
    ) -> Result<bool, Obstacle> {
        self.confirm_experiment().await?;
        let Some(Route::Spans { compressed }) = self.route else {
            return Ok(false);
        };
        let Package::Spans(packed) = &mut shipment.package else {
            return Ok(false);
        };
        if packed.are_sent() {
            if !is_sound && matches!(refusal, Obstacle::Internal(_)) {
                return Err(refusal.clone());
            }
            return Ok(match packed.withhold_info(&refusal.reason()) {
                Some(withheld) => {
                    shipment.withheld.push(withheld);
                    true
                }
                None => false,
            });
        }
        let experiment_id = self.experiment_id().await?;
        let wire = Wire {
            connection: &self.connection,
            experiment_id: &experiment_id,
            compressed,
        };
        let withheld = &mut shipment.withheld;
        salvage::send_apart(wire, packed, withheld, is_sound).await?;
        Ok(true)
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

    /// Packs what is not packed for this route.
    fn pack(&mut self, route: Route, batch: &mut Vec<Shipment>, records: &mut Records<'_>) {
        let shape = match route {
            Route::Spans { .. } => None,
            Route::File | Route::Databricks => Some(Shape::V3),
            Route::V2 => Some(Shape::V2),
        };
        let mut packed = Vec::with_capacity(batch.len());
        let mut to_pack = Vec::new();
        for mut shipment in batch.drain(..) {
            let fits = match (&shipment.package, shape) {
                (Package::Spans(_), None) => true,
                (Package::File(file), Some(shape)) => file.shape() == shape,
                _ => false,
            };
            if fits {
                packed.push(shipment);
            } else {
                to_pack.append(&mut shipment.unpack());
            }
        }
        for shipment in to_pack {
            match shape {
                None => packed.extend(pack_spans(shipment, records)),
                Some(shape) => packed.extend(self.pack_file(shipment, shape, records)),
            }
        }
        *batch = packed;
    }

    /// As a file, together with what is held of the same trace. `None` if it is held as well.
    fn pack_file(
        &mut self,
        mut shipment: Shipment,
        shape: Shape,
        records: &mut Records<'_>,
    ) -> Option<Shipment> {
        let Some(parcel) = shipment.parcels.first() else {
            return Some(shipment);
        };
        let Some(mut file) = TraceFile::of(parcel, shape, records.processors) else {
            return Some(shipment);
        };
        // Assessments of a trace in progress are said one by one, and MLflow 2 knows none.
        let info = Some(file.info_mut()).filter(|info| info.is_finished());
        let annotations = Annotations::new(parcel, records.processors, info, records.prompts);
        shipment.annotations = vec![annotations];
        let own = shipment.parcels.len();
        let admitted = self.open.admit(file, shipment, Instant::now());
        match &admitted {
            Some(admitted) => {
                let held = admitted.parcels.len().saturating_sub(own);
                records.queue.resume(held);
            }
            None => records.queue.hold(own),
        }
        admitted
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

    /// What to do about an obstacle, by what is known of the server.
    fn explain(&mut self, obstacle: Obstacle) -> Obstacle {
        match obstacle {
            // By its name the experiment is found, or created, again.
            Obstacle::Rejected(reason) if reason.contains("RESOURCE_DOES_NOT_EXIST") => {
                self.experiment_id = None;
                match self.destination().experiment {
                    Experiment::Name(_) => Obstacle::Internal(reason),
                    Experiment::Id(_) if reason.contains("xperiment") => {
                        Obstacle::Experiment(reason)
                    }
                    Experiment::Id(_) => Obstacle::Rejected(reason),
                }
            }
            Obstacle::Missing(reason) => match self.route.and_then(Route::next) {
                Some(next) => {
                    self.take_route(next);
                    Obstacle::Missing(reason)
                }
                None => {
                    self.checked = false;
                    self.route = None;
                    Obstacle::Unsupported(reason)
                }
            },
            other => other,
        }
    }
}

/// As spans.
fn pack_spans(mut shipment: Shipment, records: &mut Records<'_>) -> Option<Shipment> {
    let parcel = shipment.parcels.first()?;
    let mut packed = PackedSpans::of(parcel, records.processors);
    let info = packed.info_mut();
    let annotations = Annotations::new(parcel, records.processors, info, records.prompts);
    shipment.package = Package::Spans(Box::new(packed));
    shipment.annotations = vec![annotations];
    Some(shipment)
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
    let answers: Vec<_> = stream::iter(requests)
        .buffered(spans::CONCURRENT_TRACES)
        .collect()
        .await;
    let mut arrived = Vec::new();
    let mut outcome = Ok(());
    for (position, answer) in answers {
        match answer {
            Ok(()) => arrived.push(position),
            Err(obstacle) => outcome = Err(obstacle),
        }
    }
    (arrived, outcome)
}
