//! The compiler for build scripts. Enter at [`build`].

use crate::diagnostics::Diagnostic;
use crate::emit::output_files;
use crate::incremental;
use crate::options::Options;
use crate::output::Output;
use crate::pipeline::compile;
use crate::source::read;
use std::path::{Path, PathBuf};

/// Endings of files with documents.
pub(crate) const DOCUMENTS: [&str; 2] = [".graphql", ".gql"];
/// Endings of files with a schema.
pub(crate) const SCHEMAS: [&str; 4] = [".graphql", ".gql", ".graphqls", ".json"];

/// Compiles documents in a build script: three lines of `build.rs`.
///
/// ```no_run
/// // In `fn main()`:
/// attendium_codegen::build().schema("schema.graphql").operations("queries").run();
/// ```
///
/// The code lands in `OUT_DIR/queries.rs`, which includes a file for each operation and fragment;
/// `attendium::include_queries!()` includes it.
pub fn build() -> Build {
    Build {
        schema: Vec::new(),
        operations: Vec::new(),
        options: Options::default(),
        out: "queries.rs".into(),
    }
}

/// A compilation in a build script; [`build`] makes one.
#[derive(Debug, Clone)]
#[must_use = "nothing is compiled before `run`"]
pub struct Build {
    schema: Vec<PathBuf>,
    operations: Vec<PathBuf>,
    options: Options,
    out: String,
}

impl Build {
    /// Adds a file, or a directory of files, with the schema: SDL or introspection JSON.
    pub fn schema(mut self, path: impl Into<PathBuf>) -> Self {
        self.schema.push(path.into());
        self
    }

    /// Adds a file, or a directory of files (`.graphql` and `.gql`), with operations and fragments.
    pub fn operations(mut self, path: impl Into<PathBuf>) -> Self {
        self.operations.push(path.into());
        self
    }

    /// Maps a custom scalar to a Rust type; see [`Options::scalars`].
    pub fn scalar(mut self, name: impl Into<String>, rust: impl Into<String>) -> Self {
        self.options.scalars.push((name.into(), rust.into()));
        self
    }

    /// Derives one more trait on every generated type that can have it; see [`Options::derives`].
    pub fn derive(mut self, path: impl Into<String>) -> Self {
        self.options.derives.push(path.into());
        self
    }

    /// Lets documents break a rule; see [`Options::allow`].
    pub fn allow(mut self, rule: impl Into<String>) -> Self {
        self.options.allow.push(rule.into());
        self
    }

    /// Warns of what is valid and still worth a word; see [`Options::lints`].
    pub fn lint(mut self, lint: impl Into<String>) -> Self {
        self.options.lints.push(lint.into());
        self
    }

    /// Replaces all settings.
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Names the file in `OUT_DIR`, where one crate compiles against two schemas. `queries.rs` otherwise.
    pub fn out(mut self, file: impl Into<String>) -> Self {
        self.out = file.into();
        self
    }

    /// Compiles, tells cargo what was read, and writes the code.
    ///
    /// Custom scalars that are not mapped are noted on standard error, which cargo shows with `-vv`.
    ///
    /// With errors it prints them all, by file, line and column, and ends the build script with exit code 1.
    pub fn run(self) {
        let directory = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
        let kept = std::env::var_os("OUT_DIR")
            .map(|out| Path::new(&out).join(format!("{}.memory", self.out)));
        let (output, watched) = self.compile_with(&directory, kept.as_deref());
        for path in watched {
            println!("cargo::rerun-if-changed={}", path.display());
        }
        for diagnostic in output
            .diagnostics
            .iter()
            .filter(|diagnostic| !diagnostic.is_error())
        {
            println!("cargo::warning={}", on_one_line(diagnostic));
        }
        // A warning would come with every build; this is seen with `cargo build -vv`, and beside an error.
        if let Some(note) = output.note() {
            eprintln!(
                "{note}\n = help: map one with `.scalar(\"{}\", \"rust::Path\")`",
                output.unmapped[0]
            );
        }
        if output.has_errors() {
            eprintln!();
            let errors: Vec<_> = output
                .diagnostics
                .iter()
                .filter(|diagnostic| diagnostic.is_error())
                .collect();
            for error in &errors {
                eprintln!("{error}\n");
            }
            eprintln!(
                "attendium: {} GraphQL error{}",
                errors.len(),
                if errors.len() == 1 { "" } else { "s" }
            );
            std::process::exit(1);
        }
        let Some(out) = std::env::var_os("OUT_DIR") else {
            eprintln!(
                "attendium: `run` is for build scripts, where cargo sets OUT_DIR; elsewhere use `attendium_codegen::compile`"
            );
            std::process::exit(1);
        };
        if let Err((path, error)) = output_files::write(&Path::new(&out).join(&self.out), &output) {
            eprintln!("attendium: can't write `{}`: {error}", path.display());
            std::process::exit(1);
        }
    }

    /// Reads and compiles; paths count from `directory`. Also says what to watch.
    pub fn compile_in(&self, directory: &Path) -> (Output, Vec<PathBuf>) {
        self.compile_with(directory, None)
    }

    /// The same with a file, written by an earlier call, in which the state is kept that the next call compares with: then only
    /// documents that have changed are compiled, and those that they concern. The output is that of [`compile_in`](Self::compile_in).
    ///
    /// [`run`](Self::run) keeps such a file in `OUT_DIR`.
    pub fn compile_with(&self, directory: &Path, kept: Option<&Path>) -> (Output, Vec<PathBuf>) {
        let mut schema = read(directory, &self.schema, &SCHEMAS);
        let mut documents = read(directory, &self.operations, &DOCUMENTS);
        let mut errors = std::mem::take(&mut schema.errors);
        errors.append(&mut documents.errors);
        let mut watched = schema.watched;
        watched.append(&mut documents.watched);
        let mut output = if errors.is_empty() {
            match kept {
                None => compile(&schema.sources, &documents.sources, &self.options),
                Some(kept) => incremental::compile(
                    kept,
                    &self.key(),
                    &schema.sources,
                    &documents.sources,
                    &self.options,
                ),
            }
        } else {
            Output::default()
        };
        output.diagnostics.splice(0..0, errors);
        (output, watched)
    }

    /// What the output depends on besides schema and documents: the settings, and the compiler, which is part of this program.
    fn key(&self) -> String {
        let program = std::env::current_exe().ok();
        let changed = program
            .as_ref()
            .and_then(|path| std::fs::metadata(path).ok())
            .and_then(|metadata| Some((metadata.len(), metadata.modified().ok()?)));
        format!(
            "{} {program:?} {changed:?} {:?}",
            env!("CARGO_PKG_VERSION"),
            self.options
        )
    }
}

/// A warning as cargo takes one: `path:line:column: message (help)`.
fn on_one_line(diagnostic: &Diagnostic) -> String {
    let place = diagnostic
        .location
        .as_ref()
        .map(|place| format!("{}:{}:{}: ", place.path, place.line, place.column));
    let help = diagnostic.help.as_ref().map(|help| format!(" ({help})"));
    let whole = [place, Some(diagnostic.message.clone()), help]
        .into_iter()
        .flatten()
        .collect::<String>();
    whole.replace(['\n', '\r'], " ")
}
