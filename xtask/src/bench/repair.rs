//! What wrong answers cost until they are right, in tokens, beside Instructor for Python in the same run.
//!
//! The cases, their prompts and what is counted stand in `benches/peers/repair`.

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::bench::programs::Programs;
use crate::bench::row::{Goal, Row};
use crate::interpreter::Interpreter;
use crate::packages::Packages;
use crate::progress::Step;
use crate::workspace::Workspace;

const PEER: &str = "instructor-py";

/// What one case cost both.
#[derive(Deserialize)]
struct Case {
    id: String,
    reasks: usize,
    /// Its prompt and its right answer, in tokens.
    prompt: usize,
    answer: usize,
    ours: Vec<Exchange>,
    python: Vec<Exchange>,
}

/// A request and its answer, in tokens.
#[derive(Deserialize)]
struct Exchange {
    is_judgement: bool,
    request: u32,
    answer: u32,
}

/// What both took for the same.
#[derive(Clone, Copy)]
struct Pair {
    ours: f64,
    python: f64,
}

impl Pair {
    fn ratio(self) -> f64 {
        self.ours / self.python
    }

    /// The one in which ours takes most, compared with the other.
    fn worst(pairs: impl Iterator<Item = Pair>) -> Pair {
        let none = Pair {
            ours: 0.0,
            python: 1.0,
        };
        pairs.fold(none, |worst, pair| {
            if pair.ratio() > worst.ratio() {
                pair
            } else {
                worst
            }
        })
    }

    fn sum(pairs: impl Iterator<Item = Pair>) -> Pair {
        let none = Pair {
            ours: 0.0,
            python: 0.0,
        };
        pairs.fold(none, |sum, pair| Pair {
            ours: sum.ours + pair.ours,
            python: sum.python + pair.python,
        })
    }

    fn row(self, id: &'static str, work: &'static str) -> Row {
        Row::beside(id, work, "tokens", self.ours, PEER, self.python)
    }
}

impl Case {
    fn is_large(&self) -> bool {
        self.id.starts_with("order") || self.id.starts_with("report")
    }

    /// Everything, judges included.
    fn whole(&self) -> Pair {
        let total = |exchanges: &[Exchange]| exchanges.iter().map(Exchange::total).sum();
        Pair {
            ours: total(&self.ours),
            python: total(&self.python),
        }
    }

    /// Each request after the first one, without judges.
    fn reasks(&self) -> impl Iterator<Item = Pair> {
        let ours = self.ours.iter().filter(|exchange| !exchange.is_judgement);
        let python = self.python.iter().filter(|exchange| !exchange.is_judgement);
        let both = ours.zip(python).skip(1);
        both.map(|(ours, python)| Pair {
            ours: ours.total(),
            python: python.total(),
        })
    }
}

impl Exchange {
    fn total(&self) -> f64 {
        f64::from(self.request) + f64::from(self.answer)
    }
}

/// R1, R2 and R3, and a line for each case.
pub(crate) fn run(workspace: &Workspace, programs: &Programs) -> Result<Vec<Row>> {
    let python = Packages::INSTRUCTOR.install(
        workspace,
        &Interpreter::find()?,
        &workspace.target.join("environment"),
    )?;
    let step = Step::start("twenty cases of wrong answers");
    let output = programs
        .program("repair")
        .arg(python)
        .arg(workspace.script("repair_cases.py"))
        .output()
        .context("cannot run the cases")?;
    ensure!(
        output.status.success(),
        "the cases failed:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    step.done();
    let cases = output.stdout.split(|byte| *byte == b'\n');
    let cases = cases.filter(|line| !line.is_empty());
    let cases: Vec<Case> = cases
        .map(serde_json::from_slice)
        .collect::<serde_json::Result<_>>()?;
    print(&cases);
    let reasks = |large: bool| {
        let cases = cases.iter().filter(move |case| case.is_large() == large);
        Pair::worst(cases.flat_map(Case::reasks))
    };
    let several = cases.iter().filter(|case| case.reasks > 1);
    Ok(vec![
        reasks(true)
            .row("R1-reask-large", "the dearest reask of 8 KB objects")
            .with_goal(Goal::RatioAtMost(0.35)),
        reasks(false)
            .row("R1-reask-small", "the dearest reask of small objects")
            .with_goal(Goal::RatioAtMost(0.35)),
        Pair::sum(several.map(Case::whole))
            .row("R2-rounds", "all of ten cases with several reasks")
            .with_goal(Goal::RatioAtMost(0.5)),
        Pair::worst(cases.iter().map(Case::whole))
            .row("R3-worst", "the case that is dearest beside it")
            .with_goal(Goal::RatioAtMost(1.0)),
    ])
}

fn print(cases: &[Case]) {
    println!("\n| case | prompt | answer | ours, tokens | Python | ratio | ratio of each reask |");
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    for case in cases {
        let whole = case.whole();
        let reasks: Vec<String> = case
            .reasks()
            .map(|pair| format!("{:.2}", pair.ratio()))
            .collect();
        println!(
            "| {} | {} | {} | {} | {} | {:.2} | {} |",
            case.id,
            case.prompt,
            case.answer,
            whole.ours,
            whole.python,
            whole.ratio(),
            reasks.join(", ")
        );
    }
}
