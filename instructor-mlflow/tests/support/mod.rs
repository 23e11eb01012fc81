//! What the tests of this crate share. Not every test uses all of it.
#![allow(dead_code, unreachable_pub)]
#![allow(clippy::expect_used, clippy::panic)] // A test may panic; clippy takes this folder for a library.

pub mod calls;
pub mod lossy_proxy;
pub mod mlflow_server;
pub mod real_server;
pub mod scripted_server;

use instructor_mlflow::{Guard, LayerBuilder};
use tracing_subscriber::layer::SubscriberExt;

/// Runs `program` under a subscriber with the layer of `builder`.
pub fn traced(builder: LayerBuilder, program: impl FnOnce()) -> Guard {
    let (layer, guard) = builder.build().expect("the settings are valid");
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), program);
    guard
}
