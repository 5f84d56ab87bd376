//! `attendium completions`: the script with which a shell completes the command.

use crate::failure::Failure;
use crate::terminal;
use clap::Args;
use clap_complete::Shell;
use std::process::ExitCode;

/// Print a completion script for a shell
///
/// For example: attendium completions bash > ~/.local/share/bash-completion/completions/attendium
#[derive(Args)]
pub struct Arguments {
    /// The shell
    shell: Shell,
    /// Print one JSON document on standard output
    #[arg(long)]
    json: bool,
}

/// Prints the script that completes `program`.
pub fn run(arguments: &Arguments, program: &mut clap::Command) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, program, "attendium", &mut script);
    let script = String::from_utf8_lossy(&script);
    if arguments.json {
        let shell = arguments.shell.to_string();
        terminal::print_json(&serde_json::json!({ "shell": shell, "script": script }))?;
    } else {
        terminal::print_data(script.trim_end())?;
    }
    Ok(ExitCode::SUCCESS)
}
