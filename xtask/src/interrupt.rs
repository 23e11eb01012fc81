//! Ctrl-C (and SIGTERM, SIGHUP): ends every process group that is still running, then this program.

use std::collections::BTreeSet;
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use anyhow::{Context, Result};
use nix::unistd::Pid;

use crate::process::end_group;

/// The exit code that shells use for a program ended by Ctrl-C.
const INTERRUPTED_EXIT_CODE: i32 = 130;

static RUNNING: Mutex<BTreeSet<Pid>> = Mutex::new(BTreeSet::new());
static INTERRUPTED: AtomicBool = AtomicBool::new(false);
static RESTING: AtomicBool = AtomicBool::new(false);

/// Installs the signal watcher; to be called once, before any process is started.
pub(crate) fn watch() -> Result<()> {
    ctrlc::set_handler(|| {
        INTERRUPTED.store(true, Ordering::SeqCst);
        eprintln!("\nstopping");
        // Held until the end, so that no group can be added while the others are ended.
        let running = running();
        for group in running.iter() {
            end_group(*group);
        }
        let wanted = RESTING.load(Ordering::SeqCst);
        process::exit(if wanted { 0 } else { INTERRUPTED_EXIT_CODE });
    })
    .context("cannot watch for Ctrl-C")
}

/// Waits for Ctrl-C, which here is the user's way to say "enough": the exit code is 0.
pub(crate) fn rest() -> ! {
    RESTING.store(true, Ordering::SeqCst);
    loop {
        thread::park();
    }
}

/// Waits for the end of the program if the user has interrupted it, so that the death of a process
/// that was ended on purpose is not reported as a failure.
pub(crate) fn stop_here_if_interrupted() {
    while INTERRUPTED.load(Ordering::SeqCst) {
        thread::park();
    }
}

/// The process groups to end on Ctrl-C.
pub(crate) fn running() -> MutexGuard<'static, BTreeSet<Pid>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}
