//! The Python that is already on the machine.

use std::env;
use std::ffi::OsString;
use std::io::ErrorKind;
use std::process::Command;

use anyhow::{Context, Result, bail};

/// Prints what [`Interpreter`] holds; ends with exit code 3 (too old) or 4 (no `venv`).
const PROBE: &str = r#"
import sys
if sys.version_info < (3, 10):
    sys.exit(3)
try:
    import ensurepip, venv
except ImportError:
    sys.exit(4)
print(sys.version, sys.base_prefix)
"#;

/// A Python that can create environments.
pub(crate) struct Interpreter {
    pub(crate) program: OsString,
    /// Version and place: an environment made by another Python is made anew.
    pub(crate) description: String,
}

impl Interpreter {
    /// The program named by the variable `PYTHON`, else `python3`.
    pub(crate) fn find() -> Result<Self> {
        let program = env::var_os("PYTHON")
            .filter(|program| !program.is_empty())
            .unwrap_or_else(|| "python3".into());
        Self::probe(program)
    }

    fn probe(program: OsString) -> Result<Self> {
        let name = program.to_string_lossy().into_owned();
        let output = match Command::new(&program).args(["-c", PROBE]).output() {
            Ok(output) => output,
            Err(error) if error.kind() == ErrorKind::NotFound => bail!(
                "there is no {name}: install Python 3.10 or newer, or name one with PYTHON=/path/to/python3"
            ),
            Err(error) => return Err(error).with_context(|| format!("cannot run {name}")),
        };
        match output.status.code() {
            Some(0) => {
                let description = String::from_utf8_lossy(&output.stdout).trim().to_owned();
                Ok(Self {
                    program,
                    description,
                })
            }
            Some(3) => bail!(
                "{name} is older than Python 3.10, which MLflow needs: install a newer one, or name one with PYTHON=/path/to/python3"
            ),
            Some(4) => bail!(
                "{name} cannot create environments: install its venv module (Debian and Ubuntu: apt install python3-venv)"
            ),
            _ => bail!(
                "{name} does not work: {}",
                String::from_utf8_lossy(&output.stderr).trim()
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_python_is_an_error_that_says_what_to_install() {
        let error = Interpreter::probe("no-such-python".into())
            .err()
            .unwrap()
            .to_string();
        assert!(error.contains("install Python 3.10 or newer"), "{error}");
        assert!(error.contains("PYTHON="), "{error}");
    }

    #[test]
    fn a_program_that_is_no_python_is_refused() {
        let error = Interpreter::probe("false".into())
            .err()
            .unwrap()
            .to_string();
        assert!(error.contains("false does not work"), "{error}");
    }
}
