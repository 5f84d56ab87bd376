//! The examples in the help of `attendium query` run as they are shown.

use super::support::{Home, start};
use attendium_sandbox::Sandbox;
use std::path::Path;

#[test]
fn the_examples_of_the_help_run() {
    let sandbox = start(Sandbox::builder());
    let home = Home::beside(&sandbox);
    assert_eq!(home.run(&["login"]).code, 0);
    let help = home.run(&["query", "--help"]).stdout;
    let (_, examples) = help.split_once("Examples").expect("examples");
    // What `attendium new` puts into an application, which names a schema that knows little.
    for file in ["graphql.config.yml", "schema.graphql"] {
        let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/commands/new/application");
        home.write(
            file,
            &std::fs::read_to_string(files.join(file)).expect("a file"),
        );
    }
    home.write("queries/start.graphql", "query Start { me { id } }");
    let clone = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let (mut script, mut runs) = (String::from("set -e\n"), 0);
    for line in examples.lines() {
        if line.ends_with("in a clone of attendium:") {
            script.push_str(&format!("cd '{clone}'\n"));
        } else if let Some(command) = line.strip_prefix("  ") {
            script.push_str(&format!("{command}\n"));
            runs += usize::from(command.contains("attendium query"));
        }
    }
    assert!(runs >= 6, "{help}");
    let run = home.run_in_shell(&script);
    assert_eq!(
        (run.code, run.stderr.as_str()),
        (0, ""),
        "{script}\n{run:?}"
    );
    for part in ["user-emma", "Midsummer", "\nname ", "tickets", "ARRIVED"] {
        assert!(run.stdout.contains(part), "{part}: {run:?}");
    }
}
