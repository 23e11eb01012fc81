//! Thirty texts to the local language model, with rules that no schema says, with and without retries.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::bench::programs::Programs;
use crate::bench::row::{Goal, Row};
use crate::environment::Environment;
use crate::model_server::{self, MODEL};
use crate::progress::Step;
use crate::workspace::Workspace;

const NO_RETRIES: &str = "no retries";

/// What came of one way of asking.
#[derive(Deserialize)]
struct Outcome {
    /// Answers that kept all rules.
    accepted: u32,
    /// Those of them that say what stands in the text.
    right: u32,
    requests: u32,
    tokens: u64,
}

/// E1 and E2, and a line for each way of asking.
pub(crate) fn run(workspace: &Workspace, programs: &Programs) -> Result<Vec<Row>> {
    let environment = Environment::prepare(workspace)?;
    let folder = workspace.target.join("bench").join("model");
    let server = model_server::start(workspace, &environment, &folder)?;
    let step = Step::start("thirty texts, asked for in three ways");
    let output = programs
        .program("extraction")
        .args([server.address.as_str(), MODEL])
        .output()
        .context("cannot ask for the texts")?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    step.done();
    let outcomes: BTreeMap<String, Outcome> = serde_json::from_slice(&output.stdout)?;
    println!("\n| of 30 texts | rules kept | right | requests | tokens |");
    println!("| --- | --- | --- | --- | --- |");
    for (way, outcome) in &outcomes {
        let Outcome {
            accepted,
            right,
            requests,
            tokens,
        } = outcome;
        println!("| {way} | {accepted} | {right} | {requests} | {tokens} |");
    }
    let row = |id, work, count: fn(&Outcome) -> u32| {
        let count = |way| {
            outcomes
                .get(way)
                .map_or(0.0, |outcome| f64::from(count(outcome)))
        };
        Row::beside(
            id,
            work,
            "texts",
            count("ours"),
            NO_RETRIES,
            count(NO_RETRIES),
        )
        .with_goal(Goal::RatioAbove(1.0))
    };
    Ok(vec![
        row(
            "E1-accepted",
            "of 30 texts, answers that keep the rules",
            |it| it.accepted,
        ),
        row("E2-right", "of 30 texts, right answers", |it| it.right),
    ])
}
