//! A Databricks workspace as a tracking server: where it is, and with which token.

use super::address::Address;
use super::credentials::{Credentials, Section};
use super::environment::Environment;
use crate::error::InitError;

/// The profile that `databricks` in place of an address names: `databricks`, or `databricks://PROFILE`.
pub(super) fn profile(uri: &str) -> Option<Option<&str>> {
    match uri.split_once("://") {
        None => (uri == "databricks").then_some(None),
        Some(("databricks", profile)) => {
            let profile = profile.trim_end_matches('/');
            Some((!profile.is_empty()).then_some(profile))
        }
        Some(_) => None,
    }
}

/// The workspace of a profile in `~/.databrickscfg`; without a profile, first the one of `DATABRICKS_HOST` and
/// `DATABRICKS_TOKEN`.
pub(super) fn find(
    environment: &Environment<impl Fn(&'static str) -> Option<String>>,
    profile: Option<&str>,
) -> Result<(Address, Credentials), InitError> {
    let found = |host: &str, token: String| {
        let address = Address::of_workspace(host.trim())?;
        Ok((address, Credentials::Bearer(token.into())))
    };
    if profile.is_none()
        && let Some(host) = environment.variable("DATABRICKS_HOST")
        && let Some(token) = environment.variable("DATABRICKS_TOKEN")
    {
        return found(&host, token);
    }
    let named = environment.variable("DATABRICKS_CONFIG_PROFILE");
    let profile = profile.or(named.as_deref()).unwrap_or("DEFAULT");
    // `scope:prefix` would be a secret that only the workspace itself can read.
    if profile.contains(':') {
        return Err(InitError::Databricks {
            reason: "secret scopes cannot be read from outside of a workspace".into(),
        });
    }
    let path = match environment.variable("DATABRICKS_CONFIG_FILE") {
        Some(path) => Some(environment.path(path.trim())),
        None => environment.in_home(".databrickscfg"),
    };
    let section = match &path {
        Some(path) => Section::read(path, &section_name(profile))?,
        None => None,
    };
    let value = |key| section.as_ref().and_then(|section| section.get(key));
    match (value("host"), value("token")) {
        (Some(host), Some(token)) => found(&host, token),
        (Some(_), None) => Err(InitError::Databricks {
            reason: format!(
                "the profile {profile:?} has no `token` (OAuth and the other ways to log in are not supported)"
            ),
        }),
        _ => Err(InitError::Databricks {
            reason: format!("there is no profile {profile:?} with a `host`"),
        }),
    }
}

/// The parser writes names in lower case.
fn section_name(profile: &str) -> String {
    profile.to_lowercase()
}
