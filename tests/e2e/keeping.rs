//! What lies in an object store: references that gateways fetch, and the state of one that starts anew.

use serde_json::{Value, json};
use tidegate_demo::envoy::config;
use tidegate_demo::{elec2, traffic};

use crate::harness::{Gateway, ModelProcess, ObjectStore, TOKEN, admin_config, wait_for};

const PROFILE: &str = "/references/elec2.json";

fn plugin(reference: &Value, more: &Value) -> String {
    let mut plugin = json!({
        "models": [{
            "match": { "path_prefix": "/v2/models/" }, "protocol": "open_inference", "name": "elec2",
            "feature_names": elec2::FEATURE_NAMES, "reference": reference,
        }],
        "admin": admin_config(),
    });
    plugin.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    plugin.to_string()
}

fn start(scenario: &str, plugin: &str, model: &ModelProcess, store: &ObjectStore) -> Gateway {
    let clusters =
        [config::cluster("model", model.address), config::cluster("store", store.address)];
    Gateway::start(scenario, Some(plugin), vec![config::route("model")], &clusters)
}

fn send(gateway: &Gateway, from: usize, count: usize) {
    let rows = elec2::rows().unwrap();
    for (row, features) in rows.iter().enumerate().skip(from).take(count) {
        let body = traffic::body(row, &[features]);
        let response = gateway.client().request("POST", "/v2/models/elec2/infer", &[], &body);
        assert_eq!(response.unwrap().status, 200);
    }
}

/// Rows of the reference that is in use.
fn reference_rows(gateway: &Gateway) -> Option<u64> {
    gateway.snapshot()["models"][0]["reference"]["rows"].as_u64()
}

fn fetches(gateway: &Gateway, result: &str) -> f64 {
    gateway.metrics().sum("tidegate_reference_fetches_total", &[("result", result)])
}

/// Waits until the state that lay in the store has been read, with that result: a busy gateway's figures stand
/// still before the store has answered.
fn wait_for_state(gateway: &Gateway, result: &str) {
    let labels = [("operation", "read"), ("result", result)];
    wait_for("the former state", || {
        let reads = gateway.metrics().sum("tidegate_state_transfers_total", &labels);
        assert!(reads <= 1.0, "it is read once");
        (reads > 0.0).then_some(())
    });
}

fn profile(gateway: &Gateway) -> Vec<u8> {
    wait_for("a profile", || {
        let response = gateway.admin_get("v1/profile?model=elec2");
        (response.status == 200).then_some(response.body)
    })
}

#[test]
fn a_reference_is_fetched_refused_pinned_and_fetched_again() {
    let (model, store) = (ModelProcess::start("v1", &[]), ObjectStore::start());
    // What one gateway saw is what another is held against.
    let learn = json!({ "learn": { "samples": 200 } });
    let teacher = start("keeping-teacher", &plugin(&learn, &json!({})), &model, &store);
    send(&teacher, 0, 400);
    teacher.settle();
    let taught = profile(&teacher);
    let taught_rows = serde_json::from_slice::<Value>(&taught).unwrap()["rows"].as_u64().unwrap();

    let fetch = json!({ "fetch": { "cluster": "store", "path": PROFILE, "period_seconds": 1 } });
    let gateway = start("keeping-fetch", &plugin(&fetch, &json!({})), &model, &store);
    wait_for("a fetch that finds nothing", || (fetches(&gateway, "failed") > 0.0).then_some(()));
    assert_eq!(reference_rows(&gateway), None);
    store.put(PROFILE, &taught);
    wait_for("the reference", || (reference_rows(&gateway) == Some(taught_rows)).then_some(()));

    store.put(PROFILE, b"{\"schema\": \"tidegate.profile/1\", \"rows\": \"many\"}");
    wait_for("a refusal", || (fetches(&gateway, "refused") > 0.0).then_some(()));
    assert_eq!(reference_rows(&gateway), Some(taught_rows), "the one before stays");

    gateway.settle();
    send(&gateway, 400, 150);
    gateway.settle();
    let authorization = format!("Bearer {TOKEN}");
    let pin = |authorization: &str| {
        let headers = [("authorization", authorization)];
        let path = "/.tidegate/v1/profile/pin?model=elec2";
        gateway.client().request("POST", path, &headers, b"").unwrap()
    };
    assert_eq!(pin("Bearer wrong").status, 401);
    let pinned = pin(&authorization);
    assert_eq!(pinned.status, 202, "{}", pinned.text());
    wait_for("the pinned window", || (reference_rows(&gateway) == Some(150)).then_some(()));

    store.put(PROFILE, &taught);
    let unchanged = fetches(&gateway, "unchanged");
    wait_for("the same once more", || (fetches(&gateway, "unchanged") > unchanged).then_some(()));
    assert_eq!(reference_rows(&gateway), Some(150), "it was there before the pin");
    send(&teacher, 550, 50);
    teacher.settle();
    let more = profile(&teacher);
    let more_rows = serde_json::from_slice::<Value>(&more).unwrap()["rows"].as_u64();
    assert!(more_rows > Some(taught_rows));
    store.put(PROFILE, &more);
    wait_for("another reference", || (reference_rows(&gateway) == more_rows).then_some(()));
}

#[test]
fn labelled_predictions_and_importances_from_before_are_fetched() {
    let (model, store) = (ModelProcess::start("v1", &[]), ObjectStore::start());
    let of =
        |path: &str| json!({ "fetch": { "cluster": "store", "path": path, "period_seconds": 1 } });
    let plugin = json!({
        "models": [{
            "match": { "path_prefix": "/v2/models/" }, "protocol": "open_inference", "name": "elec2",
            "feature_names": elec2::FEATURE_NAMES, "classes": elec2::CLASSES,
            "labelled_reference": of("/labelled.json"), "reference_importances": of("/importances.json"),
        }],
        "feedback": { "secret": "s" },
        "admin": admin_config(),
    });
    let gateway = start("keeping-beside", &plugin.to_string(), &model, &store);
    wait_for("fetches that find nothing", || (fetches(&gateway, "failed") >= 2.0).then_some(()));
    let count = 400;
    let class = |row: usize| elec2::CLASSES[row % 2];
    let labelled = json!({
        "labels": (0..count).map(class).collect::<Vec<_>>(),
        "predictions": (0..count).map(|row| class(row + usize::from(row % 4 == 0))).collect::<Vec<_>>(),
        "confidences": (0..count).map(|row| if row % 4 == 0 { 0.5 } else { 0.9 }).collect::<Vec<_>>(),
    });
    store.put("/labelled.json", labelled.to_string().as_bytes());
    store.put("/importances.json", b"{\"nswprice\": 0.5, \"vicprice\": 0.1}");
    send(&gateway, 0, 150);
    let explanation = json!({
        "type": "explanation", "model_name": "elec2", "attributions": { "nswprice": 0.1, "vicprice": 0.7 },
    });
    let told = vec![explanation.to_string(); 30].join("\n");
    let authorization = format!("Bearer {TOKEN}");
    let headers = [("authorization", authorization.as_str())];
    let path = "/.tidegate/v1/events";
    let response = gateway.client().request("POST", path, &headers, told.as_bytes()).unwrap();
    assert_eq!(response.status, 200, "{}", response.text());
    let snapshot = wait_for("what was fetched", || {
        let snapshot = gateway.snapshot();
        let quality = &snapshot["models"][0]["quality"][0];
        let is_there = quality["calibration"]["rows"] == count && !quality["estimated"].is_null();
        let features = &snapshot["importances"][0]["features"];
        (is_there && !features[0]["reference"].is_null()).then_some(snapshot)
    });
    assert_eq!(snapshot["models"][0]["quality"][0]["calibration"]["source"], "reference");
    let [first, second] = [0, 1].map(|place| &snapshot["importances"][0]["features"][place]);
    assert_eq!(
        (&first["feature_name"], &first["reference"]["importance"]),
        (&json!("vicprice"), &json!(0.1))
    );
    assert_eq!(
        (&second["feature_name"], &second["reference"]["rank"]),
        (&json!("nswprice"), &json!(1.0))
    );
}

#[test]
fn a_gateway_that_is_killed_goes_on_counting_when_it_starts_anew() {
    let (model, store) = (ModelProcess::start("v1", &[]), ObjectStore::start());
    let state = json!({
        "state": { "cluster": "store", "path": "/{instance}/{node}.state", "period_seconds": 1 },
        "feedback": { "secret": "kept over restarts" },
    });
    let plugin = plugin(&json!({ "learn": { "samples": 100 } }), &state);
    let first = start("keeping-first", &plugin, &model, &store);
    send(&first, 0, 150);
    assert_eq!(first.settled_metrics().sum("inference_requests_total", &[]), 150.0);
    let writes = || {
        let labels = [("operation", "write"), ("result", "written")];
        first.metrics().sum("tidegate_state_transfers_total", &labels)
    };
    let before = writes();
    wait_for("two more writes", || (writes() >= before + 2.0).then_some(()));
    assert_eq!(store.paths(), ["/default/tidegate.state"]);
    drop(first);

    // Requests that come before the former state is there are not lost.
    let second = start("keeping-second", &plugin, &model, &store);
    send(&second, 150, 50);
    wait_for_state(&second, "restored");
    let metrics = second.settled_metrics();
    assert_eq!(metrics.sum("inference_requests_total", &[]), 200.0);
    assert_eq!(metrics.sum("tidegate_tokens_total", &[]), 200.0);
    assert_eq!(reference_rows(&second), Some(100), "what was learned is known");
    drop(second);

    // A damaged one is left behind, and the gateway works.
    let mut damaged = store.get("/default/tidegate.state").unwrap();
    damaged.truncate(damaged.len() / 2);
    store.put("/default/tidegate.state", &damaged);
    let third = start("keeping-third", &plugin, &model, &store);
    send(&third, 200, 10);
    wait_for_state(&third, "unreadable");
    assert_eq!(third.settled_metrics().sum("inference_requests_total", &[]), 10.0);
}
