//! What a filter costs: Envoy with none, with a wasm filter that does nothing, with Tidegate, and with
//! scripts in Lua, in interleaved rounds of one run, so that a slow minute of the machine meets all.

mod filters;
mod load;

use std::fmt::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::envoy::{Envoy, config};
use crate::{Error, address, server};

const CONNECTIONS: [usize; 2] = [1, 64];
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
    /// Rounds, each of all filters; medians are over these.
    pub rounds: usize,
    /// How long each measurement lasts, after a second of warming up.
    pub seconds: f64,
    /// Envoy's worker threads.
    pub workers: u32,
}

/// What one filter cost at one number of connections, the medians of all rounds.
#[derive(Debug, Clone, Serialize)]
pub struct Cost {
    /// Such as `none`, `noop` or `tidegate, capture`.
    pub filter: &'static str,
    /// Connections, each with one request at a time.
    pub connections: usize,
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

/// All costs.
#[derive(Debug, Clone, Serialize)]
pub struct Costs {
    /// Before an upstream that answers at once.
    pub costs: Vec<Cost>,
    /// Before a model that takes a millisecond, over one connection: without a filter and with capture.
    pub of_a_millisecond: Vec<Cost>,
}

struct Measurement {
    requests: u64,
    cpu_micros: f64,
    p50_micros: f64,
    p99_micros: f64,
}

type Filter = (&'static str, Option<Value>);

/// Measures all filters.
///
/// # Errors
/// When Envoy does not start or a request fails.
pub fn run(options: &Options, runtime: &Runtime) -> Result<Costs, Error> {
    let listener = address::listen(0)?;
    let upstream = listener.local_addr()?;
    runtime.spawn(server::serve(listener, load::answer));
    let listener = address::listen(0)?;
    let slow_upstream = listener.local_addr()?;
    runtime.spawn(server::serve(listener, load::answer_in_a_millisecond));
    let folder = std::env::temp_dir().join(format!("tidegate-bench-{}", std::process::id()));

    let filters = filters::all(&options.tidegate, &options.noop);
    let costs = compare(options, &filters, upstream, &CONNECTIONS, &folder)?;
    let of_interest = |(name, _): &&Filter| ["none", "tidegate, capture"].contains(name);
    let two: Vec<Filter> = filters.iter().filter(of_interest).cloned().collect();
    let of_a_millisecond = compare(options, &two, slow_upstream, &[1], &folder)?;
    std::fs::remove_dir_all(&folder)?;
    Ok(Costs { costs, of_a_millisecond })
}

fn compare(
    options: &Options,
    filters: &[Filter],
    upstream: SocketAddr,
    connections: &[usize],
    folder: &Path,
) -> Result<Vec<Cost>, Error> {
    let rounds = options.rounds.max(1);
    let kinds = filters.len() * connections.len();
    let mut measured: Vec<Vec<Measurement>> = (0..kinds).map(|_| Vec::new()).collect();
    for round in 1..=rounds {
        // Each begins a round in turn, for what runs first or after an idle minute meets another machine.
        let turns = filters.iter().enumerate().cycle().skip(round - 1).take(filters.len());
        for (i, (name, filter)) in turns {
            eprintln!("round {round} of {rounds}: {name}");
            let listener = config::listener(filter.as_slice(), &[config::route("model")]);
            let bootstrap = config::bootstrap(&listener, &[config::cluster("model", upstream)]);
            let folder = folder.join(i.to_string());
            let envoy = Envoy::start(&options.envoy, &bootstrap, &folder, options.workers)?;
            for (j, &connections) in connections.iter().enumerate() {
                let measurement = measure(&envoy, connections, options.seconds)?;
                measured[j * filters.len() + i].push(measurement);
            }
        }
    }
    let kinds = connections
        .iter()
        .flat_map(|&connections| filters.iter().map(move |&(name, _)| (name, connections)));
    Ok(kinds.zip(&measured).map(|((name, count), rounds)| cost(name, count, rounds)).collect())
}

fn measure(envoy: &Envoy, connections: usize, seconds: f64) -> Result<Measurement, Error> {
    let gateway = envoy.listener(config::LISTENER)?;
    load::send(gateway, connections, WARM_UP)?;
    let cpu_before = envoy.cpu_time()?;
    let mut latencies = load::send(gateway, connections, Duration::from_secs_f64(seconds))?;
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

fn cost(filter: &'static str, connections: usize, rounds: &[Measurement]) -> Cost {
    let median = |value: fn(&Measurement) -> f64| {
        let mut values: Vec<f64> = rounds.iter().map(value).collect();
        values.sort_unstable_by(f64::total_cmp);
        values[values.len() / 2]
    };
    Cost {
        filter,
        connections,
        cpu_micros: median(|round| round.cpu_micros),
        cpu_micros_by_round: rounds.iter().map(|round| round.cpu_micros).collect(),
        p50_micros: median(|round| round.p50_micros),
        p99_micros: median(|round| round.p99_micros),
        requests: rounds.iter().map(|round| round.requests).sum(),
    }
}

impl Costs {
    /// CPU time a request beyond that without a filter, in microseconds.
    fn added(&self, filter: &str, connections: usize) -> f64 {
        let of = |filter: &str| {
            let found = self
                .costs
                .iter()
                .find(|cost| cost.filter == filter && cost.connections == connections);
            found.map_or(f64::NAN, |cost| cost.cpu_micros)
        };
        of(filter) - of("none")
    }

    /// The costs as a table for a person, and how they stand to the lines that they are held to.
    pub fn table(&self) -> String {
        let mut table = format!(
            "{:<22}{:>12}{:>16}{:>8}{:>10}{:>10}\n",
            "filter", "connections", "CPU us/request", "added", "p50 us", "p99 us"
        );
        for cost in &self.costs {
            let Cost { filter, connections, cpu_micros, p50_micros, p99_micros, .. } = cost;
            let added = self.added(filter, *connections);
            // Writing to a string cannot fail.
            let _ = writeln!(
                table,
                "{filter:<22}{connections:>12}{cpu_micros:>16.1}{added:>8.1}{p50_micros:>10.0}\
                 {p99_micros:>10.0}"
            );
        }
        for connections in CONNECTIONS {
            let ratio = |of, to| self.added(of, connections) / self.added(to, connections);
            let headers = ratio("tidegate, headers", "noop");
            let to_headers = ratio("tidegate, capture", "lua, five headers");
            let to_decode = ratio("tidegate, capture", "lua, decode");
            let _ = writeln!(
                table,
                "{connections} connections: headers only {headers:.1} times the no-op (line: 2.0); \
                 capture {to_decode:.2} times Lua's decode (line: 1.5), {to_headers:.1} times five \
                 headers in Lua"
            );
        }
        if let [none, capture] = self.of_a_millisecond.as_slice() {
            let share = (capture.p50_micros - none.p50_micros) / none.p50_micros * 100.0;
            let _ = writeln!(
                table,
                "a model of 1 ms: p50 {:.0} us without a filter, {:.0} us with capture: {share:.1} % \
                 (line: 5 %)",
                none.p50_micros, capture.p50_micros
            );
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(filter: &'static str, connections: usize, cpu_micros: f64) -> Cost {
        let round =
            |cpu_micros| Measurement { requests: 10, cpu_micros, p50_micros: 1.0, p99_micros: 2.0 };
        let rounds = [cpu_micros + 10.0, cpu_micros - 10.0, cpu_micros].map(round);
        cost(filter, connections, &rounds)
    }

    #[test]
    fn a_cost_is_the_median_of_its_rounds_and_is_held_against_the_lines() {
        let costs = CONNECTIONS.into_iter().flat_map(|connections| {
            [
                ("none", 20.0),
                ("noop", 25.0),
                ("tidegate, headers", 30.0),
                ("tidegate, capture", 50.0),
                ("lua, five headers", 30.0),
                ("lua, decode", 40.0),
            ]
            .map(|(filter, cpu)| measured(filter, connections, cpu))
        });
        let costs = Costs {
            costs: costs.collect(),
            of_a_millisecond: vec![measured("none", 1, 1.0), measured("tidegate, capture", 1, 1.0)],
        };
        assert_eq!((costs.costs[0].cpu_micros, costs.costs[0].requests), (20.0, 30));
        let table = costs.table();
        assert!(table.contains("noop                            64            25.0     5.0"));
        let line = "64 connections: headers only 2.0 times the no-op (line: 2.0); capture 1.50 times \
                    Lua's decode (line: 1.5), 3.0 times five headers in Lua";
        assert!(table.contains(line), "{table}");
        assert!(table.contains("0.0 % (line: 5 %)"), "{table}");
    }

    #[test]
    fn bodies_differ() {
        let mut bodies = load::bodies();
        let count = bodies.len();
        bodies.sort();
        bodies.dedup();
        assert_eq!(bodies.len(), count);
    }
}
