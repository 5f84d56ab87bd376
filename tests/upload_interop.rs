//! Files sent to servers that this project did not write: graphql-upload, and GraphQL Yoga with its
//! guard against requests of other web pages. `interop/README.md` says how they are installed;
//! without them these tests fail.
#![allow(missing_docs)]

mod interop_server;

use attendium::{Session, Upload};
use bytes::Bytes;
use futures_util::stream;
use sha2::{Digest as _, Sha256};

use interop_server::Server;

mod api {
    attendium::graphql! {
        schema = "interop/uploads/schema.graphql",
        scalar = "Upload=attendium::Upload",
        mutation Store($files: [Upload!]!) { store(files: $files) { ...Read } }
        mutation SendBadge($badge: Badge!) { badge(badge: $badge) { ...Read } }
        fragment Read on Stored { name type size sha256 }
    }
}

use api::{Badge, Read, SendBadge, Store};

const PATHS: [&str; 2] = ["/upload", "/yoga"];

fn session(server: &Server, path: &str) -> Session {
    let url = format!("{}{path}", server.url());
    let builder = Session::builder().base_url(server.url()).graphql_url(url);
    builder.anonymous().build().unwrap()
}

fn start() -> Server {
    let install = "install it: see interop/README.md";
    Server::start("node", "uploads/servers.mjs", install)
}

/// Bytes that look like the borders of parts, and every other byte.
fn content(size: usize) -> Vec<u8> {
    let pattern = b"\r\n--attendium-\r\n\r\n\0\xff";
    let mut bytes: Vec<u8> = pattern
        .iter()
        .copied()
        .chain(0..=255)
        .cycle()
        .take(size)
        .collect();
    if let Some(last) = bytes.last_mut() {
        *last = b'\r';
    }
    bytes
}

fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn check(read: &Read, name: &str, bytes: &[u8]) {
    assert_eq!((&*read.name, read.size as usize), (name, bytes.len()));
    assert_eq!(read.sha256, sha256(bytes), "{name}");
}

#[tokio::test]
async fn files_of_every_size_and_source_arrive_as_they_were() {
    let server = start();
    let directory = tempfile::tempdir().unwrap();
    for path in PATHS {
        let session = session(&server, path);
        for size in [0, 1, 65_535, 65_536, 262_144, 262_145, 5_000_000] {
            let bytes = content(size);
            let file = directory.path().join("file.bin");
            std::fs::write(&file, &bytes).unwrap();
            let pieces = bytes.chunks(70_001).map(Bytes::copy_from_slice);
            let pieces: Vec<_> = pieces.map(Ok::<_, std::io::Error>).collect();
            let files = vec![
                Upload::from_path(&file).content_type("image/png"),
                Upload::from_bytes("bytes.bin", bytes.clone()),
                Upload::from_stream("stream.bin", stream::iter(pieces)),
                Upload::from_reader("reader.bin", std::io::Cursor::new(bytes.clone())),
            ];
            let stored = session.run(&Store::new(files)).await.unwrap().store;
            let names = ["file.bin", "bytes.bin", "stream.bin", "reader.bin"];
            assert_eq!(stored.len(), names.len());
            for (read, name) in stored.iter().zip(names) {
                check(read, name, &bytes);
            }
            assert_eq!(stored[0].r#type, "image/png");
        }
    }
}

#[tokio::test]
async fn a_file_is_found_inside_input_objects_and_under_two_variables() {
    let server = start();
    for path in PATHS {
        let session = session(&server, path);
        let shared = Upload::from_bytes("a b\u{fc}.png", "shared");
        let last = Badge::new("third").photo(Upload::from_bytes("last.png", "last"));
        let next = Badge::new("second").photo(shared.clone()).next(last);
        let badge = Badge::new("first").photo(shared).next(next);
        let stored = session.run(&SendBadge::new(badge)).await.unwrap().badge;
        let [first, second, third] = stored.as_slice() else {
            panic!("{stored:?}");
        };
        check(first, "a b\u{fc}.png", b"shared");
        check(second, "a b\u{fc}.png", b"shared");
        check(third, "last.png", b"last");
    }
}
