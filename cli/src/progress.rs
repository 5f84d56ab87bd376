//! What a person sees while a command waits: one line on standard error, which goes away at the
//! end. Where standard error is no terminal, nothing. Enter at [`Progress::start`].

use crate::terminal;
use std::io::{self, IsTerminal, Write};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Before this time nobody wonders.
const SILENCE: Duration = Duration::from_millis(600);
const STEP: Duration = Duration::from_secs(1);

/// A wait that is shown until this is dropped.
#[must_use]
pub struct Progress(Option<(Sender<()>, JoinHandle<()>)>);

impl Progress {
    /// Shows what is waited for, and for how long by now.
    pub fn start(what: &'static str) -> Self {
        Self::start_with(move || what.to_owned())
    }

    /// As [`Progress::start`], where what is waited for changes.
    pub fn start_with(what: impl Fn() -> String + Send + 'static) -> Self {
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        if is_dumb || terminal::is_quiet() || !io::stderr().is_terminal() {
            return Self(None);
        }
        let (end, ended) = mpsc::channel();
        let shown = std::thread::Builder::new().spawn(move || {
            let start = Instant::now();
            let mut pause = SILENCE;
            let mut is_written = false;
            while ended.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
                pause = STEP;
                is_written = true;
                let line = format!("\r\x1b[2K{} … {} s", what(), start.elapsed().as_secs());
                write(&line);
            }
            if is_written {
                write("\r\x1b[2K");
            }
        });
        // Without a thread, nothing is shown.
        Self(shown.ok().map(|thread| (end, thread)))
    }

    /// Whether there is a terminal to show it on.
    pub fn is_shown(&self) -> bool {
        self.0.is_some()
    }
}

/// Where nobody reads there is nothing to be done.
fn write(line: &str) {
    let mut stderr = io::stderr().lock();
    let _ = stderr
        .write_all(line.as_bytes())
        .and_then(|()| stderr.flush());
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((end, thread)) = self.0.take() {
            drop(end);
            // The line is gone before the next one is written.
            let _ = thread.join();
        }
    }
}
