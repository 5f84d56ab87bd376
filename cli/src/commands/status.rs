//! `attendium status`: what is known of the login here, without a request and without a secret.

use crate::connection::Connection;
use crate::failure::{Failure, LOGIN_REQUIRED};
use crate::logins;
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
    /// Show the logins at all servers and with all profiles
    #[arg(long)]
    all: bool,
}

pub async fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let connection = &arguments.connection;
    if arguments.all {
        return show_all(connection).await;
    }
    let session = connection.session().await?;
    if let Some(source) = connection.credential() {
        return show_credential(connection, source);
    }
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

/// Shows what stands in place of a login.
fn show_credential(connection: &Connection, source: &str) -> Result<ExitCode, Failure> {
    let server = connection.base_url();
    if connection.json {
        let document = serde_json::json!({
            "issuer": server, "logged_in": false, "credential": source,
        });
        terminal::print_json(&document)?;
    } else {
        let style = Style::stdout();
        terminal::print(style.bold("No login is used"))?;
        for (name, value) in [("server", server.as_str()), ("sends", source)] {
            let name = style.dim(format_args!("{name:<9}"));
            terminal::print(format_args!("  {name}  {value}"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Shows every login that is kept: those of the list, and the one that the flags name.
async fn show_all(connection: &Connection) -> Result<ExitCode, Failure> {
    let mut shown: Vec<Status> = Vec::new();
    let mut failed = false;
    let others = logins::list();
    let connections = others.iter().map(|login| connection.for_login(login));
    for each in std::iter::once(connection.clone()).chain(connections) {
        let status = match each.session().await {
            Ok(session) => session.status().await.map_err(|error| each.failure(&error)),
            Err(failure) => Err(failure),
        };
        match status {
            // The one that the flags name may be in the list as well.
            Ok(status) if status.logged_in && !shown.contains(&status) => shown.push(status),
            Ok(_) => {}
            Err(failure) => {
                failed = true;
                failure.report(connection.json);
            }
        }
    }
    if connection.json {
        terminal::print_json(&serde_json::json!(shown))?;
    } else if shown.is_empty() {
        terminal::print("Not logged in anywhere.")?;
    }
    for (index, status) in shown.iter().enumerate() {
        if connection.json {
            break;
        }
        if index > 0 {
            terminal::print("")?;
        }
        print(status)?;
    }
    Ok(match (failed, shown.is_empty()) {
        (true, _) => ExitCode::FAILURE,
        (false, true) => ExitCode::from(LOGIN_REQUIRED),
        (false, false) => ExitCode::SUCCESS,
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
