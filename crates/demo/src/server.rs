//! A model server: the Open Inference Protocol over HTTP/1.1, and the HTTP serving that it shares
//! with the explorer's files.

use std::convert::Infallible;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};

use crate::Error;
use crate::inference;
use crate::model::Model;

/// The name of the one model.
pub const MODEL_NAME: &str = "elec2";

const MAX_BODY_BYTES: usize = 16 << 20;

/// The answer of a service: a response, or nothing at all (the connection is dropped).
pub type Answer = Option<Response<Full<Bytes>>>;

/// Faults to order, for tests of those who call. Zero never fails.
#[derive(Debug, Clone, Copy, Default)]
pub struct Faults {
    /// Every n-th inference is answered 500.
    pub fail_every: u64,
    /// When, after the start of the server, it is that some fail; always, if the end is 0.
    pub fail_between_seconds: (f64, f64),
    /// Every n-th inference is not answered: the connection is dropped.
    pub hang_every: u64,
    /// How long every inference takes longer than it needs, in milliseconds.
    pub delay_millis: u64,
}

/// A model, what it was asked, and the faults that it was told to have.
#[derive(Debug)]
pub struct ModelServer {
    model: Model,
    faults: Faults,
    started: Instant,
    requests: AtomicU64,
    answered: AtomicU64,
    rows: AtomicU64,
}

impl ModelServer {
    /// A server that has not been asked anything.
    pub fn new(model: Model, faults: Faults) -> Self {
        let [requests, answered, rows] = Default::default();
        Self { model, faults, started: Instant::now(), requests, answered, rows }
    }

    /// Answers one request.
    pub async fn answer(&self, request: Request<Incoming>) -> Answer {
        let segments: Vec<&str> = request.uri().path().trim_matches('/').split('/').collect();
        let (model, rest) = match segments.as_slice() {
            ["v2"] => {
                return ok(
                    &json!({ "name": "tidegate-demo", "version": env!("CARGO_PKG_VERSION"), "extensions": ["statistics"] }),
                );
            }
            ["v2", "health", "ready"] => return ok(&json!({ "ready": true })),
            ["v2", "health", "live"] => return ok(&json!({ "live": true })),
            ["v2", "models", model, "versions", version, rest @ ..] => {
                if *version != self.model.version {
                    return not_found(&format!(
                        "model {model} has no version {version} here, only {}",
                        self.model.version
                    ));
                }
                (*model, rest)
            }
            ["v2", "models", model, rest @ ..] => (*model, rest),
            _ => return not_found(&format!("nothing is served at {}", request.uri().path())),
        };
        if model != MODEL_NAME {
            return not_found(&format!("there is no model {model}, only {MODEL_NAME}"));
        }
        match rest {
            [] => ok(&self.metadata()),
            ["ready"] => ok(&json!({ "name": MODEL_NAME, "ready": true })),
            ["stats"] => ok(&self.statistics()),
            ["infer"] if request.method() == Method::POST => self.infer(request).await,
            ["infer"] => error(StatusCode::METHOD_NOT_ALLOWED, "inference takes POST"),
            _ => not_found(&format!("nothing is served at {}", request.uri().path())),
        }
    }

    fn metadata(&self) -> Value {
        let width = self.model.feature_names.len();
        json!({
            "name": MODEL_NAME, "versions": [self.model.version], "platform": "tidegate-demo",
            "inputs": [{ "name": "features", "datatype": "FP64", "shape": [-1, width] }],
            "outputs": [
                { "name": "predict", "datatype": "BYTES", "shape": [-1] },
                { "name": "predict_proba", "datatype": "FP64", "shape": [-1, 2] },
            ],
        })
    }

    /// What was asked, in the terms of Triton's statistics extension: rows and requests that got a
    /// prediction; and, beyond it, all requests for one.
    fn statistics(&self) -> Value {
        json!({ "model_stats": [{
            "name": MODEL_NAME, "version": self.model.version,
            "inference_count": self.rows.load(Ordering::Relaxed),
            "execution_count": self.answered.load(Ordering::Relaxed),
            "request_count": self.requests.load(Ordering::Relaxed),
        }] })
    }

    async fn infer(&self, request: Request<Incoming>) -> Answer {
        let number = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        let body = match Limited::new(request.into_body(), MAX_BODY_BYTES).collect().await {
            Ok(body) => body.to_bytes(),
            Err(reason) => return error(StatusCode::PAYLOAD_TOO_LARGE, &reason.to_string()),
        };
        let is_due = |every: u64| every > 0 && number.is_multiple_of(every);
        if is_due(self.faults.hang_every) {
            return None;
        }
        let (from, to) = self.faults.fail_between_seconds;
        let fails_now = to == 0.0 || (from..to).contains(&self.started.elapsed().as_secs_f64());
        if fails_now && is_due(self.faults.fail_every) {
            return error(StatusCode::INTERNAL_SERVER_ERROR, "told to fail by --fail-every");
        }
        if self.faults.delay_millis > 0 {
            tokio::time::sleep(Duration::from_millis(self.faults.delay_millis)).await;
        }
        match self.predict(&body) {
            Ok(response) => Some(response),
            Err(reason) => error(StatusCode::BAD_REQUEST, &reason),
        }
    }

    fn predict(&self, body: &[u8]) -> Result<Response<Full<Bytes>>, String> {
        let started = Instant::now();
        let request = inference::parse(body)?;
        let rows = request.rows(&self.model.feature_names)?;
        let preprocessed = Instant::now();
        let probabilities: Vec<_> = rows.iter().map(|row| self.model.predict_proba(row)).collect();
        let inferred = Instant::now();
        let answer = request.response(MODEL_NAME, &self.model, &probabilities).to_string();
        let timing = server_timing([
            ("preprocessing", preprocessed - started),
            ("inference", inferred - preprocessed),
            ("postprocessing", inferred.elapsed()),
        ]);
        let mut response = json_response(StatusCode::OK, answer);
        if let Ok(timing) = HeaderValue::try_from(timing) {
            response.headers_mut().insert("server-timing", timing);
        }
        self.answered.fetch_add(1, Ordering::Relaxed);
        self.rows.fetch_add(rows.len() as u64, Ordering::Relaxed);
        Ok(response)
    }
}

/// The W3C header: `name;dur=milliseconds`, joined by commas.
fn server_timing(stages: [(&str, Duration); 3]) -> String {
    stages.map(|(stage, took)| format!("{stage};dur={:.3}", took.as_secs_f64() * 1e3)).join(", ")
}

fn ok(answer: &Value) -> Answer {
    Some(json_response(StatusCode::OK, answer.to_string()))
}

fn not_found(reason: &str) -> Answer {
    error(StatusCode::NOT_FOUND, reason)
}

fn error(status: StatusCode, reason: &str) -> Answer {
    Some(json_response(status, json!({ "error": reason }).to_string()))
}

/// A response with a body of JSON.
pub fn json_response(status: StatusCode, body: String) -> Response<Full<Bytes>> {
    response(status, "application/json", body.into())
}

/// A response with a body of this media type.
pub fn response(
    status: StatusCode,
    media_type: &'static str,
    body: Bytes,
) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

/// Serves HTTP/1.1 until the process ends; each connection is a task.
///
/// # Errors
/// When the listener cannot be used.
pub async fn serve<Service, Answering>(
    listener: TcpListener,
    service: Service,
) -> Result<Infallible, Error>
where
    Service: Fn(Request<Incoming>) -> Answering + Send + Sync + 'static,
    Answering: Future<Output = Answer> + Send + 'static,
{
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let service = Arc::new(service);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let service = Arc::clone(&service);
        tokio::spawn(async move {
            let answer = service_fn(move |request| {
                let answering = service(request);
                async move { answering.await.ok_or("the connection is to be dropped") }
            });
            // An error here is the client's, or one that was ordered: the connection ends.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), answer)
                .await;
        });
    }
}

/// Serves a model until the process ends.
///
/// # Errors
/// As [`serve`].
pub async fn serve_model(listener: TcpListener, server: ModelServer) -> Result<Infallible, Error> {
    let server = Arc::new(server);
    serve(listener, move |request| {
        let server = Arc::clone(&server);
        async move { server.answer(request).await }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Client;
    use crate::elec2;

    fn start(faults: Faults) -> Client {
        let listener = crate::address::listen(0).unwrap();
        let address = listener.local_addr().unwrap();
        let server = ModelServer::new(Model::load("v1").unwrap(), faults);
        std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
            runtime.block_on(serve_model(listener, server)).map(|_| ()).unwrap();
        });
        Client::new(address)
    }

    fn body() -> Vec<u8> {
        let row = elec2::rows().unwrap()[0].features;
        json!({ "id": "r1", "inputs": [{ "name": "features", "shape": [1, 6], "datatype": "FP64", "data": row }] })
            .to_string()
            .into_bytes()
    }

    #[test]
    fn inference_is_answered_with_its_stages() {
        let mut client = start(Faults::default());
        for path in ["/v2/models/elec2/infer", "/v2/models/elec2/versions/1/infer"] {
            let response = client.request("POST", path, &[], &body()).unwrap();
            assert_eq!(response.status, 200);
            let answer: Value = serde_json::from_slice(&response.body).unwrap();
            assert_eq!(answer["model_version"], "1");
            assert_eq!(answer["id"], "r1");
            let timing = response.header("server-timing").unwrap();
            for stage in ["preprocessing;dur=", "inference;dur=", "postprocessing;dur="] {
                assert!(timing.contains(stage), "{timing}");
            }
        }
        let stats = client.request("GET", "/v2/models/elec2/stats", &[], b"").unwrap();
        let stats: Value = serde_json::from_slice(&stats.body).unwrap();
        assert_eq!(stats["model_stats"][0]["execution_count"], 2);
    }

    #[test]
    fn what_is_not_there_is_named() {
        let mut client = start(Faults::default());
        for (method, path, status, expected) in [
            ("GET", "/v2/health/ready", 200, r#"{"ready":true}"#),
            ("GET", "/v2/models/iris", 404, r#"{"error":"there is no model iris, only elec2"}"#),
            (
                "POST",
                "/v2/models/elec2/versions/7/infer",
                404,
                r#"{"error":"model elec2 has no version 7 here, only 1"}"#,
            ),
            ("GET", "/v2/models/elec2/infer", 405, r#"{"error":"inference takes POST"}"#),
            (
                "POST",
                "/v2/models/elec2/infer",
                400,
                r#"{"error":"the request is not inference JSON: EOF while parsing a value at line 1 column 0"}"#,
            ),
        ] {
            let response = client.request(method, path, &[], b"").unwrap();
            assert_eq!((response.status, response.text().as_str()), (status, expected), "{path}");
        }
    }

    #[test]
    fn failures_keep_to_their_time() {
        let during = |fail_between_seconds| {
            let faults = Faults { fail_every: 1, fail_between_seconds, ..Faults::default() };
            start(faults).request("POST", "/v2/models/elec2/infer", &[], &body()).unwrap().status
        };
        assert_eq!(
            (during((0.0, 0.0)), during((0.0, 60.0)), during((60.0, 70.0))),
            (500, 500, 200)
        );
    }

    #[test]
    fn faults_come_when_ordered() {
        let mut client = start(Faults { fail_every: 2, hang_every: 3, ..Faults::default() });
        let mut outcomes = Vec::new();
        for _ in 0..6 {
            outcomes.push(
                client
                    .request("POST", "/v2/models/elec2/infer", &[], &body())
                    .ok()
                    .map(|response| response.status),
            );
        }
        assert_eq!(outcomes, [Some(200), Some(500), None, Some(500), Some(200), None]);
    }
}
