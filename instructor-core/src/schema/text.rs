//! The texts of a schema as constants, rendered when a type is asked for.
//!
//! The associated constants of a generic type are evaluated only where something uses them, so a type that is only a part of
//! others costs nothing here, and `cargo check` renders nothing. The length of an array may not depend on a type parameter,
//! so a text is rendered once into a large array, and then copied into the smallest of some sizes that holds it. Only that
//! one is part of the program.
#![allow(
    clippy::indexing_slicing,
    reason = "runs while the user's crate compiles, where an index out of bounds is a compile error"
)]

use std::marker::PhantomData;

use super::definitions::{Contents, Definitions};
use super::dialect::Dialect;
use super::document::{self, Document};
use super::message::Message;
use super::name::Name;
use super::root::Root;
use super::writer::WORD;
use crate::model::ResponseModel;

/// The longest text, in bytes.
const CAPACITY: usize = 256 * 1024;

/// The text of a schema, or the reason why the dialect has none.
pub(super) type Text = Result<&'static str, &'static str>;

/// A text while the crate compiles.
struct Rendered {
    words: [u128; CAPACITY / WORD],
    length: usize,
    is_reason: bool,
}

/// The texts of a schema by number: those of the dialects, then the name and the description.
struct Constant<T, const NUMBER: usize>(PhantomData<T>);

const NAME: usize = Dialect::ALL.len();
const DESCRIPTION: usize = NAME + 1;

struct Graph<T>(PhantomData<T>);

impl<T: ResponseModel> Graph<T> {
    const ROOT: Root = Root::of(T::NODE);
    /// The types of the document.
    const DEFINITIONS: &'static Definitions = &document::definitions(T::NODE);
    /// All types: the newtypes around the root are none of its document.
    const WITH_NEWTYPES: &'static Definitions = match Self::ROOT {
        Root::Object(named, object) if named.id != object.id => &Definitions::of(T::NODE, None),
        _ => Self::DEFINITIONS,
    };
}

impl<T: ResponseModel, const NUMBER: usize> Constant<T, NUMBER> {
    const RENDERED: &'static Rendered = &match NUMBER {
        0 => schema::<T>(Dialect::Standard),
        1 => schema::<T>(Dialect::OpenAiStrict),
        2 => schema::<T>(Dialect::Anthropic),
        3 => schema::<T>(Dialect::Gemini),
        NAME => tool_name(Graph::<T>::ROOT),
        _ => tool_description(Graph::<T>::ROOT),
    };
}

/// The same text in an array of `SIZE` words.
struct Sized<T, const NUMBER: usize, const SIZE: usize>(PhantomData<T>);

impl<T: ResponseModel, const NUMBER: usize, const SIZE: usize> Sized<T, NUMBER, SIZE> {
    const WORDS: [[u8; WORD]; SIZE] = {
        let rendered = Constant::<T, NUMBER>::RENDERED;
        let mut words = [[0; WORD]; SIZE];
        let mut index = 0;
        while index * WORD < rendered.length {
            words[index] = rendered.words[index].to_le_bytes();
            index += 1;
        }
        words
    };
}

const fn sized<T: ResponseModel, const NUMBER: usize, const SIZE: usize>() -> &'static str {
    let words: &'static [[u8; WORD]; SIZE] = &Sized::<T, NUMBER, SIZE>::WORDS;
    let (text, _) = words
        .as_flattened()
        .split_at(Constant::<T, NUMBER>::RENDERED.length);
    super::writer::string(text)
}

/// A text, in the smallest array that holds it.
const fn text<T: ResponseModel, const NUMBER: usize>() -> &'static str {
    // Only the function that is called is evaluated, so only one of the arrays comes into being.
    match Constant::<T, NUMBER>::RENDERED.length {
        0..=64 => sized::<T, NUMBER, { 64 / WORD }>(),
        65..=128 => sized::<T, NUMBER, { 128 / WORD }>(),
        129..=256 => sized::<T, NUMBER, { 256 / WORD }>(),
        257..=384 => sized::<T, NUMBER, { 384 / WORD }>(),
        385..=512 => sized::<T, NUMBER, { 512 / WORD }>(),
        513..=768 => sized::<T, NUMBER, { 768 / WORD }>(),
        769..=1_024 => sized::<T, NUMBER, { 1_024 / WORD }>(),
        1_025..=1_536 => sized::<T, NUMBER, { 1_536 / WORD }>(),
        1_537..=2_048 => sized::<T, NUMBER, { 2_048 / WORD }>(),
        2_049..=3_072 => sized::<T, NUMBER, { 3_072 / WORD }>(),
        3_073..=4_096 => sized::<T, NUMBER, { 4_096 / WORD }>(),
        4_097..=6_144 => sized::<T, NUMBER, { 6_144 / WORD }>(),
        6_145..=8_192 => sized::<T, NUMBER, { 8_192 / WORD }>(),
        8_193..=12_288 => sized::<T, NUMBER, { 12_288 / WORD }>(),
        12_289..=16_384 => sized::<T, NUMBER, { 16_384 / WORD }>(),
        16_385..=24_576 => sized::<T, NUMBER, { 24_576 / WORD }>(),
        24_577..=32_768 => sized::<T, NUMBER, { 32_768 / WORD }>(),
        32_769..=49_152 => sized::<T, NUMBER, { 49_152 / WORD }>(),
        49_153..=65_536 => sized::<T, NUMBER, { 65_536 / WORD }>(),
        65_537..=98_304 => sized::<T, NUMBER, { 98_304 / WORD }>(),
        98_305..=131_072 => sized::<T, NUMBER, { 131_072 / WORD }>(),
        131_073..=196_608 => sized::<T, NUMBER, { 196_608 / WORD }>(),
        _ => sized::<T, NUMBER, { CAPACITY / WORD }>(),
    }
}

const fn dialect<T: ResponseModel, const NUMBER: usize>() -> Text {
    if Constant::<T, NUMBER>::RENDERED.is_reason {
        Err(text::<T, NUMBER>())
    } else {
        Ok(text::<T, NUMBER>())
    }
}

/// The texts of the dialects, in the order of [`Dialect::ALL`].
pub(super) const fn texts<T: ResponseModel>() -> [Text; Dialect::ALL.len()] {
    [
        dialect::<T, 0>(),
        dialect::<T, 1>(),
        dialect::<T, 2>(),
        dialect::<T, 3>(),
    ]
}

/// The name of the tool.
pub(super) const fn name<T: ResponseModel>() -> &'static str {
    match Graph::<T>::ROOT {
        Root::Object(named, _) if named.arguments.is_empty() => named.name,
        Root::Value => "Response",
        Root::Object(..) | Root::List(_) => text::<T, NAME>(),
    }
}

/// What the tool is described as; empty if there is nothing to say.
pub(super) const fn description<T: ResponseModel>() -> &'static str {
    match Graph::<T>::ROOT {
        Root::Object(named, _) if !named.description.is_empty() => named.description.as_str(),
        Root::Object(_, object) => object.description.as_str(),
        Root::Value => VALUE_DESCRIPTION,
        Root::List(_) => text::<T, DESCRIPTION>(),
    }
}

/// What is in the type.
pub(super) const fn contents<T: ResponseModel>() -> Contents {
    Contents::of(T::NODE, Graph::<T>::WITH_NEWTYPES)
}

const VALUE_DESCRIPTION: &str = "Correctly Formatted and Extracted Response.";

#[expect(clippy::panic, reason = "runs while the user's crate compiles")]
const fn schema<T: ResponseModel>(dialect: Dialect) -> Rendered {
    let mut words = [0; CAPACITY / WORD];
    let document = document::write(
        T::NODE,
        Graph::<T>::DEFINITIONS,
        description::<T>(),
        dialect,
        &mut words,
    );
    if Graph::<T>::DEFINITIONS.is_too_large {
        panic!("a response model may reach at most 512 distinct types");
    }
    if document.length > CAPACITY {
        panic!("the schema of a response model may have at most 262144 bytes");
    }
    Rendered {
        words,
        length: document.length,
        is_reason: document.is_reason,
    }
}

const fn tool_name(root: Root) -> Rendered {
    let (prefix, named) = match root {
        Root::Object(named, _) => ("", named),
        Root::List(named) => ("Iterable", named),
        Root::Value => return Rendered::of("Response"),
    };
    match Name::prefixed(prefix, named) {
        Some(name) => Rendered::of(name.as_str()),
        None => Rendered::of(Name::of(named).as_str()),
    }
}

const fn tool_description(root: Root) -> Rendered {
    let Root::List(named) = root else {
        return Rendered::of("");
    };
    let message = Message::new()
        .text("Correctly segmented list of ")
        .named(named);
    Rendered::message(message.text(" tasks"))
}

impl Rendered {
    const fn of(text: &str) -> Rendered {
        Rendered::message(Message::new().text(text))
    }

    const fn message(message: Message) -> Rendered {
        let mut words = [0; CAPACITY / WORD];
        let Document { length, .. } = Document::reason(message, &mut words);
        Rendered {
            words,
            length,
            is_reason: false,
        }
    }
}
