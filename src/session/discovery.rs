//! Step 1: what the server says about itself (RFC 8414), checked. Gives a [`Server`].

use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use url::Url;

use crate::error::{ConfigurationError, DiscoveryError, Error, Step, printable};
use crate::http::challenge::bearer_challenges;
use crate::http::is_loopback;
use crate::http::response::unexpected_response;
use crate::http::sent::{answered, origin_of};

use super::client_authentication::OfferedMethods;
use super::oauth_response::Members;

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

    /// Where the metadata may be, in the order in which it is looked for.
    ///
    /// First RFC 8414 §3's place, between the host and the issuer's path; then OpenID Connect
    /// Discovery §4's, below the path. Servers are also found to have mixed the two up.
    pub(crate) fn metadata_urls(&self) -> Vec<Url> {
        let path = self.url.path().trim_end_matches('/');
        let mut places = vec![
            format!("/.well-known/oauth-authorization-server{path}"),
            format!("{path}/.well-known/openid-configuration"),
        ];
        if !path.is_empty() {
            places.push(format!("/.well-known/openid-configuration{path}"));
            places.push(format!("{path}/.well-known/oauth-authorization-server"));
        }
        let at = |place: String| {
            let mut url = self.url.clone();
            url.set_path(&place);
            url
        };
        places.into_iter().map(at).collect()
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
    pub(crate) authorization_endpoint: Url,
    pub(crate) token_endpoint: Url,
    /// Where clients register. Without it, an application needs a client id of its own.
    pub(crate) registration_endpoint: Option<Url>,
    pub(crate) revocation_endpoint: Option<Url>,
    /// Where logins on another device begin (RFC 8628 §4).
    pub(crate) device: Option<Url>,
    /// The server promises `iss` in callbacks (RFC 9207 §3).
    pub(crate) sends_iss: bool,
    /// How clients prove themselves at the token endpoint, as the metadata says.
    pub(crate) authentication: OfferedMethods,
    /// The API that tokens are asked for, where its own metadata names this server (RFC 9728): sent
    /// as `resource` (RFC 8707).
    pub(crate) resource: Option<String>,
    /// The server says that it gives refresh tokens: then registrations ask for them (RFC 7591 §2,
    /// where the default is the code alone).
    pub(crate) offers_refresh: bool,
}

/// Asks for the metadata at one of its places (RFC 8414 §3.1).
pub(crate) fn request(place: &Url) -> Request<Bytes> {
    let mut request = Request::new(Bytes::new());
    *request.uri_mut() = to_uri(place);
    request.headers_mut().insert(
        header::ACCEPT,
        http::HeaderValue::from_static("application/json"),
    );
    request
}

/// The paths that Attendium documents, for a server that has no metadata.
pub(crate) fn documented_paths(issuer: &Issuer) -> Server {
    Server {
        issuer: issuer.clone(),
        authorization_endpoint: issuer.join("oauth2/authorize"),
        token_endpoint: issuer.join("oauth2/token"),
        registration_endpoint: Some(issuer.join("oauth2/register")),
        revocation_endpoint: None,
        device: None,
        sends_iss: false,
        authentication: OfferedMethods::default(),
        resource: None,
        offers_refresh: false,
    }
}

/// Where an API may say which server gives tokens for it (RFC 9728 §3.1).
pub(crate) fn resource_metadata_url(base: &Issuer) -> Url {
    let path = base.url.path().trim_end_matches('/');
    let mut url = base.url.clone();
    url.set_path(&format!("/.well-known/oauth-protected-resource{path}"));
    url
}

/// A request to the API without a token, which it refuses (RFC 9728 §5).
pub(crate) fn request_without_token(graphql: &http::Uri) -> Request<Bytes> {
    let mut request = Request::new(Bytes::from_static(br#"{"query":"{__typename}"}"#));
    *request.method_mut() = http::Method::POST;
    *request.uri_mut() = graphql.clone();
    let json = http::HeaderValue::from_static("application/json");
    request.headers_mut().insert(header::ACCEPT, json.clone());
    request.headers_mut().insert(header::CONTENT_TYPE, json);
    request
}

/// Where the API says that its metadata is, when it refuses a request (RFC 9728 §5.1). It must be
/// at the API's origin, at the base URL's or at an allowed one.
pub(crate) fn challenged_place(
    base: &Issuer,
    graphql: &http::Uri,
    allowed: &[String],
    response: &Response<Bytes>,
) -> Result<Option<Url>, Error> {
    let challenges = bearer_challenges(response);
    let Some(text) = challenges
        .iter()
        .find_map(|found| found.get("resource_metadata"))
    else {
        return Ok(None);
    };
    let mut allowed = allowed.to_vec();
    allowed.extend(origin_of(graphql));
    endpoint(base, &allowed, "resource_metadata", Some(text))
}

/// Checks the API's metadata (RFC 9728 §3.3). Gives the server and the API's name for itself;
/// `None` where it names no server.
pub(crate) fn check_resource_metadata(
    base: &Issuer,
    graphql: &http::Uri,
    allowed: &[String],
    response: &Response<Bytes>,
) -> Result<Option<(Issuer, String)>, Error> {
    let members = Members::parse(response).filter(|_| response.status() == StatusCode::OK);
    let Some((resource, servers)) = members.and_then(|members| {
        let resource = members.text("resource")?;
        Some((resource, members.words("authorization_servers")?))
    }) else {
        return Ok(None);
    };
    let Some(server) = servers.first() else {
        return Ok(None);
    };
    // It must speak for this API: the base URL, something below it, or what the API is below.
    let graphql = graphql.to_string();
    let is_url = Url::parse(&resource).is_ok_and(|url| url.fragment().is_none());
    if !is_url || !is_below(base.as_str(), &resource) && !is_below(&resource, &graphql) {
        return Err(DiscoveryError::IssuerMismatch {
            expected: base.as_str().to_owned(),
            found: printable(&resource),
        }
        .into());
    }
    let server = Issuer::parse(server)?;
    let origin = server.origin();
    if origin != base.origin() && !allowed.contains(&origin) {
        return Err(DiscoveryError::ForeignEndpoint {
            endpoint: "authorization_servers",
            origin,
            issuer: base.as_str().to_owned(),
        }
        .into());
    }
    Ok(Some((server, resource)))
}

/// Whether a URL is this one or one below it.
fn is_below(base: &str, url: &str) -> bool {
    let rest = url.strip_prefix(base.trim_end_matches('/'));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether the response says that there is no document at its place.
pub(crate) fn is_missing(response: &Response<Bytes>) -> bool {
    matches!(response.status(), StatusCode::NOT_FOUND | StatusCode::GONE)
}

/// Whether the document may be at another place, after this error at one.
pub(crate) fn may_be_elsewhere(error: &Error) -> bool {
    match error {
        // A web application may answer every path with its page.
        Error::Malformed { .. } | Error::Discovery(DiscoveryError::IssuerMismatch { .. }) => true,
        Error::Status { status, .. } => (300..500).contains(status) && *status != 429,
        _ => false,
    }
}

/// Checks the metadata (RFC 8414 §2, §3.3). Optional members that are not what they should be are
/// taken for absent.
pub(crate) fn check_response(
    issuer: &Issuer,
    allowed: &[String],
    response: &Response<Bytes>,
) -> Result<Server, Error> {
    if response.status() != StatusCode::OK {
        return Err(unexpected_response(Step::Discovery, response));
    }
    let metadata =
        Members::parse(response).ok_or_else(|| unexpected_response(Step::Discovery, response))?;
    let found = metadata.text("issuer").ok_or_else(|| {
        Error::malformed(Step::Discovery, "the metadata names no `issuer`")
            .with_answer(answered(response))
    })?;
    if !issuer.matches(&found) {
        return Err(DiscoveryError::IssuerMismatch {
            expected: issuer.as_str().to_owned(),
            found: printable(&found),
        }
        .into());
    }
    if let Some(methods) = metadata.words("code_challenge_methods_supported")
        && !methods.iter().any(|method| method == "S256")
    {
        let supported = methods.iter().map(|method| printable(method)).collect();
        let issuer = issuer.as_str().to_owned();
        return Err(DiscoveryError::NoS256 { issuer, supported }.into());
    }
    let endpoint =
        |name: &'static str| endpoint(issuer, allowed, name, metadata.text(name).as_deref());
    let needed = |name: &'static str| endpoint(name)?.ok_or_else(|| missing_endpoint(issuer, name));
    let grants = metadata.words("grant_types_supported").unwrap_or_default();
    let methods = metadata.words("token_endpoint_auth_methods_supported");
    Ok(Server {
        issuer: issuer.clone(),
        authorization_endpoint: needed("authorization_endpoint")?,
        token_endpoint: needed("token_endpoint")?,
        registration_endpoint: endpoint("registration_endpoint")?,
        revocation_endpoint: endpoint("revocation_endpoint")?,
        device: endpoint("device_authorization_endpoint")?,
        sends_iss: metadata.flag("authorization_response_iss_parameter_supported"),
        authentication: OfferedMethods::new(&methods.unwrap_or_default()),
        resource: None,
        offers_refresh: grants.iter().any(|grant| grant == "refresh_token"),
    })
}

/// The error for an endpoint that a step needs and the metadata lacks.
pub(crate) fn missing_endpoint(issuer: &Issuer, endpoint: &'static str) -> Error {
    DiscoveryError::MissingEndpoint {
        issuer: issuer.as_str().to_owned(),
        endpoint,
    }
    .into()
}

/// Checks an endpoint: it must be safe, and at the issuer's origin or at an allowed one.
pub(crate) fn endpoint(
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
            issuer: issuer.as_str().to_owned(),
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
