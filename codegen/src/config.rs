//! The project's GraphQL configuration file, which editors read too (graphql-config:
//! `graphql.config.yml`, `.graphqlrc`, `package.json`, …): schema, documents, and our settings
//! under `extensions.attendium`.
//!
//! ```yaml
//! schema: schema.graphql
//! documents: queries/**/*.graphql
//! extensions:
//!   attendium:
//!     out: src/queries.rs
//!     scalars: { DateTime: jiff::Timestamp }
//!     derive: [serde::Serialize]
//!     lints: [deprecated]
//! ```
//!
//! Enter at [`find`] and [`load`].

mod environment;

use crate::diagnostics::{Diagnostic, Location, near_miss};
use crate::globs;
use crate::option_checks;
use crate::options::Options;
use crate::rules::UnknownName;
use crate::source::{DOCUMENT_ENDINGS, SCHEMA_ENDINGS};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// The names of configuration files, in the order in which they are looked for.
const NAMES: [&str; 10] = [
    "graphql.config.json",
    "graphql.config.yaml",
    "graphql.config.yml",
    "graphql.config.toml",
    ".graphqlrc",
    ".graphqlrc.json",
    ".graphqlrc.yaml",
    ".graphqlrc.yml",
    ".graphqlrc.toml",
    "graphql.toml",
];

/// Configuration files that are programs, which other tools run.
const PROGRAMS: [&str; 5] = [".ts", ".mts", ".js", ".cjs", ".mjs"];

/// What a configuration file says; every path counts from the file's directory.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Config {
    /// The directory of the file.
    pub directory: PathBuf,
    /// Files with the schema.
    pub schema: Vec<PathBuf>,
    /// Files with documents, globs resolved.
    pub documents: Vec<PathBuf>,
    /// The settings.
    pub options: Options,
    /// The Rust file to write.
    pub out: Option<PathBuf>,
    /// The manifest to write.
    pub manifest: Option<PathBuf>,
}

/// The configuration file of a directory, or of the nearest one above it.
pub fn find(directory: &Path) -> Option<PathBuf> {
    directory.ancestors().find_map(|above| {
        let names = NAMES.iter().map(|name| above.join(name));
        let in_package = Some(above.join(PACKAGE)).filter(|path| in_package(path).is_some());
        let programs = ["graphql.config", ".graphqlrc"]
            .into_iter()
            .flat_map(|name| PROGRAMS.map(|ending| above.join(format!("{name}{ending}"))));
        let mut candidates = names.chain(in_package).chain(programs);
        candidates.find(|path| path.is_file())
    })
}

/// npm's file, which may hold the configuration under `graphql`.
const PACKAGE: &str = "package.json";

fn in_package(path: &Path) -> Option<Value> {
    let text = std::fs::read_to_string(path).ok()?;
    let package: Value = serde_json::from_str(&text).ok()?;
    package.get("graphql").cloned()
}

/// Reads a configuration file. `project` chooses one where the file has several.
///
/// # Errors
///
/// All that is wrong with the file, at once.
pub fn load(path: &Path, project: Option<&str>) -> Result<Config, Vec<Diagnostic>> {
    let shown = path.display();
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    if PROGRAMS.iter().any(|ending| file.ends_with(ending)) {
        return Err(vec![
            Diagnostic::error(format!(
                "`{shown}` is a program, which is not run to read it"
            ))
            .with_help(
                "write the same into a `graphql.config.yml` beside it \
             (`schema`, `documents`, `extensions.attendium`), or give \
                 `--schema`, `--operations` and `--out`",
            ),
        ]);
    }
    let text =
        std::fs::read_to_string(path).map_err(|error| {
            let error = Diagnostic::error(format!("can't read `{shown}`: {error}"));
            vec![error.with_help(
                "name a `graphql.config.yml`, or leave it out: one here or above is found",
            )]
        })?;
    let name = shown.to_string().replace('\\', "/");
    let value_of = |name: &str| std::env::var(name).ok();
    // What the variables hold is parsed, and never shown: it may be secret.
    let resolved = environment::substitute(&text, value_of);
    let mut value = parse(path, &resolved).map_err(|(message, offset)| {
        let place = offset.map(|offset| match resolved == text {
            true => Location::new(&name, &text, offset, 1),
            // The line is the same, whatever stands in it.
            false => {
                let before = resolved
                    .get(..offset)
                    .unwrap_or_default()
                    .matches('\n')
                    .count();
                let lines = text.split_inclusive('\n').take(before);
                Location::new(&name, &text, lines.map(str::len).sum(), 1)
            }
        });
        let message = match place {
            Some(_) => message,
            None => format!("`{name}` can't be understood: {message}"),
        };
        vec![
            Diagnostic::error(message)
                .with_location(place)
                .with_help("see https://the-guild.dev/graphql/config/docs for what it may hold"),
        ]
    })?;
    let (value, within) = if file == PACKAGE {
        let inside = value.get_mut("graphql").map(Value::take);
        (inside.unwrap_or_default(), vec!["graphql".into()])
    } else {
        (value, Vec::new())
    };
    let mut reading = Reading {
        path: name,
        text,
        within,
        directory: path.parent().unwrap_or(Path::new("")).to_owned(),
        errors: Vec::new(),
    };
    let config = reading.project(&value, project);
    if reading.errors.is_empty() {
        Ok(config)
    } else {
        Err(reading.errors)
    }
}

/// The value that a text denotes, or what is wrong with it and at which byte.
fn parse(path: &Path, text: &str) -> Result<Value, (String, Option<usize>)> {
    let at = |line: usize, column: usize| {
        let before: usize = text
            .split_inclusive('\n')
            .take(line.checked_sub(1)?)
            .map(str::len)
            .sum();
        let line = text.get(before..)?;
        let column = line
            .chars()
            .take(column.saturating_sub(1))
            .map(char::len_utf8)
            .sum::<usize>();
        Some(before + column)
    };
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("json") => serde_json::from_str(text).map_err(|error| {
            let message = error.to_string();
            let message = message
                .rsplit_once(" at line ")
                .map_or(&*message, |(message, _)| message);
            (
                format!("not JSON: {message}"),
                at(error.line(), error.column()),
            )
        }),
        Some("toml") => toml::from_str(text).map_err(|error| {
            (
                format!("not TOML: {}", error.message()),
                error.span().map(|span| span.start),
            )
        }),
        // Without an ending it is YAML, of which JSON is a part.
        _ => serde_saphyr::from_str(text).map_err(|error| {
            let place = error
                .location()
                .and_then(|place| at(place.line() as usize, place.column() as usize));
            let message = error.without_snippet().to_string();
            let message = message.lines().next().unwrap_or_default();
            let message = message
                .rsplit_once(" at line ")
                .map_or(message, |(message, _)| message);
            (format!("not YAML: {message}"), place)
        }),
    }
}

struct Reading {
    path: String,
    text: String,
    /// The keys that lead to the project.
    within: Vec<String>,
    directory: PathBuf,
    errors: Vec<Diagnostic>,
}

impl Reading {
    /// An error about what these keys lead to, the last of which may be a value.
    fn error(&mut self, keys: &[&str], message: &str, help: &str) {
        let place = self.location(keys);
        let message = match place {
            Some(_) => message.to_owned(),
            None => format!("`{}`: {message}", self.path),
        };
        self.errors.push(
            Diagnostic::error(message)
                .with_location(place)
                .with_help(help),
        );
    }

    /// Keeps an error about a setting, where there is one.
    fn check(&mut self, keys: &[&str], wrong: Option<Diagnostic>) {
        if let Some(Diagnostic { message, help, .. }) = wrong {
            let keys = [&["extensions", "attendium"], keys].concat();
            self.error(&keys, &message, help.as_deref().unwrap_or_default());
        }
    }

    /// The last of some keys, each looked for behind the one before, as far as they stand in the
    /// text.
    fn location(&self, keys: &[&str]) -> Option<Location> {
        let mut from = 0;
        let mut found = None;
        for key in self
            .within
            .iter()
            .map(String::as_str)
            .chain(keys.iter().copied())
        {
            if let Some(at) = word(&self.text, key, from) {
                from = at + key.len();
                found = Some((at, key.len()));
            } else if keys.last() == Some(&key) {
                return None;
            }
        }
        let (at, length) = found.filter(|_| !keys.is_empty())?;
        Some(Location::new(&self.path, &self.text, at, length))
    }

    fn project(&mut self, whole: &Value, name: Option<&str>) -> Config {
        let mut config = Config {
            directory: self.directory.clone(),
            ..Config::default()
        };
        let projects = whole.get("projects").and_then(Value::as_object);
        let project = match (projects, name) {
            (None, None) => whole,
            (None, Some(name)) => {
                self.error(
                    &[],
                    &format!("there are no projects, so none called `{name}`"),
                    "leave `--project` out",
                );
                return config;
            }
            (Some(projects), name) => match projects.get(name.unwrap_or("default")) {
                Some(project) => {
                    self.within
                        .extend(["projects".into(), name.unwrap_or("default").into()]);
                    project
                }
                None => {
                    let names: Vec<&str> = projects.keys().map(String::as_str).collect();
                    let names = format!("`{}`", names.join("`, `"));
                    match name {
                        Some(name) => self.error(
                            &["projects"],
                            &format!("no project is named `{name}`: there are {names}"),
                            "choose one of them with `--project`",
                        ),
                        None => self.error(
                            &["projects"],
                            &format!("it has several projects: {names}"),
                            "choose one with `--project`",
                        ),
                    }
                    return config;
                }
            },
        };
        let mut schemas = Vec::new();
        for pattern in self.schemas(project) {
            if pattern.starts_with("http://") || pattern.starts_with("https://") {
                self.error(
                    &["schema", &pattern],
                    &format!("the schema `{pattern}` is not a file"),
                    "fetch it once, with `attendium schema pull --out schema.graphql`, \
                     and name that file",
                );
            } else {
                schemas.push(pattern);
            }
        }
        config.schema = self.files("schema", &schemas, &[], &SCHEMA_ENDINGS);
        let documents = self.strings(project, "documents");
        if documents.is_empty() && project.get("include").is_some() {
            self.error(
                &["include"],
                "`include` says which files belong to the project, and names no documents",
                "write the files with operations and fragments as `documents: …`",
            );
        }
        let excluded = self.strings(project, "exclude");
        config.documents = self.files("documents", &documents, &excluded, &DOCUMENT_ENDINGS);
        if let Some(extension) = project.pointer("/extensions/attendium") {
            match extension.as_object() {
                Some(settings) => self.settings(settings, &mut config),
                None => self.error(
                    &["extensions", "attendium"],
                    "`extensions.attendium` is not a map",
                    "write `extensions: { attendium: { out: src/queries.rs } }`",
                ),
            }
        }
        config
    }

    fn settings(&mut self, settings: &Map<String, Value>, config: &mut Config) {
        const KEYS: [&str; 9] = [
            "out",
            "manifest",
            "scalars",
            "derive",
            "default_derives",
            "allow",
            "lints",
            "crate",
            "share_selections",
        ];
        let whole = Value::Object(settings.clone());
        for (key, value) in settings {
            match key.as_str() {
                "out" => {
                    config.out = self
                        .strings(&whole, key)
                        .first()
                        .map(|path| self.directory.join(path))
                }
                "manifest" => {
                    config.manifest = self
                        .strings(&whole, key)
                        .first()
                        .map(|path| self.directory.join(path))
                }
                "derive" => {
                    config.options.derives = self.strings(&whole, key);
                    for path in &config.options.derives {
                        self.check(&[key, path], option_checks::check_derive(path));
                    }
                }
                "allow" => config.options.allow = self.names(&whole, key),
                "lints" => config.options.lints = self.names(&whole, key),
                "default_derives" | "share_selections" => match value.as_bool() {
                    Some(value) if key == "default_derives" => {
                        config.options.default_derives = value;
                    }
                    Some(value) => config.options.share_selections = value,
                    None => self.error(
                        &["extensions", "attendium", key],
                        &format!("`{key}` is neither true nor false"),
                        "write one of the two",
                    ),
                },
                "crate" => {
                    if let Some(path) = self.strings(&whole, key).into_iter().next() {
                        self.check(&[key, &path], option_checks::check_crate_path(&path));
                        config.options.crate_path = path;
                    }
                }
                "scalars" => match value.as_object() {
                    Some(scalars) => {
                        for (name, rust) in scalars {
                            match rust.as_str() {
                                Some(rust) => {
                                    let wrong = option_checks::check_scalar(name, rust);
                                    self.check(&[key, name, rust], wrong);
                                    config.options.scalars.insert(name.clone(), rust.to_owned());
                                }
                                None => self.error(
                                    &["extensions", "attendium", key, name],
                                    &format!("the scalar `{name}` is not mapped to a string"),
                                    "write the path of a Rust type: `DateTime: jiff::Timestamp`",
                                ),
                            }
                        }
                    }
                    None => self.error(
                        &["extensions", "attendium", key],
                        "`scalars` is not a map",
                        "write `scalars: { DateTime: jiff::Timestamp }`",
                    ),
                },
                unknown => {
                    let help = match near_miss(unknown, KEYS) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("the settings are {}", KEYS.join(", ")),
                    };
                    self.error(
                        &["extensions", "attendium", unknown],
                        &format!("`{unknown}` is not a setting of `extensions.attendium`"),
                        &help,
                    );
                }
            }
        }
    }

    /// The rules or lints that a setting names.
    fn names<T: FromStr<Err = UnknownName> + Ord>(
        &mut self,
        settings: &Value,
        key: &str,
    ) -> BTreeSet<T> {
        let mut names = BTreeSet::new();
        for name in self.strings(settings, key) {
            match T::from_str(&name) {
                Ok(one) => {
                    names.insert(one);
                }
                Err(unknown) => self.error(
                    &["extensions", "attendium", key, &name],
                    &unknown.to_string(),
                    unknown.help(),
                ),
            }
        }
        names
    }

    /// The schemas: strings, or maps from them to settings of other tools.
    fn schemas(&mut self, project: &Value) -> Vec<String> {
        let keys = |value: &Value| -> Option<Vec<Value>> {
            let object = value.as_object()?;
            Some(object.keys().map(|key| Value::from(key.as_str())).collect())
        };
        let schemas = match project.get("schema") {
            Some(Value::Array(items)) => Value::Array(
                items
                    .iter()
                    .flat_map(|item| keys(item).unwrap_or_else(|| vec![item.clone()]))
                    .collect(),
            ),
            Some(value) => keys(value).map_or_else(|| value.clone(), Value::Array),
            None => Value::Null,
        };
        self.strings(&serde_json::json!({ "schema": schemas }), "schema")
    }

    /// A string, or a list of strings; none where the key is not there.
    fn strings(&mut self, value: &Value, key: &str) -> Vec<String> {
        let found = match value.get(key) {
            None | Some(Value::Null) => return Vec::new(),
            Some(Value::String(text)) => Some(vec![text.clone()]),
            Some(Value::Array(items)) => items
                .iter()
                .map(|item| item.as_str().map(str::to_owned))
                .collect::<Option<Vec<_>>>(),
            Some(_) => None,
        };
        let Some(found) = found else {
            self.error(
                &[key],
                &format!("`{key}` is neither a string nor a list of strings"),
                "write a path, or a list of paths",
            );
            return Vec::new();
        };
        let (unset, known): (Vec<String>, Vec<String>) = found
            .into_iter()
            .partition(|text| environment::unset(text).is_some());
        for name in unset.iter().filter_map(|text| environment::unset(text)) {
            self.error(
                &[key, name],
                &format!("the environment variable `{name}` is not set"),
                &format!("set it, or write a default: `${{{name}:value}}`"),
            );
        }
        known
    }

    /// The files that patterns match. One that begins with `!` excludes, whatever stands before it.
    fn files(
        &mut self,
        key: &str,
        patterns: &[String],
        excluded: &[String],
        endings: &[&str],
    ) -> Vec<PathBuf> {
        let (more, wanted): (Vec<&str>, Vec<&str>) = patterns
            .iter()
            .map(String::as_str)
            .partition(|pattern| pattern.starts_with('!'));
        let mut files: Vec<PathBuf> = wanted
            .iter()
            .flat_map(|pattern| self.glob(pattern, endings))
            .collect();
        let excluded: Vec<PathBuf> = excluded
            .iter()
            .map(String::as_str)
            .chain(more.iter().map(|pattern| &pattern[1..]))
            .flat_map(|pattern| self.glob(pattern, endings))
            .collect();
        files.retain(|path| !excluded.contains(path));
        for pattern in wanted.iter().filter(|name| !globs::is_pattern(name)) {
            // What a variable holds stands in no error of this file.
            let is_written = self.location(&[key, pattern]).is_some();
            if is_written && !self.directory.join(pattern).exists() {
                let help = match key {
                    "schema" => "fetch it with `attendium schema pull --out`, or mend the path",
                    _ => "mend the path, which counts from the configuration file's directory",
                };
                self.error(&[key, pattern], &format!("there is no `{pattern}`"), help);
            }
        }
        if files.is_empty() && !wanted.is_empty() {
            self.error(
                &[key, wanted[0]],
                &format!("no file that `{key}` names ends in {}", endings.join(", ")),
                "patterns count from the directory of the configuration file; \
                 `**` is any directories, `*` any name",
            );
        }
        files
    }

    fn glob(&mut self, pattern: &str, endings: &[&str]) -> Vec<PathBuf> {
        if !globs::is_pattern(pattern) {
            return vec![self.directory.join(pattern)];
        }
        globs::expand(&self.directory, pattern, endings).unwrap_or_else(|problem| {
            self.error(
                &[pattern],
                &format!("`{pattern}` is not a pattern: {problem}"),
                "`*` is any name, `**` any directories, `{a,b}` one of several",
            );
            Vec::new()
        })
    }
}

/// Where a key stands as a word of its own, outside of comments.
fn word(text: &str, key: &str, from: usize) -> Option<usize> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let edge = |c: Option<char>, inner: Option<char>| {
        !(c.is_some_and(is_word) && inner.is_some_and(is_word))
    };
    text[from..]
        .match_indices(key)
        .map(|(at, _)| from + at)
        .find(|at| {
            let (before, behind) = (&text[..*at], &text[at + key.len()..]);
            let line = &before[before.rfind('\n').map_or(0, |end| end + 1)..];
            edge(before.chars().next_back(), key.chars().next())
                && edge(behind.chars().next(), key.chars().next_back())
                && !line.trim_start().starts_with('#')
                && !line.contains(" #")
        })
}
