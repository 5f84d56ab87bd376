//! The way out to a terminal: standard output, standard error, and colours.
//!
//! What a command writes goes through [`print`] and [`print_to_stderr`], which let no control
//! sequence through but those of [`Style`]: a server's text can't move the cursor, set a title or
//! hide a line.

use serde_json::Value;
use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether to use colours on a stream (<https://no-color.org>).
fn wants_colours(stream: &impl IsTerminal) -> bool {
    let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    wanted && stream.is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// The sequences that [`Style`] writes, and no others.
const RESET: &str = "\x1b[0m";
const BOLD: &str = "\x1b[1m";
const DIM: &str = "\x1b[2m";
const GREEN: &str = "\x1b[32m";
const YELLOW: &str = "\x1b[33m";
const CYAN: &str = "\x1b[36m";
const BOLD_RED: &str = "\x1b[1;31m";

/// Colours text for a stream, or leaves it as it is.
#[derive(Clone, Copy)]
pub struct Style {
    coloured: bool,
}

impl Style {
    /// The style of text on standard output.
    pub fn stdout() -> Self {
        Self {
            coloured: wants_colours(&io::stdout()),
        }
    }

    /// The style of text on standard error.
    pub fn stderr() -> Self {
        Self {
            coloured: wants_colours(&io::stderr()),
        }
    }

    /// A style without colours.
    #[cfg(test)]
    pub fn plain() -> Self {
        Self { coloured: false }
    }

    fn paint(self, sequence: &str, text: impl Display) -> String {
        if self.coloured {
            // A style within ends where this one goes on.
            let text = clean(&text.to_string(), self).replace(RESET, &format!("{RESET}{sequence}"));
            format!("{sequence}{text}{RESET}")
        } else {
            text.to_string()
        }
    }

    pub fn bold(self, text: impl Display) -> String {
        self.paint(BOLD, text)
    }

    pub fn dim(self, text: impl Display) -> String {
        self.paint(DIM, text)
    }

    pub fn yellow(self, text: impl Display) -> String {
        self.paint(YELLOW, text)
    }

    pub fn red(self, text: impl Display) -> String {
        self.paint(BOLD_RED, text)
    }

    pub fn green(self, text: impl Display) -> String {
        self.paint(GREEN, text)
    }

    #[cfg(feature = "sandbox")]
    pub fn cyan(self, text: impl Display) -> String {
        self.paint(CYAN, text)
    }
}

/// Why a line could not be written.
pub struct PrintError(pub io::Error);

/// Writes a line to standard output.
pub fn print(line: impl Display) -> Result<(), PrintError> {
    write_line(&clean(&line.to_string(), Style::stdout()))
}

fn write_line(line: &str) -> Result<(), PrintError> {
    // Not `println!`: it panics when the reader has gone, as `head` does.
    let mut stdout = io::stdout().lock();
    let written = writeln!(stdout, "{line}").and_then(|()| stdout.flush());
    written.map_err(PrintError)
}

/// Writes a text that other programs read to standard output: as it is, but where a person sees it.
pub fn print_data(text: &str) -> Result<(), PrintError> {
    if io::stdout().is_terminal() {
        return print(text);
    }
    write_line(text)
}

/// Writes a JSON document to standard output.
pub fn print_json(document: &Value) -> Result<(), PrintError> {
    print_data(&format!("{document:#}"))
}

/// Empties the terminal's screen, where `wanted` and where standard output is a terminal.
pub fn clear_screen(wanted: bool) {
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    if wanted && !is_dumb && io::stdout().is_terminal() {
        let mut stdout = io::stdout().lock();
        let _ = stdout
            .write_all(b"\x1b[2J\x1b[H")
            .and_then(|()| stdout.flush());
    }
}

/// Whether `--quiet` was given.
static QUIET: AtomicBool = AtomicBool::new(false);

/// Leaves out notes and warnings from here on.
pub fn be_quiet() {
    QUIET.store(true, Ordering::Relaxed);
}

/// Whether only errors are wanted on standard error.
pub fn is_quiet() -> bool {
    QUIET.load(Ordering::Relaxed)
}

/// Writes a line to standard error that is no error: not with `--quiet`.
pub fn print_note(line: impl Display) {
    if !is_quiet() {
        print_to_stderr(line);
    }
}

/// Writes a line to standard error. Where nobody reads it there is nothing to be done.
pub fn print_to_stderr(line: impl Display) {
    let line = clean(&line.to_string(), Style::stderr());
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Says on standard error what went wrong and what to do.
pub fn print_error(message: &str, help: &str) {
    let style = Style::stderr();
    print_to_stderr(format_args!("{} {message}", style.red("error:")));
    if !help.is_empty() {
        print_to_stderr(format_args!("  {} {help}", style.bold("help:")));
    }
}

/// A server's text on one line, so that it can't pass for a line of the command's own.
pub fn on_one_line(text: &str) -> String {
    let clean = remove_controls(text);
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Leaves out of a text what moves the cursor or turns the direction of writing.
///
/// The sequences of [`Style`] stay, where the stream has colours.
fn clean(text: &str, style: Style) -> String {
    let mut cleaned = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\x1b') {
        cleaned.push_str(&remove_controls(&rest[..at]));
        rest = &rest[at..];
        let ours = [RESET, BOLD, DIM, GREEN, YELLOW, CYAN, BOLD_RED];
        let ours = ours.iter().find(|sequence| rest.starts_with(**sequence));
        match ours.filter(|_| style.coloured) {
            Some(sequence) => {
                cleaned.push_str(sequence);
                rest = &rest[sequence.len()..];
            }
            None => rest = &rest[1..],
        }
    }
    cleaned.push_str(&remove_controls(rest));
    cleaned
}

/// Leaves out control characters but line breaks and tabs, and characters that turn the direction.
fn remove_controls(text: &str) -> String {
    let unwanted = |c: &char| {
        c.is_control() && !matches!(c, '\n' | '\t')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().filter(|c| !unwanted(c)).collect()
}

/// How many there are, with the noun in its number: `1 error`, `2 errors`.
pub fn counted(count: usize, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        count => format!("{count} {noun}s"),
    }
}

/// A number of seconds in words: `12 s`, `59 min`, `2 h 5 min`, `3 days`.
pub fn in_words(seconds: u64) -> String {
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7199 => format!("{} min", seconds / 60),
        7200..=172_799 => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "a\x1b[31mred\x1b]0;title\x07\r\nfake: line\u{202e}\u{9b}2J";

    #[test]
    fn nothing_of_a_server_controls_the_terminal() {
        for coloured in [false, true] {
            let style = Style { coloured };
            let shown = clean(&format!("{} {HOSTILE}", style.bold(HOSTILE)), style);
            let without_ours = shown.replace(BOLD, "").replace(RESET, "");
            assert!(
                !without_ours.contains(|c: char| c.is_control() && c != '\n'),
                "{shown:?}"
            );
            assert!(!shown.contains('\u{202e}'));
            assert_eq!(shown.contains('\x1b'), coloured);
        }
        assert_eq!(on_one_line(HOSTILE), "a[31mred]0;title fake: line2J");
    }

    #[test]
    fn a_style_within_a_style_ends_where_the_outer_one_goes_on() {
        let style = Style { coloured: true };
        let shown = style.dim(format!("a {} b", style.green("7")));
        assert_eq!(shown, format!("{DIM}a {GREEN}7{RESET}{DIM} b{RESET}"));
        assert_eq!(clean(&shown, style), shown);
    }

    #[test]
    fn lines_and_letters_stay() {
        let text = "Zoë\t李雷\n  ✓ 1 / 2";
        assert_eq!(clean(text, Style { coloured: true }), text);
    }
}
