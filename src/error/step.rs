//! The steps of the protocol, and what the failure of each means: [`Step`].

use std::borrow::Cow;
use std::fmt;

use super::transport::{TransportError, TransportErrorKind};

/// A step of the protocol, as errors and traces name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Step {
    /// The metadata document (RFC 8414).
    Discovery,
    /// The client's registration (RFC 7591).
    Registration,
    /// The deletion of the client's registration (RFC 7592 §2.3).
    RegistrationDeletion,
    /// The exchange of a code for tokens (RFC 6749 §4.1.3).
    Exchange,
    /// A token for the client itself (RFC 6749 §4.4).
    ClientCredentials,
    /// The begin of a login on another device (RFC 8628 §3.1).
    Device,
    /// A refresh (RFC 6749 §6).
    Refresh,
    /// A revocation (RFC 7009).
    Revocation,
    /// A GraphQL request that changes nothing.
    Graphql,
    /// A GraphQL mutation.
    Mutation,
}

impl Step {
    /// A short lower-case name, as for a metric.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Discovery => "discovery",
            Self::Registration => "registration",
            Self::RegistrationDeletion => "registration_deletion",
            Self::Exchange => "exchange",
            Self::ClientCredentials => "client_credentials",
            Self::Device => "device",
            Self::Refresh => "refresh",
            Self::Revocation => "revocation",
            Self::Graphql => "graphql",
            Self::Mutation => "mutation",
        }
    }

    /// The help, and what still holds after the failure: that the login is kept, which people ask
    /// first, and that a mutation may have been carried out.
    pub(super) fn with_consequence(self, help: &'static str) -> Cow<'static, str> {
        match self {
            Self::Refresh | Self::Graphql => format!("{help}; the login is kept").into(),
            Self::Mutation => format!(
                "{help}; the login is kept. The mutation may have been carried out: look before \
                 you repeat it"
            )
            .into(),
            _ => help.into(),
        }
    }

    /// The help for an answer that is not the step's.
    pub(super) fn malformed_help(self) -> Cow<'static, str> {
        self.with_consequence(match self {
            Self::Graphql | Self::Mutation => {
                "check that the URL is that of a GraphQL API, and that no proxy or login page \
                 stands between"
            }
            _ => "check the base URL, and that no proxy or login page stands between",
        })
    }

    /// The help for a status that makes no sense at the step.
    pub(super) fn status_help(self, status: u16) -> Cow<'static, str> {
        let of_graphql = matches!(self, Self::Graphql | Self::Mutation);
        match status {
            500.. => self.with_consequence("the server has a problem: try again later"),
            429 => "the server turns requests away: try again later".into(),
            300..=399 => {
                "redirects are not followed, they would carry secrets elsewhere: correct the base \
                 URL"
                .into()
            }
            400..=428 if self == Self::Registration => {
                "the server does not register this application: ask its operator for a client id, \
                 and give it (`SessionBuilder::client_id`)"
                    .into()
            }
            404 | 405 if of_graphql => {
                "check the URL of the GraphQL API (`SessionBuilder::graphql_url`)".into()
            }
            404 | 405 => "check the base URL".into(),
            401 | 403 if of_graphql => {
                "the API refuses this request: the account may lack the right, or a firewall \
                 stands between"
                    .into()
            }
            413 => "the request is larger than the server takes: send less at once".into(),
            _ => "check the base URL and that the server is the one you mean".into(),
        }
    }

    /// The help where there was no answer.
    pub(super) fn transport_help(self, error: &TransportError) -> Cow<'static, str> {
        use TransportErrorKind::{
            Connect, Interrupted, Redirected, Setup, Timeout, TooLarge, Upload,
        };
        match (error.kind(), self) {
            (Setup, _) | (TooLarge, Self::Discovery | Self::Registration | Self::Exchange) => {
                error.help()
            }
            // The request never left.
            (Connect, Self::Mutation) => Self::Graphql.with_consequence(
                "check the base URL, the network and whether the \
                                                server runs",
            ),
            (Connect, _) => {
                self.with_consequence("check the base URL, the network and whether the server runs")
            }
            (TooLarge, _) => self
                .with_consequence("ask for less, or raise the limit with `Limits::max_body_size`"),
            (Redirected | Upload, _) => error.help(),
            (Timeout | Interrupted, _) => self.with_consequence("try again"),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Discovery => "discovery of the server's metadata",
            Self::Registration => "registration of the application",
            Self::RegistrationDeletion => "the deletion of the application's registration",
            Self::Exchange => "the exchange of the login's code for tokens",
            Self::ClientCredentials => "the request for a token of the client",
            Self::Device => "the begin of the login on another device",
            Self::Refresh => "the refresh of the access token",
            Self::Revocation => "the revocation of the tokens",
            Self::Graphql => "the GraphQL request",
            Self::Mutation => "the GraphQL mutation",
        })
    }
}
