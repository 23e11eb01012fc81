//! Random bodies and streams.

use std::fmt;

use bolero::TypeGenerator;
use instructor_core::Codec;

use super::recorded::{RECORDED, WORDS};
use super::said::Said;
use super::written::written_for;
use crate::change::{Change, pick};

/// How an input is made.
#[derive(Debug, Clone, TypeGenerator)]
pub enum Recipe {
    /// What a model says, in every dialect.
    Said(Said),
    /// What was recorded, changed.
    Changed {
        /// Which.
        file: u8,
        /// The changes.
        #[generator(bolero::produce::<Vec<Change>>().with().len(0usize..6))]
        changes: Vec<Change>,
    },
    /// Words one after the other.
    Words(#[generator(bolero::produce::<Vec<u8>>().with().len(0usize..32))] Vec<u8>),
}

/// An input.
#[derive(Clone)]
pub enum Input {
    /// What a model says.
    Said(Said),
    /// Bytes, which may be a body or a stream.
    Bytes(Vec<u8>),
}

impl Recipe {
    /// The input.
    pub fn input(&self) -> Input {
        match self {
            Recipe::Said(said) => Input::Said(said.clone()),
            Recipe::Changed { file, changes } => {
                let files: Vec<&[u8]> = RECORDED.iter().map(Vec::as_slice).collect();
                let mut bytes = pick(&files, *file).to_vec();
                changes
                    .iter()
                    .for_each(|change| change.apply(&mut bytes, &WORDS));
                Input::Bytes(bytes)
            }
            Recipe::Words(words) => {
                let words = words.iter().flat_map(|word| pick(&WORDS, *word));
                Input::Bytes(words.copied().collect())
            }
        }
    }
}

impl Input {
    /// As a body of a dialect.
    pub fn body(&self, codec: &dyn Codec) -> Vec<u8> {
        match self {
            Input::Said(said) => written_for(codec)(said).body.into_bytes(),
            Input::Bytes(bytes) => bytes.clone(),
        }
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Input::Said(said) => write!(f, "{said:?}"),
            Input::Bytes(bytes) => write!(f, "b\"{}\"", bytes.escape_ascii()),
        }
    }
}
