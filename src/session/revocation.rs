//! Tokens are revoked at the server (RFC 7009): at a logout, and those that a new login replaces.

use crate::error::{Error, Step, describe};
use crate::http::RetrySafety;
use crate::http::response::unexpected_response;

use super::client_authentication::Authentication;
use super::config::SessionConfig;
use super::oauth_response::parse_refusal;
use super::token::{self, TokenKind, Tokens};

/// Revokes the refresh token, the access token, and what is left of logins that this one replaced.
/// Gives whether the server confirmed it; without a
/// revocation endpoint it can't.
pub(crate) async fn revoke(config: &SessionConfig, tokens: &Tokens) -> Result<bool, Error> {
    let endpoint = match (config.server().await, &tokens.revocation_endpoint) {
        (Ok(server), _) => server.revocation_endpoint,
        (Err(_), Some(endpoint)) => Some(endpoint.clone()),
        (Err(error), None) => return Err(error),
    };
    let Some(endpoint) = endpoint else {
        return Ok(false);
    };
    let client = config.client_of(tokens);
    let kinds = [TokenKind::Refresh, TokenKind::Access].into_iter();
    for kind in kinds.chain((0..tokens.replaced.len()).map(TokenKind::Replaced)) {
        let request = |secret_again| {
            token::revocation_request(&endpoint, &client, tokens, kind, secret_again)
        };
        let Some(first) = request(false) else {
            continue;
        };
        let mut result = revoke_one(config, first?).await;
        // Some servers want the secret in the form here, beside Basic (PyPI's `mcp` is one).
        if matches!(&result, Err(Error::Refused(refusal)) if refusal.is("invalid_request"))
            && client.authentication == Authentication::ClientSecretBasic
            && let Some(second) = request(true)
        {
            result = revoke_one(config, second?).await;
        }
        let needed = match kind {
            TokenKind::Refresh => true,
            // RFC 7009 §2.1: servers need not be able to revoke access tokens, and most end them
            // with the refresh token.
            TokenKind::Access => tokens.refresh.is_none(),
            TokenKind::Replaced(_) => false,
        };
        match result {
            Err(error) if needed => return Err(error),
            Err(error) => tracing::debug!(
                target: "attendium::session",
                error = describe(&error),
                "a token was not revoked; the login's refresh token was"
            ),
            Ok(()) => {}
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
