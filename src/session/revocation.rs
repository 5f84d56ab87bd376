//! Tokens are revoked at the server (RFC 7009): at a logout, and those that a new login replaces.

use crate::error::{Error, Step, describe};
use crate::http::RetrySafety;
use crate::http::response::unexpected_response;

use super::config::SessionConfig;
use super::oauth_response::parse_refusal;
use super::token::{self, TokenKind, Tokens};

/// Revokes the refresh token and the access token. Gives whether the server confirmed it; without a
/// revocation endpoint it can't.
pub(crate) async fn revoke(config: &SessionConfig, tokens: &Tokens) -> Result<bool, Error> {
    let endpoint = match (config.server().await, &tokens.revocation_endpoint) {
        (Ok(server), _) => server.revoke,
        (Err(_), Some(endpoint)) => Some(endpoint.clone()),
        (Err(error), None) => return Err(error),
    };
    let Some(endpoint) = endpoint else {
        return Ok(false);
    };
    let has_refresh_token = tokens.refresh.is_some();
    for kind in [TokenKind::Refresh, TokenKind::Access] {
        let client = config.client_of(tokens);
        let Some(request) = token::revocation_request(&endpoint, &client, tokens, kind) else {
            continue;
        };
        match revoke_one(config, request?).await {
            Ok(()) => {}
            // RFC 7009 §2.1: servers need not be able to revoke access tokens, and most end them
            // with the refresh token.
            Err(error) if kind == TokenKind::Access && has_refresh_token => {
                tracing::debug!(
                    target: "attendium::session",
                    error = describe(&error),
                    "the access token was not revoked; its refresh token was"
                );
            }
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}

async fn revoke_one(
    config: &SessionConfig,
    request: http::Request<bytes::Bytes>,
) -> Result<(), Error> {
    let response = config
        .sender
        .send(Step::Revocation, RetrySafety::Idempotent, request)
        .await?;
    if let Some(refusal) = parse_refusal(Step::Revocation, &response) {
        return Err(refusal.into());
    }
    // RFC 7009 §2.2: 200 also for a token that is already dead.
    if response.status().is_success() {
        Ok(())
    } else {
        Err(unexpected_response(Step::Revocation, &response))
    }
}
