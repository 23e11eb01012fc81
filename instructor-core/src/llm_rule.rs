//! `#[llm_validate("...")]` and `#[moderate]`: rules that no code can check, so that a service judges them.
//!
//! The walk of one answer: the values to judge ([`LlmTarget`]) become questions, each asked once however often it comes up in the
//! call; the replies become findings, one for each value, and entries of the ledger.

mod cache;
mod judge;
mod moderation;
mod panel;
mod question;
mod reply;
mod statement;

use std::collections::HashMap;
use std::time::Instant;

use futures_core::stream::BoxStream;
use futures_util::StreamExt;
use futures_util::stream;

use crate::attempt::ValidatorCall;
use crate::inspect::LlmTarget;

pub use cache::ValidatorCache;
pub(crate) use judge::Judge;
use panel::Brief;
pub(crate) use panel::Panel;
use question::Question;
pub(crate) use reply::Finding;
use reply::Reply;

/// A question, and the first place in the answer where it comes up.
struct Asking<'a> {
    question: Question,
    brief: &'a Brief,
    path: String,
}

/// A value to judge, and which of all values it is.
type Numbered = (usize, LlmTarget);

/// Judges all targets. What was found stands in their order; `calls`, which is empty before, holds a call for each. A verdict is
/// written there as soon as it is known, so that a call which is given up loses none.
pub(crate) async fn judge_all(
    panel: &Panel,
    targets: Vec<LlmTarget>,
    calls: &mut Vec<ValidatorCall>,
) -> Vec<Finding> {
    let mut numbers = Vec::with_capacity(targets.len());
    let mut findings = Vec::with_capacity(targets.len());
    let (askings, mut waiting) = askings(panel, targets);
    let mut replies = replies(panel, &askings);
    while let Some((asking, index, mut reply)) = replies.next().await {
        for (number, target) in waiting
            .get_mut(index)
            .map(std::mem::take)
            .unwrap_or_default()
        {
            calls.push(reply.call(&target, asking.brief));
            findings.push(reply.finding(target));
            numbers.push(number);
        }
    }
    drop(replies);
    in_order(numbers, calls, findings)
}

/// The questions that the targets put, each once, in the order in which they come up; and the targets of each.
fn askings(panel: &Panel, targets: Vec<LlmTarget>) -> (Vec<Asking<'_>>, Vec<Vec<Numbered>>) {
    let mut known: HashMap<Question, usize> = HashMap::new();
    let mut askings = Vec::new();
    let mut waiting: Vec<Vec<Numbered>> = Vec::new();
    for (number, target) in targets.into_iter().enumerate() {
        // Every rule has its brief: a type with more types than a schema can list is refused before it is asked for.
        let Some(brief) = panel.brief(target.rule) else {
            continue;
        };
        let question = brief.question(&target.value);
        let next = askings.len();
        let index = *known.entry(question.clone()).or_insert(next);
        if index == next {
            askings.push(Asking {
                question,
                brief,
                path: target.path.clone(),
            });
            waiting.push(Vec::new());
        }
        if let Some(waiting) = waiting.get_mut(index) {
            waiting.push((number, target));
        }
    }
    (askings, waiting)
}

/// The replies as they come in. Boxed, since a verdict is itself the answer of a call.
fn replies<'a>(
    panel: &'a Panel,
    askings: &'a [Asking<'a>],
) -> BoxStream<'a, (&'a Asking<'a>, usize, Reply)> {
    stream::iter(askings.iter().enumerate())
        .map(move |(index, asking)| async move { (asking, index, ask(panel, asking).await) })
        .buffer_unordered(panel.concurrency())
        .boxed()
}

async fn ask(panel: &Panel, asking: &Asking<'_>) -> Reply {
    let started = Instant::now();
    if let Some(verdict) = panel.cache().get(&asking.question) {
        return Reply::known(verdict);
    }
    let mut attempts = Vec::new();
    let Asking {
        question,
        brief,
        path,
    } = asking;
    let outcome = brief.ask(question, path, &mut attempts).await;
    match &outcome {
        Ok(verdict) => panel.cache().put(question.clone(), verdict.clone()),
        Err(error) => attempts = error.attempts().to_vec(),
    }
    Reply::new(outcome, attempts, started.elapsed())
}

/// Sorts calls and findings, which stand in the order of the replies, by the numbers of their values.
fn in_order(
    numbers: Vec<usize>,
    calls: &mut Vec<ValidatorCall>,
    findings: Vec<Finding>,
) -> Vec<Finding> {
    let mut judged: Vec<_> = numbers
        .into_iter()
        .zip(calls.drain(..).zip(findings))
        .collect();
    judged.sort_by_key(|(number, _)| *number);
    judged
        .into_iter()
        .map(|(_, (call, finding))| {
            calls.push(call);
            finding
        })
        .collect()
}
