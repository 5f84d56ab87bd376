//! A subscription of `attendium query`: each event is a line of JSON, as it comes. Enter at
//! [`follow`].

use super::answer::{answer_of, line_of};
use super::select::Selection;
use super::written::Written;
use crate::connection::Connection;
use crate::failure::{ANSWERED_WITH_ERRORS, Failure};
use crate::terminal;
use attendium::operation::Subscription;
use attendium::subscription::{StreamExt as _, SubscriptionUpdate};
use attendium::{Error, Json, Response, Session};
use std::pin::pin;
use std::process::ExitCode;

/// Prints events until the server completes the subscription, or a signal ends the command.
pub async fn follow(
    connection: &Connection,
    select: Option<&Selection>,
    session: &Session,
    operation: &Written<'_, Subscription>,
) -> Result<ExitCode, Failure> {
    let mut updates = session.subscribe(operation).updates();
    let mut gone = pin!(nobody_reads());
    let mut code = 0;
    loop {
        let update = tokio::select! {
            update = updates.next() => update,
            () = &mut gone => return Err(Failure::reported()),
        };
        let Some(update) = update else { break };
        match update {
            Ok(SubscriptionUpdate::Event(event)) => {
                if !event.errors.is_empty() {
                    code = ANSWERED_WITH_ERRORS;
                }
                print(connection.json, select, event)?;
            }
            Ok(SubscriptionUpdate::Disconnected { cause, retry_in }) => {
                let cause = terminal::on_one_line(&cause.to_string());
                terminal::print_note(format_args!(
                    "The connection was lost ({cause}). It is made again in {} ms.",
                    retry_in.as_millis()
                ));
            }
            Ok(SubscriptionUpdate::Dropped(count)) => {
                terminal::print_note(format_args!(
                    "{count} events came too fast and were dropped."
                ));
            }
            Ok(_) => {}
            Err(error @ Error::Graphql(_)) => {
                let failure = connection.failure(&error);
                return Err(failure.with_code(ANSWERED_WITH_ERRORS));
            }
            Err(error) => return Err(connection.failure(&error)),
        }
    }
    Ok(ExitCode::from(code))
}

/// An event on one line, whatever it holds.
fn print(as_json: bool, select: Option<&Selection>, event: Response<Json>) -> Result<(), Failure> {
    let Some(selection) = select else {
        if as_json {
            return Ok(terminal::print_data(&answer_of(event).to_string())?);
        }
        for error in &event.errors {
            terminal::print_error(&line_of(error), "");
        }
        if let Some(data) = event.data.filter(|data| !data.is_null()) {
            terminal::print_data(&data.to_string())?;
        }
        return Ok(());
    };
    for error in &event.errors {
        terminal::print_error(&line_of(error), "");
    }
    let data = event.data.unwrap_or_default();
    for value in selection.of(&data)? {
        match value {
            Json::String(text) if !as_json => terminal::print_data(text)?,
            value => terminal::print_data(&value.to_string())?,
        }
    }
    Ok(())
}

/// Ends when nobody reads standard output any more, as after `head`. The next event, whose printing
/// would fail, may be hours away.
#[cfg(unix)]
async fn nobody_reads() {
    use std::os::fd::AsFd as _;
    use tokio::{io::Interest, net::unix::pipe};
    let stdout = std::io::stdout().as_fd().try_clone_to_owned();
    match stdout.and_then(pipe::Sender::from_owned_fd_unchecked) {
        Ok(stdout) => drop(stdout.ready(Interest::ERROR).await),
        // A file, which has no reader.
        Err(_) => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn nobody_reads() {
    std::future::pending().await
}
