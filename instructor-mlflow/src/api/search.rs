//! Looking for traces.

use std::collections::VecDeque;
use std::future::IntoFuture;

use futures_util::stream::{self, Stream};
use reqwest::Method;
use serde::{Deserialize, Serialize};

use super::error::TrackingError;
use super::feedback::Boxed;
use super::request::Call;
use super::trace::TraceInfo;
use super::tracking::Tracking;
use crate::config::Experiment;

/// A search for traces in the making. Awaited it gives the first page; [`stream`](SearchTraces::stream) gives them all. Made
/// by [`search_traces`](crate::search_traces).
///
/// The filter is MLflow's own language, whose texts stand in single quotes:
///
/// | filter | finds traces |
/// |---|---|
/// | `trace.status = 'ERROR'` | that failed |
/// | `tags.reviewed = 'yes'` | with this tag |
/// | `metadata.mlflow.trace.session = 'chat-7'` | of this session |
/// | `feedback.helpful = 'true'` | with this feedback; backquotes go around names that are no words: ``feedback.`subject.llm_validate` = 'false'`` |
/// | `prompt = 'greeting/3'` | that used this version of a prompt |
/// | `trace.timestamp_ms > 1700000000000 AND trace.execution_time_ms > 5000` | both |
#[derive(Debug, Clone)]
#[must_use = "nothing is asked until this is awaited or streamed"]
pub struct SearchTraces {
    tracking: Option<Tracking>,
    experiments: Vec<Experiment>,
    filter: Option<String>,
    order_by: Vec<String>,
    page_size: u32,
    page_token: Option<String>,
}

/// Some of the traces that were found.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct TracePage {
    /// The traces, without their spans; [`get_trace`](crate::get_trace) has those.
    #[serde(default)]
    pub traces: Vec<TraceInfo>,
    /// Where the next page begins, for [`SearchTraces::page_token`]; `None` on the last one.
    #[serde(default)]
    pub next_page_token: Option<String>,
}

impl SearchTraces {
    pub(super) fn new(tracking: Option<Tracking>) -> Self {
        SearchTraces {
            tracking,
            experiments: Vec::new(),
            filter: None,
            order_by: Vec::new(),
            page_size: 100,
            page_token: None,
        }
    }

    /// In the experiment of this name; may be said several times. Default: the experiment that traces go to.
    pub fn experiment(mut self, name: impl Into<String>) -> Self {
        self.experiments.push(Experiment::Name(name.into()));
        self
    }

    /// In the experiment with this id; may be said several times.
    pub fn experiment_id(mut self, id: impl Into<String>) -> Self {
        self.experiments.push(Experiment::Id(id.into()));
        self
    }

    /// Only traces for which this holds, in the language above. Default: all.
    pub fn filter(mut self, filter: impl Into<String>) -> Self {
        self.filter = Some(filter.into());
        self
    }

    /// What comes first, for example `timestamp_ms DESC`, which is the default; may be said several times.
    pub fn order_by(mut self, order: impl Into<String>) -> Self {
        self.order_by.push(order.into());
        self
    }

    /// How many traces a page has at most. Default: 100; servers take up to 500.
    pub fn page_size(mut self, traces: u32) -> Self {
        self.page_size = traces;
        self
    }

    /// The page to begin with: [`TracePage::next_page_token`].
    pub fn page_token(mut self, token: impl Into<String>) -> Self {
        self.page_token = Some(token.into());
        self
    }

    /// All traces that are found, page by page as they are read. It ends after the first error.
    ///
    /// ```no_run
    /// use futures_util::{StreamExt, TryStreamExt};
    ///
    /// # async fn example() -> Result<(), instructor_mlflow::TrackingError> {
    /// let mut traces = instructor_mlflow::search_traces().experiment("emails").stream().take(1000);
    /// while let Some(trace) = traces.try_next().await? {
    ///     println!("{} {:?}", trace.trace_id, trace.state);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn stream(
        self,
    ) -> std::pin::Pin<Box<dyn Stream<Item = Result<TraceInfo, TrackingError>> + Send>> {
        /// What is left to ask for and to give.
        struct Rest {
            /// `None` after the last page.
            search: Option<SearchTraces>,
            found: VecDeque<TraceInfo>,
        }
        let rest = Rest {
            search: Some(self),
            found: VecDeque::new(),
        };
        Box::pin(stream::try_unfold(rest, |mut rest| async move {
            loop {
                if let Some(trace) = rest.found.pop_front() {
                    return Ok(Some((trace, rest)));
                }
                let Some(mut search) = rest.search.take() else {
                    return Ok(None);
                };
                let page = search.page().await?;
                rest.found = page.traces.into();
                rest.search = page.next_page_token.map(|token| search.page_token(token));
            }
        }))
    }

    /// Asks for one page. What was looked up before stays known.
    async fn page(&mut self) -> Result<TracePage, TrackingError> {
        let tracking = match &self.tracking {
            Some(tracking) => tracking.clone(),
            None => Tracking::current()?,
        };
        self.tracking = Some(tracking.clone());
        if self.experiments.is_empty() {
            let destination = tracking.connection().destination();
            self.experiments.push(destination.experiment.clone());
        }
        for experiment in &mut self.experiments {
            if let Experiment::Name(name) = experiment {
                *experiment = Experiment::Id(tracking.experiment_id(name).await?);
            }
        }
        self.ask(&tracking).await
    }

    async fn ask(&self, tracking: &Tracking) -> Result<TracePage, TrackingError> {
        #[derive(Serialize)]
        struct Search<'a> {
            locations: Vec<Location<'a>>,
            #[serde(skip_serializing_if = "Option::is_none")]
            filter: Option<&'a str>,
            max_results: u32,
            order_by: &'a [String],
            #[serde(skip_serializing_if = "Option::is_none")]
            page_token: Option<&'a str>,
        }
        #[derive(Serialize)]
        struct Location<'a> {
            r#type: &'static str,
            mlflow_experiment: Place<'a>,
        }
        #[derive(Serialize)]
        struct Place<'a> {
            experiment_id: &'a str,
        }
        let locations = self
            .experiments
            .iter()
            .map(|experiment| match experiment {
                Experiment::Name(id) | Experiment::Id(id) => Location {
                    r#type: "MLFLOW_EXPERIMENT",
                    mlflow_experiment: Place { experiment_id: id },
                },
            })
            .collect();
        let call = Call {
            method: Method::POST,
            path: "api/3.0/mlflow/traces/search",
            since: "MLflow 3.4",
        };
        let search = Search {
            locations,
            filter: self.filter.as_deref(),
            max_results: self.page_size,
            order_by: &self.order_by,
            page_token: self.page_token.as_deref(),
        };
        let mut page: TracePage = tracking.send(&call, &search).await?;
        page.next_page_token = page.next_page_token.filter(|token| !token.is_empty());
        Ok(page)
    }
}

impl IntoFuture for SearchTraces {
    type Output = Result<TracePage, TrackingError>;
    type IntoFuture = Boxed<TracePage>;

    fn into_future(mut self) -> Self::IntoFuture {
        Box::pin(async move { self.page().await })
    }
}

impl Tracking {
    /// The id of the experiment `name`, which is not created here.
    async fn experiment_id(&self, name: &str) -> Result<String, TrackingError> {
        #[derive(Deserialize)]
        struct Answer {
            experiment: Found,
        }
        #[derive(Deserialize)]
        struct Found {
            experiment_id: String,
        }
        let call = Call {
            method: Method::GET,
            path: "api/2.0/mlflow/experiments/get-by-name",
            since: "MLflow 2.14",
        };
        match self.query(&call, &[("experiment_name", name)]).await {
            Ok(Answer { experiment }) => Ok(experiment.experiment_id),
            Err(error) if error.is_not_found() => Err(TrackingError::Invalid {
                what: format!("the experiment {name:?}"),
                reason: format!(
                    "the MLflow server at {} has none of that name",
                    self.address()
                ),
            }),
            Err(error) => Err(error),
        }
    }
}
