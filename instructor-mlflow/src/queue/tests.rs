use super::flush::{STALLED_AGAIN, STALLED_GRACE};
use super::*;
use crate::config::Settings;
use crate::record::tests::frame::usual;
use crate::storage::StorageSettings;

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
    let taken = queue.take_waiting(9, |_| true);
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
        let taken = queue.take_waiting(9, |place| place.is_same_place(&there));
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
fn a_flush_waits_for_no_experiment_of_a_server_that_is_stalled() {
    let folder = tempfile::tempdir().expect("a directory");
    let queue = queue(folder.path());
    let to = |experiment: &str| {
        let settings = Settings {
            experiment: Some(crate::config::Experiment::Id(experiment.to_owned())),
            ..Settings::default()
        };
        Arc::new(settings.resolve(|_| None).expect("an experiment"))
    };
    let (one, other) = (to("1"), to("2"));
    stall(&queue, &one, &other);
    // The test does not end if it is waited for.
    let flushed = queue.flush(Duration::from_secs(3600));
    let error = flushed.expect_err("the server is stalled");
    assert_eq!(error.statistics.spooled, 2);
    assert_eq!(error.reason.as_deref(), Some("nobody listens"));
}
