//! A record on its way: written down while it waits, read again when its turn has come.

use std::sync::Arc;

use crate::config::Destination;
use crate::record::{DecodeError, DefinitionKey, Library, Record};
use crate::spool::{Position, Taken};
use crate::store::Store;

/// A record that waited, as it was written down.
#[derive(Debug)]
pub(crate) struct Packet {
    store: Arc<Store>,
    taken: Taken,
}

/// A record that is being sent.
#[derive(Debug)]
pub(crate) struct Parcel {
    destination: Arc<Destination>,
    pub(crate) record: Record<'static>,
    /// Bytes that it has in written form.
    weight: usize,
    pub(crate) ticket: Ticket,
}

/// By which a store knows what was taken from it.
#[derive(Debug, Clone)]
pub(crate) struct Ticket {
    pub(crate) store: Arc<Store>,
    /// `None` for what completes a trace, which was never written down as a record.
    pub(crate) position: Option<Position>,
}

impl Packet {
    pub(crate) fn new(store: Arc<Store>, taken: Taken) -> Packet {
        Packet { store, taken }
    }

    pub(crate) fn ticket(&self) -> Ticket {
        Ticket {
            store: self.store.clone(),
            position: Some(self.taken.position),
        }
    }

    /// Where it goes.
    pub(crate) fn destination(&self) -> &Arc<Destination> {
        self.store.destination()
    }

    /// The record as it was written down.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.taken.bytes
    }

    /// Reads the record.
    ///
    /// # Errors
    ///
    /// If the bytes are no record.
    pub(crate) fn open(&self, library: &mut Library) -> Result<Parcel, DecodeError> {
        let Taken {
            bytes, definitions, ..
        } = &self.taken;
        let definition = |key: DefinitionKey| definitions.get(key.0).cloned();
        let record = library.open(bytes, definition)?;
        Ok(Parcel {
            destination: self.store.destination_of(&record),
            record,
            weight: bytes.len(),
            ticket: self.ticket(),
        })
    }
}

impl Parcel {
    /// What completes a trace whose program was ended.
    pub(crate) fn completing(store: Arc<Store>, record: Record<'static>) -> Parcel {
        Parcel {
            destination: store.destination().clone(),
            record,
            weight: 0,
            ticket: Ticket {
                store,
                position: None,
            },
        }
    }

    pub(crate) fn destination(&self) -> &Arc<Destination> {
        &self.destination
    }

    /// About how many bytes it holds.
    pub(crate) fn weight(&self) -> usize {
        self.weight
    }
}
