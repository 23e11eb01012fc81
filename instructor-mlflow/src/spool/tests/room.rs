//! Room on the disk, and which records go for it.

use std::sync::Arc;

use super::super::disk::Space;
use super::super::{Options, WhenFull};
use super::simulated_disk::SimulatedDisk;
use super::{ALL, Manual, options};

fn manual(disk: &SimulatedDisk, options: Options) -> Manual {
    Manual::open(Arc::new(disk.clone()), "/spool".as_ref(), options)
}

/// The least capacity: 1 MiB, in segments of an eighth of that.
fn small() -> Options {
    Options {
        capacity: 0,
        ..options()
    }
}

#[test]
fn what_was_delivered_goes_before_what_waits() {
    let disk = SimulatedDisk::new(1);
    let mut manual = manual(&disk, small());
    // Three in each segment.
    for _ in 0..20 {
        manual.spool.append(&[0; 50_000], &[]).unwrap();
        manual.work();
    }
    let taken = manual.spool.take(ALL).unwrap();
    let first: Vec<_> = taken[..3].iter().map(|one| one.position).collect();
    manual.spool.acknowledge(&first, None).unwrap();
    manual.spool.append(&[0; 50_000], &[]).unwrap();
    manual.work();
    assert_eq!(manual.statistics().dropped.oldest, 0);
    manual.spool.append(&[0; 150_000], &[]).unwrap();
    manual.work();
    assert_eq!(
        manual.statistics().dropped.oldest,
        3,
        "and no more than that"
    );
}

#[test]
fn as_much_is_dropped_as_is_needed() {
    let disk = SimulatedDisk::new(1);
    let mut manual = manual(&disk, small());
    for _ in 0..20 {
        manual.spool.append(&[0; 50_000], &[]).unwrap();
        manual.work();
    }
    manual.spool.append(&[0; 250_000], &[]).unwrap();
    manual.work();
    let statistics = manual.statistics();
    assert!(statistics.bytes_on_disk <= 1 << 20);
    assert_eq!(statistics.dropped.oldest, 6);
    let left = (1 << 20) - statistics.bytes_on_disk;
    let left = usize::try_from(left).unwrap();
    manual.spool.append(&vec![0; left], &[]).unwrap();
    manual.work();
    assert_eq!(manual.statistics().dropped.oldest, 6, "it just fits");
}

#[test]
fn the_disk_is_asked_for_room_after_each_mebibyte() {
    for (when_full, lost) in [(WhenFull::DropOldest, 3), (WhenFull::DropNewest, 0)] {
        let disk = SimulatedDisk::new(1);
        let mut manual = manual(
            &disk,
            Options {
                when_full,
                ..options()
            },
        );
        manual.spool.append(b"a", &[]).unwrap();
        assert!(manual.flush());
        let total = 100;
        disk.set_space(Some(Space { free: 0, total }));
        for length in [100_000, 1 << 20] {
            manual.spool.append(&vec![0; length], &[]).unwrap();
            assert!(manual.flush(), "it has not been asked yet");
        }
        manual.spool.append(b"b", &[]).unwrap();
        assert!(!manual.flush());
        assert_eq!(manual.statistics().dropped.oldest, lost);
    }
}

#[test]
fn as_many_segments_go_as_others_need_room() {
    let disk = SimulatedDisk::new(1);
    let capacity = 4 << 20;
    let mut manual = manual(
        &disk,
        Options {
            capacity,
            ..options()
        },
    );
    // Eleven in each segment; after a mebibyte the disk is asked again.
    for _ in 0..21 {
        manual.spool.append(&[0; 50_000], &[]).unwrap();
        manual.work();
    }
    // A tenth of it is for others.
    disk.set_size(1_200_000);
    manual.spool.append(&[0; 200_000], &[]).unwrap();
    assert!(manual.flush());
    assert_eq!(manual.statistics().dropped.oldest, 11);
}

#[test]
fn room_that_just_suffices_is_room() {
    let disk = SimulatedDisk::new(1);
    let mut manual = manual(&disk, options());
    let total = 1000;
    for (free, fits) in [(100 + 9, false), (100 + 10, true)] {
        disk.set_space(Some(Space { free, total }));
        if manual.statistics().appended == 0 {
            manual.spool.append(&[0; 10], &[]).unwrap();
        }
        assert_eq!(manual.flush(), fits, "{free}");
    }
}

#[test]
fn nothing_is_dropped_where_others_have_filled_the_disk() {
    let disk = SimulatedDisk::new(1);
    let mut manual = manual(&disk, options());
    manual.spool.append(&vec![0; 1 << 20], &[]).unwrap();
    manual.spool.append(&vec![0; 1 << 20], &[]).unwrap();
    assert!(manual.flush());
    // With all that waits there would still be too little.
    let total = 1 << 40;
    disk.set_space(Some(Space {
        free: 500 << 20,
        total,
    }));
    manual.spool.append(b"b", &[]).unwrap();
    assert!(!manual.flush());
    let statistics = manual.statistics();
    assert_eq!(
        (statistics.dropped.oldest, statistics.waiting_on_disk),
        (0, 2)
    );
    assert_eq!(statistics.waiting_in_memory, 1);
}

#[test]
fn a_segment_ends_with_the_record_that_fills_it() {
    let disk = SimulatedDisk::new(1);
    let mut manual = manual(&disk, small());
    for length in [1, 1, 131_072] {
        manual.spool.append(&vec![0; length], &[]).unwrap();
        manual.work();
    }
    for _ in 0..8 {
        manual.spool.append(&[0; 50_000], &[]).unwrap();
    }
    manual.work();
    let state = manual.spool.shared.state();
    let sequences = |number| state.books.segment(number).unwrap().sequences.clone();
    assert_eq!([1, 2, 3, 4].map(sequences), [0..3, 3..6, 6..9, 9..11]);
}

#[test]
fn options_bound_each_other() {
    for (options, expected) in [
        (options(), (512 << 20, 8 << 20, 16 << 20)),
        (small(), (1 << 20, 1 << 17, 1 << 18)),
    ] {
        let found = (
            options.capacity(),
            options.segment_bytes(),
            options.max_payload_bytes(),
        );
        assert_eq!(found, expected);
    }
}
