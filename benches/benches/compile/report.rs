//! What the run found: a table, and the ratios beside the bars. Enter at [`Report`].

use std::fmt::Write;
use std::path::Path;

use crate::measure::Measured;

#[derive(Default)]
pub struct Report {
    costs: Vec<(String, &'static str, Measured)>,
    lines: Vec<(String, &'static str, usize)>,
    numbers: Vec<(String, f64, Option<f64>)>,
    bars: Vec<Bar>,
}

/// What one of the works must reach.
pub struct Bar {
    work: String,
    ours: &'static str,
    kind: Kind,
}

enum Kind {
    /// At least so many times less time than the other.
    Ratio(&'static str, f64),
    /// At least so many times fewer lines than the other.
    Lines(&'static str, f64),
    Seconds(f64),
    Megabytes(f64),
}

impl Bar {
    pub fn ratio(work: &str, ours: &'static str, other: &'static str, at_least: f64) -> Self {
        Self::new(work, ours, Kind::Ratio(other, at_least))
    }

    pub fn lines(work: &str, ours: &'static str, other: &'static str, at_least: f64) -> Self {
        Self::new(work, ours, Kind::Lines(other, at_least))
    }

    pub fn seconds(work: &str, ours: &'static str, at_most: f64) -> Self {
        Self::new(work, ours, Kind::Seconds(at_most))
    }

    pub fn megabytes(work: &str, ours: &'static str, at_most: f64) -> Self {
        Self::new(work, ours, Kind::Megabytes(at_most))
    }

    fn new(work: &str, ours: &'static str, kind: Kind) -> Self {
        Self {
            work: work.to_owned(),
            ours,
            kind,
        }
    }
}

impl Report {
    pub fn add(&mut self, work: &str, peer: &'static str, cost: Measured) {
        println!(
            "{work}: {peer}: {:.3} s, {:.0} MB, least of {}",
            cost.seconds(),
            cost.megabytes(),
            cost.times
        );
        self.costs.push((work.to_owned(), peer, cost));
    }

    pub fn lines(&mut self, work: &str, peer: &'static str, lines: usize) {
        self.lines.push((work.to_owned(), peer, lines));
    }

    /// A number that stands for itself, and what it may be at most.
    pub fn number(&mut self, what: &str, number: f64, at_most: Option<f64>) {
        self.numbers.push((what.to_owned(), number, at_most));
    }

    pub fn bar(&mut self, bar: Bar) {
        self.bars.push(bar);
    }

    fn cost(&self, work: &str, peer: &str) -> Option<Measured> {
        self.costs
            .iter()
            .find(|(of, who, _)| of == work && *who == peer)
            .map(|(.., cost)| *cost)
    }

    fn count(&self, work: &str, peer: &str) -> Option<f64> {
        self.lines
            .iter()
            .find(|(of, who, _)| of == work && *who == peer)
            .map(|(.., lines)| *lines as f64)
    }

    fn text(&self) -> String {
        let mut out = String::from("| work | by | CPU time | peak memory |\n|---|---|---:|---:|\n");
        for (work, peer, cost) in &self.costs {
            let _ = writeln!(
                out,
                "| {work} | {peer} | {:.3} s | {:.0} MB |",
                cost.seconds(),
                cost.megabytes()
            );
        }
        if !self.lines.is_empty() {
            out.push_str("\n| work | by | lines |\n|---|---|---:|\n");
            for (work, peer, lines) in &self.lines {
                let _ = writeln!(out, "| {work} | {peer} | {lines} |");
            }
        }
        out.push_str("\n| work | by | against | is | bar | |\n|---|---|---|---:|---:|---|\n");
        for bar in &self.bars {
            let Some((against, is, limit, reached)) = self.judge(bar) else {
                continue;
            };
            let verdict = if reached { "reached" } else { "**missed**" };
            let _ = writeln!(
                out,
                "| {} | {} | {against} | {is} | {limit} | {verdict} |",
                bar.work, bar.ours
            );
        }
        for (what, number, at_most) in &self.numbers {
            let (limit, verdict) = match at_most {
                Some(limit) if number <= limit => (format!("at most {limit}"), "reached"),
                Some(limit) => (format!("at most {limit}"), "**missed**"),
                None => (String::new(), ""),
            };
            let _ = writeln!(
                out,
                "| {what} | attendium | | {number:.2} | {limit} | {verdict} |"
            );
        }
        out
    }

    fn judge(&self, bar: &Bar) -> Option<(&'static str, String, String, bool)> {
        let cost = || self.cost(&bar.work, bar.ours);
        Some(match bar.kind {
            Kind::Ratio(other, limit) => {
                let ratio = self.cost(&bar.work, other)?.seconds() / cost()?.seconds();
                (
                    other,
                    format!("{ratio:.2} ×"),
                    format!("{limit:.2} ×"),
                    ratio >= limit,
                )
            }
            Kind::Lines(other, limit) => {
                let ratio = self.count(&bar.work, other)? / self.count(&bar.work, bar.ours)?;
                (
                    other,
                    format!("{ratio:.2} ×"),
                    format!("{limit:.2} ×"),
                    ratio >= limit,
                )
            }
            Kind::Seconds(limit) => {
                let time = cost()?.seconds();
                (
                    "",
                    format!("{time:.3} s"),
                    format!("at most {limit} s"),
                    time <= limit,
                )
            }
            Kind::Megabytes(limit) => {
                let memory = cost()?.megabytes();
                (
                    "",
                    format!("{memory:.0} MB"),
                    format!("at most {limit} MB"),
                    memory <= limit,
                )
            }
        })
    }

    pub fn print(&self) {
        println!("\n{}", self.text());
    }

    /// Writes `benches/COMPILE.md`.
    pub fn write(&self) {
        let text = format!(
            "# What compiling costs, beside the peers\n\n\
             Made by `cargo bench -p attendium-benches --features compile --bench compile`, which repeats it. {} Times are those of the processor in all processes, \
             the least of two to nine runs, and where rustc is measured programs take turns; memory is the most that one process had. Dependencies are built before, and incremental compilation is \
             off but after an edit. attendium is taken without its session, as graphql_client comes without an HTTP client. Operations are invented over GitHub's schema (64,310 lines), 64 lines each, the same for all.\n\n{}",
            machine(),
            self.text()
        );
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("COMPILE.md");
        std::fs::write(&path, text).expect("writes the record");
        println!("recorded in {}", path.display());
    }
}

fn machine() -> String {
    format!(
        "{}, graphql_client 0.16.0, cynic 3.14.0, relay-compiler 21.0.1, attendium {}.",
        attendium_benches::record::machine(),
        env!("CARGO_PKG_VERSION"),
    )
}
