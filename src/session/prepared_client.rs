//! Step 2: the registration to log in with, a kept one that fits or a new one, and the redirect URI
//! and the listener for it.
//!
//! Enter at [`prepare_client`]. A registration is made under the store's lock, so that processes
//! that start together register once.

use std::time::SystemTime;

use secrecy::ExposeSecret as _;

use crate::error::{Error, LoginError, Step, StoreError, StoreErrorKind, describe};
use crate::http::RetrySafety;

use super::callback_server::LoopbackListener;
use super::config::{GivenClient, SessionConfig};
use super::discovery::{Server, missing_endpoint};
use super::registration::{self, Management, RegisteredClient};
use super::secret::to_json;
use super::store::{Locked, Stored};

/// How many loopback ports one registration names, so that as many logins can run at once at a
/// server that compares ports exactly (against RFC 8252 §7.3).
const LOOPBACK_PORTS: usize = 4;
/// How many redirect URIs of the application's own stay registered beside the loopback ones.
const MAX_APPLICATION_URIS: usize = 12;
/// How many redirect URIs stay registered beside one of the application's own.
const MAX_OTHER_URIS: usize = 15;

/// Where the user is to come back to.
pub(crate) enum RedirectTarget<'a> {
    /// A listener on this machine, on this port or on one that is registered.
    Loopback { port: Option<u16> },
    /// An address of the application's own.
    Own(&'a str),
}

/// A client, and the listener for its redirect URI where that is on this machine.
pub(crate) struct PreparedClient {
    pub(crate) client: RegisteredClient,
    pub(crate) redirect_uri: String,
    pub(crate) listener: Option<LoopbackListener>,
}

impl PreparedClient {
    fn at_own(client: RegisteredClient, uri: &str) -> Self {
        Self {
            client: for_login(client),
            redirect_uri: uri.to_owned(),
            listener: None,
        }
    }

    fn at_loopback(client: RegisteredClient, listener: LoopbackListener) -> Self {
        Self {
            client: for_login(client),
            redirect_uri: LoopbackListener::redirect_uri(listener.port()),
            listener: Some(listener),
        }
    }
}

/// The client without the token that manages it, which is of no use to a login and would be kept
/// with each.
fn for_login(client: RegisteredClient) -> RegisteredClient {
    RegisteredClient {
        management: None,
        ..client
    }
}

/// Step 2: finds or registers a client. `register_again` ignores the registration that is kept.
pub(crate) async fn prepare_client(
    config: &SessionConfig,
    server: &Server,
    target: &RedirectTarget<'_>,
    register_again: bool,
) -> Result<PreparedClient, Error> {
    if let RedirectTarget::Own(uri) = target {
        registration::check_redirect_uri(uri)?;
    }
    if let Some(given) = &config.given_client {
        return use_given_client(given, server, target).await;
    }
    let kept = config.store.load(&config.registration_key()).await?;
    let version = kept.as_ref().map(|stored| stored.version);
    if !register_again && let Some(prepared) = use_kept_client(config, kept, target).await? {
        return Ok(prepared);
    }
    let unwanted = version.filter(|_| register_again);
    let mut locked = config.lock(&config.registration_key()).await?;
    let result = register_under_lock(config, server, target, unwanted, &mut *locked).await;
    locked.release().await;
    result
}

async fn register_under_lock(
    config: &SessionConfig,
    server: &Server,
    target: &RedirectTarget<'_>,
    unwanted: Option<u64>,
    locked: &mut dyn Locked,
) -> Result<PreparedClient, Error> {
    // A process that started together with this one may have registered while we waited.
    let stored = locked.load().await?;
    let version = stored.as_ref().map(|stored| stored.version);
    let is_wanted = unwanted.is_none() || version != unwanted;
    let kept = stored
        .as_ref()
        .and_then(|stored| parse_client(config, stored).ok());
    let kept_uris = kept
        .as_ref()
        .map(|client| client.redirect_uris.clone())
        .unwrap_or_default();
    let old = kept.filter(|client| is_wanted && client.is_usable(SystemTime::now()));
    if is_wanted && let Some(prepared) = use_kept_client(config, stored, target).await? {
        return Ok(prepared);
    }
    match target {
        RedirectTarget::Own(uri) => {
            let mut uris = vec![(*uri).to_owned()];
            let others = kept_uris.into_iter().filter(|other| other != uri);
            uris.extend(others.take(MAX_OTHER_URIS));
            let client = update_or_register(config, server, old.as_ref(), &uris).await?;
            keep_client(config, &client, version, locked).await?;
            Ok(PreparedClient::at_own(client, uri))
        }
        RedirectTarget::Loopback { port } => {
            let listener = LoopbackListener::bind(port.unwrap_or(0)).await?;
            let mut uris = vec![LoopbackListener::redirect_uri(listener.port())];
            uris.extend(free_redirect_uris(LOOPBACK_PORTS - 1).await);
            let own = kept_uris
                .into_iter()
                .filter(|uri| LoopbackListener::port_of(uri).is_none());
            uris.extend(own.take(MAX_APPLICATION_URIS));
            let client = update_or_register(config, server, old.as_ref(), &uris).await?;
            keep_client(config, &client, version, locked).await?;
            Ok(PreparedClient::at_loopback(client, listener))
        }
    }
}

/// Redirect URIs of ports that are free now.
async fn free_redirect_uris(count: usize) -> Vec<String> {
    // Held until all are chosen, so that they differ.
    let mut listeners = Vec::new();
    while listeners.len() < count
        && let Ok(listener) = LoopbackListener::bind(0).await
    {
        listeners.push(listener);
    }
    listeners
        .iter()
        .map(|listener| LoopbackListener::redirect_uri(listener.port()))
        .collect()
}

/// Changes the registration that is there, where the server lets it be changed; else registers
/// anew. Logins of a client that is changed go on.
async fn update_or_register(
    config: &SessionConfig,
    server: &Server,
    old: Option<&RegisteredClient>,
    redirect_uris: &[String],
) -> Result<RegisteredClient, Error> {
    if let Some(old) = old
        && let Some(management) = &old.management
    {
        match update(config, server, old, management, redirect_uris).await {
            Ok(client) => return Ok(client),
            Err(error) => tracing::debug!(
                target: "attendium::session",
                error = describe(&error),
                "the registration could not be changed: the application registers anew"
            ),
        }
    }
    register(config, server, redirect_uris).await
}

async fn update(
    config: &SessionConfig,
    server: &Server,
    old: &RegisteredClient,
    management: &Management,
    redirect_uris: &[String],
) -> Result<RegisteredClient, Error> {
    let application = &config.application;
    let request =
        registration::update_request(server, old, management, application, redirect_uris)?;
    let safety = RetrySafety::UnlessProcessedOr503;
    let response = config
        .sender
        .send(Step::Registration, safety, request)
        .await?;
    let allowed = &config.allowed_origins;
    registration::check_update(server, allowed, old, redirect_uris, response)
}

/// Deletes the registration: at the server, where it told how, and then here. Gives whether the
/// server confirmed it. One that the server would not delete is kept, so that it can be tried
/// again.
pub(crate) async fn delete_client(config: &SessionConfig) -> Result<bool, Error> {
    let mut locked = config.lock(&config.registration_key()).await?;
    let result = delete_under_lock(config, &mut *locked).await;
    locked.release().await;
    result
}

async fn delete_under_lock(config: &SessionConfig, locked: &mut dyn Locked) -> Result<bool, Error> {
    let Some(stored) = locked.load().await? else {
        return Ok(false);
    };
    // A record that can't be read can still be erased.
    let client = parse_client(config, &stored).ok();
    let confirmed = match client.and_then(|client| client.management) {
        Some(management) => {
            let request = registration::delete_request(&management)?;
            let step = Step::RegistrationDeletion;
            let sending = config.sender.send(step, RetrySafety::Idempotent, request);
            registration::check_deletion(&sending.await?)?
        }
        None => false,
    };
    locked.replace(Some(stored.version), None).await?;
    Ok(confirmed)
}

async fn register(
    config: &SessionConfig,
    server: &Server,
    redirect_uris: &[String],
) -> Result<RegisteredClient, Error> {
    let endpoint = server.registration_endpoint.as_ref();
    let endpoint =
        endpoint.ok_or_else(|| missing_endpoint(&server.issuer, "registration_endpoint"))?;
    let request = registration::request(server, endpoint, &config.application, redirect_uris)?;
    let response = config
        .sender
        .send(
            Step::Registration,
            RetrySafety::UnlessProcessedOr503,
            request,
        )
        .await?;
    let client =
        registration::check_response(server, &config.allowed_origins, redirect_uris, response)?;
    tracing::info!(
        target: "attendium::session",
        issuer = config.issuer.as_str(),
        client_id = client.id,
        "the application was registered"
    );
    Ok(client)
}

async fn keep_client(
    config: &SessionConfig,
    client: &RegisteredClient,
    over: Option<u64>,
    locked: &mut dyn Locked,
) -> Result<(), Error> {
    let record = to_json(client).map_err(|_| corrupt_registration(config))?;
    locked.replace(over, Some(record)).await?;
    Ok(())
}

fn parse_client(config: &SessionConfig, stored: &Stored) -> Result<RegisteredClient, Error> {
    serde_json::from_str(stored.secret.expose_secret()).map_err(|_| corrupt_registration(config))
}

fn corrupt_registration(config: &SessionConfig) -> Error {
    let location = config.store.location(&config.registration_key());
    StoreError::new(location.to_string(), StoreErrorKind::Corrupt).into()
}

/// Uses a kept registration where it serves this login: it has the redirect URI, and the port is
/// free.
async fn use_kept_client(
    config: &SessionConfig,
    stored: Option<Stored>,
    target: &RedirectTarget<'_>,
) -> Result<Option<PreparedClient>, Error> {
    let Some(stored) = stored else {
        return Ok(None);
    };
    let client = parse_client(config, &stored)?;
    if !client.is_usable(SystemTime::now()) {
        return Ok(None);
    }
    match target {
        RedirectTarget::Own(uri) => Ok(client
            .has_redirect_uri(uri)
            .then(|| PreparedClient::at_own(client, uri))),
        RedirectTarget::Loopback { port: Some(port) } => {
            if !client.has_redirect_uri(&LoopbackListener::redirect_uri(*port)) {
                return Ok(None);
            }
            let listener = LoopbackListener::bind(*port).await?;
            Ok(Some(PreparedClient::at_loopback(client, listener)))
        }
        RedirectTarget::Loopback { port: None } => {
            let ports = client
                .redirect_uris
                .iter()
                .filter_map(|uri| LoopbackListener::port_of(uri));
            for port in ports {
                if let Ok(listener) = LoopbackListener::bind(port).await {
                    return Ok(Some(PreparedClient::at_loopback(client, listener)));
                }
            }
            Ok(None)
        }
    }
}

/// Uses a client id that was given by hand: its redirect URIs are the application's business.
async fn use_given_client(
    given: &GivenClient,
    server: &Server,
    target: &RedirectTarget<'_>,
) -> Result<PreparedClient, Error> {
    let client = |uri: &str| RegisteredClient {
        redirect_uris: vec![uri.to_owned()],
        ..given.at(server)
    };
    Ok(match target {
        RedirectTarget::Own(uri) => PreparedClient::at_own(client(uri), uri),
        RedirectTarget::Loopback { port } => {
            let listener = LoopbackListener::bind(port.unwrap_or(0)).await?;
            let uri = LoopbackListener::redirect_uri(listener.port());
            PreparedClient::at_loopback(client(&uri), listener)
        }
    })
}

/// Forgets a client that the server has forgotten, and registers again, once.
///
/// A client that another process has registered meanwhile stays.
pub(crate) async fn replace_client(
    config: &SessionConfig,
    forgotten: &RegisteredClient,
) -> Result<(), Error> {
    if config.given_client.is_some() {
        let server = config.issuer.as_str().to_owned();
        return Err(LoginError::ClientForgotten { server }.into());
    }
    let server = config.server_for_login().await?;
    let mut locked = config.lock(&config.registration_key()).await?;
    let result = replace_under_lock(config, &server, forgotten, &mut *locked).await;
    locked.release().await;
    result
}

async fn replace_under_lock(
    config: &SessionConfig,
    server: &Server,
    forgotten: &RegisteredClient,
    locked: &mut dyn Locked,
) -> Result<(), Error> {
    let Some(stored) = locked.load().await? else {
        return Ok(());
    };
    if parse_client(config, &stored)?.id != forgotten.id {
        return Ok(());
    }
    // Erased before the new one is asked for: whatever comes of that, the dead one is not found
    // again.
    locked.replace(Some(stored.version), None).await?;
    let client = register(config, server, &forgotten.redirect_uris).await?;
    keep_client(config, &client, None, locked).await
}
