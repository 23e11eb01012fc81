//! The request as structs.

use serde::Serialize;
use serde_json::value::RawValue;

/// The schema of a ticket as the framework renders it; the server refuses the request if it is not.
pub const SCHEMA: &str = include_str!("schema.json");

/// The schema, checked to be JSON once and copied from then on.
///
/// # Errors
///
/// If `schema.json` is not JSON.
pub fn schema() -> serde_json::Result<&'static RawValue> {
    serde_json::from_str(SCHEMA)
}

/// The body of a request.
///
/// # Errors
///
/// None that is known: every part can be said in JSON.
pub fn body(model: &str, prompt: &str, schema: &RawValue) -> serde_json::Result<Vec<u8>> {
    let function = Function {
        name: "Ticket",
        description: "A support ticket, read from a customer's message.",
        parameters: schema,
        strict: true,
    };
    let request = Request {
        model,
        messages: [Message {
            role: "user",
            content: prompt,
        }],
        tools: [Tool {
            kind: "function",
            function,
        }],
        tool_choice: Tool {
            kind: "function",
            function: Name { name: "Ticket" },
        },
        parallel_tool_calls: false,
    };
    let mut body = Vec::with_capacity(schema.get().len() + prompt.len() + 512);
    serde_json::to_writer(&mut body, &request)?;
    Ok(body)
}

#[derive(Serialize)]
struct Request<'a> {
    model: &'a str,
    messages: [Message<'a>; 1],
    tools: [Tool<Function<'a>>; 1],
    tool_choice: Tool<Name>,
    parallel_tool_calls: bool,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: &'a str,
}

#[derive(Serialize)]
struct Tool<F> {
    #[serde(rename = "type")]
    kind: &'static str,
    function: F,
}

#[derive(Serialize)]
struct Function<'a> {
    name: &'static str,
    description: &'static str,
    parameters: &'a RawValue,
    strict: bool,
}

#[derive(Serialize)]
struct Name {
    name: &'static str,
}
