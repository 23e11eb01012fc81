//! What a type's schema is derived with.

use std::path::Path;

/// A way to derive, and what a package must say to use it.
pub(crate) struct Library {
    /// The name in tables, and of packages.
    pub(crate) name: &'static str,
    /// The lines of `[dependencies]`.
    pub(crate) dependencies: String,
    /// How every module begins.
    pub(crate) imports: &'static str,
    /// What stands in `#[derive(...)]`.
    pub(crate) derives: &'static str,
    /// An expression of type `usize` that takes the whole schema of `Root`.
    pub(crate) schema: &'static str,
    /// An expression that makes what a model is asked with. Linking it is a good part of a build, so every program has one.
    pub(crate) client: &'static str,
}

/// As a user declares it. The features are those of this line, the version stands in the lock file.
const SERDE: &str = r#"serde = { version = "1", features = ["derive"] }"#;

/// With the features that the framework takes.
const REQWEST: &str =
    r#"reqwest = { version = "0.13", default-features = false, features = ["rustls", "http2"] }"#;
const REQWEST_CLIENT: &str = "reqwest::Client::builder().build().is_ok()";

impl Library {
    /// The framework, from the sources in `root`, as a user gets it: with the default features.
    pub(crate) fn ours(root: &Path) -> Self {
        let root = root.display();
        Self {
            name: "ours",
            dependencies: format!("instructor-rs = {{ path = '{root}' }}\n{SERDE}\n"),
            imports: "use instructor::prelude::*;",
            derives: "Deserialize, ResponseModel",
            schema: "Root::SCHEMA.standard().len()",
            client: "Client::from_provider(\"openai/gpt-4o\").is_ok()",
        }
    }

    /// serde alone: what the types cost without a schema.
    pub(crate) fn serde() -> Self {
        Self {
            name: "serde",
            dependencies: format!("{SERDE}\n{REQWEST}\n"),
            imports: "use serde::Deserialize;",
            derives: "Deserialize",
            schema: "size_of::<Root>()",
            client: REQWEST_CLIENT,
        }
    }

    pub(crate) fn schemars() -> Self {
        Self {
            name: "schemars",
            dependencies: format!("schemars = \"1\"\n{SERDE}\n{REQWEST}\n"),
            imports: "use schemars::JsonSchema;\nuse serde::Deserialize;",
            derives: "Deserialize, JsonSchema",
            schema: "schemars::schema_for!(Root).as_value().to_string().len()",
            client: REQWEST_CLIENT,
        }
    }
}
