//! A gateway in memory: the filter itself, told of events, and what it says to Prometheus.

use std::collections::BTreeSet;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use tidegate_core::profile::Profile;
use tidegate_filter::Worker;

use crate::mock::{Exchange, MockHost, ask};

pub const METRICS_PATH: &str = "/.tidegate/v1/metrics";

/// The token of the scrapes; that of the admin API in memory is the mock's.
pub const TOKEN: &str = "scrape-token";

pub struct Gateway {
    host: MockHost,
    worker: Worker,
}

impl Gateway {
    /// A gateway that watches `iris`, with the reference of [`reference`] unless it learns.
    pub fn new() -> Self {
        let experiment = |name: &str| {
            let variant = |name: &str| json!({ "name": name, "weight": 0.5 });
            let variants = [variant("control"), variant("treatment")];
            json!({ "name": name, "unit": { "header": "x-user-id" }, "variants": variants })
        };
        let config = json!({
            "models": [{
                "match": { "path_prefix": "/v2/models/" }, "protocol": "open_inference", "name": "iris",
                "max_batch_size": 8, "baseline": { "accuracy": 0.95 }, "reference": { "profile": reference() },
            }],
            "experiments": [experiment("blue-or-green"), experiment("to-be-rolled-back")],
            "alerts": [{
                "name": "traffic", "when": "tidegate_window_rows > 10", "severity": "info",
                "actions": ["rollback:to-be-rolled-back/treatment"],
            }],
            "webhooks": [{ "name": "on-call", "format": "alertmanager", "cluster": "alertmanager" }],
            "gen_ai_metrics": true,
            "admin": { "token": "secret" },
        });
        Self::of(&config)
    }

    /// One that learns the references of all models from so many rows.
    pub fn learning(samples: u64) -> Self {
        Self::of(&json!({
            "models": [{
                "match": { "path_prefix": "/v2/models/" }, "protocol": "open_inference",
                "reference": { "learn": { "samples": samples } },
            }],
            "admin": { "token": "secret" },
        }))
    }

    fn of(config: &Value) -> Self {
        let host = MockHost::default();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        host.now_nanos.set(now.as_nanos() as u64);
        let worker = Worker::configure(&host, config.to_string().as_bytes())
            .unwrap_or_else(|problems| panic!("{problems:?}"));
        Self { host, worker }
    }

    /// What time it is there.
    pub fn now_seconds(&self) -> f64 {
        self.host.now_nanos.get() as f64 / 1e9
    }

    /// Bytes of its state in the gateway's memory: the root, the whole and the journal.
    pub fn state_bytes(&self) -> usize {
        let store = &self.host.store;
        let keys = store.keys().into_iter().filter(|key| key.starts_with("tidegate/default/state"));
        keys.map(|key| store.get(&key).unwrap().value.len()).sum()
    }

    /// Tells it of events, all of which it must take.
    pub fn post(&mut self, events: &[Value]) {
        for part in events.chunks(1_000) {
            let lines: Vec<String> = part.iter().map(Value::to_string).collect();
            let exchange = Exchange {
                path: "/.tidegate/v1/events".into(),
                request_headers: vec![("authorization", b"Bearer secret".to_vec())],
                request_chunks: vec![lines.join("\n").into_bytes()],
                ..Exchange::iris()
            };
            exchange.run(&self.host, &mut self.worker);
            let reply = self.host.replies.borrow_mut().pop().unwrap();
            let told: Value = serde_json::from_slice(&reply.body).unwrap();
            assert_eq!(told, json!({ "taken": part.len(), "refused": [] }));
        }
    }

    /// Tells it of events of every kind, of a body that cannot be read, and of a conversion of no experiment.
    pub fn tell_all(&mut self) {
        self.post(&inferences(1_500, 7));
        self.metrics();
        self.post(&other_events());
        let unreadable = Exchange { request_chunks: vec![b"{".to_vec()], ..Exchange::iris() };
        unreadable.run(&self.host, &mut self.worker);
        self.post(&[json!({ "type": "conversion", "experiment": "none", "unit": "u" })]);
    }

    /// What a scrape gets after the next two ticks: one to hand over, one that leads with it.
    pub fn metrics(&mut self) -> String {
        for _ in 0..2 {
            self.host.advance_millis(1);
            self.worker.tick(&self.host, false);
            for call in self.host.take_calls() {
                self.host.answer_call(&mut self.worker, call.id, Some((200, "")));
            }
        }
        self.get("/.tidegate/v1/metrics")
    }

    /// The window of `iris` as a profile.
    pub fn profile(&mut self) -> Profile {
        Profile::from_json(&self.get("/.tidegate/v1/profile?model=iris")).unwrap()
    }

    pub fn snapshot(&mut self) -> Value {
        serde_json::from_str(&self.get("/.tidegate/v1/snapshot")).unwrap()
    }

    fn get(&mut self, path: &str) -> String {
        let reply = ask(&self.host, &mut self.worker, "GET", path);
        assert_eq!(reply.status, 200, "{path}");
        String::from_utf8(reply.body).unwrap()
    }
}

/// A reference of 1,000 rows: ten bins of `petal_length`, one of them empty; of `color` two names and none else;
/// predictions and their confidences.
pub fn reference() -> Value {
    let column = |name: &str, role: &str, summary: Value| {
        let counts = json!({ "count": 1000, "missing": 0 });
        json!({ "name": name, "role": role, "counts": counts, "summary": summary })
    };
    let numbers = |edges: &[f64], bins: &[u64]| {
        json!({
            "kind": "numeric", "min": 0.0, "max": 10.0, "mean": 5.0, "standard_deviation": 3.0, "infinite": 0,
            "edges": edges, "bins": bins,
        })
    };
    let names = |names: &[&str], bins: &[u64]| json!({ "kind": "categorical", "names": names, "bins": bins, "other": 0 });
    json!({ "schema": "tidegate.profile/1", "rows": 1000, "columns": [
        column("petal_length", "feature", numbers(
            &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0],
            &[100, 100, 100, 100, 100, 0, 200, 100, 100, 100],
        )),
        column("color", "feature", names(&["blue", "white"], &[700, 300])),
        column("prediction", "prediction", names(&["setosa", "virginica"], &[500, 500])),
        column("confidence", "confidence", numbers(&[0.6, 0.8, 0.9], &[100, 200, 300, 400])),
    ]})
}

/// Inferences whose values go through their ranges with `stride`, so that gateways differ.
pub fn inferences(count: u32, stride: u32) -> Vec<Value> {
    (0..count)
        .map(|row| {
            let step = row.wrapping_mul(stride) % 1_000;
            let share = f64::from(step) / 1_000.0;
            let color = ["blue", "white", "green"][(step / 50 % 3) as usize];
            let class = if step % 4 == 0 { "virginica" } else { "setosa" };
            json!({
                "type": "inference", "model_name": "iris", "model_version": "1",
                "prediction_id": format!("{stride}-{row}"), "batch_size": 1,
                "predictions": [class], "confidences": [1.0 - share * share / 2.0],
                "features": { "petal_length": 10.0 * share * share, "color": color },
                "latency_seconds": { "total": 0.004 + 0.3 * share * share, "inference": 0.003 + 0.2 * share },
                "status": if step % 50 == 0 { "server_error" } else { "success" },
                "unit": format!("u{row}"), "variants": { "blue-or-green": if row % 2 == 0 { "control" } else { "treatment" } },
            })
        })
        .collect()
}

/// Events of every other kind, so that a gateway that was told of them says all that it can.
pub fn other_events() -> Vec<Value> {
    let mut events = Vec::new();
    for row in 0..400 {
        let label = if row % 5 == 0 { "virginica" } else { "setosa" };
        events
            .push(json!({ "type": "label", "prediction_id": format!("7-{row}"), "label": label }));
        let (long, short) = (f64::from(row % 10), f64::from(row % 7));
        events.push(json!({
            "type": "explanation", "model_name": "iris",
            "attributions": { "petal_length": 1.0 + long, "color": 0.1 * short },
        }));
    }
    for answer in 0..200 {
        let seconds = 0.05 + 0.001 * f64::from(answer);
        events.push(json!({
            "type": "inference", "model_name": "writer", "model_version": "1", "status": "success",
            "latency_seconds": { "total": 10.0 * seconds },
            "generation": {
                "input_tokens": 100 + answer, "output_tokens": 40, "cached_tokens": 50, "chunks": 41,
                "first_chunk_seconds": seconds, "chunks_seconds": 5.0 * seconds, "finish_reasons": ["stop"],
            },
        }));
    }
    for unit in 0..60 {
        events.push(json!({
            "type": "conversion", "experiment": "blue-or-green", "unit": format!("u{}", 3 * unit), "value": 2.5,
        }));
    }
    for visit in 0..150 {
        events.push(json!({
            "type": "business_metric", "model_name": "iris", "name": "revenue", "value": f64::from(visit % 9),
        }));
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
    for row in 0..50 {
        events.push(json!({
            "type": "feature_retrieval", "feature_set": "flowers", "source": "redis",
            "duration_seconds": 0.001 * f64::from(row), "cache_hit": row % 3 > 0,
        }));
        events.push(json!({
            "type": "feature_row", "feature_set": "flowers", "values": { "petal_length": row, "color": null },
            "timestamps": { "petal_length": now - 100_000.0 },
        }));
    }
    for step in 1..=50 {
        events.push(json!({
            "type": "training_step", "job_id": "iris-7", "step": step, "loss": 1.0 / f64::from(step),
            "grad_norm": 0.5, "learning_rate": 0.001, "samples": 256, "duration_seconds": 0.5,
            "data_wait_seconds": 0.3, "gpu_utilization": { "0": 0.4 },
        }));
    }
    for epoch in 1..=3 {
        events.push(json!({
            "type": "training_epoch", "job_id": "iris-7", "epoch": epoch, "loss": 0.5, "validation_loss": 0.6,
            "accuracy": 0.9, "duration_seconds": 42.0,
        }));
    }
    events
}

/// A gateway that was told of everything, and whose labels and explanations came late.
pub fn busy() -> Gateway {
    let mut gateway = Gateway::new();
    gateway.tell_all();
    gateway.metrics();
    // A second time, for what is told of a change.
    gateway.tell_all();
    gateway
}

/// What such a gateway says.
pub fn busy_metrics() -> String {
    busy().metrics()
}

/// Names of the samples of a text: families, and the parts of histograms.
pub fn sample_names(text: &str) -> BTreeSet<String> {
    let samples = text.lines().filter(|line| !line.starts_with('#'));
    samples.map(|line| line.split(['{', ' ']).next().unwrap().to_string()).collect()
}
