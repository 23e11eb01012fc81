//! Programs that are killed at any point. Each call that has returned is in MLflow after the next start: once, and complete.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::process::{Program, RETURNED, Surroundings, UNWRITTEN};
use crate::provider::{Provider, TOKENS};
use crate::reading::{Span, Trace, Traces, server};
use crate::variable;

/// The longest time that a program lives, from its start or its first call on.
const LIFE: Duration = Duration::from_millis(400);
/// Traces of so many points are read back at once.
const POINTS_OF_AN_EXPERIMENT: u64 = 25;

/// What programs have said: by trace, how many calls had returned in it.
pub(crate) type Returned = BTreeMap<String, usize>;

#[test]
fn what_had_returned_is_there_after_the_next_start() {
    let Some((uri, python)) = server() else {
        return;
    };
    let points = variable("INSTRUCTOR_TEST_KILL_POINTS", 50);
    let seed = variable("INSTRUCTOR_TEST_KILL_SEED", fastrand::u64(..1_000_000));
    println!("{points} points; INSTRUCTOR_TEST_KILL_SEED={seed} has them again");
    let mut random = fastrand::Rng::with_seed(seed);
    let provider = Provider::start();
    let (mut calls, mut unwritten) = (0, 0);
    let mut problems = Vec::new();
    for first in (0..points).step_by(POINTS_OF_AN_EXPERIMENT as usize) {
        let experiment = format!("kill {} {seed} {first}", std::process::id());
        let folder = tempfile::tempdir().unwrap();
        let surroundings = Surroundings {
            provider: &provider.url(),
            mlflow: &uri,
            experiment: &experiment,
            home: folder.path(),
            patience: 60,
        };
        let mut returned = Returned::new();
        for _ in first..points.min(first + POINTS_OF_AN_EXPERIMENT) {
            unwritten += kill(&mut random, &surroundings, &mut returned);
        }
        calls += returned.values().sum::<usize>();
        if returned.is_empty() {
            // All were killed before their first call, so there may be no experiment either.
            continue;
        }
        let traces = Traces::read(&python, &uri, &experiment);
        problems.extend(faults(&traces, &returned));
    }
    println!(
        "{calls} calls had returned, {unwritten} besides before the disk had taken them; {} things are wrong",
        problems.len()
    );
    assert!(calls > 0, "no call had returned: nothing was tried");
    // A machine may be so busy that the disk is not waited for; not always.
    assert!(
        unwritten <= calls / 10,
        "{unwritten} were not written in time"
    );
    assert!(
        problems.is_empty(),
        "seed {seed}, {calls} calls, {} wrong:\n{}",
        problems.len(),
        problems[..problems.len().min(20)].join("\n")
    );
}

/// One or two programs on one spool, killed; and a next start, which may be killed, too, before one delivers everything.
///
/// How many calls had returned that were not on disk: they may be there or not.
fn kill(
    random: &mut fastrand::Rng,
    surroundings: &Surroundings<'_>,
    returned: &mut Returned,
) -> usize {
    let mut unwritten = 0;
    let mut programs = vec![Program::start("programs::caller", surroundings)];
    if random.u8(..3) == 0 {
        programs.push(Program::start("programs::caller", surroundings));
    }
    for mut program in programs {
        let mut lines = Vec::new();
        // Some are killed while they start.
        if random.u8(..4) > 0 {
            lines.push(program.line(RETURNED));
        }
        wait(random);
        lines.extend(program.kill());
        for line in lines {
            unwritten += usize::from(line.starts_with(UNWRITTEN));
            note(&line, returned);
        }
    }
    if random.u8(..4) == 0 {
        let deliverer = Program::start("programs::deliverer", surroundings);
        wait(random);
        deliverer.kill();
    }
    Program::start("programs::deliverer", surroundings).finish();
    unwritten
}

/// Notes the trace of a call that a line says has returned.
pub(crate) fn note(line: &str, returned: &mut Returned) {
    if let Some(said) = line.strip_prefix(RETURNED) {
        let (_, trace) = said.split_once(' ').unwrap();
        *returned.entry(trace.to_owned()).or_default() += 1;
    }
}

fn wait(random: &mut fastrand::Rng) {
    thread::sleep(LIFE.mul_f64(random.f64()));
}

/// What is not as it should be.
pub(crate) fn faults(traces: &Traces, returned: &Returned) -> Vec<String> {
    let mut faults = Vec::new();
    let mut seen = BTreeSet::new();
    for trace in traces.all() {
        let id = trace.info["trace_id"].as_str().unwrap();
        if !seen.insert(id) {
            faults.push(format!("{id} is there twice"));
        }
        let calls = returned.get(id).copied().unwrap_or_default();
        faults.extend(faults_of(trace, calls).map(|fault| format!("{id}: {fault}")));
    }
    let missing = returned.keys().filter(|id| !seen.contains(id.as_str()));
    faults.extend(missing.map(|id| format!("{id} is missing")));
    faults
}

/// What is not as it should be of a trace in which so many calls, or more, had returned.
fn faults_of(trace: &Trace, calls: usize) -> impl Iterator<Item = String> {
    let mut faults = Vec::new();
    let ids: BTreeSet<_> = trace.spans.iter().map(|span| span.id.to_string()).collect();
    if ids.len() != trace.spans.len() {
        faults.push("spans are there twice".to_owned());
    }
    let roots = trace.spans.iter().filter(|span| span.parent.is_null());
    let root = match roots.collect::<Vec<_>>()[..] {
        [root] => root,
        ref roots => return vec![format!("{} spans are roots", roots.len())].into_iter(),
    };
    let is_alone = root.name.starts_with("create ");
    let state = &trace.info["state"];
    // A span that was open when its program was killed is completed later, and says so.
    if is_alone && state != "OK" || state == "IN_PROGRESS" {
        faults.push(format!("its state is {state}"));
    }
    let outcome = root.attributes.get("instructor.outcome");
    if !is_alone && !outcome.is_some_and(|outcome| outcome.contains("interrupted")) {
        faults.push(format!("its root says {outcome:?} of its end"));
    }
    let creates: Vec<&Span> = match is_alone {
        true => vec![root],
        false => trace.children(root).collect(),
    };
    if creates.len() < calls {
        faults.push(format!("{} of {calls} calls are there", creates.len()));
    }
    let mut attempts = 0;
    for create in &creates {
        let steps: Vec<_> = trace
            .children(create)
            .map(|step| step.name.as_str())
            .collect();
        let attempt = ["chat gpt-4o", "validate"];
        let whole = match create.name.as_str() {
            "create Retried" => [attempt, attempt].concat(),
            _ => attempt.to_vec(),
        };
        attempts += whole.len() / 2;
        if steps != whole {
            faults.push(format!("`{}` has {steps:?}", create.name));
        }
    }
    let tokens = match trace.info["trace_metadata"].get("mlflow.trace.tokenUsage") {
        Some(Value::String(_)) => {
            trace.metadata_json("mlflow.trace.tokenUsage")["total_tokens"].as_u64()
        }
        _ => None,
    };
    if tokens != Some(attempts as u64 * TOKENS) {
        faults.push(format!("{attempts} attempts have {tokens:?} tokens"));
    }
    faults.into_iter()
}
