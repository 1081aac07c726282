//! What a gateway cannot see by itself, told to it as a deployment would: the truth once it is known, what a
//! feature store answered, why a model said what it said, how a training run goes.
//!
//! All of it happens here: features are looked up, attributions computed, a model trained. Only the users are made up.

mod answers;
mod feature_store;
mod training;

use std::net::SocketAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::Error;
use crate::client::Client;

pub use answers::{Answered, tell_of_answers};
pub use feature_store::FeatureStore;
pub use training::train;

/// The gateway's admin API, as its operator configured it.
#[derive(Debug, Clone)]
pub struct Admin {
    /// What its paths begin with, such as `/.tidegate`.
    pub path: String,
    /// Its bearer token.
    pub token: String,
}

/// A connection to it.
#[derive(Debug)]
pub(crate) struct Telling<'a> {
    client: Client,
    admin: &'a Admin,
}

impl<'a> Telling<'a> {
    pub(crate) fn new(gateway: SocketAddr, admin: &'a Admin) -> Self {
        Self { client: Client::new(gateway), admin }
    }

    /// Events, with the token of the admin.
    pub(crate) fn events(&mut self, events: &[Value]) -> Result<(), Error> {
        let credential = format!("Bearer {}", self.admin.token);
        self.post("v1/events", &[("authorization", &credential)], events)
    }

    /// Labels. The token of each prediction is their credential.
    pub(crate) fn labels(&mut self, labels: &[Value]) -> Result<(), Error> {
        self.post("v1/feedback", &[], labels)
    }

    /// One object a line, in bodies that the gateway takes.
    fn post(&mut self, what: &str, headers: &[(&str, &str)], lines: &[Value]) -> Result<(), Error> {
        const LINES: usize = 500;
        let path = format!("{}/{what}", self.admin.path.trim_end_matches('/'));
        for lines in lines.chunks(LINES) {
            let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
            let response =
                self.client.request("POST", &path, headers, lines.join("\n").as_bytes())?;
            let receipt: Value = serde_json::from_slice(&response.body).unwrap_or_default();
            let refused = receipt["refused"].as_array().map_or(&[][..], Vec::as_slice);
            if response.status != 200 || !refused.is_empty() {
                return Err(format!("{path}: {} {}", response.status, response.text()).into());
            }
        }
        Ok(())
    }
}

/// Seconds since 1970.
fn now_seconds() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}
