//! Programs that are killed, each a process of its own: this test binary again, which runs one "test" that is the program.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

use fastrand::Rng;

use super::super::{AppendError, Kept, Options, Spool, Unusable, adopt};
use super::{ALL, LABEL, LONG, balanced, definition, open, options, os_disk, texts};

/// Where a program's spool is; without it, this is not the program's process.
const ROOT: &str = "INSTRUCTOR_TEST_SPOOL";

fn root() -> Option<PathBuf> {
    std::env::var_os(ROOT).map(PathBuf::from)
}

fn start(program: &str, root: &Path) -> Child {
    let name = format!("spool::tests::killing::{program}");
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &name, "--nocapture"])
        .env(ROOT, root)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The rest of the lines that say something, which begin with `>`.
fn said(child: &mut Child) -> impl Iterator<Item = String> + use<> {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    // The last line may be cut off, anywhere.
    lines
        .map_while(Result::ok)
        .filter_map(|line| Some(line.strip_prefix('>')?.strip_suffix('<')?.to_owned()))
}

/// Not a test by itself: appends until it is killed, from several threads, and says what is on disk.
#[test]
fn program_that_appends() {
    let Some(root) = root() else { return };
    // Small segments, so that it is killed between two as well.
    let small = Options {
        capacity: 64 * 1024 * 1024,
        ..options()
    };
    let spool = Spool::open(os_disk(), &root, small).unwrap();
    let filling = "x".repeat(20_000);
    thread::scope(|scope| {
        for thread in 0..4 {
            let (spool, filling) = (&spool, &filling);
            scope.spawn(move || {
                for number in 0.. {
                    let record = format!("{thread} {number} {filling}");
                    let kept = spool.append(record.as_bytes(), &[definition(1, "shared")]);
                    assert_eq!(kept, Ok(Kept::Disk));
                    let mut out = std::io::stdout().lock();
                    writeln!(out, ">{thread} {number}<").unwrap();
                }
            });
        }
    });
}

#[test]
fn what_was_written_is_there_after_a_kill() {
    let mut random = Rng::with_seed(7);
    for round in 0..20 {
        let root = tempfile::tempdir().unwrap();
        let mut child = start("program_that_appends", root.path());
        let said = said(&mut child);
        let mut written = BTreeSet::new();
        let most = random.usize(1..400);
        for line in said {
            written.insert(line);
            if written.len() == most {
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
        let mut adoption = adopt(&os_disk(), root.path(), |label| label == LABEL, 9).unwrap();
        let mut adopted = adoption.adopted.pop().unwrap();
        let taken = adopted.take(ALL).unwrap();
        let found: Vec<_> = texts(&taken)
            .into_iter()
            .map(|text| text.rsplit_once(' ').unwrap().0.to_owned())
            .collect();
        let once: BTreeSet<_> = found.iter().cloned().collect();
        assert_eq!(found.len(), once.len(), "round {round}");
        let missing: Vec<_> = written.difference(&once).collect();
        assert!(missing.is_empty(), "round {round}: {missing:?}");
        assert!(taken.iter().all(|one| one.definitions.get(1).is_some()));
        assert_eq!(balanced(&adopted.statistics()).damaged, 0);
        // Delivered, nothing is left.
        let positions: Vec<_> = taken.iter().map(|one| one.position).collect();
        adopted.acknowledge(&positions, None).unwrap();
        assert!(adopted.finish().unwrap().is_none());
        assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 0);
    }
}

/// Not a test by itself: lets many records wait, and says by how many KiB its memory has grown.
#[test]
fn program_whose_records_wait() {
    let Some(root) = root() else { return };
    let spool = open(&root);
    let resident = || {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status
            .lines()
            .find(|line| line.starts_with("VmRSS:"))
            .unwrap();
        line.split_whitespace()
            .nth(1)
            .unwrap()
            .parse::<u64>()
            .unwrap()
    };
    let before = resident();
    let (spool, threads) = (&spool, 50);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(move || {
                for _ in 0..100_000 / threads {
                    spool.append(&[b'x'; 1000], &[]).unwrap();
                }
            });
        }
    });
    let mut given = 0;
    let limits = super::Limits {
        records: 100,
        bytes: 1 << 20,
    };
    loop {
        let taken = spool.take(limits).unwrap();
        if taken.is_empty() {
            break;
        }
        given += taken.len();
    }
    assert_eq!(given, 100_000);
    println!(">{}<", resident() - before);
}

#[test]
#[cfg(target_os = "linux")]
fn records_that_wait_are_not_kept_in_memory() {
    let root = tempfile::tempdir().unwrap();
    let mut child = start("program_whose_records_wait", root.path());
    let grown: Vec<u64> = said(&mut child).map(|line| line.parse().unwrap()).collect();
    assert!(child.wait().unwrap().success());
    println!("100,000 records of 1,000 bytes wait: {} KiB more", grown[0]);
    assert!(grown[0] < 32 * 1024, "{} KiB", grown[0]);
}

#[test]
fn a_child_of_a_fork_is_told_to_open_its_own() {
    let root = tempfile::tempdir().unwrap();
    let mut spool = open(root.path());
    spool.append(b"a", &[]).unwrap();
    // As if this were the child: a fork needs `unsafe`.
    let opened_by = spool.process + 1;
    spool.process = opened_by;
    let other = Unusable::OtherProcess { opened_by };
    assert_eq!(spool.append(b"b", &[]), Err(AppendError::Unusable(other)));
    assert_eq!(spool.statistics(), Err(other));
    assert!(spool.take(ALL).is_err() && spool.rewind().is_err());
    assert_eq!(spool.acknowledge(&[], None), Err(other.into()));
    assert_eq!(spool.flush(LONG), Err(other.into()));
    // Nor does it close the one of its parent.
    assert!(spool.close(LONG));
    spool.process -= 1;
    assert_eq!(spool.append(b"b", &[]), Ok(Kept::Disk));
}
