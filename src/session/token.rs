//! Step 4: a code or a refresh token becomes [`Tokens`] (RFC 6749 §4.1.3, §5, §6), and tokens are given back (RFC 7009).

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Deserializer, Serialize};
use url::{Url, form_urlencoded};
use zeroize::{Zeroize as _, Zeroizing};

use crate::error::{Error, Refusal, Step, plain};

use super::authorization::{Code, PendingLogin};
use super::discovery::{Server, uri};
use super::registration::{Authentication, RegisteredClient};
use super::secret::{self, serde_text};
use super::wire::unexpected;

/// What a login gives, and all that is needed to go on with it: the record that a store keeps per (issuer, profile).
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
    /// Unix milliseconds, counted from before the request was sent; `None` where the server did not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires_at: Option<u64>,
    /// Milliseconds from the request to the expiry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) lifetime: Option<u64>,
    /// The granted scopes; empty where neither the server nor the application named any.
    #[serde(default)]
    pub(crate) scopes: Vec<String>,
    /// The client that they were given to: a refresh must come from the same one (RFC 6749 §6).
    pub(crate) client: RegisteredClient,
    /// Who logged in, as the API says, where the session was told how to ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) account: Option<String>,
}

/// Asks for tokens in exchange for the code (RFC 6749 §4.1.3, RFC 7636 §4.5).
pub(crate) fn exchange(
    server: &Server,
    client: &RegisteredClient,
    pending: &PendingLogin,
    code: &Code,
) -> Result<Request<Bytes>, Error> {
    let fields = [
        ("grant_type", "authorization_code"),
        ("redirect_uri", pending.redirect_uri.as_str()),
        ("code", code.0.expose_secret()),
        ("code_verifier", pending.verifier.expose_secret()),
    ];
    post(&server.token, client, &fields)
}

/// Asks for new tokens (RFC 6749 §6).
pub(crate) fn refresh(
    server: &Server,
    client: &RegisteredClient,
    refresh_token: &SecretString,
) -> Result<Request<Bytes>, Error> {
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token.expose_secret()),
    ];
    post(&server.token, client, &fields)
}

/// Asks the server to end the login (RFC 7009 §2.1). Revoking the refresh token ends its access tokens too.
pub(crate) fn revoke(endpoint: &Url, tokens: &Tokens) -> Result<Request<Bytes>, Error> {
    let (token, hint) = match &tokens.refresh {
        Some(refresh) => (refresh, "refresh_token"),
        None => (&tokens.access, "access_token"),
    };
    let fields = [("token", token.expose_secret()), ("token_type_hint", hint)];
    post(endpoint, &tokens.client, &fields)
}

fn post(
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
            request
                .headers_mut()
                .insert(header::AUTHORIZATION, secret::header("Basic", &credential)?);
        }
        _ => {}
    }
    *request.body_mut() = secret::form(&all);
    *request.method_mut() = http::Method::POST;
    *request.uri_mut() = uri(endpoint);
    request.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/x-www-form-urlencoded"),
    );
    request
        .headers_mut()
        .insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    Ok(request)
}

/// The members of the answer (RFC 6749 §5.1), read leniently.
#[derive(Deserialize)]
struct Answer {
    #[serde(with = "serde_text")]
    access_token: SecretString,
    token_type: Option<String>,
    #[serde(default, deserialize_with = "number")]
    expires_in: Option<f64>,
    #[serde(default, with = "serde_text::optional")]
    refresh_token: Option<SecretString>,
    scope: Option<String>,
}

/// What the tokens are an answer to: the rules for what is missing differ.
pub(crate) enum Asked<'a> {
    /// A code was exchanged; these scopes were asked for.
    Code { scopes: &'a [String] },
    /// These tokens were refreshed.
    Refresh(&'a Tokens),
}

/// Checks the answer to an exchange or a refresh (RFC 6749 §5). `sent` is when the request was about to be sent.
pub(crate) fn check(
    asked: &Asked<'_>,
    client: &RegisteredClient,
    sent: SystemTime,
    response: Response<Bytes>,
) -> Result<Tokens, Error> {
    let step = match asked {
        Asked::Code { .. } => Step::Exchange,
        Asked::Refresh(_) => Step::Refresh,
    };
    // An OAuth error is one whatever the status: some servers send it with 200.
    if let Some(refused) = refusal(step, &response) {
        return Err(Error::Refused(refused));
    }
    if !response.status().is_success() {
        return Err(unexpected(step, &response));
    }
    let answer =
        serde_json::from_slice::<Answer>(response.body()).map_err(|_| unexpected(step, &response));
    wipe(response.into_body());
    let answer = answer?;
    // RFC 6749 §7.1: a token of a type that is not understood must not be used. None said means Bearer.
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
    // The header is tried now, so that a token that can't be sent is refused before it replaces one that can.
    let access = answer.access_token.expose_secret();
    if access.is_empty() || secret::header("Bearer", access).is_err() {
        return Err(Error::malformed(
            step,
            "the server gave an access token that no header can hold",
        ));
    }
    let lifetime = answer
        .expires_in
        .filter(|seconds| *seconds >= 0.0)
        .map(|seconds| (seconds.min(1e10) * 1000.0) as u64);
    let (old_refresh, old_scopes, account) = match asked {
        Asked::Code { scopes } => (None, *scopes, None),
        Asked::Refresh(old) => (
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
            |scope| scope.split_ascii_whitespace().map(plain).collect(),
        ),
        client: client.clone(),
        account,
    })
}

/// An OAuth error object (RFC 6749 §5.2, RFC 7591 §3.2.2), where the answer is one.
pub(crate) fn refusal(step: Step, response: &Response<Bytes>) -> Option<Refusal> {
    #[derive(Deserialize)]
    struct Body {
        error: String,
        error_description: Option<String>,
    }
    let status = response.status();
    if !(status.is_success() || status.is_client_error())
        || status == http::StatusCode::TOO_MANY_REQUESTS
    {
        return None;
    }
    let body: Body = serde_json::from_slice(response.body()).ok()?;
    let description = body
        .error_description
        .as_deref()
        .map(plain)
        .filter(|text| !text.is_empty());
    Some(Refusal {
        step,
        code: plain(&body.error),
        description,
    })
}

/// Zeroes a body that held secrets, where nobody else looks at it.
fn wipe(body: Bytes) {
    if let Ok(mut body) = body.try_into_mut() {
        body.as_mut().zeroize();
    }
}

/// Reads a number that some servers send as a string or a float.
pub(crate) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Lenient {
        Number(f64),
        Text(String),
        Other(serde::de::IgnoredAny),
    }
    Ok(match Option::<Lenient>::deserialize(deserializer)? {
        Some(Lenient::Number(number)) => Some(number),
        Some(Lenient::Text(text)) => text.trim().parse().ok(),
        Some(Lenient::Other(_)) | None => None,
    }
    .filter(|number: &f64| number.is_finite()))
}

pub(crate) fn unix_millis(time: SystemTime) -> u64 {
    let since = time
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or(Duration::ZERO);
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
