//! A proxy before a real server, which loses answers, and lets the server crash between two requests.

use std::collections::HashSet;
use std::io::{BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use super::mlflow_server::MlflowServer;
use super::scripted_server::read_request;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    None,
    /// The first answer to each kind of request never arrives; what was asked has been done.
    LostAnswers,
    /// The server is killed when the second request of a trace comes, and is back for the next one.
    Crash,
}

/// Listens on a port of 127.0.0.1 until the test process ends.
#[derive(Debug, Clone)]
pub struct LossyProxy {
    pub port: u16,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    server: MlflowServer,
    trouble: Trouble,
    seen: HashSet<String>,
    /// Requests whose answers were lost.
    lost: Vec<String>,
}

impl LossyProxy {
    pub fn before(server: MlflowServer) -> LossyProxy {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let proxy = LossyProxy {
            port: listener.local_addr().expect("bound").port(),
            state: Arc::new(Mutex::new(State {
                server,
                trouble: Trouble::None,
                seen: HashSet::new(),
                lost: Vec::new(),
            })),
        };
        let this = proxy.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let this = this.clone();
                thread::spawn(move || this.serve(&stream));
            }
        });
        proxy
    }

    pub fn uri(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// From now on this goes wrong; what went wrong before.
    pub fn make(&self, trouble: Trouble) -> Vec<String> {
        let mut state = self.state.lock().expect("not poisoned");
        state.trouble = trouble;
        state.seen.clear();
        std::mem::take(&mut state.lost)
    }

    /// One request on each connection.
    fn serve(&self, stream: &TcpStream) {
        let mut reader = BufReader::new(stream);
        let Some(request) = read_request(&mut reader) else {
            return;
        };
        let kind = kind(&request.line());
        let port = {
            let mut state = self.state.lock().expect("not poisoned");
            let is_first = state.seen.insert(kind.clone());
            let is_second_of_a_trace = kind == "POST /api/3.0/mlflow/traces"
                && state.seen.contains("POST /v1/traces")
                || kind.starts_with("PUT ");
            let has_crashed = !state.lost.is_empty();
            if state.trouble == Trouble::Crash && !has_crashed && is_second_of_a_trace {
                state.server.crash();
                state.lost.push(kind);
                return;
            }
            if state.trouble == Trouble::LostAnswers && is_first {
                state.lost.push(kind);
                let port = state.server.port;
                drop(state);
                let _ = forward(port, &request);
                return;
            }
            state.server.port
        };
        let answer = forward(port, &request);
        let mut stream = stream;
        let _ = stream.write_all(&answer);
        let _ = stream.shutdown(Shutdown::Both);
    }
}

/// Method and path without the ids of traces.
fn kind(line: &str) -> String {
    let is_id = |part: &str| part.starts_with("tr-") || part.len() == 32;
    let parts = line
        .split('/')
        .map(|part| if is_id(part) { "ID" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

/// The whole answer of the server.
fn forward(port: u16, request: &super::scripted_server::Received) -> Vec<u8> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the server listens");
    let mut head = format!("{} {} HTTP/1.1\r\n", request.method, request.target);
    for (name, value) in &request.headers {
        if name != "connection" {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    head.push_str("connection: close\r\n\r\n");
    let mut answer = Vec::new();
    let _ = stream.write_all(&[head.as_bytes(), &request.body].concat());
    let _ = stream.read_to_end(&mut answer);
    answer
}
