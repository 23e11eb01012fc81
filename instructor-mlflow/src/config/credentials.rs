//! How the exporter proves who it is.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use configparser::ini::{Ini, IniDefault};
use secrecy::{ExposeSecret, SecretString};

use super::databricks;
use super::environment::Environment;
use crate::error::InitError;

/// What is said to a server about the sender.
#[derive(Debug, Clone, Default)]
pub(crate) enum Credentials {
    #[default]
    None,
    Basic {
        username: String,
        password: SecretString,
    },
    Bearer(SecretString),
}

impl Credentials {
    /// Adds the header, if there is something to prove.
    pub(crate) fn apply(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        match self {
            Credentials::None => request,
            Credentials::Basic { username, password } => {
                request.basic_auth(username, Some(password.expose_secret()))
            }
            Credentials::Bearer(token) => request.bearer_auth(token.expose_secret()),
        }
    }

    /// `text`, which a server has said, without what it was sent to prove it.
    pub(crate) fn redact(&self, text: &mut String) {
        let secrets = match self {
            Credentials::None => return,
            Credentials::Basic { username, password } => {
                let password = password.expose_secret();
                let both = STANDARD.encode(format!("{username}:{password}"));
                vec![both, password.to_owned()]
            }
            Credentials::Bearer(token) => vec![token.expose_secret().to_owned()],
        };
        for secret in secrets {
            // A shorter one is found in any text.
            if secret.len() >= SHORTEST_SECRET && text.contains(&secret) {
                *text = text.replace(&secret, "[redacted]");
            }
        }
    }
}

const SHORTEST_SECRET: usize = 4;

/// Where the credentials of a destination are read: once in the beginning, and again when they do not suffice.
#[derive(Debug, Clone)]
pub(crate) enum Account {
    /// Of a tracking server, whose address may hold some.
    Server { in_uri: Credentials },
    /// Of a Databricks workspace.
    Workspace { profile: Option<String> },
}

impl Account {
    /// The credentials as they are now.
    pub(super) fn credentials(
        &self,
        environment: &Environment<impl Fn(&'static str) -> Option<String>>,
    ) -> Result<Credentials, InitError> {
        match self {
            Account::Server { in_uri } => Credentials::find(environment, in_uri.clone()),
            Account::Workspace { profile } => databricks::find(environment, profile.as_deref())
                .map(|(_, credentials)| credentials),
        }
    }
}

impl Credentials {
    /// Those of the environment and of `~/.mlflow/credentials`, as MLflow's own client takes them: a user name with a
    /// password before a token, and each of both from the environment before the file.
    pub(super) fn find(
        environment: &Environment<impl Fn(&'static str) -> Option<String>>,
        in_uri: Credentials,
    ) -> Result<Credentials, InitError> {
        let username = environment.variable("MLFLOW_TRACKING_USERNAME");
        let password = environment.variable("MLFLOW_TRACKING_PASSWORD");
        let token = environment.variable("MLFLOW_TRACKING_TOKEN");
        if let (Some(username), Some(password)) = (&username, &password) {
            return Ok(Credentials::basic(username, password));
        }
        // What stands in the address is meant for this server, the file for any.
        if !matches!(in_uri, Credentials::None) {
            return Ok(token.map_or(in_uri, |token| Credentials::Bearer(token.into())));
        }
        let file = match environment.in_home(".mlflow/credentials") {
            Some(path) => Section::read(&path, "mlflow")?,
            None => None,
        };
        let from_file = |key| file.as_ref().and_then(|file| file.get(key));
        let username = username.or_else(|| from_file("mlflow_tracking_username"));
        let password = password.or_else(|| from_file("mlflow_tracking_password"));
        Ok(match (username, password, token) {
            (Some(username), Some(password), _) => Credentials::basic(&username, &password),
            (_, _, Some(token)) => Credentials::Bearer(token.into()),
            _ => Credentials::None,
        })
    }

    fn basic(username: &str, password: &str) -> Credentials {
        Credentials::Basic {
            username: username.to_owned(),
            password: password.into(),
        }
    }
}

/// A section of a file in the format of Python's `configparser`.
pub(super) struct Section {
    file: Ini,
    name: String,
}

impl Section {
    /// The section `name`; `None` if there is no such file, or no such section in it.
    pub(super) fn read(path: &Path, name: &str) -> Result<Option<Section>, InitError> {
        let unreadable = |reason: String| InitError::UnreadableFile {
            path: path.to_owned(),
            reason,
        };
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unreadable(error.to_string())),
        };
        let mut as_python = IniDefault::default();
        // A password may hold these.
        as_python.inline_comment_symbols = Some(Vec::new());
        as_python.comment_symbols = vec!['#', ';'];
        as_python.delimiters = vec!['=', ':'];
        let mut file = Ini::new_from_defaults(as_python);
        // What the parser says would repeat the line, which may hold a password.
        file.read(text)
            .map_err(|_| unreadable("it is not in the format of an INI file".into()))?;
        let is_there = file.sections().iter().any(|section| section == name);
        let name = name.to_owned();
        Ok(is_there.then_some(Section { file, name }))
    }

    /// The value of `key`. Python's `configparser` writes `%` as `%%`.
    pub(super) fn get(&self, key: &str) -> Option<String> {
        let value = self.file.get(&self.name, key)?;
        Some(value.replace("%%", "%")).filter(|value| !value.is_empty())
    }
}
