//! A server of graphql-transport-ws that is not the bottleneck: its frames are prepared, and
//! written many at a time. It is a process of its own, so that memory and time are the client's.

use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::Value;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::{self, Message, WebSocket};

const SERVE: &str = "ATTENDIUM_BENCH_SERVE";

/// So many events are prepared at a time.
const PREPARED: usize = 1000;

/// The process of the server.
pub struct Server {
    child: Child,
    port: u16,
}

impl Server {
    /// Starts this program again, as the server.
    pub fn start() -> Self {
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .env(SERVE, "1")
            .stdout(Stdio::piped())
            .spawn()
            .expect("a server");
        let mut line = String::new();
        let output = child.stdout.take().expect("its output");
        std::io::BufRead::read_line(&mut std::io::BufReader::new(output), &mut line)
            .expect("a line");
        let port = line.trim().parse().expect("a port");
        Self { child, port }
    }

    pub fn url(&self, scheme: &str, path: &str) -> String {
        format!("{scheme}://127.0.0.1:{}{path}", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Serves where this process was started for that. Gives back otherwise.
pub fn serve_if_asked() {
    if std::env::var_os(SERVE).is_none() {
        return;
    }
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    println!("{}", listener.local_addr().expect("an address").port());
    for stream in listener.incoming().flatten() {
        // A client that goes is no fault of the server.
        std::thread::spawn(move || talk(stream).ok());
    }
}

#[expect(clippy::result_large_err, reason = "tungstenite's own error")]
fn talk(stream: TcpStream) -> tungstenite::Result<()> {
    stream.set_nodelay(true)?;
    let mut path = String::new();
    let accept = |request: &Request, mut response: Response| {
        path = request.uri().path().to_owned();
        let protocol = http::HeaderValue::from_static("graphql-transport-ws");
        response
            .headers_mut()
            .insert("sec-websocket-protocol", protocol);
        Ok(response)
    };
    let Ok(mut socket) = tungstenite::accept_hdr(stream, accept) else {
        return Ok(());
    };
    socket.read()?;
    socket.send(Message::text(r#"{"type":"connection_ack"}"#))?;
    let mut parts = path.trim_start_matches('/').split('/');
    let kind = parts.next().unwrap_or_default();
    let count = parts
        .next()
        .and_then(|count| count.parse().ok())
        .unwrap_or(0);
    match kind {
        "flood" => {
            let id = subscribed(&mut socket)?;
            let prepared: Vec<u8> = (0..PREPARED)
                .flat_map(|number| event(&id, number))
                .collect();
            for _ in 0..count / PREPARED {
                socket.get_mut().write_all(&prepared)?;
            }
            socket.send(Message::text(format!(
                r#"{{"id":"{id}","type":"complete"}}"#
            )))?;
        }
        "paced" => {
            let (slow, neighbour) = (subscribed(&mut socket)?, subscribed(&mut socket)?);
            let prepared: Vec<u8> = (0..count).flat_map(|number| event(&slow, number)).collect();
            let begin = Instant::now();
            for millisecond in 1..=MILLISECONDS {
                let until = begin + Duration::from_millis(millisecond as u64);
                std::thread::sleep(until.saturating_duration_since(Instant::now()));
                socket.get_mut().write_all(&prepared)?;
                socket
                    .get_mut()
                    .write_all(&event(&neighbour, millisecond))?;
            }
            let end = format!(r#"{{"id":"{neighbour}","type":"complete"}}"#);
            socket.send(Message::text(end))?;
        }
        _ => {}
    }
    // Until the client goes.
    loop {
        socket.read()?;
    }
}

/// How long events come on `/paced`.
pub const MILLISECONDS: usize = 2000;

fn subscribed(socket: &mut WebSocket<TcpStream>) -> tungstenite::Result<String> {
    loop {
        let message: Value =
            serde_json::from_slice(&socket.read()?.into_data()).unwrap_or_default();
        if message["type"] == "subscribe" {
            return Ok(message["id"].as_str().unwrap_or_default().to_owned());
        }
    }
}

/// An event, as a frame.
fn event(id: &str, number: usize) -> Vec<u8> {
    let text = format!(
        r#"{{"id":"{id}","type":"next","payload":{{"data":{{"checkedIn":{{"id":"guest-{number:06}","name":"Ada Lovelace {number}","email":"ada{number}@example.com","status":"ARRIVED","tickets":{},"note":null,"sentAt":"{}","list":{{"id":"list-{}","name":"Friends of the house"}},"tags":["press","first \"row\""]}}}}}}}}"#,
        number % 4,
        now(),
        number % 7,
    );
    let header = FrameHeader {
        opcode: OpCode::Data(Data::Text),
        ..FrameHeader::default()
    };
    let mut frame = Vec::new();
    header
        .format(text.len() as u64, &mut frame)
        .expect("a buffer");
    frame.extend_from_slice(text.as_bytes());
    frame
}

/// Nanoseconds of the clock that the processes share.
pub fn now() -> u128 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default().as_nanos()
}
