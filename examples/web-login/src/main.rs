//! A web application whose users log in to Attendium: `/login` sends the browser away, `/callback`
//! is where it comes back, `/` says who it is. Each user is a profile of one session.
//!
//! It runs against a local Attendium of its own, so that `cargo run` is all there is to it.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use attendium::{Error, LoginError, Me, PendingLogin, Session};
use attendium_sandbox::Sandbox;
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use tokio::task::JoinHandle;

/// Anybody can begin a login, so the oldest makes room for a new one.
const MOST_PENDING: usize = 1000;

#[derive(Clone)]
struct Application {
    session: Session,
    address: String,
    visitors: Arc<Mutex<Visitors>>,
}

/// What the application remembers of its visitors, by ids that it made up itself. Another
/// application would have a database.
#[derive(Default)]
struct Visitors {
    /// By the cookie `login`, the oldest first.
    pending: VecDeque<(String, PendingLogin)>,
    /// The profile of each visitor who has logged in, by the cookie `visitor`.
    profiles: HashMap<String, String>,
}

impl Visitors {
    fn keep(&mut self, id: String, pending: PendingLogin) {
        self.pending.push_back((id, pending));
        if self.pending.len() > MOST_PENDING {
            self.pending.pop_front();
        }
    }

    fn take(&mut self, id: &str) -> Option<PendingLogin> {
        let place = self.pending.iter().position(|(other, _)| other == id)?;
        Some(self.pending.remove(place)?.1)
    }
}

impl Application {
    fn visitors(&self) -> MutexGuard<'_, Visitors> {
        self.visitors.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn log_out(&self, id: &str) -> Result<(), Error> {
        let profile = self.visitors().profiles.remove(id);
        if let Some(profile) = profile {
            self.session.for_profile(profile)?.logout().await?;
        }
        Ok(())
    }

    /// The header that sets a cookie; an empty value removes it.
    fn set_cookie(&self, name: &str, value: &str) -> (header::HeaderName, String) {
        // A browser need not send a secure cookie back over plain http, which this example speaks.
        let https = self.address.starts_with("https:");
        let secure = if https { "; Secure" } else { "" };
        let age = if value.is_empty() { "; Max-Age=0" } else { "" };
        let cookie = format!("{name}={value}; HttpOnly; SameSite=Lax; Path=/{secure}{age}");
        (header::SET_COOKIE, cookie)
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?;
    let (application, serving) = serve(&sandbox).await?;
    let user = sandbox.user();
    println!(
        "Open {} and log in as {} with {}",
        application.address, user.login, user.password
    );
    serving.await??;
    Ok(())
}

/// Starts the application, and what goes on until it fails.
async fn serve(
    sandbox: &Sandbox,
) -> Result<(Application, JoinHandle<std::io::Result<()>>), Box<dyn std::error::Error>> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    let application = Application {
        session: Session::builder()
            .base_url(sandbox.base_url())
            .application("Guest lists on the web")
            .build()?,
        address,
        visitors: Arc::default(),
    };
    let router = Router::new()
        .route("/", get(home))
        .route("/login", get(login))
        .route("/callback", get(callback))
        .route("/logout", post(logout))
        .with_state(application.clone());
    Ok((
        application,
        tokio::spawn(axum::serve(listener, router).into_future()),
    ))
}

async fn home(
    State(application): State<Application>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    // The profile is the one that belongs to the id, and never the text of the cookie: with that,
    // a browser could choose any profile of the application's.
    let id = cookie(&headers, "visitor");
    let profile = application.visitors().profiles.get(id).cloned();
    let Some(profile) = profile else {
        return Ok(login_page(StatusCode::OK, "Welcome."));
    };
    match application.session.for_profile(profile)?.run(&Me {}).await {
        Ok(data) => Ok(Html(format!(
            "<title>Home</title><form method=post action=/logout><button>Log out</button></form>\
             You are user {}",
            escape(data.me.id.as_str())
        ))
        .into_response()),
        Err(error) if error.is_login_required() => {
            application.visitors().profiles.remove(id);
            Ok(login_page(StatusCode::OK, "Your login has ended."))
        }
        Err(error) => Err(error.into()),
    }
}

async fn login(
    State(application): State<Application>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let session = application
        .session
        .for_profile(format!("visitor-{}", random()))?;
    let (url, pending) = session
        .begin_login(&format!("{}/callback", application.address))
        .await?;
    let id = random();
    let mut visitors = application.visitors();
    visitors.take(cookie(&headers, "login"));
    visitors.keep(id.clone(), pending);
    let cookie = AppendHeaders([application.set_cookie("login", &id)]);
    Ok((cookie, Redirect::to(url.as_str())).into_response())
}

async fn callback(
    State(application): State<Application>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let id = cookie(&headers, "login");
    let pending = application.visitors().take(id);
    let Some(pending) = pending else {
        let text = "This browser has begun no login here.";
        return Ok(login_page(StatusCode::BAD_REQUEST, text));
    };
    let copy = serde_json::to_string(&pending)?;
    let query = query.unwrap_or_default();
    let error = match application.session.finish_login(pending, &query).await {
        Ok(status) => {
            application.log_out(cookie(&headers, "visitor")).await?;
            // A new id, which nobody can have put into the browser before the login.
            let visitor = random();
            let mut visitors = application.visitors();
            visitors.profiles.insert(visitor.clone(), status.profile);
            let cookies = [
                application.set_cookie("visitor", &visitor),
                application.set_cookie("login", ""),
            ];
            return Ok((AppendHeaders(cookies), Redirect::to("/")).into_response());
        }
        Err(error) => error,
    };
    if matches!(error, Error::Login(LoginError::StateMismatch)) {
        // Anybody can send the browser here with a `state`: the real callback may still come.
        let pending = serde_json::from_str(&copy)?;
        application.visitors().keep(id.to_owned(), pending);
    }
    match error {
        Error::Login(_) | Error::LoginRequired { .. } | Error::Refused(_) => {
            Ok(login_page(StatusCode::BAD_REQUEST, &error.to_string()))
        }
        error => Err(error.into()),
    }
}

/// A `POST`, with which `SameSite=Lax` sends the cookie from the application's own pages alone.
async fn logout(
    State(application): State<Application>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    application.log_out(cookie(&headers, "visitor")).await?;
    let cookie = AppendHeaders([application.set_cookie("visitor", "")]);
    Ok((cookie, Redirect::to("/")).into_response())
}

/// The value of a cookie, as the browser sent it; empty where there is none.
fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    let cookies = headers.get(header::COOKIE);
    let cookies = cookies.and_then(|cookies| cookies.to_str().ok());
    cookies
        .unwrap_or_default()
        .split("; ")
        .find_map(|cookie| cookie.strip_prefix(name)?.strip_prefix('='))
        .unwrap_or_default()
}

/// A name that nobody can guess.
fn random() -> String {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).expect("the system has randomness");
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn login_page(status: StatusCode, text: &str) -> Response {
    let text = escape(text);
    let page = format!("<title>Log in</title><p>{text}</p><a href=/login>Log in</a>");
    (status, Html(page)).into_response()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// An error as a page: what happened, without markup. It is not the visitor's.
struct Failure(String);

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        (StatusCode::BAD_GATEWAY, self.0).into_response()
    }
}

#[cfg(test)]
mod tests;
