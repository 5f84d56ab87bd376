//! What is sent, byte by byte.

use std::net::SocketAddr;

use attendium::{Maybe, Session};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

attendium::graphql!(
    schema = "tests/uploads/files.graphql",
    scalar = "Upload=attendium::Upload",
    "
    mutation Send($badge: Badge!, $more: [Upload], $same: Upload) {
      send(badge: $badge, more: $more, same: $same)
    }
    "
);

/// A server that keeps what it was sent, and answers each request with the same data.
pub struct Recorder {
    pub address: SocketAddr,
    requests: tokio::sync::Mutex<mpsc::UnboundedReceiver<Recorded>>,
}

/// A request, its body without the marks of chunks.
pub struct Recorded {
    pub head: String,
    pub body: String,
}

impl Recorded {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }
}

impl Recorder {
    pub async fn start() -> Self {
        Self::at("127.0.0.1:0".parse().unwrap()).await
    }

    pub async fn at(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, requests) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let Some(recorded) = read_request(&mut stream).await else {
                    continue;
                };
                let answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\
                    Connection: close\r\nContent-Length: 24\r\n\r\n{\"data\": {\"send\": true}}";
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = sender.send(recorded);
            }
        });
        Self {
            address,
            requests: requests.into(),
        }
    }

    pub async fn request(&self) -> Recorded {
        self.requests.lock().await.recv().await.unwrap()
    }

    pub fn session(&self) -> Session {
        let url = format!("http://{}", self.address);
        Session::builder()
            .base_url(url)
            .anonymous()
            .build()
            .unwrap()
    }
}

/// Reads one request. None where the connection ends before the request does.
async fn read_request(stream: &mut tokio::net::TcpStream) -> Option<Recorded> {
    let mut read = Vec::new();
    let head_end = loop {
        if let Some(at) = read.windows(4).position(|part| part == b"\r\n\r\n") {
            break at + 4;
        }
        (stream.read_buf(&mut read).await.ok()? > 0).then_some(())?;
    };
    let head = String::from_utf8(read[..head_end].to_vec()).unwrap();
    let mut recorded = Recorded {
        head,
        body: String::new(),
    };
    let mut body = read.split_off(head_end);
    let length = recorded
        .header("content-length")
        .map(|length| length.parse::<usize>().unwrap());
    while length.map_or_else(
        || !body.ends_with(b"\r\n0\r\n\r\n"),
        |length| body.len() < length,
    ) {
        (stream.read_buf(&mut body).await.ok()? > 0).then_some(())?;
    }
    if length.is_none() {
        body = without_chunks(&body);
    }
    recorded.body = String::from_utf8(body).unwrap();
    Some(recorded)
}

fn without_chunks(mut body: &[u8]) -> Vec<u8> {
    let mut joined = Vec::new();
    loop {
        let line = body.windows(2).position(|part| part == b"\r\n").unwrap();
        let size = std::str::from_utf8(&body[..line]).unwrap();
        let size = usize::from_str_radix(size, 16).unwrap();
        if size == 0 {
            return joined;
        }
        joined.extend_from_slice(&body[line + 2..][..size]);
        body = &body[line + 2 + size + 2..];
    }
}

#[tokio::test]
async fn files_stand_wherever_a_variable_has_them() {
    let server = Recorder::start().await;
    let logo =
        Upload::from_bytes("logo \"x\"\r\n\u{e9}.svg", "<svg/>").content_type("image/svg+xml");
    let badge = Badge::new("a\"b[,{:")
        .photos(vec![
            Upload::from_bytes("1.png", "one"),
            Upload::from_bytes("2.png", "two"),
        ])
        .logo(logo.clone());
    let operation = Send::new(badge)
        .more(vec![None, Some(Upload::from_bytes("3.png", "three"))])
        .same(logo);
    assert_eq!(operation.badge.photos.value().unwrap().len(), 2);
    assert!(server.session().run(&operation).await.unwrap().send);

    let request = server.request().await;
    let kind = request.header("content-type").unwrap().to_owned();
    let boundary = kind.strip_prefix("multipart/form-data; boundary=").unwrap();
    let shown = request
        .body
        .replace(boundary, "BOUNDARY")
        .replace("\r\n", "\n");
    insta::assert_snapshot!("files", shown);
    let length = request.header("content-length").map(str::parse);
    assert_eq!(length, Some(Ok(request.body.len())));
    for preflight in [
        "apollo-require-preflight",
        "graphql-preflight",
        "x-graphql-yoga-csrf",
    ] {
        assert_eq!(request.header(preflight), Some("1"), "{preflight}");
    }
    // Each request has a boundary of its own.
    server.session().run(&operation).await.unwrap();
    let again = server.request().await;
    assert_ne!(again.header("content-type").unwrap(), kind);
    assert_eq!(again.body.len(), request.body.len());
}

#[tokio::test]
async fn a_stream_of_unknown_length_is_sent_in_chunks() {
    let server = Recorder::start().await;
    let file = Upload::from_reader("stdin", "piped".as_bytes());
    let operation = Send::new(Badge::new("one")).same(file);
    server.session().run(&operation).await.unwrap();
    let request = server.request().await;
    assert_eq!(request.header("transfer-encoding"), Some("chunked"));
    assert_eq!(request.header("content-length"), None);
    assert!(
        request.body.contains("\r\n\r\npiped\r\n--"),
        "{}",
        request.body
    );
}

#[tokio::test]
async fn an_operation_without_a_file_is_json() {
    let server = Recorder::start().await;
    let operation = Send::new(Badge::new("one").logo(Maybe::Null)).more(vec![None]);
    server.session().run(&operation).await.unwrap();
    let request = server.request().await;
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.header("apollo-require-preflight"), None);
    assert!(
        request
            .body
            .ends_with(r#""variables":{"badge":{"title":"one","logo":null},"more":[null]}}"#)
    );
}
