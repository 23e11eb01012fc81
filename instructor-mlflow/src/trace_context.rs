//! Traces that cross programs: the `traceparent` header of W3C Trace Context.

use std::fmt;

use http::{HeaderMap, HeaderValue};
use instructor_core::trace::{Recording, TARGET};
use tracing::Span;

use crate::open_span::{SampledOut, Untraced, nearest, with_span};
use crate::sampling::is_enabled;
use crate::span::{SpanId, TraceId, UserSpan};
use crate::tree::{Kind, OpenSpan};

/// A place in a trace: what one program tells another, so that the spans of both become one trace.
///
/// Nothing is told by itself, and never to a provider: a request to another service of yours carries it if you put it
/// there.
///
/// ```
/// use instructor_mlflow::TraceContext;
///
/// // In the program that is asked:
/// let mut headers = http::HeaderMap::new();
/// # headers.insert("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".parse().unwrap());
/// if let Some(context) = TraceContext::from_headers(&headers) {
///     instructor_mlflow::TraceScope::new().remote(context).in_scope(|| {
///         // ... calls ...
///     });
/// }
///
/// // In the program that asks:
/// let mut headers = http::HeaderMap::new();
/// if let Some(context) = TraceContext::current() {
///     context.add_to(&mut headers);
/// }
/// ```
///
/// The root of such a trace belongs to the program that began it: that one names the trace, its tags and its outcome.
/// Of what [`update_current_trace`](crate::update_current_trace) says here, session and user arrive. Both programs
/// write to one server and experiment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceContext {
    trace_id: TraceId,
    parent: SpanId,
    sampled: bool,
}

/// The flag by which the caller says that it records the trace.
const SAMPLED: u8 = 1;

impl TraceContext {
    /// The name of the header.
    pub const HEADER: &'static str = "traceparent";

    /// The place that the headers of a request name. `None` if they name none, two, or one that is not valid: then a
    /// trace of its own begins, as the specification wants it.
    pub fn from_headers(headers: &HeaderMap) -> Option<TraceContext> {
        let mut values = headers.get_all(TraceContext::HEADER).iter();
        let value = values.next()?.to_str().ok()?;
        match values.next() {
            Some(_) => None,
            None => TraceContext::parse(value),
        }
    }

    /// The same for headers that are kept in another way, for example of a message queue: `lookup` finds the value of
    /// the header of that name.
    ///
    /// ```
    /// use instructor_mlflow::TraceContext;
    ///
    /// let headers = [("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")];
    /// let find = |name: &str| headers.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
    /// assert!(TraceContext::from_lookup(find).is_some());
    /// ```
    pub fn from_lookup<V: AsRef<str>>(
        lookup: impl FnOnce(&str) -> Option<V>,
    ) -> Option<TraceContext> {
        TraceContext::parse(lookup(TraceContext::HEADER)?.as_ref())
    }

    /// The place that the value of a `traceparent` header names.
    pub fn parse(value: &str) -> Option<TraceContext> {
        let mut parts = value.trim_matches([' ', '\t']).splitn(5, '-');
        let version = hexadecimal::<1>(parts.next()?)?;
        let trace_id = TraceId::from_bytes(hexadecimal(parts.next()?)?)?;
        let parent = SpanId::from_bytes(hexadecimal(parts.next()?)?)?;
        let [flags] = hexadecimal::<1>(parts.next()?)?;
        match (version, parts.next()) {
            // Later versions may say more behind it.
            ([0], Some(_)) | ([0xff], _) => None,
            _ => Some(TraceContext {
                trace_id,
                parent,
                sampled: flags & SAMPLED != 0,
            }),
        }
    }

    /// The current `tracing` span, for a program that is asked from here. `None` outside of a trace.
    ///
    /// Where the current trace is not recorded, it says so, and the other program records nothing either.
    pub fn current() -> Option<TraceContext> {
        with_span(&Span::current(), |span| {
            let place = nearest(&span, |open| TraceContext {
                trace_id: open.trace_id(),
                parent: open.id(),
                sampled: true,
            })?;
            // Nobody will ask for the ids of what is not recorded.
            Some(place.unwrap_or_else(|_| TraceContext {
                trace_id: TraceId::random(),
                parent: SpanId::random(),
                sampled: false,
            }))
        })
    }

    /// The trace.
    pub fn trace_id(&self) -> TraceId {
        self.trace_id
    }

    /// The span below which the other program's spans belong.
    pub fn parent(&self) -> SpanId {
        self.parent
    }

    /// Whether the trace is recorded.
    pub fn is_sampled(&self) -> bool {
        self.sampled
    }

    /// Sets the header.
    pub fn add_to(&self, headers: &mut HeaderMap) {
        // Hexadecimal digits and hyphens are valid in a header.
        if let Ok(value) = HeaderValue::try_from(self.to_string()) {
            headers.insert(TraceContext::HEADER, value);
        }
    }

    /// Makes `span` part of this trace; for a span that some framework opened. Where you open it yourself, a
    /// [`TraceScope`](crate::TraceScope::remote) does the same and cannot come too late.
    ///
    /// `false` if that is not possible: the span is not recorded, has a parent, has children already, or is part of
    /// another program's trace.
    pub fn adopt(&self, span: &Span) -> bool {
        let adopted = with_span(span, |span| {
            let is_call = span.metadata().target() == TARGET;
            let mut extensions = span.extensions_mut();
            if let Some(open) = extensions.get_mut::<OpenSpan>() {
                if !open.can_be_adopted() {
                    return None;
                }
                if self.sampled {
                    open.continue_from(self);
                    return Some(());
                }
                extensions.remove::<OpenSpan>();
                extensions.remove::<Recording>();
                extensions.remove::<UserSpan>();
                extensions.replace(Untraced);
                return Some(());
            }
            // Sampling was decided by an id that does not matter any more.
            extensions.remove::<SampledOut>()?;
            if self.sampled && is_enabled() {
                extensions.remove::<Untraced>();
                let kind = Kind::of(span.metadata());
                extensions.replace(OpenSpan::below(kind, self));
                if is_call {
                    extensions.replace(Recording::default());
                } else {
                    extensions.replace(UserSpan::default());
                }
            }
            Some(())
        });
        adopted.is_some()
    }
}

/// The value of the header: `00-<trace>-<span>-<flags>`.
impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let trace_id = u128::from_be_bytes(self.trace_id.to_bytes());
        let parent = u64::from_be_bytes(self.parent.to_bytes());
        let flags = if self.sampled { SAMPLED } else { 0 };
        write!(f, "00-{trace_id:032x}-{parent:016x}-{flags:02x}")
    }
}

/// `N` bytes in lower-case hexadecimal digits.
fn hexadecimal<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != N || !rest.is_empty() {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALID: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_header_is_read_and_written_back() {
        let context = TraceContext::parse(VALID).expect("it is valid");
        assert!(context.is_sampled());
        assert_eq!(context.to_string(), VALID);
        assert_eq!(
            context.trace_id().to_string(),
            "tr-0af7651916cd43dd8448eb211c80319c"
        );
        let mut headers = HeaderMap::new();
        context.add_to(&mut headers);
        assert_eq!(TraceContext::from_headers(&headers), Some(context));
        let not_sampled = VALID.replace("-01", "-02");
        assert!(!TraceContext::parse(&not_sampled).expect("valid").sampled);
    }

    #[test]
    fn headers_that_the_specification_forbids_are_ignored() {
        for value in [
            "",
            "00",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
            "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0x",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "äö-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ] {
            assert_eq!(TraceContext::parse(value), None, "{value:?}");
        }
    }

    #[test]
    fn a_later_version_may_say_more() {
        for value in [
            VALID.replacen("00", "cc", 1),
            format!("01{}-more", &VALID[2..]),
        ] {
            let context = TraceContext::parse(&value).expect("it begins as we know it");
            assert_eq!(context, TraceContext::parse(VALID).expect("it is valid"));
        }
        let longer = format!("{}more", VALID.replacen("00", "01", 1));
        assert_eq!(TraceContext::parse(&longer), None);
    }

    #[test]
    fn two_headers_are_none() {
        let mut headers = HeaderMap::new();
        headers.append("traceparent", HeaderValue::from_static(VALID));
        headers.append("traceparent", HeaderValue::from_static(VALID));
        assert_eq!(TraceContext::from_headers(&headers), None);
    }
}
