//! What the generated crates of the corpora share: a table of operations in, a verdict on each answer out.
//!
//! A generated crate calls [`run`] with one [`check`] per operation. A case is a line of four fields with tabs between them: the
//! operation's key, the case's name, its variables and the whole response, as JSON.

mod compare;

use std::collections::{BTreeMap, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use attendium::Operation;
use serde::Serialize;
use serde_json::json;

/// Decodes one response and encodes it again.
pub type Check = fn(&[u8]) -> Result<(), Failure>;

/// How an answer failed, and where.
pub struct Failure {
    /// `decode`, `encode` or `differs`.
    pub stage: &'static str,
    /// The first difference or the error, with its path.
    pub detail: String,
}

impl Failure {
    fn new(stage: &'static str, detail: impl ToString) -> Self {
        Self { stage, detail: detail.to_string() }
    }
}

/// Decodes `answer`, a whole response without errors, as `Op`, writes its data as JSON, and compares the two.
pub fn check<Op>(answer: &[u8]) -> Result<(), Failure>
where
    Op: Operation,
    Op::Data: Serialize,
{
    let response = attendium::decode::<Op>(answer).map_err(|error| Failure::new("decode", error))?;
    if !response.errors.is_empty() {
        return Err(Failure::new("decode", "the answer has no errors, the response has"));
    }
    let data = response.data.ok_or_else(|| Failure::new("decode", "the answer has data, the response has none"))?;
    let encoded = serde_json::to_string(&data).map_err(|error| Failure::new("encode", error))?;
    compare::same_data(answer, &encoded).map_err(|difference| Failure::new("differs", difference))
}

/// Runs the cases of the file that the first argument names. Writes a JSON line per failure, a few per operation, and one with the
/// counts at the end.
pub fn run(checks: &[(&str, Check)]) -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        eprintln!("usage: pass the file of cases");
        return ExitCode::from(2);
    };
    let cases = match std::fs::read(&path) {
        Ok(cases) => cases,
        Err(error) => {
            eprintln!("{}: {error}", path.display());
            return ExitCode::from(2);
        }
    };
    // A panic is a failure of its case and told there.
    std::panic::set_hook(Box::new(|_| {}));

    let checks: HashMap<&str, Check> = checks.iter().copied().collect();
    let mut counts: BTreeMap<&str, Counts> = BTreeMap::new();
    for line in cases.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let mut fields = line.splitn(4, |byte| *byte == b'\t');
        let mut text = || std::str::from_utf8(fields.next().unwrap_or_default()).unwrap_or_default();
        let (key, case, variables) = (text(), text(), text());
        let answer = fields.next().unwrap_or_default();
        let of_key = counts.entry(key).or_default();
        of_key.tried += 1;
        let result = match checks.get(key) {
            Some(check) => catch_unwind(AssertUnwindSafe(|| check(answer)))
                .unwrap_or_else(|payload| Err(Failure::new("panic", panic_text(payload.as_ref())))),
            None => Err(Failure::new("missing", "no generated type has this name")),
        };
        match &result {
            Ok(()) => {
                of_key.decoded += 1;
                of_key.same += 1;
            }
            Err(failure) => {
                of_key.decoded += usize::from(failure.stage == "differs");
                println!(
                    "{}",
                    json!({
                        "key": key, "case": case, "stage": failure.stage, "detail": failure.detail,
                        "variables": variables, "answer": String::from_utf8_lossy(answer),
                    })
                );
            }
        }
    }
    for (key, counts) in &counts {
        println!("{}", json!({ "key": key, "tried": counts.tried, "decoded": counts.decoded, "same": counts.same }));
    }
    ExitCode::SUCCESS
}

#[derive(Default)]
struct Counts {
    tried: usize,
    decoded: usize,
    same: usize,
}

fn panic_text(payload: &(dyn std::any::Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("a panic without a text")
}
