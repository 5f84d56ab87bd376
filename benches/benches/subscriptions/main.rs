//! What subscriptions cost: events a second over one socket beside other clients, memory for each
//! subscription that waits, and what a slow reader does to its neighbour.
//!
//! ```sh
//! (cd interop/subscriptions && npm ci)
//! cargo bench -p attendium-benches --bench subscriptions   # writes benches/SUBSCRIPTIONS.md
//! ```
//!
//! The server is another process that writes prepared frames (`server.rs`). The peers (`peers.rs`)
//! take turns, on one thread each, and the median of the rounds counts.

#![allow(missing_docs)]

mod peers;
mod server;

use std::time::Duration;

use attendium::subscription::{Overflow, StreamExt as _, SubscriptionUpdate};
use attendium_benches::record::{Record, asked, locked, machine};
use futures_util::FutureExt as _;

use peers::{CheckedIn, Took, checked_in};
use server::Server;

const EVENTS: usize = 200_000;
const ROUNDS: usize = 9;
/// Subscriptions that wait.
const IDLE: usize = 10_000;
/// Events for the slow reader in each millisecond.
const FLOOD: usize = 50;

fn main() {
    server::serve_if_asked();
    if !asked() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let mut record = Record::default();
    runtime.block_on(async {
        let server = Server::start();
        // First: what was freed before would hide what is taken.
        slow_reader(&server, &mut record).await;
        idle(&server, &mut record).await;
        throughput(&server, &mut record).await;
    });
    let text = format!(
        "# What subscriptions cost\n\n\
         Made by `cargo bench -p attendium-benches --bench subscriptions`, which repeats it. {}, {}, {}, {}, graphql-ws {}, attendium {}. The server is \
         another process, which writes prepared frames of 340 bytes; each client has one thread, which it keeps busy. The {ROUNDS} rounds of the clients \
         take turns, and the median of the ratios to ours in the same round counts. Others compile on this machine, so the bars are for the time of the \
         processor, and the clock's ratios stand beside them. The neighbour's figures are medians of the rounds' percentiles, from the server's write to the reader.\n",
        machine(),
        locked("tokio-tungstenite"),
        locked("serde_json"),
        locked("graphql-ws-client"),
        npm_version(),
        env!("CARGO_PKG_VERSION"),
    );
    record.write("SUBSCRIPTIONS.md", &text);
}

fn npm_version() -> String {
    let package = include_str!("../../../interop/subscriptions/package.json");
    let after = package.split_once("\"graphql-ws\": \"");
    let version = after.and_then(|(_, rest)| rest.split('"').next());
    version.unwrap_or("of unknown version").to_owned()
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

async fn throughput(server: &Server, record: &mut Record) {
    const NAMES: [&str; 4] = [
        "attendium",
        "tokio-tungstenite by hand",
        "graphql-ws-client",
        "graphql-ws in node",
    ];
    let mut rounds: [Vec<Took>; 4] = Default::default();
    for _ in 0..ROUNDS {
        rounds[0].push(peers::ours(server, EVENTS).await);
        rounds[1].push(peers::by_hand(server, EVENTS).await);
        rounds[2].push(peers::graphql_ws_client(server, EVENTS).await);
        rounds[3].push(peers::graphql_ws(server, EVENTS));
    }
    for (name, rounds) in NAMES.iter().zip(&rounds) {
        let of = |part: fn(&Took) -> Duration| {
            median(rounds.iter().map(|took| part(took).as_secs_f64()).collect())
        };
        let rate = EVENTS as f64 / of(|took| took.time);
        let processor = of(|took| took.processor) / EVENTS as f64 * 1e9;
        record.figure(
            &format!("events over one socket, {name}"),
            &format!("{rate:.0}/s, {processor:.0} ns of the processor each"),
        );
    }
    let ratio = |peer: usize, part: fn(&Took) -> Duration| {
        let pairs = rounds[peer].iter().zip(&rounds[0]);
        let ratios = pairs.map(|(theirs, ours)| part(theirs).div_duration_f64(part(ours)));
        median(ratios.collect())
    };
    for (peer, bar) in [(1, 0.9), (2, 3.0), (3, 3.0)] {
        let by_clock = ratio(peer, |took| took.time);
        record.figure(
            &format!("events a second against {}, by the clock", NAMES[peer]),
            &format!("{by_clock:.2}"),
        );
        let ratio = ratio(peer, |took| took.processor);
        record.bar(
            &format!("events of a subscription against {}", NAMES[peer]),
            &format!("{ratio:.2}"),
            &format!("{bar:.2}"),
            ratio >= bar,
        );
    }
}

/// How much memory this process holds, in KB (Linux; elsewhere 0).
fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mut lines = status.lines();
    let held = lines.find_map(|line| line.strip_prefix("VmRSS:"));
    let held = held.map(|held| held.trim().trim_end_matches(" kB"));
    held.and_then(|held| held.parse().ok()).unwrap_or_default()
}

async fn idle(server: &Server, record: &mut Record) {
    let session = peers::session(server, "/idle", 1024, Overflow::Error);
    let mut streams = Vec::with_capacity(IDLE);
    let begin = || {
        let mut updates = session.subscribe(&CheckedIn {}).updates();
        assert!(updates.next().now_or_never().is_none());
        updates
    };
    let mut first = begin();
    connected(&mut first).await;
    let before = resident();
    for _ in 0..IDLE {
        streams.push(begin());
    }
    for stream in &mut streams {
        connected(stream).await;
    }
    let each = (resident() - before) / IDLE as f64;
    record.bar(
        &format!("memory for each of {IDLE} idle subscriptions of a socket"),
        &format!("{:.0} bytes", each * 1024.0),
        "4096 bytes",
        each < 4.0,
    );
    session.close_subscriptions().await;
}

async fn connected(updates: &mut attendium::subscription::SubscriptionUpdates<checked_in::Data>) {
    let update = updates.next().await.expect("an update").expect("no error");
    assert!(
        matches!(update, SubscriptionUpdate::Connected),
        "{update:?}"
    );
}

async fn slow_reader(server: &Server, record: &mut Record) {
    let (mut alone, mut beside, mut ratios, mut grown) = (vec![], vec![], vec![], vec![]);
    for _ in 0..ROUNDS {
        let (one, _) = neighbour(server, 0).await;
        let (other, growth) = neighbour(server, FLOOD).await;
        alone.push(one);
        beside.push(other);
        ratios.push(other / one);
        grown.push(growth);
    }
    let flood = FLOOD * server::MILLISECONDS;
    record.figure(
        "99th percentile of an event's way, alone on its socket",
        &format!("{:.0} µs", median(alone)),
    );
    record.figure(
        &format!("the same, beside {flood} events to a reader that takes one in 10 ms"),
        &format!("{:.0} µs", median(beside)),
    );
    let ratio = median(ratios);
    record.bar(
        "the one against the other",
        &format!("{ratio:.2}"),
        "2.00",
        ratio < 2.0,
    );
    let growth = grown.into_iter().fold(0.0, f64::max);
    record.bar(
        "memory that the flood takes at most",
        &format!("{growth:.0} KB"),
        "8192 KB",
        growth < 8192.0,
    );
}

/// The 99th percentile of the time to an event's reader, in microseconds, and the memory that was
/// taken meanwhile, while so many events come for a slow reader in each millisecond.
async fn neighbour(server: &Server, flood: usize) -> (f64, f64) {
    let path = format!("/paced/{flood}");
    let session = peers::session(server, &path, 1024, Overflow::DropOldest);
    let mut slow = session.subscribe(&CheckedIn {}).updates();
    connected(&mut slow).await;
    let mut events = session.subscribe(&CheckedIn {});
    let before = resident();
    let mut most = before;
    let reading = async {
        let mut times = Vec::with_capacity(server::MILLISECONDS);
        while let Some(event) = events.next().await {
            let sent: u128 = event
                .expect("an event")
                .checked_in
                .sent_at
                .parse()
                .expect("a time");
            times.push(server::now().saturating_sub(sent) as f64 / 1e3);
        }
        times
    };
    let slowly = async {
        loop {
            tokio::time::sleep(Duration::from_millis(10)).await;
            let _ = slow.next().now_or_never();
            most = most.max(resident());
        }
    };
    let mut times = tokio::select! {
        times = reading => times,
        () = slowly => unreachable!("it has no end"),
    };
    assert_eq!(times.len(), server::MILLISECONDS);
    times.sort_by(f64::total_cmp);
    let percentile = times[times.len() * 99 / 100];
    session.close_subscriptions().await;
    (percentile, most - before)
}
