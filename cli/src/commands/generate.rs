//! `attendium generate`: the compiler as a command, for code that is committed and for whole
//! corpora.

use crate::failure::Failure;
use crate::terminal::{self, print_note};
use attendium_codegen::config::{self, Config};
use attendium_codegen::{Inputs, Lint, Options, Output, Rule, Severity, Sources, manifest};
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

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
    /// Print one line of JSON on standard output: counts, and milliseconds by stage
    #[arg(long)]
    stats: bool,
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

pub fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let start = Instant::now();
    let base = std::env::current_dir().unwrap_or_default();
    let Some(config) = find_configuration(arguments, &base) else {
        return Ok(ExitCode::FAILURE);
    };
    let no_schema = arguments.schema.is_empty() && config.schema.is_empty();
    let no_operations = arguments.operations.is_empty() && config.documents.is_empty();
    let Some(out) = arguments
        .out
        .as_ref()
        .or(config.out.as_ref())
        .filter(|_| !no_schema && !no_operations)
    else {
        print_note(
            "error: the schema, the operations or the file to write are not known\n \
             = help: give `--schema FILE --operations PATH --out FILE.rs`, \
             or a `graphql.config.yml` with `schema`, `documents` and `extensions.attendium.out`",
        );
        return Ok(ExitCode::from(2));
    };
    let package = package_of(&base, out);
    // The configuration's files are shown from it, so that its code is the same from everywhere.
    let inputs = Inputs {
        schema: if arguments.schema.is_empty() {
            Sources::read_schema(&config.directory, &config.schema)
        } else {
            Sources::read_schema(&base, &arguments.schema).shown_from(&base, &package)
        },
        documents: if arguments.operations.is_empty() {
            Sources::read_documents(&config.directory, &config.documents)
        } else {
            Sources::read_documents(&base, &arguments.operations).shown_from(&base, &package)
        },
    };
    let reading = start.elapsed();
    let options = arguments.add_to(config.options);
    let mut output = if arguments.keep_going {
        inputs.compile_readable(&options)
    } else {
        inputs.compile(&options)
    };
    output.stages.insert(0, ("read", reading));
    for diagnostic in &output.diagnostics {
        print_note(format_args!("{diagnostic}\n"));
    }
    if let Some(text) = output.note() {
        print_note(format_args!(
            "{text}\n = help: map one with `--scalar {}=rust::Path`\n",
            output.unmapped[0]
        ));
    }
    let count = output
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .count();
    if count > 0 {
        print_note(format_args!(
            "{count} error{}",
            if count == 1 { "" } else { "s" }
        ));
    }
    if arguments.stats {
        terminal::print_data(&stats(&output, start))?;
    }
    if count > 0 && (!arguments.keep_going || output.code.is_empty()) {
        return Ok(ExitCode::FAILURE);
    }
    let mut files = vec![(out, output.code.clone())];
    files.extend(
        arguments
            .manifest
            .as_ref()
            .or(config.manifest.as_ref())
            .map(|path| (path, manifest(&output))),
    );
    let mut done = true;
    for (path, content) in files {
        done &= if arguments.check {
            is_current(path, &content)
        } else {
            write(path, &content)
        };
    }
    Ok(if done && count == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The configuration file, where one is named or found and not everything is given by flags.
///
/// Nothing where it has errors, which were told.
fn find_configuration(arguments: &Arguments, base: &Path) -> Option<Config> {
    let by_flags =
        !arguments.schema.is_empty() && !arguments.operations.is_empty() && arguments.out.is_some();
    let found = arguments
        .config
        .clone()
        .or_else(|| if by_flags { None } else { config::find(base) });
    let Some(path) = found.map(|path| base.join(path)) else {
        return Some(Config::default());
    };
    match config::load(&path, arguments.project.as_deref()) {
        Ok(config) => Some(config),
        Err(errors) => {
            for error in errors {
                print_note(format_args!("{error}\n"));
            }
            None
        }
    }
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

fn is_current(path: &Path, content: &str) -> bool {
    let current = std::fs::read_to_string(path).is_ok_and(|before| before == content);
    if !current {
        print_note(format_args!(
            "error: `{}` is not what would be generated\n \
             = help: run the same command without --check",
            path.display()
        ));
    }
    current
}

fn write(path: &Path, content: &str) -> bool {
    // An unchanged file keeps its time, so that nothing is built anew for it.
    if std::fs::read_to_string(path).is_ok_and(|before| before == content) {
        return true;
    }
    let written = std::fs::write(path, content);
    if let Err(error) = &written {
        print_note(format_args!(
            "error: can't write `{}`: {error}\n \
             = help: does the directory exist, and may you write there?",
            path.display()
        ));
    }
    written.is_ok()
}

fn stats(output: &Output, start: Instant) -> String {
    let milliseconds = |duration: std::time::Duration| (duration.as_secs_f64() * 1e6).round() / 1e3;
    let mut stages: serde_json::Map<String, serde_json::Value> = output
        .stages
        .iter()
        .map(|(name, duration)| ((*name).to_owned(), milliseconds(*duration).into()))
        .collect();
    stages.insert("total".into(), milliseconds(start.elapsed()).into());
    serde_json::json!({
        "operations": output.operations.len(),
        "fragments": output.fragments,
        "lines": output.code.lines().count(),
        "milliseconds": stages,
    })
    .to_string()
}
