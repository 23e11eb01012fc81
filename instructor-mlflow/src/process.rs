//! What the process knows: the tracing that is on, and where its traces go.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use crate::config::{Destination, Experiment, Settings};
use crate::error::InitError;
use crate::exporter::Exporter;
use crate::guard::Losses;
use crate::notice::Notices;
use crate::providers::Providers;
use crate::sampling::Sampler;
use crate::sink::{FlushError, Sink, Statistics};

/// What the layer, the guards and the functions of this module share.
#[derive(Debug)]
pub(crate) struct Pipeline {
    pub(crate) sink: Arc<dyn Sink>,
    pub(crate) providers: Providers,
    pub(crate) sampler: Sampler,
    pub(crate) notices: Notices,
    pub(crate) losses: Losses,
    /// The layer has become part of a subscriber.
    pub(crate) registered: AtomicBool,
    /// The built-in sink, unless another was given.
    pub(crate) exporter: Option<Arc<Exporter>>,
}

impl Pipeline {
    /// Waits for what was handed over before, and says what became of it.
    pub(crate) fn flush(&self, timeout: Duration) -> Result<Statistics, FlushError> {
        self.sink.flush(timeout)?;
        Ok(self.sink.statistics())
    }
}

/// What the process knows: what `set_*` said, and the tracing that is on.
pub(crate) struct Process {
    pub(crate) settings: Settings,
    pub(crate) pipeline: Weak<Pipeline>,
}

static PROCESS: Mutex<Process> = Mutex::new(Process {
    settings: Settings {
        tracking_uri: None,
        experiment: None,
        capture_content: None,
        active_model: None,
        log_assessments: None,
        verify_delivery: None,
        workspace: None,
    },
    pipeline: Weak::new(),
});

/// Nothing else of this crate is locked while it is held, but for what [`Process`] holds.
pub(crate) fn process() -> MutexGuard<'static, Process> {
    PROCESS.lock().unwrap_or_else(PoisonError::into_inner)
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

pub(crate) fn set(settings: Settings) -> Result<(), InitError> {
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

/// Where traces go now: what the exporter uses, or what it would use if tracing were on.
pub(crate) fn destination() -> Result<Arc<Destination>, InitError> {
    let process = process();
    let pipeline = process.pipeline.upgrade();
    let exporter = pipeline
        .as_ref()
        .and_then(|pipeline| pipeline.exporter.as_ref());
    match exporter {
        Some(exporter) => Ok(exporter.destination()),
        None => {
            let settings = process.settings.clone();
            Ok(Arc::new(settings.resolve(crate::config::environment)?))
        }
    }
}

/// Waits at most `timeout` until the traces of all finished calls have been delivered, or are known to be lost. Says what became of
/// all traces so far: [`dropped`](Statistics::dropped) ones are lost, and of the [`quarantined`](Statistics::quarantined) ones a part.
///
/// Returns at once if tracing is off. If the server cannot be reached, it gives up after two to five seconds.
///
/// # Errors
///
/// If traces are still waiting. They are not lost: delivery goes on.
pub fn flush(timeout: Duration) -> Result<Statistics, FlushError> {
    let pipeline = process().pipeline.upgrade();
    pipeline.map_or_else(
        || Ok(Statistics::default()),
        |pipeline| pipeline.flush(timeout),
    )
}
