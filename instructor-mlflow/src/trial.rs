//! What becomes of frames without a server: for tests that try any of them.
#![expect(clippy::expect_used, reason = "a test that panics has failed")]

use prost::Message;

use crate::config::Settings;
use crate::convert::Converted;
use crate::notice::{Audience, Notices};
use crate::processor::Processors;
use crate::record::{DefinitionKey, Library, Record};
use crate::server::spans::export_request;
use crate::span::Frame;

/// The body of `POST /v1/traces` for a frame, which has gone the way of all: written down as a record, and read again.
///
/// # Panics
///
/// If the record cannot be read.
pub fn otlp(frame: &Frame, capture_content: bool) -> Vec<u8> {
    let settings = Settings {
        capture_content: Some(capture_content),
        ..Settings::default()
    };
    let destination = settings.resolve(|_| None).expect("the defaults are valid");
    let encoded = Record::of(frame, &destination).encoded();
    let definition = |key: DefinitionKey| {
        let mut definitions = encoded.definitions.iter();
        let found = definitions.find(|known| known.key == key.0);
        found.map(|found| found.bytes.clone())
    };
    let record = Library::new().open(&encoded.bytes, definition);
    let record = record.expect("what was written can be read");
    let processors = Processors::new(Vec::new(), Notices::new(Audience::Subscriber));
    let converted = Converted::from_record(&record, &processors, capture_content);
    let spans = converted.spans.iter();
    let spans = spans.map(|span| span.encode_to_vec().into());
    export_request(spans.collect()).encode_to_vec()
}

/// The record of a frame, as it waits.
pub fn record(frame: &Frame) -> Vec<u8> {
    let destination = Settings::default().resolve(|_| None);
    let destination = destination.expect("the defaults are valid");
    Record::of(frame, &destination).encoded().bytes
}

/// What a reader of records makes of any bytes: the same record written again, or what is wrong.
///
/// # Errors
///
/// If they are no record.
pub fn reread(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let record = Record::decode(bytes).map_err(|error| error.to_string())?;
    let mut written = Vec::new();
    record.encode(&mut written);
    Ok(written)
}
