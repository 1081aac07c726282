//! Webhooks: each alert and decision is told once and in order, whoever leads and whatever fails.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod mock;

use std::collections::BTreeSet;

use mock::{Exchange, MockHost, Sent, ask, post, sum};
use serde_json::{Value, json};
use tidegate_filter::Worker;
use tidegate_filter::config::Config;

fn config(webhooks: &Value, actions: &Value, dry_run: bool) -> String {
    json!({
        "admin": { "token": "secret" },
        "instance": "team a",
        "windows": { "pane_seconds": 1, "panes": 5 },
        "models": [{ "match": { "path_prefix": "/v2" }, "protocol": "open_inference" }],
        "alerts": [{
            "name": "errors", "severity": "critical", "summary": "The model fails.", "actions": actions,
            "when": "increase(inference_requests_total{status=\"server_error\"}[10s]) > 2",
        }],
        "remediation": { "dry_run": dry_run },
        "webhooks": webhooks,
    })
    .to_string()
}

fn alertmanager() -> Value {
    json!([{
        "name": "am", "format": "alertmanager", "cluster": "alerts", "authority": "alerts.example.com",
        "headers": { "Authorization": "Bearer hush" }, "labels": { "region": "eu" },
        "generator_url": "https://gateway.example.com/",
    }])
}

fn cloud_events() -> Value {
    json!([{ "name": "hook", "format": "cloud_events", "cluster": "hooks", "path": "/in?x=1" }])
}

fn worker(host: &MockHost, config: &str) -> Worker {
    Worker::configure(host, config.as_bytes()).unwrap()
}

fn tick(host: &MockHost, worker: &mut Worker) -> Vec<Sent> {
    host.advance_millis(1_000);
    worker.tick(host, false);
    host.take_calls()
}

fn fail(host: &MockHost, worker: &mut Worker) {
    for _ in 0..5 {
        Exchange { status: Some(503), ..Exchange::iris() }.run(host, worker);
    }
}

/// A worker whose model has begun to fail: it leads, and its alert fires at the next tick.
fn failing(host: &MockHost, config: &str) -> Worker {
    let mut worker = worker(host, config);
    Exchange { status: Some(503), ..Exchange::iris() }.run(host, &mut worker);
    assert_eq!(tick(host, &mut worker), []);
    fail(host, &mut worker);
    worker
}

fn body(sent: &Sent) -> Value {
    serde_json::from_str(&sent.body).unwrap()
}

fn snapshot(host: &MockHost, worker: &mut Worker) -> Value {
    serde_json::from_slice(&ask(host, worker, "GET", "/.tidegate/v1/snapshot").body).unwrap()
}

fn results(host: &MockHost, worker: &mut Worker, result: &str) -> u64 {
    let metrics = ask(host, worker, "GET", "/.tidegate/v1/metrics").body;
    sum(&metrics, "tidegate_webhooks_total", &format!("result=\"{result}\""))
}

#[test]
fn the_alertmanager_is_told_of_the_beginning_now_and_then_and_of_the_end() {
    let host = MockHost::default();
    let mut worker = failing(&host, &config(&alertmanager(), &json!([]), false));
    let sent = tick(&host, &mut worker);
    assert_eq!(sent.len(), 1);
    let call = &sent[0];
    let said = (call.cluster.as_str(), call.request_line.as_str(), call.authority.as_str());
    assert_eq!(said, ("alerts", "POST /api/v2/alerts", "alerts.example.com"));
    let header = |name: &str, value: &str| (name.to_string(), value.to_string());
    let expected =
        [header("authorization", "Bearer hush"), header("content-type", "application/json")];
    assert_eq!(call.headers, expected);
    let when = "increase(inference_requests_total{status=\"server_error\"}[10s]) > 2";
    let mut posted = body(call);
    posted[0]["annotations"]["value"].take();
    assert_eq!(
        posted,
        json!([{
            "labels": {
                "alertname": "errors", "severity": "critical", "region": "eu",
                "model_name": "iris", "version": "unknown", "status": "server_error",
            },
            "annotations": { "summary": "The model fails.", "when": when, "value": null },
            "startsAt": "2026-09-21T14:13:22.000Z", "endsAt": "2026-09-21T14:17:22.000Z",
            "generatorURL": "https://gateway.example.com/",
        }])
    );
    host.answer_call(&mut worker, call.id, Some((200, "")));

    let mut minute_and_more = |fails: bool| {
        let mut told = Vec::new();
        for _ in 0..70 {
            if fails {
                fail(&host, &mut worker);
            }
            for call in tick(&host, &mut worker) {
                host.answer_call(&mut worker, call.id, Some((200, "")));
                told.push(call);
            }
        }
        told
    };
    let later = minute_and_more(true);
    assert_eq!(later.len(), 1, "once a minute while it fires");
    assert_eq!(body(&later[0])[0]["startsAt"], "2026-09-21T14:13:22.000Z");
    assert_eq!(body(&later[0])[0]["endsAt"], "2026-09-21T14:18:22.000Z");

    let ended = minute_and_more(false);
    assert_eq!(ended.len(), 1);
    let ends_at = body(&ended[0])[0]["endsAt"].as_str().unwrap().to_string();
    assert!(ends_at.starts_with("2026-09-21T14:14:4"), "{ends_at}: within the window of its end");
    assert_eq!(results(&host, &mut worker, "delivered"), 3);
}

const SILENCES: &str = "/.tidegate/v1/silences";

fn silence(host: &MockHost, worker: &mut Worker, silence: &Value) -> (u32, String) {
    let reply = post(host, worker, SILENCES, &silence.to_string());
    (reply.status, String::from_utf8(reply.body).unwrap())
}

#[test]
fn who_is_silenced_is_not_told_until_the_silence_ends() {
    let host = MockHost::default();
    let config = config(&cloud_events(), &json!([]), false);
    let mut worker = failing(&host, &config);
    let now = (mock::START_NANOS / 1_000_000_000) as f64;
    let labels = json!({ "alertname": "errors", "severity": "critical" });
    let told = json!({ "labels": labels, "until_seconds": now + 20.0, "comment": "known" });
    let (status, taken) = silence(&host, &mut worker, &told);
    assert_eq!(status, 200, "{taken}");
    let id = serde_json::from_str::<Value>(&taken).unwrap()["id"].as_u64().unwrap();
    let about_alerts = |sent: &[Sent]| sent.iter().filter(|it| it.body.contains("alert")).count();
    assert_eq!(about_alerts(&tick(&host, &mut worker)), 0);
    assert_eq!(snapshot(&host, &mut worker)["alerts"][0]["state"], "firing");
    let listed = ask(&host, &mut worker, "GET", SILENCES);
    let listed: Value = serde_json::from_slice(&listed.body).unwrap();
    assert_eq!(
        listed[0],
        json!({ "id": id, "labels": labels, "from_seconds": 0.0,
        "until_seconds": now + 20.0, "comment": "known" })
    );
    let metrics = ask(&host, &mut worker, "GET", "/.tidegate/v1/metrics").body;
    assert_eq!(sum(&metrics, "tidegate_silences", ""), 1);

    // Ended before its time, and the alert is told of.
    let path = format!("{SILENCES}?id={id}");
    assert_eq!(ask(&host, &mut worker, "DELETE", &path).body, b"[]");
    assert_eq!(ask(&host, &mut worker, "DELETE", &path).status, 404);
    fail(&host, &mut worker);
    assert_eq!(about_alerts(&tick(&host, &mut worker)), 1);

    // One that ends by itself is gone.
    let (status, _) =
        silence(&host, &mut worker, &json!({ "labels": labels, "until_seconds": now + 10.0 }));
    assert_eq!(status, 200);
    host.advance_millis(20_000);
    assert_eq!(ask(&host, &mut worker, "GET", SILENCES).body, b"[]");
}

#[test]
fn silences_are_bounded_and_what_is_none_is_refused() {
    let host = MockHost::default();
    let mut worker = worker(&host, &config(&cloud_events(), &json!([]), false));
    let now = (mock::START_NANOS / 1_000_000_000) as f64;
    let labels = json!({ "model_name": "iris" });
    for (told, says) in [
        (json!({ "labels": {}, "until_seconds": now + 9.0 }), "1 to 16 `labels`"),
        (json!({ "labels": labels }), "missing field `until_seconds`"),
        (json!({ "labels": labels, "until_seconds": now - 1.0 }), "within a year"),
        (json!({ "labels": labels, "until_seconds": now * 1000.0 }), "within a year"),
        (
            json!({ "labels": labels, "until_seconds": now + 9.0, "from_seconds": now + 9.0 }),
            "before it ends",
        ),
        (json!({ "labels": labels, "until_seconds": now + 9.0, "matchers": [] }), "unknown field"),
        (json!({ "labels": { "a": "x".repeat(300) }, "until_seconds": now + 9.0 }), "256 bytes"),
        (
            json!({ "labels": labels, "until_seconds": now + 9.0, "comment": "x".repeat(1001) }),
            "1000 bytes",
        ),
        (json!({ "labels": labels, "comment": "x".repeat(20_000) }), "A body may have 16384 bytes"),
    ] {
        let (status, said) = silence(&host, &mut worker, &told);
        assert!((400..=413).contains(&status) && said.contains(says), "{status} {said}");
    }
    let good = json!({ "labels": labels, "until_seconds": now + 9.0 });
    let ids: BTreeSet<String> = (0..64).map(|_| silence(&host, &mut worker, &good).1).collect();
    assert_eq!(ids.len(), 64);
    assert_eq!(silence(&host, &mut worker, &good).0, 409);
    for (method, status) in [("PUT", 405), ("GET", 200)] {
        assert_eq!(ask(&host, &mut worker, method, SILENCES).status, status);
    }
    let closed = mock::ask_with(&host, &mut worker, "DELETE", SILENCES, &[]);
    assert_eq!(closed.status, 401);
    host.advance_millis(10_000);
    let later = json!({ "labels": labels, "until_seconds": now + 99.0 });
    assert_eq!(silence(&host, &mut worker, &later).0, 200, "those that ended make room");
}

#[test]
fn a_webhook_that_fails_is_left_alone_longer_and_longer_and_is_told_in_order() {
    let host = MockHost::default();
    let mut worker = failing(&host, &config(&cloud_events(), &json!(["retrain:iris"]), false));
    let mut attempts = Vec::new();
    for second in 0..40 {
        fail(&host, &mut worker);
        for call in tick(&host, &mut worker) {
            attempts.push((second, body(&call)["id"].as_str().unwrap().to_string()));
            // Refused, busy, unreachable, out of order: all the same.
            let answers = [Some((503, "")), Some((429, "")), None, Some((504, "late"))];
            host.answer_call(&mut worker, call.id, answers[attempts.len() % 4]);
        }
    }
    let seconds: Vec<u32> = attempts.iter().map(|(second, _)| *second).collect();
    // It is told that it failed a second later, and then left alone for 1, 2, 4, 8, ... seconds.
    assert_eq!(seconds, [0, 2, 5, 10, 19, 36]);
    assert!(
        attempts.iter().all(|(_, id)| *id == attempts[0].1),
        "the first is first: {attempts:?}"
    );
    assert_eq!(results(&host, &mut worker, "failed"), 6);
    assert!(host.logs.borrow().iter().any(|line| line.contains("webhook `hook` was not told")));

    let mut told = Vec::new();
    for _ in 0..300 {
        for call in tick(&host, &mut worker) {
            told.push(body(&call)["type"].as_str().unwrap().to_string());
            host.answer_call(&mut worker, call.id, Some((202, "")));
        }
    }
    assert_eq!(told[..2], ["tidegate.alerts", "tidegate.retrain.requested"]);
    tick(&host, &mut worker);
    assert_eq!(results(&host, &mut worker, "delivered"), told.len() as u64);
}

#[test]
fn what_is_refused_for_good_is_not_sent_again() {
    let host = MockHost::default();
    let mut worker = failing(&host, &config(&cloud_events(), &json!([]), false));
    let sent = tick(&host, &mut worker);
    host.answer_call(&mut worker, sent[0].id, Some((400, "no")));
    let later: Vec<Sent> = (0..5).flat_map(|_| tick(&host, &mut worker)).collect();
    assert_eq!((later.len(), results(&host, &mut worker, "rejected")), (0, 1));
}

#[test]
fn a_cluster_that_is_not_there_is_a_failure_and_no_more() {
    let host = MockHost::default();
    host.refusing.borrow_mut().push("hooks".into());
    let mut worker = failing(&host, &config(&cloud_events(), &json!([]), false));
    for _ in 0..8 {
        assert_eq!(tick(&host, &mut worker), []);
    }
    assert_eq!(results(&host, &mut worker, "failed"), 3);
    host.refusing.borrow_mut().clear();
    assert_eq!((0..4).map(|_| tick(&host, &mut worker).len()).sum::<usize>(), 1);
}

#[test]
fn a_successor_sends_what_was_not_answered_and_only_that() {
    let host = MockHost::default();
    let config = config(&cloud_events(), &json!(["retrain:iris"]), false);
    let mut first = failing(&host, &config);
    let mut second = worker(&host, &config);
    let alert = tick(&host, &mut first);
    host.answer_call(&mut first, alert[0].id, Some((200, "")));
    let request = tick(&host, &mut first);
    assert_eq!(body(&request[0])["type"], "tidegate.retrain.requested");
    drop(first);
    let again: Vec<Sent> = (0..60).flat_map(|_| tick(&host, &mut second)).collect();
    // Besides, it tells that the alert is over.
    let same: Vec<_> = again.iter().filter(|sent| sent.body == request[0].body).collect();
    assert!(!same.is_empty(), "with the same number: {again:?}");
    assert!(again.iter().all(|sent| sent.body != alert[0].body));
}

#[test]
fn an_answer_that_comes_when_another_leads_is_handed_in() {
    let host = MockHost::default();
    let config = config(&cloud_events(), &json!([]), false);
    let mut first = failing(&host, &config);
    let alert = tick(&host, &mut first);
    // A newer config takes the lease at once.
    let mut second = worker(&host, &config.replace("The model fails.", "It fails."));
    assert_eq!(tick(&host, &mut second), []);
    host.answer_call(&mut first, alert[0].id, Some((200, "")));
    host.advance_millis(1);
    first.tick(&host, true);
    let again: Vec<Sent> = (0..60).flat_map(|_| tick(&host, &mut second)).collect();
    assert!(again.iter().all(|sent| sent.body != alert[0].body), "{again:?}");
    assert_eq!(results(&host, &mut second, "delivered"), 1);
}

#[test]
fn a_retraining_is_asked_for_with_its_evidence_but_not_in_a_dry_run() {
    for dry_run in [false, true] {
        let host = MockHost::default();
        let actions = json!(["retrain:iris", "circuit:iris"]);
        let mut worker = failing(&host, &config(&cloud_events(), &actions, dry_run));
        let mut events = Vec::new();
        for _ in 0..6 {
            for call in tick(&host, &mut worker) {
                assert_eq!(call.request_line, "POST /in?x=1");
                let json = "application/cloudevents+json; charset=utf-8";
                assert_eq!(call.headers, [("content-type".to_string(), json.to_string())]);
                events.push(body(&call));
                host.answer_call(&mut worker, call.id, Some((200, "")));
            }
        }
        for event in &events {
            assert_eq!(event["specversion"], "1.0");
            assert_eq!(event["source"], "/tidegate/team-a");
            assert_eq!(event["datacontenttype"], "application/json");
            assert!(event["time"].as_str().unwrap().starts_with("2026-09-21T14:13:2"));
        }
        let find = |kind: &str| events.iter().find(|event| event["type"] == kind);
        let alerts = find("tidegate.alerts").unwrap();
        assert_eq!(alerts["subject"], "errors");
        assert_eq!(alerts["data"]["alerts"][0]["state"], "firing");
        let circuit = find("tidegate.decision").unwrap();
        assert_eq!(circuit["subject"], "iris");
        assert_eq!(circuit["data"]["to"], "open");
        assert_eq!(circuit["data"]["dry_run"], dry_run);
        let request = find("tidegate.retrain.requested");
        assert_eq!(request.is_some(), !dry_run);
        assert_eq!(results(&host, &mut worker, "dry_run"), u64::from(dry_run));
        if let Some(request) = request {
            assert_eq!(request["data"]["evidence"]["alert"], "errors");
            assert_eq!(request["data"]["evidence"]["labels"]["model_name"], "iris");
        }
    }
}

#[test]
fn letters_that_find_no_room_are_counted_and_the_state_stays_small() {
    let host = MockHost::default();
    host.refusing.borrow_mut().push("hooks".into());
    let webhooks = json!([{
        "name": "hook", "format": "cloud_events", "cluster": "hooks", "repeat_seconds": 1,
    }]);
    let mut worker = failing(&host, &config(&webhooks, &json!([]), false));
    let size = |host: &MockHost| host.store.get("tidegate/team a/state").unwrap().value.len();
    let mut largest = 0;
    for second in 0..2_400 {
        // On and off, so that ends are to be told too.
        if second % 16 < 2 {
            fail(&host, &mut worker);
        }
        tick(&host, &mut worker);
        largest = largest.max(size(&host));
    }
    let metrics = ask(&host, &mut worker, "GET", "/.tidegate/v1/metrics").body;
    assert!(sum(&metrics, "tidegate_webhooks_waiting", "") <= 128);
    assert!(results(&host, &mut worker, "superseded") > 100);
    assert!(results(&host, &mut worker, "dropped") > 0);
    assert!(largest < 500_000, "{largest} bytes");
}

#[test]
fn many_alerts_go_in_letters_of_some_each() {
    for webhooks in [alertmanager(), cloud_events()] {
        let host = MockHost::default();
        let config = config(&webhooks, &json!([]), false);
        let mut config: Value = serde_json::from_str(&config).unwrap();
        let mut second = config["alerts"][0].clone();
        second["name"] = json!("errors, again");
        config["alerts"].as_array_mut().unwrap().push(second);
        let mut worker = worker(&host, &config.to_string());
        let fail = |host: &MockHost, worker: &mut Worker| {
            for model in 0..120 {
                let path = format!("/v2/models/m{model}/infer");
                let exchange = Exchange { path, status: Some(503), ..Exchange::iris() };
                (0..3).for_each(|_| exchange.run(host, worker));
            }
        };
        fail(&host, &mut worker);
        tick(&host, &mut worker);
        fail(&host, &mut worker);
        let mut told = BTreeSet::new();
        let mut letters = 0;
        for _ in 0..6 {
            for call in tick(&host, &mut worker) {
                let body = body(&call);
                let alerts = body.as_array().or(body["data"]["alerts"].as_array()).unwrap();
                assert!((1..=50).contains(&alerts.len()), "{}", alerts.len());
                told.extend(alerts.iter().map(|it| it["labels"]["model_name"].to_string()));
                letters += 1;
                host.answer_call(&mut worker, call.id, Some((200, "")));
            }
        }
        let firing = snapshot(&host, &mut worker)["alerts"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|alert| alert["state"] == "firing")
            .map(|alert| alert["labels"]["model_name"].to_string())
            .collect::<BTreeSet<_>>();
        assert!(2 * firing.len() > 50, "{}", firing.len());
        assert_eq!(told, firing, "in {letters} letters");
        assert_eq!(letters, 2);
    }
}

#[test]
fn a_clock_that_is_set_back_pauses_nothing_for_long() {
    let host = MockHost::default();
    let mut worker = failing(&host, &config(&cloud_events(), &json!([]), false));
    let sent = tick(&host, &mut worker);
    host.answer_call(&mut worker, sent[0].id, Some((503, "")));
    tick(&host, &mut worker);
    host.now_nanos.set(host.now_nanos.get() - 3_600_000_000_000);
    let again: usize = (0..5).map(|_| tick(&host, &mut worker).len()).sum();
    assert_eq!(again, 1);
}

#[test]
fn secrets_are_in_no_answer_and_no_log() {
    let host = MockHost::default();
    let config = config(&alertmanager(), &json!([]), false);
    let mut worker = failing(&host, &config);
    let sent = tick(&host, &mut worker);
    host.answer_call(&mut worker, sent[0].id, Some((401, "")));
    tick(&host, &mut worker);
    for endpoint in ["metrics", "snapshot"] {
        let shown = ask(&host, &mut worker, "GET", &format!("/.tidegate/v1/{endpoint}")).body;
        assert!(!String::from_utf8(shown).unwrap().contains("hush"), "{endpoint}");
    }
    assert!(!host.logs.borrow().concat().contains("hush"));
    let parsed = Config::parse(config.as_bytes()).unwrap();
    assert!(!format!("{:?}", parsed.webhooks).contains("hush"));
}

#[test]
fn every_problem_of_a_webhook_has_its_place() {
    let webhooks = json!([
        { "name": "a", "format": "slack", "cluster": "c", "headers": { "Host": "x", "a b": "x" } },
        { "name": "b", "format": "cloud_events", "cluster": "c", "path": "in", "timeout_seconds": 0,
          "labels": { "1a": "x" }, "generator_url": "x", "authority": "\u{e9}" },
        { "name": "c", "format": "alertmanager", "cluster": "c" },
        { "name": "c", "format": "alertmanager", "cluster": "d", "headers": { "x": "" } },
        { "format": "alertmanager", "retry": 5 },
    ]);
    let problems = Config::parse(config(&webhooks, &json!([]), false).as_bytes()).unwrap_err();
    let pointers: Vec<_> = problems.iter().map(|problem| problem.pointer.as_str()).collect();
    assert_eq!(
        pointers,
        [
            "/webhooks/0/format",
            "/webhooks/0/headers/Host",
            "/webhooks/0/headers/a b",
            "/webhooks/1/authority",
            "/webhooks/1/path",
            "/webhooks/1/timeout_seconds",
            "/webhooks/1/labels/1a",
            "/webhooks/1/generator_url",
            "/webhooks/3/headers/x",
            "/webhooks/3",
            "/webhooks/4/retry",
            "/webhooks/4",
            "/webhooks/4",
        ]
    );
}
