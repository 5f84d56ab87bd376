//! The flags that every command with a login shares, and the session that they make.

use crate::failure::Failure;
use attendium::store::{FileStore, MemoryStore, Store};
#[cfg(feature = "keyring")]
use attendium::store::{KeyringStore, PinnedStore};
use attendium::{ATTENDIUM, BASE_URL_VARIABLE, Error, Login, PROFILE_VARIABLE, Session};
use clap::{Args, ValueEnum};
use std::io::{BufReader, IsTerminal, stdin};
use std::sync::Arc;
use std::time::Duration;

/// The name that the server shows to the user, and under which credentials are kept.
const APPLICATION: &str = "attendium";
const DEFAULT_PROFILE: &str = "default";
/// The environment variable for `--store`.
pub const STORE_VARIABLE: &str = "ATTENDIUM_STORE";

/// The flags for the server and the login.
#[derive(Args)]
pub struct Connection {
    /// The server, as its metadata names its issuer
    #[arg(
        long,
        env = BASE_URL_VARIABLE,
        hide_env_values = true,
        value_name = "URL",
        default_value = ATTENDIUM
    )]
    base_url: String,
    /// Which of several logins
    #[arg(
        long,
        env = PROFILE_VARIABLE,
        hide_env_values = true,
        value_name = "NAME",
        default_value = DEFAULT_PROFILE
    )]
    profile: String,
    #[arg(
        long,
        env = STORE_VARIABLE,
        hide_env_values = true,
        value_enum,
        help = "Where credentials are kept [default: the keyring where there is one, else files; \
                whichever it was the first time]"
    )]
    store: Option<Place>,
    /// Print one JSON document on standard output
    #[arg(long)]
    pub json: bool,
}

/// Where credentials are kept.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Place {
    /// The operating system's keyring
    #[cfg(feature = "keyring")]
    Keyring,
    /// Files of this user's state directory that only this user can read
    File,
    /// Nowhere: the command logs in for itself and forgets
    Memory,
}

impl Connection {
    /// The session that the flags describe.
    pub async fn session(&self) -> Result<Session, Failure> {
        self.build().await.map_err(|error| self.failure(&error))
    }

    async fn build(&self) -> Result<Session, Error> {
        let store: Arc<dyn Store> = match self.store {
            #[cfg(feature = "keyring")]
            Some(Place::Keyring) => Arc::new(KeyringStore::new()?),
            Some(Place::File) => Arc::new(FileStore::in_state_directory()?),
            Some(Place::Memory) => Arc::new(MemoryStore::new()),
            None => open_default_store().await?,
        };
        Session::builder()
            .base_url(&self.base_url)
            .application(APPLICATION)
            .profile(&self.profile)
            .store(store)
            .account(&attendium::Me {}, |data| data.me.id.to_string())
            .build()
    }

    /// The session that the flags describe, ready for a request.
    ///
    /// Credentials that are kept in memory end with the command, so with those it logs in first.
    pub async fn ready(&self, login: &LoginFlags) -> Result<Session, Failure> {
        let session = self.session().await?;
        if self.store == Some(Place::Memory) {
            let result = session.login(login.login()).await;
            result.map_err(|error| self.failure(&error))?;
        }
        Ok(session)
    }

    /// Turns an error of the session into what the command reports.
    pub fn failure(&self, error: &Error) -> Failure {
        let failure = Failure::from_session(error, &self.flags());
        match error {
            Error::Transport { .. } | Error::Status { .. } | Error::Malformed { .. } => {
                let from_environment =
                    std::env::var(BASE_URL_VARIABLE).as_ref() == Ok(&self.base_url);
                let from = if from_environment {
                    format!(", from {BASE_URL_VARIABLE}")
                } else {
                    String::new()
                };
                failure.with_note(format!("the base URL is {}{from}", self.base_url))
            }
            _ => failure,
        }
    }

    /// The flags with which another command uses this login.
    ///
    /// What comes from the environment is not repeated: the other command finds it there too.
    fn flags(&self) -> String {
        let unset = |variable| std::env::var_os(variable).is_none();
        let mut flags = String::new();
        if self.base_url != ATTENDIUM && unset(BASE_URL_VARIABLE) {
            flags = format!(" --base-url {}", self.base_url);
        }
        if self.profile != DEFAULT_PROFILE && unset(PROFILE_VARIABLE) {
            flags = format!("{flags} --profile {}", self.profile);
        }
        flags
    }

    /// Whether credentials end with the command.
    pub fn is_in_memory(&self) -> bool {
        self.store == Some(Place::Memory)
    }
}

/// Opens the keyring or files, whichever was used the first time.
///
/// A fall back from the keyring to plain files is always told.
#[cfg(feature = "keyring")]
async fn open_default_store() -> Result<Arc<dyn Store>, Error> {
    let store = PinnedStore::choose().await?;
    if let Some(fallback) = store.fallback() {
        crate::terminal::print_note(format_args!("note: {fallback}"));
    }
    Ok(Arc::new(store))
}

#[cfg(not(feature = "keyring"))]
async fn open_default_store() -> Result<Arc<dyn Store>, Error> {
    Ok(Arc::new(FileStore::in_state_directory()?))
}

/// Over [`LoginFlags`] in the help of commands that log in only where nothing is kept.
pub const LOGIN_HEADING: &str = "Login, with `--store memory`";

/// The flags for how a login goes, where one is needed.
#[derive(Args)]
pub struct LoginFlags {
    /// Print the link instead of opening a browser, and take the address that the browser ends up
    /// at from standard input
    #[arg(long)]
    no_browser: bool,
    /// Wait for the browser on this port of 127.0.0.1, as for `ssh -L` [default: a free one]
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    /// Ask for this scope; may be repeated
    #[arg(long, value_name = "SCOPE", value_delimiter = ' ')]
    scope: Vec<String>,
    /// How long to wait for the person at the browser: 90s, 5m, 1h
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = parse_time)]
    timeout: Duration,
    /// Register the application anew first: for a server that has forgotten it
    #[arg(long)]
    register_again: bool,
}

impl LoginFlags {
    /// The login that the flags describe.
    pub fn login(&self) -> Login {
        let mut login = if self.no_browser {
            Login::print_url()
        } else {
            Login::browser()
        };
        login = login
            .port(self.port.unwrap_or_default())
            .timeout(self.timeout)
            .register_again(self.register_again)
            .cancel_on_ctrl_c();
        if !self.scope.is_empty() {
            login = login.scopes(self.scope.iter().filter(|scope| !scope.is_empty()));
        }
        // Where nobody types, standard input may belong to something else.
        if self.no_browser || stdin().is_terminal() {
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
