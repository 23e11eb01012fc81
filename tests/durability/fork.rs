//! Programs that fork. Parent and child each deliver what they have done, once.

use crate::kill::{Returned, faults, note};
use crate::process::{Program, Surroundings};
use crate::programs::FORKS;
use crate::provider::Provider;
use crate::reading::{Traces, server};

#[test]
fn parents_and_children_deliver_what_they_have_done() {
    let Some((uri, python)) = server() else {
        return;
    };
    let experiment = format!("fork {}", std::process::id());
    let folder = tempfile::tempdir().unwrap();
    let provider = Provider::start();
    let surroundings = Surroundings {
        provider: &provider.url(),
        mlflow: &uri,
        experiment: &experiment,
        home: folder.path(),
        patience: 60,
    };
    let text = Program::start("programs::parent", &surroundings).finish();
    // The last child was terminated: what it has written down is taken along by the next program.
    Program::start("programs::deliverer", &surroundings).finish();
    let mut returned = Returned::new();
    for line in text.lines() {
        note(line, &mut returned);
    }
    assert_eq!(returned.len(), 2 * FORKS, "{text}");
    let traces = Traces::read(&python, &uri, &experiment);
    let faults = faults(&traces, &returned);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
