//! What is seen of a directory from outside.

use std::io::{self, ErrorKind};
use std::sync::Arc;

use super::super::{Disk, View, views};
use super::simulated_disk::SimulatedDisk;
use super::{ALL, LABEL, Manual, options};

fn look(disk: &SimulatedDisk) -> View {
    let shared: Arc<dyn Disk> = Arc::new(disk.clone());
    let found = views(&shared, "/spool".as_ref()).unwrap();
    let [(_, view)] = <[_; 1]>::try_from(found).unwrap();
    view.unwrap()
}

fn records(view: &View) -> io::Result<Vec<Vec<u8>>> {
    let mut all = Vec::new();
    view.for_each(|bytes| {
        all.push(bytes.to_vec());
        Ok(())
    })?;
    Ok(all)
}

#[test]
fn a_view_shows_what_waits_and_who_is_at_work() {
    let disk = SimulatedDisk::new(1);
    let mut manual = Manual::open(Arc::new(disk.clone()), "/spool".as_ref(), options());
    for text in ["a", "b", "c"] {
        manual.spool.append(text.as_bytes(), &[]).unwrap();
    }
    assert!(manual.flush());
    // One that is being created, of which there is nothing to see.
    disk.create_directory("/spool/0123456789abcdef".as_ref())
        .unwrap();
    let view = look(&disk);
    assert!(view.is_in_use());
    assert_eq!(view.label(), LABEL);
    assert_eq!(view.bytes(), manual.statistics().bytes_on_disk);
    assert_eq!(records(&view).unwrap(), [b"a", b"b", b"c"]);
    let taken = manual.spool.take(ALL).unwrap();
    let settled = [taken[1].position];
    manual.spool.acknowledge(&settled, None).unwrap();
    assert!(manual.flush());
    let directory = manual.spool.shared.state().books.directory.clone();
    let directory = directory.unwrap();
    manual.kill();
    let disk = disk.after_kill();
    // All of it once more, as after a write that seemed to have failed.
    let segment = directory.join("00000001.segment");
    let bytes = disk.read(&segment, 0, usize::MAX).unwrap();
    let mut again = disk.create(&directory.join("00000002.segment")).unwrap();
    again.append(&bytes).unwrap();
    let view = look(&disk);
    assert!(!view.is_in_use());
    assert_eq!(records(&view).unwrap(), [b"a", b"c"]);
    disk.remove_file(&segment).unwrap();
    assert_eq!(
        records(&view).unwrap(),
        [b"a", b"c"],
        "it goes on behind it"
    );
    disk.fail_reads(Some(ErrorKind::Other));
    assert!(records(&view).is_err());
}
