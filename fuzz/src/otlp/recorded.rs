//! Does what a tree says, and gives what was recorded of it.

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use bytes::Bytes;
use futures_core::future::BoxFuture;
use instructor_core::transport::{Body, Transport};
use instructor_core::{Client, Provider, RetryPolicy, TransportError};
use instructor_mlflow::{Frame, Guard, LiveSpan, Sink, start_span};
use tracing::Dispatch;
use tracing_subscriber::layer::SubscriberExt;

use super::tree::{CANARY, Done, Tree};
use crate::decode::CODECS;
use crate::json::Record;

/// The frames that a program hands over which does this.
pub fn frames(tree: &Tree) -> Vec<Frame> {
    static RECORDER: LazyLock<Recorder> = LazyLock::new(Recorder::start);
    // The tests of a target share it.
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    RECORDER.frames.lock().clear();
    tracing::dispatcher::with_default(&RECORDER.dispatch, || play(tree));
    std::mem::take(&mut *RECORDER.frames.lock())
}

struct Recorder {
    dispatch: Dispatch,
    frames: Frames,
    _guard: Guard,
}

impl Recorder {
    fn start() -> Self {
        let frames = Frames::default();
        let layer = instructor_mlflow::layer().sink(Arc::new(frames.clone()));
        let (layer, guard) = layer.build().expect("a layer");
        let subscriber = tracing_subscriber::registry().with(layer);
        Recorder {
            dispatch: Dispatch::new(subscriber),
            frames,
            _guard: guard,
        }
    }
}

#[derive(Debug, Clone, Default)]
struct Frames(Arc<Mutex<Vec<Frame>>>);

impl Frames {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Frame>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for Frames {
    fn accept(&self, frame: Frame) {
        self.lock().push(frame);
    }
}

/// A span that is open.
enum Open {
    Live(LiveSpan),
    Plain(tracing::Span),
}

impl Open {
    fn in_scope<R>(&self, action: impl FnOnce() -> R) -> R {
        match self {
            Open::Live(live) => live.in_scope(action),
            Open::Plain(span) => span.in_scope(action),
        }
    }
}

fn play(tree: &Tree) {
    let mut open: Vec<Open> = Vec::new();
    for step in &tree.steps {
        if let Done::Close = step {
            open.pop();
            continue;
        }
        let opened = match open.last() {
            Some(last) => last.in_scope(|| open_or_say(step, Some(last))),
            None => open_or_say(step, None),
        };
        open.extend(opened);
    }
    // The inner ones end first.
    while open.pop().is_some() {}
}

fn open_or_say(step: &Done, last: Option<&Open>) -> Option<Open> {
    match (step, last) {
        (Done::Open(name), _) => return Some(Open::Live(start_span(name))),
        (Done::Fields(value, number), _) => {
            let float = f64::from_bits(*number);
            let span = tracing::info_span!(
                "fields",
                text = %value,
                debug = ?value,
                number,
                signed = number.cast_signed(),
                large = u128::from(*number) << 32,
                float,
                truth = number % 2 == 0,
            );
            return Some(Open::Plain(span));
        }
        (Done::Call(dialect, answer), _) => call(*dialect, answer),
        (_, Some(Open::Live(live))) => say(step, live),
        _ => {}
    }
    None
}

fn say(step: &Done, live: &LiveSpan) {
    match step {
        Done::Inputs(value) => live.set_inputs(value),
        Done::Outputs(value) => live.set_outputs(value),
        Done::Attribute(key, value) => live.set_attribute(*key, value),
        Done::Event(name, value) => live.add_event(*name, value),
        Done::Fail(message) => live.set_error(message),
        _ => {}
    }
}

fn call(dialect: u8, answer: &crate::decode::Input) {
    let codec = CODECS[usize::from(dialect) % CODECS.len()];
    let client = Client::builder(Provider::new("fuzz", "https://llm.test", codec), "model-1")
        .api_key("unused")
        .transport(Answer(answer.body(codec).into()))
        .retry_policy(RetryPolicy::none())
        .max_retries(1)
        .build()
        .expect("a client");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime");
    // What it comes to is no matter here.
    let _ = runtime.block_on(async {
        let call = client.create::<Record>(format!("Who is {CANARY}?"));
        call.await
    });
}

/// Answers always the same.
#[derive(Debug)]
struct Answer(Bytes);

impl Transport for Answer {
    fn send(
        &self,
        _: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>> {
        Box::pin(async { Ok(http::Response::new(Body::from(self.0.clone()))) })
    }
}
