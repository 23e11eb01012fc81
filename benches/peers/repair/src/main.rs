//! Wrong answers and what they cost: twenty scripted cases, for the framework and for Instructor for Python in one run.
//!
//! `repair PYTHON SCRIPT` prints one line of JSON for each case. `SCRIPT` runs all cases with Instructor; it reads them, and the
//! address of the scripted model, from its standard input. Both must arrive at the right answer in every case.

mod cases;
mod models;
mod objects;
mod script;
mod service;
mod tokens;

use std::env;
use std::error::Error;
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;

use instructor::prelude::*;
use instructor::provider::openai::OPENAI;
use serde::Serialize;
use serde_json::{Value, json};

use crate::cases::Case;
use crate::models::{Email, Event, Order, Report};
use crate::script::{Exchange, Script};
use crate::tokens::Tokens;

type Fault = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Fault> {
    let mut arguments = env::args_os().skip(1);
    let (Some(python), Some(program)) = (arguments.next(), arguments.next()) else {
        return Err("usage: repair PYTHON SCRIPT".into());
    };
    let script = Arc::new(Script::new(cases::cases(), Tokens::new()?));
    let address = service::start(Arc::clone(&script))?;

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    for case in &script.cases {
        let value = runtime.block_on(ours(&address, case, &script));
        let value = value.map_err(|error| format!("ours, {}: {error}", case.id))?;
        if !is_same(&value, case.right()) {
            return Err(format!("ours, {}: {value}", case.id).into());
        }
    }

    let cases: Vec<Value> = script
        .cases
        .iter()
        .map(|case| json!({"id": case.id, "model": case.model, "prompt": case.prompt, "right": case.right()}))
        .collect();
    let mut child = Command::new(python)
        .arg(program)
        .stdin(Stdio::piped())
        .spawn()?;
    let input = json!({"address": address, "cases": cases}).to_string();
    child
        .stdin
        .take()
        .ok_or("no input")?
        .write_all(input.as_bytes())?;
    if !child.wait()?.success() {
        return Err("the run with Instructor for Python failed".into());
    }

    for case in &script.cases {
        let line = json!({
            "id": case.id,
            "reasks": case.reasks(),
            "prompt": script.tokens.of(&case.prompt),
            "answer": script.tokens.of(&case.right().to_string()),
            "ours": script.exchanges("ours", case.id),
            "python": script.exchanges("python", case.id),
        });
        println!("{line}");
    }
    Ok(())
}

async fn ours(address: &str, case: &Case, script: &Script) -> Result<Value, Fault> {
    let client = Client::builder(OPENAI.clone(), "gpt-4o")
        .base_url(format!("{address}/ours/{}/v1", case.id))
        .api_key("sk-scripted")
        .build()?;
    match case.model {
        "Email" => create::<Email>(&client, case, script).await,
        "Event" => create::<Event>(&client, case, script).await,
        "Order" => create::<Order>(&client, case, script).await,
        _ => create::<Report>(&client, case, script).await,
    }
}

/// The value as JSON. The ledger must say what the server says.
async fn create<T: ResponseModel + Serialize>(
    client: &Client,
    case: &Case,
    script: &Script,
) -> Result<Value, Fault> {
    let completion = client
        .create::<T>(case.prompt.as_str())
        .with_completion()
        .await?;
    let told: usize = script
        .exchanges("ours", case.id)
        .iter()
        .map(Exchange::total)
        .sum();
    let noted = completion.usage().total_tokens();
    if noted != u64::try_from(told)? {
        return Err(format!("the ledger has {noted} tokens, the server {told}").into());
    }
    Ok(serde_json::to_value(completion.value)?)
}

/// Whether two values are equal, whichever way their numbers are written.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|(one, other)| is_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(key, value)| other.get(key).is_some_and(|other| is_same(value, other)))
        }
        _ => one == other,
    }
}
