//! Servers that fail while a program calls. It is not kept waiting, and everything arrives in the end.
//!
//! The times are printed for people. What is asserted does not depend on them: calls return while the server still fails.

use std::fs;
use std::thread;
use std::time::Duration;

use regex::Regex;
use serde_json::Value;

use crate::faulty_mlflow::{FaultyMlflow, Mood};
use crate::process::{Program, Surroundings};
use crate::provider::Provider;
use crate::variable;

/// Calls of each phase: more than a hundred, so that one in a hundred means something.
const CALLS: u64 = 200;
const SPANS_OF_A_CALL: u64 = 10;

/// What goes wrong.
#[derive(Debug, Clone, Copy)]
enum Outage {
    DownFromTheStart,
    KilledInTheMiddle,
    Unavailable,
    Mute,
    Slow,
    WrongCredentials,
}

const OUTAGES: [Outage; 6] = [
    Outage::DownFromTheStart,
    Outage::KilledInTheMiddle,
    Outage::Unavailable,
    Outage::Mute,
    Outage::Slow,
    Outage::WrongCredentials,
];

#[test]
fn calls_go_on_and_everything_arrives() {
    println!(
        "{:<18} {:>8} {:>8} {:>8} {:>8}   (microseconds)",
        "outage", "p50", "well", "p99", "well"
    );
    for outage in OUTAGES {
        through(outage);
    }
}

fn through(outage: Outage) {
    let provider = Provider::start();
    let mut mlflow = FaultyMlflow::down();
    let folder = tempfile::tempdir().unwrap();
    let surroundings = Surroundings {
        provider: &provider.url(),
        mlflow: &mlflow.url(),
        experiment: "outage",
        home: folder.path(),
        patience: 2,
    };
    let write_password = |password: &str| {
        let text = format!(
            "[mlflow]\nmlflow_tracking_username = ann\nmlflow_tracking_password = {password}\n"
        );
        fs::create_dir_all(folder.path().join(".mlflow")).unwrap();
        fs::write(folder.path().join(".mlflow/credentials"), text).unwrap();
    };
    if let Outage::WrongCredentials = outage {
        write_password("wrong");
        // `ann:right`
        mlflow.require("Basic YW5uOnJpZ2h0");
    }
    if !matches!(outage, Outage::DownFromTheStart) {
        mlflow.start();
    }
    let mut program = Program::start("programs::worker", &surroundings);
    // Pages of memory, connections, the experiment.
    calls(&mut program, 20);

    match outage {
        Outage::Unavailable => mlflow.set(Mood::Unavailable),
        Outage::Mute => mlflow.set(Mood::Mute),
        Outage::Slow => mlflow.set(Mood::Slow),
        _ => {}
    }
    let failing = match outage {
        Outage::KilledInTheMiddle => {
            program.order(&format!("calls {CALLS}"));
            thread::sleep(Duration::from_millis(50));
            mlflow.kill();
            program.answer()
        }
        _ => calls(&mut program, CALLS),
    };
    // It is failing still, and the calls have returned.
    let statistics = Statistics::read(&failing);
    assert_eq!(
        (statistics.emitted, statistics.sent + statistics.spooled),
        (2 * (20 + CALLS), 2 * (20 + CALLS)),
        "{outage:?}: {statistics:?}"
    );
    let takes_nothing = matches!(outage, Outage::DownFromTheStart | Outage::WrongCredentials);
    assert!(
        statistics.sent == 0 || !takes_nothing,
        "{outage:?}: {statistics:?}"
    );

    match outage {
        Outage::DownFromTheStart | Outage::KilledInTheMiddle => mlflow.start(),
        Outage::WrongCredentials => write_password("right"),
        _ => mlflow.set(Mood::Well),
    }
    flush(&mut program, outage);
    let well = calls(&mut program, CALLS);
    flush(&mut program, outage);
    row(outage, &failing, &well);

    let calls = 20 + 2 * CALLS;
    let (traces, spans) =
        mlflow.look(|received| (received.traces.len() as u64, received.spans.len() as u64));
    assert_eq!(
        (traces, spans),
        (calls, calls * SPANS_OF_A_CALL),
        "{outage:?}: traces and spans that have arrived"
    );
    let again = mlflow.look(|received| received.spans.values().filter(|times| **times > 1).count());
    // A server that is killed, or never answers, may have taken what it has not confirmed.
    let may_repeat = matches!(outage, Outage::KilledInTheMiddle | Outage::Mute);
    assert!(
        again == 0 || may_repeat,
        "{outage:?}: {again} spans came again"
    );
}

#[test]
fn spans_that_wait_take_little_memory() {
    let spans = variable("INSTRUCTOR_TEST_OUTAGE_SPANS", 100_000);
    let provider = Provider::start();
    let mut mlflow = FaultyMlflow::down();
    let folder = tempfile::tempdir().unwrap();
    let surroundings = Surroundings {
        provider: &provider.url(),
        mlflow: &mlflow.url(),
        experiment: "outage",
        home: folder.path(),
        patience: 2,
    };
    let mut program = Program::start("programs::worker", &surroundings);
    let before = calls(&mut program, 100);
    let count = spans / SPANS_OF_A_CALL;
    let after = calls(&mut program, count);
    let (Some(before), Some(grown)) = (before["memory"].as_u64(), after["memory"].as_u64()) else {
        println!("skipped: nobody tells here how much memory a process takes");
        return;
    };
    let grown = grown.saturating_sub(before);
    println!("{spans} spans wait: {before} KiB before, {grown} KiB more");
    println!("{}", after["statistics"]);
    assert!(grown < 32 * 1024, "{grown} KiB more than {before} KiB");

    mlflow.start();
    program.order("flush 300");
    let flushed = program.answer();
    println!("{}", flushed["statistics"]);
    let statistics = Statistics::read(&flushed);
    let arrived = mlflow.look(|received| received.spans.len() as u64);
    assert_eq!(arrived, (100 + count) * SPANS_OF_A_CALL, "{statistics:?}");
    assert_eq!(statistics.emitted, statistics.sent, "{flushed}");
}

fn calls(program: &mut Program, count: u64) -> Value {
    program.order(&format!("calls {count}"));
    program.answer()
}

/// Waits until all has arrived. A flush gives up soon where it has just failed to reach the server.
fn flush(program: &mut Program, outage: Outage) {
    let mut answer = Value::Null;
    for _ in 0..20 {
        program.order("flush 60");
        answer = program.answer();
        if answer["flushed"] == true {
            break;
        }
    }
    assert_eq!(answer["flushed"], true, "{outage:?}: {answer}");
    let statistics = Statistics::read(&answer);
    assert_eq!(
        statistics.emitted, statistics.sent,
        "{outage:?}: {statistics:?}"
    );
}

fn row(outage: Outage, failing: &Value, well: &Value) {
    let ratio = |key: &str| failing[key].as_f64().unwrap() / well[key].as_f64().unwrap();
    let number = |answer: &Value, key: &str| answer[key].as_u64().unwrap();
    println!(
        "{:<18} {:>8} {:>8} {:>8} {:>8}   p50 x {:.2}, p99 x {:.2}",
        format!("{outage:?}"),
        number(failing, "p50"),
        number(well, "p50"),
        number(failing, "p99"),
        number(well, "p99"),
        ratio("p50"),
        ratio("p99"),
    );
}

/// The books of a program.
#[derive(Debug)]
struct Statistics {
    emitted: u64,
    sent: u64,
    spooled: u64,
}

impl Statistics {
    /// As they are in an answer. They must add up.
    #[track_caller]
    fn read(answer: &Value) -> Statistics {
        let text = answer["statistics"].as_str().unwrap();
        let entry = Regex::new(r"(\w+): (\d+)").unwrap();
        let entries = entry
            .captures_iter(text)
            .map(|entry| (entry[1].to_owned(), entry[2].parse().unwrap()));
        let entries: Vec<(String, u64)> = entries.collect();
        let of = |name: &str| entries.iter().find(|(known, _)| known == name).unwrap().1;
        let parts = ["sent", "spooled", "dropped", "quarantined"];
        let sum: u64 = parts.into_iter().map(of).sum();
        assert_eq!(of("emitted"), sum, "{text} does not add up");
        Statistics {
            emitted: of("emitted"),
            sent: of("sent"),
            spooled: of("spooled"),
        }
    }
}
