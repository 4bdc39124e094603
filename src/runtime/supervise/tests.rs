use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

fn tasks() -> Tasks {
    Tasks::new(&Arc::new(Metrics::new()))
}

/// Starts a task that does `each` time what it is told, and gives the number of its starts.
fn start<F>(tasks: &Tasks, each: impl Fn(usize) -> F + Send + 'static) -> Arc<AtomicUsize>
where
    F: Future<Output = End> + Send + 'static,
{
    let starts = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&starts);
    let make = move || each(counted.fetch_add(1, Ordering::Relaxed));
    tokio::spawn(tasks.task("test").keep(make));
    starts
}

#[tokio::test(start_paused = true)]
async fn a_task_that_panics_fails_or_returns_is_started_again_and_the_process_is_not_ready() {
    let tasks = tasks();
    let starts = start(&tasks, |n| async move {
        match n {
            0 => panic!("boom {n}"),
            1 => End::Failed("no luck".into()),
            2 => End::Returned,
            _ => std::future::pending().await,
        }
    });
    sleep(Duration::from_millis(10)).await;
    assert_eq!(tasks.trouble().as_deref(), Some("test: panicked, restarting"));
    sleep(Duration::from_millis(900)).await;
    assert_eq!(starts.load(Ordering::Relaxed), 4);
    assert_eq!(tasks.trouble().as_deref(), Some("test: ended, restarted"));
    assert!(tasks.metrics().text().contains("wsa_background_failures_total{task=\"test\"} 3"));
    sleep(Duration::from_secs(4)).await;
    assert_eq!(tasks.trouble(), None, "it has run well for a while");
}

#[tokio::test(start_paused = true)]
async fn a_task_that_fails_again_and_again_never_makes_the_process_ready_again() {
    let tasks = tasks();
    let starts = start(&tasks, |_| async {
        sleep(Duration::from_secs(5)).await;
        panic!("boom")
    });
    sleep(Duration::from_secs(60)).await;
    for _ in 0..600 {
        sleep(Duration::from_millis(500)).await;
        assert!(tasks.trouble().is_some());
    }
    assert!(starts.load(Ordering::Relaxed) < 25, "with growing pauses: {starts:?}");
}

#[tokio::test(start_paused = true)]
async fn a_task_may_return_once_it_is_told_to_or_is_done() {
    let tasks = tasks();
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    let kept = tokio::spawn(tasks.task("a").until(&stop).keep(move || {
        let stopped = stopped.clone();
        async move { stopped.cancelled().await }
    }));
    sleep(Duration::from_secs(1)).await;
    assert_eq!(tasks.names(), ["a"]);
    stop.cancel();
    kept.await.unwrap();
    tasks.numbered("b", 2).keep(|| async { End::Done }).await;
    assert_eq!((tasks.names(), tasks.trouble()), (vec![], None));
}

#[tokio::test(start_paused = true)]
async fn a_task_that_is_aborted_from_outside_comes_back() {
    let tasks = tasks();
    let starts = start(&tasks, |_| std::future::pending());
    sleep(Duration::from_secs(1)).await;
    assert!(tasks.abort("test") && !tasks.abort("nobody"));
    sleep(Duration::from_millis(500)).await;
    assert_eq!(starts.load(Ordering::Relaxed), 2);
}

#[tokio::test(start_paused = true)]
async fn a_task_ends_with_whoever_keeps_it() {
    let tasks = tasks();
    let (alive, mut gone) = tokio::sync::mpsc::channel::<()>(1);
    let kept = tokio::spawn(tasks.task("test").keep(move || {
        let alive = alive.clone();
        async move {
            alive.closed().await;
        }
    }));
    sleep(Duration::from_secs(1)).await;
    kept.abort();
    assert_eq!(gone.recv().await, None);
}

#[test]
fn the_pause_doubles_up_to_half_a_minute() {
    let pauses = [1, 2, 3, 9, 10, 1000].map(|failures| pause_after(failures).as_millis());
    assert_eq!(pauses, [100, 200, 400, 25_600, 30_000, 30_000]);
}

/// A step that does not end holds its thread: nothing of the runtime tells of that but the task's own signs of life.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_in_a_step_that_does_not_end_or_a_loop_that_stands_is_told_of() {
    let tasks = tasks();
    let (held, hold) = std::sync::mpsc::channel::<()>();
    let hold = Arc::new(Mutex::new(Some(hold)));
    tokio::spawn(tasks.task("blocked").keep(move || {
        let hold = hold.lock().unwrap().take();
        async move {
            if let Some(hold) = hold {
                let _ = hold.recv_timeout(Duration::from_secs(20));
            }
            std::future::pending::<()>().await
        }
    }));
    let standing = tasks.task("standing").within(Duration::from_secs(2));
    tokio::spawn(standing.keep(std::future::pending::<()>));
    let turning = tasks.task("turning").within(Duration::from_secs(2));
    tokio::spawn(turning.keep(|| async {
        for _ in 0..1000 {
            sleep(Duration::from_millis(200)).await;
        }
    }));
    sleep(Duration::from_millis(500)).await;
    assert_eq!(tasks.stuck(), None, "not yet");
    sleep(Duration::from_secs(3)).await;
    assert_eq!(tasks.stuck().as_deref(), Some("standing has not gone round for 3 s"));
    assert!(tasks.abort("standing"));
    sleep(Duration::from_secs(7)).await;
    let told = tasks.stuck().unwrap();
    assert!(told.contains("blocked has been in one step for 10 s"), "{told}");
    drop(held);
    sleep(Duration::from_millis(200)).await;
    let told = tasks.stuck();
    assert!(!told.as_ref().is_some_and(|told| told.contains("blocked")), "{told:?}");
}
