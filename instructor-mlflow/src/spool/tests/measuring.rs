//! What it costs. Prints figures; what they must be is said by nothing here, since machines differ.
//! `cargo test --release -p instructor-mlflow --all-features --lib spool::tests::measuring -- --ignored --nocapture`

use std::fs::OpenOptions;
use std::io::Write;
use std::time::{Duration, Instant};

use super::{Durability, Limits, Options, POWER, Spool, definition, options, os_disk};

fn report(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |part: usize| times[times.len() * part / 1000];
    println!(
        "{what}: median {:?}, 99 % {:?}, 99.9 % {:?}",
        at(500),
        at(990),
        at(999)
    );
}

#[test]
#[ignore = "measures"]
fn how_long_an_append_takes() {
    let record = vec![b'x'; 4096];
    let root = tempfile::tempdir_in(".").unwrap();
    let mut file = OpenOptions::new()
        .append(true)
        .create(true)
        .open(root.path().join("file"))
        .unwrap();
    let time = |work: &mut dyn FnMut()| {
        let begin = Instant::now();
        work();
        begin.elapsed()
    };
    let times = (0..20_000)
        .map(|_| time(&mut || file.write_all(&record).unwrap()))
        .collect();
    report("write on the caller's thread", times);
    for durability in [Durability::Off, Durability::Process, POWER] {
        let options = Options {
            durability,
            memory: usize::MAX,
            ..options()
        };
        let spool = Spool::open(os_disk(), &root.path().join("spool"), options).unwrap();
        let shared = [definition(1, &"schema".repeat(300))];
        let append = &mut || assert!(spool.append(&record, &shared).is_ok());
        append();
        let times = (0..20_000).map(|_| time(append)).collect();
        report(&format!("append, {durability:?}"), times);
        let limits = Limits {
            records: 100,
            bytes: usize::MAX,
        };
        let begin = Instant::now();
        let mut records = 0;
        loop {
            let taken = spool.take(limits).unwrap();
            if taken.is_empty() {
                break;
            }
            records += taken.len();
            let positions: Vec<_> = taken.iter().map(|one| one.position).collect();
            spool.acknowledge(&positions, None).unwrap();
        }
        println!("take and acknowledge {records}: {:?}", begin.elapsed());
    }
}
