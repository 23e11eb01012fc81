//! A call that is answered here, and what it sends.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_core::future::BoxFuture;
use instructor::ResponseModel;
use instructor_core::transport::{Body, Transport};
use instructor_core::{
    Client, Codec, FinishReason, Provider, Response, RetryPolicy, ToolCall, TransportError,
};
use serde::{Deserialize, Serialize};

use super::answer::{Input, Said};
use crate::decode::CODECS;
use crate::json::Record;

/// A type whose variants are tools.
#[derive(Debug, Serialize, Deserialize, ResponseModel)]
#[response_model(tools)]
#[expect(clippy::large_enum_variant, reason = "there is one at a time")]
enum Tools {
    Record(Record),
    Place { city: String },
}

/// The dialect of a call.
pub(super) fn codec(input: &Input) -> &'static dyn Codec {
    CODECS[usize::from(input.dialect) % CODECS.len()]
}

/// The bodies of the requests that a call sends until it has its value or gives up.
pub(super) fn requests(input: &Input) -> Vec<Bytes> {
    let codec = codec(input);
    let script = Script::default();
    for answer in &input.answers {
        script.lock().answers.push_back(body(codec, answer));
    }
    let client = Client::builder(Provider::new("fuzz", "https://llm.test", codec), "model-1")
        .api_key("unused")
        .transport(script.clone())
        .retry_policy(RetryPolicy::none())
        .max_retries(2)
        .build()
        .expect("a client");
    let modes = codec.modes("model-1");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime");
    macro_rules! call {
        ($type:ty) => {
            client
                .create::<$type>("Who is it?")
                .system("Be exact.")
                .mode(input.mode(modes))
                .reask(input.reask)
        };
    }
    // What it comes to is no matter here; that it does is.
    if input.has_tools {
        let _ = runtime.block_on(async { call!(Tools).await });
    } else {
        let _ = runtime.block_on(async { call!(Record).await });
    }
    std::mem::take(&mut script.lock().requests)
}

fn body(codec: &dyn Codec, answer: &Said) -> Bytes {
    let mut response = Response::default();
    response.finish_reason = Some(FinishReason::Stop);
    match answer.call {
        Some(name) => {
            let call = ToolCall::new("call_1", name, answer.text.as_str());
            response.tool_calls.push(call);
            response.finish_reason = Some(FinishReason::ToolCalls);
        }
        None => response.text = Some(answer.text.clone()),
    }
    codec.encode_response(&response).expect("it can be said")
}

/// Answers with what stands in it, and keeps what was asked.
#[derive(Debug, Clone, Default)]
struct Script(Arc<Mutex<Lines>>);

#[derive(Debug, Default)]
struct Lines {
    answers: VecDeque<Bytes>,
    requests: Vec<Bytes>,
}

impl Script {
    fn lock(&self) -> std::sync::MutexGuard<'_, Lines> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Transport for Script {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>> {
        let mut lines = self.lock();
        lines.requests.push(request.into_body());
        let answer = lines.answers.pop_front().unwrap_or_default();
        Box::pin(async { Ok(http::Response::new(Body::from(answer))) })
    }
}
