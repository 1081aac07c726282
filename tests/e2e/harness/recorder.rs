//! An upstream that keeps every request as it came, and answers with the bytes that it was given.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A request as the upstream got it, without what differs from run to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    pub request_line: String,
    /// In their order, names in lower case.
    pub headers: Vec<(String, Vec<u8>)>,
    /// Without chunk framing.
    pub body: Vec<u8>,
    /// What followed the last chunk.
    pub trailers: Vec<String>,
}

/// How the upstream answers.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// A whole HTTP/1.1 response, or a part of one, as it is written piece by piece. Nothing at all drops
    /// the connection.
    pub pieces: Vec<Vec<u8>>,
    /// Between two pieces.
    pub pause: Duration,
    /// Resets the connection in place of a proper end.
    pub resets: bool,
}

/// An upstream on a free port. Its threads end with the process.
pub struct Recorder {
    pub address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    answer: Arc<Mutex<Answer>>,
}

impl Recorder {
    pub fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let recorder = Self { address, received: Arc::default(), answer: Arc::default() };
        let (received, answer) = (Arc::clone(&recorder.received), Arc::clone(&recorder.answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (received, answer) = (Arc::clone(&received), Arc::clone(&answer));
                std::thread::spawn(move || serve(stream, &received, &answer));
            }
        });
        recorder
    }

    /// What to answer from now on, in one piece.
    pub fn answer_with(&self, answer: &[u8]) {
        self.answer_as(Answer { pieces: vec![answer.to_vec()], ..Answer::default() });
    }

    /// How to answer from now on.
    pub fn answer_as(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    /// The requests since the last call.
    pub fn take_received(&self) -> Vec<Received> {
        std::mem::take(&mut self.received.lock().unwrap())
    }
}

/// One request a connection: the answers may be wrong on purpose, so none is reused.
fn serve(stream: TcpStream, received: &Mutex<Vec<Received>>, answer: &Mutex<Answer>) {
    let _ = stream.set_nodelay(true);
    let mut reader = BufReader::new(stream);
    if answer.lock().unwrap().resets {
        // Linux resets a connection that is closed before all of what came was read.
        let mut byte = [0];
        let _ = reader.get_mut().read_exact(&mut byte);
        std::thread::sleep(Duration::from_millis(100));
        write(reader.get_mut(), answer);
    } else if let Some(request) = read_request(&mut reader) {
        received.lock().unwrap().push(request);
        write(reader.get_mut(), answer);
    }
}

fn write(stream: &mut TcpStream, answer: &Mutex<Answer>) {
    let Answer { pieces, pause, resets } = answer.lock().unwrap().clone();
    for (i, piece) in pieces.iter().enumerate() {
        if i > 0 {
            std::thread::sleep(pause);
        }
        if stream.write_all(piece).is_err() {
            return;
        }
    }
    if resets {
        // What was written goes out before the reset.
        std::thread::sleep(Duration::from_millis(100));
    }
}

pub(super) fn read_request(reader: &mut BufReader<TcpStream>) -> Option<Received> {
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
    let mut trailers = Vec::new();
    if find("transfer-encoding").is_some() {
        loop {
            let size = String::from_utf8(read_line(reader)?).ok()?;
            let size = usize::from_str_radix(&size, 16).ok()?;
            if size == 0 {
                break;
            }
            let start = body.len();
            body.resize(start + size, 0);
            reader.read_exact(&mut body[start..]).ok()?;
            read_line(reader)?;
        }
        loop {
            let line = read_line(reader)?;
            if line.is_empty() {
                break;
            }
            trailers.push(String::from_utf8(line).ok()?);
        }
    } else if let Some(length) = find("content-length") {
        body.resize(std::str::from_utf8(length).ok()?.parse().ok()?, 0);
        reader.read_exact(&mut body).ok()?;
    }
    Some(Received { request_line, headers, body, trailers })
}

fn read_line(reader: &mut BufReader<TcpStream>) -> Option<Vec<u8>> {
    let mut line = Vec::new();
    reader.read_until(b'\n', &mut line).ok()?;
    line.strip_suffix(b"\r\n").map(<[u8]>::to_vec)
}
