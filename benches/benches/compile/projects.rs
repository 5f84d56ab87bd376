//! The crates of `benches/compile/`: what is written into them, and how they are compiled. Enter at
//! [`Projects::new`].

use std::collections::HashSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use apollo_compiler::Schema;
use apollo_compiler::ast::{Definition, Document};
use apollo_compiler::schema::ExtendedType;

use crate::measure::{fail, prepare};
use crate::operations::{Invented, invent};

pub struct Projects {
    /// `benches/compile/`.
    root: PathBuf,
    /// Where all of this is built: in the target directory, and apart from other builds.
    target: PathBuf,
    schema_file: PathBuf,
    schema: Schema,
}

impl Projects {
    /// Finds the schema. Without it there is nothing to measure.
    pub fn new() -> Self {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let corpora = std::env::var_os("ATTENDIUM_CORPORA")
            .map_or_else(|| here.join("../../shared/corpora"), PathBuf::from);
        let path = corpora.join("github-vscode/schema.graphql");
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| {
            fail(&format!(
                "GitHub's schema, over which all compilers are measured, is not at {}: {error}\n\
                 It is in the corpora that stand beside the repository; say where they are in ATTENDIUM_CORPORA.\n\
                 `cargo bench -p attendium-benches --bench peers` measures decoding and request bodies, and needs none of it.",
                path.display()
            ))
        });
        let text = without_duplicates(text);
        let schema = Schema::parse(text.as_str(), &path)
            .unwrap_or_else(|with| fail(&format!("{}: {}", path.display(), with.errors)));
        let target = std::env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| here.join("../target"), PathBuf::from)
            .join("compile");
        std::fs::create_dir_all(&target).expect("the target directory");
        let projects = Self {
            root: here.join("compile"),
            target: target.canonicalize().expect("the target directory"),
            schema_file: here.join("compile/inputs/schema.graphql"),
            schema,
        };
        std::fs::create_dir_all(projects.inputs()).expect("the inputs");
        std::fs::write(&projects.schema_file, text).expect("the schema");
        projects
    }

    fn inputs(&self) -> PathBuf {
        self.root.join("inputs")
    }

    pub fn schema_file(&self) -> &Path {
        &self.schema_file
    }

    pub fn operations(&self, count: usize) -> Vec<Invented> {
        invent(&self.schema, count)
    }

    /// A directory with that many operations, one a file, for generators.
    pub fn documents(&self, count: usize) -> PathBuf {
        let directory = self.inputs().join(count.to_string());
        write_documents(&directory, &self.operations(count));
        directory
    }

    /// Gives the crates that many operations.
    pub fn fill(&self, count: usize) {
        let operations = self.operations(count);
        write_documents(&self.inputs().join("queries"), &operations);
        for (file, derives) in [
            ("graphql-client.rs", true),
            ("graphql-client-bare.rs", false),
        ] {
            let mut code = self.graphql_client(&operations, derives);
            if derives {
                code += &uses_of_graphql_client(&operations);
            }
            write(&self.inputs().join(file), &code);
        }
        write(&self.inputs().join("uses.rs"), &uses(&operations));
    }

    /// An edit of one operation: in each round it asks for one field less, so that the code behind
    /// it stands in other lines than before.
    pub fn edit(&self, operations: &[Invented], round: usize) {
        let operation = &operations[7];
        let mut lines: Vec<&str> = operation.text.lines().collect();
        // Fields that stand beside others, so that no selection is empty.
        let leaf = |line: &str| {
            let word = line.trim();
            !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphabetic())
        };
        let leaves: Vec<usize> = (1..lines.len())
            .filter(|at| leaf(lines[*at]) && leaf(lines[at - 1]))
            .collect();
        for at in leaves[..=round].iter().rev() {
            lines.remove(*at);
        }
        let path = self
            .inputs()
            .join("queries")
            .join(format!("{}.graphql", operation.stem));
        write(&path, &(lines.join("\n") + "\n"));
    }

    /// What an application writes for graphql_client.
    fn graphql_client(&self, operations: &[Invented], derives: bool) -> String {
        let mut code = String::from(
            "//! The operations as graphql_client's types.\n#![allow(non_camel_case_types)]\n",
        );
        for (name, definition) in &self.schema.types {
            if matches!(definition, ExtendedType::Scalar(_)) && !definition.is_built_in() {
                let _ = writeln!(code, "pub type {name} = String;");
            }
        }
        let derives = if derives {
            ", response_derives = \"Debug,Clone,PartialEq\", variables_derives = \"Debug,Clone,PartialEq\""
        } else {
            ""
        };
        for operation in operations {
            let _ = write!(
                code,
                "#[derive(graphql_client::GraphQLQuery)]\n#[graphql(schema_path = \"../inputs/schema.graphql\", query_path = \"../inputs/queries/{}.graphql\"{derives})]\npub struct {};\n",
                operation.stem, operation.name
            );
        }
        code
    }

    /// Builds what generates code, and prepares relay-compiler.
    pub fn generators(&self) {
        for profile in ["dev", "release"] {
            let mut cargo = self.cargo("build", profile);
            cargo.args(["-p", "compile-generators"]);
            prepare(cargo);
        }
        let relay = self.root.join("relay");
        if !relay.join("node_modules/relay-compiler").is_dir() {
            let mut npm = Command::new("npm");
            npm.args(["ci", "--no-audit", "--no-fund"])
                .current_dir(&relay);
            prepare(npm);
        }
    }

    /// One of the generators, built with optimisation or as a build script is.
    pub fn generator(&self, name: &str, release: bool) -> Command {
        let profile = if release { "release" } else { "debug" };
        Command::new(self.target.join(profile).join(name))
    }

    /// Our generator, which keeps what it knows in `out`.
    pub fn ours(&self, release: bool, documents: &Path, out: &Path) -> Command {
        let mut command = self.generator("generate-ours", release);
        command
            .arg(&self.schema_file)
            .arg(documents)
            .env("CARGO_MANIFEST_DIR", &self.root)
            .env("OUT_DIR", out);
        command
    }

    /// An empty directory for output.
    pub fn out(&self, name: &str) -> PathBuf {
        let directory = self.target.join("out").join(name);
        let _ = std::fs::remove_dir_all(&directory);
        std::fs::create_dir_all(&directory).expect("a directory for output");
        directory
    }

    /// A project of relay-compiler with the same operations, each in a module of its own; the
    /// artifacts' directory.
    pub fn relay(&self, count: usize) -> PathBuf {
        let directory = self.out(&format!("relay-{count}"));
        let sources = directory.join("src");
        std::fs::create_dir_all(&sources).expect("the modules");
        for operation in self.operations(count) {
            let mut code = String::from("import { graphql } from 'relay-runtime';\n");
            for definition in operation.text.split("\n\n") {
                let _ = writeln!(code, "graphql`{definition}`;");
            }
            write(&sources.join(format!("{}.js", operation.stem)), &code);
        }
        let config = r#"{"src": "./src", "schema": "./schema.graphql", "language": "javascript", "artifactDirectory": "./artifacts", "featureFlags": {"enforce_fragment_alias_where_ambiguous": {"kind": "disabled"}}}"#;
        write(&directory.join("relay.config.json"), config);
        std::fs::copy(&self.schema_file, directory.join("schema.graphql")).expect("the schema");
        directory.join("artifacts")
    }

    /// relay-compiler on that project.
    pub fn relay_command(&self, count: usize) -> Command {
        let program = self
            .root
            .join("relay/node_modules/relay-compiler")
            .join(format!("{}-x64", std::env::consts::OS))
            .join("relay");
        let mut command = Command::new(program);
        command
            .arg("relay.config.json")
            .current_dir(self.target.join(format!("out/relay-{count}")));
        command
    }

    /// cynic's own generator writes the structs that an application would write by hand.
    pub fn fill_cynic(&self) {
        let mut command = self.generator("generate-cynic", true);
        command
            .arg(&self.schema_file)
            .arg(self.documents(10))
            .arg(self.inputs().join("cynic.rs"));
        prepare(command);
    }

    /// `cargo COMMAND` on the crates, with all that is not them built before.
    pub fn cargo(&self, command: &str, profile: &str) -> Command {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo
            .args([command, "--profile", profile, "--quiet", "--locked"])
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_INCREMENTAL", "0")
            .env_remove("RUSTFLAGS");
        cargo
    }

    /// Makes a crate one that cargo has to compile from scratch: nothing kept by our build script,
    /// everything else built.
    pub fn touch(&self, package: &str) {
        for profile in ["debug", "release"] {
            let builds = std::fs::read_dir(self.target.join(profile).join("build"));
            for directory in builds.into_iter().flatten().flatten() {
                let _ = std::fs::remove_file(directory.path().join("out/queries.rs.cache"));
            }
        }
        let now = SystemTime::now();
        let sources = ["graphql-client", "graphql-client-bare", "cynic"]
            .map(|name| self.inputs().join(format!("{name}.rs")));
        let documents = [
            self.inputs().join("queries/Op0000.graphql"),
            self.root.join(package).join("lib.rs"),
        ];
        for path in sources.iter().chain(&documents) {
            if let Ok(file) = std::fs::File::options().append(true).open(path) {
                let _ = file.set_modified(now);
            }
        }
    }
}

/// What makes the code of our types: for each operation, its request body and its answer. serde's
/// is generic and is made only where it is used, so the peer has the same.
fn uses(operations: &[Invented]) -> String {
    let mut code = String::new();
    for Invented { stem, name, .. } in operations {
        let _ = write!(
            code,
            "pub fn use_{}(answer: &[u8], variables: &{name}) -> Result<(Vec<u8>, attendium::Response<<{name} as attendium::Operation>::Data>), attendium::DecodeError> {{\n    Ok((attendium::operation::body(variables), attendium::decode::<{name}>(answer)?))\n}}\n",
            stem.to_lowercase(),
        );
    }
    code
}

/// The same for graphql_client.
fn uses_of_graphql_client(operations: &[Invented]) -> String {
    let mut code = String::from("#[cfg(feature = \"used\")]\nuse graphql_client::GraphQLQuery;\n");
    for Invented { stem, name, .. } in operations {
        let _ = write!(
            code,
            "#[cfg(feature = \"used\")]\npub fn use_{}(answer: &[u8], variables: <{name} as GraphQLQuery>::Variables) -> serde_json::Result<(Vec<u8>, graphql_client::Response<<{name} as GraphQLQuery>::ResponseData>)> {{\n    Ok((serde_json::to_vec(&{name}::build_query(variables))?, serde_json::from_slice(answer)?))\n}}\n",
            stem.to_lowercase(),
        );
    }
    code
}

/// The schema without the second definition of a field: the published one has two, which
/// relay-compiler refuses.
fn without_duplicates(text: String) -> String {
    let document = Document::parse(text.as_str(), "schema.graphql")
        .unwrap_or_else(|with| fail(&format!("GitHub's schema: {}", with.errors)));
    let mut cuts = Vec::new();
    for definition in &document.definitions {
        if let Definition::ObjectTypeDefinition(object) = definition {
            let mut seen = HashSet::new();
            let second = object
                .fields
                .iter()
                .filter(|field| !seen.insert(&field.name));
            cuts.extend(second.filter_map(|field| field.location()));
        }
    }
    let mut left = text;
    for cut in cuts.into_iter().rev() {
        left.replace_range(cut.offset()..cut.end_offset(), "");
    }
    left
}

/// Writes a file, and leaves it alone where it is so already.
fn write(path: &Path, text: &str) {
    if std::fs::read_to_string(path).is_ok_and(|before| before == text) {
        return;
    }
    std::fs::write(path, text)
        .unwrap_or_else(|error| fail(&format!("can't write {}: {error}", path.display())));
}

fn write_documents(directory: &Path, operations: &[Invented]) {
    std::fs::create_dir_all(directory).expect("the operations");
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let stays = name
            .strip_suffix(".graphql")
            .is_some_and(|stem| operations.iter().any(|operation| operation.stem == stem));
        if !stays {
            let _ = std::fs::remove_file(entry.path());
        }
    }
    for operation in operations {
        write(
            &directory.join(format!("{}.graphql", operation.stem)),
            &operation.text,
        );
    }
}
