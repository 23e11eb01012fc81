//! What is asked: one request, the same for every provider.

use std::fmt;
use std::sync::Arc;

use crate::message::Message;
use crate::repair::Patch;
use crate::schema::{Dialect, Inexpressible, Schema};

/// How the model is made to answer in the shape of the response model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mode {
    /// The response model is the parameter list of a tool, and the model must call that tool.
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
            patch: None,
        }
    }

    /// The name of the tool, or of the answer's format.
    pub fn name(&self) -> &str {
        match &self.patch {
            Some(patch) => patch.name(),
            None => self.schema.name,
        }
    }

    /// What the tool is described as; empty if there is nothing to say.
    pub fn description(&self) -> &str {
        match &self.patch {
            Some(_) => "",
            None => self.schema.description,
        }
    }

    /// The schema of what is asked for, in [`Dialect::Standard`].
    pub fn standard_schema(&self) -> &str {
        match self.schema_text(Dialect::Standard) {
            Ok(text) => text,
            Err(error) => error.reason,
        }
    }

    /// The schema of what is asked for, in `dialect`.
    ///
    /// # Errors
    ///
    /// If the dialect cannot say it, with the reason. [`Dialect::Standard`] can say everything.
    pub fn schema_text(&self, dialect: Dialect) -> Result<&str, Inexpressible> {
        match &self.patch {
            Some(patch) => patch.text(dialect),
            None => self.schema.text(dialect),
        }
    }
}
