//! What the command says about itself: its help, manual pages and completions.

use super::support::{Home, json};

#[test]
fn the_help_lists_the_variables_that_are_read() {
    let help = Home::new().run(&["--help"]);
    assert_eq!(help.code, 0, "{help:?}");
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/guide/src/command.md");
    let guide = std::fs::read_to_string(page).expect("the guide's page");
    for name in ["ATTENDIUM_TOKEN", "NO_COLOR", "XDG_STATE_HOME", "RUST_LOG"] {
        assert!(help.stdout.contains(&format!("\n  {name} ")), "{help:?}");
        assert!(guide.contains(&format!("| `{name}` |")), "{name}");
    }
}

#[test]
fn completions_know_the_commands_in_every_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = Home::new().run(&["completions", shell]);
        assert_eq!(run.code, 0, "{shell}: {run:?}");
        for word in ["token-lifetime", "base-url", "doctor", "select"] {
            assert!(run.stdout.contains(word), "{word} is not in {shell}'s");
        }
        let document = json(&Home::new().run(&["completions", shell, "--json"]));
        assert_eq!(document["shell"], shell);
        assert_eq!(
            document["script"].as_str().map(str::trim_end),
            Some(run.stdout.trim_end())
        );
    }
}

#[test]
fn manual_pages_are_there_for_every_command() {
    let home = Home::new();
    let page = home.run(&["man", "schema", "pull"]);
    assert_eq!((page.code, page.stderr.as_str()), (0, ""), "{page:?}");
    assert!(
        page.stdout.contains(".TH attendium-schema-pull 1"),
        "{page:?}"
    );
    assert!(page.stdout.contains("type\\-depth"), "{page:?}");
    let main = home.run(&["man"]);
    for said in [
        "4 the API answered with errors",
        ".SH ENVIRONMENT\n.TP\n\\fBATTENDIUM_BASE_URL\\fR\n",
        "attendium\\-query(1)",
    ] {
        assert!(main.stdout.contains(said), "{said}: {main:?}");
    }
    assert_eq!(main.stdout.matches("ATTENDIUM_TOKEN").count(), 1);
    let wrong = home.run(&["man", "nonsense"]);
    assert_eq!((wrong.code, wrong.stdout.as_str()), (2, ""), "{wrong:?}");
    assert!(wrong.stderr.contains("the commands are "), "{wrong:?}");

    let pages = home.file("pages");
    assert_eq!(home.run(&["man", "--out", &pages]).code, 0);
    let all: Vec<String> = std::fs::read_dir(&pages)
        .expect("a directory")
        .map(|entry| {
            entry
                .expect("a file")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    for name in [
        "attendium.1",
        "attendium-query.1",
        "attendium-sandbox-run.1",
    ] {
        assert!(all.contains(&name.to_owned()), "{name} is not in {all:?}");
        let page = std::fs::read_to_string(format!("{pages}/{name}")).expect("a page");
        let title = name.trim_end_matches(".1");
        let heading = format!(".TH {title} 1  \"attendium {}\"", env!("CARGO_PKG_VERSION"));
        assert!(page.contains(&heading), "{heading}: {page}");
        assert!(!page.contains("help(1)"), "{page}");
    }
    assert!(!all.iter().any(|name| name.contains("help")), "{all:?}");
}

#[test]
fn every_command_has_json() {
    let home = Home::new();
    let document = json(&home.run(&["man", "--out", &home.file("pages"), "--json"]));
    assert!(document["out"].is_string());
    // Its own list says which commands there are.
    let help = home.run(&["--help"]).stdout;
    let commands = help.split("Commands:").nth(1).expect("commands");
    let commands = commands.split("\n\n").next().expect("a list");
    let mut seen = 0;
    for line in commands
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
    {
        let name = line.split_whitespace().next().expect("a name");
        let arguments: &[&str] = match name {
            "help" => continue,
            "schema" => &["schema", "pull", "--help"],
            name => &[name, "--help"],
        };
        let shown = home.run(arguments);
        assert!(shown.stdout.contains("--json"), "{name} has no --json");
        seen += 1;
    }
    assert!(seen >= 13, "{seen} of them: {help}");
}
