//! Records that may not be written down as they are: converted on the caller's thread, before that.

use std::borrow::Cow;

use super::assessments::assessments;
use super::{Description, spans};
use crate::config::Destination;
use crate::notes::TraceNotes;
use crate::processor::Processors;
use crate::record::{self, Ancestor, Content, Prepared, Record, User};
use crate::span::TraceId;
use crate::trace_info::{Previews, SESSION, TAG_PREFIX, USER};

/// How deep values may nest. Readers of protobuf go 100 messages deep, and a level of objects takes three.
const DEEPEST: usize = 30;

/// The name of a span of which even the name is withheld.
const NAMELESS: &str = "span";

impl Record<'_> {
    /// The record as it may be written down: itself, or what is sent of it and nothing that the `destination` or a processor takes
    /// out.
    pub(crate) fn prepare(mut self, destination: &Destination, processors: &Processors) -> Self {
        let captures = destination.capture_content;
        if captures && processors.is_empty() {
            return self;
        }
        let (mut spans, previews) = spans(&self, processors, captures);
        let attributes = spans.iter_mut().flat_map(|span| {
            let events = span.events.iter_mut();
            let of_events = events.flat_map(|event| &mut event.attributes);
            span.attributes.iter_mut().chain(of_events)
        });
        for value in attributes.filter_map(|attribute| attribute.value.as_mut()) {
            value.limit_depth(DEEPEST);
        }
        self.prepared = Some(Prepared {
            spans,
            request_preview: previews.request,
            response_preview: previews.response,
            // Processors would not see what is quoted there.
            assessments: match destination.log_assessments {
                true => assessments(&self, false),
                false => Vec::new(),
            },
        });
        let spans = self.spans.into_iter();
        self.spans = spans.map(record::Span::without_content).collect();
        self.notes = self.notes.map(|notes| Cow::Owned(beside_spans(&notes)));
        let trace_id = self.trace_id;
        let ancestors = self.ancestors.into_iter();
        let ancestors = ancestors.map(|open| match processors.is_empty() {
            true => without_previews(open),
            false => processed(open, trace_id, captures, processors),
        });
        self.ancestors = ancestors.collect();
        self
    }
}

/// The notes that spans do not carry.
fn beside_spans(notes: &TraceNotes) -> TraceNotes {
    TraceNotes {
        metadata: notes.metadata.clone(),
        client_request_id: notes.client_request_id.clone(),
        state: notes.state,
        ..TraceNotes::default()
    }
}

/// What a program says about its trace is sent, but for what was asked and answered.
fn without_previews(open: Ancestor<'_>) -> Ancestor<'_> {
    let notes = open.notes.map(|notes| {
        let mut notes = notes.into_owned();
        notes.request_preview = None;
        notes.response_preview = None;
        Cow::Owned(notes)
    });
    Ancestor { notes, ..open }
}

/// What processors leave of a span that is open: its name, and what was said of the trace.
fn processed<'a>(
    open: Ancestor<'a>,
    trace_id: TraceId,
    captures: bool,
    processors: &Processors,
) -> Ancestor<'a> {
    let source = record::Span {
        id: open.id,
        parent: open.parent,
        started: open.started,
        ended: open.started,
        name: NAMELESS.into(),
        place: None,
        content: Content::User(User {
            has_calls: true,
            ..User::default()
        }),
        shortened: None,
    };
    let mut description = Description::of(&source);
    description.name = open.name.into_owned();
    let mut previews = Previews::default();
    if let Some(notes) = &open.notes {
        if captures {
            previews.say(notes);
        }
        description.note(notes, true);
    }
    let mut span = description.into_span(trace_id, &source);
    processors.run_on_open(&source, trace_id, &mut span, &mut previews);
    let text = |key: &str| {
        let mut attributes = span.attributes.iter();
        let found = attributes.find(|it| it.key == key)?;
        Some(found.value.as_ref()?.to_text())
    };
    let tags = span.attributes.iter().filter_map(|it| {
        let key = it.key.strip_prefix(TAG_PREFIX)?;
        Some((key.to_owned(), it.value.as_ref()?.to_text()))
    });
    let notes = open.notes.map(|notes| {
        Cow::Owned(TraceNotes {
            tags: tags.collect(),
            session: text(SESSION),
            user: text(USER),
            request_preview: previews.request,
            response_preview: previews.response,
            ..beside_spans(&notes)
        })
    });
    Ancestor {
        name: span.name.into(),
        notes,
        ..open
    }
}
