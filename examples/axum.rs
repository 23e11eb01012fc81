//! A web service: each request is the root of a trace, and the calls that it makes are below it.
//!
//! ```sh
//! OPENAI_API_KEY=... cargo run --example axum --features mlflow
//! curl http://127.0.0.1:3000/answers --header 'x-session-id: ann-17' --data 'My order 4711 came without the cable!'
//! ```
//!
//! Traces go to the server of `MLFLOW_TRACKING_URI`; those of one session stand together there. `INSTRUCTOR_MODEL` names another model,
//! `ADDRESS` where to listen.

use std::error::Error;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::post;
use instructor::mlflow::{TraceContext, update_current_trace};
use instructor::prelude::*;
use tokio::net::TcpListener;
use tracing::Instrument;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::prelude::*;

/// What a customer wants.
#[derive(Debug, Deserialize, ResponseModel)]
struct Ticket {
    /// The number of the order, if there is one.
    order: Option<String>,
    /// What is wrong, in a few words.
    #[validate(length(min = 1, max = 80))]
    problem: String,
}

/// An answer to a customer.
#[derive(Debug, Deserialize, ResponseModel)]
struct Answer {
    /// Friendly, and no longer than three sentences.
    #[validate(length(min = 1, max = 600))]
    text: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (mlflow, _guard) = instructor::mlflow::layer().build()?; // flushes on drop
    tracing_subscriber::registry()
        .with(tracing_subscriber::fmt::layer().with_filter(LevelFilter::INFO))
        .with(mlflow)
        .init();

    let model = std::env::var("INSTRUCTOR_MODEL").unwrap_or_else(|_| "openai/gpt-4o".to_owned());
    let service = Router::new()
        .route("/answers", post(answer))
        .layer(middleware::from_fn(in_span))
        .with_state(Client::from_provider(&model)?);
    let address = std::env::var("ADDRESS").unwrap_or_else(|_| "127.0.0.1:3000".to_owned());
    let listener = TcpListener::bind(&address).await?;
    tracing::info!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, service)
        .with_graceful_shutdown(async {
            // An error means that nobody can interrupt: then it runs until it is killed.
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
        })
        .await?;
    Ok(())
}

/// Opens the span that everything below a request belongs to.
async fn in_span(request: Request, next: Next) -> Response {
    let session = request.headers().get("x-session-id");
    let session = session.and_then(|session| session.to_str().ok());
    let span = tracing::info_span!(
        "request",
        otel.name = format_args!("{} {}", request.method(), request.uri().path()),
        otel.kind = "server",
        http.request.method = request.method().as_str(),
        url.path = request.uri().path(),
        session.id = session,
    );
    // A caller that is traced itself sends a `traceparent`: then this is a part of its trace.
    if let Some(context) = TraceContext::from_headers(request.headers()) {
        context.adopt(&span);
    }
    next.run(request).instrument(span).await
}

/// Two calls, which are siblings in the trace.
#[tracing::instrument(skip(client), ret, err)]
async fn answer(State(client): State<Client>, mail: String) -> Result<String, Unanswered> {
    let ticket: Ticket = client.create(mail.as_str()).await?;
    let prompt = match &ticket.order {
        Some(order) => format!("Order {order}: {}. Answer the customer.", ticket.problem),
        None => format!("{}. Ask for the number of the order.", ticket.problem),
    };
    let answer: Answer = client.create(prompt).await?;
    // What the list of traces shows, instead of what the root was called with.
    update_current_trace()
        .request_preview(mail)
        .response_preview(&*answer.text)
        .apply();
    Ok(answer.text)
}

/// Why there is no answer. The customer learns only that there is none.
#[derive(Debug)]
struct Unanswered(instructor::Error);

impl From<instructor::Error> for Unanswered {
    fn from(error: instructor::Error) -> Self {
        Unanswered(error)
    }
}

/// For the trace and the log.
impl std::fmt::Display for Unanswered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl axum::response::IntoResponse for Unanswered {
    fn into_response(self) -> Response {
        let status = match self.0.retry_after() {
            Some(_) => StatusCode::SERVICE_UNAVAILABLE,
            None => StatusCode::BAD_GATEWAY,
        };
        (status, "we cannot answer just now").into_response()
    }
}
