//! Directories of processes that have ended.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Instant, SystemTime};

use super::super::adoption::since;
use super::super::directory::WriterDirectory;
use super::super::writer::milliseconds;
use super::super::{Adopted, Disk, MAX_STATE_BYTES, Options, Spool, adopt};
use super::simulated_disk::SimulatedDisk;
use super::{ALL, LABEL, LONG, Manual, open, options, os_disk, texts};

#[test]
fn only_records_with_the_label_are_adopted() {
    let root = tempfile::tempdir().unwrap();
    let other = Options {
        label: (*b"http://elsewhere").into(),
        ..options()
    };
    Spool::open(os_disk(), root.path(), other)
        .unwrap()
        .append(b"other", &[])
        .unwrap();
    open(root.path()).append(b"own", &[]).unwrap();
    let mut adoption = adopt(&os_disk(), root.path(), |label| label == LABEL, 9).unwrap();
    assert_eq!((adoption.adopted.len(), adoption.of_other_labels), (1, 1));
    assert_eq!(texts(&adoption.adopted[0].take(ALL).unwrap()), ["own"]);
    let mut adoption = adopt(&os_disk(), root.path(), |_| true, 9).unwrap();
    assert_eq!((adoption.adopted.len(), adoption.in_use), (1, 1));
    assert_eq!(adoption.adopted[0].label(), b"http://elsewhere");
    assert_eq!(texts(&adoption.adopted[0].take(ALL).unwrap()), ["other"]);
}

#[test]
fn a_clock_that_was_wrong_harms_nothing() {
    // Whatever a segment says of its time.
    for created in [0, u64::MAX] {
        assert!(since(created) <= Instant::now());
    }
    let now = milliseconds(SystemTime::now());
    assert!(since(now - 5_000).elapsed().as_secs() >= 5);
    let begin = Instant::now();
    assert!(since(now + 60_000) >= begin, "it was set back");
}

#[test]
fn a_root_that_cannot_be_looked_into_is_no_empty_one() {
    let file = tempfile::NamedTempFile::new().unwrap();
    assert!(adopt(&os_disk(), file.path(), |_| true, 9).is_err());
}

#[test]
fn a_root_that_is_not_there_has_nothing_in_it() {
    let root = tempfile::tempdir().unwrap();
    let adoption = adopt(&os_disk(), &root.path().join("nowhere"), |_| true, 9).unwrap();
    assert!(adoption.adopted.is_empty() && adoption.refused.is_empty());
}

#[test]
fn what_a_newer_version_wrote_is_left_alone() {
    let disk = SimulatedDisk::new(1);
    let mut manual = Manual::open(Arc::new(disk.clone()), "/spool".as_ref(), options());
    manual.spool.append(b"a", &[]).unwrap();
    assert!(manual.flush());
    let directory = manual.spool.shared.state().books.directory.clone().unwrap();
    manual.kill();
    let disk = disk.after_kill();
    let segment = directory.join("00000001.segment");
    disk.damage(&segment, |bytes| bytes[8] = 2);
    let shared: Arc<dyn Disk> = Arc::new(disk.clone());
    let adoption = adopt(&shared, "/spool".as_ref(), |_| true, 9).unwrap();
    assert_eq!(adoption.refused.len(), 1);
    let said = adoption.refused[0].to_string();
    assert!(
        said.ends_with("the format has version 2, and this program reads version 1"),
        "{said}"
    );
    // Not even its lock is kept.
    disk.damage(&segment, |bytes| bytes[8] = 1);
    let mut adoption = adopt(&shared, "/spool".as_ref(), |_| true, 9).unwrap();
    assert_eq!(texts(&adoption.adopted[0].take(ALL).unwrap()), ["a"]);
}

#[test]
fn a_state_without_records_is_adopted_until_it_is_taken_back() {
    let root = tempfile::tempdir().unwrap();
    let spool = open(root.path());
    spool.append(b"a", &[]).unwrap();
    let taken = spool.take(ALL).unwrap();
    spool
        .acknowledge(&[taken[0].position], Some(b"state"))
        .unwrap();
    spool.flush(LONG).unwrap();
    drop(spool);
    let adopted = adopt(&os_disk(), root.path(), |label| label == LABEL, 9)
        .unwrap()
        .adopted
        .pop()
        .unwrap();
    assert_eq!(&*adopted.state(), b"state");
    let mut adopted = adopted.finish().unwrap().unwrap();
    assert!(adopted.take(ALL).unwrap().is_empty());
    adopted.acknowledge(&[], Some(b"")).unwrap();
    assert!(adopted.finish().unwrap().is_none());
    assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 0);
}

#[test]
fn creators_and_adopters_do_not_get_into_each_others_way() {
    let root = tempfile::tempdir().unwrap();
    let (disk, path) = (os_disk(), root.path());
    let left = AtomicUsize::new(4);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..50 {
                    // Whatever the adopters do, it is there as long as it is held.
                    let directory = WriterDirectory::create(&disk, path).unwrap();
                    let file = directory.path().join("00000001.segment");
                    std::fs::write(&file, "x").unwrap();
                    assert!(file.exists());
                    directory.remove().unwrap();
                }
                left.fetch_sub(1, Ordering::SeqCst);
            });
        }
        for _ in 0..2 {
            scope.spawn(|| {
                while left.load(Ordering::SeqCst) > 0 {
                    assert!(adopt(&disk, path, |_| true, 9).unwrap().adopted.is_empty());
                }
            });
        }
    });
    assert_eq!(std::fs::read_dir(path).unwrap().count(), 0);
}

#[test]
#[cfg(unix)]
fn nobody_else_can_look_into_the_files() {
    use std::os::unix::fs::PermissionsExt;

    let root = tempfile::tempdir().unwrap();
    let spool = open(&root.path().join("spool"));
    spool.append(b"a", &[]).unwrap();
    spool.acknowledge(&[], Some(b"state")).unwrap();
    spool.quarantine().put(b"refused", "status 400").unwrap();
    spool.flush(LONG).unwrap();
    let mut seen = 0;
    let mut look = vec![root.path().join("spool")];
    while let Some(path) = look.pop() {
        let metadata = path.metadata().unwrap();
        let mode = metadata.permissions().mode() & 0o777;
        assert_eq!(
            mode,
            if metadata.is_dir() { 0o700 } else { 0o600 },
            "{}",
            path.display()
        );
        seen += 1;
        if metadata.is_dir() {
            look.extend(
                std::fs::read_dir(&path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        }
    }
    assert_eq!(seen, 8);
    assert!(Path::new(&root.path().join("spool/quarantine")).is_dir());
}

/// The only directory below `root`, adopted.
fn adopted(root: &Path) -> Adopted {
    let found = adopt(&os_disk(), root, |_| true, 9).unwrap();
    let [adopted] = <[_; 1]>::try_from(found.adopted).unwrap();
    adopted
}

#[test]
fn an_adopter_writes_down_what_is_settled_by_the_hundred_and_when_it_is_told_to() {
    let root = tempfile::tempdir().unwrap();
    let spool = open(root.path());
    for _ in 0..150 {
        spool.append(b"record", &[]).unwrap();
    }
    drop(spool);
    for (settled, flushes, left) in [(99, false, 150), (100, false, 50), (1, true, 49)] {
        let mut one = adopted(root.path());
        let taken = one.take(ALL).unwrap();
        let positions: Vec<_> = taken[..settled].iter().map(|one| one.position).collect();
        one.acknowledge(&positions, None).unwrap();
        if flushes {
            one.flush().unwrap();
        }
        drop(one);
        let statistics = adopted(root.path()).statistics();
        assert_eq!(statistics.waiting_on_disk, left, "{settled} {flushes}");
    }
}

#[test]
fn only_directories_with_the_name_of_a_writers_are_looked_into() {
    let root = tempfile::tempdir().unwrap();
    for name in [
        "quarantine",
        "0123abcd",
        "not-of-a-writer!",
        "0123456789abcdef",
    ] {
        std::fs::create_dir(root.path().join(name)).unwrap();
    }
    std::fs::write(root.path().join("fedcba9876543210"), "").unwrap();
    let found = WriterDirectory::all_below(&os_disk(), root.path()).unwrap();
    assert_eq!(found, [root.path().join("0123456789abcdef")]);
}

#[test]
fn a_directory_that_is_gone_cannot_be_locked() {
    let root = tempfile::tempdir().unwrap();
    let gone = WriterDirectory::lock(&os_disk(), root.path().join("gone"));
    assert!(gone.unwrap().is_none());
}

#[test]
fn a_state_survives_whatever_the_disk_refuses() {
    let disk = SimulatedDisk::new(1);
    let mut manual = Manual::open(Arc::new(disk.clone()), "/spool".as_ref(), options());
    let state = vec![7; MAX_STATE_BYTES];
    manual.spool.acknowledge(&[], Some(&state)).unwrap();
    assert!(manual.flush());
    manual.kill();
    let disk = disk.after_kill();
    let shared: Arc<dyn Disk> = Arc::new(disk.clone());
    let adopted = || adopt(&shared, "/spool".as_ref(), |_| true, 9).unwrap();
    disk.fail_reads(Some(std::io::ErrorKind::Other));
    let found = adopted();
    assert_eq!((found.adopted.len(), found.refused.len()), (0, 1));
    disk.fail_reads(None);
    disk.fail(Some(std::io::ErrorKind::Other));
    let found = adopted();
    assert_eq!((found.refused.len(), found.in_use), (1, 0));
    disk.fail(None);
    assert!(*adopted().adopted[0].state() == *state);
}

#[test]
fn what_is_removed_may_be_gone_and_must_not_stay() {
    let root = tempfile::tempdir().unwrap();
    let directory = WriterDirectory::create(&os_disk(), root.path()).unwrap();
    directory.remove_segment(7).unwrap();
    // What it does not know stays.
    std::fs::create_dir(directory.path().join("acknowledged.new")).unwrap();
    assert!(directory.remove().is_err());
    let disk = SimulatedDisk::new(1);
    let shared: Arc<dyn Disk> = Arc::new(disk.clone());
    shared.create_directory("/spool".as_ref()).unwrap();
    let directory = WriterDirectory::create(&shared, "/spool".as_ref()).unwrap();
    disk.fail(Some(std::io::ErrorKind::Other));
    assert!(directory.remove_segment(7).is_err());
}
