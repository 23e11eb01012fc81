//! When what is written is made durable, and how long a disk that fails is left alone.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::super::directory::WriterDirectory;
use super::super::thread::Next;
use super::super::{Definition, Limits, Options, Spool, Statistics};
use super::simulated_disk::SimulatedDisk;
use super::{ALL, LONG, Manual, POWER, options};

fn manual(disk: &SimulatedDisk, options: Options) -> Manual {
    Manual::open(Arc::new(disk.clone()), "/spool".as_ref(), options)
}

fn durable() -> Options {
    Options {
        durability: POWER,
        ..options()
    }
}

#[test]
fn records_are_made_durable_in_time_or_when_there_is_much() {
    let disk = SimulatedDisk::new(1);
    let mut manual = manual(&disk, durable());
    manual.spool.append(b"a", &[]).unwrap();
    let due = manual.now + Duration::from_millis(100);
    assert_eq!(manual.work(), Next::Sleep(Some(due)));
    assert!(!manual.thread.is_synced());
    manual.pass(Duration::from_millis(100));
    manual.work();
    assert!(manual.thread.is_synced());
    manual.spool.append(&[0; 100_000], &[]).unwrap();
    manual.work();
    assert!(!manual.thread.is_synced());
    manual.spool.append(&vec![0; 1 << 20], &[]).unwrap();
    manual.work();
    assert!(manual.thread.is_synced());
}

#[test]
fn what_could_not_be_made_durable_stays_in_doubt_until_it_is_delivered() {
    let disk = SimulatedDisk::new(1);
    let mut manual = manual(&disk, durable());
    manual.spool.append(b"a", &[]).unwrap();
    manual.work();
    disk.fail(Some(ErrorKind::Other));
    assert!(!manual.flush());
    disk.fail(None);
    assert!(!manual.flush());
    let taken = manual.spool.take(ALL).unwrap();
    let settled = [taken[0].position];
    manual.spool.acknowledge(&settled, None).unwrap();
    assert!(manual.flush());
}

#[test]
fn a_disk_that_fails_is_left_alone_longer_each_time() {
    let disk = SimulatedDisk::new(1);
    disk.fail(Some(ErrorKind::Other));
    let mut manual = manual(&disk, options());
    manual.spool.append(b"a", &[]).unwrap();
    let mut pauses = Vec::new();
    for _ in 0..9 {
        let Next::Pause(until) = manual.work() else {
            panic!("the disk fails")
        };
        let pause = until - manual.now;
        pauses.push(pause.as_millis());
        manual.pass(pause);
    }
    let expected = [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000];
    assert_eq!(pauses, expected);
}

#[test]
fn what_is_settled_is_written_down_when_it_is_due() {
    let disk = SimulatedDisk::new(1);
    let mut manual = manual(&disk, options());
    manual.spool.append(b"a", &[]).unwrap();
    assert!(manual.flush());
    let taken = manual.spool.take(ALL).unwrap();
    let directory = manual.spool.shared.state().books.directory.clone();
    let file = directory.unwrap().join("acknowledged");
    let state = Some(b"state".as_slice());
    let settled = [taken[0].position];
    manual.spool.acknowledge(&settled, state).unwrap();
    manual.work();
    assert!(!disk.has(&file));
    manual.pass(LONG);
    manual.work();
    assert!(disk.has(&file));
}

#[test]
fn the_thread_has_caught_up_when_all_is_written() {
    let disk = SimulatedDisk::new(1);
    let mut manual = manual(&disk, options());
    assert!(manual.flush());
    for _ in 0..2 {
        manual.spool.append(&vec![0; 1 << 20], &[]).unwrap();
    }
    assert!(manual.spool.shared.state().is_behind);
    manual.thread.turn(manual.now);
    assert!(manual.spool.shared.state().is_behind, "one waits");
    manual.thread.turn(manual.now);
    assert!(!manual.spool.shared.state().is_behind);
}

#[test]
fn what_a_failed_write_has_left_is_taken_back() {
    for seed in 0..50 {
        let disk = SimulatedDisk::new(seed);
        let mut manual = manual(&disk, options());
        disk.fail_sometimes(40);
        for text in ["a", "b", "c", "d"] {
            manual.spool.append(text.as_bytes(), &[]).unwrap();
            manual.work();
            manual.pass(LONG);
        }
        disk.fail_sometimes(0);
        assert!(manual.flush());
        let directory = manual.spool.shared.state().books.directory.clone();
        let mut listed = super::Disk::list(&disk, &directory.unwrap()).unwrap();
        listed.retain(|one| one.name.ends_with(".segment"));
        assert!(listed.iter().all(|one| one.length > 0));
        let bytes: u64 = listed.iter().map(|one| one.length).sum();
        assert_eq!(bytes, manual.statistics().bytes_on_disk);
        let taken = manual.spool.take(ALL).unwrap();
        assert_eq!(super::texts(&taken), ["a", "b", "c", "d"]);
    }
}

#[test]
fn what_waits_is_on_disk_or_in_memory() {
    let mut statistics = Statistics {
        waiting_on_disk: 2,
        waiting_in_memory: 3,
        bytes_on_disk: 50,
        bytes_in_memory: 7,
        ..Statistics::default()
    };
    assert_eq!((statistics.waiting(), statistics.bytes_waiting()), (5, 57));
    statistics.waiting_on_disk = 0;
    statistics.waiting_in_memory = 0;
    assert_eq!((statistics.waiting(), statistics.bytes_waiting()), (0, 0));
}

#[test]
fn the_last_definition_of_a_key_counts() {
    let mut definitions = super::super::definition::Definitions::default();
    for text in ["a", "b"] {
        let Definition { key, bytes } = super::definition(1, text);
        definitions.insert(key, &bytes);
    }
    assert_eq!(
        definitions.get(1).map(|bytes| &**bytes),
        Some(b"b".as_slice())
    );
    assert_eq!(definitions.get(2), None);
}

#[test]
fn the_thread_does_nothing_while_there_is_nothing_to_do() {
    let disk = SimulatedDisk::new(1);
    let spool = Spool::open(Arc::new(disk.clone()), "/spool".as_ref(), options()).unwrap();
    spool.append(b"a", &[]).unwrap();
    spool.flush(LONG).unwrap();
    let end = Instant::now() + LONG;
    while !spool.shared.state().sleeps {
        assert!(Instant::now() < end, "it never sleeps");
        std::thread::yield_now();
    }
}

#[test]
fn the_thread_waits_before_it_tries_a_disk_again() {
    let disk = SimulatedDisk::new(1);
    disk.fail(Some(ErrorKind::Other));
    let spool = Spool::open(Arc::new(disk.clone()), "/spool".as_ref(), options()).unwrap();
    spool.append(b"a", &[]).unwrap();
    std::thread::sleep(Duration::from_millis(150));
    // Pauses of 100 and 200 ms: without them there would be thousands.
    let turns = spool.shared.state().turns;
    assert!(
        turns < 50 && disk.changes() < 20,
        "{turns}, {}",
        disk.changes()
    );
    disk.fail(None);
    spool.flush(LONG).unwrap();
}

#[test]
fn the_room_of_a_long_record_is_given_back() {
    let disk = SimulatedDisk::new(1);
    let mut manual = manual(&disk, options());
    for (length, room) in [
        (3 << 20, 3 << 20..4 << 20),
        (1000, 1 << 20..2 << 20),
        (1000, 1 << 20..2 << 20),
    ] {
        manual.spool.append(&vec![0; length], &[]).unwrap();
        assert!(manual.flush());
        assert!(
            room.contains(&manual.thread.room()),
            "{}",
            manual.thread.room()
        );
    }
}

#[test]
fn a_directory_that_goes_away_meanwhile_is_not_taken() {
    let disk = SimulatedDisk::new(1);
    let taken = |failure| {
        let shared: Arc<dyn super::Disk> = Arc::new(disk.clone());
        disk.fail_locks(None);
        let directory = WriterDirectory::create(&shared, "/spool".as_ref()).unwrap();
        let path = directory.path().to_path_buf();
        drop(directory);
        disk.fail_locks(failure);
        WriterDirectory::lock(&shared, path)
    };
    assert!(taken(None).unwrap().is_some());
    assert!(taken(Some(ErrorKind::NotFound)).unwrap().is_none());
    assert!(taken(Some(ErrorKind::PermissionDenied)).is_err());
}

#[test]
fn a_directory_that_cannot_be_removed_is_told() {
    let disk = SimulatedDisk::new(1);
    let shared: Arc<dyn super::Disk> = Arc::new(disk.clone());
    let directory = |name: &str| WriterDirectory::create(&shared, name.as_ref()).unwrap();
    directory("/spool").remove().unwrap();
    let kept = directory("/spool");
    disk.keep_directories();
    let error = kept.remove().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
}

#[test]
fn a_record_that_is_longer_than_all_that_is_taken_is_taken_alone() {
    let disk = SimulatedDisk::new(1);
    let mut manual = manual(&disk, options());
    for text in ["a", "b"] {
        manual.spool.append(text.as_bytes(), &[]).unwrap();
    }
    assert!(manual.flush());
    for expected in ["a", "b"] {
        let taken = manual.spool.take(Limits { bytes: 0, ..ALL }).unwrap();
        assert_eq!(super::texts(&taken), [expected]);
    }
}
