//! The same faults on the way of a trace to MLflow: what becomes of the trace, after how many requests and which pause; and that
//! nothing is left over.
//!
//! Each goes wrong once, with the first request that carries spans or the first that completes a trace. Then the server
//! is well.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use instructor::mlflow::{self, Statistics};
use serde_json::json;
use tracing_subscriber::layer::SubscriberExt;

use super::server::{Answer, Fault, FaultServer, Reply, Request};

const SPANS: &str = "/v1/traces";
const INFO: &str = "/api/3.0/mlflow/traces";

/// How long to wait for an end, and where there is none: the exporter waits two minutes for an answer.
const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_secs(1);

/// A flush shortens the exporter's own pauses to a quarter of a second.
const HURRIED: Duration = Duration::from_millis(250);
const ASKED: Duration = Duration::from_secs(1);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Sent,
    /// It arrived without what the server refused.
    Quarantined,
    /// It waits when the program ends.
    Waits,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pause {
    /// Nothing was sent again, or at once in another form.
    None,
    /// Of the exporter.
    Own,
    /// As the server asked.
    Asked,
}

use Fate::{Quarantined, Sent, Waits};
use Pause::{Asked, Own};

/// What becomes of the trace, the number of requests to the place where the fault is, and what was waited for.
type Expected = (Fate, usize, Pause);

/// By fault: with the spans, and with what completes the trace.
const MATRIX: [(Fault, [Expected; 2]); 28] = [
    (Fault::Refused, both(Sent, 1, Pause::None)),
    (Fault::UnknownHost, both(Waits, 0, Pause::None)),
    (Fault::ResetBeforeHeaders, both(Sent, 2, Own)),
    (Fault::ResetInHeaders, both(Sent, 2, Own)),
    (Fault::ResetInBody, both(Sent, 2, Own)),
    (Fault::Stall, both(Waits, 1, Pause::None)),
    // It takes its time, and is there.
    (Fault::Drip, both(Sent, 1, Pause::None)),
    // The status says that the server has it; what else it says is not needed.
    (Fault::TruncatedJson, both(Sent, 1, Pause::None)),
    (Fault::TruncatedEvents, both(Sent, 1, Pause::None)),
    (Fault::BadUtf8, both(Sent, 1, Pause::None)),
    (Fault::WrongContentType, both(Sent, 1, Pause::None)),
    (Fault::GzipGarbage, both(Sent, 1, Pause::None)),
    (Fault::HugeBody, both(Sent, 2, Own)),
    (Fault::DeepJson, both(Sent, 1, Pause::None)),
    (Fault::Status(408, None), both(Sent, 2, Own)),
    (Fault::Status(409, None), both(Sent, 2, Own)),
    (Fault::Status(429, Some("1")), both(Sent, 2, Asked)),
    (Fault::Status(429, None), both(Sent, 2, Own)),
    (Fault::Status(500, None), both(Sent, 2, Own)),
    (Fault::Status(503, None), both(Sent, 2, Own)),
    (Fault::Status(529, None), both(Sent, 2, Own)),
    (Fault::Redirect, both(Sent, 2, Own)),
    // A person may mend these.
    (Fault::Status(401, None), both(Sent, 2, Own)),
    (Fault::Status(403, None), both(Sent, 2, Own)),
    // Older servers have no such endpoint: the spans become a file.
    (
        Fault::Status(404, None),
        [(Sent, 1, Pause::None), (Sent, 2, Pause::None)],
    ),
    // Spans are sent in halves, and all are taken now; the info is sent without what the program said.
    (Fault::Status(400, None), refusal()),
    (Fault::Status(413, None), refusal()),
    (Fault::Status(422, None), refusal()),
];

const fn both(fate: Fate, requests: usize, pause: Pause) -> [Expected; 2] {
    [(fate, requests, pause), (fate, requests, pause)]
}

const fn refusal() -> [Expected; 2] {
    [(Sent, 3, Pause::None), (Quarantined, 2, Pause::None)]
}

/// What came of one trace.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    fate: Fate,
    requests: usize,
    pause: Pause,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fate = match self.fate {
            Sent => "sent",
            Quarantined => "sent in part, rest quarantined",
            Waits => "waits",
        };
        write!(f, "{fate}, requests: {}", self.requests)?;
        match self.pause {
            Pause::None => Ok(()),
            Own => write!(f, ", own pause"),
            Asked => write!(f, ", pause as asked"),
        }
    }
}

/// What a server that is well says.
fn right(path: &str) -> String {
    match path {
        "/version" => "3.17.2".to_owned(),
        INFO => {
            let place = "mlflow-artifacts:/0/traces/one/artifacts";
            json!({"trace": {"trace_info": {
                "tags": {"mlflow.artifactLocation": place, "mlflow.user": "Jason"}}}})
            .to_string()
        }
        _ => r#"{"name": "Jason"}"#.to_owned(),
    }
}

/// Answers whose first at `place` goes wrong, and when it was asked there.
fn answers(
    place: &'static str,
    times: Arc<Mutex<Vec<Instant>>>,
    is_well: bool,
) -> impl Fn(&Request) -> Reply + Send + Sync + 'static {
    move |request| {
        let body = right(&request.path);
        if request.path != place {
            return Reply::Right(body);
        }
        let mut times = times.lock().unwrap();
        times.push(Instant::now());
        match times.len() == 1 && !is_well {
            true => Reply::Faulty(Answer {
                events: body.clone(),
                body,
            }),
            false => Reply::Right(body),
        }
    }
}

fn outcome(fault: Fault, place: &'static str) -> Outcome {
    let times = Arc::default();
    let mut server = FaultServer::start_by(fault, answers(place, Arc::clone(&times), false));
    // What waits in the end is not for the next of these programs.
    let directory = tempfile::tempdir().unwrap();
    let builder = mlflow::layer()
        .tracking_uri(server.url())
        .spool_dir(directory.path());
    let (layer, guard) = builder.build().unwrap();
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(subscriber, || {
        mlflow::start_span("outer").in_scope(|| drop(mlflow::start_span("inner")));
    });
    let heals = !matches!(fault, Fault::Stall | Fault::UnknownHost | Fault::Refused);
    // Of a server that is away a flush learns by itself.
    let mut flushed = guard.flush(if fault == Fault::Stall { SHORT } else { LONG });
    let told = match fault {
        Fault::Refused => Some("refused"),
        Fault::UnknownHost => Some("dns error"),
        _ => None,
    };
    if let Some(told) = told {
        let error = flushed.as_ref().unwrap_err();
        assert_eq!(error.statistics.spooled, 1);
        let reason = error.reason.as_deref().unwrap_or_default();
        assert!(reason.contains(told), "{fault:?}: {reason}");
    }
    if fault == Fault::Refused {
        server.come_back(answers(place, Arc::clone(&times), true));
        flushed = guard.flush(LONG);
    }
    // A flush gives up on a server that is known to be away.
    let end = Instant::now() + LONG;
    while (heals || fault == Fault::Refused) && flushed.is_err() && Instant::now() < end {
        flushed = guard.flush(LONG);
    }
    let Statistics {
        emitted,
        sent,
        spooled,
        dropped,
        quarantined,
        ..
    } = guard.statistics();
    assert_eq!((emitted, dropped), (1, 0), "{fault:?} {place}");
    let fate = match (sent, quarantined, spooled) {
        (1, 0, 0) => Sent,
        (0, 1, 0) => Quarantined,
        (0, 0, 1) => Waits,
        other => panic!("{fault:?} {place}: {other:?}"),
    };
    assert_eq!(flushed.is_err(), fate == Waits, "{fault:?}: {flushed:?}");
    drop(guard);
    // The exporter's thread ends with its connections.
    let end = Instant::now() + Duration::from_secs(20);
    while server.open() > 0 {
        assert!(Instant::now() < end, "{fault:?} {place} leaves connections");
        thread::sleep(Duration::from_millis(1));
    }
    let times = times.lock().unwrap();
    let is_repeated = !matches!(fault, Fault::Status(400 | 404 | 413 | 422, _));
    let pause = match times[..] {
        [first, second] if is_repeated => match second - first {
            pause if pause >= ASKED && matches!(fault, Fault::Status(_, Some(_))) => Asked,
            pause if pause >= HURRIED => Own,
            _ => Pause::None,
        },
        _ => Pause::None,
    };
    Outcome {
        fate,
        requests: times.len(),
        pause,
    }
}

#[test]
fn every_fault_on_the_way_to_mlflow_has_its_end_and_leaves_nothing() {
    let outcomes = thread::scope(|scope| {
        let rows = MATRIX.map(|(fault, _)| {
            [SPANS, INFO].map(|place| scope.spawn(move || outcome(fault, place)))
        });
        rows.map(|cells| cells.map(|cell| cell.join().unwrap()))
    });
    println!("{:28}mlflow spans: ; mlflow info: ", "");
    let mut wrong = Vec::new();
    for ((fault, expected), outcomes) in MATRIX.into_iter().zip(outcomes) {
        let shown = outcomes.each_ref().map(ToString::to_string);
        println!("{:28}{}", format!("{fault:?}"), shown.join("; "));
        for ((place, outcome), (fate, requests, pause)) in
            [SPANS, INFO].into_iter().zip(outcomes).zip(expected)
        {
            let expected = Outcome {
                fate,
                requests,
                pause,
            };
            if outcome != expected {
                wrong.push(format!(
                    "{fault:?} {place}: {outcome} instead of {expected}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
