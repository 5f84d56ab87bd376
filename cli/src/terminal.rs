//! How things look: colours where there is a terminal that wants them, tables, times in words.

use crate::failure::Failure;
use std::fmt::Display;
use std::io::{ErrorKind, IsTerminal, Write};
use unicode_width::UnicodeWidthStr;

/// Whether to use colours (<https://no-color.org>).
fn colours(stream: &impl IsTerminal) -> bool {
    let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    wanted && stream.is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Marks text for the eye, or leaves it as it is.
#[derive(Clone, Copy)]
pub struct Style(bool);

impl Style {
    /// For text on standard output.
    pub fn stdout() -> Self {
        Self(colours(&std::io::stdout()))
    }

    fn mark(self, code: &str, text: impl Display) -> String {
        if self.0 {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_string()
        }
    }

    pub fn bold(self, text: impl Display) -> String {
        self.mark("1", text)
    }

    pub fn dim(self, text: impl Display) -> String {
        self.mark("2", text)
    }

    pub fn green(self, text: impl Display) -> String {
        self.mark("32", text)
    }

    pub fn cyan(self, text: impl Display) -> String {
        self.mark("36", text)
    }
}

/// Writes a line to standard output.
pub fn out(line: impl Display) -> Result<(), Failure> {
    // Not `println!`: it panics when the reader has gone, as `head` does.
    let mut stdout = std::io::stdout().lock();
    let written = writeln!(stdout, "{line}").and_then(|()| stdout.flush());
    written.map_err(|error| match error.kind() {
        ErrorKind::BrokenPipe => Failure::nobody_reads(),
        _ => Failure::new(
            format!("the output can't be written: {error}"),
            "look at what the output is piped or redirected to",
        ),
    })
}

/// Writes a JSON document to standard output.
pub fn out_json(document: &serde_json::Value) -> Result<(), Failure> {
    out(format_args!("{document:#}"))
}

/// Writes a line to stderr. Where nobody reads it there is nothing to be done.
pub fn note(line: impl Display) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Says on stderr what went wrong and what to do.
pub fn error(message: &str, help: &str) {
    let style = Style(colours(&std::io::stderr()));
    note(format_args!("{} {message}", style.mark("1;31", "error:")));
    if !help.is_empty() {
        note(format_args!("  {} {help}", style.mark("1", "help:")));
    }
}

/// A cell of a table.
pub enum Cell {
    /// Aligned to the left.
    Text(String),
    /// Aligned to the right.
    Number(String),
}

impl Cell {
    fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Number(text) => text,
        }
    }
}

/// The lines of a table with a rule below its first row. Widths are those of a terminal: some letters take two columns.
pub fn table(style: Style, rows: &[Vec<Cell>]) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells
            .map(|cell| cell.text().width())
            .max()
            .unwrap_or_default()
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut lines: Vec<String> = Vec::with_capacity(rows.len() + 1);
    for (index, row) in rows.iter().enumerate() {
        let cells = row.iter().zip(&widths).map(|(cell, width)| {
            let gap = " ".repeat(width.saturating_sub(cell.text().width()));
            match cell {
                Cell::Text(text) => format!("{text}{gap}"),
                Cell::Number(text) => format!("{gap}{text}"),
            }
        });
        let line = cells.collect::<Vec<_>>().join("  ");
        if index == 0 {
            lines.push(style.bold(line.trim_end()));
            let rules: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
            lines.push(style.dim(rules.join("  ")));
        } else {
            lines.push(line.trim_end().to_owned());
        }
    }
    lines
}

/// A number of seconds in words: `12 s`, `59 min`, `2 h 5 min`, `3 days`.
pub fn seconds(seconds: u64) -> String {
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

    #[test]
    fn columns_stay_aligned_beside_letters_of_two_columns() {
        let row =
            |name: &str, count: &str| vec![Cell::Text(name.into()), Cell::Number(count.into())];
        let lines = table(
            Style(false),
            &[row("Guest", "In"), row("李雷", "2"), row("Bo", "10")],
        );
        assert_eq!(lines, ["Guest  In", "─────  ──", "李雷    2", "Bo     10"]);
    }
}
