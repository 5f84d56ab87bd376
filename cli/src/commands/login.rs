//! `attendium login`: a user logs in with the browser, and the credentials are kept.

use super::status;
use crate::connection::Connection;
use crate::failure::Failure;
use crate::login_flags::LoginFlags;
use crate::logins;
use crate::terminal;
use clap::Args;
use std::process::ExitCode;

/// Log in with the browser; the credentials are kept and refreshed from then on
#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    login: LoginFlags,
}

pub async fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let connection = &arguments.connection;
    let session = connection.session().await?;
    let result = session.login(arguments.login.login()).await;
    let status = result.map_err(|error| connection.failure(&error))?;
    logins::update(&status);
    if connection.json {
        terminal::print_json(&status::document(&status))?;
    } else {
        status::print(&status)?;
    }
    let missing = arguments.login.missing_scopes(&status.scopes);
    if !missing.is_empty() {
        terminal::print_note(format_args!(
            "note: the server did not grant: {}",
            terminal::on_one_line(&missing.join(" "))
        ));
    }
    if connection.is_in_memory() {
        terminal::print_note(
            "The credentials were kept in memory and are gone now: this was a try of the login.",
        );
    }
    Ok(ExitCode::SUCCESS)
}
