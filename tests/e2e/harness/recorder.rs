//! An upstream that keeps every request as it came, and answers with the bytes that it was given.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A request as the upstream got it, without what differs from run to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    pub request_line: String,
    /// In their order, names in lower case.
    pub headers: Vec<(String, Vec<u8>)>,
    /// Without chunk framing.
    pub body: Vec<u8>,
}

/// An upstream on a free port. Its threads end with the process.
pub struct Recorder {
    pub address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    answer: Arc<Mutex<Vec<u8>>>,
}

impl Recorder {
    pub fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let received = Arc::new(Mutex::new(Vec::new()));
        let answer = Arc::new(Mutex::new(Vec::new()));
        let recorder =
            Self { address, received: Arc::clone(&received), answer: Arc::clone(&answer) };
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (received, answer) = (Arc::clone(&received), Arc::clone(&answer));
                std::thread::spawn(move || serve(stream, &received, &answer));
            }
        });
        recorder
    }

    /// What to answer from now on: a whole HTTP/1.1 response, or a piece of one. Nothing at all
    /// drops the connection.
    pub fn answer_with(&self, answer: &[u8]) {
        *self.answer.lock().unwrap() = answer.to_vec();
    }

    /// The requests since the last call.
    pub fn take_received(&self) -> Vec<Received> {
        std::mem::take(&mut self.received.lock().unwrap())
    }
}

/// One request a connection: the answers may be wrong on purpose, so none is reused.
fn serve(stream: TcpStream, received: &Mutex<Vec<Received>>, answer: &Mutex<Vec<u8>>) {
    let mut reader = BufReader::new(stream);
    if let Some(request) = read_request(&mut reader) {
        received.lock().unwrap().push(request);
        let answer = answer.lock().unwrap().clone();
        let _ = reader.get_mut().write_all(&answer);
    }
}

fn read_request(reader: &mut BufReader<TcpStream>) -> Option<Received> {
    let request_line = String::from_utf8(read_line(reader)?).ok()?;
    let mut headers = Vec::new();
    loop {
        let line = read_line(reader)?;
        if line.is_empty() {
            break;
        }
        let colon = line.iter().position(|&byte| byte == b':')?;
        let name = String::from_utf8(line[..colon].to_ascii_lowercase()).ok()?;
        headers.push((name, line[colon + 1..].trim_ascii_start().to_vec()));
    }
    let find =
        |name: &str| headers.iter().find(|(header, _)| header == name).map(|(_, value)| value);
    let mut body = Vec::new();
    if find("transfer-encoding").is_some() {
        loop {
            let size = String::from_utf8(read_line(reader)?).ok()?;
            let size = usize::from_str_radix(&size, 16).ok()?;
            let start = body.len();
            body.resize(start + size, 0);
            reader.read_exact(&mut body[start..]).ok()?;
            read_line(reader)?;
            if size == 0 {
                break;
            }
        }
    } else if let Some(length) = find("content-length") {
        body.resize(std::str::from_utf8(length).ok()?.parse().ok()?, 0);
        reader.read_exact(&mut body).ok()?;
    }
    Some(Received { request_line, headers, body })
}

fn read_line(reader: &mut BufReader<TcpStream>) -> Option<Vec<u8>> {
    let mut line = Vec::new();
    reader.read_until(b'\n', &mut line).ok()?;
    line.strip_suffix(b"\r\n").map(<[u8]>::to_vec)
}
