//! Many calls in flight at once: what each takes, and what is left when they are over.

use std::fs;
use std::time::Duration;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use crate::order::{Footprint, Held, Hold};
use crate::{CallError, Peer};

/// Files that the process has open besides one socket for each call.
const OTHER_FILES: u64 = 100;
/// Between two looks at what changes by itself.
const PAUSE: Duration = Duration::from_millis(20);
/// So many looks at most.
const LOOKS: usize = 1_500;

/// Has all calls in flight at the server at `address`, and ends them.
pub(crate) async fn hold<P: Peer>(
    peer: &P,
    address: &str,
    order: &Hold,
) -> Result<Held, CallError> {
    allow_files(order.count + OTHER_FILES)?;
    let before = Footprint::now()?;
    let mut calls = JoinSet::new();
    for _ in 0..order.count {
        let peer = peer.clone();
        calls.spawn(async move { peer.call().await });
    }
    let mut looks = 0;
    while ask(address, "waiting").await? != order.count.to_string() {
        if let Some(ended) = calls.try_join_next() {
            ended??;
        }
        looks += 1;
        if looks > LOOKS {
            return Err("not all calls have reached the server".into());
        }
        tokio::time::sleep(PAUSE).await;
    }
    let during = Footprint::now()?;
    if order.drop {
        calls.shutdown().await;
        ask(address, "release").await?;
    } else {
        ask(address, "release").await?;
        while let Some(ended) = calls.join_next().await {
            ended??;
        }
    }
    drop(calls);
    if let Some(flush) = P::FLUSH {
        flush()?;
    }
    let mut after = Footprint::now()?;
    // The tasks of connections end by themselves, when it is their turn, and close them. Those of answered calls wait for the next one.
    for _ in 0..LOOKS {
        if !order.drop || after.tasks <= before.tasks {
            break;
        }
        tokio::time::sleep(PAUSE).await;
        after = Footprint::now()?;
    }
    Ok(Held {
        count: order.count,
        before,
        during,
        after,
    })
}

/// Lets the process have so many files open.
fn allow_files(count: u64) -> Result<(), CallError> {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
    if most < count {
        return Err(format!("{count} files must be open, and the system allows {most}").into());
    }
    Ok(setrlimit(Resource::RLIMIT_NOFILE, most, most)?)
}

impl Footprint {
    fn now() -> Result<Self, CallError> {
        let status = fs::read_to_string("/proc/self/status")?;
        let memory = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok())
            .ok_or("the system does not say how much memory a process has")?;
        let files = fs::read_dir("/proc/self/fd")?.flatten();
        let targets = files.filter_map(|file| fs::read_link(file.path()).ok());
        let is_socket =
            |target: &std::path::PathBuf| target.to_string_lossy().starts_with("socket:");
        Ok(Footprint {
            memory: memory * 1024,
            tasks: Handle::current().metrics().num_alive_tasks() as u64,
            sockets: targets.filter(is_socket).count() as u64,
        })
    }
}

/// Asks the server for this, on a connection of its own.
async fn ask(address: &str, what: &str) -> Result<String, CallError> {
    let address = address.trim_start_matches("http://");
    let (host, path) = address.split_once('/').ok_or("the address has no path")?;
    let mut stream = TcpStream::connect(host).await?;
    let request = format!("GET /{path}/{what} HTTP/1.1\r\nhost: {host}\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::with_capacity(1024);
    // The answer is short, and comes in one piece.
    stream.read_buf(&mut answer).await?;
    let answer = String::from_utf8(answer)?;
    let (_, body) = answer.split_once("\r\n\r\n").ok_or("half an answer")?;
    Ok(body.to_owned())
}
