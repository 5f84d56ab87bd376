//! How the demo tells what happens.

use crate::failure::Failure;
use crate::terminal::{self, Style};
use serde_json::{Value, json};
use std::fmt::Display;

/// Tells the steps: for people as they happen, for programs in one document.
pub struct Story {
    pub style: Style,
    json: bool,
    steps: Vec<Value>,
}

impl Story {
    pub fn new(json: bool) -> Self {
        Self {
            style: Style::stdout(),
            json,
            steps: Vec::new(),
        }
    }

    pub fn title(&self, text: &str) -> Result<(), Failure> {
        self.line(format_args!("{}\n", self.style.bold(text)))
    }

    /// The next thing has happened.
    pub fn step(&mut self, name: &str, text: impl Display) -> Result<(), Failure> {
        self.steps
            .push(json!({ "step": name, "text": text.to_string() }));
        self.line(format_args!(
            "{} {text}",
            self.style.cyan(format_args!("{:>2}", self.steps.len()))
        ))
    }

    pub fn detail(&self, text: impl Display) -> Result<(), Failure> {
        self.line(format_args!("   {}", self.style.dim(text)))
    }

    pub fn block(&self, lines: &[String]) -> Result<(), Failure> {
        self.line("")?;
        for line in lines {
            self.line(if line.is_empty() {
                String::new()
            } else {
                format!("   {line}")
            })?;
        }
        self.line("")
    }

    /// For the person at the keyboard, also where standard output is for a program.
    pub fn aside(&self, text: impl Display) {
        terminal::print_note(format_args!("\n{text}"));
    }

    fn line(&self, text: impl Display) -> Result<(), Failure> {
        if self.json {
            Ok(())
        } else {
            Ok(terminal::print(text)?)
        }
    }

    pub fn end(self, mut document: Value) -> Result<(), Failure> {
        if self.json {
            document["steps"] = Value::Array(self.steps);
            return Ok(terminal::print_json(&document)?);
        }
        // As this was started: a newcomer has a clone, and no `attendium` in PATH yet.
        let by_cargo = std::env::var_os("CARGO").is_some();
        let program = if by_cargo {
            "cargo run --"
        } else {
            "attendium"
        };
        let command = |name| self.style.bold(format_args!("{program} {name}"));
        Ok(terminal::print(format_args!(
            "\nGo on: {} keeps such a server running for your own tries,\n       \
             {} logs in to the real Attendium.\n       \
             {} makes an application of your own.",
            command("sandbox"),
            command("login"),
            command("new guests"),
        ))?)
    }
}
