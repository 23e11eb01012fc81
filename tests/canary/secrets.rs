//! The secrets of the test, and how each would look if it was seen.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use regex::bytes::Regex;

/// With characters that every encoding changes, as keys may have.
pub(crate) const OPENAI_KEY: &str = "sk-canary+4f1c/9e07==b2d8";
pub(crate) const ANTHROPIC_KEY: &str = "sk-ant-canary_61d0/55c3+77";
pub(crate) const MLFLOW_USER: &str = "ann";
pub(crate) const MLFLOW_PASSWORD: &str = "canary/pass+8c21 word%9";
pub(crate) const MLFLOW_TOKEN: &str = "canary.token-3b9a/40f6+1e";
/// Stands in addresses that are refused.
pub(crate) const URL_PASSWORD: &str = "canary-url-5d72";

/// Each secret, and what it is called.
pub(crate) const SECRETS: [(&str, &str); 6] = [
    ("OpenAI's key", OPENAI_KEY),
    ("Anthropic's key", ANTHROPIC_KEY),
    ("MLflow's password", MLFLOW_PASSWORD),
    ("MLflow's token", MLFLOW_TOKEN),
    ("the password in an address", URL_PASSWORD),
    // What basic authentication makes of both together.
    ("MLflow's user and password", "ann:canary/pass+8c21 word%9"),
];

/// All texts and bytes that tell `secret`, each with the name of its encoding.
fn forms(secret: &str) -> Vec<(&'static str, String)> {
    let percent = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
    let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let hexadecimal: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let numbers: Vec<_> = secret.bytes().map(|byte| byte.to_string()).collect();
    let mut forms = vec![
        ("as it is", secret.to_owned()),
        ("in JSON with escaped slashes", secret.replace('/', "\\/")),
        ("percent-encoded", percent.clone()),
        ("percent-encoded in lower case", lower_percent(&percent)),
        // As an address has it, whose user and password keep some marks.
        ("in an address", address(secret)),
        ("as a form has it", form),
        ("hexadecimal", hexadecimal),
        ("as a list of numbers", numbers.join(", ")),
    ];
    for offset in 0..3 {
        forms.push(("base64", base64(&STANDARD_NO_PAD, secret, offset)));
        forms.push((
            "base64 for addresses",
            base64(&URL_SAFE_NO_PAD, secret, offset),
        ));
    }
    forms
}

fn lower_percent(percent: &str) -> String {
    let escape = regex::Regex::new("%[0-9A-F]{2}").unwrap();
    let lower = |found: &regex::Captures<'_>| found[0].to_ascii_lowercase();
    escape.replace_all(percent, lower).into_owned()
}

fn address(secret: &str) -> String {
    let mut url = url::Url::parse("http://host").unwrap();
    url.set_password(Some(secret)).unwrap();
    url.password().unwrap().to_owned()
}

/// What stays the same of `secret` in base64 when `offset` bytes, and multiples of three more, are before it.
fn base64(engine: &impl base64::Engine, secret: &str, offset: usize) -> String {
    let bytes = [&vec![0; offset], secret.as_bytes()].concat();
    let encoded = engine.encode(&bytes);
    // A character of base64 is six bits: those that also depend on what is around are left out.
    let first = (offset * 8).div_ceil(6);
    let whole = bytes.len() * 8 / 6;
    encoded[first..whole].to_owned()
}

/// Finds secrets.
pub(crate) struct Finder(Vec<(&'static str, &'static str, Regex)>);

impl Finder {
    pub(crate) fn new() -> Self {
        let forms = SECRETS.iter().flat_map(|&(name, secret)| {
            forms(secret).into_iter().map(move |(encoding, form)| {
                (name, encoding, Regex::new(&regex::escape(&form)).unwrap())
            })
        });
        Finder(forms.collect())
    }

    /// What is seen in `bytes`, which come from `place`, with what is around it.
    pub(crate) fn find(&self, place: &str, bytes: &[u8]) -> Vec<String> {
        let hits = self.0.iter().filter_map(|(name, encoding, form)| {
            let found = form.find(bytes)?;
            let around =
                &bytes[found.start().saturating_sub(200)..bytes.len().min(found.end() + 100)];
            let around = String::from_utf8_lossy(around);
            Some(format!("{name}, {encoding}, in {place}: ...{around}..."))
        });
        hits.collect()
    }
}

#[test]
fn a_secret_is_found_in_every_form() {
    let finder = Finder::new();
    let shows = |bytes: &[u8]| !finder.find("a test", bytes).is_empty();
    assert!(!shows(b"[redacted] sk-... canary"));
    for (name, secret) in SECRETS {
        for before in ["", "a", "ab", "abc", "ann:"] {
            let plain = format!("{before}{secret} and more");
            let mut said = vec![
                plain.clone(),
                STANDARD_NO_PAD.encode(&plain),
                URL_SAFE_NO_PAD.encode(&plain),
                utf8_percent_encode(&plain, NON_ALPHANUMERIC).to_string(),
                url::form_urlencoded::byte_serialize(plain.as_bytes()).collect(),
                format!("{:?}", plain.as_bytes()),
                serde_json::to_string(&plain).unwrap(),
            ];
            let at_its_end =
                base64::engine::general_purpose::STANDARD.encode(format!("{before}{secret}"));
            said.push(at_its_end);
            for said in said {
                assert!(shows(said.as_bytes()), "{name} is not found in {said}");
            }
        }
    }
}
