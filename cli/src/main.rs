//! The `attendium` command. Each subcommand has a file of its own; this one reads the arguments.

mod generate;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// The typed GraphQL client: compile operations to Rust, log in, run them.
#[derive(Parser)]
#[command(name = "attendium", version, propagate_version = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Generate(generate::Arguments),
}

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Generate(arguments) => generate::run(&arguments),
    }
}
