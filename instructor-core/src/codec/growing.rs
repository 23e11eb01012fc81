//! A response of which not everything is there yet.

use crate::message::ToolCall;
use crate::response::Response;
#[cfg(not(any(feature = "openai", feature = "anthropic")))]
use crate::sse::Decoder;

/// A response that is still arriving, for [`Codec::fold`](crate::Codec::fold).
///
/// Vendors number the parts of a response, and later events name a part by its number alone.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct GrowingResponse {
    /// What is there of it.
    pub response: Response,
    /// The vendor's number of each tool call, in the order of `response.tool_calls`.
    numbers: Vec<u64>,
    /// The number of the tool call whose arguments give way to the first that are added to them.
    preliminary: Option<u64>,
    /// The event before.
    #[cfg(any(feature = "openai", feature = "anthropic"))]
    pub(super) repeated: super::repeated::Repeated,
}

impl GrowingResponse {
    /// A response of which nothing is there.
    pub fn new() -> Self {
        GrowingResponse::default()
    }

    /// The tool call that the vendor calls `number`, if it has begun.
    pub fn tool_call(&mut self, number: u64) -> Option<&mut ToolCall> {
        // The one that grows is nearly always the last one.
        let index = self.numbers.iter().rposition(|known| *known == number)?;
        self.response.tool_calls.get_mut(index)
    }

    /// The arguments of the tool call that the vendor calls `number`, to be added to; `None` if it has not begun.
    pub fn arguments(&mut self, number: u64) -> Option<&mut String> {
        let gives_way = self.preliminary == Some(number);
        if gives_way {
            self.preliminary = None;
        }
        let arguments = &mut self.tool_call(number)?.arguments;
        if gives_way {
            arguments.clear();
        }
        Some(arguments)
    }

    /// Arguments for the tool call that the vendor calls `number`, which are its own only if none are added to them.
    pub fn set_preliminary_arguments(&mut self, number: u64, arguments: impl Into<String>) {
        if let Some(call) = self.tool_call(number) {
            call.arguments = arguments.into();
            self.preliminary = Some(number);
        }
    }

    /// The tool call that the vendor calls `number`: begun now, if it has not been before.
    #[expect(
        clippy::indexing_slicing,
        reason = "a call is put there for each number"
    )]
    pub fn begin_tool_call(&mut self, number: u64) -> &mut ToolCall {
        let known = self.numbers.iter().rposition(|known| *known == number);
        let calls = &mut self.response.tool_calls;
        let index = known.unwrap_or(calls.len());
        if known.is_none() {
            self.numbers.push(number);
            calls.push(ToolCall::new("", "", ""));
        }
        &mut calls[index]
    }

    /// No codec of this crate notes what repeats.
    #[cfg(not(any(feature = "openai", feature = "anthropic")))]
    pub(crate) fn repeat_next(
        &mut self,
        decoder: &mut Decoder,
        chunk: &mut &[u8],
        is_taken: impl FnOnce(&str) -> bool,
    ) -> bool {
        let _ = (decoder, chunk, is_taken);
        false
    }
}
