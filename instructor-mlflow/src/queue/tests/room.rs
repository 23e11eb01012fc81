//! Calls for whose traces there is no room.

use super::*;
use crate::record::Encoded;
use crate::storage::{Durability, WhenFull};

#[test]
fn a_call_that_waits_for_room_gets_it_once_something_has_arrived() {
    let folder = tempfile::tempdir().expect("a directory");
    let settings = StorageSettings {
        directory: Some(folder.path().to_owned()),
        when_full: Some(WhenFull::Block(Duration::from_secs(600))),
        capacity: Some(0),
        ..StorageSettings::default()
    };
    let queue = Queue::new(settings.resolve(|_| None));
    let (destination, frame) = (destination(), usual());
    let push = || queue.push(&destination, Record::of(&frame, &destination));
    let store = |queue: &Queue| queue.books().stores[0].clone();
    assert!(push().is_ok());
    // A record of a quarter of the room is as long as may be.
    let large = Encoded {
        bytes: vec![0; 200_000],
        definitions: Vec::new(),
    };
    while store(&queue).append(&large).is_ok() {}
    let threads = 8;
    std::thread::scope(|scope| {
        let waiting: Vec<_> = (0..threads)
            .map(|_| scope.spawn(|| queue.append(&store(&queue), &large, Instant::now())))
            .collect();
        while !waiting.iter().all(|thread| thread.is_finished()) {
            // One after the other gets room, and the others go on waiting.
            if let Some(packet) = queue.take_waiting(ONE, |_| true).first() {
                queue.settle(&packet.ticket(), None, Settled::Sent);
                queue.submit();
                store(&queue).flush(Duration::from_secs(60));
            }
        }
        for thread in waiting {
            assert!(thread.join().expect("no panic").is_ok());
        }
    });
}

/// Longer than a test may take.
const LONG: Duration = Duration::from_secs(60);

/// Queues with room for one record, or two at most, which calls wait for as long as that.
fn narrow(folder: &std::path::Path, most: Duration) -> Vec<Queue> {
    let settings = |durability, most_records| StorageSettings {
        directory: Some(folder.to_owned()),
        when_full: Some(WhenFull::Block(most)),
        durability: Some(durability),
        most_records,
        ..StorageSettings::default()
    };
    let queue = |settings: StorageSettings| Queue::new(settings.resolve(|_| None));
    let mut small = settings(Durability::Off, None).resolve(|_| None);
    small.options.memory = 1;
    vec![
        queue(settings(Durability::Off, Some(1))),
        queue(settings(Durability::Process, Some(1))),
        Queue::new(small),
    ]
}

#[test]
fn room_in_memory_and_among_so_many_traces_is_waited_for_too() {
    let folder = tempfile::tempdir().expect("a directory");
    // As long as it takes.
    for queue in narrow(folder.path(), Duration::MAX) {
        let (destination, frame) = (destination(), usual());
        let push = || queue.push(&destination, Record::of(&frame, &destination));
        assert!(push().is_ok());
        let callers = 8;
        std::thread::scope(|scope| {
            let mut waiting: Vec<_> = (0..callers).map(|_| scope.spawn(push)).collect();
            for left in (0..callers).rev() {
                std::thread::sleep(Duration::from_millis(20));
                assert_eq!(queue.statistics().spooled, 1, "there is room for one");
                deliver(&queue);
                while waiting.iter().all(|caller| !caller.is_finished()) {
                    std::thread::yield_now();
                }
                waiting.retain(|caller| !caller.is_finished());
                assert_eq!(waiting.len(), left, "one of them gets it");
            }
        });
        deliver(&queue);
        let statistics = queue.statistics();
        assert_eq!(
            (statistics.sent, statistics.dropped),
            (1 + callers as u64, 0)
        );
    }
}

#[test]
fn room_is_not_waited_for_longer_than_was_said() {
    let folder = tempfile::tempdir().expect("a directory");
    let most = Duration::from_millis(50);
    for queue in narrow(folder.path(), most) {
        let (destination, frame) = (destination(), usual());
        let push = || queue.push(&destination, Record::of(&frame, &destination));
        assert!(push().is_ok());
        let begin = Instant::now();
        assert!(matches!(push(), Err(Lost::Full)));
        let waited = begin.elapsed();
        assert!(waited >= most && waited < LONG, "{waited:?}");
        let statistics = queue.statistics();
        let counted = (statistics.emitted, statistics.spooled, statistics.dropped);
        assert_eq!(counted, (2, 1, 1));
    }
}
