//! A home for the command: an environment of its own, with a state directory that is removed at the
//! end.

use attendium_sandbox::{Builder, Sandbox, ScriptedUser, Visit};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use tempfile::TempDir;

const ATTENDIUM: &str = env!("CARGO_BIN_EXE_attendium");

/// A configuration that names a schema and operations, and no file to write.
pub const CONFIG: &str = "schema: schema.graphql\ndocuments: queries/*.graphql\n";

/// Runs a future to its end.
fn wait<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(future)
}

pub fn start(rules: Builder) -> Sandbox {
    wait(rules.start()).expect("a sandbox")
}

pub fn visit(user: &ScriptedUser, link: &str) -> Visit {
    wait(user.visit(link)).expect("a visit")
}

/// Where the command runs.
pub struct Home {
    directory: TempDir,
    base_url: Option<String>,
    browser: String,
}

/// How a run ended.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

/// What a run printed.
pub fn json(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}"))
}

impl Home {
    pub fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        Self {
            directory,
            base_url: None,
            browser: format!("{ATTENDIUM} sandbox browse"),
        }
    }

    /// With the sandbox as the server.
    pub fn beside(sandbox: &Sandbox) -> Self {
        Self {
            base_url: Some(sandbox.base_url().to_owned()),
            ..Self::new()
        }
    }

    /// Who sits at the browser: a command of this binary.
    pub fn browser(&mut self, command: &str) {
        self.browser = format!("{ATTENDIUM} {command}");
    }

    /// A path in the home.
    pub fn file(&self, name: &str) -> String {
        self.directory.path().join(name).display().to_string()
    }

    /// Writes a file of the home, with the directories above it.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.directory.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a directory")).expect("made");
        std::fs::write(path, text).expect("written");
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(ATTENDIUM);
        command
            .args(arguments)
            .current_dir(self.directory.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        for variable in [
            "ATTENDIUM_BASE_URL",
            "ATTENDIUM_PROFILE",
            "ATTENDIUM_TOKEN",
            "ATTENDIUM_CLIENT_ID",
            "ATTENDIUM_CLIENT_SECRET",
            "RUST_LOG",
            "HTTP_PROXY",
            "http_proxy",
            "ALL_PROXY",
            "all_proxy",
        ] {
            command.env_remove(variable);
        }
        command
            .env("HOME", self.directory.path())
            .env("XDG_STATE_HOME", self.directory.path().join("state"));
        // The keyring of whoever runs the tests is not theirs.
        command.env("ATTENDIUM_STORE", "file");
        command
            .env("BROWSER", &self.browser)
            .envs(self.base_url.iter().map(|url| ("ATTENDIUM_BASE_URL", url)));
        command
    }

    pub fn spawn(&self, arguments: &[&str]) -> Running {
        let mut child = self.command(arguments).spawn().expect("the binary");
        let stderr = BufReader::new(child.stderr.take().expect("a pipe"));
        Running {
            child,
            stderr,
            said: String::new(),
        }
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        self.run_with(arguments, &[])
    }

    /// In a directory of the home.
    pub fn run_in(&self, directory: &str, arguments: &[&str]) -> Run {
        finish(self.command(arguments).current_dir(self.file(directory)))
    }

    /// With these variables in the environment.
    pub fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Run {
        finish(self.command(arguments).envs(variables.iter().copied()))
    }

    /// With this text on standard input.
    pub fn run_with_input(&self, arguments: &[&str], input: &str) -> Run {
        let mut running = self.spawn(arguments);
        running.paste(input);
        drop(running.child.stdin.take());
        running.end()
    }

    /// On a terminal, whose whole text is `stdout`.
    #[cfg(target_os = "linux")]
    pub fn run_on_a_terminal(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Run {
        let line = format!("{ATTENDIUM} {}", arguments.join(" "));
        let mut command = Command::new("script");
        command.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
        let usual = self.command(&[]);
        for (name, value) in usual.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command.current_dir(self.directory.path());
        command.env("TERM", "xterm").env_remove("NO_COLOR");
        finish(command.envs(variables.iter().copied()))
    }

    /// Where no file can be written: its size is limited to nothing.
    pub fn run_on_a_full_disk(&self, arguments: &[&str]) -> Run {
        let script = format!(
            "trap '' XFSZ; ulimit -f 0; exec {ATTENDIUM} {}",
            arguments.join(" ")
        );
        let usual = self.command(&[]);
        let mut command = Command::new("sh");
        command.args(["-c", &script]);
        for (name, value) in usual.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        finish(&mut command)
    }

    /// Runs a script in which the command is found by its name.
    pub fn run_in_shell(&self, script: &str) -> Run {
        let mut command = Command::new("sh");
        command
            .args(["-c", script])
            .current_dir(self.directory.path());
        for (name, value) in self.command(&[]).get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let beside = Path::new(ATTENDIUM).parent().expect("a directory");
        let path = std::env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{}:{path}", beside.display()));
        finish(&mut command)
    }

    /// Every token that the home's files hold.
    pub fn secrets(&self) -> Vec<String> {
        let mut secrets = Vec::new();
        read_tokens(self.directory.path(), &mut secrets);
        secrets
    }
}

fn finish(command: &mut Command) -> Run {
    let output = command.stdin(Stdio::null()).output().expect("the binary");
    Run {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

fn read_tokens(directory: &Path, secrets: &mut Vec<String>) {
    for entry in std::fs::read_dir(directory).expect("a directory").flatten() {
        if entry.path().is_dir() {
            read_tokens(&entry.path(), secrets);
        } else if let Ok(text) = std::fs::read_to_string(entry.path()) {
            for record in text.lines().flat_map(serde_json::from_str::<Value>) {
                collect(&record, "", secrets);
            }
        }
    }
}

/// Records may hold JSON within JSON.
fn collect(value: &Value, key: &str, secrets: &mut Vec<String>) {
    match value {
        Value::Object(fields) => fields
            .iter()
            .for_each(|(key, value)| collect(value, key, secrets)),
        Value::Array(items) => items.iter().for_each(|value| collect(value, key, secrets)),
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(inner @ Value::Object(_)) => collect(&inner, key, secrets),
            _ if key.contains("access") || key.contains("refresh") => secrets.push(text.clone()),
            _ => {}
        },
        _ => {}
    }
}

/// A command that has not ended.
pub struct Running {
    child: Child,
    stderr: BufReader<ChildStderr>,
    said: String,
}

impl Running {
    /// Waits for the line that is a link and nothing else.
    pub fn link(&mut self) -> String {
        loop {
            let mut line = String::new();
            let read = self.stderr.read_line(&mut line).expect("stderr");
            assert!(read > 0, "no link: {}", self.said);
            self.said.push_str(&line);
            if line.starts_with("http") {
                return line.trim_end().to_owned();
            }
        }
    }

    /// Waits for a line with these words.
    pub fn wait_for_line(&mut self, words: &str) {
        while !self.said.contains(words) {
            let read = self.stderr.read_line(&mut self.said).expect("stderr");
            assert!(read > 0, "no such line: {}", self.said);
        }
    }

    /// Waits for a line of standard output with these words.
    pub fn wait_for_output(&mut self, words: &str) -> String {
        let stdout = self.child.stdout.as_mut().expect("a pipe");
        let mut line = String::new();
        let mut byte = [0];
        loop {
            assert_eq!(
                stdout.read(&mut byte).expect("stdout"),
                1,
                "no `{words}`: {line}"
            );
            line.push(char::from(byte[0]));
            if byte[0] == b'\n' {
                if line.contains(words) {
                    return line;
                }
                line.clear();
            }
        }
    }

    pub fn paste(&mut self, text: &str) {
        let stdin = self.child.stdin.as_mut().expect("a pipe");
        writeln!(stdin, "{text}").expect("somebody who reads");
    }

    /// Ctrl-C.
    pub fn interrupt(&self) {
        self.signal("INT");
    }

    /// A signal to a process that may have ended.
    pub fn try_signal(&self, name: &str) {
        let _ = Command::new("kill")
            .args([format!("-{name}"), self.child.id().to_string()])
            .stderr(Stdio::null())
            .status();
    }

    /// A signal, by its name.
    pub fn signal(&self, name: &str) {
        let kill = Command::new("kill")
            .args([format!("-{name}"), self.child.id().to_string()])
            .status();
        assert!(kill.expect("kill").success());
    }

    /// Closes the pipe that the command writes to.
    pub fn stop_reading(&mut self) {
        drop(self.child.stdout.take());
    }

    pub fn end(mut self) -> Run {
        let mut stdout = String::new();
        if let Some(mut pipe) = self.child.stdout.take() {
            pipe.read_to_string(&mut stdout).expect("stdout");
        }
        self.stderr.read_to_string(&mut self.said).expect("stderr");
        let code = self.child.wait().expect("an end").code().unwrap_or(-1);
        Run {
            code,
            stdout,
            stderr: std::mem::take(&mut self.said),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The link with another value for a parameter.
pub fn with_parameter(link: &str, name: &str, value: &str) -> String {
    let mut url = url::Url::parse(link).expect("a link");
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let changed = pairs.into_iter().map(|(key, old)| {
        if key == name {
            (key, value.to_owned())
        } else {
            (key, old)
        }
    });
    let query: Vec<_> = changed.collect();
    url.query_pairs_mut().clear().extend_pairs(query);
    url.into()
}
