//! Step 4: a code or a refresh token becomes [`Tokens`] (RFC 6749 §4.1.3, §5, §6).
//!
//! It also builds the requests that revoke them (RFC 7009); `revocation` sends those.

use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;
use zeroize::Zeroize as _;

use crate::error::{Error, Step, printable};
use crate::http::response::unexpected_response;
use crate::http::sent::answered;

use super::authorization::{AuthorizationCode, PendingLogin};
use super::client_authentication::Authentication;
use super::discovery::{Server, to_uri};
use super::oauth_response::{Members, parse_refusal};
use super::registration::RegisteredClient;
use super::secret::{self, serde_text};
use super::wall_clock::unix_millis;

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
    /// Where the tokens came from: a refresh goes there where the metadata can't be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) token_endpoint: Option<Url>,
    /// Where they are revoked where the metadata can't be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) revocation_endpoint: Option<Url>,
    /// The APIs that the tokens are for (RFC 8707).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) resources: Vec<String>,
    /// The client that the tokens were given to: a refresh must come from it (RFC 6749 §6).
    pub(crate) client: RegisteredClient,
    /// Refresh tokens of logins that this one replaced, of the same client, which end with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) replaced: Vec<ReplacedToken>,
    /// How the last refresh failed, where it did: who waited for the lock meanwhile learns of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) failure: Option<RefreshFailure>,
    /// Who logged in, as the API says, where the session was told how to ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) account: Option<String>,
}

/// The refresh token of a login that another one replaced.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ReplacedToken {
    #[serde(with = "serde_text")]
    pub(crate) refresh: SecretString,
}

/// A refresh that gave nothing, as other processes are told of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RefreshFailure {
    /// Unix milliseconds.
    pub(crate) at: u64,
    /// The status that the server answered with; `None` where there was no answer.
    #[serde(default)]
    pub(crate) status: Option<u16>,
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
    let fields = with_resources(&fields, &pending.resources);
    client_post(&server.token_endpoint, client, &fields)
}

/// Asks for new tokens (RFC 6749 §6).
pub(crate) fn refresh_request(
    endpoint: &Url,
    client: &RegisteredClient,
    refresh_token: &SecretString,
    resources: &[String],
) -> Result<Request<Bytes>, Error> {
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token.expose_secret()),
    ];
    client_post(endpoint, client, &with_resources(&fields, resources))
}

/// RFC 8707 §2.2: the token endpoint is told which of the APIs the token is for.
fn with_resources<'a>(
    fields: &[(&'a str, &'a str)],
    resources: &'a [String],
) -> Vec<(&'a str, &'a str)> {
    let resources = resources.iter().map(|url| ("resource", url.as_str()));
    fields.iter().copied().chain(resources).collect()
}

/// Asks for a token of the client's own (RFC 6749 §4.4.2).
pub(crate) fn client_request(
    endpoint: &Url,
    client: &RegisteredClient,
    scopes: &[String],
    resources: &[String],
) -> Result<Request<Bytes>, Error> {
    let scope = scopes.join(" ");
    let mut fields = vec![("grant_type", "client_credentials")];
    if !scope.is_empty() {
        fields.push(("scope", scope.as_str()));
    }
    client_post(endpoint, client, &with_resources(&fields, resources))
}

/// Which token of a login is revoked (RFC 7009 §2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    Refresh,
    Access,
    /// The refresh token of a replaced login, by its place in the list.
    Replaced(usize),
}

/// Asks the server to end the login (RFC 7009 §2.1). `None` where there is no such token.
/// `secret_again` puts the client's secret into the form as well, where Basic has it.
pub(crate) fn revocation_request(
    endpoint: &Url,
    client: &RegisteredClient,
    tokens: &Tokens,
    kind: TokenKind,
    secret_again: bool,
) -> Option<Result<Request<Bytes>, Error>> {
    let (token, hint) = match kind {
        TokenKind::Refresh => (tokens.refresh.as_ref()?, "refresh_token"),
        TokenKind::Access => (&tokens.access, "access_token"),
        TokenKind::Replaced(at) => (&tokens.replaced.get(at)?.refresh, "refresh_token"),
    };
    let mut fields = vec![("token", token.expose_secret()), ("token_type_hint", hint)];
    if let Some(secret) = client.secret.as_ref().filter(|_| secret_again) {
        fields.push(("client_secret", secret.expose_secret()));
    }
    Some(client_post(endpoint, client, &fields))
}

/// A request to the token endpoint, or to one that wants the same proof of the client.
///
/// The `oauth2` crate builds the same one, in buffers that are not zeroed (point 37), and leaves
/// the id out of the form beside Basic, where servers want it (PyPI's `mcp` is one).
pub(crate) fn client_post(
    endpoint: &Url,
    client: &RegisteredClient,
    fields: &[(&str, &str)],
) -> Result<Request<Bytes>, Error> {
    let mut all = fields.to_vec();
    all.push(("client_id", client.id.as_str()));
    let mut request = Request::new(Bytes::new());
    match (&client.secret, client.authentication) {
        (Some(secret), Authentication::ClientSecretPost) => {
            all.push(("client_secret", secret.expose_secret()));
        }
        (Some(secret), Authentication::ClientSecretBasic) => {
            let header = secret::basic_header_rfc6749(&client.id, secret)?;
            request.headers_mut().insert(header::AUTHORIZATION, header);
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

/// What the tokens are given for. The rules for members that are missing differ.
pub(crate) enum Grant<'a> {
    /// A code was exchanged; these scopes were asked for.
    Code { scopes: &'a [String] },
    /// The client asked for itself; these scopes were asked for.
    Client { scopes: &'a [String] },
    /// These tokens were refreshed.
    Refresh(&'a Tokens),
}

/// An answer to a refresh or an exchange that gives no tokens to use.
pub(crate) struct UnusableAnswer {
    pub(crate) error: Error,
    /// The refresh token that it gave all the same: the one that was sent may be dead now.
    pub(crate) refresh: Option<SecretString>,
}

impl From<Error> for UnusableAnswer {
    fn from(error: Error) -> Self {
        Self {
            error,
            refresh: None,
        }
    }
}

/// Checks the response to an exchange or a refresh (RFC 6749 §5). `sent` is the time just before
/// the request was sent. Optional members that are not what they should be are taken for absent.
pub(crate) fn check_response(
    grant: &Grant<'_>,
    client: &RegisteredClient,
    sent: SystemTime,
    response: Response<Bytes>,
) -> Result<Tokens, UnusableAnswer> {
    let step = match grant {
        Grant::Code { .. } => Step::Exchange,
        Grant::Client { .. } => Step::ClientCredentials,
        Grant::Refresh(_) => Step::Refresh,
    };
    // An OAuth error is one whatever the status: some servers send it with 200.
    if let Some(refused) = parse_refusal(step, &response) {
        return Err(Error::Refused(refused).into());
    }
    if !response.status().is_success() {
        return Err(unexpected_response(step, &response).into());
    }
    let members = Members::parse(&response);
    let unexpected = unexpected_response(step, &response);
    let answer = answered(&response);
    zero_body(response.into_body());
    let members = members.ok_or(unexpected)?;
    let refresh = members.secret("refresh_token");
    let unusable = |problem: &str| UnusableAnswer {
        error: Error::malformed(step, problem.to_owned()).with_answer(answer.clone()),
        refresh: refresh.clone(),
    };
    // RFC 6749 §7.1: a token of a type that is not understood must not be used. No type means
    // Bearer.
    if members
        .text("token_type")
        .is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer"))
    {
        return Err(unusable(
            "the server gave a token of a type that is not `Bearer`",
        ));
    }
    // The header is tried now: a token that can't be sent is refused before it replaces one that
    // can.
    let access = members
        .secret("access_token")
        .ok_or_else(|| unusable("the server gave no access token"))?;
    if secret::authorization_header("Bearer", access.expose_secret()).is_err() {
        return Err(unusable(
            "the server gave an access token that no header can hold",
        ));
    }
    let lifetime = members
        .number("expires_in")
        .filter(|seconds| *seconds >= 0.0)
        .map(|seconds| (seconds.min(1e10) * 1000.0) as u64);
    let (old, asked) = match grant {
        Grant::Code { scopes } | Grant::Client { scopes } => (None, *scopes),
        Grant::Refresh(old) => (Some(*old), old.scopes.as_slice()),
    };
    Ok(Tokens {
        access,
        refresh: refresh.or_else(|| old?.refresh.clone()),
        expires_at: lifetime.map(|lifetime| unix_millis(sent).saturating_add(lifetime)),
        lifetime,
        // RFC 6749 §5.1: absent means the scopes that were asked for.
        scopes: members.words("scope").map_or_else(
            || asked.to_vec(),
            |scopes| scopes.iter().map(|scope| printable(scope)).collect(),
        ),
        token_endpoint: old.and_then(|old| old.token_endpoint.clone()),
        revocation_endpoint: old.and_then(|old| old.revocation_endpoint.clone()),
        resources: old.map_or_else(Vec::new, |old| old.resources.clone()),
        client: client.clone(),
        replaced: old.map_or_else(Vec::new, |old| old.replaced.clone()),
        failure: None,
        account: old.and_then(|old| old.account.clone()),
    })
}

/// Zeroes a body that held secrets, where nobody else holds it.
fn zero_body(body: Bytes) {
    if let Ok(mut body) = body.try_into_mut() {
        body.as_mut().zeroize();
    }
}
