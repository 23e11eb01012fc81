//! The schema texts: what they say for every shape, that OpenAI accepts the strict ones, and that serde agrees.

mod agreement;
mod shapes;
