//! The scripted model on the network.

use std::sync::Arc;
use std::thread;

use serde_json::json;
use server::request::{Request, Requests};
use server::response::http;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};

use crate::script::Script;

/// Serves on a thread of its own until the process ends. Returns the address.
pub(crate) fn start(script: Arc<Script>) -> std::io::Result<String> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let address = format!("http://{}", listener.local_addr()?);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    thread::spawn(move || runtime.block_on(serve(listener, script)));
    Ok(address)
}

async fn serve(listener: std::net::TcpListener, script: Arc<Script>) -> std::io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(answer(stream, Arc::clone(&script)));
    }
}

async fn answer(stream: TcpStream, script: Arc<Script>) -> std::io::Result<()> {
    let mut requests = Requests::new(stream);
    while let Some(Request { head, body }) = requests.next().await? {
        let line = String::from_utf8_lossy(head);
        let path = line.split(' ').nth(1).unwrap_or_default();
        let (status, body) = match script.complete(path, body) {
            Ok(completion) => ("200 OK", completion),
            Err(message) => (
                "400 Bad Request",
                json!({"error": {"message": message, "type": "invalid_request_error"}}),
            ),
        };
        requests.stream().write_all(&http(status, &body)).await?;
    }
    Ok(())
}
