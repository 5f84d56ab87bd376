//! The macro `attendium::graphql!`: GraphQL in Rust, compiled to types.
//!
//! A doorway: it reads its arguments (`arguments`) and the documents among them (`documents`),
//! calls the compiler that build scripts and the command call too, shows errors where they are
//! (`expand`), and gives the code spans that editors understand (`tokens`).
#![warn(clippy::unwrap_used)]
#![forbid(unsafe_code)]

mod arguments;
mod documents;
mod expand;
mod tokens;

use proc_macro::TokenStream;

/// Compiles operations and fragments to Rust types, at the place where it stands.
///
/// The operations stand in the macro, in a string, or in files:
///
/// ```
/// attendium::graphql! {
///     query Me { me { id } }
/// }
///
/// attendium::graphql!(derive = "serde::Serialize", r#"query Who { me { name, role } }"#);
///
/// mod api {
///     attendium::graphql!(schema = "../schema/attendium.graphql", operations = "../queries");
/// }
///
/// # fn main() {
/// use attendium::Operation;
/// assert_eq!(Me::INFO.document, "query Me{me{id}}");
/// assert_eq!(Who::INFO.document, "query Who{me{name role}}");
/// assert_eq!(api::Me::INFO.document, Me::INFO.document);
/// # }
/// ```
///
/// It stands in a module, not in a function: what it generates finds itself by `super`, which a
/// function's body does not have.
///
/// | key | value |
/// |---|---|
/// | `schema` | a file or directory with the schema, from the package's directory; several keys are one schema. Without it, Attendium's |
/// | `operations` | a file or directory with documents, instead of documents in the macro; several keys are one set |
/// | `scalar` | `"Name=rust::Path"`, the Rust type of a custom scalar |
/// | `derive` | `"path::Of::Derive"`, one more derive on every type |
/// | `allow` | a [rule](attendium_codegen::Rule) of validation that documents may break |
/// | `crate` | the path under which the code finds the crate `attendium` |
/// | `share_selections` | `true` makes equal selections one type |
///
/// What it generates is what a build script generates for the same input. A change of a file that
/// it read compiles the crate anew; a *new* file in a directory is found by a build script alone.
/// Lints are for the build script and the command: a macro can show no warning.
/// Documents between braces are Rust tokens: comments are `//`, and a block string or a backslash
/// is better off in a string or a file.
#[proc_macro]
pub fn graphql(input: TokenStream) -> TokenStream {
    expand::expand(input.into()).into()
}
