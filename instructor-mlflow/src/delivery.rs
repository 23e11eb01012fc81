//! The exporter's thread: takes frames from the queue and gets them to their servers.
//!
//! Each place that frames go to has a [`Line`]. One that is stalled keeps what it has and leaves the rest in the queue,
//! so that it is in nobody's way.

mod backoff;
mod line;
mod means;

use std::sync::Arc;
use std::time::Instant;

use tokio::runtime::Builder;

use crate::annotations::OpenTraces;
use crate::config::Destination;
use crate::delivery::line::Line;
use crate::delivery::means::Means;
use crate::models::Links;
use crate::notice::Notices;
use crate::processor::Processors;
use crate::quarantine::Quarantine;
use crate::queue::{Due, Queue};

/// How many frames are under way at the same time, in two requests.
const BATCH: usize = 100;

/// How many lines without work are kept, with what is known of their servers.
const IDLE_LINES: usize = 8;

/// Delivers frames until the queue is closed.
pub(crate) struct Courier {
    means: Means,
    lines: Vec<Line>,
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
            models: Links::new(),
            prompts: OpenTraces::default(),
        };
        Ok(Courier {
            means,
            lines: Vec::new(),
        })
    }

    pub(crate) fn run(mut self) {
        loop {
            let due = self.lines.iter().map(Line::due);
            let due = due.fold(Due::default(), Due::or_earlier);
            let lines = &self.lines;
            let wanted = |destination: &Destination| {
                let leads_there = |line: &Line| line.leads_to(destination);
                !lines
                    .iter()
                    .any(|line| line.is_stalled() && leads_there(line))
            };
            let Some(taken) = self.means.queue.take(BATCH, due, wanted) else {
                return;
            };
            let now = Instant::now();
            // Somebody waits, and for nothing else than what waits for the rest of its trace.
            let now = (!taken.is_hurried || !taken.parcels.is_empty()).then_some(now);
            if let Some(parcel) = taken.parcels.first() {
                self.means.queue.note_moving();
                let position = self.position(&parcel.destination.clone());
                if let Some(line) = self.lines.get_mut(position) {
                    line.load(taken.parcels, &mut self.means);
                }
            }
            for line in &mut self.lines {
                line.release(now, &self.means.queue);
                if line.is_ready(taken.is_hurried) {
                    line.work(&mut self.means);
                }
            }
            match self.lines.iter().find_map(Line::obstacle) {
                Some(reason) => self.means.queue.note_stalled(reason.to_owned()),
                None => self.means.queue.note_moving(),
            }
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
