//! A disk that is full, cannot be written to, or does not answer.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::super::disk::Space;
use super::super::{
    Adopted, AppendError, FlushError, Kept, Options, Spool, TakeError, WhenFull, adopt,
};
use super::simulated_disk::SimulatedDisk;
use super::{ALL, LONG, Manual, balanced, options, os_disk, texts};

const ROOT: &str = "/spool";

fn manual(disk: &SimulatedDisk, options: Options) -> Manual {
    Manual::open(Arc::new(disk.clone()), Path::new(ROOT), options)
}

/// What an adopter finds in the directory of a process that lives.
fn adopted(root: &Path) -> Vec<Adopted> {
    adopt(&os_disk(), root, |_| true, 9).unwrap().adopted
}

#[test]
fn a_directory_that_somebody_removes_is_begun_again() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("spool");
    let mut manual = Manual::open(os_disk(), &root, options());
    for text in ["a", "b", "c"] {
        manual.spool.append(text.as_bytes(), &[]).unwrap();
        assert!(manual.flush());
    }
    std::fs::remove_dir_all(&root).unwrap();
    manual.pass(Duration::from_millis(200));
    for text in ["d", "e"] {
        manual.spool.append(text.as_bytes(), &[]).unwrap();
        assert!(manual.flush());
    }
    assert_eq!(texts(&manual.spool.take(ALL).unwrap()), ["d", "e"]);
    let statistics = manual.statistics();
    assert_eq!((statistics.damaged, statistics.waiting_on_disk), (3, 2));
    assert!(adopted(&root).is_empty(), "it is in use");
    manual.kill();
    let found = &mut adopted(&root)[0];
    assert_eq!(texts(&found.take(ALL).unwrap()), ["d", "e"]);
}

#[cfg(unix)]
#[test]
fn a_directory_whose_lock_somebody_removes_is_left_to_them() {
    let folder = tempfile::tempdir().unwrap();
    let mut manual = Manual::open(os_disk(), folder.path(), options());
    manual.spool.append(b"a", &[]).unwrap();
    assert!(manual.flush());
    let directory = manual.spool.shared.state().books.directory.clone().unwrap();
    std::fs::remove_file(directory.join("lock")).unwrap();
    let mut others = adopted(folder.path());
    assert_eq!(texts(&others[0].take(ALL).unwrap()), ["a"]);
    manual.pass(Duration::from_millis(200));
    manual.spool.append(b"b", &[]).unwrap();
    assert!(manual.flush());
    assert!(adopted(folder.path()).is_empty(), "both are in use");
    manual.kill();
    let mut own = adopted(folder.path());
    assert_eq!(texts(&own[0].take(ALL).unwrap()), ["b"]);
}

#[test]
fn records_wait_in_memory_until_the_disk_takes_them() {
    for failure in [
        ErrorKind::StorageFull,
        ErrorKind::ReadOnlyFilesystem,
        ErrorKind::Other,
    ] {
        let disk = SimulatedDisk::new(1);
        disk.fail(Some(failure));
        let mut manual = manual(&disk, options());
        manual.spool.append(b"a", &[]).unwrap();
        assert!(!manual.flush());
        let statistics = manual.statistics();
        assert_eq!(statistics.waiting_in_memory, 1);
        assert_eq!(
            statistics.trouble.map(|trouble| trouble.kind),
            Some(failure)
        );
        // Given from there, if the server is better off than the disk.
        assert_eq!(texts(&manual.spool.take(ALL).unwrap()), ["a"]);
        disk.fail(None);
        // It is left alone for a while.
        manual.work();
        assert_eq!(manual.statistics().waiting_in_memory, 1);
        manual.pass(Duration::from_secs(20));
        manual.work();
        let statistics = manual.statistics();
        assert_eq!(
            (statistics.waiting_in_memory, statistics.waiting_on_disk),
            (0, 1)
        );
        assert_eq!(statistics.trouble, None);
    }
}

#[test]
fn what_does_not_fit_into_memory_is_dropped_and_counted() {
    let disk = SimulatedDisk::new(1);
    disk.fail(Some(ErrorKind::ReadOnlyFilesystem));
    let mut manual = manual(
        &disk,
        Options {
            memory: 3000,
            ..options()
        },
    );
    let kept: Vec<_> = (0..4)
        .map(|_| manual.spool.append(&[0; 1000], &[]))
        .collect();
    assert_eq!(kept[..2], [Ok(Kept::Memory), Ok(Kept::Memory)]);
    assert_eq!(
        kept[2..],
        [Err(AppendError::MemoryFull), Err(AppendError::MemoryFull)]
    );
    assert_eq!(manual.statistics().dropped.memory, 2);
    disk.fail(None);
    assert!(manual.flush());
    assert_eq!(manual.spool.append(&[0; 1000], &[]), Ok(Kept::Memory));
}

#[test]
fn a_disk_that_does_not_answer_is_waited_for_once() {
    let disk = SimulatedDisk::new(1);
    let options = Options {
        patience: Duration::from_millis(20),
        ..options()
    };
    let spool = Spool::open(Arc::new(disk.clone()), ROOT.as_ref(), options).unwrap();
    spool.flush(LONG).unwrap();
    disk.stall(true);
    assert_eq!(spool.append(b"a", &[]), Ok(Kept::Memory));
    assert!(spool.shared.state().is_behind);
    assert_eq!(spool.append(b"b", &[]), Ok(Kept::Memory));
    assert_eq!(
        spool.flush(Duration::from_millis(1)),
        Err(FlushError::TimedOut)
    );
    assert_eq!(texts(&spool.take(ALL).unwrap()), ["a", "b"]);
    disk.stall(false);
    spool.flush(LONG).unwrap();
    assert!(!spool.shared.state().is_behind);
    assert_eq!(balanced(&spool.statistics().unwrap()).waiting_on_disk, 2);
}

#[test]
fn many_records_go_into_one_write() {
    let disk = SimulatedDisk::new(1);
    let mut manual = manual(&disk, options());
    assert!(manual.flush());
    for _ in 0..1000 {
        manual.spool.append(b"record", &[]).unwrap();
    }
    manual.work();
    assert_eq!(manual.statistics().waiting_on_disk, 1000);
    assert_eq!(disk.appends(), 1);
}

#[test]
fn a_full_spool_does_what_its_options_say() {
    let waits = |manual: &Manual| {
        let record = [0; 50_000];
        manual
            .spool
            .wait_for_room(&record, &[], Duration::ZERO)
            .unwrap()
    };
    for when_full in [WhenFull::DropOldest, WhenFull::DropNewest, WhenFull::Refuse] {
        let disk = SimulatedDisk::new(1);
        let mut manual = manual(
            &disk,
            Options {
                capacity: 0,
                when_full,
                ..options()
            },
        );
        let mut taken = 0;
        for number in 0..40 {
            let mut record = vec![b'x'; 50_000];
            record[0] = number;
            taken += u64::from(manual.spool.append(&record, &[]).is_ok());
            manual.work();
        }
        let statistics = manual.statistics();
        assert!(statistics.bytes_on_disk <= 1024 * 1024);
        let found = manual.spool.take(ALL).unwrap();
        let (first, last) = (found[0].bytes[0], found.last().unwrap().bytes[0]);
        assert_eq!(found.len() as u64, statistics.waiting_on_disk);
        match when_full {
            WhenFull::DropOldest => {
                assert_eq!((taken, last), (40, 39));
                assert_eq!(statistics.dropped.total(), statistics.dropped.oldest);
                assert_eq!(u64::from(first), statistics.dropped.oldest);
                assert!(first > 15 && first < 30, "{first}");
            }
            WhenFull::DropNewest => {
                assert_eq!((first, u64::from(last)), (0, taken - 1));
                assert_eq!(statistics.dropped.newest, 40 - taken);
            }
            WhenFull::Refuse => {
                assert_eq!((first, u64::from(last)), (0, taken - 1));
                assert_eq!(statistics.appended, taken);
                assert!(!waits(&manual));
                let positions: Vec<_> = found.iter().map(|one| one.position).collect();
                manual.spool.acknowledge(&positions, None).unwrap();
                assert!(manual.flush());
                assert!(waits(&manual));
            }
        }
    }
}

#[test]
fn some_of_the_disk_is_left_to_others() {
    let disk = SimulatedDisk::new(1);
    let total = 1024 * 1024 * 1024;
    let space = |free| Some(Space { free, total });
    disk.set_space(space(total / 10));
    let mut manual = manual(&disk, options());
    manual.spool.append(b"a", &[]).unwrap();
    assert!(!manual.flush());
    let trouble = manual.statistics().trouble.unwrap();
    assert_eq!(trouble.kind, ErrorKind::StorageFull);
    disk.set_space(space(total / 5));
    assert!(manual.flush());
    assert_eq!(manual.statistics().waiting_on_disk, 1);
}

#[test]
fn a_segment_that_cannot_be_read_now_is_read_later() {
    let disk = SimulatedDisk::new(1);
    let mut manual = manual(&disk, options());
    manual.spool.append(b"a", &[]).unwrap();
    assert!(manual.flush());
    disk.fail_reads(Some(ErrorKind::Other));
    assert!(matches!(manual.spool.take(ALL), Err(TakeError::Read(_))));
    assert!(manual.spool.take(ALL).unwrap().is_empty());
    assert_eq!(manual.statistics().waiting_on_disk, 1);
    disk.fail_reads(None);
    manual.spool.rewind().unwrap();
    assert_eq!(texts(&manual.spool.take(ALL).unwrap()), ["a"]);
}

#[test]
fn a_full_disk_gets_room_by_what_was_delivered() {
    let disk = SimulatedDisk::new(1);
    let mut manual = manual(
        &disk,
        Options {
            capacity: 0,
            ..options()
        },
    );
    for _ in 0..10 {
        manual.spool.append(&[0; 50_000], &[]).unwrap();
        manual.work();
    }
    let positions: Vec<_> = manual
        .spool
        .take(ALL)
        .unwrap()
        .iter()
        .map(|one| one.position)
        .collect();
    manual.spool.acknowledge(&positions, None).unwrap();
    let before = manual.statistics().bytes_on_disk;
    // What is acknowledged cannot be written down, since its name is taken by a directory.
    let directory = manual.spool.shared.state().books.directory.clone().unwrap();
    super::Disk::create_directory(&disk, &directory.join("acknowledged.new")).unwrap();
    assert!(!manual.flush());
    assert!(manual.statistics().bytes_on_disk < before / 2);
}
