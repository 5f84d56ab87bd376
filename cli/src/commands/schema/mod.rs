//! `attendium schema pull`: the live schema as SDL. `introspection` has the queries.

mod introspection;

use crate::connection::Connection;
use crate::diagnostics;
use crate::failure::Failure;
use crate::login_flags::{LOGIN_HEADING, LoginFlags};
use crate::progress::Progress;
use crate::terminal::{self, counted};
use attendium::Json;
use attendium_codegen::{Diagnostic, Options, Source, compile, introspection_to_sdl};
use clap::{Args, Subcommand};
use introspection::{Failed, introspect};
use std::path::PathBuf;
use std::process::ExitCode;

/// Fetch the server's schema
#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    Pull(Pull),
}

/// Fetch the schema through the login, and write it as SDL
#[derive(Args)]
struct Pull {
    #[command(flatten)]
    connection: Connection,
    /// The file to write; `-` is standard output, as without it
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// How many levels of lists and non-nulls to ask for [default: 9, and fewer where the server
    /// refuses]
    #[arg(long, value_name = "LEVELS", value_parser = clap::value_parser!(u8).range(1..=30))]
    type_depth: Option<u8>,
    #[command(flatten, next_help_heading = LOGIN_HEADING)]
    login: LoginFlags,
}

pub async fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    match &arguments.action {
        Action::Pull(pull) => self::pull(pull).await,
    }
}

/// A server's schema.
pub struct Pulled {
    pub sdl: String,
    /// How many types it has.
    pub types: usize,
}

/// Fetches the schema through the login.
pub async fn fetch(
    connection: &Connection,
    login: &LoginFlags,
    type_depth: Option<u8>,
) -> Result<Pulled, Failure> {
    let session = connection.ready(login).await?;
    let waiting = Progress::start("Fetching the schema");
    let result = introspect(&session, type_depth.map(usize::from)).await;
    drop(waiting);
    let answer = result.map_err(|failed| match failed {
        Failed::Error(error) => connection.failure(&error),
        Failed::Refused(refusals) => refused(&refusals),
    })?;
    let types = answer
        .pointer("/__schema/types")
        .and_then(Json::as_array)
        .map_or(0, Vec::len);
    Ok(Pulled {
        sdl: sdl(&answer)?,
        types,
    })
}

async fn pull(pull: &Pull) -> Result<ExitCode, Failure> {
    let connection = &pull.connection;
    let Pulled { sdl, types } = fetch(connection, &pull.login, pull.type_depth).await?;
    match pull.out.as_ref().filter(|path| path.as_os_str() != "-") {
        None if connection.json => {
            terminal::print_json(&serde_json::json!({ "types": types, "sdl": sdl }))?
        }
        None => terminal::print_data(sdl.trim_end())?,
        Some(path) => {
            let shown = path.display();
            // An unchanged file keeps its time, so that nothing is built anew for it.
            let changed = std::fs::read_to_string(path).ok().as_deref() != Some(&sdl);
            if changed {
                std::fs::write(path, &sdl).map_err(|error| {
                    Failure::new(
                        format!("`{shown}` can't be written: {error}"),
                        "does the directory exist, and may you write there?",
                    )
                })?;
            }
            if connection.json {
                let path = path.to_string_lossy();
                terminal::print_json(
                    &serde_json::json!({ "types": types, "out": path, "changed": changed }),
                )?;
            } else if changed {
                terminal::print_note(format_args!("Wrote {shown}: {}", counted(types, "type")));
            } else {
                terminal::print_note(format_args!(
                    "{shown} is up to date: {}",
                    counted(types, "type")
                ));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What was tried, each with the server's answer.
fn refused(refusals: &[(String, String)]) -> Failure {
    let message = refusals.last().map_or("", |(_, message)| message);
    let tried: Vec<String> = refusals
        .iter()
        .map(|(query, message)| format!("\n    {query}: {}", terminal::on_one_line(message)))
        .collect();
    Failure::new(
        terminal::on_one_line(message),
        "the server may have introspection switched off: ask its operator for the schema",
    )
    .with_note(format!("every query was refused:{}", tried.concat()))
}

/// Turns the server's answer into SDL that this compiler reads.
///
/// It warns where the server's schema breaks a rule of GraphQL.
fn sdl(answer: &Json) -> Result<String, Failure> {
    let source = Source::new("the server's answer", answer.to_string());
    let sdl = introspection_to_sdl(&source).map_err(|problem| {
        Failure::new(
            problem.message,
            "check that the base URL is that of a GraphQL API",
        )
    })?;
    // What SDL can't say, and what is wrong with the rest.
    let problems = compile(&[source], &[], &Options::default()).diagnostics;
    match problems.iter().position(Diagnostic::is_error) {
        None => diagnostics::print(&problems),
        Some(first) => {
            diagnostics::print(&problems[..=first]);
            terminal::print_note(
                "\nwarning: the server's schema breaks a rule of GraphQL; it is written as it is",
            );
        }
    }
    Ok(sdl)
}
