//! From arguments to code, or to errors where they are. Enter at [`expand`].

use crate::arguments::{Arguments, Inline, parse};
use attendium_codegen::{Diagnostic, Output, Source, compile, read};
use proc_macro2::{Literal, Span, TokenStream, TokenTree};
use std::path::{Path, PathBuf};

/// Attendium's schema, for macros that name none.
// A link to the one in `schema/`, so that a published package has it.
const ATTENDIUM: &str = include_str!("attendium.graphql");

/// The macro itself.
pub fn expand(input: TokenStream) -> TokenStream {
    let arguments = match parse(input) {
        Ok(arguments) => arguments,
        Err(mistakes) => {
            return errors(
                mistakes
                    .into_iter()
                    .map(|(span, message)| (span, span, message)),
            );
        }
    };
    let directory = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let path = arguments.inline.as_ref().map(file_of).unwrap_or_default();
    let (output, read) = compile_arguments(&arguments, &directory, &path);
    if output.has_errors() {
        return errors(
            output
                .diagnostics
                .iter()
                .filter(|diagnostic| diagnostic.is_error())
                .map(|error| located(error, &arguments, &path)),
        );
    }
    let mut code: TokenStream = match output.code.parse() {
        Ok(code) => code,
        Err(error) => {
            return errors([here(format!("the generated code is not Rust: {error}"))]);
        }
    };
    // Cargo compiles the crate anew when one of these changes.
    for file in read.iter().filter(|path| path.is_file()) {
        let file = Literal::string(&file.to_string_lossy());
        let tracked: Result<TokenStream, _> =
            format!("const _: &[::core::primitive::u8] = ::core::include_bytes!({file});").parse();
        code.extend(tracked.unwrap_or_default());
    }
    code
}

/// Compiles what the arguments name, from `directory`; documents in the macro are said to stand in `path`.
fn compile_arguments(
    arguments: &Arguments,
    directory: &Path,
    path: &str,
) -> (Output, Vec<PathBuf>) {
    let mut schema = read(
        directory,
        &arguments.schema,
        &[".graphql", ".gql", ".graphqls", ".json"],
    );
    if arguments.schema.is_empty() {
        schema
            .sources
            .push(Source::new("attendium.graphql", ATTENDIUM));
    }
    let mut documents = read(directory, &arguments.operations, &[".graphql", ".gql"]);
    documents.sources.extend(
        arguments
            .inline
            .as_ref()
            .map(|inline| Source::new(path, inline.text.as_str())),
    );
    let mut errors = std::mem::take(&mut schema.errors);
    errors.append(&mut documents.errors);
    let mut output = if errors.is_empty() {
        compile(&schema.sources, &documents.sources, &arguments.options)
    } else {
        Output::default()
    };
    output.diagnostics.splice(0..0, errors);
    schema.watched.append(&mut documents.watched);
    (output, schema.watched)
}

/// The file that the macro stands in, as the compiler shows it.
fn file_of(inline: &Inline) -> String {
    let file = inline
        .tokens
        .first()
        .map(|(_, span)| span.file())
        .unwrap_or_default();
    if file.is_empty() {
        "graphql!".into()
    } else {
        file.replace('\\', "/")
    }
}

/// An error in a document of the macro underlines its tokens; one in a file shows its line.
fn located(error: &Diagnostic, arguments: &Arguments, path: &str) -> (Span, Span, String) {
    let inline = arguments
        .inline
        .as_ref()
        .zip(error.location.as_ref())
        .filter(|(_, place)| place.path == path);
    let Some((inline, place)) = inline else {
        return here(error.to_string());
    };
    let (start, end) = inline.spans(place.offset, place.length);
    // One string is one token: the place in it has to be said.
    if let Some((line, column)) = inline.string {
        let mut error = error.clone();
        for place in error
            .location
            .iter_mut()
            .chain(error.related.as_mut().map(|(place, _)| place))
        {
            if place.line == 1 {
                place.column += column;
                place.source_line.insert_str(0, &" ".repeat(column));
            }
            place.line += line - 1;
        }
        return (start, end, error.to_string());
    }
    let also = error.related.as_ref().map(|(place, label)| {
        format!(
            "\nnote: {label} is at {}:{}:{}",
            place.path, place.line, place.column
        )
    });
    let help = error.help.as_ref().map(|help| format!("\nhelp: {help}"));
    let message = [Some(error.message.clone()), also, help]
        .into_iter()
        .flatten()
        .collect();
    (start, end, message)
}

/// An error about the macro as a whole.
fn here(message: String) -> (Span, Span, String) {
    (Span::call_site(), Span::call_site(), message)
}

/// `compile_error!` for each mistake, from its first token to its last.
fn errors(mistakes: impl IntoIterator<Item = (Span, Span, String)>) -> TokenStream {
    let mut out = TokenStream::new();
    for (start, end, message) in mistakes {
        let literal = Literal::string(&message);
        let tokens: TokenStream = format!("::core::compile_error!({literal});")
            .parse()
            .unwrap_or_default();
        // rustc underlines from the path to the parentheses.
        out.extend(tokens.into_iter().map(|token| {
            let span = if matches!(token, TokenTree::Group(_)) {
                end
            } else {
                start
            };
            respan(token, span)
        }));
    }
    out
}

fn respan(token: TokenTree, span: Span) -> TokenTree {
    match token {
        TokenTree::Group(group) => {
            let inner = group
                .stream()
                .into_iter()
                .map(|token| respan(token, span))
                .collect();
            let mut group = proc_macro2::Group::new(group.delimiter(), inner);
            group.set_span(span);
            TokenTree::Group(group)
        }
        mut other => {
            other.set_span(span);
            other
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::str::FromStr;

    fn package() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
    }

    #[test]
    fn the_macro_generates_what_a_build_script_generates() {
        let input = r#"schema = "schema/attendium.graphql", operations = "queries", derive = "serde::Serialize""#;
        let arguments = parse(TokenStream::from_str(input).unwrap()).ok().unwrap();
        let (from_macro, _) = compile_arguments(&arguments, &package(), "");
        let build = attendium_codegen::build()
            .schema("schema/attendium.graphql")
            .operations("queries")
            .derive("serde::Serialize");
        let (from_build, _) = build.compile_in(&package());
        assert!(!from_macro.has_errors());
        assert_eq!(from_macro.code, from_build.code);
    }

    #[test]
    fn a_document_in_the_macro_generates_what_the_same_text_in_a_file_generates() {
        let text = std::fs::read_to_string(package().join("queries/fragments.graphql")).unwrap();
        // Comments and descriptions stand on their lines in both.
        let arguments = parse(
            TokenStream::from_str(&format!(
                "{text} query A {{ event(id: \"1\") {{ ...EventCounter ...on Node {{ id }} }} }}"
            ))
            .unwrap(),
        )
        .ok()
        .unwrap();
        let (inline, _) = compile_arguments(&arguments, &package(), "a.graphql");
        let source = Source::new("a.graphql", arguments.inline.as_ref().unwrap().text.clone());
        let whole = compile(
            &[Source::new("attendium.graphql", ATTENDIUM)],
            &[source],
            &arguments.options,
        );
        assert!(!inline.has_errors(), "{:?}", inline.diagnostics);
        assert_eq!(inline.code, whole.code);
        assert!(
            inline.code.contains("a.graphql:2"),
            "places are those of the text:\n{}",
            inline.code
        );
    }

    #[test]
    fn an_error_is_at_its_token() {
        let arguments = parse(TokenStream::from_str("query Me {\n  me { id nmae } }").unwrap())
            .ok()
            .unwrap();
        let (output, _) = compile_arguments(&arguments, &package(), "a.graphql");
        let error = output
            .diagnostics
            .iter()
            .find(|error| error.is_error())
            .unwrap();
        let (start, end, message) = located(error, &arguments, "a.graphql");
        assert_eq!((start.start().line, start.start().column), (2, 10));
        assert_eq!((end.end().line, end.end().column), (2, 14));
        assert_eq!(
            message,
            "type `User` does not have a field `nmae`\nhelp: did you mean `name`?"
        );
    }

    #[test]
    fn every_mistake_in_the_arguments_is_said() {
        let mistakes =
            parse(TokenStream::from_str(r#"shema = "a", scalar = "x", operations = 1"#).unwrap())
                .err()
                .unwrap();
        let messages: Vec<&str> = mistakes
            .iter()
            .map(|(_, message)| message.lines().next().unwrap())
            .collect();
        assert_eq!(
            messages,
            [
                "unknown key `shema`",
                "not a mapping",
                "a string is expected here"
            ]
        );
    }
}
