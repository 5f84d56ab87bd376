//! Servers that this project did not write: a process that prints its addresses on its first line.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

/// A server that runs for a test.
pub struct Server {
    process: Child,
    /// The addresses on its first line: the API's or the issuer's, and others.
    pub addresses: Vec<String>,
    /// Kept open: the server ends when it can't write.
    _output: BufReader<std::process::ChildStdout>,
}

const INTEROP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/interop");

impl Server {
    /// Starts one: the program, the script in `interop/` with its arguments, and what to do where
    /// it is missing.
    pub fn start(program: &str, script: &str, install: &str) -> Self {
        let mut process = Command::new(program)
            .args(script.split(' '))
            .current_dir(INTEROP)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("this test needs `{program}` ({error}): {install}"));
        let mut line = String::new();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        output.read_line(&mut line).unwrap();
        assert!(
            line.starts_with("http"),
            "{script} does not start: {install}"
        );
        Self {
            process,
            addresses: line.split_whitespace().map(str::to_owned).collect(),
            _output: output,
        }
    }

    /// The first address.
    pub fn url(&self) -> &str {
        &self.addresses[0]
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
