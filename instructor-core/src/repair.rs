//! What comes after a wrong answer: which request, or none.
//!
//! A wrong answer is repaired in one of two ways. The whole answer is asked for again, with the wrong one and its errors at the
//! end of the conversation; or only the wrong values are asked for, each under a key of its own, and put into the answer. The
//! second costs a fraction of the tokens, but the model sees only the prompt and what was wrong.

mod excerpt;
mod patch;
mod place;
mod reask;

use std::sync::Arc;

pub(crate) use patch::Patch;

use crate::attempt::Attempt;
use crate::leniency::Leniency;
use crate::request::{Mode, Request};

/// How a wrong answer is asked for again. Set with [`Create::reask`](crate::Create::reask).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Reask {
    /// Whichever is cheaper: [`Reask::Patch`] where it saves a fifth of what [`Reask::Full`] would cost, or more.
    #[default]
    Auto,
    /// The whole answer, after the wrong one and its errors.
    Full,
    /// Only the wrong values. Where that cannot be, since the answer is no JSON or wrong as a whole, the whole answer.
    Patch,
}

/// How many patches in a row may correct nothing. Then the whole answer is asked for.
const FAILED_PATCHES: usize = 2;

/// What comes after a failed attempt.
pub(crate) enum Next {
    /// This request.
    Ask(Arc<Request>),
    /// Nothing: the model made the same errors twice, whichever way it was asked.
    Repeated,
}

/// What comes after `attempts`, of which the last one failed; `first` is the request of the first.
pub(crate) fn next(
    first: &Arc<Request>,
    attempts: &[Attempt],
    reask: Reask,
    leniency: Leniency,
) -> Next {
    let Some((failed, before)) = attempts.split_last() else {
        return Next::Ask(Arc::clone(first));
    };
    let is_repeated = before
        .last()
        .is_some_and(|before| failed.errors.is_some() && before.errors == failed.errors);
    if is_repeated && failed.request.patch.is_none() {
        return Next::Repeated;
    }
    let failures = attempts
        .iter()
        .rev()
        .take_while(|attempt| is_failed_patch(attempt));
    // Where each variant is a tool, every call has a result of its own.
    let is_one_answer = first.mode != Mode::Tools || first.tool_set().is_none();
    let patches =
        reask != Reask::Full && is_one_answer && !is_repeated && failures.count() < FAILED_PATCHES;
    let patch = patches
        .then(|| Patch::of(first.schema, failed, leniency))
        .flatten();
    let request = match patch {
        Some(patch) if reask == Reask::Patch || patch.is_cheaper(first.schema, failed) => {
            reask::parts(first, patch, failed)
        }
        _ => reask::whole(first, failed),
    };
    Next::Ask(Arc::new(request))
}

/// Whether the attempt was to correct some places, and corrected none.
fn is_failed_patch(attempt: &Attempt) -> bool {
    let (Some(patch), Some(errors)) = (&attempt.request.patch, &attempt.errors) else {
        return false;
    };
    attempt.answer.is_none() || patch.is_all_wrong(errors)
}
