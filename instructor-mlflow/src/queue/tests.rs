mod room;

use super::closing::MOST_OPEN;
use super::flush::{STALLED_AGAIN, STALLED_GRACE};
use super::*;
use crate::config::{Experiment, Settings};
use crate::open_roots::tests::record;
use crate::record::Library;
use crate::record::tests::frame::usual;
use crate::storage::StorageSettings;

const FEW: Limits = Limits {
    records: 9,
    bytes: 1_000_000,
};
const ONE: Limits = Limits { records: 1, ..FEW };

fn queue(directory: &std::path::Path) -> Queue {
    let settings = StorageSettings {
        directory: Some(directory.to_owned()),
        ..StorageSettings::default()
    };
    Queue::new(settings.resolve(|_| None))
}

fn destination() -> Arc<Destination> {
    Arc::new(Settings::default().resolve(|_| None).expect("the defaults"))
}

#[test]
fn a_child_of_a_fork_writes_to_files_of_its_own() {
    let folder = tempfile::tempdir().expect("a directory");
    let queue = queue(folder.path());
    let (destination, frame) = (destination(), usual());
    let push = || queue.push(&destination, Record::of(&frame, &destination));
    assert!(push().is_ok());
    for store in &mut queue.books().stores {
        Arc::get_mut(store).expect("nobody else has it").fork();
    }
    assert!(push().is_ok());
    assert_eq!(queue.books().stores.len(), 2);
}

#[test]
fn what_is_tidied_away_is_counted_and_the_next_record_opens_another_store() {
    let folder = tempfile::tempdir().expect("a directory");
    let queue = queue(folder.path());
    let (destination, frame) = (destination(), usual());
    let push = || queue.push(&destination, Record::of(&frame, &destination));
    assert!(push().is_ok());
    queue.tidy();
    assert_eq!(queue.books().stores.len(), 1, "a record waits in it");
    let taken = queue.take_waiting(FEW, |_| true);
    let settle = |packet: &Packet| queue.settle(&packet.ticket(), None, Settled::Sent);
    taken.iter().for_each(settle);
    drop(taken);
    queue.submit();
    queue.tidy();
    assert!(queue.books().stores.is_empty());
    let statistics = queue.statistics();
    assert_eq!((statistics.emitted, statistics.sent), (1, 1));
    let left = std::fs::read_dir(folder.path()).expect("it is there");
    assert_eq!(left.count(), 0);
    assert!(push().is_ok());
    let statistics = queue.statistics();
    assert_eq!((statistics.emitted, statistics.spooled), (2, 1));
}

/// A record waits at both, of which `one` is stalled.
fn stall(queue: &Queue, one: &Arc<Destination>, other: &Arc<Destination>) {
    let frame = usual();
    for destination in [one, other] {
        let pushed = queue.push(destination, Record::of(&frame, destination));
        assert!(pushed.is_ok());
    }
    queue.search().expect("a directory that can be read");
    let reason = "nobody listens".to_owned();
    queue.note_stalled([(one.clone(), reason)].into_iter());
}

#[test]
fn a_flush_waits_for_what_moves_though_something_else_is_stalled() {
    let folder = tempfile::tempdir().expect("a directory");
    let queue = queue(folder.path());
    let to = |uri: &str| {
        let settings = Settings {
            tracking_uri: Some(uri.to_owned().into()),
            ..Settings::default()
        };
        Arc::new(settings.resolve(|_| None).expect("an address"))
    };
    let (away, there) = (to("http://127.0.0.1:1"), to("http://127.0.0.1:2"));
    stall(&queue, &away, &there);
    let moves = || {
        std::thread::sleep(STALLED_GRACE + STALLED_AGAIN);
        let taken = queue.take_waiting(FEW, |place| place.is_same_place(&there));
        let settle = |packet: &Packet| queue.settle(&packet.ticket(), None, Settled::Sent);
        taken.iter().for_each(settle);
        queue.submit();
    };
    let flushed = std::thread::scope(|threads| {
        threads.spawn(moves);
        queue.flush(Duration::from_secs(600))
    });
    let error = flushed.expect_err("one is stalled");
    assert_eq!((error.statistics.sent, error.statistics.spooled), (1, 1));
    assert_eq!(error.reason.as_deref(), Some("nobody listens"));
}

#[test]
fn the_books_add_up_between_two_entries() {
    let folder = tempfile::tempdir().expect("a directory");
    let queue = queue(folder.path());
    let (destination, frame) = (destination(), usual());
    for _ in 0..3 {
        let record = Record::of(&frame, &destination);
        assert!(queue.push(&destination, record).is_ok());
    }
    let taken = queue.take_waiting(FEW, |_| true);
    for (packet, settled) in
        taken
            .iter()
            .zip([Settled::Quarantined, Settled::Sent, Settled::Quarantined])
    {
        let before = queue.statistics();
        queue.settle(&packet.ticket(), None, settled);
        assert_eq!(
            (queue.statistics().sent, queue.statistics().quarantined),
            (before.sent, before.quarantined),
            "it is still spooled"
        );
        queue.submit();
        let after = queue.statistics();
        let parts = after.sent + after.spooled + after.dropped + after.quarantined;
        assert_eq!(after.emitted, parts, "{after:?}");
    }
    let end = queue.statistics();
    assert_eq!((end.sent, end.spooled, end.quarantined), (1, 0, 2));
}

fn experiment(id: &str) -> Arc<Destination> {
    let settings = Settings {
        experiment: Some(Experiment::Id(id.to_owned())),
        ..Settings::default()
    };
    Arc::new(settings.resolve(|_| None).expect("an experiment"))
}

#[test]
fn a_flush_waits_for_no_experiment_of_a_server_that_is_stalled() {
    let folder = tempfile::tempdir().expect("a directory");
    let queue = queue(folder.path());
    let (one, other) = (experiment("1"), experiment("2"));
    stall(&queue, &one, &other);
    // The test does not end if it is waited for.
    let flushed = queue.flush(Duration::from_secs(3600));
    let error = flushed.expect_err("the server is stalled");
    assert_eq!(error.statistics.spooled, 2);
    assert_eq!(error.reason.as_deref(), Some("nobody listens"));
}

/// Enters that all that waits has arrived.
fn deliver(queue: &Queue) {
    loop {
        let taken = queue.take_waiting(FEW, |_| true);
        if taken.is_empty() {
            return queue.submit();
        }
        for packet in &taken {
            let parcel = packet.open(&mut Library::new()).expect("a record");
            queue.settle(&packet.ticket(), Some(&parcel.record), Settled::Sent);
        }
    }
}

#[test]
fn a_store_with_an_open_trace_stays_until_its_root_waits_somewhere() {
    let folder = tempfile::tempdir().expect("a directory");
    let queue = queue(folder.path());
    let (one, other) = (experiment("1"), experiment("2"));
    let part = record(None);
    let trace_id = part.trace_id;
    assert!(queue.push(&one, part).is_ok());
    deliver(&queue);
    queue.tidy();
    assert_eq!(queue.books().stores.len(), 1, "a trace is open");
    let frame = usual();
    let root = Record {
        trace_id,
        ..Record::of(&frame, &other)
    };
    assert!(root.root().is_some());
    // The experiment has changed meanwhile.
    assert!(queue.push(&other, root).is_ok());
    // Whatever comes late of the trace, nobody needs to complete it.
    let late = Record {
        trace_id,
        ..record(None)
    };
    assert!(queue.push(&one, late).is_ok());
    deliver(&queue);
    queue.tidy();
    assert!(queue.books().stores.is_empty());
    let left = std::fs::read_dir(folder.path()).expect("it is there");
    assert_eq!(left.count(), 0);
}

#[test]
fn of_many_stores_those_that_were_used_last_stay_open() {
    let folder = tempfile::tempdir().expect("a directory");
    let queue = queue(folder.path());
    let experiments: Vec<_> = (0..MOST_OPEN + 4)
        .map(|number| experiment(&number.to_string()))
        .collect();
    let frame = usual();
    let push = |destination| queue.push(destination, Record::of(&frame, destination));
    for destination in experiments.iter().chain(&experiments[..1]) {
        assert!(push(destination).is_ok());
    }
    queue.close_idle();
    assert_eq!(queue.books().stores.len(), MOST_OPEN + 4, "records wait");
    deliver(&queue);
    queue.close_idle();
    let is_open = |destination: &Arc<Destination>| {
        let books = queue.books();
        books
            .stores
            .iter()
            .any(|store| store.takes_for(destination))
    };
    let open: Vec<_> = experiments.iter().map(is_open).collect();
    assert!(open[0] && open[5..].iter().all(|open| *open), "{open:?}");
    assert!(open[1..5].iter().all(|open| !open), "{open:?}");
    let sent = MOST_OPEN as u64 + 5;
    assert_eq!(queue.statistics().sent, sent);
    assert!(push(&experiments[1]).is_ok());
    assert_eq!(queue.statistics().emitted, sent + 1);
}

#[test]
fn what_another_process_left_of_an_own_trace_is_let_go() {
    let folder = tempfile::tempdir().expect("a directory");
    let (queue, other) = (queue(folder.path()), queue(folder.path()));
    let destination = destination();
    let part = record(None);
    let trace_id = part.trace_id;
    assert!(other.push(&destination, part).is_ok());
    deliver(&other);
    other.close();
    drop(other);
    let frame = usual();
    let root = Record {
        trace_id,
        ..Record::of(&frame, &destination)
    };
    queue.note_place(destination.clone());
    assert!(queue.push(&destination, root).is_ok());
    deliver(&queue);
    queue.search().expect("a directory that can be read");
    let adopted = || {
        queue
            .books()
            .stores
            .iter()
            .filter(|store| store.is_adopted())
            .count()
    };
    assert_eq!(adopted(), 1);
    assert!(queue.completions().is_empty());
    assert_eq!(adopted(), 0);
    assert!(queue.flush(Duration::ZERO).is_ok(), "nothing is waited for");
}
