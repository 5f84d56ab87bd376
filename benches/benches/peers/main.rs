//! This client, graphql_client, cynic, bluejay-typegen and readers of hand-written structs on the
//! same answers and the same request; and what no reader can be faster than.
//!
//! ```sh
//! cargo bench -p attendium-benches              # all, and writes the record
//! cargo bench -p attendium-benches -- decode    # some
//! ```
//!
//! The record is `benches/RESULTS.md` with its picture `benches/results.svg`.
//!
//! criterion takes the samples, by the thread's time on the processor, in rounds in which the
//! functions take turns. What is compared is each function's *fastest* sample: on a machine that
//! does other things too, or is slower for a while, it is the one that says most about the code.
//! Before anything is timed, all of them must have read the same answer.

#![allow(missing_docs)]

#[allow(dead_code, missing_docs)]
mod bluejay;
#[allow(dead_code)]
mod by_hand;
mod clock;
#[allow(dead_code)]
mod cynic;
#[allow(dead_code)]
mod graphql_client;
#[allow(dead_code)]
mod ours;
mod report;

use std::cell::RefCell;
use std::hint::black_box;
use std::time::Duration;

use ::cynic::{GraphQlResponse, QueryBuilder};
use ::graphql_client::QueryBody;
use attendium::decode;
use criterion::{Criterion, SamplingMode, Throughput};
use serde_json::{Map, Value};
use wide::u8x16;

/// The answers: name, text.
fn answers() -> [(&'static str, String); 4] {
    let (small, large) = (
        attendium_benches::answer(100_000),
        attendium_benches::answer(2_000_000),
    );
    let (small_shuffled, large_shuffled) = (reordered(&small), reordered(&large));
    [
        ("100 KB", small),
        ("2 MB", large),
        ("100 KB, keys in another order", small_shuffled),
        ("2 MB, keys in another order", large_shuffled),
    ]
}

/// The same answer with the keys of each object from last to first.
fn reordered(answer: &str) -> String {
    fn turn(value: Value) -> Value {
        match value {
            Value::Object(map) => Value::Object(
                map.into_iter()
                    .rev()
                    .map(|(key, value)| (key, turn(value)))
                    .collect::<Map<_, _>>(),
            ),
            Value::Array(list) => list.into_iter().map(turn).collect(),
            other => other,
        }
    }
    serde_json::from_str(answer)
        .map(turn)
        .expect("the answer is JSON")
        .to_string()
}

fn decode_ours(body: &[u8]) -> ours::repository_issues::Data {
    decode::<ours::RepositoryIssues>(body)
        .expect("decodes")
        .data
        .expect("has data")
}

fn decode_by_hand(body: &[u8]) -> by_hand::Data {
    serde_json::from_slice::<by_hand::Response>(body)
        .expect("decodes")
        .data
        .expect("has data")
}

fn decode_graphql_client(body: &[u8]) -> graphql_client::repository_issues::ResponseData {
    type Response = ::graphql_client::Response<graphql_client::repository_issues::ResponseData>;
    serde_json::from_slice::<Response>(body)
        .expect("decodes")
        .data
        .expect("has data")
}

fn decode_cynic(body: &[u8]) -> cynic::RepositoryIssues {
    serde_json::from_slice::<GraphQlResponse<cynic::RepositoryIssues>>(body)
        .expect("decodes")
        .data
        .expect("has data")
}

fn decode_bluejay(body: &[u8]) -> bluejay::schema::query::RepositoryIssues {
    serde_json::from_slice::<bluejay::Response>(body)
        .expect("decodes")
        .data
        .expect("has data")
}

fn decode_sonic_rs(body: &[u8]) -> by_hand::Data {
    sonic_rs::from_slice::<by_hand::Response>(body)
        .expect("decodes")
        .data
        .expect("has data")
}

/// What simd-json needs beside the answer, kept from one to the next as its documentation advises.
#[derive(Default)]
struct SimdJson {
    /// It writes into the text, so it has a copy, which is part of its work.
    text: Vec<u8>,
    buffers: simd_json::Buffers,
}

impl SimdJson {
    fn decode(&mut self, body: &[u8]) -> by_hand::Data {
        self.text.clear();
        self.text.extend_from_slice(body);
        simd_json::serde::from_slice_with_buffers::<by_hand::Response>(
            &mut self.text,
            &mut self.buffers,
        )
        .expect("decodes")
        .data
        .expect("has data")
    }
}

/// How many bytes of JSON's structure there are, in strings too: what every reader looks for.
fn structural(body: &[u8]) -> u32 {
    let (chunks, tail) = body.as_chunks::<16>();
    let of = |byte: u8| matches!(byte, b'"' | b'\\' | b'{' | b'}' | b'[' | b']' | b':' | b',');
    let in_chunks: u32 = chunks
        .iter()
        .map(|chunk| {
            let bytes = u8x16::new(*chunk);
            let is = |byte: u8| bytes.simd_eq(u8x16::splat(byte));
            // A bracket and a brace differ in one bit.
            let folded = bytes | u8x16::splat(0x20);
            let found = is(b'"')
                | is(b'\\')
                | is(b':')
                | is(b',')
                | folded.simd_eq(u8x16::splat(b'{'))
                | folded.simd_eq(u8x16::splat(b'}'));
            found.to_bitmask().count_ones()
        })
        .sum();
    in_chunks + tail.iter().filter(|&&byte| of(byte)).count() as u32
}

/// All of them read the same: the ids of the issues and how many comments there are.
fn check(name: &str, body: &[u8]) {
    let expected: Value = serde_json::from_slice(body).expect("JSON");
    let issues = expected["data"]["repository"]["issues"]["nodes"]
        .as_array()
        .expect("issues")
        .len();
    let ours = decode_ours(body).repository.expect("a repository").issues;
    let by_hand = decode_by_hand(body)
        .repository
        .expect("a repository")
        .issues;
    let graphql_client = decode_graphql_client(body)
        .repository
        .expect("a repository")
        .issues;
    let cynic = decode_cynic(body).repository.expect("a repository").issues;
    let bluejay = decode_bluejay(body)
        .repository
        .expect("a repository")
        .issues;
    let readers = [decode_sonic_rs(body), SimdJson::default().decode(body)];
    for read in readers {
        // The structs are the same, so all of them can be compared.
        assert_eq!(
            format!("{:?}", read.repository),
            format!("{:?}", decode_by_hand(body).repository),
            "{name}"
        );
    }
    let counts = [
        ours.nodes.len(),
        by_hand.nodes.len(),
        graphql_client.nodes.len(),
        cynic.nodes.len(),
        bluejay.nodes.len(),
    ];
    assert_eq!(counts, [issues; 5], "{name}");
    for (index, issue) in by_hand.nodes.iter().enumerate() {
        assert_eq!(ours.nodes[index].issue_card.body, issue.body, "{name}");
        assert_eq!(
            graphql_client.nodes[index].issue_card.body, issue.body,
            "{name}"
        );
        assert_eq!(cynic.nodes[index].card.body, issue.body, "{name}");
        assert_eq!(bluejay.nodes[index].body, issue.body, "{name}");
        assert_eq!(
            ours.nodes[index].timeline_items.nodes.len(),
            issue.timeline_items.nodes.len(),
            "{name}"
        );
    }
}

/// The same variables for all. Making them is the application's work, and the same for all: what is
/// measured is the way from there to the body.
fn variables_ours() -> ours::RepositoryIssues {
    let filters = ours::IssueFilters::new()
        .labels(vec!["bug".to_owned(), "crash".to_owned()])
        .states(vec![ours::IssueState::Open]);
    ours::RepositoryIssues::new("attendium", "guest-list", 50).filter_by(filters)
}

fn body_ours(variables: &ours::RepositoryIssues) -> Vec<u8> {
    attendium::operation::body(variables)
}

fn variables_graphql_client() -> graphql_client::repository_issues::Variables {
    use graphql_client::repository_issues::{IssueFilters, IssueState, Variables};
    let filters = IssueFilters {
        labels: Some(vec!["bug".to_owned(), "crash".to_owned()]),
        since: None,
        states: Some(vec![IssueState::OPEN]),
        direction: None,
    };
    Variables {
        owner: "attendium".to_owned(),
        name: "guest-list".to_owned(),
        first: 50,
        after: None,
        filter_by: Some(filters),
    }
}

/// What `build_query` makes, of borrowed variables.
fn body_graphql_client(variables: &graphql_client::repository_issues::Variables) -> Vec<u8> {
    use graphql_client::repository_issues::{OPERATION_NAME, QUERY};
    serde_json::to_vec(&QueryBody {
        variables,
        query: QUERY,
        operation_name: OPERATION_NAME,
    })
    .expect("a body")
}

fn variables_cynic() -> cynic::RepositoryIssuesVariables {
    let filters = cynic::IssueFilters {
        labels: Some(vec!["bug".to_owned(), "crash".to_owned()]),
        since: None,
        states: Some(vec![cynic::IssueState::Open]),
        direction: None,
    };
    cynic::RepositoryIssuesVariables {
        owner: "attendium".to_owned(),
        name: "guest-list".to_owned(),
        first: 50,
        after: None,
        filter_by: Some(filters),
    }
}

/// cynic's `build` takes the variables, so they are made here: a hundred nanoseconds of what it
/// takes.
fn body_cynic() -> Vec<u8> {
    serde_json::to_vec(&cynic::RepositoryIssues::build(variables_cynic())).expect("a body")
}

/// Something that all peers do: which of them, on how many bytes, and how.
struct Work {
    group: String,
    function: &'static str,
    bytes: usize,
    run: Box<dyn Fn()>,
}

/// All the work, in the order of the table.
fn work() -> Vec<Work> {
    let mut all = Vec::new();
    for (name, text) in answers() {
        let body: &'static [u8] = text.leak().as_bytes();
        check(name, body);
        let mut add_boxed = |function, run: Box<dyn Fn()>| {
            all.push(Work {
                group: format!("decode {name}"),
                function,
                bytes: body.len(),
                run,
            });
        };
        let simd_json = RefCell::new(SimdJson::default());
        add_boxed(
            "simd-json",
            Box::new(move || drop(black_box(simd_json.borrow_mut().decode(black_box(body))))),
        );
        let mut add = |function, run: fn(&'static [u8])| {
            add_boxed(function, Box::new(move || run(black_box(body))));
        };
        add("attendium", |body| drop(black_box(decode_ours(body))));
        add("serde_json by hand", |body| {
            drop(black_box(decode_by_hand(body)));
        });
        add("graphql_client", |body| {
            drop(black_box(decode_graphql_client(body)));
        });
        add("cynic", |body| drop(black_box(decode_cynic(body))));
        add("bluejay-typegen", |body| {
            drop(black_box(decode_bluejay(body)));
        });
        add("sonic-rs", |body| drop(black_box(decode_sonic_rs(body))));
        if name.contains(',') {
            continue; // The limits know no order.
        }
        add("memcpy (limit)", |body| drop(black_box(body.to_vec())));
        add("UTF-8 check (limit)", |body| {
            black_box(simdutf8::basic::from_utf8(body).is_ok());
        });
        add("structural scan (limit)", |body| {
            black_box(structural(body));
        });
    }
    let (ours, theirs) = (variables_ours(), variables_graphql_client());
    let body = body_ours(&ours);
    let bytes = body.len();
    let mut add = |function, run: Box<dyn Fn()>| {
        all.push(Work {
            group: "request body".to_owned(),
            function,
            bytes,
            run,
        });
    };
    add(
        "attendium",
        Box::new(move || drop(black_box(body_ours(black_box(&ours))))),
    );
    add(
        "graphql_client",
        Box::new(move || drop(black_box(body_graphql_client(black_box(&theirs))))),
    );
    add("cynic", Box::new(|| drop(black_box(body_cynic()))));
    add(
        "memcpy (limit)",
        Box::new(move || drop(black_box(black_box(&body).clone()))),
    );
    all
}

/// Does one kind of work so many times and nothing else, to count its instructions where time is
/// noisy:
///
/// ```sh
/// valgrind --tool=callgrind --collect-atstart=no '--toggle-collect=*counted*' \
///   target/release/deps/peers-* --count 'decode 100 KB' attendium 5
/// ```
fn count(group: &str, function: &str, times: &str) {
    let all = work();
    let work = all
        .iter()
        .find(|work| work.group == group && work.function == function)
        .expect("a group and a function of the table");
    // What is done once (pages of memory, lazy statics) is not part of the work.
    (work.run)();
    counted(&work.run, times.parse().expect("a number"));
}

/// What callgrind collects.
#[inline(never)]
fn counted(run: &dyn Fn(), times: usize) {
    for _ in 0..times {
        run();
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, flag, group, function, times] = arguments.as_slice()
        && flag == "--count"
    {
        return count(group, function, times);
    }
    let sizes = [
        ("our request body", body_ours(&variables_ours()).len()),
        (
            "graphql_client's",
            body_graphql_client(&variables_graphql_client()).len(),
        ),
        ("cynic's", body_cynic().len()),
    ];
    if arguments.get(1).is_some_and(|flag| flag == "--sizes") {
        for (whose, bytes) in sizes {
            println!("{whose}|{bytes}");
        }
        return;
    }
    report::forget();
    let mut rounds = report::rounds().map(|samples| {
        Criterion::default()
            .with_measurement(clock::CpuTime)
            .sample_size(20)
            .nresamples(1000)
            .warm_up_time(Duration::from_millis(100))
            .measurement_time(Duration::from_millis(400))
            .output_directory(&samples)
            .configure_from_args()
    });
    let all = work();
    for group in all.chunk_by(|a, b| a.group == b.group) {
        for criterion in &mut rounds {
            let mut run = criterion.benchmark_group(&group[0].group);
            run.throughput(Throughput::Bytes(group[0].bytes as u64))
                .sampling_mode(SamplingMode::Flat);
            for work in group {
                run.bench_function(work.function, |bencher| bencher.iter(&work.run));
            }
            run.finish();
        }
    }
    let mut groups: Vec<(String, usize)> = all
        .iter()
        .map(|work| (work.group.clone(), work.bytes))
        .collect();
    groups.dedup();
    report::write(&groups, &sizes);
}
