//! Random trees of spans.

use std::fmt;

use bolero::TypeGenerator;
use serde_json::Value;

use crate::change::pick;
use crate::{decode, json};

/// What may not leave without content: every value that the program says has it.
pub(super) const CANARY: &str = "canary-7f3a";

const NAMES: [&str; 8] = [
    "search", "", "ü\n", "create", "chat", "span", "🦀\0", "a b/c",
];

const KEYS: [&str; 8] = [
    "key",
    "mlflow.llm.model",
    "mlflow.spanType",
    "gen_ai.usage.input_tokens",
    "",
    "ü\n",
    "mlflow.chat.tokenUsage",
    "mlflow.traceRequestId",
];

/// How a tree is made.
#[derive(Debug, Clone, TypeGenerator)]
pub struct Recipe {
    #[generator(bolero::produce::<Vec<Step>>().with().len(0usize..20))]
    steps: Vec<Step>,
    has_content: bool,
}

#[derive(Debug, Clone, TypeGenerator)]
enum Step {
    Open { name: u8 },
    Fields { value: json::Recipe, number: u64 },
    Close,
    Inputs(json::Recipe),
    Outputs(json::Recipe),
    Attribute { key: u8, value: json::Recipe },
    Event { name: u8, value: json::Recipe },
    Fail { name: u8 },
    Call { dialect: u8, answer: decode::Recipe },
}

/// What a program does.
#[derive(Clone)]
pub struct Tree {
    /// One after the other.
    pub steps: Vec<Done>,
    /// Whether what was said is sent.
    pub has_content: bool,
}

/// What a program does once. All that is opened is below what is open.
#[derive(Debug, Clone)]
pub enum Done {
    /// Opens a span; its name has the number of the step before it.
    Open(String),
    /// Opens a span of `tracing` with fields of each kind.
    Fields(Value, u64),
    /// Closes the span that was opened last.
    Close,
    /// Says what goes in.
    Inputs(Value),
    /// Says what comes out.
    Outputs(Value),
    /// Says something else.
    Attribute(&'static str, Value),
    /// Notes that something happened.
    Event(&'static str, Value),
    /// Says that the span failed.
    Fail(String),
    /// Calls a model, which answers with this.
    Call(u8, decode::Input),
}

impl Recipe {
    /// The tree.
    pub fn tree(&self) -> Tree {
        let steps = self.steps.iter().enumerate();
        Tree {
            steps: steps.map(|(number, step)| step.done(number)).collect(),
            has_content: self.has_content,
        }
    }
}

impl Step {
    fn done(&self, number: usize) -> Done {
        match self {
            Step::Open { name } => Done::Open(format!("{number} {}", pick(&NAMES, *name))),
            Step::Fields { value, number } => Done::Fields(value_of(value), *number),
            Step::Close => Done::Close,
            Step::Inputs(value) => Done::Inputs(value_of(value)),
            Step::Outputs(value) => Done::Outputs(value_of(value)),
            Step::Attribute { key, value } => {
                let key = pick(&KEYS, *key);
                let mut value = value_of(value);
                // Keys of a convention mean what they mean to it, and are sent in any case.
                if key.contains('.') {
                    value["canary"].take();
                }
                Done::Attribute(key, value)
            }
            Step::Event { name, value } => Done::Event(pick(&NAMES, *name), value_of(value)),
            Step::Fail { name } => Done::Fail(format!("{CANARY} {}", pick(&NAMES, *name))),
            Step::Call { dialect, answer } => Done::Call(*dialect, answer.input()),
        }
    }
}

/// A document as a value; as a text if it is no JSON.
fn value_of(recipe: &json::Recipe) -> Value {
    let text = recipe.document().text;
    let value: Value = serde_json::from_str(&text).unwrap_or_else(|_| text.into());
    serde_json::json!({ "said": value, "canary": CANARY })
}

impl Tree {
    /// What was said in the end of the span with this name: the keys of its attributes, and their values.
    pub(super) fn values(&self, name: &str) -> Vec<(&'static str, Value)> {
        let mut open: Vec<&str> = Vec::new();
        let (mut inputs, mut outputs) = (None, None);
        for step in &self.steps {
            match step {
                Done::Open(name) => open.push(name),
                // Nothing is said of it. No span has this name.
                Done::Fields(..) => open.push("\0"),
                Done::Close => drop(open.pop()),
                Done::Inputs(value) if open.last() == Some(&name) => inputs = Some(value),
                Done::Outputs(value) if open.last() == Some(&name) => outputs = Some(value),
                _ => {}
            }
        }
        let pairs = [
            ("mlflow.spanInputs", inputs),
            ("mlflow.spanOutputs", outputs),
        ];
        let said = pairs.into_iter();
        said.filter_map(|(key, value)| Some((key, value?.clone())))
            .collect()
    }
}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "with content: {}", self.has_content)?;
        self.steps
            .iter()
            .try_for_each(|step| write!(f, "\n{step:?}"))
    }
}
