//! What the gateway's own statistics get: each request once, whoever leads.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod mock;

use std::collections::BTreeMap;

use mock::{Exchange, MockHost, Store};
use tidegate_filter::Worker;

const CONFIG: &str = r#"{"experiments": [{"name": "a-b", "unit": {"header": "x-user"},
    "variants": [{"name": "control", "weight": 1}, {"name": "treatment", "weight": 0}]}]}"#;

fn worker(host: &MockHost) -> Worker {
    Worker::configure(host, CONFIG.as_bytes()).unwrap()
}

/// Two ticks: one hands over, one leads with it.
fn tick(host: &MockHost, worker: &mut Worker) {
    for _ in 0..2 {
        host.advance_millis(1_000);
        worker.tick(host, false);
    }
}

fn requests(host: &MockHost, count: usize, worker: &mut Worker) {
    let user = ("x-user", b"u1".to_vec());
    let mut exchange = Exchange::iris();
    exchange.request_headers.push(user);
    (0..count).for_each(|_| exchange.run(host, worker));
}

#[test]
fn names_carry_their_labels() {
    let host = MockHost::default();
    let mut worker = worker(&host);
    requests(&host, 3, &mut worker);
    tick(&host, &mut worker);
    let counters = host.counters.borrow().clone();
    let expected = BTreeMap::from([
        ("tidegate_latency_microseconds_count.tg_model=.=iris;.;", 3),
        ("tidegate_latency_microseconds_sum.tg_model=.=iris;.;", 36_000),
        ("tidegate_predictions_total.tg_model=.=iris;.;", 6),
        ("tidegate_requests_total.tg_model=.=iris;.;tg_status=.=success;.;", 3),
        ("tidegate_ticks_total", 2),
        ("tidegate_variant_requests_total.tg_experiment=.=a-b;.;tg_variant=.=control;.;", 3),
    ]);
    let expected = expected.into_iter().map(|(name, count)| (name.to_string(), count)).collect();
    assert_eq!(counters, expected);
}

#[test]
fn a_successor_counts_on_and_nothing_twice() {
    let store = Store::default();
    let first_host = MockHost::new(store.clone(), Box::new(|| false));
    let mut first = worker(&first_host);
    requests(&first_host, 5, &mut first);
    tick(&first_host, &mut first);
    requests(&first_host, 2, &mut first);
    first.close(&first_host);

    let second_host = MockHost::new(store, Box::new(|| false));
    second_host.now_nanos.set(first_host.now_nanos.get());
    let mut second = worker(&second_host);
    requests(&second_host, 4, &mut second);
    tick(&second_host, &mut second);
    tick(&second_host, &mut second);
    let name = "tidegate_requests_total.tg_model=.=iris;.;tg_status=.=success;.;";
    let counts = [&first_host, &second_host].map(|host| host.counters.borrow()[name]);
    assert_eq!(counts, [5, 6], "the two that the first handed over last are the second's");
}

#[test]
fn a_tick_without_news_is_a_tick_all_the_same() {
    let host = MockHost::default();
    let mut worker = worker(&host);
    tick(&host, &mut worker);
    assert_eq!(*host.counters.borrow(), BTreeMap::from([("tidegate_ticks_total".into(), 2)]));
}
