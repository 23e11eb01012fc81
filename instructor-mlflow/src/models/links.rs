//! Which trace belongs to which model: kept by the exporter's thread.

use std::hash::Hash;
use std::sync::Arc;
use std::time::{Duration, Instant};

use instructor_core::trace::CREATE;
use lru::LruCache;

use crate::models::active::ActiveModel;
use crate::models::artifacts::{FILE_TYPE, proxied_path};
use crate::models::definition::{Asked, Definition};
use crate::models::directory;
use crate::models::endpoints::{Info, Status};
use crate::notice::{Notice, Notices};
use crate::parcel::Parcel;
use crate::record::{DefinitionKey, Record};
use crate::server::connection::Connection;
use crate::server::{Obstacle, Server};
use crate::span::TraceId;
use crate::trace_info::TraceInfo;

/// How many definitions, and how many traces with open roots, are remembered.
const REMEMBERED: usize = 4096;

/// After a refusal the server is not asked for the same model for so long.
const REFUSAL: Duration = Duration::from_secs(60);

/// How often a server that gives no answer about models is asked before its traces go on without.
const TRIES: u32 = 3;

/// The model that a trace belongs to.
#[derive(Debug, Clone)]
pub(crate) enum Link {
    /// This one.
    Id(Arc<str>),
    /// The version of `name` with this definition.
    Version {
        name: Arc<str>,
        definition: Arc<Definition>,
    },
}

/// What makes a definition, to compute none twice.
#[derive(PartialEq, Eq, Hash)]
struct Source {
    response_model: DefinitionKey,
    asked: Asked,
}

/// A version on a server.
#[derive(PartialEq, Eq, Hash)]
struct Version {
    address: String,
    experiment_id: String,
    name: Arc<str>,
    hash: String,
}

#[derive(Clone)]
enum Known {
    Id(Arc<str>),
    /// The server gave no answer so often.
    Unanswered(u32),
    Refused(Instant),
}

/// The models of the traces that pass by.
pub(crate) struct Links {
    definitions: LruCache<Source, Arc<Definition>>,
    /// Of traces whose root is still open: what their first call belongs to.
    open: LruCache<TraceId, Link>,
    versions: LruCache<Version, Known>,
    /// What people should know.
    refused: Option<Notice>,
}

impl Links {
    pub(crate) fn new() -> Links {
        Links {
            // Unbounded ones take no memory until they are used; `remember` keeps the bound.
            definitions: LruCache::unbounded(),
            open: LruCache::unbounded(),
            versions: LruCache::unbounded(),
            refused: None,
        }
    }

    /// The model of the trace that this record completes. Records must pass in the order in which they were handed over.
    pub(crate) fn of(&mut self, parcel: &Parcel) -> Option<Link> {
        let record = &parcel.record;
        let link = self.of_call(&parcel.destination().active_model, record);
        if record.root().is_none() {
            if let Some(link) = link
                && !self.open.contains(&record.trace_id)
            {
                remember(&mut self.open, record.trace_id, link);
            }
            return None;
        }
        self.open.pop(&record.trace_id).or(link)
    }

    fn of_call(&mut self, active: &ActiveModel, record: &Record<'_>) -> Option<Link> {
        match active {
            ActiveModel::None => None,
            ActiveModel::Id(id) => Some(Link::Id(id.as_str().into())),
            ActiveModel::Name(name) => Some(Link::Version {
                name: name.as_str().into(),
                definition: self.definition(record)?,
            }),
        }
    }

    /// That of the outermost call: children come before their parents.
    fn definition(&mut self, record: &Record<'_>) -> Option<Arc<Definition>> {
        let call = record.spans.last()?.call(CREATE)?;
        let request = call.request.as_ref()?;
        let source = Source {
            response_model: request.definition?,
            asked: Asked::of(call)?,
        };
        if let Some(known) = self.definitions.get(&source) {
            return Some(known.clone());
        }
        let model = record.response_model(request)?.clone();
        let definition = Arc::new(Definition::new(model, Some(&source.asked)));
        remember(&mut self.definitions, source, definition.clone());
        Some(definition)
    }

    /// Writes into the infos which model their traces belong to, and finds or creates the models that are not known yet.
    ///
    /// Fails only if the server could not be reached, so that the traces wait for it. After any other failure they go on
    /// without a model.
    pub(crate) async fn write<'a>(
        &mut self,
        server: &mut Server,
        traces: impl Iterator<Item = (Link, &'a mut TraceInfo)>,
    ) -> Result<(), Obstacle> {
        for (link, info) in traces {
            let id = match link {
                Link::Id(id) => Some(id),
                Link::Version { name, definition } => self.id(server, &name, &definition).await?,
            };
            if let Some(id) = id {
                info.set_model(&id);
            }
        }
        Ok(())
    }

    async fn id(
        &mut self,
        server: &mut Server,
        name: &Arc<str>,
        definition: &Definition,
    ) -> Result<Option<Arc<str>>, Obstacle> {
        let (connection, experiment_id) = server.place().await?;
        let address = &connection.destination().address;
        let version = Version {
            address: address.to_string(),
            experiment_id,
            name: name.clone(),
            hash: definition.hash.clone(),
        };
        let tries = match self.versions.get(&version) {
            Some(Known::Id(id)) => return Ok(Some(id.clone())),
            Some(Known::Refused(when)) if when.elapsed() < REFUSAL => return Ok(None),
            Some(Known::Unanswered(tries)) => *tries,
            _ => 0,
        };
        let found = find_or_create(&connection, &version, definition).await;
        let (known, outcome) = match found {
            Ok(id) => {
                let id: Arc<str> = id.into();
                (Known::Id(id.clone()), Ok(Some(id)))
            }
            Err(obstacle @ Obstacle::Unavailable { .. }) if tries + 1 < TRIES => {
                (Known::Unanswered(tries + 1), Err(obstacle))
            }
            Err(obstacle) => {
                self.refused = Some(Notice::Model {
                    address: address.clone(),
                    reason: obstacle.reason(),
                });
                (Known::Refused(Instant::now()), Ok(None))
            }
        };
        remember(&mut self.versions, version, known);
        outcome
    }

    /// Says what the server refused, if it did.
    pub(crate) fn tell(&mut self, notices: &Notices) {
        if let Some(notice) = self.refused.take() {
            notices.say(&notice);
        }
    }

    /// The server was away: what it would not do before it may do now.
    pub(crate) fn server_lost(&mut self) {
        let refused: Vec<_> = self
            .versions
            .iter_mut()
            .filter(|(_, known)| matches!(known, Known::Refused(_)))
            .map(|(_, known)| known)
            .collect();
        for known in refused {
            *known = Known::Unanswered(0);
        }
    }
}

/// Puts a value in; what was not needed for the longest time makes room.
fn remember<K: Eq + Hash, V>(cache: &mut LruCache<K, V>, key: K, value: V) {
    cache.put(key, value);
    if cache.len() > REMEMBERED {
        cache.pop_lru();
    }
}

/// The id of the version on the server.
async fn find_or_create(
    connection: &Connection,
    version: &Version,
    definition: &Definition,
) -> Result<String, Obstacle> {
    let find = || connection.find_model(&version.experiment_id, &version.name, definition);
    if let Some(found) = find().await? {
        return complete(connection, definition, found).await;
    }
    let created = connection
        .create_model(&version.experiment_id, &version.name, definition, true)
        .await?;
    // Several processes of one program start at the same moment: all take the oldest.
    if let Some(older) = find().await?
        && older.model_id != created.model_id
    {
        // If it stays, nothing refers to it.
        let _ = connection.delete_model(&created.model_id).await;
        return complete(connection, definition, older).await;
    }
    complete(connection, definition, created).await
}

/// Makes the model ready, unless it is: whoever created it may have been stopped half way.
async fn complete(
    connection: &Connection,
    definition: &Definition,
    info: Info,
) -> Result<String, Obstacle> {
    if info.status != Status::Ready {
        if let Some(path) = proxied_path(&info.artifact_uri) {
            for (file, content) in directory::files(definition, &info, None, true) {
                // Traces do without the files, and so does `get_logged_model`.
                let stored = connection.put_file(path, file, FILE_TYPE, content);
                if stored.await.is_err() {
                    break;
                }
            }
        }
        connection
            .conclude_model(&info.model_id, Status::Ready)
            .await?;
    }
    Ok(info.model_id)
}
