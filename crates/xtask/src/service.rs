//! A program that runs beside us, and stops when we do.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::process::{Outcome, at, show};

/// A started program. Dropping it ends the program.
pub struct Service {
    name: &'static str,
    child: Child,
    log: PathBuf,
}

/// What our own programs print first.
#[derive(Deserialize)]
struct Announcement {
    address: SocketAddr,
}

impl Service {
    /// Starts a program, with what it prints in `FOLDER/NAME.log`.
    pub fn start(name: &'static str, command: &mut Command, folder: &Path) -> Outcome<Self> {
        let (log, output) = Self::log(name, folder)?;
        let out = at(&log, output.try_clone())?;
        Self::spawn(name, command.stdout(out).stderr(output), log)
    }

    /// Starts a program of ours that prints the address it listens on as its first line.
    pub fn listening(
        name: &'static str,
        command: &mut Command,
        folder: &Path,
    ) -> Outcome<(Self, SocketAddr)> {
        let (log, output) = Self::log(name, folder)?;
        let mut service = Self::spawn(name, command.stdout(Stdio::piped()).stderr(output), log)?;
        let mut line = String::new();
        if let Some(stdout) = service.child.stdout.take() {
            let _ = BufReader::new(stdout).read_line(&mut line);
        }
        match serde_json::from_str::<Announcement>(&line) {
            Ok(announcement) => Ok((service, announcement.address)),
            Err(_) => Err(service.failed("did not start")),
        }
    }

    /// Waits until something listens on an address, for at most 30 seconds.
    pub fn wait_for(&mut self, address: SocketAddr) -> Outcome {
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(30) {
            if TcpStream::connect_timeout(&address, Duration::from_millis(200)).is_ok() {
                return Ok(());
            }
            if self.ended() {
                return Err(self.failed("ended before it listened"));
            }
            sleep(Duration::from_millis(50));
        }
        Err(self.failed("does not listen after 30 s"))
    }

    /// Whether the program has ended by itself.
    pub fn ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// The failure of this program, with the end of its log.
    pub fn failed(&self, what: &str) -> crate::process::Failure {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let end = lines[lines.len().saturating_sub(10)..].join("\n");
        format!("{} {what}; its log, {}, ends:\n{end}", self.name, self.log.display()).into()
    }

    fn log(name: &str, folder: &Path) -> Outcome<(PathBuf, File)> {
        at(folder, std::fs::create_dir_all(folder))?;
        let log = folder.join(format!("{name}.log"));
        let file = at(&log, File::create(&log))?;
        Ok((log, file))
    }

    fn spawn(name: &'static str, command: &mut Command, log: PathBuf) -> Outcome<Self> {
        println!("\x1b[1m$ {} &\x1b[0m", show(command));
        let child = command
            .stdin(Stdio::null())
            .spawn()
            .map_err(|error| format!("cannot start {name}: {error}"))?;
        Ok(Self { name, child, log })
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // Both fail only when it has ended already, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
