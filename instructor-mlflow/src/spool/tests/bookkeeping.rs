//! What a spool knows of its records, without a disk.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::super::books::{Books, Placement, SegmentBooks, Waiting};
use super::super::reader::Position;
use super::super::thread::Next;
use super::super::{AppendError, Durability, MAX_STATE_BYTES, Spool, adopt};
use super::simulated_disk::SimulatedDisk;
use super::{ALL, LONG, Limits, Manual, Options, definition, open, options, os_disk, texts};

/// Books with records of these texts, which refer to nothing.
fn books(records: &[&str]) -> (Books, Instant) {
    let (mut books, now) = (Books::new(b"label"), Instant::now());
    for record in records {
        books.admit(record.as_bytes(), &[], now);
    }
    (books, now)
}

fn sequences<'a>(waiting: impl IntoIterator<Item = &'a Waiting>) -> Vec<u64> {
    waiting.into_iter().map(|one| one.sequence).collect()
}

/// Writes all that waits, so many records into each segment, of which each record takes ten bytes.
fn write(books: &mut Books, first_segment: u64, records: &[usize], now: Instant) {
    let batch = books.batch(usize::MAX);
    let numbers = first_segment..;
    let placed: Vec<_> = numbers
        .zip(records)
        .map(|(segment, &records)| Placement {
            segment,
            records,
            length: 10 * records as u64,
        })
        .collect();
    books.enter_written(&batch, &placed, now);
}

#[test]
fn what_a_record_costs_is_what_it_takes_until_it_is_released() {
    let (mut books, now) = books(&[]);
    let (one, other) = (definition(1, "a definition"), definition(2, "another"));
    let mut costs = Vec::new();
    let both = [one, other];
    for definitions in [&[], &both[..1], &both, &both[..1]] {
        let cost = books.cost(b"record", definitions);
        let before = books.bytes_in_memory();
        books.admit(b"record", definitions, now);
        assert_eq!(books.bytes_in_memory() - before, cost);
        costs.push(cost);
    }
    // A definition is there once, however many refer to it.
    let bare = costs[0];
    assert!(bare > b"record".len());
    assert_eq!(costs, [bare, bare + 12, bare + 7, bare]);
    for (sequence, left) in [(1, 3 * bare + 19), (2, 2 * bare + 12), (3, bare), (0, 0)] {
        assert!(books.acknowledge(sequence, now));
        assert_eq!(books.bytes_in_memory(), left, "{sequence}");
    }
}

#[test]
fn a_batch_has_the_first_record_and_what_fits_with_it() {
    let (books, _) = books(&["1234", "1234", "1234", "", ""]);
    for (most, expected) in [
        (0, 1),
        (1, 1),
        (7, 1),
        (8, 2),
        (11, 2),
        (12, 4),
        (13, 5),
        (usize::MAX, 5),
    ] {
        assert_eq!(books.batch(most).len(), expected, "{most}");
    }
}

#[test]
fn records_wait_until_they_are_written_or_settled() {
    let (mut books, now) = books(&["a", "b", "c", "d"]);
    assert_eq!((books.first_waiting(), books.next()), (0, 4));
    assert!(books.acknowledge(1, now));
    assert!(!books.acknowledge(1, now), "it was before");
    assert!(!books.acknowledge(4, now), "it is none");
    assert_eq!(sequences(&books.batch(usize::MAX)), [0, 2, 3]);
    assert_eq!(sequences(books.waiting_from(2)), [2, 3]);
    assert_eq!(books.first_waiting(), 0, "it waits for the one before it");
    let batch = books.batch(usize::MAX);
    let placed = |segment, records, length| Placement {
        segment,
        records,
        length,
    };
    let written = |books: &Books| {
        let segment = books.segment(7).expect("it was written");
        let sequences = segment.sequences.clone();
        (sequences, segment.length, segment.unacknowledged)
    };
    // What is settled while it is written has nothing left in its segment.
    assert!(books.acknowledge(2, now));
    books.enter_written(&batch, &[placed(7, 2, 20)], now);
    assert_eq!(books.first_waiting(), 3);
    assert_eq!(sequences(books.waiting_from(0)), [3]);
    assert_eq!(written(&books), (0..3, 20, 1));
    books.enter_written(&batch[2..], &[placed(7, 1, 30)], now);
    assert_eq!(written(&books), (0..4, 30, 2));
    assert!(books.is_written() && !books.is_finished());
    let statistics = books.statistics(now);
    assert!(statistics.is_balanced(), "{statistics:?}");
    assert_eq!(
        (
            statistics.appended,
            statistics.acknowledged,
            statistics.waiting_on_disk
        ),
        (4, 2, 2)
    );
    assert_eq!(
        (statistics.bytes_on_disk, statistics.bytes_in_memory),
        (30, 0)
    );
}

#[test]
fn segments_are_found_by_their_numbers_and_records() {
    let (mut books, now) = books(&["a", "b", "c", "d", "e"]);
    write(&mut books, 3, &[2, 2, 1], now);
    let number = |segment: Option<&SegmentBooks>| Some(segment?.number);
    assert_eq!(books.oldest_segment(), Some(3));
    assert_eq!(number(books.segment(4)), Some(4));
    assert_eq!(number(books.segment(2)), None);
    assert_eq!(number(books.segment(6)), None);
    assert_eq!(number(books.segment_after(None)), Some(3));
    assert_eq!(number(books.segment_after(Some(3))), Some(4));
    assert_eq!(number(books.segment_after(Some(5))), None);
    for sequence in [2, 3, 4] {
        assert!(!books.has_finished_segment() || sequence == 4);
        assert!(books.acknowledge(sequence, now));
    }
    assert!(books.has_finished_segment());
    let left = [3, 4, 5].map(|number| books.segment(number).expect("it is there").unacknowledged);
    assert_eq!(left, [2, 0, 0]);
    assert!(books.is_settled(4) && !books.is_settled(1));
    assert!(books.is_settled_before(0) && !books.is_settled_before(1));
    // The one that is written to does not go.
    assert_eq!(books.save(Some(5)).finished, [4]);
    books.enter_removed(4);
    assert_eq!(number(books.segment_after(Some(3))), Some(5));
    assert_eq!(books.bytes_on_disk(), 30);
}

#[test]
fn the_oldest_segment_makes_room_with_what_waits_in_it() {
    let (mut books, now) = books(&["a", "b", "c"]);
    write(&mut books, 1, &[2, 1], now);
    assert!(books.acknowledge(0, now));
    assert_eq!(books.drop_oldest(Some(2), now), Some(1));
    assert_eq!(books.drop_oldest(Some(2), now), None, "it is written to");
    let statistics = books.statistics(now);
    assert!(statistics.is_balanced(), "{statistics:?}");
    assert_eq!(
        (statistics.dropped.oldest, statistics.waiting_on_disk),
        (1, 1)
    );
    assert!(books.is_settled_before(2));
}

#[test]
fn what_was_dropped_while_it_was_on_its_way_is_not_refused_as_well() {
    let (mut books, now) = books(&["one", "two", "three"]);
    write(&mut books, 1, &[2, 1], now);
    books.settle(&[], &[Position(1)], None, now);
    assert_eq!(books.drop_oldest(Some(2), now), Some(1));
    books.settle(&[], &[0, 1, 2, 3].map(Position), None, now);
    let statistics = books.statistics(now);
    assert_eq!((statistics.acknowledged, statistics.rejected), (2, 2));
    assert_eq!(statistics.dropped.oldest, 1);
    assert!(statistics.is_balanced(), "{statistics:?}");
}

#[test]
fn damage_costs_what_was_not_settled() {
    let (mut books, now) = books(&["a", "b", "c", "d"]);
    write(&mut books, 1, &[2, 2], now);
    assert!(books.acknowledge(1, now));
    books.enter_damaged(1..3, now);
    assert_eq!(books.statistics(now).damaged, 1);
    books.enter_damaged(1..3, now);
    books.enter_damaged(4..9, now);
    let statistics = books.statistics(now);
    assert!(statistics.is_balanced(), "{statistics:?}");
    assert_eq!((statistics.damaged, statistics.waiting_on_disk), (1, 2));
    assert!(books.is_settled(2) && !books.is_settled(0) && !books.is_settled(3));
}

#[test]
fn what_is_settled_is_written_down_after_a_second_or_a_hundred() {
    let (mut books, now) = books(&["record"; 150]);
    assert_eq!(books.save_due(), None);
    let second = Duration::from_secs(1);
    for sequence in 0..99 {
        assert!(books.acknowledge(sequence, now + second * u32::from(sequence > 0)));
        assert_eq!(books.save_due(), Some(now + second), "{sequence}");
    }
    assert!(books.acknowledge(99, now));
    assert_eq!(books.save_due(), Some(now), "at once");
    let save = books.save(None);
    assert!(save.file.acknowledged.contains(99) && !save.file.acknowledged.contains(100));
    assert_eq!(books.save_due(), None);
    books.set_state(b"state", now);
    assert_eq!(books.save_due(), Some(now + second));
    assert_eq!(*books.save(None).file.state, *b"state");
    books.set_state(b"state", now);
    assert_eq!(books.save_due(), None, "nothing is new");
    books.enter_unsaved(now);
    assert_eq!(books.save_due(), Some(now + second));
}

#[test]
fn what_is_acknowledged_is_written_down_though_nobody_flushes() {
    let root = tempfile::tempdir().unwrap();
    let spool = open(root.path());
    spool.append(b"record", &[]).unwrap();
    let taken = spool.take(ALL).unwrap();
    let state = b"state".as_slice();
    spool
        .acknowledge(&[taken[0].position], Some(state))
        .unwrap();
    let begin = Instant::now();
    let is_written = || {
        let directory = root.path().read_dir().unwrap().next().unwrap().unwrap();
        directory.path().join("acknowledged").exists()
    };
    while !is_written() {
        assert!(begin.elapsed() < LONG, "it is not");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn what_is_acknowledged_as_the_thread_goes_to_sleep_is_written_down_too() {
    let disk = SimulatedDisk::new(1);
    let mut manual = Manual::open(Arc::new(disk), "/spool".as_ref(), options());
    manual.spool.append(b"a", &[]).unwrap();
    assert_eq!(manual.work(), Next::Sleep(None));
    let taken = manual.spool.take(ALL).unwrap();
    let position = taken[0].position;
    manual.spool.acknowledge(&[position], None).unwrap();
    // It does not end if that is not noticed.
    manual.thread.sleep(None);
    let due = manual.spool.shared.state().books.save_due();
    assert!(due.is_some_and(|due| due <= Instant::now()), "{due:?}");
}

#[test]
fn without_a_disk_nobody_waits_for_room_in_memory() {
    let spool = Spool::open(
        os_disk(),
        "/nowhere".as_ref(),
        Options {
            durability: Durability::Off,
            memory: 1000,
            // The test does not end if it is waited for.
            patience: Duration::from_secs(3600),
            ..options()
        },
    )
    .unwrap();
    let refused = (0..).find_map(|_| spool.append(&[0; 300], &[]).err());
    assert_eq!(refused, Some(AppendError::MemoryFull));
}

#[test]
fn a_state_may_have_16_mib() {
    assert_eq!(MAX_STATE_BYTES, 16_777_216);
    let manual = Manual::open(
        Arc::new(SimulatedDisk::new(1)),
        "/spool".as_ref(),
        options(),
    );
    let state = vec![0; 16_777_217];
    let acknowledged = |state| manual.spool.acknowledge(&[], Some(state));
    assert!(acknowledged(&state).is_err());
    assert!(acknowledged(&state[1..]).is_ok());
}

#[test]
fn it_is_known_how_much_an_adopter_has_not_taken() {
    let root = tempfile::tempdir().unwrap();
    let spool = open(root.path());
    for record in ["a", "b", "c"] {
        spool.append(record.as_bytes(), &[]).unwrap();
    }
    drop(spool);
    let found = adopt(&os_disk(), root.path(), |_| true, 1).unwrap();
    let mut adopted = found.adopted.into_iter().next().unwrap();
    assert_eq!(adopted.untaken(), 3);
    let limits = Limits { records: 2, ..ALL };
    assert_eq!(texts(&adopted.take(limits).unwrap()), ["a", "b"]);
    assert_eq!(adopted.untaken(), 1);
    adopted.take(ALL).unwrap();
    assert_eq!(adopted.untaken(), 0);
}

#[test]
fn what_waits_longest_is_the_oldest() {
    let (mut books, now) = books(&["a"]);
    write(&mut books, 1, &[1], now);
    let later = now + Duration::from_secs(5);
    books.admit(b"b", &[], later);
    write(&mut books, 2, &[1], later);
    let asked = now + Duration::from_secs(60);
    let oldest = |books: &Books| books.statistics(asked).oldest.map(|age| age.as_secs());
    assert_eq!(oldest(&books), Some(60));
    assert!(books.acknowledge(0, now));
    assert_eq!(oldest(&books), Some(55));
    assert!(books.acknowledge(1, now));
    assert_eq!(oldest(&books), None);
}

#[test]
fn damage_where_nothing_was_changes_nothing() {
    let (mut books, now) = books(&["a"]);
    write(&mut books, 1, &[1], now);
    books.enter_damaged(9..12, now);
    assert_eq!(books.save_due(), None);
}
