//! Which requests are sampled.

use axum::http::HeaderValue;

use super::*;
use crate::runtime::supervise::Tasks;

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7";

fn tracer(sample_ratio: f64) -> Tracer {
    let metrics = Arc::new(Metrics::new());
    let settings = TraceSettings {
        // Nobody is there: nothing of this waits for it.
        url: "http://127.0.0.1:9/v1/traces".parse().unwrap(),
        headers: HeaderMap::new(),
        timeout: Duration::from_secs(1),
        sample_ratio,
        resource: Vec::new(),
        tls: ClientTls::default(),
    };
    Tracer::start(settings, &Tasks::new(&metrics).task("spans"), &metrics)
}

fn headers(parents: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for parent in parents {
        headers.append(TRACEPARENT, HeaderValue::from_str(parent).unwrap());
    }
    headers
}

#[tokio::test]
async fn the_caller_decides_and_else_the_ratio_does() {
    let (none, all) = (tracer(0.0), tracer(1.0));
    let (yes, no) = (format!("{PARENT}-01"), format!("{PARENT}-00"));
    let sampled = none.admit(&headers(&[&yes])).unwrap();
    assert_eq!(format!("{:032x}", sampled.trace_id), &PARENT[3..35]);
    assert_eq!(format!("{:016x}", sampled.parent.unwrap()), &PARENT[36..]);
    assert!(all.admit(&headers(&[&no])).is_none());
    for without in [&[][..], &["nonsense"], &[&yes, &yes]] {
        assert!(none.admit(&headers(without)).is_none());
        let begun = all.admit(&headers(without)).unwrap();
        assert!(begun.parent.is_none() && format!("{:032x}", begun.trace_id) != PARENT[3..35]);
    }
}

#[tokio::test]
async fn about_as_many_are_sampled_as_the_ratio_says() {
    let tracer = tracer(0.25);
    let sampled = (0..10_000).filter(|_| tracer.admit_message(None).is_some()).count();
    assert!((2000..3000).contains(&sampled), "{sampled}");
}

#[test]
fn without_a_tracer_nothing_is_made() {
    let off = Tracer::default();
    let (yes, context) = (format!("{PARENT}-01"), TraceParent::read(&format!("{PARENT}-01")));
    let context = context.unwrap().context;
    assert!(!off.is_on() && off.admit(&headers(&[&yes])).is_none());
    assert!(off.span(context, Kind::Internal, "x").is_none());
    assert!(off.batch(Kind::Internal, "x", [context]).is_none());
    off.remember(Uuid::nil(), context);
    assert!(off.recall(Uuid::nil()).is_none());
}

#[tokio::test]
async fn the_oldest_are_forgotten_and_spans_without_room_are_counted() {
    let tracer = tracer(1.0);
    let context = TraceParent::read(&format!("{PARENT}-01")).unwrap().context;
    for name in 0..20_000 {
        tracer.remember(Uuid::from_u128(name), context);
        drop(tracer.span(context, Kind::Internal, "x"));
    }
    assert!(tracer.recall(Uuid::from_u128(0)).is_none());
    assert_eq!(tracer.recall(Uuid::from_u128(19_999)), Some(context));
    let names = [0, 19_998, 19_999].map(Uuid::from_u128).into_iter();
    assert_eq!(tracer.recall_all(names), [(1, context), (2, context)]);
    let shared = tracer.0.as_ref().unwrap();
    // None was sent: this thread did nothing else meanwhile.
    assert_eq!(shared.metrics.spans_dropped.get(), 20_000 - WAITING as u64);
    assert!(shared.dropping.load(Ordering::Relaxed));
}
