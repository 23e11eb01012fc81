//! What the layer hands over: finished spans, raw.
//!
//! A [`Frame`] holds reference-counted pieces of the call as they are (wire bytes, requests, errors). Nothing is parsed
//! or encoded on the caller's thread.

use std::borrow::Cow;
use std::fmt;
use std::panic::Location;

use instructor_core::Usage;
use instructor_core::trace::Recording;
use tracing::Metadata;

use crate::fields::Fields;
use crate::notes::TraceNotes;
use crate::random;
use crate::span_type::SpanType;

/// The id of a trace: 16 random bytes. MLflow shows it as `tr-` and 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceId([u8; 16]);

impl TraceId {
    pub(crate) fn random() -> Self {
        // OpenTelemetry reads all zeroes as "no id".
        TraceId(u128::from_ne_bytes(random::bytes()).max(1).to_be_bytes())
    }

    /// `None` for zeroes, which are no id.
    pub(crate) fn from_bytes(bytes: [u8; 16]) -> Option<Self> {
        (bytes != [0; 16]).then_some(TraceId(bytes))
    }

    /// The half by which samplers decide.
    pub(crate) fn lower_half(self) -> u64 {
        u128::from_be_bytes(self.0) as u64
    }

    /// The bytes, as OpenTelemetry sends them.
    pub fn to_bytes(self) -> [u8; 16] {
        self.0
    }
}

/// As MLflow writes it: `tr-0af7651916cd43dd8448eb211c80319c`.
impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tr-{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The id of a span within its trace: 8 random bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SpanId([u8; 8]);

impl SpanId {
    pub(crate) fn random() -> Self {
        SpanId(random::number().max(1).to_be_bytes())
    }

    /// `None` for zeroes, which are no id.
    pub(crate) fn from_bytes(bytes: [u8; 8]) -> Option<Self> {
        (bytes != [0; 8]).then_some(SpanId(bytes))
    }

    /// The bytes, as OpenTelemetry sends them.
    pub fn to_bytes(self) -> [u8; 8] {
        self.0
    }
}

/// As MLflow writes it: 16 hexadecimal digits.
impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", u64::from_be_bytes(self.0))
    }
}

impl fmt::Debug for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The finished spans of one call, or of a span of the user's around calls or started with
/// [`start_span`](crate::start_span).
///
/// A trace arrives in one frame if the call is its root. Under a span of the user's that is still open it arrives in
/// several, each handed over as soon as it is complete; the one with the root comes last.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Frame {
    /// The trace that the spans belong to.
    pub trace_id: TraceId,
    /// The spans; children before their parents.
    pub spans: Vec<FinishedSpan>,
    /// What the whole trace used, if this frame holds its root and any provider reported usage.
    pub usage: Option<Usage>,
    /// What the program said about the trace, if this frame holds its root, or the first of its spans in this process
    /// where another program has the root.
    pub notes: Option<Box<TraceNotes>>,
    /// The spans of this process around these that are still open, innermost first; none if the root is in this frame. What
    /// becomes of the trace if the program ends before they close can be told with them. Of very many only the innermost and the
    /// outermost are here.
    pub ancestors: Vec<Ancestor>,
}

/// A span around those of a frame that is still open.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Ancestor {
    /// The id of the span.
    pub id: SpanId,
    /// The id of its parent; `None` for the root of the trace.
    pub parent: Option<SpanId>,
    /// When it opened, in nanoseconds since 1970.
    pub started: u64,
    /// Its name: the one that the program gave, or that of the metadata.
    pub name: Cow<'static, str>,
    /// Name, target and place in the source.
    pub metadata: &'static Metadata<'static>,
    /// Where it was started, if that was with [`start_span`](crate::start_span).
    pub place: Option<&'static Location<'static>>,
    /// What the program has said about the trace so far, if this is the outermost span of the trace in this process.
    pub notes: Option<Box<TraceNotes>>,
}

impl Frame {
    /// The root of the trace, if it is in this frame.
    pub fn root(&self) -> Option<&FinishedSpan> {
        self.spans.last().filter(|span| span.parent.is_none())
    }

    /// About how many bytes of memory the frame keeps alive: its spans and the wire bytes they hold.
    pub fn weight(&self) -> usize {
        let notes = self.notes.as_ref().map_or(0, |notes| notes.weight());
        self.spans.iter().map(FinishedSpan::weight).sum::<usize>() + notes
    }
}

/// A span that has closed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FinishedSpan {
    /// The id of this span.
    pub id: SpanId,
    /// The id of its parent; `None` for the root of the trace.
    pub parent: Option<SpanId>,
    /// When it opened, in nanoseconds since 1970.
    pub started: u64,
    /// When it closed, in nanoseconds since 1970.
    pub ended: u64,
    /// Name, target and place in the source.
    pub metadata: &'static Metadata<'static>,
    /// What it learned.
    pub content: Content,
}

/// What a span learned.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Content {
    /// A span of this framework: `create`, `chat`, `validate` or `llm_validate`.
    Call(Box<Recording>),
    /// A span of the user's.
    User(UserSpan),
}

/// What a span of the user's says about itself.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct UserSpan {
    /// The fields, in the order of their declaration. `#[tracing::instrument]` makes one of each argument.
    pub fields: Fields,
    /// What `#[tracing::instrument(ret)]` reported.
    pub output: Option<String>,
    /// What `#[tracing::instrument(err)]` reported.
    pub error: Option<String>,
    /// Whether a traced call was made inside, or a span started that is sent without one.
    pub has_calls: bool,
    /// What was said with a [`LiveSpan`](crate::LiveSpan).
    pub details: Option<Box<SpanDetails>>,
}

/// What was said with a [`LiveSpan`](crate::LiveSpan). Values are JSON texts.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct SpanDetails {
    /// What the span does.
    pub span_type: Option<SpanType>,
    /// What goes in.
    pub inputs: Option<String>,
    /// What comes out.
    pub outputs: Option<String>,
    /// Anything else, in the order in which it was said.
    pub attributes: Vec<(String, String)>,
    /// What happened in between.
    pub events: Vec<SpanEvent>,
    /// Why it failed.
    pub error: Option<String>,
    /// Where it was started, if that was with [`start_span`](crate::start_span).
    pub place: Option<&'static Location<'static>>,
}

/// Something that happened at one moment of a span.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SpanEvent {
    /// What; `exception` for an error.
    pub name: String,
    /// When, in nanoseconds since 1970.
    pub time: u64,
    /// More about it: the JSON text of an object.
    pub attributes: String,
}

impl SpanDetails {
    fn weight(&self) -> usize {
        let events = self
            .events
            .iter()
            .map(|event| event.name.len() + event.attributes.len() + size_of::<SpanEvent>());
        let pairs = self.attributes.iter();
        let texts = [&self.inputs, &self.outputs, &self.error];
        pairs
            .map(|(key, value)| key.len() + value.len())
            .chain(events)
            .chain(texts.into_iter().flatten().map(String::len))
            .sum::<usize>()
            + size_of::<SpanDetails>()
    }
}

impl FinishedSpan {
    fn weight(&self) -> usize {
        let held = match &self.content {
            Content::Call(recording) => {
                let bytes =
                    |held: &Option<bytes::Bytes>| held.as_ref().map_or(0, |held| held.len());
                let text =
                    |held: &Option<std::sync::Arc<str>>| held.as_ref().map_or(0, |held| held.len());
                bytes(&recording.wire_request)
                    + bytes(&recording.wire_response)
                    + text(&recording.payload)
                    + text(&recording.output)
                    + size_of::<Recording>()
            }
            Content::User(user) => {
                user.fields.weight()
                    + user.output.as_ref().map_or(0, String::len)
                    + user.error.as_ref().map_or(0, String::len)
                    + user.details.as_ref().map_or(0, |details| details.weight())
            }
        };
        size_of::<FinishedSpan>() + held
    }
}
