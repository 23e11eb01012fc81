//! What the scripted server answers.

use std::sync::Arc;
use std::time::Duration;

use instructor::Usage;
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::Barrier;

/// What the server does with a request.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    Answer {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: String,
    },
    /// A stream of events, sent in these pieces.
    Stream {
        pieces: Vec<String>,
        /// How long to wait before each piece but the first.
        pause: Duration,
        /// The connection ends before the body does.
        breaks_off: bool,
    },
    /// The connection is reset without an answer.
    Reset,
    /// The reply, once as many requests as the barrier says have come this far.
    Together(Arc<Barrier>, Box<Reply>),
}

impl Reply {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Reply::Answer {
            status,
            headers: vec![("content-type", "application/json".to_owned())],
            body: body.to_string(),
        }
    }

    pub(crate) fn text(status: u16, body: &str) -> Self {
        Reply::Answer {
            status,
            headers: vec![("content-type", "text/plain".to_owned())],
            body: body.to_owned(),
        }
    }

    /// A stream of events, in pieces that need not be whole events.
    pub(crate) fn stream<P: Into<String>>(pieces: impl IntoIterator<Item = P>) -> Self {
        Reply::Stream {
            pieces: pieces.into_iter().map(Into::into).collect(),
            pause: Duration::ZERO,
            breaks_off: false,
        }
    }

    /// The same stream with a pause before each piece but the first.
    pub(crate) fn with_pause(mut self, time: Duration) -> Self {
        if let Reply::Stream { pause, .. } = &mut self {
            *pause = time;
        }
        self
    }

    /// The same stream, the connection closed before the body has ended.
    pub(crate) fn breaking_off(mut self) -> Self {
        if let Reply::Stream { breaks_off, .. } = &mut self {
            *breaks_off = true;
        }
        self
    }

    /// What is said in JSON: the body, or the data of each event.
    pub(super) fn said(&self) -> Vec<Value> {
        match self {
            Reply::Answer { body, .. } => serde_json::from_str(body).into_iter().collect(),
            Reply::Stream { pieces, .. } => {
                let text = pieces.concat();
                let data = text.lines().filter_map(|line| line.strip_prefix("data:"));
                data.filter_map(|data| serde_json::from_str(data).ok())
                    .collect()
            }
            Reply::Reset | Reply::Together(..) => Vec::new(),
        }
    }

    /// The tokens that it names, by the vendors' documents: OpenAI counts cached tokens in, Anthropic beside. In a stream a later
    /// number takes the place of an earlier one.
    pub(super) fn usage(&self) -> Usage {
        let mut named = serde_json::Map::new();
        for said in self.said() {
            for pointer in ["/usage", "/message/usage", "/response/usage"] {
                let usage = said.pointer(pointer).and_then(Value::as_object);
                named.extend(usage.cloned().into_iter().flatten());
            }
        }
        let named = Value::Object(named);
        let said = |pointer| named.pointer(pointer).and_then(Value::as_u64);
        let count = |pointer| said(pointer).unwrap_or(0);
        let cached = said("/cache_read_input_tokens");
        let created = said("/cache_creation_input_tokens");
        let beside = cached.unwrap_or(0) + created.unwrap_or(0);
        let mut usage = Usage::new(
            count("/prompt_tokens") + count("/input_tokens") + beside,
            count("/completion_tokens") + count("/output_tokens"),
        );
        usage.cache_read_input_tokens = cached
            .or(said("/prompt_tokens_details/cached_tokens"))
            .or(said("/input_tokens_details/cached_tokens"));
        usage.cache_creation_input_tokens = created
            .or(said("/prompt_tokens_details/cache_write_tokens"))
            .or(said("/input_tokens_details/cache_write_tokens"));
        usage.reasoning_output_tokens = said("/completion_tokens_details/reasoning_tokens")
            .or(said("/output_tokens_details/reasoning_tokens"))
            .or(said("/output_tokens_details/thinking_tokens"));
        usage
    }

    pub(crate) fn with_header(mut self, name: &'static str, value: &str) -> Self {
        if let Reply::Answer { headers, .. } = &mut self {
            headers.push((name, value.to_owned()));
        }
        self
    }

    /// Sends it. Whether the connection can be used again.
    pub(super) async fn send(self, stream: &mut TcpStream) -> bool {
        match self {
            Reply::Answer {
                status,
                headers,
                body,
            } => {
                let mut answer = format!(
                    "HTTP/1.1 {status} Scripted\r\ncontent-length: {}\r\n",
                    body.len()
                );
                for (name, value) in headers {
                    answer.push_str(&format!("{name}: {value}\r\n"));
                }
                answer.push_str("\r\n");
                answer.push_str(&body);
                // One write: headers and body apart would wait for a delayed acknowledgement.
                stream.write_all(answer.as_bytes()).await.is_ok()
            }
            Reply::Stream {
                pieces,
                pause,
                breaks_off,
            } => {
                let head = "HTTP/1.1 200 Scripted\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
                let mut text = head.to_owned();
                for (index, piece) in pieces.iter().filter(|piece| !piece.is_empty()).enumerate() {
                    if index > 0 && !pause.is_zero() {
                        tokio::time::sleep(pause).await;
                    }
                    text.push_str(&format!("{:x}\r\n{piece}\r\n", piece.len()));
                    if stream.write_all(text.as_bytes()).await.is_err() {
                        return false;
                    }
                    text.clear();
                }
                if !breaks_off {
                    text.push_str("0\r\n\r\n");
                }
                stream.write_all(text.as_bytes()).await.is_ok() && !breaks_off
            }
            Reply::Reset | Reply::Together(..) => {
                // With zero linger the peer sees a reset, not an end.
                let _ = socket2::SockRef::from(&*stream).set_linger(Some(Duration::ZERO));
                false
            }
        }
    }
}

#[tokio::test]
async fn a_stream_comes_in_pieces_and_may_break_off() {
    use tokio::io::AsyncReadExt;
    use tokio::net::TcpListener;

    let stream = || Reply::stream(["data: [DO", "NE]\n\n"]).with_pause(Duration::from_millis(20));
    for (reply, end) in [(stream(), "0\r\n\r\n"), (stream().breaking_off(), "")] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut connection = TcpStream::connect(address).await.unwrap();
        let mut accepted = listener.accept().await.unwrap().0;
        let is_whole = !end.is_empty();
        let sent = tokio::spawn(async move {
            assert_eq!(reply.send(&mut accepted).await, is_whole);
        });
        let (mut answer, mut reads) = (String::new(), 0);
        let mut buffer = [0; 512];
        while !answer.ends_with("0\r\n\r\n") {
            let count = connection.read(&mut buffer).await.unwrap();
            if count == 0 {
                break;
            }
            answer.push_str(std::str::from_utf8(&buffer[..count]).unwrap());
            reads += 1;
        }
        sent.await.unwrap();
        assert!(reads > 1, "all at once");
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.contains("content-type: text/event-stream"), "{head}");
        assert_eq!(body, format!("9\r\ndata: [DO\r\n5\r\nNE]\n\n\r\n{end}"));
    }
}
