//! The `attendium` command.
//!
//! Each subcommand has a file of its own in `commands/`. What the subcommands share is beside it:
//! `connection` has the flags of a session and makes it, with `login_flags` for a login and
//! `headers` for what a request says beside it, `failure` says how a command ends that does not
//! succeed, `diagnostics` shows what the compiler finds, `terminal` is the way out to the person at
//! the keyboard, with `progress` for a long wait and `table` for lists, `help` has what is true of
//! all commands, `time_limit` ends commands that wait for nobody,
//! `logging` tells what is done, and `logins` lists where somebody is logged in.
#![warn(clippy::unwrap_used)]

mod commands;
mod connection;
mod diagnostics;
mod failure;
mod headers;
mod help;
mod logging;
mod login_flags;
mod logins;
mod progress;
mod table;
mod terminal;
mod time_limit;

use clap::{CommandFactory, Parser};
use commands::Command;
use failure::Failure;
use std::process::ExitCode;

/// The typed GraphQL client: compile operations to Rust, log in, run them.
#[derive(Parser)]
#[command(
    name = "attendium",
    version,
    propagate_version = true,
    after_help = help::end()
)]
struct Arguments {
    /// Tell on standard error what is done; `-vv` tells of each request [also: RUST_LOG]
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
    /// Write nothing but errors to standard error
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    // Who reads JSON from a command reads its errors as JSON too.
    let as_json = std::env::args_os()
        .skip(1)
        // What follows is for another command.
        .take_while(|argument| argument != "--")
        .any(|argument| argument == "--json");
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) if as_json && error.use_stderr() => {
            return Failure::command_line(&error).report(true);
        }
        Err(error) => error.exit(),
    };
    let Arguments {
        verbose,
        quiet,
        command,
    } = arguments;
    if quiet {
        terminal::be_quiet();
    }
    logging::start(verbose);
    match commands::run(command, Arguments::command) {
        Ok(code) => code,
        Err(failure) => failure.report(as_json),
    }
}
