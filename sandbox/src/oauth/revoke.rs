//! `POST /oauth2/revoke` (RFC 7009). Either token ends the whole family.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::error::{NO_STORE, OAuthError};
use super::form::Parameters;
use crate::shared::{Shared, SharedState};

pub(crate) async fn revoke(
    State(shared): State<SharedState>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match answer(&shared, &headers, &body) {
        Ok(()) => (StatusCode::OK, NO_STORE).into_response(),
        Err(error) => error.into_response(),
    }
}

fn answer(shared: &Shared, headers: &HeaderMap, body: &[u8]) -> Result<(), OAuthError> {
    let form = Parameters::from_body(headers, body)?;
    let token = form.require("token")?;
    let client = form.require("client_id")?;
    let mut oauth = shared.oauth();
    if oauth.client(client).is_none() {
        return Err(OAuthError::invalid_client());
    }
    // An unknown token is as good as revoked (§2.2).
    let family = oauth.family_of(token, client);
    if family.is_some_and(|family| oauth.revoke(family)) {
        shared.count(|counts| {
            counts.revocations += 1;
            counts.families_revoked += 1;
        });
    }
    Ok(())
}
