//! A file of 1 GiB, sent by a session and by curl to the same server.
//!
//! ```sh
//! cargo bench -p attendium-benches --bench uploads   # writes benches/UPLOADS.md; needs curl
//! ```
//!
//! The server, in this process, reads the request and keeps nothing of it. Each client is a process
//! of its own, so that its memory can be seen. The rounds of the two take turns, and the ratio is
//! the median of the pairs.

#![allow(missing_docs)]

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use attendium::Session;
use attendium::transport::{HttpTransport, Limits};
use attendium_benches::record::{Record, asked, machine};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use wait4::Wait4 as _;

attendium::graphql!(
    schema = "../schema/attendium.graphql",
    scalar = "Upload=attendium::Upload",
    "
    mutation Import($list: ID!, $file: Upload!) {
      importGuests(guestList: $list, file: $file) { fileName }
    }
    "
);

const SIZE: u64 = 1 << 30;
const ROUNDS: usize = 7;

/// Set in the process that sends: the server's URL.
const URL: &str = "ATTENDIUM_BENCH_URL";

/// Reads requests, and answers each with the same data.
async fn serve(listener: TcpListener) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(async move {
            let _ = answer(stream).await;
        });
    }
}

async fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    let mut read = vec![0; 1 << 20];
    let mut filled = 0;
    let head = loop {
        filled += stream.read(&mut read[filled..]).await?;
        if let Some(at) = read[..filled]
            .windows(4)
            .position(|part| part == b"\r\n\r\n")
        {
            break at + 4;
        }
    };
    let text = String::from_utf8_lossy(&read[..head]).to_lowercase();
    let length = text
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length
        .and_then(|length| length.parse().ok())
        .expect("a length");
    let mut left = length - (filled - head);
    while left > 0 {
        left -= stream.read(&mut read).await?;
    }
    assert!(length as u64 > SIZE);
    let body = r#"{"data":{"importGuests":{"fileName":"file"}}}"#;
    let length = body.len();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n"
    );
    stream
        .write_all(format!("{head}connection: close\r\n\r\n{body}").as_bytes())
        .await
}

/// What the process that sends does.
async fn send(url: &str, file: &Path) {
    let transport = HttpTransport::new(Limits::new());
    let session = Session::builder()
        .base_url(url)
        .transport(transport)
        .anonymous();
    let session = session.build().expect("a session");
    let imported = session
        .run(&Import::new("list", Upload::from_path(file)))
        .await;
    assert_eq!(imported.expect("an answer").import_guests.file_name, "file");
}

/// How long a process took, and the most memory that it held, in MiB.
type Took = (Duration, f64);

fn run(mut command: Command) -> Took {
    let start = Instant::now();
    let mut process = command.spawn().expect("the client starts");
    let ended = process.wait4().expect("the client ends");
    assert!(ended.status.success());
    (
        start.elapsed(),
        ended.rusage.maxrss as f64 / f64::from(1 << 20),
    )
}

fn ours(url: &str, file: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.env(URL, url).arg(file);
    command
}

fn curl(url: &str, file: &Path) -> Command {
    let body = r#"{"query":"mutation Import($list:ID!,$file:Upload!){importGuests(guestList:$list,file:$file){fileName}}","variables":{"list":"list","file":null}}"#;
    let mut command = Command::new("curl");
    command
        .args([
            "--silent",
            "--fail",
            "--output",
            "/dev/null",
            "--header",
            "Expect:",
        ])
        .args(["--form-string", &format!("operations={body}")])
        .args(["--form-string", r#"map={"0":["variables.file"]}"#])
        .arg("--form")
        .arg(format!("0=@{}", file.display()))
        .arg(url);
    command
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let runtime = runtime.expect("a runtime");
    if let Ok(url) = std::env::var(URL) {
        // As an application's command would.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let file = std::env::args_os().nth(1).expect("a file");
        return runtime
            .expect("a runtime")
            .block_on(send(&url, Path::new(&file)));
    }
    if !asked() {
        return;
    }
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("file");
    let written = std::fs::File::create(&file).and_then(|file| {
        let mut zeros = std::io::Read::take(std::io::repeat(b'x'), SIZE);
        std::io::copy(&mut zeros, &mut std::io::BufWriter::new(file))
    });
    written.expect("writes the file");
    let listener = runtime
        .block_on(TcpListener::bind("127.0.0.1:0"))
        .expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    runtime.spawn(serve(listener));

    run(ours(&url, &file));
    let graphql = format!("{url}/graphql");
    let pairs: Vec<_> = (0..ROUNDS)
        .map(|_| (run(ours(&url, &file)), run(curl(&graphql, &file))))
        .collect();
    let median = |of: &dyn Fn(&(Took, Took)) -> f64| {
        let mut all: Vec<f64> = pairs.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        all[ROUNDS / 2]
    };
    let speed = |time: Duration| SIZE as f64 / 1e6 / time.as_secs_f64();
    let ratio = median(&|(ours, curl)| curl.0.as_secs_f64() / ours.0.as_secs_f64());
    let memory = median(&|(ours, _)| ours.1);
    let mut record = Record::default();
    let line = |speed: f64, memory: f64| format!("{speed:.0} MB/s, {memory:.1} MiB");
    record.figure(
        "curl",
        &line(
            median(&|(_, curl)| speed(curl.0)),
            median(&|(_, curl)| curl.1),
        ),
    );
    record.figure(
        "session.run",
        &line(median(&|(ours, _)| speed(ours.0)), memory),
    );
    record.bar(
        "session.run against curl",
        &format!("{ratio:.2}"),
        "0.90",
        ratio >= 0.9,
    );
    record.bar(
        "memory of the sending process, MiB",
        &format!("{memory:.1}"),
        "16",
        memory <= 16.0,
    );
    let version = Command::new("curl")
        .arg("--version")
        .output()
        .expect("curl is there");
    let version = String::from_utf8_lossy(&version.stdout);
    let version = version
        .split(' ')
        .nth(1)
        .unwrap_or("of unknown version")
        .to_owned();
    record.write(
        "UPLOADS.md",
        &format!(
            "# A file of 1 GiB beside curl {version}\n\n\
             Written by `cargo bench -p attendium-benches --bench uploads`, on {}.\n\n\
             Both send the same form over loopback, from the page cache, to a server that reads it \
             and keeps\nnothing. {ROUNDS} pairs of processes take turns; a ratio is the median of \
             the pairs' ratios.\n",
            machine()
        ),
    );
}
