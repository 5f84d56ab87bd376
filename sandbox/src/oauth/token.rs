//! `POST /oauth2/token`: the exchange of a code (RFC 6749 §4.1.3, RFC 7636 §4.6) and the refresh
//! (RFC 6749 §6).

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::error::{NO_STORE, OAuthError};
use super::form::Parameters;
use super::state::{Issued, Refusal};
use crate::faults::Fault;
use crate::shared::{Shared, SharedState};

pub(crate) async fn token(
    State(shared): State<SharedState>,
    fault: Option<Extension<Fault>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let fault = fault.map(|Extension(fault)| fault);
    match answer(&shared, fault, &headers, &body) {
        Ok(body) => (NO_STORE, Json(body)).into_response(),
        Err(error) => error.into_response(),
    }
}

fn answer(
    shared: &Shared,
    fault: Option<Fault>,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Value, OAuthError> {
    let form = Parameters::from_body(headers, body)?;
    let grant_type = form.require("grant_type")?;
    if grant_type == "refresh_token" {
        shared.count(|counts| counts.refresh_attempts += 1);
    }
    let client = form.require("client_id")?;
    match fault {
        Some(Fault::InvalidGrant) => {
            return Err(OAuthError::invalid_grant("the sandbox was told to say so"));
        }
        Some(Fault::ExpiredCode) => return Err(OAuthError::invalid_grant("the code has expired")),
        Some(Fault::InvalidClient) => return Err(OAuthError::invalid_client()),
        Some(Fault::ForgottenClient) => shared.oauth().forget_client(client),
        Some(Fault::RevokedFamily) => {
            let revoked = shared.oauth().revoke_all();
            shared.count(|counts| counts.families_revoked += revoked);
        }
        _ => {}
    }
    if shared.oauth().client(client).is_none() {
        return Err(OAuthError::invalid_client());
    }
    let issued = match grant_type {
        "authorization_code" => exchange(shared, &form, client)?,
        "refresh_token" => refresh(shared, &form, client)?,
        _ => {
            return Err(OAuthError::new(
                "unsupported_grant_type",
                "grant_type must be authorization_code or refresh_token",
            ));
        }
    };
    Ok(distorted(success(shared, &issued), fault))
}

fn exchange(shared: &Shared, form: &Parameters, client: &str) -> Result<Issued, OAuthError> {
    let code = form.require("code")?;
    let redirect_uri = form.require("redirect_uri")?;
    let verifier = form.require("code_verifier")?;
    if !is_verifier(verifier) {
        return Err(OAuthError::invalid_request(
            "code_verifier must have 43 to 128 characters of A-Z a-z 0-9 - . _ ~",
        ));
    }
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
    let lifetime = shared.rules.access_token_lifetime;
    let now = shared.now();
    let issued = shared
        .oauth()
        .exchange(code, client, redirect_uri, &challenge, now, lifetime);
    let issued = issued.map_err(|refusal| refused(shared, refusal))?;
    shared.count(|counts| counts.code_exchanges += 1);
    Ok(issued)
}

fn refresh(shared: &Shared, form: &Parameters, client: &str) -> Result<Issued, OAuthError> {
    let token = form.require("refresh_token")?;
    let scopes = form
        .get("scope")
        .map(|scope| scope.split_whitespace().map(Into::into).collect());
    let rules = &shared.rules;
    let rotation = (rules.rotate, rules.refresh_grace);
    let now = shared.now();
    let issued = shared.oauth().refresh(
        token,
        client,
        scopes,
        rotation,
        now,
        rules.access_token_lifetime,
    );
    let issued = issued.map_err(|refusal| refused(shared, refusal))?;
    shared.count(|counts| counts.refreshes += 1);
    Ok(issued)
}

fn refused(shared: &Shared, refusal: Refusal) -> OAuthError {
    match refusal {
        Refusal::Invalid(reason) => OAuthError::invalid_grant(reason),
        Refusal::Reused(reason) => {
            shared.count(|counts| counts.families_revoked += 1);
            OAuthError::invalid_grant(reason)
        }
    }
}

/// RFC 7636 §4.1.
fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

fn success(shared: &Shared, issued: &Issued) -> Value {
    json!({
        "access_token": issued.access,
        "token_type": "Bearer",
        "expires_in": shared.rules.access_token_lifetime.as_secs(),
        "refresh_token": issued.refresh,
        "scope": issued.scopes.join(" "),
    })
}

/// What some faults make of a good answer.
fn distorted(mut body: Value, fault: Option<Fault>) -> Value {
    let seconds = body["expires_in"].as_u64().unwrap_or_default();
    let dropped = match fault {
        Some(Fault::NoExpiresIn) => "expires_in",
        Some(Fault::NoRefreshToken) => "refresh_token",
        Some(Fault::NoTokenType) => "token_type",
        Some(Fault::NoAccessToken) => "access_token",
        Some(Fault::StringExpiresIn) => {
            body["expires_in"] = json!(seconds.to_string());
            return body;
        }
        Some(Fault::FloatExpiresIn) => {
            // Written as a float, `3600.0`, as some servers do.
            #[allow(clippy::cast_precision_loss)]
            let seconds = seconds as f64;
            body["expires_in"] = json!(seconds);
            return body;
        }
        Some(Fault::OtherTokenType) => {
            body["token_type"] = json!("DPoP");
            return body;
        }
        _ => return body,
    };
    if let Some(members) = body.as_object_mut() {
        members.remove(dropped);
    }
    body
}
