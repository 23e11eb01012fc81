//! What a model says, to be written as a whole body and as a stream of each dialect.

use bolero::TypeGenerator;
use instructor_core::{FinishReason, Response, ToolCall, Usage};

use crate::change::pick;

/// What texts are made of: what must be escaped in JSON, what stands in server-sent events, and letters of several bytes.
const LETTERS: [&str; 24] = [
    "a",
    "{",
    "}",
    "[",
    ",",
    ":",
    "\"",
    "\\",
    "\n",
    "\r\n",
    "\t",
    "\0",
    "\u{7f}",
    "\u{2028}",
    "\u{feff}",
    " ",
    "ü",
    "€",
    "🦀",
    "data: ",
    "\n\nevent: error\n",
    "[DONE]",
    "\\u0041",
    "</think>",
];

/// Inputs of tools. One dialect sends them as JSON, so they are.
const ARGUMENTS: [&str; 8] = [
    "{}",
    r#"{"a":1}"#,
    r#"{"name": "Zoë", "tags": ["a\n", "\u00e9"]}"#,
    r#"{"a":{"a":{"a":[[[]]]}}}"#,
    r#"{"number": 123456789012345678901234567890.5e10}"#,
    "[1, 2]",
    "17",
    "{\"a\": null, \"b\": [true, false]}",
];

const NAMES: [&str; 4] = ["Person", "Place", "a-b_c", "\"ü\\"];

/// How an answer is made.
#[derive(Debug, Clone, TypeGenerator)]
pub struct Said {
    #[generator(bolero::produce::<Vec<Pieces>>().with().len(0usize..3))]
    thoughts: Vec<Pieces>,
    #[generator(bolero::produce::<Vec<Pieces>>().with().len(0usize..3))]
    texts: Vec<Pieces>,
    refusal: Option<Pieces>,
    #[generator(bolero::produce::<Vec<Call>>().with().len(0usize..4))]
    calls: Vec<Call>,
    /// Why it ended.
    pub end: End,
    usage: Option<[u16; 5]>,
}

/// A text as a model says it: a few letters at a time.
#[derive(Debug, Clone, TypeGenerator)]
pub struct Pieces {
    #[generator(bolero::produce::<Vec<u8>>().with().len(0usize..12))]
    letters: Vec<u8>,
    size: u8,
}

#[derive(Debug, Clone, TypeGenerator)]
struct Call {
    name: u8,
    arguments: u8,
    size: u8,
}

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, TypeGenerator)]
pub enum End {
    /// The model was done, or wants its calls answered.
    Done,
    /// It had no more tokens.
    Length,
    /// The provider stopped it.
    Filter,
    /// For a reason of a later version.
    Later,
}

impl Said {
    /// The thoughts, each in its pieces.
    pub fn thoughts(&self) -> impl Iterator<Item = Vec<String>> {
        self.thoughts.iter().filter_map(Pieces::said)
    }

    /// The blocks of text, each in its pieces.
    pub fn texts(&self) -> impl Iterator<Item = Vec<String>> {
        self.texts.iter().filter_map(Pieces::said)
    }

    /// The refusal in its pieces.
    pub fn refusal(&self) -> Option<Vec<String>> {
        self.refusal.as_ref().and_then(Pieces::said)
    }

    /// The calls, with their arguments in pieces.
    pub fn calls(&self) -> impl Iterator<Item = (ToolCall, Vec<String>)> {
        self.calls.iter().enumerate().map(|(number, call)| {
            let arguments = pick(&ARGUMENTS, call.arguments);
            let name = pick(&NAMES, call.name);
            let pieces = pieces(arguments, usize::from(call.size % 8));
            (
                ToolCall::new(format!("call_{number}"), name, arguments),
                pieces,
            )
        })
    }

    /// What was used.
    pub fn usage(&self) -> Option<Usage> {
        let numbers = self.usage?.map(u64::from);
        let [input, output, read, written, thought] = numbers;
        let mut usage = Usage::new(input + read + written, output);
        usage.cache_read_input_tokens = Some(read);
        usage.cache_creation_input_tokens = Some(written);
        usage.reasoning_output_tokens = Some(thought);
        Some(usage)
    }

    /// What every dialect says alike. Why it ended is said by each in its own words.
    pub fn response(&self) -> Response {
        let mut response = Response::default();
        response.id = Some("id_1".to_owned());
        response.model = Some("model-1".to_owned());
        let texts: Vec<_> = self.texts().map(|pieces| pieces.concat()).collect();
        response.text = (!texts.is_empty()).then(|| texts.concat());
        let thoughts: Vec<_> = self.thoughts().map(|pieces| pieces.concat()).collect();
        response.reasoning = (!thoughts.is_empty()).then(|| thoughts.join("\n\n"));
        response.refusal = self.refusal().map(|pieces| pieces.concat());
        response.tool_calls = self.calls().map(|(call, _)| call).collect();
        response.usage = self.usage();
        response.finish_reason = Some(match self.end {
            End::Done if !response.tool_calls.is_empty() => FinishReason::ToolCalls,
            End::Done => FinishReason::Stop,
            End::Length => FinishReason::Length,
            End::Filter => FinishReason::ContentFilter,
            End::Later => FinishReason::Other("tired".to_owned()),
        });
        response
    }
}

impl Pieces {
    /// Its pieces, of which some may be empty; `None` if there is nothing in them.
    fn said(&self) -> Option<Vec<String>> {
        let letters = self.letters.iter().map(|letter| pick(&LETTERS, *letter));
        let text: String = letters.collect();
        (!text.is_empty()).then(|| pieces(&text, usize::from(self.size % 8)))
    }
}

/// A text in pieces of so many characters, behind an empty one; in one piece if it is none.
fn pieces(text: &str, size: usize) -> Vec<String> {
    if size == 0 {
        return vec![text.to_owned()];
    }
    let characters: Vec<char> = text.chars().collect();
    let pieces = characters.chunks(size).map(|piece| piece.iter().collect());
    std::iter::once(String::new()).chain(pieces).collect()
}
