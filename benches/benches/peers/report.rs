//! What the run found: a table beside the bars, as text, as Markdown and as a chart.

use std::fmt::Write;
use std::path::{Path, PathBuf};

/// The functions that are compared: as criterion knows them, and their colours in the chart.
const PEERS: [(&str, &str); 5] = [
    ("attendium", "#2563eb"),
    ("serde_json by hand", "#9ca3af"),
    ("graphql_client", "#d97706"),
    ("cynic", "#b91c1c"),
    ("memcpy", "#4b5563"),
];

/// At least how many times as fast as another the one function must be.
struct Bar {
    group: &'static str,
    ours: &'static str,
    other: &'static str,
    ratio: f64,
}

const fn bar(group: &'static str, ours: &'static str, other: &'static str, ratio: f64) -> Bar {
    Bar {
        group,
        ours,
        other,
        ratio,
    }
}

/// The aims of the performance policy (decision 0001), and for what it does not name, to be no
/// slower than a peer.
const BARS: [Bar; 10] = [
    bar("decode 100 KB", "attendium", "graphql_client", 3.0),
    bar("decode 100 KB", "attendium", "cynic", 4.5),
    bar("decode 100 KB", "attendium", "serde_json by hand", 2.5),
    bar("decode 2 MB", "attendium", "graphql_client", 3.0),
    bar("decode 2 MB", "attendium", "cynic", 4.5),
    bar("decode 2 MB", "attendium", "serde_json by hand", 2.5),
    bar(
        "decode 100 KB, keys in another order",
        "attendium",
        "graphql_client",
        1.0,
    ),
    bar(
        "decode 2 MB, keys in another order",
        "attendium",
        "graphql_client",
        1.0,
    ),
    bar("request body", "attendium", "graphql_client", 1.0),
    bar("request body", "attendium", "cynic", 1.0),
];

/// One group of functions that do the same work: its name, the bytes of the work, and each
/// function's nanoseconds.
struct Group {
    name: String,
    bytes: usize,
    times: Vec<(&'static str, &'static str, f64)>,
}

/// Where criterion keeps the samples of each round.
pub fn rounds() -> [PathBuf; 4] {
    ["1", "2", "3", "4"].map(|round| samples().join(round))
}

/// Takes earlier runs away, so that no sample of theirs counts as one of this.
pub fn forget() {
    // Where there are none, there is nothing to take away.
    let _ = std::fs::remove_dir_all(samples());
}

fn samples() -> PathBuf {
    let program = std::env::current_exe().unwrap_or_default();
    program
        .ancestors()
        .nth(3)
        .unwrap_or(Path::new("target"))
        .join("criterion")
}

/// Prints the table, and writes `RESULTS.md` and `results.svg` if every function has run.
pub fn write(work: &[(String, usize)], sizes: &[(&str, usize)]) {
    let groups: Vec<Group> = work
        .iter()
        .map(|(name, bytes)| group(name, *bytes))
        .collect();
    let report = markdown(&groups, sizes);
    println!("{report}");
    if groups.iter().any(|group| group.times.len() < 4) {
        println!("Not everything has run, so nothing was written.");
        return;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (name, text) in [("RESULTS.md", report), ("results.svg", chart(&groups))] {
        match std::fs::write(folder.join(name), text) {
            Ok(()) => println!("wrote {}", folder.join(name).display()),
            Err(error) => println!("{}: {error}", folder.join(name).display()),
        }
    }
}

fn group(name: &str, bytes: usize) -> Group {
    let times = PEERS
        .iter()
        .filter_map(|(peer, colour)| Some((*peer, *colour, fastest(name, peer)?)))
        .collect();
    Group {
        name: name.to_owned(),
        bytes,
        times,
    }
}

/// The fastest sample of a function in all rounds, in nanoseconds an iteration.
fn fastest(group: &str, function: &str) -> Option<f64> {
    rounds()
        .iter()
        .filter_map(|round| fastest_of(&round.join(group).join(function)))
        .min_by(f64::total_cmp)
}

fn fastest_of(function: &Path) -> Option<f64> {
    let file = function.join("new/sample.json");
    let samples: serde_json::Value = serde_json::from_slice(&std::fs::read(file).ok()?).ok()?;
    let numbers = |key: &str| {
        samples.get(key)?.as_array().map(|list| {
            list.iter()
                .filter_map(serde_json::Value::as_f64)
                .collect::<Vec<_>>()
        })
    };
    let (iterations, times) = (numbers("iters")?, numbers("times")?);
    times
        .iter()
        .zip(&iterations)
        .map(|(time, iterations)| time / iterations)
        .min_by(f64::total_cmp)
}

fn time(groups: &[Group], group: &str, peer: &str) -> Option<f64> {
    let group = groups.iter().find(|candidate| candidate.name == group)?;
    group
        .times
        .iter()
        .find(|(name, ..)| *name == peer)
        .map(|(.., time)| *time)
}

fn markdown(groups: &[Group], sizes: &[(&str, usize)]) -> String {
    let mut out = String::from("# This client beside its peers\n\n");
    let _ = writeln!(
        out,
        "Made by `cargo bench -p attendium-benches`, which repeats it. {}\n",
        machine()
    );
    let _ = writeln!(
        out,
        "![chart](results.svg)\n\n| work | function | time | throughput |\n|---|---|---:|---:|"
    );
    for group in groups {
        for (peer, _, time) in &group.times {
            let shown = if *time < 10_000.0 {
                format!("{time:.0} ns")
            } else {
                format!("{:.1} µs", time / 1000.0)
            };
            let speed = group.bytes as f64 / time * 1000.0;
            let _ = writeln!(
                out,
                "| {} | {peer} | {shown} | {speed:.0} MB/s |",
                group.name
            );
        }
    }
    let _ = writeln!(
        out,
        "\n| work | function | against | ratio | bar | |\n|---|---|---|---:|---:|---|"
    );
    for Bar {
        group,
        ours,
        other,
        ratio,
    } in &BARS
    {
        let (Some(our_time), Some(their_time)) =
            (time(groups, group, ours), time(groups, group, other))
        else {
            continue;
        };
        let reached = their_time / our_time;
        let verdict = if reached >= *ratio {
            "reached"
        } else {
            "**missed**"
        };
        let _ = writeln!(
            out,
            "| {group} | {ours} | {other} | {reached:.2} | {ratio} | {verdict} |"
        );
    }
    let sizes: Vec<String> = sizes
        .iter()
        .map(|(name, bytes)| format!("{name} {bytes} bytes"))
        .collect();
    let _ = writeln!(out, "\nSizes: {}.", sizes.join(", "));
    out
}

/// What it ran on.
fn machine() -> String {
    format!(
        "{}, graphql_client 0.16.0, cynic 3.14.0, serde_json 1, attendium {}. Each time is the fastest of 80 samples, in four rounds in which the functions take turns, on the thread's own clock.",
        attendium_benches::record::machine(),
        env!("CARGO_PKG_VERSION"),
    )
}

/// Bars for each group: how many times as fast as the slowest peer there.
fn chart(groups: &[Group]) -> String {
    const LEFT: f64 = 170.0;
    const WIDTH: f64 = 480.0;
    const LINE: f64 = 20.0;
    let mut body = String::new();
    let mut y = 10.0;
    for group in groups {
        let _ = writeln!(
            body,
            r##"<text x="10" y="{:.0}" font-weight="bold">{}: MB/s</text>"##,
            y + 14.0,
            group.name
        );
        y += LINE + 4.0;
        let times = || group.times.iter().filter(|(peer, ..)| *peer != "memcpy");
        let best = times()
            .map(|(.., time)| *time)
            .min_by(f64::total_cmp)
            .unwrap_or(1.0);
        for (peer, colour, time) in times() {
            let width = (best / time * WIDTH).max(1.0);
            let speed = group.bytes as f64 / time * 1000.0;
            let _ = writeln!(
                body,
                r##"<text x="{:.0}" y="{:.0}" text-anchor="end">{peer}</text><rect x="{LEFT}" y="{:.0}" width="{width:.1}" height="{:.0}" fill="{colour}"/><text x="{:.0}" y="{:.0}">{speed:.0}</text>"##,
                LEFT - 8.0,
                y + 14.0,
                y + 2.0,
                LINE - 5.0,
                LEFT + width + 6.0,
                y + 14.0,
            );
            y += LINE;
        }
        y += 12.0;
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 720 {y:.0}\" font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"720\" height=\"{y:.0}\" fill=\"white\"/>\n{body}</svg>\n"
    )
}
