//! Writing JSON text around a schema that is text already.
//!
//! serde can only embed raw text after parsing it again for every request. Strings and numbers still go through
//! `serde_json`; only braces, commas and the schema are put here.

#[cfg(feature = "openai")]
mod few;
mod text;
mod word;

use serde::Serialize;

#[cfg(feature = "openai")]
pub(crate) use few::Few;
#[cfg(any(feature = "openai", feature = "anthropic"))]
pub(crate) use text::append_inside;
pub(crate) use text::{append, text};
pub(crate) use word::Word;

/// An object being written into a buffer. [`Object::end`] closes it.
#[must_use = "an object must be closed with `end`"]
pub(crate) struct Object<'a> {
    buffer: &'a mut Vec<u8>,
    is_empty: bool,
}

impl<'a> Object<'a> {
    pub(crate) fn begin(buffer: &'a mut Vec<u8>) -> Self {
        buffer.push(b'{');
        Object {
            buffer,
            is_empty: true,
        }
    }

    /// The place for the value of `key`, to be filled by the caller.
    pub(crate) fn key(&mut self, key: &'static str) -> &mut Vec<u8> {
        if !std::mem::take(&mut self.is_empty) {
            self.buffer.push(b',');
        }
        self.buffer.push(b'"');
        self.buffer.extend_from_slice(key.as_bytes());
        self.buffer.extend_from_slice(b"\":");
        self.buffer
    }

    /// A value that serde writes.
    pub(crate) fn value(
        &mut self,
        key: &'static str,
        value: impl Serialize,
    ) -> serde_json::Result<()> {
        serde_json::to_writer(self.key(key), &value)
    }

    /// A value that serde writes, if there is one.
    #[cfg(feature = "openai")]
    pub(crate) fn optional(
        &mut self,
        key: &'static str,
        value: Option<impl Serialize>,
    ) -> serde_json::Result<()> {
        match value {
            Some(value) => self.value(key, value),
            None => Ok(()),
        }
    }

    /// JSON text, copied as it is.
    pub(crate) fn raw(&mut self, key: &'static str, text: &str) {
        self.key(key).extend_from_slice(text.as_bytes());
    }

    /// The text of a schema with `description` as its first member.
    pub(crate) fn described_schema(
        &mut self,
        key: &'static str,
        description: &str,
        schema: &str,
    ) -> serde_json::Result<()> {
        let buffer = self.key(key);
        let Some(members) = schema.strip_prefix('{').filter(|_| !description.is_empty()) else {
            buffer.extend_from_slice(schema.as_bytes());
            return Ok(());
        };
        buffer.extend_from_slice(b"{\"description\":");
        serde_json::to_writer(&mut *buffer, description)?;
        buffer.push(b',');
        buffer.extend_from_slice(members.as_bytes());
        Ok(())
    }

    /// An object inside this one.
    pub(crate) fn object(&mut self, key: &'static str) -> Object<'_> {
        Object::begin(self.key(key))
    }

    pub(crate) fn end(self) {
        self.buffer.push(b'}');
    }
}

/// Writes `items` as an array, each with `write`.
pub(crate) fn array<T>(
    buffer: &mut Vec<u8>,
    items: impl IntoIterator<Item = T>,
    mut write: impl FnMut(&mut Vec<u8>, T) -> serde_json::Result<()>,
) -> serde_json::Result<()> {
    buffer.push(b'[');
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            buffer.push(b',');
        }
        write(buffer, item)?;
    }
    buffer.push(b']');
    Ok(())
}
