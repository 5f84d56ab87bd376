//! One compilation of `attendium generate`: its flags, what it reads, and what it makes. Enter at
//! [`Work::read`].

use super::files::{self, Outcome, Written};
use crate::diagnostics;
use crate::failure::Failure;
use crate::terminal::{counted, print_note, print_to_stderr};
use attendium_codegen::config::{self, Config};
use attendium_codegen::{Inputs, Lint, Options, Output, Rule, Sources, manifest};
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
    /// The Rust file to write; `-` is standard output
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
    /// Write nothing; exit 1 if there are errors, or if the files are not what would be written
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

impl Arguments {
    /// Standard output takes one text.
    fn check_stdout(&self, paths: &[&Option<PathBuf>]) -> Result<(), Failure> {
        let paths = paths.iter().filter_map(|path| path.as_deref());
        let count = paths.filter(|path| files::is_stdout(path)).count();
        let other = [
            ("--json", self.json),
            ("--stats", self.stats),
            ("--watch", self.watch),
            ("--check", self.check),
            ("a second `-`", count > 1),
        ];
        match other.into_iter().find(|(_, is_given)| *is_given) {
            Some((other, _)) if count > 0 => Err(Failure::usage(
                format!("`-` is standard output, which {other} does not go with"),
                "name a file",
            )),
            _ => Ok(()),
        }
    }
}

/// What is compiled, and where it goes.
pub struct Work {
    pub inputs: Inputs,
    pub options: Options,
    /// None where nothing is written.
    pub out: Option<PathBuf>,
    pub manifest: Option<PathBuf>,
    start: Instant,
    reading: Duration,
}

impl Work {
    /// Reads the configuration and the files that it and the flags name.
    pub fn read(arguments: &Arguments, base: &Path) -> Result<Self, Failure> {
        let start = Instant::now();
        let config = find_configuration(arguments, base)?;
        let out = arguments.out.clone().or_else(|| config.out.clone());
        let manifest = arguments.manifest.clone().or(config.manifest.clone());
        check_known([
            Needed {
                what: "the schema",
                flag: "--schema FILE",
                setting: "schema",
                is_known: !arguments.schema.is_empty() || !config.schema.is_empty(),
            },
            Needed {
                what: "the operations",
                flag: "--operations PATH",
                setting: "documents",
                is_known: !arguments.operations.is_empty() || !config.documents.is_empty(),
            },
            Needed {
                what: "the file to write",
                flag: "--out FILE.rs",
                setting: "extensions.attendium.out",
                is_known: out.is_some() || arguments.check,
            },
        ])?;
        arguments.check_stdout(&[&out, &manifest])?;
        let package = package_of(base, out.as_deref());
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
            out,
            manifest,
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
            let mut contents = Vec::new();
            contents.extend(self.out.as_ref().map(|path| (path, output.code.clone())));
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

    /// Says on standard error what the compiler found.
    pub fn print_findings(&self) {
        let found = &self.output.diagnostics;
        diagnostics::print(found);
        let has_changed = self.files.iter().any(|file| match file.outcome {
            Outcome::Changed | Outcome::Printed => true,
            Outcome::Current | Outcome::Outdated | Outcome::Failed(_) => false,
        });
        // Once is enough: it stands in the code too.
        if has_changed
            && let (Some(text), Some((name, rust))) =
                (self.output.note(), self.output.mapping_example())
        {
            let gap = if found.is_empty() { "" } else { "\n" };
            print_note(format_args!(
                "{gap}{text}\n  help: map one with `--scalar {name}={rust}`"
            ));
        }
        if self.errors() > 0 {
            print_to_stderr(format_args!("\n{}", counted(self.errors(), "error")));
        }
    }

    /// Says on standard error what became of the files.
    pub fn print_files(&self) {
        for file in &self.files {
            file.print_failure();
        }
        if !self.has_succeeded() {
            return;
        }
        let counts = self.counts();
        let (changed, current) = (
            self.paths(|outcome| matches!(outcome, Outcome::Changed)),
            self.paths(|outcome| matches!(outcome, Outcome::Current)),
        );
        match (changed.as_slice(), current.as_slice()) {
            ([], []) => print_note(format_args!("No errors: {counts}")),
            ([], [one]) => print_note(format_args!("{one} is up to date: {counts}")),
            ([], many) => print_note(format_args!(
                "{} are up to date: {counts}",
                many.join(" and ")
            )),
            (changed, _) => print_note(format_args!("Wrote {}: {counts}", changed.join(" and "))),
        }
    }

    /// The files that something became of.
    pub fn paths(&self, wanted: impl Fn(&Outcome) -> bool) -> Vec<String> {
        let base = std::env::current_dir().unwrap_or_default();
        let files = self.files.iter().filter(|file| wanted(&file.outcome));
        files
            .map(|file| {
                let path = file.path.strip_prefix(&base).unwrap_or(&file.path);
                path.display().to_string()
            })
            .collect()
    }

    /// What is in the code, in words.
    pub fn counts(&self) -> String {
        format!(
            "{}, {}",
            counted(self.output.operations.len(), "operation"),
            counted(self.output.fragments, "fragment")
        )
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
        let found = self.output.diagnostics.iter();
        document["unmapped_scalars"] = json!(self.output.unmapped);
        document["diagnostics"] = found.map(diagnostics::document).collect();
        document["files"] = self.files.iter().map(Written::document).collect();
        document
    }
}

/// Something that a compilation needs, and how to name it.
struct Needed {
    what: &'static str,
    flag: &'static str,
    setting: &'static str,
    is_known: bool,
}

/// Names what is missing, and nothing else.
fn check_known(needed: [Needed; 3]) -> Result<(), Failure> {
    let missing: Vec<Needed> = needed.into_iter().filter(|each| !each.is_known).collect();
    let list = |part: fn(&Needed) -> &'static str, between: &str| {
        missing.iter().map(part).collect::<Vec<_>>().join(between)
    };
    let what = list(|each| each.what, " and ");
    let message = match missing.as_slice() {
        [] => return Ok(()),
        [_] => format!("{what} is not known"),
        _ => format!("{what} are not known"),
    };
    let to_write = missing.iter().any(|each| each.flag.starts_with("--out"));
    Err(Failure::usage(
        message,
        format!(
            "give `{}`, or write `{}` into a `graphql.config.yml`{}",
            list(|each| each.flag, " "),
            list(|each| each.setting, "` and `"),
            if to_write {
                "; `--check` looks for errors and writes nothing"
            } else {
                ""
            }
        ),
    ))
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
        .map_err(|errors| Failure::diagnostics(&errors).of_kind("configuration"))
}

/// The directory that generated code shows paths from: the package of the written file, or else the
/// file's directory.
///
/// Then the code is the same from every working directory.
fn package_of(base: &Path, out: Option<&Path>) -> PathBuf {
    let out = base.join(out.unwrap_or(Path::new("-")));
    let directory = out.parent().unwrap_or(base);
    let package = directory
        .ancestors()
        .find(|above| above.join("Cargo.toml").is_file());
    package.unwrap_or(directory).to_owned()
}
