//! What the compiler says to a person: message, location with the source line, help.
//!
//! Every stage returns [`Diagnostic`]s, and their `Display` is the one way to show them. Enter at
//! [`Diagnostic`].
//!
//! What apollo-compiler reports is a *finding*; `apollo` reads its kind, a *violation*, from it.
//! [`translate`] drops what only follows from another one and finds a second place (`conflicts`),
//! and `messages` writes the text, with help of `suggestions` and `values`. A *mistake* is an error
//! of syntax, which [`syntax`] finds before the parser does. An *issue* is something wrong in a
//! schema, which is an error only where an operation reaches it (`schema/issues.rs`).

pub mod apollo;
mod conflicts;
mod messages;
mod suggestions;
pub mod syntax;
pub mod translate;
mod values;

use apollo_compiler::parser::{SourceMap, SourceSpan};
use std::fmt;

/// Whether code is generated for what a diagnostic concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// No code is generated for it.
    Error,
    /// Code is generated all the same.
    Warning,
}

/// A place in a source text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The path of the [`Source`](crate::Source).
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The byte offset of the first character in the text.
    pub offset: usize,
    /// How many bytes the place covers.
    pub length: usize,
    /// The text of the line, without its end.
    pub source_line: String,
}

impl Location {
    /// The place that covers the bytes `offset..offset + length` of a text.
    pub(crate) fn new(path: &str, text: &str, offset: usize, length: usize) -> Self {
        let offset = floor(text, offset.min(text.len()));
        let start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
        let source_line = text[start..].lines().next().unwrap_or_default().to_owned();
        Self {
            path: path.to_owned(),
            line: text[..start].matches('\n').count() + 1,
            column: text[start..offset].chars().count() + 1,
            offset,
            length,
            source_line,
        }
    }

    /// The location of a span, up to the end of its first line.
    pub(crate) fn of_span(span: Option<SourceSpan>, sources: &SourceMap) -> Option<Self> {
        let span = span?;
        let file = sources.get(&span.file_id())?;
        let path = file.path().to_string_lossy();
        let text = file.source_text();
        // An error at the end of the input points behind the last character.
        let length = span.end_offset().saturating_sub(span.offset());
        let first_line = text
            .get(span.offset()..)
            .map_or(0, |rest| rest.lines().next().unwrap_or_default().len());
        let length = length.min(first_line.max(1));
        Some(Self::new(&path, text, span.offset(), length))
    }

    /// What it covers, up to the end of its line.
    pub(crate) fn text(&self) -> &str {
        let start: usize = self
            .source_line
            .chars()
            .take(self.column - 1)
            .map(char::len_utf8)
            .sum();
        let end = (start + self.length).min(self.source_line.len());
        self.source_line
            .get(start..floor(&self.source_line, end))
            .unwrap_or_default()
    }

    /// The part of it before the first of these characters.
    pub(crate) fn up_to(mut self, ends: &[char]) -> Self {
        let text = self.text();
        self.length = text[..text.find(ends).unwrap_or(text.len())]
            .trim_end()
            .len();
        self
    }
}

/// The nearest character boundary at or before `offset`.
fn floor(text: &str, mut offset: usize) -> usize {
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// A message about a source text: what is wrong, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Whether code is generated for what it concerns.
    pub severity: Severity,
    /// A stable name of what is wrong, which is shown in brackets: a lint's, or that of a rule of
    /// validation. Those of [`Rule`](crate::Rule) can be allowed.
    pub rule: Option<&'static str>,
    /// What is wrong, in one sentence.
    pub message: String,
    /// Where, if it is in a source text.
    pub location: Option<Location>,
    /// A second place that belongs to it, and what is there.
    pub related: Option<(Location, String)>,
    /// What to do about it.
    pub help: Option<String>,
}

impl Diagnostic {
    pub(crate) fn error(message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            rule: None,
            message: message.into(),
            location: None,
            related: None,
            help: None,
        }
    }

    pub(crate) fn warning(message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(message)
        }
    }

    pub(crate) fn with_rule(mut self, rule: &'static str) -> Self {
        self.rule = Some(rule);
        self
    }

    pub(crate) fn with_location(mut self, location: Option<Location>) -> Self {
        self.location = location;
        self
    }

    pub(crate) fn with_related(mut self, related: Option<(Location, String)>) -> Self {
        self.related = related;
        self
    }

    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Whether it stops the compilation.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// What orders diagnostics: the place, then the message.
    pub(crate) fn order(&self) -> (Option<(&str, usize)>, &str) {
        (
            self.location
                .as_ref()
                .map(|place| (place.path.as_str(), place.offset)),
            &self.message,
        )
    }
}

/// Shows a diagnostic as compilers do: message, `path:line:column`, the source line with the place
/// underlined, help. No colours; a terminal may add them.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(f, "{severity}")?;
        if let Some(rule) = self.rule {
            write!(f, "[{rule}]")?;
        }
        write!(f, ": {}", self.message)?;
        let width = self
            .location
            .as_ref()
            .into_iter()
            .chain(self.related.as_ref().map(|(place, _)| place))
            .map(|place| place.line.to_string().len())
            .max()
            .unwrap_or(0);
        if let Some(place) = &self.location {
            snippet(f, "-->", place, width, '^', "")?;
        }
        if let Some((place, label)) = &self.related {
            snippet(f, ":::", place, width, '-', label)?;
        }
        if let Some(help) = &self.help {
            write!(f, "\n{:width$} = help: {help}", "")?;
        }
        Ok(())
    }
}

fn snippet(
    f: &mut fmt::Formatter<'_>,
    arrow: &str,
    place: &Location,
    width: usize,
    mark: char,
    label: &str,
) -> fmt::Result {
    let Location {
        path, line, column, ..
    } = place;
    // A line of a minified document may be very long: a window around the location is enough.
    const WINDOW: usize = 160;
    let characters: Vec<char> = place
        .source_line
        .chars()
        .map(|c| if c == '\t' { ' ' } else { c })
        .collect();
    let from = if characters.len() > WINDOW {
        (column - 1).saturating_sub(WINDOW / 2)
    } else {
        0
    };
    let to = characters.len().min(from + WINDOW);
    let shown: String = characters
        .get(from..to)
        .unwrap_or_default()
        .iter()
        .collect();
    let rest = to.saturating_sub(column - 1);
    let marks = place.text().chars().count().clamp(1, rest.max(1));
    write!(f, "\n{:width$}{arrow} {path}:{line}:{column}", "")?;
    write!(f, "\n{:width$} |", "")?;
    write!(f, "\n{line:>width$} | {}", shown.trim_end())?;
    write!(
        f,
        "\n{:width$} | {:pad$}{}",
        "",
        "",
        mark.to_string().repeat(marks),
        pad = column - 1 - from
    )?;
    if label.is_empty() {
        return Ok(());
    }
    write!(f, " {label}")
}

/// The candidate that a person most likely meant by `name`: the nearest one, if it is near enough.
pub(crate) fn near_miss<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let limit = (name.chars().count() / 3).max(1) + 1;
    candidates
        .into_iter()
        .map(|candidate| (edits(name, candidate), candidate))
        .filter(|(edits, candidate)| {
            *edits <= limit
                && (*edits < candidate.chars().count() || name.eq_ignore_ascii_case(candidate))
        })
        .min()
        .map(|(_, candidate)| candidate)
}

/// The number of insertions, removals, replacements and swaps of neighbours between two names,
/// where a difference in case alone counts as one for the whole name.
fn edits(a: &str, b: &str) -> usize {
    if a == b {
        return 0;
    }
    let a: Vec<char> = a.to_lowercase().chars().collect();
    let b: Vec<char> = b.to_lowercase().chars().collect();
    if a == b {
        return 1;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut next = vec![i];
        for j in 1..=b.len() {
            let cost = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (row[j] + 1).min(next[j - 1] + 1).min(row[j - 1] + cost);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            next.push(best);
        }
        before = std::mem::replace(&mut row, next);
    }
    row[b.len()]
}
