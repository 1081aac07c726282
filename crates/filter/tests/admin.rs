//! The admin API: who gets an answer, and which.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod mock;

use mock::{Exchange, MockHost, ask, ask_with};
use serde_json::Value;
use tidegate_core::observatory::merge_snapshots_from_json;
use tidegate_core::snapshot::ReferenceStatus;
use tidegate_filter::host::Reply;
use tidegate_filter::{Flow, Worker};

const CONFIG: &str = r#"{"admin": {"token": "secret", "cors_origins": ["https://ops.example.com"]},
    "models": [{"match": {"path_prefix": "/"}, "protocol": "open_inference",
                "reference": {"learn": {"samples": 100}}}]}"#;

fn worker(config: &str) -> Worker {
    Worker::configure(&MockHost::default(), config.as_bytes()).unwrap()
}

/// A host and a worker that has led for a tick, with `requests` of two rows each.
fn led(requests: usize) -> (MockHost, Worker) {
    let host = MockHost::default();
    let mut worker = worker(CONFIG);
    for _ in 0..requests {
        Exchange::iris().run(&host, &mut worker);
    }
    worker.tick(&host, false);
    (host, worker)
}

fn header<'a>(reply: &'a Reply, name: &str) -> Option<&'a str> {
    reply.headers.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str())
}

fn sentence(reply: &Reply) -> &str {
    let text = std::str::from_utf8(&reply.body).unwrap();
    assert_eq!(text.lines().count(), 1, "one sentence: {text}");
    text.trim_end()
}

#[test]
fn metrics_and_snapshot_are_what_the_leader_published() {
    let (host, mut worker) = led(3);
    for method in ["GET", "HEAD"] {
        let metrics = ask(&host, &mut worker, method, "/.tidegate/v1/metrics?x=1");
        assert_eq!(metrics.status, 200);
        let content_type = header(&metrics, "content-type");
        assert_eq!(content_type, Some("text/plain; version=0.0.4; charset=utf-8"));
        assert_eq!(header(&metrics, "cache-control"), Some("no-store"));
        assert_eq!(mock::sum(&metrics.body, "inference_requests_total", ""), 3);
        assert_eq!(mock::sum(&metrics.body, "tidegate_leader_ticks_total", ""), 1);
    }
    let snapshot = ask(&host, &mut worker, "GET", "/.tidegate/v1/snapshot");
    let snapshot: Value = serde_json::from_slice(&snapshot.body).unwrap();
    assert_eq!(snapshot["schema"], "tidegate.snapshot/1");
    assert_eq!(snapshot["models"][0]["model_name"], "iris");
}

#[test]
fn a_scraper_that_would_rather_have_openmetrics_gets_it() {
    let (host, mut worker) = led(3);
    let token = ("authorization", "Bearer secret");
    let accept =
        "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
    let path = "/.tidegate/v1/metrics";
    let metrics = ask_with(&host, &mut worker, "GET", path, &[token, ("accept", accept)]);
    let content_type = header(&metrics, "content-type");
    assert_eq!(content_type, Some("application/openmetrics-text; version=1.0.0; charset=utf-8"));
    let text = String::from_utf8(metrics.body).unwrap();
    assert!(text.ends_with("\n# EOF\n"));
    assert!(text.contains("# TYPE tidegate_leader_ticks counter\n"));
    assert!(text.contains("\ntidegate_leader_ticks_total 1\ntidegate_leader_ticks_created "));
    let plain = ask_with(&host, &mut worker, "GET", path, &[token, ("accept", "text/plain")]);
    assert_eq!(mock::sum(&plain.body, "inference_requests_total", ""), 3);
    assert!(!String::from_utf8(plain.body).unwrap().contains("# EOF"));
}

#[test]
fn mergeable_snapshots_add_up() {
    let snapshots = [3, 4].map(|requests| {
        let (host, mut worker) = led(requests);
        let plain = ask(&host, &mut worker, "GET", "/.tidegate/v1/snapshot?mergeable=false");
        assert!(!String::from_utf8(plain.body).unwrap().contains("mergeable"));
        let reply = ask(&host, &mut worker, "GET", "/.tidegate/v1/snapshot?mergeable=true");
        String::from_utf8(reply.body).unwrap()
    });
    let merged = merge_snapshots_from_json(&format!("[{}]", snapshots.join(","))).unwrap();
    let version = &merged.models[0].versions[0];
    assert_eq!(version.requests[0].count, 7);
    assert_eq!(merged.models[0].reference, ReferenceStatus::Learning { rows: 14, wanted: 100 });
}

#[test]
fn alerts_are_checked_at_each_tick_and_a_successor_goes_on_with_them() {
    let config = r#"{"admin": {"token": "secret"}, "alerts": [{"name": "traffic",
        "when": "sum(inference_requests_total) >= 3", "for_seconds": 2, "summary": "Busy."}]}"#;
    let host = MockHost::default();
    let mut first = worker(config);
    let state_at_tick = |worker: &mut Worker| {
        worker.tick(&host, false);
        let reply = ask(&host, worker, "GET", "/.tidegate/v1/snapshot");
        let snapshot: Value = serde_json::from_slice(&reply.body).unwrap();
        snapshot["alerts"][0]["state"].as_str().map(str::to_owned)
    };
    assert_eq!(state_at_tick(&mut first).as_deref(), Some("no_data"));
    for _ in 0..3 {
        Exchange::iris().run(&host, &mut first);
    }
    assert_eq!(state_at_tick(&mut first).as_deref(), Some("pending"));
    drop(first);
    host.advance_millis(60_000);
    let mut second = worker(config);
    assert_eq!(state_at_tick(&mut second).as_deref(), Some("firing"));
    let metrics = ask(&host, &mut second, "GET", "/.tidegate/v1/metrics");
    let firing =
        "tidegate_alerts{alertname=\"traffic\",alertstate=\"firing\",severity=\"warning\"} 1";
    assert!(String::from_utf8(metrics.body).unwrap().contains(firing));
}

#[test]
fn a_profile_is_given_once_its_reference_is_ready() {
    let (host, mut worker) = led(10);
    let learning = ask(&host, &mut worker, "GET", "/.tidegate/v1/profile?model=iris");
    assert_eq!(learning.status, 404);
    assert_eq!(sentence(&learning), "No model `iris` has a profile. Ready: none yet.");

    let (host, mut worker) = led(60);
    host.advance_millis(1_000);
    worker.tick(&host, false);
    let profile = ask(&host, &mut worker, "GET", "/.tidegate/v1/profile?model=iris");
    assert_eq!(profile.status, 200);
    let profile: Value = serde_json::from_slice(&profile.body).unwrap();
    assert_eq!(profile["schema"], "tidegate.profile/1");
    let unknown = ask(&host, &mut worker, "GET", "/.tidegate/v1/profile?model=%ff%22x");
    assert_eq!(unknown.status, 404);
    assert_eq!(sentence(&unknown), "No model `\u{fffd}\\\"x` has a profile. Ready: iris.");
    let unnamed = ask(&host, &mut worker, "GET", "/.tidegate/v1/profile");
    assert_eq!(unnamed.status, 400);
    assert!(sentence(&unnamed).contains("v1/profile?model=NAME"));
}

#[test]
fn without_the_token_there_is_one_sentence() {
    let (host, mut worker) = led(0);
    for headers in [
        &[][..],
        &[("authorization", "")],
        &[("authorization", "Bearer")],
        &[("authorization", "Bearer ")],
        &[("authorization", "Bearer secre")],
        &[("authorization", "Bearer secrets")],
        &[("authorization", "Bearer Secret")],
        &[("authorization", "Basic secret")],
        &[("authorization", "secret")],
        &[("x-authorization", "Bearer secret")],
    ] {
        for path in ["/.tidegate/v1/metrics", "/.tidegate/v1/nothing", "/.tidegate"] {
            let reply = ask_with(&host, &mut worker, "GET", path, headers);
            assert_eq!(reply.status, 401, "{headers:?}");
            assert_eq!(header(&reply, "www-authenticate"), Some("Bearer realm=\"tidegate\""));
            let expected = "This needs the header `authorization: Bearer <admin.token>`.";
            assert_eq!(sentence(&reply), expected);
        }
    }
    let lower = [("authorization", "bearer secret")];
    assert_eq!(ask_with(&host, &mut worker, "GET", "/.tidegate/v1/metrics", &lower).status, 200);
}

#[test]
fn what_is_not_there_is_told_what_is() {
    let (host, mut worker) = led(0);
    for path in ["/.tidegate", "/.tidegate/", "/.tidegate/v2/metrics", "/.tidegate/v1/metrics/"] {
        let reply = ask(&host, &mut worker, "GET", path);
        assert_eq!(reply.status, 404, "{path}");
        let expected = "There is nothing here. There is: v1/metrics, v1/snapshot, v1/profile?model=, \
             POST v1/profile/pin?model=, v1/silences, POST v1/events, and POST v1/feedback where tokens are issued.";
        assert_eq!(sentence(&reply), expected);
    }
    for method in ["POST", "PUT", "DELETE", "get"] {
        let reply = ask(&host, &mut worker, method, "/.tidegate/v1/metrics");
        assert_eq!((reply.status, header(&reply, "allow")), (405, Some("GET, HEAD, OPTIONS")));
    }
}

#[test]
fn before_the_first_tick_the_answer_is_to_come_back() {
    let host = MockHost::default();
    let mut worker = worker(CONFIG);
    for path in ["v1/metrics", "v1/snapshot", "v1/profile?model=iris"] {
        let reply = ask(&host, &mut worker, "GET", &format!("/.tidegate/{path}"));
        assert_eq!((reply.status, header(&reply, "retry-after")), (503, Some("1")));
    }
}

#[test]
fn pages_of_listed_origins_may_call() {
    let (host, mut worker) = led(0);
    let path = "/.tidegate/v1/metrics";
    let origin = ("origin", "https://ops.example.com");
    let preflight = [origin, ("access-control-request-private-network", "true")];
    let reply = ask_with(&host, &mut worker, "OPTIONS", path, &preflight);
    assert_eq!((reply.status, reply.body.len()), (204, 0));
    assert_eq!(header(&reply, "access-control-allow-origin"), Some(origin.1));
    assert_eq!(header(&reply, "access-control-allow-methods"), Some("GET, HEAD"));
    let headers = header(&reply, "access-control-allow-headers");
    assert_eq!(headers, Some("authorization, content-type, content-encoding"));
    assert_eq!(header(&reply, "access-control-allow-private-network"), Some("true"));
    // Without the header on a refusal a page could not read why.
    for headers in [&[origin][..], &[origin, ("authorization", "Bearer secret")]] {
        let reply = ask_with(&host, &mut worker, "GET", path, headers);
        assert_eq!(header(&reply, "access-control-allow-origin"), Some(origin.1));
        assert_eq!(header(&reply, "vary"), Some("origin"));
    }
    for origin in ["https://evil.example.com", "https://ops.example.com.evil", "null", ""] {
        let reply = ask_with(&host, &mut worker, "OPTIONS", path, &[("origin", origin)]);
        assert_eq!((reply.status, header(&reply, "access-control-allow-origin")), (403, None));
        let headers = [("origin", origin), ("authorization", "Bearer secret")];
        let reply = ask_with(&host, &mut worker, "GET", path, &headers);
        assert_eq!(header(&reply, "access-control-allow-origin"), None);
    }
}

#[test]
fn other_paths_and_an_absent_token_pass_on() {
    for (config, path) in [
        (CONFIG, "/.tidegatex/v1/metrics"),
        (CONFIG, "/x/.tidegate/v1/metrics"),
        ("{}", "/.tidegate/v1/metrics"),
    ] {
        let host = MockHost::default();
        let exchange = Exchange { method: "GET", path: path.into(), ..Exchange::iris() };
        let flow = exchange.pass(&host, &mut worker(config).session());
        assert_eq!((flow, host.replies.borrow().len()), (Flow::Continue, 0), "{path}");
    }
}

#[test]
fn asking_is_not_counted_as_an_inference() {
    let (host, mut worker) = led(0);
    ask(&host, &mut worker, "POST", "/.tidegate/v2/models/iris/infer");
    host.advance_millis(1_000);
    worker.tick(&host, false);
    let metrics = ask(&host, &mut worker, "GET", "/.tidegate/v1/metrics").body;
    assert_eq!(mock::sum(&metrics, "inference_requests_total", ""), 0);
}
