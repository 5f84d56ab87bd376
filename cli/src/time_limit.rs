//! The time limit of commands that wait for the network and for no person. Enter at [`in_time`].

use crate::connection;
use crate::failure::Failure;
use crate::progress::Progress;
use crate::terminal;
use std::time::Duration;

/// After this time a command says that it still waits.
const SILENCE: Duration = Duration::from_secs(2);
/// The longest that a command takes which waits for no person: two requests with all their retries.
const DEADLINE: Duration = Duration::from_secs(120);

/// Runs a subcommand that waits for the network and for nobody else. A long wait is told, and ends.
pub async fn in_time<T>(command: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::pin!(command);
    if let Ok(ended) = tokio::time::timeout(SILENCE, &mut command).await {
        return ended;
    }
    let progress = Progress::start("Waiting for the server");
    if !progress.is_shown() {
        terminal::print_note(
            "Still waiting for the server, or for another command that renews the same login.",
        );
    }
    if let Ok(ended) = tokio::time::timeout(DEADLINE - SILENCE, &mut command).await {
        return ended;
    }
    // What must not be interrupted has time limits of its own.
    tokio::select! {
        ended = command => ended,
        () = connection::nothing_to_lose() => Err(Failure::new(
            format!("the command took longer than {} s", DEADLINE.as_secs()),
            "look whether the server and the store of the credentials answer, and try again",
        )),
    }
}
