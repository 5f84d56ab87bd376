//! Operations with `@defer` and `@stream`: what is asked for, and each state of what comes.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use attendium::transport::{Body, BoxFuture, Transport, TransportError, TransportErrorKind};
use attendium::{CallOptions, DecodeErrorKind, Deferred, Error, IncrementalFault, Session};
use bytes::Bytes;

use crate::support::{Sent, quick, scripted};

pub struct Event {}

#[derive(Debug, Clone, PartialEq)]
pub struct Data {
    pub name: String,
    pub stats: Deferred<Stats>,
    pub guests: Vec<i32>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Stats {
    pub sold: i32,
}

attendium::impl_graphql! {
    query Event {
        data: Data,
        name: "Event",
        source: "tests/session_points/parts.rs:1",
        document: "query Event{name ...@defer(label:\"stats\"){sold}guests@stream}",
        incremental: true,
    }
    variables Event {}
    object Data { name, ..stats @ "stats", guests }
    object Stats { sold }
}

const FIRST: &str = r#"{"data":{"name":"Ball","guests":[]},"hasNext":true,"pending":[
    {"id":"0","path":[],"label":"stats"},{"id":"1","path":["guests"]}]}"#;
const SECOND: &str = r#"{"incremental":[{"id":"1","items":[1,2]}],"hasNext":true}"#;
const LAST: &str = r#"{"incremental":[{"id":"0","data":{"sold":7}},{"id":"1","items":[3]}],
    "completed":[{"id":"0"},{"id":"1"}],"hasNext":false}"#;

fn whole() -> Data {
    Data {
        name: "Ball".into(),
        stats: Deferred::Ready(Stats { sold: 7 }),
        guests: vec![1, 2, 3],
    }
}

/// What comes after a wait, or the end of the connection.
#[derive(Clone)]
enum Piece {
    Bytes(String),
    Wait(Duration),
    Cut,
}

fn part(json: &str) -> Piece {
    Piece::Bytes(format!("\r\n--x\r\n\r\n{json}\r\n--x"))
}

fn end() -> Piece {
    Piece::Bytes("--\r\n".into())
}

struct Pieces(
    VecDeque<Piece>,
    Option<std::pin::Pin<Box<tokio::time::Sleep>>>,
);

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, TransportError>>> {
        use std::task::Poll;
        loop {
            if let Some(wait) = &mut self.1 {
                std::task::ready!(wait.as_mut().poll(context));
                self.1 = None;
            }
            return Poll::Ready(match self.0.pop_front() {
                None => None,
                Some(Piece::Bytes(bytes)) => Some(Ok(http_body::Frame::data(bytes.into()))),
                Some(Piece::Cut) => Some(Err(TransportError::new(TransportErrorKind::Interrupted))),
                Some(Piece::Wait(wait)) => {
                    self.1 = Some(Box::pin(tokio::time::sleep(wait)));
                    continue;
                }
            });
        }
    }
}

/// A status, a media type and what comes.
type Answer = (u16, &'static str, Vec<Piece>);

/// Answers each request with the next status, type and pieces, and keeps what was asked.
#[derive(Clone, Default)]
struct Server {
    answers: Arc<Mutex<VecDeque<Answer>>>,
    asked: Arc<Mutex<Vec<http::Request<()>>>>,
}

const MULTIPART: &str = "multipart/mixed; boundary=\"x\"; incrementalSpec=v0.2";

impl Server {
    fn answer(&self, status: u16, kind: &'static str, pieces: impl Into<Vec<Piece>>) -> &Self {
        self.answers
            .lock()
            .unwrap()
            .push_back((status, kind, pieces.into()));
        self
    }

    fn asked(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        let header = |request: &http::Request<()>, name| {
            let value = request
                .headers()
                .get(name)
                .map(|value| value.to_str().unwrap().to_owned());
            value.unwrap_or_default()
        };
        asked
            .iter()
            .map(|request| header(request, "accept"))
            .collect()
    }

    fn session(&self) -> Session {
        Session::builder()
            .base_url("https://api.example.com")
            .access_token("token")
            .retries(quick())
            .transport(self.clone())
            .build()
            .unwrap()
    }
}

impl Transport for Server {
    fn send(&self, request: http::Request<Body>) -> BoxFuture<'_, Sent> {
        let (head, _) = request.into_parts();
        self.asked
            .lock()
            .unwrap()
            .push(http::Request::from_parts(head, ()));
        let answer = self.answers.lock().unwrap().pop_front();
        Box::pin(async move {
            let (status, kind, pieces) =
                answer.ok_or(TransportError::new(TransportErrorKind::Connect))?;
            let response = http::Response::builder()
                .status(status)
                .header("content-type", kind);
            Ok(response
                .body(Body::new(Pieces(pieces.into(), None)))
                .unwrap())
        })
    }
}

async fn states(session: &Session) -> Vec<Result<attendium::Response<Data>, Error>> {
    let mut stream = session.stream(&Event {});
    let mut states = Vec::new();
    while let Some(state) = stream.next().await {
        states.push(state);
    }
    assert!(stream.next().await.is_none());
    states
}

#[tokio::test(start_paused = true)]
async fn each_state_comes_when_its_part_does_and_run_waits_for_all() {
    let pause = Piece::Wait(Duration::from_secs(1));
    let pieces = [
        part(FIRST),
        pause.clone(),
        part(SECOND),
        pause,
        part(LAST),
        end(),
    ];
    let server = Server::default();
    server
        .answer(200, MULTIPART, pieces.clone())
        .answer(200, MULTIPART, pieces);
    let began = tokio::time::Instant::now();
    let mut stream = server.session().stream(&Event {});
    assert!(
        server.asked().is_empty(),
        "nothing is sent before it is asked for"
    );
    let mut at = Vec::new();
    let mut states = Vec::new();
    while let Some(state) = stream.next().await {
        at.push(began.elapsed().as_secs());
        states.push(state.unwrap());
    }
    assert_eq!(at, [0, 1, 2]);
    let data: Vec<&Data> = states
        .iter()
        .map(|state| state.data.as_ref().unwrap())
        .collect();
    assert_eq!(
        (&data[0].stats, data[0].guests.len()),
        (&Deferred::Pending, 0)
    );
    assert_eq!(
        (&data[1].stats, data[1].guests.len()),
        (&Deferred::Pending, 2)
    );
    assert_eq!(*data[2], whole());
    assert_eq!(
        states
            .iter()
            .map(|state| state.has_next)
            .collect::<Vec<_>>(),
        [true, true, false]
    );
    assert_eq!(states[0].pending.len(), 2);
    assert_eq!(states[2].http.as_ref().unwrap().status, 200);

    assert_eq!(server.session().run(&Event {}).await.unwrap(), whole());
    let accept = "multipart/mixed;incrementalSpec=v0.2, multipart/mixed;deferSpec=20220824;q=0.9, \
                  application/graphql-response+json;q=0.8, application/json;q=0.7";
    assert_eq!(server.asked(), [accept, accept]);
}

#[tokio::test]
async fn an_answer_that_comes_whole_is_one_state() {
    let plain = r#"{"data":{"name":"Ball","sold":7,"guests":[1,2,3]}}"#;
    let events = format!("event: next\ndata: {plain}\n\nevent: complete\ndata:\n\n");
    let server = Server::default();
    for (kind, body) in [
        ("application/graphql-response+json", plain.to_owned()),
        ("text/event-stream", events.clone()),
        (MULTIPART, format!("--x\n\n{plain}\n--x--")),
    ] {
        for _ in 0..2 {
            server.answer(200, kind, [Piece::Bytes(body.clone())]);
        }
        let states = states(&server.session()).await;
        let [Ok(state)] = states.as_slice() else {
            panic!("{kind}: {states:?}");
        };
        assert_eq!(
            (state.data.as_ref(), state.has_next),
            (Some(&whole()), false),
            "{kind}"
        );
        assert_eq!(
            server.session().run(&Event {}).await.unwrap(),
            whole(),
            "{kind}"
        );
    }
}

#[tokio::test]
async fn parts_that_are_there_together_are_one_state() {
    let Piece::Bytes(first) = part(FIRST) else {
        unreachable!()
    };
    let Piece::Bytes(second) = part(SECOND) else {
        unreachable!()
    };
    let server = Server::default();
    server.answer(
        200,
        MULTIPART,
        [Piece::Bytes(first + &second), part(LAST), end()],
    );
    let states = states(&server.session()).await;
    let lengths: Vec<usize> = states
        .iter()
        .map(|state| state.as_ref().unwrap().data.as_ref().unwrap().guests.len())
        .collect();
    assert_eq!(lengths, [2, 3]);
}

#[tokio::test]
async fn a_server_that_refuses_for_now_is_asked_again_before_the_first_part() {
    let server = Server::default();
    server
        .answer(503, "text/plain", [])
        .answer(
            200,
            MULTIPART,
            [Piece::Bytes("\r\n--x\r\n".into()), Piece::Cut],
        )
        .answer(200, MULTIPART, [part(FIRST), part(LAST), end()]);
    let states = states(&server.session()).await;
    assert_eq!(states.len(), 2, "{states:?}");
    assert_eq!(
        states[1].as_ref().unwrap().data,
        Some(Data {
            guests: vec![3],
            ..whole()
        })
    );
    assert_eq!(server.asked().len(), 3);
}

#[tokio::test]
async fn a_refused_token_is_renewed_also_where_the_first_part_refuses_it() {
    let refusal = r#"{"errors":[{"message":"no","extensions":{"code":"UNAUTHENTICATED"}}]"#;
    let in_part = format!("--x\n\n{refusal},\"hasNext\":false}}\n--x--");
    let good = "--x\n\n{\"data\":{\"name\":\"Ball\",\"sold\":7,\"guests\":[1,2,3]}}\n--x--";
    let answer = |status: u16, body: &str| {
        crate::support::with_header(status, "content-type", MULTIPART, body)
    };
    for refused in [(401, String::new()), (200, in_part)] {
        for streamed in [false, true] {
            let (session, transport) = scripted(3600).await;
            transport.push(answer(refused.0, &refused.1));
            transport.push(crate::support::json(
                200,
                r#"{"access_token":"access-2","refresh_token":"refresh-2","expires_in":3600}"#,
            ));
            transport.push(answer(200, good));
            let data = if streamed {
                session
                    .stream(&Event {})
                    .next()
                    .await
                    .unwrap()
                    .unwrap()
                    .data
                    .unwrap()
            } else {
                session.run(&Event {}).await.unwrap()
            };
            assert_eq!(data, whole());
            let requests = transport.requests.lock().unwrap();
            let last = requests.last().unwrap();
            assert_eq!(last.headers()["authorization"], "Bearer access-2");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_breaks_off_ends_with_an_error() {
    let long = Piece::Wait(Duration::from_secs(3600));
    let cut = |last: Piece| vec![part(FIRST), last];
    let server = Server::default();
    server.answer(200, MULTIPART, cut(Piece::Cut));
    let ended = states(&server.session()).await;
    assert!(ended[0].is_ok() && ended.len() == 2);
    assert!(matches!(&ended[1], Err(Error::Transport { source, .. })
        if source.kind() == TransportErrorKind::Interrupted));

    // The body ends, and more was announced.
    server.answer(200, MULTIPART, vec![part(FIRST)]);
    let ended = states(&server.session()).await;
    assert!(matches!(&ended[1], Err(Error::Decode { source, .. })
        if *source.kind() == DecodeErrorKind::Incremental(IncrementalFault::Truncated)));
    // `run` has an error for it as well.
    server.answer(200, MULTIPART, vec![part(FIRST)]);
    assert!(matches!(
        server.session().run(&Event {}).await,
        Err(Error::Decode { .. })
    ));

    // Nothing comes any more.
    server.answer(200, MULTIPART, cut(long.clone()));
    let ended = states(&server.session()).await;
    assert!(matches!(&ended[1], Err(Error::Transport { source, .. })
        if source.kind() == TransportErrorKind::Timeout));

    // A part that does not fit, and one that is not of the schema's types.
    for wrong in [
        r#"{"incremental":[{"id":"9","data":{}}],"hasNext":true}"#,
        r#"{"incremental":[{"id":"1","items":["one"]}],"hasNext":true}"#,
    ] {
        server.answer(200, MULTIPART, vec![part(FIRST), part(wrong), part(LAST)]);
        let ended = states(&server.session()).await;
        assert_eq!(ended.len(), 2, "{ended:?}");
        assert!(matches!(&ended[1], Err(Error::Decode { operation, .. }) if operation == "Event"));
    }

    // Not GraphQL at all.
    server.answer(200, "text/html", vec![Piece::Bytes("<html>".into())]);
    let ended = states(&server.session()).await;
    assert!(
        matches!(&ended[..], [Err(Error::Malformed { .. })]),
        "{ended:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_deadline_is_that_of_the_last_state() {
    let server = Server::default();
    let pause = Piece::Wait(Duration::from_secs(3));
    server.answer(
        200,
        MULTIPART,
        vec![part(FIRST), pause.clone(), part(SECOND), pause, part(LAST)],
    );
    let options = CallOptions::new().deadline(Duration::from_secs(5));
    let mut stream = server.session().stream_with(&Event {}, &options);
    let mut ends = Vec::new();
    while let Some(state) = stream.next().await {
        ends.push(state.is_ok());
    }
    assert_eq!(ends, [true, true, false]);
}

#[tokio::test]
async fn a_fragment_that_failed_is_an_error_of_run_and_data_of_request() {
    let failed = r#"{"incremental":[{"id":"1","items":[1]}],"hasNext":false,"completed":[
        {"id":"0","errors":[{"message":"no stats"}]},{"id":"1"}]}"#;
    let server = Server::default();
    for _ in 0..2 {
        server.answer(200, MULTIPART, [part(FIRST), part(failed), end()]);
    }
    let Err(Error::Graphql(errors)) = server.session().run(&Event {}).await else {
        panic!("an error is an error");
    };
    assert_eq!(errors[0].message, "no stats");
    let response = server.session().request(&Event {}).await.unwrap();
    let data = response.data.unwrap();
    assert_eq!(data.guests, [1]);
    assert!(matches!(&data.stats, Deferred::Failed(errors) if errors[0].message == "no stats"));
}
