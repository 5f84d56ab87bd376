//! One compilation of `attendium generate`: its flags, what it reads, and what it makes. Enter at
//! [`Work::read`].

use super::files::{self, Written};
use crate::failure::Failure;
use crate::terminal::{self, print_note};
use attendium_codegen::config::{self, Config};
use attendium_codegen::{Diagnostic, Inputs, Lint, Options, Output, Rule, Sources, manifest};
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Compile GraphQL documents to Rust
#[derive(Args)]
pub struct Arguments {
    /// The schema: SDL or introspection JSON, files or directories
    #[arg(long, num_args = 1.., value_name = "FILE")]
    schema: Vec<PathBuf>,
    /// Files with operations and fragments, or directories of them (*.graphql, *.gql)
    #[arg(long, num_args = 1.., value_name = "PATH")]
    operations: Vec<PathBuf>,
    /// The Rust file to write
    #[arg(long, value_name = "FILE.rs")]
    out: Option<PathBuf>,
    /// The configuration file that gives what no flag gives [default: graphql.config.* or
    /// .graphqlrc*, here or above]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The project, where the configuration file has several
    #[arg(long, value_name = "NAME")]
    project: Option<String>,
    /// Map a custom scalar to a Rust type
    #[arg(long, value_name = "NAME=rust::Path", value_parser = scalar)]
    scalar: Vec<(String, String)>,
    /// Derive one more trait on every type that can have it, for example serde::Serialize or
    /// Default
    #[arg(long, value_name = "PATH")]
    derive: Vec<String>,
    /// Derive neither Debug nor Clone nor PartialEq
    #[arg(long)]
    no_default_derives: bool,
    /// Make equal selections of one type one Rust type
    #[arg(long)]
    share_selections: bool,
    /// The path under which the code finds the crate `attendium` [default: ::attendium]
    #[arg(long, value_name = "PATH")]
    crate_path: Option<String>,
    /// Let documents break a rule
    #[arg(long, value_name = "RULE", value_parser = rules())]
    allow: Vec<Rule>,
    /// Warn of what is valid and still worth a word
    #[arg(long, value_name = "LINT", value_parser = lints())]
    lint: Vec<Lint>,
    /// Write operation names, documents and their SHA-256 as JSON
    #[arg(long, value_name = "FILE.json")]
    manifest: Option<PathBuf>,
    /// Write nothing; exit 1 if the files are not what would be written
    #[arg(long)]
    check: bool,
    /// Write what is valid in spite of errors elsewhere
    #[arg(long)]
    keep_going: bool,
    /// Go on, and compile again after each change of a file, until Ctrl-C
    #[arg(long, conflicts_with_all = ["check", "stats"])]
    pub watch: bool,
    /// Print one line of JSON on standard output: counts, and milliseconds by stage
    #[arg(long)]
    pub stats: bool,
    /// Print one line of JSON on standard output: counts, times, what was found, what was written
    #[arg(long, conflicts_with = "stats")]
    pub json: bool,
}

fn rules() -> impl TypedValueParser<Value = Rule> {
    PossibleValuesParser::new(Rule::ALL.map(Rule::name)).try_map(|name| name.parse())
}

fn lints() -> impl TypedValueParser<Value = Lint> {
    PossibleValuesParser::new(Lint::ALL.map(Lint::name)).try_map(|name| name.parse())
}

fn scalar(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, rust)) if !name.is_empty() && !rust.is_empty() => {
            Ok((name.trim().to_owned(), rust.trim().to_owned()))
        }
        _ => Err("write NAME=rust::Path, for example DateTime=jiff::Timestamp".into()),
    }
}

impl Arguments {
    /// The settings of the configuration file, with what the flags say.
    fn add_to(&self, mut options: Options) -> Options {
        options.scalars.extend(self.scalar.iter().cloned());
        options.derives.extend(self.derive.iter().cloned());
        options.default_derives &= !self.no_default_derives;
        options.share_selections |= self.share_selections;
        options.allow.extend(&self.allow);
        options.lints.extend(&self.lint);
        if let Some(path) = &self.crate_path {
            options.crate_path.clone_from(path);
        }
        options
    }
}

/// What is compiled, and where it goes.
pub struct Work {
    pub inputs: Inputs,
    pub options: Options,
    pub out: PathBuf,
    pub manifest: Option<PathBuf>,
    start: Instant,
    reading: Duration,
}

impl Work {
    /// Reads the configuration and the files that it and the flags name.
    pub fn read(arguments: &Arguments, base: &Path) -> Result<Self, Failure> {
        let start = Instant::now();
        let config = find_configuration(arguments, base)?;
        let no_schema = arguments.schema.is_empty() && config.schema.is_empty();
        let no_operations = arguments.operations.is_empty() && config.documents.is_empty();
        let Some(out) = arguments
            .out
            .as_ref()
            .or(config.out.as_ref())
            .filter(|_| !no_schema && !no_operations)
        else {
            return Err(Failure::usage(
                "the schema, the operations or the file to write are not known",
                "give `--schema FILE --operations PATH --out FILE.rs`, or a \
                 `graphql.config.yml` with `schema`, `documents` and `extensions.attendium.out`",
            ));
        };
        let package = package_of(base, out);
        // The configuration's files are shown from it: its code is the same from everywhere.
        let inputs = Inputs {
            schema: if arguments.schema.is_empty() {
                Sources::read_schema(&config.directory, &config.schema)
            } else {
                Sources::read_schema(base, &arguments.schema).shown_from(base, &package)
            },
            documents: if arguments.operations.is_empty() {
                Sources::read_documents(&config.directory, &config.documents)
            } else {
                Sources::read_documents(base, &arguments.operations).shown_from(base, &package)
            },
        };
        Ok(Self {
            inputs,
            out: out.clone(),
            manifest: arguments.manifest.clone().or(config.manifest),
            options: arguments.add_to(config.options),
            start,
            reading: start.elapsed(),
        })
    }

    pub fn compile(&self, arguments: &Arguments) -> Done {
        let mut output = if arguments.keep_going {
            self.inputs.compile_readable(&self.options)
        } else {
            self.inputs.compile(&self.options)
        };
        output.stages.insert(0, ("read", self.reading));
        let mut files = Vec::new();
        if !output.has_errors() || (arguments.keep_going && !output.code.is_empty()) {
            let mut contents = vec![(&self.out, output.code.clone())];
            contents.extend(self.manifest.as_ref().map(|path| (path, manifest(&output))));
            files.extend(contents.into_iter().map(|(path, content)| {
                if arguments.check {
                    files::compare(path, &content)
                } else {
                    files::write(path, &content)
                }
            }));
        }
        Done {
            output,
            files,
            took: self.start.elapsed(),
        }
    }
}

/// A compilation, with its files written.
pub struct Done {
    pub output: Output,
    pub files: Vec<Written>,
    pub took: Duration,
}

impl Done {
    pub fn errors(&self) -> usize {
        let diagnostics = self.output.diagnostics.iter();
        diagnostics.filter(|each| each.is_error()).count()
    }

    pub fn has_succeeded(&self) -> bool {
        self.errors() == 0 && self.files.iter().all(Written::is_good)
    }

    /// Says on standard error what the compiler found, unless it is part of the document.
    pub fn print_findings(&self, as_json: bool) {
        if as_json {
            return;
        }
        terminal::print_diagnostics(&self.output.diagnostics, false);
        if let (Some(text), Some((name, rust))) =
            (self.output.note(), self.output.mapping_example())
        {
            print_note(format_args!(
                "{text}\n = help: map one with `--scalar {name}={rust}`\n"
            ));
        }
        match self.errors() {
            0 => {}
            1 => print_note("1 error"),
            count => print_note(format_args!("{count} errors")),
        }
    }

    /// Counts, and milliseconds by stage.
    pub fn stats(&self) -> Value {
        let milliseconds = |duration: Duration| (duration.as_secs_f64() * 1e6).round() / 1e3;
        let mut stages: Map<String, Value> = self
            .output
            .stages
            .iter()
            .map(|(name, duration)| ((*name).to_owned(), milliseconds(*duration).into()))
            .collect();
        stages.insert("total".into(), milliseconds(self.took).into());
        json!({
            "operations": self.output.operations.len(),
            "fragments": self.output.fragments,
            "lines": self.output.code.lines().count(),
            "milliseconds": stages,
        })
    }

    /// Everything, for programs.
    pub fn document(&self) -> Value {
        let mut document = self.stats();
        let diagnostics: &[Diagnostic] = &self.output.diagnostics;
        document["unmapped_scalars"] = json!(self.output.unmapped);
        document["diagnostics"] = diagnostics.iter().map(terminal::diagnostic).collect();
        document["files"] = self.files.iter().map(Written::document).collect();
        document
    }
}

/// The configuration file, where one is named or found and not everything is given by flags.
fn find_configuration(arguments: &Arguments, base: &Path) -> Result<Config, Failure> {
    let by_flags =
        !arguments.schema.is_empty() && !arguments.operations.is_empty() && arguments.out.is_some();
    let found = arguments
        .config
        .clone()
        .or_else(|| if by_flags { None } else { config::find(base) });
    let Some(path) = found.map(|path| base.join(path)) else {
        return Ok(Config::default());
    };
    config::load(&path, arguments.project.as_deref())
        .map_err(|errors| Failure::diagnostics(&errors))
}

/// The directory that generated code shows paths from: the package of the written file, or else the
/// file's directory.
///
/// Then the code is the same from every working directory.
fn package_of(base: &Path, out: &Path) -> PathBuf {
    let out = base.join(out);
    let directory = out.parent().unwrap_or(base);
    let package = directory
        .ancestors()
        .find(|above| above.join("Cargo.toml").is_file());
    package.unwrap_or(directory).to_owned()
}
