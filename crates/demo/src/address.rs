//! Where a server listens, told to whoever started it.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use serde_json::json;

use crate::Error;

/// Listens on this machine only; port 0 takes a free one.
///
/// # Errors
/// When the port is taken, naming it.
pub fn listen(port: u16) -> Result<TcpListener, Error> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .map_err(|error| format!("cannot listen on port {port}: {error}").into())
}

/// Prints the address as a line of JSON, `{"address":"127.0.0.1:8080"}`: the first that a server
/// writes, so that its parent can read it.
///
/// # Errors
/// When standard output is closed.
pub fn announce(address: SocketAddr) -> Result<(), Error> {
    let mut output = std::io::stdout();
    writeln!(output, "{}", json!({ "address": address.to_string() }))?;
    Ok(output.flush()?)
}
