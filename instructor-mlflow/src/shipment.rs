//! What travels together, and how it is packed for the route to its server.

use std::mem;

use crate::annotations::{self, Annotations};
use crate::models::{Link, Links};
use crate::parcel::Parcel;
use crate::processor::Processors;
use crate::quarantine::Withheld;
use crate::queue::Queue;
use crate::server::spans::PackedSpans;
use crate::server::trace_file::TraceFile;
use crate::trace_info::TraceInfo;

/// Parcels of one trace on their way.
#[derive(Debug)]
pub(crate) struct Shipment {
    /// Settled together.
    pub(crate) parcels: Vec<Parcel>,
    pub(crate) package: Package,
    /// The logged model of the trace, if its root is here.
    pub(crate) model: Option<Link>,
    /// What is said about the trace once it is there.
    pub(crate) annotations: Vec<Annotations>,
    /// What the server refused of it.
    pub(crate) withheld: Vec<Withheld>,
}

/// What the exporter keeps beside the server, and what packing takes.
pub(crate) struct Records<'a> {
    pub(crate) queue: &'a Queue,
    pub(crate) processors: &'a Processors,
    pub(crate) models: &'a mut Links,
    /// The prompts of traces whose roots are open.
    pub(crate) prompts: &'a mut annotations::OpenTraces,
}

/// Made once for a route, so that what is sent again is not encoded again.
#[derive(Debug)]
pub(crate) enum Package {
    /// The records as they are.
    None,
    /// For servers that take spans.
    Spans(Box<PackedSpans>),
    /// For servers that keep the spans of a trace in a file.
    File(Box<TraceFile>),
}

impl Shipment {
    pub(crate) fn new(parcel: Parcel, model: Option<Link>) -> Self {
        Shipment {
            parcels: vec![parcel],
            package: Package::None,
            model,
            annotations: Vec::new(),
            withheld: Vec::new(),
        }
    }

    /// The same parcels, each on its own and not packed.
    pub(crate) fn unpack(&mut self) -> Vec<Shipment> {
        let mut model = self.model.take();
        let parcels = mem::take(&mut self.parcels);
        parcels
            .into_iter()
            .map(|parcel| {
                let model = parcel.record.root().and_then(|_| model.take());
                Shipment::new(parcel, model)
            })
            .collect()
    }

    /// About how many bytes it holds.
    pub(crate) fn weight(&self) -> usize {
        self.parcels.iter().map(Parcel::weight).sum()
    }

    /// What has not been sent, as it would have been; as spans if nobody knows how.
    pub(crate) fn content(&self, processors: &Processors) -> Vec<u8> {
        match &self.package {
            Package::None => {
                let spans = |parcel| PackedSpans::of(parcel, processors).content();
                // Messages of protocol buffers that follow each other are one.
                self.parcels.iter().flat_map(spans).collect()
            }
            Package::Spans(packed) => packed.content(),
            Package::File(file) => file.content(file.info.trace_id()).into_bytes(),
        }
    }

    /// What will be kept of the trace, if that is to be sent.
    pub(crate) fn info_mut(&mut self) -> Option<&mut TraceInfo> {
        match &mut self.package {
            Package::None => None,
            Package::Spans(packed) => packed.info_mut(),
            Package::File(file) => Some(file.info_mut()),
        }
    }

    /// The package, if it is a file.
    pub(crate) fn file_mut(&mut self) -> Option<&mut TraceFile> {
        match &mut self.package {
            Package::File(file) => Some(file),
            _ => None,
        }
    }
}
