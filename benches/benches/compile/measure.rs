//! Programs, and what they cost: seconds of the processor, of all their children too, and the most memory that one of them had.
//!
//! Time on the wall says how busy the machine was. Enter at [`Measured::of`].

use std::process::{Command, Stdio};
use std::time::Duration;

use wait4::Wait4;

/// The least that a program was seen to cost.
#[derive(Debug, Clone, Copy)]
pub struct Measured {
    pub time: Duration,
    /// Bytes.
    pub memory: u64,
    pub times: usize,
}

impl Measured {
    /// Runs a program as often as it takes to trust the least: more often what is quick. `before` is done before each run.
    pub fn of(before: impl Fn(), command: impl Fn() -> Command) -> Self {
        let mut least: Option<Self> = None;
        for round in 1..=5 {
            before();
            let (time, memory) = run(command());
            let best = least.map_or(time, |least: Self| least.time.min(time));
            least = Some(Self {
                time: best,
                memory: least.map_or(memory, |least| least.memory.min(memory)),
                times: round,
            });
            if best > Duration::from_secs(15) && round >= 2
                || best > Duration::from_secs(3) && round >= 3
            {
                break;
            }
        }
        least.expect("the loop has run")
    }

    pub fn seconds(&self) -> f64 {
        self.time.as_secs_f64()
    }

    pub fn megabytes(&self) -> f64 {
        self.memory as f64 / 1e6
    }
}

/// Runs a program to its end; one that fails ends the bench with what it said.
fn run(mut command: Command) -> (Duration, u64) {
    let said = std::env::temp_dir().join(format!("attendium-bench-{}", std::process::id()));
    let file = std::fs::File::create(&said).expect("a temporary file");
    let both = file.try_clone().expect("the same file");
    command.stdin(Stdio::null()).stdout(file).stderr(both);
    let mut child = command
        .spawn()
        .unwrap_or_else(|error| fail(&format!("{command:?} does not start: {error}")));
    let used = child.wait4().expect("waits for its child");
    if !used.status.success() {
        let said = std::fs::read_to_string(&said).unwrap_or_default();
        let from = said.len().saturating_sub(6000);
        fail(&format!(
            "{command:?} failed:\n{}",
            said.get(from..).unwrap_or(&said)
        ));
    }
    let _ = std::fs::remove_file(&said);
    (used.rusage.utime + used.rusage.stime, used.rusage.maxrss)
}

/// Runs a program that is not measured.
pub fn prepare(command: Command) {
    run(command);
}

/// Ends the bench: nothing that could not be measured is left out quietly.
pub fn fail(message: &str) -> ! {
    eprintln!("{message}");
    std::process::exit(1);
}
