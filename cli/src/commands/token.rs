//! `attendium token`: a fresh access token, for a request with another tool.

use crate::connection::Connection;
use crate::failure::Failure;
use crate::terminal;
use clap::Args;
use std::io::{IsTerminal, stdout};
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
    let token = bearer_token(header.as_ref().map(|header| header.as_bytes()))?;
    // Screens are shared, and terminals keep what has scrolled away.
    if stdout().is_terminal() {
        terminal::print_note(
            "warning: who reads this token acts as you until it expires; pass it on unseen, as in \
             `curl -H \"Authorization: Bearer $(attendium token)\" …`",
        );
    }
    if connection.json {
        terminal::print_json(&serde_json::json!({ "access_token": token }))?;
    } else {
        terminal::print(token)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The token in an `Authorization` header (RFC 6750, section 2.1).
pub fn bearer_token(header: Option<&[u8]>) -> Result<&str, Failure> {
    let missing = |what: &str| {
        Failure::new(
            format!("there is no token to print: the session sends {what}"),
            "log in with `attendium login`, or set ATTENDIUM_TOKEN",
        )
    };
    let header = header.ok_or_else(|| missing("no `Authorization` header"))?;
    let header = str::from_utf8(header).map_err(|_| missing("a header that is no text"))?;
    match header.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("Bearer") && !token.is_empty() => {
            Ok(token)
        }
        _ => Err(missing("a credential that is no bearer token")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_bearer_token_is_an_error_and_no_empty_line() {
        for header in [
            None,
            Some(&b"Basic abc"[..]),
            Some(b"Bearer "),
            Some(b"Bearer"),
            Some(b"\xff"),
        ] {
            assert!(bearer_token(header).is_err(), "{header:?}");
        }
        assert_eq!(bearer_token(Some(b"Bearer abc")).ok(), Some("abc"));
    }
}
