//! `attendium logout`: the credentials are erased here and revoked at the server.

use crate::connection::Connection;
use crate::failure::Failure;
use crate::terminal;
use clap::Args;
use std::process::ExitCode;

/// Erase the credentials, and revoke them at the server where it offers that
#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    connection: Connection,
}

pub async fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let connection = &arguments.connection;
    let session = connection.session().await?;
    let result = session.logout().await;
    let ended = result.map_err(|error| connection.failure(&error))?;
    if connection.json {
        terminal::print_json(&serde_json::json!({
            "was_logged_in": ended.was_logged_in,
            "revoked": ended.revoked,
            "failure": ended.failure,
        }))?;
    } else {
        terminal::print(match (ended.was_logged_in, ended.revoked) {
            (false, _) => "Nobody was logged in.",
            (true, true) => {
                "Logged out: the credentials are erased here and revoked at the server."
            }
            (true, false) => {
                "Logged out: the credentials are erased here. The server did not confirm that it \
                 revoked them; they end there by themselves."
            }
        })?;
    }
    if let Some(failure) = &ended.failure {
        let failure = terminal::on_one_line(failure);
        terminal::print_note(format_args!(
            "note: the server did not revoke them: {failure}"
        ));
    }
    Ok(ExitCode::SUCCESS)
}
