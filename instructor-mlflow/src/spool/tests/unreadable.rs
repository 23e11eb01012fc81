//! Segments that cannot be read for a while.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::super::{Disk, Limits, Options, adopt};
use super::simulated_disk::SimulatedDisk;
use super::{ALL, Manual, options, texts};

fn manual(disk: &SimulatedDisk, capacity: u64) -> Manual {
    let options = Options {
        capacity,
        ..options()
    };
    Manual::open(Arc::new(disk.clone()), "/spool".as_ref(), options)
}

/// It is tried again after the shortest of the pauses, if that is not over.
#[track_caller]
fn assert_shortest_pause(manual: &Manual) {
    let retry = manual.spool.retry_at();
    let left = retry.map(|retry| retry.saturating_duration_since(Instant::now()));
    assert!(
        left.is_none_or(|left| left <= Duration::from_secs(1)),
        "{left:?}"
    );
}

#[test]
fn what_was_read_before_a_failure_is_given_first() {
    for (length, capacity, before) in [
        (100_000, 1 << 29, 1),
        (300_000, 1 << 29, 0),
        (100_000, 0, 1),
    ] {
        let disk = SimulatedDisk::new(1);
        let mut manual = manual(&disk, capacity);
        for _ in 0..3 {
            manual.spool.append(&vec![b'x'; length], &[]).unwrap();
        }
        assert!(manual.flush());
        let first = Limits { records: 1, ..ALL };
        manual.spool.take(first).unwrap();
        disk.fail_reads(Some(ErrorKind::Other));
        if before > 0 {
            assert_eq!(manual.spool.take(ALL).unwrap().len(), before);
        }
        assert!(manual.spool.take(ALL).is_err());
        // Once, so that it is tried again after the shortest pause.
        assert_shortest_pause(&manual);
        assert!(manual.spool.take(ALL).unwrap().is_empty());
        assert_eq!(manual.statistics().damaged, 0);
        disk.fail_reads(None);
        manual.spool.rewind().unwrap();
        assert_eq!(manual.spool.take(ALL).unwrap().len(), 3);
    }
}

#[test]
fn a_segment_that_could_not_be_read_is_tried_again_and_nothing_given_twice() {
    let disk = SimulatedDisk::new(1);
    let mut manual = manual(&disk, 1 << 29);
    manual.spool.append(b"a", &[]).unwrap();
    assert!(manual.flush());
    assert_eq!(texts(&manual.spool.take(ALL).unwrap()), ["a"]);
    disk.fail_reads(Some(ErrorKind::Other));
    manual.spool.append(b"b", &[]).unwrap();
    assert!(manual.flush());
    assert!(manual.spool.take(ALL).is_err());
    assert_eq!(manual.spool.untaken(), 0, "not now");
    let retry = manual.spool.retry_at().expect("it is tried again");
    disk.fail_reads(None);
    manual.spool.append(b"c", &[]).unwrap();
    assert!(manual.flush());
    assert!(manual.spool.take(ALL).unwrap().is_empty());
    std::thread::sleep(retry.saturating_duration_since(Instant::now()));
    assert_eq!(manual.spool.retry_at(), None);
    assert_eq!(manual.spool.untaken(), 2);
    assert_eq!(texts(&manual.spool.take(ALL).unwrap()), ["b", "c"]);
    assert_eq!(manual.statistics().damaged, 0);
    // Something was read since: the next pause is the shortest again.
    disk.fail_reads(Some(ErrorKind::Other));
    manual.spool.append(b"d", &[]).unwrap();
    assert!(manual.flush());
    assert!(manual.spool.take(ALL).is_err());
    assert_shortest_pause(&manual);
}

#[test]
fn a_segment_of_another_process_is_tried_again_too() {
    let disk = SimulatedDisk::new(1);
    let mut manual = manual(&disk, 1 << 29);
    manual.spool.append(b"a", &[]).unwrap();
    assert!(manual.flush());
    manual.kill();
    let disk = disk.after_kill();
    let shared: Arc<dyn Disk> = Arc::new(disk.clone());
    let mut adoption = adopt(&shared, "/spool".as_ref(), |_| true, 9).unwrap();
    let adopted = &mut adoption.adopted[0];
    assert_eq!((adopted.untaken(), adopted.retry_at()), (1, None));
    disk.fail_reads(Some(ErrorKind::Other));
    assert!(adopted.take(ALL).is_err());
    disk.fail_reads(None);
    let retry = adopted.retry_at().expect("it is tried again");
    assert!(adopted.untaken() == 0 && adopted.take(ALL).unwrap().is_empty());
    std::thread::sleep(retry.saturating_duration_since(Instant::now()));
    assert_eq!(texts(&adopted.take(ALL).unwrap()), ["a"]);
}

#[test]
fn a_segment_that_is_gone_is_damaged_and_not_waited_for() {
    let disk = SimulatedDisk::new(1);
    let mut manual = manual(&disk, 1 << 29);
    for _ in 0..3 {
        manual.spool.append(&vec![b'x'; 300_000], &[]).unwrap();
    }
    assert!(manual.flush());
    manual.spool.take(Limits { records: 1, ..ALL }).unwrap();
    let directory = manual.spool.shared.state().books.directory.clone();
    let segment = directory.unwrap().join("00000001.segment");
    disk.remove_file(&segment).unwrap();
    for _ in 0..2 {
        assert!(manual.spool.take(ALL).unwrap().is_empty());
    }
    assert_eq!(manual.spool.retry_at(), None);
    assert_eq!(manual.statistics().damaged, 2);
}

#[test]
fn what_waits_in_memory_is_given_in_batches() {
    let disk = SimulatedDisk::new(1);
    let manual = manual(&disk, 1 << 29);
    for text in ["1234", "1234", "1234", "", ""] {
        manual.spool.append(text.as_bytes(), &[]).unwrap();
    }
    for (bytes, expected) in [(0, 1), (7, 1), (8, 2), (12, 4), (13, 5)] {
        let taken = manual.spool.take(Limits { bytes, ..ALL }).unwrap();
        assert_eq!(taken.len(), expected, "{bytes}");
        manual.spool.rewind().unwrap();
    }
}

#[test]
fn it_is_not_tried_for_ever() {
    let disk = SimulatedDisk::new(1);
    let mut reader = super::super::reader::Reader::new(
        Arc::new(disk.clone()),
        super::super::Quarantine::new(Arc::new(disk), "/spool".as_ref()),
    );
    let pauses: Vec<_> = std::iter::from_fn(|| {
        let waits = reader.wait();
        let retry = reader.retry_at().filter(|_| waits)?;
        Some(retry.saturating_duration_since(Instant::now()))
    })
    .collect();
    let seconds: Vec<_> = pauses
        .iter()
        .map(|pause| (*pause + Duration::from_millis(500)).as_secs())
        .collect();
    assert_eq!(seconds, [1, 2, 4, 8, 16, 30, 30, 30]);
}
