//! What is asked: one request, the same for every provider.

use std::fmt;
use std::sync::Arc;

use crate::message::Message;
use crate::repair::Patch;
use crate::schema::{Dialect, Inexpressible, Schema, ToolSet};

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
    /// Whether the response is to come as a stream of events.
    pub is_streamed: bool,
    /// Corrections of an earlier answer, which are then all that is asked for.
    pub(crate) patch: Option<Arc<Patch>>,
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
            is_streamed: false,
            patch: None,
        }
    }

    /// The tools of [`Mode::Tools`]: one for each variant of a response model with `#[response_model(tools)]`, else one alone.
    pub fn tools(&self) -> impl Iterator<Item = Tool<'_>> {
        let set = self.tool_set().map(|set| set.schemas.as_slice());
        let variants = set.unwrap_or_default().iter();
        let alone = set.is_none().then(|| self.answer());
        variants
            .map(|schema| Tool(Offered::Schema(schema)))
            .chain(alone)
    }

    /// The variants that are tools of their own, if they are what is asked for.
    pub fn tool_set(&self) -> Option<&'static ToolSet> {
        match &self.patch {
            Some(_) => None,
            None => self.schema.tools(),
        }
    }

    /// What is asked for as a whole: the one tool, or the format of the answer.
    pub fn answer(&self) -> Tool<'_> {
        Tool(match &self.patch {
            Some(patch) => Offered::Patch(patch),
            None => Offered::Schema(self.schema),
        })
    }
}

/// A tool, or the format of an answer, as a codec writes it.
#[derive(Debug, Clone, Copy)]
pub struct Tool<'a>(Offered<'a>);

#[derive(Debug, Clone, Copy)]
enum Offered<'a> {
    Schema(&'static Schema),
    Patch(&'a Patch),
}

impl<'a> Tool<'a> {
    /// Its name.
    pub fn name(self) -> &'a str {
        match self.0 {
            Offered::Schema(schema) => schema.name,
            Offered::Patch(patch) => patch.name(),
        }
    }

    /// What it is described as; empty if there is nothing to say.
    pub fn description(self) -> &'a str {
        match self.0 {
            Offered::Schema(schema) => schema.description,
            Offered::Patch(_) => "",
        }
    }

    /// Its schema in `dialect`.
    ///
    /// # Errors
    ///
    /// If the dialect cannot say it, with the reason. [`Dialect::Standard`] can say everything.
    pub fn text(self, dialect: Dialect) -> Result<&'a str, Inexpressible> {
        match self.0 {
            Offered::Schema(schema) => schema.text(dialect),
            Offered::Patch(patch) => patch.text(dialect),
        }
    }

    /// Its schema in [`Dialect::Standard`].
    pub fn standard(self) -> &'a str {
        match self.text(Dialect::Standard) {
            Ok(text) => text,
            Err(error) => error.reason,
        }
    }
}
