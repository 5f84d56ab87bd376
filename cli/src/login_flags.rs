//! The flags for how a login goes. Enter at [`LoginFlags::login`].

use attendium::{Login, LoginParameters};
use clap::Args;
use std::io::{BufReader, IsTerminal, stdin};
use std::time::Duration;

/// Over [`LoginFlags`] in the help of commands that log in only where nothing is kept.
pub const LOGIN_HEADING: &str = "Login, with `--store memory`";

/// The flags for how a login goes, where one is needed.
#[derive(Args)]
pub struct LoginFlags {
    /// Print the link instead of opening a browser, and take the address that the browser ends up
    /// at from standard input
    #[arg(long)]
    no_browser: bool,
    /// Log in on another device: print an address, and a code to type there
    #[arg(long, conflicts_with_all = ["no_browser", "port"])]
    device: bool,
    /// Wait for the browser on this port of 127.0.0.1, as for `ssh -L` [default: a free one]
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    /// Ask for this scope; may be repeated
    #[arg(long, value_name = "SCOPE", value_delimiter = ' ')]
    scope: Vec<String>,
    /// How the server asks the person: login, consent or select_account
    #[arg(long, value_name = "HOW")]
    prompt: Option<String>,
    /// Who logs in, such as an address: the server fills it in
    #[arg(long, value_name = "NAME")]
    login_hint: Option<String>,
    /// The API that the token is for, where the server asks for an audience
    #[arg(long, value_name = "NAME")]
    audience: Option<String>,
    /// The API that the token is for, by its URL; may be repeated
    #[arg(long, value_name = "URL")]
    resource: Vec<String>,
    /// How long to wait for the person at the browser: 90s, 5m, 1h
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = parse_time)]
    timeout: Duration,
    /// Register the application anew first: for a server that has forgotten it
    #[arg(long)]
    register_again: bool,
}

impl LoginFlags {
    /// The scopes that were asked for and not granted.
    pub fn missing_scopes(&self, granted: &[String]) -> Vec<&str> {
        let asked = self.scope.iter().filter(|scope| !scope.is_empty());
        let missing = asked.filter(|scope| !granted.contains(scope));
        missing.map(String::as_str).collect()
    }

    /// The login that the flags describe.
    pub fn login(&self) -> Login {
        let mut login = if self.device {
            Login::device()
        } else if self.no_browser {
            Login::print_url()
        } else {
            Login::browser()
        };
        let mut parameters = LoginParameters::new();
        if let Some(prompt) = &self.prompt {
            parameters = parameters.prompt(prompt);
        }
        if let Some(hint) = &self.login_hint {
            parameters = parameters.login_hint(hint);
        }
        if let Some(audience) = &self.audience {
            parameters = parameters.audience(audience);
        }
        for resource in &self.resource {
            parameters = parameters.resource(resource);
        }
        login = login
            .parameters(parameters)
            .port(self.port.unwrap_or_default())
            .timeout(self.timeout)
            .register_again(self.register_again)
            .cancel_on_ctrl_c();
        if !self.scope.is_empty() {
            login = login.scopes(self.scope.iter().filter(|scope| !scope.is_empty()));
        }
        // Where nobody types, standard input may belong to something else.
        if self.no_browser || (stdin().is_terminal() && !self.device) {
            login = login.paste_from(BufReader::new(stdin()));
        }
        login
    }
}

/// Reads `90`, `90s`, `5m` or `1h`.
pub fn parse_time(text: &str) -> Result<Duration, String> {
    let (number, unit) = match text.trim().char_indices().last() {
        Some((at, 's')) => (&text.trim()[..at], 1),
        Some((at, 'm')) => (&text.trim()[..at], 60),
        Some((at, 'h')) => (&text.trim()[..at], 3600),
        _ => (text.trim(), 1),
    };
    let seconds = number
        .trim()
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(unit));
    match seconds {
        // Clocks overflow somewhere beyond; a year is more than anybody waits.
        Some(seconds @ 1..=31_536_000) => Ok(Duration::from_secs(seconds)),
        _ => Err("write a time such as 90s, 5m or 1h".into()),
    }
}
