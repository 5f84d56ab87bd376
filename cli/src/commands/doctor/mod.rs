//! `attendium doctor`: what may be wrong here, each with what to do about it. Enter at [`run`].
//!
//! [`project`] looks at files, [`login`] at the login, the server and the clock; what they find is
//! a [`Check`].

mod finding;
mod login;
mod project;

use crate::connection::Connection;
use crate::failure::Failure;
use crate::terminal::{self, Style};
use clap::Args;
use finding::{Check, State};
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

/// Look for what may be wrong: configuration, schema, login, clock, store, network, versions
///
/// Each finding comes with what to do. Exits with 1 where something will fail.
#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    connection: Connection,
    /// The configuration file to look at [default: graphql.config.* or .graphqlrc*, here or above]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The project, where the configuration file has several
    #[arg(long, value_name = "NAME")]
    project: Option<String>,
}

pub async fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let base = std::env::current_dir().unwrap_or_default();
    let config = arguments.config.as_deref();
    let mut checks = project::check(&base, config, arguments.project.as_deref());
    checks.extend(login::check(&arguments.connection).await);
    let is_bad = checks.iter().any(|check| check.state == State::Bad);
    if arguments.connection.json {
        let shown = checks.iter().map(|check| {
            json!({
                "name": check.name,
                "state": check.state.name(),
                "found": check.found,
                "fix": check.fix,
            })
        });
        let version = env!("CARGO_PKG_VERSION");
        terminal::print_json(&json!({
            "version": version,
            "ok": !is_bad,
            "checks": shown.collect::<Vec<_>>(),
        }))?;
    } else {
        print(&checks)?;
    }
    Ok(if is_bad {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn print(checks: &[Check]) -> Result<(), Failure> {
    let style = Style::stdout();
    for check in checks {
        let state = format!("{:<7}", check.state.name());
        let state = match check.state {
            State::Good => style.green(state),
            State::Warning => style.yellow(state),
            State::Bad => style.red(state),
        };
        let name = style.dim(format_args!("{:<13}", check.name));
        let found = terminal::on_one_line(&check.found);
        terminal::print(format_args!("{state}  {name}  {found}"))?;
        if let Some(fix) = &check.fix {
            let fix = terminal::on_one_line(fix);
            terminal::print(format_args!("{:24}{} {fix}", "", style.bold("fix:")))?;
        }
    }
    Ok(())
}
