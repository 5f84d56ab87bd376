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
use crate::progress::Progress;
use crate::terminal;
use clap::Subcommand;
use std::process::ExitCode;
use std::time::Duration;

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

/// Runs a subcommand. `program` is the whole command, which a completion script describes.
pub fn run(command: Command, program: &mut clap::Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Generate(arguments) => generate::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments, program),
        Command::Man(arguments) => man::run(&arguments, program),
        #[cfg(feature = "sandbox")]
        Command::Demo(arguments) => block_on(demo::run(&arguments)),
        // It waits for a person, and has a time limit of its own.
        Command::Login(arguments) => block_on(login::run(&arguments)),
        Command::Logout(arguments) => block_on(in_time(logout::run(&arguments))),
        Command::Status(arguments) => block_on(in_time(status::run(&arguments))),
        Command::Me(arguments) if arguments.waits_for_a_person() => block_on(me::run(&arguments)),
        Command::Me(arguments) => block_on(in_time(me::run(&arguments))),
        Command::Query(arguments) if arguments.waits_for_a_person() => {
            block_on(query::run(&arguments))
        }
        Command::Query(arguments) => block_on(in_time(query::run(&arguments))),
        Command::Token(arguments) => block_on(in_time(token::run(&arguments))),
        Command::Doctor(arguments) => block_on(in_time(doctor::run(&arguments))),
        Command::New(arguments) => block_on(new::run(&arguments)),
        Command::Schema(arguments) => block_on(schema::run(&arguments)),
        #[cfg(feature = "sandbox")]
        Command::Sandbox(arguments) => block_on(sandbox::run(&arguments)),
    }
}

/// After this time a command says that it still waits.
const SILENCE: Duration = Duration::from_secs(2);
/// The longest that a command takes which waits for no person: two requests with all their retries.
const DEADLINE: Duration = Duration::from_secs(120);

/// Runs a subcommand that waits for the network and for nobody else. A long wait is told, and ends.
async fn in_time(
    command: impl Future<Output = Result<ExitCode, Failure>>,
) -> Result<ExitCode, Failure> {
    tokio::pin!(command);
    if let Ok(ended) = tokio::time::timeout(SILENCE, &mut command).await {
        return ended;
    }
    let progress = Progress::start("Waiting for the server");
    if !progress.is_shown() {
        terminal::print_note(
            "Still waiting for the server, or for another command that renews the same login.",
        );
    }
    if let Ok(ended) = tokio::time::timeout(DEADLINE - SILENCE, &mut command).await {
        return ended;
    }
    // What must not be interrupted has time limits of its own.
    tokio::select! {
        ended = command => ended,
        () = connection::nothing_to_lose() => Err(Failure::new(
            format!("the command took longer than {} s", DEADLINE.as_secs()),
            "look whether the server and the store of the credentials answer, and try again",
        )),
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
