//! The instant model server: speaks HTTP/1.1 over kept connections, and gives one canned answer in one write.
//!
//! The clients' base URL chooses the form of the answer: `/tool/v1` has it as a call of the tool `Ticket`, `/text/v1` as the text of
//! the message. `/judged/v1` answers with a form at once, and judges a value of it in 200 milliseconds. `/stream/{bytes}/v1` streams a long answer. `/tracking` is an MLflow that keeps nothing. Below `/held` nothing
//! is answered until that is allowed. All requests to `/tool` must be the same to the byte, so that those clients are known to do the same encoding.
//!
//! Prints its address as one line, and ends when its input does.

mod answer;
mod held;
mod stream;
mod tracking;

use std::borrow::Cow;
use std::io::{Read, stdin};
use std::rc::Rc;
use std::thread;
use std::time::Duration;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::LocalSet;

use crate::answer::Answers;
use crate::held::Held;
use crate::stream::Streams;
use crate::tracking::Tracking;
use server::request::Requests;

/// How long a judge thinks.
const JUDGEMENT: Duration = Duration::from_millis(200);

fn main() -> std::io::Result<()> {
    // Each call that is held has a connection.
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, most, most)?;
    thread::spawn(|| {
        // Nothing is ever written to it: this waits for its end.
        let _ = stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    LocalSet::new().block_on(&runtime, async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("http://{}", listener.local_addr()?);
        let answers = Rc::new(Answers::new());
        let streams = Rc::new(Streams::default());
        let tracking = Rc::new(Tracking::new());
        let held = Rc::new(Held::default());
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            tokio::task::spawn_local(serve(
                stream,
                Rc::clone(&answers),
                Rc::clone(&streams),
                Rc::clone(&tracking),
                Rc::clone(&held),
            ));
        }
    })
}

async fn serve(
    stream: TcpStream,
    answers: Rc<Answers>,
    streams: Rc<Streams>,
    tracking: Rc<Tracking>,
    held: Rc<Held>,
) -> std::io::Result<()> {
    let mut requests = Requests::new(stream);
    while let Some(request) = requests.next().await? {
        if let Some(writes) = streams.to(request.head) {
            for write in writes.iter() {
                requests.stream().write_all(write).await?;
            }
            continue;
        }
        if let Some(answer) = tracking.to(request.head) {
            requests.stream().write_all(&answer).await?;
            continue;
        }
        if let Some(answer) = held.to(request.head, &answers).await {
            requests.stream().write_all(&answer).await?;
            continue;
        }
        let verdict = answers.verdict(&request);
        let answer = match verdict {
            Some(verdict) => {
                tokio::time::sleep(JUDGEMENT).await;
                Cow::Borrowed(verdict)
            }
            None => answers.to(request),
        };
        requests.stream().write_all(&answer).await?;
    }
    Ok(())
}
