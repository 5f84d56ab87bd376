//! The macro `attendium::graphql!`: GraphQL in Rust, compiled to types.
//!
//! A doorway: it reads its arguments (`arguments`), calls the compiler that build scripts and the command call too, and
//! shows errors where they are (`expand`).
#![warn(clippy::unwrap_used)]
#![forbid(unsafe_code)]

mod arguments;
mod expand;

use proc_macro::TokenStream;

/// Compiles operations and fragments to Rust types, at the place where it stands.
///
/// The operations stand in the macro, in a string, or in files:
///
/// ```ignore
/// attendium::graphql! {
///     query Me { me { id } }
/// }
///
/// attendium::graphql!(schema = "schema.graphql", r#"query Hello { hello(name: "you") }"#);
///
/// mod api {
///     attendium::graphql!(schema = "schema.graphql", operations = "queries");
/// }
/// ```
///
/// | key | value |
/// |---|---|
/// | `schema` | a file or directory with the schema, from the package's directory; several keys are one schema. Without it, Attendium's |
/// | `operations` | a file or directory with documents, instead of documents in the macro; several keys are one set |
/// | `scalar` | `"Name=rust::Path"`, the Rust type of a custom scalar |
/// | `derive` | `"path::Of::Derive"`, one more derive on every type |
/// | `allow` | a validation rule that documents may break |
///
/// What it generates is what a build script generates for the same input. A change of a file that it read compiles the crate
/// anew; a *new* file in a directory is found by a build script alone. Documents between braces are Rust tokens: comments
/// are `//`, and a block string or a backslash is better off in a string or a file.
#[proc_macro]
pub fn graphql(input: TokenStream) -> TokenStream {
    expand::expand(input.into()).into()
}
