//! The project's GraphQL configuration file, which editors read too (graphql-config: `graphql.config.yml`, `.graphqlrc`, …): schema,
//! documents, and our settings under `extensions.attendium`.
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

use crate::Options;
use crate::diagnostic::{Diagnostic, near_miss};
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};

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
    let candidates = directory
        .ancestors()
        .flat_map(|above| NAMES.map(|name| above.join(name)));
    candidates.into_iter().find(|path| path.is_file())
}

/// Reads a configuration file. `project` chooses one where the file has several.
///
/// # Errors
///
/// All that is wrong with the file, at once.
pub fn load(path: &Path, project: Option<&str>) -> Result<Config, Vec<Diagnostic>> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| vec![Diagnostic::error(format!("can't read `{shown}`: {error}"))])?;
    let parsed: Result<Value, String> = match path.extension().and_then(|ending| ending.to_str()) {
        Some("json") => serde_json::from_str(&text).map_err(|error| error.to_string()),
        Some("toml") => toml::from_str(&text).map_err(|error| error.to_string()),
        // Without an ending it is YAML, of which JSON is a part.
        _ => serde_saphyr::from_str(&text).map_err(|error| error.to_string()),
    };
    let value = parsed.map_err(|error| {
        vec![
            Diagnostic::error(format!("`{shown}` can't be understood: {error}"))
                .with_help("see https://the-guild.dev/graphql/config/docs for what it may hold"),
        ]
    })?;
    let mut reading = Reading {
        path: shown.to_string(),
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

struct Reading {
    path: String,
    directory: PathBuf,
    errors: Vec<Diagnostic>,
}

impl Reading {
    fn error(&mut self, message: &str, help: &str) {
        self.errors
            .push(Diagnostic::error(format!("`{}`: {message}", self.path)).with_help(help));
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
                    &format!("there are no projects, so none called `{name}`"),
                    "leave `--project` out",
                );
                return config;
            }
            (Some(projects), name) => match projects.get(name.unwrap_or("default")) {
                Some(project) => project,
                None => {
                    let names: Vec<&str> = projects.keys().map(String::as_str).collect();
                    self.error(
                        "it has several projects",
                        &format!("choose one with `--project`: {}", names.join(", ")),
                    );
                    return config;
                }
            },
        };
        for pattern in self.strings(project, "schema") {
            if pattern.starts_with("http://") || pattern.starts_with("https://") {
                self.error(&format!("the schema `{pattern}` is not a file"), "fetch it once, with `attendium schema pull --out schema.graphql`, and name that file");
            } else {
                config.schema.extend(self.glob(&pattern));
            }
        }
        let mut documents = Vec::new();
        for key in ["documents", "include"] {
            for pattern in self.strings(project, key) {
                documents.extend(self.glob(&pattern));
            }
        }
        let excluded: Vec<PathBuf> = self
            .strings(project, "exclude")
            .iter()
            .flat_map(|pattern| self.glob(pattern))
            .collect();
        documents.retain(|path| !excluded.contains(path));
        config.documents = documents;
        if let Some(extension) = project.pointer("/extensions/attendium") {
            match extension.as_object() {
                Some(settings) => self.settings(settings, &mut config),
                None => self.error(
                    "`extensions.attendium` is not a map",
                    "write `extensions: { attendium: { out: src/queries.rs } }`",
                ),
            }
        }
        config
    }

    fn settings(&mut self, settings: &Map<String, Value>, config: &mut Config) {
        const KEYS: [&str; 7] = [
            "out",
            "manifest",
            "scalars",
            "derive",
            "default_derives",
            "allow",
            "lints",
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
                "derive" => config.options.derives = self.strings(&whole, key),
                "allow" => config.options.allow = self.strings(&whole, key),
                "lints" => config.options.lints = self.strings(&whole, key),
                "default_derives" => match value.as_bool() {
                    Some(value) => config.options.default_derives = value,
                    None => self.error(
                        "`default_derives` is neither true nor false",
                        "write one of the two",
                    ),
                },
                "scalars" => {
                    match value.as_object() {
                        Some(scalars) => {
                            for (name, rust) in scalars {
                                match rust.as_str() {
                                Some(rust) => config.options.scalars.push((name.clone(), rust.to_owned())),
                                None => self.error(&format!("the scalar `{name}` is not mapped to a string"), "write the path of a Rust type: `DateTime: jiff::Timestamp`"),
                            }
                            }
                        }
                        None => self.error(
                            "`scalars` is not a map",
                            "write `scalars: { DateTime: jiff::Timestamp }`",
                        ),
                    }
                }
                unknown => {
                    let help = match near_miss(unknown, KEYS) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("the settings are {}", KEYS.join(", ")),
                    };
                    self.error(
                        &format!("`{unknown}` is not a setting of `extensions.attendium`"),
                        &help,
                    );
                }
            }
        }
    }

    /// A string, or a list of strings; none where the key is not there.
    fn strings(&mut self, value: &Value, key: &str) -> Vec<String> {
        let found = match value.get(key) {
            None | Some(Value::Null) => return Vec::new(),
            Some(Value::String(text)) => return vec![text.clone()],
            Some(Value::Array(items)) => items
                .iter()
                .map(|item| item.as_str().map(str::to_owned))
                .collect::<Option<Vec<_>>>(),
            Some(_) => None,
        };
        found.unwrap_or_else(|| {
            self.error(
                &format!("`{key}` is neither a string nor a list of strings"),
                "write a path, or a list of paths",
            );
            Vec::new()
        })
    }

    fn glob(&mut self, pattern: &str) -> Vec<PathBuf> {
        if !pattern.contains(['*', '?', '[', '{']) {
            return vec![self.directory.join(pattern)];
        }
        let mut found = Vec::new();
        for pattern in alternatives(pattern) {
            match glob::glob(&self.directory.join(&pattern).to_string_lossy()) {
                Ok(paths) => found.extend(paths.flatten()),
                Err(error) => self.error(
                    &format!("`{pattern}` is not a pattern: {error}"),
                    "`*` is any name, `**` any directories, `{a,b}` one of several",
                ),
            }
        }
        found.sort();
        found.dedup();
        found
    }
}

/// A pattern with `{a,b}` as one for each alternative.
fn alternatives(pattern: &str) -> Vec<String> {
    let parts = pattern
        .find('{')
        .and_then(|open| Some((open, open + pattern[open..].find('}')?)));
    let Some((open, close)) = parts else {
        return vec![pattern.to_owned()];
    };
    let choices = pattern[open + 1..close].split(',');
    choices
        .flat_map(|choice| {
            alternatives(&format!(
                "{}{choice}{}",
                &pattern[..open],
                &pattern[close + 1..]
            ))
        })
        .collect()
}
