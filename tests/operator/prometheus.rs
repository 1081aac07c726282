//! A real Prometheus, and gateways for it to scrape.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;
use tidegate_core::metric;
use tidegate_demo::client::Client;

use crate::gateway::{METRICS_PATH, TOKEN};

/// Where a program is. Without it, `None`, and a line that says what is not tested.
pub fn installed(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found =
        std::env::split_paths(&path).map(|folder| folder.join(program)).find(|it| it.is_file());
    if found.is_none() {
        // Not `eprintln!`, which a test that passes does not show.
        let package = if program == "buildah" { program } else { "prometheus" };
        let skipped = format!("SKIPPED: {program} is not installed (apt-get install {package})\n");
        let _ = std::io::stderr().write_all(skipped.as_bytes());
    }
    found
}

/// A folder of a test's own, empty.
pub fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("operator").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// An exporter that says what it was given last, to who has the token.
pub struct Exporter {
    pub address: SocketAddr,
    text: Arc<Mutex<String>>,
}

impl Exporter {
    pub fn start(text: String) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let text = Arc::new(Mutex::new(text));
        let exporter = Self { address, text: Arc::clone(&text) };
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let text = Arc::clone(&text);
                std::thread::spawn(move || answer(stream, &text));
            }
        });
        exporter
    }

    pub fn say(&self, text: String) {
        *self.text.lock().unwrap() = text;
    }
}

/// Answers the requests of a connection, as the admin API does.
fn answer(mut stream: TcpStream, text: &Mutex<String>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).ok()? == 0 {
                return None;
            }
        }
        let has_token = head.lines().any(|line| {
            let (name, value) = line.split_once(": ").unwrap_or_default();
            name.eq_ignore_ascii_case("authorization") && value == format!("Bearer {TOKEN}")
        });
        let accept = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("accept").then_some(value)
        });
        let mut content_type = metric::PROMETHEUS;
        let (status, body) = if !has_token {
            ("401 Unauthorized", String::new())
        } else if !head.starts_with(&format!("GET {METRICS_PATH} ")) {
            ("404 Not Found", String::new())
        } else {
            let mut text = text.lock().unwrap().clone();
            // As the gateway does, but for samples with a time, which only tests have.
            if !has_times(&text) && accept.is_some_and(metric::prefers_openmetrics) {
                text = metric::to_openmetrics(&text);
                content_type = metric::OPENMETRICS;
            }
            ("200 OK", text)
        };
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\n\r\n"
        );
        stream.write_all((head + &body).as_bytes()).ok()?;
    }
}

/// Whether the last sample has a time behind its value.
fn has_times(text: &str) -> bool {
    let last = text.lines().rfind(|line| !line.starts_with('#'));
    let behind_labels = last.and_then(|line| line.rsplit('}').next());
    behind_labels.is_some_and(|it| {
        it.split_whitespace().filter(|word| word.parse::<f64>().is_ok()).count() > 1
    })
}

/// A running Prometheus, stopped when dropped.
pub struct Prometheus {
    process: Child,
    address: SocketAddr,
}

/// One series of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    pub labels: BTreeMap<String, String>,
    pub value: f64,
}

impl Prometheus {
    /// Starts it on a config, in a folder.
    pub fn start(program: &Path, config: &Value, folder: &Path) -> Self {
        // JSON is YAML.
        let file = folder.join("prometheus.yaml");
        fs::write(&file, config.to_string()).unwrap();
        let address = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
        let log = fs::File::create(folder.join("log")).unwrap();
        let process = Command::new(program)
            .arg(format!("--config.file={}", file.display()))
            .arg(format!("--storage.tsdb.path={}", folder.join("data").display()))
            .arg(format!("--web.listen-address={address}"))
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let prometheus = Self { process, address };
        wait_for("Prometheus to be ready", || {
            let response = Client::new(address).request("GET", "/-/ready", &[], b"").ok()?;
            (response.status == 200).then_some(())
        });
        prometheus
    }

    /// What a query gives now.
    ///
    /// # Errors
    /// What Prometheus says of one that it does not take.
    pub fn query(&self, expression: &str) -> Result<Vec<Series>, String> {
        let answer = self.get(&format!("/api/v1/query?query={}", encoded(expression)));
        if answer["status"] != "success" {
            return Err(answer["error"].to_string());
        }
        let data = &answer["data"];
        let number = |sample: &Value| match sample[1].as_str().unwrap() {
            "+Inf" => f64::INFINITY,
            "-Inf" => f64::NEG_INFINITY,
            text => text.parse().unwrap(),
        };
        if data["resultType"] == "scalar" {
            return Ok(vec![Series { labels: BTreeMap::new(), value: number(&data["result"]) }]);
        }
        let series = data["result"].as_array().unwrap().iter().map(|series| Series {
            labels: serde_json::from_value(series["metric"].clone()).unwrap(),
            value: number(&series["value"]),
        });
        Ok(series.collect())
    }

    /// The query's series, once there are as many as wanted.
    pub fn wait_for(&self, expression: &str, count: usize) -> Vec<Series> {
        wait_for(expression, || self.query(expression).ok().filter(|series| series.len() == count))
    }

    pub fn get(&self, path: &str) -> Value {
        let response = Client::new(self.address).request("GET", path, &[], b"").unwrap();
        serde_json::from_slice(&response.body).unwrap()
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Waits until `look` finds something, for a minute at most.
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited a minute for {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}
