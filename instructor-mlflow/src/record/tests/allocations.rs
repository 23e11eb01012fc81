//! What writing a record takes from the thread of the caller.

use std::hint::black_box;

use super::frame::usual;
use super::*;

/// The list of spans, the list of messages, the bytes, the definitions, and their list.
const ALLOCATIONS: u64 = 5;

#[test]
fn a_usual_call_takes_few_allocations() {
    let (frame, destination) = (usual(), destination());
    // What is shared is made once.
    drop(Record::of(&frame, &destination).encoded());
    let mut length = 0;
    let used = allocation_counter::measure(|| {
        let encoded = black_box(Record::of(&frame, &destination)).encoded();
        length = encoded.bytes.len();
    });
    assert!((1_500..3_000).contains(&length), "{length} bytes");
    assert!(used.count_total <= ALLOCATIONS, "{used:?}");
}

#[test]
fn bytes_are_written_without_growing() {
    for frame in [usual(), super::frame::frame()] {
        let record = Record::of(&frame, &destination());
        let bytes = record.encoded().bytes;
        assert!(bytes.len() <= record.length_hint(), "{}", bytes.len());
        assert_eq!(bytes.capacity(), record.length_hint());
    }
}
