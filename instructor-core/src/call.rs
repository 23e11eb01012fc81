//! The one loop: ask, check, ask again.

use std::sync::Arc;
use std::time::Duration;

use tracing::{Instrument, Span};

use crate::answer;
use crate::attempt::Attempt;
use crate::check;
use crate::client::Client;
use crate::codec::WireRequest;
use crate::context::Context;
use crate::error::{CodecError, Error};
use crate::exchange::exchange;
use crate::leniency::Leniency;
use crate::llm_rule::Panel;
use crate::model::ResponseModel;
use crate::outcome::{Accepted, Answer, Rejected};
use crate::repair::{self, Next, Reask};
use crate::request::Request;
use crate::trace::{self, Failure};

/// A call that is ready to run.
pub(crate) struct Call<'a> {
    pub(crate) client: &'a Client,
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

impl Call<'_> {
    /// Runs the call in `span`. Every attempt goes to `ledger`, from where an error takes them.
    pub(crate) async fn run<T: ResponseModel>(
        &self,
        span: Span,
        ledger: &mut Vec<Attempt>,
    ) -> Result<T, Error> {
        trace::record(&span, |recording| {
            recording.request = Some(Arc::clone(&self.request));
            recording.provider = Some(self.client.provider().name.clone());
            recording.dialect = Some(self.client.provider().codec.dialect());
            recording.max_retries = Some(self.max_retries);
        });
        let mut outcome = self.in_time::<T>(ledger).instrument(span.clone()).await;
        if let Err(error) = &mut outcome {
            error.set_attempts(std::mem::take(ledger));
        }
        if !span.is_disabled() {
            finish(&span, ledger, &outcome);
        }
        outcome.map(|answer| answer.value)
    }

    async fn in_time<T: ResponseModel>(
        &self,
        ledger: &mut Vec<Attempt>,
    ) -> Result<Answer<T>, Error> {
        let Some(after) = self.timeout else {
            return self.attempts(ledger).await;
        };
        match tokio::time::timeout(after, self.attempts(ledger)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Error::Timeout {
                after,
                attempts: Vec::new(),
            }),
        }
    }

    async fn attempts<T: ResponseModel>(
        &self,
        ledger: &mut Vec<Attempt>,
    ) -> Result<Answer<T>, Error> {
        for number in 1..=self.max_retries.saturating_add(1) {
            let request = match repair::next(&self.request, ledger, self.reask, self.leniency) {
                Next::Ask(request) => request,
                Next::Repeated => {
                    return Err(Error::Exhausted {
                        repeated: true,
                        attempts: Vec::new(),
                    });
                }
            };
            let wire = self.encode(&request)?;
            // Written down before it is sent, so that a timeout loses nothing.
            ledger.push(Attempt::new(number, request, wire.body.clone()));
            let Some(attempt) = ledger.last_mut() else {
                break;
            };
            self.ask(&wire, attempt).await?;
            let errors = match self.check::<T>(attempt).await {
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
        }
        Err(Error::Exhausted {
            repeated: false,
            attempts: Vec::new(),
        })
    }

    fn encode(&self, request: &Request) -> Result<WireRequest, Error> {
        let codec = self.client.provider().codec;
        codec
            .encode(request)
            .map_err(|error| Error::Request(error.to_string()))
    }

    /// One request to the provider, in its `chat` span.
    async fn ask(&self, wire: &WireRequest, attempt: &mut Attempt) -> Result<(), Error> {
        let provider = self.client.provider();
        let Request { mode, model, .. } = &*attempt.request;
        let span = trace::chat_span(attempt.number, mode.as_str(), model, &provider.name);
        if !span.is_disabled() {
            trace::chat_started(&span, provider, attempt);
        }
        let outcome = exchange(self.client, wire, attempt)
            .instrument(span.clone())
            .await;
        if !span.is_disabled() {
            trace::chat_finished(&span, attempt, &outcome);
        }
        outcome
    }

    /// Checks the answer of `attempt`, in its `validate` span.
    async fn check<T: ResponseModel>(&self, attempt: &mut Attempt) -> Result<Answer<T>, Rejected> {
        let Some(response) = &attempt.response else {
            let error = CodecError::new("there is no response to check");
            return Err(Rejected::Failed(Box::new(Error::Decode {
                error,
                attempts: Vec::new(),
            })));
        };
        let span = trace::validate_span(attempt.number);
        let outcome = async {
            check::outcome(response).map_err(|error| Rejected::Failed(Box::new(error)))?;
            let payload = check::payload(&attempt.request, response, self.leniency)?;
            let corrections = &mut attempt.corrections;
            let corrected = match &attempt.request.patch {
                Some(patch) if patch.is_meant_by(payload, self.leniency) => {
                    Some(patch.merged(payload, self.leniency, corrections)?)
                }
                _ => None,
            };
            let text = corrected.as_deref().unwrap_or(payload);
            trace::record(&span, |recording| {
                recording.payload = Some(Arc::from(text));
            });
            let checked = check::check::<T>(
                text,
                self.leniency,
                corrections,
                self.panel.as_ref(),
                &mut attempt.validators,
            )
            .await;
            if let Err(Rejected::Invalid(_)) = checked {
                attempt.answer = Some(text.to_owned());
            }
            let Accepted { value, corrected } = checked?;
            let output = (!span.is_disabled())
                .then(|| Arc::from(answer::bare::<T>(corrected.as_deref().unwrap_or(text))));
            Ok(Answer { value, output })
        }
        .instrument(span.clone())
        .await;
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
            Err(error) => recording.failure = Some(Failure::new(error.kind(), error.to_string())),
        }
    });
    trace::call_finished(span, attempts.len(), usage, outcome.as_ref().err());
}
