//! `attendium generate`: the compiler as a command, for code that is committed and for whole
//! corpora. [`work`] compiles once; [`watch`] repeats it after each change.

mod files;
mod watch;
mod work;

use crate::failure::Failure;
use crate::terminal;
use std::process::ExitCode;
use work::Work;

pub use work::Arguments;

pub fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    if arguments.watch {
        return watch::run(arguments);
    }
    let base = std::env::current_dir().unwrap_or_default();
    let done = Work::read(arguments, &base)?.compile(arguments);
    if arguments.json {
        terminal::print_data(&done.document().to_string())?;
    } else {
        if arguments.stats {
            terminal::print_data(&done.stats().to_string())?;
        }
        done.print_findings();
        done.print_files();
    }
    Ok(if done.has_succeeded() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
