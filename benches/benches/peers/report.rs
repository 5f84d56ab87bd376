//! What the run found: a table beside the bars, as text, as Markdown and as a chart.

use std::fmt::Write;
use std::path::{Path, PathBuf};

/// The functions that are compared: as criterion knows them, and their colours in the chart.
const PEERS: [(&str, &str); 10] = [
    ("attendium", "#2563eb"),
    ("serde_json by hand", "#9ca3af"),
    ("graphql_client", "#d97706"),
    ("cynic", "#b91c1c"),
    ("bluejay-typegen", "#0d9488"),
    ("sonic-rs", "#7c3aed"),
    ("simd-json", "#a16207"),
    ("memcpy (limit)", "#4b5563"),
    ("UTF-8 check (limit)", "#4b5563"),
    ("structural scan (limit)", "#4b5563"),
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

/// Where our reader's order does not help it.
const fn reordered(group: &'static str, other: &'static str) -> Bar {
    bar(group, "attendium", other, 1.0)
}

/// The aims of the performance policy (decision 0001), and for what it does not name, to be no
/// slower than a peer.
const BARS: [Bar; 24] = [
    bar("decode 100 KB", "attendium", "graphql_client", 3.0),
    bar("decode 100 KB", "attendium", "cynic", 4.5),
    bar("decode 100 KB", "attendium", "serde_json by hand", 2.5),
    bar("decode 100 KB", "attendium", "bluejay-typegen", 1.0),
    bar("decode 100 KB", "attendium", "sonic-rs", 1.0),
    bar("decode 100 KB", "attendium", "simd-json", 1.0),
    bar("decode 2 MB", "attendium", "graphql_client", 3.0),
    bar("decode 2 MB", "attendium", "cynic", 4.5),
    bar("decode 2 MB", "attendium", "serde_json by hand", 2.5),
    bar("decode 2 MB", "attendium", "bluejay-typegen", 1.0),
    bar("decode 2 MB", "attendium", "sonic-rs", 1.0),
    bar("decode 2 MB", "attendium", "simd-json", 1.0),
    reordered("decode 100 KB, keys in another order", "graphql_client"),
    reordered("decode 100 KB, keys in another order", "bluejay-typegen"),
    reordered("decode 100 KB, keys in another order", "serde_json by hand"),
    reordered("decode 100 KB, keys in another order", "sonic-rs"),
    reordered("decode 100 KB, keys in another order", "simd-json"),
    reordered("decode 2 MB, keys in another order", "graphql_client"),
    reordered("decode 2 MB, keys in another order", "bluejay-typegen"),
    reordered("decode 2 MB, keys in another order", "serde_json by hand"),
    reordered("decode 2 MB, keys in another order", "sonic-rs"),
    reordered("decode 2 MB, keys in another order", "simd-json"),
    bar("request body", "attendium", "graphql_client", 1.0),
    bar("request body", "attendium", "cynic", 1.0),
];

/// How each function is set up.
const SETUP: &str = "\
All read the same bytes in memory into structs that own their strings, and free them; before anything
is timed, what they read is compared. Everything is built by the bench profile for any processor of the
architecture.

- attendium, graphql_client and cynic read `benches/queries/repository_issues.graphql` over
  `benches/schema.graphql`: cynic by derives written by hand, the others by what they generate.
- bluejay-typegen takes neither a spread beside fields nor a fragment on an interface. It reads the
  nearest document, with the fragments' fields in their places, over a schema with a union in place of
  the interface (`benches/benches/peers/bluejay*.graphql`). It has no request body.
- graphql_client, cynic and bluejay-typegen read by `serde_json::from_slice`.
- `serde_json by hand`, sonic-rs and simd-json read into the same structs, written by hand with serde's
  derives (`benches/benches/peers/by_hand.rs`). simd-json writes into the text, so it copies the answer
  into a buffer that it keeps; it chooses its instructions when it runs. sonic-rs chooses them when it
  is built, and asks for `-C target-cpu=native`, which this is not: `benches/NOTES.md` has both so.
- attendium keeps ids of up to 23 bytes in their place; all other strings of all readers are
  `String`s.
- Limits, which read nothing: memcpy into memory of its own, the check of UTF-8 by simdutf8, and a scan
  that counts the quotes, backslashes, brackets, colons and commas, 16 bytes at a time.

";

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
    out.push_str(SETUP);
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
    let peers = [
        "graphql_client",
        "cynic",
        "bluejay-typegen",
        "serde_json",
        "sonic-rs",
        "simd-json",
    ];
    format!(
        "{}, {}, attendium {}. Each time is the fastest of 80 samples, in four rounds in which the functions take turns, on the thread's own clock.",
        attendium_benches::record::machine(),
        peers.map(attendium_benches::record::locked).join(", "),
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
        let times = || {
            group
                .times
                .iter()
                .filter(|(peer, ..)| !peer.ends_with("(limit)"))
        };
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
