//! A disk in memory that fails and stalls when it is told to, and shows what a loss of power or a kill may leave of it.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, UNIX_EPOCH};

use fastrand::Rng;

use super::super::disk::{Disk, DiskFile, Listed, Lock, Space};

/// A clone is the same disk.
#[derive(Debug, Clone)]
pub(super) struct SimulatedDisk {
    world: Arc<Mutex<World>>,
    /// Stalled operations wait here.
    gate: Arc<Condvar>,
}

#[derive(Debug)]
struct World {
    files: Vec<File>,
    directories: BTreeMap<PathBuf, Directory>,
    locked: HashSet<usize>,
    changes: u64,
    is_stalled: bool,
    /// How all changes fail.
    failure: Option<io::ErrorKind>,
    /// How many of a hundred changes fail, by chance.
    failures: u32,
    read_failure: Option<io::ErrorKind>,
    lock_failure: Option<io::ErrorKind>,
    keeps_directories: bool,
    space: Option<Space>,
    /// Of the whole disk, if that is what bounds the room.
    size: Option<u64>,
    random: Rng,
    appends: u64,
}

#[derive(Debug, Clone, Default)]
struct File {
    now: Vec<u8>,
    synced: Vec<u8>,
    changed: u64,
}

#[derive(Debug, Clone, Default)]
struct Directory {
    now: BTreeMap<String, Node>,
    synced: BTreeMap<String, Node>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Node {
    File(usize),
    Directory,
}

#[derive(Debug)]
struct OpenFile {
    disk: SimulatedDisk,
    file: usize,
}

#[derive(Debug)]
struct HeldLock {
    disk: SimulatedDisk,
    file: usize,
}

impl SimulatedDisk {
    /// With nothing but the directory `/`.
    pub(super) fn new(seed: u64) -> Self {
        Self::from_parts(
            Vec::new(),
            BTreeMap::from([(PathBuf::from("/"), Directory::default())]),
            seed,
        )
    }

    fn from_parts(files: Vec<File>, directories: BTreeMap<PathBuf, Directory>, seed: u64) -> Self {
        let world = World {
            files,
            directories,
            locked: HashSet::new(),
            changes: 0,
            is_stalled: false,
            failure: None,
            failures: 0,
            read_failure: None,
            lock_failure: None,
            keeps_directories: false,
            space: None,
            size: None,
            random: Rng::with_seed(seed),
            appends: 0,
        };
        SimulatedDisk {
            world: Arc::new(Mutex::new(world)),
            gate: Arc::default(),
        }
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    /// Lets all changes fail, or none any more.
    pub(super) fn fail(&self, failure: Option<io::ErrorKind>) {
        self.world().failure = failure;
    }

    /// Lets changes fail by chance.
    pub(super) fn fail_sometimes(&self, of_hundred: u32) {
        self.world().failures = of_hundred;
    }

    pub(super) fn fail_reads(&self, failure: Option<io::ErrorKind>) {
        self.world().read_failure = failure;
    }

    /// Fails to look whether a lock is at its place; `NotFound` says that it is not.
    pub(super) fn fail_locks(&self, failure: Option<io::ErrorKind>) {
        self.world().lock_failure = failure;
    }

    /// Lets directories not be removed.
    pub(super) fn keep_directories(&self) {
        self.world().keeps_directories = true;
    }

    /// From now on there is room for so many bytes in all.
    pub(super) fn set_size(&self, bytes: u64) {
        self.world().size = Some(bytes);
    }

    pub(super) fn set_space(&self, space: Option<Space>) {
        self.world().space = space;
    }

    /// Lets changes wait until this is taken back.
    pub(super) fn stall(&self, is_stalled: bool) {
        self.world().is_stalled = is_stalled;
        self.gate.notify_all();
    }

    /// How often it was asked to change something.
    pub(super) fn changes(&self) -> u64 {
        self.world().changes
    }

    /// How often a file was written to.
    pub(super) fn appends(&self) -> u64 {
        self.world().appends
    }

    /// What a killed process leaves: all that it has written.
    pub(super) fn after_kill(&self) -> Self {
        let mut world = self.world();
        let seed = world.random.u64(..);
        Self::from_parts(world.files.clone(), world.directories.clone(), seed)
    }

    /// What a loss of power may leave: all that was made durable, and of the rest anything.
    pub(super) fn after_power_loss(&self) -> Self {
        let mut world = self.world();
        let mut random = world.random.fork();
        let files = world
            .files
            .iter()
            .map(|file| file.after_power_loss(&mut random))
            .collect();
        let mut directories = BTreeMap::new();
        world.keep("/".into(), &mut directories, &mut random);
        Self::from_parts(files, directories, random.u64(..))
    }

    /// Changes bytes of a file behind everybody's back.
    pub(super) fn damage(&self, path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
        let mut world = self.world();
        let file = world.file(path).unwrap();
        let file = &mut world.files[file];
        change(&mut file.now);
        file.synced.clone_from(&file.now);
    }

    pub(super) fn has(&self, path: &Path) -> bool {
        let world = self.world();
        world.directories.contains_key(path) || world.file(path).is_ok()
    }

    /// Waits while the disk is stalled, and fails if it is to.
    fn change(&self) -> io::Result<MutexGuard<'_, World>> {
        let mut world = self.world();
        while world.is_stalled {
            world = self.gate.wait(world).unwrap();
        }
        world.changes += 1;
        let by_chance = world.failures > 0 && world.random.u32(..100) < world.failures;
        match world
            .failure
            .or(by_chance.then_some(io::ErrorKind::StorageFull))
        {
            Some(failure) => Err(failure.into()),
            None => Ok(world),
        }
    }
}

impl File {
    fn after_power_loss(&self, random: &mut Rng) -> File {
        let (old, new) = (&self.synced, &self.now);
        if old == new {
            return self.clone();
        }
        let block = if random.bool() { 512 } else { 4096 };
        let (least, most) = (old.len().min(new.len()), old.len().max(new.len()));
        let length = match random.u8(..4) {
            0 => old.len(),
            1 => new.len(),
            _ => random.usize(least..=most),
        };
        let mut kept = Vec::with_capacity(length);
        while kept.len() < length {
            let begin = kept.len();
            let end = (begin - begin % block + block).min(length);
            let choice = random.u8(..8);
            let fresh = new.get(begin..end.min(new.len())).unwrap_or_default();
            match choice {
                0..4 => {}
                4 => kept.extend((begin..end).map(|_| random.u8(..))),
                5 => kept.resize(end, 0),
                _ => kept.extend_from_slice(fresh),
            }
            kept.resize(end, 0);
            // What is durable stays: files here only grow and shrink.
            let old = old.get(begin..end.min(old.len())).unwrap_or_default();
            kept[begin..begin + old.len()].copy_from_slice(old);
        }
        File {
            synced: kept.clone(),
            now: kept,
            changed: self.changed,
        }
    }
}

impl World {
    fn directory(&mut self, path: &Path) -> io::Result<&mut Directory> {
        self.directories.get_mut(path).ok_or_else(not_found)
    }

    fn parent(&mut self, path: &Path) -> io::Result<&mut Directory> {
        self.directory(path.parent().ok_or_else(not_found)?)
    }

    fn file(&self, path: &Path) -> io::Result<usize> {
        let directory = path
            .parent()
            .and_then(|parent| self.directories.get(parent));
        match directory.and_then(|directory| directory.now.get(&name(path))) {
            Some(Node::File(file)) => Ok(*file),
            _ => Err(not_found()),
        }
    }

    fn create(&mut self, path: &Path) -> io::Result<usize> {
        let file = self.files.len();
        let directory = self.parent(path)?;
        directory.now.insert(name(path), Node::File(file));
        let changed = self.changes;
        self.files.push(File {
            changed,
            ..File::default()
        });
        Ok(file)
    }

    /// Keeps what is durable of a directory, and of the rest some.
    fn keep(&mut self, path: PathBuf, kept: &mut BTreeMap<PathBuf, Directory>, random: &mut Rng) {
        let directory = self.directories.get(&path).cloned().unwrap_or_default();
        let names: BTreeSet<_> = directory
            .now
            .keys()
            .chain(directory.synced.keys())
            .collect();
        let mut nodes = BTreeMap::new();
        for name in names {
            let (now, synced) = (directory.now.get(name), directory.synced.get(name));
            let node = if random.bool() { now } else { synced };
            if let Some(node) = node {
                nodes.insert(name.clone(), *node);
                if *node == Node::Directory {
                    self.keep(path.join(name), kept, random);
                }
            }
        }
        let now = nodes.clone();
        kept.insert(path, Directory { now, synced: nodes });
    }
}

fn not_found() -> io::Error {
    io::ErrorKind::NotFound.into()
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_str().unwrap().to_owned()
}

impl Disk for SimulatedDisk {
    fn create_directory(&self, path: &Path) -> io::Result<()> {
        let mut world = self.change()?;
        let mut above: Vec<_> = path.ancestors().collect();
        above.reverse();
        for path in above {
            if !world.directories.contains_key(path) {
                world.parent(path)?.now.insert(name(path), Node::Directory);
                world
                    .directories
                    .insert(path.to_owned(), Directory::default());
            }
        }
        Ok(())
    }

    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        let mut world = self.change()?;
        let directory = world.directory(path)?;
        directory.synced = directory.now.clone();
        Ok(())
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let mut world = self.change()?;
        if world.parent(path)?.now.contains_key(&name(path)) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let file = world.create(path)?;
        let disk = self.clone();
        Ok(Box::new(OpenFile { disk, file }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut world = self.change()?;
        let file = world.file(from)?;
        world.parent(from)?.now.remove(&name(from));
        world.parent(to)?.now.insert(name(to), Node::File(file));
        Ok(())
    }

    fn truncate(&self, path: &Path, length: u64) -> io::Result<()> {
        let mut world = self.change()?;
        let file = world.file(path)?;
        world.files[file]
            .now
            .truncate(usize::try_from(length).unwrap());
        Ok(())
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        let mut world = self.change()?;
        world.file(path)?;
        world.parent(path)?.now.remove(&name(path));
        Ok(())
    }

    fn remove_directory(&self, path: &Path) -> io::Result<()> {
        let mut world = self.change()?;
        if !world.directory(path)?.now.is_empty() {
            return Err(io::ErrorKind::DirectoryNotEmpty.into());
        }
        if world.keeps_directories {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        world.directories.remove(path);
        world.parent(path)?.now.remove(&name(path));
        Ok(())
    }

    fn list(&self, path: &Path) -> io::Result<Vec<Listed>> {
        let mut world = self.world();
        let nodes = world.directory(path)?.now.clone();
        let listed = nodes.into_iter().map(|(name, node)| match node {
            Node::File(file) => {
                let file = &world.files[file];
                Listed {
                    name,
                    is_directory: false,
                    length: file.now.len() as u64,
                    modified: Some(UNIX_EPOCH + Duration::from_secs(file.changed)),
                }
            }
            Node::Directory => Listed {
                name,
                is_directory: true,
                length: 0,
                modified: None,
            },
        });
        Ok(listed.collect())
    }

    fn read(&self, path: &Path, offset: u64, most: usize) -> io::Result<Vec<u8>> {
        let world = self.world();
        if let Some(failure) = world.read_failure {
            return Err(failure.into());
        }
        let bytes = &world.files[world.file(path)?].now;
        let begin = usize::try_from(offset).unwrap().min(bytes.len());
        Ok(bytes[begin..bytes.len().min(begin.saturating_add(most))].to_vec())
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn Lock>>> {
        let mut world = self.change()?;
        let file = match world.file(path) {
            Ok(file) => file,
            Err(_) => world.create(path)?,
        };
        if !world.locked.insert(file) {
            return Ok(None);
        }
        let disk = self.clone();
        Ok(Some(Box::new(HeldLock { disk, file })))
    }

    fn space(&self, _path: &Path) -> io::Result<Option<Space>> {
        let world = self.world();
        let Some(total) = world.size else {
            return Ok(world.space);
        };
        let nodes = world.directories.values().flat_map(|one| one.now.values());
        let lengths = nodes.map(|node| match node {
            Node::File(file) => world.files[*file].now.len() as u64,
            Node::Directory => 0,
        });
        let free = total.saturating_sub(lengths.sum());
        Ok(Some(Space { free, total }))
    }
}

impl DiskFile for OpenFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let failure = match self.disk.change() {
            Ok(mut world) => {
                world.appends += 1;
                let changed = world.changes;
                let file = &mut world.files[self.file];
                file.now.extend_from_slice(bytes);
                file.changed = changed;
                return Ok(());
            }
            Err(failure) => failure,
        };
        // A part is written.
        let mut world = self.disk.world();
        let part = world.random.usize(..=bytes.len());
        world.files[self.file].now.extend_from_slice(&bytes[..part]);
        Err(failure)
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut world = self.disk.change()?;
        let file = &mut world.files[self.file];
        file.synced.clone_from(&file.now);
        Ok(())
    }
}

impl Lock for HeldLock {
    fn is_at(&self, path: &Path) -> io::Result<bool> {
        let world = self.disk.world();
        match world.lock_failure {
            Some(io::ErrorKind::NotFound) => Ok(false),
            Some(failure) => Err(failure.into()),
            None => Ok(world.file(path).is_ok_and(|named| named == self.file)),
        }
    }
}

impl Drop for HeldLock {
    fn drop(&mut self) {
        self.disk.world().locked.remove(&self.file);
    }
}
