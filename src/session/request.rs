//! Runs an operation: authorise, send, and send once more where the token was refused.
//!
//! Enter at [`send`]. It knows no type of an operation: [`Session::request`] reads the response.
//!
//! [`Session::request`]: super::Session::request

use bytes::Bytes;
use http::{HeaderValue, Response};
use tracing::{Instrument as _, Span};

use crate::error::Error;
use crate::http::graphql::{
    OperationMeta, check_scope, is_token_rejected, record_failure, unauthorized,
};

use super::config::SessionConfig;
use super::profile::{Credential, RenewReason};
use super::single_flight;

/// Sends a GraphQL request, authorised.
///
/// The response is not one that refuses the token or asks for a scope. The span beside it is the
/// operation's, which ends when the response was read.
pub(crate) async fn send(
    config: &SessionConfig,
    credential: &Credential,
    meta: &OperationMeta,
    body: Bytes,
) -> Result<(Response<Bytes>, Span), Error> {
    let span = meta.span();
    let sending = send_authorized(config, credential, meta, body);
    match sending.instrument(span.clone()).await {
        Ok(response) => Ok((response, span)),
        Err(error) => {
            record_failure(&span, error.kind());
            Err(error)
        }
    }
}

async fn send_authorized(
    config: &SessionConfig,
    credential: &Credential,
    meta: &OperationMeta,
    body: Bytes,
) -> Result<Response<Bytes>, Error> {
    let profile = match credential {
        Credential::Fixed(header) => {
            return send_last(config, meta, header.clone(), body, false).await;
        }
        Credential::Profile(profile) => profile,
    };
    let authorized = single_flight::authorize(profile).await?;
    let header = authorized.header.clone();
    let response = config
        .graphql
        .send(meta, meta.retry_safety(), Some(header), body.clone())
        .await?;
    if !is_token_rejected(&response, meta.kind) {
        return check_scope(response);
    }
    // The token was refused before anything was carried out. Send once more, with a token that
    // another task or process got meanwhile, or with a new one.
    let reason = RenewReason::Rejected(authorized.tokens.access.clone());
    let authorized = single_flight::renew(profile, reason).await?;
    send_last(config, meta, Some(authorized.header.clone()), body, true).await
}

/// Sends a request after which a refused token is an error.
async fn send_last(
    config: &SessionConfig,
    meta: &OperationMeta,
    authorization: Option<HeaderValue>,
    body: Bytes,
    renewed: bool,
) -> Result<Response<Bytes>, Error> {
    let response = config
        .graphql
        .send(meta, meta.retry_safety(), authorization, body)
        .await?;
    if is_token_rejected(&response, meta.kind) {
        return Err(unauthorized(&response, renewed));
    }
    check_scope(response)
}

/// The `Authorization` header for a request of the application's own, fresh.
pub(crate) async fn authorization_header(
    credential: &Credential,
) -> Result<Option<HeaderValue>, Error> {
    match credential {
        Credential::Fixed(header) => Ok(header.clone()),
        Credential::Profile(profile) => {
            match profile.map_fresh(|current| current.header.clone()) {
                Some(header) => Ok(Some(header)),
                // Boxed: the common case should not have the size of a renewal.
                None => {
                    let authorized = Box::pin(single_flight::authorize(profile)).await?;
                    Ok(Some(authorized.header.clone()))
                }
            }
        }
    }
}
