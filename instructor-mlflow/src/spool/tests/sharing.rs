//! Many threads, one spool.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::super::{Kept, Limits};
use super::{ALL, LONG, balanced, open};

const THREADS: usize = 64;
const EACH: usize = 50;

#[test]
fn every_record_of_many_threads_is_given_once() {
    let root = tempfile::tempdir().unwrap();
    let spool = open(root.path());
    let has_ended = AtomicBool::new(false);
    let mut found = BTreeSet::new();
    thread::scope(|scope| {
        let appending: Vec<_> = (0..THREADS)
            .map(|thread| {
                let spool = &spool;
                scope.spawn(move || {
                    for number in 0..EACH {
                        let record = format!("{thread} {number}");
                        assert_eq!(spool.append(record.as_bytes(), &[]), Ok(Kept::Disk));
                    }
                })
            })
            .collect();
        let reading = scope.spawn(|| {
            let limits = Limits {
                records: 7,
                bytes: usize::MAX,
            };
            let mut given = Vec::new();
            loop {
                let is_last = has_ended.load(Ordering::SeqCst);
                let taken = spool.take(limits).unwrap();
                if taken.is_empty() {
                    if is_last {
                        return given;
                    }
                    std::thread::sleep(Duration::from_millis(1));
                }
                let positions: Vec<_> = taken.iter().map(|one| one.position).collect();
                spool.acknowledge(&positions, None).unwrap();
                balanced(&spool.statistics().unwrap());
                given.extend(taken);
            }
        });
        for thread in appending {
            thread.join().unwrap();
        }
        has_ended.store(true, Ordering::SeqCst);
        let given = reading.join().unwrap();
        assert!(given.is_sorted_by(|one, other| one.position < other.position));
        found.extend(
            given
                .into_iter()
                .map(|one| String::from_utf8(one.bytes.to_vec()).unwrap()),
        );
    });
    assert_eq!(found.len(), THREADS * EACH);
    let statistics = balanced(&spool.statistics().unwrap());
    assert_eq!(statistics.acknowledged, (THREADS * EACH) as u64);
    assert!(spool.take(ALL).unwrap().is_empty());
    // Nothing is left, so neither is the directory.
    assert!(spool.close(LONG));
    assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 0);
}
