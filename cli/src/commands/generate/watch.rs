//! `attendium generate --watch`: compiles again after each change. Enter at [`run`].
//!
//! It reads the files again and again instead of asking the system for events: that sees every
//! change on every file system, also those of containers and networks, and costs little, because
//! the pause between grows with the time that reading takes.

use super::files::Outcome;
use super::work::{Arguments, Done, Work};
use crate::failure::Failure;
use crate::terminal::{self, counted};
use attendium_codegen::Source;
use std::process::ExitCode;
use std::time::{Duration, Instant};

const PAUSE: Duration = Duration::from_millis(200);
const SETTLING: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// Reading takes a twentieth of the time, but for huge projects.
const PAUSE_FOR_READING: u32 = 20;

/// Compiles, and then after each change, until a signal ends the process.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let base = std::env::current_dir().unwrap_or_default();
    let mut before: Option<State> = None;
    loop {
        let start = Instant::now();
        let mut now = State::of(Work::read(arguments, &base));
        let reading = start.elapsed();
        // An editor may still be writing.
        while now.change_since(before.as_ref()).is_some() {
            std::thread::sleep(SETTLING);
            let later = State::of(Work::read(arguments, &base));
            let is_settled = later.texts == now.texts;
            now = later;
            if is_settled {
                break;
            }
        }
        if let Some(change) = now.change_since(before.as_ref()) {
            now.compile(arguments, &change, before.as_ref())?;
        }
        before = Some(now.settle(before));
        std::thread::sleep((reading * PAUSE_FOR_READING).clamp(PAUSE, LONGEST_PAUSE));
    }
}

/// The path of a text that is an error.
const NO_FILE: &str = "";

/// What was read last, and what became of it.
struct State {
    work: Result<Work, Failure>,
    /// All that the compilation depends on, as text.
    texts: Vec<Source>,
    had_errors: std::cell::Cell<bool>,
}

impl State {
    fn of(work: Result<Work, Failure>) -> Self {
        let mut texts = Vec::new();
        match &work {
            Ok(work) => {
                let settings = format!("{:?} {:?} {:?}", work.options, work.out, work.manifest);
                texts.push(Source::new("the settings", settings));
                for sources in [&work.inputs.schema, &work.inputs.documents] {
                    texts.extend(sources.sources.iter().cloned());
                    let errors = sources.errors.iter();
                    texts.extend(errors.map(|error| Source::new(NO_FILE, error.message.clone())));
                }
            }
            Err(failure) => texts.push(Source::new("the settings", format!("{failure:?}"))),
        }
        Self {
            work,
            texts,
            had_errors: std::cell::Cell::new(false),
        }
    }

    /// What has changed, in words. None where nothing has.
    fn change_since(&self, before: Option<&Self>) -> Option<String> {
        let Some(before) = before else {
            return Some("started".into());
        };
        if self.texts == before.texts {
            return None;
        }
        if self.work.is_err() || before.work.is_err() {
            return Some("the project changed".into());
        }
        let differs = |one: &[Source], other: &[Source]| -> Vec<String> {
            let missing = one.iter().filter(|each| !other.contains(each));
            let paths = missing.map(|each| each.path.clone());
            paths.filter(|path| path != NO_FILE).collect()
        };
        let mut paths = differs(&self.texts, &before.texts);
        paths.extend(differs(&before.texts, &self.texts));
        paths.sort();
        paths.dedup();
        match paths.as_slice() {
            // Files that could not be read before can't be read for another reason.
            [] => Some("the files changed".into()),
            [one] => Some(format!("{one} changed")),
            [one, two] => Some(format!("{one} and {two} changed")),
            [one, rest @ ..] => Some(format!("{one} and {} more changed", rest.len())),
        }
    }

    fn compile(
        &self,
        arguments: &Arguments,
        change: &str,
        before: Option<&Self>,
    ) -> Result<(), Failure> {
        let had_errors = before.is_some_and(|before| before.had_errors.get());
        // Errors are alone on the screen: what is above them is over.
        terminal::clear_screen(had_errors);
        let done = match &self.work {
            Ok(work) => work.compile(arguments),
            Err(failure) => {
                self.had_errors.set(true);
                failure.report(arguments.json);
                return say(arguments, "Nothing is compiled. Waiting for a change.");
            }
        };
        let failed = !done.has_succeeded();
        self.had_errors.set(failed);
        if failed {
            terminal::clear_screen(true);
        }
        if arguments.json {
            let mut document = done.document();
            document["change"] = change.into();
            return Ok(terminal::print_data(&document.to_string())?);
        }
        done.print_findings();
        for file in &done.files {
            file.print_failure();
        }
        let mended = if had_errors && !failed {
            "mended; "
        } else {
            ""
        };
        say(arguments, &format!("{change}: {mended}{}", summary(&done)))
    }

    /// The state that the next one is compared with.
    ///
    /// Where nothing was compiled, the errors of the last compilation still stand.
    fn settle(self, before: Option<Self>) -> Self {
        if let Some(before) = before
            && self.change_since(Some(&before)).is_none()
        {
            self.had_errors.set(before.had_errors.get());
        }
        self
    }
}

/// A line for the person who watches, where nobody reads JSON instead.
fn say(arguments: &Arguments, line: &str) -> Result<(), Failure> {
    if !arguments.json && !terminal::is_quiet() {
        terminal::print(line)?;
    }
    Ok(())
}

/// What a compilation made, on one line.
fn summary(done: &Done) -> String {
    let errors = done.errors();
    if errors > 0 {
        return format!("{}, waiting for a change", counted(errors, "error"));
    }
    let changed = done.paths(|outcome| matches!(outcome, Outcome::Changed));
    let written = if changed.is_empty() {
        "nothing to write".to_owned()
    } else {
        format!("wrote {}", changed.join(" and "))
    };
    let (counts, took) = (done.counts(), done.took.as_millis());
    format!("{counts}, {written} ({took} ms)")
}
