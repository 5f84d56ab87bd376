//! The compiler for build scripts. Enter at [`build`].

use crate::diagnostics::Diagnostic;
use crate::emit::output_files;
use crate::incremental;
use crate::inputs::Inputs;
use crate::options::Options;
use crate::output::Output;
use crate::pipeline::compile;
use crate::rules::{Lint, Rule};
use crate::source::Sources;
use std::fmt;
use std::path::{Path, PathBuf};

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
#[must_use = "nothing is compiled before `run` or `compile`"]
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
        self.options = self.options.scalar(name, rust);
        self
    }

    /// Derives one more trait on every generated type that can have it; see [`Options::derives`].
    pub fn derive(mut self, path: impl Into<String>) -> Self {
        self.options = self.options.derive(path);
        self
    }

    /// Derives `Debug`, `Clone` and `PartialEq`, or none of them; see
    /// [`Options::default_derives`].
    pub fn default_derives(mut self, derive: bool) -> Self {
        self.options = self.options.default_derives(derive);
        self
    }

    /// Lets documents break a rule; see [`Rule`].
    pub fn allow(mut self, rule: Rule) -> Self {
        self.options = self.options.allow(rule);
        self
    }

    /// Warns of what is valid and still worth a word; see [`Lint`].
    pub fn lint(mut self, lint: Lint) -> Self {
        self.options = self.options.lint(lint);
        self
    }

    /// Makes equal selections one type; see [`Options::share_selections`].
    pub fn share_selections(mut self, share: bool) -> Self {
        self.options = self.options.share_selections(share);
        self
    }

    /// Names the path of the crate `attendium`; see [`Options::crate_path`].
    pub fn crate_path(mut self, path: impl Into<String>) -> Self {
        self.options = self.options.crate_path(path);
        self
    }

    /// Replaces all settings, those of earlier calls too: call it first.
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Names the file in `OUT_DIR`, where one crate compiles against two schemas. `queries.rs`
    /// otherwise.
    pub fn out(mut self, file: impl Into<String>) -> Self {
        self.out = file.into();
        self
    }

    /// Compiles, tells cargo what was read, and writes the code.
    ///
    /// With errors it prints them all, by file, line and column, and ends the build script with
    /// exit code 1. [`compile`](Self::compile) returns them instead.
    pub fn run(self) {
        if let Err(errors) = self.compile() {
            eprintln!("{errors}");
            std::process::exit(1);
        }
    }

    /// Compiles, tells cargo what was read, and writes the code to `OUT_DIR`.
    ///
    /// Custom scalars that are not mapped are noted on standard error, which cargo shows with
    /// `-vv`.
    ///
    /// ```no_run
    /// fn main() -> Result<(), attendium_codegen::Errors> {
    ///     attendium_codegen::build().schema("schema.graphql").operations("queries").compile()?;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    /// A schema or a document has errors, or the code can't be written. Nothing is written then.
    pub fn compile(&self) -> Result<Output, Errors> {
        let directory = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
        let Some(out) = std::env::var_os("OUT_DIR").map(PathBuf::from) else {
            return Err(Errors::without_diagnostics(
                "`run` is for build scripts, where cargo sets OUT_DIR; elsewhere use \
                 `attendium_codegen::compile`",
            ));
        };
        let kept = out.join(format!("{}.cache", self.out));
        let (output, watched) = self.compile_with(&directory, Some(&kept));
        for path in watched {
            println!("cargo::rerun-if-changed={}", path.display());
        }
        let (errors, warnings): (Vec<_>, Vec<_>) = output
            .diagnostics
            .iter()
            .partition(|diagnostic| diagnostic.is_error());
        for warning in warnings {
            println!("cargo::warning={}", on_one_line(warning));
        }
        // A warning would come with every build; this is seen with `cargo build -vv`, and beside an
        // error.
        if let (Some(note), Some((name, rust))) = (output.note(), output.mapping_example()) {
            eprintln!("{note}\n = help: map one with `.scalar(\"{name}\", \"{rust}\")`");
        }
        if !errors.is_empty() {
            return Err(Errors::new(errors.into_iter().cloned().collect()));
        }
        output_files::write(&out.join(&self.out), &output).map_err(|(path, error)| {
            Errors::without_diagnostics(format!("can't write `{}`: {error}", path.display()))
        })?;
        Ok(output)
    }

    /// Compiles with paths that count from `directory`. Also says what to watch.
    pub fn compile_in(&self, directory: &Path) -> (Output, Vec<PathBuf>) {
        self.compile_with(directory, None)
    }

    /// Compiles what has changed since an earlier call, and what that concerns.
    ///
    /// `kept` is a file, written by the earlier call, with the state to compare with. The output is
    /// that of [`compile_in`](Self::compile_in). [`run`](Self::run) keeps such a file in `OUT_DIR`.
    pub fn compile_with(&self, directory: &Path, kept: Option<&Path>) -> (Output, Vec<PathBuf>) {
        let inputs = Inputs {
            schema: Sources::read_schema(directory, &self.schema),
            documents: Sources::read_documents(directory, &self.operations),
        };
        let options = &self.options;
        let output = inputs.compile_if_read(|schema, documents| match kept {
            None => compile(schema, documents, options),
            Some(kept) => incremental::compile(kept, &self.key(), schema, documents, options),
        });
        (output, inputs.watched().cloned().collect())
    }

    /// What the output depends on besides schema and documents.
    ///
    /// That is the settings, and the compiler, which is part of this program.
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

/// Why a build script's compilation failed.
///
/// `Debug` is `Display`, so that a `main` that returns it shows what a person can read.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Errors {
    /// What is wrong with the schema and the documents.
    pub diagnostics: Vec<Diagnostic>,
    summary: String,
}

impl Errors {
    fn new(diagnostics: Vec<Diagnostic>) -> Self {
        let plural = if diagnostics.len() == 1 { "" } else { "s" };
        Self {
            summary: format!("{} GraphQL error{plural}", diagnostics.len()),
            diagnostics,
        }
    }

    fn without_diagnostics(summary: impl Into<String>) -> Self {
        Self {
            diagnostics: Vec::new(),
            summary: summary.into(),
        }
    }
}

impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for diagnostic in &self.diagnostics {
            write!(f, "\n{diagnostic}\n")?;
        }
        if !self.diagnostics.is_empty() {
            f.write_str("\n")?;
        }
        write!(f, "attendium: {}", self.summary)
    }
}

impl fmt::Debug for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Errors {}

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
