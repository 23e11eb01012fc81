//! A trace as MLflow gives it back, and whether anything of it is missing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

const TOKEN_USAGE: &str = "mlflow.trace.tokenUsage";
const SPAN_TYPE: &str = "mlflow.spanType";

/// The state of a trace whose root has not arrived.
const IN_PROGRESS: &str = "IN_PROGRESS";

/// What every traced call of the framework consists of: the call, a request, a validation.
const EXPECTED_TYPES: [&str; 3] = ["CHAIN", "CHAT_MODEL", "PARSER"];

/// A trace with its spans.
pub(crate) struct Trace {
    pub(crate) id: String,
    /// `OK`, `ERROR` or `IN_PROGRESS`.
    pub(crate) state: String,
    /// As MLflow writes it: `0.090s`.
    duration: String,
    /// Input and output together, over all requests.
    tokens: Option<u64>,
    request_preview: String,
    spans: Vec<Span>,
}

struct Span {
    id: String,
    parent: Option<String>,
    name: String,
    /// `CHAIN`, `CHAT_MODEL`, `PARSER`...
    kind: String,
    ended: bool,
}

impl Trace {
    /// Reads the `trace` of MLflow's answer to `traces/get`.
    pub(crate) fn from_json(trace: &Value) -> Result<Self> {
        let info = trace
            .get("trace_info")
            .context("the trace has no trace_info")?;
        let usage = info
            .pointer("/trace_metadata")
            .and_then(|all| all.get(TOKEN_USAGE)?.as_str());
        let tokens = usage
            .map(serde_json::from_str::<Value>)
            .transpose()
            .with_context(|| format!("the metadata {TOKEN_USAGE} is not JSON"))?
            .and_then(|usage| usage.get("total_tokens")?.as_u64());
        let spans = trace
            .get("spans")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        Ok(Self {
            id: text(info, "trace_id")?,
            state: text(info, "state")?,
            duration: text(info, "execution_duration").unwrap_or_else(|_| "no duration".into()),
            tokens,
            request_preview: text(info, "request_preview").unwrap_or_default(),
            spans: spans.map(Span::from_json).collect::<Result<_>>()?,
        })
    }

    /// Finds out whether the trace came back whole, with the state that belongs to its outcome.
    pub(crate) fn check(&self, succeeded: bool) -> Result<()> {
        ensure!(self.state != IN_PROGRESS, "its root has not arrived");
        let expected = if succeeded { "OK" } else { "ERROR" };
        ensure!(
            self.state == expected,
            "its state is {}, not {expected}",
            self.state
        );
        ensure!(
            !self.request_preview.is_empty(),
            "it has no request preview"
        );
        ensure!(
            self.tokens.is_some_and(|tokens| tokens > 0),
            "it has no token count"
        );

        let roots: Vec<&Span> = self
            .spans
            .iter()
            .filter(|span| span.parent.is_none())
            .collect();
        let [root] = roots.as_slice() else {
            bail!("it has {} root spans, not 1", roots.len());
        };
        ensure!(
            root.kind == "CHAIN",
            "its root {} is a {}, not a CHAIN",
            root.name,
            root.kind
        );

        let ids: BTreeSet<&str> = self.spans.iter().map(|span| span.id.as_str()).collect();
        for span in &self.spans {
            let lost = span
                .parent
                .as_deref()
                .is_some_and(|parent| !ids.contains(parent));
            ensure!(!lost, "the parent of its span {} is missing", span.name);
            ensure!(span.ended, "its span {} has no end", span.name);
        }
        for kind in EXPECTED_TYPES {
            ensure!(
                self.spans.iter().any(|span| span.kind == kind),
                "it has no {kind} span"
            );
        }
        Ok(())
    }

    fn name(&self) -> &str {
        let root = self.spans.iter().find(|span| span.parent.is_none());
        root.map_or("(no root)", |span| &span.name)
    }
}

/// One line: name, state, tokens, duration, and the spans by type.
impl fmt::Display for Trace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}  {}  ", self.name(), self.state)?;
        if let Some(tokens) = self.tokens {
            write!(formatter, "{tokens} tokens  ")?;
        }
        write!(formatter, "{}  ", self.duration)?;
        let mut kinds = BTreeMap::<&str, usize>::new();
        for span in &self.spans {
            *kinds.entry(&span.kind).or_default() += 1;
        }
        let kinds: Vec<_> = kinds
            .iter()
            .map(|(kind, count)| format!("{count} {kind}"))
            .collect();
        write!(formatter, "[{}]", kinds.join(", "))
    }
}

impl Span {
    fn from_json(span: &Value) -> Result<Self> {
        let attributes = span
            .get("attributes")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        let kind = attributes
            .filter(|attribute| attribute.get("key").is_some_and(|key| key == SPAN_TYPE))
            .find_map(|attribute| attribute.pointer("/value/string_value")?.as_str());
        let time = |key| span.get(key).and_then(Value::as_u64).unwrap_or_default();
        Ok(Self {
            id: text(span, "span_id")?,
            parent: text(span, "parent_span_id").ok(),
            name: text(span, "name")?,
            kind: kind.unwrap_or("UNKNOWN").to_owned(),
            ended: time("end_time_unix_nano") >= time("start_time_unix_nano").max(1),
        })
    }
}

fn text(value: &Value, key: &str) -> Result<String> {
    let text = value.get(key).and_then(Value::as_str);
    Ok(text
        .with_context(|| format!("MLflow's answer has no {key}"))?
        .to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn span(id: &str, parent: Option<&str>, name: &str, kind: &str) -> Value {
        let mut span = json!({
            "span_id": id,
            "name": name,
            "start_time_unix_nano": 1_795_375_441_704_820_652_u64,
            "end_time_unix_nano": 1_795_375_441_794_820_652_u64,
            "attributes": [{"key": "mlflow.spanType", "value": {"string_value": kind}}],
            "status": {"code": "STATUS_CODE_OK"},
        });
        if let Some(parent) = parent {
            span["parent_span_id"] = parent.into();
        }
        span
    }

    fn answer() -> Value {
        json!({
            "trace_info": {
                "trace_id": "tr-1",
                "execution_duration": "0.090s",
                "state": "OK",
                "trace_metadata": {
                    "mlflow.trace.tokenUsage": r#"{"input_tokens": 150, "output_tokens": 24, "total_tokens": 174}"#,
                },
                "request_preview": "Ann Lee is 34.",
            },
            "spans": [
                span("a=", None, "create User", "CHAIN"),
                span("b=", Some("a="), "chat", "CHAT_MODEL"),
                span("c=", Some("a="), "validate", "PARSER"),
            ],
        })
    }

    fn fault(answer: &Value) -> String {
        Trace::from_json(answer)
            .unwrap()
            .check(true)
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn a_whole_trace_passes_and_is_shown_in_one_line() {
        let trace = Trace::from_json(&answer()).unwrap();
        trace.check(true).unwrap();
        assert_eq!(
            trace.to_string(),
            "create User  OK  174 tokens  0.090s  [1 CHAIN, 1 CHAT_MODEL, 1 PARSER]"
        );
    }

    #[test]
    fn the_state_must_be_that_of_the_outcome() {
        let trace = Trace::from_json(&answer()).unwrap();
        let fault = trace.check(false).unwrap_err().to_string();
        assert_eq!(fault, "its state is OK, not ERROR");
    }

    #[test]
    fn each_missing_part_is_named() {
        let mut rootless = answer();
        rootless["trace_info"]["state"] = "IN_PROGRESS".into();
        assert_eq!(fault(&rootless), "its root has not arrived");

        let mut orphaned = answer();
        orphaned["spans"][2]["parent_span_id"] = "lost=".into();
        assert_eq!(
            fault(&orphaned),
            "the parent of its span validate is missing"
        );

        let mut unvalidated = answer();
        unvalidated["spans"].as_array_mut().unwrap().pop();
        assert_eq!(fault(&unvalidated), "it has no PARSER span");

        let mut endless = answer();
        endless["spans"][1]["end_time_unix_nano"] = 0.into();
        assert_eq!(fault(&endless), "its span chat has no end");

        let mut uncounted = answer();
        uncounted["trace_info"]["trace_metadata"] = json!({});
        assert_eq!(fault(&uncounted), "it has no token count");
    }
}
