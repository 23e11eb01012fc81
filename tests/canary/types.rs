//! That no type is forgotten: each public type was shown, or is here with the reason why it need not be.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use regex::Regex;

use crate::shown::MARK;

/// The crates with public types; the derive has none.
const CRATES: [&str; 3] = [
    "instructor-core",
    "instructor-mlflow",
    "instructor-opentelemetry",
];

/// Types and modules of types that need not be shown, with the reason.
const NOT_SHOWN: [(&str, &[&str]); 4] = [
    (
        "known when the program is compiled: schemas, rules, dialects",
        &[
            "instructor_core::schema",
            "instructor_core::rule",
            "instructor_core::parse",
            "instructor_core::partial::Start",
            "instructor_core::partial::Step",
            "instructor_core::provider::Auth",
            "instructor_core::provider::anthropic::Messages",
            "instructor_core::provider::openai::ChatCompletions",
            "instructor_core::provider::openai_responses::Responses",
            "instructor_core::create::Whole",
            "instructor_core::stream::items::Items",
            "instructor_mlflow::filter::CallFilter",
        ],
    ),
    (
        "numbers, names of kinds, and places in answers",
        &[
            "instructor_core::budget",
            "instructor_core::cost",
            "instructor_core::error::transport::TransportErrorKind",
            "instructor_core::leniency::CorrectionKind",
            "instructor_core::leniency::Leniency",
            "instructor_core::message::Role",
            "instructor_core::rate_limit",
            "instructor_core::repair::Reask",
            "instructor_core::request::Mode",
            "instructor_core::response::FinishReason",
            "instructor_core::response::Usage",
            "instructor_core::retry::RetryPolicy",
            "instructor_core::retry::RetryStop",
            "instructor_core::sse::TooLong",
            "instructor_core::validate::code::ErrorCode",
            "instructor_core::validate::path::Path",
            "instructor_mlflow::notes::TraceState",
            "instructor_mlflow::span::SpanId",
            "instructor_mlflow::span::TraceId",
            "instructor_mlflow::span_type::SpanType",
            "instructor_mlflow::storage",
        ],
    ),
    (
        "what the program itself says, and gets back as it said it",
        &[
            "instructor_core::citation",
            "instructor_core::context",
            "instructor_core::maybe",
            "instructor_core::partial::answer::PartialAnswer",
            "instructor_core::request::Tool",
            "instructor_mlflow::api::assessment",
            "instructor_mlflow::api::search::TracePage",
            "instructor_mlflow::api::trace",
            "instructor_mlflow::api::trace_span",
            "instructor_mlflow::fields::FieldValue",
            "instructor_mlflow::models::log_model::LoggedModel",
            "instructor_mlflow::prompt::Prompt",
            "instructor_mlflow::prompt::error::FormatError",
            "instructor_mlflow::prompt::register::PromptTemplate",
            "instructor_mlflow::span_draft",
        ],
    ),
    (
        "a part of what is shown (attempts, recordings, updates), or on its way into it",
        &[
            "instructor_core::codec",
            "instructor_core::leniency::Correction",
            "instructor_core::message::Message",
            "instructor_core::message::Part",
            "instructor_core::message::ToolCall",
            "instructor_core::message::ToolResult",
            "instructor_core::partial::changes::Change",
            "instructor_core::partial::incomplete::Incomplete",
            "instructor_core::sse::Decoder",
            "instructor_core::trace::Validator",
            "instructor_core::transport::Body",
            "instructor_mlflow::span::Ancestor",
            "instructor_mlflow::spool_status::QuarantinedFile",
        ],
    ),
];

/// The public types of the crates, as `std::any::type_name` has them: by the file that they are in. The lint `unreachable_pub` sees to
/// it that what says `pub` is public.
fn public_types() -> BTreeSet<String> {
    let mut types = BTreeSet::new();
    for name in CRATES {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join(name).join("src");
        let count = types.len();
        collect(&sources, &name.replace('-', "_"), &mut types);
        assert!(types.len() > count, "no types are found in {name}");
    }
    types
}

fn collect(folder: &Path, module: &str, types: &mut BTreeSet<String>) {
    let declaration = Regex::new(r"(?m)^pub (?:struct|enum|union) (\w+)").unwrap();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let inner = match stem {
            "lib" => module.to_owned(),
            stem => format!("{module}::{stem}"),
        };
        if path.is_dir() {
            collect(&path, &inner, types);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let names = declaration.captures_iter(&text);
            types.extend(names.map(|name| format!("{inner}::{}", &name[1])));
        }
    }
}

/// Fails if a public type is neither among those that `output` says were shown nor among those that need not be; or if what is said
/// here of one does not hold any more.
pub(crate) fn assert_all_shown(output: &[u8]) {
    let output = String::from_utf8_lossy(output);
    let shown = output.lines().filter_map(|line| line.strip_prefix(MARK));
    let shown: BTreeSet<_> = shown.map(|name| name.split('<').next().unwrap()).collect();
    let types = public_types();
    let covers = |entry: &str, name: &str| {
        name == entry
            || name
                .strip_prefix(entry)
                .is_some_and(|rest| rest.starts_with("::"))
    };
    let entries = || NOT_SHOWN.iter().flat_map(|(_, entries)| entries.iter());
    let forgotten: Vec<_> = types
        .iter()
        .filter(|name| !shown.contains(name.as_str()))
        .filter(|name| !entries().any(|entry| covers(entry, name)))
        .collect();
    assert!(
        forgotten.is_empty(),
        "show a value of each in `calls.rs` or `tracking.rs`, or say in `types.rs` why it need not be: {forgotten:#?}"
    );
    let dead: Vec<_> = entries()
        .filter(|entry| !types.iter().any(|name| covers(entry, name)))
        .collect();
    assert!(dead.is_empty(), "there are no such types: {dead:?}");
}
