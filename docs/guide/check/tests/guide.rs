//! The Rust of the guide's pages: it compiles, and what can run runs against a local Attendium.

use attendium::{Login, Session};
use attendium_sandbox::Sandbox;
use std::error::Error;
use std::process::Command;

/// What the pages' `graphql` blocks compile to.
#[allow(missing_docs)]
pub mod queries {
    attendium::include_queries!();
}

include!(concat!(env!("OUT_DIR"), "/blocks.rs"));

/// How a block of statements ends.
type Outcome = Result<(), Box<dyn Error>>;

/// Runs a page's statements as somebody who is logged in.
fn run<F: Future<Output = Outcome>>(statements: impl FnOnce(Sandbox, Session) -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let ended: Outcome = runtime.expect("a runtime").block_on(async {
        let sandbox = Sandbox::start().await?;
        let session = Session::builder()
            .base_url(sandbox.base_url())
            .application("Guide")
            .build()?;
        let user = sandbox.scripted_user();
        let login = Login::show_url_with(move |url| {
            let (user, url) = (user.clone(), url.to_string());
            tokio::spawn(async move { user.visit(&url).await });
        });
        session.login(login).await?;
        statements(sandbox, session).await
    });
    if let Err(error) = ended {
        panic!("{error}");
    }
}

/// Compares a page's generated code with what the compiler wrote: its lines stand there in this
/// order. A line `// …` leaves out what the page does not show.
fn is_generated(place: &str, shown: &str) {
    let units = std::fs::read_dir(env!("OUT_DIR")).expect("the build script's directory");
    let mut written: Vec<String> = Vec::new();
    for path in units.flatten().map(|entry| entry.path()) {
        find_files(&path, &mut written);
    }
    let wanted: Vec<&str> = shown
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && *line != "// …")
        .collect();
    let found_in = |text: &String| {
        let mut lines = text.lines().map(str::trim);
        let is_next = |wanted: &&&str| lines.any(|line| line == **wanted);
        wanted.iter().take_while(is_next).count()
    };
    let most = written.iter().map(found_in).max().unwrap_or_default();
    assert!(
        most == wanted.len(),
        "{place}: the compiler does not write `{}`",
        wanted[most]
    );
}

/// Generated code, which is in files of their own for each operation.
fn find_files(path: &std::path::Path, written: &mut Vec<String>) {
    if path.is_dir() {
        for entry in std::fs::read_dir(path).expect("a directory").flatten() {
            find_files(&entry.path(), written);
        }
    } else if let Ok(text) = std::fs::read_to_string(path)
        && text.contains("impl_graphql!")
    {
        written.push(text);
    }
}

#[test]
fn the_application_of_the_first_page_logs_in_once() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let sandbox = runtime.block_on(Sandbox::start()).expect("a sandbox");
    let home = tempfile::tempdir().expect("a directory");
    let address = sandbox.base_url().to_owned();
    let run = |browser| {
        Command::new(env!("CARGO_BIN_EXE_guide-start"))
            .env("ATTENDIUM_BASE_URL", &address)
            .env("BROWSER", browser)
            .env("XDG_STATE_HOME", home.path())
            .env("HOME", home.path())
            .output()
            .expect("the application")
    };
    let first = run(env!("CARGO_BIN_EXE_guide-start"));
    assert_eq!(first.stdout, b"logged in as user-emma\n", "{first:?}");
    // Nobody is there to log in again.
    let second = run("false");
    assert_eq!((second.stdout, second.stderr), (first.stdout, Vec::new()));

    drop(sandbox);
    let third = run("false");
    let said = String::from_utf8_lossy(&third.stderr);
    assert_eq!(third.status.code(), Some(1));
    assert!(
        said.starts_with("Error: ") && said.contains(&address),
        "{said}"
    );
}
