//! The `attendium` command. Each subcommand has a file of its own; this one reads the arguments and turns ends into exit codes.
//!
//! 0 is done, 1 failed, 2 wrong usage, 3 login required. What every command with a login shares is in `connection.rs`, how errors are
//! worded in `failure.rs`, how things look in `terminal.rs`.
#![warn(clippy::unwrap_used)]

mod completions;
mod connection;
mod demo;
mod failure;
mod generate;
mod login;
mod logout;
mod me;
mod sandbox;
mod schema;
mod status;
mod story;
mod terminal;

use clap::{Parser, Subcommand};
use failure::Failure;
use std::process::ExitCode;

/// The typed GraphQL client: compile operations to Rust, log in, run them.
#[derive(Parser)]
#[command(
    name = "attendium",
    version,
    propagate_version = true,
    after_help = "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 login required."
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Demo(demo::Arguments),
    Login(login::Arguments),
    Logout(logout::Arguments),
    Status(status::Arguments),
    Me(me::Arguments),
    Schema(schema::Arguments),
    Generate(generate::Arguments),
    Sandbox(sandbox::Arguments),
    Completions(completions::Arguments),
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(code) => code,
        Err(failure) => failure.report(),
    }
}

fn run(command: Command) -> Result<ExitCode, Failure> {
    let command = match command {
        Command::Generate(arguments) => return Ok(generate::run(&arguments)),
        Command::Completions(arguments) => return completions::run(&arguments),
        command => command,
    };
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
        match command {
            Command::Demo(arguments) => demo::run(&arguments).await,
            Command::Login(arguments) => login::run(&arguments).await,
            Command::Logout(arguments) => logout::run(&arguments).await,
            Command::Status(arguments) => status::run(&arguments).await,
            Command::Me(arguments) => me::run(&arguments).await,
            Command::Schema(arguments) => schema::run(&arguments).await,
            Command::Sandbox(arguments) => sandbox::run(&arguments).await,
            Command::Generate(_) | Command::Completions(_) => Ok(ExitCode::SUCCESS),
        }
    })
}
