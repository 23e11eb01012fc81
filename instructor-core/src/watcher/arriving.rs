//! The text of an answer in a response that is still arriving.

use crate::request::{Mode, Request};
use crate::response::Response;
use crate::schema::{Payload, ToolSet};

/// Reads the text of an answer off a response that grows.
#[derive(Debug, Default)]
pub(crate) struct Arriving {
    source: Option<Source>,
    /// Bytes that were read of the text there.
    read: usize,
    /// Calls that are done with.
    calls: usize,
    /// What is new, where it is put together from several texts.
    new: String,
}

/// Where the text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// In the call of the one tool.
    Call,
    /// In the calls of tools that are variants.
    Calls,
    /// Calls that cannot be followed: they are put together at the end.
    Unknown,
    Text,
}

/// What is new of a text.
pub(crate) struct New<'a> {
    /// What was read before is no part of it: a model may say something before it calls a tool.
    pub(crate) is_restart: bool,
    pub(crate) text: &'a str,
}

impl Arriving {
    /// What is new in `response`.
    pub(crate) fn read<'a>(&'a mut self, request: &Request, response: &'a Response) -> New<'a> {
        let source = source(request, response);
        let is_restart = match (self.source, source) {
            (Some(Source::Unknown), Some(_)) => false,
            (Some(known), Some(source)) => known != source,
            _ => false,
        };
        if is_restart {
            *self = Arriving::default();
        }
        if self.source.is_none() {
            self.source = source;
        }
        let text = match self.source {
            Some(Source::Call) => response.tool_calls.first().map(|call| &*call.arguments),
            Some(Source::Text) => response.text.as_deref(),
            Some(Source::Calls) => {
                self.new.clear();
                self.read_calls(request, response);
                let text = &*self.new;
                return New { is_restart, text };
            }
            Some(Source::Unknown) | None => None,
        };
        let text = text
            .and_then(|text| text.get(self.read..))
            .unwrap_or_default();
        self.read += text.len();
        New { is_restart, text }
    }

    /// Writes what is new of the calls as the text that a model without tools would write.
    fn read_calls(&mut self, request: &Request, response: &Response) {
        let Some(tools) = request.tool_set() else {
            return;
        };
        if self.calls == 0 && self.read == 0 {
            if let Some(key) = request.schema.wrapper {
                self.new.push_str("{\"");
                self.new.push_str(key);
                self.new.push_str("\":");
            }
            if tools.is_parallel {
                self.new.push('[');
            }
        }
        let count = response.tool_calls.len();
        while let Some(call) = response.tool_calls.get(self.calls) {
            if self.read == 0 {
                let Some(begin) = begin(tools, &call.name) else {
                    self.source = Some(Source::Unknown);
                    return;
                };
                if self.calls > 0 {
                    self.new.push(',');
                }
                self.new.push_str(&begin);
                self.read = 1;
            }
            // The first is for the beginning.
            let more = call.arguments.get(self.read - 1..).unwrap_or_default();
            self.new.push_str(more);
            self.read += more.len();
            if self.calls + 1 == count {
                return;
            }
            self.new.push('}');
            self.calls += 1;
            self.read = 0;
        }
    }
}

/// How the text of a call begins; `None` if it can only be read when it is whole.
fn begin(tools: &ToolSet, name: &str) -> Option<String> {
    let (variant, tool) = tools.find(name)?;
    let has_content = !matches!(variant.payload, Payload::Unit) && tool.wrapper.is_none();
    let name = serde_json::to_string(variant.name.as_str()).ok()?;
    has_content.then(|| format!("{{{name}:"))
}

/// Where the text of an answer stands in what is there of the response. Corrections of an earlier answer are put into it at the end.
fn source(request: &Request, response: &Response) -> Option<Source> {
    if request.patch.is_some() {
        return None;
    }
    let text = response.text.is_some().then_some(Source::Text);
    match request.mode {
        Mode::JsonSchema => text,
        Mode::Tools if request.tool_set().is_some() => {
            (!response.tool_calls.is_empty()).then_some(Source::Calls)
        }
        // A model that answers in plain text instead of calling the tool is taken at its word.
        Mode::Tools if response.tool_calls.is_empty() => text,
        Mode::Tools => Some(Source::Call),
    }
}
