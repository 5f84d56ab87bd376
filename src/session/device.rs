//! A login on another device (RFC 8628): the user types a code there, and this machine asks until
//! it was done. Enter at [`log_in`].

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::Instant;
use url::Url;

use crate::error::{Error, LoginError, Refusal, Step, printable};
use crate::http::RetrySafety;
use crate::http::response::unexpected_response;
use crate::http::sent::answered;

use super::clock::deadline_after;
use super::device_code::DeviceCode;
use super::discovery::{Server, is_safe, missing_endpoint};
use super::login::{NewLogin, check_store, exchange};
use super::login_options::Login;
use super::oauth_response::{Members, parse_refusal};
use super::prepared_client::{RedirectTarget, prepare_client};
use super::profile::Profile;
use super::registration::RegisteredClient;
use super::token;

/// What RFC 8628 §3.2 means where the server names no interval, and what `slow_down` adds (§3.5).
const INTERVAL: Duration = Duration::from_secs(5);

/// What the server gave for the login.
struct Begun {
    device_code: SecretString,
    shown: DeviceCode,
    interval: Duration,
}

/// Logs a user in who has a browser on another device.
pub(crate) async fn log_in(profile: &Profile, mut login: Login) -> Result<(), Error> {
    check_store(profile).await?;
    let config = &profile.config;
    let server = config.server_for_login().await?;
    let endpoint = server.device.clone();
    let endpoint = endpoint
        .ok_or_else(|| missing_endpoint(&server.issuer, "device_authorization_endpoint"))?;
    let client = match &config.given_client {
        Some(given) => given.at(&server),
        None => {
            let target = RedirectTarget::Loopback { port: None };
            let again = login.register_again;
            prepare_client(config, &server, &target, again)
                .await?
                .client
        }
    };
    let scopes = login
        .scopes
        .clone()
        .unwrap_or_else(|| config.scopes.clone());
    let parameters = login.parameters.or(&config.parameters);
    let parameters = parameters.with_default_resource(server.resource.as_ref());
    let resources = parameters.resources().to_vec();
    let scope = scopes.join(" ");
    let mut fields = Vec::new();
    if !scope.is_empty() {
        fields.push(("scope", scope.as_str()));
    }
    fields.extend(resources.iter().map(|url| ("resource", url.as_str())));
    let request = token::client_post(&endpoint, &client, &fields)?;
    let response = config
        .sender
        .send(Step::Device, RetrySafety::UnlessProcessedOr503, request)
        .await?;
    let begun = check_response(&response)?;
    login.show_device_code(&begun.shown);

    let limit = begun
        .shown
        .expires_in
        .unwrap_or(login.timeout)
        .min(login.timeout);
    let deadline = deadline_after(limit);
    let mut cancel = login.take_cancel();
    let new = NewLogin {
        server: &server,
        scopes: &scopes,
        resources: &resources,
    };
    let mut interval = begun.interval;
    loop {
        tokio::select! {
            () = tokio::time::sleep(interval) => {}
            () = &mut cancel => return Err(LoginError::Cancelled.into()),
            () = tokio::time::sleep_until(deadline) => return Err(timed_out(limit)),
        }
        match ask(profile, &new, &client, &begun.device_code).await {
            Err(error) if Instant::now() < deadline => {
                interval = wait_after(&server, error, interval)?
            }
            Err(error) => {
                return Err(wait_after(&server, error, interval)
                    .map_or_else(|error| error, |_| timed_out(limit)));
            }
            Ok(()) => return Ok(()),
        }
    }
}

fn timed_out(after: Duration) -> Error {
    LoginError::TimedOut { after }.into()
}

/// Checks the response (RFC 8628 §3.2).
fn check_response(response: &Response<Bytes>) -> Result<Begun, Error> {
    if let Some(refused) = parse_refusal(Step::Device, response) {
        return Err(Error::Refused(refused));
    }
    let members = Members::parse(response).filter(|_| response.status().is_success());
    let members = members.ok_or_else(|| unexpected_response(Step::Device, response))?;
    let failed = |problem: &str| {
        Error::malformed(Step::Device, problem.to_owned()).with_answer(answered(response))
    };
    let url = |name: &str| {
        let url = Url::parse(&members.text(name)?).ok()?;
        is_safe(&url).then_some(url)
    };
    let seconds = |name: &str| {
        let number = members.number(name).filter(|number| *number > 0.0)?;
        Duration::try_from_secs_f64(number.min(1e9)).ok()
    };
    Ok(Begun {
        device_code: members
            .secret("device_code")
            .ok_or_else(|| failed("the server gave no device code"))?,
        shown: DeviceCode {
            // The second one is what drafts called it, and some servers still do.
            url: url("verification_uri")
                .or_else(|| url("verification_url"))
                .ok_or_else(|| failed("the server gave no https address for the user's code"))?,
            user_code: members
                .text("user_code")
                .map(|code| printable(&code))
                .ok_or_else(|| failed("the server gave no code for the user"))?,
            complete_url: url("verification_uri_complete"),
            expires_in: seconds("expires_in"),
        },
        interval: seconds("interval").unwrap_or(INTERVAL),
    })
}

/// Asks whether the user has done it (RFC 8628 §3.4), and keeps the tokens.
async fn ask(
    profile: &Profile,
    new: &NewLogin<'_>,
    client: &RegisteredClient,
    device_code: &SecretString,
) -> Result<(), Error> {
    let mut fields = vec![
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("device_code", device_code.expose_secret()),
    ];
    fields.extend(new.resources.iter().map(|url| ("resource", url.as_str())));
    let request = token::client_post(&new.server.token_endpoint, client, &fields)?;
    exchange(profile, new, client, request).await.map(drop)
}

/// How long to wait before the next question, or the error that ends the login (RFC 8628 §3.5).
fn wait_after(server: &Server, error: Error, interval: Duration) -> Result<Duration, Error> {
    let refusal: &Refusal = match &error {
        Error::Refused(refusal) => refusal,
        // A server or a network that fails says nothing of the user.
        Error::Transport { .. } | Error::Status { status: 500.., .. } => {
            return Ok(interval.saturating_mul(2).min(INTERVAL * 12));
        }
        _ => return Err(error),
    };
    if refusal.is("authorization_pending") {
        Ok(interval)
    } else if refusal.is("slow_down") {
        Ok(interval.saturating_add(INTERVAL))
    } else if refusal.is("access_denied") {
        let denied = LoginError::Denied {
            server: server.issuer.as_str().to_owned(),
            description: refusal.description.clone(),
        };
        Err(denied.into())
    } else {
        Err(error)
    }
}
