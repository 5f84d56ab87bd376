//! Programs, and what they cost: seconds of the processor, of all their children too, and the most
//! memory that one of them had.
//!
//! Time on the wall says how busy the machine was. Enter at [`Measured::of`].

use std::process::{Command, Stdio};
use std::time::Duration;

use wait4::Wait4;

/// What runs three times in its turn.
const QUICK: Duration = Duration::from_secs(8);
/// What has two turns, not three.
const LONG: Duration = Duration::from_secs(60);

/// The least that a program was seen to cost.
#[derive(Debug, Clone, Copy)]
pub struct Measured {
    pub time: Duration,
    /// Bytes.
    pub memory: u64,
    pub times: usize,
}

impl Measured {
    /// Runs a program as often as it takes to trust the least. `before` is done before each run.
    pub fn of(before: impl Fn(), command: impl Fn() -> Command) -> Self {
        let [one] = Self::of_each(before, [&command]);
        one
    }

    /// The same of programs that take turns, so that a slow minute of the machine is one for all of
    /// them. In its turn what is quick runs three times, because the first time behind a large
    /// program is slow. `before` is done before each run.
    pub fn of_each<const N: usize>(
        before: impl Fn(),
        commands: [&dyn Fn() -> Command; N],
    ) -> [Self; N] {
        let mut least = [Self {
            time: Duration::MAX,
            memory: u64::MAX,
            times: 0,
        }; N];
        for round in 1..=3 {
            for (least, command) in least.iter_mut().zip(commands) {
                for _ in 0..3 {
                    before();
                    let (time, memory) = run(command());
                    *least = Self {
                        time: least.time.min(time),
                        memory: least.memory.min(memory),
                        times: least.times + 1,
                    };
                    if time > QUICK {
                        break;
                    }
                }
            }
            if round == 2 && least.iter().any(|least| least.time > LONG) {
                break;
            }
        }
        least
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
