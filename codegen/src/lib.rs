//! The compiler of attendium: GraphQL documents and a schema in, Rust code out.
//!
//! An ordinary library without network, used by build scripts ([`build`]), by the macro
//! `attendium::graphql!` and by the command `attendium generate`: all three call [`compile`] and
//! get the same code for the same input.
//!
//! ```
//! use attendium_codegen::{Options, Source, compile};
//!
//! let schema = [Source::new("schema.graphql", "type Query { me: User } type User { id: ID! }")];
//! let documents = [Source::new("me.graphql", "query Me { me { id } }")];
//! let output = compile(&schema, &documents, &Options::default());
//! assert!(output.diagnostics.is_empty());
//! assert!(output.code.contains("pub struct Me {}"));
//! ```
//!
//! To read the compiler, start at [`compile`]: it runs the stages one after the other.
// docs.rs shows which feature an item needs.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(clippy::unwrap_used)]
#![forbid(unsafe_code)]

mod build;
#[cfg(feature = "config")]
pub mod config;
mod diagnostics;
mod document;
mod emit;
#[cfg(feature = "config")]
mod globs;
mod incremental;
mod inputs;
mod ir;
mod lexer;
mod lints;
mod option_checks;
mod options;
mod output;
mod pipeline;
mod request;
mod rules;
mod schema;
mod source;
mod starter;
mod walk;

pub use build::{Build, Errors, build};
pub use diagnostics::{Diagnostic, Location, Severity};
pub use emit::manifest::manifest;
pub use inputs::Inputs;
pub use options::Options;
pub use output::Output;
pub use pipeline::compile;
pub use request::{Request, RequestInputs, RequestVariables};
pub use rules::{Lint, Rule, UnknownName};
pub use schema::introspection::to_sdl as introspection_to_sdl;
pub use source::{Source, Sources};
pub use starter::{Starter, starter};
