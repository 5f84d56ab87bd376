//! What is wrong with a server's metadata.

use std::borrow::Cow;
use std::fmt;

/// The server's metadata can't be trusted or understood.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DiscoveryError {
    /// The document speaks for another issuer (RFC 8414 §3.3).
    IssuerMismatch {
        /// The configured base URL.
        expected: String,
        /// What the document says.
        found: String,
    },
    /// An endpoint without TLS that is not on loopback.
    InsecureEndpoint {
        /// The metadata's name for it.
        endpoint: &'static str,
        /// The URL.
        url: String,
        /// The issuer.
        issuer: String,
    },
    /// An endpoint on an origin that the application did not allow.
    ForeignEndpoint {
        /// The metadata's name for it.
        endpoint: &'static str,
        /// Its origin.
        origin: String,
        /// The issuer.
        issuer: String,
    },
    /// The server does PKCE, and not with S256 (RFC 9700 §2.1.1).
    NoS256 {
        /// The issuer.
        issuer: String,
        /// What it lists.
        supported: Vec<String>,
    },
    /// The server publishes no metadata: every place answered that there is none.
    NoMetadata {
        /// The issuer.
        issuer: String,
        /// The paths that were asked for.
        tried: Vec<String>,
    },
    /// The metadata lacks an endpoint that is needed.
    MissingEndpoint {
        /// The issuer.
        issuer: String,
        /// The metadata's name for it.
        endpoint: &'static str,
    },
}

impl fmt::Display for DiscoveryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IssuerMismatch { expected, found } => {
                write!(
                    f,
                    "the server's metadata is for the issuer `{found}`, the base URL is \
                     `{expected}`"
                )
            }
            Self::InsecureEndpoint {
                endpoint,
                url,
                issuer,
            } => {
                write!(f, "the `{endpoint}` of `{issuer}` is no https URL: `{url}`")
            }
            Self::ForeignEndpoint {
                endpoint,
                origin,
                issuer,
            } => {
                write!(
                    f,
                    "the server's `{endpoint}` is at `{origin}`, another origin than the issuer \
                     `{issuer}`"
                )
            }
            Self::NoS256 { issuer, supported } if supported.is_empty() => {
                write!(f, "the server `{issuer}` offers PKCE with no method at all")
            }
            Self::NoS256 { issuer, supported } => {
                write!(
                    f,
                    "the server `{issuer}` offers PKCE with `{}` and not with `S256`",
                    supported.join("`, `")
                )
            }
            Self::NoMetadata { issuer, tried } => write!(
                f,
                "`{issuer}` publishes no metadata of an authorization server: there is nothing at \
                 {}",
                tried.join(", ")
            ),
            Self::MissingEndpoint { issuer, endpoint } => {
                write!(f, "the metadata of `{issuer}` has no `{endpoint}`")
            }
        }
    }
}

impl std::error::Error for DiscoveryError {}

impl DiscoveryError {
    /// What to do about it, on one line.
    #[must_use]
    pub fn help(&self) -> Cow<'static, str> {
        match self {
            Self::IssuerMismatch { found, .. } => {
                format!("if you trust it, use `{found}` as the base URL").into()
            }
            Self::InsecureEndpoint { .. } => {
                "the server must give an absolute https URL; http is for loopback addresses alone"
                    .into()
            }
            Self::ForeignEndpoint { origin, .. } => {
                format!("if you trust it, allow it by name: `.allow_origin(\"{origin}\")`").into()
            }
            Self::NoS256 { .. } => {
                "the server's operator must enable S256; nothing weaker is used".into()
            }
            Self::NoMetadata { .. } => {
                "check the base URL: it is the issuer's, as its metadata names it, with its path \
                 where it has one"
                    .into()
            }
            Self::MissingEndpoint {
                endpoint: "registration_endpoint",
                ..
            } => "ask the server's operator for a client id, and give it \
                 (`SessionBuilder::client_id`)"
                .into(),
            Self::MissingEndpoint {
                endpoint: "device_authorization_endpoint",
                ..
            } => "the server has no login on another device: log in by a link (`Login::print_url`)"
                .into(),
            Self::MissingEndpoint { .. } => "the server's operator must add it".into(),
        }
    }
}
