//! `POST /oauth2/register` (RFC 7591).

use axum::Extension;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::error::{NO_STORE, OAuthError};
use super::redirect_uri;
use super::state::Client;
use crate::faults::Fault;
use crate::shared::{Shared, SharedState};

/// More than any application has.
const MOST_REDIRECT_URIS: usize = 20;

pub(crate) async fn register(
    State(shared): State<SharedState>,
    fault: Option<Extension<Fault>>,
    body: Bytes,
) -> Response {
    match answer(&shared, fault.map(|Extension(fault)| fault), &body) {
        Ok(body) => (StatusCode::CREATED, NO_STORE, Json(body)).into_response(),
        Err(error) => error.into_response(),
    }
}

fn answer(shared: &Shared, fault: Option<Fault>, body: &[u8]) -> Result<Value, OAuthError> {
    let client = read(body)?;
    let mut answer = json!({
        "client_name": client.name,
        "redirect_uris": client.redirect_uris,
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
    });
    let id = shared.oauth().register(client);
    shared.count(|counts| counts.registrations += 1);
    if fault == Some(Fault::OnlyClientId) {
        return Ok(json!({ "client_id": id }));
    }
    answer["client_id"] = json!(id);
    Ok(answer)
}

/// The client that a registration request describes (RFC 7591 §2).
fn read(body: &[u8]) -> Result<Client, OAuthError> {
    let metadata = |description: String| OAuthError::new("invalid_client_metadata", description);
    let document: Value = serde_json::from_slice(body)
        .map_err(|error| metadata(format!("the body is not JSON: {error}")))?;
    let text = |name: &str| document.get(name).and_then(Value::as_str);
    let redirect_uris = document.get("redirect_uris").and_then(Value::as_array);
    let redirect_uris: Option<Vec<String>> = redirect_uris.and_then(|uris| {
        uris.iter()
            .map(|uri| uri.as_str().map(str::to_owned))
            .collect()
    });
    let Some(redirect_uris) =
        redirect_uris.filter(|uris| (1..=MOST_REDIRECT_URIS).contains(&uris.len()))
    else {
        let description =
            format!("redirect_uris must be a list of 1 to {MOST_REDIRECT_URIS} strings");
        return Err(OAuthError::new("invalid_redirect_uri", description));
    };
    for uri in &redirect_uris {
        redirect_uri::check(uri)
            .map_err(|reason| OAuthError::new("invalid_redirect_uri", reason))?;
    }
    if text("token_endpoint_auth_method").is_some_and(|method| method != "none") {
        return Err(metadata(
            "token_endpoint_auth_method must be `none`: clients here are public".into(),
        ));
    }
    let lists = [
        ("grant_types", &["authorization_code", "refresh_token"][..]),
        ("response_types", &["code"][..]),
    ];
    for (name, known) in lists {
        let wanted = document.get(name).and_then(Value::as_array);
        let fits = |value: &Value| value.as_str().is_some_and(|value| known.contains(&value));
        if wanted.is_some_and(|wanted| !wanted.iter().all(fits)) {
            return Err(metadata(format!(
                "{name} can only have {}",
                known.join(", ")
            )));
        }
    }
    Ok(Client {
        name: text("client_name")
            .filter(|name| !name.trim().is_empty())
            .unwrap_or("An application without a name")
            .to_owned(),
        redirect_uris,
    })
}
