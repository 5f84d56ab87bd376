//! How a process is started and spoken to: it says what it does on stdout, one event a line, and
//! goes on at each line of stdin.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};

use attendium_sandbox::Sandbox;

const EVENT: &str = "event: ";

/// A process of this binary.
pub struct Process {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

impl Process {
    /// Starts the test `name` of this binary with these variables.
    pub fn start(name: &str, variables: &[(&str, &str)]) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture", "--test-threads=1"])
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self {
            child,
            stdin,
            stdout,
        }
    }

    /// The next event, or nothing where the process has ended.
    pub fn event(&mut self) -> Option<String> {
        let mut line = String::new();
        loop {
            line.clear();
            if self.stdout.read_line(&mut line).unwrap_or(0) == 0 {
                return None;
            }
            if let Some((_, event)) = line.trim_end().split_once(EVENT) {
                return Some(event.to_owned());
            }
        }
    }

    pub fn wait_for(&mut self, event: &str) {
        while let Some(next) = self.event() {
            if next == event {
                return;
            }
        }
        panic!("the process ended before it said `{event}`");
    }

    pub fn go_on(&mut self) {
        writeln!(self.stdin.as_mut().unwrap(), "go").unwrap();
    }

    /// SIGKILL, and what the process had said until then.
    pub fn kill(mut self) -> (ExitStatus, Vec<String>) {
        let _ = self.child.kill();
        let events = std::iter::from_fn(|| self.event()).collect();
        (self.child.wait().unwrap(), events)
    }

    pub fn end(mut self) -> (ExitStatus, Vec<String>) {
        drop(self.stdin.take());
        let events = std::iter::from_fn(|| self.event()).collect();
        (self.child.wait().unwrap(), events)
    }
}

/// In the process: says something.
pub fn say(event: &str) {
    let mut stdout = std::io::stdout().lock();
    let _ = writeln!(stdout, "{EVENT}{event}");
    let _ = stdout.flush();
}

/// In the process: waits for a line. At the end of the input it waits for ever, to be killed.
pub fn wait() {
    let mut line = String::new();
    let _ = std::io::stdin().lock().read_line(&mut line);
}

/// In the process: a variable that its starter set.
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

pub fn builder(base_url: &str, directory: &Path) -> attendium::SessionBuilder {
    attendium::Session::builder()
        .base_url(base_url)
        .application("Guest list")
        .store(attendium::store::FileStore::new(directory))
}

pub async fn log_in(session: &attendium::Session, sandbox: &Sandbox) {
    let user = sandbox.scripted_user();
    let login = attendium::Login::show_url_with(move |url| {
        let (user, url) = (user.clone(), url.to_string());
        tokio::spawn(async move { user.visit(&url).await });
    });
    session.login(login).await.unwrap();
}
