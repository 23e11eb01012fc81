//! Enums whose variants are tools, over both wires: what is offered, and what each answer becomes.

use instructor::prelude::*;
use instructor::schema::Dialect;
use instructor::{Error, ErrorCode, Leniency, ResponseModel};
use serde_json::{Value, json};

use crate::answers::{anthropic, openai};
use crate::models::{self, EmailSubject};
use crate::server::{Received, Reply, Server};
use crate::strict_schema::violations;

const PROMPT: &str = "What is the weather in Paris?";

/// A search of the web.
#[derive(Debug, PartialEq, Deserialize, ResponseModel)]
struct Search {
    /// What to look for.
    #[validate(length(min = 1))]
    query: String,
}

#[derive(Debug, PartialEq, Deserialize, ResponseModel)]
struct Weather {
    city: String,
    #[validate(range(max = 7))]
    days: u8,
}

/// What to do next.
#[derive(Debug, PartialEq, Deserialize, ResponseModel)]
#[response_model(tools)]
enum Action {
    Search(Search),
    /// The forecast of a city.
    #[serde(alias = "Forecast")]
    Weather(Weather),
    /// Tell the user.
    #[serde(rename = "say")]
    Say(#[validate(length(max = 20))] String),
    Move {
        /// To the right.
        x: i32,
        after: Option<Box<Action>>,
    },
    /// Nothing is left to do.
    Stop,
}

fn search() -> Action {
    Action::Search(Search {
        query: "Paris".to_owned(),
    })
}

fn weather() -> Action {
    Action::Weather(Weather {
        city: "Paris".to_owned(),
        days: 2,
    })
}

const SEARCH: (&str, &str) = ("Search", r#"{"query": "Paris"}"#);
const WEATHER: (&str, &str) = ("Weather", r#"{"city": "Paris", "days": 2}"#);

/// Either of two structs.
#[derive(Debug, PartialEq, Deserialize, ResponseModel)]
#[response_model(tools)]
enum Either<A, B> {
    Left(A),
    Right(B),
}

/// An answer of the OpenAI wire that calls tools: `call_0`, `call_1`, ...
fn openai_calls(calls: &[(&str, &str)]) -> Reply {
    let calls = calls.iter().enumerate().map(|(index, (name, arguments))| {
        let function = json!({"name": name, "arguments": arguments});
        json!({"id": format!("call_{index}"), "type": "function", "function": function})
    });
    let calls: Vec<Value> = calls.collect();
    openai::completion(json!({"tool_calls": calls}), "tool_calls")
}

/// The same of the Anthropic wire, whose arguments are always JSON.
fn anthropic_calls(calls: &[(&str, &str)]) -> Reply {
    let blocks = calls.iter().enumerate().map(|(index, (name, arguments))| {
        let input: Value = serde_json::from_str(arguments).unwrap();
        json!({"type": "tool_use", "id": format!("call_{index}"), "name": name, "input": input})
    });
    anthropic::message(&blocks.collect(), "tool_use")
}

/// What came of asking for a `T` over both wires, where each attempt is answered with these calls.
async fn asked<T: ResponseModel>(
    attempts: &[&[(&str, &str)]],
) -> [(Result<T, Error>, Vec<Received>); 2] {
    let replies = |reply: fn(&[(&str, &str)]) -> Reply| {
        let attempts = attempts.iter();
        attempts.map(|calls| reply(calls)).collect()
    };
    let retries = u32::try_from(attempts.len() - 1).unwrap();
    let first = Server::script("openai tools", replies(openai_calls)).await;
    let client = models::openai(&first, 0);
    let over_openai = client.create::<T>(PROMPT).max_retries(retries).await;
    let second = Server::script("anthropic tools", replies(anthropic_calls)).await;
    let client = models::anthropic(&second, 0);
    let over_anthropic = client.create::<T>(PROMPT).max_retries(retries).await;
    [
        (over_openai, first.requests()),
        (over_anthropic, second.requests()),
    ]
}

/// The results of the calls in a second request, by the ids of the calls; alike on both wires.
fn results(request: &Received) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut results = Vec::new();
    for message in request.body["messages"].as_array().unwrap() {
        if message["role"] == "tool" {
            let (id, content) = (&message["tool_call_id"], &message["content"]);
            results.push((text(id), text(content)));
        }
        for block in message["content"].as_array().into_iter().flatten() {
            if block["type"] == "tool_result" {
                results.push((text(&block["tool_use_id"]), text(&block["content"])));
            }
        }
    }
    results
}

/// Path and kind of every fault.
fn faults(error: &Error) -> Vec<(String, ErrorCode)> {
    let errors = error.validation_errors().expect("faults");
    let errors = errors.iter();
    errors
        .map(|error| (error.path.clone(), error.code))
        .collect()
}

fn fault(path: &str, code: ErrorCode) -> (String, ErrorCode) {
    (path.to_owned(), code)
}

#[tokio::test]
async fn each_variant_is_a_tool() {
    let [(_, over_openai), (_, over_anthropic)] = asked::<Action>(&[&[SEARCH]]).await;
    let body = &over_openai[0].body;
    assert_eq!(body["tool_choice"], "required");
    assert_eq!(body["parallel_tool_calls"], false);
    let tools = body["tools"].as_array().unwrap().iter();
    let functions: Vec<&Value> = tools.map(|tool| &tool["function"]).collect();
    let told: Vec<_> = functions
        .iter()
        .map(|function| {
            (
                function["name"].as_str().unwrap(),
                function["description"].as_str().unwrap_or_default(),
            )
        })
        .collect();
    let expected = [
        ("Search", "A search of the web."),
        ("Weather", "The forecast of a city."),
        ("say", "Tell the user."),
        ("Move", ""),
        ("Stop", "Nothing is left to do."),
    ];
    assert_eq!(told, expected);
    for function in &functions {
        assert_eq!(function["strict"], true, "{function}");
        assert_eq!(violations(&function["parameters"]), [""; 0], "{function}");
    }
    let keys = |function: &Value| function["parameters"]["required"].clone();
    assert_eq!(keys(functions[1]), json!(["city", "days"]));
    assert_eq!(keys(functions[2]), json!(["content"]));
    assert_eq!(keys(functions[4]), json!([]));

    let body = &over_anthropic[0].body;
    let choice = json!({"type": "any", "disable_parallel_tool_use": true});
    assert_eq!(body["tool_choice"], choice);
    let tools = body["tools"].as_array().unwrap();
    let names = tools.iter().map(|tool| tool["name"].as_str().unwrap());
    assert!(names.eq(expected.map(|(name, _)| name)));
    let city = &tools[1]["input_schema"]["properties"]["city"];
    assert_eq!(city["type"], "string");
}

#[tokio::test]
async fn a_call_is_the_variant() {
    let action = |calls| async move {
        let [(first, sent), (second, _)] = asked::<Action>(&[&[calls]]).await;
        let (first, second) = (first.unwrap(), second.unwrap());
        assert_eq!(first, second);
        assert_eq!(sent.len(), 1);
        first
    };
    assert_eq!(action(SEARCH).await, search());
    assert_eq!(action(WEATHER).await, weather());
    assert_eq!(action(("Forecast", WEATHER.1)).await, weather());
    let said = Action::Say("Hi \"you\"".to_owned());
    assert_eq!(action(("say", r#"{"content": "Hi \"you\""}"#)).await, said);
    let moved = Action::Move {
        x: -1,
        after: Some(Box::new(Action::Stop)),
    };
    assert_eq!(
        action(("Move", r#"{"x": -1, "after": "Stop"}"#)).await,
        moved
    );
    assert_eq!(action(("Stop", "{}")).await, Action::Stop);
}

#[tokio::test]
async fn a_list_is_several_calls_in_order() {
    let calls: &[_] = &[WEATHER, SEARCH, ("Stop", "{}")];
    let [(first, over_openai), (second, over_anthropic)] = asked::<Vec<Action>>(&[calls]).await;
    let expected = [weather(), search(), Action::Stop];
    assert_eq!(first.unwrap(), expected);
    assert_eq!(second.unwrap(), expected);
    let body = &over_openai[0].body;
    assert_eq!(body["tool_choice"], "required");
    assert_eq!(body.get("parallel_tool_calls"), None);
    assert_eq!(body["tools"].as_array().unwrap().len(), 5);
    let choice = json!({"type": "any", "disable_parallel_tool_use": false});
    assert_eq!(over_anthropic[0].body["tool_choice"], choice);

    let [(one, _), _] = asked::<Vec<Action>>(&[&[SEARCH]]).await;
    assert_eq!(one.unwrap(), [search()]);
}

#[tokio::test]
async fn a_union_of_two_structs_needs_no_enum_of_its_own_for_each_pair() {
    let [(first, sent), (second, _)] =
        asked::<Either<Search, Weather>>(&[&[("Right", WEATHER.1)]]).await;
    for answer in [first, second] {
        let Either::Right(weather) = answer.unwrap() else {
            panic!("the other")
        };
        assert_eq!(weather.city, "Paris");
    }
    let function = &sent[0].body["tools"][0]["function"];
    assert_eq!(function["description"], "A search of the web.");
}

#[tokio::test]
async fn a_wrong_call_among_good_ones_is_told_where_it_is() {
    let wrong: &[_] = &[
        SEARCH,
        ("Weather", r#"{"city": 7, "days": 9}"#),
        ("say", r#"{"content": "far more than twenty characters"}"#),
    ];
    let good: &[_] = &[SEARCH, WEATHER];
    for (answer, sent) in asked::<Vec<Action>>(&[wrong, good]).await {
        assert_eq!(answer.unwrap(), [search(), weather()]);
        let results = results(&sent[1]);
        let ids: Vec<&str> = results.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(ids, ["call_0", "call_1", "call_2"]);
        let [first, second, third] = [0, 1, 2].map(|index| results[index].1.as_str());
        assert!(
            first.starts_with("Nothing is wrong with this call"),
            "{first}"
        );
        // The paths are those of the arguments.
        assert!(second.contains("\ncity: expected string"), "{second}");
        assert!(second.contains("\ndays: must be at most 7"), "{second}");
        assert!(!second.contains("content"), "{second}");
        assert!(third.contains("\ncontent: must have at most 20"), "{third}");
    }
    for (answer, _) in asked::<Vec<Action>>(&[wrong]).await {
        let expected = [
            fault("content[1].Weather.city", ErrorCode::Type),
            fault("content[1].Weather.days", ErrorCode::Range),
            fault("content[2].say", ErrorCode::Length),
        ];
        assert_eq!(faults(&answer.unwrap_err()), expected);
    }
}

#[tokio::test]
async fn a_rule_of_one_call_is_told_with_its_path() {
    let broken: &[_] = &[("Search", r#"{"query": ""}"#)];
    for (answer, sent) in asked::<Action>(&[broken, &[SEARCH]]).await {
        assert_eq!(answer.unwrap(), search());
        let [(id, content)] = &results(&sent[1])[..] else {
            panic!("one result")
        };
        assert_eq!(id, "call_0");
        assert!(
            content.contains("\nquery: must have at least 1"),
            "{content}"
        );
    }
}

#[tokio::test]
async fn an_unknown_tool_is_told_together_with_the_faults_of_the_others() {
    let wrong: &[_] = &[
        ("Fly", "{}"),
        ("Weather", r#"{"city": "Paris", "days": "x"}"#),
    ];
    for (answer, sent) in asked::<Vec<Action>>(&[wrong, &[WEATHER]]).await {
        assert_eq!(answer.unwrap(), [weather()]);
        let results = results(&sent[1]);
        let names =
            "there is no tool `Fly`: call one of `Search`, `Weather`, `say`, `Move`, `Stop`";
        assert!(results[0].1.contains(names), "{}", results[0].1);
        assert!(
            results[1].1.contains("\ndays: expected integer"),
            "{}",
            results[1].1
        );
    }
    for (answer, _) in asked::<Vec<Action>>(&[wrong]).await {
        let expected = [
            fault("content[0]", ErrorCode::ToolCall),
            fault("content[1].Weather.days", ErrorCode::Type),
        ];
        assert_eq!(faults(&answer.unwrap_err()), expected);
    }
}

#[tokio::test]
async fn an_unknown_tool_beside_good_calls_is_left_out_and_noted() {
    let calls: &[_] = &[("Fly", "{}"), WEATHER];
    let first = Server::script("openai unknown tool", vec![openai_calls(calls)]).await;
    let second = Server::script("anthropic unknown tool", vec![anthropic_calls(calls)]).await;
    for client in [models::openai(&first, 0), models::anthropic(&second, 0)] {
        let completion = client
            .create::<Vec<Action>>(PROMPT)
            .with_completion()
            .await
            .unwrap();
        assert_eq!(completion.value, [weather()]);
        let corrections = &completion.attempts[0].corrections;
        let noted: Vec<_> = corrections.iter().map(ToString::to_string).collect();
        assert_eq!(noted, ["$: unknown_tool (got \"Fly\")"]);

        let strict = client.create::<Vec<Action>>(PROMPT).max_retries(0);
        let error = strict.leniency(Leniency::Strict).await.unwrap_err();
        let expected = [fault("content[0]", ErrorCode::ToolCall)];
        assert_eq!(faults(&error), expected);
    }
}

#[tokio::test]
async fn several_calls_where_one_is_wanted_all_get_a_result() {
    for (answer, sent) in asked::<Action>(&[&[SEARCH, WEATHER], &[WEATHER]]).await {
        assert_eq!(answer.unwrap(), weather());
        let results = results(&sent[1]);
        assert_eq!(results.len(), 2);
        for (_, content) in results {
            assert!(
                content.contains("2 tools were called: call only one"),
                "{content}"
            );
        }
    }
    for (answer, _) in asked::<Action>(&[&[SEARCH, WEATHER]]).await {
        let expected = [fault("$", ErrorCode::ToolCall)];
        assert_eq!(faults(&answer.unwrap_err()), expected);
    }
}

#[tokio::test]
async fn text_instead_of_a_call_is_asked_for_again() {
    let replies = vec![openai::text("It is sunny."), openai_calls(&[WEATHER])];
    let server = Server::script("openai tools text", replies).await;
    let answer: Vec<Action> = models::openai(&server, 0).create(PROMPT).await.unwrap();
    assert_eq!(answer, [weather()]);
    let messages = server.requests()[1].body["messages"].to_string();
    assert!(
        messages.contains("the answer is text: call one of the tools `Search`"),
        "{messages}"
    );

    let replies = vec![
        anthropic::message(&json!([]), "end_turn"),
        anthropic_calls(&[SEARCH]),
    ];
    let server = Server::script("anthropic tools nothing", replies).await;
    let answer: Action = models::anthropic(&server, 0).create(PROMPT).await.unwrap();
    assert_eq!(answer, search());
    let messages = server.requests()[1].body["messages"].to_string();
    assert!(
        messages.contains("the answer is empty: call one of the tools"),
        "{messages}"
    );
}

/// Arguments are text on the OpenAI wire, and need not be JSON.
#[tokio::test]
async fn arguments_that_are_no_json_are_read_if_they_can_be() {
    let fenced = (
        "Weather",
        "```json\n{\"city\": \"Paris\", \"days\": 2,}\n```",
    );
    let cut = ("Search", "{\"query\": ");
    let replies = vec![
        openai_calls(&[fenced, cut, ("say", "\"hello\"")]),
        openai_calls(&[fenced, SEARCH, ("Stop", "")]),
    ];
    let server = Server::script("openai tools no JSON", replies).await;
    let client = models::openai(&server, 0);
    let asked = client.create::<Vec<Action>>(PROMPT).with_completion();
    let completion = asked.await.unwrap();
    assert_eq!(completion.value, [weather(), search(), Action::Stop]);
    let errors = completion.attempts[0].errors.as_ref().unwrap();
    let seen: Vec<_> = errors
        .iter()
        .map(|error| (error.path.as_str(), error.code))
        .collect();
    let expected = [
        ("content[1].Search", ErrorCode::Json),
        ("content[2].say", ErrorCode::Missing),
    ];
    assert_eq!(seen, expected);
}

/// Without tools there is one schema for all variants.
#[tokio::test]
async fn json_schema_mode_asks_for_the_whole_enum() {
    let answer = json!({"content": {"Search": {"query": "Paris"}}}).to_string();
    let server = Server::script("openai tools as a schema", vec![openai::text(&answer)]).await;
    let client = models::openai(&server, 0);
    let asked = client.create::<Action>(PROMPT).mode(Mode::JsonSchema);
    assert_eq!(asked.await.unwrap(), search());
    let body = &server.requests()[0].body;
    assert_eq!(body["response_format"]["json_schema"]["name"], "Response");
    assert_eq!(body.get("tools"), None);
}

/// A tool's schema says what serde reads of the variant, in every dialect.
#[test]
fn the_schema_of_a_tool_is_that_of_its_variant() {
    let set = Action::SCHEMA.tools().expect("tools");
    let again = Action::SCHEMA.tools().expect("tools");
    assert!(std::ptr::eq(set, again), "they are made once");
    assert!(!set.is_parallel && <Vec<Action>>::SCHEMA.tools().unwrap().is_parallel);
    assert!(Search::SCHEMA.tools().is_none());
    // What is in a tool is what is in a type of its own.
    let tool = set.schemas[1].text(Dialect::Standard);
    assert_eq!(tool, Weather::SCHEMA.text(Dialect::Standard));
    for schema in &set.schemas {
        for dialect in [Dialect::Standard, Dialect::OpenAiStrict, Dialect::Gemini] {
            let text = schema.text(dialect).expect("can be said");
            let parsed = serde_json::from_str(text).expect("JSON");
            jsonschema::meta::validate(&parsed).expect("a JSON Schema");
        }
    }
}

/// What a judge says about a variant goes to the call of that variant.
#[tokio::test]
async fn llm_rules_are_told_to_their_call() {
    #[derive(Debug, PartialEq, Deserialize, ResponseModel)]
    #[response_model(tools)]
    enum Reply {
        Mail(EmailSubject),
        Nothing,
    }

    let mail = |subject: &str| json!({"recipient": "all", "subject": subject}).to_string();
    let (dull, good) = (mail("dull"), mail("good"));
    let server = Server::start("openai tools judged", move |index, received| {
        if received.response_model() == "Verdict" {
            let is_valid = index == 3;
            let reason = (!is_valid).then_some("it is dull");
            let verdict = json!({"is_valid": is_valid, "reason": reason, "fixed_value": null});
            openai::call("Verdict", &verdict)
        } else if index == 0 {
            openai_calls(&[("Nothing", "{}"), ("Mail", &dull)])
        } else {
            openai_calls(&[("Mail", &good)])
        }
    })
    .await;
    let client = models::openai(&server, 0);
    let asked = client.create::<Vec<Reply>>(PROMPT).with_completion();
    let completion = asked.await.unwrap();
    let [Reply::Mail(accepted)] = &completion.value[..] else {
        panic!("{completion:?}")
    };
    assert_eq!(accepted.subject, "good");
    let judged = &completion.attempts[0].validators[0];
    assert_eq!(judged.path, "content[1].Mail.subject");
    let results = results(&server.requests()[2]);
    assert!(results[0].1.starts_with("Nothing is wrong"), "{results:?}");
    assert!(
        results[1].1.contains("\nsubject: it is dull"),
        "{results:?}"
    );
}
