//! Runs an operation: authorise, send, and send once more where the token was refused.
//!
//! Enter at [`send`]. It knows no type of an operation: [`Session::request`] reads the response.
//!
//! [`Session::request`]: super::Session::request

use std::pin::pin;

use bytes::Bytes;
use http::{HeaderValue, Response};
use tracing::{Instrument as _, Span};

use crate::error::{Error, TransportError, TransportErrorKind};
use crate::http::CallOptions;
use crate::http::form::Content;
use crate::http::graphql::{
    OperationMeta, check_scope, is_token_rejected, record_failure, unauthorized,
};

use super::config::SessionConfig;
use super::profile::{Credential, RenewReason};
use super::single_flight;
use super::token_source::header_from;

/// Sends a GraphQL request, authorised.
///
/// The response is not one that refuses the token or asks for a scope. The span beside it is the
/// operation's, which ends when the response was read.
pub(crate) async fn send(
    config: &SessionConfig,
    credential: &Credential,
    meta: &OperationMeta,
    content: Content,
    options: &CallOptions,
) -> Result<(Response<Bytes>, Span), Error> {
    let span = meta.span();
    let call = Call {
        config,
        meta,
        options,
    };
    // Pinned here and below: a future is large, and would be copied at each step on its way down.
    let sending = pin!(call.send_in_time(credential, content));
    match sending.instrument(span.clone()).await {
        Ok(response) => Ok((response, span)),
        Err(error) => {
            record_failure(&span, error.kind());
            Err(error)
        }
    }
}

/// What stays the same for all requests of one call.
struct Call<'a> {
    config: &'a SessionConfig,
    meta: &'a OperationMeta,
    options: &'a CallOptions,
}

impl Call<'_> {
    async fn send_in_time(
        &self,
        credential: &Credential,
        content: Content,
    ) -> Result<Response<Bytes>, Error> {
        let sending = pin!(self.send_authorized(credential, content));
        let Some(limit) = self.options.deadline else {
            return sending.await;
        };
        tokio::time::timeout(limit, sending)
            .await
            .unwrap_or_else(|_| {
                let late = TransportError::new(TransportErrorKind::Timeout);
                Err(Error::Transport {
                    step: self.meta.step(),
                    source: late.with_server(&self.config.graphql.uri),
                })
            })
    }

    async fn send_authorized(
        &self,
        credential: &Credential,
        content: Content,
    ) -> Result<Response<Bytes>, Error> {
        let header = authorization_header(credential).await?;
        let response = self.send_once(header.clone(), content.clone()).await?;
        if !is_token_rejected(&response, self.meta.kind) {
            return check_scope(response);
        }
        // The token was refused before anything was carried out: send once more.
        let Some(renewed) = Box::pin(renewed_header(credential, header)).await? else {
            return Err(unauthorized(&response, false));
        };
        let response = self.send_once(Some(renewed), content).await?;
        if is_token_rejected(&response, self.meta.kind) {
            return Err(unauthorized(&response, true));
        }
        check_scope(response)
    }

    async fn send_once(
        &self,
        authorization: Option<HeaderValue>,
        content: Content,
    ) -> Result<Response<Bytes>, Error> {
        let safety = self.meta.retry_safety(self.options);
        self.config
            .graphql
            .send(self.meta, safety, authorization, content, self.options)
            .await
    }
}

/// The `Authorization` header for a request of the application's own, fresh.
pub(crate) async fn authorization_header(
    credential: &Credential,
) -> Result<Option<HeaderValue>, Error> {
    match credential {
        Credential::Fixed(header) => Ok(header.clone()),
        Credential::Source(source) => header_from(&**source, false).await.map(Some),
        Credential::Profile(profile) => {
            match profile.map_fresh(|current| current.header.clone()) {
                Some(header) => Ok(Some(header)),
                // Boxed: the common case should not have the size of a renewal.
                None => {
                    let authorized = Box::pin(single_flight::usable_tokens(profile)).await?;
                    Ok(Some(authorized.header.clone()))
                }
            }
        }
    }
}

/// Another header than this one, which was refused: with a token that another task or process got
/// meanwhile, or with a new one. None where there is no other one to be had.
pub(crate) async fn renewed_header(
    credential: &Credential,
    refused: Option<HeaderValue>,
) -> Result<Option<HeaderValue>, Error> {
    match credential {
        Credential::Fixed(_) => Ok(None),
        Credential::Source(source) => header_from(&**source, true).await.map(Some),
        Credential::Profile(profile) => {
            let reason = refused.map_or(RenewReason::Due, RenewReason::Rejected);
            let authorized = single_flight::join_or_start_renewal(profile, reason).await?;
            Ok(Some(authorized.header.clone()))
        }
    }
}
