//! Shows and sends the traces that programs have left on this machine.
#![forbid(unsafe_code)]
#![warn(clippy::print_stdout)] // `println!` panics where nobody reads on

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use instructor_mlflow::{
    DrainError, SpoolDirectory, SpoolStatus, Statistics, WaitingRecord, WaitingSpan, drain,
    spool_directory,
};

const HELP: &str = "\
Shows and sends the traces that programs have left on this machine.

Usage: mlflow-spool status [DIR]
       mlflow-spool inspect [--content] [DIR]
       mlflow-spool drain [--timeout SECONDS] [DIR]

status   for each process and experiment: whether the process lives, where its traces go, how many
         wait, and since when; and what is in quarantine, and why
inspect  each record that waits: its trace, time and bytes, and its spans: of calls, and of the
         program; --content shows all that is in it as JSON, prompts and answers too
drain    sends what processes have left that have ended, to the servers it was meant for, with the
         credentials that the environment and ~/.mlflow/credentials have for MLflow; waits
         60 seconds at most, or as long as --timeout says; what is in use is left alone

DIR is the directory of the spool: by default what MLFLOW_SPOOL_DIR says, or instructor-mlflow in
the user's directory for state.

Exit status: 0 if nothing is left behind, 1 if something is, 2 if it cannot be told.
";

/// How long `drain` waits if nothing else is said.
const TIMEOUT: Duration = Duration::from_secs(60);

/// What is asked for.
enum Command {
    Help,
    Status,
    Inspect { content: bool },
    Drain { timeout: Duration },
}

/// Why nothing can be told.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("{0}; `mlflow-spool --help` says how it is used")]
    Usage(String),
    #[error("{} cannot be read: {source}", path.display())]
    Directory { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Drain(#[from] DrainError),
    #[error("nothing can be written: {0}")]
    Output(#[from] io::Error),
}

fn main() -> ExitCode {
    match run(std::env::args_os().skip(1), &mut io::stdout().lock()) {
        Ok(is_empty) => ExitCode::from(u8::from(!is_empty)),
        // `mlflow-spool inspect | head`
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(error) => {
            let _ = writeln!(io::stderr(), "mlflow-spool: {}", plain(&error.to_string()));
            ExitCode::from(2)
        }
    }
}

/// Does what the arguments say; whether nothing is left behind.
fn run(
    arguments: impl Iterator<Item = OsString>,
    output: &mut impl Write,
) -> Result<bool, Failure> {
    let (command, named) = parse(arguments)?;
    if let Command::Help = command {
        output.write_all(HELP.as_bytes())?;
        return Ok(true);
    }
    let root = match (&named, spool_directory()) {
        (Some(named), _) => named.clone(),
        (None, Some(by_default)) if by_default.exists() => by_default,
        (None, Some(missing)) => {
            writeln!(
                output,
                "nothing is left: there is no {}",
                shown(&missing.display())
            )?;
            return Ok(true);
        }
        (None, None) => {
            let reason = "MLFLOW_SPOOL_DIR is `off`, or there is no home: name a directory";
            return Err(Failure::Usage(reason.to_owned()));
        }
    };
    let read = || {
        SpoolStatus::read(&root).map_err(|source| Failure::Directory {
            path: root.clone(),
            source,
        })
    };
    match command {
        Command::Help => Ok(true),
        Command::Status => {
            let status = read()?;
            show(&status, output)?;
            Ok(status.left_behind() == 0)
        }
        Command::Inspect { content } => {
            let status = read()?;
            for directory in &status.directories {
                writeln!(output, "{}", summary(directory))?;
                directory.for_each_record(|record| show_record(&record, content, output))?;
            }
            Ok(status.left_behind() == 0)
        }
        Command::Drain { timeout } => match drain(&root, timeout) {
            Ok(statistics) => {
                show_drained(&statistics, output)?;
                Ok(true)
            }
            Err(error) => {
                let statistics = match &error {
                    DrainError::Waiting(waiting) => waiting.statistics,
                    DrainError::Refused { statistics, .. } => *statistics,
                    _ => return Err(error.into()),
                };
                show_drained(&statistics, output)?;
                writeln!(output, "{}", shown(&error))?;
                Ok(false)
            }
        },
    }
}

fn parse(
    mut arguments: impl Iterator<Item = OsString>,
) -> Result<(Command, Option<PathBuf>), Failure> {
    let usage = |message: &str| Failure::Usage(message.to_owned());
    let command = arguments.next().ok_or_else(|| usage("say what to do"))?;
    let mut command = match command.to_str() {
        Some("status") => Command::Status,
        Some("inspect") => Command::Inspect { content: false },
        Some("drain") => Command::Drain { timeout: TIMEOUT },
        Some("help" | "--help" | "-h") => return Ok((Command::Help, None)),
        _ => {
            let name = command.display();
            return Err(usage(&format!("there is no command `{name}`")));
        }
    };
    let mut directory = None;
    while let Some(argument) = arguments.next() {
        match (argument.to_str(), &mut command) {
            (Some("--help" | "-h"), _) => return Ok((Command::Help, None)),
            (Some("--content"), Command::Inspect { content }) => *content = true,
            (Some("--timeout"), Command::Drain { timeout }) => {
                let seconds = arguments.next();
                let seconds = seconds.as_ref().and_then(|it| it.to_str()?.parse().ok());
                let seconds = seconds.ok_or_else(|| usage("--timeout needs whole seconds"))?;
                *timeout = Duration::from_secs(seconds);
            }
            (Some(option), _) if option.starts_with('-') => {
                return Err(usage(&format!("there is no option `{option}` here")));
            }
            _ if directory.is_some() => return Err(usage("name one directory at a time")),
            _ => directory = Some(PathBuf::from(argument)),
        }
    }
    Ok((command, directory))
}

fn show(status: &SpoolStatus, output: &mut impl Write) -> io::Result<()> {
    for directory in &status.directories {
        writeln!(output, "{}", summary(directory))?;
    }
    if status.directories.is_empty() {
        writeln!(output, "no traces wait")?;
    }
    if status.quarantine.is_empty() {
        return Ok(());
    }
    let bytes: u64 = status.quarantine.iter().map(|file| file.bytes).sum();
    let files = status.quarantine.len();
    writeln!(output, "quarantine: {files} files, {bytes} bytes")?;
    for file in &status.quarantine {
        let path = file.path.display();
        writeln!(
            output,
            "  {}: {} bytes: {}",
            shown(&path),
            file.bytes,
            plain(&file.reason)
        )?;
    }
    Ok(())
}

/// One line.
fn summary(directory: &SpoolDirectory) -> String {
    let state = match directory.is_in_use {
        true => "in use",
        false => "left behind",
    };
    let mut line = format!("{}: {state}", shown(&directory.path().display()));
    match (&directory.server, &directory.experiment) {
        (Some(server), Some(experiment)) => {
            line += &format!(", for {}, experiment {}", plain(server), plain(experiment));
        }
        _ => line += ", for an unknown server",
    }
    let SpoolDirectory { records, bytes, .. } = directory;
    line += &format!(": {records} records wait, {bytes} bytes");
    if let Some(oldest) = directory.oldest {
        let age = SystemTime::now().duration_since(oldest).unwrap_or_default();
        let age = Duration::from_secs(age.as_secs());
        line += &format!(", the oldest since {}", humantime::format_duration(age));
    }
    if let Some(trouble) = &directory.trouble {
        line += &format!("; not all of it can be read: {}", plain(trouble));
    }
    line
}

fn show_record(
    record: &WaitingRecord,
    with_content: bool,
    output: &mut impl Write,
) -> io::Result<()> {
    let kind = |span: &WaitingSpan| match span.is_of_call {
        true => "call",
        false => "span",
    };
    let spans = record.spans.iter();
    let spans = spans.map(|span| format!("{} {}", kind(span), plain(&span.name)));
    writeln!(
        output,
        "  {} {} {} bytes: {}",
        record.trace_id,
        humantime::format_rfc3339_millis(record.ended),
        record.bytes,
        spans.collect::<Vec<_>>().join(", ")
    )?;
    if with_content {
        for line in format!("{:#}", record.content()).lines() {
            writeln!(output, "{}", plain(line))?;
        }
    }
    Ok(())
}

fn show_drained(statistics: &Statistics, output: &mut impl Write) -> io::Result<()> {
    let Statistics {
        sent,
        spooled,
        quarantined,
        ..
    } = statistics;
    writeln!(
        output,
        "{sent} records sent, {quarantined} put into quarantine, {spooled} still waiting"
    )
}

fn shown(text: &impl ToString) -> String {
    plain(&text.to_string())
}

/// Without what would control the terminal: names and reasons are those of programs and servers.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        match character.is_control() {
            true => plain += &format!("\\u{:04x}", u32::from(character)),
            false => plain.push(character),
        }
    }
    plain
}
