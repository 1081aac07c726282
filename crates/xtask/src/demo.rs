//! `cargo xtask demo`: the whole path on one machine.
//!
//! Two variants of a model that was trained on the first months of an electricity market, a real Envoy
//! with Tidegate before them, the market's next years replayed in their order, and the explorer on the
//! live gateway.

use std::fmt::Write;
use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use crate::process::{Outcome, at, no_options};
use crate::service::Service;
use crate::workspace::{artifacts, cargo_target, root};
use crate::{build, setup};

/// Rows a second: two years in about five minutes.
const ROWS_PER_SECOND: &str = "120";
/// The reference is learned from the last hundred days that the models were trained on.
const FIRST_ROW: &str = "8640";
/// The second model answers one request in three with an error for a while, in seconds from its start.
const FAULTS: [&str; 4] = ["--fail-every", "3", "--fail-between", "60..80"];

/// The admin API, as the template has it.
const ADMIN_PATH: &str = "/.tidegate";

/// Runs the demo until Ctrl-C.
pub fn demo(options: &[String]) -> Outcome {
    no_options(options)?;
    let (stop, stopped) = channel();
    ctrlc::set_handler(move || {
        // The receiver is gone only when we are stopping already.
        let _ = stop.send(());
    })
    .map_err(|error| format!("cannot listen for Ctrl-C: {error}"))?;

    println!("1/3 build what is to run (minutes at first, seconds after)");
    build::build(&[])?;
    println!("\n2/3 start it");
    let mut demo = Demo::start()?;
    println!(
        "\n3/3 open\n\n    {}\n\n\
         After 40 s the gateway has learned its reference; within two minutes features drift, the accuracy falls, an\n\
         alert fires, and a variant that fails is rolled back and comes back. envoy/demo/README.md says what to look for.\n\
         Metrics: curl -H 'Authorization: Bearer {}' {}/v1/metrics\n\
         Stop with Ctrl-C.",
        demo.url(),
        demo.token,
        demo.admin()
    );
    loop {
        match stopped.recv_timeout(Duration::from_millis(500)) {
            Ok(()) | Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => demo.check()?,
        }
    }
    println!("\nstopping");
    Ok(())
}

/// Everything that the demo runs. Dropping it stops all of it.
pub struct Demo {
    gateway: SocketAddr,
    explorer: SocketAddr,
    token: String,
    services: Vec<Service>,
}

impl Demo {
    /// Starts models, explorer, gateway and traffic, in that order; what `build` leaves must be there.
    pub fn start() -> Outcome<Self> {
        let program = build::demo()?;
        let envoy = setup::envoy()?;
        let folder = cargo_target()?.join("demo");
        let token = secret()?;
        let serve = |variant: &'static str, faults: &[&str]| {
            let mut command = Command::new(&program);
            command.args(["serve", "--port", "0", "--model", variant]).args(faults);
            Service::listening(variant, &mut command, &folder)
        };
        let (model_v1, v1) = serve("v1", &[])?;
        let (model_v2, v2) = serve("v2", &FAULTS)?;
        let mut command = Command::new(&program);
        command.args(["explorer", "--port", "0", "--dir"]).arg(artifacts().join("explorer"));
        let (explorer_server, explorer) = Service::listening("explorer", &mut command, &folder)?;

        let gateway = free_address()?;
        let bootstrap = folder.join("envoy.yaml");
        let filled = fill(
            &root().join("envoy/demo/envoy.yaml.template"),
            &[
                ("GATEWAY_PORT", gateway.port().to_string()),
                ("ENVOY_ADMIN_PORT", free_address()?.port().to_string()),
                ("MODEL_V1_PORT", v1.port().to_string()),
                ("MODEL_V2_PORT", v2.port().to_string()),
                ("WASM", artifacts().join("tidegate.wasm").display().to_string()),
                ("TOKEN", token.clone()),
                ("FEEDBACK_SECRET", secret()?),
                ("EXPLORER_ORIGIN", format!("http://{explorer}")),
            ],
        )?;
        at(&bootstrap, std::fs::write(&bootstrap, filled))?;
        let mut command = Command::new(envoy);
        command.args(["--concurrency", "2", "--disable-hot-restart", "--config-path"]);
        let mut envoy = Service::start("envoy", command.arg(&bootstrap), &folder)?;
        envoy.wait_for(gateway)?;

        let mut command = Command::new(&program);
        let url = format!("http://{gateway}");
        command.args(["replay", "--gateway", &url, "--rate", ROWS_PER_SECOND, "--from", FIRST_ROW]);
        command.args(["--loop", "--admin", ADMIN_PATH, "--token", &token]);
        let replay = Service::start("replay", &mut command, &folder)?;
        let services = vec![replay, envoy, explorer_server, model_v1, model_v2];
        Ok(Self { gateway, explorer, token, services })
    }

    /// The page to open: the explorer on the live gateway.
    pub fn url(&self) -> String {
        format!("http://{}/#live?gateway={}&token={}", self.explorer, self.admin(), self.token)
    }

    fn admin(&self) -> String {
        format!("http://{}{ADMIN_PATH}", self.gateway)
    }

    /// Fails if a part has ended by itself.
    fn check(&mut self) -> Outcome {
        for service in &mut self.services {
            if service.ended() {
                return Err(service.failed("ended"));
            }
        }
        Ok(())
    }
}

/// A template's text with each `${NAME}` replaced; one that is left is an error.
fn fill(template: &Path, values: &[(&str, String)]) -> Outcome<String> {
    let mut text = at(template, std::fs::read_to_string(template))?;
    for (name, value) in values {
        text = text.replace(&format!("${{{name}}}"), value);
    }
    match text.split_once("${") {
        None => Ok(text),
        Some((_, rest)) => {
            let name = rest.split('}').next().unwrap_or_default();
            Err(format!("{}: nothing to put for ${{{name}}}", template.display()).into())
        }
    }
}

/// An address on this machine that nothing listens on.
fn free_address() -> Outcome<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map_err(|error| format!("no free port on this machine: {error}").into())
}

/// A new secret for this run.
fn secret() -> Outcome<String> {
    let random = Path::new("/dev/urandom");
    let mut bytes = [0u8; 16];
    at(random, std::fs::File::open(random).and_then(|mut file| file.read_exact(&mut bytes)))?;
    Ok(bytes.iter().fold(String::new(), |mut token, byte| {
        let _ = write!(token, "{byte:02x}");
        token
    }))
}
