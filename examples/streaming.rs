//! Shows an event while the model writes it down: each line fills in as its field grows.
//!
//! ```sh
//! OPENAI_API_KEY=... cargo run --example streaming
//! ```
//!
//! `INSTRUCTOR_MODEL` names another model, for example `anthropic/claude-sonnet-4-5`. Where standard output is no terminal, a line is
//! printed for each field that is whole.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use instructor::prelude::*;
use instructor::{Completion, Partial, Update};

/// An event mentioned in the text.
#[derive(Debug, Deserialize, ResponseModel)]
struct Event {
    /// The name of the event.
    title: String,
    /// The city it takes place in.
    city: String,
    /// Everyone who comes.
    #[validate(length(min = 1, max = 6))]
    guests: Vec<Guest>,
    /// The year it takes place in.
    #[validate(range(min = 1900, max = 2100))]
    year: u16,
    /// What a ticket costs, in euros.
    #[validate(range(max = 500))]
    price: u16,
}

/// A person mentioned in the text.
#[derive(Debug, Deserialize, ResponseModel)]
struct Guest {
    /// The first name, as written in the text.
    name: String,
    /// The age in years.
    #[validate(range(max = 130))]
    age: u8,
}

const PROMPT: &str =
    "Jazz Night in Lisbon, 2026. Guests: Jason (25), Ann (34), Ben (41). Tickets: 30 euros.";

/// What is there of a field, in words.
type Words = fn(&Partial<Event>) -> Option<String>;

const FIELDS: [(&str, Words); 5] = [
    ("title", |event| event.title.clone()),
    ("city", |event| event.city.clone()),
    ("guests", |event| {
        let guests = event.guests.as_ref()?.iter().map(|guest| {
            let name = guest.name.as_deref().unwrap_or_default();
            let age = guest.age.map(|age| format!(" ({age})"));
            format!("{name}{}", age.unwrap_or_default())
        });
        Some(guests.collect::<Vec<_>>().join(", "))
    }),
    ("year", |event| Some(event.year?.to_string())),
    ("price", |event| Some(event.price?.to_string())),
];

#[tokio::main]
async fn main() -> instructor::Result<()> {
    #[cfg(feature = "mlflow")]
    let _mlflow = instructor::mlflow::autolog().init()?; // flushes on drop

    let model = std::env::var("INSTRUCTOR_MODEL").unwrap_or_else(|_| "openai/gpt-4o".to_owned());
    let client = Client::from_provider(&model)?;
    let started = Instant::now();
    let mut stream = client.create::<Event>(PROMPT).max_tokens(500).stream();
    let mut view: Box<dyn View> = if std::io::stdout().is_terminal() {
        Box::new(Live::default())
    } else {
        Box::new(Lines)
    };
    let mut attempt = 0;
    while let Some(update) = stream.next().await? {
        if update.attempt() != attempt {
            attempt = update.attempt();
            view.begin(attempt);
        }
        view.show(&update);
    }
    let completion = stream.finish_with_completion().await?;
    drop(view);
    println!("{}", summary(&completion, started.elapsed()));
    Ok(())
}

fn summary(completion: &Completion<Event>, total: Duration) -> String {
    let first = completion.attempts.first();
    let token = first.and_then(|attempt| attempt.time_to_first_token);
    format!(
        "attempts: {}, tokens: {}, first token after {:.2} s, all after {:.2} s",
        completion.attempts.len(),
        completion.usage().total_tokens(),
        token.unwrap_or(total).as_secs_f64(),
        total.as_secs_f64(),
    )
}

/// Where the event is shown.
trait View {
    /// The value begins anew, or is going to be corrected.
    fn begin(&mut self, attempt: u32);
    fn show(&mut self, update: &Update<'_, Event>);
}

/// A line for each field that is whole.
struct Lines;

impl View for Lines {
    fn begin(&mut self, attempt: u32) {
        println!("attempt {attempt}");
    }

    fn show(&mut self, update: &Update<'_, Event>) {
        for change in update.changes().filter(|change| change.is_whole) {
            let field = FIELDS.iter().find(|(name, _)| *name == change.path);
            if let Some((name, words)) = field {
                println!("{name}: {}", words(update.value()).unwrap_or_default());
            }
        }
    }
}

/// Lines in a terminal that are written over and over again.
#[derive(Default)]
struct Live {
    /// Those of the attempt that is shown, in the order of the fields.
    lines: Vec<ProgressBar>,
    faults: String,
}

impl Live {
    /// Leaves the lines of an attempt as they are, and says below them what was wrong.
    fn leave(&mut self) {
        for line in self.lines.drain(..) {
            line.abandon();
        }
        if !self.faults.is_empty() {
            println!("✗ {}", std::mem::take(&mut self.faults));
        }
    }
}

impl View for Live {
    fn begin(&mut self, attempt: u32) {
        self.leave();
        println!("attempt {attempt}");
        let screen = MultiProgress::with_draw_target(ProgressDrawTarget::stdout());
        let style = ProgressStyle::with_template("{prefix} {wide_msg}");
        let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
        self.lines.extend(FIELDS.map(|(name, _)| {
            let line = screen.add(ProgressBar::no_length().with_style(style.clone()));
            line.set_prefix(format!("· {name:>6}"));
            line
        }));
    }

    fn show(&mut self, update: &Update<'_, Event>) {
        for (line, (name, words)) in self.lines.iter().zip(FIELDS) {
            let changes = update
                .changes()
                .filter(|change| change.path.starts_with(name));
            for change in changes {
                let is_done = change.is_whole && change.path == name;
                line.set_prefix(format!("{} {name:>6}", if is_done { "✓" } else { "…" }));
            }
            // A line is a line, whatever the model writes.
            let words = words(update.value()).unwrap_or_default();
            let words = words.replace(char::is_control, " ");
            if line.message() != words {
                line.set_message(words);
            }
        }
        self.faults = update.errors().to_string();
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.faults.clear();
        self.leave();
    }
}
