//! Requests that are answered all at once, when somebody says so: so that many calls are in flight at the same time.

use std::cell::Cell;

use serde_json::Value;
use server::response::http;
use tokio::sync::Notify;

use crate::answer::Answers;

/// Where they stand.
const PREFIX: &[u8] = b"/held/";

#[derive(Default)]
pub(crate) struct Held {
    waiting: Cell<u64>,
    release: Notify,
}

impl Held {
    /// The answer to a request; `None` if it is not for this part of the server. `waiting` says how many requests have none yet, and
    /// `release` has them answered.
    pub(crate) async fn to(&self, head: &[u8], answers: &Answers) -> Option<Vec<u8>> {
        let target = head.split(|byte| *byte == b' ').nth(1)?;
        match target.strip_prefix(PREFIX)? {
            b"waiting" => Some(http("200 OK", &Value::from(self.waiting.get()))),
            b"release" => {
                self.waiting.set(0);
                self.release.notify_waiters();
                Some(http("200 OK", &Value::Null))
            }
            _ => {
                self.waiting.set(self.waiting.get() + 1);
                self.release.notified().await;
                Some(answers.ticket().to_vec())
            }
        }
    }
}
