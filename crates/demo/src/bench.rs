//! What a filter costs: Envoy with none, with a wasm filter that does nothing, and with Tidegate, in
//! interleaved rounds of one run, so that a slow minute of the machine meets all three.

use std::fmt::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use hyper::StatusCode;
use hyper::body::Incoming;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::client::Client;
use crate::envoy::{Envoy, config};
use crate::server::{self, Answer, json_response};
use crate::{Error, address};

const CONNECTIONS: usize = 16;
const FEATURES: usize = 20;
const WARM_UP: Duration = Duration::from_secs(1);

/// What to run.
#[derive(Debug, Clone)]
pub struct Options {
    /// The Envoy program.
    pub envoy: PathBuf,
    /// `tidegate.wasm`.
    pub tidegate: PathBuf,
    /// The wasm filter that does nothing.
    pub noop: PathBuf,
    /// Rounds, each of all three; medians are over these.
    pub rounds: usize,
    /// How long each measurement lasts, after a second of warming up.
    pub seconds: f64,
    /// Envoy's worker threads.
    pub workers: u32,
}

/// What one filter cost, the medians of all rounds.
#[derive(Debug, Clone, Serialize)]
pub struct Cost {
    /// `none`, `noop` or `tidegate`.
    pub filter: &'static str,
    /// CPU time of the Envoy process a request.
    pub cpu_micros: f64,
    /// The same, of each round.
    pub cpu_micros_by_round: Vec<f64>,
    /// Median latency as the client sees it.
    pub p50_micros: f64,
    /// The 99th percentile of it.
    pub p99_micros: f64,
    /// Requests measured in all rounds.
    pub requests: u64,
}

struct Measurement {
    requests: u64,
    cpu_micros: f64,
    p50_micros: f64,
    p99_micros: f64,
}

/// Measures all three.
///
/// # Errors
/// When Envoy does not start or a request fails.
pub fn run(options: &Options, runtime: &Runtime) -> Result<Vec<Cost>, Error> {
    let listener = address::listen(0)?;
    let upstream = listener.local_addr()?;
    runtime.spawn(server::serve(listener, answer));
    let folder = std::env::temp_dir().join(format!("tidegate-bench-{}", std::process::id()));
    let filters = [
        ("none", None),
        ("noop", Some(config::wasm_filter("noop", &options.noop, ""))),
        ("tidegate", Some(config::wasm_filter("tidegate", &options.tidegate, &plugin_config()))),
    ];
    let mut rounds: [Vec<Measurement>; 3] = Default::default();
    for round in 1..=options.rounds.max(1) {
        for ((name, filter), measurements) in filters.iter().zip(&mut rounds) {
            eprintln!("round {round} of {}: {name}", options.rounds.max(1));
            let listener = config::listener(filter.as_slice(), &[config::route("model")]);
            let bootstrap = config::bootstrap(&listener, &[config::cluster("model", upstream)]);
            let folder = folder.join(name);
            let envoy = Envoy::start(&options.envoy, &bootstrap, &folder, options.workers)?;
            measurements.push(measure(&envoy, options.seconds)?);
        }
    }
    std::fs::remove_dir_all(&folder)?;
    Ok(filters.iter().zip(&rounds).map(|((name, _), rounds)| cost(name, rounds)).collect())
}

/// The features are read, the predictions counted, and there is an experiment: what a real
/// deployment does.
fn plugin_config() -> String {
    let names: Vec<String> = (1..=FEATURES).map(|i| format!("feature_{i}")).collect();
    json!({
        "models": [{
            "match": { "path_prefix": "/v2/models/" }, "protocol": "open_inference",
            "feature_names": names, "classes": ["no", "yes"],
            "reference": { "learn": { "samples": 1000 } },
        }],
        "experiments": [{
            "name": "bench", "unit": { "header": "x-user-id" },
            "variants": [{ "name": "control", "weight": 0.5 }, { "name": "treatment", "weight": 0.5 }],
        }],
    })
    .to_string()
}

/// An upstream that costs little: always the same answer of an Open Inference server.
async fn answer(_: hyper::Request<Incoming>) -> Answer {
    const ANSWER: &str = r#"{"model_name":"bench","model_version":"1","id":"1","outputs":[{"name":"predict","shape":[1],"datatype":"BYTES","data":["yes"]},{"name":"predict_proba","shape":[1,2],"datatype":"FP64","data":[0.2371,0.7629]}]}"#;
    Some(json_response(StatusCode::OK, ANSWER.to_string()))
}

/// Bodies whose features vary, so that nothing can be remembered.
fn bodies() -> Vec<Vec<u8>> {
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

fn measure(envoy: &Envoy, seconds: f64) -> Result<Measurement, Error> {
    let gateway = envoy.listener(config::LISTENER)?;
    load(gateway, WARM_UP)?;
    let cpu_before = envoy.cpu_time()?;
    let mut latencies = load(gateway, Duration::from_secs_f64(seconds))?;
    let cpu = envoy.cpu_time()? - cpu_before;
    latencies.sort_unstable();
    let quantile = |share: f64| {
        let rank = (share * (latencies.len() - 1) as f64).round();
        latencies[rank as usize].as_secs_f64() * 1e6
    };
    Ok(Measurement {
        requests: latencies.len() as u64,
        cpu_micros: cpu.as_secs_f64() * 1e6 / latencies.len() as f64,
        p50_micros: quantile(0.5),
        p99_micros: quantile(0.99),
    })
}

/// Sends as fast as the answers come, and returns how long each took. Never empty.
fn load(gateway: SocketAddr, lasting: Duration) -> Result<Vec<Duration>, Error> {
    let deadline = Instant::now() + lasting;
    let bodies = bodies();
    let latencies: Result<Vec<_>, Error> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..CONNECTIONS)
            .map(|connection| {
                scope.spawn({
                    let bodies = &bodies;
                    move || load_connection(gateway, connection, bodies, deadline)
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().map_err(|_| Error::from("a client thread ended early"))?)
            .collect()
    });
    Ok(latencies?.concat())
}

fn load_connection(
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

fn cost(filter: &'static str, rounds: &[Measurement]) -> Cost {
    let median = |value: fn(&Measurement) -> f64| {
        let mut values: Vec<f64> = rounds.iter().map(value).collect();
        values.sort_unstable_by(f64::total_cmp);
        values[values.len() / 2]
    };
    Cost {
        filter,
        cpu_micros: median(|round| round.cpu_micros),
        cpu_micros_by_round: rounds.iter().map(|round| round.cpu_micros).collect(),
        p50_micros: median(|round| round.p50_micros),
        p99_micros: median(|round| round.p99_micros),
        requests: rounds.iter().map(|round| round.requests).sum(),
    }
}

/// The costs as a table for a person.
pub fn table(costs: &[Cost]) -> String {
    let base = costs.first().map_or(0.0, |cost| cost.cpu_micros);
    let mut table = format!(
        "{:<10}{:>14}{:>10}{:>10}{:>10}\n",
        "filter", "CPU us/request", "added", "p50 us", "p99 us"
    );
    for cost in costs {
        let Cost { filter, cpu_micros, p50_micros, p99_micros, .. } = cost;
        let added = cpu_micros - base;
        // Writing to a string cannot fail.
        let _ = writeln!(
            table,
            "{filter:<10}{cpu_micros:>14.1}{added:>10.1}{p50_micros:>10.0}{p99_micros:>10.0}"
        );
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cost_is_the_median_of_its_rounds() {
        let round =
            |cpu_micros| Measurement { requests: 10, cpu_micros, p50_micros: 1.0, p99_micros: 2.0 };
        let cost = cost("none", &[round(30.0), round(10.0), round(20.0)]);
        assert_eq!((cost.cpu_micros, cost.requests), (20.0, 30));
        assert!(table(&[cost]).contains("none                20.0       0.0         1         2"));
    }

    #[test]
    fn bodies_differ() {
        let mut bodies = bodies();
        let count = bodies.len();
        bodies.sort();
        bodies.dedup();
        assert_eq!(bodies.len(), count);
    }
}
