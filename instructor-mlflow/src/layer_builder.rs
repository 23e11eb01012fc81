//! Turning tracing on, for a program with a subscriber of its own.

use std::fmt;
use std::path::PathBuf;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use tracing::Subscriber;
use tracing_subscriber::layer::Layer;
use tracing_subscriber::registry::LookupSpan;

use crate::config::{Experiment, Settings, environment, number};
use crate::error::InitError;
use crate::exporter::Exporter;
use crate::filter::CallFilter;
use crate::guard::{Guard, Losses};
use crate::layer::{CallLayer, MlflowLayer};
use crate::models::ActiveModel;
use crate::notice::{Audience, Notices};
use crate::process::{Pipeline, process};
use crate::processor::Processor;
use crate::providers::{Providers, Selection};
use crate::quarantine::Quarantine;
use crate::sampling::{Ratio, Sampler};
use crate::sink::Sink;
use crate::span_draft::SpanDraft;
use crate::storage::{Durability, StorageSettings, WhenFull};

/// How long a dropped [`Guard`] waits for the server. A fresh MLflow server needs up to 8 seconds for its first trace.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(30);

/// A layer for a program that has a `tracing` subscriber already.
///
/// ```
/// use tracing_subscriber::layer::SubscriberExt;
///
/// # fn main() -> Result<(), instructor_mlflow::InitError> {
/// let (mlflow, _guard) = instructor_mlflow::layer().experiment("emails").build()?;
/// let subscriber = tracing_subscriber::registry()
///     .with(tracing_subscriber::fmt::layer())
///     .with(mlflow);
/// // tracing::subscriber::set_global_default(subscriber)
/// # drop(subscriber);
/// # Ok(())
/// # }
/// ```
pub fn layer() -> LayerBuilder {
    LayerBuilder {
        settings: Settings::default(),
        sink: None,
        storage: StorageSettings::default(),
        sampling_ratio: None,
        processors: Vec::new(),
        flush_timeout: FLUSH_TIMEOUT,
    }
}

/// Settings of [`layer`]; [`LayerBuilder::build`] makes it.
#[must_use = "nothing is traced before the layer is built and added to a subscriber"]
pub struct LayerBuilder {
    pub(crate) settings: Settings,
    sink: Option<Arc<dyn Sink>>,
    storage: StorageSettings,
    sampling_ratio: Option<f64>,
    processors: Vec<Processor>,
    pub(crate) flush_timeout: Duration,
}

impl fmt::Debug for LayerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LayerBuilder")
            .field("settings", &self.settings)
            .field("sink", &self.sink)
            .field("storage", &self.storage)
            .field("sampling_ratio", &self.sampling_ratio)
            .field("processors", &self.processors.len())
            .field("flush_timeout", &self.flush_timeout)
            .finish()
    }
}

impl LayerBuilder {
    /// See [`Autolog::experiment`](crate::Autolog::experiment).
    pub fn experiment(mut self, name: impl Into<String>) -> Self {
        self.settings.experiment = Some(Experiment::Name(name.into()));
        self
    }

    /// See [`Autolog::tracking_uri`](crate::Autolog::tracking_uri).
    pub fn tracking_uri(mut self, uri: impl Into<String>) -> Self {
        self.settings.tracking_uri = Some(uri.into().into());
        self
    }

    /// See [`Autolog::capture_content`](crate::Autolog::capture_content).
    pub fn capture_content(mut self, capture: bool) -> Self {
        self.settings.capture_content = Some(capture);
        self
    }

    /// See [`Autolog::active_model`](crate::Autolog::active_model).
    pub fn active_model(mut self, name: impl Into<String>) -> Self {
        self.settings.active_model = Some(ActiveModel::Name(name.into()));
        self
    }

    /// See [`Autolog::verify_delivery`](crate::Autolog::verify_delivery).
    pub fn verify_delivery(mut self, verify: bool) -> Self {
        self.settings.verify_delivery = Some(verify);
        self
    }

    /// See [`Autolog::log_assessments`](crate::Autolog::log_assessments).
    pub fn log_assessments(mut self, log: bool) -> Self {
        self.settings.log_assessments = Some(log);
        self
    }

    /// See [`Autolog::workspace`](crate::Autolog::workspace).
    pub fn workspace(mut self, name: impl Into<String>) -> Self {
        self.settings.workspace = Some(name.into());
        self
    }

    /// See [`Autolog::sink`](crate::Autolog::sink).
    pub fn sink(mut self, sink: Arc<dyn Sink>) -> Self {
        self.sink = Some(sink);
        self
    }

    /// See [`Autolog::queue_capacity`](crate::Autolog::queue_capacity).
    pub fn queue_capacity(mut self, calls: usize) -> Self {
        self.storage.most_records = Some(calls);
        self
    }

    /// The directory in which traces wait for their server; each process has one of its own below it. What a process leaves there, since the
    /// server was away or the process was killed, is sent by the next one that sends to the same server.
    ///
    /// By default `instructor-mlflow` in the user's directory for state: `$XDG_STATE_HOME` or `~/.local/state` on Unix,
    /// `~/Library/Application Support` on macOS, `%APPDATA%` on Windows; or what `MLFLOW_SPOOL_DIR` names, where `off` means
    /// [`Durability::Off`]. Where nothing can be written traces wait in memory, and a warning says so.
    pub fn spool_dir(mut self, directory: impl Into<PathBuf>) -> Self {
        self.storage.directory = Some(directory.into());
        self
    }

    /// What traces survive that wait for their server. The end of the process, by default.
    ///
    /// With a [`span_processor`](Self::span_processor) or without [`capture_content`](Self::capture_content) they wait in memory.
    pub fn durability(mut self, durability: Durability) -> Self {
        self.storage.durability = Some(durability);
        self
    }

    /// What happens when there is no room for more. The oldest traces are dropped, by default.
    pub fn when_full(mut self, when_full: WhenFull) -> Self {
        self.storage.when_full = Some(when_full);
        self
    }

    /// How many bytes of traces may wait on disk for one experiment: 512 MiB by default, and at least 1 MiB.
    pub fn spool_capacity(mut self, bytes: u64) -> Self {
        self.storage.capacity = Some(bytes);
        self
    }

    /// See [`Autolog::sampling_ratio`](crate::Autolog::sampling_ratio).
    pub fn sampling_ratio(mut self, ratio: f64) -> Self {
        self.sampling_ratio = Some(ratio);
        self
    }

    /// See [`Autolog::span_processor`](crate::Autolog::span_processor).
    pub fn span_processor(
        mut self,
        processor: impl Fn(&mut SpanDraft) + Send + Sync + 'static,
    ) -> Self {
        self.processors.push(Arc::new(processor));
        self
    }

    /// See [`Autolog::flush_timeout`](crate::Autolog::flush_timeout).
    pub fn flush_timeout(mut self, timeout: Duration) -> Self {
        self.flush_timeout = timeout;
        self
    }

    /// The layer, and the guard that flushes when it is dropped. No network input or output happens here.
    ///
    /// The layer brings its own filter: it sees spans of level INFO and above, whatever the other layers see. A filter
    /// on the whole subscriber (`registry().with(EnvFilter::...)`) comes before it and must let `instructor=info` pass.
    ///
    /// # Errors
    ///
    /// If a setting cannot be read: see [`InitError`].
    pub fn build<S>(self) -> Result<(MlflowLayer<S>, Guard), InitError>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let mut process = process();
        let flush_timeout = self.flush_timeout;
        let pipeline = self.pipeline(Selection::All, Audience::Subscriber, &process.settings)?;
        process.pipeline = Arc::downgrade(&pipeline);
        let layer = CallLayer::new(pipeline.clone()).with_filter(CallFilter);
        Ok((layer, Guard::new(pipeline, flush_timeout)))
    }

    /// Whether `running` is what these settings ask for, apart from what can be changed.
    pub(crate) fn check_fits(&self, running: &Pipeline) -> Result<(), InitError> {
        if let Some(sink) = &self.sink
            && !ptr::addr_eq(Arc::as_ptr(sink), Arc::as_ptr(&running.sink))
        {
            return Err(InitError::TooLate { setting: "sink" });
        }
        if let Some(exporter) = &running.exporter
            && let Some(setting) = self.storage.differs_from(exporter.storage())
        {
            return Err(InitError::TooLate { setting });
        }
        if !self.processors.is_empty() {
            return Err(InitError::TooLate {
                setting: "span_processor",
            });
        }
        Ok(())
    }

    /// What these settings say of sampling.
    pub(crate) fn ratio(&self) -> Result<Option<Ratio>, InitError> {
        let ratio = self.sampling_ratio;
        ratio
            .map(|ratio| Ratio::new("sampling_ratio", ratio))
            .transpose()
    }

    pub(crate) fn pipeline(
        self,
        selection: Selection,
        audience: Audience,
        defaults: &Settings,
    ) -> Result<Arc<Pipeline>, InitError> {
        let notices = Notices::new(audience);
        let ratio = match self.ratio()? {
            Some(ratio) => ratio,
            None => Ratio::from_variable(environment)?,
        };
        let (sink, exporter) = match self.sink {
            Some(sink) => (sink, None),
            None => {
                let settings = self.settings.or(defaults.clone());
                let mut storage = self.storage;
                if storage.most_records.is_none() {
                    let most = number("MLFLOW_ASYNC_TRACE_LOGGING_MAX_QUEUE_SIZE", &environment)?;
                    storage.most_records = most.map(|calls| calls as usize);
                }
                let mut storage = storage.resolve(environment);
                let quarantine = Quarantine::below(storage.directory.as_deref());
                if !self.processors.is_empty() {
                    // What they take out must not be on disk either.
                    storage.keep_in_memory();
                }
                let exporter = Exporter::start(
                    settings,
                    storage,
                    self.processors,
                    notices.clone(),
                    quarantine,
                )?;
                let exporter = Arc::new(exporter);
                (exporter.clone() as Arc<dyn Sink>, Some(exporter))
            }
        };
        Ok(Arc::new(Pipeline {
            sink,
            providers: Providers::new(selection),
            sampler: Sampler::new(ratio),
            notices,
            losses: Losses::default(),
            registered: AtomicBool::new(false),
            exporter,
        }))
    }
}
