//! `attendium logout`: the credentials are erased here and revoked at the server.

use crate::connection::Connection;
use crate::failure::Failure;
use crate::logins;
use crate::terminal;
use clap::Args;
use std::process::ExitCode;

/// Erase the credentials, and revoke them at the server where it offers that
#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    connection: Connection,
    /// Delete the application's registration too, here and at the server where it lets clients do
    /// that; the logins of other profiles may end with it
    #[arg(long)]
    forget: bool,
}

pub async fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let connection = &arguments.connection;
    let session = connection.session().await?;
    let result = session.logout().await;
    let ended = result.map_err(|error| connection.failure(&error))?;
    if let Ok(status) = session.status().await {
        logins::update(&status);
    }
    let deleted = if arguments.forget {
        let result = session.delete_registration().await;
        Some(result.map_err(|error| connection.failure(&error))?)
    } else {
        None
    };
    if connection.json {
        let mut document = serde_json::json!({
            "was_logged_in": ended.was_logged_in,
            "revoked": ended.revoked,
            "failure": ended.failure,
        });
        if let Some(deleted) = deleted {
            document["registration_deleted"] = deleted.into();
        }
        terminal::print_json(&document)?;
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
        match deleted {
            Some(true) => terminal::print("The registration is deleted here and at the server.")?,
            Some(false) => terminal::print(
                "The registration is deleted here. The server offers no deletion, or knew it no \
                 more.",
            )?,
            None => {}
        }
    }
    if let Some(failure) = &ended.failure {
        let failure = terminal::on_one_line(failure);
        terminal::print_note(format_args!(
            "note: the server did not revoke them: {failure}"
        ));
    }
    Ok(ExitCode::SUCCESS)
}
