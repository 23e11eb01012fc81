//! An MLflow server: which one it is, and how traces get there.

mod annotations;
mod artifacts;
pub(crate) mod connection;
mod databricks;
mod experiments;
mod file;
pub(crate) mod obstacle;
mod open_traces;
mod packing;
mod route;
mod salvage;
pub(crate) mod spans;
pub(crate) mod trace_file;
mod trace_v3;
mod transmission;
mod v2;
mod version;

use std::sync::Arc;
use std::time::Instant;

use reqwest::Method;

use crate::config::{Destination, Experiment};
use crate::notice::Notice;
use crate::queue::Queue;
use crate::server::connection::Connection;
pub(crate) use crate::server::obstacle::Obstacle;
use crate::server::open_traces::OpenTraces;
use crate::server::route::Route;
use crate::server::spans::Wire;
use crate::server::version::Version;
use crate::shipment::{Package, Shipment};

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
        let may_be_the_server = !is_sound && matches!(refusal, Obstacle::Internal(_));
        let (Some(Route::Spans { compressed }), Package::Spans(packed)) =
            (self.route, &mut shipment.package)
        else {
            // There are no parts that could be tried.
            return match may_be_the_server {
                true => Err(refusal.clone()),
                false => Ok(false),
            };
        };
        if packed.are_sent() {
            if may_be_the_server {
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
