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
