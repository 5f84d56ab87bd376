//! From arguments to code, or to errors where they are. Enter at [`expand`].

use crate::arguments::Arguments;
use crate::documents::Inline;
use crate::tokens;
use attendium_codegen::{Diagnostic, Inputs, Output, Source, Sources};
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use std::path::{Path, PathBuf};
use syn::Error;

/// The macro itself.
pub fn expand(input: TokenStream) -> TokenStream {
    syn::parse2(input)
        .and_then(|arguments| expand_arguments(&arguments))
        .unwrap_or_else(Error::into_compile_error)
}

fn expand_arguments(arguments: &Arguments) -> syn::Result<TokenStream> {
    let directory = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let path = arguments.inline.as_ref().map(file_of).unwrap_or_default();
    let (output, read) = compile_arguments(arguments, &directory, &path)?;
    let errors = output.diagnostics.iter().filter(|found| found.is_error());
    let errors = errors.map(|error| locate(error, arguments, &path));
    if let Some(all) = errors.reduce(combine) {
        return Err(all);
    }
    let inline = arguments.inline.as_ref();
    let names = inline.map_or(&[][..], |inline| &inline.definitions);
    let code = tokens::parse(&output.code, names)
        .map_err(|error| here(format!("the generated code is not Rust: {error}")))?;
    // Cargo compiles the crate anew when one of these changes.
    let files = read.iter().filter(|path| path.is_file());
    let files = files.map(|path| path.to_string_lossy().into_owned());
    Ok(quote! {
        #code
        #(const _: &[::core::primitive::u8] = ::core::include_bytes!(#files);)*
    })
}

/// Compiles what the arguments name, from `directory`; documents in the macro stand in `path`.
///
/// Also says which files were read.
fn compile_arguments(
    arguments: &Arguments,
    directory: &Path,
    path: &str,
) -> syn::Result<(Output, Vec<PathBuf>)> {
    let mut inputs = Inputs {
        schema: Sources::read_schema(directory, &arguments.schema),
        documents: Sources::read_documents(directory, &arguments.operations),
    };
    if arguments.schema.is_empty() {
        inputs.schema.sources.push(default_schema()?);
    }
    if let Some(inline) = &arguments.inline {
        let source = Source::new(path, inline.text.as_str());
        inputs.documents.sources.push(source);
    }
    let output = inputs.compile(&arguments.options);
    Ok((output, inputs.watched().cloned().collect()))
}

/// Attendium's schema, for macros that name none.
///
/// The file is a copy of `schema/attendium.graphql`: a package holds nothing from above its
/// directory.
#[cfg(feature = "attendium-api")]
fn default_schema() -> syn::Result<Source> {
    Ok(Source::new(
        "attendium.graphql",
        include_str!("attendium.graphql"),
    ))
}

#[cfg(not(feature = "attendium-api"))]
fn default_schema() -> syn::Result<Source> {
    Err(here(
        "no schema is named\nhelp: write `schema = \"schema.graphql\"`; with the feature \
         `attendium-api` it is Attendium's by default",
    ))
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
fn locate(error: &Diagnostic, arguments: &Arguments, path: &str) -> Error {
    let inline = arguments
        .inline
        .as_ref()
        .zip(error.location.as_ref())
        .filter(|(_, place)| place.path == path);
    let Some((inline, place)) = inline else {
        return Error::new(path_span(error, arguments), without_severity(error));
    };
    let tokens = inline.spans(place.offset, place.length);
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
        return at(tokens, without_severity(&error));
    }
    let also = error.related.as_ref().map(|(place, label)| {
        format!(
            "\nnote: {label} is at {}:{}:{}",
            place.path, place.line, place.column
        )
    });
    let help = error.help.as_ref().map(|help| format!("\nhelp: {help}"));
    let parts = [Some(error.message.clone()), also, help];
    at(tokens, parts.into_iter().flatten().collect::<String>())
}

/// A diagnostic without the word with which rustc begins it anyway.
fn without_severity(error: &Diagnostic) -> String {
    let shown = error.to_string();
    let message = shown.split_once(": ").map(|(_, rest)| rest.to_owned());
    message.unwrap_or(shown)
}

/// The path among the arguments that an error is about, or the whole macro.
///
/// That is the path of the file or of a directory above it, or one that could not be read.
fn path_span(error: &Diagnostic, arguments: &Arguments) -> Span {
    let is_about = |path: &str| match &error.location {
        Some(place) => {
            let path = path.trim_start_matches("./").trim_end_matches('/');
            let rest = place.path.strip_prefix(path);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        }
        None => error.message.contains(&format!("`{path}`")),
    };
    let mut paths = arguments.paths.iter();
    let found = paths.find(|(path, _)| is_about(path));
    found.map_or_else(Span::call_site, |(_, span)| *span)
}

/// An error about the macro as a whole.
fn here(message: impl std::fmt::Display) -> Error {
    Error::new(Span::call_site(), message)
}

/// An error from one token to another.
fn at((first, last): (Span, Span), message: impl std::fmt::Display) -> Error {
    // rustc underlines from the first of an error's tokens to its last; what they are is the same.
    let mut tokens = quote_spanned!(first=> _);
    tokens.extend(quote_spanned!(last=> _));
    Error::new_spanned(tokens, message)
}

fn combine(mut all: Error, error: Error) -> Error {
    all.combine(error);
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use attendium_codegen::compile;

    fn parse(text: &str) -> Arguments {
        syn::parse_str(text).unwrap()
    }

    fn package() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
    }

    #[test]
    fn the_macro_generates_what_a_build_script_generates() {
        let input = r#"schema = "schema/attendium.graphql", operations = "queries",
            derive = "serde::Serialize""#;
        let arguments = parse(input);
        let (from_macro, _) = compile_arguments(&arguments, &package(), "").unwrap();
        let build = attendium_codegen::build()
            .schema("schema/attendium.graphql")
            .operations("queries")
            .derive("serde::Serialize");
        let (from_build, _) = build.compile_in(&package());
        assert!(!from_macro.has_errors());
        assert_eq!(from_macro.code, from_build.code);
    }

    #[test]
    #[cfg(feature = "attendium-api")]
    fn a_document_in_the_macro_generates_what_the_same_text_in_a_file_generates() {
        let text = std::fs::read_to_string(package().join("queries/fragments.graphql")).unwrap();
        // Comments and descriptions stand on their lines in both.
        let arguments = parse(&format!(
            "{text} query A {{ event(id: \"1\") {{ ...EventCounter ...on Node {{ id }} }} }}"
        ));
        let (inline, _) = compile_arguments(&arguments, &package(), "a.graphql").unwrap();
        let source = Source::new("a.graphql", arguments.inline.as_ref().unwrap().text.clone());
        let whole = compile(&[default_schema().unwrap()], &[source], &arguments.options);
        assert!(!inline.has_errors(), "{:?}", inline.diagnostics);
        assert_eq!(inline.code, whole.code);
        assert!(
            inline.code.contains("a.graphql:2"),
            "places are those of the text:\n{}",
            inline.code
        );
    }

    #[test]
    #[cfg(feature = "attendium-api")]
    fn an_error_is_at_its_token() {
        let arguments = parse("query Me {\n  me { id nmae } }");
        let (output, _) = compile_arguments(&arguments, &package(), "a.graphql").unwrap();
        let error = output
            .diagnostics
            .iter()
            .find(|error| error.is_error())
            .unwrap();
        let error = locate(error, &arguments, "a.graphql");
        let (start, end) = (error.span().start(), error.span().end());
        assert_eq!((start.line, start.column), (2, 10));
        assert_eq!((end.line, end.column), (2, 14));
        assert_eq!(
            error.to_string(),
            "type `User` does not have a field `nmae`\nhelp: did you mean `name`?"
        );
    }

    #[test]
    fn an_error_in_a_file_is_at_the_path_that_names_it_and_says_error_once() {
        for (input, column, beginning) in [
            (
                r#"schema = "nope.graphql", operations = "queries""#,
                9,
                "can't read `nope.graphql`: ",
            ),
            (
                r#"schema = "schema/attendium.graphql", operations = "docs/api""#,
                50,
                "no file below `docs/api` ends in ",
            ),
            (
                r#"schema = "codegen/tests/ok/schema.graphql",
                operations = "./codegen/tests/errors/unknown_field.graphql""#,
                29,
                "type `",
            ),
        ] {
            let arguments = parse(input);
            let (output, _) = compile_arguments(&arguments, &package(), "a.rs").unwrap();
            let mut errors = output.diagnostics.iter().filter(|error| error.is_error());
            let error = locate(errors.next().unwrap(), &arguments, "a.rs");
            assert_eq!(error.span().start().column, column, "{error}");
            assert!(error.to_string().starts_with(beginning), "{error}");
            assert!(!error.to_string().contains("error:"), "{error}");
        }
    }

    #[test]
    fn every_mistake_in_the_arguments_is_said() {
        let input = r#"shema = "a", scalar = "x", operations = 1"#;
        let mistakes = syn::parse_str::<Arguments>(input).unwrap_err();
        let messages: Vec<String> = mistakes
            .into_iter()
            .map(|mistake| mistake.to_string().lines().next().unwrap().to_owned())
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

    #[test]
    fn strings_have_the_escapes_of_rust() {
        let arguments = parse(
            r#""query \u{4D}e {\n\x20 me { \
            id } }""#,
        );
        let inline = arguments.inline.unwrap();
        assert_eq!(inline.text, "query Me {\n  me { id } }");
        assert_eq!(
            parse(r##"r#"{ a(b: "c") }"#"##).inline.unwrap().text,
            r#"{ a(b: "c") }"#
        );
    }

    #[test]
    #[cfg(feature = "attendium-api")]
    fn the_default_schema_is_the_one_of_the_repository() {
        let schema = std::fs::read_to_string(package().join("schema/attendium.graphql")).unwrap();
        assert!(
            default_schema().unwrap().text == schema,
            "run `cp schema/attendium.graphql macros/src/attendium.graphql`"
        );
    }
}
