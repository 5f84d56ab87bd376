//! Step 4: a code or a refresh token becomes [`Tokens`] (RFC 6749 §4.1.3, §5, §6).
//!
//! Tokens are revoked here as well (RFC 7009).

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Deserializer, Serialize};
use url::{Url, form_urlencoded};
use zeroize::{Zeroize as _, Zeroizing};

use crate::error::{Error, Refusal, Step, printable};
use crate::http::response::unexpected_response;

use super::authorization::{AuthorizationCode, PendingLogin};
use super::discovery::{Server, to_uri};
use super::registration::{Authentication, RegisteredClient};
use super::secret::{self, serde_text};

/// What a login gives, and all that is needed to go on with it: a store keeps one such record for
/// each issuer and profile.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Tokens {
    #[serde(with = "serde_text")]
    pub(crate) access: SecretString,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "serde_text::optional"
    )]
    pub(crate) refresh: Option<SecretString>,
    /// Unix milliseconds, counted from before the request was sent; `None` where the server did not
    /// say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires_at: Option<u64>,
    /// Milliseconds from the request to the expiry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) lifetime: Option<u64>,
    /// The granted scopes; empty where neither the server nor the application named any.
    #[serde(default)]
    pub(crate) scopes: Vec<String>,
    /// The client that the tokens were given to: a refresh must come from it (RFC 6749 §6).
    pub(crate) client: RegisteredClient,
    /// Who logged in, as the API says, where the session was told how to ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) account: Option<String>,
}

/// Asks for tokens in exchange for the code (RFC 6749 §4.1.3, RFC 7636 §4.5).
pub(crate) fn exchange_request(
    server: &Server,
    client: &RegisteredClient,
    pending: &PendingLogin,
    code: &AuthorizationCode,
) -> Result<Request<Bytes>, Error> {
    let fields = [
        ("grant_type", "authorization_code"),
        ("redirect_uri", pending.redirect_uri.as_str()),
        ("code", code.0.expose_secret()),
        ("code_verifier", pending.verifier.expose_secret()),
    ];
    token_request(&server.token, client, &fields)
}

/// Asks for new tokens (RFC 6749 §6).
pub(crate) fn refresh_request(
    server: &Server,
    client: &RegisteredClient,
    refresh_token: &SecretString,
) -> Result<Request<Bytes>, Error> {
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token.expose_secret()),
    ];
    token_request(&server.token, client, &fields)
}

/// Asks the server to end the login (RFC 7009 §2.1). Revoking the refresh token ends its access
/// tokens too.
pub(crate) fn revocation_request(endpoint: &Url, tokens: &Tokens) -> Result<Request<Bytes>, Error> {
    let (token, hint) = match &tokens.refresh {
        Some(refresh) => (refresh, "refresh_token"),
        None => (&tokens.access, "access_token"),
    };
    let fields = [("token", token.expose_secret()), ("token_type_hint", hint)];
    token_request(endpoint, &tokens.client, &fields)
}

fn token_request(
    endpoint: &Url,
    client: &RegisteredClient,
    fields: &[(&str, &str)],
) -> Result<Request<Bytes>, Error> {
    let mut all = Vec::with_capacity(fields.len() + 2);
    all.extend_from_slice(fields);
    all.push(("client_id", client.id.as_str()));
    let mut request = Request::new(Bytes::new());
    match (&client.secret, client.authentication) {
        (Some(secret), Authentication::ClientSecretPost) => {
            all.push(("client_secret", secret.expose_secret()))
        }
        (Some(client_secret), Authentication::ClientSecretBasic) => {
            // RFC 6749 §2.3.1: each half is form-encoded before the two are joined.
            let encode =
                |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            let pair = Zeroizing::new(format!(
                "{}:{}",
                encode(&client.id),
                encode(client_secret.expose_secret())
            ));
            let credential = Zeroizing::new(BASE64_STANDARD.encode(pair.as_bytes()));
            request.headers_mut().insert(
                header::AUTHORIZATION,
                secret::authorization_header("Basic", &credential)?,
            );
        }
        _ => {}
    }
    *request.body_mut() = secret::form_body(&all);
    *request.method_mut() = http::Method::POST;
    *request.uri_mut() = to_uri(endpoint);
    request.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/x-www-form-urlencoded"),
    );
    request
        .headers_mut()
        .insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    Ok(request)
}

/// The members of the response (RFC 6749 §5.1), read leniently.
#[derive(Deserialize)]
struct TokenResponse {
    #[serde(with = "serde_text")]
    access_token: SecretString,
    token_type: Option<String>,
    #[serde(default, deserialize_with = "lenient_number")]
    expires_in: Option<f64>,
    #[serde(default, with = "serde_text::optional")]
    refresh_token: Option<SecretString>,
    scope: Option<String>,
}

/// What the tokens are given for. The rules for members that are missing differ.
pub(crate) enum Grant<'a> {
    /// A code was exchanged; these scopes were asked for.
    Code { scopes: &'a [String] },
    /// These tokens were refreshed.
    Refresh(&'a Tokens),
}

/// Checks the response to an exchange or a refresh (RFC 6749 §5). `sent` is the time just before
/// the request was sent.
pub(crate) fn check_response(
    grant: &Grant<'_>,
    client: &RegisteredClient,
    sent: SystemTime,
    response: Response<Bytes>,
) -> Result<Tokens, Error> {
    let step = match grant {
        Grant::Code { .. } => Step::Exchange,
        Grant::Refresh(_) => Step::Refresh,
    };
    // An OAuth error is one whatever the status: some servers send it with 200.
    if let Some(refused) = parse_refusal(step, &response) {
        return Err(Error::Refused(refused));
    }
    if !response.status().is_success() {
        return Err(unexpected_response(step, &response));
    }
    let answer = serde_json::from_slice::<TokenResponse>(response.body())
        .map_err(|_| unexpected_response(step, &response));
    zero_body(response.into_body());
    let answer = answer?;
    // RFC 6749 §7.1: a token of a type that is not understood must not be used. No type means
    // Bearer.
    if answer
        .token_type
        .as_deref()
        .is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer"))
    {
        return Err(Error::malformed(
            step,
            "the server gave a token of a type that is not `Bearer`",
        ));
    }
    // The header is tried now: a token that can't be sent is refused before it replaces one that
    // can.
    let access = answer.access_token.expose_secret();
    if access.is_empty() || secret::authorization_header("Bearer", access).is_err() {
        return Err(Error::malformed(
            step,
            "the server gave an access token that no header can hold",
        ));
    }
    let lifetime = answer
        .expires_in
        .filter(|seconds| *seconds >= 0.0)
        .map(|seconds| (seconds.min(1e10) * 1000.0) as u64);
    let (old_refresh, old_scopes, account) = match grant {
        Grant::Code { scopes } => (None, *scopes, None),
        Grant::Refresh(old) => (
            old.refresh.clone(),
            old.scopes.as_slice(),
            old.account.clone(),
        ),
    };
    Ok(Tokens {
        refresh: answer
            .refresh_token
            .filter(|token| !token.expose_secret().is_empty())
            .or(old_refresh),
        access: answer.access_token,
        expires_at: lifetime.map(|lifetime| unix_millis(sent).saturating_add(lifetime)),
        lifetime,
        // RFC 6749 §5.1: absent means the scopes that were asked for.
        scopes: answer.scope.map_or_else(
            || old_scopes.to_vec(),
            |scope| scope.split_ascii_whitespace().map(printable).collect(),
        ),
        client: client.clone(),
        account,
    })
}

/// The OAuth error of a response (RFC 6749 §5.2, RFC 7591 §3.2.2), where it is one.
pub(crate) fn parse_refusal(step: Step, response: &Response<Bytes>) -> Option<Refusal> {
    #[derive(Deserialize)]
    struct ErrorResponse {
        error: String,
        error_description: Option<String>,
    }
    let status = response.status();
    if !(status.is_success() || status.is_client_error())
        || status == http::StatusCode::TOO_MANY_REQUESTS
    {
        return None;
    }
    let body: ErrorResponse = serde_json::from_slice(response.body()).ok()?;
    let description = body
        .error_description
        .as_deref()
        .map(printable)
        .filter(|text| !text.is_empty());
    Some(Refusal {
        step,
        code: printable(&body.error),
        description,
    })
}

/// Zeroes a body that held secrets, where nobody else holds it.
fn zero_body(body: Bytes) {
    if let Ok(mut body) = body.try_into_mut() {
        body.as_mut().zeroize();
    }
}

/// Reads a number that some servers send as a string or a float.
pub(crate) fn lenient_number<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<f64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum LenientNumber {
        Number(f64),
        Text(String),
        Other(serde::de::IgnoredAny),
    }
    Ok(match Option::<LenientNumber>::deserialize(deserializer)? {
        Some(LenientNumber::Number(number)) => Some(number),
        Some(LenientNumber::Text(text)) => text.trim().parse().ok(),
        Some(LenientNumber::Other(_)) | None => None,
    }
    .filter(|number: &f64| number.is_finite()))
}

pub(crate) fn unix_millis(time: SystemTime) -> u64 {
    let since = time
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or(Duration::ZERO);
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
