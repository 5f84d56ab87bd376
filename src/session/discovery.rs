//! Step 1: what the server says about itself (RFC 8414), checked. Gives a [`Server`].

use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use serde::Deserialize;
use url::Url;

use crate::error::{ConfigurationError, DiscoveryError, Error, Step, printable};
use crate::http::is_loopback;
use crate::http::response::unexpected_response;

/// A base URL that secrets may be sent to: https, or http on loopback, without user, query and
/// fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Issuer {
    url: Url,
    text: String,
}

impl Issuer {
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let url = parse_safe_url("base URL", text)?;
        if url.query().is_some() || url.fragment().is_some() {
            return Err(ConfigurationError::Url {
                what: "base URL",
                url: without_secrets(&url),
                problem: "it has a query or a fragment",
            }
            .into());
        }
        // The issuer's canonical form has no slash at the end. It is compared, and it names records
        // in stores.
        let text = url.as_str().trim_end_matches('/').to_owned();
        Ok(Self { url, text })
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The URL of a path below the base.
    pub(crate) fn join(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(&format!("{}/{path}", self.url.path().trim_end_matches('/')));
        url
    }

    pub(crate) fn origin(&self) -> String {
        to_origin(&self.url)
    }

    /// RFC 8414 §3: the well-known part goes between the host and the issuer's path.
    fn metadata_url(&self) -> Url {
        let mut url = self.url.clone();
        url.set_path(&format!(
            "/.well-known/oauth-authorization-server{}",
            self.url.path().trim_end_matches('/')
        ));
        url
    }

    /// Whether this is the same issuer; one trailing slash more or less does not matter.
    pub(crate) fn matches(&self, other: &str) -> bool {
        let other = other.strip_suffix('/').unwrap_or(other);
        self.text == other
            || Url::parse(other).is_ok_and(|url| {
                url.as_str().strip_suffix('/').unwrap_or(url.as_str()) == self.text
            })
    }
}

/// An absolute URL that is https, or http on loopback.
pub(crate) fn parse_safe_url(what: &'static str, text: &str) -> Result<Url, Error> {
    let problem = |problem| {
        let url = Url::parse(text).map_or_else(|_| printable(text), |url| without_secrets(&url));
        ConfigurationError::Url { what, url, problem }
    };
    let url = Url::parse(text.trim()).map_err(|_| problem("it is not an absolute URL"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(problem("it holds a user name or a password").into());
    }
    if !is_safe(&url) {
        return Err(problem("it is neither https nor http on this machine").into());
    }
    Ok(url)
}

pub(crate) fn is_safe(url: &Url) -> bool {
    match (url.scheme(), url.host_str()) {
        ("https", Some(_)) => true,
        ("http", Some(host)) => is_loopback(host),
        _ => false,
    }
}

pub(crate) fn to_origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// A URL without what may be secret in it.
fn without_secrets(url: &Url) -> String {
    let mut url = url.clone();
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    printable(url.as_str())
}

/// An authorization server whose metadata was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Server {
    pub(crate) issuer: Issuer,
    pub(crate) authorize: Url,
    pub(crate) token: Url,
    /// Where clients register. Without it, an application needs a client id of its own.
    pub(crate) register: Option<Url>,
    pub(crate) revoke: Option<Url>,
    /// The server promises `iss` in callbacks (RFC 9207 §3).
    pub(crate) sends_iss: bool,
    /// The server says that it knows public clients (`none`): then registrations ask to be one.
    pub(crate) offers_public_clients: bool,
    /// The server says that it gives refresh tokens: then registrations ask for them (RFC 7591 §2,
    /// where the default is the code alone).
    pub(crate) offers_refresh: bool,
}

/// The members of the document that matter here (RFC 8414 §2). Unknown ones are ignored.
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
    registration_endpoint: Option<String>,
    revocation_endpoint: Option<String>,
    code_challenge_methods_supported: Option<Vec<String>>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    grant_types_supported: Option<Vec<String>>,
    authorization_response_iss_parameter_supported: Option<bool>,
}

/// Asks for the metadata (RFC 8414 §3.1).
pub(crate) fn request(issuer: &Issuer) -> Request<Bytes> {
    let mut request = Request::new(Bytes::new());
    *request.uri_mut() = to_uri(&issuer.metadata_url());
    request.headers_mut().insert(
        header::ACCEPT,
        http::HeaderValue::from_static("application/json"),
    );
    request
}

/// Checks the metadata (RFC 8414 §3.3), or falls back to the paths that Attendium documents where
/// there is none.
pub(crate) fn check_response(
    issuer: &Issuer,
    allowed: &[String],
    response: &Response<Bytes>,
) -> Result<Server, Error> {
    if response.status() == StatusCode::NOT_FOUND {
        tracing::warn!(
            target: "attendium::session",
            issuer = issuer.as_str(),
            "the server has no metadata document: using the paths that Attendium documents"
        );
        return Ok(Server {
            issuer: issuer.clone(),
            authorize: issuer.join("oauth2/authorize"),
            token: issuer.join("oauth2/token"),
            register: Some(issuer.join("oauth2/register")),
            revoke: None,
            sends_iss: false,
            offers_public_clients: false,
            offers_refresh: false,
        });
    }
    if response.status() != StatusCode::OK {
        return Err(unexpected_response(Step::Discovery, response));
    }
    let metadata: Metadata = serde_json::from_slice(response.body())
        .map_err(|_| unexpected_response(Step::Discovery, response))?;
    if !issuer.matches(&metadata.issuer) {
        let found = printable(&metadata.issuer);
        return Err(DiscoveryError::IssuerMismatch {
            expected: issuer.as_str().to_owned(),
            found,
        }
        .into());
    }
    if let Some(methods) = &metadata.code_challenge_methods_supported
        && !methods.iter().any(|method| method == "S256")
    {
        let supported = methods.iter().map(|method| printable(method)).collect();
        return Err(DiscoveryError::NoS256 { supported }.into());
    }
    let endpoint =
        |name: &'static str, url: &Option<String>| endpoint(issuer, allowed, name, url.as_deref());
    let needed = |name: &'static str, url: &Option<String>| {
        endpoint(name, url)?
            .ok_or_else(|| Error::from(DiscoveryError::MissingEndpoint { endpoint: name }))
    };
    let lists = |list: &Option<Vec<String>>, value: &str| {
        list.as_ref()
            .is_some_and(|list| list.iter().any(|item| item == value))
    };
    Ok(Server {
        issuer: issuer.clone(),
        authorize: needed("authorization_endpoint", &metadata.authorization_endpoint)?,
        token: needed("token_endpoint", &metadata.token_endpoint)?,
        register: endpoint("registration_endpoint", &metadata.registration_endpoint)?,
        revoke: endpoint("revocation_endpoint", &metadata.revocation_endpoint)?,
        sends_iss: metadata
            .authorization_response_iss_parameter_supported
            .unwrap_or(false),
        offers_public_clients: lists(&metadata.token_endpoint_auth_methods_supported, "none"),
        offers_refresh: lists(&metadata.grant_types_supported, "refresh_token"),
    })
}

/// Checks an endpoint: it must be safe, and at the issuer's origin or at an allowed one.
fn endpoint(
    issuer: &Issuer,
    allowed: &[String],
    name: &'static str,
    text: Option<&str>,
) -> Result<Option<Url>, Error> {
    let Some(text) = text else { return Ok(None) };
    let url = Url::parse(text).ok().filter(|url| {
        is_safe(url)
            && url.username().is_empty()
            && url.password().is_none()
            && url.fragment().is_none()
    });
    let Some(url) = url else {
        return Err(DiscoveryError::InsecureEndpoint {
            endpoint: name,
            url: printable(text),
        }
        .into());
    };
    let origin = to_origin(&url);
    if origin != issuer.origin() && !allowed.contains(&origin) {
        return Err(DiscoveryError::ForeignEndpoint {
            endpoint: name,
            origin,
            issuer: issuer.as_str().to_owned(),
        }
        .into());
    }
    Ok(Some(url))
}

/// A URL as the `http` crate wants it. Both crates accept the same absolute URLs; one that `http`
/// refuses becomes `/`, which no transport can send anywhere.
pub(crate) fn to_uri(url: &Url) -> http::Uri {
    url.as_str()
        .split('#')
        .next()
        .and_then(|text| text.parse().ok())
        .unwrap_or_default()
}
