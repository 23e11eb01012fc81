//! Turning tracing on, for a program without a subscriber.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::Registry;

use crate::error::InitError;
use crate::filter::CallFilter;
use crate::guard::Guard;
use crate::layer::CallLayer;
use crate::layer_builder::{LayerBuilder, layer};
use crate::notice::Audience;
use crate::process::process;
use crate::providers::Selection;
use crate::sink::Sink;
use crate::span_draft::SpanDraft;
use crate::storage::{Durability, WhenFull};
use crate::termination;

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

/// Settings of [`autolog`]; [`Autolog::init`] turns it on.
#[derive(Debug)]
#[must_use = "nothing is traced before `.init()`"]
pub struct Autolog {
    selection: Selection,
    builder: LayerBuilder,
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
    /// Default: what [`set_experiment`](crate::set_experiment) said, else `MLFLOW_TRACING_DESTINATION`, else
    /// `MLFLOW_EXPERIMENT_NAME`, else `MLFLOW_EXPERIMENT_ID`, else the server's default experiment.
    pub fn experiment(mut self, name: impl Into<String>) -> Self {
        self.builder = self.builder.experiment(name);
        self
    }

    /// The address of the server, for example `https://mlflow.example.com`.
    ///
    /// Default: what [`set_tracking_uri`](crate::set_tracking_uri) said, else `MLFLOW_TRACKING_URI`, else `http://127.0.0.1:5000`.
    pub fn tracking_uri(mut self, uri: impl Into<String>) -> Self {
        self.builder = self.builder.tracking_uri(uri);
        self
    }

    /// Whether traces hold what was asked and answered. Default: what `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT` says, else
    /// `true`.
    ///
    /// With `false` no text, number or truth value that a user or a model has written leaves the program: of prompts, answers,
    /// errors, verdicts, HTTP error bodies, and fields of your own spans only the shape is sent, with the lengths of texts and
    /// lists. Tokens, costs, times, outcomes, models, settings, and the names of types, fields and functions are sent.
    ///
    /// A [`sink`](Autolog::sink) of your own gets frames as they are.
    pub fn capture_content(mut self, capture: bool) -> Self {
        self.builder = self.builder.capture_content(capture);
        self
    }

    /// The logged model that traces belong to, by name: see [`set_active_model`](crate::set_active_model).
    ///
    /// Default: what [`set_active_model`](crate::set_active_model) said, else the one that `MLFLOW_ACTIVE_MODEL_ID` names, else none.
    pub fn active_model(mut self, name: impl Into<String>) -> Self {
        self.builder = self.builder.active_model(name);
        self
    }

    /// Whether the checks of answers become feedback of their traces: what each judge of `#[llm_validate]` said and why, each
    /// rule that was broken, and whether the answer was valid in the end. Default: `false`.
    ///
    /// The names are `valid`, and for rules the place and the kind: `subject.llm_validate`, `items[].title.length`. Their values
    /// are `true` or `false`, so ``feedback.`subject.llm_validate` = 'false'`` finds the traces. The metadata names the attempts.
    pub fn log_assessments(mut self, log: bool) -> Self {
        self.builder = self.builder.log_assessments(log);
        self
    }

    /// Whether the server is asked, after it took the spans of traces, if it has the traces. Default: `false`.
    ///
    /// MLflow answers 200 also if it could not make room for a trace in its database, and forgets the spans then. With `true`
    /// such spans are sent again, three times at most; after that [`Statistics::quarantined`](crate::Statistics::quarantined)
    /// counts the trace. It is one short request more for up to 100 traces, and one for each on MLflow 3.6 to 3.8. Servers
    /// that get the spans of a trace as a file are not asked: they answer with an error.
    pub fn verify_delivery(mut self, verify: bool) -> Self {
        self.builder = self.builder.verify_delivery(verify);
        self
    }

    /// The workspace to write to, on a server that keeps several apart. Default: `MLFLOW_WORKSPACE`, else none is named.
    pub fn workspace(mut self, name: impl Into<String>) -> Self {
        self.builder = self.builder.workspace(name);
        self
    }

    /// Hands finished calls to `sink` instead of sending them to a server. Address, experiment and queue do not matter then.
    ///
    /// Belongs to the first call of `autolog`: see [`InitError::TooLate`].
    pub fn sink(mut self, sink: Arc<dyn Sink>) -> Self {
        self.builder = self.builder.sink(sink);
        self
    }

    /// How many finished calls may wait for delivery. Default: as many as [fit](WhenFull), or 1,000 without files. What comes when so many
    /// wait is dropped, unless calls [wait](WhenFull::Block).
    ///
    /// Belongs to the first call of `autolog`: see [`InitError::TooLate`].
    pub fn queue_capacity(mut self, calls: usize) -> Self {
        self.builder = self.builder.queue_capacity(calls);
        self
    }

    /// See [`LayerBuilder::spool_dir`].
    pub fn spool_dir(mut self, directory: impl Into<PathBuf>) -> Self {
        self.builder = self.builder.spool_dir(directory);
        self
    }

    /// See [`LayerBuilder::durability`].
    pub fn durability(mut self, durability: Durability) -> Self {
        self.builder = self.builder.durability(durability);
        self
    }

    /// See [`LayerBuilder::when_full`].
    pub fn when_full(mut self, when_full: WhenFull) -> Self {
        self.builder = self.builder.when_full(when_full);
        self
    }

    /// See [`LayerBuilder::spool_capacity`].
    pub fn spool_capacity(mut self, bytes: u64) -> Self {
        self.builder = self.builder.spool_capacity(bytes);
        self
    }

    /// The share of traces that are recorded, from 0 to 1. Default: `MLFLOW_TRACE_SAMPLING_RATIO`, else 1, which is all.
    ///
    /// It is decided once for each trace, when its root opens, by the trace's id, so no trace arrives in parts. What is
    /// left out costs next to nothing. Where another program began the trace, that one has decided.
    pub fn sampling_ratio(mut self, ratio: f64) -> Self {
        self.builder = self.builder.sampling_ratio(ratio);
        self
    }

    /// Lets `processor` see each span, and change it, before anything of it is written down or sent: to take out names, keys, whole
    /// texts. Several run in the order in which they are given.
    ///
    /// It runs once for each span, on the thread of the call, before `create` returns: what it does, and making the trace ready to be
    /// sent, adds to the time of the call. Spans that are open around a call are shown to it with each call, by their name and with
    /// what was said of the trace, since that is written down as well. Calls and spans of its own are not traced.
    ///
    /// A span whose processor panics is sent without its content, never unprocessed; it is said once, and
    /// [`Statistics::withheld`](crate::Statistics::withheld) counts it. A [sink](Autolog::sink) of your own gets what was
    /// recorded, unprocessed. Metadata and the client's request id, which only
    /// [`update_current_trace`](crate::update_current_trace) and [`TraceScope`](crate::TraceScope) set, are sent as they
    /// were said.
    ///
    /// Belongs to the first call of `autolog`: see [`InitError::TooLate`].
    ///
    /// ```no_run
    /// # fn main() -> Result<(), instructor_mlflow::InitError> {
    /// let _mlflow = instructor_mlflow::autolog()
    ///     .span_processor(|span| span.for_each_text(|text| *text = text.replace("Ann", "[name]")))
    ///     .init()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn span_processor(
        mut self,
        processor: impl Fn(&mut SpanDraft) + Send + Sync + 'static,
    ) -> Self {
        self.builder = self.builder.span_processor(processor);
        self
    }

    /// How long dropping the [`Guard`] waits at most. Default: 30 seconds. It waits two to five if the server
    /// cannot be reached.
    pub fn flush_timeout(mut self, timeout: Duration) -> Self {
        self.builder = self.builder.flush_timeout(timeout);
        self
    }

    /// Whether SIGTERM, by which services are asked to end, delivers what is waiting first, for at most the
    /// [flush timeout](Autolog::flush_timeout); then it ends the process as it would have anyway. A second one does so at once. Default:
    /// `false`.
    ///
    /// Without it nothing is lost: traces wait in files for the next program. A program that handles SIGTERM itself does not need it, and
    /// must not turn it on, since its own end would be cut short: it drops the [`Guard`]. Does nothing on Windows, which has no SIGTERM.
    pub fn flush_on_terminate(mut self, flush: bool) -> Self {
        self.builder = self.builder.flush_on_terminate(flush);
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
        let flush_on_terminate = builder.flush_on_terminate;
        let running = process.pipeline.upgrade();
        let running = running.filter(|pipeline| pipeline.registered.load(Ordering::Acquire));
        if let Some(pipeline) = running {
            builder.check_fits(&pipeline)?;
            let ratio = builder.ratio()?;
            if flush_on_terminate {
                termination::flush_before(&pipeline, flush_timeout)?;
            }
            if let Some(exporter) = &pipeline.exporter {
                exporter.redirect(builder.settings)?;
            }
            if let Some(ratio) = ratio {
                pipeline.sampler.set(ratio);
            }
            pipeline.providers.extend(selection);
            return Ok(Guard::new(pipeline, flush_timeout));
        }
        let pipeline = builder.pipeline(selection, Audience::StandardError, &process.settings)?;
        if flush_on_terminate {
            termination::flush_before(&pipeline, flush_timeout)?;
        }
        let subscriber =
            Registry::default().with(CallLayer::new(pipeline.clone()).with_filter(CallFilter));
        tracing::subscriber::set_global_default(subscriber)
            .map_err(|_| InitError::ForeignSubscriber)?;
        process.pipeline = Arc::downgrade(&pipeline);
        Ok(Guard::new(pipeline, flush_timeout))
    }
}

/// Tracing of calls to OpenAI, and to every service that speaks its wire.
pub mod openai {
    use super::{Autolog, Selection, process};

    const DIALECTS: [&str; 2] = ["openai", "openai_responses"];

    /// Traces the calls in the dialects of OpenAI only: chat completions and Responses. Other `autolog` calls add to it.
    ///
    /// A call belongs to the provider it is made to; what its LLM validators ask of another one is part of the call.
    pub fn autolog() -> Autolog {
        Autolog::new(Selection::Only(DIALECTS.into()))
    }

    /// Traces these calls no longer, until `openai::autolog().init()` is called again. Does nothing if tracing is off.
    pub fn disable() {
        if let Some(pipeline) = process().pipeline.upgrade() {
            pipeline.providers.remove(&DIALECTS);
        }
    }
}

/// Tracing of calls to Anthropic.
pub mod anthropic {
    use super::{Autolog, Selection, process};

    const DIALECTS: [&str; 1] = ["anthropic"];

    /// Traces the calls in the Anthropic dialect only. Other `autolog` calls add to it.
    ///
    /// A call belongs to the provider it is made to; what its LLM validators ask of another one is part of the call.
    pub fn autolog() -> Autolog {
        Autolog::new(Selection::Only(DIALECTS.into()))
    }

    /// Traces these calls no longer, until `anthropic::autolog().init()` is called again. Does nothing if tracing is off.
    pub fn disable() {
        if let Some(pipeline) = process().pipeline.upgrade() {
            pipeline.providers.remove(&DIALECTS);
        }
    }
}
