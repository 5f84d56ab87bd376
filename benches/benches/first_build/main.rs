//! The first build of the README's application, and of the same made with its peers.
//!
//! ```sh
//! cargo bench -p attendium-benches --features compile --bench first_build
//! ```
//!
//! It writes `benches/FIRST_BUILD.md`, in about ten minutes. The applications stand in
//! `benches/first-build/`. What is measured is the processor's time of `cargo build` and all that
//! it starts, from an empty target directory: the least of the rounds in which they take turns.

#![allow(missing_docs)]

#[allow(dead_code)] // What one program costs by itself, and its memory.
#[path = "../compile/measure.rs"]
mod measure;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use attendium_benches::record::{Record, asked, machine};
use measure::{Measured, fail, prepare};

const APPLICATIONS: [&str; 5] = [
    "attendium",
    "attendium-session",
    "attendium-committed",
    "graphql-client",
    "cynic",
];

/// Ours may cost this much of the faster peer's time.
const AIM: f64 = 0.8;

fn main() {
    if !asked() {
        return;
    }
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = here.join("first-build/Cargo.toml");
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| here.join("../target"), PathBuf::from)
        .join("first-build");
    let mut fetch = Command::new("cargo");
    fetch.args(["fetch", "--locked", "--manifest-path"]);
    fetch.arg(&manifest);
    prepare(fetch);

    write_committed(here);
    let empty = || {
        if target.exists() {
            std::fs::remove_dir_all(&target).expect("an empty target directory");
        }
    };
    let commands = APPLICATIONS.map(|name| {
        let (manifest, target) = (&manifest, &target);
        move || build(name, manifest, target)
    });
    let measured = Measured::of_each(empty, commands.each_ref().map(|command| command as _));
    empty();

    let mut record = Record::default();
    for (name, measured) in APPLICATIONS.into_iter().zip(measured) {
        let crates = crates(name, &manifest);
        record.figure(
            name,
            &format!("{:.1} s, {crates} crates", measured.seconds()),
        );
    }
    let [ours, session, committed, peers @ ..] = measured.map(|measured| measured.seconds());
    let faster = peers.into_iter().fold(f64::MAX, f64::min);
    for (name, peer) in ["graphql_client", "cynic"].into_iter().zip(peers) {
        for (what, ours) in [
            ("first build", ours),
            ("first build with a build script", session),
            ("first build with committed code", committed),
        ] {
            // Only the faster one is aimed at.
            let aim = if peer > faster { 1.0 } else { 1.0 / AIM };
            let ratio = peer / ours;
            record.bar(
                &format!("{what} against {name}"),
                &format!("{ratio:.2}"),
                &format!("{aim}"),
                ratio >= aim,
            );
        }
    }
    record.write(
        "FIRST_BUILD.md",
        &format!(
            "# The first build of an application\n\n\
             Written by `cargo bench -p attendium-benches --features compile --bench first_build`, \
             on {}.\n\n\
             The README's application, which has the macro and all default features; the same \
             with a build script and the\nfeature `session` alone, as `attendium new` makes it; \
             and with code that the command generated, so that it\ncompiles no compiler. Beside \
             them the same made with graphql_client 0.16.0 and with cynic 3.14.0, each with\n\
             reqwest and a login by the crate oauth2: `benches/first-build/`. All have the same \
             TLS (rustls on ring) and\nthe same version of each crate that they share. The peers' \
             login neither registers nor refreshes nor keeps\na token. Each is built by `cargo \
             build --offline` in the dev profile, without incremental compilation, from an\nempty \
             target directory. A time is the processor's, of all processes, the least of {} rounds \
             in turns. A ratio\nis how many times as long the peer takes.\n",
            machine(),
            measured.map(|measured| measured.times)[0],
        ),
    );
}

/// What the command would have written into the application whose code is committed.
fn write_committed(here: &Path) {
    let output = attendium_codegen::build()
        .schema("../schema/attendium.graphql")
        .operations("first-build/graphql-client/tonight.graphql")
        .compile_in(here)
        .0;
    assert!(!output.has_errors(), "{:?}", output.diagnostics);
    let path = here.join("first-build/attendium-committed/queries.rs");
    std::fs::write(path, output.code).expect("the code is written");
}

fn build(name: &str, manifest: &Path, target: &Path) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--offline", "--locked", "-p"]);
    cargo.arg(format!("first-build-{name}"));
    cargo.arg("--manifest-path").arg(manifest);
    cargo.arg("--target-dir").arg(target);
    // Only crates of the workspace would be compiled in that way, and ours is one here.
    cargo.env("CARGO_INCREMENTAL", "0");
    // Those of `cargo bench` itself.
    cargo.env_remove("RUSTFLAGS");
    cargo
}

/// How many crates an application is made of, those of its build included.
fn crates(name: &str, manifest: &Path) -> usize {
    let mut tree = Command::new("cargo");
    tree.args(["tree", "--offline", "--locked", "--prefix", "none"]);
    tree.args(["-e", "normal,build", "--format", "{p}", "--manifest-path"]);
    tree.arg(manifest);
    tree.args(["-p", &format!("first-build-{name}")]);
    let output = tree.output().expect("cargo starts");
    if !output.status.success() {
        fail(&String::from_utf8_lossy(&output.stderr));
    }
    String::from_utf8_lossy(&output.stdout)
        .lines()
        // A proc-macro and a path are said behind the version.
        .map(|line| line.split(" (").next().unwrap_or(line).to_owned())
        .collect::<BTreeSet<_>>()
        .len()
}
