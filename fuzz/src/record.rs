//! Records that wait for their server, wherever their bytes have been: a later version wrote them, or a disk has changed them.

use std::fmt::{self, Debug};

use bolero::TypeGenerator;

use crate::change::Change;
use crate::otlp;

/// What a change may put into a record: marks of MessagePack, and names of fields.
const WORDS: [&[u8]; 20] = [
    b"\xC0",
    b"\xC1",
    b"\xC2",
    b"\x80",
    b"\x81",
    b"\x90",
    b"\x9F",
    b"\xA0",
    b"\xBF",
    b"\xC4\x04",
    b"\xC6\xFF\xFF\xFF\xFF",
    b"\xCF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
    b"\xDC\xFF\xFF",
    b"\xDD\xFF\xFF\xFF\xFF",
    b"\xDF\xFF\xFF\xFF\xFF",
    b"\xA5spans",
    b"\xA5later\x01",
    b"\xA4name",
    b"\x91\x91\x91\x91\x91\x91\x91\x91",
    b"\x81\xA1a\x81\xA1a\x81\xA1a\x81\xA1a",
];

/// How a record is made.
#[derive(Debug, Clone, TypeGenerator)]
pub struct Recipe {
    tree: otlp::Recipe,
    #[generator(bolero::produce::<Vec<Change>>().with().len(0usize..5))]
    changes: Vec<Change>,
}

/// Reads bytes as a record, and writes that again.
pub type Reread = fn(&[u8]) -> Result<Vec<u8>, String>;

/// The reader of instructor-mlflow.
pub const OWN: Reread = instructor_mlflow::__private::reread;

/// Readers with a mistake each, which the check must find.
pub const WRONG: [(&str, Reread); 3] = [
    ("a whole record is none", |_| Err("no record".to_owned())),
    ("the last byte is lost", |bytes| {
        let mut written = OWN(bytes)?;
        written.pop();
        Ok(written)
    }),
    ("what is read twice is read otherwise", |bytes| {
        let mut written = OWN(bytes)?;
        written.push(bytes.len() as u8);
        Ok(written)
    }),
];

/// Bytes are read as something else than they are.
#[derive(thiserror::Error)]
#[error("b\"{}\"\n{name}", .bytes.escape_ascii())]
pub struct Fault {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Which property does not hold.
    pub name: &'static str,
}

impl Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Recipe {
    /// The records of a tree, each as it was written and as it is after its changes.
    pub fn records(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        let frames = otlp::frames(&self.tree.tree());
        let written = frames.iter().map(instructor_mlflow::__private::record);
        let records = written.map(|written| {
            let mut changed = written.clone();
            for change in &self.changes {
                change.apply(&mut changed, &WORDS);
            }
            (written, changed)
        });
        records.collect()
    }
}

/// Checks that a record is read as what it is, and its bytes, when they were changed, as something or an error.
///
/// # Errors
///
/// If they are not.
pub fn check((written, changed): &(Vec<u8>, Vec<u8>), reread: Reread) -> Result<(), Fault> {
    let hold = |bytes: &[u8], name, holds| match holds {
        true => Ok(()),
        false => Err(Fault {
            bytes: bytes.to_vec(),
            name,
        }),
    };
    let is_same = reread(written).as_ref() == Ok(written);
    hold(written, "another record", is_same)?;
    match reread(changed) {
        // Fields that are not known are left out, and nothing more.
        Ok(known) => hold(
            changed,
            "not the same again",
            reread(&known).as_ref() == Ok(&known),
        ),
        Err(message) => hold(changed, "a long message", message.len() < 1024),
    }
}
