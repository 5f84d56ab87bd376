//! The subcommands, and which of them runs. Enter at [`run`].

mod completions;
#[cfg(feature = "sandbox")]
mod demo;
mod doctor;
mod generate;
mod login;
mod logout;
mod man;
mod me;
mod new;
mod query;
#[cfg(feature = "sandbox")]
mod sandbox;
mod schema;
mod status;
mod token;

use crate::connection;
use crate::failure::Failure;
use crate::time_limit::in_time;
use clap::Subcommand;
use std::process::ExitCode;

/// What the command was asked to do.
#[derive(Subcommand)]
pub enum Command {
    #[cfg(feature = "sandbox")]
    Demo(demo::Arguments),
    Login(login::Arguments),
    Logout(logout::Arguments),
    Status(status::Arguments),
    Me(me::Arguments),
    Query(query::Arguments),
    Token(token::Arguments),
    Doctor(doctor::Arguments),
    Schema(schema::Arguments),
    Generate(generate::Arguments),
    New(new::Arguments),
    #[cfg(feature = "sandbox")]
    Sandbox(sandbox::Arguments),
    Completions(completions::Arguments),
    Man(man::Arguments),
}

/// Runs a subcommand. `program` makes the description of the whole command, which completion
/// scripts and manual pages are made from.
pub fn run(command: Command, program: fn() -> clap::Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Generate(arguments) => generate::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments, &mut program()),
        Command::Man(arguments) => man::run(&arguments, program()),
        #[cfg(feature = "sandbox")]
        Command::Demo(arguments) => block_on(demo::run(&arguments)),
        // It waits for a person, and has a time limit of its own.
        Command::Login(arguments) => block_on(login::run(&arguments)),
        Command::Logout(arguments) => block_on(in_time(logout::run(&arguments))),
        Command::Status(arguments) => block_on(in_time(status::run(&arguments))),
        Command::Me(arguments) if arguments.waits_for_a_person() => block_on(me::run(&arguments)),
        Command::Me(arguments) => block_on(in_time(me::run(&arguments))),
        // A subscription goes on; the others have a time limit of their own.
        Command::Query(arguments) => block_on(query::run(&arguments)),
        Command::Token(arguments) => block_on(in_time(token::run(&arguments))),
        Command::Doctor(arguments) => block_on(in_time(doctor::run(&arguments))),
        Command::New(arguments) => block_on(new::run(&arguments)),
        Command::Schema(arguments) => block_on(schema::run(&arguments)),
        #[cfg(feature = "sandbox")]
        Command::Sandbox(arguments) => block_on(sandbox::run(&arguments)),
    }
}

/// Runs a subcommand that waits for the network.
fn block_on(command: impl Future<Output = Result<ExitCode, Failure>>) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| {
        Failure::new(
            format!("the command can't start: {error}"),
            "end some processes, or raise the limit on open files",
        )
    })?;
    runtime.block_on(async {
        tokio::select! {
            // The command first: a login has an answer of its own to Ctrl-C.
            biased;
            ended = command => ended,
            code = connection::ended_by_signal() => Ok(ExitCode::from(code)),
        }
    })
}
