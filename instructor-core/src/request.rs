//! What is asked: one request, the same for every provider.

use std::fmt;
use std::sync::Arc;

use crate::message::Message;
use crate::schema::Schema;

/// How the model is made to answer in the shape of the response model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mode {
    /// The response model is the parameter list of a tool, and the model must call that tool; or each variant of it is one, by
    /// `#[response_model(tools)]`, and the model must call one of them.
    Tools,
    /// The response model is the schema of the whole answer (`response_format` of the OpenAI wire).
    JsonSchema,
}

impl Mode {
    /// `tools` or `json_schema`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Mode::Tools => "tools",
            Mode::JsonSchema => "json_schema",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One request to a language model. A [`Codec`](crate::Codec) turns it into the bytes of a dialect.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Request {
    /// The provider's name of the model, for example `gpt-4o`.
    pub model: Arc<str>,
    /// The conversation so far.
    pub messages: Vec<Message>,
    /// The schema of the response model.
    pub schema: &'static Schema,
    /// How the model is made to follow the schema.
    pub mode: Mode,
    /// Sampling temperature; the provider's own default if `None`.
    pub temperature: Option<f64>,
    /// The most tokens the answer may have; the dialect's own default if `None`.
    pub max_tokens: Option<u32>,
}

impl Request {
    /// A request with the provider's defaults.
    pub fn new(
        model: impl Into<Arc<str>>,
        messages: Vec<Message>,
        schema: &'static Schema,
        mode: Mode,
    ) -> Self {
        Request {
            model: model.into(),
            messages,
            schema,
            mode,
            temperature: None,
            max_tokens: None,
        }
    }

    /// The tools of [`Mode::Tools`]: one for each variant of a response model with `#[response_model(tools)]`, else the response
    /// model alone.
    pub fn tools(&self) -> &'static [Schema] {
        match self.schema.tools() {
            Some(set) => &set.schemas,
            None => std::slice::from_ref(self.schema),
        }
    }
}
