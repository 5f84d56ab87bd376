//! `GET /.well-known/oauth-authorization-server` (RFC 8414).

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::json;

use super::scopes::SCOPES;
use crate::faults::Fault;
use crate::shared::SharedState;

pub(crate) async fn metadata(
    State(shared): State<SharedState>,
    fault: Option<Extension<Fault>>,
) -> Response {
    shared.count(|counts| counts.discoveries += 1);
    let base = &shared.base_url;
    let mut document = json!({
        "issuer": base,
        "authorization_endpoint": format!("{base}/oauth2/authorize"),
        "token_endpoint": format!("{base}/oauth2/token"),
        "registration_endpoint": format!("{base}/oauth2/register"),
        "scopes_supported": SCOPES,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_methods_supported": ["none"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": shared.rules.iss_parameter,
    });
    if shared.rules.revocation_endpoint {
        document["revocation_endpoint"] = json!(format!("{base}/oauth2/revoke"));
        document["revocation_endpoint_auth_methods_supported"] = json!(["none"]);
    }
    match fault.map(|Extension(fault)| fault) {
        Some(Fault::WrongIssuer) => document["issuer"] = json!("https://issuer.example"),
        Some(Fault::ForeignEndpoint) => {
            document["token_endpoint"] = json!("https://tokens.example/oauth2/token");
        }
        Some(Fault::PlainHttpEndpoint) => {
            document["token_endpoint"] = json!("http://tokens.example/oauth2/token");
        }
        Some(Fault::NoS256) => document["code_challenge_methods_supported"] = json!(["plain"]),
        _ => {}
    }
    Json(document).into_response()
}
