//! Records that are too long to be written down: the longest texts are cut.

use std::borrow::Cow;

use super::{Call, Content, FieldValue, Record, Span, User};
use crate::notes::TraceNotes;
use crate::preview::cut;
use crate::wire::{self, AnyValue, KeyValue, Value};

/// What a shortened span says: how many bytes the texts had that are cut.
pub(crate) const SHORTENED: &str = "instructor.shortened";

/// What the mark of a span takes, at most, in bytes.
const OF_MARK: usize = 64;

/// A text, wherever it is.
enum Text<'t, 'a> {
    Borrowed(&'t mut Cow<'a, str>),
    Bytes(&'t mut Cow<'a, [u8]>),
    Own(&'t mut String),
}

impl Text<'_, '_> {
    fn length(&self) -> usize {
        match self {
            Text::Borrowed(text) => text.len(),
            Text::Bytes(bytes) => bytes.len(),
            Text::Own(text) => text.len(),
        }
    }

    fn cut(self, most: usize) {
        match self {
            Text::Borrowed(text) => {
                let kept = cut(text, most).into_owned();
                *text = kept.into();
            }
            Text::Bytes(bytes) => {
                let kept: Vec<u8> = bytes.iter().copied().take(most).collect();
                *bytes = kept.into();
            }
            Text::Own(text) => {
                let kept = cut(text, most).into_owned();
                *text = kept;
            }
        }
    }
}

impl<'a> Record<'a> {
    /// Cuts the longest texts so that the record, of `length` bytes in written form, has `most`: all to the same length, and what is
    /// shorter stays as it is. The spans that lost something say so. What is long for other reasons stays so.
    pub(crate) fn shorten(&mut self, length: usize, most: usize) {
        let marks = self.spans.len() * OF_MARK;
        let groups = self.texts();
        let lengths: Vec<usize> = groups.iter().flatten().map(Text::length).collect();
        let texts: usize = lengths.iter().sum();
        let longest = level(lengths, (most + texts).saturating_sub(length + marks));
        let cut = groups.into_iter().map(|texts| {
            let too_long = texts.into_iter().filter(|text| text.length() > longest);
            let lengths = too_long.map(|text| {
                let length = text.length() as u64;
                text.cut(longest);
                length
            });
            Some(lengths.sum()).filter(|length| *length > 0)
        });
        let cut: Vec<Option<u64>> = cut.collect();
        match &mut self.prepared {
            None => {
                for (span, length) in self.spans.iter_mut().zip(cut) {
                    span.shortened = length;
                }
            }
            Some(prepared) => {
                for (span, length) in prepared.spans.iter_mut().zip(cut) {
                    let mark = length.map(|length| KeyValue::new(SHORTENED, length));
                    span.attributes.extend(mark);
                }
            }
        }
    }

    /// The texts of each span that is sent, and then those of the trace.
    fn texts(&mut self) -> Vec<Vec<Text<'_, 'a>>> {
        let mut of_trace = Vec::new();
        let notes = self.ancestors.iter_mut().map(|open| &mut open.notes);
        for notes in notes.chain([&mut self.notes]).flatten() {
            let TraceNotes {
                tags,
                metadata,
                session,
                user,
                client_request_id,
                request_preview,
                response_preview,
                state: _,
            } = notes.to_mut();
            of_trace.extend(tags.values_mut().chain(metadata.values_mut()));
            let said = [
                session,
                user,
                client_request_id,
                request_preview,
                response_preview,
            ];
            of_trace.extend(said.into_iter().flatten());
        }
        let mut groups: Vec<Vec<Text<'_, 'a>>> = match &mut self.prepared {
            None => self.spans.iter_mut().map(Span::texts).collect(),
            Some(prepared) => {
                let previews = [
                    &mut prepared.request_preview,
                    &mut prepared.response_preview,
                ];
                of_trace.extend(previews.into_iter().flatten());
                let spans = prepared.spans.iter_mut();
                let texts = spans.map(|span| {
                    let mut texts = Vec::new();
                    texts_of(span, &mut texts);
                    texts.into_iter().map(Text::Own).collect()
                });
                texts.collect()
            }
        };
        groups.push(of_trace.into_iter().map(Text::Own).collect());
        groups
    }
}

/// The length to which texts of these `lengths` are cut so that they have `room` bytes together.
fn level(mut lengths: Vec<usize>, room: usize) -> usize {
    lengths.sort_unstable();
    let mut left = room;
    let mut count = lengths.len();
    for length in lengths {
        let share = left / count.max(1);
        if length > share {
            return share;
        }
        left -= length;
        count -= 1;
    }
    usize::MAX
}

impl<'a> Span<'a> {
    fn texts(&mut self) -> Vec<Text<'_, 'a>> {
        match &mut self.content {
            Content::Call(call) => call.texts(),
            Content::User(user) => user.texts(),
        }
    }
}

impl<'a> Call<'a> {
    fn texts(&mut self) -> Vec<Text<'_, 'a>> {
        let mut texts = Vec::new();
        let bodies = [&mut self.wire_request, &mut self.wire_response];
        texts.extend(bodies.into_iter().flatten().map(Text::Bytes));
        let answers = [&mut self.output, &mut self.payload];
        texts.extend(answers.into_iter().flatten().map(Text::Borrowed));
        for fault in self.errors.iter_mut().flat_map(|errors| &mut errors.list) {
            let input = fault.input.as_mut();
            texts.extend(
                [&mut fault.message]
                    .into_iter()
                    .chain(input)
                    .map(Text::Borrowed),
            );
        }
        let failure = self.failure.iter_mut().map(|failure| &mut failure.message);
        texts.extend(failure.map(Text::Borrowed));
        if let Some(validator) = &mut self.validator {
            texts.push(Text::Borrowed(&mut validator.value));
        }
        let messages = self.request.iter_mut().flat_map(|it| &mut it.messages);
        for message in messages {
            let calls = message
                .tool_calls
                .iter_mut()
                .map(|call| &mut call.arguments);
            let result = message.tool_result.as_mut().map(|it| &mut it.content);
            let said = message.text.iter_mut().chain(calls).chain(result);
            texts.extend(said.map(Text::Borrowed));
        }
        texts
    }
}

impl<'a> User<'a> {
    fn texts(&mut self) -> Vec<Text<'_, 'a>> {
        let fields = self
            .fields
            .iter_mut()
            .filter_map(|field| match &mut field.value {
                FieldValue::Text(text) | FieldValue::Debug(text) => Some(text),
                _ => None,
            });
        let said = [&mut self.output, &mut self.error].into_iter().flatten();
        let mut texts: Vec<_> = fields.chain(said).map(Text::Borrowed).collect();
        if let Some(details) = &mut self.details {
            let attributes = details.attributes.iter_mut().map(|it| &mut it.value);
            let events = details.events.iter_mut().map(|it| &mut it.attributes);
            let said = [
                &mut details.inputs,
                &mut details.outputs,
                &mut details.error,
            ];
            let said = said.into_iter().flatten();
            texts.extend(attributes.chain(events).chain(said).map(Text::Borrowed));
        }
        texts
    }
}

fn texts_of<'t>(span: &'t mut wire::Span, texts: &mut Vec<&'t mut String>) {
    texts.extend(span.status.iter_mut().map(|status| &mut status.message));
    let of_events = span.events.iter_mut().flat_map(|it| &mut it.attributes);
    for attribute in span.attributes.iter_mut().chain(of_events) {
        if let Some(value) = &mut attribute.value {
            texts_in(value, texts);
        }
    }
}

fn texts_in<'t>(value: &'t mut AnyValue, texts: &mut Vec<&'t mut String>) {
    match &mut value.value {
        Some(Value::String(text)) => texts.push(text),
        Some(Value::Array(array)) => array.values.iter_mut().for_each(|it| texts_in(it, texts)),
        Some(Value::Object(object)) => {
            let values = object.values.iter_mut().filter_map(|it| it.value.as_mut());
            values.for_each(|value| texts_in(value, texts));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
