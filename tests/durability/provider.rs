//! The provider that programs ask. It is in the process of the test, and outlives them.

use serde_json::json;
use tokio::runtime::Runtime;

use crate::answers::openai;
use crate::events;
use crate::server::{Reply, Server};

/// Tokens of each of its answers, input and output.
pub(crate) const TOKENS: u64 = 150 + 24;

pub(crate) struct Provider {
    server: Server,
    _runtime: Runtime,
}

impl Provider {
    /// Knows one name. Asked for `Retried`, it gives a wrong answer at first.
    pub(crate) fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let server = runtime.block_on(Server::start("durability", |_, request| {
            let tool = request.response_model();
            let asked_before = request.body["messages"].as_array().unwrap().len() > 1;
            let name = match tool {
                "Retried" if !asked_before => json!({"name": ""}),
                _ => json!({"name": "Ann"}),
            };
            if request.body["stream"] == true {
                let pieces = events::pieces(&name.to_string(), 4);
                return Reply::stream(events::openai::call(tool, &pieces));
            }
            openai::call(tool, &name)
        }));
        Provider {
            server,
            _runtime: runtime,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("{}/v1", self.server.url())
    }
}
