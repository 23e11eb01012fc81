//! The shared cases of `tests/conformance/cases.jsonl`: what a structured answer must lead to, whatever the library.
//!
//! Every case is either run or listed in [`LEFT_OUT`] with its reason.

mod streams;

use std::collections::{BTreeMap, BTreeSet};

use instructor::prelude::*;
use instructor::schema::{Dialect, schema_json};
use instructor::{AnswerCache, Error, Leniency, Reask, ResponseModel};
use serde_json::{Value, json};

use crate::answers::openai;
use crate::models;
use crate::server::{Received, Reply, Server};

const CASES: &str = include_str!("../conformance/cases.jsonl");

const LEFT_OUT: &[(&str, &str)] = &[(
    "schema-08",
    "Rust documents fields one by one; there is no `Args:` section to read",
)];

#[derive(Debug, Clone, PartialEq, Deserialize, ResponseModel)]
struct P {
    name: String,
    #[validate(range(min = 0))]
    age: i64,
}

impl P {
    fn json(&self) -> Value {
        json!({"name": self.name, "age": self.age})
    }
}

struct Case {
    id: String,
    input: Value,
    expect: Value,
}

fn cases(area: &str) -> Vec<Case> {
    let all = CASES
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let chosen = all.filter(|case| case["area"] == area).map(|case| Case {
        id: case["id"].as_str().unwrap().to_owned(),
        input: case["input"].clone(),
        expect: case["expect"].clone(),
    });
    chosen
        .filter(|case| !LEFT_OUT.iter().any(|(id, _)| *id == case.id))
        .collect()
}

#[test]
fn cases_that_are_left_out_exist_and_say_why() {
    for (id, reason) in LEFT_OUT {
        assert!(CASES.contains(&format!("\"id\": \"{id}\"")), "{id}");
        println!("left out: {id}: {reason}");
    }
    assert_eq!(CASES.lines().count(), 64);
}

#[tokio::test]
async fn json_extract() {
    let cases = cases("json_extract");
    assert_eq!(cases.len(), 16);
    for case in cases {
        let texts = match case.input["text"].as_str() {
            Some(text) => vec![text.to_owned()],
            // The case names the limits: a long text, and a deep one.
            None => vec![
                format!("{{\"name\":\"{}", "x".repeat(2 << 20)),
                "{\"a\":".repeat(100_000),
            ],
        };
        for text in texts {
            // The same text as a whole answer, as the arguments of a call, and instead of a call.
            for (mode, reply) in [
                (Mode::JsonSchema, openai::text(&text)),
                (Mode::Tools, openai::raw_call("P", &text)),
                (Mode::Tools, openai::text(&text)),
            ] {
                let server = Server::script("conformance json_extract", vec![reply]).await;
                let outcome = models::openai(&server, 0)
                    .create::<P>("Who?")
                    .mode(mode)
                    .max_retries(0)
                    .await;
                judge(&case, outcome);
            }
        }
    }
}

fn judge(case: &Case, outcome: instructor::Result<P>) {
    let id = &case.id;
    let wanted = case
        .expect
        .get("ok")
        .or_else(|| case.expect.get("ok_or_retry"));
    match (outcome, wanted) {
        (Ok(value), Some(wanted)) => assert_eq!(value.json(), *wanted, "{id}"),
        (Ok(value), None) => panic!("{id}: accepted {value:?}"),
        (Err(Error::Exhausted { .. }), None) => {}
        (Err(Error::Exhausted { .. }), Some(_)) if case.expect.get("ok_or_retry").is_some() => {}
        (Err(error), _) => panic!("{id}: {error:?}"),
    }
}

#[tokio::test]
async fn retry() {
    let cases = cases("retry");
    assert_eq!(cases.len(), 11);
    for case in cases {
        let answers: Vec<Reply> = match (&case.input["answers"], case.input.get("http")) {
            (Value::Array(answers), _) => answers
                .iter()
                .map(|answer| openai::call("P", answer))
                .collect(),
            (_, Some(_)) => vec![
                openai::error(429, "rate_limit_error", "rate_limit_exceeded", "slow down")
                    .with_header("retry-after", "1"),
            ],
            _ if case.input["finish_reason"] == "length" => vec![openai::completion(
                json!({"content": "{\"name\""}),
                "length",
            )],
            // Not twice the same: that would end the call.
            _ => (1..=4)
                .map(|age| openai::call("P", &json!({"name": "A", "age": -age})))
                .collect(),
        };
        let server = Server::script("conformance retry", answers).await;
        // Transport retries are off: a 429 is one request (retry-07).
        let mut create = models::openai(&server, 0).create::<P>("Who?");
        if let Some(max_retries) = case.input["max_retries"].as_u64() {
            create = create.max_retries(u32::try_from(max_retries).unwrap());
        } else if case.input.get("per_attempt_usage").is_some() {
            create = create.max_retries(2);
        } else if case.input["answers"].is_array() {
            create = create.max_retries(0);
        }
        if case.input.get("reask_body").is_some() {
            // The case is about the turns of a reask of the whole.
            create = create.reask(Reask::Full);
        }
        let outcome = create.with_completion().await;
        let requests = server.requests();
        if let Some(wanted) = case.expect["requests"].as_u64() {
            assert_eq!(requests.len() as u64, wanted, "{}", case.id);
        }
        match (case.id.as_str(), outcome) {
            ("retry-01", Ok(completion)) => {
                assert_eq!(completion.value.json(), case.expect["ok"]);
                assert_eq!(completion.usage().total_tokens(), 2 * 174);
            }
            ("retry-11", Ok(completion)) => assert_eq!(completion.value.json(), case.expect["ok"]),
            ("retry-02" | "retry-04" | "retry-05", Err(Error::Exhausted { attempts, .. })) => {
                assert_eq!(attempts.len(), requests.len());
                assert!(attempts.iter().all(|attempt| attempt.errors.is_some()));
            }
            ("retry-07", Err(error @ Error::Api { .. })) => {
                assert_eq!(error.retry_after().unwrap().as_secs(), 1);
            }
            ("retry-08", Err(Error::Incomplete { attempts, .. })) => {
                assert!(attempts[0].wire_response.is_some());
            }
            ("retry-10", Ok(completion)) => {
                assert_eq!(completion.value.json(), case.expect["lenient"]);
                let corrections = &completion.attempts[0].corrections;
                assert_eq!(corrections.len(), 1, "{corrections:?}");
                strict_retry_10(&case).await;
            }
            ("retry-13", Err(Error::Exhausted { .. })) => {
                let (first, second) = (&requests[0].body, &requests[1].body);
                let appended = &second["messages"].as_array().unwrap()[1..];
                let [answer, result] = appended else {
                    panic!("two turns are appended")
                };
                assert_eq!(
                    (&answer["role"], &answer["content"]),
                    (&json!("assistant"), &json!(""))
                );
                assert_eq!(answer["tool_calls"][0]["id"], result["tool_call_id"]);
                assert_eq!(result["role"], "tool");
                assert!(
                    result["content"]
                        .as_str()
                        .unwrap()
                        .contains("age: must be at least 0")
                );
                let others = |body: &Value| {
                    let mut body: BTreeMap<String, Value> =
                        serde_json::from_value(body.clone()).unwrap();
                    body.remove("messages");
                    body
                };
                assert_eq!(others(first), others(second), "other keys are unchanged");
            }
            ("retry-14", Err(Error::Exhausted { attempts, .. })) => {
                // What the caller passed in is as it was, however often the call was repeated.
                let first = attempts[0].request.messages.clone();
                assert_eq!(first, [Message::user("Who?")]);
            }
            ("retry-16", Err(error)) => {
                let each: Vec<_> = error
                    .attempts()
                    .iter()
                    .map(|attempt| attempt.usage().total_tokens())
                    .collect();
                assert_eq!(
                    (each, error.usage().total_tokens()),
                    (vec![174, 174, 174], 3 * 174)
                );
            }
            (id, outcome) => panic!("{id}: {outcome:?}"),
        }
    }
}

/// The other half of the case: the text "5" is no integer.
async fn strict_retry_10(case: &Case) {
    let answer = openai::call("P", &case.input["answers"][0]);
    let server = Server::script("conformance retry strict", vec![answer]).await;
    let outcome = models::openai(&server, 0)
        .create::<P>("Who?")
        .max_retries(0)
        .leniency(Leniency::Strict)
        .await;
    let errors = outcome
        .unwrap_err()
        .validation_errors()
        .unwrap()
        .to_string();
    assert!(errors.contains("age: expected integer"), "{errors}");
}

#[tokio::test]
async fn misc() {
    for case in cases("misc") {
        match case.id.as_str() {
            "misc-01" => an_unknown_tool(&case).await,
            "misc-02" => one_of_two_calls_is_invalid(&case).await,
            "misc-04" => a_rule_reads_the_context(&case).await,
            "misc-05" => a_judge_rejects(&case).await,
            "misc-07" => answers_are_kept(&case).await,
            id => panic!("{id} is neither run nor listed as left out"),
        }
    }
}

/// The tools of the cases.
#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(tools)]
enum Tool {
    P(P),
    Q {
        #[allow(dead_code)]
        z: i64,
    },
}

fn calls(calls: &[(&str, Value)]) -> Reply {
    let calls = calls.iter().enumerate().map(|(index, (name, arguments))| {
        json!({"id": format!("call_{index}"), "type": "function", "function": {"name": name, "arguments": arguments.to_string()}})
    });
    openai::completion(
        json!({"tool_calls": calls.collect::<Value>()}),
        "tool_calls",
    )
}

async fn an_unknown_tool(case: &Case) {
    assert_eq!(
        case.input["parallel"],
        json!(["Nope{z:1}", "P{name:A,age:1}"])
    );
    let reply = calls(&[
        ("Nope", json!({"z": 1})),
        ("P", json!({"name": "A", "age": 1})),
    ]);
    let server = Server::script("conformance unknown tool", vec![reply]).await;
    let client = models::openai(&server, 0);
    let completion = client
        .create::<Vec<Tool>>("Who?")
        .with_completion()
        .await
        .unwrap();
    let items = completion.value.iter().map(|tool| match tool {
        Tool::P(person) => person.json(),
        Tool::Q { z } => panic!("nobody called Q with {z}"),
    });
    assert_eq!(items.collect::<Value>(), case.expect["items"]);
    let warning = completion.attempts[0].corrections[0].to_string();
    assert_eq!(case.expect["warn"], "unknown tool Nope");
    assert_eq!(warning, "$: unknown_tool (got \"Nope\")");
}

async fn one_of_two_calls_is_invalid(case: &Case) {
    let wrong = calls(&[
        ("P", json!({"name": "A", "age": -1})),
        ("Q", json!({"z": 1})),
    ]);
    let right = calls(&[
        ("P", json!({"name": "A", "age": 1})),
        ("Q", json!({"z": 1})),
    ]);
    let server = Server::script("conformance parallel", vec![wrong, right]).await;
    let client = models::openai(&server, 0);
    let tools: Vec<Tool> = client.create("Who?").await.unwrap();
    assert_eq!(tools.len(), 2);
    let requests = server.requests();
    assert_eq!(case.expect["requests"], requests.len());
    assert_eq!(case.expect["tool_results"], "one per tool call");
    let messages = requests[1].body["messages"].as_array().unwrap();
    let results = messages.iter().filter(|message| message["role"] == "tool");
    let ids: Vec<_> = results.map(|result| &result["tool_call_id"]).collect();
    assert_eq!(ids, ["call_0", "call_1"]);
}

async fn a_rule_reads_the_context(case: &Case) {
    #[derive(serde::Serialize)]
    struct Source {
        t: String,
    }
    #[derive(Debug, Deserialize, ResponseModel)]
    struct Quote {
        #[response_model(validate(custom(occurs, use_context)))]
        q: String,
    }
    fn occurs(quote: &str, context: &instructor::Context) -> Result<(), &'static str> {
        let source = context.get::<Source>().ok_or("there is no source")?;
        if source.t.contains(quote) {
            Ok(())
        } else {
            Err("must occur in the source")
        }
    }
    let answers = case.input["answers"].as_array().unwrap();
    let replies = answers.iter().map(|answer| openai::call("Quote", answer));
    let server = Server::script("conformance context", replies.collect()).await;
    let t = case.input["validator_context"]["t"]
        .as_str()
        .unwrap()
        .to_owned();
    let create = models::openai(&server, 0).create::<Quote>("What?");
    let quote = create
        .context(Source { t })
        .reask(Reask::Full)
        .await
        .unwrap();
    assert_eq!(json!({"q": quote.q}), case.expect["ok"]);
    assert_eq!(case.expect["requests"], server.requests().len());
}

async fn answers_are_kept(case: &Case) {
    #[derive(Debug, Deserialize, ResponseModel)]
    struct Other {
        #[allow(dead_code)]
        name: String,
    }
    let server = Server::start("conformance cache", |_, request| {
        openai::call(request.response_model(), &json!({"name": "A", "age": 1}))
    })
    .await;
    let client = models::openai_with(&server, |builder| builder.answer_cache(AnswerCache::new(9)));
    let mut counts = Vec::new();
    for _ in 0..3 {
        client.create::<P>("Who?").await.unwrap();
    }
    counts.push(server.requests().len());
    client.create::<P>("Who?").temperature(0.5).await.unwrap();
    counts.push(server.requests().len());
    client
        .create::<Other>("Who?")
        .temperature(0.5)
        .await
        .unwrap();
    counts.push(server.requests().len());
    assert_eq!(json!(counts), case.expect["requests"]);
}

async fn a_judge_rejects(case: &Case) {
    #[derive(Debug, Deserialize, ResponseModel)]
    struct Judged {
        #[llm_validate("rule R")]
        v: String,
    }
    #[derive(Debug, Deserialize, ResponseModel)]
    struct Replaced {
        #[llm_validate("rule R", allow_override)]
        v: String,
    }
    let verdict = case.input["verdict"].clone();
    let script = move |_: usize, request: &Received| match request.response_model() {
        "Verdict" => openai::call("Verdict", &verdict),
        model => openai::call(model, &json!({"v": "V"})),
    };
    let server = Server::start("conformance misc", script).await;
    let client = models::openai(&server, 0);
    let judged = client.create::<Judged>("What?").max_retries(0).await;
    let error = judged.unwrap_err();
    let message = &error
        .validation_errors()
        .unwrap()
        .iter()
        .next()
        .unwrap()
        .message;
    assert_eq!(
        case.expect["allow_override=false"],
        format!("error '{message}'")
    );
    let replaced = client.create::<Replaced>("What?").max_retries(0).await;
    assert_eq!(replaced.unwrap().v, case.expect["allow_override=true"]);
}

/// The schema of the only field of `T`, and whether it is required.
fn field<T: ResponseModel>(dialect: Dialect) -> (Value, Value) {
    let schema: Value = serde_json::from_str(schema_json::<T>(dialect).unwrap()).unwrap();
    let field = schema["properties"]
        .as_object()
        .unwrap()
        .values()
        .next()
        .unwrap()
        .clone();
    (field, schema["required"].clone())
}

#[test]
fn schema() {
    #[derive(Debug, Deserialize, ResponseModel)]
    #[serde(rename_all = "lowercase")]
    #[allow(dead_code)]
    enum Literal {
        A,
        B,
    }
    #[derive(Debug, Deserialize, ResponseModel)]
    #[allow(dead_code)]
    struct WithLiteral {
        content: Literal,
    }
    #[derive(Debug, Deserialize, ResponseModel)]
    #[allow(dead_code)]
    struct WithPattern {
        #[validate(pattern(r"^\d{5}$"))]
        zip_code: Option<String>,
    }
    #[derive(Debug, Deserialize, ResponseModel)]
    #[allow(dead_code)]
    struct WithRange {
        #[validate(range(min = 0, max = 150))]
        age: i64,
    }
    #[derive(Debug, Deserialize, ResponseModel)]
    #[allow(dead_code)]
    struct Node {
        children: Vec<Node>,
    }

    #[derive(Debug, Deserialize, ResponseModel)]
    #[allow(dead_code)]
    struct WithMap {
        by_name: BTreeMap<String, i64>,
    }

    #[derive(Debug, Deserialize, ResponseModel)]
    #[allow(dead_code)]
    struct WithTuple {
        pair: (i64, String),
    }
    #[derive(Debug, Deserialize, ResponseModel)]
    #[allow(dead_code)]
    struct WithSet {
        set: BTreeSet<i64>,
    }
    #[derive(Debug, Deserialize, ResponseModel)]
    #[allow(dead_code)]
    struct WithFloat {
        #[validate(range(exclusive_min = 0, exclusive_max = 1))]
        share: f64,
    }
    #[derive(Debug, Deserialize, ResponseModel)]
    #[allow(dead_code)]
    struct User {
        name: String,
    }
    #[derive(Debug, Deserialize, ResponseModel)]
    #[serde(untagged)]
    #[allow(dead_code)]
    enum Either {
        Number(i64),
        User(User),
    }

    for case in cases("schema") {
        let expect = &case.expect;
        match case.id.as_str() {
            "schema-04" => assert_eq!(
                field::<WithLiteral>(Dialect::OpenAiStrict).0,
                expect["content"]
            ),
            "schema-05" => {
                let (standard, required) = field::<WithPattern>(Dialect::Standard);
                assert_eq!(standard["anyOf"], expect["schema"]["anyOf"]);
                assert!(required.is_null() || required == json!([]));
                let (strict, required) = field::<WithPattern>(Dialect::OpenAiStrict);
                assert_eq!(
                    (strict.get("default"), required),
                    (None, json!(["zip_code"]))
                );
            }
            "schema-07" => assert_eq!(field::<WithRange>(Dialect::Standard).0, expect["schema"]),
            "schema-10" => {
                // The root itself is referred to, which needs no `$defs`.
                assert_eq!(
                    field::<Node>(Dialect::OpenAiStrict).0["items"],
                    json!({"$ref": "#"})
                );
            }
            "schema-11" => {
                assert_eq!(field::<WithTuple>(Dialect::Standard).0, expect["tuple"]);
                assert_eq!(field::<WithSet>(Dialect::Standard).0, expect["set"]);
                assert_eq!(field::<WithMap>(Dialect::Standard).0, expect["map"]);
                assert_eq!(field::<WithFloat>(Dialect::Standard).0, expect["float"]);
            }
            "schema-01" => {
                let schema = <Vec<User>>::SCHEMA;
                assert_eq!(schema.name, expect["tool_name"]);
                assert_eq!(schema.wrapper, expect["property"].as_str());
                let (tasks, required) = field::<Vec<User>>(Dialect::Standard);
                assert_eq!(tasks["description"], expect["description"]);
                // The case itself calls this better: an answer without the list is no empty list.
                assert_eq!(required, json!(["tasks"]));
            }
            "schema-02" => {
                for schema in [
                    i64::SCHEMA,
                    bool::SCHEMA,
                    String::SCHEMA,
                    Literal::SCHEMA,
                    <Vec<i64>>::SCHEMA,
                    Either::SCHEMA,
                ] {
                    assert_eq!(schema.name, expect["tool_name"]);
                    assert_eq!(schema.wrapper, expect["property"].as_str());
                    assert_eq!(schema.description, expect["description"]);
                    let text: Value = serde_json::from_str(schema.standard()).unwrap();
                    assert_eq!(text["required"], expect["required"]);
                }
            }
            id => panic!("{id} is neither run nor listed as left out"),
        }
    }
}
