//! What `attendium me` costs from a stored login, beside a bare reqwest program that sends the same
//! request with the same token.
//!
//! ```sh
//! cargo bench -p attendium-benches --bench command   # writes benches/COMMAND.md
//! ```
//!
//! The server is the sandbox, over a socket, in this process. The command is the release binary,
//! which is built first; it logs in once, into files of a home of its own. Then both run as
//! processes of their own and take turns, and what counts is the time that the processor spent on
//! each, in the program and in the system. The bare program is this one: see [`bare`].

#![allow(missing_docs)]

mod bare;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use attendium::store::FileStore;
use attendium::{Me, Session};
use attendium_benches::record::{Record, asked, locked, machine};
use attendium_sandbox::Sandbox;
use wait4::Wait4;

const RUNS: usize = 60;
/// The most that the command may take beyond the bare program.
const BEYOND: Duration = Duration::from_millis(5);

/// Builds the command as a user would, and says where it is.
fn build() -> PathBuf {
    let program = std::env::current_exe().expect("this program's path");
    // Beside this bench, in target/release/deps.
    let target = program.ancestors().nth(3).expect("the target directory");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args(["build", "--release", "-p", "attendium-cli", "--target-dir"])
        .arg(target)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
    // What cargo tells this bench about its package would make other builds of dependencies than a
    // user's.
    for (variable, _) in std::env::vars_os() {
        let name = variable.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(&variable);
        }
    }
    let built = cargo.status();
    assert!(built.is_ok_and(|status| status.success()), "it builds");
    target.join("release/attendium")
}

/// Runs a program to its end: what it printed, and the processor's time for it.
fn run(command: &mut Command) -> (String, Duration) {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit());
    let mut child = command.spawn().expect("a program that starts");
    let stdout = child.stdout.take().expect("a pipe");
    let said = std::io::read_to_string(stdout).expect("text");
    let used = child.wait4().expect("waits for its child");
    assert!(used.status.success(), "{said}");
    (said, used.rusage.utime + used.rusage.stime)
}

/// The command in a home of its own, with no settings but those of this bench.
fn command(program: &Path, home: &Path, base_url: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env_clear()
        .env("HOME", home)
        .env("XDG_STATE_HOME", home)
        .env("BROWSER", format!("{} sandbox browse", program.display()))
        .env(attendium::BASE_URL_VARIABLE, base_url)
        .env("ATTENDIUM_STORE", "file");
    command
}

/// The bare program, with a token from the same store.
async fn bare_command(home: &Path, base_url: &str) -> Command {
    let session = Session::builder()
        .base_url(base_url)
        .application("attendium")
        .store(FileStore::new(home.join("attendium")))
        .build()
        .expect("a session");
    let header = session.authorization_header().await.expect("a login");
    let header = header.expect("a header");
    let body = attendium::operation::body(&Me {});
    let mut command = Command::new(std::env::current_exe().expect("this program's path"));
    command
        .env_clear()
        .env(bare::URL, format!("{base_url}/graphql"))
        .env(bare::AUTHORIZATION, header.to_str().expect("ASCII"))
        .env(bare::BODY, String::from_utf8(body).expect("text"));
    command
}

/// Times of one program, from the least to the most.
struct Times(Vec<Duration>);

impl Times {
    fn least(&self) -> Duration {
        self.0[0]
    }

    fn median(&self) -> Duration {
        self.0[self.0.len() / 2]
    }

    fn shown(&self) -> String {
        format!("{} (median {})", ms(self.least()), ms(self.median()))
    }
}

fn ms(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1000.0)
}

fn megabytes(file: &Path) -> String {
    let size = file.metadata().expect("a file").len();
    format!("{:.2} MB", size as f64 / 1e6)
}

fn main() {
    if let Some(request) = bare::Request::asked() {
        return request.send();
    }
    if !asked() {
        return;
    }
    let program = build();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let sandbox = runtime.block_on(Sandbox::start()).expect("a sandbox");
    let home = tempfile::tempdir().expect("a directory");
    let attendium =
        |arguments: &[&str]| command(&program, home.path(), sandbox.base_url(), arguments);
    run(&mut attendium(&["login", "--json"]));
    let mut bare = runtime.block_on(bare_command(home.path(), sandbox.base_url()));
    let mut ours = attendium(&["me", "--json"]);
    let mut version = attendium(&["--version"]);

    let (mut bare_times, mut our_times, mut start_times) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..RUNS {
        for (command, times) in [
            (&mut bare, &mut bare_times),
            (&mut ours, &mut our_times),
            (&mut version, &mut start_times),
        ] {
            let (said, time) = run(command);
            assert!(said.contains("user-emma") != said.starts_with("attendium "));
            times.push(time);
        }
    }
    let [bare, ours, start] = [bare_times, our_times, start_times].map(|mut times| {
        times.sort_unstable();
        Times(times)
    });
    let beyond = ours.least().saturating_sub(bare.least());
    let beyond_median = ours.median().saturating_sub(bare.median());

    let mut record = Record::default();
    record.figure("bare reqwest", &bare.shown());
    record.figure("attendium me", &ours.shown());
    record.bar(
        "attendium me beyond bare reqwest",
        &format!("{} (median {})", ms(beyond), ms(beyond_median)),
        &ms(BEYOND),
        beyond <= BEYOND,
    );
    record.figure("attendium --version", &start.shown());
    record.figure("size of the release binary, stripped", &megabytes(&program));
    let text = format!(
        "# What the command costs, beside a bare HTTP client\n\n\
         Made by `cargo bench -p attendium-benches --bench command`, which repeats it. {}, {}, attendium {}. Time of the processor for \
         a whole process, in the program and in the system, the least of {RUNS} runs that take turns: `attendium me --json` with a login that is \
         kept in files, and a program with reqwest alone that gets the token from its environment and sends the same request, both over plain HTTP to \
         the sandbox on this machine, so that neither reads the system's certificates.\n",
        machine(),
        locked("reqwest"),
        env!("CARGO_PKG_VERSION"),
    );
    record.write("COMMAND.md", &text);
}
