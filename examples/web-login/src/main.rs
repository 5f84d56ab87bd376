//! A web application whose users log in to Attendium: `/login` sends the browser away, `/callback` is where it comes back, `/` says who
//! it is. Each user is a profile of one session.
//!
//! It runs against a local Attendium of its own, so that `cargo run` is all there is to it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use attendium::{Me, PendingLogin, Session};
use attendium_sandbox::Sandbox;
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;

/// What the application remembers of its visitors, by the value of their cookie. Another application would have a database.
#[derive(Clone)]
struct Application {
    session: Session,
    address: String,
    pending: Arc<Mutex<HashMap<String, PendingLogin>>>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    let application = Application {
        session: Session::builder()
            .base_url(sandbox.base_url())
            .application("Guest lists on the web")
            .build()?,
        address: address.clone(),
        pending: Arc::default(),
    };
    let router = Router::new()
        .route("/", get(home))
        .route("/login", get(login))
        .route("/callback", get(callback))
        .with_state(application);
    let serving = tokio::spawn(axum::serve(listener, router).into_future());
    let user = sandbox.user();
    println!(
        "Open {address} and log in as {} with {}",
        user.login, user.password
    );
    serving.await??;
    Ok(())
}

async fn home(
    State(application): State<Application>,
    headers: HeaderMap,
) -> Result<Html<String>, Failure> {
    let Some(visitor) = visitor(&headers) else {
        return Ok(Html("<a href=/login>Log in</a>".into()));
    };
    // The profile is the visitor's: nobody gets another one's tokens.
    let me = application
        .session
        .for_profile(visitor)?
        .run(Me {})
        .await?
        .me;
    Ok(Html(format!("<title>Home</title>You are user {}", me.id)))
}

async fn login(State(application): State<Application>) -> Result<Response, Failure> {
    let visitor = random();
    let session = application.session.for_profile(&visitor)?;
    let (url, pending) = session
        .begin(&format!("{}/callback", application.address))
        .await?;
    application
        .pending
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(visitor.clone(), pending);
    let cookie = format!("visitor={visitor}; HttpOnly; SameSite=Lax; Path=/");
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(url.as_str())).into_response())
}

async fn callback(
    State(application): State<Application>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Redirect, Failure> {
    let pending = visitor(&headers).and_then(|visitor| {
        application
            .pending
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&visitor)
    });
    let Some(pending) = pending else {
        return Ok(Redirect::to("/login"));
    };
    application
        .session
        .finish(pending, &query.unwrap_or_default())
        .await?;
    Ok(Redirect::to("/"))
}

fn visitor(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get(header::COOKIE)?.to_str().ok()?;
    cookies
        .split("; ")
        .find_map(|cookie| cookie.strip_prefix("visitor="))
        .map(str::to_owned)
}

/// A name that nobody can guess.
fn random() -> String {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).expect("the system has randomness");
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An error as a page: what happened and what to do, without markup.
struct Failure(attendium::Error);

impl From<attendium::Error> for Failure {
    fn from(error: attendium::Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        (StatusCode::BAD_GATEWAY, self.0.to_string()).into_response()
    }
}
