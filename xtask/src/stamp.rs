//! Remembers from what a part of the environment was made.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// A file written when a part is complete. It holds the very text that the part was made from
/// (pins, scripts, the interpreter), so any change of those makes the part again, and an
/// interrupted set-up, which leaves no stamp, starts that part again.
pub(crate) struct Stamp {
    path: PathBuf,
    inputs: String,
}

impl Stamp {
    pub(crate) fn new(path: impl Into<PathBuf>, inputs: &[&str]) -> Self {
        Self {
            path: path.into(),
            inputs: inputs.join("\n---\n"),
        }
    }

    /// Whether the part was completed from these inputs and is still there.
    pub(crate) fn vouches_for(&self, part: &Path) -> bool {
        part.exists() && fs::read_to_string(&self.path).is_ok_and(|text| text == self.inputs)
    }

    /// To be called before the part is touched.
    pub(crate) fn clear(&self) -> Result<()> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(error).with_context(|| format!("cannot remove {}", self.path.display()))
            }
            _ => Ok(()),
        }
    }

    /// To be called when the part is complete.
    pub(crate) fn set(&self) -> Result<()> {
        fs::write(&self.path, &self.inputs)
            .with_context(|| format!("cannot write {}", self.path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_holds_for_the_same_inputs_while_the_part_exists() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("part.stamp");
        let part = folder.path().join("part");
        let stamp = Stamp::new(&path, &["mlflow==1", "python 3.11"]);
        assert!(!stamp.vouches_for(&part), "nothing was made yet");

        fs::write(&part, "").unwrap();
        assert!(!stamp.vouches_for(&part), "the set-up was interrupted");

        stamp.set().unwrap();
        assert!(stamp.vouches_for(&part));
        assert!(!Stamp::new(&path, &["mlflow==2", "python 3.11"]).vouches_for(&part));

        fs::remove_file(&part).unwrap();
        assert!(!stamp.vouches_for(&part), "the part was deleted");

        fs::write(&part, "").unwrap();
        stamp.clear().unwrap();
        assert!(!stamp.vouches_for(&part));
        stamp.clear().unwrap();
    }
}
