//! `attendium man`: the manual pages, made from the same descriptions as the help.

use crate::failure::Failure;
use crate::terminal;
use clap::Args;
use clap_mangen::Man;
use std::path::PathBuf;
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
pub fn run(arguments: &Arguments, program: &mut clap::Command) -> Result<ExitCode, Failure> {
    program.build();
    if let Some(directory) = &arguments.out {
        let shown = directory.display();
        let written = std::fs::create_dir_all(directory)
            .and_then(|()| clap_mangen::generate_to(program.clone(), directory));
        written.map_err(|error| {
            Failure::new(
                format!("the pages can't be written to `{shown}`: {error}"),
                "name a directory that you may write to",
            )
        })?;
        if arguments.json {
            terminal::print_json(&serde_json::json!({ "out": directory.to_string_lossy() }))?;
        } else {
            terminal::print(format_args!("Wrote the pages to {shown}"))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let mut command = &*program;
    for name in &arguments.command {
        command = command.find_subcommand(name).ok_or_else(|| {
            let known = command.get_subcommands().map(clap::Command::get_name);
            let known: Vec<&str> = known.filter(|known| *known != "help").collect();
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
    let mut page = Vec::new();
    let rendered = Man::new(command.clone()).render(&mut page);
    rendered.map_err(|error| {
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
