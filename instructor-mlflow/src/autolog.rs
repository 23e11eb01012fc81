//! Turning tracing on.

use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tracing::Subscriber;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry};

use crate::config::{Experiment, Settings};
use crate::error::InitError;
use crate::exporter::Exporter;
use crate::filter::CallFilter;
use crate::guard::{Guard, Losses};
use crate::layer::{CallLayer, MlflowLayer};
use crate::notice::{Audience, Notices};
use crate::providers::{Providers, Selection};
use crate::queue::Capacity;
use crate::sink::{FlushError, Sink};

/// How long a dropped [`Guard`] waits for the server. A fresh MLflow server needs up to 8 seconds for its first trace.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(30);

/// What the layer, the guards and the functions of this module share.
#[derive(Debug)]
pub(crate) struct Pipeline {
    pub(crate) sink: Arc<dyn Sink>,
    pub(crate) providers: Providers,
    pub(crate) notices: Notices,
    pub(crate) losses: Losses,
    /// The layer has become part of a subscriber.
    pub(crate) registered: AtomicBool,
    /// The built-in sink, unless another was given.
    exporter: Option<Arc<Exporter>>,
}

/// What the process knows: what `set_*` said, and the tracing that is on.
struct Process {
    settings: Settings,
    pipeline: Weak<Pipeline>,
}

static PROCESS: Mutex<Process> = Mutex::new(Process {
    settings: Settings {
        tracking_uri: None,
        experiment: None,
    },
    pipeline: Weak::new(),
});

fn process() -> MutexGuard<'static, Process> {
    PROCESS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Traces the calls of all providers.
///
/// Installs a global `tracing` subscriber that does nothing else. A program that has a subscriber of its own, for
/// example to print logs, adds [`layer`] to it instead.
///
/// ```no_run
/// # fn main() -> Result<(), instructor_mlflow::InitError> {
/// let _mlflow = instructor_mlflow::autolog().experiment("emails").init()?; // flushes when it is dropped
/// # Ok(())
/// # }
/// ```
pub fn autolog() -> Autolog {
    Autolog::new(Selection::All)
}

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
        queue_capacity: None,
        flush_timeout: FLUSH_TIMEOUT,
    }
}

/// Sends the traces of calls that finish from now on to the experiment `name`, which is created if it does not exist.
///
/// Works before tracing is turned on as well.
///
/// # Errors
///
/// If the environment holds a setting that cannot be read.
pub fn set_experiment(name: impl Into<String>) -> Result<(), InitError> {
    set(Settings {
        experiment: Some(Experiment::Name(name.into())),
        ..Settings::default()
    })
}

/// Sends the traces of calls that finish from now on to the server at `uri`, for example `http://127.0.0.1:5000`.
///
/// Works before tracing is turned on as well.
///
/// # Errors
///
/// If `uri` is not an `http` or `https` address, or the environment holds a setting that cannot be read.
pub fn set_tracking_uri(uri: impl Into<String>) -> Result<(), InitError> {
    set(Settings {
        tracking_uri: Some(uri.into().into()),
        ..Settings::default()
    })
}

fn set(settings: Settings) -> Result<(), InitError> {
    let mut process = process();
    let all = settings.clone().or(process.settings.clone());
    all.clone().resolve(crate::config::environment)?;
    let pipeline = process.pipeline.upgrade();
    if let Some(exporter) = pipeline
        .as_ref()
        .and_then(|pipeline| pipeline.exporter.as_ref())
    {
        exporter.redirect(settings)?;
    }
    process.settings = all;
    Ok(())
}

/// Waits at most `timeout` until the traces of all finished calls have been delivered, or are known to be lost.
///
/// Returns at once if tracing is off. If the server cannot be reached, it gives up after two to five seconds.
///
/// # Errors
///
/// If traces are still waiting. They are not lost: delivery goes on.
pub fn flush(timeout: Duration) -> Result<(), FlushError> {
    let pipeline = process().pipeline.upgrade();
    pipeline.map_or(Ok(()), |pipeline| pipeline.sink.flush(timeout))
}

/// Settings of [`autolog`]; [`Autolog::init`] turns it on.
#[derive(Debug)]
#[must_use = "nothing is traced before `.init()`"]
pub struct Autolog {
    selection: Selection,
    builder: LayerBuilder,
}

/// Settings of [`layer`]; [`LayerBuilder::build`] makes it.
#[derive(Debug)]
#[must_use = "nothing is traced before the layer is built and added to a subscriber"]
pub struct LayerBuilder {
    settings: Settings,
    sink: Option<Arc<dyn Sink>>,
    queue_capacity: Option<usize>,
    flush_timeout: Duration,
}

impl Autolog {
    pub(crate) fn new(selection: Selection) -> Self {
        Autolog {
            selection,
            builder: layer(),
        }
    }

    /// The experiment to write to, by name; it is created if it does not exist.
    ///
    /// Default: what [`set_experiment`] said, else `MLFLOW_EXPERIMENT_NAME`, else `MLFLOW_EXPERIMENT_ID`, else the
    /// server's default experiment.
    pub fn experiment(mut self, name: impl Into<String>) -> Self {
        self.builder = self.builder.experiment(name);
        self
    }

    /// The address of the server, for example `https://mlflow.example.com`.
    ///
    /// Default: what [`set_tracking_uri`] said, else `MLFLOW_TRACKING_URI`, else `http://127.0.0.1:5000`.
    pub fn tracking_uri(mut self, uri: impl Into<String>) -> Self {
        self.builder = self.builder.tracking_uri(uri);
        self
    }

    /// Hands finished calls to `sink` instead of sending them to a server. Address, experiment and queue do not matter then.
    ///
    /// Belongs to the first call of `autolog`: see [`InitError::TooLate`].
    pub fn sink(mut self, sink: Arc<dyn Sink>) -> Self {
        self.builder = self.builder.sink(sink);
        self
    }

    /// How many finished calls may wait for delivery. Default: 1000.
    ///
    /// Belongs to the first call of `autolog`: see [`InitError::TooLate`].
    pub fn queue_capacity(mut self, calls: usize) -> Self {
        self.builder = self.builder.queue_capacity(calls);
        self
    }

    /// How long dropping the [`Guard`] waits at most. Default: 30 seconds. It waits two to five if the server
    /// cannot be reached.
    pub fn flush_timeout(mut self, timeout: Duration) -> Self {
        self.builder = self.builder.flush_timeout(timeout);
        self
    }

    /// Turns tracing on. No network input or output happens here, nor anywhere on the caller's threads later.
    ///
    /// If tracing is on already, this extends it: the calls of the chosen providers are traced as well, and an
    /// experiment or address named here counts from now on.
    ///
    /// # Errors
    ///
    /// If a setting cannot be read, another global `tracing` subscriber is installed, or tracing is on with another sink
    /// or queue than named here: see [`InitError`].
    pub fn init(self) -> Result<Guard, InitError> {
        let Autolog { selection, builder } = self;
        let mut process = process();
        let flush_timeout = builder.flush_timeout;
        let running = process.pipeline.upgrade();
        let running = running.filter(|pipeline| pipeline.registered.load(Ordering::Acquire));
        if let Some(pipeline) = running {
            builder.check_fits(&pipeline)?;
            if let Some(exporter) = &pipeline.exporter {
                exporter.redirect(builder.settings)?;
            }
            pipeline.providers.extend(selection);
            return Ok(Guard::new(pipeline, flush_timeout));
        }
        let pipeline = builder.pipeline(selection, Audience::StandardError, &process.settings)?;
        let subscriber =
            Registry::default().with(CallLayer::new(pipeline.clone()).with_filter(CallFilter));
        tracing::subscriber::set_global_default(subscriber)
            .map_err(|_| InitError::ForeignSubscriber)?;
        process.pipeline = Arc::downgrade(&pipeline);
        Ok(Guard::new(pipeline, flush_timeout))
    }
}

impl LayerBuilder {
    /// See [`Autolog::experiment`].
    pub fn experiment(mut self, name: impl Into<String>) -> Self {
        self.settings.experiment = Some(Experiment::Name(name.into()));
        self
    }

    /// See [`Autolog::tracking_uri`].
    pub fn tracking_uri(mut self, uri: impl Into<String>) -> Self {
        self.settings.tracking_uri = Some(uri.into().into());
        self
    }

    /// See [`Autolog::sink`].
    pub fn sink(mut self, sink: Arc<dyn Sink>) -> Self {
        self.sink = Some(sink);
        self
    }

    /// See [`Autolog::queue_capacity`].
    pub fn queue_capacity(mut self, calls: usize) -> Self {
        self.queue_capacity = Some(calls);
        self
    }

    /// See [`Autolog::flush_timeout`].
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
    fn check_fits(&self, running: &Pipeline) -> Result<(), InitError> {
        if let Some(sink) = &self.sink
            && !ptr::addr_eq(Arc::as_ptr(sink), Arc::as_ptr(&running.sink))
        {
            return Err(InitError::TooLate { setting: "sink" });
        }
        if let Some(asked) = self.queue_capacity
            && let Some(exporter) = &running.exporter
            && exporter.capacity().frames != asked
        {
            return Err(InitError::TooLate {
                setting: "queue_capacity",
            });
        }
        Ok(())
    }

    fn pipeline(
        self,
        selection: Selection,
        audience: Audience,
        defaults: &Settings,
    ) -> Result<Arc<Pipeline>, InitError> {
        let notices = Notices::new(audience);
        let (sink, exporter) = match self.sink {
            Some(sink) => (sink, None),
            None => {
                let settings = self.settings.or(defaults.clone());
                let mut capacity = Capacity::default();
                capacity.frames = self.queue_capacity.unwrap_or(capacity.frames);
                let exporter = Exporter::start(settings, capacity, notices.clone())?;
                let exporter = Arc::new(exporter);
                (exporter.clone() as Arc<dyn Sink>, Some(exporter))
            }
        };
        Ok(Arc::new(Pipeline {
            sink,
            providers: Providers::new(selection),
            notices,
            losses: Losses::default(),
            registered: AtomicBool::new(false),
            exporter,
        }))
    }
}

/// Tracing of calls to OpenAI, and to every service that speaks its wire.
pub mod openai {
    use super::{Autolog, Selection};

    /// Traces the calls in the dialects of OpenAI only: chat completions and Responses. Other `autolog` calls add to it.
    ///
    /// A call belongs to the provider it is made to; what its LLM validators ask of another one is part of the call.
    pub fn autolog() -> Autolog {
        Autolog::new(Selection::Only(vec!["openai", "openai_responses"]))
    }
}

/// Tracing of calls to Anthropic.
pub mod anthropic {
    use super::{Autolog, Selection};

    /// Traces the calls in the Anthropic dialect only. Other `autolog` calls add to it.
    ///
    /// A call belongs to the provider it is made to; what its LLM validators ask of another one is part of the call.
    pub fn autolog() -> Autolog {
        Autolog::new(Selection::Only(vec!["anthropic"]))
    }
}
