//! A span of a record.

use std::borrow::Cow;

use instructor_core::trace::CHAT;
use serde::{Deserialize, Serialize};

use super::{Call, Definitions, Request, Usage, User, format};
use crate::notes::TraceNotes;
use crate::span::{self, FinishedSpan, SpanId};

/// A span that has closed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Span<'a> {
    #[serde(with = "format::span_id")]
    pub(crate) id: SpanId,
    /// `None` for the root of the trace.
    #[serde(
        with = "format::parent",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) parent: Option<SpanId>,
    /// In nanoseconds since 1970, as `ended`.
    pub(crate) started: u64,
    pub(crate) ended: u64,
    /// Of a span of this framework: its kind.
    pub(crate) name: Cow<'a, str>,
    /// Where a span of the user's stands in the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<Place<'a>>,
    pub(crate) content: Content<'a>,
}

/// What a span learned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::large_enum_variant,
    reason = "most spans are of calls, and a box would be an allocation for each, on the caller's thread"
)]
pub(crate) enum Content<'a> {
    /// A span of this framework.
    Call(Call<'a>),
    /// A span of the user's.
    User(User<'a>),
}

/// A place in the source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place<'a> {
    /// Usually the path of a module.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) target: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<u32>,
}

/// A span that was open around those of the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ancestor<'a> {
    #[serde(with = "format::span_id")]
    pub(crate) id: SpanId,
    #[serde(
        with = "format::parent",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) parent: Option<SpanId>,
    pub(crate) started: u64,
    pub(crate) name: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<Place<'a>>,
    /// What the program had said about the trace; of the outermost one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) notes: Option<Cow<'a, TraceNotes>>,
}

impl<'a> Span<'a> {
    pub(super) fn of(span: &'a FinishedSpan, definitions: &mut Definitions) -> Span<'a> {
        let (place, content) = match &span.content {
            span::Content::Call(recording) => {
                let call = Call::of(span.metadata.name(), recording, definitions);
                (None, Content::Call(call))
            }
            span::Content::User(user) => {
                let started_at = user.details.as_ref().and_then(|details| details.place);
                let place = Place::of(span.metadata, started_at);
                (Some(place), Content::User(User::of(user)))
            }
        };
        Span {
            id: span.id,
            parent: span.parent,
            started: span.started,
            ended: span.ended,
            name: span.metadata.name().into(),
            place,
            content,
        }
    }

    /// What the span of the framework called `name` learned, if this is one.
    pub(crate) fn call(&self, name: &str) -> Option<&Call<'a>> {
        match &self.content {
            Content::Call(call) if self.name == name => Some(call),
            _ => None,
        }
    }

    /// The request that the span was opened for.
    pub(crate) fn request(&self) -> Option<&Request<'a>> {
        match &self.content {
            Content::Call(call) => call.request.as_ref(),
            Content::User(_) => None,
        }
    }

    /// What its request used, of a span that is one request.
    pub(crate) fn usage_of_chat(&self) -> Option<Usage> {
        self.call(CHAT)?.usage
    }

    /// About how many bytes of texts it has.
    pub(super) fn length_of_texts(&self) -> usize {
        match &self.content {
            Content::Call(call) => call.length_of_texts(),
            Content::User(user) => user.length_of_texts(),
        }
    }
}

impl<'a> Place<'a> {
    /// The place of a span with these metadata. Those of one that was started with `start_span` are of that function itself.
    fn of(
        metadata: &'static tracing::Metadata<'static>,
        started_at: Option<&'static std::panic::Location<'static>>,
    ) -> Place<'a> {
        match started_at {
            Some(place) => Place {
                target: None,
                file: Some(place.file().into()),
                line: Some(place.line()),
            },
            None => Place {
                target: Some(metadata.target().into()),
                file: metadata.file().map(Cow::from),
                line: metadata.line(),
            },
        }
    }
}

impl Place<'_> {
    fn to_static(&self) -> Place<'static> {
        let text = |text: &Option<Cow<'_, str>>| text.as_ref().map(|it| it.to_string().into());
        Place {
            target: text(&self.target),
            file: text(&self.file),
            line: self.line,
        }
    }
}

impl Ancestor<'_> {
    /// The same, with texts of its own.
    pub(crate) fn to_static(&self) -> Ancestor<'static> {
        Ancestor {
            id: self.id,
            parent: self.parent,
            started: self.started,
            name: self.name.to_string().into(),
            place: self.place.as_ref().map(Place::to_static),
            notes: self
                .notes
                .as_ref()
                .map(|notes| Cow::Owned(notes.as_ref().clone())),
        }
    }
}

impl<'a> Ancestor<'a> {
    pub(super) fn of(ancestor: &'a span::Ancestor) -> Ancestor<'a> {
        Ancestor {
            id: ancestor.id,
            parent: ancestor.parent,
            started: ancestor.started,
            name: ancestor.name.as_ref().into(),
            place: Some(Place::of(ancestor.metadata, ancestor.place)),
            notes: ancestor.notes.as_deref().map(Cow::Borrowed),
        }
    }
}
