//! `attendium new`: an application that builds, runs and has tests that pass. Enter at [`run`].
//!
//! `application/` has its files, with `{{names}}` for what differs; [`crates`] finds out where its
//! dependencies come from.

mod crates;

use super::schema;
use crate::connection::Connection;
use crate::failure::Failure;
use crate::login_flags::{LOGIN_HEADING, LoginFlags};
use crate::terminal::{self, Style};
use attendium_codegen::{Source, Sources, starter};
use clap::Args;
use crates::Crates;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Make an application: a query, its types, a login, and tests that pass
///
/// It asks nothing. Without a schema it is made for Attendium, with the part of the API that is
/// documented, and has a test on a local Attendium.
#[derive(Args)]
#[command(after_help = "\
Examples:
  attendium new guests
  attendium new guests --url https://api.example.com
  attendium new guests --schema schema.graphql --base-url https://api.example.com")]
pub struct Arguments {
    /// The directory to make; its last part is the package's name
    #[arg(value_name = "NAME")]
    directory: PathBuf,
    /// The package's name, where it is not that of the directory
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The server, whose schema is pulled first: as `--base-url`
    #[arg(long, value_name = "URL", conflicts_with_all = ["base_url", "schema"])]
    url: Option<String>,
    /// The schema: SDL or introspection JSON
    #[arg(long, value_name = "FILE")]
    schema: Option<PathBuf>,
    /// A clone of attendium that the crates come from [default: the one that this is run in]
    #[arg(long, value_name = "DIR")]
    path: Option<PathBuf>,
    #[command(flatten)]
    connection: Connection,
    #[command(flatten, next_help_heading = LOGIN_HEADING)]
    login: LoginFlags,
}

pub async fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let name = package_name(arguments)?;
    check_directory(&arguments.directory)?;
    let crates = Crates::find(arguments.path.as_deref())?;
    let connection = match &arguments.url {
        Some(url) => arguments.connection.clone().at(url),
        None => arguments.connection.clone(),
    };
    let schema = read_schema(arguments, &connection).await?;
    let source = Source::new("schema.graphql", schema.text.clone());
    let starter = starter(&[source], "Start").map_err(|errors| Failure::diagnostics(&errors))?;

    let application = Application {
        name: &name,
        connection: &connection,
        schema: &schema,
        document: starter.document,
        answer: starter.answer.to_string(),
    };
    let mut written = Vec::new();
    // The directory first: the paths of the crates count from it.
    create(&arguments.directory)?;
    let dependencies = crates.dependencies(&arguments.directory)?;
    for (path, text) in application.files(&dependencies) {
        let path = arguments.directory.join(path);
        create(path.parent().unwrap_or(&arguments.directory))?;
        std::fs::write(&path, text).map_err(|error| unwritable(&path, &error))?;
        written.push(path);
    }
    if !crates::fits_where_it_is(&arguments.directory) {
        let manifest = arguments.directory.join("Cargo.toml");
        let text = application.manifest(&dependencies, ALONE);
        std::fs::write(&manifest, text).map_err(|error| unwritable(&manifest, &error))?;
    }
    report(arguments, &name, &written)?;
    Ok(ExitCode::SUCCESS)
}

fn report(arguments: &Arguments, name: &str, written: &[PathBuf]) -> Result<(), Failure> {
    if arguments.connection.json {
        let files: Vec<_> = written.iter().map(|path| path.to_string_lossy()).collect();
        let directory = arguments.directory.to_string_lossy();
        let document = json!({ "name": name, "directory": directory, "files": files });
        return Ok(terminal::print_json(&document)?);
    }
    let style = Style::stderr();
    let directory = arguments.directory.to_string_lossy();
    terminal::print_note(format_args!("Made {name} in {directory}\n"));
    if directory != "." {
        let directory = quoted_for_a_shell(&directory);
        terminal::print_note(style.bold(format_args!("  cd {directory}")));
    }
    terminal::print_note(style.bold("  cargo test"));
    terminal::print_note(style.bold("  cargo run"));
    Ok(())
}

/// A path as a shell takes it for one word.
fn quoted_for_a_shell(path: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./\\:+@%,".contains(c);
    if path.chars().all(is_plain) {
        return path.to_owned();
    }
    format!("'{}'", path.replace('\'', "'\\''"))
}

/// The package's name, as cargo and crates.io take it.
fn package_name(arguments: &Arguments) -> Result<String, Failure> {
    let of_directory = || {
        let directory = &arguments.directory;
        let name = directory.file_name().map(ToOwned::to_owned);
        // `.` has one where it really is.
        let name = name.or_else(|| Some(directory.canonicalize().ok()?.file_name()?.to_owned()))?;
        Some(name.to_string_lossy().into_owned())
    };
    let name = arguments
        .name
        .clone()
        .or_else(of_directory)
        .unwrap_or_default();
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let starts_well = name.starts_with(|c: char| c.is_ascii_alphabetic());
    let is_taken = TAKEN.contains(&name.replace('-', "_").as_str());
    if !starts_well || !name.chars().all(is_word) || is_taken || name.len() > 64 {
        let shown = terminal::on_one_line(&name);
        let why = if is_taken {
            "means something else to Rust"
        } else {
            "is no package's name"
        };
        return Err(Failure::usage(
            format!("`{shown}` {why}"),
            "give `--name` letters, digits, `-` and `_`, with a letter first, as `guest-list`",
        ));
    }
    Ok(name)
}

/// Keywords of Rust, crates that the application depends on or that cargo refuses.
const TAKEN: [&str; 50] = [
    "abstract",
    "alloc",
    "as",
    "async",
    "attendium",
    "attendium_codegen",
    "attendium_sandbox",
    "await",
    "become",
    "box",
    "break",
    "build",
    "const",
    "continue",
    "core",
    "crate",
    "deps",
    "do",
    "dyn",
    "else",
    "enum",
    "examples",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "incremental",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "proc_macro",
    "pub",
    "ref",
    "return",
    "self",
    "static",
    "std",
    "struct",
    "test",
    "tokio",
    "type",
];

fn check_directory(directory: &Path) -> Result<(), Failure> {
    let shown = directory.display();
    let is_empty = match std::fs::read_dir(directory) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    };
    if is_empty {
        return Ok(());
    }
    Err(Failure::new(
        format!("`{shown}` is there already, and not an empty directory"),
        "choose another name; nothing is overwritten",
    ))
}

fn create(directory: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(directory).map_err(|error| unwritable(directory, &error))
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(
        format!("can't write `{}`: {error}", path.display()),
        "choose a directory that you may write to",
    )
}

/// The application's schema.
struct Schema {
    text: String,
    /// Whether it is what Attendium documents, which a local Attendium serves.
    is_documented: bool,
}

async fn read_schema(arguments: &Arguments, connection: &Connection) -> Result<Schema, Failure> {
    if arguments.url.is_some() {
        let pulled = schema::fetch(connection, &arguments.login, None).await?;
        return Ok(Schema {
            text: pulled.sdl,
            is_documented: false,
        });
    }
    let Some(path) = &arguments.schema else {
        return Ok(Schema {
            text: include_str!("application/schema.graphql").to_owned(),
            is_documented: true,
        });
    };
    let base = std::env::current_dir().unwrap_or_default();
    let read = Sources::read_schema(&base, std::slice::from_ref(path));
    if !read.errors.is_empty() {
        return Err(Failure::diagnostics(&read.errors).of_kind("file"));
    }
    match read.sources.as_slice() {
        [one] => Ok(Schema {
            text: to_sdl(one)?,
            is_documented: false,
        }),
        _ => Err(Failure::usage(
            format!("`{}` is not one file", path.display()),
            "name one file with the whole schema",
        )),
    }
}

/// The schema as SDL, which is what the application's file is called by.
fn to_sdl(source: &Source) -> Result<String, Failure> {
    let start = source.text.trim_start_matches('\u{feff}').trim_start();
    if !start.starts_with(['{', '[']) {
        return Ok(source.text.clone());
    }
    attendium_codegen::introspection_to_sdl(source)
        .map_err(|error| Failure::diagnostics(std::slice::from_ref(&error)))
}

/// What the files of an application are filled with.
struct Application<'a> {
    name: &'a str,
    connection: &'a Connection,
    schema: &'a Schema,
    document: String,
    answer: String,
}

impl Application<'_> {
    fn manifest(&self, dependencies: &crates::Dependencies, workspace: &str) -> String {
        fill(
            include_str!("application/Cargo.toml.txt"),
            &[
                ("name", self.name),
                ("workspace", workspace),
                ("attendium", dependencies.attendium().as_str()),
                ("codegen", &dependencies.codegen),
                ("dev", dependencies.dev(self.schema.is_documented).as_str()),
            ],
        )
    }

    /// The files by their paths.
    fn files(&self, dependencies: &crates::Dependencies) -> Vec<(&'static str, String)> {
        let server = self.connection.base_url();
        let is_documented = self.schema.is_documented;
        let tests = if is_documented {
            include_str!("application/sandbox_test.rs.txt").replace("{{name}}", self.name)
        } else {
            include_str!("application/answer_test.rs.txt").replace("{{answer}}", &self.answer)
        };
        let tested = if is_documented {
            "logs in on a local Attendium, and asks it"
        } else {
            "reads an answer"
        };
        let beside = if is_documented {
            "\nWithout an account, beside a local Attendium on which a scripted user logs in:\n\n\
             ```sh\nattendium sandbox run -- cargo run\n```\n"
        } else {
            ""
        };
        let calls = self.connection.builder_calls();
        let calls: String = calls
            .iter()
            .map(|call| format!("\n        {call}"))
            .collect();
        let login = Login::new(self.connection.is_anonymous() && !is_documented);
        let is_default = server == attendium::ATTENDIUM;
        let base_url = if is_default {
            String::new()
        } else {
            format!(" --base-url {server}")
        };
        let anonymous = if self.connection.is_anonymous() {
            " --anonymous"
        } else {
            ""
        };
        let pull = format!("attendium schema pull{base_url}{anonymous} --out schema.graphql");
        let log_in = if anonymous.is_empty() {
            format!("attendium login{base_url}\n")
        } else {
            String::new()
        };
        let schema = if is_documented {
            format!(
                "`schema.graphql` has what Attendium documents of its API. To get the whole \
                 schema, without an\naccount:\n\n```sh\nattendium sandbox run --logged-in -- \
                 attendium schema pull --out schema.graphql\n```\n\nWith an account:\n\n```sh\n\
                 {log_in}{pull}\n```"
            )
        } else {
            format!("It is in `schema.graphql`. To fetch it anew:\n\n```sh\n{log_in}{pull}\n```")
        };
        let main = fill(
            include_str!("application/main.rs.txt"),
            &[
                ("tests", &tests),
                ("builder_calls", &format!("{calls}{}", login.builder_call)),
                ("credential", login.credential),
                ("imports", login.imports),
                ("log_in", login.log_in),
                ("name", self.name),
                ("server", &server),
            ],
        );
        let readme = fill(
            include_str!("application/README.md.txt"),
            &[
                ("beside", beside),
                ("tested", tested),
                ("schema", &schema),
                ("runs", login.runs),
                ("name", self.name),
                ("server", &server),
            ],
        );
        vec![
            ("Cargo.toml", self.manifest(dependencies, "")),
            (
                "build.rs",
                include_str!("application/build.rs.txt").to_owned(),
            ),
            ("src/main.rs", main),
            ("queries/start.graphql", self.document.clone()),
            ("schema.graphql", self.schema.text.clone()),
            (
                "graphql.config.yml",
                include_str!("application/graphql.config.yml").to_owned(),
            ),
            (".gitignore", "/target\n".to_owned()),
            ("README.md", readme),
        ]
    }
}

/// What a manifest says whose package does not belong to the workspace above it.
const ALONE: &str = "\n# A package of its own, outside the workspace above.\n[workspace]\n";
/// How an application gets its credential, in its files.
struct Login {
    credential: &'static str,
    imports: &'static str,
    builder_call: &'static str,
    log_in: &'static str,
    runs: &'static str,
}

impl Login {
    fn new(is_anonymous: bool) -> Self {
        if is_anonymous {
            return Self {
                credential: "It sends no credential: the API is public.",
                imports: "use attendium::{Error, Session};",
                builder_call: "\n        .anonymous()",
                log_in: "",
                runs: "prints an answer",
            };
        }
        Self {
            credential: "It logs in with the browser the first time, and refreshes its tokens by \
                         itself from then on.",
            imports: "use attendium::store::FileStore;\nuse attendium::{Error, Login, Session};",
            builder_call: "\n        .store(FileStore::in_state_directory()?)",
            log_in: "
    if !session.status().await?.logged_in {
        session.login(Login::browser()).await?;
    }",
            runs: "logs in with the browser the first time, and prints an answer",
        }
    }
}

/// Puts values in the place of `{{names}}`.
fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut text = template.to_owned();
    for (name, value) in values {
        text = text.replace(&format!("{{{{{name}}}}}"), value);
    }
    text
}
