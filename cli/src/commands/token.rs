//! `attendium token`: a fresh access token, for a request with another tool.

use crate::connection::Connection;
use crate::failure::Failure;
use crate::terminal;
use clap::Args;
use std::process::ExitCode;

/// Print a fresh access token, as for `curl -H "Authorization: Bearer $(attendium token)"`
///
/// It is refreshed first where that is due. Who has it acts as the user until it expires.
#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    connection: Connection,
}

pub async fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let connection = &arguments.connection;
    let session = connection.session().await?;
    let result = session.authorization_header().await;
    let header = result.map_err(|error| connection.failure(&error))?;
    let token = header
        .as_ref()
        .and_then(|header| header.to_str().ok()?.strip_prefix("Bearer "))
        .unwrap_or_default();
    if connection.json {
        terminal::print_json(&serde_json::json!({ "access_token": token }))?;
    } else {
        terminal::print(token)?;
    }
    Ok(ExitCode::SUCCESS)
}
