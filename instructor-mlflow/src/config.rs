//! Where traces go: from the builder, from `set_*` calls, from the environment.

use std::fmt;
use std::time::Duration;

use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};

use crate::error::InitError;
use crate::models::ActiveModel;

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

/// The base address of a server, without credentials. Its `Debug` and `Display` are safe to show.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Address(Url);

impl Address {
    /// The address of an endpoint, for example `v1/traces`, below a path prefix if the server has one.
    pub(crate) fn endpoint(&self, path: &str) -> String {
        format!("{}/{path}", self.0.as_str().trim_end_matches('/'))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// How the exporter proves who it is.
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
}

/// A server, an experiment on it, and how to get there.
#[derive(Debug, Clone)]
pub(crate) struct Destination {
    pub(crate) address: Address,
    pub(crate) experiment: Experiment,
    /// What the traces belong to.
    pub(crate) active_model: ActiveModel,
    pub(crate) credentials: Credentials,
    pub(crate) insecure_tls: bool,
    /// Whether what was asked and answered is sent.
    pub(crate) capture_content: bool,
    /// Of one request.
    pub(crate) timeout: Duration,
    /// How often a request is repeated that the server answered with an internal error.
    pub(crate) max_retries: u32,
    /// Whether the outcome of checks becomes feedback.
    pub(crate) log_assessments: bool,
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
        }
    }

    /// The destination. `variable` reads an environment variable; an empty one counts as unset.
    pub(crate) fn resolve(
        self,
        variable: impl Fn(&'static str) -> Option<String>,
    ) -> Result<Destination, InitError> {
        let variable = |name| variable(name).filter(|value| !value.trim().is_empty());
        let uri = self
            .tracking_uri
            .or_else(|| variable("MLFLOW_TRACKING_URI").map(SecretString::from))
            .unwrap_or_else(|| DEFAULT_TRACKING_URI.into());
        let (address, in_uri) = parse_uri(uri.expose_secret().trim())?;
        let experiment = self
            .experiment
            .map(Ok)
            .or_else(|| numbered("MLFLOW_TRACING_DESTINATION", &variable))
            .or_else(|| variable("MLFLOW_EXPERIMENT_NAME").map(|name| Ok(Experiment::Name(name))))
            .or_else(|| numbered("MLFLOW_EXPERIMENT_ID", &variable))
            .unwrap_or_else(|| Ok(Experiment::default()))?;
        let active_model = self
            .active_model
            .or_else(|| variable("MLFLOW_ACTIVE_MODEL_ID").map(ActiveModel::Id))
            .unwrap_or_default()
            .checked()?;
        let username = variable("MLFLOW_TRACKING_USERNAME");
        let password = variable("MLFLOW_TRACKING_PASSWORD");
        let credentials = match (username, password, variable("MLFLOW_TRACKING_TOKEN")) {
            (Some(username), Some(password), _) => Credentials::Basic {
                username,
                password: password.into(),
            },
            (_, _, Some(token)) => Credentials::Bearer(token.into()),
            _ => in_uri,
        };
        let timeout = number("MLFLOW_HTTP_REQUEST_TIMEOUT", &variable)?.unwrap_or(120);
        let max_retries = number("MLFLOW_HTTP_REQUEST_MAX_RETRIES", &variable)?.unwrap_or(7);
        Ok(Destination {
            address,
            experiment,
            active_model,
            credentials,
            capture_content: match self.capture_content {
                Some(capture) => capture,
                None => captures_content(&variable)?,
            },
            insecure_tls: flag("MLFLOW_TRACKING_INSECURE_TLS", &variable)?,
            timeout: Duration::from_secs(timeout.into()).max(SHORTEST_TIMEOUT),
            max_retries,
            log_assessments: self.log_assessments.unwrap_or(false),
        })
    }
}

/// The variable of the OpenTelemetry instrumentations of language models. Here content is captured unless it says no.
fn captures_content(variable: &impl Fn(&'static str) -> Option<String>) -> Result<bool, InitError> {
    const NAME: &str = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";
    let Some(value) = variable(NAME) else {
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

/// The address without its user name and password, and those.
fn parse_uri(uri: &str) -> Result<(Address, Credentials), InitError> {
    let (scheme, rest) = uri.split_once(':').unwrap_or_default();
    if rest.starts_with(|first: char| first.is_ascii_digit()) {
        // `localhost:5000` is a host and a port; of `ann:1234@host` nothing may be repeated.
        let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
        let host = scheme.trim_start_matches('/');
        let reason = match rest.contains('@') {
            true => "http:// is missing".to_owned(),
            false => format!("http:// is missing: write http://{host}:{port}"),
        };
        return Err(InitError::InvalidUri { reason });
    }
    match scheme.to_ascii_lowercase().as_str() {
        "http" | "https" => {}
        "databricks" | "databricks-uc" | "uc" => return Err(InitError::Databricks),
        _ if uri == "databricks" => return Err(InitError::Databricks),
        "" => {
            return Err(InitError::NotHttp {
                scheme: "file".into(),
            });
        }
        scheme => {
            // `mysql+pymysql://user:password@...`: nothing but the scheme may be repeated.
            return Err(InitError::NotHttp {
                scheme: scheme.to_owned(),
            });
        }
    }
    let mut url = Url::parse(uri).map_err(|error| InitError::InvalidUri {
        reason: error.to_string(),
    })?;
    let credentials = match (url.username(), url.password()) {
        ("", None) => Credentials::None,
        (username, password) => Credentials::Basic {
            username: decode(username),
            password: decode(password.unwrap_or_default()).into(),
        },
    };
    // These fail only for addresses without a host, which `http` addresses have.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    Ok((Address(url), credentials))
}

/// User name and password stand percent-encoded in an address.
fn decode(text: &str) -> String {
    percent_encoding::percent_decode_str(text)
        .decode_utf8_lossy()
        .into_owned()
}

/// The experiment whose number the variable `name` holds.
fn numbered(
    name: &'static str,
    variable: &impl Fn(&'static str) -> Option<String>,
) -> Option<Result<Experiment, InitError>> {
    let value = variable(name)?;
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
    let Some(value) = variable(name) else {
        return Ok(None);
    };
    match value.trim().parse() {
        Ok(number) => Ok(Some(number)),
        Err(_) => Err(InitError::InvalidVariable {
            name,
            value,
            expected: "a whole number",
        }),
    }
}

fn flag(
    name: &'static str,
    variable: &impl Fn(&'static str) -> Option<String>,
) -> Result<bool, InitError> {
    let Some(value) = variable(name) else {
        return Ok(false);
    };
    match value.trim().to_ascii_lowercase().as_str() {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(InitError::InvalidVariable {
            name,
            value,
            expected: "`true` or `false`",
        }),
    }
}

/// Reads the environment of the process.
pub(crate) fn environment(name: &'static str) -> Option<String> {
    std::env::var(name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(variables: &[(&str, &str)]) -> Result<Destination, InitError> {
        Settings::default().resolve(lookup(variables))
    }

    fn lookup(variables: &[(&str, &str)]) -> impl Fn(&'static str) -> Option<String> {
        |name| {
            variables
                .iter()
                .find_map(|(variable, value)| (*variable == name).then(|| (*value).to_owned()))
        }
    }

    #[test]
    fn nothing_set_means_the_server_next_door() {
        let destination = resolve(&[]).expect("defaults are valid");
        assert_eq!(destination.address.to_string(), DEFAULT_TRACKING_URI);
        assert_eq!(destination.experiment, Experiment::Id("0".into()));
        assert_eq!(destination.timeout, Duration::from_secs(120));
        assert_eq!(destination.max_retries, 7);
        assert!(!destination.insecure_tls);
        assert!(matches!(destination.credentials, Credentials::None));
    }

    #[test]
    fn the_program_wins_over_the_environment_and_a_name_over_an_id() {
        let variables = [
            ("MLFLOW_TRACKING_URI", "http://environment:5000"),
            ("MLFLOW_EXPERIMENT_NAME", "named"),
            ("MLFLOW_EXPERIMENT_ID", "7"),
        ];
        let from_environment = resolve(&variables).expect("valid");
        assert_eq!(
            from_environment.experiment,
            Experiment::Name("named".into())
        );
        let destination = [
            ("MLFLOW_TRACING_DESTINATION", "9"),
            ("MLFLOW_EXPERIMENT_NAME", "named"),
        ];
        let destination = resolve(&destination).expect("valid");
        assert_eq!(destination.experiment, Experiment::Id("9".into()));
        let settings = Settings {
            tracking_uri: Some("http://program:5000/".into()),
            experiment: Some(Experiment::Name("mine".into())),
            ..Settings::default()
        };
        let from_program = settings.resolve(lookup(&variables)).expect("valid");
        assert_eq!(from_program.address.to_string(), "http://program:5000");
        assert_eq!(from_program.experiment, Experiment::Name("mine".into()));
    }

    #[test]
    fn content_is_captured_unless_somebody_says_no() {
        const NAME: &str = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";
        assert!(resolve(&[]).expect("valid").capture_content);
        for (value, captures) in [
            ("true", true),
            ("SPAN_AND_EVENT", true),
            ("False", false),
            ("NO_CONTENT", false),
            ("event_only", false),
        ] {
            let destination = resolve(&[(NAME, value)]).expect(value);
            assert_eq!(destination.capture_content, captures, "{value}");
        }
        let error = resolve(&[(NAME, "sometimes")]).expect_err("no such value");
        assert!(error.to_string().contains(NAME), "{error}");
        let settings = Settings {
            capture_content: Some(false),
            ..Settings::default()
        };
        let destination = settings.resolve(lookup(&[(NAME, "true")])).expect("valid");
        assert!(!destination.capture_content);
    }

    #[test]
    fn the_active_model_is_what_the_program_says_or_else_the_environment() {
        let variables = [("MLFLOW_ACTIVE_MODEL_ID", "m-7")];
        let active = |model: Option<ActiveModel>| {
            let settings = Settings {
                active_model: model,
                ..Settings::default()
            };
            settings
                .resolve(lookup(&variables))
                .map(|to| to.active_model)
        };
        let model = |outcome: Result<ActiveModel, InitError>| outcome.expect("valid");
        assert_eq!(model(active(None)), ActiveModel::Id("m-7".into()));
        assert_eq!(model(active(Some(ActiveModel::None))), ActiveModel::None);
        let named = ActiveModel::Name("emails".into());
        assert_eq!(model(active(Some(named.clone()))), named);
        let refused = active(Some(ActiveModel::Name("a/b".into())));
        assert!(matches!(refused, Err(InitError::InvalidModelName { .. })));
    }

    #[test]
    fn a_path_prefix_is_kept() {
        let destination = resolve(&[("MLFLOW_TRACKING_URI", "https://host/tools/mlflow/")]);
        let address = destination.expect("valid").address;
        assert_eq!(
            address.endpoint("v1/traces"),
            "https://host/tools/mlflow/v1/traces"
        );
    }

    #[test]
    fn a_store_that_is_not_a_server_is_refused_with_the_cure() {
        for uri in [
            "sqlite:///mlflow.db",
            "file:./mlruns",
            "./mlruns",
            "mysql+pymysql://user:hunter2@host/mlflow",
        ] {
            let error = resolve(&[("MLFLOW_TRACKING_URI", uri)]).expect_err(uri);
            assert!(matches!(error, InitError::NotHttp { .. }), "{error:?}");
            assert!(error.to_string().contains("mlflow server"), "{error}");
            assert!(!format!("{error} {error:?}").contains("hunter2"));
        }
        for uri in ["databricks", "databricks://profile"] {
            let error = resolve(&[("MLFLOW_TRACKING_URI", uri)]).expect_err(uri);
            assert!(matches!(error, InitError::Databricks), "{error:?}");
        }
    }

    #[test]
    fn a_host_with_a_port_lacks_http() {
        for (uri, cure) in [
            ("localhost:5000", "http://localhost:5000"),
            ("//10.0.0.7:5000/mlflow", "http://10.0.0.7:5000"),
            ("ann:1234@host:5000", "http:// is missing"),
        ] {
            let error = resolve(&[("MLFLOW_TRACKING_URI", uri)]).expect_err(uri);
            assert!(matches!(error, InitError::InvalidUri { .. }), "{error:?}");
            assert!(error.to_string().contains(cure), "{error}");
            assert!(!format!("{error} {error:?}").contains("1234"));
        }
    }

    #[test]
    fn secrets_are_not_in_debug_texts() {
        let basic = [
            ("MLFLOW_TRACKING_USERNAME", "ann"),
            ("MLFLOW_TRACKING_PASSWORD", "hunter2"),
            ("MLFLOW_TRACKING_TOKEN", "hunter2-token"),
        ];
        let in_uri = [("MLFLOW_TRACKING_URI", "https://ann:hunter2@host")];
        let bearer = [("MLFLOW_TRACKING_TOKEN", "hunter2")];
        for variables in [&basic[..], &in_uri, &bearer] {
            let destination = resolve(variables).expect("valid");
            assert!(!matches!(destination.credentials, Credentials::None));
            let text = format!("{destination:?} {}", destination.address);
            assert!(!text.contains("hunter2"), "{text}");
        }
    }

    #[test]
    fn a_variable_that_makes_no_sense_is_named() {
        for (name, value) in [
            ("MLFLOW_HTTP_REQUEST_TIMEOUT", "soon"),
            ("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "-1"),
            ("MLFLOW_TRACKING_INSECURE_TLS", "maybe"),
            ("MLFLOW_EXPERIMENT_ID", "email"),
            ("MLFLOW_TRACING_DESTINATION", "catalog.schema"),
        ] {
            let error = resolve(&[(name, value)]).expect_err(name).to_string();
            assert!(error.contains(name) && error.contains(value), "{error}");
        }
    }

    #[test]
    fn a_short_timeout_is_raised_to_what_a_fresh_server_needs() {
        let destination = resolve(&[("MLFLOW_HTTP_REQUEST_TIMEOUT", "5")]).expect("valid");
        assert_eq!(destination.timeout, SHORTEST_TIMEOUT);
    }
}
