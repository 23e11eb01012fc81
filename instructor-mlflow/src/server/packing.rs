//! Shipments in the form that a route wants.

use std::time::Instant;

use crate::annotations::Annotations;
use crate::server::Server;
use crate::server::route::Route;
use crate::server::spans::PackedSpans;
use crate::server::trace_file::{Shape, TraceFile};
use crate::shipment::{Package, Records, Shipment};

impl Server {
    /// Packs what is not packed for this route.
    pub(super) fn pack(
        &mut self,
        route: Route,
        batch: &mut Vec<Shipment>,
        records: &mut Records<'_>,
    ) {
        let shape = match route {
            Route::Spans { .. } => None,
            Route::File | Route::Databricks => Some(Shape::V3),
            Route::V2 => Some(Shape::V2),
        };
        let mut packed = Vec::with_capacity(batch.len());
        let mut to_pack = Vec::new();
        for mut shipment in batch.drain(..) {
            let fits = match (&shipment.package, shape) {
                (Package::Spans(_), None) => true,
                (Package::File(file), Some(shape)) => file.shape() == shape,
                _ => false,
            };
            if fits {
                packed.push(shipment);
            } else {
                to_pack.append(&mut shipment.unpack());
            }
        }
        for shipment in to_pack {
            match shape {
                None => packed.extend(pack_spans(shipment, records)),
                Some(shape) => packed.extend(self.pack_file(shipment, shape, records)),
            }
        }
        *batch = packed;
    }

    /// As a file, together with what is held of the same trace. `None` if it is held as well.
    fn pack_file(
        &mut self,
        mut shipment: Shipment,
        shape: Shape,
        records: &mut Records<'_>,
    ) -> Option<Shipment> {
        let Some(parcel) = shipment.parcels.first() else {
            return Some(shipment);
        };
        let Some(mut file) = TraceFile::of(parcel, shape, records.processors) else {
            return Some(shipment);
        };
        // Assessments of a trace in progress are said one by one, and MLflow 2 knows none.
        let info = Some(file.info_mut()).filter(|info| info.is_finished());
        let annotations = Annotations::new(parcel, records.processors, info, records.prompts);
        shipment.annotations = vec![annotations];
        let own = shipment.parcels.len();
        let admitted = self.open.admit(file, shipment, Instant::now());
        match &admitted {
            Some(admitted) => {
                let held = admitted.parcels.len().saturating_sub(own);
                records.queue.resume(held);
            }
            None => records.queue.hold(own),
        }
        admitted
    }
}

/// As spans.
fn pack_spans(mut shipment: Shipment, records: &mut Records<'_>) -> Option<Shipment> {
    let parcel = shipment.parcels.first()?;
    let mut packed = PackedSpans::of(parcel, records.processors);
    let info = packed.info_mut();
    let annotations = Annotations::new(parcel, records.processors, info, records.prompts);
    shipment.package = Package::Spans(Box::new(packed));
    shipment.annotations = vec![annotations];
    Some(shipment)
}
