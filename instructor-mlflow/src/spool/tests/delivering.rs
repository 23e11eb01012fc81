//! Records in their order, with what they refer to, until they are acknowledged.

use std::sync::Arc;

use super::super::{AppendError, Durability, Kept, Limits, Options, Spool, Unusable, adopt};
use super::simulated_disk::SimulatedDisk;
use super::{ALL, LABEL, LONG, Manual, balanced, definition, open, options, os_disk, texts};

#[test]
fn records_come_in_their_order_with_their_definitions() {
    let root = tempfile::tempdir().unwrap();
    let spool = open(root.path());
    let (one, other) = (definition(7, "a schema"), definition(8, "another"));
    assert_eq!(
        spool.append(b"first", std::slice::from_ref(&one)),
        Ok(Kept::Disk)
    );
    assert_eq!(
        spool.append(b"second", &[one.clone(), other.clone()]),
        Ok(Kept::Disk)
    );
    assert_eq!(spool.append(b"third", &[]), Ok(Kept::Disk));
    let taken = spool
        .take(Limits {
            records: 2,
            bytes: 1000,
        })
        .unwrap();
    assert_eq!(texts(&taken), ["first", "second"]);
    assert_eq!(taken[0].definitions.get(7), Some(&one.bytes));
    assert_eq!(taken[0].definitions.get(8), None);
    assert_eq!(taken[1].definitions.get(8), Some(&other.bytes));
    assert_eq!(texts(&spool.take(ALL).unwrap()), ["third"]);
    assert!(spool.take(ALL).unwrap().is_empty());
    spool.rewind().unwrap();
    spool.acknowledge(&[taken[1].position], None).unwrap();
    assert_eq!(texts(&spool.take(ALL).unwrap()), ["first", "third"]);
}

#[test]
fn a_batch_has_as_many_bytes_as_are_asked_for_or_one_record() {
    let root = tempfile::tempdir().unwrap();
    let spool = open(root.path());
    for _ in 0..5 {
        spool.append(&[b'x'; 100], &[]).unwrap();
    }
    let limits = |bytes| Limits { records: 10, bytes };
    assert_eq!(spool.take(limits(1)).unwrap().len(), 1);
    assert_eq!(spool.take(limits(200)).unwrap().len(), 2);
    assert_eq!(spool.take(limits(1000)).unwrap().len(), 2);
}

#[test]
fn what_is_not_acknowledged_is_given_to_the_next_with_the_state() {
    let root = tempfile::tempdir().unwrap();
    let spool = open(root.path());
    for text in ["a", "b", "c", "d"] {
        spool
            .append(text.as_bytes(), &[definition(1, "shared")])
            .unwrap();
    }
    let taken = spool.take(ALL).unwrap();
    let done = [taken[3].position, taken[1].position];
    spool.acknowledge(&done, Some(b"open traces")).unwrap();
    // Twice is once.
    spool.acknowledge(&done, None).unwrap();
    let statistics = balanced(&spool.statistics().unwrap());
    assert_eq!(
        (statistics.acknowledged, statistics.waiting_on_disk),
        (2, 2)
    );
    // Nobody gets them as long as this process is there.
    let adoption = adopt(&os_disk(), root.path(), |_| true, 9).unwrap();
    assert_eq!((adoption.adopted.len(), adoption.in_use), (0, 1));
    drop(spool);
    let mut adoption = adopt(&os_disk(), root.path(), |label| label == LABEL, 9).unwrap();
    let adopted = &mut adoption.adopted[0];
    assert_eq!(adopted.label(), LABEL);
    assert_eq!(&*adopted.state(), b"open traces");
    let taken = adopted.take(ALL).unwrap();
    assert_eq!(texts(&taken), ["a", "c"]);
    assert_eq!(&**taken[1].definitions.get(1).unwrap(), b"shared");
    // Two do not get the same.
    assert_eq!(
        adopt(&os_disk(), root.path(), |_| true, 9).unwrap().in_use,
        1
    );
}

#[test]
fn segments_go_when_nothing_is_left_in_them() {
    let root = tempfile::tempdir().unwrap();
    let small = Options {
        capacity: 1024 * 1024,
        ..options()
    };
    let spool = Spool::open(os_disk(), root.path(), small).unwrap();
    for _ in 0..20 {
        spool
            .append(&[b'x'; 30_000], &[definition(1, "shared")])
            .unwrap();
    }
    let taken = spool.take(ALL).unwrap();
    assert_eq!(taken.len(), 20);
    assert!(taken.iter().all(|one| one.definitions.get(1).is_some()));
    let before = spool.statistics().unwrap().bytes_on_disk;
    let positions: Vec<_> = taken.iter().take(19).map(|one| one.position).collect();
    spool.acknowledge(&positions, None).unwrap();
    spool.flush(LONG).unwrap();
    let after = balanced(&spool.statistics().unwrap());
    assert_eq!(after.waiting_on_disk, 1);
    assert!(after.bytes_on_disk < before / 3, "{before} {after:?}");
}

#[test]
fn what_is_too_long_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let spool = open(root.path());
    let most = 16 * 1024 * 1024;
    let long = vec![0; most + 1];
    let error = AppendError::TooLong {
        length: most + 1,
        most,
    };
    assert_eq!(spool.append(&long, &[]), Err(error));
    assert_eq!(spool.append(&long[1..], &[]), Ok(Kept::Disk));
    assert_eq!(spool.take(ALL).unwrap()[0].bytes.len(), most);
}

#[test]
fn without_durability_there_are_no_files() {
    let disk = SimulatedDisk::new(0);
    let off = Options {
        durability: Durability::Off,
        ..options()
    };
    let spool = Spool::open(Arc::new(disk.clone()), "/spool".as_ref(), off).unwrap();
    assert_eq!(spool.append(b"a", &[definition(1, "b")]), Ok(Kept::Memory));
    spool.flush(LONG).unwrap();
    let taken = spool.take(ALL).unwrap();
    assert_eq!(texts(&taken), ["a"]);
    assert_eq!(&**taken[0].definitions.get(1).unwrap(), b"b");
    spool.acknowledge(&[taken[0].position], None).unwrap();
    let statistics = balanced(&spool.statistics().unwrap());
    assert_eq!(
        (statistics.acknowledged, statistics.bytes_in_memory),
        (1, 0)
    );
    assert!(!disk.has("/spool".as_ref()));
}

#[test]
fn a_record_that_was_delivered_from_memory_is_not_given_again() {
    let disk = SimulatedDisk::new(0);
    let mut manual = Manual::open(Arc::new(disk.clone()), "/spool".as_ref(), options());
    for text in ["a", "b", "c"] {
        assert_eq!(manual.spool.append(text.as_bytes(), &[]), Ok(Kept::Memory));
    }
    let taken = manual.spool.take(ALL).unwrap();
    assert_eq!(texts(&taken), ["a", "b", "c"]);
    manual
        .spool
        .acknowledge(&[taken[1].position], None)
        .unwrap();
    assert!(manual.flush());
    assert!(manual.spool.take(ALL).unwrap().is_empty());
    assert_eq!(manual.statistics().waiting_on_disk, 2);
    manual.kill();
    let disk: Arc<dyn super::Disk> = Arc::new(disk.after_kill());
    let mut adoption = adopt(&disk, "/spool".as_ref(), |_| true, 9).unwrap();
    assert_eq!(texts(&adoption.adopted[0].take(ALL).unwrap()), ["a", "c"]);
}

#[test]
fn it_is_known_how_much_is_left() {
    let root = tempfile::tempdir().unwrap();
    let spool = open(root.path());
    assert_eq!((spool.untaken(), spool.next()), (0, 0));
    spool.append(b"a", &[]).unwrap();
    assert_eq!((spool.untaken(), spool.next()), (1, 1));
    let taken = spool.take(ALL).unwrap();
    assert_eq!((spool.untaken(), spool.is_settled_before(1)), (0, false));
    spool.acknowledge(&[taken[0].position], None).unwrap();
    assert!(spool.is_settled_before(1) && !spool.is_settled_before(2));
    assert!(spool.close(LONG));
    assert_eq!(spool.append(b"b", &[]), Err(Unusable::Closed.into()));
}
