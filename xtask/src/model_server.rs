//! The language model behind the wires of OpenAI and Anthropic.

use std::path::Path;

use anyhow::Result;

use crate::environment::Environment;
use crate::server::{Launch, Server, free_port};
use crate::workspace::Workspace;

/// The name by which requests ask for the model.
pub(crate) const MODEL: &str = "smollm2-135m";

/// Starts the server, whose log goes to `folder`.
///
/// OpenAI clients use the path `/v1` of its address, Anthropic clients the address itself.
pub(crate) fn start(
    workspace: &Workspace,
    environment: &Environment,
    folder: &Path,
) -> Result<Server> {
    let port = free_port()?;
    let arguments = vec![
        workspace.script("serve_model.py").display().to_string(),
        environment.model.display().to_string(),
        MODEL.to_owned(),
        port.to_string(),
    ];
    let launch = Launch {
        name: "the model server",
        program: environment.python.clone(),
        health: "/health",
        port,
        arguments,
        variables: &[],
        folder: folder.to_owned(),
    };
    Server::start(workspace, environment, launch)
}
