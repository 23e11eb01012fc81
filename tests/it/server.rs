//! A scripted server that speaks the true wire: HTTP/1.1 over TCP on loopback.
//!
//! Every request and answer is appended to the directory in `INSTRUCTOR_TEST_WIRE_LOG`, if set, where they are checked against the
//! vendors' own specifications (`xtask/python/check_wire.py`).

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use instructor::Usage;
use instructor::hooks::Hooks;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::strict_schema;

// The tests of MLflow take this file from their own folder.
#[path = "server/reply.rs"]
mod reply;

pub(crate) use reply::Reply;

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) path: String,
    /// Names in lower case.
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: Value,
}

impl Received {
    /// The name of the tool or schema that is asked for.
    pub(crate) fn response_model(&self) -> &str {
        let body = &self.body;
        let name = body
            .pointer("/tools/0/function/name")
            .or_else(|| body.pointer("/tools/0/name"))
            .or_else(|| body.pointer("/response_format/json_schema/name"))
            .or_else(|| body.pointer("/text/format/name"));
        name.and_then(Value::as_str).unwrap_or_default()
    }

    /// What OpenAI would refuse in the schemas that were sent as strict.
    fn strict_violations(&self) -> Vec<String> {
        let tools = self.body["tools"].as_array().into_iter().flatten();
        // Responses have what is inside of `function` beside the type.
        let tools = tools.map(|tool| (tool.get("function").unwrap_or(tool), "parameters"));
        let formats = [
            &self.body["response_format"]["json_schema"],
            &self.body["text"]["format"],
        ];
        tools
            .chain(formats.map(|format| (format, "schema")))
            .filter(|(place, _)| place["strict"] == true)
            .flat_map(|(place, schema)| strict_schema::violations(&place[schema]))
            .collect()
    }

    fn dialect(&self) -> &'static str {
        if self.path.ends_with("/messages") {
            "anthropic"
        } else if self.path.ends_with("/moderations") {
            "openai moderations"
        } else if self.path.ends_with("/responses") {
            "openai responses"
        } else {
            "openai"
        }
    }
}

type Script = dyn Fn(usize, &Received) -> Reply + Send + Sync;

/// A running server. It ends with the test's runtime.
#[derive(Debug)]
pub(crate) struct Server {
    url: String,
    received: Arc<Mutex<Vec<Received>>>,
    in_flight: Arc<InFlight>,
    open: Arc<AtomicUsize>,
    served: Arc<Mutex<Usage>>,
    /// The tokens in the ledgers of all calls; `None` if they are not compared.
    noted: Arc<Mutex<Option<Usage>>>,
}

/// How many requests have no answer yet.
#[derive(Debug, Default)]
struct InFlight {
    now: AtomicUsize,
    most: AtomicUsize,
}

impl InFlight {
    fn begin(&self) {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
    }

    fn end(&self) {
        self.now.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Server {
    /// A server that gives `replies` in order, the last one for ever.
    pub(crate) async fn script(test: &'static str, replies: Vec<Reply>) -> Server {
        Server::start(test, move |index, _| {
            replies[index.min(replies.len() - 1)].clone()
        })
        .await
    }

    /// A server that asks `script` for the reply to request number `index` (from 0).
    pub(crate) async fn start(
        test: &'static str,
        script: impl Fn(usize, &Received) -> Reply + Send + Sync + 'static,
    ) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let received = Arc::new(Mutex::new(Vec::new()));
        let script: Arc<Script> = Arc::new(script);
        let log = Arc::clone(&received);
        let in_flight = Arc::new(InFlight::default());
        let served = Arc::new(Mutex::new(Usage::default()));
        let counts = (Arc::clone(&in_flight), Arc::clone(&served));
        let open = Arc::new(AtomicUsize::new(0));
        let connections = Arc::clone(&open);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (script, log) = (Arc::clone(&script), Arc::clone(&log));
                let serving = serve(stream, test, script, log, counts.clone());
                let open = Arc::clone(&connections);
                open.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move {
                    serving.await;
                    open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        Server {
            url,
            received,
            in_flight,
            open,
            served,
            noted: Arc::default(),
        }
    }

    /// Hooks that note what calls have in their ledgers. When the server is dropped that must be what it served.
    pub(crate) fn ledger(&self) -> Hooks {
        let noted = Arc::clone(&self.noted);
        noted.lock().unwrap().get_or_insert_default();
        Hooks::new().on_finish(move |event| {
            *noted.lock().unwrap().get_or_insert_default() += event.usage();
        })
    }

    /// The tokens are not compared, for this reason.
    pub(crate) fn has_other_ledgers(&self, reason: &str) {
        println!("not compared with the ledger: {reason}");
        *self.noted.lock().unwrap() = None;
    }

    /// The address, without a slash at its end.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The most requests that were without an answer at the same time.
    pub(crate) fn most_in_flight(&self) -> usize {
        self.in_flight.most.load(Ordering::SeqCst)
    }

    /// How many connections the client has not closed.
    pub(crate) fn open(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }

    /// The tokens of all its answers: what a caller must find in its ledger.
    pub(crate) fn usage(&self) -> Usage {
        *self.served.lock().unwrap()
    }

    /// All requests so far.
    pub(crate) fn requests(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

impl Drop for Server {
    /// Every schema that was sent as strict must be one that OpenAI takes, and the ledgers of all calls must add up.
    fn drop(&mut self) {
        for request in self
            .received
            .lock()
            .unwrap()
            .iter()
            .filter(|_| !std::thread::panicking())
        {
            assert_eq!(request.strict_violations(), [""; 0], "{}", request.body);
        }
        let noted = *self.noted.lock().unwrap();
        if let (Some(noted), false) = (noted, std::thread::panicking()) {
            assert_eq!(noted, self.usage(), "the ledger is not what was served");
        }
    }
}

async fn serve(
    stream: TcpStream,
    test: &'static str,
    script: Arc<Script>,
    log: Arc<Mutex<Vec<Received>>>,
    (in_flight, served): (Arc<InFlight>, Arc<Mutex<Usage>>),
) {
    let _ = stream.set_nodelay(true);
    let mut stream = BufReader::new(stream);
    while let Some(received) = read_request(&mut stream).await {
        in_flight.begin();
        let index = {
            let mut log = log.lock().unwrap();
            log.push(received.clone());
            log.len() - 1
        };
        let mut reply = script(index, &received);
        if let Reply::Together(barrier, then) = reply {
            barrier.wait().await;
            reply = *then;
        }
        in_flight.end();
        write_log(test, &received, &reply);
        *served.lock().unwrap() += reply.usage();
        if !reply.send(stream.get_mut()).await {
            return;
        }
    }
}

async fn read_request(stream: &mut BufReader<TcpStream>) -> Option<Received> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers
        .get("content-length")
        .and_then(|length| length.parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(Received {
        path,
        headers,
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
    })
}

/// One line for the request, and one for an answer that is meant to be good, or for each event of it: garbage goes out as plain text.
fn write_log(test: &str, received: &Received, reply: &Reply) {
    let Some(directory) = std::env::var_os("INSTRUCTOR_TEST_WIRE_LOG") else {
        return;
    };
    let dialect = received.dialect();
    let mut lines = format!(
        "{}\n",
        json!({"test": test, "dialect": dialect, "kind": "request", "headers": received.headers, "body": received.body})
    );
    let kind = match reply {
        Reply::Answer {
            status: 200,
            headers,
            ..
        } if headers.iter().any(|(_, value)| value == "application/json") => Some("response"),
        Reply::Stream { .. } => Some("event"),
        _ => None,
    };
    if let Some(kind) = kind {
        for body in reply.said() {
            let line = json!({"test": test, "dialect": dialect, "kind": kind, "status": 200, "headers": {}, "body": body});
            lines.push_str(&format!("{line}\n"));
        }
    }
    let path = std::path::Path::new(&directory).join(format!("{}.jsonl", std::process::id()));
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .unwrap();
    file.write_all(lines.as_bytes()).unwrap();
}
