//! Bytes that cannot be read.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::super::{Disk, OsDisk, Quarantine, adopt};
use super::simulated_disk::SimulatedDisk;
use super::{ALL, Manual, balanced, options, texts};

const ROOT: &str = "/spool";

/// A spool with some records on disk, and the path of their segment.
fn written(disk: &SimulatedDisk) -> (Manual, PathBuf) {
    let mut manual = Manual::open(Arc::new(disk.clone()), ROOT.as_ref(), options());
    for text in ["one", "two", "three", "four"] {
        manual.spool.append(text.as_bytes(), &[]).unwrap();
    }
    assert!(manual.flush());
    let directory = manual.spool.shared.state().books.directory.clone().unwrap();
    (manual, directory.join("00000001.segment"))
}

fn damage(disk: &SimulatedDisk, segment: &Path, text: &str) {
    disk.damage(segment, |bytes| {
        let at = bytes
            .windows(text.len())
            .position(|window| window == text.as_bytes());
        bytes[at.unwrap()] ^= 1;
    });
}

fn kept(disk: &dyn Disk) -> Vec<Vec<u8>> {
    let directory = Path::new(ROOT).join("quarantine");
    let mut listed = disk.list(&directory).unwrap_or_default();
    listed.sort_by(|one, other| one.name.cmp(&other.name));
    let bytes = listed.iter().filter(|one| one.name.ends_with(".bytes"));
    bytes
        .map(|one| {
            disk.read(&directory.join(&one.name), 0, usize::MAX)
                .unwrap()
        })
        .collect()
}

#[test]
fn damage_in_a_segment_of_this_process_costs_one_record() {
    let disk = SimulatedDisk::new(1);
    let (manual, segment) = written(&disk);
    damage(&disk, &segment, "two");
    let taken = manual.spool.take(ALL).unwrap();
    assert_eq!(texts(&taken), ["one", "three", "four"]);
    let statistics = manual.statistics();
    assert_eq!((statistics.damaged, statistics.waiting_on_disk), (1, 3));
    let kept = kept(&disk);
    assert_eq!(kept.len(), 1);
    assert!(kept[0].ends_with(b"uwo"), "{kept:?}");
}

#[test]
fn a_segment_that_somebody_has_cut_off_or_removed_is_counted_as_damaged() {
    let disk = SimulatedDisk::new(1);
    let (manual, segment) = written(&disk);
    disk.damage(&segment, |bytes| bytes.truncate(bytes.len() - 40));
    assert_eq!(texts(&manual.spool.take(ALL).unwrap()), ["one", "two"]);
    assert_eq!(manual.statistics().damaged, 2);
    let disk = SimulatedDisk::new(1);
    let (manual, segment) = written(&disk);
    disk.remove_file(&segment).unwrap();
    assert!(manual.spool.take(ALL).unwrap().is_empty());
    assert_eq!(manual.statistics().damaged, 4);
}

#[test]
fn damage_in_an_adopted_segment_is_counted_and_kept_once() {
    let disk = SimulatedDisk::new(1);
    let (manual, segment) = written(&disk);
    manual.kill();
    let disk = disk.after_kill();
    // A head, so that the next one must be found.
    disk.damage(&segment, |bytes| {
        let at = bytes
            .windows(3)
            .position(|window| window == b"two")
            .unwrap();
        bytes[at - 20] ^= 1;
    });
    // And one that was being written.
    disk.damage(&segment, |bytes| bytes.truncate(bytes.len() - 1));
    let shared: Arc<dyn Disk> = Arc::new(disk.clone());
    for _ in 0..2 {
        let mut adoption = adopt(&shared, ROOT.as_ref(), |_| true, 9).unwrap();
        let adopted = &mut adoption.adopted[0];
        assert_eq!(texts(&adopted.take(ALL).unwrap()), ["one", "three"]);
        let statistics = balanced(&adopted.statistics());
        assert_eq!((statistics.damaged, statistics.waiting_on_disk), (1, 2));
        assert_eq!(kept(&disk).len(), 1);
    }
}

#[test]
fn a_segment_without_a_header_goes_to_the_quarantine() {
    let disk = SimulatedDisk::new(1);
    let (manual, segment) = written(&disk);
    manual.kill();
    let disk = disk.after_kill();
    disk.damage(&segment, |bytes| bytes[20] ^= 1);
    let shared: Arc<dyn Disk> = Arc::new(disk.clone());
    let adoption = adopt(&shared, ROOT.as_ref(), |label| label == b"any", 9).unwrap();
    assert!(adoption.adopted.is_empty() && adoption.refused.is_empty());
    assert!(!disk.has(segment.parent().unwrap()));
    let kept = kept(&disk);
    assert!(kept[0].ends_with(b"four"), "{kept:?}");
}

#[test]
fn what_was_put_last_is_kept() {
    let root = tempfile::tempdir().unwrap();
    let quarantine = Quarantine::new(Arc::new(OsDisk), root.path()).with_capacity(250);
    let mut paths = Vec::new();
    for number in 0..4_u8 {
        paths.push(
            quarantine
                .put(&[number; 100], &format!("reason {number}"))
                .unwrap(),
        );
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let there: Vec<bool> = paths.iter().map(|path| path.exists()).collect();
    assert_eq!(there, [false, false, true, true]);
    assert_eq!(std::fs::read(&paths[3]).unwrap(), [3; 100]);
    let reason = std::fs::read_to_string(paths[3].with_extension("txt")).unwrap();
    assert_eq!(reason, "reason 3\n");
    assert!(!paths[0].with_extension("txt").exists());
}

#[test]
fn what_is_not_in_quarantine_neither_takes_room_nor_makes_it() {
    let root = tempfile::tempdir().unwrap();
    let quarantine = Quarantine::new(Arc::new(OsDisk), root.path()).with_capacity(250);
    let first = quarantine.put(&[1; 100], "why").unwrap();
    let note = first.with_file_name("note.txt");
    std::fs::write(&note, [b'x'; 1_000]).unwrap();
    std::fs::create_dir(first.with_file_name("0.bytes")).unwrap();
    let second = quarantine.put(&[2; 100], "why").unwrap();
    assert!(first.exists() && second.exists() && note.exists());
}

#[test]
fn what_is_said_to_be_kept_is_there() {
    for seed in 0..100 {
        let disk = SimulatedDisk::new(seed);
        let quarantine = Quarantine::new(Arc::new(disk.clone()), ROOT.as_ref());
        disk.fail_sometimes(30);
        let Ok(path) = quarantine.put(b"bytes", "reason") else {
            continue;
        };
        assert_eq!(disk.read(&path, 0, 99).unwrap(), b"bytes");
        let reason = disk.read(&path.with_extension("txt"), 0, 99).unwrap();
        assert_eq!(reason, b"reason\n");
    }
}

#[test]
fn what_is_kept_is_listed_with_its_reason() {
    let root = tempfile::tempdir().unwrap();
    let quarantine = Quarantine::new(Arc::new(OsDisk), root.path());
    assert!(quarantine.kept().unwrap().is_empty());
    let writer = root.path().join("writer");
    std::fs::create_dir(&writer).unwrap();
    let segment = writer.join("1.segment");
    std::fs::write(&segment, "abcdef").unwrap();
    let path = quarantine.copy(&segment, 2..5, "why").unwrap();
    assert_eq!(quarantine.copy(&segment, 2..5, "why").unwrap(), path);
    // The reason stays behind.
    std::fs::remove_file(&path).unwrap();
    quarantine.copy(&segment, 2..5, "why").unwrap();
    std::fs::create_dir(path.with_file_name("0.bytes")).unwrap();
    let kept = quarantine.kept().unwrap();
    let [kept] = kept.as_slice() else {
        panic!("one is: {kept:?}")
    };
    assert_eq!((&kept.path, kept.bytes), (&path, 3));
    assert_eq!(kept.reason, "why");
    assert!(Quarantine::new(Arc::new(OsDisk), &segment).kept().is_err());
}

#[test]
fn a_long_piece_is_kept_without_what_follows() {
    let disk = SimulatedDisk::new(1);
    let mut manual = Manual::open(Arc::new(disk.clone()), ROOT.as_ref(), options());
    let long = vec![7; 5 << 19];
    for record in [b"one".as_slice(), &long, b"three"] {
        manual.spool.append(record, &[]).unwrap();
    }
    assert!(manual.flush());
    let directory = manual.spool.shared.state().books.directory.clone().unwrap();
    let segment = directory.join("00000001.segment");
    disk.damage(&segment, |bytes| bytes[1 << 20] ^= 1);
    let before = disk.appends();
    let taken = manual.spool.take(ALL).unwrap();
    assert_eq!(texts(&taken), ["one", "three"]);
    assert_eq!(kept(&disk)[0].len(), 25 + long.len());
    assert_eq!(disk.appends() - before, 4, "three pieces and the reason");
}
