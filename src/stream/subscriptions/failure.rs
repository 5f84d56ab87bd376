//! Why a connection for subscriptions ended, or was not made: [`Broken`].

use http::StatusCode;

use crate::error::{ConnectionLoss, Error, SubscriptionError, printable};
use crate::graphql_error::GraphqlError;
use crate::http::sent::Secrets;
use crate::value::Json;

use super::endpoint::Endpoint;

#[derive(Debug)]
pub(super) enum Broken {
    /// Another attempt may work.
    Lost(ConnectionLoss),
    /// The server refused the credential.
    Refused {
        errors: Vec<GraphqlError>,
        cause: ConnectionLoss,
    },
    /// The server does not take subscriptions in this way.
    NotOffered(Refusal),
    /// No other attempt can work.
    Fatal(SubscriptionError),
    /// No other attempt can work: no credential is to be had, or the request can't be made.
    Failed(Error),
}

/// How a server said that it does not take subscriptions in this way.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) errors: Vec<GraphqlError>,
}

impl Refusal {
    /// What the server answered, for an error.
    pub(super) fn answer(&self) -> String {
        let status = self.status.as_u16();
        match self.errors.first() {
            Some(error) => format!("status {status}, {}", printable(&error.message)),
            None => format!("status {status}"),
        }
    }
}

impl Broken {
    /// What an answer with this status means for a connection.
    pub(super) fn from_status(status: StatusCode) -> Self {
        let cause = ConnectionLoss::Status(status.as_u16());
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Self::Refused {
                errors: Vec::new(),
                cause,
            },
            status if may_pass(status) => Self::Lost(cause),
            status => Self::NotOffered(Refusal {
                status,
                errors: Vec::new(),
            }),
        }
    }

    /// Takes the secrets out of what the server said.
    pub(super) fn remove_secrets(&mut self, secrets: &Secrets) {
        match self {
            Self::Lost(cause) => remove_from_loss(secrets, cause),
            Self::Refused { errors, cause } => {
                secrets.remove_from_errors(errors);
                remove_from_loss(secrets, cause);
            }
            Self::NotOffered(refusal) => secrets.remove_from_errors(&mut refusal.errors),
            Self::Fatal(SubscriptionError::Closed { reason, .. }) => {
                *reason = secrets.remove_from(reason);
            }
            Self::Fatal(_) | Self::Failed(_) => {}
        }
    }
}

/// Whether a server that answers with this status may answer otherwise later.
pub(super) fn may_pass(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 425 | 429 | 500 | 502..=599)
}

fn remove_from_loss(secrets: &Secrets, loss: &mut ConnectionLoss) {
    if let ConnectionLoss::Closed(_, text) | ConnectionLoss::Protocol(text) = loss {
        *text = secrets.remove_from(text);
    }
}

impl From<Error> for Broken {
    /// A request that failed.
    fn from(error: Error) -> Self {
        match error {
            Error::Transport { source, .. } => Self::Lost(ConnectionLoss::Transport(source)),
            error => Self::Failed(error),
        }
    }
}

/// The error for a subscription of this operation.
pub(super) fn error_for(
    endpoint: &Endpoint,
    operation: &'static str,
    source: SubscriptionError,
) -> Error {
    Error::Subscription {
        operation: operation.into(),
        server: endpoint.server(),
        source,
    }
}

/// The error for a subscription that the server takes in no way that is allowed.
pub(super) fn not_offered(
    endpoint: &Endpoint,
    operation: &'static str,
    first: Option<&Refusal>,
    refusal: Refusal,
) -> Error {
    let errors = if refusal.errors.is_empty() {
        first
            .map(|first| first.errors.as_slice())
            .unwrap_or_default()
    } else {
        &refusal.errors
    };
    if !errors.is_empty() {
        return Error::Graphql(errors.to_vec().into());
    }
    let answer = match first {
        Some(first) => format!(
            "{} over HTTP, {} over a socket",
            first.answer(),
            refusal.answer()
        ),
        None => refusal.answer(),
    };
    error_for(
        endpoint,
        operation,
        SubscriptionError::NotOffered { answer },
    )
}

pub(super) fn is_unauthenticated(error: &GraphqlError) -> bool {
    error.extensions.get("code").and_then(Json::as_str) == Some("UNAUTHENTICATED")
}

pub(super) fn unauthorized(errors: Vec<GraphqlError>) -> Error {
    Error::Unauthorized {
        renewed: true,
        errors: errors.into(),
        answer: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_pass_is_tried_again() {
        for status in [408, 425, 429, 500, 502, 503, 504] {
            let broken = Broken::from_status(StatusCode::from_u16(status).unwrap());
            assert!(matches!(broken, Broken::Lost(_)), "{status}");
        }
        for status in [400, 404, 406, 415, 426, 501] {
            let broken = Broken::from_status(StatusCode::from_u16(status).unwrap());
            assert!(matches!(broken, Broken::NotOffered(_)), "{status}");
        }
    }
}
