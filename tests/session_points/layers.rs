//! tower: layers around GraphQL requests, and services as transports.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use attendium::transport::{Body, HttpTransport, ServiceTransport, TransportError};
use attendium::{Error, Me, Retries, Session};
use attendium_sandbox::{Fault, Place, Sandbox};
use tower::ServiceBuilder;
use tower_http::trace::TraceLayer;

use crate::support::{builder, log_in};

/// Sends a request again after 503, as a retry layer of tower's does.
#[derive(Clone)]
struct AfterUnavailable(Arc<AtomicUsize>);

impl<E> tower::retry::Policy<http::Request<Body>, http::Response<Body>, E> for AfterUnavailable {
    type Future = std::future::Ready<()>;

    fn retry(
        &mut self,
        _: &mut http::Request<Body>,
        result: &mut Result<http::Response<Body>, E>,
    ) -> Option<Self::Future> {
        let unavailable = result
            .as_ref()
            .is_ok_and(|response| response.status() == 503);
        unavailable.then(|| {
            self.0.fetch_add(1, Ordering::SeqCst);
            std::future::ready(())
        })
    }

    fn clone_request(&mut self, request: &http::Request<Body>) -> Option<http::Request<Body>> {
        let body = request.body().as_bytes()?.clone();
        let mut copy = http::Request::new(Body::from(body));
        *copy.method_mut() = request.method().clone();
        *copy.uri_mut() = request.uri().clone();
        *copy.headers_mut() = request.headers().clone();
        Some(copy)
    }
}

#[tokio::test]
async fn layers_trace_limit_and_repeat_graphql_requests() {
    let sandbox = Sandbox::start().await.unwrap();
    let repeated = Arc::new(AtomicUsize::new(0));
    let traced = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&traced);
    let trace = TraceLayer::new_for_http()
        .on_request(|_: &http::Request<Body>, _: &tracing::Span| {})
        .on_response(
            move |response: &http::Response<Body>, _: Duration, _: &tracing::Span| {
                seen.lock().unwrap().push(response.status().as_u16());
            },
        );
    let session = builder(&sandbox)
        .retries(Retries::never())
        .layer(
            ServiceBuilder::new()
                .layer(tower::buffer::BufferLayer::<http::Request<Body>>::new(8))
                .rate_limit(100, Duration::from_secs(1))
                .into_inner(),
        )
        .layer(tower::retry::RetryLayer::new(AfterUnavailable(Arc::clone(
            &repeated,
        ))))
        .layer(trace)
        .build()
        .unwrap();
    log_in(&session, sandbox.scripted_user()).await.unwrap();
    sandbox
        .faults()
        .add(Place::Graphql, Fault::Status503Seconds);
    session.run(&Me {}).await.unwrap();
    assert_eq!(repeated.load(Ordering::SeqCst), 1);
    assert_eq!(*traced.lock().unwrap(), [503, 200]);
}

#[tokio::test]
async fn a_layer_may_end_a_request_that_takes_too_long() {
    let sandbox = Sandbox::start().await.unwrap();
    let session = builder(&sandbox)
        .retries(Retries::never())
        .layer(tower::timeout::TimeoutLayer::new(Duration::from_millis(50)))
        .build()
        .unwrap();
    log_in(&session, sandbox.scripted_user()).await.unwrap();
    sandbox.faults().add(Place::Graphql, Fault::Hung);
    let error = session.run(&Me {}).await.unwrap_err();
    assert!(matches!(error, Error::Transport { .. }), "{error:?}");
    let cause = std::error::Error::source(&error)
        .and_then(std::error::Error::source)
        .unwrap();
    assert_eq!(cause.to_string(), "request timed out");
    session.run(&Me {}).await.unwrap();
}

#[tokio::test]
async fn a_service_is_a_transport() {
    let sandbox = Sandbox::start().await.unwrap();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let (client, paths) = (HttpTransport::default(), Arc::clone(&asked));
    let service = tower::service_fn(move |request: http::Request<Body>| {
        use attendium::transport::Transport as _;
        let client = client.clone();
        paths.lock().unwrap().push(request.uri().path().to_owned());
        async move { client.send(request).await }
    });
    let session = builder(&sandbox)
        .transport(ServiceTransport::new(service))
        .build()
        .unwrap();
    log_in(&session, sandbox.scripted_user()).await.unwrap();
    session.run(&Me {}).await.unwrap();
    let asked = asked.lock().unwrap();
    assert!(asked.iter().any(|path| path == "/graphql"), "{asked:?}");
    assert!(
        asked.iter().any(|path| path.ends_with("/token")),
        "{asked:?}"
    );
}

#[tokio::test]
async fn what_a_service_says_of_its_error_is_kept() {
    let session = |error: TransportError| {
        let service = tower::service_fn(move |_: http::Request<Body>| {
            let error = error.clone();
            async move { Err::<http::Response<Body>, _>(error) }
        });
        Session::builder()
            .base_url("https://api.example.com")
            .anonymous()
            .retries(Retries::never())
            .transport(ServiceTransport::new(service))
            .build()
            .unwrap()
    };
    use attendium::transport::TransportErrorKind;
    let refused = TransportError::new(TransportErrorKind::Connect);
    let error = session(refused).run(&Me {}).await.unwrap_err();
    let Error::Transport { source, .. } = error else {
        panic!("{error:?}");
    };
    assert!(source.never_sent());
}
