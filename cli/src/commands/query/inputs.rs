//! What `attendium query` is given: documents, a schema, variables. Enter at
//! [`Documents::prepare`] and [`Variables::read`].

use crate::failure::Failure;
use attendium::Json;
use attendium_codegen::config::{self, Config};
use attendium_codegen::{
    Diagnostic, Options, Request, RequestInputs, RequestVariables, Source, Sources,
};
use clap::Args;
use serde_json::Map;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Where the operation and the schema are.
#[derive(Args)]
pub struct Documents {
    /// Files with the operation and its fragments, or directories of them; `-` is standard input
    #[arg(value_name = "FILE", required_unless_present = "execute")]
    files: Vec<PathBuf>,
    /// The operation itself
    #[arg(short, long, value_name = "TEXT", conflicts_with = "files")]
    execute: Option<String>,
    /// The operation to run, where there are several
    #[arg(long, value_name = "NAME")]
    operation: Option<String>,
    /// Check against this schema: SDL or introspection JSON, a file or directory; may be repeated
    /// [default: the one of graphql.config.* or .graphqlrc*, here or above]
    #[arg(long, value_name = "FILE")]
    schema: Vec<PathBuf>,
    /// Check against no schema, and let the API say what is valid
    #[arg(long, conflicts_with = "schema")]
    no_schema: bool,
    /// The configuration file that names the schema, and documents with fragments
    #[arg(long, value_name = "FILE", conflicts_with_all = ["schema", "no_schema"])]
    config: Option<PathBuf>,
    /// The project, where the configuration file has several
    #[arg(long, value_name = "NAME")]
    project: Option<String>,
}

impl Documents {
    /// The operation that runs, checked.
    pub fn prepare(&self) -> Result<Request, Failure> {
        let base = std::env::current_dir().unwrap_or_default();
        let documents = self.read(&base)?;
        let config = self.configuration(&base)?;
        let schema = if self.schema.is_empty() {
            Sources::read_schema(&config.directory, &config.schema)
        } else {
            Sources::read_schema(&base, &self.schema)
        };
        check_read(&schema)?;
        // Files that can't be read may hold no fragment that is asked for.
        let mut fragments = Sources::read_documents(&config.directory, &config.documents)
            .shown_from(&config.directory, &base)
            .sources;
        fragments.retain(|source| documents.iter().all(|named| named.path != source.path));
        let inputs = RequestInputs {
            schema: &schema.sources,
            documents: &documents,
            fragments: &fragments,
            operation: self.operation.as_deref(),
        };
        let prepared = inputs.prepare(&config.options);
        prepared.map_err(|errors| Failure::diagnostics(&errors))
    }

    fn read(&self, base: &Path) -> Result<Vec<Source>, Failure> {
        if let Some(text) = &self.execute {
            return Ok(vec![Source::new("-e", text.clone())]);
        }
        let (inputs, files): (Vec<_>, Vec<_>) = self
            .files
            .iter()
            .cloned()
            .partition(|path| path.as_os_str() == "-");
        let read = Sources::read_documents(base, &files);
        check_read(&read)?;
        let mut sources = read.sources;
        if !inputs.is_empty() {
            sources.push(Source::new("<stdin>", read_stdin()?));
        }
        Ok(sources)
    }

    fn configuration(&self, base: &Path) -> Result<Config, Failure> {
        if self.no_schema || !self.schema.is_empty() {
            return Ok(Config {
                options: Options::default(),
                ..Config::default()
            });
        }
        let found = self.config.clone().or_else(|| config::find(base));
        let Some(path) = found else {
            return Ok(Config::default());
        };
        config::load(&base.join(path), self.project.as_deref())
            .map_err(|errors| Failure::diagnostics(&errors).of_kind("configuration"))
    }
}

fn check_read(sources: &Sources) -> Result<(), Failure> {
    let errors: &[Diagnostic] = &sources.errors;
    if errors.is_empty() {
        return Ok(());
    }
    Err(Failure::diagnostics(errors).of_kind("file"))
}

fn read_stdin() -> Result<String, Failure> {
    let mut text = String::new();
    let read = std::io::stdin().lock().read_to_string(&mut text);
    read.map_err(|error| {
        Failure::new(
            format!("standard input can't be read: {error}"),
            "GraphQL documents and JSON are UTF-8",
        )
    })?;
    Ok(text)
}

/// The values of the operation's variables.
#[derive(Args)]
pub struct Variables {
    /// A variable's value, read by its type; may be repeated, for a list once for each item. Lists
    /// and input objects are JSON, or as in GraphQL: `--var 'filter={status: [ARRIVED]}'`. Of an
    /// `Upload` it is a file's path, or `-` for standard input
    #[arg(long, value_name = "NAME=VALUE", value_parser = name_and_value)]
    var: Vec<(String, String)>,
    /// All variables as a JSON object; `@FILE` reads it from a file, `-` from standard input
    #[arg(long, value_name = "JSON|@FILE|-")]
    variables: Option<String>,
}

fn name_and_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim_start_matches('$').is_empty() => {
            Ok((name.to_owned(), value.to_owned()))
        }
        _ => Err("write NAME=VALUE, for example --var first=10".into()),
    }
}

impl Variables {
    /// The variables of an operation, checked.
    pub fn read(&self, request: &Request) -> Result<RequestVariables, Failure> {
        let given = self.given()?;
        let read = request.variables(given, &self.var);
        read.map_err(|errors| {
            Failure::diagnostics(&errors)
                .of_kind("variables")
                .with_code(2)
        })
    }

    fn given(&self) -> Result<Map<String, Json>, Failure> {
        let Some(said) = &self.variables else {
            return Ok(Map::new());
        };
        let (text, place) = match said.strip_prefix('@') {
            None if said != "-" => (said.clone(), "`--variables`".to_owned()),
            None | Some("-") => (read_stdin()?, "standard input".to_owned()),
            Some(path) => {
                let read = std::fs::read_to_string(path).map_err(|error| {
                    Failure::usage(
                        format!("can't read `{path}`: {error}"),
                        "check the path, which counts from the working directory",
                    )
                })?;
                (read, format!("`{path}`"))
            }
        };
        match serde_json::from_str(&text) {
            Ok(Json::Object(variables)) => Ok(variables),
            Ok(_) => Err(Failure::usage(
                format!("{place} holds no JSON object"),
                "write an object of variables, as '{\"first\": 10}'",
            )),
            Err(error) => Err(Failure::usage(
                format!("{place} holds no JSON: {error}"),
                "write an object of variables, as '{\"first\": 10}'",
            )),
        }
    }
}
