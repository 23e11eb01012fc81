//! A record on its way: written down while it waits, read again when its turn has come.

use std::sync::Arc;

use crate::config::Destination;
use crate::record::{DecodeError, Encoded, Library, Record};

/// A record that waits, and where it goes.
#[derive(Debug)]
pub(crate) struct Packet {
    pub(crate) destination: Arc<Destination>,
    record: Encoded,
    number: u64,
}

/// A record that is being sent.
#[derive(Debug)]
pub(crate) struct Parcel {
    pub(crate) destination: Arc<Destination>,
    pub(crate) record: Record<'static>,
    /// The bytes of memory that it took while it waited.
    pub(crate) weight: usize,
}

impl Packet {
    /// The packet is the `number`th.
    pub(crate) fn new(destination: Arc<Destination>, record: Encoded, number: u64) -> Packet {
        Packet {
            destination,
            record,
            number,
        }
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// About how many bytes of memory it takes. The definitions are shared.
    pub(crate) fn weight(&self) -> usize {
        weight(&self.record)
    }

    /// Reads the record.
    pub(crate) fn open(self, library: &mut Library) -> Result<Parcel, DecodeError> {
        let Encoded { bytes, definitions } = &self.record;
        let record = library.open(bytes, |key| {
            let mut definitions = definitions.iter();
            let (_, bytes) = definitions.find(|(known, _)| *known == key)?;
            Some(bytes.clone())
        })?;
        Ok(Parcel {
            weight: self.weight(),
            destination: self.destination,
            record,
        })
    }
}

/// About how many bytes of memory a record takes that waits.
pub(crate) fn weight(record: &Encoded) -> usize {
    record.bytes.capacity() + size_of::<Packet>()
}
