//! What a model is asked after a wrong answer: only the wrong values where that is cheaper, and nothing if it would end the same.

use instructor::prelude::*;
use instructor::{Error, Mode, Reask};
use serde_json::{Value, json};

use crate::answers::{anthropic, openai};
use crate::models;
use crate::server::{Received, Server};

/// An invoice.
#[derive(Debug, Clone, PartialEq, Deserialize, ResponseModel)]
struct Invoice {
    /// The number printed on it.
    number: String,
    /// Who pays.
    customer: Customer,
    /// What was sold, line by line.
    lines: Vec<Line>,
    payment: Payment,
    /// Remarks by kind.
    remarks: std::collections::BTreeMap<String, Remark>,
    total: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Deserialize, ResponseModel)]
struct Customer {
    name: String,
    /// Two letters.
    #[validate(pattern("^[A-Z]{2}$"))]
    #[serde(alias = "land")]
    country: String,
}

#[derive(Debug, Clone, PartialEq, Deserialize, ResponseModel)]
struct Line {
    /// What it is.
    article: String,
    #[validate(range(min = 1))]
    quantity: u32,
    price: f64,
}

#[derive(Debug, Clone, PartialEq, Deserialize, ResponseModel)]
#[serde(rename_all = "snake_case")]
enum Payment {
    Cash,
    Transfer {
        #[validate(length(min = 4))]
        account: String,
    },
}

#[derive(Debug, Clone, PartialEq, Deserialize, ResponseModel)]
struct Remark {
    #[validate(length(max = 10))]
    text: String,
}

fn invoice() -> Value {
    let line =
        |number| json!({"article": format!("article {number}"), "quantity": 2, "price": 9.5});
    let lines: Vec<Value> = (0..20).map(line).collect();
    json!({
        "number": "2026-114",
        "customer": {"name": "Ann", "country": "DE"},
        "lines": lines,
        "payment": {"transfer": {"account": "DE12"}},
        "remarks": {"a.b": {"text": "short"}},
        "total": null,
    })
}

fn with(mut answer: Value, pointer: &str, value: Value) -> Value {
    *answer.pointer_mut(pointer).unwrap() = value;
    answer
}

/// Wrong in six places.
fn wrong() -> Value {
    let mut answer = with(invoice(), "/lines/3/quantity", json!(0));
    for (pointer, value) in [
        ("/lines/7/price", json!("9.5 EUR")),
        ("/customer/country", json!("Germany")),
        ("/payment/transfer/account", json!("1")),
        ("/remarks/a.b/text", json!("much too long for this")),
    ] {
        answer = with(answer, pointer, value);
    }
    answer["lines"][9]
        .as_object_mut()
        .unwrap()
        .remove("article");
    answer
}

fn corrections() -> Value {
    json!({
        "customer.country": "DE",
        "lines.3.quantity": 2,
        "lines.7.price": 9.5,
        "lines.9.article": "article 9",
        "payment.transfer.account": "DE12",
        "remarks.a.b.text": "short",
    })
}

fn expected() -> Invoice {
    serde_json::from_value(invoice()).unwrap()
}

fn parameters(request: &Received) -> &Value {
    let body = &request.body;
    body.pointer("/tools/0/function/parameters")
        .or_else(|| body.pointer("/tools/0/input_schema"))
        .or_else(|| body.pointer("/response_format/json_schema/schema"))
        .unwrap()
}

fn last_message(request: &Received) -> &Value {
    request.body["messages"].as_array().unwrap().last().unwrap()
}

fn check_patch(request: &Received, whole: &Received) {
    assert_eq!(request.response_model(), "correct_Invoice");
    let asked = parameters(request);
    let keys: Vec<&String> = asked["properties"].as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        corrections()
            .as_object()
            .unwrap()
            .keys()
            .collect::<Vec<_>>()
    );
    assert_eq!(asked["required"].as_array().unwrap().len(), 6);
    assert_eq!(
        asked["properties"]["customer.country"]["description"],
        "Two letters."
    );
    // The prompt, and what is wrong; not the answer.
    assert_eq!(request.body["messages"].as_array().unwrap().len(), 2);
    assert_eq!(request.body["messages"][0], whole.body["messages"][0]);
    let told = last_message(request).to_string();
    for part in [
        r#"0 for lines.3.quantity in {\"article\":\"article 3\",\"price\":9.5}: must be at least 1"#,
        r#"lines.9.article in {\"price\":9.5,\"quantity\":2}: is required"#,
    ] {
        assert!(told.contains(part), "{told}");
    }
    assert!(!told.contains("article 4"), "{told}");
}

#[tokio::test]
async fn only_the_wrong_values_are_asked_for_over_openai() {
    let replies = vec![
        openai::call("Invoice", &wrong()),
        openai::call("correct_Invoice", &corrections()),
    ];
    let server = Server::script("openai patch", replies).await;
    let completion = models::openai(&server, 0)
        .create::<Invoice>("Read the invoice.")
        .with_completion()
        .await
        .unwrap();
    assert_eq!(completion.value, expected());
    let requests = server.requests();
    check_patch(&requests[1], &requests[0]);
    // What was checked, and failed, is in the ledger.
    let failed = &completion.attempts[0];
    let answer: Value = serde_json::from_str(failed.answer.as_deref().unwrap()).unwrap();
    assert_eq!(answer, wrong());
    assert_eq!(completion.attempts[1].answer, None);
}

#[tokio::test]
async fn only_the_wrong_values_are_asked_for_over_anthropic() {
    let replies = vec![
        anthropic::call("Invoice", &wrong()),
        anthropic::call("correct_Invoice", &corrections()),
    ];
    let server = Server::script("anthropic patch", replies).await;
    let value: Invoice = models::anthropic(&server, 0)
        .create("Read the invoice.")
        .await
        .unwrap();
    assert_eq!(value, expected());
    let requests = server.requests();
    check_patch(&requests[1], &requests[0]);
    // The API refuses other keys.
    for key in parameters(&requests[1])["properties"]
        .as_object()
        .unwrap()
        .keys()
    {
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
        assert!(key.len() <= 64 && key.bytes().all(legal), "{key}");
    }
}

#[tokio::test]
async fn only_the_wrong_values_are_asked_for_as_json() {
    let replies = vec![
        openai::text(&wrong().to_string()),
        openai::text(&corrections().to_string()),
    ];
    let server = Server::script("openai json patch", replies).await;
    let value: Invoice = models::openai(&server, 0)
        .create("Read the invoice.")
        .mode(Mode::JsonSchema)
        .await
        .unwrap();
    assert_eq!(value, expected());
    let requests = server.requests();
    check_patch(&requests[1], &requests[0]);
}

#[tokio::test]
async fn a_key_that_was_written_by_its_alias_is_corrected_there() {
    let mut answer = invoice();
    answer["customer"] = json!({"name": "Ann", "land": "Germany"});
    let replies = vec![
        openai::call("Invoice", &answer),
        openai::call("correct_Invoice", &json!({"customer.country": "DE"})),
    ];
    let server = Server::script("patch of an alias", replies).await;
    let value: Invoice = models::openai(&server, 0).create("Read it.").await.unwrap();
    assert_eq!(value, expected());
}

#[tokio::test]
async fn a_correction_that_is_wrong_is_corrected_and_then_the_whole_is_asked_for() {
    let one = with(invoice(), "/lines/3/quantity", json!(0));
    let one = with(one, "/lines/4/article", json!("a\u{7f}\u{202e}b"));
    let correction =
        |quantity: i64| openai::call("correct_Invoice", &json!({"lines.3.quantity": quantity}));
    let replies = vec![
        openai::call("Invoice", &one),
        correction(-1),
        correction(-2),
        openai::call("Invoice", &invoice()),
    ];
    let server = Server::script("patch fails twice", replies).await;
    let value: Invoice = models::openai(&server, 0).create("Read it.").await.unwrap();
    assert_eq!(value, expected());
    let asked: Vec<String> = server
        .requests()
        .iter()
        .map(|request| request.response_model().to_owned())
        .collect();
    assert_eq!(
        asked,
        ["Invoice", "correct_Invoice", "correct_Invoice", "Invoice"]
    );
    // Then the answer is that with the corrections.
    let requests = server.requests();
    let told = last_message(&requests[3])["content"].as_str().unwrap();
    assert!(
        told.contains(r#""quantity":-2"#) && told.contains("lines[3].quantity"),
        "{told}"
    );
    // It stands where the user speaks, so nothing in it is hidden.
    assert!(told.contains(r#""article":"a\u007f\u202eb""#), "{told}");
}

#[tokio::test]
async fn a_model_may_answer_with_the_whole_instead() {
    let one = with(invoice(), "/lines/3/quantity", json!(0));
    for (mode, replies, corrections) in [
        (
            Mode::Tools,
            vec![
                openai::call("Invoice", &one),
                openai::call("Invoice", &invoice()),
            ],
            0,
        ),
        (
            Mode::JsonSchema,
            vec![
                openai::text(&one.to_string()),
                openai::text(&format!("All of it: {}", invoice())),
            ],
            1,
        ),
    ] {
        let server = Server::script("whole for a patch", replies).await;
        let create = models::openai(&server, 0).create::<Invoice>("Read it.");
        let completion = create.mode(mode).with_completion().await.unwrap();
        assert_eq!(completion.value, expected());
        // What is around the whole answer is noted once, though it is first read as corrections.
        assert_eq!(completion.attempts[1].corrections.len(), corrections);
        assert_eq!(server.requests()[1].response_model(), "correct_Invoice");
    }
}

#[tokio::test]
async fn corrections_with_a_key_missing_are_asked_for_again() {
    let two = with(wrong(), "/customer/country", json!("DE"));
    let mut some = corrections();
    some.as_object_mut().unwrap().remove("customer.country");
    let mut fewer = some.clone();
    fewer.as_object_mut().unwrap().remove("lines.7.price");
    let replies = vec![
        openai::call("Invoice", &two),
        openai::call("correct_Invoice", &fewer),
        openai::call("Invoice", &invoice()),
    ];
    let server = Server::script("patch without a key", replies).await;
    let value: Invoice = models::openai(&server, 0).create("Read it.").await.unwrap();
    assert_eq!(value, expected());
    let requests = server.requests();
    let told = last_message(&requests[2]).to_string();
    assert!(
        told.contains("lines.7.price: is required, but missing"),
        "{told}"
    );
}

#[tokio::test]
async fn the_whole_answer_is_asked_for_on_demand() {
    let one = with(invoice(), "/lines/3/quantity", json!(0));
    let replies = vec![
        openai::call("Invoice", &one),
        openai::call("Invoice", &invoice()),
    ];
    let server = Server::script("full reask", replies).await;
    models::openai(&server, 0)
        .create::<Invoice>("Read it.")
        .reask(Reask::Full)
        .await
        .unwrap();
    assert_eq!(server.requests()[1].response_model(), "Invoice");
}

#[tokio::test]
async fn what_is_wrong_as_a_whole_is_asked_for_as_a_whole() {
    for wrong in [
        json!([1]),
        json!("no"),
        json!({"number": 1, "payment": "card"}),
    ] {
        let replies = vec![
            openai::call("Invoice", &wrong),
            openai::call("Invoice", &invoice()),
        ];
        let server = Server::script("wrong as a whole", replies).await;
        let value: Invoice = models::openai(&server, 0)
            .create("Read it.")
            .reask(Reask::Auto)
            .await
            .unwrap();
        assert_eq!(value, expected());
        assert_eq!(server.requests()[1].response_model(), "Invoice", "{wrong}");
    }
}

#[tokio::test]
async fn the_same_errors_twice_end_the_call() {
    let one = with(invoice(), "/lines/3/quantity", json!(0));
    let replies = vec![
        openai::call("Invoice", &one),
        // The same value again, so the whole is asked for once.
        openai::call("correct_Invoice", &json!({"lines.3.quantity": 0})),
        openai::call("Invoice", &one),
    ];
    let server = Server::script("the same errors", replies).await;
    let error = models::openai(&server, 0)
        .create::<Invoice>("Read it.")
        .max_retries(9)
        .await
        .unwrap_err();
    assert!(
        matches!(error, Error::Exhausted { repeated: true, .. }),
        "{error:?}"
    );
    assert_eq!(server.requests().len(), 3);
    assert!(
        error.to_string().contains("made the same errors"),
        "{error}"
    );
}

#[tokio::test]
async fn the_best_attempt_is_in_the_error() {
    let one = with(invoice(), "/lines/3/quantity", json!(0));
    let replies = vec![
        openai::call("Invoice", &wrong()),
        openai::call("Invoice", &one),
        openai::call(
            "Invoice",
            &with(one.clone(), "/customer/country", json!("X")),
        ),
    ];
    let server = Server::script("the best attempt", replies).await;
    let error = models::openai(&server, 0)
        .create::<Invoice>("Read it.")
        .reask(Reask::Full)
        .max_retries(2)
        .await
        .unwrap_err();
    let best = error.best_attempt().unwrap();
    assert_eq!(best.number, 2);
    let answer: Value = serde_json::from_str(best.answer.as_deref().unwrap()).unwrap();
    assert_eq!(answer, one);
    assert_eq!(best.errors.as_ref().unwrap().len(), 1);
}
