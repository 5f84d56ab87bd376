//! `attendium me`: who the server says is logged in, by the one query that Attendium documents.

use crate::connection::{Connection, LOGIN_HEADING, LoginFlags};
use crate::failure::Failure;
use crate::terminal;
use attendium::Me;
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
    let me = result.map_err(|error| connection.failure(&error))?.me;
    if connection.json {
        terminal::print_json(&serde_json::json!({ "me": me }))?;
    } else {
        // The id is the server's: it does not begin a line of its own.
        let id = terminal::on_one_line(me.id.as_str());
        terminal::print(format_args!("Logged in as {id}"))?;
    }
    Ok(ExitCode::SUCCESS)
}
