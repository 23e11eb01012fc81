//! What a call says after a wrong answer: whatever a model has answered, the next request is JSON, has its answer in its own place alone,
//! and is not much longer.

mod answer;
mod conversation;
mod wrong;

use std::fmt::{self, Debug};

use bytes::Bytes;
use serde::de::IgnoredAny;
use serde_json::Value;

pub use answer::{Input, Recipe, Said};
pub use wrong::WRONG;

use answer::FORGED;

/// The longest text about what is wrong, beside the answer itself where that is repeated: a hidden character of one byte is an escape of
/// six there.
const LONGEST: usize = 9 * 1024;

/// What a call sends after each of these answers.
pub type Requests = fn(&Input) -> Vec<Bytes>;

/// What instructor-core sends.
pub fn requests(input: &Input) -> Vec<Bytes> {
    conversation::requests(input)
}

/// A request is not what it should be.
#[derive(thiserror::Error)]
#[error("{input:?}\n{name}: {found}")]
pub struct Fault {
    /// The call and the answers to it.
    pub input: Input,
    /// Which property does not hold.
    pub name: &'static str,
    /// The request, or what is wrong in it.
    pub found: String,
}

impl Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Checks every request of a call.
///
/// # Errors
///
/// If one is not what it should be.
pub fn check(input: &Input, requests: Requests) -> Result<(), Fault> {
    let requests = requests(input);
    let first = requests.first().map(|first| read(first));
    let first = first.flatten().unwrap_or_default();
    let hold = |name, holds, found: &dyn Fn() -> String| match holds {
        true => Ok(()),
        false => Err(Fault {
            input: input.clone(),
            name,
            found: found(),
        }),
    };
    for (number, body) in requests.iter().enumerate() {
        let found = || String::from_utf8_lossy(body).into_owned();
        let is_json = serde_json::from_slice::<IgnoredAny>(body).is_ok();
        hold("no JSON", is_json, &found)?;
        // An answer that is too deep for `serde_json` stands in it as it is.
        let Some(request) = read(body) else {
            continue;
        };
        let is_kept = instructions(&request) == instructions(&first);
        hold("other instructions", is_kept, &found)?;
        let (begun, said) = (messages(&first), messages(&request));
        hold("another beginning", said.starts_with(begun), &found)?;
        let answers = input.answers.iter().take(number);
        let answered = answers.map(|answer| answer.text.len()).max();
        let longest = LONGEST + 6 * answered.unwrap_or_default();
        for message in said.get(begun.len()..).unwrap_or_default() {
            let is_ours = message["role"] != "system" && message["role"] != "developer";
            hold("a message of the system", is_ours, &found)?;
            for text in told(message) {
                let found = || format!("{text:?}");
                hold("a line of the model's", !text.contains(FORGED), &found)?;
                let is_plain = |character: char| character == '\n' || !character.is_control();
                hold("a control character", text.chars().all(is_plain), &found)?;
                hold("too long", text.len() <= longest, &found)?;
            }
        }
    }
    Ok(())
}

fn read(body: &[u8]) -> Option<Value> {
    serde_json::from_slice(body).ok()
}

/// What stands beside the conversation and is not the model's.
fn instructions(request: &Value) -> [&Value; 2] {
    [&request["system"], &request["instructions"]]
}

fn messages(request: &Value) -> &[Value] {
    let messages = request["messages"].as_array();
    let messages = messages.or(request["input"].as_array());
    messages.map_or(&[], Vec::as_slice)
}

/// The texts of a message that are not the model's own: of the user, and results of its calls.
fn told(message: &Value) -> Vec<&str> {
    if message["role"] == "assistant" || message["type"] == "function_call" {
        return Vec::new();
    }
    let mut texts = Vec::new();
    for content in [&message["content"], &message["output"]] {
        texts.extend(content.as_str());
        for part in content.as_array().into_iter().flatten() {
            texts.extend(part["text"].as_str());
            texts.extend(part["content"].as_str());
        }
    }
    texts
}
