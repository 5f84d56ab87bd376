//! `attendium me`: who the server says is logged in, by the one query that Attendium documents.

use crate::connection::Connection;
use crate::failure::Failure;
use crate::login_flags::{LOGIN_HEADING, LoginFlags};
use crate::terminal;
use attendium::{Error, Me};
use clap::Args;
use std::process::ExitCode;

/// Ask the API who is logged in
#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    connection: Connection,
    #[command(flatten, next_help_heading = LOGIN_HEADING)]
    login: LoginFlags,
}

impl Arguments {
    /// Whether it logs in first.
    pub fn waits_for_a_person(&self) -> bool {
        self.connection.is_in_memory()
    }
}

pub async fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let connection = &arguments.connection;
    let session = connection.ready(&arguments.login).await?;
    let result = session.run(&Me {}).await;
    let me = result.map_err(|error| failure(connection, &error))?.me;
    if connection.json {
        terminal::print_json(&serde_json::json!({ "me": me }))?;
    } else {
        // The id is the server's: it does not begin a line of its own.
        let id = terminal::on_one_line(me.id.as_str());
        terminal::print(format_args!("Logged in as {id}"))?;
    }
    Ok(ExitCode::SUCCESS)
}

const OF_ATTENDIUM: &str =
    "`me` is a query of Attendium's API: at another one, use `attendium query`";

/// At another API, an answer without `me` is nobody's fault.
fn failure(connection: &Connection, error: &Error) -> Failure {
    let failure = connection.failure(error);
    match error {
        _ if connection.is_attendium() => failure,
        Error::Decode { .. } => failure.with_help(OF_ATTENDIUM),
        Error::Graphql(_) => failure.with_more_help(OF_ATTENDIUM),
        _ => failure,
    }
}
