//! Records of what was measured: a table beside its bars, written by the bench that measured it,
//! with what it ran on. Figures that are copied by hand are soon those of another day.

use std::fmt::Write;
use std::path::Path;

/// A table of figures, of which some have a bar.
#[derive(Default)]
pub struct Record(String);

impl Record {
    /// A figure that says something about the others.
    pub fn figure(&mut self, what: &str, figure: &str) {
        self.row(what, figure, "", "");
    }

    /// A figure with its bar.
    pub fn bar(&mut self, what: &str, figure: &str, bar: &str, reached: bool) {
        let verdict = if reached { "reached" } else { "**missed**" };
        self.row(what, figure, bar, verdict);
    }

    fn row(&mut self, what: &str, figure: &str, bar: &str, verdict: &str) {
        // A text can't refuse to be written to.
        let _ = writeln!(self.0, "| {what} | {figure} | {bar} | {verdict} |");
    }

    /// Prints the table, and writes it below the text into a file of `benches/`.
    ///
    /// # Panics
    /// The file can't be written.
    pub fn write(&self, file: &str, text: &str) {
        let table = format!("| what | figure | bar | |\n|---|---:|---:|---|\n{}", self.0);
        println!("{table}");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        std::fs::write(&path, format!("{text}\n{table}")).expect("writes the record");
        println!("recorded in {}", path.display());
    }
}

/// The machine and the compiler: what a figure means nothing without.
#[must_use]
pub fn machine() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split(':').nth(1))
        .unwrap_or("an unknown processor")
        .trim();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let rustc = std::process::Command::new("rustc")
        .arg("--version")
        .output();
    let rustc = rustc.map_or_else(
        |_| "rustc of unknown version".to_owned(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    );
    format!(
        "{model}, {cores} cores, {} {}, {rustc}",
        std::env::consts::OS,
        std::env::consts::ARCH,
    )
}

/// A dependency and its version, as the lock file has it.
#[must_use]
pub fn locked(name: &str) -> String {
    let lock = include_str!("../../Cargo.lock");
    let version = lock
        .split_once(&format!("\nname = \"{name}\"\nversion = \""))
        .and_then(|(_, rest)| rest.split('"').next());
    format!("{name} {}", version.unwrap_or("of unknown version"))
}

/// Whether a bench without parts is meant by these arguments: `cargo bench -- decode` asks another
/// one.
#[must_use]
pub fn asked() -> bool {
    !std::env::args()
        .skip(1)
        .any(|argument| !argument.starts_with('-'))
}
