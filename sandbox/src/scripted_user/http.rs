//! A request over plain HTTP/1.1, on a connection of its own.
//!
//! It is written on hyper alone: a client library's TLS would have to be configured by whoever else
//! uses it in the same build.

use std::io;

use axum::body::{Body, to_bytes};
use hyper::client::conn::http1::handshake;
use hyper::header::HOST;
use hyper::{HeaderMap, Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use url::Url;

/// Longer than any page, and than any answer that is not meant to be too long.
const LONGEST: usize = 4 << 20;

/// An answer that was read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

/// Sends a request and follows nothing.
pub(crate) async fn send(
    method: Method,
    url: &Url,
    headers: &[(&str, String)],
    body: String,
) -> io::Result<Answer> {
    let (Some(host), Some(port), "http") =
        (url.host_str(), url.port_or_known_default(), url.scheme())
    else {
        return Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "only plain http can be requested here",
        ));
    };
    let stream = TcpStream::connect(format!("{host}:{port}")).await?;
    let (mut sender, connection) = handshake(TokioIo::new(stream))
        .await
        .map_err(io::Error::other)?;
    let target = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let mut request = Request::builder().method(method).uri(target);
    request = request.header(HOST, format!("{host}:{port}"));
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    let request = request.body(Body::from(body)).map_err(io::Error::other)?;
    let exchange = async {
        let response = sender
            .send_request(request)
            .await
            .map_err(io::Error::other)?;
        let (parts, body) = response.into_parts();
        let body = to_bytes(Body::new(body), LONGEST)
            .await
            .map_err(io::Error::other)?;
        Ok(Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        })
    };
    tokio::pin!(exchange);
    // The connection has to be driven for as long as the exchange goes on; where it ends first, the
    // exchange says how.
    tokio::select! {
        answer = &mut exchange => answer,
        _ = connection => exchange.await,
    }
}
