//! What is sent to each filter, and how long it took.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use hyper::StatusCode;
use hyper::body::Incoming;
use serde_json::{Value, json};

use super::FEATURES;
use crate::Error;
use crate::client::Client;
use crate::server::{Answer, json_response};

const ANSWER: &str = r#"{"model_name":"bench","model_version":"1","id":"1","outputs":[{"name":"predict","shape":[1],"datatype":"BYTES","data":["yes"]},{"name":"predict_proba","shape":[1,2],"datatype":"FP64","data":[0.2371,0.7629]}]}"#;

/// An upstream that costs little: always the same answer of an Open Inference server.
pub(super) async fn answer(_: hyper::Request<Incoming>) -> Answer {
    Some(json_response(StatusCode::OK, ANSWER.to_string()))
}

/// The same from a model that computes for a millisecond.
pub(super) async fn answer_in_a_millisecond(request: hyper::Request<Incoming>) -> Answer {
    // The runtime's own clock is too coarse for it.
    std::thread::sleep(Duration::from_millis(1));
    answer(request).await
}

/// Bodies whose features vary, so that nothing can be remembered.
pub(super) fn bodies() -> Vec<Vec<u8>> {
    (0..64_u32)
        .map(|body| {
            let data: Vec<Value> = (0..FEATURES as u32)
                .map(|i| json!(f64::from((body * 7919 + i * 104_729) % 100_003) / 1e5))
                .collect();
            json!({ "id": body.to_string(), "inputs": [
                { "name": "features", "shape": [1, FEATURES], "datatype": "FP64", "data": data },
            ] })
            .to_string()
            .into_bytes()
        })
        .collect()
}

/// Sends as fast as the answers come, and returns how long each took. Never empty.
pub(super) fn send(
    gateway: SocketAddr,
    connections: usize,
    lasting: Duration,
) -> Result<Vec<Duration>, Error> {
    let deadline = Instant::now() + lasting;
    let bodies = bodies();
    let latencies: Result<Vec<_>, Error> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..connections)
            .map(|connection| {
                let bodies = &bodies;
                scope.spawn(move || send_over_one(gateway, connection, bodies, deadline))
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().map_err(|_| Error::from("a client thread ended early"))?)
            .collect()
    });
    Ok(latencies?.concat())
}

fn send_over_one(
    gateway: SocketAddr,
    connection: usize,
    bodies: &[Vec<u8>],
    deadline: Instant,
) -> Result<Vec<Duration>, Error> {
    let mut client = Client::new(gateway);
    let mut latencies = Vec::new();
    for body in bodies.iter().cycle().skip(connection * 4) {
        let user = format!("user-{}", latencies.len() % 1000);
        let started = Instant::now();
        let response =
            client.request("POST", "/v2/models/bench/infer", &[("x-user-id", &user)], body)?;
        latencies.push(started.elapsed());
        if response.status != 200 {
            return Err(
                format!("the gateway answered {}: {}", response.status, response.text()).into()
            );
        }
        if Instant::now() >= deadline {
            break;
        }
    }
    Ok(latencies)
}
