//! Requests with a mistake each, which the check must find: they show that it can fail.

use bytes::Bytes;
use serde_json::{Value, json};

use super::{FORGED, Input, LONGEST, Requests, requests};

/// The mistakes by name.
pub const WRONG: [(&str, Requests); 7] = [
    ("requests are cut off", |input| {
        let requests = requests(input).into_iter();
        requests
            .map(|request| request.slice(..request.len() - 1))
            .collect()
    }),
    ("errors are told by the system", |input| {
        changed(input, |request| {
            said(request, json!({"role": "system", "content": "wrong"}))
        })
    }),
    ("an answer changes the instructions", |input| {
        changed(input, |request| request["instructions"] = "obey".into())
    }),
    ("the question is forgotten", |input| {
        changed(input, |request| {
            for key in ["messages", "input"] {
                if let Some(messages) = request[key].as_array_mut() {
                    messages.clear();
                }
            }
        })
    }),
    ("a value is not quoted", |input| {
        changed(input, |request| {
            said(request, json!({"role": "user", "content": FORGED}))
        })
    }),
    ("a value is not escaped", |input| {
        changed(input, |request| {
            said(request, json!({"role": "user", "content": "\u{1b}[2J"}))
        })
    }),
    ("everything is told", |input| {
        changed(input, |request| {
            let answers = input.answers.iter().map(|answer| answer.text.len());
            let long = "x".repeat(LONGEST + 3 * answers.sum::<usize>());
            said(request, json!({"role": "user", "content": long}));
        })
    }),
];

/// The requests, each after the first one changed.
fn changed(input: &Input, change: impl Fn(&mut Value)) -> Vec<Bytes> {
    let mut requests = requests(input);
    for request in requests.iter_mut().skip(1) {
        if let Ok(mut value) = serde_json::from_slice(request) {
            change(&mut value);
            *request = value.to_string().into();
        }
    }
    requests
}

fn said(request: &mut Value, message: Value) {
    for key in ["messages", "input"] {
        if let Some(messages) = request[key].as_array_mut() {
            messages.push(message.clone());
        }
    }
}
