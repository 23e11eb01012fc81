//! Whose certificates are trusted, and which one is shown.

use std::fs;

use reqwest::{Certificate, ClientBuilder, Identity};

use super::environment::Environment;
use crate::error::InitError;

const SERVER: &str = "MLFLOW_TRACKING_SERVER_CERT_PATH";
const CLIENT: &str = "MLFLOW_TRACKING_CLIENT_CERT_PATH";

/// How the connection is secured.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tls {
    /// Any certificate is accepted.
    pub(super) insecure: bool,
    /// The only authorities that are trusted; empty for those of the system.
    authorities: Vec<Certificate>,
    /// What the client shows of itself.
    identity: Option<Identity>,
}

impl Tls {
    pub(super) fn find(
        environment: &Environment<impl Fn(&'static str) -> Option<String>>,
    ) -> Result<Tls, InitError> {
        let insecure = environment.flag("MLFLOW_TRACKING_INSECURE_TLS")?;
        let read = |name| match environment.variable(name) {
            None => Ok(None),
            Some(path) => {
                let path = environment.path(path.trim());
                let content = fs::read(&path);
                let content = content.map_err(|error| InitError::UnreadableFile {
                    path: path.clone(),
                    reason: error.to_string(),
                })?;
                Ok(Some((path, content)))
            }
        };
        let mut tls = Tls {
            insecure,
            ..Tls::default()
        };
        if let Some((path, pem)) = read(SERVER)? {
            if insecure {
                return Err(InitError::Contradiction {
                    one: "MLFLOW_TRACKING_INSECURE_TLS",
                    other: SERVER,
                });
            }
            tls.authorities = Certificate::from_pem_bundle(&pem)
                .ok()
                .filter(|found| !found.is_empty())
                .ok_or_else(|| InitError::UnreadableFile {
                    path,
                    reason: "it holds no certificate in PEM format".into(),
                })?;
        }
        if let Some((path, pem)) = read(CLIENT)? {
            let identity = Identity::from_pem(&pem).map_err(|_| InitError::UnreadableFile {
                path,
                reason: "it must hold a certificate and its private key in PEM format".into(),
            })?;
            tls.identity = Some(identity);
        }
        Ok(tls)
    }

    /// Sets up a client for it.
    pub(crate) fn apply(&self, client: ClientBuilder) -> ClientBuilder {
        let mut client = client.tls_danger_accept_invalid_certs(self.insecure);
        if !self.authorities.is_empty() {
            client = client.tls_certs_only(self.authorities.iter().cloned());
        }
        match &self.identity {
            Some(identity) => client.identity(identity.clone()),
            None => client,
        }
    }
}
