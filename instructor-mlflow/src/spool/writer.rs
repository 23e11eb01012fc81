//! Writes records into segments, one after the other.

use std::collections::HashSet;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::random;

use super::books::{Books, Placement, Waiting};
use super::directory::WriterDirectory;
use super::disk::DiskFile;
use super::entry::{self, Kind, Place};
use super::options::Options;
use super::segment::Header;
use super::statistics::Trouble;

/// How much room a buffer keeps when it is empty.
const BUFFER_BYTES: usize = 1024 * 1024;

#[derive(Debug)]
pub(super) struct Writer {
    directory: WriterDirectory,
    label: Arc<[u8]>,
    segment_bytes: u64,
    current: Option<Current>,
    /// The segment whose last write has failed, of which a part may be there.
    failed: Option<Current>,
    /// Segments that grow no more, and are not durable yet.
    retired: Vec<Current>,
    /// The number of the last segment.
    last: u64,
    buffer: Vec<u8>,
    /// Whether a finished segment must be durable before the next one begins.
    syncs: bool,
    directory_is_unsynced: bool,
    root_is_unsynced: bool,
    /// Segments that could not be made durable, and why. What the system has forgotten of them, only a loss of power will show.
    doubtful: Vec<(u64, Trouble)>,
}

/// The segment that grows.
#[derive(Debug)]
struct Current {
    number: u64,
    file: Box<dyn DiskFile>,
    salt: u64,
    length: u64,
    definitions: HashSet<u64>,
    is_unsynced: bool,
}

impl Writer {
    /// Its first segment is the one after `last`.
    pub(super) fn new(
        directory: WriterDirectory,
        options: &Options,
        syncs: bool,
        last: u64,
    ) -> Self {
        Writer {
            directory,
            label: options.label.clone(),
            segment_bytes: options.segment_bytes(),
            current: None,
            failed: None,
            retired: Vec::new(),
            last,
            buffer: Vec::new(),
            syncs,
            directory_is_unsynced: true,
            root_is_unsynced: true,
            doubtful: Vec::new(),
        }
    }

    pub(super) fn directory(&self) -> &WriterDirectory {
        &self.directory
    }

    /// The number of the last segment.
    pub(super) fn last(&self) -> u64 {
        self.last
    }

    pub(super) fn into_directory(self) -> WriterDirectory {
        self.directory
    }

    /// The segment that grows.
    pub(super) fn current(&self) -> Option<u64> {
        self.current.as_ref().map(|current| current.number)
    }

    /// Writes records and the definitions that their segment lacks, with one write for each segment. What was written is placed in any
    /// case, also if the rest failed.
    pub(super) fn write(&mut self, batch: &[Waiting]) -> (Vec<Placement>, io::Result<()>) {
        let mut placed = Vec::new();
        let mut rest = batch;
        while !rest.is_empty() {
            match self.write_part(rest) {
                Ok(placement) => {
                    rest = rest.get(placement.records..).unwrap_or_default();
                    placed.push(placement);
                }
                Err(error) => return (placed, Err(error)),
            }
        }
        (placed, Ok(()))
    }

    /// Writes what goes into one segment.
    fn write_part(&mut self, batch: &[Waiting]) -> io::Result<Placement> {
        if self
            .current
            .as_ref()
            .is_some_and(|current| current.length >= self.segment_bytes)
        {
            self.finish_segment()?;
        }
        self.take_back()?;
        self.buffer.clear();
        self.buffer.shrink_to(BUFFER_BYTES);
        let mut current = match self.current.take() {
            Some(current) => current,
            None => self.begin_segment()?,
        };
        let mut records = 0;
        for record in batch {
            if records > 0 && current.length + self.buffer.len() as u64 >= self.segment_bytes {
                break;
            }
            for definition in record.definitions.iter() {
                if current.definitions.insert(definition.key) {
                    current.encode(
                        &mut self.buffer,
                        Kind::Definition,
                        definition.key,
                        &definition.bytes,
                    );
                }
            }
            current.encode(
                &mut self.buffer,
                Kind::Record,
                record.sequence,
                &record.bytes,
            );
            records += 1;
        }
        if let Err(error) = current.file.append(&self.buffer) {
            self.failed = Some(current);
            // If that fails too, it is tried again before anything else is written.
            let _ = self.take_back();
            return Err(error);
        }
        current.length += self.buffer.len() as u64;
        current.is_unsynced = true;
        let placement = Placement {
            segment: current.number,
            records,
            length: current.length,
        };
        self.current = Some(current);
        Ok(placement)
    }

    /// Creates a segment. Its header is in the buffer, for the first write.
    fn begin_segment(&mut self) -> io::Result<Current> {
        let number = self.last + 1;
        let path = WriterDirectory::segment_path(self.directory.path(), number);
        let file = self.directory.disk().create(&path)?;
        self.last = number;
        self.directory_is_unsynced = true;
        let header = Header {
            created: milliseconds(SystemTime::now()),
            salt: random::number(),
            label: (*self.label).into(),
        };
        header.encode(&mut self.buffer);
        Ok(Current {
            number,
            file,
            salt: header.salt,
            length: 0,
            definitions: HashSet::new(),
            is_unsynced: true,
        })
    }

    /// Takes back what a failed write has left. Before that, nothing may be written after it: some of these records would be there twice,
    /// the first time perhaps without those in front of them.
    fn take_back(&mut self) -> io::Result<()> {
        let Some(failed) = &mut self.failed else {
            return Ok(());
        };
        let path = WriterDirectory::segment_path(self.directory.path(), failed.number);
        let disk = self.directory.disk();
        if failed.length > 0 {
            disk.truncate(&path, failed.length)?;
            failed.is_unsynced = true;
            self.retired.extend(self.failed.take_if(|_| self.syncs));
        } else {
            self.directory.remove_segment(failed.number)?;
            self.directory_is_unsynced = true;
        }
        self.failed = None;
        Ok(())
    }

    /// Ends the current segment, so that the next record begins another.
    pub(super) fn finish_segment(&mut self) -> io::Result<()> {
        if self.syncs {
            self.sync()?;
        }
        self.current = None;
        Ok(())
    }

    /// Why not everything is durable that was written, as long as something waits in such a segment.
    pub(super) fn doubt(&mut self, books: &Books) -> Option<Trouble> {
        self.doubtful.retain(|(number, _)| {
            let segment = books.segment(*number);
            segment.is_some_and(|segment| segment.unacknowledged > 0)
        });
        self.doubtful.first().map(|(_, trouble)| trouble.clone())
    }

    /// Whether no segment was ever in doubt.
    #[cfg(test)]
    pub(super) fn is_sure(&self) -> bool {
        self.doubtful.is_empty()
    }

    /// How much room its buffer has.
    #[cfg(test)]
    pub(super) fn room(&self) -> usize {
        self.buffer.capacity()
    }

    /// Makes durable what was written.
    pub(super) fn sync(&mut self) -> io::Result<()> {
        self.take_back()?;
        let segments = self.retired.iter_mut().chain(&mut self.current);
        let mut synced = Ok(());
        for segment in segments.filter(|segment| segment.is_unsynced) {
            match segment.file.sync_data() {
                Ok(()) => segment.is_unsynced = false,
                Err(error) => {
                    let trouble = Trouble::new("making records durable", &error);
                    self.doubtful.push((segment.number, trouble));
                    synced = Err(error);
                }
            }
        }
        self.retired.clear();
        // The system may have forgotten what it could not write: what follows must not come after a hole.
        self.current.take_if(|current| current.is_unsynced);
        synced?;
        if self.directory_is_unsynced {
            self.directory
                .disk()
                .sync_directory(self.directory.path())?;
            self.directory_is_unsynced = false;
        }
        if self.root_is_unsynced {
            let disk = self.directory.disk();
            // The root too may have been created for this.
            for above in self.directory.path().ancestors().skip(1).take(2) {
                let is_here = above.as_os_str().is_empty();
                disk.sync_directory(if is_here { Path::new(".") } else { above })?;
            }
            self.root_is_unsynced = false;
        }
        Ok(())
    }
}

impl Current {
    /// Puts an entry at the end of what is written and what is in the buffer.
    fn encode(&self, buffer: &mut Vec<u8>, kind: Kind, key: u64, payload: &[u8]) {
        let place = Place {
            salt: self.salt,
            offset: self.length + buffer.len() as u64,
        };
        entry::encode(buffer, place, kind, key, payload);
    }
}

pub(super) fn milliseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
