//! Callers that wait, and what lets them go.

use std::io::ErrorKind;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::super::acknowledged::Acknowledged;
use super::super::{
    AppendError, FlushError, Kept, MAX_LABEL_BYTES, OpenError, Options, Spool, Unusable, WhenFull,
};
use super::simulated_disk::SimulatedDisk;
use super::{ALL, LONG, Manual, definition, options};

fn open(disk: &SimulatedDisk) -> Spool {
    Spool::open(Arc::new(disk.clone()), "/spool".as_ref(), options()).unwrap()
}

fn labelled(length: usize) -> Result<Spool, OpenError> {
    let options = Options {
        label: vec![b'x'; length].into(),
        ..options()
    };
    Spool::open(Arc::new(SimulatedDisk::new(1)), "/spool".as_ref(), options)
}

#[test]
fn a_label_has_a_longest() {
    labelled(MAX_LABEL_BYTES).unwrap();
    for length in [MAX_LABEL_BYTES + 1, MAX_LABEL_BYTES + 2] {
        let error = labelled(length).unwrap_err().to_string();
        assert!(error.contains(&length.to_string()), "{error}");
    }
}

#[test]
fn room_is_waited_for_as_long_as_was_said() {
    let manual = Manual::open(
        Arc::new(SimulatedDisk::new(1)),
        "/spool".as_ref(),
        Options {
            capacity: 0,
            when_full: WhenFull::Refuse,
            ..options()
        },
    );
    let own = manual.spool.shared.state().books.cost(&[], &[]);
    let room = manual.spool.shared.options.capacity() as usize - own;
    let waits = |bytes, most| manual.spool.wait_for_room(&vec![0; bytes], &[], most);
    assert_eq!(waits(room, LONG), Ok(true));
    let (begin, most) = (Instant::now(), Duration::from_millis(50));
    assert_eq!(waits(room + 1, most), Ok(false));
    assert!(begin.elapsed() >= most);
    let (definitions, most) = ([definition(1, "x")], Duration::ZERO);
    let waits = |bytes| {
        manual
            .spool
            .wait_for_room(&vec![0; bytes], &definitions, most)
    };
    assert_eq!([waits(room), waits(room - 1)], [Ok(false), Ok(true)]);
}

#[test]
fn nobody_waits_for_the_disk_with_what_was_delivered_from_memory() {
    let disk = SimulatedDisk::new(1);
    let spool = open(&disk);
    spool.flush(LONG).unwrap();
    disk.stall(true);
    thread::scope(|scope| {
        let kept = scope.spawn(|| spool.append(b"a", &[]));
        let taken = loop {
            let taken = spool.take(ALL).unwrap();
            if !taken.is_empty() {
                break taken;
            }
            thread::yield_now();
        };
        spool.acknowledge(&[taken[0].position], None).unwrap();
        assert_eq!(kept.join().unwrap(), Ok(Kept::Disk));
    });
    disk.stall(false);
}

#[test]
fn a_flush_tells_of_the_trouble_that_it_met_and_not_of_an_earlier_one() {
    let disk = SimulatedDisk::new(1);
    disk.fail(Some(ErrorKind::StorageFull));
    let spool = open(&disk);
    assert_eq!(spool.append(b"a", &[]), Ok(Kept::Memory));
    match spool.flush(LONG) {
        Err(FlushError::Trouble(trouble)) => assert_eq!(trouble.kind, ErrorKind::StorageFull),
        other => panic!("it met none: {other:?}"),
    }
    disk.fail(None);
    assert_eq!(spool.flush(LONG), Ok(()));
}

#[test]
fn ranges_that_touch_become_one() {
    let of = |ranges: &[(u64, u64)]| {
        let mut acknowledged = Acknowledged::default();
        for &(from, to) in ranges {
            acknowledged.insert_range(from..to);
        }
        acknowledged
    };
    let one = of(&[(3, 7)]);
    assert_eq!(of(&[(3, 5), (5, 7)]), one);
    assert_eq!(of(&[(5, 7), (3, 5)]), one);
    assert_eq!(of(&[(3, 4), (6, 7), (4, 6)]), one);
    assert_ne!(of(&[(3, 4), (5, 7)]), one);
}

#[test]
fn a_spool_refuses_records_once_it_was_found_empty() {
    let spool = open(&SimulatedDisk::new(1));
    spool.append(b"a", &[]).unwrap();
    assert!(!spool.refuse_if_empty());
    spool.append(b"b", &[]).unwrap();
    let taken = spool.take(ALL).unwrap();
    let positions: Vec<_> = taken.iter().map(|one| one.position).collect();
    spool.acknowledge(&positions, None).unwrap();
    assert!(spool.refuse_if_empty());
    assert_eq!(
        spool.append(b"c", &[]),
        Err(AppendError::Unusable(Unusable::Closed))
    );
}
