//! A web application whose users log in to Attendium: `/login` sends the browser away, `/callback`
//! is where it comes back, `/` says who it is. Each user is a profile of one session.
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
use tokio::task::JoinHandle;

/// What the application remembers of its visitors, by the value of their cookie. Another
/// application would have a database.
#[derive(Clone)]
struct Application {
    session: Session,
    address: String,
    pending: Arc<Mutex<HashMap<String, PendingLogin>>>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?;
    let (address, serving) = serve(&sandbox).await?;
    let user = sandbox.user();
    println!(
        "Open {address} and log in as {} with {}",
        user.login, user.password
    );
    serving.await??;
    Ok(())
}

/// Starts the application: its address, and what goes on until it fails.
async fn serve(
    sandbox: &Sandbox,
) -> Result<(String, JoinHandle<std::io::Result<()>>), Box<dyn std::error::Error>> {
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
    Ok((
        address,
        tokio::spawn(axum::serve(listener, router).into_future()),
    ))
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
        .run(&Me {})
        .await?
        .me;
    Ok(Html(format!("<title>Home</title>You are user {}", me.id)))
}

async fn login(State(application): State<Application>) -> Result<Response, Failure> {
    let visitor = random();
    let session = application.session.for_profile(&visitor)?;
    let (url, pending) = session
        .begin_login(&format!("{}/callback", application.address))
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
        .finish_login(pending, &query.unwrap_or_default())
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

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    /// What a browser with this cookie gets: the head and the page.
    async fn open(url: &str, cookie: &str) -> String {
        let (host, path) = url
            .strip_prefix("http://")
            .unwrap()
            .split_once('/')
            .unwrap();
        let mut stream = tokio::net::TcpStream::connect(host).await.unwrap();
        let request = format!(
            "GET /{path} HTTP/1.1\r\nhost: {host}\r\ncookie: {cookie}\r\nconnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    fn header<'a>(answer: &'a str, name: &str) -> &'a str {
        let line = answer
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        line.unwrap_or_else(|| panic!("no {name}: {answer}"))
    }

    #[tokio::test]
    async fn a_visitor_logs_in_and_is_known() {
        let sandbox = Sandbox::start().await.unwrap();
        let (address, _serving) = serve(&sandbox).await.unwrap();
        assert!(open(&format!("{address}/"), "").await.contains("Log in"));
        let answer = open(&format!("{address}/login"), "").await;
        let cookie = header(&answer, "set-cookie").split(';').next().unwrap();
        let browser = sandbox.scripted_user().stop_at_callback();
        let come_back = browser
            .visit(header(&answer, "location"))
            .await
            .unwrap()
            .url;
        // Somebody else's browser can't finish the login.
        let stranger = open(&come_back, "visitor=somebody").await;
        assert_eq!(header(&stranger, "location"), "/login");
        assert_eq!(header(&open(&come_back, cookie).await, "location"), "/");
        let home = open(&format!("{address}/"), cookie).await;
        assert!(home.ends_with("You are user user-emma"), "{home}");
    }
}
