//! What deriving the schema adds to builds: ours beside schemars, and beside the same types without a schema.

use std::path::Path;

use anyhow::Result;

use crate::bench::row::{Goal, Row};
use crate::bench::schema::effort::Effort;
use crate::bench::schema::library::Library;
use crate::bench::schema::package::Package;
use crate::bench::schema::types::Types;
use crate::bench::series::{Figure, Other, Series};
use crate::progress::Step;
use crate::workspace::Workspace;

/// A multiple of three, so that each library is first equally often.
const ROUNDS: usize = 6;
/// As many as a program that asks for much has; the rebuild takes one that was edited.
const REBUILT: Types = Types {
    count: 50,
    fields: 20,
    answers: 10,
};
/// The same types as a single answer, of a thousand fields.
const ONE_ANSWER: Types = Types {
    answers: 1,
    ..REBUILT
};
/// So many that the derive itself is most of the work.
const CHECKED: Types = Types {
    count: 200,
    fields: 24,
    answers: 1,
};

/// S2 and S3.
pub(crate) fn rows(workspace: &Workspace, folder: &Path) -> Result<Vec<Row>> {
    // The types without a schema are the limit.
    let libraries = [
        Library::ours(&workspace.root),
        Library::serde(),
        Library::schemars(),
    ];
    let packages = |work, task, types| -> Result<Vec<Package<'_>>> {
        let written = libraries.iter().map(|library| {
            let package = Package::write(workspace, folder, work, library, types)?;
            package.prepare(task)?;
            Ok(package)
        });
        written.collect()
    };
    let mut rebuilt = packages("rebuild", "build", REBUILT)?;
    let mut in_one = packages("rebuild-one-answer", "build", ONE_ANSWER)?;
    let mut checked = packages("check", "check", CHECKED)?;
    let rebuilds = measure(
        "rebuild after an edit in one of 50 types",
        &mut rebuilt,
        |package| package.rebuild(),
    )?;
    let rebuilds_in_one = measure(
        "rebuild after an edit in one of 50 types of one answer",
        &mut in_one,
        |package| package.rebuild(),
    )?;
    let checks = measure("clean check of 200 types", &mut checked, |package| {
        package.check()
    })?;

    let to_schemars = |id, work, series, figure: Figure<Effort>, most| {
        Row::compared(id, work, "ms", series, figure, Other::Peer("schemars"))
            .with_goal(Goal::RatioAtMost(most))
    };
    Ok(vec![
        to_schemars(
            "S2-rebuild",
            "rebuild after an edit in one of 50 types, ten answers",
            &rebuilds,
            Effort::wall,
            1.0,
        ),
        to_schemars(
            "S2-cpu",
            "processor time of it",
            &rebuilds,
            Effort::processor,
            1.0,
        ),
        to_schemars(
            "S2-one-answer",
            "the same, all 50 types in one answer",
            &rebuilds_in_one,
            Effort::wall,
            1.0,
        ),
        to_schemars(
            "S3-check",
            "clean check of 200 types",
            &checks,
            Effort::wall,
            1.3,
        ),
        to_schemars(
            "S3-cpu",
            "processor time of it",
            &checks,
            Effort::processor,
            1.3,
        ),
    ])
}

/// Interleaved rounds, after one that is not counted.
fn measure(
    name: &str,
    packages: &mut [Package<'_>],
    round: fn(&mut Package<'_>) -> Result<Effort>,
) -> Result<Series<Effort>> {
    let mut step = Step::start(name);
    for package in packages.iter_mut() {
        round(package)?;
    }
    let series = Series::measure(packages, ROUNDS, Package::name, |package| {
        step.tick();
        round(package)
    })?;
    step.done();
    Ok(series)
}
