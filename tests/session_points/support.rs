//! A sandbox, sessions that speak to it, a person who clicks, and transports and stores that play a
//! part.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use attendium::store::{Slot, Store, StoreKey};
use attendium::transport::{Body, BoxFuture, Transport, TransportError, TransportErrorKind};
use attendium::{Error, Login, Retries, Session, SessionBuilder, Status};
use attendium_sandbox::{Sandbox, ScriptedUser, Visit};
use bytes::Bytes;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::mpsc;

pub const APPLICATION: &str = "Guest list";

pub fn builder(sandbox: &Sandbox) -> SessionBuilder {
    Session::builder()
        .base_url(sandbox.base_url())
        .application(APPLICATION)
        .retries(quick())
}

pub fn session(sandbox: &Sandbox) -> Session {
    builder(sandbox).build().unwrap()
}

/// Retries without noticeable waits.
pub fn quick() -> Retries {
    Retries::new().first_delay(Duration::from_millis(1))
}

pub async fn logged_in(sandbox: &Sandbox) -> Session {
    let session = session(sandbox);
    log_in(&session, sandbox.scripted_user()).await.unwrap();
    session
}

pub async fn log_in(session: &Session, user: ScriptedUser) -> Result<Status, Error> {
    session.login(clicking(user).0).await
}

/// A login that this person clicks through, and where to learn what each visit showed.
pub fn clicking(user: ScriptedUser) -> (Login, mpsc::UnboundedReceiver<Visit>) {
    let (sender, visits) = mpsc::unbounded_channel();
    let login = Login::show_url_with(move |url| {
        let (user, url, sender) = (user.clone(), url.to_string(), sender.clone());
        tokio::spawn(async move {
            if let Ok(visit) = user.visit(&url).await {
                let _ = sender.send(visit);
            }
        });
    });
    (login.timeout(Duration::from_secs(20)), visits)
}

/// A login whose link goes to this channel.
pub fn handing_over() -> (Login, mpsc::UnboundedReceiver<String>) {
    let (sender, links) = mpsc::unbounded_channel();
    let login = Login::show_url_with(move |url| {
        let _ = sender.send(url.to_string());
    });
    (login.timeout(Duration::from_secs(20)), links)
}

/// The parameter of a URL's query.
pub fn parameter(url: &str, name: &str) -> Option<String> {
    let url = url::Url::parse(url).unwrap();
    url.query_pairs()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// Where the browser would come back to, from an authorize URL, as the callback's address with this
/// query.
pub fn callback(authorize_url: &str, query: &str) -> String {
    format!(
        "{}?{query}",
        parameter(authorize_url, "redirect_uri").unwrap()
    )
}

/// What a raw request to a callback's address is answered with: the status and the whole text.
pub async fn get(url: &str, headers: &str) -> std::io::Result<(u16, String)> {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let url = url::Url::parse(url).unwrap();
    let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", url.port().unwrap())).await?;
    let target = url
        .as_str()
        .split_once(&format!(":{}", url.port().unwrap()))
        .unwrap()
        .1
        .to_owned();
    stream
        .write_all(format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}\r\n").as_bytes())
        .await?;
    let mut text = String::new();
    stream.read_to_string(&mut text).await?;
    let status = text
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or(0);
    Ok((status, text))
}

pub type Answer = Result<http::Response<Bytes>, TransportError>;
/// What a transport gives.
pub type Sent = Result<http::Response<Body>, TransportError>;

/// Answers from a list, and keeps what was asked. For steps whose timing is tested on tokio's
/// paused clock.
#[derive(Clone, Default)]
pub struct Scripted {
    answers: Arc<Mutex<VecDeque<Answer>>>,
    pub requests: Arc<Mutex<Vec<http::Request<Bytes>>>>,
}

impl Scripted {
    pub fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self {
            answers: Arc::new(Mutex::new(answers.into_iter().collect())),
            requests: Arc::default(),
        }
    }

    pub fn count(&self, path: &str) -> usize {
        self.requests
            .lock()
            .unwrap()
            .iter()
            .filter(|request| request.uri().path() == path)
            .count()
    }

    /// Takes away the answers that nobody asked for.
    pub fn clear(&self) {
        self.answers.lock().unwrap().clear();
    }

    pub fn push(&self, answer: Answer) {
        self.answers.lock().unwrap().push_back(answer);
    }
}

impl Transport for Scripted {
    fn send(&self, request: http::Request<Body>) -> BoxFuture<'_, Sent> {
        let request = request.map(|body| body.as_bytes().cloned().unwrap());
        self.requests.lock().unwrap().push(request);
        let answer = self.answers.lock().unwrap().pop_front();
        Box::pin(async move {
            let answer = answer.ok_or(TransportError::new(TransportErrorKind::Setup))?;
            answer.map(|response| response.map(Body::from))
        })
    }
}

pub fn json(status: u16, body: &str) -> Answer {
    with_header(status, "content-type", "application/json", body)
}

pub fn with_header(status: u16, name: &str, value: &str, body: &str) -> Answer {
    Ok(http::Response::builder()
        .status(status)
        .header(name, value)
        .body(Bytes::from(body.to_owned()))
        .unwrap())
}

pub const METADATA: &str = r#"{"issuer":"https://api.example.com","authorization_endpoint":"https://api.example.com/a","token_endpoint":"https://api.example.com/t","registration_endpoint":"https://api.example.com/r","revocation_endpoint":"https://api.example.com/v"}"#;
pub const REDIRECT: &str = "https://guests.example.com/callback";

/// A session with a scripted server that has answered the discovery, the registration and an
/// exchange that gave a token which lives for `expires_in` seconds.
pub async fn scripted(expires_in: u64) -> (Session, Scripted) {
    let tokens = format!(
        r#"{{"access_token":"access-1","refresh_token":"refresh-1","expires_in":{expires_in}}}"#
    );
    let transport = Scripted::new([
        json(200, METADATA),
        json(201, r#"{"client_id":"c"}"#),
        json(200, &tokens),
    ]);
    let session = Session::builder()
        .base_url("https://api.example.com")
        .application(APPLICATION)
        .transport(transport.clone())
        .build()
        .unwrap();
    let (url, pending) = session.begin_login(REDIRECT).await.unwrap();
    let state = parameter(url.as_str(), "state").unwrap();
    session
        .finish_login(pending, &format!("code=the-code&state={state}"))
        .await
        .unwrap();
    (session, transport)
}

/// Everything that `tracing` says while the guard lives, on this thread.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    pub fn capture() -> (Self, tracing::subscriber::DefaultGuard) {
        let log = Self::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_span_events(tracing_subscriber::fmt::format::FmtSpan::CLOSE)
            .with_writer(move || writer.clone())
            .finish();
        (log, tracing::subscriber::set_default(subscriber))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl std::io::Write for Log {
    fn write(&mut self, text: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Milliseconds of the wall clock.
pub fn now() -> u64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_millis() as u64
}

/// Changes what is kept of a login, as another process might.
pub async fn rewrite(store: &dyn Store, of: &Status, change: impl FnOnce(&mut serde_json::Value)) {
    let slot = Slot::Profile(of.profile.clone());
    let key = StoreKey::new(of.application.clone(), of.issuer.clone(), slot);
    let mut locked = store.lock(&key, Duration::ZERO).await.unwrap();
    let stored = locked.load().await.unwrap().unwrap();
    let mut record: serde_json::Value =
        serde_json::from_str(stored.secret.expose_secret()).unwrap();
    change(&mut record);
    let record = Some(SecretString::from(record.to_string()));
    locked.replace(Some(stored.version), record).await.unwrap();
    locked.release().await;
}
