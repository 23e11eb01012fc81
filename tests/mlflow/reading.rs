//! Traces as MLflow's Python client gives them.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

/// All traces of an experiment.
#[derive(Debug)]
pub(crate) struct Traces {
    pub(crate) text: String,
    all: Vec<Trace>,
}

#[derive(Debug)]
pub(crate) struct Trace {
    pub(crate) info: Value,
    /// By their start.
    pub(crate) spans: Vec<Span>,
}

#[derive(Debug)]
pub(crate) struct Span {
    pub(crate) id: Value,
    pub(crate) parent: Value,
    pub(crate) name: String,
    /// `OK`, `ERROR` or `UNSET`.
    pub(crate) status: String,
    pub(crate) status_message: String,
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) events: Vec<Value>,
}

/// A server, and the Python that reads from it; `None`, with the reason printed, where they are not set up.
pub(crate) fn server() -> Option<(String, String)> {
    let (Ok(uri), Ok(python)) = (
        std::env::var("INSTRUCTOR_TEST_MLFLOW_URI"),
        std::env::var("INSTRUCTOR_TEST_PYTHON"),
    ) else {
        println!(
            "skipped: INSTRUCTOR_TEST_MLFLOW_URI and INSTRUCTOR_TEST_PYTHON are not set; `cargo xtask test` sets them"
        );
        return None;
    };
    Some((uri, python))
}

impl Traces {
    /// The traces of an experiment.
    pub(crate) fn read(python: &str, uri: &str, experiment: &str) -> Traces {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/xtask/python/read_trace.py");
        let output = Command::new(python)
            .args([script, uri, experiment])
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let text = String::from_utf8(output.stdout).unwrap();
        let all: Vec<Value> = serde_json::from_str(&text).unwrap();
        Traces {
            text,
            all: all.iter().map(Trace::read).collect(),
        }
    }

    /// All of them, newest first.
    pub(crate) fn all(&self) -> &[Trace] {
        &self.all
    }

    /// The only trace whose root has this name.
    pub(crate) fn named(&self, name: &str) -> &Trace {
        let found: Vec<_> = self
            .all
            .iter()
            .filter(|trace| trace.root().name == name)
            .collect();
        let names: Vec<_> = self.all.iter().map(|trace| &trace.root().name).collect();
        assert_eq!(found.len(), 1, "{name} among {names:?}");
        found[0]
    }
}

impl Traces {
    /// All traces of a session.
    pub(crate) fn of_session(&self, session: &str) -> Vec<&Trace> {
        let all = self.all.iter();
        all.filter(|trace| trace.info["trace_metadata"]["mlflow.trace.session"] == session)
            .collect()
    }
}

impl Trace {
    fn read(trace: &Value) -> Trace {
        let mut spans: Vec<_> = trace["data"]["spans"].as_array().unwrap().iter().collect();
        spans.sort_by_key(|span| span["start_time_unix_nano"].as_u64());
        Trace {
            info: trace["info"].clone(),
            spans: spans.into_iter().map(Span::read).collect(),
        }
    }

    pub(crate) fn root(&self) -> &Span {
        self.spans
            .iter()
            .find(|span| span.parent.is_null())
            .unwrap()
    }

    pub(crate) fn children<'a>(&'a self, parent: &'a Span) -> impl Iterator<Item = &'a Span> {
        self.spans.iter().filter(|span| span.parent == parent.id)
    }

    /// A metadata value that is JSON text.
    pub(crate) fn metadata_json(&self, key: &str) -> Value {
        let text = self.info["trace_metadata"][key]
            .as_str()
            .unwrap_or_else(|| panic!("{key} in {}", self.info));
        serde_json::from_str(text).unwrap()
    }
}

impl Span {
    fn read(span: &Value) -> Span {
        let attributes = span["attributes"].as_object().unwrap().iter();
        Span {
            id: span["span_id"].clone(),
            parent: span["parent_span_id"].clone(),
            name: span["name"].as_str().unwrap().to_owned(),
            status: span["status"]["code"]
                .as_str()
                .unwrap()
                .trim_start_matches("STATUS_CODE_")
                .to_owned(),
            status_message: span["status"]["message"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            attributes: attributes
                .map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned()))
                .collect(),
            events: span["events"].as_array().cloned().unwrap_or_default(),
        }
    }

    /// The value of an attribute; null if there is none.
    pub(crate) fn attribute(&self, key: &str) -> Value {
        self.attributes
            .get(key)
            .map_or(Value::Null, |text| serde_json::from_str(text).unwrap())
    }

    pub(crate) fn span_type(&self) -> String {
        self.attribute("mlflow.spanType")
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    pub(crate) fn inputs(&self) -> Value {
        self.attribute("mlflow.spanInputs")
    }

    pub(crate) fn outputs(&self) -> Value {
        self.attribute("mlflow.spanOutputs")
    }

    /// Type and message of each `exception` event.
    pub(crate) fn exceptions(&self) -> Vec<(String, String)> {
        let exceptions = self
            .events
            .iter()
            .filter(|event| event["name"] == "exception");
        let text = |event: &Value, key: &str| {
            event["attributes"][key]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        };
        exceptions
            .map(|event| {
                (
                    text(event, "exception.type"),
                    text(event, "exception.message"),
                )
            })
            .collect()
    }
}
