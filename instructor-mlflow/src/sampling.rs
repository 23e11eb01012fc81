//! Which traces are recorded at all. Decided once for each trace, at its root.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::error::InitError;
use crate::span::TraceId;

/// A share of the traces, chosen by their ids.
///
/// An id is kept if its lower half is below a bound, as OpenTelemetry's `TraceIdRatioBased` samplers do: whoever sees
/// the same id decides the same.
#[derive(Debug)]
pub(crate) struct Sampler(AtomicU64);

/// A share between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Ratio(f64);

impl Ratio {
    const VARIABLE: &'static str = "MLFLOW_TRACE_SAMPLING_RATIO";

    /// What the environment says; an empty variable counts as unset.
    pub(crate) fn from_variable(
        variable: impl Fn(&'static str) -> Option<String>,
    ) -> Result<Ratio, InitError> {
        match variable(Ratio::VARIABLE).filter(|value| !value.trim().is_empty()) {
            Some(text) => Ratio::parse(Ratio::VARIABLE, &text),
            None => Ok(Ratio(1.0)),
        }
    }

    /// # Errors
    ///
    /// If `ratio` is no number between 0 and 1. `name` is where it was set.
    pub(crate) fn new(name: &'static str, ratio: f64) -> Result<Ratio, InitError> {
        if (0.0..=1.0).contains(&ratio) {
            return Ok(Ratio(ratio));
        }
        Err(InitError::InvalidVariable {
            name,
            value: ratio.to_string(),
            expected: Ratio::EXPECTED,
        })
    }

    /// Reads the variable `name`, whose value is `text`.
    fn parse(name: &'static str, text: &str) -> Result<Ratio, InitError> {
        match text.trim().parse() {
            Ok(ratio) => Ratio::new(name, ratio),
            Err(_) => Err(InitError::InvalidVariable {
                name,
                value: text.to_owned(),
                expected: Ratio::EXPECTED,
            }),
        }
    }

    const EXPECTED: &'static str = "a number from 0 (no trace) to 1 (every trace)";

    fn bound(self) -> u64 {
        // Casts of floating point numbers saturate: 1.0 is the largest bound, which keeps everything.
        (self.0 * 2.0_f64.powi(64)) as u64
    }
}

impl Sampler {
    pub(crate) fn new(ratio: Ratio) -> Self {
        Sampler(AtomicU64::new(ratio.bound()))
    }

    pub(crate) fn set(&self, ratio: Ratio) {
        self.0.store(ratio.bound(), Ordering::Relaxed);
    }

    /// Whether the trace is recorded.
    pub(crate) fn keeps(&self, id: TraceId) -> bool {
        let bound = self.0.load(Ordering::Relaxed);
        bound == u64::MAX || id.lower_half() < bound
    }
}

static DISABLED: AtomicBool = AtomicBool::new(false);

/// Records no new traces, in the whole process, until [`enable`] is called. Traces that have begun are finished whole,
/// and what is recorded already is delivered.
///
/// To leave out one part of a program, see [`TraceScope::enabled`](crate::TraceScope::enabled); the calls of one
/// provider, [`openai::disable`](crate::openai::disable).
pub fn disable() {
    DISABLED.store(true, Ordering::Relaxed);
}

/// Records new traces again, after [`disable`]. What runs below a span that opened in between stays unrecorded.
pub fn enable() {
    DISABLED.store(false, Ordering::Relaxed);
}

/// Whether new traces are recorded: no, between [`disable`] and [`enable`].
pub fn is_enabled() -> bool {
    !DISABLED.load(Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sampler(ratio: f64) -> Sampler {
        Sampler::new(Ratio::new("test", ratio).expect("it is a share"))
    }

    #[test]
    fn an_id_has_one_verdict_and_a_larger_share_keeps_what_a_smaller_one_keeps() {
        let (quarter, half) = (sampler(0.25), sampler(0.5));
        let mut kept = 0;
        for _ in 0..4000 {
            let id = TraceId::random();
            assert_eq!(quarter.keeps(id), quarter.keeps(id));
            assert!(!quarter.keeps(id) || half.keeps(id));
            kept += u32::from(quarter.keeps(id));
        }
        // Far beyond six standard deviations of 27.
        assert!((800..1200).contains(&kept), "{kept}");
    }

    #[test]
    fn all_and_none_are_exact() {
        let highest = TraceId::from_bytes([0xff; 16]).expect("it is not zero");
        let mut lowest = [0; 16];
        lowest[0] = 1;
        let lowest = TraceId::from_bytes(lowest).expect("it is not zero");
        assert!(sampler(1.0).keeps(highest));
        assert!(!sampler(0.0).keeps(lowest));
    }

    #[test]
    fn a_ratio_that_is_none_is_refused_by_name() {
        for text in ["1.5", "-0.1", "NaN", "half"] {
            let error = Ratio::parse("MLFLOW_TRACE_SAMPLING_RATIO", text).expect_err(text);
            assert!(
                error.to_string().contains("MLFLOW_TRACE_SAMPLING_RATIO"),
                "{error}"
            );
        }
        let ratio = Ratio::parse("MLFLOW_TRACE_SAMPLING_RATIO", " 0.5 ");
        assert_eq!(ratio.expect("it is a share"), Ratio(0.5));
    }
}
