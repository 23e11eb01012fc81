//! Response models and tools, which both of OpenAI's dialects say alike.

use crate::json::Object;
use crate::request::Tool;
use crate::schema::Dialect;

/// The longest description of a tool, in characters: a longer one is answered with status 400 ("string too long. Expected a string
/// with maximum length 1024"; quoted in issues of several projects, November 2026).
const MAX_DESCRIPTION: usize = 1024;

/// Models that answer `parallel_tool_calls` with status 400 ("Unsupported parameter"), by the start of their names. Quoted in issues
/// of several projects, November 2026.
const WITHOUT_PARALLEL_TOOL_CALLS: [&str; 3] = ["o1", "o3", "o4-mini"];

/// Whether `model` lets itself be told about parallel tool calls.
pub(in crate::provider) fn takes_parallel_tool_calls(model: &str) -> bool {
    let mut without = WITHOUT_PARALLEL_TOOL_CALLS.iter();
    !without.any(|start| model.starts_with(start))
}

/// The schema text to send, and whether it may be sent as strict.
pub(in crate::provider) fn text(offered: Tool<'_>, strict: bool) -> (&str, bool) {
    match offered.text(Dialect::OpenAiStrict) {
        Ok(text) if strict => (text, true),
        _ => (offered.standard(), false),
    }
}

/// Name, description and schema of a response model or a tool; all places say them alike, but for the key of the schema.
pub(in crate::provider) fn write(
    offered: Tool<'_>,
    strict: bool,
    model: &mut Object<'_>,
    schema_key: &'static str,
) -> serde_json::Result<()> {
    let (text, strict) = text(offered, strict);
    let description = offered.description();
    model.value("name", offered.name())?;
    if description.chars().nth(MAX_DESCRIPTION).is_none() {
        if !description.is_empty() {
            model.value("description", description)?;
        }
        model.raw(schema_key, text);
    } else {
        // Too long for a tool, but not for a schema.
        model.described_schema(schema_key, description, text)?;
    }
    model.value("strict", strict)
}
