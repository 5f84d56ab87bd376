//! The address on this machine that the browser comes back to (RFC 8252 §7.3). It listens only
//! while a login runs.
//!
//! Browsers open connections without a request, ask for a favicon, prefetch, and load a page twice.
//! Any other program may call as well. So every connection has a task of its own, and what looks
//! like a callback becomes a [`CallbackRequest`]: the login decides whether it is the right one,
//! and answers each of them.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::{JoinHandle, JoinSet};

use crate::error::LoginError;

use super::page::Page;

const PATH: &str = "/callback";
/// The longest head of a request; a callback with its code and state fits many times over.
const HEAD: usize = 16 << 10;
/// Connections at the same time. A browser opens a handful.
const CONNECTIONS: usize = 64;

/// Listeners on a port of 127.0.0.1 and, where the machine has it, of `[::1]`.
pub(crate) struct LoopbackListener {
    v4: TcpListener,
    v6: Option<TcpListener>,
    port: u16,
}

impl LoopbackListener {
    /// Takes this port, or a free one for 0.
    pub(crate) async fn bind(port: u16) -> Result<Self, LoginError> {
        let failed = |error| LoginError::Listener {
            port,
            source: Arc::new(error),
        };
        let v4 = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .await
            .map_err(failed)?;
        let port = v4.local_addr().map_err(failed)?.port();
        // Without IPv6, or with another program on that port: the redirect URI says 127.0.0.1
        // anyway.
        let v6 = TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await.ok();
        Ok(Self { v4, v6, port })
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn redirect_uri(port: u16) -> String {
        format!("http://127.0.0.1:{port}{PATH}")
    }

    /// The port of a redirect URI that [`LoopbackListener::redirect_uri`] made.
    pub(crate) fn port_of(redirect_uri: &str) -> Option<u16> {
        redirect_uri
            .strip_prefix("http://127.0.0.1:")?
            .strip_suffix(PATH)?
            .parse()
            .ok()
    }

    /// Begins to answer.
    pub(crate) fn serve(self) -> CallbackServer {
        let (sender, requests) = mpsc::channel(CONNECTIONS);
        let (stop, stopped) = oneshot::channel();
        CallbackServer {
            requests,
            stop: Some(stop),
            task: tokio::spawn(accept_connections(self, sender, stopped)),
        }
    }
}

/// A request that may be the callback.
pub(crate) struct CallbackRequest {
    /// The query, without the question mark.
    pub(crate) query: String,
    answer: oneshot::Sender<Page>,
}

impl CallbackRequest {
    pub(crate) fn answer(self, page: Page) {
        // A browser that has left needs no page.
        let _ = self.answer.send(page);
    }
}

/// The listener at work. Dropping it closes the port.
pub(crate) struct CallbackServer {
    requests: mpsc::Receiver<CallbackRequest>,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl CallbackServer {
    pub(crate) async fn next_request(&mut self) -> CallbackRequest {
        match self.requests.recv().await {
            Some(request) => request,
            // The listener does not end by itself; if it does, a paste or the timeout ends the
            // login.
            None => std::future::pending().await,
        }
    }

    /// Stops listening, and lets browsers read their pages to the end.
    pub(crate) async fn close(mut self) {
        self.drain().await;
    }

    /// Stops listening as [`CallbackServer::close`] does, for a borrowed server.
    pub(crate) async fn drain(&mut self) {
        self.requests.close();
        drop(self.stop.take());
        let _ = tokio::time::timeout(Duration::from_secs(2), &mut self.task).await;
    }
}

impl Drop for CallbackServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept_connections(
    listener: LoopbackListener,
    requests: mpsc::Sender<CallbackRequest>,
    mut stopped: oneshot::Receiver<()>,
) {
    let mut connections = JoinSet::new();
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let v6 = async {
            match &listener.v6 {
                Some(listener) => listener.accept().await,
                None => std::future::pending().await,
            }
        };
        let accepted = tokio::select! {
            accepted = listener.v4.accept() => accepted,
            accepted = v6 => accepted,
            Some(_) = connections.join_next() => continue,
            _ = &mut stopped => break,
        };
        match accepted {
            Ok((stream, _)) => {
                // Beyond the limit a connection is closed at once: a flood must not keep the real
                // callback out for long.
                let Ok(permit) = Arc::clone(&room).try_acquire_owned() else {
                    continue;
                };
                let requests = requests.clone();
                connections.spawn(async move {
                    let answering = serve_connection(stream, requests).await;
                    drop(permit);
                    answering
                });
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
    drop((listener, requests));
    // A connection without a request would wait for ever; one with a page is done in no time.
    let _ = tokio::time::timeout(Duration::from_secs(1), async {
        while connections.join_next().await.is_some() {}
    })
    .await;
}

async fn serve_connection(mut stream: TcpStream, requests: mpsc::Sender<CallbackRequest>) {
    let request = tokio::select! {
        request = tokio::time::timeout(Duration::from_secs(60), read_request(&mut stream)) => {
            request.ok().flatten()
        }
        () = requests.closed() => None,
    };
    let page = match request {
        Some(ParsedRequest::Callback { query }) => {
            let (answer, page) = oneshot::channel();
            if requests
                .send(CallbackRequest { query, answer })
                .await
                .is_err()
            {
                return;
            }
            drop(requests);
            match page.await {
                Ok(page) => page,
                Err(_) => return,
            }
        }
        Some(ParsedRequest::Prefetch) => Page::NotYet,
        Some(ParsedRequest::Other) => Page::NotFound,
        Some(ParsedRequest::Malformed) => Page::BadRequest,
        None => return,
    };
    if stream.write_all(&page.response()).await.is_ok() {
        let _ = stream.shutdown().await;
        // The browser closes when it has read everything; closing before that could cut its page
        // off.
        let mut rest = [0u8; 512];
        let _ = tokio::time::timeout(Duration::from_millis(500), async {
            while stream.read(&mut rest).await.is_ok_and(|read| read > 0) {}
        })
        .await;
    }
}

enum ParsedRequest {
    Callback {
        query: String,
    },
    /// A browser that loads ahead: the code must wait for the person.
    Prefetch,
    Other,
    Malformed,
}

/// Reads a request's head. A connection that ends before is no request.
async fn read_request(stream: &mut TcpStream) -> Option<ParsedRequest> {
    let mut head = Vec::with_capacity(2048);
    loop {
        if stream.read_buf(&mut head).await.ok()? == 0 {
            return None;
        }
        if let Some(request) = parse_request(&head) {
            return Some(request);
        }
        if head.len() > HEAD {
            return Some(ParsedRequest::Malformed);
        }
    }
}

fn parse_request(head: &[u8]) -> Option<ParsedRequest> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(head) {
        Ok(httparse::Status::Partial) => return None,
        Ok(httparse::Status::Complete(_)) => {}
        Err(_) => return Some(ParsedRequest::Malformed),
    }
    let target = request.path.unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    if request.method != Some("GET") || path != PATH {
        return Some(ParsedRequest::Other);
    }
    let prefetch = request.headers.iter().any(|header| {
        let named = ["purpose", "sec-purpose", "x-moz"]
            .iter()
            .any(|name| header.name.eq_ignore_ascii_case(name));
        named
            && header
                .value
                .to_ascii_lowercase()
                .windows(8)
                .any(|part| part == b"prefetch")
    });
    Some(if prefetch {
        ParsedRequest::Prefetch
    } else {
        ParsedRequest::Callback {
            query: query.to_owned(),
        }
    })
}
