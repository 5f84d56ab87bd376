//! Lints, and the project's configuration file.
#![cfg(feature = "config")]

use attendium_codegen::config::{self, Config};
use attendium_codegen::{Lint, Options, Source, Sources, compile};
use std::path::{Path, PathBuf};

#[test]
fn lints_warn_of_what_is_valid_and_only_on_request() {
    let schema = [Source::new(
        "schema.graphql",
        "type Query { a(old: Int @deprecated(reason: \"Gone.\"), role: Role): String @deprecated b: String }\nenum Role { X @deprecated(reason: \"Use Y.\") Y }\n",
    )];
    let documents = [Source::new(
        "a.graphql",
        "query lower($Upper: Int) {\n  a(old: $Upper, role: X)\n}\n\nfragment Unused on Query {\n  b\n}\n",
    )];
    let quiet = compile(&schema, &documents, &Options::default());
    assert_eq!(quiet.diagnostics, []);
    let mut options = Options::default();
    options.lints.extend(Lint::ALL);
    let output = compile(&schema, &documents, &options);
    assert!(!output.has_errors());
    let said: Vec<String> = output
        .diagnostics
        .iter()
        .map(|warning| {
            let place = warning.location.as_ref().unwrap();
            format!(
                "{}:{} {} ({})",
                place.line,
                place.column,
                warning.message,
                warning.help.as_deref().unwrap()
            )
        })
        .collect();
    assert_eq!(
        said,
        [
            "1:7 the operation `lower` is not written as operations are (call it `Lower`)",
            "1:14 the variable `Upper` is not written as variables are (call it `upper`)",
            "2:3 `Query.a` is deprecated (the schema says: No longer supported)",
            "2:5 the argument `old` of `Query.a` is deprecated (the schema says: Gone.)",
            "2:24 the value `X` of `Role` is deprecated (the schema says: Use Y.)",
            "5:10 no operation reaches the fragment `Unused` (remove it, or spread it)",
        ]
    );
}

/// A directory of its own, with files in it.
fn directory(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::remove_dir_all(&directory).ok();
    for (path, text) in files {
        let path = directory.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    directory
}

fn expected(directory: &Path) -> Config {
    Config {
        directory: directory.to_owned(),
        schema: vec![directory.join("schema.graphql")],
        documents: vec![
            directory.join("q/a.graphql"),
            directory.join("q/deep/b.gql"),
        ],
        options: Options::default()
            .scalar("DateTime", "jiff::Timestamp")
            .derive("serde::Serialize")
            .lint(Lint::Deprecated),
        out: Some(directory.join("src/api.rs")),
        manifest: None,
    }
}

#[test]
fn a_configuration_says_the_same_in_yaml_json_and_toml() {
    let yaml = "schema: schema.graphql\ndocuments: ['q/**/*.{graphql,gql}']\nexclude: q/x.graphql\nextensions:\n  attendium:\n    out: src/api.rs\n    scalars: { DateTime: 'jiff::Timestamp' }\n    derive: ['serde::Serialize']\n    lints: deprecated\n";
    let json = r#"{"schema": ["schema.graphql"], "documents": ["q/**/*.{graphql,gql}"], "exclude": "q/x.graphql", "extensions": {"attendium": {"out": "src/api.rs", "scalars": {"DateTime": "jiff::Timestamp"}, "derive": "serde::Serialize", "lints": ["deprecated"]}}}"#;
    let toml = "schema = 'schema.graphql'\ndocuments = ['q/**', '!q/x.graphql']\n[extensions.attendium]\nout = 'src/api.rs'\nderive = ['serde::Serialize']\nlints = ['deprecated']\nscalars = { DateTime = 'jiff::Timestamp' }\n";
    let cases = [
        ("graphql.config.yml", yaml),
        (".graphqlrc", json),
        (".graphqlrc.json", json),
        ("graphql.config.toml", toml),
    ];
    for (file, text) in cases {
        let directory = directory(
            &format!("config-{file}"),
            &[
                (file, text),
                ("q/a.graphql", ""),
                ("q/deep/b.gql", ""),
                ("q/x.graphql", ""),
                ("q/no.txt", ""),
                ("schema.graphql", ""),
            ],
        );
        let found = config::find(&directory.join("q/deep")).unwrap();
        assert_eq!(found, directory.join(file));
        assert_eq!(
            config::load(&found, None).unwrap(),
            expected(&directory),
            "{file}"
        );
    }
}

/// Every file in `tests/errors/config/` beside its `.stderr`; `UPDATE_GOLDENS=1` writes what is
/// said now.
#[test]
fn all_mistakes_of_a_configuration_are_said_with_their_places() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors/config");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(&directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| !path.to_string_lossy().ends_with(".stderr"))
        .collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap().to_str().unwrap();
        let project = (name == "project.yml").then_some("app");
        let errors = config::load(&path, project).unwrap_err();
        let said: String = errors.iter().map(|error| format!("{error}\n\n")).collect();
        let said = said.replace(&format!("{}/", directory.display()), "");
        assert!(
            said.contains(&format!("--> {name}:")) && said.contains("= help: "),
            "{said}"
        );
        let golden = directory.join(format!("{name}.stderr"));
        if std::env::var_os("UPDATE_GOLDENS").is_some() {
            std::fs::write(&golden, &said).unwrap();
        }
        assert_eq!(
            said,
            std::fs::read_to_string(&golden).unwrap_or_default(),
            "{name}"
        );
    }
}

#[test]
fn one_of_several_projects_is_chosen_by_name() {
    let text = "projects:\n  web: { schema: web.graphql }\n  app: { schema: app.graphql }\n";
    let files = [("graphql.config.yml", text), ("app.graphql", "")];
    let directory = directory("config-projects", &files);
    let path = directory.join("graphql.config.yml");
    assert_eq!(
        config::load(&path, Some("app")).unwrap().schema,
        [directory.join("app.graphql")]
    );
    let error = &config::load(&path, None).unwrap_err()[0];
    assert_eq!(error.help.as_deref(), Some("choose one with `--project`"));
}

#[test]
fn references_to_the_environment_are_replaced_where_it_says_more() {
    let variable = std::env::var("CARGO_PKG_NAME").unwrap();
    let name = format!("{variable}.graphql");
    let yaml = "schema: [\"${ATTENDIUM_NO_SUCH: schema.graphql}\"]\ndocuments: q/${CARGO_PKG_NAME}.graphql\nextensions: { attendium: { out: ${ATTENDIUM_NO_SUCH:'api.rs'} } }\n";
    let json = r#"{"schema": "${ATTENDIUM_NO_SUCH:schema.graphql}", "documents": "q/${CARGO_PKG_NAME}.graphql", "extensions": {"attendium": {"out": "${ATTENDIUM_NO_SUCH:api.rs}"}}}"#;
    for (file, text) in [(".graphqlrc.yml", yaml), (".graphqlrc.json", json)] {
        let files = [(file, text), ("schema.graphql", "")];
        let directory = directory(&format!("config-environment{file}"), &files);
        let config = config::load(&directory.join(file), None).unwrap();
        assert_eq!(config.schema, [directory.join("schema.graphql")]);
        assert_eq!(config.documents, [directory.join("q").join(&name)]);
        assert_eq!(config.out, Some(directory.join("api.rs")));
    }
    // What a variable holds is in no error, and places are those of the file.
    let text = "schema: s.graphql\ndocuments: ${CARGO_PKG_NAME}: ]\n";
    let directory = directory("config-environment-broken", &[(".graphqlrc.yml", text)]);
    let errors = config::load(&directory.join(".graphqlrc.yml"), None).unwrap_err();
    let said = errors[0].to_string();
    assert!(
        said.contains(".graphqlrc.yml:2:") && said.contains("${CARGO_PKG_NAME}"),
        "{said}"
    );
    assert!(!said.contains(&variable), "{said}");
}

#[test]
fn a_schema_may_be_the_key_of_other_tools_settings() {
    let text = "schema:\n  - a.graphql: { loader: x }\n  - b.graphql\ninclude: ['src/**']\ndocuments: q.graphql\n";
    let files = ["a.graphql", "b.graphql", "q.graphql"].map(|path| (path, ""));
    let directory = directory(
        "config-loader",
        &[&files[..], &[(".graphqlrc", text)]].concat(),
    );
    let config = config::load(&directory.join(".graphqlrc"), None).unwrap();
    let paths = ["a.graphql", "b.graphql"].map(|name| directory.join(name));
    assert_eq!(config.schema, paths);
    // `include` says which files editors look at, not what is compiled.
    assert_eq!(config.documents, [directory.join("q.graphql")]);
}

#[test]
fn a_path_that_does_not_exist_may_be_a_pattern() {
    let directory = directory(
        "patterns-[a]",
        &[
            ("ops/a.gql", "query A { a }"),
            ("ops/deep/er/b.graphql", "query B { a }"),
            ("ops/c.txt", "no GraphQL"),
            ("s[1].graphql", "type Query { a: Int }"),
        ],
    );
    let read = |pattern: &str| Sources::read_documents(&directory, &[PathBuf::from(pattern)]);
    let paths = |pattern: &str| -> Vec<String> {
        let read = read(pattern);
        assert!(read.errors.is_empty(), "{:?}", read.errors);
        read.sources.into_iter().map(|source| source.path).collect()
    };
    assert_eq!(paths("ops/**/*.gql"), ["ops/a.gql"]);
    let both = ["ops/a.gql", "ops/deep/er/b.graphql"];
    for pattern in ["ops/**", "ops/**/*.{gql,graphql}", "**/[ab].g*", "o?s/**/*"] {
        assert_eq!(paths(pattern), both, "{pattern}");
    }
    let whole = directory.join("ops/*.gql");
    assert_eq!(
        paths(whole.to_str().unwrap().replace("[a]", "[[]a]").as_str()),
        both[..1]
    );
    // A name that looks like a pattern and is there is a name.
    assert_eq!(paths("s[1].graphql"), ["s[1].graphql"]);
    for (pattern, said) in [
        (
            "ops/*.graphqls",
            "no file that `ops/*.graphqls` matches ends in .graphql or .gql",
        ),
        (
            "none/**",
            "no file that `none/**` matches ends in .graphql or .gql",
        ),
        ("ops/***", "`ops/***` is not a pattern: "),
    ] {
        let read = read(pattern);
        assert!(read.sources.is_empty(), "{pattern}");
        let [error] = read.errors.as_slice() else {
            panic!("{pattern}: {:?}", read.errors)
        };
        assert!(error.message.starts_with(said), "{error}");
        assert!(error.help.is_some(), "{error}");
    }
}
