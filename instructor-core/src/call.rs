//! The one loop: ask, check, ask again.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tracing::{Instrument, Span};

use crate::answer;
use crate::attempt::Attempt;
use crate::budget::{self, Budget, Limits};
use crate::check;
use crate::client::Client;
use crate::codec::WireRequest;
use crate::context::Context;
use crate::error::{CodecError, Error};
use crate::exchange::exchange;
use crate::hooks::CallHooks;
use crate::leniency::Leniency;
use crate::llm_rule::Panel;
use crate::model::ResponseModel;
use crate::outcome::{Accepted, Answer, Rejected};
use crate::repair::{self, Next, Reask};
use crate::request::Request;
use crate::trace::{self, Failure, Unfinished};
use crate::watcher::Watch;

/// A call that is ready to run.
pub(crate) struct Call {
    pub(crate) client: Client,
    /// The first request.
    pub(crate) request: Arc<Request>,
    pub(crate) max_retries: u32,
    /// How far an answer may be from what was asked for.
    pub(crate) leniency: Leniency,
    /// Who judges by the LLM rules; `None` if there are none, and for the call of a judge itself.
    pub(crate) panel: Option<Panel>,
    /// What rules and templates may look at.
    pub(crate) context: Context,
    pub(crate) reask: Reask,
    /// How long the whole call may take.
    pub(crate) timeout: Option<Duration>,
}

/// What a caller has said about its call, beside the request. A judge's call has no terms.
#[derive(Default)]
pub(crate) struct Terms<'a> {
    /// Who is told what it does.
    pub(crate) hooks: CallHooks<'a>,
    /// What it may spend.
    pub(crate) limits: Limits,
    /// Whether it is the caller's own, and not a judge's.
    pub(crate) is_own: bool,
    /// When it must have ended.
    pub(crate) end: Option<tokio::time::Instant>,
}

impl Terms<'_> {
    /// Whether the call will have ended once `pause` is over.
    pub(crate) fn is_over_after(&self, pause: Duration) -> bool {
        let resumed = tokio::time::Instant::now().checked_add(pause);
        self.end
            .is_some_and(|end| resumed.is_none_or(|resumed| resumed >= end))
    }
}

impl Call {
    /// Runs the call in `span`. Every attempt goes to `ledger`, from where an error takes them.
    pub(crate) async fn run<T: ResponseModel>(
        &self,
        span: Span,
        ledger: &mut Vec<Attempt>,
    ) -> Result<T, Error> {
        let terms = Terms {
            end: self.end(Limits::default()),
            ..Terms::default()
        };
        self.run_on(&terms, None, span, ledger).await
    }

    /// [`Call::run`] on the caller's terms. What arrives goes to `watch`, if somebody does.
    pub(crate) async fn run_on<T: ResponseModel>(
        &self,
        terms: &Terms<'_>,
        watch: Option<Watch<'_>>,
        span: Span,
        ledger: &mut Vec<Attempt>,
    ) -> Result<T, Error> {
        let started = (!terms.hooks.is_empty()).then(Instant::now);
        let unfinished = Unfinished::new(&span);
        trace::record(&span, |recording| {
            recording.request = Some(Arc::clone(&self.request));
            recording.provider = Some(self.client.provider().name.clone());
            recording.dialect = Some(self.client.provider().codec.dialect());
            recording.max_retries = Some(self.max_retries);
            recording.is_streamed = self.request.is_streamed;
        });
        let mut outcome = self
            .in_time::<T>(terms, watch, ledger)
            .instrument(span.clone())
            .await;
        unfinished.finish();
        match (&mut outcome, self.client.answer_cache()) {
            (Err(error), _) => error.set_attempts(std::mem::take(ledger)),
            (Ok(_), Some(cache)) => cache.keep(&self.client, ledger),
            (Ok(_), None) => {}
        }
        if !span.is_disabled() {
            finish(&span, ledger, &outcome);
        }
        if let Some(started) = started {
            let error = outcome.as_ref().err();
            terms.hooks.finish(&self.request, ledger, error, started);
        }
        outcome.map(|answer| answer.value)
    }

    /// When the call must have ended that begins now.
    pub(crate) fn end(&self, limits: Limits) -> Option<tokio::time::Instant> {
        let timeout = self
            .timeout
            .and_then(|after| tokio::time::Instant::now().checked_add(after));
        let deadline = limits.deadline.map(tokio::time::Instant::from_std);
        timeout.into_iter().chain(deadline).min()
    }

    async fn in_time<T: ResponseModel>(
        &self,
        terms: &Terms<'_>,
        watch: Option<Watch<'_>>,
        ledger: &mut Vec<Attempt>,
    ) -> Result<Answer<T>, Error> {
        let Some(end) = terms.end else {
            return self.attempts(terms, watch, ledger).await;
        };
        let attempts = self.attempts(terms, watch, ledger);
        // In a box, so that a call without a limit has no room for a timer.
        match Box::pin(tokio::time::timeout_at(end, attempts)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(self.late(terms.limits, end)),
        }
    }

    /// The error of a call that had to end at `end`.
    fn late(&self, limits: Limits, end: tokio::time::Instant) -> Error {
        let deadline = limits.deadline.map(tokio::time::Instant::from_std);
        match self.timeout {
            Some(after) if deadline != Some(end) => Error::Timeout {
                after,
                attempts: Vec::new(),
            },
            _ => budget::exceeded(Budget::Deadline),
        }
    }

    async fn attempts<T: ResponseModel>(
        &self,
        terms: &Terms<'_>,
        mut watch: Option<Watch<'_>>,
        ledger: &mut Vec<Attempt>,
    ) -> Result<Answer<T>, Error> {
        let max_attempts = self.max_retries.saturating_add(1);
        if terms.limits.cost.is_some() {
            self.know_prices()?;
        }
        for number in 1..=max_attempts {
            terms.limits.allow_another(ledger)?;
            let request = match repair::next(&self.request, ledger, self.reask, self.leniency) {
                Next::Ask(request) => request,
                Next::Repeated => {
                    return Err(Error::Exhausted {
                        repeated: true,
                        attempts: Vec::new(),
                    });
                }
            };
            if let Some(failed) = ledger.last() {
                terms.hooks.retry(failed);
            }
            let wire = self.encode(&request)?;
            // Written down before it is sent, so that a timeout loses nothing.
            let tariff = self.client.tariff().clone();
            ledger.push(Attempt::new(number, request, wire.body.clone(), tariff));
            let Some(attempt) = ledger.last_mut() else {
                break;
            };
            terms.hooks.request(attempt, max_attempts);
            if let Some(watch) = &mut watch {
                watch.watcher.begin(attempt);
                watch.seen().await;
            }
            self.ask(&wire, attempt, terms, watch.as_mut()).await?;
            terms.hooks.response(attempt);
            let errors = match self.check::<T>(attempt, watch.as_mut()).await {
                Ok(answer) => return Ok(answer),
                Err(Rejected::Failed(error)) => return Err(*error),
                Err(Rejected::Invalid(errors)) => errors,
            };
            tracing::debug!(
                target: trace::TARGET,
                attempt = number,
                errors = errors.len(),
                "the answer failed validation"
            );
            attempt.errors = Some(errors);
            terms.hooks.parse_error(attempt, max_attempts);
        }
        Err(Error::Exhausted {
            repeated: false,
            attempts: Vec::new(),
        })
    }

    /// A budget of money can only be kept if everybody who will be asked has a price.
    fn know_prices(&self) -> Result<(), Error> {
        let asked = [(&self.client, &self.request.model)];
        let judging = self.panel.iter().flat_map(Panel::paid_judges);
        for (client, model) in asked.into_iter().chain(judging) {
            if client.tariff().price(model, None).is_none() {
                return Err(budget::unpriced(&client.provider().name, model));
            }
        }
        Ok(())
    }

    fn encode(&self, request: &Request) -> Result<WireRequest, Error> {
        let codec = self.client.provider().codec;
        codec
            .encode(request)
            .map_err(|error| Error::Request(error.to_string()))
    }

    /// One request to the provider, in its `chat` span.
    async fn ask(
        &self,
        wire: &WireRequest,
        attempt: &mut Attempt,
        terms: &Terms<'_>,
        watch: Option<&mut Watch<'_>>,
    ) -> Result<(), Error> {
        let span = trace::chat_span(&self.client, attempt);
        if !span.is_disabled() {
            trace::chat_started(&span, &self.client, attempt);
        }
        let unfinished = Unfinished::new(&span);
        let outcome = exchange(&self.client, wire, attempt, terms, watch)
            .instrument(span.clone())
            .await;
        unfinished.finish();
        if !span.is_disabled() {
            trace::chat_finished(&span, attempt, &outcome);
        }
        outcome
    }

    /// Checks the answer of `attempt`, in its `validate` span.
    async fn check<T: ResponseModel>(
        &self,
        attempt: &mut Attempt,
        watch: Option<&mut Watch<'_>>,
    ) -> Result<Answer<T>, Rejected> {
        let Some(response) = &attempt.response else {
            let error = CodecError::new("there is no response to check");
            return Err(Rejected::Failed(Box::new(Error::Decode {
                error,
                attempts: Vec::new(),
            })));
        };
        let span = trace::validate_span(attempt.number);
        let unfinished = Unfinished::new(&span);
        let outcome = async {
            if let (true, Some(watch)) = (attempt.is_stopped, &watch) {
                return Err(Rejected::Invalid(watch.watcher.errors()));
            }
            check::outcome(response).map_err(|error| Rejected::Failed(Box::new(error)))?;
            let corrections = &mut attempt.corrections;
            let payload = check::payload(
                &attempt.request,
                response,
                &self.context,
                self.leniency,
                corrections,
            )?;
            let merged = match &attempt.request.patch {
                Some(patch) => patch.merged(&payload, self.leniency, corrections)?,
                None => None,
            };
            let text = merged.map_or(payload, Cow::Owned);
            if let Some(watch) = watch {
                watch.watcher.settle(&text);
                watch.seen().await;
            }
            trace::record(&span, |recording| {
                recording.payload = Some(Arc::from(&*text));
            });
            let conditions = check::Conditions {
                context: &self.context,
                leniency: self.leniency,
            };
            let panel = self.panel.as_ref();
            let validators = &mut attempt.validators;
            let checked =
                check::check::<T>(&text, conditions, corrections, panel, validators).await;
            if let Err(Rejected::Invalid(_)) = checked {
                attempt.answer = Some(text.clone().into_owned());
            }
            let Accepted { value, corrected } = checked?;
            let output = (!span.is_disabled())
                .then(|| Arc::from(answer::bare::<T>(corrected.as_deref().unwrap_or(&text))));
            Ok(Answer { value, output })
        }
        .instrument(span.clone())
        .await;
        unfinished.finish();
        if !span.is_disabled() {
            trace::validate_finished(&span, attempt.number, &outcome);
        }
        outcome
    }
}

/// Says on the span of a call how it ended. The attempts of a failed one are in its error.
fn finish<T>(span: &Span, ledger: &[Attempt], outcome: &Result<Answer<T>, Error>) {
    let attempts = match outcome {
        Ok(_) => ledger,
        Err(error) => error.attempts(),
    };
    let usage = attempts.iter().map(Attempt::usage).sum();
    trace::record(span, |recording| {
        recording.attempt = u32::try_from(attempts.len()).ok();
        recording.usage = Some(usage);
        match outcome {
            Ok(answer) => recording.output.clone_from(&answer.output),
            Err(error) => recording.failure = Some(Failure::from(error)),
        }
    });
    trace::call_finished(span, attempts.len(), usage, outcome.as_ref().err());
}
