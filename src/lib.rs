#![cfg_attr(feature = "mlflow", doc = include_str!("../README.md"))]
#![cfg_attr(
    not(feature = "mlflow"),
    doc = "Typed, validated answers from language models, with every step visible in MLflow."
)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
#![warn(clippy::print_stdout, clippy::print_stderr)] // libraries do not print

#[cfg(feature = "blocking")]
#[cfg_attr(docsrs, doc(cfg(feature = "blocking")))]
pub use instructor_core::blocking;
pub use instructor_core::provider;
pub use instructor_core::{
    AnswerCache, ApiError, Attempt, Auth, Body, Budget, Checks, Citation, Client, ClientBuilder,
    Codec, CodecError, Completion, Context, Correction, CorrectionKind, Cost, Create,
    CreateWithCompletion, Dollars, Error, ErrorCode, FinishReason, Folded, ForModel,
    GrowingResponse, Hooks, ItemStream, ItemSummary, Leniency, Maybe, Message, Mode, NotFound,
    Part, Partial, PartialStream, PartialValue, Path, Price, Provider, RateLimit, Reask, Report,
    Request, Response, ResponseModel, Result, RetryPolicy, RetryStop, Role, Schema, Source,
    StreamEvent, Tool, ToolCall, ToolResult, Transport, TransportError, TransportErrorKind, Update,
    Usage, ValidationError, ValidationErrors, Validator, ValidatorCache, ValidatorCall, Window,
    WireRequest, schema_json,
};
pub use instructor_core::{cost, hooks, partial, rule, schema, sse, stream, trace, transport};
pub use instructor_derive::ResponseModel;

#[cfg(feature = "mlflow")]
#[cfg_attr(docsrs, doc(cfg(feature = "mlflow")))]
pub mod mlflow {
    // The page names its pictures by where they lie beside it. Of two definitions of a link the first one counts.
    #![doc = "[trace-retry]: https://raw.githubusercontent.com/instructor-rs/instructor/main/docs/images/trace-retry.png"]
    #![doc = "[trace-validation]: https://raw.githubusercontent.com/instructor-rs/instructor/main/docs/images/trace-validation.png"]
    #![doc = "[trace-chat]: https://raw.githubusercontent.com/instructor-rs/instructor/main/docs/images/trace-chat.png"]
    #![doc = "[traces]: https://raw.githubusercontent.com/instructor-rs/instructor/main/docs/images/traces.png"]
    #![doc = "[sessions]: https://raw.githubusercontent.com/instructor-rs/instructor/main/docs/images/sessions.png"]
    #![doc = "[beside-python]: https://github.com/instructor-rs/instructor/blob/main/docs/mlflow-beside-python.md"]
    #![doc = ""]
    #![doc = include_str!("../docs/mlflow.md")]

    pub use instructor_mlflow::*;
}

#[cfg(feature = "opentelemetry")]
#[cfg_attr(docsrs, doc(cfg(feature = "opentelemetry")))]
pub mod opentelemetry {
    //! Metrics of every call; [the guide](https://docs.rs/instructor-rs/latest/instructor/guide/opentelemetry/) tells of spans, too.

    pub use instructor_opentelemetry::*;
}

/// The guides, one page a subject.
pub mod guide {
    #[doc = include_str!("../docs/schema.md")]
    pub mod schemas {}
    #[doc = include_str!("../docs/validation.md")]
    pub mod validation {}
    #[doc = include_str!("../docs/streaming.md")]
    pub mod streaming {}
    #[cfg(feature = "mlflow")]
    #[doc = include_str!("../docs/mlflow-traces.md")]
    pub mod traces {}
    // Its programs have both layers.
    #[cfg(all(feature = "mlflow", feature = "opentelemetry"))]
    #[doc = include_str!("../docs/opentelemetry.md")]
    pub mod opentelemetry {}
    #[cfg(feature = "openai")]
    #[doc = include_str!("../docs/cost.md")]
    pub mod costs {}
    #[cfg(all(feature = "mlflow", feature = "openai"))]
    #[doc = include_str!("../docs/mlflow-models.md")]
    pub mod mlflow_models {}
    #[cfg(feature = "openai")]
    #[doc = include_str!("../docs/providers.md")]
    pub mod providers {}
    #[cfg(feature = "mlflow")]
    #[doc = include_str!("../docs/mlflow-servers.md")]
    pub mod mlflow_servers {}
}

/// What most programs need: `use instructor::prelude::*;`
pub mod prelude {
    pub use crate::{Client, Maybe, Message, Mode, ResponseModel};
    /// The derive needs `serde` among your own dependencies.
    pub use serde::Deserialize;
}

#[doc(hidden)]
pub use instructor_core::__private;
