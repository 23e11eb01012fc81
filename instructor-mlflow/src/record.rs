//! What is sent of a frame, as plain data that can be written down: the form in which traces wait for their server.
//!
//! The caller's thread makes a [`Record`] that borrows from the frame, and encodes it. Whoever sends it, perhaps another process
//! of a later version, decodes it and needs nothing of the process that made it. So the names of the fields are a format: fields
//! may be added, if they are optional; none may be renamed, or get another meaning. Fields that a reader does not know are left out.
//!
//! The encoding is MessagePack with the names of the fields. What many records share is apart from them, as [definitions](Definitions) that
//! they refer to.

mod call;
mod definition;
mod destination;
mod error;
mod fault;
mod format;
mod library;
mod message;
mod prepared;
mod response_model;
mod shorten;
mod span;
mod spending;
mod user;

use std::borrow::Cow;
use std::sync::Arc;

use instructor_core::trace::CREATE;
use serde::{Deserialize, Serialize};

pub(crate) use call::{Call, Request};
pub(crate) use definition::{Defined, DefinitionKey, Definitions};
pub(crate) use destination::{Destination, Experiment, Model};
pub(crate) use error::DecodeError;
pub(crate) use fault::{Errors, Failure, Fault};
pub(crate) use format::trace_id;
pub(crate) use library::Library;
pub(crate) use message::Message;
pub(crate) use prepared::Prepared;
pub(crate) use response_model::{ResponseModel, Rule};
pub(crate) use shorten::SHORTENED;
pub(crate) use span::{Ancestor, Content, Span};
pub(crate) use spending::{Cost, Usage};
pub(crate) use user::{Attribute, Details, Field, FieldValue, User};

use crate::config;
use crate::notes::TraceNotes;
use crate::prompt::prompts_in;
use crate::source::defined_source;
use crate::span::{self as frame, Frame, TraceId};
use crate::spool::Definition;

/// Finished spans of one trace, with all that will be sent of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record<'a> {
    /// The trace that the spans belong to.
    #[serde(with = "format::trace_id")]
    pub(crate) trace_id: TraceId,
    /// Children before their parents.
    pub(crate) spans: Vec<Span<'a>>,
    /// What the whole trace used, if its root is here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) usage: Option<Usage>,
    /// What the program said about the trace, if the first of its spans in that process is here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) notes: Option<Cow<'a, TraceNotes>>,
    /// The prompts that the calls used. They are on the server that the record goes to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) prompts: Vec<Prompt>,
    /// The spans around these that were open, innermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) ancestors: Vec<Ancestor<'a>>,
    /// What is sent, if nothing else may be written down: then the spans have no content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) prepared: Option<Prepared>,
    /// Where it goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) destination: Option<DefinitionKey>,
    /// Which program made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<DefinitionKey>,
    /// What the keys stand for.
    #[serde(skip)]
    pub(crate) definitions: Definitions,
}

/// A version of a prompt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Prompt {
    pub(crate) name: String,
    pub(crate) version: u32,
}

/// A record in the form in which it waits.
#[derive(Debug)]
pub(crate) struct Encoded {
    pub(crate) bytes: Vec<u8>,
    /// What it refers to.
    pub(crate) definitions: Vec<Definition>,
}

impl<'a> Record<'a> {
    /// What is sent of the `frame` to the `destination`.
    ///
    /// Runs on the caller's thread, in the process that made the frame: prompts are known again by what this process formatted.
    pub(crate) fn of(frame: &'a Frame, destination: &config::Destination) -> Record<'a> {
        let mut definitions = Definitions {
            response_models: Vec::new(),
            destination: Some(destination.defined()),
            source: Some(defined_source()),
        };
        let spans = frame
            .spans
            .iter()
            .map(|span| Span::of(span, &mut definitions))
            .collect();
        let prompts = prompts_in(messages(frame), &destination.address);
        let prompts = prompts.iter().map(|prompt| Prompt {
            name: prompt.name.clone(),
            version: prompt.version,
        });
        Record {
            trace_id: frame.trace_id,
            spans,
            usage: frame.usage.map(Usage::from),
            notes: frame.notes.as_deref().map(Cow::Borrowed),
            prompts: prompts.collect(),
            ancestors: frame.ancestors.iter().map(Ancestor::of).collect(),
            prepared: None,
            destination: definitions.destination.as_ref().map(|it| it.key),
            source: definitions.source.as_ref().map(|it| it.key),
            definitions,
        }
    }

    /// The root of the trace, if it is here.
    pub(crate) fn root(&self) -> Option<&Span<'a>> {
        self.spans.last().filter(|span| span.parent.is_none())
    }

    /// The response model that was asked for, if its definition is here.
    pub(crate) fn response_model(&self, request: &Request<'_>) -> Option<&Arc<ResponseModel>> {
        self.definitions.response_model(request.definition?)
    }

    /// Writes the record behind what is in `bytes`.
    pub(crate) fn encode(&self, bytes: &mut Vec<u8>) {
        format::write(self, bytes);
    }

    /// The record with what it refers to.
    pub(crate) fn encoded(&self) -> Encoded {
        let mut bytes = Vec::with_capacity(self.length_hint());
        self.encode(&mut bytes);
        Encoded {
            bytes,
            definitions: self.definitions.encoded(),
        }
    }

    /// The record that `bytes` hold, without what its keys stand for: [`Library::open`] knows that.
    ///
    /// # Errors
    ///
    /// If they are no record, or not whole.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Record<'static>, DecodeError> {
        format::read(bytes)
    }

    /// About how many bytes the encoded record takes; hardly ever less.
    fn length_hint(&self) -> usize {
        const OF_RECORD: usize = 256;
        const OF_SPAN: usize = 640;
        let spans = self
            .spans
            .iter()
            .map(|span| OF_SPAN + span.length_of_texts());
        let ancestors = self.ancestors.len() * OF_RECORD;
        let prepared = self.prepared.as_ref().map_or(0, Prepared::length);
        spans.sum::<usize>() + ancestors + prepared + OF_RECORD
    }
}

/// The conversations of the calls in a frame.
fn messages(frame: &Frame) -> impl Iterator<Item = &[instructor_core::Message]> {
    frame.spans.iter().filter_map(|span| match &span.content {
        frame::Content::Call(recording) if span.metadata.name() == CREATE => {
            Some(recording.request.as_ref()?.messages.as_slice())
        }
        _ => None,
    })
}

#[cfg(test)]
pub(crate) mod tests;
