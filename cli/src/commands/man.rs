//! `attendium man`: the manual pages, made from the same descriptions as the help.

use crate::failure::Failure;
use crate::help;
use crate::terminal;
use clap::Args;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Print a manual page, or write all of them
///
/// For example: attendium man query | man -l -
#[derive(Args)]
pub struct Arguments {
    /// The subcommand, such as `schema pull` [default: the page of the whole command]
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,
    /// Write the pages of all commands into this directory
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    out: Option<PathBuf>,
    /// Print one JSON document on standard output
    #[arg(long)]
    json: bool,
}

/// Prints a page about `program`, or writes all of them.
pub fn run(arguments: &Arguments, program: clap::Command) -> Result<ExitCode, Failure> {
    let mut program = without_help(program);
    program.build();
    if let Some(directory) = &arguments.out {
        let shown = directory.display();
        let written = std::fs::create_dir_all(directory).and_then(|()| write(&program, directory));
        written.map_err(|error| {
            Failure::new(
                format!("the pages can't be written to `{shown}`: {error}"),
                "name a directory that you may write to",
            )
        })?;
        if arguments.json {
            terminal::print_json(&serde_json::json!({ "out": directory.to_string_lossy() }))?;
        } else {
            terminal::print_note(format_args!("Wrote the pages to {shown}"));
        }
        return Ok(ExitCode::SUCCESS);
    }
    let mut command = &program;
    for name in &arguments.command {
        command = command.find_subcommand(name).ok_or_else(|| {
            let known = command.get_subcommands().map(clap::Command::get_name);
            let known: Vec<&str> = known.collect();
            let name = terminal::on_one_line(name);
            Failure::usage(
                format!("there is no command `{name}`"),
                match known.is_empty() {
                    true => "leave it out".to_owned(),
                    false => format!("the commands are {}", known.join(", ")),
                },
            )
        })?;
    }
    let page = render(command).map_err(|error| {
        Failure::new(
            format!("the page can't be made: {error}"),
            "this is a mistake in attendium: please report it",
        )
    })?;
    let page = String::from_utf8_lossy(&page);
    if arguments.json {
        terminal::print_json(&serde_json::json!({ "page": page }))?;
    } else {
        terminal::print_data(page.trim_end())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The command without the subcommand `help` at any level, which needs no page.
fn without_help(command: clap::Command) -> clap::Command {
    command
        .disable_help_subcommand(true)
        .mut_subcommands(without_help)
}

/// Writes the pages of a command and of those below it.
fn write(command: &clap::Command, directory: &Path) -> io::Result<()> {
    for below in command.get_subcommands() {
        write(below, directory)?;
    }
    let path = directory.join(Man::new(command.clone()).get_filename());
    std::fs::write(path, render(command)?)
}

/// A page. That of the whole command also lists the environment variables.
fn render(command: &clap::Command) -> io::Result<Vec<u8>> {
    let is_whole = command.get_name() == "attendium";
    let mut command = command.clone();
    if is_whole {
        command = command.after_help(help::EXIT_CODES);
    }
    let version = command.get_version().unwrap_or_default();
    let source = format!("attendium {version}");
    let mut page = Vec::new();
    Man::new(command).source(source).render(&mut page)?;
    if is_whole {
        let mut section = Roff::default();
        section.control("SH", ["ENVIRONMENT"]);
        for (name, purpose) in help::VARIABLES {
            section.control("TP", []);
            section.text([bold(name)]);
            section.text([roman(purpose)]);
        }
        section.to_writer(&mut page)?;
    }
    Ok(page)
}
