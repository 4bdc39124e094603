//! Many who listen and are told nothing: what they cost, and how soon one of them is told something.
//!
//! Clients and service share this process, so that its figures are the cost of both ends.

use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use hdrhistogram::Histogram;
use nix::sys::resource::{Resource, UsageWho, getrlimit, getrusage, setrlimit};
use nix::sys::time::TimeValLike;
use serde::Serialize;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::orders::{self, Ground};
use crate::domain::token::{self, TokenHash};
use crate::engine::app::App;
use crate::protocols::whiteserver::http::{CREATE, LISTEN_QUEUE};

/// Listeners of one aggregator.
const SHARE: usize = 10;
/// How long the idle are watched: a listener is sent away after 20 s and comes again.
const WATCH: Duration = Duration::from_secs(40);
/// How often one of them is told something.
const NOTIFICATIONS: usize = 100;
/// Descriptors of a listener: one at each end.
const DESCRIPTORS: u64 = 2;

/// What was seen.
#[derive(Debug, Serialize)]
pub struct Seen {
    /// How many listened.
    pub listeners: usize,
    /// By how much the memory of this process grew at its peak, for each listener, in KiB.
    pub kib_each: f64,
    /// Of one core, how much this process used while nothing was told, in percent.
    pub cpu_percent: f64,
    /// From the submission of a task to its answer in the hands of a listener, in milliseconds.
    pub p50_ms: f64,
    /// The same.
    pub p99_ms: f64,
    /// The same.
    pub max_ms: f64,
}

/// Lets so many listen to `app`, whose API has this URL.
pub async fn run(app: &App, url: &str, listeners: usize) -> anyhow::Result<Seen> {
    raise_descriptors(listeners as u64 * DESCRIPTORS + 500)?;
    let tokens = aggregators(app, listeners.div_ceil(SHARE)).await?;
    let message = orders::prepare(&app.store).await?;
    let http = crate::runtime::tls::http_client().pool_max_idle_per_host(listeners).build()?;

    let before = usage()?;
    let mut idle = JoinSet::new();
    for number in 0..listeners {
        let (http, url) = (http.clone(), url.to_owned());
        let token = tokens[number / SHARE].clone();
        idle.spawn(async move {
            loop {
                listen(&http, &url, &token).await?;
            }
            #[allow(unreachable_code)] // says what an error looks like
            anyhow::Ok(())
        });
    }
    let until = Instant::now() + WATCH;
    while app.metrics.waiting.get() < listeners as i64 {
        ensure!(Instant::now() < until, "not all of {listeners} listen after {WATCH:?}");
        sleep(Duration::from_millis(50)).await;
    }
    let watched = Instant::now();
    let all = usage()?;
    sleep(WATCH).await;
    let after = usage()?;
    let cpu = (after.cpu - all.cpu).as_secs_f64() / watched.elapsed().as_secs_f64();
    if let Some(failed) = idle.try_join_next() {
        failed??;
        bail!("a listener gave up");
    }
    let ms = tell(app, &http, url, &message).await?;
    Ok(Seen {
        listeners,
        kib_each: after.peak_kib.saturating_sub(before.peak_kib) as f64 / listeners as f64,
        cpu_percent: cpu * 100.0,
        p50_ms: ms.value_at_quantile(0.5) as f64 / 1000.0,
        p99_ms: ms.value_at_quantile(0.99) as f64 / 1000.0,
        max_ms: ms.max() as f64 / 1000.0,
    })
}

/// Has tasks answered one by one, each while somebody listens; gives microseconds.
async fn tell(
    app: &App,
    http: &reqwest::Client,
    url: &str,
    ground: &Ground,
) -> anyhow::Result<Histogram<u64>> {
    let mut took = Histogram::new_with_bounds(1, 60_000_000, 3)?;
    for order in orders::open(&app.store, ground.object, NOTIFICATIONS).await? {
        let listening = {
            let (http, url, token) = (http.clone(), url.to_owned(), ground.token.clone());
            tokio::spawn(async move { listen(&http, &url, &token).await })
        };
        // Until it listens for certain.
        sleep(Duration::from_millis(20)).await;
        let submitted = Instant::now();
        let body = orders::pay_request(&order, ground.currency, false);
        post(http, &format!("{url}{CREATE}"), &ground.token, body).await?;
        let heard = listening.await??;
        took.saturating_record(u64::try_from(submitted.elapsed().as_micros()).unwrap_or(u64::MAX));
        ensure!(heard.contains("\"taskResponse\""), "no answer of a task: {heard}");
    }
    Ok(took)
}

async fn listen(http: &reqwest::Client, url: &str, token: &str) -> anyhow::Result<String> {
    let body = r#"{"queueType":"TaskQueue"}"#.to_owned();
    post(http, &format!("{url}{LISTEN_QUEUE}"), token, body).await
}

async fn post(
    http: &reqwest::Client,
    url: &str,
    token: &str,
    body: String,
) -> anyhow::Result<String> {
    let request = http.post(url).header("AggregatorAuthentication", token).body(body);
    let response = request.send().await?.error_for_status()?;
    Ok(response.text().await?)
}

async fn aggregators(app: &App, count: usize) -> anyhow::Result<Vec<String>> {
    let mut tokens = Vec::with_capacity(count);
    for _ in 0..count {
        let token = token::generate();
        let name = format!("bench-{}", uuid::Uuid::now_v7());
        let added = app.store.add_aggregator(&name, TokenHash::of(&token)).await?;
        added.with_context(|| format!("the aggregator {name} is there already"))?;
        tokens.push(token);
    }
    Ok(tokens)
}

struct Usage {
    cpu: Duration,
    peak_kib: u64,
}

fn usage() -> anyhow::Result<Usage> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    let peak_kib = u64::try_from(usage.max_rss()).unwrap_or(0);
    Ok(Usage { cpu: Duration::from_micros(micros.unsigned_abs()), peak_kib })
}

/// A connection is a descriptor, and many shells allow 1024 of them unless they are asked.
fn raise_descriptors(needed: u64) -> anyhow::Result<()> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    ensure!(hard >= needed, "{needed} open files are needed, and {hard} are allowed (ulimit -Hn)");
    if soft < needed {
        setrlimit(Resource::RLIMIT_NOFILE, needed, hard)?;
    }
    Ok(())
}
