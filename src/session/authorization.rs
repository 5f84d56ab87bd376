//! Step 3: the user is sent to the server and comes back (RFC 6749 §4.1, RFC 7636, RFC 9207).
//!
//! A [`PendingLogin`] is what must be remembered in between. Checking the callback gives an
//! [`AuthorizationCode`].

use std::collections::BTreeSet;
use std::fmt;
use std::time::{Duration, SystemTime};

use oauth2::basic::BasicClient;
use oauth2::{AuthUrl, ClientId, CsrfToken, PkceCodeChallenge, PkceCodeVerifier, Scope};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use url::{Url, form_urlencoded};

use crate::error::{Error, LoginError, printable, redact};

use super::discovery::Server;
use super::parameters::LoginParameters;
use super::registration::{RegisteredClient, check_redirect_uri};
use super::secret::{constant_time_eq, random_secret, serde_text};
use super::wall_clock::unix_millis;

/// A login that has begun and waits for its callback.
///
/// It holds the PKCE verifier and the `state`: with it and the callback anybody can finish the
/// login. A web application keeps it in the user's own session on the server, never in the URL. Its
/// serialised form is as secret as a password; `Debug` shows no secret. Finishing takes it by
/// value, because a code is exchanged once.
///
/// ```
/// # fn example(pending: attendium::PendingLogin) -> serde_json::Result<()> {
/// use attendium::PendingLogin;
///
/// let kept = serde_json::to_string(&pending)?; // To the visitor's session on the server.
/// let pending: PendingLogin = serde_json::from_str(&kept)?;
/// # Ok(()) }
/// ```
#[derive(Serialize, Deserialize)]
pub struct PendingLogin {
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    /// The client that the login was begun with: another registration that is made meanwhile, for
    /// another redirect URI, does not matter to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) client: Option<RegisteredClient>,
    /// Unix milliseconds; 0 where an earlier version began it.
    #[serde(default)]
    pub(crate) begun_at: u64,
    pub(crate) redirect_uri: String,
    pub(crate) profile: String,
    pub(crate) scopes: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) resources: Vec<String>,
    #[serde(with = "serde_text")]
    pub(crate) verifier: SecretString,
    #[serde(with = "serde_text")]
    pub(crate) state: SecretString,
}

impl fmt::Debug for PendingLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingLogin")
            .field("issuer", &self.issuer)
            .field("redirect_uri", &self.redirect_uri)
            .field("profile", &self.profile)
            .finish_non_exhaustive()
    }
}

impl PendingLogin {
    /// How long ago the login was begun. One that is older than a day can't be finished.
    #[must_use]
    pub fn age(&self) -> Duration {
        let now = unix_millis(SystemTime::now());
        Duration::from_millis(now.saturating_sub(self.begun_at))
    }
}

/// The code of a callback that was checked.
pub(crate) struct AuthorizationCode(pub(crate) SecretString);

/// Begins a login: the URL for the user, and what to remember (RFC 6749 §4.1.1, RFC 7636 §4.3).
pub(crate) fn begin(
    server: &Server,
    client: &RegisteredClient,
    profile: &str,
    redirect_uri: &str,
    scopes: &[String],
    parameters: &LoginParameters,
) -> Result<(Url, PendingLogin), Error> {
    let redirect = check_redirect_uri(redirect_uri)?;
    let extra = parameters.pairs(scopes)?;
    // The crate's own random values panic where the system has none.
    let state = CsrfToken::new(random_secret()?.expose_secret().to_owned());
    let verifier = PkceCodeVerifier::new(random_secret()?.expose_secret().to_owned());
    let oauth = BasicClient::new(ClientId::new(client.id.clone()))
        .set_auth_uri(AuthUrl::from_url(server.authorization_endpoint.clone()))
        .set_redirect_uri(redirect);
    let mut request = oauth
        .authorize_url(|| state)
        .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
        .add_scopes(scopes.iter().cloned().map(Scope::new));
    for (name, value) in extra {
        request = request.add_extra_param(name, value);
    }
    let (url, state) = request.url();
    let pending = PendingLogin {
        issuer: server.issuer.as_str().to_owned(),
        client_id: client.id.clone(),
        client: Some(client.clone()),
        begun_at: unix_millis(SystemTime::now()),
        redirect_uri: redirect_uri.to_owned(),
        profile: profile.to_owned(),
        scopes: scopes.to_vec(),
        resources: parameters.resources().to_vec(),
        verifier: verifier.into_secret().into(),
        state: state.into_secret().into(),
    };
    Ok((url, pending))
}

/// Checks the callback's query. The `state` comes first: nothing else of a foreign callback means
/// anything.
///
/// # Errors
/// [`LoginError::StateMismatch`] leaves the login as it is: the real callback may still come. Every
/// other error ends it.
pub(crate) fn check_callback(
    server: &Server,
    pending: &PendingLogin,
    query: &str,
) -> Result<AuthorizationCode, LoginError> {
    let query = query.strip_prefix('?').unwrap_or(query);
    let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    // All values are compared, so that the time does not tell which one matches.
    let fits = pairs
        .iter()
        .filter(|(name, _)| name == "state")
        .fold(false, |fits, (_, value)| {
            constant_time_eq(value, pending.state.expose_secret()) | fits
        });
    if !fits {
        return Err(LoginError::StateMismatch);
    }
    let mut names = BTreeSet::new();
    if let Some((name, _)) = pairs.iter().find(|(name, _)| !names.insert(name.as_str())) {
        return Err(LoginError::DuplicateParameter {
            name: printable(&redact(name, &[pending.state.expose_secret()])),
        });
    }
    let value = |wanted: &str| {
        pairs
            .iter()
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value.as_str())
    };
    let mismatch = |found: Option<&str>| LoginError::IssuerMismatch {
        expected: pending.issuer.clone(),
        found: found.map(|found| printable(&redact(found, &[pending.state.expose_secret()]))),
    };
    match value("iss") {
        Some(iss) if !server.issuer.matches(iss) => return Err(mismatch(Some(iss))),
        None if server.sends_iss => return Err(mismatch(None)),
        _ => {}
    }
    if let Some(code) = value("error") {
        // What was sent to the server must not come back in an error.
        let sent = [
            pending.state.expose_secret(),
            pending.verifier.expose_secret(),
        ];
        let description = value("error_description")
            .map(|text| printable(&redact(text, &sent)))
            .filter(|text| !text.is_empty());
        let server = pending.issuer.clone();
        return Err(match code {
            "access_denied" => LoginError::Denied {
                server,
                description,
            },
            code => LoginError::Refused {
                server,
                code: printable(&redact(code, &sent)),
                description,
            },
        });
    }
    match value("code") {
        Some(code) if !code.is_empty() => Ok(AuthorizationCode(SecretString::from(code))),
        _ => Err(LoginError::MissingParameter { name: "code" }),
    }
}
