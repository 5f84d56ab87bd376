//! The flags that every command with a login shares, and the session that they make.

use crate::failure::Failure;
use crate::headers::{self, Header};
use crate::login_flags::LoginFlags;
use crate::logins::KnownLogin;
use crate::terminal::print_note;
use attendium::store::{FileStore, MemoryStore, Store};
#[cfg(feature = "keyring")]
use attendium::store::{KeyringStore, PinnedStore};
use attendium::transport::TransportErrorKind;
use attendium::{
    ATTENDIUM, BASE_URL_VARIABLE, DiscoveryError, Error, PROFILE_VARIABLE, Session, SessionBuilder,
    Step,
};
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use tokio::sync::SetOnce;

/// The name that the server shows to the user, and under which credentials are kept.
const APPLICATION: &str = "attendium";
const DEFAULT_PROFILE: &str = "default";
/// The environment variable for `--store`.
pub const STORE_VARIABLE: &str = "ATTENDIUM_STORE";
const CLIENT_ID_VARIABLE: &str = "ATTENDIUM_CLIENT_ID";
const CLIENT_SECRET_VARIABLE: &str = "ATTENDIUM_CLIENT_SECRET";
/// The environment variable with an access token, for machines where nobody logs in.
pub const TOKEN_VARIABLE: &str = "ATTENDIUM_TOKEN";

/// Set by `attendium sandbox run`, to the URL of a server on which nobody has logged in.
pub const AROUND_VARIABLE: &str = "ATTENDIUM_SANDBOX_RUN";

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
///
/// Their variables are read here and not by clap, for which a variable is a flag that was typed: it
/// would name it in the usage that it prints, and in conflicts.
#[derive(Clone, Args)]
pub struct Connection {
    /// The server, as its metadata names its issuer [env: ATTENDIUM_BASE_URL] [default:
    /// https://api.attendium.com]
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// Which of several logins [env: ATTENDIUM_PROFILE] [default: default]
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// The GraphQL API, where it is not `graphql` below the base URL
    #[arg(long, value_name = "URL")]
    graphql_url: Option<String>,
    /// Allow endpoints at this origin beside those of the base URL; may be repeated
    #[arg(long, value_name = "ORIGIN")]
    allow_origin: Vec<String>,
    /// Send no credential, and need no login: for public APIs
    #[arg(long)]
    anonymous: bool,
    /// Send this header with GraphQL requests; `@FILE` reads headers from a file, one on a line;
    /// may be repeated
    #[arg(short = 'H', long, value_name = "NAME: VALUE|@FILE")]
    header: Vec<String>,
    /// What `header` says, once it was read: a file may be a pipe.
    #[arg(skip)]
    headers: OnceLock<Vec<Header>>,
    /// The client id that the server's operator gave, for servers without registration; its secret,
    /// where it has one, is read from the variable ATTENDIUM_CLIENT_SECRET or from
    /// `--client-secret-file` [env: ATTENDIUM_CLIENT_ID]
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// Get tokens for the client itself, with its id and secret: for machines where nobody logs in
    #[arg(long)]
    client_credentials: bool,
    /// A file with the client's secret and nothing else
    #[arg(long, value_name = "FILE")]
    client_secret_file: Option<PathBuf>,
    /// Where credentials are kept [env: ATTENDIUM_STORE] [default: the keyring where there is one,
    /// else files; whichever it was the first time]
    #[arg(long, value_enum)]
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

/// What a flag says that another command would not know without it.
fn said<'a>(flag: Option<&'a str>, variable: &str, default: &str) -> Option<&'a str> {
    let known = read_variable(variable);
    flag.filter(|value| *value != known.as_deref().unwrap_or(default))
}

impl Connection {
    /// The session that the flags describe.
    pub async fn session(&self) -> Result<Session, Failure> {
        let headers = self.headers()?;
        let mut builder = self
            .at_the_server()
            .profile(self.profile())
            .account(&attendium::Me {}, |data| data.me.id.to_string());
        if let Some(secret) = self.client_secret()? {
            builder = builder.client_secret(secret);
        }
        if self.client_credentials {
            builder = builder.client_credentials();
        }
        if self.anonymous {
            builder = builder.anonymous();
        } else if let Some(token) = read_variable(TOKEN_VARIABLE) {
            builder = builder.access_token(token);
        }
        if self.credential().is_none() {
            let store = self.open_store().await?;
            builder = builder.store(store);
        }
        for (name, value) in headers {
            builder = builder.header(name.clone(), value.clone());
        }
        let session = builder.build().map_err(|error| self.failure(&error))?;
        // Set once: a command has one session.
        let _ = SESSION.set(session.clone());
        Ok(session)
    }

    /// A session at the same server, with neither credentials nor a place for them.
    pub fn at_the_server(&self) -> SessionBuilder {
        let mut builder = Session::builder()
            .base_url(self.base_url())
            .application(APPLICATION);
        if let Some(url) = &self.graphql_url {
            builder = builder.graphql_url(url);
            // No token can go astray.
            if self.anonymous {
                builder = builder.allow_origin(url);
            }
        }
        for origin in &self.allow_origin {
            builder = builder.allow_origin(origin);
        }
        if let Some(id) = self.client_id() {
            builder = builder.client_id(id);
        }
        builder
    }

    fn headers(&self) -> Result<&[Header], Failure> {
        if let Some(headers) = self.headers.get() {
            return Ok(headers);
        }
        let headers = headers::read(&self.header)?;
        Ok(self.headers.get_or_init(|| headers))
    }

    async fn open_store(&self) -> Result<Arc<dyn Store>, Failure> {
        let place = self.place()?;
        open_store(place)
            .await
            .map_err(|error| self.failure(&error))
    }

    /// Where credentials are kept, where that was said.
    fn place(&self) -> Result<Option<Place>, Failure> {
        let Some(text) = read_variable(STORE_VARIABLE).filter(|_| self.store.is_none()) else {
            return Ok(self.store);
        };
        Place::from_str(&text, false).map(Some).map_err(|_| {
            let places = Place::value_variants().iter();
            let names: Vec<_> = places.filter_map(Place::to_possible_value).collect();
            let names: Vec<&str> = names.iter().map(|name| name.get_name()).collect();
            Failure::usage(
                format!("{STORE_VARIABLE} is `{text}`, which is no store"),
                format!("set it to one of: {}", names.join(", ")),
            )
        })
    }

    fn client_id(&self) -> Option<String> {
        let flag = self.client_id.clone();
        flag.or_else(|| read_variable(CLIENT_ID_VARIABLE))
    }

    fn profile(&self) -> String {
        let flag = self.profile.clone();
        flag.or_else(|| read_variable(PROFILE_VARIABLE))
            .unwrap_or_else(|| DEFAULT_PROFILE.to_owned())
    }

    /// The client's secret, which is never an argument: others on the machine can read those.
    fn client_secret(&self) -> Result<Option<String>, Failure> {
        let Some(path) = &self.client_secret_file else {
            return Ok(read_variable(CLIENT_SECRET_VARIABLE).filter(|_| self.client_id().is_some()));
        };
        let text = std::fs::read_to_string(path).map_err(|error| {
            Failure::usage(
                format!("can't read `{}`: {error}", path.display()),
                "give `--client-secret-file` a file with the client's secret and nothing else",
            )
        })?;
        Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
    }

    /// Whether requests carry what a variable or a flag says, and no login's token.
    pub fn credential(&self) -> Option<&'static str> {
        // What is wrong with a header, the session says.
        if self.headers().is_ok_and(headers::authorize) {
            Some("the `Authorization` header of a file")
        } else if self.anonymous {
            Some("no credential, as `--anonymous` says")
        } else if read_variable(TOKEN_VARIABLE).is_some() {
            Some("the token of ATTENDIUM_TOKEN")
        } else {
            None
        }
    }

    /// The flags for another login of the list.
    pub fn for_login(&self, login: &KnownLogin) -> Self {
        Self {
            anonymous: false,
            header: Vec::new(),
            headers: OnceLock::new(),
            base_url: Some(login.issuer.clone()),
            profile: Some(login.profile.clone()),
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
        if self.is_in_memory() {
            let result = session.login(login.login()).await;
            result.map_err(|error| self.failure(&error))?;
        }
        Ok(session)
    }

    /// The same login at another server.
    pub fn at(mut self, base_url: &str) -> Self {
        self.base_url = Some(base_url.to_owned());
        self
    }

    /// The server.
    pub fn base_url(&self) -> String {
        let flag = self.base_url.clone();
        flag.or_else(|| read_variable(BASE_URL_VARIABLE))
            .unwrap_or_else(|| ATTENDIUM.to_owned())
    }

    /// Whether the server is Attendium itself.
    pub fn is_attendium(&self) -> bool {
        self.base_url() == ATTENDIUM && self.graphql_url.is_none()
    }

    /// Whether the server is that of `attendium sandbox run`.
    fn is_around(&self) -> bool {
        read_variable(AROUND_VARIABLE).is_some_and(|url| url == self.base_url())
    }

    /// Where GraphQL requests go, without what may be a secret.
    fn graphql_url(&self) -> String {
        let base_url = self.base_url();
        let url = match &self.graphql_url {
            Some(url) => url.clone(),
            None => format!("{}/graphql", base_url.trim_end_matches('/')),
        };
        let url = url.split(['?', '#']).next().unwrap_or_default();
        match url.split_once("://") {
            Some((scheme, rest)) => {
                let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
                let host = authority.rsplit('@').next().unwrap_or_default();
                format!("{scheme}://{host}{path}")
            }
            None => url.to_owned(),
        }
    }

    /// Whether the client gets tokens for itself, and nobody logs in.
    pub fn is_client_itself(&self) -> bool {
        self.client_credentials
    }

    /// Whether requests carry no credential.
    pub fn is_anonymous(&self) -> bool {
        self.anonymous
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
        let url = self.graphql_url.iter().filter(|_| self.anonymous);
        let origins = url.chain(&self.allow_origin);
        calls.extend(origins.map(|origin| format!(".allow_origin({origin:?})")));
        calls.extend(
            self.client_id()
                .iter()
                .map(|id| format!(".client_id({id:?})")),
        );
        calls
    }

    /// Turns an error of the session into what the command reports.
    pub fn failure(&self, error: &Error) -> Failure {
        let failure = Failure::from_session(error, &self.flags());
        let base_url = self.base_url();
        let failure = match error {
            // A login that the help asks for would be gone with the server.
            Error::LoginRequired { .. } if self.is_around() => failure.with_help(
                "give it a user who has logged in: `attendium sandbox run --logged-in -- …`",
            ),
            Error::LoginRequired { .. } if !self.is_attendium() => {
                failure.with_more_help("where the API needs no login, give `--anonymous`")
            }
            Error::Discovery(DiscoveryError::NoMetadata { .. }) => failure
                .with_more_help("an API without OAuth is asked with `--anonymous`, and no login"),
            _ => failure,
        };
        // Which server it was is the first question where one was asked. Where it may be the wrong
        // one, the note also says who named it.
        let step = match error {
            Error::Status { step, .. } | Error::Malformed { step, .. } => Some(*step),
            Error::Transport { step, source } => match source.kind() {
                TransportErrorKind::Upload | TransportErrorKind::Setup => return failure,
                _ => Some(*step),
            },
            Error::NoData { .. } | Error::Decode { .. } => Some(Step::Graphql),
            Error::Configuration(_) | Error::Store(_) => return failure,
            _ => None,
        };
        let of_graphql = matches!(step, Some(Step::Graphql | Step::Mutation));
        if step.is_none() && error.to_string().contains(&base_url) {
            return failure;
        }
        let (what, url) = match of_graphql {
            true => ("the GraphQL URL", self.graphql_url()),
            false => ("the base URL", base_url),
        };
        let is_flag = self.base_url.is_some() || (of_graphql && self.graphql_url.is_some());
        let from = if !is_flag && read_variable(BASE_URL_VARIABLE).is_some() {
            format!(", from {BASE_URL_VARIABLE}")
        } else {
            String::new()
        };
        failure.with_note(format!("{what} is {url}{from}"))
    }

    /// The flags with which another command uses this login, quoted for a shell.
    ///
    /// What comes from the environment is not repeated: the other command finds it there too.
    pub fn flags(&self) -> String {
        let mut flags = String::new();
        let mut add = |flag: &str, value: &str| {
            // An argument has no zero byte, which is all that can't be quoted.
            let value = shlex::try_quote(value).unwrap_or_default();
            flags.push_str(&format!(" {flag} {value}"));
        };
        let base_url = self.base_url.as_deref();
        if let Some(url) = said(base_url, BASE_URL_VARIABLE, ATTENDIUM) {
            add("--base-url", url);
        }
        if let Some(id) = said(self.client_id.as_deref(), CLIENT_ID_VARIABLE, "") {
            add("--client-id", id);
        }
        if let Some(path) = &self.client_secret_file {
            add("--client-secret-file", &path.to_string_lossy());
        }
        if let Some(url) = &self.graphql_url {
            add("--graphql-url", url);
        }
        for origin in &self.allow_origin {
            add("--allow-origin", origin);
        }
        if let Some(name) = said(self.profile.as_deref(), PROFILE_VARIABLE, DEFAULT_PROFILE) {
            add("--profile", name);
        }
        let store = self.store.and_then(|place| place.to_possible_value());
        let store = store.as_ref().map(|store| store.get_name());
        if let Some(name) = said(store, STORE_VARIABLE, "") {
            add("--store", name);
        }
        flags
    }

    /// Whether credentials end with the command.
    pub fn is_in_memory(&self) -> bool {
        self.place().ok().flatten() == Some(Place::Memory) && self.credential().is_none()
    }
}

async fn open_store(place: Option<Place>) -> Result<Arc<dyn Store>, Error> {
    Ok(match place {
        #[cfg(feature = "keyring")]
        Some(Place::Keyring) => Arc::new(KeyringStore::new()?),
        Some(Place::File) => Arc::new(FileStore::in_state_directory()?),
        Some(Place::Memory) => Arc::new(MemoryStore::new()),
        None => open_default_store().await?,
    })
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
