//! `attendium generate`: the compiler as a command, for code that is committed and for whole corpora.

use attendium_codegen::{CONFLICTING_TYPES, Options, Output, Severity, compile, manifest, read};
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

/// Compile GraphQL documents to Rust
#[derive(Args)]
pub struct Arguments {
    /// The schema: SDL or introspection JSON, files or directories
    #[arg(long, required = true, num_args = 1.., value_name = "FILE")]
    schema: Vec<PathBuf>,
    /// Files with operations and fragments, or directories of them (*.graphql, *.gql)
    #[arg(long, required = true, num_args = 1.., value_name = "PATH")]
    operations: Vec<PathBuf>,
    /// The Rust file to write
    #[arg(long, value_name = "FILE.rs")]
    out: PathBuf,
    /// Map a custom scalar to a Rust type
    #[arg(long, value_name = "NAME=rust::Path", value_parser = scalar)]
    scalar: Vec<(String, String)>,
    /// Derive one more trait on every type, for example serde::Serialize
    #[arg(long, value_name = "PATH")]
    derive: Vec<String>,
    /// Derive neither Debug nor Clone nor PartialEq
    #[arg(long)]
    no_default_derives: bool,
    /// Let documents break a rule
    #[arg(long, value_name = "RULE", value_parser = [CONFLICTING_TYPES])]
    allow: Vec<String>,
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

fn scalar(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, rust)) if !name.is_empty() && !rust.is_empty() => Ok((name.trim().to_owned(), rust.trim().to_owned())),
        _ => Err("write NAME=rust::Path, for example DateTime=jiff::Timestamp".into()),
    }
}

pub fn run(arguments: &Arguments) -> ExitCode {
    let start = Instant::now();
    let base = std::env::current_dir().unwrap_or_default();
    let mut schema = read(&base, &arguments.schema, &[".graphql", ".gql", ".graphqls", ".json"]);
    let mut documents = read(&base, &arguments.operations, &[".graphql", ".gql"]);
    let reading = start.elapsed();
    let mut errors = std::mem::take(&mut schema.errors);
    errors.append(&mut documents.errors);
    let options = Options {
        scalars: arguments.scalar.clone(),
        derives: arguments.derive.clone(),
        default_derives: !arguments.no_default_derives,
        allow: arguments.allow.clone(),
    };
    let mut output = Output::default();
    if errors.is_empty() || arguments.keep_going {
        output = compile(&schema.sources, &documents.sources, &options);
    }
    output.diagnostics.splice(0..0, errors);
    output.stages.insert(0, ("read", reading));
    for diagnostic in &output.diagnostics {
        eprintln!("{diagnostic}\n");
    }
    let count = output.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
    if count > 0 {
        eprintln!("{count} error{}", if count == 1 { "" } else { "s" });
    }
    if arguments.stats {
        println!("{}", stats(&output, start));
    }
    if count > 0 && (!arguments.keep_going || output.code.is_empty()) {
        return ExitCode::FAILURE;
    }
    let mut files = vec![(&arguments.out, output.code.clone())];
    files.extend(arguments.manifest.as_ref().map(|path| (path, manifest(&output))));
    let mut done = true;
    for (path, content) in files {
        done &= if arguments.check { is_current(path, &content) } else { write(path, &content) };
    }
    if done && count == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn is_current(path: &Path, content: &str) -> bool {
    let current = std::fs::read_to_string(path).is_ok_and(|before| before == content);
    if !current {
        eprintln!("error: `{}` is not what would be generated\n = help: run the same command without --check", path.display());
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
        eprintln!("error: can't write `{}`: {error}\n = help: does the directory exist, and may you write there?", path.display());
    }
    written.is_ok()
}

fn stats(output: &Output, start: Instant) -> String {
    let milliseconds = |duration: std::time::Duration| (duration.as_secs_f64() * 1e6).round() / 1e3;
    let mut stages: serde_json::Map<String, serde_json::Value> =
        output.stages.iter().map(|(name, duration)| ((*name).to_owned(), milliseconds(*duration).into())).collect();
    stages.insert("total".into(), milliseconds(start.elapsed()).into());
    serde_json::json!({
        "operations": output.operations.len(),
        "fragments": output.fragments,
        "lines": output.code.lines().count(),
        "milliseconds": stages,
    })
    .to_string()
}
