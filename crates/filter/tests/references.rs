//! References that lie elsewhere, or are pinned: when they are fetched, what is taken, and what is refused.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod mock;

use mock::{Exchange, MockHost, Sent, ask, post, sum};
use serde_json::{Value, json};
use tidegate_filter::Worker;
use tidegate_filter::config::Config;

fn config(fetch: &Value) -> String {
    let reference = json!({ "fetch": fetch });
    json!({
        "admin": { "token": "secret" },
        "models": [{
            "match": { "path_prefix": "/v2" }, "protocol": "open_inference", "name": "iris",
            "reference": reference,
        }],
    })
    .to_string()
}

fn worker(host: &MockHost) -> Worker {
    let fetch = json!({
        "cluster": "store", "path": "/iris.json", "headers": { "authorization": "Bearer hidden" },
        "period_seconds": 60,
    });
    Worker::configure(host, config(&fetch).as_bytes()).unwrap()
}

/// A profile of `x[0]` with so many rows.
fn profile(rows: u64) -> String {
    json!({
        "schema": "tidegate.profile/1", "rows": rows,
        "columns": [{
            "name": "x[0]", "role": "feature", "counts": {"count": rows, "missing": 0},
            "summary": {
                "kind": "numeric", "min": 0.0, "max": 4.0, "mean": 2.0, "standard_deviation": 1.0,
                "edges": [2.0], "bins": [rows / 2, rows - rows / 2],
            },
        }],
    })
    .to_string()
}

fn tick(host: &MockHost, worker: &mut Worker, seconds: u64) -> Vec<Sent> {
    host.advance_millis(1_000 * seconds);
    worker.tick(host, false);
    host.take_calls()
}

fn rows(host: &MockHost, worker: &mut Worker) -> Value {
    let snapshot = ask(host, worker, "GET", "/.tidegate/v1/snapshot").body;
    let snapshot: Value = serde_json::from_slice(&snapshot).unwrap();
    snapshot["models"][0]["reference"]["rows"].clone()
}

fn fetches(host: &MockHost, worker: &mut Worker, result: &str) -> u64 {
    let metrics = ask(host, worker, "GET", "/.tidegate/v1/metrics").body;
    sum(&metrics, "tidegate_reference_fetches_total", result)
}

#[test]
fn the_leader_fetches_at_the_start_and_on_the_period_and_keeps_what_it_has() {
    let host = MockHost::default();
    let (mut leader, mut other) = (worker(&host), worker(&host));
    let sent = tick(&host, &mut leader, 1);
    let [first] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!((first.cluster.as_str(), first.request_line.as_str()), ("store", "GET /iris.json"));
    assert_eq!(first.headers, [("authorization".into(), "Bearer hidden".into())]);
    assert_eq!(tick(&host, &mut other, 0), [], "one fetches");
    host.answer_call(&mut leader, first.id, Some((200, &profile(100))));
    assert_eq!(tick(&host, &mut leader, 1), []);
    assert_eq!(rows(&host, &mut leader), 100);

    // The same again, another, none at all, nonsense, numbers that contradict each other, a later version.
    let contradicting = profile(100).replace("\"count\":100", "\"count\":101");
    let later = profile(100).replace("profile/1", "profile/9");
    let answers = [
        (Some((200, profile(100))), "unchanged", 100),
        (Some((200, profile(200))), "taken", 200),
        (None, "failed", 200),
        (Some((404, profile(100))), "failed", 200),
        (Some((200, "nonsense".into())), "refused", 200),
        (Some((200, contradicting)), "refused", 200),
        (Some((200, later)), "refused", 200),
        (Some((200, profile(300))), "taken", 300),
    ];
    for (answer, result, expected) in answers {
        let sent = tick(&host, &mut leader, 60);
        assert_eq!(sent.len(), 1, "{result}");
        let before = fetches(&host, &mut leader, result);
        let answer = answer.as_ref().map(|(status, body)| (*status, body.as_str()));
        host.answer_call(&mut leader, sent[0].id, answer);
        tick(&host, &mut leader, 1);
        assert_eq!(rows(&host, &mut leader), expected, "{result}");
        assert_eq!(fetches(&host, &mut leader, result), before + 1, "{result}");
    }
    assert_eq!(fetches(&host, &mut leader, ""), 9);
    let logs = host.logs.borrow().join("\n");
    assert!(
        logs.contains(
            "the reference of `iris` was not fetched: the answer is 404; what it had stays"
        )
    );
    assert!(!logs.contains("hidden"), "{logs}");

    // Whoever leads next fetches at once.
    drop(leader);
    assert_eq!(tick(&host, &mut other, 10).len(), 1);
}

#[test]
fn after_failures_it_is_asked_less_and_less_often() {
    let host = MockHost::default();
    host.refusing.borrow_mut().push("store".into());
    let mut worker = worker(&host);
    tick(&host, &mut worker, 1);
    for _ in 0..120 {
        tick(&host, &mut worker, 1);
    }
    // At 0, 2, 6, 14, 30, 62 (and not later than the period of 60) and 122.
    let failed = fetches(&host, &mut worker, "failed");
    assert!((5..=7).contains(&failed), "{failed}");
}

#[test]
fn a_window_is_pinned_by_post() {
    let host = MockHost::default();
    let mut worker = worker(&host);
    let sent = tick(&host, &mut worker, 1);
    host.answer_call(&mut worker, sent[0].id, Some((200, &profile(100))));
    tick(&host, &mut worker, 1);
    const PIN: &str = "/.tidegate/v1/profile/pin?model=iris";
    assert_eq!(ask(&host, &mut worker, "GET", PIN).status, 405);
    let few = ask(&host, &mut worker, "POST", PIN);
    assert_eq!(few.status, 409, "{}", String::from_utf8_lossy(&few.body));
    assert_eq!(ask(&host, &mut worker, "POST", "/.tidegate/v1/profile/pin?model=x").status, 404);
    assert_eq!(ask(&host, &mut worker, "POST", "/.tidegate/v1/profile/pin").status, 400);
    // A worker counts against it from its next tick on.
    tick(&host, &mut worker, 1);
    for _ in 0..70 {
        Exchange { path: "/v2/models/iris/infer".into(), ..Exchange::iris() }
            .run(&host, &mut worker);
    }
    tick(&host, &mut worker, 1);
    let taken = ask(&host, &mut worker, "POST", PIN);
    let said: Value = serde_json::from_slice(&taken.body).unwrap();
    assert_eq!((taken.status, said), (202, json!({"model": "iris", "rows": 140})));
    tick(&host, &mut worker, 1);
    assert_eq!(rows(&host, &mut worker), 140);
    // The same profile as before does not take its place, a changed one does.
    for (content, expected) in [(profile(100), 140), (profile(200), 200)] {
        let sent = tick(&host, &mut worker, 60);
        host.answer_call(&mut worker, sent[0].id, Some((200, &content)));
        tick(&host, &mut worker, 1);
        assert_eq!(rows(&host, &mut worker), expected);
    }
}

/// Labelled predictions that are right when they are sure.
fn labelled(count: usize) -> Value {
    let class = |index: usize| if index.is_multiple_of(2) { "ham" } else { "spam" };
    let rows = 0..count;
    json!({
        "labels": rows.clone().map(class).collect::<Vec<_>>(),
        "predictions": rows.clone().map(|row| class(row + usize::from(row % 5 == 0))).collect::<Vec<_>>(),
        "confidences": rows.map(|row| if row % 5 == 0 { 0.55 } else { 0.9 }).collect::<Vec<_>>(),
    })
}

fn with_beside(labelled: &Value, importances: &Value) -> String {
    json!({
        "admin": { "token": "secret" },
        "feedback": { "secret": "s" },
        "models": [{
            "match": { "path_prefix": "/v2" }, "protocol": "open_inference", "name": "iris",
            "labelled_reference": labelled, "reference_importances": importances,
        }],
    })
    .to_string()
}

fn explain(host: &MockHost, worker: &mut Worker) {
    let line =
        r#"{"type": "explanation", "model_name": "iris", "attributions": {"a": 0.1, "b": 0.4}}"#;
    let lines = vec![line; 30].join("\n");
    let told = post(host, worker, "/.tidegate/v1/events", &lines);
    assert_eq!(told.status, 200, "{}", String::from_utf8_lossy(&told.body));
    let sure = r#"{"type": "inference", "model_name": "iris", "predictions": ["spam"], "confidences": [0.9], "prediction_id": "ID"}"#;
    let lines: Vec<String> = (0..200).map(|id| sure.replace("ID", &id.to_string())).collect();
    assert_eq!(post(host, worker, "/.tidegate/v1/events", &lines.join("\n")).status, 200);
}

fn model(host: &MockHost, worker: &mut Worker) -> Value {
    let snapshot = ask(host, worker, "GET", "/.tidegate/v1/snapshot").body;
    serde_json::from_slice::<Value>(&snapshot).unwrap()
}

/// Where the calibration comes from and on how many rows, the estimated accuracy, and the importances of before.
fn beside(host: &MockHost, worker: &mut Worker) -> [Value; 4] {
    let snapshot = model(host, worker);
    let quality = &snapshot["models"][0]["quality"][0];
    let importances = snapshot["importances"][0]["features"].as_array().into_iter().flatten();
    [
        quality["calibration"]["source"].clone(),
        quality["calibration"]["rows"].clone(),
        quality["estimated"]["accuracy"].clone(),
        importances.map(|feature| feature["reference"]["importance"].clone()).collect(),
    ]
}

#[test]
fn labelled_predictions_and_importances_from_before_are_in_the_config() {
    let host = MockHost::default();
    let config = with_beside(
        &json!({ "values": labelled(500) }),
        &json!({ "values": { "a": 0.5, "b": 0.2 } }),
    );
    let mut worker = Worker::configure(&host, config.as_bytes()).unwrap();
    assert_eq!(tick(&host, &mut worker, 1), []);
    explain(&host, &mut worker);
    tick(&host, &mut worker, 1);
    let [source, rows, accuracy, importances] = beside(&host, &mut worker);
    assert_eq!((source, rows), (json!("reference"), json!(500)));
    // Those that are as sure as these were all right.
    assert!(accuracy.as_f64().is_some_and(|it| it > 0.99), "{accuracy}");
    assert_eq!(importances, json!([0.2, 0.5]), "by their rank now");
}

#[test]
fn labelled_predictions_and_importances_from_before_are_fetched() {
    let host = MockHost::default();
    let fetch =
        |path: &str| json!({"fetch": {"cluster": "store", "path": path, "period_seconds": 60}});
    let config = with_beside(&fetch("/labelled.json"), &fetch("/importances.json"));
    let configure = || Worker::configure(&host, config.as_bytes()).unwrap();
    let mut leader = configure();
    let nothing = [Value::Null, Value::Null, Value::Null, json!([null, null])];
    let sent = tick(&host, &mut leader, 1);
    explain(&host, &mut leader);
    tick(&host, &mut leader, 1);
    assert_eq!(beside(&host, &mut leader), nothing);
    let lines: Vec<&str> = sent.iter().map(|sent| sent.request_line.as_str()).collect();
    assert_eq!(lines, ["GET /labelled.json", "GET /importances.json"]);
    host.answer_call(&mut leader, sent[0].id, Some((200, &labelled(500).to_string())));
    host.answer_call(&mut leader, sent[1].id, Some((200, r#"{"a": 0.5, "b": 0.2}"#)));
    tick(&host, &mut leader, 1);
    let found = beside(&host, &mut leader);
    assert_eq!(found[1], 500);
    assert_eq!(found[3], json!([0.2, 0.5]));

    // What cannot be read is refused, and what was there stays; so it does with another leader.
    let sent = tick(&host, &mut leader, 60);
    let unequal = labelled(500).to_string().replacen("0.55,", "", 1);
    host.answer_call(&mut leader, sent[0].id, Some((200, &unequal)));
    host.answer_call(&mut leader, sent[1].id, Some((200, r#"{"a": -1}"#)));
    tick(&host, &mut leader, 1);
    assert_eq!(beside(&host, &mut leader), found);
    for subject in ["confidences", "importances"] {
        let metrics = ask(&host, &mut leader, "GET", "/.tidegate/v1/metrics").body;
        let labels = format!("subject=\"{subject}\",result=\"refused\"");
        assert_eq!(sum(&metrics, "tidegate_reference_fetches_total", &labels), 1, "{subject}");
    }
    drop(leader);
    host.refusing.borrow_mut().push("store".into());
    let mut other = configure();
    tick(&host, &mut other, 60);
    tick(&host, &mut other, 1);
    assert_eq!(beside(&host, &mut other), found);
    let mergeable = ask(&host, &mut other, "GET", "/.tidegate/v1/snapshot?mergeable=true").body;
    let text = std::str::from_utf8(&mergeable).unwrap();
    let merged = tidegate_core::observatory::merge_snapshots_from_json(&format!("[{text}]"));
    let merged = serde_json::to_value(merged.unwrap()).unwrap();
    assert_eq!(merged["models"][0]["quality"][0]["calibration"]["rows"], 500);

    // A config that fetches them no more learns them.
    let mut plain = Worker::configure(
        &host,
        config
            .replace("labelled_reference", "baseline")
            .replace(&fetch("/labelled.json").to_string(), "{}")
            .as_bytes(),
    )
    .unwrap();
    tick(&host, &mut plain, 20);
    tick(&host, &mut plain, 1);
    assert_eq!(beside(&host, &mut plain)[0], Value::Null);
}

#[test]
fn what_is_wrong_with_references_from_before_is_said() {
    let problems = |labelled: &Value, importances: &Value| {
        let problems = Config::parse(with_beside(labelled, importances).as_bytes()).unwrap_err();
        problems.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let good = json!({ "values": { "a": 1 } });
    let regression =
        json!({ "values": { "labels": [1.5], "predictions": [1.0], "confidences": [0.5] } });
    for (labelled, importances, told) in [
        (
            json!({ "values": {} }),
            &good,
            "labelled_reference/values: not labelled predictions: missing",
        ),
        (
            regression,
            &good,
            "labelled_reference/values: invalid options: labelled_reference must have",
        ),
        (json!({ "values": labelled(100_001) }), &good, "at most 100000 labelled predictions"),
        (json!({}), &good, "labelled_reference: expected exactly one of values, fetch"),
        (
            json!({ "values": labelled(9) }),
            &json!({"values": {}}),
            "importances/values: expected 1 to 512",
        ),
        (json!({ "values": labelled(9) }), &json!({"values": {"a": -1}}), "the importance of `a`"),
        (
            json!({ "values": labelled(9) }),
            &json!({"fetch": {"cluster": "c"}}),
            "`path` is missing",
        ),
    ] {
        let found = problems(&labelled, importances);
        assert!(found.len() == 1 && found[0].contains(told), "{told}: {found:?}");
    }
}

#[test]
fn a_fetch_says_what_is_wrong_with_it() {
    let unnamed = config(&json!({"cluster": "c", "path": "/p"})).replace("\"name\":\"iris\",", "");
    let problems = |config: &str| {
        let problems = Config::parse(config.as_bytes()).unwrap_err();
        problems.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(
        problems(&unnamed),
        [
            "/models/0/reference: a reference that is fetched is that of one model: give the entry a `name`"
        ]
    );
    let fetch = json!({"cluster": "", "path": "p", "period_seconds": 0, "headers": {"host": "x"}});
    let told = problems(&config(&fetch)).join("\n");
    for place in
        ["fetch/cluster: ", "fetch/path: ", "fetch/period_seconds: ", "fetch/headers/host: "]
    {
        assert!(told.contains(place), "{told}");
    }
    let contradicting = profile(100).replace("\"count\":100", "\"count\":101");
    let given = config(&json!({"cluster": "c", "path": "/p"})).replace(
        r#"{"fetch":{"cluster":"c","path":"/p"}}"#,
        &format!(r#"{{"profile":{contradicting}}}"#),
    );
    assert_eq!(problems(&given).len(), 1, "{:?}", problems(&given));
}
