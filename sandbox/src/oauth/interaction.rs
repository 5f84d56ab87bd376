//! The login and consent pages' requests: what a browser sends between `authorize` and the client's
//! redirect URI.

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::header::{CACHE_CONTROL, COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::form::Parameters;
use super::redirect::redirect;
use super::state::Interaction;
use crate::faults::{Fault, Place};
use crate::pages;
use crate::shared::{Shared, SharedState};

const COOKIE_NAME: &str = "attendium_sandbox";

/// The cookie that the browser sent.
pub(crate) fn browser(headers: &HeaderMap) -> Option<String> {
    let sent = headers.get_all(COOKIE).into_iter();
    let mut pairs = sent
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs
        .find(|(name, _)| *name == COOKIE_NAME)
        .map(|(_, value)| value.to_owned())
}

/// The header that sets the cookie. There is no `Secure`, since the sandbox speaks plain HTTP on
/// loopback.
pub(crate) fn cookie(browser: &str) -> String {
    format!("{COOKIE_NAME}={browser}; Path=/oauth2; HttpOnly; SameSite=Lax")
}

const STALE: &str = "This page is out of date, or belongs to another browser. \
    Go back to the application and log in from there again.";

/// The step that a request is about, and its id.
fn current(
    shared: &Shared,
    headers: &HeaderMap,
    parameters: &Parameters,
) -> Option<(String, Interaction)> {
    let id = parameters.get("step")?;
    let browser = browser(headers)?;
    let interaction = shared.oauth().interaction(id, &browser).cloned()?;
    Some((id.to_owned(), interaction))
}

/// What a form says, and the step that it was sent for.
fn submitted(
    shared: &Shared,
    headers: &HeaderMap,
    body: &Bytes,
) -> Option<(Parameters, String, Interaction)> {
    let form = Parameters::from_body(headers, body).ok()?;
    let (step, interaction) = current(shared, headers, &form)?;
    Some((form, step, interaction))
}

fn client_name(shared: &Shared, interaction: &Interaction) -> String {
    let oauth = shared.oauth();
    let client = oauth.client(&interaction.request.client);
    client.map_or_else(String::new, |client| client.name.clone())
}

pub(crate) async fn login_page(
    State(shared): State<SharedState>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let parameters = Parameters::parse(query.unwrap_or_default().as_bytes()).ok();
    let Some((step, interaction)) = parameters.and_then(|query| current(&shared, &headers, &query))
    else {
        return pages::error(StatusCode::BAD_REQUEST, STALE);
    };
    show_login(&shared, &step, &interaction, "", false)
}

fn show_login(
    shared: &Shared,
    step: &str,
    interaction: &Interaction,
    login: &str,
    wrong: bool,
) -> Response {
    let example = {
        let world = shared.world.lock();
        let user = world.users.first();
        user.map(|user| (user.login.clone(), user.password.clone()))
    };
    pages::login(&pages::Login {
        application: &client_name(shared, interaction),
        step,
        csrf: &interaction.csrf,
        login,
        wrong,
        example,
    })
}

pub(crate) async fn login(
    State(shared): State<SharedState>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some((form, step, interaction)) = submitted(&shared, &headers, &body) else {
        return pages::error(StatusCode::BAD_REQUEST, STALE);
    };
    if form.get("csrf") != Some(&interaction.csrf) {
        return pages::error(StatusCode::FORBIDDEN, STALE);
    }
    let login = form.get("login").unwrap_or_default();
    let password = form.get("password").unwrap_or_default();
    let user = shared.world.lock().log_in(login, password);
    let Some(user) = user else {
        return show_login(&shared, &step, &interaction, login, true);
    };
    let browser = shared.oauth().log_in(&step, user);
    let headers = [
        (LOCATION, format!("/oauth2/consent?step={step}")),
        (SET_COOKIE, cookie(&browser)),
        (CACHE_CONTROL, "no-store".to_owned()),
    ];
    (StatusCode::SEE_OTHER, headers).into_response()
}

pub(crate) async fn consent_page(
    State(shared): State<SharedState>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let parameters = Parameters::parse(query.unwrap_or_default().as_bytes()).ok();
    let Some((step, interaction)) = parameters.and_then(|query| current(&shared, &headers, &query))
    else {
        return pages::error(StatusCode::BAD_REQUEST, STALE);
    };
    let user = shared.oauth().logged_in(&interaction.browser).cloned();
    let user = user.and_then(|id| {
        let world = shared.world.lock();
        world
            .user(&id)
            .map(|user| (user.name.clone(), user.login.clone()))
    });
    let Some((name, login)) = user else {
        return pages::error(StatusCode::FORBIDDEN, STALE);
    };
    pages::consent(&pages::Consent {
        application: &client_name(&shared, &interaction),
        step: &step,
        csrf: &interaction.csrf,
        name: &name,
        login: &login,
        scopes: &interaction.request.scopes,
        redirect_uri: &interaction.request.redirect_uri,
    })
}

pub(crate) async fn consent(
    State(shared): State<SharedState>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some((form, step, interaction)) = submitted(&shared, &headers, &body) else {
        return pages::error(StatusCode::BAD_REQUEST, STALE);
    };
    let user = shared.oauth().logged_in(&interaction.browser).cloned();
    let (Some(user), true) = (user, form.get("csrf") == Some(&interaction.csrf)) else {
        return pages::error(StatusCode::FORBIDDEN, STALE);
    };
    let decision = form.get("decision").unwrap_or_default().to_owned();
    if decision != "allow" && decision != "deny" {
        return pages::error(StatusCode::BAD_REQUEST, STALE);
    }
    shared.oauth().finish(&step);
    let fault = shared
        .faults
        .take(Place::Authorize, Fault::is_of_the_callback);
    if fault.is_some() {
        shared.count(|counts| counts.faults_played += 1);
    }
    let request = interaction.request;
    let (redirect_uri, state) = (request.redirect_uri.clone(), request.state.clone());
    let answer = |parameters: &[(&str, &str)]| {
        redirect(&shared, &redirect_uri, parameters, state.as_deref(), fault)
    };
    if decision == "deny" {
        return answer(&[
            ("error", "access_denied"),
            ("error_description", "The user did not allow it."),
        ]);
    }
    let lifetime = match fault {
        Some(Fault::ExpiredCode) => std::time::Duration::ZERO,
        _ => shared.rules.code_lifetime,
    };
    let expires = shared.now() + lifetime;
    let code = shared.oauth().issue_code(request, &user, expires);
    shared.count(|counts| counts.authorizations += 1);
    answer(&[("code", &code)])
}
