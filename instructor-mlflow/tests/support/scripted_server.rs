//! A tracking server that answers by a script, over raw sockets.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use serde_json::{Value, json};

pub const VERSION: &str = "/version";
pub const FIND_EXPERIMENT: &str = "/api/2.0/mlflow/experiments/get-by-name";
pub const CREATE_EXPERIMENT: &str = "/api/2.0/mlflow/experiments/create";
pub const SPANS: &str = "/v1/traces";
pub const TRACES: &str = "/api/3.0/mlflow/traces";
pub const TRACE_INFOS: &str = "/api/3.0/mlflow/traces/batchGetInfos";
pub const TRACES_V2: &str = "/api/2.0/mlflow/traces";
/// What the server of MLflow 2 calls the trace that it was told of.
pub const REQUEST_ID: &str = "0123456789abcdef";
pub const TRACE_V2: &str = "/api/2.0/mlflow/traces/0123456789abcdef";
pub const GET_EXPERIMENT: &str = "/api/2.0/mlflow/experiments/get";
pub const ARTIFACTS: &str = "/api/2.0/mlflow-artifacts/artifacts";
/// Where both kinds of trace keep their spans.
pub const FILE: &str = "/api/2.0/mlflow-artifacts/artifacts/7/traces/a trace/artifacts/traces.json";

/// In place of a status: the request is taken, and never answered.
pub const LOST: u16 = 0;

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Received {
    pub method: String,
    /// As it came, with the query.
    pub target: String,
    /// Without the query.
    pub path: String,
    pub query: String,
    /// Names in lower case.
    pub headers: HashMap<String, String>,
    pub body: Vec<u8>,
    pub at: Instant,
}

impl Received {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("the body is JSON")
    }

    /// The body as it was before it was compressed.
    fn plain_body(&self) -> Vec<u8> {
        let coding = self.headers.get("content-encoding");
        if coding.is_none_or(|coding| coding != "gzip") {
            return self.body.clone();
        }
        let mut body = Vec::new();
        let mut decoder = flate2::read::GzDecoder::new(&*self.body);
        decoder.read_to_end(&mut body).expect("it is gzip");
        body
    }

    /// Method and path.
    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

#[derive(Debug, Default)]
struct Script {
    version: Option<&'static str>,
    /// Answers to come, by path; when they are used up, the server behaves well.
    replies: HashMap<&'static str, Vec<(u16, String)>>,
    /// Answers to all requests whose path ends so.
    everywhere: Vec<(&'static str, u16, String)>,
    /// How long an answer takes, by path.
    delays: HashMap<&'static str, Duration>,
    delayed: usize,
    most_delayed: usize,
    data_upload: String,
    knows_no_traces: bool,
    /// Spans with this text are refused with this status.
    unbearable: Option<(&'static str, u16)>,
    longest_body: Option<usize>,
    /// All requests are sent there.
    elsewhere: Option<String>,
    retry_after: Option<&'static str>,
    /// So many requests with spans are taken and forgotten.
    lost: usize,
    /// The header of those who may ask.
    authorization: Option<&'static str>,
    /// All spans that were taken.
    spans: Vec<Span>,
    received: Vec<Received>,
}

/// Listens on a port of 127.0.0.1 until the test process ends.
#[derive(Debug, Clone)]
pub struct ScriptedServer {
    port: u16,
    script: Arc<Mutex<Script>>,
}

impl ScriptedServer {
    /// A server that knows every experiment as number 7.
    pub fn start() -> Self {
        Self::of_version("3.17.2")
    }

    /// The same, but the server says that it is another version of MLflow.
    pub fn of_version(version: &'static str) -> Self {
        let server = Self::listen(TcpListener::bind(("127.0.0.1", 0)).expect("a free port"));
        server.script.lock().expect("not poisoned").version = Some(version);
        server
    }

    /// A server at a port where nobody listened before.
    pub fn start_at(port: u16) -> Self {
        Self::listen(TcpListener::bind(("127.0.0.1", port)).expect("the port is free"))
    }

    fn listen(listener: TcpListener) -> Self {
        let server = ScriptedServer {
            port: listener.local_addr().expect("bound").port(),
            script: Arc::default(),
        };
        let this = server.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let this = this.clone();
                thread::spawn(move || this.serve(&stream));
            }
        });
        server
    }

    pub fn uri(&self) -> String {
        uri(self.port)
    }

    /// The next answer at `path`. Further ones queue up behind it.
    #[must_use]
    pub fn reply(self, path: &'static str, status: u16, body: impl Into<String>) -> Self {
        let mut script = self.script.lock().expect("not poisoned");
        script
            .replies
            .entry(path)
            .or_default()
            .push((status, body.into()));
        drop(script);
        self
    }

    /// Every answer at a path with this ending.
    #[must_use]
    pub fn reply_all(self, ending: &'static str, status: u16, body: impl Into<String>) -> Self {
        let mut script = self.script.lock().expect("not poisoned");
        script.everywhere.push((ending, status, body.into()));
        drop(script);
        self
    }

    /// From now on the server behaves well.
    pub fn heal(&self) {
        let mut script = self.script.lock().expect("not poisoned");
        script.replies.clear();
        script.everywhere.clear();
    }

    /// Spans with this text in them are refused with `status`.
    #[must_use]
    pub fn refuse_containing(self, text: &'static str, status: u16) -> Self {
        self.script.lock().expect("not poisoned").unbearable = Some((text, status));
        self
    }

    /// Longer bodies are refused with 413.
    #[must_use]
    pub fn longest_body(self, length: usize) -> Self {
        self.script.lock().expect("not poisoned").longest_body = Some(length);
        self
    }

    /// Every request is sent to another address.
    #[must_use]
    pub fn redirect_to(self, address: String) -> Self {
        self.script.lock().expect("not poisoned").elsewhere = Some(address);
        self
    }

    /// Every failure comes with this `Retry-After`; `date` stands for a second from now.
    #[must_use]
    pub fn retry_after(self, after: &'static str) -> Self {
        self.script.lock().expect("not poisoned").retry_after = Some(after);
        self
    }

    /// The spans of the first `times` requests are taken and forgotten.
    #[must_use]
    pub fn lose_spans(self, times: usize) -> Self {
        self.script.lock().expect("not poisoned").lost = times;
        self
    }

    /// Who does not send this header is refused with 401.
    #[must_use]
    pub fn demand_authorization(self, header: &'static str) -> Self {
        self.script.lock().expect("not poisoned").authorization = Some(header);
        self
    }

    /// The spans that were taken.
    pub fn spans(&self) -> Vec<Span> {
        self.script.lock().expect("not poisoned").spans.clone()
    }

    /// What a Databricks workspace says of the place for the spans of any trace.
    #[must_use]
    pub fn reply_to_data_upload(self, body: String) -> Self {
        self.script.lock().expect("not poisoned").data_upload = body;
        self
    }

    /// The server knows no trace that it is asked for.
    #[must_use]
    pub fn reply_to_unknown_traces(self) -> Self {
        self.script.lock().expect("not poisoned").knows_no_traces = true;
        self
    }

    /// Answers at `path` come after `delay`.
    #[must_use]
    pub fn delay(self, path: &'static str, delay: Duration) -> Self {
        let mut script = self.script.lock().expect("not poisoned");
        script.delays.insert(path, delay);
        drop(script);
        self
    }

    /// The requests so far.
    pub fn received(&self) -> Vec<Received> {
        self.script.lock().expect("not poisoned").received.clone()
    }

    /// The requests to `path` so far.
    pub fn received_at(&self, path: &str) -> Vec<Received> {
        let received = self.received();
        received
            .into_iter()
            .filter(|request| request.path == path)
            .collect()
    }

    fn serve(&self, stream: &TcpStream) {
        let mut reader = BufReader::new(stream);
        while let Some(request) = read_request(&mut reader) {
            self.wait_at(&request.path);
            let (status, body) = self.answer(&request);
            if status == LOST {
                return;
            }
            let script = self.script.lock().expect("not poisoned");
            let header = match (status, &script.elsewhere, script.retry_after) {
                (300..400, Some(place), _) => format!("location: {place}\r\n"),
                (400.., _, Some("date")) => {
                    let time = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(2));
                    format!("retry-after: {time}\r\n")
                }
                (400.., _, Some(seconds)) => format!("retry-after: {seconds}\r\n"),
                _ => String::new(),
            };
            drop(script);
            let head = format!(
                "HTTP/1.1 {status} Scripted\r\n{header}content-length: {}\r\n\r\n",
                body.len()
            );
            let mut stream = stream;
            if stream.write_all([head, body].concat().as_bytes()).is_err() {
                return;
            }
        }
    }

    fn wait_at(&self, path: &str) {
        let mut script = self.script.lock().expect("not poisoned");
        let Some(delay) = script.delays.get(path).copied() else {
            return;
        };
        script.delayed += 1;
        script.most_delayed = script.most_delayed.max(script.delayed);
        drop(script);
        thread::sleep(delay);
        self.script.lock().expect("not poisoned").delayed -= 1;
    }

    /// How many requests waited at the same time for an answer that is [delayed](Self::delay).
    pub fn most_delayed(&self) -> usize {
        self.script.lock().expect("not poisoned").most_delayed
    }

    fn answer(&self, request: &Received) -> (u16, String) {
        let mut script = self.script.lock().expect("not poisoned");
        let path = request.path.clone();
        let method = request.method.clone();
        script.received.push(request.clone());
        if script.elsewhere.is_some() {
            return (307, String::new());
        }
        let sent = request.headers.get("authorization");
        if let Some(demanded) = script.authorization
            && sent.is_none_or(|sent| sent != demanded)
        {
            return (401, String::new());
        }
        if let Some(replies) = script.replies.get_mut(path.as_str())
            && !replies.is_empty()
        {
            return replies.remove(0);
        }
        let fixed = script
            .everywhere
            .iter()
            .find(|(ending, ..)| path.ends_with(ending));
        if let Some((_, status, body)) = fixed {
            return (*status, body.clone());
        }
        if path == SPANS {
            let body = request.plain_body();
            if script
                .longest_body
                .is_some_and(|longest| body.len() > longest)
            {
                return (413, "too long".to_owned());
            }
            if let Some((text, status)) = script.unbearable
                && body.windows(text.len()).any(|part| part == text.as_bytes())
            {
                return (status, "bad span".to_owned());
            }
            if script.lost > 0 {
                script.lost -= 1;
                return (200, String::new());
            }
            script.spans.extend(spans_in(&body));
        }
        let place = "mlflow-artifacts:/7/traces/a trace/artifacts";
        let known = json!({
            "request_id": REQUEST_ID, "tags": [{"key": "mlflow.artifactLocation", "value": place}],
        });
        let is_file = |one: &&Received| one.method == "PUT" && one.path == FILE;
        let written = script.received.iter().rfind(is_file);
        if method == "GET" && path == ARTIFACTS {
            let files: Vec<Value> = written
                .iter()
                .map(|_| json!({"path": "traces.json", "is_dir": false}))
                .collect();
            return (200, json!({"files": files}).to_string());
        }
        if method == "GET" && path == FILE {
            return match written {
                Some(written) => (
                    200,
                    String::from_utf8_lossy(&written.plain_body()).into_owned(),
                ),
                None => (500, String::new()),
            };
        }
        let asks_for_a_trace = method == "GET" && path.starts_with(TRACES);
        if asks_for_a_trace && script.knows_no_traces {
            return (
                404,
                r#"{"error_code": "RESOURCE_DOES_NOT_EXIST"}"#.to_owned(),
            );
        }
        let tags = json!({"mlflow.artifactLocation": place});
        let body = match path.as_str() {
            _ if asks_for_a_trace => json!({"trace": {"trace_info": {"tags": tags}}}).to_string(),
            TRACE_INFOS => {
                let known: Vec<Value> = script
                    .spans
                    .iter()
                    .map(|span| json!({"trace_id": span.trace()}))
                    .collect();
                json!({"trace_infos": known}).to_string()
            }
            VERSION => script.version.unwrap_or("3.17.2").to_owned(),
            TRACES_V2 if method == "GET" => json!({"traces": []}).to_string(),
            TRACES_V2 => json!({"trace_info": known}).to_string(),
            GET_EXPERIMENT => {
                json!({"experiment": {"experiment_id": "0", "artifact_location": "mlflow-artifacts:/0"}})
                    .to_string()
            }
            FIND_EXPERIMENT => json!({"experiment": {"experiment_id": "7"}}).to_string(),
            CREATE_EXPERIMENT => json!({"experiment_id": "8"}).to_string(),
            TRACES => json!({"trace": {"trace_info": {"tags": tags}}}).to_string(),
            path if path.ends_with("/credentials-for-data-upload") => script.data_upload.clone(),
            _ => String::new(),
        };
        (200, body)
    }
}

/// The address of a server of this test, of which none is ever seen again: what an earlier program left for one at the same port is not
/// for it.
pub fn uri(port: u16) -> String {
    format!("http://127.0.0.1:{port}{}{}", BELOW, std::process::id())
}

/// What the paths of servers begin with, followed by a number.
const BELOW: &str = "/of-test-";

pub fn read_request(reader: &mut BufReader<&TcpStream>) -> Option<Received> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split(' ').map(str::to_owned);
    let (method, target) = (words.next()?, words.next()?);
    let below = target.strip_prefix(BELOW).and_then(|it| it.find('/'));
    let target = match below {
        Some(end) => target[BELOW.len() + end..].to_owned(),
        None => target,
    };
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers
        .get("content-length")
        .and_then(|length| length.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    Some(Received {
        method,
        target: target.clone(),
        path: path.replace("%20", " "),
        query: query.to_owned(),
        headers,
        body,
        at: Instant::now(),
    })
}

/// A span as OpenTelemetry encodes it, as far as tests look at it.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Span {
    #[prost(bytes = "vec", tag = "1")]
    pub trace_id: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub span_id: Vec<u8>,
    #[prost(bytes = "vec", tag = "4")]
    pub parent_span_id: Vec<u8>,
    #[prost(string, tag = "5")]
    pub name: String,
    #[prost(fixed64, tag = "7")]
    pub start_time_unix_nano: u64,
    #[prost(fixed64, tag = "8")]
    pub end_time_unix_nano: u64,
    #[prost(message, repeated, tag = "9")]
    attributes: Vec<Attribute>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Attribute {
    #[prost(string, tag = "1")]
    key: String,
    #[prost(message, optional, tag = "2")]
    value: Option<Text>,
}

/// A value, if it is a text.
#[derive(Clone, PartialEq, prost::Message)]
struct Text {
    #[prost(string, optional, tag = "1")]
    text: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Export {
    #[prost(message, repeated, tag = "1")]
    resources: Vec<ResourceSpans>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct ResourceSpans {
    #[prost(message, repeated, tag = "2")]
    scopes: Vec<ScopeSpans>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct ScopeSpans {
    #[prost(message, repeated, tag = "2")]
    spans: Vec<Span>,
}

impl Span {
    /// The id of its trace, as MLflow writes it.
    pub fn trace(&self) -> String {
        let digits = self.trace_id.iter().map(|byte| format!("{byte:02x}"));
        format!("tr-{}", digits.collect::<String>())
    }

    /// Whether there is an attribute `key`.
    pub fn has(&self, key: &str) -> bool {
        self.attributes.iter().any(|found| found.key == key)
    }

    /// The attribute `key`, if it is a text.
    pub fn attribute(&self, key: &str) -> Option<String> {
        let found = self.attributes.iter().find(|found| found.key == key)?;
        found.value.as_ref()?.text.clone()
    }
}

/// The spans in a request of OpenTelemetry.
pub fn spans_in(body: &[u8]) -> Vec<Span> {
    let export: Export = prost::Message::decode(body).expect("it is protobuf");
    let scopes = export.resources.into_iter().flat_map(|one| one.scopes);
    scopes.flat_map(|scope| scope.spans).collect()
}

/// A port of 127.0.0.1 where nobody listens.
pub fn dead_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("bound").port()
}

/// A port of 127.0.0.1 that takes no connection and refuses none, as an address behind a firewall does, as
/// long as the sockets are kept.
#[cfg(target_os = "linux")]
pub fn mute_port() -> (u16, (TcpListener, Vec<TcpStream>)) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let listener = runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
        socket
            .bind(([127, 0, 0, 1], 0).into())
            .expect("a free port");
        socket.listen(1).expect("bound").into_std().expect("open")
    });
    let address = listener.local_addr().expect("bound");
    // Nobody accepts them, so the line of those who wait is full.
    let mut waiting = vec![];
    while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(200)) {
        waiting.push(stream);
    }
    (address.port(), (listener, waiting))
}

/// Waits until `condition` holds, 10 seconds at most.
#[track_caller]
pub fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !condition() {
        assert!(
            begin.elapsed() < Duration::from_secs(10),
            "never happened: {what}"
        );
        thread::sleep(Duration::from_millis(10));
    }
}
