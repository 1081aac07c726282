//! Tidegate never changes what passes: the upstream gets what it would get without it (but for the
//! variant headers), and the client too. What could not be read is counted, each under its reason.

use serde_json::json;
use tidegate_demo::client::Response;

use crate::harness::{Gateway, Received, Recorder, admin_config};

const GOOD_REQUEST: &str =
    r#"{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP64","data":[1,2]}]}"#;
const GOOD_ANSWER: &str = r#"{"model_name":"iris","model_version":"1","outputs":[{"name":"predict","shape":[1],"datatype":"BYTES","data":["setosa"]}]}"#;

/// One exchange. Each asks a model of its own, so that what is counted tells which case it was.
struct Case {
    model: &'static str,
    request: Vec<u8>,
    answer: Vec<u8>,
    /// What of it cannot be read: the side, and the reason.
    unread: Option<(&'static str, &'static str)>,
}

/// An answer, and a request to go with it.
fn answered(model: &'static str, answer: Vec<u8>) -> Case {
    let request = post(model, b"content-type: application/json\r\n", GOOD_REQUEST.as_bytes());
    Case { model, request, answer, unread: None }
}

/// A request, and an answer to go with it.
fn asked(model: &'static str, request: Vec<u8>) -> Case {
    let answer = answer("200 OK", b"content-type: application/json\r\n", GOOD_ANSWER.as_bytes());
    Case { model, request, answer, unread: None }
}

impl Case {
    fn unread(mut self, side: &'static str, reason: &'static str) -> Self {
        self.unread = Some((side, reason));
        self
    }
}

/// A POST to a model; `headers` end with a line end each.
fn post(model: &str, headers: &[u8], body: &[u8]) -> Vec<u8> {
    let mut request = head("POST", model);
    request.extend_from_slice(headers);
    request.extend_from_slice(format!("content-length: {}\r\n\r\n", body.len()).as_bytes());
    request.extend_from_slice(body);
    request
}

fn head(method: &str, model: &str) -> Vec<u8> {
    format!("{method} /v2/models/{model}/infer HTTP/1.1\r\nhost: gateway.test\r\n").into_bytes()
}

fn answer(status: &str, headers: &[u8], body: &[u8]) -> Vec<u8> {
    let mut answer = format!("HTTP/1.1 {status}\r\nconnection: close\r\n").into_bytes();
    answer.extend_from_slice(headers);
    answer.extend_from_slice(format!("content-length: {}\r\n\r\n", body.len()).as_bytes());
    answer.extend_from_slice(body);
    answer
}

/// The body in two chunks.
fn chunks(body: &str) -> String {
    let (first, second) = body.split_at(10);
    let [first_size, second_size] = [first.len(), second.len()];
    format!("{first_size:x}\r\n{first}\r\n{second_size:x}\r\n{second}\r\n0\r\n\r\n")
}

fn odd_requests() -> Vec<Case> {
    let good = GOOD_REQUEST.as_bytes();
    let with_headers =
        |model, headers: &[u8]| asked(model, post(model, headers, GOOD_REQUEST.as_bytes()));
    let with_body = |model, body: &[u8]| asked(model, post(model, b"", body));
    let deep = [vec![b'['; 100_000], vec![b']'; 100_000]].concat();
    let huge_header = format!("x-huge: {}\r\n", "h".repeat(50_000));
    let without_body = |method| [&head(method, "not-posted"), &b"\r\n"[..]].concat();
    let chunked = [
        head("POST", "chunks"),
        format!("transfer-encoding: chunked\r\n\r\n{}", chunks(GOOD_REQUEST)).into(),
    ];
    vec![
        with_headers("plain", b"content-type: application/json\r\n"),
        with_headers("other-header-not-text", b"x-other: caf\xe9\xff\xfe\r\ncookie: \x80=\x81\r\n"),
        with_headers("user-not-text", b"x-user-id: \xff\xfe\x80\r\n")
            .unread("request", "header_not_text"),
        with_headers("content-type-not-text", b"content-type: \xff\xfe\r\n"),
        with_headers("binary-length-not-text", b"inference-header-content-length: \xff\xfe\r\n")
            .unread("request", "header_not_text"),
        with_headers("binary-length-beyond", b"inference-header-content-length: 9999999999\r\n")
            .unread("request", "malformed"),
        with_headers("claims-gzip", b"content-encoding: gzip\r\n").unread("request", "malformed"),
        with_headers("csv", b"content-type: text/csv\r\n").unread("request", "content_type"),
        with_headers("huge-header", huge_header.as_bytes()),
        with_headers(
            "our-headers",
            b"x-tidegate-variant: treatment\r\nx-tidegate-experiment: a\r\n",
        ),
        with_body("cut-json", &good[..good.len() / 2]).unread("request", "truncated"),
        with_body("deep-json", &deep).unread("request", "too_deep"),
        with_body("five-megabytes", &vec![b' '; 5_000_000]).unread("request", "over_cap"),
        with_body("no-json", b"\x00\xff\xfe{").unread("request", "malformed"),
        with_body("no-inference", b"[1, 2, 3]").unread("request", "not_protocol"),
        with_body("no-body", b"").unread("request", "malformed"),
        asked("chunks", chunked.concat()),
        asked("not-posted", without_body("GET")),
        asked("not-posted", without_body("HEAD")),
        asked(
            "no-model",
            b"POST /\xc3\xa9?a=%00 HTTP/1.1\r\nhost: gateway.test\r\ncontent-length: 0\r\n\r\n"
                .to_vec(),
        ),
    ]
}

fn odd_answers() -> Vec<Case> {
    let good = GOOD_ANSWER.as_bytes();
    let ok = |model, headers: &[u8], body: &[u8]| answered(model, answer("200 OK", headers, body));
    let whole = answer("200 OK", b"", good);
    let chunked = format!(
        "HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n{}",
        chunks(GOOD_ANSWER)
    );
    vec![
        ok("plain", b"content-type: application/json\r\n", good),
        answered("status-400", answer("400 Bad Request", b"", br#"{"error":"no"}"#)),
        answered("status-404-empty", answer("404 Not Found", b"", b"")),
        answered("status-500-text", answer("500 Oops", b"content-type: text/plain\r\n", b"oops")),
        answered("status-503", answer("503 Later", b"retry-after: 1\r\n", br#"{"error":"later"}"#)),
        answered("dropped", Vec::new()),
        answered("ends-early", whole[..whole.len() - 10].to_vec()).unread("response", "truncated"),
        answered("chunks", chunked.into_bytes()),
        ok("cut-json", b"", &good[..20]).unread("response", "truncated"),
        ok("html", b"content-type: text/html\r\n", b"<p>hello</p>")
            .unread("response", "content_type"),
        ok("no-inference", b"", br#"{"answer": 42}"#).unread("response", "not_protocol"),
        ok("claims-brotli", b"content-encoding: br\r\n", good).unread("response", "compressed"),
        ok("five-megabytes", b"", &vec![b' '; 5_000_000]).unread("response", "over_cap"),
        ok("odd-timing", b"server-timing: ;;=\"\\,dur=x, inference;dur=-1e999, \xff\r\n", good),
        ok("headers-not-text", b"x-model: \xff\xfe\r\nx-tidegate-variant: its own\r\n", good),
    ]
}

/// What a client got, without what differs between two runs of the same Envoy.
fn without_times(response: Response) -> Response {
    let headers = response
        .headers
        .into_iter()
        .filter(|(name, _)| !["date", "x-envoy-upstream-service-time"].contains(&name.as_str()))
        .collect();
    Response { headers, ..response }
}

/// What the upstream got, without the variant headers.
fn without_variants(received: Vec<Received>) -> Vec<Received> {
    let strip = |mut request: Received| {
        request.headers.retain(|(name, _)| !name.starts_with("x-tidegate-"));
        request
    };
    received.into_iter().map(strip).collect()
}

/// Sends a case, and returns what both ends got; an answer that breaks off is its error.
fn exchange(
    case: &Case,
    gateway: &Gateway,
    upstream: &Recorder,
) -> (Result<Response, String>, Vec<Received>) {
    upstream.answer_with(&case.answer);
    let response = gateway.client().send(&case.request, case.request.starts_with(b"HEAD"));
    let response = response.map(without_times).map_err(|error| error.kind().to_string());
    (response, without_variants(upstream.take_received()))
}

#[test]
fn odd_requests_pass_as_they_are() {
    compare("requests", &odd_requests());
}

#[test]
fn odd_answers_pass_as_they_are() {
    compare("answers", &odd_answers());
}

/// Sends each case through an Envoy without and one with Tidegate.
fn compare(name: &str, cases: &[Case]) {
    let plugin = json!({
        "models": [{
            "match": { "path_prefix": "/v2/models/" },
            "protocol": "open_inference",
            "capture": { "max_body_bytes": 1 << 20 },
        }],
        "experiments": [{
            "name": "a", "unit": { "header": "x-user-id" },
            "variants": [{ "name": "control", "weight": 0.5 }, { "name": "treatment", "weight": 0.5 }],
        }],
        "admin": admin_config(),
    });
    let [plain_upstream, watched_upstream] = [Recorder::start(), Recorder::start()];
    let scenario = format!("transparency-{name}");
    let plain = Gateway::before(&format!("{scenario}-plain"), None, plain_upstream.address);
    let watched = Gateway::before(&scenario, Some(&plugin.to_string()), watched_upstream.address);

    for case in cases {
        let without = exchange(case, &plain, &plain_upstream);
        let with = exchange(case, &watched, &watched_upstream);
        assert_eq!(with.0, without.0, "the client got something else: {}", case.model);
        assert_eq!(with.1, without.1, "the upstream got something else: {}", case.model);
    }

    let metrics = watched.settled_metrics();
    for case in cases {
        let model = [("model_name", case.model)];
        let counted: Vec<_> = metrics
            .named("tidegate_unread_bodies_total", &model)
            .map(|sample| {
                (sample.labels["side"].as_str(), sample.labels["reason"].as_str(), sample.value)
            })
            .collect();
        let expected: Vec<_> =
            case.unread.map(|(side, reason)| (side, reason, 1.0)).into_iter().collect();
        assert_eq!(counted, expected, "{}", case.model);
        let is_inference = !["not-posted", "no-model"].contains(&case.model);
        let requests = metrics.sum("inference_requests_total", &model);
        assert_eq!(requests, f64::from(u8::from(is_inference)), "{}", case.model);
    }
}
