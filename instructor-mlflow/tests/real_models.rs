//! Models on a real MLflow server, read back by MLflow's own client.
#![allow(clippy::expect_used, clippy::indexing_slicing)] // A test may panic, its functions too.

mod support;

use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use instructor_core::provider::{Auth, Provider, openai};
use instructor_core::{Client, ResponseModel as _};
use instructor_mlflow::{LayerBuilder, layer, log_model};
use serde_json::{Value, json};
use support::calls::{self, Dialect};
use support::traced;

/// As the program is at first.
mod first {
    use instructor_derive::ResponseModel;
    use serde::Deserialize;

    /// The subject of an email: "short" & sweet 🦀
    #[derive(Deserialize, ResponseModel)]
    #[response_model(crate = instructor_core)]
    #[allow(dead_code)]
    pub(super) struct Email {
        /// Who gets it.
        pub(super) recipients: Vec<String>,
        #[validate(length(max = 60))]
        #[llm_validate("concise and engaging")]
        pub(super) subject: String,
        pub(super) priority: Option<u8>,
    }
}

/// As it is later.
mod later {
    use instructor_derive::ResponseModel;
    use serde::Deserialize;

    /// The subject of an email: "short" & sweet 🦀
    #[derive(Deserialize, ResponseModel)]
    #[response_model(crate = instructor_core)]
    #[allow(dead_code)]
    pub(super) struct Email {
        /// Who gets it.
        pub(super) recipients: Vec<String>,
        #[validate(length(max = 80))]
        #[llm_validate("concise and engaging")]
        pub(super) subject: String,
        pub(super) priority: Option<u8>,
    }
}

/// More text than a parameter holds.
mod large {
    use instructor_derive::ResponseModel;
    use serde::Deserialize;

    macro_rules! large {
        ($($field:ident)*) => {
            #[derive(Deserialize, ResponseModel)]
            #[response_model(crate = instructor_core)]
            #[allow(dead_code)]
            pub(super) struct Large {
                $(
                    /// A part of the report, in one paragraph of plain sentences, without lists, headings, tables, or any
                    /// other marks; what is not known is left out, and what is guessed is called a guess; numbers are
                    /// written in digits, each with its unit, and names as they stand in the source.
                    pub(super) $field: String,
                )*
            }
        };
    }
    large!(a b c d e f g h i j k l m n o p q r s t u v w x y z);
}

#[tracing::instrument]
fn answer_mail() {
    calls::answered(Dialect::OpenAi, later::Email::SCHEMA);
}

/// A run of the program.
fn run(builder: LayerBuilder, program: impl FnOnce()) {
    let guard = traced(builder, program);
    guard
        .flush(Duration::from_secs(60))
        .expect("the server takes them");
    let statistics = guard.statistics();
    assert_eq!(statistics.sent, statistics.emitted, "{statistics:?}");
}

#[tokio::test]
async fn models_and_their_traces_can_be_read_by_mlflow() {
    let (Ok(uri), Ok(python)) = (
        std::env::var("INSTRUCTOR_TEST_MLFLOW_URI"),
        std::env::var("INSTRUCTOR_TEST_PYTHON"),
    ) else {
        println!("skipped: INSTRUCTOR_TEST_MLFLOW_URI and INSTRUCTOR_TEST_PYTHON are not set");
        return;
    };
    let experiment = unique_name();
    let builder = || {
        let builder = layer().tracking_uri(&uri).experiment(&experiment);
        builder.active_model("email-writer")
    };
    for _ in 0..2 {
        run(builder(), || {
            calls::answered(Dialect::OpenAi, first::Email::SCHEMA);
        });
    }
    run(builder(), || {
        answer_mail();
        calls::answered(Dialect::OpenAi, later::Email::SCHEMA);
    });
    run(builder(), || {
        calls::answered(Dialect::Anthropic, large::Large::SCHEMA);
    });

    let (_layer, _guard) = builder()
        .build::<tracing_subscriber::Registry>()
        .expect("the settings are valid");
    let local = Provider::new("openai", "http://127.0.0.1:9/v1", &openai::STANDARD);
    let client = Client::new(local.with_auth(Auth::None), "gpt-4o").expect("a client");
    let logged = log_model::<first::Email>("email-writer")
        .client(&client)
        .input_example(json!({"messages": [{"role": "user", "content": "Write to Bob ä"}]}))
        .await
        .expect("the server takes it");

    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/read_models.py");
    let output = Command::new(python)
        .args([script, &uri, &experiment, &logged.id])
        .output()
        .expect("Python can be started");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let read: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");

    let models = read["models"].as_array().expect("a list");
    let [first, later, large, files] = models.as_slice() else {
        panic!("a version for each definition, and the one that was logged: {models:#?}");
    };
    for model in models {
        assert_eq!(model["name"], "email-writer");
        assert_eq!(model["status"], "READY");
        assert_eq!(model["model_type"], "instructor");
        let hash = &model["tags"]["instructor.definition_hash"];
        assert_eq!(&model["metadata"]["instructor.definition_hash"], hash);
    }
    // Two runs of one program have one model; a changed bound makes another.
    assert_eq!(first["traces"], json!(["create Email", "create Email"]));
    assert_eq!(later["traces"], json!(["answer_mail", "create Email"]));
    assert_eq!(large["traces"], json!(["create Large"]));
    assert_eq!(files["traces"], json!([]));
    let external = |model: &Value| model["tags"]["mlflow.model.isExternal"].clone();
    assert_eq!(external(first), "true");
    assert_eq!(external(files), Value::Null);

    let params = &first["params"];
    assert_eq!(params["schema"], first::Email::SCHEMA.standard());
    assert_eq!(params["rules"], "Email.subject: length(max = 60)");
    assert_eq!(
        params["llm_rules"],
        r#"Email.subject: llm_validate("concise and engaging")"#
    );
    assert_ne!(params["schema_hash"], later["params"]["schema_hash"]);
    let cut = large["params"]["schema"].as_str().expect("a text");
    assert_eq!(cut.chars().count(), 6000);
    assert!(large["files"].to_string().contains("schema.json"));

    assert_eq!(files["model_id"], logged.id);
    assert_eq!(
        files["tags"]["instructor.definition_hash"], first["tags"]["instructor.definition_hash"],
        "the client's calls have the same definition"
    );
    assert_eq!(
        files["files"],
        json!([
            "MLmodel",
            "input_example.json",
            "rules.json",
            "schema.anthropic.json",
            "schema.gemini.json",
            "schema.json",
            "schema.openai_strict.json"
        ])
    );
    let flavor = &files["flavors"]["instructor"];
    assert_eq!(flavor["response_model"], "Email");
    assert_eq!(flavor["provider"], "openai");
    assert_eq!(flavor["schemas"]["standard"], "schema.json");

    let on_disk = &read["logged"];
    assert_eq!(on_disk["model_id"], logged.id);
    assert_eq!(
        on_disk["example"]["messages"][0]["content"],
        "Write to Bob ä"
    );
    assert_eq!(on_disk["inputs"], "[string (required)]");
    let standard: Value = serde_json::from_str(first::Email::SCHEMA.standard()).expect("JSON");
    assert_eq!(on_disk["schema"], standard);
    for column in [
        "'recipients': Array(string) (required)",
        "'subject': string (required)",
    ] {
        let outputs = on_disk["outputs"].as_str().expect("a text");
        assert!(outputs.contains(column), "{outputs}");
    }
}

/// Of an experiment that is new for each run.
fn unique_name() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.expect("it is after 1970").as_nanos();
    format!("instructor-mlflow models {now}")
}
