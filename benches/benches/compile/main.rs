//! What compiling costs: rustc on generated code, and generating it, with the peers over the same
//! operations and GitHub's schema.
//!
//! ```sh
//! cargo bench -p attendium-benches --features compile --bench compile
//! cargo bench -p attendium-benches --features compile --bench compile -- check generate
//! ```
//!
//! The first takes all parts and writes `benches/COMPILE.md`. The second takes some of `check`,
//! `edit`, `build`, `lines` and `generate`, and only prints.
//!
//! It takes a while, most of it in the peers. It needs the corpora beside the repository, node and
//! npm. The operations are made by [`operations`], the crates that are compiled stand in
//! `benches/compile/`. What is measured is the processor's time in all processes, the least of
//! several runs, with all dependencies built before.

#![allow(missing_docs)]

mod measure;
mod operations;
mod projects;
mod report;

use std::path::PathBuf;
use std::process::Command;

use measure::{Measured, prepare};
use projects::Projects;
use report::{Bar, Report};

const PARTS: [&str; 5] = ["generate", "lines", "check", "edit", "build"];

fn main() {
    let asked: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    // `cargo bench -- decode` asks another bench.
    let wanted = |part: &str| asked.is_empty() || asked.iter().any(|asked| asked == part);
    if !PARTS.into_iter().any(wanted) {
        return;
    }
    let projects = Projects::new();
    let mut report = Report::default();
    println!("building the generators");
    projects.generators();
    if wanted("generate") {
        generate(&projects, &mut report);
    }
    if wanted("lines") {
        lines(&projects, &mut report);
    }
    if wanted("check") {
        check(&projects, &mut report);
    }
    if wanted("edit") {
        edit(&projects, &mut report);
    }
    if wanted("build") {
        build(&projects, &mut report);
    }
    report.print();
    if asked.is_empty() {
        report.write();
    }
}

/// From schema and documents to code: validated by us and by relay-compiler, not by graphql_client.
fn generate(projects: &Projects, report: &mut Report) {
    for release in [true, false] {
        let how = if release { "release" } else { "opt-level 0" };
        let mut ours = Vec::new();
        for count in [10, 100, 500] {
            let documents = projects.documents(count);
            let out = projects.out("ours");
            let cache = out.join("queries.rs.cache");
            let work = format!("generate, {count} operations, {how}");
            let whole = Measured::of(
                || drop(std::fs::remove_file(&cache)),
                || projects.ours(release, &documents, &out),
            );
            report.add(&work, "attendium", whole);
            ours.push(whole);
            report.add(
                &work,
                "graphql_client",
                Measured::of(
                    || (),
                    || {
                        let mut command = projects.generator("generate-graphql-client", release);
                        command.arg(projects.schema_file()).arg(&documents);
                        command
                    },
                ),
            );
            if release {
                report.add(&work, "relay-compiler", relay(projects, count));
            }
            if count == 500 {
                let edited = edited(projects, release, &documents, &out);
                let work = format!("generate, 1 of {count} operations changed, {how}");
                report.add(&work, "attendium", edited);
                if release {
                    report.bar(Bar::ratio(
                        &format!("generate, 500 operations, {how}"),
                        "attendium",
                        "relay-compiler",
                        1.0 / 0.7,
                    ));
                } else {
                    report.bar(Bar::ratio(
                        &format!("generate, 500 operations, {how}"),
                        "attendium",
                        "graphql_client",
                        1.0,
                    ));
                    report.bar(Bar::seconds(&work, "attendium", 0.3));
                }
                report.bar(Bar::megabytes(
                    &format!("generate, 500 operations, {how}"),
                    "attendium",
                    150.0,
                ));
            }
        }
        // Each of the last 400 operations may cost no more than each of the 90 before.
        let each = |from: usize, to: usize, count: f64| {
            (ours[to].seconds() - ours[from].seconds()) / count
        };
        report.number(
            &format!(
                "linear, {how}: time of each operation from 100 to 500, to that from 10 to 100"
            ),
            each(1, 2, 400.0) / each(0, 1, 90.0),
            Some(1.3),
        );
    }
}

/// Our generator after an edit of one document, with what it kept of the others.
fn edited(
    projects: &Projects,
    release: bool,
    documents: &std::path::Path,
    out: &std::path::Path,
) -> Measured {
    let path = documents.join("Op0007.graphql");
    let text = std::fs::read_to_string(&path).expect("the operation");
    let round = std::cell::Cell::new(0);
    let measured = Measured::of(
        || {
            round.set(round.get() + 1);
            let edit = format!("# {}\n{text}", round.get());
            std::fs::write(&path, edit).expect("the edit");
        },
        || projects.ours(release, documents, out),
    );
    std::fs::write(&path, text).expect("the operation");
    measured
}

fn relay(projects: &Projects, count: usize) -> Measured {
    let directory = projects.relay(count);
    Measured::of(
        || drop(std::fs::remove_dir_all(&directory)),
        || {
            std::fs::create_dir_all(&directory).expect("the artifacts");
            projects.relay_command(count)
        },
    )
}

/// Lines of code without comments and empty lines, of both as rustfmt writes them.
fn lines(projects: &Projects, report: &mut Report) {
    let documents = projects.documents(100);
    let out = projects.out("lines");
    prepare(projects.ours(true, &documents, &out));
    let theirs = out.join("graphql-client.rs");
    let mut command = projects.generator("generate-graphql-client", true);
    command
        .arg(projects.schema_file())
        .arg(&documents)
        .arg(&theirs);
    prepare(command);
    let work = "generated lines, 100 operations";
    let parts = std::fs::read_dir(out.join("queries.rs.parts")).expect("the code");
    let ours: Vec<PathBuf> = parts.map(|part| part.expect("a part").path()).collect();
    report.lines(work, "attendium", count_lines(&ours));
    report.lines(work, "graphql_client", count_lines(&[theirs]));
    report.bar(Bar::lines(work, "attendium", "graphql_client", 1.0 / 0.6));
}

fn count_lines(paths: &[PathBuf]) -> usize {
    let mut rustfmt = Command::new("rustfmt");
    rustfmt.args(["--edition", "2024"]).args(paths);
    prepare(rustfmt);
    let lines = |path: &PathBuf| {
        let text = std::fs::read_to_string(path).expect("the code");
        text.lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with("//"))
            .count()
    };
    paths.iter().map(lines).sum()
}

/// `cargo check` of a crate, from scratch.
fn check(projects: &Projects, report: &mut Report) {
    let cargo = |name: &str| {
        let mut cargo = projects.cargo("check", "dev");
        cargo.args(["-p", &format!("compile-{name}")]);
        cargo
    };
    let derived = "cargo check, 100 operations, Debug + Clone + PartialEq";
    let bare = "cargo check, 100 operations, nothing derived";
    projects.fill(100);
    for (work, suffix) in [(derived, ""), (bare, "-bare")] {
        let (ours, theirs) = (format!("ours{suffix}"), format!("graphql-client{suffix}"));
        let crates = [("attendium", &*ours), ("graphql_client", &*theirs)];
        from_scratch(projects, report, work, crates, cargo);
    }
    report.bar(Bar::ratio(derived, "attendium", "graphql_client", 5.0));
    report.bar(Bar::ratio(bare, "attendium", "graphql_client", 5.0));
    projects.fill(10);
    projects.fill_cynic();
    let work = "cargo check, 10 operations";
    let crates = [
        ("attendium", "ours"),
        ("graphql_client", "graphql-client"),
        ("cynic with rkyv", "cynic-rkyv"),
        ("cynic", "cynic"),
    ];
    from_scratch(projects, report, work, crates, cargo);
    report.bar(Bar::ratio(work, "attendium", "cynic with rkyv", 1.0));
    report.bar(Bar::ratio(work, "attendium", "cynic", 20.0));
}

/// Crates, each with whose it is, compiled in turns with all else built.
fn from_scratch<const N: usize>(
    projects: &Projects,
    report: &mut Report,
    work: &str,
    crates: [(&'static str, &str); N],
    cargo: impl Fn(&str) -> Command,
) {
    let touch = || crates.iter().for_each(|(_, name)| projects.touch(name));
    in_turns(report, work, crates, touch, cargo);
}

/// Crates compiled in turns, each once before what is measured.
fn in_turns<const N: usize>(
    report: &mut Report,
    work: &str,
    crates: [(&'static str, &str); N],
    before: impl Fn(),
    cargo: impl Fn(&str) -> Command,
) {
    for (_, name) in crates {
        prepare(cargo(name));
    }
    let commands = crates.map(|(_, name)| {
        let cargo = &cargo;
        move || cargo(name)
    });
    let measured = Measured::of_each(before, commands.each_ref().map(|command| command as _));
    for ((by, _), measured) in crates.into_iter().zip(measured) {
        report.add(work, by, measured);
    }
}

/// `cargo check` after an edit of one operation, as a developer has it: incremental, our build
/// script and its second compilation included.
fn edit(projects: &Projects, report: &mut Report) {
    let work = "cargo check after an edit of one of 100 operations";
    let operations = projects.operations(100);
    projects.fill(100);
    let cargo = |name: &str| {
        let mut cargo = projects.cargo("check", "dev");
        cargo.args(["-p", &format!("compile-{name}")]);
        cargo.env("CARGO_INCREMENTAL", "1");
        cargo
    };
    let round = std::cell::Cell::new(0);
    let before = || {
        // Each time another than the last one of the same crate.
        projects.edit(&operations, round.get() % 5);
        round.set(round.get() + 1);
    };
    let crates = [("attendium", "ours"), ("graphql_client", "graphql-client")];
    in_turns(report, work, crates, before, cargo);
    projects.fill(100);
    report.bar(Bar::ratio(work, "attendium", "graphql_client", 3.5));
}

/// `cargo build` of a crate, from scratch, in which each operation is used: a request body is
/// written and an answer is read.
fn build(projects: &Projects, report: &mut Report) {
    projects.fill(100);
    for (profile, work) in [
        ("dev", "dev build, 100 operations"),
        ("release", "release build, 100 operations"),
    ] {
        let cargo = |name: &str| {
            let mut cargo = projects.cargo("build", profile);
            cargo.args(["-p", &format!("compile-{name}"), "--features", "used"]);
            cargo
        };
        let crates = [("attendium", "ours"), ("graphql_client", "graphql-client")];
        from_scratch(projects, report, work, crates, cargo);
        report.bar(Bar::ratio(work, "attendium", "graphql_client", 4.0));
    }
}
