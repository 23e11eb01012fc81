//! Reads the text of the long answer, without any network: `stream-reader - READER BYTES DELTA`.
//!
//! `ours` pushes each piece into a partial answer, `jiter` parses all that is there again for each, and `serde` parses the whole once.

use std::hint::black_box;
use std::sync::Arc;

use harness::{CallError, Peer};
use instructor::partial::PartialAnswer;
use jiter::{JsonValue, PartialMode};
use server::document::{document, pieces};
use stream::Club;

#[derive(Clone)]
struct Reader {
    text: Arc<str>,
    delta: usize,
    read: fn(&str, usize) -> Result<(), CallError>,
}

impl Reader {
    fn new(_: &str) -> Result<Self, CallError> {
        let mut arguments = std::env::args().skip(2);
        let mut next = || arguments.next().ok_or("usage: - READER BYTES DELTA");
        let read = match next()?.as_str() {
            "ours" => ours,
            "jiter" => jiter,
            "serde" => serde,
            other => return Err(format!("there is no reader `{other}`").into()),
        };
        Ok(Reader {
            text: document(next()?.parse()?).into(),
            delta: next()?.parse()?,
            read,
        })
    }
}

impl Peer for Reader {
    const READ_SCHEMA: Option<fn()> = None;

    async fn call(&self) -> Result<(), CallError> {
        (self.read)(&self.text, self.delta)
    }
}

/// What is there of the value after each piece. The whole value is not read again: that is the limit's work, too.
fn ours(text: &str, delta: usize) -> Result<(), CallError> {
    let mut answer = PartialAnswer::<Club>::new();
    for piece in pieces(text, delta) {
        answer.push(piece);
        black_box(answer.value());
    }
    if answer.is_whole() && answer.errors().is_empty() {
        return Ok(());
    }
    Err("the value is not whole".into())
}

fn jiter(text: &str, delta: usize) -> Result<(), CallError> {
    let mut end = 0;
    for piece in pieces(text, delta) {
        end += piece.len();
        let there = &text.as_bytes()[..end];
        black_box(JsonValue::parse_with_config(
            there,
            false,
            PartialMode::TrailingStrings,
        )?);
    }
    Ok(())
}

fn serde(text: &str, _: usize) -> Result<(), CallError> {
    let club: Club = serde_json::from_str(text)?;
    black_box(club).check()
}

fn main() -> Result<(), CallError> {
    harness::serve(Reader::new)
}
