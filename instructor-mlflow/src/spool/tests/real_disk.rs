//! What the disk of this machine does.

use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use super::super::writer::milliseconds;
use super::{Disk, OsDisk};

#[test]
fn a_file_is_written_cut_off_and_read() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("file");
    let mut file = OsDisk.create(&path).unwrap();
    file.append(b"0123456789").unwrap();
    OsDisk.truncate(&path, 4).unwrap();
    file.append(b"ab").unwrap();
    assert_eq!(OsDisk.read(&path, 0, 100).unwrap(), b"0123ab");
    assert_eq!(OsDisk.read(&path, 3, 2).unwrap(), b"3a");
    assert_eq!(OsDisk.read(&path, 9, 2).unwrap(), b"");
    assert!(OsDisk.create(&path).is_err(), "there is one already");
    let listed = OsDisk.list(root.path()).unwrap();
    assert_eq!((&*listed[0].name, listed[0].length), ("file", 6));
    OsDisk.sync_directory(root.path()).unwrap();
    OsDisk.remove_file(&path).unwrap();
    assert!(OsDisk.list(root.path()).unwrap().is_empty());
    let elsewhere = OsDisk.sync_directory(&root.path().join("other"));
    assert_eq!(elsewhere.is_err(), cfg!(unix));
}

#[cfg(unix)]
#[test]
fn it_says_how_much_room_there_is() {
    let space = OsDisk.space(Path::new("/")).unwrap().unwrap();
    assert!(0 < space.total && space.free <= space.total, "{space:?}");
}

#[test]
fn times_are_milliseconds_since_1970() {
    let time = UNIX_EPOCH + Duration::from_micros(1_500_700);
    assert_eq!(milliseconds(time), 1500);
    assert_eq!(milliseconds(UNIX_EPOCH - Duration::from_secs(1)), 0);
}
