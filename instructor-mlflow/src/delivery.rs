//! The exporter's thread: takes frames from the queue and gets them to their servers.
//!
//! Each place that frames go to has a [`Line`]. One that is stalled keeps what it has and leaves the rest in the queue,
//! so that it is in nobody's way.

mod backoff;
mod line;
mod means;

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::Builder;

use crate::annotations::OpenTraces;
use crate::config::Destination;
use crate::delivery::line::Line;
use crate::delivery::means::Means;
use crate::models::Links;
use crate::notice::{Notice, Notices};
use crate::parcel::Parcel;
use crate::processor::Processors;
use crate::quarantine::Quarantine;
use crate::queue::{Due, Queue};
use crate::record::Library;
use crate::spool::Limits;

/// How much is under way to one place at the same time, in two requests; a single longer record travels alone.
const BATCH: Limits = Limits {
    records: 100,
    bytes: 8 * 1024 * 1024,
};

/// How many bytes of records all lines may have before each of them gets less, and the least that one gets at a time:
/// lines that are stalled keep what they have, and there may be many.
const MOST_LOADED: usize = 4 * BATCH.bytes;
const LEAST_BYTES: usize = 1024 * 1024;

/// How many lines without work are kept, with what is known of their servers.
const IDLE_LINES: usize = 8;

/// How often to look for what other processes left: one may end at any time that nobody starts again.
const SEARCH_AGAIN: Duration = Duration::from_secs(60);

/// Delivers frames until the queue is closed.
pub(crate) struct Courier {
    means: Means,
    lines: Vec<Line>,
    /// When to look again for what others left; `None` if nothing is written down.
    search: Option<Instant>,
}

impl Courier {
    pub(crate) fn new(
        queue: Arc<Queue>,
        notices: Notices,
        processors: Arc<Processors>,
        quarantine: Quarantine,
    ) -> std::io::Result<Self> {
        let means = Means {
            queue,
            notices,
            processors,
            quarantine,
            runtime: Builder::new_current_thread().enable_all().build()?,
            library: Library::new(),
            models: Links::new(),
            prompts: OpenTraces::default(),
        };
        Ok(Courier {
            search: means.queue.searches_by_itself().then(Instant::now),
            means,
            lines: Vec::new(),
        })
    }

    pub(crate) fn run(mut self) {
        loop {
            if self.search.is_some_and(|due| due <= Instant::now()) {
                // A directory that cannot be read now is left for another time.
                let _ = self.means.queue.search();
                self.search = Some(Instant::now() + SEARCH_AGAIN);
            }
            let search = Due {
                at: self.search,
                hurried: self.search,
            };
            if let Some(directory) = &self.means.queue.storage().directory
                && let Some(reason) = self.means.queue.trouble()
            {
                let directory = directory.clone();
                self.means.notices.say(&Notice::Disk { directory, reason });
            }
            self.means.queue.close_idle();
            for parcel in self.means.queue.completions() {
                let destination = parcel.destination().clone();
                self.load(&destination, vec![parcel]);
            }
            let due = self.lines.iter().map(Line::due);
            let mut due = due.fold(search, Due::or_earlier);
            if self.lines.iter().any(Line::has_work) {
                due = due.or_earlier(Due::now());
            }
            let lines = &self.lines;
            let wanted = |destination: &Destination| {
                let leads_there = |line: &Line| line.leads_to(destination);
                !lines
                    .iter()
                    .any(|line| line.is_stalled() && leads_there(line))
            };
            let Some(taken) = self.means.queue.take(self.room(), due, wanted) else {
                return;
            };
            let now = Instant::now();
            // Somebody waits, and for nothing else than what waits for the rest of its trace.
            let now = (!taken.is_hurried || !taken.packets.is_empty()).then_some(now);
            if let Some(packet) = taken.packets.first() {
                let destination = packet.destination().clone();
                let parcels = self.means.open(taken.packets);
                self.load(&destination, parcels);
            }
            for line in &mut self.lines {
                line.release(now, &self.means.queue);
                if line.is_ready(taken.is_hurried) {
                    line.work(&mut self.means);
                }
            }
            let obstacles = self.lines.iter().filter_map(Line::obstacle);
            self.means.queue.note_stalled(obstacles);
        }
    }

    /// How much may be taken next.
    fn room(&self) -> Limits {
        room_beside(self.lines.iter().map(Line::weight).sum())
    }

    fn load(&mut self, destination: &Arc<Destination>, parcels: Vec<Parcel>) {
        let position = self.position(destination);
        if let Some(line) = self.lines.get_mut(position) {
            line.load(parcels, &mut self.means);
        }
    }

    /// The position of the line to `destination`, which is begun if there is none.
    fn position(&mut self, destination: &Arc<Destination>) -> usize {
        let known = self
            .lines
            .iter()
            .position(|line| line.leads_to(destination));
        known.unwrap_or_else(|| {
            let idle = self.lines.iter().filter(|line| line.is_idle()).count();
            if idle >= IDLE_LINES
                && let Some(oldest) = self.lines.iter().position(Line::is_idle)
            {
                self.lines.remove(oldest);
            }
            self.lines.push(Line::new(destination.clone()));
            self.lines.len() - 1
        })
    }
}

/// How much may be taken while lines have so many bytes already.
fn room_beside(loaded: usize) -> Limits {
    let left = MOST_LOADED.saturating_sub(loaded);
    Limits {
        bytes: left.clamp(LEAST_BYTES, BATCH.bytes),
        ..BATCH
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_lines_that_are_stalled_have_little_each() {
        let mut loaded = 0;
        for _ in 0..100 {
            loaded += room_beside(loaded).bytes;
        }
        assert_eq!(room_beside(0).bytes, BATCH.bytes);
        assert_eq!(loaded, MOST_LOADED + 96 * LEAST_BYTES);
    }
}
