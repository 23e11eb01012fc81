//! A server on raw TCP that does one thing wrong, the same with every connection.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use socket2::{Domain, SockRef, Socket, Type};

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Nobody listens.
    Refused,
    /// The name of the host is not known.
    UnknownHost,
    ResetBeforeHeaders,
    ResetInHeaders,
    ResetInBody,
    /// The request is read and never answered.
    Stall,
    /// A byte of the answer at a time, far too slowly.
    Drip,
    /// The body ends in the middle of its JSON, and says that this is its end.
    TruncatedJson,
    /// A stream that ends in the middle of an event.
    TruncatedEvents,
    BadUtf8,
    /// The right body as `text/html`.
    WrongContentType,
    /// Random bytes that are called gzip.
    GzipGarbage,
    HugeBody,
    DeepJson,
    /// This status, and what `Retry-After` says.
    Status(u16, Option<&'static str>),
    /// To another address.
    Redirect,
}

/// The right answer, whole and as a stream.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) body: String,
    pub(super) events: String,
}

pub(super) struct FaultServer {
    url: String,
    counts: Arc<Counts>,
    /// Of a server that is not there: the port is its own, so that nobody else is found at it.
    #[cfg_attr(not(feature = "mlflow"), allow(dead_code))]
    reserved: Option<Socket>,
}

#[derive(Default)]
struct Counts {
    requests: AtomicUsize,
    open: AtomicUsize,
    connections: AtomicUsize,
}

/// What is asked of the server.
pub(super) struct Request {
    #[cfg_attr(not(feature = "mlflow"), allow(dead_code))]
    pub(super) path: String,
    is_streamed: bool,
}

/// Which requests go wrong, and what the others are answered.
type Answers = Arc<dyn Fn(&Request) -> Reply + Send + Sync>;

pub(super) enum Reply {
    /// This goes wrong with the right answer.
    Faulty(Answer),
    /// Nothing goes wrong.
    Right(String),
}

impl FaultServer {
    /// Its threads end with the process, or when the client hangs up.
    pub(super) fn start(fault: Fault, answer: Answer) -> FaultServer {
        FaultServer::start_by(fault, move |_| Reply::Faulty(answer.clone()))
    }

    /// One with which nothing goes wrong.
    pub(super) fn right(body: String) -> FaultServer {
        FaultServer::start_by(Fault::Redirect, move |_| Reply::Right(body.clone()))
    }

    /// The same where not every request goes wrong. Only those that do are counted.
    pub(super) fn start_by(
        fault: Fault,
        answers: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    ) -> FaultServer {
        let counts = Arc::new(Counts::default());
        if fault == Fault::UnknownHost {
            let url = "http://no-such-host.invalid".to_owned();
            let reserved = None;
            return FaultServer {
                url,
                counts,
                reserved,
            };
        }
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        socket.bind(&any.into()).unwrap();
        let address = socket.local_addr().unwrap().as_socket().unwrap();
        let mut server = FaultServer {
            url: format!("http://{address}"),
            counts,
            reserved: None,
        };
        match fault {
            Fault::Refused => server.reserved = Some(socket),
            _ => server.listen(socket, fault, Arc::new(answers)),
        }
        server
    }

    fn listen(&self, socket: Socket, fault: Fault, answers: Answers) {
        socket.listen(128).unwrap();
        let listener = TcpListener::from(socket);
        let counts = Arc::clone(&self.counts);
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answers, counts) = (Arc::clone(&answers), Arc::clone(&counts));
                counts.open.fetch_add(1, Ordering::SeqCst);
                counts.connections.fetch_add(1, Ordering::SeqCst);
                thread::spawn(move || {
                    // An error here is the client that hangs up, which is what some faults make it do.
                    let _ = serve(stream, address, fault, &answers, &counts);
                    counts.open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
    }

    /// Now somebody listens where nobody did.
    #[cfg(feature = "mlflow")]
    pub(super) fn come_back(
        &mut self,
        answers: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    ) {
        let socket = self.reserved.take().unwrap();
        self.listen(socket, Fault::Refused, Arc::new(answers));
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// How many requests came, over all connections.
    pub(super) fn requests(&self) -> usize {
        self.counts.requests.load(Ordering::SeqCst)
    }

    /// How many connections there were.
    pub(super) fn connections(&self) -> usize {
        self.counts.connections.load(Ordering::SeqCst)
    }

    /// How many connections the client has not closed.
    pub(super) fn open(&self) -> usize {
        self.counts.open.load(Ordering::SeqCst)
    }
}

fn serve(
    mut stream: TcpStream,
    address: SocketAddr,
    fault: Fault,
    answers: &Answers,
    counts: &Counts,
) -> std::io::Result<()> {
    while let Some(request) = read_request(&mut stream)? {
        let answer = match answers(&request) {
            Reply::Faulty(answer) => answer,
            Reply::Right(body) => {
                let length = body.len();
                let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n");
                stream.write_all([head, body].concat().as_bytes())?;
                continue;
            }
        };
        let is_streamed = request.is_streamed;
        counts.requests.fetch_add(1, Ordering::SeqCst);
        let (kind, body) = match is_streamed {
            true => ("text/event-stream", answer.events.as_bytes()),
            false => ("application/json", answer.body.as_bytes()),
        };
        let half = &body[..body.len() / 2];
        let ok = |kind: &str, length: usize| {
            format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n")
        };
        match fault {
            Fault::Refused | Fault::UnknownHost => unreachable!("nobody comes this far"),
            Fault::ResetBeforeHeaders => return reset(&stream),
            Fault::ResetInHeaders => {
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-ty")?;
                return reset(&stream);
            }
            Fault::ResetInBody => {
                stream.write_all(ok(kind, body.len()).as_bytes())?;
                stream.write_all(half)?;
                // So that the half is read before the reset overtakes it.
                thread::sleep(Duration::from_millis(50));
                return reset(&stream);
            }
            Fault::Stall => {}
            Fault::Drip => {
                stream.write_all(ok(kind, body.len()).as_bytes())?;
                for byte in body {
                    stream.write_all(&[*byte])?;
                    thread::sleep(Duration::from_millis(40));
                }
            }
            Fault::TruncatedJson => {
                let half = &answer.body.as_bytes()[..answer.body.len() / 2];
                stream.write_all(ok("application/json", half.len()).as_bytes())?;
                stream.write_all(half)?;
            }
            Fault::TruncatedEvents => {
                let half = &answer.events.as_bytes()[..answer.events.len() / 2];
                stream.write_all(ok("text/event-stream", half.len()).as_bytes())?;
                stream.write_all(half)?;
            }
            Fault::BadUtf8 => {
                // Into the middle of the name that is asked for.
                let place = find(body, b"Jas").expect("the name") + 1;
                let mut body = body.to_vec();
                body[place] = 0xff;
                stream.write_all(ok(kind, body.len()).as_bytes())?;
                stream.write_all(&body)?;
            }
            Fault::WrongContentType => {
                let body = answer.body.as_bytes();
                stream.write_all(ok("text/html", body.len()).as_bytes())?;
                stream.write_all(body)?;
            }
            Fault::GzipGarbage => {
                let garbage: Vec<u8> = (0..2000u32).map(|n| ((n * 7919) >> 3) as u8).collect();
                let head = ok(kind, garbage.len());
                let head = head.replace("\r\n\r\n", "\r\ncontent-encoding: gzip\r\n\r\n");
                stream.write_all(head.as_bytes())?;
                stream.write_all(&garbage)?;
            }
            Fault::HugeBody => {
                const LENGTH: usize = 40 * 1024 * 1024;
                stream.write_all(ok(kind, LENGTH).as_bytes())?;
                let block = vec![b' '; 1024 * 1024];
                for _ in 0..LENGTH / block.len() {
                    stream.write_all(&block)?;
                }
            }
            Fault::DeepJson => {
                let mut deep = "[".repeat(1_000_000);
                if is_streamed {
                    deep = format!("data: {deep}\n\n");
                }
                stream.write_all(ok(kind, deep.len()).as_bytes())?;
                stream.write_all(deep.as_bytes())?;
            }
            Fault::Status(status, retry_after) => {
                let body = r#"{"error": {"message": "no", "type": "oops", "code": null}}"#;
                let retry_after = retry_after.map(|time| format!("retry-after: {time}\r\n"));
                let head = format!(
                    "HTTP/1.1 {status} No\r\ncontent-type: application/json\r\n{}content-length: {}\r\n\r\n",
                    retry_after.unwrap_or_default(),
                    body.len()
                );
                stream.write_all(head.as_bytes())?;
                stream.write_all(body.as_bytes())?;
            }
            Fault::Redirect => {
                let head = format!(
                    "HTTP/1.1 302 Found\r\nlocation: http://{address}/elsewhere\r\ncontent-length: 0\r\n\r\n"
                );
                stream.write_all(head.as_bytes())?;
            }
        }
    }
    Ok(())
}

/// A connection that ends so breaks; one that is only closed has ended.
fn reset(stream: &TcpStream) -> std::io::Result<()> {
    SockRef::from(stream).set_linger(Some(Duration::ZERO))
}

/// `None` once the client has hung up.
fn read_request(stream: &mut TcpStream) -> std::io::Result<Option<Request>> {
    let mut request = Vec::new();
    let mut piece = [0; 16 * 1024];
    let body = loop {
        let length = stream.read(&mut piece)?;
        if length == 0 {
            return Ok(None);
        }
        request.extend_from_slice(&piece[..length]);
        if let Some(end) = find(&request, b"\r\n\r\n") {
            break end + 4;
        }
    };
    let head = String::from_utf8_lossy(&request[..body]).to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"))
        .map_or(0, |length| length.trim().parse::<usize>().unwrap());
    while request.len() < body + length {
        let length = stream.read(&mut piece)?;
        if length == 0 {
            return Ok(None);
        }
        request.extend_from_slice(&piece[..length]);
    }
    let words = String::from_utf8_lossy(&request[..body]);
    let path = words.split([' ', '?']).nth(1).unwrap_or_default();
    // What is no JSON asks for no stream.
    let body: serde_json::Value = serde_json::from_slice(&request[body..]).unwrap_or_default();
    Ok(Some(Request {
        path: path.to_owned(),
        is_streamed: body["stream"] == true,
    }))
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}
