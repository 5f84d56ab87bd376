//! Logging a user in. Enter at [`log_in`] for a browser that comes back to this machine, at
//! [`begin`] and [`finish`] for a web application.
//!
//! Steps 1 and 2 give a client, step 3 a code, steps 4 and 5 tokens that are kept and used.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::Request;
use secrecy::ExposeSecret as _;
use tokio::sync::mpsc;
use tokio::time::Instant;
use url::Url;

use crate::error::{ConfigurationError, Error, LoginError, LoginRequired, Step, describe};
use crate::http::{BoxFuture, RetrySafety};

use super::authorization::{self, AuthorizationCode, PendingLogin};
use super::callback_server::{CallbackRequest, CallbackServer};
use super::clock::deadline_after;
use super::critical::CriticalWork;
use super::discovery::Server;
use super::login_options::{Login, print_to_terminal};
use super::page::Page;
use super::parameters::LoginParameters;
use super::persist::persist;
use super::prepared_client::{PreparedClient, RedirectTarget, prepare_client, replace_client};
use super::profile::{Profile, UsableTokens};
use super::registration::{self, RegisteredClient};
use super::revocation;
use super::token::{self, Grant, ReplacedToken, Tokens};

/// The oldest login that can be finished: servers give up earlier.
const OLDEST: Duration = Duration::from_secs(86_400);

/// Logs a user in, over a listener on this machine that the browser comes back to.
pub(crate) async fn log_in(profile: &Profile, mut login: Login) -> Result<(), Error> {
    check_store(profile).await?;
    let server = profile.config.server_for_login().await?;
    let mut wait = CallbackWait::new(&mut login);
    match try_log_in(profile, &server, &mut login, &mut wait).await? {
        LoginAttempt::Done => return Ok(()),
        LoginAttempt::ClientForgotten => login.register_again = false,
    }
    // The client was forgotten between its registration and now. Once more, and never in a circle.
    match try_log_in(profile, &server, &mut login, &mut wait).await? {
        LoginAttempt::Done => Ok(()),
        LoginAttempt::ClientForgotten => {
            let server = server.issuer.as_str().to_owned();
            Err(LoginError::ClientForgotten { server }.into())
        }
    }
}

/// How one attempt to log in ended.
enum LoginAttempt {
    Done,
    /// The server no longer knew the client, which was registered again.
    ClientForgotten,
}

async fn try_log_in(
    profile: &Profile,
    server: &Server,
    login: &mut Login,
    wait: &mut CallbackWait,
) -> Result<LoginAttempt, Error> {
    let config = &profile.config;
    let scopes = login.scopes.as_ref().unwrap_or(&config.scopes);
    let target = RedirectTarget::Loopback { port: login.port };
    let PreparedClient {
        client,
        redirect_uri,
        listener,
    } = prepare_client(config, server, &target, login.register_again).await?;
    let parameters = login.parameters.or(&config.parameters);
    let parameters = parameters.with_default_resource(server.resource.as_ref());
    let (url, pending) = authorization::begin(
        server,
        &client,
        &profile.name,
        &redirect_uri,
        scopes,
        &parameters,
    )?;
    let mut callbacks = listener
        .ok_or(ConfigurationError::RedirectUri { uri: redirect_uri })?
        .serve();
    login.show_url(&url);
    let (code, visitors) = wait
        .for_code(profile, server, &pending, &mut callbacks)
        .await?;
    let finishing = finish_with_code(profile, server, &client, &pending, code);
    let (result, visitors) =
        answer_while(finishing, server, &pending, &mut callbacks, visitors).await;
    let page = last_page(profile, &result);
    for visitor in visitors {
        visitor.answer(page.clone());
    }
    callbacks.close().await;
    match result {
        Ok(_) => Ok(LoginAttempt::Done),
        Err(Error::Refused(refusal))
            if refusal.is("invalid_client") && config.given_client.is_none() =>
        {
            replace_client(config, &client).await?;
            Ok(LoginAttempt::ClientForgotten)
        }
        Err(error) => Err(error),
    }
}

/// Begins a login whose callback comes to an address of the application's own.
pub(crate) async fn begin(
    profile: &Profile,
    redirect_uri: &str,
    parameters: &LoginParameters,
) -> Result<(Url, PendingLogin), Error> {
    let config = &profile.config;
    registration::check_redirect_uri(redirect_uri)?;
    let server = config.server_for_login().await?;
    let target = RedirectTarget::Own(redirect_uri);
    let prepared = prepare_client(config, &server, &target, false).await?;
    let parameters = parameters.or(&config.parameters);
    authorization::begin(
        &server,
        &prepared.client,
        &profile.name,
        redirect_uri,
        &config.scopes,
        &parameters.with_default_resource(server.resource.as_ref()),
    )
}

/// Finishes a login that [`begin`] began. `profile` is the one that it was begun with.
pub(crate) async fn finish(
    profile: &Profile,
    pending: &PendingLogin,
    query: &str,
) -> Result<(), Error> {
    let config = &profile.config;
    if pending.age() > OLDEST && pending.begun_at != 0 {
        let after = pending.age();
        return Err(LoginError::TimedOut { after }.into());
    }
    let server = config.server_for_login().await?;
    if pending.issuer != server.issuer.as_str() {
        return Err(LoginError::ForeignLogin.into());
    }
    let code = authorization::check_callback(&server, pending, query)?;
    let client = match (&config.given_client, &pending.client) {
        (Some(given), _) => given.at(&server),
        (None, Some(client)) => client.clone(),
        (None, None) => {
            let target = RedirectTarget::Own(&pending.redirect_uri);
            prepare_client(config, &server, &target, false)
                .await?
                .client
        }
    };
    if client.id != pending.client_id {
        return Err(LoginError::ForeignLogin.into());
    }
    match finish_with_code(profile, &server, &client, pending, code).await {
        Ok(_) => Ok(()),
        Err(Error::Refused(refusal))
            if refusal.is("invalid_client") && config.given_client.is_none() =>
        {
            replace_client(config, &client).await?;
            Err(config.login_required(LoginRequired::ClientForgotten))
        }
        Err(error) => Err(error),
    }
}

/// Checks that a login can be kept, before the user is sent anywhere.
///
/// The lock may be held by a refresh that hangs, which says nothing against the store: the link is
/// shown then all the same.
pub(crate) async fn check_store(profile: &Profile) -> Result<(), Error> {
    let stored = profile.config.store.load(&profile.key).await?;
    if let Some(stored) = stored {
        profile.parse_record(stored)?;
    }
    let locking = profile.config.lock(&profile.key);
    if let Ok(locked) = tokio::time::timeout(Duration::from_secs(1), locking).await {
        locked?.release().await;
    }
    Ok(())
}

/// Steps 4 and 5: the code becomes tokens, and the tokens are kept and then used.
async fn finish_with_code(
    profile: &Profile,
    server: &Server,
    client: &RegisteredClient,
    pending: &PendingLogin,
    code: AuthorizationCode,
) -> Result<Arc<UsableTokens>, Error> {
    let request = token::exchange_request(server, client, pending, &code)?;
    let new = NewLogin {
        server,
        scopes: &pending.scopes,
        resources: &pending.resources,
    };
    exchange(profile, &new, client, request).await
}

/// Sends the request that exchanges a code, and keeps the tokens that it brings.
pub(crate) async fn exchange(
    profile: &Profile,
    new: &NewLogin<'_>,
    client: &RegisteredClient,
    request: Request<Bytes>,
) -> Result<Arc<UsableTokens>, Error> {
    let critical = profile.config.critical.begin();
    let sent = SystemTime::now();
    let response = profile
        .config
        .sender
        .send(Step::Exchange, RetrySafety::UnlessProcessedOr503, request)
        .await?;
    let grant = Grant::Code { scopes: new.scopes };
    let tokens = token::check_response(&grant, client, sent, response);
    let tokens = tokens.map_err(|unusable| unusable.error)?;
    keep_login(profile, new, tokens, critical).await
}

/// What a login was begun with.
pub(crate) struct NewLogin<'a> {
    pub(crate) server: &'a Server,
    pub(crate) scopes: &'a [String],
    pub(crate) resources: &'a [String],
}

/// Step 5: keeps the tokens of a new login, and then uses them. What must not be interrupted ends
/// when they are kept.
async fn keep_login(
    profile: &Profile,
    new: &NewLogin<'_>,
    tokens: Tokens,
    critical: CriticalWork<'_>,
) -> Result<Arc<UsableTokens>, Error> {
    let tokens = Tokens {
        token_endpoint: Some(new.server.token_endpoint.clone()),
        revocation_endpoint: new.server.revocation_endpoint.clone(),
        resources: new.resources.to_vec(),
        ..tokens
    };
    tracing::info!(
        target: "attendium::session",
        issuer = new.server.issuer.as_str(),
        profile = profile.name,
        "logged in"
    );
    tell_missing_scopes(new.scopes, &tokens.scopes);
    // Kept first, so that nothing that fails from here on can lose the login.
    let (mut authorized, replaced) = keep_tokens(profile, tokens).await?;
    drop(critical);
    let account = find_account(profile, &authorized).await;
    let (ended, left) = match replaced {
        Some(old) if ends_alone(profile, &old, &authorized.tokens, account.as_deref()) => {
            (Some(old), Vec::new())
        }
        Some(old) => (None, tokens_left(old)),
        None => (None, Vec::new()),
    };
    if account.is_some() || !left.is_empty() {
        let tokens = Tokens {
            account: account.clone(),
            replaced: left,
            ..authorized.tokens.clone()
        };
        authorized = keep_tokens(profile, tokens).await?.0;
    }
    if let Some(ended) = ended {
        revoke_replaced(profile, &ended).await;
    }
    Ok(authorized)
}

/// Refresh tokens of replaced logins that are kept at most: some stores hold little.
const KEPT_REPLACED: usize = 2;

/// Whether the old login can be revoked without harm to the new one.
///
/// Some servers take two logins of one person with one client for the same grant, and end both when
/// one refresh token is revoked.
fn ends_alone(profile: &Profile, old: &Tokens, new: &Tokens, account: Option<&str>) -> bool {
    let other_person = matches!((&old.account, account), (Some(old), Some(new)) if old != new);
    let other_client = old.client.id != new.client.id;
    other_person || other_client || profile.config.revoke_replaced
}

/// What is left at the server of a login that can't be revoked yet: it ends with the new one.
fn tokens_left(old: Tokens) -> Vec<ReplacedToken> {
    let own = old.refresh.map(|refresh| ReplacedToken { refresh });
    let all = own.into_iter().chain(old.replaced);
    all.take(KEPT_REPLACED).collect()
}

/// Says which scopes were asked for and not granted (RFC 6749 §3.3).
fn tell_missing_scopes(asked: &[String], granted: &[String]) {
    let missing: Vec<&str> = asked
        .iter()
        .filter(|scope| !granted.contains(scope))
        .map(String::as_str)
        .collect();
    if !missing.is_empty() {
        tracing::warn!(
            target: "attendium::session",
            missing = missing.join(" "),
            "the server granted fewer scopes than were asked for"
        );
    }
}

/// Revokes the login that another one has replaced: nobody can end it any more who has only the new
/// one. The person at the browser does not wait long for it.
async fn revoke_replaced(profile: &Profile, replaced: &Tokens) {
    let revoking = revocation::revoke(&profile.config, replaced);
    let outcome = tokio::time::timeout(Duration::from_secs(5), revoking).await;
    let failure = match &outcome {
        Ok(Ok(_)) => return,
        Ok(Err(error)) => describe(error),
        Err(_) => "the server took too long".to_owned(),
    };
    tracing::warn!(
        target: "attendium::session",
        profile = profile.name,
        error = failure,
        "the login that was replaced could not be revoked at the server"
    );
}

/// Who logged in, where the session was told how to ask.
async fn find_account(profile: &Profile, authorized: &UsableTokens) -> Option<String> {
    let query = profile.config.account.as_ref()?;
    let header = authorized.header.clone();
    query.find_account(&profile.config.graphql, header).await
}

/// Writes the tokens of a new login over what is there, under the lock, and uses them. Gives the
/// login that was there, where it is another one.
async fn keep_tokens(
    profile: &Profile,
    tokens: Tokens,
) -> Result<(Arc<UsableTokens>, Option<Tokens>), Error> {
    let record = profile.serialize_record(&tokens)?;
    let mut locked = profile.config.lock(&profile.key).await?;
    let result = async {
        let found = locked.load().await?;
        let over = found.as_ref().map(|stored| stored.version);
        let version = persist(&profile.config, &mut *locked, over, record).await?;
        let unsaved = profile.config.unsaved.take(&profile.name);
        let unsaved = unsaved.filter(|unsaved| Some(unsaved.over) == over);
        let replaced = match (unsaved, found) {
            (Some(unsaved), _) => Some(unsaved.tokens),
            (None, found) => found
                .and_then(|stored| profile.parse_record(stored).ok())
                .map(|authorized| authorized.tokens),
        };
        Ok::<_, Error>((version, replaced))
    }
    .await;
    locked.release().await;
    let (version, replaced) = result?;
    let replaced = replaced.filter(|replaced| {
        replaced.access.expose_secret() != tokens.access.expose_secret()
            && replaced.refresh.as_ref().map(|token| token.expose_secret())
                != tokens.refresh.as_ref().map(|token| token.expose_secret())
    });
    let authorized = UsableTokens::new(tokens, version)?;
    Ok((profile.set_current_tokens(authorized), replaced))
}

/// The page that the browser ends at.
fn last_page(profile: &Profile, result: &Result<Arc<UsableTokens>, Error>) -> Page {
    let application = profile.config.application.clone();
    match result {
        Ok(authorized) => {
            let account = authorized.tokens.account.as_ref();
            Page::Done {
                application,
                account: account.unwrap_or(&profile.name).clone(),
                issuer: profile.config.issuer.as_str().to_owned(),
            }
        }
        Err(error) => failure_page(profile, error),
    }
}

fn failure_page(profile: &Profile, error: &Error) -> Page {
    Page::Failed {
        application: profile.config.application.clone(),
        message: describe(error),
        help: error.help().into_owned(),
    }
}

/// What a login waits for, beside the browser.
struct CallbackWait {
    pasted: Option<mpsc::Receiver<String>>,
    cancel: BoxFuture<'static, ()>,
    deadline: Instant,
    timeout: Duration,
}

impl CallbackWait {
    fn new(login: &mut Login) -> Self {
        Self {
            pasted: login.take_pasted(),
            cancel: login.take_cancel(),
            deadline: deadline_after(login.timeout),
            timeout: login.timeout,
        }
    }

    /// Waits for the callback with the right `state`, from the browser or pasted. Other callbacks
    /// are told so, and change nothing.
    async fn for_code(
        &mut self,
        profile: &Profile,
        server: &Server,
        pending: &PendingLogin,
        callbacks: &mut CallbackServer,
    ) -> Result<(AuthorizationCode, Vec<CallbackRequest>), Error> {
        loop {
            let (query, visitor) = tokio::select! {
                request = callbacks.next_request() => (request.query.clone(), Some(request)),
                line = next_line(&mut self.pasted) => {
                    match parse_pasted(&line, &pending.redirect_uri) {
                        Ok(query) => (query, None),
                        Err(error) => {
                            print_error(&error);
                            continue;
                        }
                    }
                }
                () = &mut self.cancel => return Err(LoginError::Cancelled.into()),
                () = tokio::time::sleep_until(self.deadline) => {
                    return Err(LoginError::TimedOut { after: self.timeout }.into());
                }
            };
            match (
                authorization::check_callback(server, pending, &query),
                visitor,
            ) {
                (Ok(code), visitor) => return Ok((code, visitor.into_iter().collect())),
                (Err(LoginError::StateMismatch), Some(visitor)) => {
                    tracing::debug!(
                        target: "attendium::session",
                        "a callback of another login was turned away"
                    );
                    visitor.answer(Page::NotOurs);
                }
                (Err(error @ LoginError::StateMismatch), None) => print_error(&error),
                (Err(error), visitor) => {
                    let error = Error::from(error);
                    if let Some(visitor) = visitor {
                        visitor.answer(failure_page(profile, &error));
                        // The page must be out before the port closes.
                        callbacks.drain().await;
                    }
                    return Err(error);
                }
            }
        }
    }
}

/// The next pasted line. Without one it waits for ever.
async fn next_line(pasted: &mut Option<mpsc::Receiver<String>>) -> String {
    if let Some(lines) = pasted {
        if let Some(line) = lines.recv().await {
            return line;
        }
        *pasted = None;
    }
    std::future::pending().await
}

/// The query of a pasted address, which must be the redirect URI's.
fn parse_pasted(line: &str, redirect_uri: &str) -> Result<String, LoginError> {
    let url = Url::parse(line.trim().trim_matches(['"', '\'', '<', '>']))
        .map_err(|_| LoginError::NotACallback)?;
    let mut bare = url.clone();
    bare.set_query(None);
    bare.set_fragment(None);
    match url.query() {
        Some(query) if bare.as_str() == redirect_uri => Ok(query.to_owned()),
        _ => Err(LoginError::NotACallback),
    }
}

fn print_error(error: &LoginError) {
    print_to_terminal(format_args!("{error}\n  help: {}", error.help()));
}

/// Goes on answering while the code is exchanged: a second callback of this login gets the page
/// that the first one gets.
async fn answer_while<T>(
    work: impl Future<Output = T>,
    server: &Server,
    pending: &PendingLogin,
    callbacks: &mut CallbackServer,
    mut visitors: Vec<CallbackRequest>,
) -> (T, Vec<CallbackRequest>) {
    tokio::pin!(work);
    loop {
        tokio::select! {
            result = &mut work => return (result, visitors),
            request = callbacks.next_request() => {
                match authorization::check_callback(server, pending, &request.query) {
                    Ok(_) => visitors.push(request),
                    Err(_) => request.answer(Page::NotOurs),
                }
            }
        }
    }
}
