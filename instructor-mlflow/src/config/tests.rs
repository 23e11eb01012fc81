//! What the environment and the files say.

use std::fs;

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
    assert!(!destination.tls.insecure);
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
fn credentials_on_plain_http_through_a_network_are_noticed() {
    for (uri, is_exposed) in [
        ("http://ann:secret@mlflow.internal:5000", true),
        ("http://ann:secret@10.0.0.1:5000", true),
        ("http://ann:secret@localhost.example.org", true),
        ("https://ann:secret@mlflow.internal", false),
        ("http://ann:secret@localhost:5000", false),
        ("http://ann:secret@127.0.0.2", false),
        ("http://ann:secret@[::1]:5000", false),
        ("http://mlflow.internal:5000", false),
    ] {
        let destination = resolve(&[("MLFLOW_TRACKING_URI", uri)]).expect("valid");
        assert_eq!(destination.exposes_credentials(), is_exposed, "{uri}");
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

#[test]
fn the_file_of_credentials_is_read_as_mlflow_reads_it() {
    let home = tempfile::tempdir().expect("a folder");
    let path = home.path().to_string_lossy().into_owned();
    fs::create_dir(home.path().join(".mlflow")).expect("a folder");
    let file = home.path().join(".mlflow/credentials");
    fs::write(
        &file,
        "[other]\nmlflow_tracking_username = bob\n[mlflow]\n# a comment\nMLFLOW_TRACKING_USERNAME = ann\n\
         mlflow_tracking_password: hunter#2;100%%=\n",
    )
    .expect("a file");
    let basic = |variables: &[(&str, &str)]| {
        let variables = [variables, &[("HOME", path.as_str())]].concat();
        match resolve(&variables).expect("valid").credentials {
            Credentials::Basic { username, password } => {
                Some((username, password.expose_secret().to_owned()))
            }
            _ => None,
        }
    };
    let of_file = Some(("ann".to_owned(), "hunter#2;100%=".to_owned()));
    assert_eq!(basic(&[]), of_file);
    assert_eq!(basic(&[("MLFLOW_TRACKING_TOKEN", "token")]), of_file);
    let username = ("MLFLOW_TRACKING_USERNAME", "eve");
    let mixed = Some(("eve".to_owned(), "hunter#2;100%=".to_owned()));
    assert_eq!(basic(&[username]), mixed);
    let in_uri = Some(("joe".to_owned(), "of uri".to_owned()));
    let uri = ("MLFLOW_TRACKING_URI", "http://joe:of%20uri@host");
    assert_eq!(basic(&[uri]), in_uri);

    fs::write(&file, "[mlflow\nmlflow_tracking_password = hunter2\n").expect("a file");
    let error = resolve(&[("HOME", &path)]).expect_err("not in the format");
    assert!(
        matches!(error, InitError::UnreadableFile { .. }),
        "{error:?}"
    );
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
}

#[test]
fn ways_to_prove_oneself_that_are_not_supported_are_refused() {
    for (name, value) in [
        ("MLFLOW_TRACKING_AUTH", "kubernetes"),
        ("MLFLOW_TRACKING_AWS_SIGV4", "true"),
    ] {
        let error = resolve(&[(name, value)]).expect_err(name);
        assert!(matches!(error, InitError::UnsupportedAuthentication { .. }));
        assert!(error.to_string().contains(name), "{error}");
    }
    resolve(&[("MLFLOW_TRACKING_AWS_SIGV4", "false")]).expect("it is off");
}

#[test]
fn certificates_that_cannot_be_read_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let empty = folder.path().join("empty.pem");
    fs::write(&empty, "no certificate").expect("a file");
    let missing = folder.path().join("missing.pem");
    for path in [&empty, &missing] {
        for name in [
            "MLFLOW_TRACKING_SERVER_CERT_PATH",
            "MLFLOW_TRACKING_CLIENT_CERT_PATH",
        ] {
            let value = path.to_string_lossy();
            let error = resolve(&[(name, &value)]).expect_err(name);
            assert!(error.to_string().contains(&*value), "{error}");
        }
    }
    let both = [
        ("MLFLOW_TRACKING_INSECURE_TLS", "true"),
        (
            "MLFLOW_TRACKING_SERVER_CERT_PATH",
            &*empty.to_string_lossy(),
        ),
    ];
    let error = resolve(&both).expect_err("they contradict each other");
    assert!(
        matches!(error, InitError::Contradiction { .. }),
        "{error:?}"
    );
}

#[test]
fn a_workspace_is_a_header_and_must_fit_into_one() {
    let destination = resolve(&[("MLFLOW_WORKSPACE", "team-a")]).expect("valid");
    assert_eq!(destination.workspace.as_deref(), Some("team-a"));
    resolve(&[("MLFLOW_WORKSPACE", "team\na")]).expect_err("a line break");
}

#[test]
fn a_databricks_workspace_is_found_in_the_environment_or_by_its_profile() {
    let home = tempfile::tempdir().expect("a folder");
    let path = home.path().to_string_lossy().into_owned();
    fs::write(
        home.path().join(".databrickscfg"),
        "[DEFAULT]\nhost = https://default.example.com/\ntoken = default-token\n\
         [Staging]\nhost = staging.example.com\ntoken = staging-token\n[oauth]\nhost = https://oauth.example.com\n",
    )
    .expect("a file");
    let find = |uri, more: &[(&str, &str)]| {
        let variables = [
            &[
                ("MLFLOW_TRACKING_URI", uri),
                ("HOME", path.as_str()),
                ("MLFLOW_EXPERIMENT_NAME", "/emails"),
            ],
            more,
        ]
        .concat();
        let destination = resolve(&variables)?;
        assert!(destination.is_databricks);
        assert!(
            !format!("{destination:?}").contains("token\""),
            "{destination:?}"
        );
        let Credentials::Bearer(token) = destination.credentials else {
            panic!("a workspace takes a token");
        };
        Ok((
            destination.address.to_string(),
            token.expose_secret().to_owned(),
        ))
    };
    let expect =
        |host: &str, token: &str| (format!("https://{host}.example.com"), token.to_owned());
    let found = |found: Result<_, InitError>| found.expect("a workspace");
    assert_eq!(
        found(find("databricks", &[])),
        expect("default", "default-token")
    );
    assert_eq!(
        found(find("databricks://Staging", &[])),
        expect("staging", "staging-token")
    );
    let variables = [
        ("DATABRICKS_HOST", "https://env.example.com"),
        ("DATABRICKS_TOKEN", "env-token"),
    ];
    assert_eq!(
        found(find("databricks", &variables)),
        expect("env", "env-token")
    );
    assert_eq!(
        found(find("databricks://Staging", &variables)),
        expect("staging", "staging-token")
    );
    let profile = [("DATABRICKS_CONFIG_PROFILE", "Staging")];
    assert_eq!(
        found(find("databricks", &profile)),
        expect("staging", "staging-token")
    );
    for uri in [
        "databricks://missing",
        "databricks://oauth",
        "databricks://scope:prefix",
    ] {
        let error = find(uri, &[]).expect_err(uri);
        assert!(matches!(error, InitError::Databricks { .. }), "{error:?}");
    }
    let error = resolve(&[("MLFLOW_TRACKING_URI", "databricks"), ("HOME", &path)]);
    let error = error.expect_err("no experiment").to_string();
    assert!(error.contains("experiment"), "{error}");
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
