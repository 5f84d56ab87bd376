//! How the command shows what the compiler finds: to people, and as JSON. Enter at [`print()`].

use crate::terminal::{self, Style};
use attendium_codegen::Diagnostic;
use serde_json::{Value, json};

/// Says on standard error what the compiler found, with an empty line between two findings.
pub fn print(diagnostics: &[Diagnostic]) {
    let style = Style::stderr();
    let wanted = diagnostics
        .iter()
        .filter(|each| each.is_error() || !terminal::is_quiet());
    for (index, diagnostic) in wanted.enumerate() {
        let gap = if index == 0 { "" } else { "\n" };
        terminal::print_to_stderr(format_args!("{gap}{}", shown(style, diagnostic)));
    }
}

/// A finding for programs.
pub fn document(diagnostic: &Diagnostic) -> Value {
    let place = diagnostic.location.as_ref();
    json!({
        "severity": if diagnostic.is_error() { "error" } else { "warning" },
        "rule": diagnostic.rule,
        "message": diagnostic.message,
        "file": place.map(|place| &place.path),
        "line": place.map(|place| place.line),
        "column": place.map(|place| place.column),
        "help": diagnostic.help,
    })
}

/// What is wrong, behind its place in a file, on one line: as editors and terminals open it.
pub fn with_its_place(diagnostic: &Diagnostic) -> String {
    let message = terminal::on_one_line(&diagnostic.message);
    match &diagnostic.location {
        Some(place) => format!("{}:{}:{}: {message}", place.path, place.line, place.column),
        None => message,
    }
}

/// The compiler's text in colours. Without a line of source, the help stands where it does in the
/// command's other errors.
fn shown(style: Style, diagnostic: &Diagnostic) -> String {
    let text = diagnostic.to_string();
    let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
    let mut lines = vec![match first.split_once(": ") {
        Some((severity, message)) if diagnostic.is_error() => {
            format!("{} {message}", style.red(format_args!("{severity}:")))
        }
        Some((severity, message)) => {
            format!("{} {message}", style.yellow(format_args!("{severity}:")))
        }
        None => first.to_owned(),
    }];
    let has_place = diagnostic.location.is_some() || diagnostic.related.is_some();
    lines.extend(rest.lines().map(|line| match line.split_once("= help: ") {
        Some((gutter, help)) if gutter.trim().is_empty() && !has_place => {
            format!("  {} {help}", style.bold("help:"))
        }
        Some((gutter, help)) if gutter.trim().is_empty() => {
            let gutter = style.dim(format_args!("{gutter}="));
            format!("{gutter} {} {help}", style.bold("help:"))
        }
        _ => snippet_line(style, line),
    }));
    lines.join("\n")
}

/// A line of a snippet: ` --> file:1:2`, `1 | source`, `  | ^^^`.
fn snippet_line(style: Style, line: &str) -> String {
    let is_place = ["-->", ":::"]
        .iter()
        .any(|arrow| line.trim_start().starts_with(arrow));
    if is_place {
        return style.dim(line);
    }
    let Some((number, source)) = line.split_once('|') else {
        return line.to_owned();
    };
    let gutter = style.dim(format_args!("{number}|"));
    let is_mark = number.trim().is_empty() && source.trim_start().starts_with(['^', '-']);
    if is_mark {
        format!("{gutter}{}", style.red(source))
    } else {
        format!("{gutter}{source}")
    }
}
