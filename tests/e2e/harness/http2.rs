//! HTTP/2 in the hands of a test: a client and an upstream that choose each DATA frame, the trailers,
//! and when to reset.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use h2::{Reason, RecvStream, SendStream};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};

const TIMEOUT: Duration = Duration::from_secs(20);

type Fields = Vec<(String, Vec<u8>)>;

/// How a message goes out.
#[derive(Debug, Clone, Default)]
pub struct Outgoing {
    /// Besides the pseudo-headers.
    pub headers: Fields,
    /// Each is one DATA frame.
    pub frames: Vec<Vec<u8>>,
    pub trailers: Option<Fields>,
    /// Ends with RST_STREAM after what is above, instead of properly.
    pub resets: bool,
}

/// A message as it came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Incoming {
    /// Pseudo-headers, then headers in their order.
    pub headers: Fields,
    pub body: Vec<u8>,
    pub trailers: Option<Fields>,
    /// Why it did not end properly.
    pub broken: Option<String>,
}

impl Incoming {
    /// The first header of this name, as text.
    pub fn header(&self, name: &str) -> Option<String> {
        let (_, value) = self.headers.iter().find(|(header, _)| header == name)?;
        Some(String::from_utf8_lossy(value).into_owned())
    }
}

impl Outgoing {
    /// A message of these frames, as gRPC sends it.
    pub fn grpc(frames: Vec<Vec<u8>>, trailers: Option<&[(&str, &str)]>) -> Self {
        let own = |(name, value): &(&str, &str)| (name.to_string(), value.as_bytes().to_vec());
        Self {
            headers: vec![own(&("content-type", "application/grpc")), own(&("te", "trailers"))],
            frames,
            trailers: trailers.map(|trailers| trailers.iter().map(own).collect()),
            resets: false,
        }
    }

    async fn send(self, mut stream: SendStream<Bytes>) -> Result<(), h2::Error> {
        let last = self.frames.len().checked_sub(1);
        let ends_with_data = self.trailers.is_none() && !self.resets;
        for (i, frame) in self.frames.into_iter().enumerate() {
            stream.send_data(frame.into(), ends_with_data && Some(i) == last)?;
            // Lets the frame leave before the next one, so that they are not read as one.
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        if self.resets {
            tokio::time::sleep(Duration::from_millis(50)).await;
            stream.send_reset(Reason::INTERNAL_ERROR);
        } else if let Some(trailers) = self.trailers {
            stream.send_trailers(header_map(&trailers))?;
        } else if last.is_none() {
            stream.send_data(Bytes::new(), true)?;
        }
        Ok(())
    }
}

fn header_map(fields: &Fields) -> HeaderMap {
    fields
        .iter()
        .map(|(name, value)| {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            (name, HeaderValue::from_bytes(value).unwrap())
        })
        .collect()
}

fn fields(headers: &HeaderMap) -> Fields {
    headers.iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect()
}

async fn receive(headers: Fields, mut body: RecvStream) -> Incoming {
    let mut incoming = Incoming { headers, ..Incoming::default() };
    while let Some(frame) = body.data().await {
        match frame {
            Ok(frame) => {
                let _ = body.flow_control().release_capacity(frame.len());
                incoming.body.extend_from_slice(&frame);
            }
            Err(error) => {
                incoming.broken = Some(why(&error));
                return incoming;
            }
        }
    }
    match body.trailers().await {
        Ok(trailers) => incoming.trailers = trailers.as_ref().map(fields),
        Err(error) => incoming.broken = Some(why(&error)),
    }
    incoming
}

fn why(error: &h2::Error) -> String {
    error.reason().map_or_else(|| error.to_string(), |reason| format!("{reason:?}"))
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_io().enable_time().build().unwrap()
}

/// Sends messages one after the other over one connection.
pub struct Http2Client {
    runtime: Runtime,
    sender: h2::client::SendRequest<Bytes>,
}

impl Http2Client {
    pub fn connect(gateway: SocketAddr) -> Self {
        let runtime = runtime();
        let sender = runtime.block_on(async {
            let stream = TcpStream::connect(gateway).await.unwrap();
            stream.set_nodelay(true).unwrap();
            let (sender, connection) = h2::client::handshake(stream).await.unwrap();
            tokio::spawn(connection);
            sender
        });
        Self { runtime, sender }
    }

    /// POSTs a message and waits for the answer.
    pub fn post(&mut self, path: &str, message: Outgoing) -> Incoming {
        let Self { runtime, sender } = self;
        let exchange = async {
            let mut request = Request::post(format!("http://gateway.test{path}")).body(()).unwrap();
            *request.headers_mut() = header_map(&message.headers);
            let mut ready = sender.clone().ready().await.unwrap();
            let (response, stream) = ready.send_request(request, false).unwrap();
            let sending = tokio::spawn(message.send(stream));
            let answer = match response.await {
                Ok(response) => {
                    let (head, body) = response.into_parts();
                    let status = (":status".to_string(), head.status.as_str().into());
                    let headers = [status].into_iter().chain(fields(&head.headers)).collect();
                    receive(headers, body).await
                }
                Err(error) => Incoming { broken: Some(why(&error)), ..Incoming::default() },
            };
            let _ = sending.await;
            answer
        };
        runtime.block_on(async { tokio::time::timeout(TIMEOUT, exchange).await.unwrap() })
    }
}

/// An HTTP/2 upstream on a free port that keeps what comes and answers what it was given. Its thread
/// ends with the process.
pub struct Http2Upstream {
    pub address: SocketAddr,
    received: Arc<Mutex<Vec<Incoming>>>,
    answer: Arc<Mutex<Outgoing>>,
}

impl Http2Upstream {
    pub fn start() -> Self {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let upstream = Self { address, received: Arc::default(), answer: Arc::default() };
        let (received, answer) = (Arc::clone(&upstream.received), Arc::clone(&upstream.answer));
        std::thread::spawn(move || {
            runtime().block_on(async move {
                let listener = TcpListener::from_std(listener).unwrap();
                while let Ok((stream, _)) = listener.accept().await {
                    let _ = stream.set_nodelay(true);
                    tokio::spawn(serve(stream, Arc::clone(&received), Arc::clone(&answer)));
                }
            });
        });
        upstream
    }

    /// What to answer from now on, with the status 200.
    pub fn answer_with(&self, answer: Outgoing) {
        *self.answer.lock().unwrap() = answer;
    }

    /// The requests since the last call.
    pub fn take_received(&self) -> Vec<Incoming> {
        std::mem::take(&mut self.received.lock().unwrap())
    }
}

async fn serve(
    stream: TcpStream,
    received: Arc<Mutex<Vec<Incoming>>>,
    answer: Arc<Mutex<Outgoing>>,
) {
    let Ok(mut connection) = h2::server::handshake(stream).await else { return };
    while let Some(Ok((request, mut respond))) = connection.accept().await {
        let (received, answer) = (Arc::clone(&received), answer.lock().unwrap().clone());
        tokio::spawn(async move {
            let (head, body) = request.into_parts();
            let path = (":path".to_string(), head.uri.path().into());
            let headers = [path].into_iter().chain(fields(&head.headers)).collect();
            let request = receive(headers, body).await;
            received.lock().unwrap().push(request);
            let mut response = Response::new(());
            *response.headers_mut() = header_map(&answer.headers);
            response.headers_mut().remove("te");
            if let Ok(stream) = respond.send_response(response, false) {
                let _ = answer.send(stream).await;
            }
        });
    }
}
