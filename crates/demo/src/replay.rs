//! Sends the stream through a gateway at a steady rate, and tells what came back.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::Value;

use crate::Error;
use crate::client::{Client, Response};
use crate::elec2::{self, CLASSES, Row};
use crate::server::MODEL_NAME;
use crate::tell::{self, Admin, Answered, FeatureStore};
use crate::traffic::{self, Planned, Traffic};

/// What to send, where, and how fast.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the gateway listens.
    pub gateway: SocketAddr,
    /// Rows a second; 0 sends as fast as the answers come.
    pub rows_per_second: f64,
    /// The first row to send.
    pub first_row: usize,
    /// How many rows from there; none means all that follow.
    pub row_count: Option<usize>,
    /// How many users share the requests.
    pub users: usize,
    /// How many connections send at once.
    pub connections: usize,
    /// Whether to begin again after the last row, for ever.
    pub repeats: bool,
    /// The seed of users and batch sizes.
    pub seed: u64,
    /// Where the gateway is told what it cannot see; none tells nothing.
    pub tell: Option<Admin>,
}

/// One user in so many of those who were told right orders something.
const ORDER_EVERY: usize = 4;

/// What came of the requests so far.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Totals {
    /// Requests sent.
    pub requests: u64,
    /// Rows in them.
    pub rows: u64,
    /// Requests without an answer, or with one that is not a 200.
    pub errors: u64,
    /// Answers by status code.
    pub statuses: BTreeMap<u16, u64>,
    /// What each version of the model answered.
    pub versions: BTreeMap<String, VersionTotals>,
    /// How long it took.
    pub seconds: f64,
}

/// What one version of the model answered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct VersionTotals {
    /// Requests answered.
    pub requests: u64,
    /// Rows predicted.
    pub rows: u64,
    /// Rows whose class was predicted right.
    pub correct: u64,
}

/// One request and what came back.
struct Exchange {
    planned: Planned,
    outcome: Outcome,
}

enum Outcome {
    Answered { version: String, correct: u64 },
    Refused { status: u16 },
    Lost,
}

/// Sends the stream, and calls `report` about once a second with the totals and the row of the
/// stream that was sent last.
///
/// # Errors
/// When the data cannot be read. A gateway that fails is not an error here: it is counted.
pub fn replay(options: &Options, mut report: impl FnMut(usize, &Totals)) -> Result<Totals, Error> {
    let stream = elec2::rows()?;
    let rows = stream.get(options.first_row..).unwrap_or_default();
    if rows.is_empty() {
        return Err(format!("there is no row {} in the stream", options.first_row).into());
    }
    let row_count = match options.row_count {
        _ if options.repeats => usize::MAX,
        Some(count) => count.min(rows.len()),
        None => rows.len(),
    };
    let traffic = Mutex::new(Traffic::new(row_count, options.users, options.seed));
    let started = Instant::now();
    let (sender, receiver) = mpsc::channel();
    let store = Mutex::new(FeatureStore::open()?);
    let (telling, told) = mpsc::channel();
    let is_over = AtomicBool::new(false);
    let mut totals = std::thread::scope(|scope| {
        for _ in 0..options.connections.max(1) {
            let (sender, traffic) = (sender.clone(), &traffic);
            let telling = options.tell.as_ref().map(|_| (&store, telling.clone()));
            scope.spawn(move || send_all(options, traffic, rows, started, &sender, telling));
        }
        drop((sender, telling));
        if let Some(admin) = &options.tell {
            let (gateway, stream, is_over) = (options.gateway, &stream, &is_over);
            scope.spawn(move || {
                if let Err(reason) = tell::tell_of_answers(gateway, admin, &told) {
                    eprintln!("answers are not told of: {reason}");
                }
            });
            scope.spawn(move || tell::train(gateway, admin, stream, is_over));
        }
        let totals =
            add_up(&receiver, |sent, totals| report(options.first_row + sent % rows.len(), totals));
        is_over.store(true, Ordering::Relaxed);
        totals
    });
    totals.seconds = started.elapsed().as_secs_f64();
    Ok(totals)
}

/// Sends what the others do not, each request when it is due.
fn send_all(
    options: &Options,
    traffic: &Mutex<Traffic>,
    rows: &[Row],
    started: Instant,
    exchanges: &Sender<Exchange>,
    telling: Option<(&Mutex<FeatureStore>, Sender<Answered>)>,
) {
    let mut client = Client::new(options.gateway);
    let path = format!("/v2/models/{MODEL_NAME}/infer");
    loop {
        let Some(planned) = traffic.lock().ok().and_then(|mut traffic| traffic.next()) else {
            return;
        };
        if options.rows_per_second > 0.0 {
            let due = Duration::from_secs_f64(planned.first_row as f64 / options.rows_per_second);
            std::thread::sleep(due.saturating_sub(started.elapsed()));
        }
        let sent: Vec<&Row> = (planned.first_row..planned.first_row + planned.row_count)
            .map(|row| &rows[row % rows.len()])
            .collect();
        let retrieval = telling.as_ref().and_then(|(store, _)| {
            let row = options.first_row + planned.first_row % rows.len();
            Some(store.lock().ok()?.retrieve(row..row + planned.row_count))
        });
        let body = traffic::body(planned.first_row, &sent);
        let user = [("x-user-id", planned.user.as_str())];
        let response = client.request("POST", &path, &user, &body);
        let outcome = response.as_ref().map_or(Outcome::Lost, |response| read(response, &sent));
        if let (
            Some((_, telling)),
            Some(retrieval),
            Ok(response),
            Outcome::Answered { version, correct },
        ) = (&telling, retrieval, &response, &outcome)
        {
            let is_right = *correct == planned.row_count as u64;
            let orders = is_right && planned.first_row.is_multiple_of(ORDER_EVERY);
            let answered = Answered {
                retrieval,
                led_to_order: orders,
                first_row: planned.first_row,
                rows: sent.iter().map(|row| **row).collect(),
                token: response.header("x-tidegate-prediction"),
                version: version.clone(),
                predicted: predicted(response),
            };
            // Who does not listen any more need not be told.
            let _ = telling.send(answered);
            if orders {
                let _ = client.request("POST", "/orders", &user, b"");
            }
        }
        if exchanges.send(Exchange { planned, outcome }).is_err() {
            return;
        }
    }
}

fn read(response: &Response, sent: &[&Row]) -> Outcome {
    if response.status != 200 {
        return Outcome::Refused { status: response.status };
    }
    let answer: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let is_right = |(row, class): &(&&Row, Value)| *class == CLASSES[usize::from(row.is_up)];
    Outcome::Answered {
        version: answer["model_version"].as_str().unwrap_or("unknown").to_string(),
        correct: sent.iter().zip(predicted(response)).filter(is_right).count() as u64,
    }
}

/// The classes in a response.
fn predicted(response: &Response) -> Vec<Value> {
    let answer: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    answer["outputs"][0]["data"].as_array().cloned().unwrap_or_default()
}

fn add_up(exchanges: &Receiver<Exchange>, mut report: impl FnMut(usize, &Totals)) -> Totals {
    const REPORT_EVERY: Duration = Duration::from_secs(1);
    let mut totals = Totals::default();
    let (mut last_row, mut next_report) = (0, Instant::now() + REPORT_EVERY);
    loop {
        match exchanges.recv_timeout(next_report.saturating_duration_since(Instant::now())) {
            Ok(exchange) => {
                last_row =
                    last_row.max(exchange.planned.first_row + exchange.planned.row_count - 1);
                totals.add(&exchange);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return totals,
        }
        if Instant::now() >= next_report {
            report(last_row, &totals);
            next_report += REPORT_EVERY;
        }
    }
}

impl Totals {
    fn add(&mut self, exchange: &Exchange) {
        let rows = exchange.planned.row_count as u64;
        self.requests += 1;
        self.rows += rows;
        let status = match &exchange.outcome {
            Outcome::Answered { version, correct } => {
                let totals = self.versions.entry(version.clone()).or_default();
                totals.requests += 1;
                totals.rows += rows;
                totals.correct += correct;
                Some(200)
            }
            Outcome::Refused { status } => Some(*status),
            Outcome::Lost => None,
        };
        if let Some(status) = status {
            *self.statuses.entry(status).or_default() += 1;
        }
        self.errors += u64::from(status != Some(200));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Model;
    use crate::server::{Faults, ModelServer, serve_model};

    #[test]
    fn a_replay_tells_what_came_back() {
        let listener = crate::address::listen(0).unwrap();
        let gateway = listener.local_addr().unwrap();
        let faults = Faults { fail_every: 10, ..Faults::default() };
        let server = ModelServer::new(Model::load("v2").unwrap(), faults);
        std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
            runtime.block_on(serve_model(listener, server)).map(|_| ()).unwrap();
        });
        let options = Options {
            gateway,
            rows_per_second: 0.0,
            first_row: 0,
            row_count: Some(1_000),
            users: 20,
            connections: 3,
            repeats: false,
            seed: 1,
            tell: None,
        };
        let totals = replay(&options, |_, _| {}).unwrap();
        assert_eq!(totals.rows, 1_000);
        assert_eq!(totals.errors, totals.requests / 10);
        assert_eq!(totals.statuses[&500], totals.errors);
        let version = &totals.versions["2"];
        assert_eq!(version.requests, totals.requests - totals.errors);
        // On the rows it was trained on, the model is right more often than "always DOWN".
        assert!(version.correct * 100 > version.rows * 60, "{version:?}");
    }
}
