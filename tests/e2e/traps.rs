//! A trap in the filter: what it does to the traffic under each of Envoy's failure policies, and that the
//! heartbeat shows it. The build that traps on demand is never the one that ships.

use serde_json::{Value, json};
use tidegate_demo::client::Client;
use tidegate_demo::envoy::config;
use tidegate_demo::{elec2, traffic};

use crate::harness::{
    Gateway, Metrics, ModelProcess, Setup, TOKEN, admin_config, program, wait_for,
};

const INFER: &str = "/v2/models/elec2/infer";

/// The filter that traps on demand, with a failure policy.
fn trapping(policy: &Value) -> Value {
    let plugin = json!({
        "models": [{ "match": { "path_prefix": "/v2/models/" }, "protocol": "open_inference" }],
        "admin": admin_config(),
    });
    let mut filter =
        config::wasm_filter("tidegate", &program("TIDEGATE_TRAP"), &plugin.to_string());
    let settings = filter["typed_config"]["config"].as_object_mut().unwrap();
    settings.remove("fail_open");
    settings.extend(policy.as_object().unwrap().clone());
    filter
}

fn start(scenario: &str, policy: &Value) -> (ModelProcess, Gateway) {
    let model = ModelProcess::start("v1", &[]);
    let setup = Setup {
        scenario,
        filter: Some(trapping(policy)),
        routes: vec![config::route("model")],
        clusters: &[config::cluster("model", model.address)],
        change_listener: |_| {},
        options: &[],
    };
    let gateway = setup.start();
    wait_for("the main thread's context and two workers'", || {
        (scrape(&gateway).sum("tidegate_members", &[]) >= 3.0).then_some(())
    });
    (model, gateway)
}

fn ask(client: &mut Client, headers: &[(&str, &str)]) -> u16 {
    let body = traffic::body(0, &[&elec2::rows().unwrap()[0]]);
    client.request("POST", INFER, headers, &body).unwrap().status
}

/// Traps the worker that `client` is connected to, and returns what the client was told.
fn trap(client: &mut Client) -> u16 {
    ask(client, &[("x-tidegate-trap", "here")])
}

/// A scrape of a worker that did not trap: the other one's would be answered by the upstream, or by nobody.
fn scrape(gateway: &Gateway) -> Metrics {
    let authorization = format!("Bearer {TOKEN}");
    wait_for("a worker that still answers", || {
        let headers = [("authorization", authorization.as_str())];
        let response =
            gateway.client().request("GET", "/.tidegate/v1/metrics", &headers, b"").ok()?;
        let metrics = Metrics::parse(&response.text()).ok()?;
        metrics.types.contains_key("tidegate_members").then_some(metrics)
    })
}

/// Waits until the heartbeat shows so many members that are not heard any more.
fn wait_for_silence(gateway: &Gateway, silent: f64) {
    wait_for("a member that is silent", || {
        (scrape(gateway).sum("tidegate_silent_members", &[]) >= silent).then_some(())
    });
}

/// The statuses of requests over new connections, which meet both workers.
fn statuses(gateway: &Gateway, count: usize) -> Vec<u16> {
    (0..count).map(|_| ask(&mut gateway.client(), &[])).collect()
}

#[test]
fn fail_open_passes_the_request_that_traps_and_all_later_ones() {
    let (model, gateway) = start("trap-open", &json!({ "fail_open": true }));
    let mut client = gateway.client();
    assert_eq!(ask(&mut client, &[]), 200);
    assert_eq!(scrape(&gateway).sum("tidegate_silent_members", &[]), 0.0);
    assert_eq!(trap(&mut client), 200);
    assert!((0..20).all(|_| ask(&mut client, &[]) == 200));
    assert!(statuses(&gateway, 40).iter().all(|&status| status == 200));
    assert_eq!(model.requests(), 62, "all requests reached the model");
    wait_for_silence(&gateway, 1.0);
    // Requests of the worker that trapped are not counted, those of the other one are.
    let counted = scrape(&gateway).sum("inference_requests_total", &[]);
    assert!((1.0..=41.0).contains(&counted), "{counted}");
}

#[test]
fn fail_closed_is_what_no_policy_means_and_refuses_one_worker_s_requests() {
    let (model, gateway) = start("trap-closed", &json!({}));
    assert_eq!(trap(&mut gateway.client()), 503);
    let statuses = statuses(&gateway, 60);
    let refused = statuses.iter().filter(|&&status| status == 503).count();
    let served = statuses.iter().filter(|&&status| status == 200).count();
    assert!(refused > 0 && served > 0 && refused + served == 60, "{statuses:?}");
    assert_eq!(model.requests(), served as u64);
    wait_for_silence(&gateway, 1.0);
}

#[test]
fn the_policy_fail_open_refuses_the_request_that_traps_and_passes_later_ones() {
    let (_model, gateway) = start("trap-policy-open", &json!({ "failure_policy": "FAIL_OPEN" }));
    assert_eq!(trap(&mut gateway.client()), 503);
    assert!(statuses(&gateway, 40).iter().all(|&status| status == 200));
    wait_for_silence(&gateway, 1.0);
}

#[test]
fn a_reload_brings_the_filter_back() {
    // Less than 2 ms would end Envoy with a division by zero.
    let policy = json!({
        "failure_policy": "FAIL_RELOAD",
        "reload_config": { "backoff": { "base_interval": "0.002s" } },
    });
    let (_model, mut gateway) = start("trap-reload", &policy);
    assert_eq!(trap(&mut gateway.client()), 503);
    wait_for("the filter to be loaded again", || {
        statuses(&gateway, 20).iter().all(|&status| status == 200).then_some(())
    });
    assert!(gateway.envoy.runs());
    // The context that trapped is missed, and a new one has its place.
    wait_for_silence(&gateway, 1.0);
    let before = scrape(&gateway).sum("inference_requests_total", &[]);
    assert!(statuses(&gateway, 30).iter().all(|&status| status == 200));
    gateway.settle();
    assert_eq!(scrape(&gateway).sum("inference_requests_total", &[]), before + 30.0);
    assert_eq!(scrape(&gateway).sum("tidegate_members", &[]), 4.0);
}

#[test]
fn when_the_leader_dies_another_leads_and_nothing_is_lost() {
    let (_model, gateway) = start("trap-leader", &json!({ "fail_open": true }));
    assert!(statuses(&gateway, 30).iter().all(|&status| status == 200));
    gateway.settle();
    let before = scrape(&gateway);
    assert_eq!(before.sum("inference_requests_total", &[]), 30.0);
    assert_eq!(ask(&mut gateway.client(), &[("x-tidegate-trap", "leader")]), 200);
    wait_for("another leader", || {
        let changes = |metrics: &Metrics| metrics.sum("tidegate_leader_changes_total", &[]);
        (changes(&scrape(&gateway)) > changes(&before)).then_some(())
    });
    // Nobody's requests failed, those before it are remembered, and those after it are counted.
    assert!(statuses(&gateway, 30).iter().all(|&status| status == 200));
    gateway.settle();
    let after = scrape(&gateway);
    assert_eq!(after.sum("inference_requests_total", &[]), 61.0);
    wait_for_silence(&gateway, 1.0);
}

#[test]
fn what_ships_cannot_be_made_to_trap() {
    let holds = |variable: &str| {
        let wasm = std::fs::read(program(variable)).unwrap();
        wasm.windows(15).any(|bytes| bytes == b"x-tidegate-trap")
    };
    assert!(holds("TIDEGATE_TRAP"));
    assert!(!holds("TIDEGATE_WASM"));
}
