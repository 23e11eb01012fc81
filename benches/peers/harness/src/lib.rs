//! What every measured client shares, so that they differ in nothing but the call.
//!
//! A client is a process that lives for the whole benchmark. It reads one [`Order`] as a line of JSON from its input, carries it
//! out, and answers with one line of [`Figures`]; so the rounds of several clients can be interleaved. It ends when its
//! input does.

mod allocations;
mod clock;
mod hold;
mod order;
mod round;

use std::error::Error;
use std::io::{BufRead, Write, stdin, stdout};

use serde::Serialize;

pub use order::{Figures, Footprint, Held, Hold, Order};

/// The model that is asked for.
pub const MODEL: &str = "gpt-4o";
/// The key, which the server does not look at.
pub const API_KEY: &str = "any-key-will-do";
/// What is asked.
pub const PROMPT: &str = "Extract the ticket. Hello, since your release this morning the login page answers with error 500 for half of us \
    (account AC-20431). Sarah Lindqvist can roll back, which takes half an hour; Tomás Ribeiro should find what breaks the \
    session cookie, two hours I guess. Tell us when the \"demo\" account works again: we need it at three.";

/// Why a call failed.
pub type CallError = Box<dyn Error + Send + Sync>;

/// One way to make the call that is measured.
pub trait Peer: Clone + Send + Sync + 'static {
    /// How the schema is had for one call; `None` for a client that has none.
    const READ_SCHEMA: Option<fn()>;
    /// How the traces of calls are delivered; `None` for a client that makes none.
    const FLUSH: Option<fn() -> Result<(), CallError>> = None;

    /// Asks for a ticket, parses the answer and checks that it is whole.
    fn call(&self) -> impl Future<Output = Result<(), CallError>> + Send;
}

/// The body of a client's `main`: makes the peer for the server whose address is the first argument, and carries out orders.
///
/// # Errors
///
/// If the peer cannot be made, an order cannot be read, or a call fails.
pub fn serve<P: Peer>(make: impl FnOnce(&str) -> Result<P, CallError>) -> Result<(), CallError> {
    let address = std::env::args()
        .nth(1)
        .ok_or("the first argument must be the server's address")?;
    // One thread for everything, as the limit of what one core can do.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let peer = runtime.block_on(async { make(&address) })?;
    for line in stdin().lock().lines() {
        let order: Order = serde_json::from_str(&line?)?;
        let mut answer = match order {
            Order::Calls(calls) => told(&runtime.block_on(round::calls(&peer, &calls))?),
            Order::Hold(order) => told(&runtime.block_on(hold::hold(&peer, &address, &order))?),
            Order::Schema { reads } => {
                let read = P::READ_SCHEMA.ok_or("this client has no schema")?;
                told(&round::schema(read, reads))
            }
            Order::Flush => told(&round::flush(P::FLUSH.ok_or("this client has no traces")?)?),
        }?;
        answer.push('\n');
        stdout().write_all(answer.as_bytes())?;
    }
    Ok(())
}

fn told(figures: &impl Serialize) -> Result<String, CallError> {
    Ok(serde_json::to_string(figures)?)
}
