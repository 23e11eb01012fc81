//! Spans that a server refuses together: all that it takes are sent, and of the others what it needs to keep the tree whole.

use bytes::Bytes;
use prost::Message;

use crate::preview::shorten;
use crate::quarantine::Withheld;
use crate::server::obstacle::Obstacle;
use crate::server::spans::{PackedSpans, Wire, export_request};
use crate::trace_info::WITHHELD;
use crate::wire::{KeyValue, Span};

/// The longest reason on a span, in characters.
const LONGEST_REASON: usize = 500;

/// Sends the spans in ever smaller parts; in place of one that is refused alone, a stub. What was refused goes to
/// `withheld`, and what was not tried stays in `packed`.
///
/// Unless the server `is_sound`, an internal error for everything that it is asked is an obstacle.
pub(super) async fn send_apart(
    wire: Wire<'_>,
    packed: &mut PackedSpans,
    withheld: &mut Vec<Withheld>,
    mut is_sound: bool,
) -> Result<(), Obstacle> {
    // The first part is the last.
    let mut parts = halves(std::mem::take(&mut packed.unsent));
    while let Some(part) = parts.pop() {
        let obstacle = match wire.send(part.clone()).await {
            Ok(()) => {
                is_sound = true;
                continue;
            }
            Err(obstacle) => obstacle,
        };
        let outcome = match &obstacle {
            Obstacle::Rejected(_) | Obstacle::Internal(_) if part.len() > 1 => {
                parts.extend(halves(part));
                continue;
            }
            Obstacle::Rejected(reason) | Obstacle::Internal(reason) => {
                let is_judged = is_sound || matches!(obstacle, Obstacle::Rejected(_));
                let stub = stub(&part, reason);
                match wire.send(stub).await {
                    Ok(()) => Ok(true),
                    Err(Obstacle::Rejected(_)) => Ok(false),
                    Err(Obstacle::Internal(_)) if is_judged => Ok(false),
                    Err(obstacle) => Err(obstacle),
                }
            }
            _ => Err(obstacle.clone()),
        };
        match outcome {
            Ok(is_taken) => {
                is_sound |= is_taken;
                withheld.push(Withheld {
                    content: export_request(part).encode_to_vec(),
                    reason: obstacle.reason(),
                });
            }
            Err(obstacle) => {
                parts.push(part);
                packed.unsent = parts.into_iter().rev().flatten().collect();
                return Err(obstacle);
            }
        }
    }
    Ok(())
}

/// Both halves, the second one first; none is empty.
fn halves(mut spans: Vec<Bytes>) -> Vec<Vec<Bytes>> {
    let second = spans.split_off(spans.len().div_ceil(2));
    let mut halves = vec![second, spans];
    halves.retain(|half| !half.is_empty());
    halves
}

/// The spans without what the program said: ids, names, times and outcomes.
fn stub(spans: &[Bytes], reason: &str) -> Vec<Bytes> {
    let reason = format!("MLflow refused the content of this span: {reason}");
    let spans = spans.iter().filter_map(|span| {
        let mut span = Span::decode(span.clone()).ok()?;
        let reason = shorten(&reason, LONGEST_REASON).into_owned();
        span.attributes = vec![KeyValue::new(WITHHELD, reason)];
        span.events.clear();
        if let Some(status) = &mut span.status {
            status.message.clear();
        }
        Some(span.encode_to_vec().into())
    });
    spans.collect()
}
