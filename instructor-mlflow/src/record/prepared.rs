//! What is sent of a record that must not be written down as it is.

use serde::{Deserialize, Serialize};

use super::{Call, Content, Request, Span, User, format};
use crate::api::NewAssessment;
use crate::wire;

/// What is sent of a record, made before it was written down. What was to be taken out is taken out, here and in the record.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Prepared {
    /// As OpenTelemetry encodes them, in the order of those of the record.
    #[serde(with = "format::spans")]
    pub(crate) spans: Vec<wire::Span>,
    /// What the list of traces shows, where that is not made of the inputs and outputs of the last span.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) request_preview: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) response_preview: Option<String>,
    /// What the checks of the call found.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) assessments: Vec<NewAssessment>,
}

impl Prepared {
    /// About how many bytes it takes.
    pub(super) fn length(&self) -> usize {
        use prost::Message as _;
        const OF_ASSESSMENT: usize = 512;
        let spans = self.spans.iter().map(|span| span.encoded_len() + 8);
        let previews = [&self.request_preview, &self.response_preview];
        let previews = previews.into_iter().flatten().map(String::len);
        spans.chain(previews).sum::<usize>() + self.assessments.len() * OF_ASSESSMENT
    }
}

/// What is listed here is what delivery needs beside what is prepared; everything else is left out, also what a later version adds.
impl Span<'_> {
    /// Without what it learned.
    pub(crate) fn without_content(self) -> Self {
        let content = match self.content {
            Content::Call(call) => Content::Call(call.without_content()),
            Content::User(user) => Content::User(User {
                has_calls: user.has_calls,
                ..User::default()
            }),
        };
        Span {
            content,
            place: None,
            ..self
        }
    }
}

impl Call<'_> {
    /// Who was asked in which words of the code, and what it cost.
    fn without_content(self) -> Self {
        Call {
            request: self.request.map(Request::without_content),
            provider: self.provider,
            usage: self.usage,
            cost: self.cost,
            ..Call::default()
        }
    }
}

impl Request<'_> {
    fn without_content(self) -> Self {
        Request {
            model: self.model,
            response_model: self.response_model,
            definition: self.definition,
            mode: self.mode,
            correction: None,
            messages: Vec::new(),
            temperature: None,
            max_tokens: None,
        }
    }
}
