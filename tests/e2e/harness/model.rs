//! A `tidegate-demo serve` process.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tidegate_demo::client::Client;

use super::program;

/// A model server of its own process, stopped when dropped.
pub struct ModelProcess {
    process: Child,
    pub address: SocketAddr,
}

impl ModelProcess {
    /// Starts `tidegate-demo serve` with these further options, on a free port.
    pub fn start(model: &str, options: &[&str]) -> Self {
        let mut process = Command::new(program("TIDEGATE_DEMO"))
            .args(["serve", "--port", "0", "--model", model])
            .args(options)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let announced: Value = serde_json::from_str(&line).unwrap();
        let address = announced["address"].as_str().unwrap().parse().unwrap();
        Self { process, address }
    }

    /// Inference requests that reached the model, answered or not.
    pub fn requests(&self) -> u64 {
        let response =
            Client::new(self.address).request("GET", "/v2/models/elec2/stats", &[], b"").unwrap();
        let stats: Value = serde_json::from_slice(&response.body).unwrap();
        stats["model_stats"][0]["request_count"].as_u64().unwrap()
    }
}

impl Drop for ModelProcess {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
