//! The flags that every command with a login shares, and the session that they make.

use crate::failure::Failure;
use crate::logins::KnownLogin;
use crate::terminal::print_note;
use attendium::store::{FileStore, MemoryStore, Store};
#[cfg(feature = "keyring")]
use attendium::store::{KeyringStore, PinnedStore};
use attendium::{
    ATTENDIUM, BASE_URL_VARIABLE, Error, Login, LoginParameters, PROFILE_VARIABLE, Session,
    SessionBuilder, StoreError, StoreErrorKind,
};
use clap::{Args, ValueEnum};
use std::io::{BufReader, IsTerminal, stdin};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::SetOnce;

/// The name that the server shows to the user, and under which credentials are kept.
const APPLICATION: &str = "attendium";
const DEFAULT_PROFILE: &str = "default";
/// The environment variable for `--store`.
pub const STORE_VARIABLE: &str = "ATTENDIUM_STORE";
const CLIENT_ID_VARIABLE: &str = "ATTENDIUM_CLIENT_ID";
const CLIENT_SECRET_VARIABLE: &str = "ATTENDIUM_CLIENT_SECRET";
/// The environment variable with an access token, for machines where nobody logs in.
const TOKEN_VARIABLE: &str = "ATTENDIUM_TOKEN";

/// The session of this command, once it is made.
static SESSION: SetOnce<Session> = SetOnce::const_new();

/// Waits for a signal that ends the command, and for a refresh that is under way then: the new
/// tokens would be lost. Gives the exit code. Before there is a session, signals have their usual
/// effect.
pub async fn ended_by_signal() -> u8 {
    let session = SESSION.wait().await;
    let tell = || {
        print_note(
            "Waiting until the new credentials are kept; a second signal ends the command at once.",
        );
    };
    session.shutdown_signal_with(tell).await
}

/// Waits for a refresh that is under way, where there is one.
pub async fn nothing_to_lose() {
    if let Some(session) = SESSION.get() {
        session.wait_for_refresh().await;
    }
}

/// The flags for the server and the login.
#[derive(Clone, Args)]
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
    /// The GraphQL API, where it is not `graphql` below the base URL
    #[arg(long, value_name = "URL")]
    graphql_url: Option<String>,
    /// Allow endpoints at this origin beside those of the base URL; may be repeated
    #[arg(long, value_name = "ORIGIN")]
    allow_origin: Vec<String>,
    #[arg(
        long,
        env = CLIENT_ID_VARIABLE,
        hide_env_values = true,
        value_name = "ID",
        help = "The client id that the server's operator gave, for servers without registration; \
                its secret, where it has one, is read from the variable ATTENDIUM_CLIENT_SECRET or \
                from `--client-secret-file`"
    )]
    client_id: Option<String>,
    /// Get tokens for the client itself, with its id and secret: for machines where nobody logs in
    #[arg(long, requires = "client_id")]
    client_credentials: bool,
    /// A file with the client's secret and nothing else
    #[arg(long, value_name = "FILE", requires = "client_id")]
    client_secret_file: Option<PathBuf>,
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

/// A variable that is set and not empty.
fn read_variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
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
        let mut builder = self
            .at_the_server()
            .profile(&self.profile)
            .store(store)
            .account(&attendium::Me {}, |data| data.me.id.to_string());
        if let Some(secret) = self.client_secret()? {
            builder = builder.client_secret(secret);
        }
        if self.client_credentials {
            builder = builder.client_credentials();
        }
        if let Some(token) = read_variable(TOKEN_VARIABLE) {
            builder = builder.access_token(token);
        }
        let session = builder.build()?;
        // Set once: a command has one session.
        let _ = SESSION.set(session.clone());
        Ok(session)
    }

    /// A session at the same server, with neither credentials nor a place for them.
    pub fn at_the_server(&self) -> SessionBuilder {
        let mut builder = Session::builder()
            .base_url(&self.base_url)
            .application(APPLICATION);
        if let Some(url) = &self.graphql_url {
            builder = builder.graphql_url(url);
        }
        for origin in &self.allow_origin {
            builder = builder.allow_origin(origin);
        }
        if let Some(id) = &self.client_id {
            builder = builder.client_id(id);
        }
        builder
    }

    /// The client's secret, which is never an argument: others on the machine can read those.
    fn client_secret(&self) -> Result<Option<String>, Error> {
        let Some(path) = &self.client_secret_file else {
            return Ok(read_variable(CLIENT_SECRET_VARIABLE).filter(|_| self.client_id.is_some()));
        };
        let place = path.display().to_string();
        let failed = |error| StoreError::new(place, StoreErrorKind::Unavailable).with_source(error);
        let text = std::fs::read_to_string(path).map_err(|error| Error::Store(failed(error)))?;
        Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
    }

    /// The flags for another login of the list.
    pub fn for_login(&self, login: &KnownLogin) -> Self {
        Self {
            base_url: login.issuer.clone(),
            profile: login.profile.clone(),
            store: Place::from_str(&login.store, false).ok().or(self.store),
            graphql_url: None,
            ..self.clone()
        }
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

    /// The same login at another server.
    pub fn at(mut self, base_url: &str) -> Self {
        base_url.clone_into(&mut self.base_url);
        self
    }

    /// The server.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// What an application says to its session to reach the same server, beside the base URL: calls
    /// of `SessionBuilder`.
    pub fn builder_calls(&self) -> Vec<String> {
        let mut calls = Vec::new();
        calls.extend(
            self.graphql_url
                .iter()
                .map(|url| format!(".graphql_url({url:?})")),
        );
        let origins = self.allow_origin.iter();
        calls.extend(origins.map(|origin| format!(".allow_origin({origin:?})")));
        calls.extend(
            self.client_id
                .iter()
                .map(|id| format!(".client_id({id:?})")),
        );
        calls
    }

    /// Turns an error of the session into what the command reports.
    pub fn failure(&self, error: &Error) -> Failure {
        let failure = Failure::from_session(error, &self.flags());
        let text = error.to_string();
        let of_the_server = matches!(
            error,
            Error::Transport { .. } | Error::Status { .. } | Error::Malformed { .. }
        );
        // Which server it was is the first question. Where it may be the wrong one, the note also
        // says who named it.
        let is_said = text.contains(&self.base_url) && !of_the_server;
        if is_said || matches!(error, Error::Configuration(_)) {
            return failure;
        }
        let from_environment = std::env::var(BASE_URL_VARIABLE).as_ref() == Ok(&self.base_url);
        let from = if from_environment {
            format!(", from {BASE_URL_VARIABLE}")
        } else {
            String::new()
        };
        failure.with_note(format!("the base URL is {}{from}", self.base_url))
    }

    /// The flags with which another command uses this login.
    ///
    /// What comes from the environment is not repeated: the other command finds it there too.
    pub fn flags(&self) -> String {
        let unset = |variable| std::env::var_os(variable).is_none();
        let mut flags = String::new();
        if self.base_url != ATTENDIUM && unset(BASE_URL_VARIABLE) {
            flags = format!(" --base-url {}", self.base_url);
        }
        if let Some(id) = &self.client_id
            && unset(CLIENT_ID_VARIABLE)
        {
            flags = format!("{flags} --client-id {id}");
        }
        for origin in &self.allow_origin {
            flags = format!("{flags} --allow-origin {origin}");
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
        print_note(format_args!("note: {fallback}"));
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
