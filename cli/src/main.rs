//! The `attendium` command.
//!
//! Each subcommand has a file of its own in `commands/`. What the subcommands share is beside it:
//! `connection` has the flags of a login and makes the session, `failure` says how a command ends
//! that does not succeed, `terminal` is the way out to the person at the keyboard, with `progress`
//! for a long wait and `table` for lists, `time_limit` ends commands that wait for nobody,
//! `logging` tells what is done, and `logins` lists where somebody is logged in.
#![warn(clippy::unwrap_used)]

mod commands;
mod connection;
mod failure;
mod logging;
mod logins;
mod progress;
mod table;
mod terminal;
mod time_limit;

use clap::{CommandFactory, Parser};
use commands::Command;
use std::process::ExitCode;

/// The typed GraphQL client: compile operations to Rust, log in, run them.
#[derive(Parser)]
#[command(
    name = "attendium",
    version,
    propagate_version = true,
    after_help = "\
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 login required, 4 the API answered with errors.
Data goes to standard output, and everything else to standard error."
)]
struct Arguments {
    /// Tell on standard error what is done; `-vv` tells of each request [also: RUST_LOG]
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    let Arguments { verbose, command } = Arguments::parse();
    logging::start(verbose);
    // Who reads JSON from a command reads its errors as JSON too.
    let as_json = std::env::args_os()
        .skip(1)
        // What follows is for another command.
        .take_while(|argument| argument != "--")
        .any(|argument| argument == "--json");
    match commands::run(command, Arguments::command) {
        Ok(code) => code,
        Err(failure) => failure.report(as_json),
    }
}
