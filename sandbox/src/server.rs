//! Accepts connections and routes requests. Each connection can be cut in the middle, which some
//! faults need.

use std::convert::Infallible;
use std::net::TcpListener as StdListener;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Router, middleware};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tower::ServiceExt as _;

use crate::faults::Place;
use crate::faults::cut::Cut;
use crate::faults::play::play;
use crate::shared::SharedState;
use crate::{graphql, oauth, pages, subscriptions};

/// A request, which may be an operation with its files, in bytes. It is kept in memory.
const LARGEST_REQUEST: usize = 64 << 20;

/// Serves until `stopped` says so, or its other end is dropped; then every connection is closed.
pub(crate) async fn serve(
    listener: StdListener,
    shared: SharedState,
    stopped: oneshot::Receiver<()>,
) {
    let Ok(listener) = TcpListener::from_std(listener) else {
        return;
    };
    let router = router(Arc::clone(&shared));
    let mut connections = JoinSet::new();
    let accept = async {
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        let shared = Arc::clone(&shared);
                        connections.spawn(connection(stream, router.clone(), shared));
                    }
                    // Out of file descriptors, most likely: give others time to close theirs.
                    Err(_) => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
                },
                Some(_) = connections.join_next() => {}
            }
        }
    };
    tokio::select! {
        () = accept => {}
        _ = stopped => {}
    }
}

async fn connection(stream: TcpStream, router: Router, shared: SharedState) {
    // Answers are small and complete; waiting for more to send only makes them late.
    let _ = stream.set_nodelay(true);
    let cut = Cut::default();
    let service = service_fn(|request: Request<Incoming>| {
        let (mut head, body) = request.into_parts();
        head.extensions.insert(cut.clone());
        let router = router.clone();
        async move {
            // Read before anything else is done: a server that answers and closes while a client
            // still sends takes the answer away from it.
            let Ok(body) = to_bytes(Body::new(body), LARGEST_REQUEST).await else {
                return Ok(StatusCode::PAYLOAD_TOO_LARGE.into_response());
            };
            let request = Request::from_parts(head, Body::from(body));
            Ok::<_, Infallible>(router.oneshot(request).await.into_response())
        }
    });
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    tokio::select! {
        _ = serving => {}
        () = cut.cut() => {}
        () = shared.connections_cut() => {}
    }
}

fn router(shared: SharedState) -> Router {
    let at = |place: Place| middleware::from_fn_with_state((Arc::clone(&shared), place), play);
    Router::new()
        .route(
            "/.well-known/oauth-authorization-server",
            get(oauth::metadata).layer(at(Place::Discovery)),
        )
        .route(
            "/oauth2/register",
            post(oauth::register).layer(at(Place::Register)),
        )
        .route(
            "/oauth2/authorize",
            get(oauth::authorize).layer(at(Place::Authorize)),
        )
        .route("/oauth2/login", get(oauth::login_page).post(oauth::login))
        .route(
            "/oauth2/consent",
            get(oauth::consent_page).post(oauth::consent),
        )
        .route("/oauth2/token", post(oauth::token).layer(at(Place::Token)))
        .route(
            "/oauth2/revoke",
            post(oauth::revoke).layer(at(Place::Revoke)),
        )
        .route(
            "/graphql",
            post(graphql::endpoint)
                .layer(at(Place::Graphql))
                .get(subscriptions::socket::endpoint),
        )
        .route("/elsewhere", axum::routing::any(elsewhere))
        .route("/", get(pages::front))
        .fallback(not_found)
        .layer(DefaultBodyLimit::max(LARGEST_REQUEST))
        .with_state(shared)
}

/// Where the fault `redirect` points.
async fn elsewhere(State(shared): State<SharedState>) -> Response {
    shared.count(|counts| counts.redirects_followed += 1);
    (StatusCode::OK, "{}").into_response()
}

async fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "There is nothing at this address.\n").into_response()
}
