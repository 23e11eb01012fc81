//! Flushing at the end.

use std::process;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::notice;
use crate::process::Pipeline;
use crate::sink::{FlushError, Statistics};

/// Delivers what is waiting when it is dropped. Keep it in a variable until the end of `main`.
///
/// Dropping it waits for the server, 30 seconds at most by default and two to five if the server cannot be reached, and
/// says on standard error how many traces were not delivered; of several guards, one says it. It does not turn tracing
/// off.
///
/// `std::process::exit` runs no destructors: call [`Guard::flush`] before it.
#[derive(Debug)]
#[must_use = "dropping the guard at once flushes nothing; keep it until the end of `main`: `let _mlflow = ...`"]
pub struct Guard {
    pipeline: Arc<Pipeline>,
    flush_timeout: Duration,
}

impl Guard {
    pub(crate) fn new(pipeline: Arc<Pipeline>, flush_timeout: Duration) -> Self {
        Guard {
            pipeline,
            flush_timeout,
        }
    }

    /// Waits at most `timeout` until the traces of all finished calls have been delivered, or are known to be lost. Says what became of
    /// all traces so far: [`dropped`](Statistics::dropped) ones are lost, and of the [`quarantined`](Statistics::quarantined) ones a part.
    ///
    /// If the server cannot be reached, it gives up after two to five seconds. What programs before this one have left is waited for
    /// as long as the server takes it.
    ///
    /// # Errors
    ///
    /// If traces are still waiting. They are not lost: delivery goes on, and if the program ends before that, the next one that
    /// sends to the same server takes them along.
    pub fn flush(&self, timeout: Duration) -> Result<Statistics, FlushError> {
        self.pipeline.flush(timeout)
    }

    /// What became of the traces so far.
    pub fn statistics(&self) -> Statistics {
        self.pipeline.sink.statistics()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        finish(&self.pipeline, self.flush_timeout);
    }
}

/// Delivers what is waiting, for at most `timeout`, and says what is missing.
pub(crate) fn finish(pipeline: &Pipeline, timeout: Duration) {
    let outcome = pipeline.sink.flush(timeout);
    if let Some(exporter) = &pipeline.exporter {
        exporter.tidy();
    }
    let statistics = pipeline.sink.statistics();
    if !pipeline.losses.is_news(statistics) {
        return;
    }
    let Statistics {
        emitted,
        spooled,
        dropped,
        quarantined,
        ..
    } = statistics;
    let exporter = pipeline.exporter.as_ref();
    let directory = exporter.and_then(|exporter| exporter.storage().directory.as_deref());
    let place = directory.filter(|_| spooled > 0).map(|directory| {
        let directory = directory.display();
        format!(" in {directory} for the next program that sends to this server")
    });
    let place = place.unwrap_or_default();
    let reason = outcome.err().and_then(|error| error.reason);
    let reason = reason
        .map(|reason| format!("; {reason}"))
        .unwrap_or_default();
    notice::print(format_args!(
        "{} of {emitted} traces were not delivered to MLflow ({spooled} still waiting{place}, {quarantined} refused by \
         the server, {dropped} dropped because there was no room{reason})",
        statistics.undelivered(),
    ));
}

/// What guards have said about traces that did not arrive.
#[derive(Debug, Default)]
pub(crate) struct Losses(Mutex<Said>);

#[derive(Debug, Default)]
struct Said {
    /// A child of `fork` has said nothing.
    process: u32,
    statistics: Statistics,
}

impl Losses {
    /// Whether traces are missing that no guard has spoken of; from now on one has.
    fn is_news(&self, statistics: Statistics) -> bool {
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if said.process != process::id() {
            *said = Said {
                process: process::id(),
                ..Said::default()
            };
        }
        let said = &mut said.statistics;
        let lost = |statistics: Statistics| statistics.dropped + statistics.quarantined;
        // Without new traces, what is missing was said: what waited may have been lost or delivered meanwhile.
        let is_news = statistics.emitted > said.emitted
            && (statistics.spooled > 0 || lost(statistics) > lost(*said));
        if is_news {
            *said = statistics;
        }
        is_news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loss_is_news_once() {
        let books = |sent, spooled, dropped, quarantined| Statistics {
            emitted: sent + spooled + dropped + quarantined,
            sent,
            spooled,
            dropped,
            quarantined,
            ..Statistics::default()
        };
        let losses = Losses::default();
        assert!(!losses.is_news(books(0, 0, 0, 0)));
        assert!(!losses.is_news(books(2, 0, 0, 0)), "all arrived");
        assert!(losses.is_news(books(2, 1, 0, 0)));
        assert!(!losses.is_news(books(2, 1, 0, 0)), "the second guard");
        assert!(!losses.is_news(books(2, 0, 0, 1)), "what waited is lost");
        assert!(losses.is_news(books(3, 0, 0, 2)), "another is lost");
        assert!(!losses.is_news(books(9, 0, 0, 2)), "all others arrived");
        assert!(losses.is_news(books(9, 0, 1, 2)));
    }
}
