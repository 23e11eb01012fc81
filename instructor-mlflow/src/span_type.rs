//! MLflow's types of spans.

use std::borrow::Cow;
use std::fmt;

/// What a span does, by which MLflow draws and filters it.
///
/// ```
/// use instructor_mlflow::SpanType;
///
/// assert_eq!(SpanType::ChatModel.as_str(), "CHAT_MODEL");
/// assert_eq!(SpanType::from("RETRIEVER"), SpanType::Retriever);
/// assert_eq!(SpanType::from("TRANSLATOR").as_str(), "TRANSLATOR");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum SpanType {
    /// A text completion.
    Llm,
    /// A sequence of steps.
    Chain,
    /// An agent that decides what to do next.
    Agent,
    /// A tool that a model called.
    Tool,
    /// A chat completion.
    ChatModel,
    /// A search for documents.
    Retriever,
    /// Reading an answer.
    Parser,
    /// Making embeddings.
    Embedding,
    /// Putting documents into a better order.
    Reranker,
    /// Reading or writing what is remembered.
    Memory,
    /// Nothing of the above was said.
    #[default]
    Unknown,
    /// A whole workflow.
    Workflow,
    /// A step of a workflow.
    Task,
    /// A check of what goes in or out.
    Guardrail,
    /// A judgement.
    Evaluator,
    /// A type of your own: MLflow takes any text.
    Custom(Cow<'static, str>),
}

impl SpanType {
    /// The types that MLflow knows.
    const KNOWN: [SpanType; 15] = [
        SpanType::Llm,
        SpanType::Chain,
        SpanType::Agent,
        SpanType::Tool,
        SpanType::ChatModel,
        SpanType::Retriever,
        SpanType::Parser,
        SpanType::Embedding,
        SpanType::Reranker,
        SpanType::Memory,
        SpanType::Unknown,
        SpanType::Workflow,
        SpanType::Task,
        SpanType::Guardrail,
        SpanType::Evaluator,
    ];

    /// MLflow's word for it, for example `CHAT_MODEL`.
    pub fn as_str(&self) -> &str {
        match self {
            SpanType::Llm => "LLM",
            SpanType::Chain => "CHAIN",
            SpanType::Agent => "AGENT",
            SpanType::Tool => "TOOL",
            SpanType::ChatModel => "CHAT_MODEL",
            SpanType::Retriever => "RETRIEVER",
            SpanType::Parser => "PARSER",
            SpanType::Embedding => "EMBEDDING",
            SpanType::Reranker => "RERANKER",
            SpanType::Memory => "MEMORY",
            SpanType::Unknown => "UNKNOWN",
            SpanType::Workflow => "WORKFLOW",
            SpanType::Task => "TASK",
            SpanType::Guardrail => "GUARDRAIL",
            SpanType::Evaluator => "EVALUATOR",
            SpanType::Custom(text) => text,
        }
    }
}

impl fmt::Display for SpanType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<&'static str> for SpanType {
    fn from(text: &'static str) -> Self {
        let known = SpanType::KNOWN;
        let found = known.into_iter().find(|known| known.as_str() == text);
        found.unwrap_or(SpanType::Custom(text.into()))
    }
}

impl From<String> for SpanType {
    fn from(text: String) -> Self {
        let known = SpanType::KNOWN;
        let found = known.into_iter().find(|known| known.as_str() == text);
        found.unwrap_or(SpanType::Custom(text.into()))
    }
}
