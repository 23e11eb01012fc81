//! How a client has answers judged.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Client;
use crate::error::Result;
use crate::llm_rule::{Judge, ValidatorCache};
use crate::provider;

/// How many values of an answer are judged at the same time unless told otherwise. How many there are may be up to the model: a
/// rule on the items of a list is as many requests as the list is long.
pub const DEFAULT_VALIDATOR_CONCURRENCY: usize = 8;

/// The judges that a client knows, and what they said.
pub(crate) struct Validators {
    pub(super) registered: HashMap<String, Client>,
    /// Clients for models of other providers, made when they were first named.
    pub(super) made: Mutex<HashMap<String, Client>>,
    pub(super) concurrency: usize,
    pub(super) cache: Option<ValidatorCache>,
}

impl Default for Validators {
    fn default() -> Self {
        Validators {
            registered: HashMap::new(),
            made: Mutex::new(HashMap::new()),
            concurrency: DEFAULT_VALIDATOR_CONCURRENCY,
            cache: None,
        }
    }
}

impl Validators {
    /// How many values are judged at the same time; at least 1.
    pub(crate) fn concurrency(&self) -> usize {
        self.concurrency.max(1)
    }

    pub(crate) fn cache(&self) -> Option<&ValidatorCache> {
        self.cache.as_ref()
    }

    /// The judge that a rule names: a registered client, a model of another provider, or else a model of the provider of
    /// `default`. `client` is the one that these are the validators of.
    pub(crate) fn judge(&self, name: &str, default: &Judge, client: &Client) -> Result<Judge> {
        if let Some(registered) = self.registered.get(name) {
            return Ok(Judge::of(registered));
        }
        let model = match provider::lookup(name) {
            Ok((provider, model)) if provider.name == default.client.provider().name => model,
            Ok(_) => return Ok(Judge::of(&self.made(name, client)?)),
            // Services name their models as they like, also with a slash.
            Err(_) => name,
        };
        Ok(Judge {
            model: model.into(),
            ..default.clone()
        })
    }

    /// The client for `provider/model`: it sends as `client` does.
    fn made(&self, name: &str, client: &Client) -> Result<Client> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = made.get(name) {
            return Ok(known.clone());
        }
        let (provider, model) = provider::lookup(name)?;
        let mut builder = Client::builder(provider.clone(), model)
            .retry_policy(client.retry_policy())
            .max_retries(client.max_retries());
        builder.transport = Some(Arc::clone(&client.inner.transport));
        let new = builder.build()?;
        made.insert(name.to_owned(), new.clone());
        Ok(new)
    }
}
