//! Where traces go: from the builder, from `set_*` calls, from the environment.

mod address;
mod credentials;
mod databricks;
mod environment;
mod tls;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

pub(crate) use self::address::Address;
pub(crate) use self::credentials::{Account, Credentials};
use self::environment::Environment;
pub(crate) use self::environment::environment;
pub(crate) use self::tls::Tls;
use crate::error::InitError;
use crate::models::ActiveModel;
use crate::record::{self, Defined};

/// The address used when none is set: where `mlflow server` listens by itself.
pub const DEFAULT_TRACKING_URI: &str = "http://127.0.0.1:5000";

/// The first request that carries tokens makes a fresh server load its price list, which takes up to 8 seconds. A
/// shorter timeout would send everything again and again.
const SHORTEST_TIMEOUT: Duration = Duration::from_secs(30);

/// The experiment that traces belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Experiment {
    /// Looked up, and created if there is none of that name.
    Name(String),
    Id(String),
}

impl Default for Experiment {
    /// The one called `Default`, which every server has.
    fn default() -> Self {
        Experiment::Id("0".into())
    }
}

/// A server, an experiment on it, and how to get there.
#[derive(Debug, Clone)]
pub(crate) struct Destination {
    pub(crate) address: Address,
    pub(crate) experiment: Experiment,
    /// What the traces belong to.
    pub(crate) active_model: ActiveModel,
    pub(crate) credentials: Credentials,
    /// Where they were read.
    pub(crate) account: Account,
    /// Whether what was asked and answered is sent.
    pub(crate) capture_content: bool,
    pub(crate) tls: Tls,
    /// Of those that a server keeps apart.
    pub(crate) workspace: Option<String>,
    /// The address is that of a Databricks workspace.
    pub(crate) is_databricks: bool,
    /// Of one request.
    pub(crate) timeout: Duration,
    /// How often a request is repeated that the server answered with an internal error.
    pub(crate) max_retries: u32,
    /// Whether the outcome of checks becomes feedback.
    pub(crate) log_assessments: bool,
    /// As records refer to it.
    defined: OnceLock<Arc<Defined<record::Destination>>>,
    /// The encoded form of what is the same for all whose records may wait together.
    place: OnceLock<Arc<[u8]>>,
    /// Whether the server is asked for what it has taken.
    pub(crate) verify_delivery: bool,
}

impl Destination {
    /// As records refer to it, which is made once.
    pub(crate) fn defined(&self) -> Arc<Defined<record::Destination>> {
        let made = || Arc::new(Defined::new(record::Destination::of(self)));
        self.defined.get_or_init(made).clone()
    }

    /// To whom the records of a store go: the same for destinations whose records are kept in one order.
    pub(crate) fn place(&self) -> Arc<[u8]> {
        let made = || {
            let place = record::Destination {
                model: None,
                log_assessments: false,
                ..record::Destination::of(self)
            };
            Defined::new(place).bytes.clone()
        };
        self.place.get_or_init(made).clone()
    }
}

impl Destination {
    /// The destination that was written down as `recorded`, reached as this one is; `None` if it is on another server.
    pub(crate) fn at_the_same_server(&self, recorded: &record::Destination) -> Option<Destination> {
        if self.address.to_string() != recorded.address {
            return None;
        }
        Some(Destination {
            experiment: match &recorded.experiment {
                record::Experiment::Name(name) => Experiment::Name(name.clone()),
                record::Experiment::Id(id) => Experiment::Id(id.clone()),
            },
            active_model: match &recorded.model {
                None => ActiveModel::None,
                Some(record::Model::Name(name)) => ActiveModel::Name(name.clone()),
                Some(record::Model::Id(id)) => ActiveModel::Id(id.clone()),
            },
            capture_content: recorded.capture_content,
            workspace: recorded.workspace.clone(),
            is_databricks: recorded.is_databricks,
            log_assessments: recorded.log_assessments,
            defined: OnceLock::new(),
            place: OnceLock::new(),
            ..self.clone()
        })
    }

    /// Whether both are the same experiment on the same server.
    pub(crate) fn is_same_place(&self, other: &Destination) -> bool {
        self.address == other.address
            && self.experiment == other.experiment
            && self.workspace == other.workspace
    }

    /// The credentials as the environment and the files of the user have them now; `None` if those cannot be read.
    pub(crate) fn read_credentials(&self) -> Option<Credentials> {
        self.account.credentials(&Environment(environment)).ok()
    }
}

impl Destination {
    /// Whether its credentials can be read by everyone on the way.
    pub(crate) fn exposes_credentials(&self) -> bool {
        !matches!(self.credentials, Credentials::None) && self.address.is_exposed()
    }
}

/// What the program said; what it did not say comes from the environment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    /// It may hold a password.
    pub(crate) tracking_uri: Option<SecretString>,
    pub(crate) experiment: Option<Experiment>,
    pub(crate) capture_content: Option<bool>,
    pub(crate) active_model: Option<ActiveModel>,
    pub(crate) log_assessments: Option<bool>,
    pub(crate) verify_delivery: Option<bool>,
    pub(crate) workspace: Option<String>,
}

impl Settings {
    /// These settings, and those of `other` where these say nothing.
    pub(crate) fn or(self, other: Settings) -> Settings {
        Settings {
            tracking_uri: self.tracking_uri.or(other.tracking_uri),
            experiment: self.experiment.or(other.experiment),
            capture_content: self.capture_content.or(other.capture_content),
            active_model: self.active_model.or(other.active_model),
            log_assessments: self.log_assessments.or(other.log_assessments),
            verify_delivery: self.verify_delivery.or(other.verify_delivery),
            workspace: self.workspace.or(other.workspace),
        }
    }

    /// The destination. `variable` reads an environment variable; an empty one counts as unset.
    pub(crate) fn resolve(
        self,
        variable: impl Fn(&'static str) -> Option<String>,
    ) -> Result<Destination, InitError> {
        let environment = Environment(variable);
        let variable = |name| environment.variable(name);
        for name in ["MLFLOW_TRACKING_AUTH", "MLFLOW_TRACKING_AWS_SIGV4"] {
            let is_set = variable(name).is_some_and(|value| !is_off(&value));
            if is_set {
                return Err(InitError::UnsupportedAuthentication { name });
            }
        }
        let uri = self
            .tracking_uri
            .or_else(|| variable("MLFLOW_TRACKING_URI").map(SecretString::from))
            .unwrap_or_else(|| DEFAULT_TRACKING_URI.into());
        let uri = uri.expose_secret().trim();
        let profile = databricks::profile(uri);
        let (address, account) = match profile {
            Some(profile) => {
                let (address, _) = databricks::find(&environment, profile)?;
                let profile = profile.map(str::to_owned);
                (address, Account::Workspace { profile })
            }
            None => {
                let (address, in_uri) = address::parse(uri)?;
                (address, Account::Server { in_uri })
            }
        };
        let credentials = account.credentials(&environment)?;
        let experiment = self
            .experiment
            .map(Ok)
            .or_else(|| numbered("MLFLOW_TRACING_DESTINATION", &environment))
            .or_else(|| variable("MLFLOW_EXPERIMENT_NAME").map(|name| Ok(Experiment::Name(name))))
            .or_else(|| numbered("MLFLOW_EXPERIMENT_ID", &environment))
            .transpose()?;
        if experiment.is_none() && profile.is_some() {
            return Err(InitError::Databricks {
                reason: "a workspace has no default experiment: name one, as in `/Users/ann@example.com/emails`"
                    .into(),
            });
        }
        let active_model = self
            .active_model
            .or_else(|| variable("MLFLOW_ACTIVE_MODEL_ID").map(ActiveModel::Id))
            .unwrap_or_default()
            .checked()?;
        let timeout = environment
            .number("MLFLOW_HTTP_REQUEST_TIMEOUT")?
            .unwrap_or(120);
        let max_retries = environment
            .number("MLFLOW_HTTP_REQUEST_MAX_RETRIES")?
            .unwrap_or(7);
        let workspace = self.workspace.or_else(|| variable("MLFLOW_WORKSPACE"));
        // It becomes a header.
        if let Some(value) = workspace.as_ref().filter(|name| !is_visible(name)) {
            return Err(InitError::InvalidVariable {
                name: "MLFLOW_WORKSPACE",
                value: value.clone(),
                expected: "the name of a workspace, in visible ASCII characters",
            });
        }
        Ok(Destination {
            address,
            experiment: experiment.unwrap_or_default(),
            credentials,
            account,
            active_model,
            capture_content: match self.capture_content {
                Some(capture) => capture,
                None => captures_content(&environment)?,
            },
            tls: Tls::find(&environment)?,
            workspace,
            is_databricks: profile.is_some(),
            timeout: Duration::from_secs(timeout.into()).max(SHORTEST_TIMEOUT),
            max_retries,
            log_assessments: self.log_assessments.unwrap_or(false),
            defined: OnceLock::new(),
            place: OnceLock::new(),
            verify_delivery: self.verify_delivery.unwrap_or(false),
        })
    }
}

/// The variable of the OpenTelemetry instrumentations of language models. Here content is captured unless it says no.
fn captures_content(
    environment: &Environment<impl Fn(&'static str) -> Option<String>>,
) -> Result<bool, InitError> {
    const NAME: &str = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";
    let Some(value) = environment.variable(NAME) else {
        return Ok(true);
    };
    match value.trim().to_lowercase().as_str() {
        "true" | "span_only" | "span_and_event" => Ok(true),
        // There are no events with content here.
        "false" | "no_content" | "event_only" => Ok(false),
        _ => Err(InitError::InvalidVariable {
            name: NAME,
            value,
            expected: "true or false, or one of span_only, span_and_event, event_only, no_content",
        }),
    }
}

fn is_off(value: &str) -> bool {
    ["false", "0"].contains(&value.trim().to_ascii_lowercase().as_str())
}

/// The experiment whose number the variable `name` holds.
fn numbered(
    name: &'static str,
    environment: &Environment<impl Fn(&'static str) -> Option<String>>,
) -> Option<Result<Experiment, InitError>> {
    let value = environment.variable(name)?;
    let id = value.trim();
    if id.parse::<u64>().is_ok() {
        return Some(Ok(Experiment::Id(id.to_owned())));
    }
    Some(Err(InitError::InvalidVariable {
        name,
        value,
        expected: "the number of an experiment; a name goes into MLFLOW_EXPERIMENT_NAME",
    }))
}

/// The whole number that the variable `name` holds.
pub(crate) fn number(
    name: &'static str,
    variable: &impl Fn(&'static str) -> Option<String>,
) -> Result<Option<u32>, InitError> {
    Environment(variable).number(name)
}

fn is_visible(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests;
