//! The file that says which records are settled.

use std::collections::BTreeSet;

use bolero::TypeGenerator;

use super::Harm;
use super::acknowledged::{Acknowledged, AcknowledgedFile};

/// What is settled, one after the other, what is kept with it, and what happens to the bytes of the file.
#[derive(Debug, Clone, TypeGenerator)]
pub struct Recipe {
    steps: Vec<Step>,
    state: Vec<u8>,
    label: Vec<u8>,
    harm: Vec<Harm>,
    /// The check is made to fit, as somebody would who may write to the file.
    is_forged: bool,
}

#[derive(Debug, Clone, TypeGenerator)]
enum Step {
    One(u8),
    Some { from: u8, to: u8 },
}

/// Holds what is entered against a plain set, and what is read of the file against what was written.
///
/// # Panics
///
/// If it is not the same, or if bytes that were changed are taken for what was written.
pub fn check(recipe: &Recipe) {
    let mut settled = Acknowledged::default();
    let mut plain = BTreeSet::new();
    for step in &recipe.steps {
        match *step {
            Step::One(sequence) => {
                let sequence = u64::from(sequence);
                assert_eq!(settled.insert(sequence), plain.insert(sequence));
            }
            Step::Some { from, to } => {
                settled.insert_range(from.into()..to.into());
                plain.extend(u64::from(from)..u64::from(to));
            }
        }
    }
    for sequence in 0..=256 {
        assert_eq!(settled.contains(sequence), plain.contains(&sequence));
        let there = plain.range(..sequence).count() as u64;
        assert_eq!(settled.missing(0..sequence), sequence - there);
    }
    let file = AcknowledgedFile {
        acknowledged: settled,
        state: recipe.state.as_slice().into(),
        label: recipe.label.as_slice().into(),
    };
    let written = file.encode();
    assert_eq!(AcknowledgedFile::decode(&written), Ok(file.clone()));
    let mut harmed = written.clone();
    for harm in &recipe.harm {
        harm.do_to(&mut harmed);
    }
    if recipe.is_forged
        && let Some((checked, check)) = harmed.split_last_chunk_mut()
    {
        *check = crc32fast::hash(checked).to_le_bytes();
    }
    if let Ok(found) = AcknowledgedFile::decode(&harmed) {
        // Somebody else's file is one, whatever it says.
        assert!(recipe.is_forged || found == file, "{found:?}");
        assert_eq!(AcknowledgedFile::decode(&found.encode()), Ok(found));
    }
}
