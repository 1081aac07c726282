//! A small blocking HTTP/1.1 client over one keep-alive connection. It sends bytes as they are
//! given and never retries, so that a test or a benchmark knows what was sent.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(30);
const MAX_HEADERS: usize = 128;

/// A client of one server. The connection opens with the first request, and again after an error.
#[derive(Debug)]
pub struct Client {
    address: SocketAddr,
    connection: Option<BufReader<TcpStream>>,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The headers in their order; names in lower case, values as they came.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body, without chunk framing.
    pub body: Vec<u8>,
}

impl Response {
    /// The first header of this name (in lower case), as text.
    pub fn header(&self, name: &str) -> Option<String> {
        let (_, value) = self.headers.iter().find(|(header, _)| header == name)?;
        Some(String::from_utf8_lossy(value).into_owned())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Client {
    /// A client that is not connected yet.
    pub fn new(address: SocketAddr) -> Self {
        Self { address, connection: None }
    }

    /// Sends a request with a body of JSON (no body and no length when it is empty and the method
    /// is not POST), and waits for the response.
    ///
    /// # Errors
    /// When the connection fails or ends, or the response is not HTTP/1.1; the next request then
    /// opens a new connection.
    pub fn request(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> io::Result<Response> {
        let mut message = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\n", self.address);
        for (name, value) in headers {
            message.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() || method == "POST" {
            let length = body.len();
            message.push_str(&format!(
                "content-type: application/json\r\ncontent-length: {length}\r\n"
            ));
        }
        message.push_str("\r\n");
        let mut message = message.into_bytes();
        message.extend_from_slice(body);
        self.send(&message, method == "HEAD")
    }

    /// Sends these bytes and waits for one response, without a body when `is_head`.
    ///
    /// # Errors
    /// As [`Client::request`].
    pub fn send(&mut self, message: &[u8], is_head: bool) -> io::Result<Response> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.connect()?,
        };
        // A server may answer before it has read all, and close: its answer counts, not our write.
        let sent = connection.get_mut().write_all(message);
        let (response, stays_open) = match (read_response(&mut connection, is_head), sent) {
            (Ok(read), _) => read,
            (Err(_), Err(unsent)) => return Err(unsent),
            (Err(error), Ok(())) => return Err(error),
        };
        self.connection = stays_open.then_some(connection);
        Ok(response)
    }

    /// Sends these bytes over a connection of their own and waits for so many responses: what HTTP/1.1
    /// calls pipelining.
    ///
    /// # Errors
    /// As [`Client::request`], also when the connection closes before the last of them.
    pub fn pipeline(&self, message: &[u8], count: usize) -> io::Result<Vec<Response>> {
        let mut connection = self.connect()?;
        connection.get_mut().write_all(message)?;
        (0..count).map(|_| read_response(&mut connection, false).map(|read| read.0)).collect()
    }

    /// Opens a connection of its own, which the caller may abuse.
    ///
    /// # Errors
    /// When the server does not accept it.
    pub fn connect(&self) -> io::Result<BufReader<TcpStream>> {
        let stream = TcpStream::connect_timeout(&self.address, TIMEOUT)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        Ok(BufReader::with_capacity(16 << 10, stream))
    }
}

/// Reads one response, and tells whether the connection can be used again.
fn read_response(reader: &mut impl BufRead, is_head: bool) -> io::Result<(Response, bool)> {
    loop {
        let head = read_head(reader)?;
        let (mut response, mut stays_open) = parse_head(&head)?;
        if (100..200).contains(&response.status) {
            continue;
        }
        let has_no_body = is_head || matches!(response.status, 204 | 304);
        let length = response.header("content-length").and_then(|length| length.parse().ok());
        if has_no_body {
        } else if response.header("transfer-encoding").is_some() {
            response.body = read_chunks(reader)?;
        } else if let Some(length) = length {
            response.body = vec![0; length];
            reader.read_exact(&mut response.body)?;
        } else {
            reader.read_to_end(&mut response.body)?;
            stays_open = false;
        }
        return Ok((response, stays_open));
    }
}

fn read_head(reader: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if reader.read_until(b'\n', &mut head)? == 0 {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the connection ended before a response",
            ));
        }
    }
    Ok(head)
}

fn parse_head(head: &[u8]) -> io::Result<(Response, bool)> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut parsed = httparse::Response::new(&mut headers);
    parsed.parse(head).map_err(invalid)?;
    let status = parsed.code.ok_or_else(|| invalid("a response without a status"))?;
    let headers: Vec<_> = parsed
        .headers
        .iter()
        .map(|header| (header.name.to_ascii_lowercase(), header.value.to_vec()))
        .collect();
    let response = Response { status, headers, body: Vec::new() };
    let stays_open = response.header("connection").as_deref() != Some("close");
    Ok((response, stays_open))
}

fn read_chunks(reader: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let size = usize::from_str_radix(line.trim(), 16).map_err(invalid)?;
        let start = body.len();
        // The two bytes after a chunk, and after the last one, are its line end.
        body.resize(start + size + 2, 0);
        reader.read_exact(&mut body[start..])?;
        body.truncate(start + size);
        if size == 0 {
            return Ok(body);
        }
    }
}

fn invalid(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(mut bytes: &[u8]) -> (Response, bool) {
        read_response(&mut bytes, false).unwrap()
    }

    #[test]
    fn a_body_ends_by_length_by_chunks_or_by_close() {
        let (response, stays_open) = read(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
        assert_eq!((response.text().as_str(), stays_open), ("hi", true));
        let chunked =
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n1\r\n!\r\n0\r\n\r\n";
        assert_eq!(read(chunked).0.text(), "hi!");
        let (response, stays_open) = read(b"HTTP/1.1 500 No\r\n\r\nhi");
        assert_eq!((response.status, response.text().as_str(), stays_open), (500, "hi", false));
    }

    #[test]
    fn an_interim_response_is_skipped() {
        let both =
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n";
        let (response, stays_open) = read(both);
        assert_eq!((response.status, stays_open), (204, false));
    }

    #[test]
    fn a_cut_response_is_an_error() {
        for cut in [&b""[..], b"HTTP/1.1 200", b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nhi"] {
            assert!(read_response(&mut { cut }, false).is_err());
        }
    }
}
