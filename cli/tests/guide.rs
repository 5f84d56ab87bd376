//! The guide's `console` blocks: each command runs and prints what its page says.
//!
//! A page has a directory of its own, with the guide's schema and the files that it shows before
//! (blocks that begin with `# queries/me.graphql`), and a local Attendium, on which a scripted user
//! logs in. `[..]` stands for what changes within a line, a line `...` for any lines.
//! `UPDATE_GOLDENS=1` writes what is printed into the pages.
#![cfg(unix)]

use attendium_sandbox::Sandbox;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

const ATTENDIUM: &str = env!("CARGO_BIN_EXE_attendium");

fn guide() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/guide/src")
}

#[test]
fn every_command_of_the_guide_prints_what_its_page_says() {
    let mut pages = Vec::new();
    find_pages(&guide(), &mut pages);
    pages.sort();
    let mut commands = 0;
    let mut wrong = String::new();
    for page in pages {
        let text = std::fs::read_to_string(&page).expect("a page is text");
        let (now, ran) = play(&text);
        commands += ran;
        if now == text {
            continue;
        }
        if std::env::var_os("UPDATE_GOLDENS").is_some() {
            std::fs::write(&page, &now).expect("the page can be written");
        } else {
            let _ = writeln!(
                wrong,
                "{}:\n{}",
                page.display(),
                first_difference(&text, &now)
            );
        }
    }
    assert!(
        wrong.is_empty(),
        "UPDATE_GOLDENS=1 writes what is printed now:\n{wrong}"
    );
    assert!(commands > 15, "only {commands} commands were found");
}

#[test]
fn another_output_is_found_and_what_changes_is_left_open() {
    let page = "```console\n$ printf 'one 17\\ntwo\\nthree\\n'\none [..]\n...\nthree\n```\n";
    assert_eq!(play(page), (page.to_owned(), 1));
    let wrong = page.replace("three\n```", "four\n```");
    let (now, _) = play(&wrong);
    assert_eq!(
        now,
        "```console\n$ printf 'one 17\\ntwo\\nthree\\n'\none 17\ntwo\nthree\n```\n"
    );
}

#[test]
fn a_page_finds_its_files_and_shows_an_exit_code() {
    let page = "```graphql\n# queries/a.graphql\nquery A { me { id } }\n```\n\n```console\n\
                $ cat queries/a.graphql; exit 3\n# queries/a.graphql\nquery A { me { id } }\n\
                [exit code 3]\n```\n";
    assert_eq!(play(page), (page.to_owned(), 1));
}

/// The page with what its commands print now where that differs, and how many commands it has.
fn play(text: &str) -> (String, usize) {
    let mut stage = None;
    let (mut page, mut commands) = (String::new(), 0);
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        push(&mut page, line);
        let Some(language) = line.strip_prefix("```") else {
            continue;
        };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        let stage = stage.get_or_insert_with(Stage::new);
        if language == "console" {
            commands += stage.play_block(&block, &mut page);
        } else {
            stage.write_file(&block);
            block.iter().for_each(|line| push(&mut page, line));
        }
        push(&mut page, "```");
    }
    (page, commands)
}

fn push(page: &mut String, line: &str) {
    page.push_str(line);
    page.push('\n');
}

/// Where a page's commands run.
struct Stage {
    directory: tempfile::TempDir,
    sandbox: Sandbox,
}

impl Stage {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let directory = tempfile::tempdir().expect("a directory");
        let schema = guide().join("../schema.graphql");
        std::fs::copy(schema, directory.path().join("schema.graphql")).expect("a schema");
        Self {
            directory,
            sandbox: runtime
                .expect("a runtime")
                .block_on(Sandbox::start())
                .expect("a sandbox"),
        }
    }

    /// Runs the commands of a block, and adds them with what they print to the page.
    fn play_block(&self, block: &[&str], page: &mut String) -> usize {
        let mut commands = 0;
        let mut rest = block;
        while let Some(first) = rest.first() {
            let mut command = first
                .strip_prefix("$ ")
                .unwrap_or_else(|| panic!("a console block begins with `$ `, not with `{first}`"))
                .to_owned();
            push(page, first);
            rest = &rest[1..];
            while command.ends_with('\\') {
                push(page, rest[0]);
                command = format!("{command}\n{}", rest[0].trim_start_matches("> "));
                rest = &rest[1..];
            }
            let shown_lines = rest
                .iter()
                .take_while(|line| !line.starts_with("$ "))
                .count();
            let (shown, others) = rest.split_at(shown_lines);
            rest = others;
            let printed = self.run(&command);
            let printed: Vec<&str> = printed.lines().collect();
            let lines = if fits(shown, &printed) {
                shown
            } else {
                &printed
            };
            lines.iter().for_each(|line| push(page, line));
            commands += 1;
        }
        commands
    }

    /// What a command prints on both streams, and how it ends where that is no success.
    fn run(&self, command: &str) -> String {
        let home = self.directory.path();
        let programs = Path::new(ATTENDIUM)
            .parent()
            .expect("a directory")
            .display()
            .to_string();
        let path = std::env::var("PATH").unwrap_or_default();
        let mut shell = Command::new("sh");
        shell
            .args(["-c", &format!("exec 2>&1\n{command}")])
            .current_dir(home);
        for variable in [
            "ATTENDIUM_PROFILE",
            "ATTENDIUM_TOKEN",
            "ATTENDIUM_CLIENT_ID",
        ] {
            shell.env_remove(variable);
        }
        let output = shell
            .env("PATH", format!("{programs}:{path}"))
            .env("HOME", home)
            .env("XDG_STATE_HOME", home.join(".state"))
            .env("ATTENDIUM_STORE", "file")
            .env("ATTENDIUM_BASE_URL", self.sandbox.base_url())
            .env("BROWSER", format!("{ATTENDIUM} sandbox browse"))
            .output()
            .expect("a shell");
        let mut printed = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            let code = output.status.code().unwrap_or(-1);
            let _ = writeln!(printed, "[exit code {code}]");
        }
        let directory = home.display().to_string();
        printed
            .replace(&directory, "/home/emma")
            .replace(self.sandbox.base_url(), "http://127.0.0.1:4711")
    }

    /// Writes a file that a page shows: its first line is a comment with the path.
    fn write_file(&self, block: &[&str]) {
        let name = block.first().and_then(|first| {
            first
                .strip_prefix("# ")
                .or_else(|| first.strip_prefix("// "))
        });
        let Some(name) = name.filter(|name| !name.contains(' ') && name.contains('.')) else {
            return;
        };
        let path = self.directory.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
        std::fs::write(path, format!("{}\n", block.join("\n"))).expect("a file");
    }
}

/// Whether what a page shows stands for what was printed.
fn fits(shown: &[&str], printed: &[&str]) -> bool {
    match shown {
        [] => printed.is_empty(),
        ["...", rest @ ..] => (0..=printed.len()).any(|left_out| fits(rest, &printed[left_out..])),
        [line, rest @ ..] => printed
            .split_first()
            .is_some_and(|(first, printed)| line_fits(line, first) && fits(rest, printed)),
    }
}

fn line_fits(shown: &str, printed: &str) -> bool {
    let mut parts = shown.split("[..]");
    let begin = parts.next().unwrap_or_default();
    let Some(mut rest) = printed.strip_prefix(begin) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((end, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in middle {
        let Some((_, after)) = rest.split_once(part) else {
            return false;
        };
        rest = after;
    }
    rest.ends_with(end)
}

fn first_difference(page: &str, now: &str) -> String {
    let pairs = page.lines().zip(now.lines()).enumerate();
    let different = pairs
        .into_iter()
        .find(|(_, (shown, printed))| shown != printed);
    different.map_or_else(
        || "the page has more lines, or fewer".into(),
        |(index, (shown, printed))| {
            format!(
                "  line {}\n  the page:  {shown}\n  the command: {printed}",
                index + 1
            )
        },
    )
}

fn find_pages(directory: &Path, pages: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory)
        .expect("the guide's pages")
        .flatten()
    {
        let path = entry.path();
        if path.is_dir() {
            find_pages(&path, pages);
        } else if path.extension().is_some_and(|ending| ending == "md") {
            pages.push(path);
        }
    }
}
