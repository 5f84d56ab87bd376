//! Memory that held a secret is zeroed: the process looks through all of its own for a token that a
//! session had.
//!
//! The transport is one of the test's, since what an HTTP client copies into its buffers is out of
//! the session's reach. The token is known here only backwards, so that the test itself holds no
//! copy.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};

use attendium::transport::{Body, BoxFuture, Transport};
use attendium::{Me, Session};

use crate::support::{METADATA, REDIRECT, Sent, parameter};

/// A new secret, backwards.
fn backwards() -> String {
    // Long, so that memory that is used again does not cover it at once.
    let mut bytes = [0u8; 700];
    getrandom::fill(&mut bytes).unwrap();
    bytes
        .iter()
        .map(|byte| char::from(b'a' + byte % 26))
        .collect()
}

/// How often the secret stands in the memory that this process may write to.
fn copies(backwards: &str) -> usize {
    let forwards = |part: &[u8]| part.iter().rev().eq(backwards.as_bytes());
    let (first, second) = {
        let mut last_first = backwards.bytes().rev();
        (last_first.next().unwrap(), last_first.next().unwrap())
    };
    let mut memory = File::open("/proc/self/mem").unwrap();
    let mut found = 0;
    for line in std::fs::read_to_string("/proc/self/maps").unwrap().lines() {
        let mut parts = line.split_whitespace();
        let (range, rights) = (parts.next().unwrap(), parts.next().unwrap());
        if !rights.starts_with("rw") {
            continue;
        }
        let (from, to) = range.split_once('-').unwrap();
        let [from, to] = [from, to].map(|text| u64::from_str_radix(text, 16).unwrap());
        let size = usize::try_from(to - from).unwrap();
        let mut content = zeroize::Zeroizing::new(Vec::with_capacity(size));
        if memory.seek(SeekFrom::Start(from)).is_err()
            || (&memory).take(to - from).read_to_end(&mut content).is_err()
        {
            continue;
        }
        let windows = content.windows(backwards.len());
        found += windows
            .filter(|part| part[0] == first && part[1] == second && forwards(part))
            .count();
    }
    found
}

/// Answers each path with what the server would say, with the secrets turned around only when they
/// are sent.
struct Server {
    access: String,
    refresh: String,
}

fn forwards(backwards: &str, into: &mut Vec<u8>) {
    into.extend(backwards.bytes().rev());
}

impl Transport for Server {
    fn send(&self, request: http::Request<Body>) -> BoxFuture<'_, Sent> {
        let text = |text: &str| Body::from(text.to_owned());
        let body = match request.uri().path() {
            "/r" => text(r#"{"client_id":"c"}"#),
            "/t" => {
                let mut body = Vec::with_capacity(2000);
                body.extend_from_slice(br#"{"expires_in":0,"access_token":""#);
                forwards(&self.access, &mut body);
                body.extend_from_slice(br#"","refresh_token":""#);
                forwards(&self.refresh, &mut body);
                body.extend_from_slice(br#""}"#);
                body.into()
            }
            "/graphql" => text(r#"{"data":{"me":{"id":"7"}}}"#),
            "/v" => Body::empty(),
            _ => text(METADATA),
        };
        drop(request);
        let response = http::Response::builder().header("content-type", "application/json");
        let response = response.body(body).unwrap();
        Box::pin(async move { Ok(response) })
    }
}

async fn used(directory: &std::path::Path, server: Server) -> Session {
    let session = Session::builder()
        .base_url("https://api.example.com")
        .application("a")
        .store(attendium::store::FileStore::new(directory))
        .transport(server)
        .build()
        .unwrap();
    let (url, pending) = session.begin_login(REDIRECT).await.unwrap();
    let state = parameter(url.as_str(), "state").unwrap();
    let query = format!("code=c&state={state}");
    session.finish_login(pending, &query).await.unwrap();
    // Expired at once: this one refreshes, and reads the file again.
    session.run(&Me {}).await.unwrap();
    session.status().await.unwrap();
    session
}

#[tokio::test]
async fn point_37_memory_that_held_a_secret_is_zeroed() {
    let (access, refresh) = (backwards(), backwards());
    let server = Server {
        access: access.clone(),
        refresh: refresh.clone(),
    };
    let directory = tempfile::tempdir().unwrap();
    let session = used(directory.path(), server).await;
    assert!(
        copies(&access) > 0 && copies(&refresh) > 0,
        "a session holds its tokens"
    );
    session.logout().await.unwrap();
    drop(session);
    assert_eq!((copies(&access), copies(&refresh)), (0, 0));
}
