//! Whom a call asks by its LLM rules.

use std::sync::Arc;

use crate::client::Client;

/// Who judges `#[llm_validate]` rules: another client, or another model of the same provider.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Validator {
    /// This client, with its model.
    Client(Client),
    /// This model of the provider that is asked.
    Model(Arc<str>),
}

impl From<Client> for Validator {
    fn from(client: Client) -> Self {
        Validator::Client(client)
    }
}

impl From<&Client> for Validator {
    fn from(client: &Client) -> Self {
        Validator::Client(client.clone())
    }
}

impl From<&str> for Validator {
    fn from(model: &str) -> Self {
        Validator::Model(model.into())
    }
}

impl From<String> for Validator {
    fn from(model: String) -> Self {
        Validator::Model(model.into())
    }
}
