//! `attendium status`: what is known of the login here, without a request and without a secret.

use crate::connection::Connection;
use crate::failure::{Failure, LOGIN_REQUIRED};
use crate::terminal::{self, Style};
use attendium::Status;
use clap::Args;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

/// Show the login that is kept here; exits with 3 where there is none
///
/// Server, profile, client id, scopes, expiry, and where the credentials are kept; never a secret.
/// Nothing is sent.
#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    connection: Connection,
}

pub async fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let connection = &arguments.connection;
    let session = connection.session().await?;
    let result = session.status().await;
    let status = result.map_err(|error| connection.failure(&error))?;
    if connection.json {
        terminal::print_json(&document(&status))?;
    } else {
        print(&status)?;
    }
    Ok(if status.logged_in {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(LOGIN_REQUIRED)
    })
}

/// The status as JSON.
pub fn document(status: &Status) -> serde_json::Value {
    serde_json::json!(status)
}

/// The status for people.
pub fn print(status: &Status) -> Result<(), Failure> {
    let style = Style::stdout();
    let headline = match (&status.account, status.logged_in) {
        (_, false) => "Not logged in".to_owned(),
        (Some(account), true) => format!("Logged in as {account}"),
        (None, true) => "Logged in".to_owned(),
    };
    terminal::print(style.bold(headline))?;
    let mut lines = vec![
        ("server", status.issuer.clone()),
        ("profile", status.profile.clone()),
    ];
    if status.logged_in {
        lines.extend(status.client_id.clone().map(|id| ("client id", id)));
        let scopes = status.scopes.join(" ");
        lines.push((
            "scopes",
            if scopes.is_empty() {
                "as the server grants by default".into()
            } else {
                scopes
            },
        ));
        lines.push(("access", access(status)));
    }
    lines.push(("store", status.store.to_string()));
    for (name, value) in lines {
        terminal::print(format_args!(
            "  {}  {value}",
            style.dim(format_args!("{name:<9}"))
        ))?;
    }
    Ok(())
}

fn access(status: &Status) -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs();
    let then = if status.refreshable {
        "refreshed by itself before"
    } else {
        "then a login is needed"
    };
    match status.expires_at {
        None => "until the server refuses it".into(),
        Some(_) if status.expired && status.refreshable => {
            "expired; the next request refreshes it".into()
        }
        Some(_) if status.expired => "expired; a login is needed".into(),
        Some(at) => format!(
            "expires in {}, {then}",
            terminal::in_words(at.saturating_sub(now))
        ),
    }
}
