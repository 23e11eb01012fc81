//! Traces of which spans have arrived and the root has not. Where a program is ended before the root closes, these complete them.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::mem;

use serde::{Deserialize, Serialize};

use crate::record::{
    Ancestor, Attribute, Content, Defined, Definitions, Details, Record, Span, Usage, User,
};
use crate::source::Source;
use crate::span::TraceId;

/// How many traces, and open spans of one, are kept in mind. Of others the root stays open on the server.
const MOST_TRACES: usize = 1000;
const MOST_SPANS: usize = 256;

/// How many closed roots are kept in mind.
const MOST_CLOSED: usize = 4096;

/// What the status of a span says that was never closed.
const INTERRUPTED: &str = "interrupted: the program ended before this span did";

/// The traces, by their ids.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct OpenRoots {
    traces: BTreeMap<String, OpenRoot>,
    #[serde(skip)]
    has_changed: bool,
}

/// The last traces whose roots this process has handed over: whatever else comes of them, nobody needs to complete them.
#[derive(Debug, Default)]
pub(crate) struct ClosedRoots {
    known: HashSet<TraceId>,
    /// The oldest first.
    order: VecDeque<TraceId>,
}

impl ClosedRoots {
    pub(crate) fn insert(&mut self, trace_id: TraceId) {
        if !self.known.insert(trace_id) {
            return;
        }
        self.order.push_back(trace_id);
        if self.order.len() > MOST_CLOSED
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }

    pub(crate) fn contains(&self, trace_id: TraceId) -> bool {
        self.known.contains(&trace_id)
    }
}

/// What is known of one.
#[derive(Debug, Serialize, Deserialize)]
struct OpenRoot {
    trace_id: Id,
    /// The spans that have not closed.
    open: Vec<Ancestor<'static>>,
    /// When the last span ended that has arrived, in nanoseconds since 1970.
    ended: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    usage: Option<Usage>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<Source>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(transparent)]
struct Id(#[serde(with = "crate::record::trace_id")] TraceId);

impl OpenRoots {
    /// Those that were written down; none if the bytes are something else.
    pub(crate) fn decode(bytes: &[u8]) -> OpenRoots {
        rmp_serde::from_slice(bytes).unwrap_or_default()
    }

    /// In written form, if they have changed since: nothing, if there are none.
    pub(crate) fn take_changes(&mut self) -> Option<Vec<u8>> {
        if !mem::take(&mut self.has_changed) {
            return None;
        }
        if self.traces.is_empty() {
            return Some(Vec::new());
        }
        // Structs of texts and numbers can be written.
        rmp_serde::to_vec_named(self).ok()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.traces.is_empty()
    }

    /// Keeps the traces that nobody else completes. Says whether there were others.
    pub(crate) fn retain(&mut self, is_open: impl Fn(TraceId) -> bool) -> bool {
        let before = self.traces.len();
        self.traces.retain(|_, root| is_open(root.trace_id.0));
        let has_changed = self.traces.len() < before;
        self.has_changed |= has_changed;
        has_changed
    }

    /// Enters a record that has arrived.
    pub(crate) fn note(&mut self, record: &Record<'_>) {
        let key = record.trace_id.to_string();
        if record.root().is_some() {
            self.has_changed |= self.traces.remove(&key).is_some();
            return;
        }
        if record.ancestors.is_empty() && !self.traces.contains_key(&key) {
            // Another program has the root.
            return;
        }
        if self.traces.len() >= MOST_TRACES && !self.traces.contains_key(&key) {
            return;
        }
        let root = self.traces.entry(key.clone()).or_insert_with(|| OpenRoot {
            trace_id: Id(record.trace_id),
            open: Vec::new(),
            ended: 0,
            usage: None,
            source: record
                .definitions
                .source
                .as_ref()
                .map(|source| (*source.value).clone()),
        });
        root.add(record);
        // The root is another program's, and of this one's spans none is open.
        if root.open.is_empty() {
            self.traces.remove(&key);
        }
        self.has_changed = true;
    }

    /// What completes the traces, for a program that was ended.
    pub(crate) fn complete(&self) -> Vec<Record<'static>> {
        self.traces.values().map(OpenRoot::complete).collect()
    }
}

impl OpenRoot {
    fn add(&mut self, record: &Record<'_>) {
        let ended = record.spans.iter().map(|span| span.ended).max();
        self.ended = self.ended.max(ended.unwrap_or_default());
        for used in record.spans.iter().filter_map(Span::usage_of_chat) {
            self.usage = Some(self.usage.map_or(used, |known| known + used));
        }
        for ancestor in &record.ancestors {
            self.open.retain(|open| open.id != ancestor.id);
            if self.open.len() < MOST_SPANS {
                self.open.push(ancestor.to_static());
            }
        }
        self.open
            .retain(|open| record.spans.iter().all(|span| span.id != open.id));
    }

    /// Its open spans, as if they had failed when the last one was seen.
    fn complete(&self) -> Record<'static> {
        let mut open: Vec<&Ancestor<'static>> = self.open.iter().collect();
        // Children come before their parents, and no child begins before its parent.
        open.sort_by_key(|open| (open.parent.is_none(), std::cmp::Reverse(open.started)));
        let notes = open.last().and_then(|outermost| outermost.notes.clone());
        let has_root = open.last().is_some_and(|open| open.parent.is_none());
        let source = self
            .source
            .clone()
            .map(|source| Defined::new(source).into());
        let spans = open.into_iter().map(|open| self.close(open)).collect();
        Record {
            trace_id: self.trace_id.0,
            spans,
            usage: self.usage.filter(|_| has_root),
            notes,
            prompts: Vec::new(),
            ancestors: Vec::new(),
            prepared: None,
            destination: None,
            source: None,
            definitions: Definitions {
                source,
                ..Definitions::default()
            },
        }
    }

    fn close(&self, open: &Ancestor<'static>) -> Span<'static> {
        let outcome = Attribute {
            key: Cow::Borrowed("instructor.outcome"),
            value: Cow::Borrowed("\"interrupted\""),
        };
        Span {
            id: open.id,
            parent: open.parent,
            started: open.started,
            ended: self.ended.max(open.started),
            name: open.name.clone(),
            place: open.place.clone(),
            content: Content::User(User {
                has_calls: true,
                error: Some(Cow::Borrowed(INTERRUPTED)),
                details: Some(Details {
                    attributes: vec![outcome],
                    ..Details::default()
                }),
                ..User::default()
            }),
            shortened: None,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
