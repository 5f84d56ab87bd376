//! What the session costs beside a bare HTTP client that sends the same bodies with the same token
//! to the same server.
//!
//! ```sh
//! cargo bench -p attendium-benches --bench session   # writes benches/SESSION.md
//! ```
//!
//! The server is the sandbox, over a socket; 64 calls are in flight. The rounds of the two take
//! turns, and the median of the pairs' ratios counts, of the rates and of the CPU time: who else
//! uses the machine meets both of a pair. Then 10,000 calls meet an expired token, and must make
//! one refresh; what a fresh token costs is the difference that logging in makes to a call that is
//! answered without a network; and memory is looked at before and after the rounds.

#![allow(missing_docs)]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use attendium::store::MemoryStore;
use attendium::transport::{Body, BoxFuture, Middleware, Transport, TransportError};
use attendium::{Login, Me, Session, SessionBuilder};
use attendium_benches::record::{Record, asked, locked, machine};
use attendium_sandbox::Sandbox;
use bytes::Bytes;
use cpu_time::{ProcessTime, ThreadTime};
use http::HeaderValue;

const IN_FLIGHT: usize = 64;
const CALLS: usize = 10_000;
const ROUNDS: usize = 15;

/// Learns the header that the session sends, for the bare client.
struct Learn(Arc<OnceLock<HeaderValue>>);

impl Middleware for Learn {
    fn handle<'a>(
        &'a self,
        request: http::Request<Body>,
        next: &'a dyn Transport,
    ) -> BoxFuture<'a, Result<http::Response<Body>, TransportError>> {
        if let Some(header) = request.headers().get(http::header::AUTHORIZATION) {
            let _ = self.0.set(header.clone());
        }
        next.send(request)
    }
}

/// Answers without a network.
struct Instantly;

impl Transport for Instantly {
    fn send(
        &self,
        _: http::Request<Body>,
    ) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>> {
        let mut response = http::Response::new(Body::from(r#"{"data":{"me":{"id":"user-emma"}}}"#));
        response.headers_mut().insert(
            http::header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        Box::pin(async move { Ok(response) })
    }
}

/// What some calls took: time, and CPU time of the client and the server.
#[derive(Clone, Copy)]
struct Took {
    time: Duration,
    cpu: Duration,
}

/// The median of the rounds of what `figure` makes of one.
fn median(rounds: &[(Took, Took)], figure: impl Fn(&(Took, Took)) -> f64) -> f64 {
    let mut figures: Vec<_> = rounds.iter().map(figure).collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// Does so many calls with so many in flight at a time.
async fn calls<F>(count: usize, call: impl Fn() -> F + Clone + Send + 'static) -> Took
where
    F: Future<Output = ()> + Send,
{
    let left = Arc::new(AtomicUsize::new(count));
    let take = |left: &AtomicUsize| {
        let less = |left: usize| left.checked_sub(1);
        left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less)
            .is_ok()
    };
    let (start, cpu) = (Instant::now(), ProcessTime::now());
    let workers: Vec<_> = (0..IN_FLIGHT)
        .map(|_| {
            let (left, call) = (left.clone(), call.clone());
            tokio::spawn(async move {
                while take(&left) {
                    call().await;
                }
            })
        })
        .collect();
    for worker in workers {
        worker.await.expect("no call panics");
    }
    Took {
        time: start.elapsed(),
        cpu: cpu.elapsed(),
    }
}

/// How much memory this process holds, in KB (Linux; elsewhere 0).
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|value| value.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or_default()
}

/// Nanoseconds of the thread's time that one piece of work takes; the least of some rounds.
async fn each(times: u32, work: impl AsyncFn()) -> f64 {
    let mut least = f64::MAX;
    for _ in 0..ROUNDS {
        let start = ThreadTime::now();
        for _ in 0..times {
            work().await;
        }
        least = least.min(start.elapsed().as_nanos() as f64 / f64::from(times));
    }
    least
}

/// A call that is answered at once.
async fn call_without_network(session: &Session) -> f64 {
    each(20_000, async || {
        std::hint::black_box(session.run(&Me {}).await.expect("an answer"));
    })
    .await
}

/// To find that the token is fresh, and to have its header.
async fn fresh_token(session: &Session) -> f64 {
    each(1_000_000, async || {
        std::hint::black_box(session.authorization_header().await.expect("a login"));
    })
    .await
}

#[tokio::main]
async fn main() {
    if !asked() {
        return;
    }
    let sandbox = Sandbox::start().await.expect("a sandbox");
    let store = MemoryStore::new();
    let builder = || -> SessionBuilder {
        Session::builder()
            .base_url(sandbox.base_url())
            .application("Benchmark")
            .store(store.clone())
    };
    let user = sandbox.scripted_user();
    let login = Login::show_url_with(move |url| {
        let (user, url) = (user.clone(), url.to_string());
        tokio::spawn(async move { user.visit(&url).await });
    });
    let session = builder().build().expect("a session");
    session.login(login).await.expect("a login");

    let header = Arc::new(OnceLock::new());
    let learning = builder().middleware(Learn(header.clone())).build();
    let learning = learning.expect("a session");
    learning.run(&Me {}).await.expect("an answer");
    let header = header.get().expect("a header").clone();
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .tcp_nodelay(true)
        .build()
        .expect("a client");
    let url = format!("{}/graphql", sandbox.base_url());
    let body = Bytes::from(attendium::operation::body(&Me {}));
    let bare = move || {
        let request = client
            .post(&url)
            .header(http::header::AUTHORIZATION, header.clone())
            .header(http::header::CONTENT_TYPE, "application/json")
            .header(http::header::ACCEPT, "application/json")
            .body(body.clone());
        async move {
            let response = request.send().await.expect("an answer");
            assert!(response.status().is_success());
            std::hint::black_box(response.bytes().await.expect("a body"));
        }
    };
    let ours = {
        let session = session.clone();
        move || {
            let session = session.clone();
            async move {
                std::hint::black_box(session.run(&Me {}).await.expect("an answer"));
            }
        }
    };

    let (mut rounds, mut memory) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let took = (
            calls(CALLS, bare.clone()).await,
            calls(CALLS, ours.clone()).await,
        );
        rounds.push(took);
        memory.push(resident());
    }
    let rate = |took: Took| CALLS as f64 / took.time.as_secs_f64();
    let cpu = |took: Took| took.cpu.as_secs_f64() * 1e6 / CALLS as f64;
    let ratio = median(&rounds, |(bare, ours)| rate(*ours) / rate(*bare));
    let cpu_ratio = median(&rounds, |(bare, ours)| cpu(*bare) / cpu(*ours));

    sandbox.expire_access_tokens();
    let before = sandbox.counts().refreshes;
    calls(CALLS, ours).await;
    let refreshes = sandbox.counts().refreshes - before;
    assert_eq!(
        refreshes, 1,
        "one refresh for {CALLS} calls on an expired token"
    );

    let fresh = builder().transport(Instantly).build().expect("a session");
    let anonymous = builder().transport(Instantly).anonymous().build();
    let anonymous = anonymous.expect("a session");
    let (with, without) = (
        call_without_network(&fresh).await,
        call_without_network(&anonymous).await,
    );

    let alone = fresh_token(&fresh).await;

    let mut record = Record::default();
    record.figure(
        &format!("bare reqwest, {IN_FLIGHT} in flight"),
        &format!(
            "{:.0} calls/s, {:.1} µs of CPU time each",
            median(&rounds, |(bare, _)| rate(*bare)),
            median(&rounds, |(bare, _)| cpu(*bare))
        ),
    );
    record.figure(
        &format!("session.run, {IN_FLIGHT} in flight"),
        &format!(
            "{:.0} calls/s, {:.1} µs of CPU time each",
            median(&rounds, |(_, ours)| rate(*ours)),
            median(&rounds, |(_, ours)| cpu(*ours))
        ),
    );
    record.bar(
        "session.run against bare reqwest",
        &format!("{ratio:.2}"),
        "0.90",
        ratio >= 0.9,
    );
    record.bar(
        "the same, of CPU time",
        &format!("{cpu_ratio:.2}"),
        "0.90",
        cpu_ratio >= 0.9,
    );
    record.bar(
        &format!("refreshes of {CALLS} calls on an expired token"),
        &refreshes.to_string(),
        "1",
        refreshes == 1,
    );
    record.figure(
        "session.run without a network, logged in",
        &format!("{with:.0} ns"),
    );
    record.figure("the same, anonymous", &format!("{without:.0} ns"));
    record.bar(
        "fresh token, alone",
        &format!("{alone:.0} ns"),
        "100 ns",
        alone < 100.0,
    );
    record.figure(
        "fresh token, put into its request",
        &format!("{:.0} ns", with - without),
    );
    // The first rounds fill pools and buffers; what a later one adds would be lost for good.
    let (early, late) = (memory[ROUNDS / 2], memory[ROUNDS - 1]);
    record.bar(
        &format!("memory after each round of {} calls, KB", 2 * CALLS),
        &format!("{memory:?}"),
        "flat",
        late <= early + early / 20,
    );
    let text = format!(
        "# What the session costs, beside a bare HTTP client\n\n\
         Made by `cargo bench -p attendium-benches --bench session`, which repeats it. {}, {}, attendium {}. The client and the sandbox share the \
         machine and the process, so the rates and the CPU time say little by themselves; the ratios are what counts, the median of {ROUNDS} pairs of \
         rounds that take turns. Of the other figures it is the least. A fresh token \
         alone is what `Session::authorization` takes. Put into its request, it is the difference between a call that is logged in and one that is \
         not, both answered without a network, which includes copying the body for a possible replay.\n",
        machine(),
        locked("reqwest"),
        env!("CARGO_PKG_VERSION"),
    );
    record.write("SESSION.md", &text);
}
