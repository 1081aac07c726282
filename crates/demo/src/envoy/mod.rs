//! A real Envoy as a child process: started from a bootstrap, asked over its admin interface,
//! measured, and stopped when the value is dropped.

pub mod config;

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::Error;
use crate::client::Client;

const START_TIMEOUT: Duration = Duration::from_secs(30);
const STOP_TIMEOUT: Duration = Duration::from_secs(3);

/// A running Envoy and the folder that holds its configuration and log.
#[derive(Debug)]
pub struct Envoy {
    process: Child,
    folder: PathBuf,
    admin: SocketAddr,
}

impl Envoy {
    /// Starts Envoy with this bootstrap, and returns when its listeners take connections. The
    /// folder is made; `bootstrap.json` and `envoy.log` are put there.
    ///
    /// # Errors
    /// When Envoy cannot be run, ends by itself, or is not ready in half a minute; the message
    /// ends with what its log says.
    pub fn start(
        program: &Path,
        bootstrap: &Value,
        folder: &Path,
        workers: u32,
    ) -> Result<Self, Error> {
        Self::start_with(program, bootstrap, folder, workers, &[])
    }

    /// As [`Envoy::start`], with further options of the command line.
    ///
    /// # Errors
    /// As [`Envoy::start`].
    pub fn start_with(
        program: &Path,
        bootstrap: &Value,
        folder: &Path,
        workers: u32,
        options: &[&str],
    ) -> Result<Self, Error> {
        fs::create_dir_all(folder)?;
        let bootstrap_file = folder.join("bootstrap.json");
        fs::write(&bootstrap_file, serde_json::to_vec_pretty(bootstrap)?)?;
        let admin_file = folder.join("admin-address");
        // That of an Envoy before may be another's by now.
        let _ = fs::remove_file(&admin_file);
        let log = File::create(folder.join("envoy.log"))?;
        let mut process = Command::new(program)
            .arg("--config-path")
            .arg(&bootstrap_file)
            .arg("--admin-address-path")
            .arg(&admin_file)
            .args(["--concurrency", &workers.to_string()])
            // Several run on one machine at once.
            .args(["--disable-hot-restart", "--log-level", "info"])
            .args(options)
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .map_err(|error| format!("cannot run {}: {error}", program.display()))?;
        match wait_until_ready(&mut process, &admin_file) {
            Ok(admin) => Ok(Self { process, folder: folder.to_path_buf(), admin }),
            Err(reason) => {
                let _ = process.kill();
                let _ = process.wait();
                let log = fs::read_to_string(folder.join("envoy.log")).unwrap_or_default();
                Err(format!("Envoy did not start: {reason}; its log ends with:\n{}", tail(&log))
                    .into())
            }
        }
    }

    /// Where a listener takes connections, port 0 resolved.
    ///
    /// # Errors
    /// When there is no such listener.
    pub fn listener(&self, name: &str) -> Result<SocketAddr, Error> {
        let listeners: Value = serde_json::from_str(&self.admin_get("/listeners?format=json")?)?;
        let found = listeners["listener_statuses"]
            .as_array()
            .and_then(|listeners| listeners.iter().find(|listener| listener["name"] == name))
            .ok_or_else(|| format!("Envoy has no listener {name}"))?;
        let socket = &found["local_address"]["socket_address"];
        let (host, port) = (socket["address"].as_str(), socket["port_value"].as_u64());
        Ok(format!("{}:{}", host.unwrap_or_default(), port.unwrap_or_default()).parse()?)
    }

    /// The value of one of Envoy's own counters or gauges, 0 while it has not been touched.
    ///
    /// # Errors
    /// When the admin interface does not answer.
    pub fn stat(&self, name: &str) -> Result<u64, Error> {
        let stats = self.admin_get("/stats?usedonly")?;
        let value = stats.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        Ok(value.map_or(Ok(0), str::parse)?)
    }

    /// What the admin interface answers to a GET.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn admin_get(&self, path: &str) -> Result<String, Error> {
        Ok(Client::new(self.admin).request("GET", path, &[], b"")?.text())
    }

    /// All that Envoy has logged.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn log(&self) -> Result<String, Error> {
        Ok(fs::read_to_string(self.folder.join("envoy.log"))?)
    }

    /// The folder with its configuration and log.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The bytes of memory that the process has now.
    ///
    /// # Errors
    /// Where there is no `/proc` (Linux has it).
    pub fn memory_bytes(&self) -> Result<u64, Error> {
        let file = format!("/proc/{}/status", self.process.id());
        let status = fs::read_to_string(file)
            .map_err(|error| format!("memory is read from /proc, as Linux has it: {error}"))?;
        let kibibytes = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse().ok());
        let kibibytes: u64 = kibibytes.ok_or("/proc tells no VmRSS")?;
        Ok(kibibytes * 1024)
    }

    /// Whether the process still runs.
    pub fn runs(&mut self) -> bool {
        matches!(self.process.try_wait(), Ok(None))
    }

    /// The CPU time that the process has used, in user and kernel mode, in steps of 10 ms.
    ///
    /// # Errors
    /// Where there is no `/proc` (Linux has it).
    pub fn cpu_time(&self) -> Result<Duration, Error> {
        // Linux reports to user space in hundredths of a second on every architecture.
        const TICKS_PER_SECOND: u64 = 100;
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process.id()))
            .map_err(|error| format!("CPU time is read from /proc, as Linux has it: {error}"))?;
        // The name may hold spaces, so fields count from behind its parenthesis: state is field 3.
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        let ticks = fields.skip(11).take(2).map(str::parse::<u64>).sum::<Result<u64, _>>()?;
        Ok(Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND))
    }
}

impl Drop for Envoy {
    fn drop(&mut self) {
        let _ = Client::new(self.admin).request("POST", "/quitquitquit", &[], b"");
        let deadline = Instant::now() + STOP_TIMEOUT;
        while Instant::now() < deadline {
            if let Ok(Some(_)) = self.process.try_wait() {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn wait_until_ready(process: &mut Child, admin_file: &Path) -> Result<SocketAddr, Error> {
    let deadline = Instant::now() + START_TIMEOUT;
    while Instant::now() < deadline {
        if let Some(status) = process.try_wait()? {
            return Err(format!("it ended with {status}").into());
        }
        let admin =
            fs::read_to_string(admin_file).ok().and_then(|address| address.trim().parse().ok());
        if let Some(admin) = admin {
            let ready = Client::new(admin).request("GET", "/ready", &[], b"");
            if ready.is_ok_and(|response| response.status == 200) {
                return Ok(admin);
            }
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Err(format!("it was not ready in {} seconds", START_TIMEOUT.as_secs()).into())
}

/// The last lines of a log.
fn tail(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(15)..].join("\n")
}
