//! What the generated crates of the corpora share: a table of operations in, a verdict on each
//! answer out.
//!
//! A generated crate calls [`run`] with one [`entry`] per operation. A case is a line of four
//! fields with tabs between them: the operation's key, the case's name, its variables and the whole
//! response, as JSON. Behind the response may stand the parts in which another server sends it.

mod compare;
mod parts;

use std::collections::{BTreeMap, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use attendium::{Operation, OperationInfo};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What custom scalars are mapped to where mapping is tried: a type that knows serde alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mapped(Value);

/// One operation of the table.
pub struct Entry {
    key: &'static str,
    info: &'static OperationInfo,
    check: fn(&[u8], &str) -> Result<(), Failure>,
}

/// How an answer failed, and where.
struct Failure {
    /// `variables`, `decode`, `encode`, `differs`, `deserialize`, `panic` or `missing`.
    stage: &'static str,
    /// The first difference or the error, with its path.
    detail: String,
}

impl Failure {
    fn new(stage: &'static str, detail: impl ToString) -> Self {
        Self {
            stage,
            detail: detail.to_string(),
        }
    }
}

/// The entry of `Op`; `key` names its document set and the operation.
pub fn entry<Op>(key: &'static str) -> Entry
where
    Op: Operation + DeserializeOwned,
    Op::Data: Serialize + DeserializeOwned,
{
    Entry {
        key,
        info: Op::INFO,
        check: check::<Op>,
    }
}

/// Sends `variables` through `Op`; then decodes `answer`, a whole response without errors, writes
/// its data as JSON, and compares. An empty answer is not looked at.
fn check<Op>(answer: &[u8], variables: &str) -> Result<(), Failure>
where
    Op: Operation + DeserializeOwned,
    Op::Data: Serialize + DeserializeOwned,
{
    let operation: Op =
        serde_json::from_str(variables).map_err(|error| Failure::new("variables", error))?;
    check_body(Op::INFO, &attendium::operation::body(&operation), variables)
        .map_err(|difference| Failure::new("variables", difference))?;
    if answer.is_empty() {
        return Ok(());
    }

    let mut parts = answer.split(|&byte| byte == parts::SEPARATOR);
    let answer = parts.next().unwrap_or_default();
    let parts: Vec<&[u8]> = parts.collect();
    let response = if parts.is_empty() {
        attendium::decode::<Op>(answer).map_err(|error| Failure::new("decode", error))?
    } else {
        parts::read::<Op>(&parts, answer)?
    };
    if !response.errors.is_empty() {
        return Err(Failure::new(
            "decode",
            "the answer has no errors, the response has",
        ));
    }
    let data = response
        .data
        .ok_or_else(|| Failure::new("decode", "the answer has data, the response has none"))?;
    let encoded = serde_json::to_string(&data).map_err(|error| Failure::new("encode", error))?;
    compare::same_data(answer, &encoded)
        .map_err(|difference| Failure::new("differs", difference))?;

    let read: Op::Data =
        serde_json::from_str(&encoded).map_err(|error| Failure::new("deserialize", error))?;
    let encoded =
        serde_json::to_string(&read).map_err(|error| Failure::new("deserialize", error))?;
    compare::same_data(answer, &encoded)
        .map_err(|difference| Failure::new("deserialize", difference))
}

/// Whether a request's body is the operation with the variables that it was given.
fn check_body(info: &OperationInfo, body: &[u8], variables: &str) -> Result<(), String> {
    let body: Value =
        serde_json::from_slice(body).map_err(|error| format!("the body is not JSON: {error}"))?;
    for (key, expected) in [("query", info.document), ("operationName", info.name)] {
        if body[key] != expected {
            return Err(format!("the body's {key} is {}", body[key]));
        }
    }
    compare::same_text("variables", variables, &body["variables"].to_string())
}

/// Runs the cases of the file that the first argument names. Writes a JSON line per failure, a few
/// per operation, and one with the counts at the end.
pub fn run(entries: &[Entry]) -> ExitCode {
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
    // No type is so large that a debug build needs more stack than this.
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK);
        let running = thread.spawn_scoped(scope, || try_all(entries, &cases));
        match running.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(())) => ExitCode::SUCCESS,
            _ => ExitCode::FAILURE,
        }
    })
}

/// The stack on which all cases are tried.
const STACK: usize = 1 << 20;

fn try_all(entries: &[Entry], cases: &[u8]) {
    let entries: HashMap<&str, &Entry> = entries.iter().map(|entry| (entry.key, entry)).collect();
    let mut counts: BTreeMap<&str, Counts> = BTreeMap::new();
    for line in cases
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
    {
        let mut fields = line.splitn(4, |byte| *byte == b'\t');
        let mut text =
            || std::str::from_utf8(fields.next().unwrap_or_default()).unwrap_or_default();
        let (key, case, variables) = (text(), text(), text());
        let answer = fields.next().unwrap_or_default();
        let of_key = counts.entry(key).or_default();
        of_key.tried += 1;
        let result = match entries.get(key) {
            Some(entry) => catch_unwind(AssertUnwindSafe(|| (entry.check)(answer, variables)))
                .unwrap_or_else(|payload| Err(Failure::new("panic", panic_text(payload.as_ref())))),
            None => Err(Failure::new("missing", "no generated type has this name")),
        };
        match &result {
            Ok(()) => {
                of_key.decoded += 1;
                of_key.same += 1;
            }
            Err(failure) => {
                of_key.decoded += usize::from(matches!(
                    failure.stage,
                    "encode" | "differs" | "deserialize"
                ));
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
        let document = entries.get(key).map(|entry| entry.info.document);
        println!(
            "{}",
            json!({ "key": key, "tried": counts.tried, "decoded": counts.decoded, "same": counts.same, "document": document })
        );
    }
}

#[derive(Default)]
struct Counts {
    tried: usize,
    decoded: usize,
    same: usize,
}

fn panic_text(payload: &(dyn std::any::Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without a text")
}
