//! The text of an answer, read as it arrives, without a network.

use anyhow::Result;

use crate::bench::client::Client;
use crate::bench::order::{Figures, Order};
use crate::bench::programs::Programs;
use crate::bench::row::{Goal, Row};
use crate::bench::series::Series;
use crate::progress::Step;

const ROUNDS: usize = 9;
/// A round reads about this many bytes, in as many documents as they are.
const BYTES: u64 = 2_000_000;
/// The document that the goals are about, and the one that is a hundred times as long.
const DOCUMENT: u64 = 100_000;
const LONG: u64 = 10_000_000;

/// A document in pieces of so many bytes.
struct Case {
    id: &'static str,
    work: &'static str,
    bytes: u64,
    delta: u64,
    /// Whether the peer that reads everything again for each piece ends in reasonable time.
    has_peer: bool,
}

const fn case(
    id: &'static str,
    work: &'static str,
    bytes: u64,
    delta: u64,
    has_peer: bool,
) -> Case {
    Case {
        id,
        work,
        bytes,
        delta,
        has_peer,
    }
}

const CASES: [Case; 15] = [
    case("D1-25K-4", "25 KB in 4-byte deltas", 25_000, 4, true),
    case("D1-25K-16", "25 KB in 16-byte deltas", 25_000, 16, true),
    case("D1-25K-64", "25 KB in 64-byte deltas", 25_000, 64, true),
    case("D1-50K-4", "50 KB in 4-byte deltas", 50_000, 4, false),
    case("D1-50K-16", "50 KB in 16-byte deltas", 50_000, 16, false),
    case("D1-50K-64", "50 KB in 64-byte deltas", 50_000, 64, false),
    case("D1-100K-4", "100 KB in 4-byte deltas", DOCUMENT, 4, false),
    case(
        "D1-100K-16",
        "100 KB in 16-byte deltas",
        DOCUMENT,
        16,
        false,
    ),
    case("D1-100K-64", "100 KB in 64-byte deltas", DOCUMENT, 64, true),
    case("D1-200K-4", "200 KB in 4-byte deltas", 200_000, 4, false),
    case("D1-200K-16", "200 KB in 16-byte deltas", 200_000, 16, false),
    case("D1-200K-64", "200 KB in 64-byte deltas", 200_000, 64, false),
    case("D1-10M-4", "10 MB in 4-byte deltas", LONG, 4, false),
    case("D1-10M-16", "10 MB in 16-byte deltas", LONG, 16, false),
    case("D1-10M-64", "10 MB in 64-byte deltas", LONG, 64, false),
];

/// Names of the rows about 10 MB beside 100 KB, and about allocations, by delta.
const FLAT: [(&str, &str, u64); 3] = [
    ("D2-flat-4", "a byte of 10 MB beside one of 100 KB, by 4", 4),
    (
        "D2-flat-16",
        "a byte of 10 MB beside one of 100 KB, by 16",
        16,
    ),
    (
        "D2-flat-64",
        "a byte of 10 MB beside one of 100 KB, by 64",
        64,
    ),
];
const ALLOCATIONS: [(&str, &str, u64); 3] = [
    ("D3-allocations-4", "allocations for a 4-byte delta", 4),
    ("D3-allocations-16", "allocations for a 16-byte delta", 16),
    ("D3-allocations-64", "allocations for a 64-byte delta", 64),
];

/// What reading took.
struct Reading {
    figures: Figures,
    bytes: f64,
    deltas: f64,
}

impl Reading {
    /// Milliseconds for a document.
    fn milliseconds(&self) -> f64 {
        self.figures.process_cpu() / 1e3
    }

    /// Nanoseconds for a byte.
    fn per_byte(&self) -> f64 {
        self.figures.process_cpu() * 1e3 / self.bytes
    }

    /// Allocations for a piece.
    fn allocations(&self) -> f64 {
        self.figures.allocations() / self.deltas
    }
}

/// A process that reads one document again and again.
struct Reader {
    client: Client,
    bytes: u64,
    delta: u64,
    /// How many in a round.
    count: u64,
}

impl Reader {
    fn start(
        programs: &Programs,
        name: &'static str,
        reader: &str,
        bytes: u64,
        delta: u64,
    ) -> Result<Self> {
        let mut command = programs.program("stream-reader");
        let (size, piece) = (bytes.to_string(), delta.to_string());
        command.args(["-", reader, &size, &piece]);
        let count = if reader == "jiter" { 1 } else { BYTES / bytes };
        let mut reader = Reader {
            client: Client::spawn(name, command)?,
            bytes,
            delta,
            count: count.max(1),
        };
        reader.round()?;
        Ok(reader)
    }

    #[expect(clippy::cast_precision_loss, reason = "the numbers are small")]
    fn round(&mut self) -> Result<Reading> {
        let figures = self.client.round(Order::Calls {
            count: self.count,
            concurrency: 1,
            interval: 0,
        })?;
        Ok(Reading {
            figures,
            bytes: self.bytes as f64,
            deltas: self.bytes as f64 / self.delta as f64,
        })
    }
}

/// D1, D2 and D3.
pub(super) fn rows(programs: &Programs) -> Result<Vec<Row>> {
    let step = Step::start("the text of a long answer in small pieces");
    let start = |name, reader, bytes, delta| Reader::start(programs, name, reader, bytes, delta);
    let measure = |mut readers: Vec<Reader>| {
        Series::measure(
            &mut readers,
            ROUNDS,
            |reader| reader.client.name,
            Reader::round,
        )
    };
    let mut rows = Vec::new();
    let mut allocations = Vec::new();
    for case in &CASES {
        let (bytes, delta) = (case.bytes, case.delta);
        let mut readers = vec![
            start("ours", "ours", bytes, delta)?,
            start("limit", "serde", bytes, delta)?,
        ];
        if case.has_peer {
            readers.push(start("jiter", "jiter", bytes, delta)?);
        }
        let series = measure(readers)?;
        let row = Row::new(case.id, case.work, "ms", &series, Reading::milliseconds);
        rows.push(match (bytes, delta) {
            (DOCUMENT, 4) => row.with_goal(Goal::AtMost(3.0)),
            _ => row,
        });
        if bytes == DOCUMENT
            && let Some((id, work, _)) = ALLOCATIONS.iter().find(|(_, _, by)| *by == delta)
        {
            let row = Row::new(id, work, "count", &series, Reading::allocations);
            allocations.push(row.with_goal(Goal::AtMost(1.0)));
        }
    }
    for (id, work, delta) in FLAT {
        let series = measure(vec![
            start("ours", "ours", LONG, delta)?,
            start("limit", "ours", DOCUMENT, delta)?,
        ])?;
        let row = Row::new(id, work, "ns", &series, Reading::per_byte);
        rows.push(row.with_goal(Goal::RatioAtMost(1.2)));
    }
    rows.extend(allocations);
    step.done();
    Ok(rows)
}
