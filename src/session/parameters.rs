//! What a login asks of the authorization endpoint beside what the protocol needs:
//! [`LoginParameters`].

use serde::{Deserialize, Serialize};

use crate::error::ConfigurationError;

/// Parameters of the request that sends a user to the server (RFC 6749 §3.1).
///
/// ```no_run
/// # async fn example(session: attendium::Session) -> Result<(), attendium::Error> {
/// use attendium::{Login, LoginParameters};
///
/// let parameters = LoginParameters::new()
///     .prompt("select_account")
///     .resource("https://api.example.com/graphql");
/// session.login(Login::browser().parameters(parameters)).await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[must_use]
pub struct LoginParameters {
    others: Vec<(String, String)>,
    /// RFC 8707: they go to the token endpoint as well.
    resources: Vec<String>,
}

/// Parameters that the session sets by itself.
const OWN: [&str; 9] = [
    "response_type",
    "response_mode",
    "client_id",
    "client_secret",
    "redirect_uri",
    "code_challenge",
    "code_challenge_method",
    "state",
    "scope",
];

impl LoginParameters {
    /// No parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says how the user is asked: `login`, `consent`, `select_account` or `none` (OpenID Connect
    /// Core §3.1.2.1).
    ///
    /// Where the scope `offline_access` is asked for and nothing is set here, it is `consent`: many
    /// servers give a refresh token only then (§11).
    pub fn prompt(self, prompt: impl Into<String>) -> Self {
        self.parameter("prompt", prompt)
    }

    /// Names the API that the token is for, where the server reads `audience`.
    pub fn audience(self, audience: impl Into<String>) -> Self {
        self.parameter("audience", audience)
    }

    /// Tells the server who is going to log in, such as an address.
    pub fn login_hint(self, hint: impl Into<String>) -> Self {
        self.parameter("login_hint", hint)
    }

    /// Names the API that the token is for by its URL (RFC 8707); may be called again for another
    /// one. It is sent with the code and with each refresh as well.
    pub fn resource(mut self, url: impl Into<String>) -> Self {
        self.resources.push(url.into());
        self
    }

    /// Adds a parameter of another name. Those that the protocol needs can't be set.
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.others.push((name.into(), value.into()));
        self
    }

    /// These, where they are any, or else the others.
    pub(crate) fn or<'a>(&'a self, others: &'a Self) -> &'a Self {
        if *self == Self::default() {
            others
        } else {
            self
        }
    }

    /// With this resource, where none is set.
    pub(crate) fn with_default_resource(&self, resource: Option<&String>) -> Self {
        let mut parameters = self.clone();
        if parameters.resources.is_empty() {
            parameters.resources.extend(resource.cloned());
        }
        parameters
    }

    pub(crate) fn resources(&self) -> &[String] {
        &self.resources
    }

    /// All of them, as a query has them.
    ///
    /// # Errors
    /// One of them is the session's own, or a resource has a fragment (RFC 8707 §2).
    pub(crate) fn pairs(&self, scopes: &[String]) -> Result<Vec<(&str, &str)>, ConfigurationError> {
        let mut pairs: Vec<(&str, &str)> = Vec::new();
        for (name, value) in &self.others {
            if name.is_empty() || OWN.contains(&name.as_str()) {
                return Err(ConfigurationError::Parameter { name: name.clone() });
            }
            pairs.push((name, value));
        }
        for resource in &self.resources {
            let usable = url::Url::parse(resource).is_ok_and(|url| url.fragment().is_none());
            if !usable {
                let name = "resource".to_owned();
                return Err(ConfigurationError::Parameter { name });
            }
            pairs.push(("resource", resource));
        }
        let offline = scopes.iter().any(|scope| scope == "offline_access");
        if offline && !pairs.iter().any(|(name, _)| *name == "prompt") {
            pairs.push(("prompt", "consent"));
        }
        Ok(pairs)
    }
}
