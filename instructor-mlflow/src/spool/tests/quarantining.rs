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
