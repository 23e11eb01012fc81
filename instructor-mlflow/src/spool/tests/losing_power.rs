//! Random programs on a disk that loses power, or whose process is killed, at any point: what was promised is there, in its order, once,
//! and nothing that was not appended.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;

use super::super::{Adopted, Definition, Disk, Durability, Limits, Options, Position, adopt};
use super::simulated_disk::SimulatedDisk;
use super::{ALL, LABEL, Manual, POWER, balanced, definition};

const ROOT: &str = "/spool";

/// What a program knows of what it has done.
#[derive(Debug, Default)]
struct Known {
    /// By their positions.
    appended: BTreeMap<u64, Vec<u8>>,
    acknowledged: BTreeSet<u64>,
    state: Vec<u8>,
    /// What must be there after a crash.
    promised: Promised,
}

#[derive(Debug, Default, Clone)]
struct Promised {
    /// Records below this one.
    records: u64,
    acknowledged: BTreeSet<u64>,
    /// The state, and whether it may have changed since.
    state: Option<Vec<u8>>,
}

fn definitions(random: &mut Rng) -> Vec<Definition> {
    let numbers = (0..4).filter(|_| random.u8(..4) == 0);
    let definitions = numbers.map(|number| {
        definition(
            number,
            &"schema ".repeat(usize::try_from(number).unwrap() * 40 + 1),
        )
    });
    definitions.collect()
}

/// Says what it needs, so that it can be checked wherever it turns up.
fn record(number: u64, definitions: &[Definition], random: &mut Rng) -> Vec<u8> {
    let keys: Vec<u64> = definitions.iter().map(|one| one.key).collect();
    let length = match random.u8(..40) {
        0 => random.usize(..60_000),
        1..8 => 0,
        _ => random.usize(..300),
    };
    let letter = random.lowercase();
    let filling = letter.to_string().repeat(length);
    format!("{number} {keys:?} {filling}").into_bytes()
}

struct Program {
    disk: SimulatedDisk,
    manual: Manual,
    known: Known,
    durability: Durability,
    random: Rng,
}

impl Program {
    fn start(seed: u64, durability: Durability, failures: u32) -> Self {
        let mut random = Rng::with_seed(seed);
        let disk = SimulatedDisk::new(random.u64(..));
        disk.fail_sometimes(failures);
        let options = Options {
            label: LABEL.into(),
            durability,
            // The least there is: segments of 128 KiB.
            capacity: 0,
            ..Options::default()
        };
        let manual = Manual::open(Arc::new(disk.clone()), Path::new(ROOT), options);
        Program {
            disk,
            manual,
            known: Known::default(),
            durability,
            random,
        }
    }

    /// Does one thing.
    fn step(&mut self) {
        match self.random.u8(..20) {
            0..10 => self.append(),
            10..14 => {
                self.manual.work();
            }
            14..16 => self.deliver(),
            16 => {
                let time = Duration::from_millis(self.random.u64(..500));
                self.manual.pass(time);
                self.manual.work();
            }
            17 => {
                self.manual.spool.rewind().unwrap();
            }
            _ => {
                if self.manual.flush() {
                    self.promise_settled();
                }
            }
        }
        self.promise();
        self.manual.statistics();
    }

    fn append(&mut self) {
        for _ in 0..self.random.u8(1..10) {
            let number = self.manual.spool.shared.state().books.next();
            let definitions = definitions(&mut self.random);
            let bytes = record(number, &definitions, &mut self.random);
            if self.manual.spool.append(&bytes, &definitions).is_ok() {
                self.known.appended.insert(number, bytes);
            }
        }
    }

    fn deliver(&mut self) {
        let limits = Limits {
            records: self.random.usize(1..30),
            bytes: self.random.usize(1..100_000),
        };
        let taken = self.manual.spool.take(limits).unwrap();
        for one in &taken {
            assert_eq!(self.known.appended[&one.position.0][..], one.bytes[..]);
            assert!(!self.known.acknowledged.contains(&one.position.0));
        }
        let mut done: Vec<Position> = taken.iter().map(|one| one.position).collect();
        done.retain(|_| self.random.u8(..5) > 0);
        self.random.shuffle(&mut done);
        let state = self.random.bool().then(|| {
            let length = self.random.usize(..200);
            (0..length).map(|_| self.random.u8(..)).collect::<Vec<u8>>()
        });
        self.known.acknowledged.extend(done.iter().map(|one| one.0));
        if let Some(state) = &state {
            self.known.state.clone_from(state);
            self.known.promised.state = None;
        }
        self.manual
            .spool
            .acknowledge(&done, state.as_deref())
            .unwrap();
    }

    /// Takes down what must survive from now on.
    fn promise(&mut self) {
        let written = self.manual.spool.shared.state().books.first_waiting();
        let holds = match self.durability {
            Durability::Off => false,
            Durability::Process => true,
            Durability::Power { .. } => self.manual.thread.is_synced(),
        };
        if holds {
            self.known.promised.records = written;
        }
    }

    /// After a flush.
    fn promise_settled(&mut self) {
        self.known
            .promised
            .acknowledged
            .clone_from(&self.known.acknowledged);
        self.known.promised.state = Some(self.known.state.clone());
        self.known.promised.records = self.manual.spool.shared.state().books.next();
    }

    /// Ends it, and looks at what is left.
    fn crash(self) {
        let image = match self.durability {
            Durability::Power { .. } => self.disk.after_power_loss(),
            Durability::Off | Durability::Process => self.disk.after_kill(),
        };
        let dropped = self.manual.statistics().dropped.oldest;
        self.manual.kill();
        self.known
            .check(&image, self.durability, dropped, self.random);
    }
}

impl Known {
    fn check(
        mut self,
        image: &SimulatedDisk,
        durability: Durability,
        dropped: u64,
        mut random: Rng,
    ) {
        let disk: Arc<dyn Disk> = Arc::new(image.clone());
        let adoption = adopt(&disk, Path::new(ROOT), |label| label == LABEL, usize::MAX).unwrap();
        assert!(adoption.refused.is_empty(), "{:?}", adoption.refused);
        assert_eq!((adoption.in_use, adoption.of_other_labels), (0, 0));
        assert!(adoption.adopted.len() <= 1);
        let Some(mut adopted) = adoption.adopted.into_iter().next() else {
            assert!(dropped > 0 || self.missing(&BTreeSet::new()).is_empty());
            return;
        };
        if let Some(state) = &self.promised.state {
            assert_eq!(adopted.state()[..], state[..]);
        }
        let found = self.take_all(&mut adopted);
        let missing = self.missing(&found);
        assert!(
            missing.len() as u64 <= dropped,
            "{missing:?} are missing, and {dropped} were dropped"
        );
        // Another crash, while what is left is delivered.
        let positions: Vec<Position> = found.iter().map(|number| Position(*number)).collect();
        let (done, left) = positions.split_at(random.usize(..=positions.len()));
        adopted.acknowledge(done, Some(b"")).unwrap();
        adopted.flush().unwrap();
        let image = if durability == POWER && random.bool() {
            image.after_power_loss()
        } else {
            image.after_kill()
        };
        drop(adopted);
        let disk: Arc<dyn Disk> = Arc::new(image.clone());
        let adoption = adopt(&disk, Path::new(ROOT), |_| true, usize::MAX).unwrap();
        assert!(adoption.refused.is_empty(), "{:?}", adoption.refused);
        let adopted = adoption.adopted.into_iter().next();
        self.acknowledged.clear();
        let mut again = BTreeSet::new();
        if let Some(mut adopted) = adopted {
            again = self.take_all(&mut adopted);
            let positions: Vec<Position> = again.iter().map(|number| Position(*number)).collect();
            adopted.acknowledge(&positions, Some(b"")).unwrap();
            assert!(adopted.finish().unwrap().is_none());
        }
        assert_eq!(again, left.iter().map(|one| one.0).collect());
        // Nothing is left behind.
        assert!(
            disk.list(Path::new(ROOT))
                .is_ok_and(|names| names.iter().all(|one| one.name == "quarantine"))
        );
    }

    /// All that waits; each of it was appended, and has what it needs.
    fn take_all(&self, adopted: &mut Adopted) -> BTreeSet<u64> {
        let before = balanced(&adopted.statistics());
        let taken = adopted.take(ALL).unwrap();
        assert!(taken.is_sorted_by(|one, other| one.position < other.position));
        for one in &taken {
            let number = one.position.0;
            assert_eq!(
                self.appended.get(&number).map(Vec::as_slice),
                Some(&one.bytes[..])
            );
            assert!(
                !self.promised.acknowledged.contains(&number),
                "{number} is given again"
            );
            // A definition may be lost with the bytes around it, if it was never durable, but never be another one.
            let text = std::str::from_utf8(&one.bytes).unwrap();
            let keys = text
                .split(['[', ']'])
                .nth(1)
                .unwrap()
                .split(", ")
                .filter(|key| !key.is_empty());
            for key in keys.map(|key| key.parse::<u64>().unwrap()) {
                let bytes = one.definitions.get(key);
                assert!(
                    bytes.is_some() || number >= self.promised.records,
                    "{number} lacks {key}"
                );
                let whole = definition(
                    key,
                    &"schema ".repeat(usize::try_from(key).unwrap() * 40 + 1),
                );
                assert!(bytes.is_none_or(|bytes| *bytes == whole.bytes));
            }
        }
        let after = balanced(&adopted.statistics());
        assert_eq!(before, after_with(&after, &before));
        assert_eq!(after.waiting_on_disk, taken.len() as u64);
        taken.iter().map(|one| one.position.0).collect()
    }

    /// What was promised, was not acknowledged, and is not there.
    fn missing(&self, found: &BTreeSet<u64>) -> Vec<u64> {
        let promised = self
            .appended
            .range(..self.promised.records)
            .map(|(number, _)| *number);
        promised
            .filter(|number| !self.acknowledged.contains(number) && !found.contains(number))
            .collect()
    }
}

/// Taking changes nothing of what is counted but the time.
fn after_with(after: &super::Statistics, before: &super::Statistics) -> super::Statistics {
    super::Statistics {
        oldest: before.oldest,
        ..after.clone()
    }
}

fn run(durability: Durability, failures: u32, programs: u64) {
    let only = std::env::var("INSTRUCTOR_TEST_SEED").map(|seed| seed.parse().unwrap());
    let seeds = only.map_or(0..programs, |seed: u64| seed..seed + 1);
    for seed in seeds {
        let mut program = Program::start(seed, durability, failures);
        for _ in 0..program.random.usize(1..60) {
            program.step();
        }
        // The seed is printed if it fails.
        println!("{durability:?}, {failures} of 100 changes fail, seed {seed}");
        program.crash();
    }
}

#[test]
fn what_is_durable_survives_a_loss_of_power() {
    run(POWER, 0, 1000);
}

#[test]
fn what_is_durable_survives_a_loss_of_power_on_a_disk_that_fails() {
    run(POWER, 10, 1000);
}

#[test]
fn what_is_written_survives_a_kill() {
    run(Durability::Process, 0, 1000);
}

#[test]
fn what_is_written_survives_a_kill_on_a_disk_that_fails() {
    run(Durability::Process, 10, 1000);
}
