//! The same client without `async`: for programs that have no runtime, and want none.
//!
//! Each call runs in the thread that makes it; one thread beside it, shared by the clones of a client, drives the network. It may be
//! used anywhere, also inside of a runtime, where it blocks the thread like any blocking function.
//!
//! ```no_run
//! # use instructor_core::{ResponseModel, Result, blocking};
//! # fn example<Person: ResponseModel>() -> Result<()>
//! # where
//! #     Person::Partial: Send,
//! # {
//! let client = blocking::Client::from_provider("openai/gpt-4o")?;
//! let person: Person = client.create("Jason is 25 years old").temperature(0.0).send()?;
//!
//! let mut stream = client.create::<Person>("Ann is 34 years old").stream();
//! while let Some(person) = stream.next()? {
//!     println!("{:?}", person.value());
//! }
//! let ann = stream.finish()?;
//! # let _ = (person, ann);
//! # Ok(())
//! # }
//! ```

mod create;
mod driver;
mod stream;

use std::fmt;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use crate::error::Result;
use crate::message::Message;
use crate::model::ResponseModel;
use crate::provider::Provider;
use crate::stream::Items;

use driver::Driver;

pub use create::Create;
pub use stream::{ItemStream, PartialStream, Snapshots};

/// A [`Client`](crate::Client) that blocks. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Client {
    client: crate::Client,
    driver: Arc<Driver>,
}

impl Client {
    /// As [`Client::from_provider`](crate::Client::from_provider).
    ///
    /// # Errors
    ///
    /// The same, and [`Error::Request`](crate::Error::Request) if the thread cannot be started.
    pub fn from_provider(provider_and_model: &str) -> Result<Self> {
        Client::of(crate::Client::from_provider(provider_and_model)?)
    }

    /// As [`Client::new`](crate::Client::new).
    ///
    /// # Errors
    ///
    /// The same, and [`Error::Request`](crate::Error::Request) if the thread cannot be started.
    pub fn new(provider: Provider, model: impl Into<Arc<str>>) -> Result<Self> {
        Client::of(crate::Client::new(provider, model)?)
    }

    /// A client that was [built](crate::Client::builder), without `async`.
    ///
    /// # Errors
    ///
    /// [`Error::Request`](crate::Error::Request) if the thread that drives the network cannot be started.
    pub fn of(client: crate::Client) -> Result<Self> {
        let driver = Arc::new(Driver::start()?);
        Ok(Client { client, driver })
    }

    /// Asks for a `T`. Nothing is sent before [`Create::send`] or [`Create::stream`].
    pub fn create<T: ResponseModel>(&self, prompt: impl Into<Message>) -> Create<T> {
        Create::new(self.client.create(prompt), Arc::clone(&self.driver))
    }

    /// Asks for any number of `T`, each of which is there as soon as the model has written it.
    pub fn create_items<T: ResponseModel + DeserializeOwned>(
        &self,
        prompt: impl Into<Message>,
    ) -> Create<Vec<T>, Items> {
        Create::new(self.client.create_items(prompt), Arc::clone(&self.driver))
    }

    /// The client that it is a face of.
    pub fn as_async(&self) -> &crate::Client {
        &self.client
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.client.fmt(f)
    }
}
