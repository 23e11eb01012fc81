//! Requests as they arrive on a connection.

use std::io::{Error, ErrorKind, Result};

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

const END_OF_HEAD: &[u8] = b"\r\n\r\n";
const LENGTH: &[u8] = b"content-length:";

/// A request, of which only this is of interest.
pub struct Request<'a> {
    /// From the request line on, without the body.
    pub head: &'a [u8],
    pub body: &'a [u8],
}

/// The requests of one connection. A client waits for each answer, so the buffer never holds two.
pub struct Requests {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Requests {
    pub fn new(stream: TcpStream) -> Self {
        Requests {
            stream,
            buffer: Vec::with_capacity(16 * 1024),
        }
    }

    pub fn stream(&mut self) -> &mut TcpStream {
        &mut self.stream
    }

    /// The next request; `None` when the client has closed the connection.
    pub async fn next(&mut self) -> Result<Option<Request<'_>>> {
        self.buffer.clear();
        let mut end = None;
        while end.is_none_or(|(_, end)| self.buffer.len() < end) {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Ok(None);
            }
            if end.is_none() {
                end = ends(&self.buffer)?;
            }
        }
        let (head, end) = end.unwrap_or_default();
        Ok(Some(Request {
            head: &self.buffer[..head],
            body: &self.buffer[head..end],
        }))
    }
}

/// Where head and body end, once the head is there.
fn ends(buffer: &[u8]) -> Result<Option<(usize, usize)>> {
    let Some(head) = buffer
        .windows(END_OF_HEAD.len())
        .position(|window| window == END_OF_HEAD)
    else {
        return Ok(None);
    };
    let length = buffer[..head]
        .split(|byte| *byte == b'\n')
        .filter(|line| {
            line.len() >= LENGTH.len() && line[..LENGTH.len()].eq_ignore_ascii_case(LENGTH)
        })
        .find_map(|line| {
            str::from_utf8(&line[LENGTH.len()..])
                .ok()?
                .trim()
                .parse::<usize>()
                .ok()
        })
        .or_else(|| buffer.starts_with(b"GET ").then_some(0))
        .ok_or_else(|| Error::new(ErrorKind::InvalidData, "a request without content-length"))?;
    let head = head + END_OF_HEAD.len();
    Ok(Some((head, head + length)))
}
