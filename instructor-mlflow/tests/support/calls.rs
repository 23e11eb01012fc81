//! Calls as `instructor-core` makes them: the same spans, the same recordings, but no provider.

use std::sync::Arc;

use bytes::Bytes;
use instructor_core::trace::{Failure, Recording, TARGET, Validator};
use instructor_core::{
    ErrorCode, Message, Mode, Path, Price, Request, ResponseModel as _, Schema, Usage,
    ValidationError,
};
use instructor_derive::ResponseModel;
use serde::Deserialize;
use serde_json::{Value, json};
use tracing::{Span, info_span};
use tracing_subscriber::Registry;
use tracing_subscriber::registry::LookupSpan;

pub const PROMPT: &str = "Write an email subject to Bob about the Q3 launch approval";
pub const RULE: &str = "ensure subject is concise and engaging";
pub const LONG_SUBJECT: &str =
    "Fwd: Re: Re: some thoughts on the thing we maybe discussed last week";
pub const GOOD_SUBJECT: &str = "Q3 launch approved";

#[derive(Deserialize, ResponseModel)]
#[response_model(crate = instructor_core)]
#[allow(dead_code)]
struct EmailSubject {
    recipient: String,
    subject: String,
}

#[derive(Deserialize, ResponseModel)]
#[response_model(crate = instructor_core)]
struct Verdict {}

/// The wire that a call goes over.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    OpenAi,
    Anthropic,
}

impl Dialect {
    pub fn name(self) -> &'static str {
        match self {
            Dialect::OpenAi => "openai",
            Dialect::Anthropic => "anthropic",
        }
    }

    pub fn model(self) -> &'static str {
        match self {
            Dialect::OpenAi => "gpt-4o",
            Dialect::Anthropic => "claude-sonnet-4-5",
        }
    }

    fn answering_model(self) -> &'static str {
        match self {
            Dialect::OpenAi => "gpt-4o-2024-08-06",
            Dialect::Anthropic => "claude-sonnet-4-5",
        }
    }

    fn usage(self) -> Usage {
        let mut usage = match self {
            Dialect::OpenAi => Usage::new(150, 24),
            Dialect::Anthropic => Usage::new(540, 58),
        };
        usage.cache_read_input_tokens = Some(64);
        usage
    }

    fn wire_request(self, tool: &str, text: &str) -> Value {
        let parameters = json!({"type": "object", "properties": {"subject": {"type": "string"}}, "required": ["subject"]});
        match self {
            Dialect::OpenAi => json!({
                "model": self.model(),
                "messages": [{"role": "user", "content": text}],
                "tools": [{"type": "function", "function": {"name": tool, "strict": true, "parameters": parameters}}],
                "tool_choice": {"type": "function", "function": {"name": tool}},
                "temperature": 0.2,
            }),
            Dialect::Anthropic => json!({
                "model": self.model(),
                "max_tokens": 1000,
                "metadata": {"user_id": null, "labels": ["a", null, 1.5]},
                "system": "You write emails.",
                "messages": [{"role": "user", "content": text}],
                "tools": [{"name": tool, "description": "The answer", "input_schema": parameters}],
                "tool_choice": {"type": "tool", "name": tool},
            }),
        }
    }

    fn wire_response(self, tool: &str, arguments: &Value) -> Value {
        match self {
            Dialect::OpenAi => json!({
                "id": "chatcmpl-1", "object": "chat.completion", "model": self.answering_model(),
                "choices": [{"index": 0, "finish_reason": "tool_calls", "message": {"role": "assistant", "content": null,
                    "tool_calls": [{"id": "call_1", "type": "function",
                        "function": {"name": tool, "arguments": arguments.to_string()}}]}}],
                "usage": {"prompt_tokens": 150, "completion_tokens": 24, "total_tokens": 174,
                    "prompt_tokens_details": {"cached_tokens": 64}},
            }),
            Dialect::Anthropic => json!({
                "id": "msg_1", "type": "message", "role": "assistant", "model": self.answering_model(),
                "content": [{"type": "tool_use", "id": "toolu_1", "name": tool, "input": arguments}],
                "stop_reason": "tool_use",
                "usage": {"input_tokens": 476, "output_tokens": 58, "cache_read_input_tokens": 64},
            }),
        }
    }
}

/// How a call ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The second attempt is accepted.
    Accepted,
    /// No attempt is accepted.
    Exhausted,
    /// The future is dropped before the first answer.
    Cancelled,
}

/// A call with two attempts, each judged by an LLM validator. The first subject is too long.
pub fn email(dialect: Dialect, ending: Ending) {
    email_to(dialect, ending, vec![Message::user(PROMPT)]);
}

/// The same with other messages in the request of the call.
pub fn email_to(dialect: Dialect, ending: Ending, messages: Vec<Message>) {
    let mut request = Request::clone(&request(dialect, EmailSubject::SCHEMA, PROMPT));
    request.messages = messages;
    let request = Arc::new(request);
    let create = info_span!(target: TARGET, "create", instructor.response_model = "EmailSubject");
    record(&create, |recording| {
        recording.request = Some(request.clone());
        recording.provider = Some(dialect.name().into());
        recording.dialect = Some(dialect.name());
        recording.max_retries = Some(3);
    });
    let _entered = create.enter();
    if ending == Ending::Cancelled {
        // What is known before the request is sent.
        let chat = info_span!(target: TARGET, "chat", instructor.attempt = 1);
        record(&chat, |recording| {
            recording.attempt = Some(1);
            recording.request = Some(request);
            recording.provider = Some(dialect.name().into());
            recording.dialect = Some(dialect.name());
            recording.wire_request = Some(bytes(&dialect.wire_request("EmailSubject", PROMPT)));
        });
        return;
    }
    let accepted = ending == Ending::Accepted;
    attempt(dialect, 1, &request, LONG_SUBJECT, false);
    let second = if accepted { GOOD_SUBJECT } else { LONG_SUBJECT };
    attempt(dialect, 2, &request, second, accepted);
    record(&create, |recording| {
        recording.attempt = Some(2);
        let usage = dialect.usage();
        recording.usage = Some(usage + usage + usage + usage);
        if accepted {
            recording.output = Some(answer(second).to_string().into());
        } else {
            recording.failure = Some(Failure::new("exhausted", "no valid answer in 2 attempts"));
        }
    });
}

fn attempt(dialect: Dialect, number: u32, request: &Arc<Request>, subject: &str, accepted: bool) {
    let answer = answer(subject);
    chat(dialect, number, request, "EmailSubject", PROMPT, &answer);
    let validate = info_span!(target: TARGET, "validate", instructor.attempt = number);
    let _entered = validate.enter();
    llm_validate(dialect, subject, accepted);
    record(&validate, |recording| {
        recording.attempt = Some(number);
        recording.payload = Some(answer.to_string().into());
        if accepted {
            recording.output = Some(answer.to_string().into());
        } else {
            let path = Path::ROOT;
            let error = ValidationError::new(&path.key("subject"), ErrorCode::Llm, "too long")
                .with_input(&subject.into());
            recording.errors = Some(Arc::new(error.into()));
        }
    });
}

fn llm_validate(dialect: Dialect, subject: &str, accepted: bool) {
    let span = info_span!(target: TARGET, "llm_validate", instructor.path = "subject");
    let _entered = span.enter();
    let verdict = json!({"is_valid": accepted, "reason": "too long"});
    let request = request(dialect, Verdict::SCHEMA, "Does the value follow the rule?");
    chat(
        dialect,
        1,
        &request,
        "Verdict",
        "Does the value follow the rule?",
        &verdict,
    );
    record(&span, |recording| {
        recording.request = Some(request);
        recording.provider = Some(dialect.name().into());
        recording.dialect = Some(dialect.name());
        recording.usage = Some(dialect.usage());
        recording.output = Some(verdict.to_string().into());
        recording.validator = Some(Arc::new(Validator::new(
            "subject".into(),
            RULE,
            subject.into(),
        )));
    });
}

fn chat(
    dialect: Dialect,
    number: u32,
    request: &Arc<Request>,
    tool: &str,
    text: &str,
    answer: &Value,
) {
    let span = info_span!(target: TARGET, "chat", instructor.attempt = number);
    record(&span, |recording| {
        recording.attempt = Some(number);
        recording.request = Some(request.clone());
        recording.provider = Some(dialect.name().into());
        recording.dialect = Some(dialect.name());
        recording.wire_request = Some(bytes(&dialect.wire_request(tool, text)));
        recording.wire_response = Some(bytes(&dialect.wire_response(tool, answer)));
        recording.response_model = Some(dialect.answering_model().into());
        recording.usage = Some(dialect.usage());
        recording.cost = (dialect == Dialect::OpenAi).then(|| {
            let price = Price::of("openai/gpt-4o").expect("in the table");
            price.cost(&dialect.usage())
        });
    });
}

fn request(dialect: Dialect, schema: &'static Schema, text: &str) -> Arc<Request> {
    let mut request = Request::new(
        dialect.model(),
        vec![Message::user(text)],
        schema,
        Mode::Tools,
    );
    request.temperature = (dialect == Dialect::OpenAi).then_some(0.2);
    request.max_tokens = (dialect == Dialect::Anthropic).then_some(1000);
    Arc::new(request)
}

fn answer(subject: &str) -> Value {
    json!({"recipient": "bob@example.com", "subject": subject})
}

fn bytes(value: &Value) -> Bytes {
    value.to_string().into()
}

/// As `instructor_core::trace::record` does.
fn record(span: &Span, fill: impl FnOnce(&mut Recording)) {
    span.with_subscriber(|(id, dispatch)| {
        let span = dispatch
            .downcast_ref::<Registry>()
            .and_then(|registry| registry.span(id));
        if let Some(span) = span
            && let Some(recording) = span.extensions_mut().get_mut::<Recording>()
        {
            fill(recording);
        }
    });
}

/// A call for `schema` that is answered at once.
pub fn answered(dialect: Dialect, schema: &'static Schema) {
    let request = request(dialect, schema, PROMPT);
    let create = info_span!(target: TARGET, "create", instructor.response_model = schema.name);
    let _entered = create.enter();
    let answer = answer(GOOD_SUBJECT);
    chat(dialect, 1, &request, schema.name, PROMPT, &answer);
    record(&create, |recording| {
        recording.request = Some(request.clone());
        recording.provider = Some(dialect.name().into());
        recording.dialect = Some(dialect.name());
        recording.attempt = Some(1);
        recording.output = Some(answer.to_string().into());
    });
}
