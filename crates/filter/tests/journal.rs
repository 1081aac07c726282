//! How the state is written: whole now and then, and by what came since in between.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod mock;

use mock::{Exchange, MockHost, ask, post, sum};
use serde_json::json;
use tidegate_filter::Worker;
use tidegate_filter::host::Expected;

/// Rows that the reference is learned from: two a request.
const LEARNED: u64 = 100;
/// Where the pieces of the state lie.
const PIECES: &str = "tidegate/default/state/";

fn config(learned: u64) -> String {
    json!({
        "admin": { "token": "secret" },
        "experiments": [{
            "name": "e", "unit": { "header": "x-user" },
            "variants": [{ "name": "a", "weight": 0.5 }, { "name": "b", "weight": 0.5 }],
        }],
        "models": [{
            "match": { "path_prefix": "/v2" }, "protocol": "open_inference",
            "reference": { "learn": { "samples": learned } },
        }],
    })
    .to_string()
}

fn start(host: &MockHost, learned: u64) -> Worker {
    Worker::configure(host, config(learned).as_bytes()).unwrap()
}

fn tick(host: &MockHost, worker: &mut Worker) {
    host.advance_millis(1_000);
    worker.tick(host, false);
}

/// Labelled predictions from `first` on, and a request.
fn send(host: &MockHost, worker: &mut Worker, first: u32, labelled: u32) {
    let events = (first..first + labelled).map(|index| {
        let id = format!("prediction {index}");
        let (class, label) = (["a", "b"][index as usize % 2], ["a", "b"][index as usize / 2 % 2]);
        let made = json!({
            "type": "inference", "model_name": "told", "prediction_id": id, "predictions": [class], "confidences": [0.7],
        });
        format!("{made}\n{}\n", json!({ "type": "label", "prediction_id": id, "label": label }))
    });
    let body: String = events.collect();
    if labelled > 0 {
        assert_eq!(post(host, worker, "/.tidegate/v1/events", &body).status, 200);
    }
    let user = format!("u{first}").into_bytes();
    let mut exchange = Exchange::iris();
    exchange.request_headers.push(("x-user", user));
    exchange.run(host, worker);
}

/// What is read of a gateway, but for who leads it and since when.
fn shown(host: &MockHost, worker: &mut Worker) -> (Vec<String>, Vec<u8>) {
    let metrics = ask(host, worker, "GET", "/.tidegate/v1/metrics").body;
    let leads = ["tidegate_leader", "tidegate_members", "tidegate_silent", "tidegate_last_tick"];
    let is_told = |line: &&str| !leads.iter().any(|it| line.contains(it));
    let metrics = String::from_utf8(metrics).unwrap();
    let metrics = metrics.lines().filter(is_told).map(str::to_owned).collect();
    (metrics, ask(host, worker, "GET", "/.tidegate/v1/snapshot").body)
}

fn resets(host: &MockHost, worker: &mut Worker) -> u64 {
    sum(&ask(host, worker, "GET", "/.tidegate/v1/metrics").body, "tidegate_state_resets_total", "")
}

#[test]
fn whoever_takes_over_shows_what_was_shown_whatever_lies_in_the_journal() {
    let host = MockHost::default();
    let mut leader = start(&host, LEARNED);
    for round in 0..60 {
        // Now many, now few, now none; a reference is learned meanwhile.
        send(&host, &mut leader, round * 100, if round % 7 == 0 { 80 } else { round % 3 });
        tick(&host, &mut leader);
        if round % 5 == 4 {
            let before = shown(&host, &mut leader);
            // It vanishes without a word, and another leads in the same moment.
            leader = start(&host, LEARNED);
            host.store.set("tidegate/default/lease", &[], Expected::Any).unwrap();
            leader.tick(&host, false);
            let after = shown(&host, &mut leader);
            let differing = after.0.iter().zip(&before.0).find(|(after, before)| after != before);
            assert_eq!(differing, None, "round {round}");
            assert!(after == before, "round {round}");
            assert_eq!(resets(&host, &mut leader), 0);
        }
    }
    let (metrics, snapshot) = shown(&host, &mut leader);
    let snapshot: serde_json::Value = serde_json::from_slice(&snapshot).unwrap();
    assert_eq!(snapshot["models"][0]["reference"]["state"], "ready");
    assert_eq!(sum(metrics.join("\n").as_bytes(), "ab_test_requests_total", ""), 60);
}

#[test]
fn a_tick_writes_what_came_and_not_all_that_is_known() {
    let host = MockHost::default();
    let mut leader = start(&host, LEARNED);
    for round in 0..20 {
        send(&host, &mut leader, round * 100, 100);
        tick(&host, &mut leader);
    }
    let whole = host.store.bytes(PIECES);
    let before = host.store.written(PIECES);
    for round in 0..50 {
        send(&host, &mut leader, 100_000 + round, 1);
        tick(&host, &mut leader);
    }
    let written = host.store.written(PIECES) - before;
    assert!(whole > 200_000, "{whole}");
    // A whole at most, and a short chunk a tick.
    assert!(written < 4 * whole, "{written} of {}", 50 * whole);
    assert!(host.store.bytes(PIECES) < 2 * whole);
}

#[test]
fn nothing_is_left_of_pieces_that_no_root_names() {
    let host = MockHost::default();
    let mut former = start(&host, LEARNED);
    for round in 0..200 {
        send(&host, &mut former, round * 20, 20);
        tick(&host, &mut former);
    }
    let own = format!("{PIECES}0/");
    assert!(host.store.bytes(&own) > 100_000);
    host.advance_millis(10_000);
    let mut next = start(&host, LEARNED);
    tick(&host, &mut next);
    assert_eq!(host.store.bytes(&own), 0);
    assert!(host.store.keys().iter().filter(|key| key.starts_with(&own)).count() <= 64);
}

#[test]
fn another_config_goes_on_with_what_was_learned_under_the_former() {
    let host = MockHost::default();
    let mut old = start(&host, LEARNED);
    for round in 0..60 {
        send(&host, &mut old, round, 0);
        tick(&host, &mut old);
    }
    let profile = |worker: &mut Worker| {
        let profile = ask(&host, worker, "GET", "/.tidegate/v1/profile?model=iris").body;
        serde_json::from_slice::<serde_json::Value>(&profile).unwrap()["rows"].clone()
    };
    let rows = profile(&mut old);
    assert!(rows.as_u64().unwrap() > 10, "{rows}");
    let mut new = start(&host, 1_000);
    tick(&host, &mut new);
    assert_eq!(profile(&mut new), rows);
    assert_eq!(resets(&host, &mut new), 0);
}

#[test]
fn damaged_pieces_are_refused_and_counted() {
    let host = MockHost::default();
    let mut leader = start(&host, LEARNED);
    send(&host, &mut leader, 0, 100);
    tick(&host, &mut leader);
    for round in 0..3 {
        send(&host, &mut leader, 1_000 + round, 1);
        tick(&host, &mut leader);
    }
    let pieces: Vec<_> =
        host.store.keys().into_iter().filter(|it| it.starts_with(PIECES)).collect();
    let held = |key: &String| host.store.get(key).unwrap().value;
    let (whole, chunks): (Vec<_>, Vec<_>) = pieces
        .into_iter()
        .filter(|key| !held(key).is_empty())
        .partition(|key| held(key).len() > 5_000);
    assert_eq!((whole.len(), chunks.len()), (1, 1), "a whole, and a journal");
    let root = host.store.get("tidegate/default/state").unwrap().value;
    for key in whole.iter().chain(&chunks) {
        let sound = held(key);
        let lengths = (0..sound.len()).step_by(sound.len() / 40 + 1);
        for damaged in lengths.map(|length| sound[..length].to_vec()) {
            host.store.set("tidegate/default/state", &root, Expected::Any).unwrap();
            host.store.set(key, &damaged, Expected::Any).unwrap();
            host.advance_millis(10_000);
            let mut next = start(&host, LEARNED);
            tick(&host, &mut next);
            assert_eq!(resets(&host, &mut next), 1, "{} of {} bytes", damaged.len(), sound.len());
            host.store.set(&whole[0], &[], Expected::Any).unwrap();
        }
        host.store.set(key, &sound, Expected::Any).unwrap();
    }
}
