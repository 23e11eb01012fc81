//! From records to what MLflow shows. Runs on the exporter's thread; on the caller's, where the record may not be written down as
//! it is.

pub(crate) mod assessments;
mod call;
mod chat;
mod description;
mod message;
mod prepare;
mod spending;
mod user;
mod withheld;

use crate::parcel::Parcel;
use crate::processor::Processors;
use crate::record::{self, Content, Prepared, Record};
use crate::trace_info::{Previews, TAG_PREFIX, TraceInfo};
use crate::wire::{KeyValue, Span};

pub(crate) use description::Description;
pub(crate) use spending::{Spending, cost, token_usage};
use withheld::Names;

/// A record in MLflow's words. How it is encoded depends on the server.
#[derive(Debug)]
pub(crate) struct Converted {
    pub(crate) spans: Vec<Span>,
    /// For the record that holds the root of its trace.
    pub(crate) info: Option<TraceInfo>,
    /// For all others: of the outermost span.
    in_progress: Previews,
    pub(crate) spending: Spending,
}

impl Converted {
    /// The spans of `record`. Without `capture_content` they show shape, counts and outcome of what was said, and no word of it.
    pub(crate) fn from_record(
        record: &Record<'_>,
        processors: &Processors,
        capture_content: bool,
    ) -> Converted {
        let (spans, previews) = spans(record, processors, capture_content);
        Converted::new(record, spans, previews)
    }

    /// `previews` are those of the last span.
    fn new(record: &Record<'_>, spans: Vec<Span>, previews: Previews) -> Converted {
        let root = record.root().and(spans.last());
        let (info, in_progress) = match root {
            Some(root) => {
                let info = TraceInfo::new(record, root, previews);
                (Some(info), Previews::default())
            }
            None => (None, previews),
        };
        Converted {
            spans,
            info,
            in_progress,
            spending: Spending::of(record),
        }
    }

    /// What was prepared, if it was.
    pub(crate) fn of_parcel(parcel: &Parcel, processors: &Processors) -> Converted {
        let captures = parcel.destination().capture_content;
        match &parcel.record.prepared {
            Some(prepared) => Converted::prepared(&parcel.record, prepared),
            None => Converted::from_record(&parcel.record, processors, captures),
        }
    }

    fn prepared(record: &Record<'_>, prepared: &Prepared) -> Converted {
        let previews = Previews {
            request: prepared.request_preview.clone(),
            response: prepared.response_preview.clone(),
            ..Previews::default()
        };
        Converted::new(record, prepared.spans.clone(), previews)
    }

    /// What is known of the trace of `record`: while its root is open, that is what the outermost span of the record says.
    pub(crate) fn take_info(&mut self, record: &Record<'_>) -> Option<TraceInfo> {
        let info = self.info.take();
        info.or_else(|| {
            let previews = std::mem::take(&mut self.in_progress);
            Some(TraceInfo::in_progress(record, self.spans.last()?, previews))
        })
    }
}

/// The spans of `record` after the processors have seen them, and the previews of the last one.
fn spans(
    record: &Record<'_>,
    processors: &Processors,
    capture_content: bool,
) -> (Vec<Span>, Previews) {
    let names = (!capture_content).then(|| Names::in_record(record));
    let mut of_last = Previews::default();
    let last = record.spans.len().saturating_sub(1);
    let spans = record.spans.iter().enumerate().map(|(position, source)| {
        let mut description = Description::of(source);
        description.explain_cancellation(record, source);
        description.optional(record::SHORTENED, source.shortened);
        if let Some(names) = &names {
            description = description.withhold(kind(source), names);
        }
        let mut previews = Previews {
            request: description.request_preview.take(),
            ..Previews::default()
        };
        // What is said of the trace stands on the first of its spans here, which closes last.
        let notes = record.notes.as_deref().filter(|_| position == last);
        let is_root = source.parent.is_none();
        if let Some(notes) = notes {
            if capture_content {
                previews.say(notes);
            }
            description.note(notes, is_root);
        }
        let mut span = description.into_span(record.trace_id, source);
        processors.run(source, record.trace_id, &mut span, &mut previews);
        span.limit_levels();
        if is_root {
            let key = format!("{TAG_PREFIX}{}", TraceInfo::NAME_TAG);
            span.attributes.push(KeyValue::new(key, span.name.clone()));
        }
        of_last = previews;
        span
    });
    let spans = spans.collect();
    (spans, of_last)
}

/// The name of a span of this framework.
fn kind<'a>(span: &'a record::Span<'_>) -> Option<&'a str> {
    matches!(span.content, Content::Call(_)).then_some(&*span.name)
}

#[cfg(test)]
mod prepare_tests;
#[cfg(test)]
mod processor_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod user_tests;
