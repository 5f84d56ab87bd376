//! Files that can't be sent, or not to their end.

use std::error::Error as _;
use std::time::Duration;

use attendium::transport::{HttpTransport, Limits, TransportErrorKind};
use attendium::{Error, Session, Upload};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};

use super::wire::Recorder;
use super::{ImportGuests, door};

/// The kind of an error of the transport, and the whole of what it says.
fn said(error: &Error) -> (TransportErrorKind, String) {
    let Error::Transport { source, .. } = error else {
        panic!("{error:?}");
    };
    let cause = source.source().map(|cause| format!(": {cause}"));
    let text = format!("{error}: {source}{}", cause.unwrap_or_default());
    (source.kind(), text)
}

#[tokio::test]
async fn a_file_that_cannot_be_opened_is_named_and_nothing_is_sent() {
    let (sandbox, session, list) = door().await;
    let directory = tempfile::tempdir().unwrap();
    let sent = sandbox.counts().graphql_requests;
    let cases = [
        (
            Upload::from_path(directory.path().join("missing.csv")),
            "missing.csv: No such file",
        ),
        (
            Upload::from_path(directory.path()).file_name("here"),
            "here: is a directory",
        ),
        (
            Upload::from_bytes("odd", "").content_type("a\nb"),
            "odd: \"a\\nb\" is no media type",
        ),
    ];
    for (file, expected) in cases {
        let error = session
            .run(&ImportGuests::new(list.clone(), file))
            .await
            .unwrap_err();
        let (kind, text) = said(&error);
        assert_eq!(kind, TransportErrorKind::Upload);
        let server = sandbox.base_url();
        let start = format!("the GraphQL mutation failed: a file for {server} could not be read: ");
        assert!(text.starts_with(&(start + expected)), "{text}");
    }
    assert_eq!(sandbox.counts().graphql_requests, sent);
}

#[tokio::test]
async fn a_file_that_breaks_off_is_named_and_not_sent_again() {
    let server = Recorder::start().await;
    let session = server.session();
    let piece = || stream::iter([Ok(Bytes::from_static(b"name\n"))]);
    let broken = piece().chain(stream::iter([Err(std::io::Error::other("the pipe broke"))]));
    let cases = [
        (
            Upload::from_stream("a.csv", broken),
            "a.csv: the pipe broke",
        ),
        (
            Upload::from_stream("b.csv", piece()).length(6),
            "b.csv: it has fewer bytes than the 6 that were announced",
        ),
        (
            Upload::from_stream("c.csv", piece()).length(4),
            "c.csv: it has more bytes than the 4 that were announced",
        ),
    ];
    for (file, expected) in cases {
        let error = session
            .run(&ImportGuests::new("list", file))
            .await
            .unwrap_err();
        let (kind, text) = said(&error);
        assert_eq!(kind, TransportErrorKind::Upload, "{text}");
        assert!(text.ends_with(expected), "{text}");
    }
    // The server got none of them whole: the next request is the first.
    let file = Upload::from_bytes("d.csv", "whole");
    session
        .run(&ImportGuests::new("list", file))
        .await
        .unwrap_err();
    assert!(server.request().await.body.contains("\r\n\r\nwhole\r\n"));
}

fn session_with_timeout(url: String, timeout: Duration) -> Session {
    let limits = Limits::new().timeout(timeout).read_timeout(timeout);
    let builder = Session::builder().base_url(url).anonymous();
    let transport = HttpTransport::new(limits);
    builder.transport(transport).limits(limits).build().unwrap()
}

#[tokio::test]
async fn a_file_may_take_longer_than_a_request_as_long_as_it_moves() {
    let server = Recorder::start().await;
    let timeout = Duration::from_secs(2);
    let session = session_with_timeout(format!("http://{}", server.address), timeout);
    let slow = stream::iter(0..6).then(|index| async move {
        tokio::time::sleep(Duration::from_millis(500)).await;
        Ok::<_, std::io::Error>(Bytes::from(format!("piece {index}\n")))
    });
    let file = Upload::from_stream("slow.csv", slow);
    // The answer is that of another operation.
    let error = session
        .run(&ImportGuests::new("list", file))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Decode { .. }), "{error:?}");
    assert!(server.request().await.body.contains("piece 5\n"));
}

#[tokio::test]
async fn a_file_that_stops_moving_ends_with_a_timeout() {
    let server = Recorder::start().await;
    let timeout = Duration::from_millis(300);
    let session = session_with_timeout(format!("http://{}", server.address), timeout);
    let stuck = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"name\n"))])
        .chain(stream::pending());
    let operation = ImportGuests::new("list", Upload::from_stream("stuck.csv", stuck));
    let (kind, _) = said(&session.run(&operation).await.unwrap_err());
    assert_eq!(kind, TransportErrorKind::Timeout);
}
