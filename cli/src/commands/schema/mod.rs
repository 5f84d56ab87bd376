//! `attendium schema pull`: the live schema as SDL. `introspection` has the queries.

mod introspection;

use crate::connection::{Connection, LOGIN_HEADING, LoginFlags};
use crate::failure::Failure;
use crate::terminal;
use attendium::{Error, Json, Session};
use attendium_codegen::{Options, Source, compile, introspection_to_sdl};
use clap::{Args, Subcommand};
use introspection::{FEATURES, Features, Introspection};
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
    /// The file to write [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten, next_help_heading = LOGIN_HEADING)]
    login: LoginFlags,
}

pub async fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    match &arguments.action {
        Action::Pull(pull) => self::pull(pull).await,
    }
}

async fn pull(pull: &Pull) -> Result<ExitCode, Failure> {
    let connection = &pull.connection;
    let session = connection.ready(&pull.login).await?;
    let result = introspect(&session).await;
    let answer = result.map_err(|error| match error {
        Error::Graphql(_) => Failure::new(
            error.to_string(),
            "the server may have introspection switched off: ask its operator for the schema",
        ),
        error => connection.failure(&error),
    })?;
    let sdl = sdl(&answer)?;
    let types = answer
        .pointer("/__schema/types")
        .and_then(Json::as_array)
        .map_or(0, Vec::len);
    match &pull.out {
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
                terminal::print(format_args!("Wrote {shown}: {types} types"))?;
            } else {
                terminal::print(format_args!("{shown} is up to date: {types} types"))?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Asks what can be asked, then asks it.
async fn introspect(session: &Session) -> Result<Json, Error> {
    let features = session.run(&Introspection(FEATURES.to_owned())).await?;
    session
        .run(&Introspection(Features::from_answer(&features).query()))
        .await
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
    let schema = [Source::new("schema.graphql", sdl.as_str())];
    if let Some(problem) = compile(&schema, &[], &Options::default())
        .diagnostics
        .iter()
        .find(|found| found.is_error())
    {
        terminal::print_note(format_args!(
            "{problem}\n\nwarning: the server's schema breaks a rule of GraphQL; \
             it is written as it is"
        ));
    }
    Ok(sdl)
}
