//! The offending input of a fault, cut short.

use std::io;

use serde_json::Value;

/// The longest offending input that is kept, in bytes of JSON text.
pub const MAX_INPUT_BYTES: usize = 200;

/// The JSON text of `value`, cut after [`MAX_INPUT_BYTES`]. What is cut is never written, since a value may be large.
pub(crate) fn bounded_json(value: &Value) -> String {
    let mut start = Start(Vec::new());
    // It fails when it is full.
    let _ = serde_json::to_writer(&mut start, value);
    // The last character may be cut; it is past the end of what is shown.
    let text = start.0.utf8_chunks().next().map(|chunk| chunk.valid());
    bounded_text(text.unwrap_or_default())
}

/// `text`, cut after [`MAX_INPUT_BYTES`].
pub(super) fn bounded_text(text: &str) -> String {
    if text.len() <= MAX_INPUT_BYTES {
        return text.to_owned();
    }
    let end = (0..=MAX_INPUT_BYTES)
        .rev()
        .find(|end| text.is_char_boundary(*end))
        .unwrap_or_default();
    format!("{}...", text.get(..end).unwrap_or_default())
}

/// Keeps the start of what is written: a little more than is shown, so that it can be told that something was cut.
struct Start(Vec<u8>);

impl io::Write for Start {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = (MAX_INPUT_BYTES + 4).saturating_sub(self.0.len());
        if room == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        let taken = bytes.get(..room).unwrap_or(bytes);
        self.0.extend_from_slice(taken);
        Ok(taken.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
