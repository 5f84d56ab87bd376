//! Step 2: the application becomes a client of the server (RFC 7591). Gives a [`RegisteredClient`].
//! A server may let it be changed and deleted later (RFC 7592): [`Management`].

use std::collections::BTreeSet;
use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use oauth2::RedirectUrl;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::error::{ConfigurationError, Error, Step, printable};
use crate::http::response::unexpected_response;
use crate::http::sent::answered;

use super::client_authentication::Authentication;
use super::discovery::{Server, endpoint, is_safe, to_uri};
use super::oauth_response::{Members, parse_refusal};
use super::secret::{authorization_header, serde_text};

/// A client that the server knows. Kept per (issuer, application), and found again on the next run.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct RegisteredClient {
    pub(crate) id: String,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "serde_text::optional"
    )]
    pub(crate) secret: Option<SecretString>,
    /// Unix seconds; 0 for never (RFC 7591 §3.2.1).
    #[serde(default)]
    pub(crate) secret_expires_at: u64,
    /// How the client proves itself at the token endpoint.
    #[serde(default)]
    pub(crate) authentication: Authentication,
    pub(crate) redirect_uris: Vec<String>,
    /// In the registration's own record alone: a login has no need of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) management: Option<Management>,
}

/// How a registration is changed and deleted (RFC 7592 §3).
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Management {
    pub(crate) endpoint: Url,
    #[serde(with = "serde_text")]
    pub(crate) token: SecretString,
}

impl RegisteredClient {
    /// Whether the server still takes the client's secret, where there is one.
    pub(crate) fn is_usable(&self, now: SystemTime) -> bool {
        let seconds = now
            .duration_since(SystemTime::UNIX_EPOCH)
            .map_or(0, |time| time.as_secs());
        self.secret_expires_at == 0 || seconds < self.secret_expires_at
    }

    /// Whether this very URI was registered: a server may compare redirect URIs as strings, port
    /// included.
    pub(crate) fn has_redirect_uri(&self, redirect_uri: &str) -> bool {
        self.redirect_uris
            .iter()
            .any(|registered| registered == redirect_uri)
    }
}

/// Checks a redirect URI: https, or http with a loopback host (RFC 8252 §7.3).
pub(crate) fn check_redirect_uri(text: &str) -> Result<RedirectUrl, Error> {
    RedirectUrl::new(text.to_owned())
        .ok()
        .filter(|redirect| {
            let url = redirect.url();
            is_safe(url)
                && url.fragment().is_none()
                && url.username().is_empty()
                && url.password().is_none()
                && (url.scheme() == "https"
                    || matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]")))
        })
        .ok_or_else(|| {
            ConfigurationError::RedirectUri {
                uri: printable(text),
            }
            .into()
        })
}

#[derive(Serialize)]
struct RegistrationRequest<'a> {
    /// Of the registration that is changed (RFC 7592 §2.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<&'a str>,
    redirect_uris: &'a [String],
    client_name: &'a str,
    /// OpenID Connect Registration §2: loopback addresses are for native applications alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    application_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_endpoint_auth_method: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    grant_types: Option<Vec<&'static str>>,
}

/// Asks for a client (RFC 7591 §3.1): the two members that Attendium documents, and two more for
/// servers whose metadata asks for them.
pub(crate) fn request(
    server: &Server,
    endpoint: &Url,
    application: &str,
    redirect_uris: &[String],
) -> Result<Request<Bytes>, Error> {
    let method = server.authentication.preferred();
    let body = metadata(server, application, redirect_uris, None, method)?;
    Ok(json_request(http::Method::POST, endpoint, body))
}

/// Asks for other redirect URIs of a client (RFC 7592 §2.2). Its secret is not sent: it stays.
pub(crate) fn update_request(
    server: &Server,
    client: &RegisteredClient,
    management: &Management,
    application: &str,
    redirect_uris: &[String],
) -> Result<Request<Bytes>, Error> {
    let (id, method) = (Some(client.id.as_str()), Some(client.authentication));
    let body = metadata(server, application, redirect_uris, id, method)?;
    let request = json_request(http::Method::PUT, &management.endpoint, body);
    authorize(request, management)
}

/// Asks the server to delete a client (RFC 7592 §2.3).
pub(crate) fn delete_request(management: &Management) -> Result<Request<Bytes>, Error> {
    let request = json_request(http::Method::DELETE, &management.endpoint, Vec::new());
    authorize(request, management)
}

fn authorize(
    mut request: Request<Bytes>,
    management: &Management,
) -> Result<Request<Bytes>, Error> {
    let header = authorization_header("Bearer", management.token.expose_secret())?;
    request.headers_mut().insert(header::AUTHORIZATION, header);
    Ok(request)
}

/// What the client is to be (RFC 7591 §2).
fn metadata(
    server: &Server,
    application: &str,
    redirect_uris: &[String],
    client_id: Option<&str>,
    method: Option<Authentication>,
) -> Result<Vec<u8>, Error> {
    let unique: BTreeSet<&String> = redirect_uris.iter().collect();
    for redirect_uri in unique {
        check_redirect_uri(redirect_uri)?;
    }
    let wanted = RegistrationRequest {
        client_id,
        redirect_uris,
        client_name: application,
        application_type: redirect_uris
            .iter()
            .all(|uri| uri.starts_with("http://"))
            .then_some("native"),
        token_endpoint_auth_method: method.map(Authentication::name),
        grant_types: wanted_grants(server),
    };
    serde_json::to_vec(&wanted)
        .map_err(|_| Error::malformed(Step::Registration, "the application's name can't be sent"))
}

fn json_request(method: http::Method, endpoint: &Url, body: Vec<u8>) -> Request<Bytes> {
    let mut request = Request::new(Bytes::from(body));
    *request.method_mut() = method;
    *request.uri_mut() = to_uri(endpoint);
    request.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    request
        .headers_mut()
        .insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    request
}

/// The grants that a registration asks for, where the server's metadata offers more than the code
/// (RFC 7591 §2).
fn wanted_grants(server: &Server) -> Option<Vec<&'static str>> {
    let mut grants = vec!["authorization_code"];
    if server.offers_refresh || server.device.is_some() {
        grants.push("refresh_token");
    }
    if server.device.is_some() {
        grants.push("urn:ietf:params:oauth:grant-type:device_code");
    }
    (grants.len() > 1).then_some(grants)
}

/// Checks the response (RFC 7591 §3.2.1). `{"client_id": …}` alone is enough, and other members are
/// tolerated, whatever they are.
pub(crate) fn check_response(
    server: &Server,
    allowed: &[String],
    redirect_uris: &[String],
    response: Response<Bytes>,
) -> Result<RegisteredClient, Error> {
    if let Some(refused) = parse_refusal(Step::Registration, &response) {
        return Err(Error::Refused(refused));
    }
    if !response.status().is_success() {
        return Err(unexpected_response(Step::Registration, &response));
    }
    let members = Members::parse(&response)
        .ok_or_else(|| unexpected_response(Step::Registration, &response))?;
    let failed = |problem: &str| {
        Error::malformed(Step::Registration, problem.to_owned()).with_answer(answered(&response))
    };
    let id = members
        .text("client_id")
        .filter(|id| !id.chars().any(char::is_control))
        .ok_or_else(|| failed("the server gave no usable client id"))?;
    let secret = members.secret("client_secret");
    let method = members.text("token_endpoint_auth_method");
    let authentication = match (&secret, method.as_deref()) {
        (None, _) => Authentication::None,
        (Some(_), None) => server.authentication.for_secret(),
        (Some(_), Some(name)) => Authentication::from_name(name).ok_or_else(|| {
            failed("the server wants a way of client authentication that is not supported")
        })?,
    };
    Ok(RegisteredClient {
        id,
        secret: secret.filter(|_| authentication != Authentication::None),
        secret_expires_at: members
            .number("client_secret_expires_at")
            .map_or(0, |seconds| seconds.max(0.0) as u64),
        authentication,
        redirect_uris: redirect_uris.to_vec(),
        management: check_management(server, allowed, &members),
    })
}

/// Where the client is managed, and with which token: both, or neither. A place that a token must
/// not be sent to counts as none.
fn check_management(server: &Server, allowed: &[String], members: &Members) -> Option<Management> {
    let place = members.text("registration_client_uri")?;
    let name = "registration_client_uri";
    Some(Management {
        endpoint: endpoint(&server.issuer, allowed, name, Some(&place)).ok()??,
        token: members.secret("registration_access_token")?,
    })
}

/// Checks the response to a change (RFC 7592 §3). What the server does not say is as it was.
pub(crate) fn check_update(
    server: &Server,
    allowed: &[String],
    old: &RegisteredClient,
    redirect_uris: &[String],
    response: Response<Bytes>,
) -> Result<RegisteredClient, Error> {
    let new = check_response(server, allowed, redirect_uris, response)?;
    let same = new.id == old.id;
    let management = new.management.clone();
    let base = if same && new.secret.is_none() {
        old.clone()
    } else {
        new
    };
    Ok(RegisteredClient {
        management: management.or_else(|| old.management.clone().filter(|_| same)),
        redirect_uris: redirect_uris.to_vec(),
        ..base
    })
}

/// Checks the response to a deletion (RFC 7592 §2.3). Gives whether the server confirmed it: a
/// client that it no longer knows, or whose token it no longer takes, is gone as well.
pub(crate) fn check_deletion(response: &Response<Bytes>) -> Result<bool, Error> {
    let step = Step::RegistrationDeletion;
    match response.status() {
        status if status.is_success() => Ok(true),
        StatusCode::UNAUTHORIZED | StatusCode::NOT_FOUND | StatusCode::GONE => Ok(false),
        _ => Err(parse_refusal(step, response)
            .map_or_else(|| unexpected_response(step, response), Error::Refused)),
    }
}
