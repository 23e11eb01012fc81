//! What a server refused for good: kept for people, if there is a place, and never sent again by itself.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use crate::spool::{self, OsDisk};

/// A part of a trace that the server refused.
#[derive(Debug)]
pub(crate) struct Withheld {
    /// As it would have been sent: spans as a request of OpenTelemetry, all else as JSON.
    pub(crate) content: Vec<u8>,
    /// What the server said.
    pub(crate) reason: String,
}

/// Keeps what was refused.
pub(crate) trait Keep: fmt::Debug + Send + Sync {
    /// Called on the exporter's thread. What cannot be kept is gone, so it has no error.
    fn put(&self, content: &[u8], reason: &str);
}

/// Where what was refused is kept; by default nowhere.
#[derive(Debug, Clone, Default)]
pub(crate) struct Quarantine(Option<Arc<dyn Keep>>);

impl Keep for spool::Quarantine {
    fn put(&self, content: &[u8], reason: &str) {
        // The server has what it took, and a disk that takes nothing is told of elsewhere.
        let _ = spool::Quarantine::put(self, content, reason);
    }
}

impl Quarantine {
    /// Below the directory of the spool, if there is one.
    pub(crate) fn below(root: Option<&Path>) -> Quarantine {
        Quarantine(root.map(|root| {
            let quarantine = spool::Quarantine::new(Arc::new(OsDisk), root);
            Arc::new(quarantine) as Arc<dyn Keep>
        }))
    }

    pub(crate) fn put(&self, withheld: &Withheld) {
        if let Some(place) = &self.0 {
            place.put(&withheld.content, &withheld.reason);
        }
    }
}

#[cfg(test)]
mod tests;

#[cfg(test)]
impl Quarantine {
    pub(crate) fn at(place: Arc<dyn Keep>) -> Quarantine {
        Quarantine(Some(place))
    }
}
