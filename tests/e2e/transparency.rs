//! Tidegate never changes what passes: the upstream gets what it would get without it (but for the
//! variant headers), and the client too. What could not be read is counted, each under its reason.

use std::collections::BTreeMap;

use serde_json::json;
use tidegate_demo::client::Response;

use crate::harness::{Gateway, Received, Recorder, admin_config};

const INFER: &str = "/v2/models/iris/infer";
const GOOD_REQUEST: &str =
    r#"{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP64","data":[1,2]}]}"#;
const GOOD_ANSWER: &str = r#"{"model_name":"iris","model_version":"1","outputs":[{"name":"predict","shape":[1],"datatype":"BYTES","data":["setosa"]}]}"#;

/// A body that was not read: whose, and why.
type Unread = (&'static str, &'static str);

struct Case {
    name: &'static str,
    request: Vec<u8>,
    answer: Vec<u8>,
    unread: &'static [Unread],
}

/// A POST to the model; `headers` end with a line end each.
fn post(headers: &[u8], body: &[u8]) -> Vec<u8> {
    let mut request = format!("POST {INFER} HTTP/1.1\r\nhost: gateway.test\r\n").into_bytes();
    request.extend_from_slice(headers);
    request.extend_from_slice(format!("content-length: {}\r\n\r\n", body.len()).as_bytes());
    request.extend_from_slice(body);
    request
}

fn answer(status: &str, headers: &[u8], body: &[u8]) -> Vec<u8> {
    let mut answer = format!("HTTP/1.1 {status}\r\nconnection: close\r\n").into_bytes();
    answer.extend_from_slice(headers);
    answer.extend_from_slice(format!("content-length: {}\r\n\r\n", body.len()).as_bytes());
    answer.extend_from_slice(body);
    answer
}

fn odd_requests() -> Vec<Case> {
    let good_answer =
        answer("200 OK", b"content-type: application/json\r\n", GOOD_ANSWER.as_bytes());
    let good = GOOD_REQUEST.as_bytes();
    let case = |name, request, unread| Case { name, request, answer: good_answer.clone(), unread };
    let deep = [vec![b'['; 100_000], vec![b']'; 100_000]].concat();
    let chunked = format!(
        "POST {INFER} HTTP/1.1\r\nhost: gateway.test\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{}\r\n{:x}\r\n{}\r\n0\r\n\r\n",
        10,
        &GOOD_REQUEST[..10],
        good.len() - 10,
        &GOOD_REQUEST[10..],
    );
    let huge_header = format!("x-huge: {}\r\n", "h".repeat(50_000));
    vec![
        case("a plain request", post(b"content-type: application/json\r\n", good), &[]),
        case(
            "headers that are not text",
            post(b"x-user-id: \xff\xfe\x80\r\nx-other: caf\xe9\r\n", good),
            &[],
        ),
        case("a content type that is not text", post(b"content-type: \xff\xfe\r\n", good), &[]),
        case(
            "a length of the binary extension that is not text",
            post(b"inference-header-content-length: \xff\xfe\r\n", good),
            &[("request", "header_not_text")],
        ),
        case(
            "a length of the binary extension beyond the body",
            post(b"inference-header-content-length: 999999999999\r\n", good),
            &[("request", "malformed")],
        ),
        case("truncated JSON", post(b"", &good[..good.len() / 2]), &[("request", "malformed")]),
        case("JSON 100,000 deep", post(b"", &deep), &[("request", "too_deep")]),
        case("5 MB", post(b"", &vec![b' '; 5_000_000]), &[("request", "over_cap")]),
        case("CSV", post(b"content-type: text/csv\r\n", b"1,2\n"), &[("request", "content_type")]),
        case(
            "what claims to be gzip",
            post(b"content-encoding: gzip\r\n", good),
            &[("request", "compressed")],
        ),
        case("bytes that are no text", post(b"", b"\x00\xff\xfe{"), &[("request", "malformed")]),
        case("JSON of something else", post(b"", b"[1, 2, 3]"), &[("request", "not_protocol")]),
        case("no body", post(b"", b""), &[("request", "malformed")]),
        case("chunks", chunked.into_bytes(), &[]),
        case("a huge header", post(huge_header.as_bytes(), good), &[]),
        case(
            "the headers that are ours",
            post(b"x-tidegate-variant: treatment\r\nx-tidegate-experiment: a/b\r\n", good),
            &[],
        ),
        case(
            "a GET of the model",
            format!("GET {INFER} HTTP/1.1\r\nhost: gateway.test\r\n\r\n").into_bytes(),
            &[],
        ),
        case(
            "a HEAD of the model",
            format!("HEAD {INFER} HTTP/1.1\r\nhost: gateway.test\r\n\r\n").into_bytes(),
            &[],
        ),
        case(
            "a path that is no model's",
            b"POST /\xc3\xa9?a=%00 HTTP/1.1\r\nhost: gateway.test\r\ncontent-length: 0\r\n\r\n"
                .to_vec(),
            &[],
        ),
    ]
}

fn odd_answers() -> Vec<Case> {
    let request = post(b"content-type: application/json\r\n", GOOD_REQUEST.as_bytes());
    let case = |name, answer, unread| Case { name, request: request.clone(), answer, unread };
    let good = GOOD_ANSWER.as_bytes();
    let cut = answer("200 OK", b"", good);
    let chunked = format!(
        "HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{GOOD_ANSWER}\r\n0\r\n\r\n",
        good.len()
    );
    vec![
        case("400", answer("400 Bad Request", b"", br#"{"error":"no"}"#), &[]),
        case("404 without a body", answer("404 Not Found", b"", b""), &[]),
        case(
            "500 that is not JSON",
            answer("500 Internal Server Error", b"content-type: text/plain\r\n", b"oops"),
            &[],
        ),
        case(
            "503",
            answer("503 Service Unavailable", b"retry-after: 1\r\n", br#"{"error":"later"}"#),
            &[],
        ),
        case("a dropped connection", Vec::new(), &[]),
        case(
            "a body that ends early",
            cut[..cut.len() - 10].to_vec(),
            &[("response", "truncated")],
        ),
        case("truncated JSON", answer("200 OK", b"", &good[..20]), &[("response", "malformed")]),
        case(
            "HTML",
            answer("200 OK", b"content-type: text/html\r\n", b"<p>hello</p>"),
            &[("response", "content_type")],
        ),
        case(
            "JSON of something else",
            answer("200 OK", b"", br#"{"answer": 42}"#),
            &[("response", "not_protocol")],
        ),
        case(
            "what claims to be brotli",
            answer("200 OK", b"content-encoding: br\r\n", good),
            &[("response", "compressed")],
        ),
        case("5 MB", answer("200 OK", b"", &vec![b' '; 5_000_000]), &[("response", "over_cap")]),
        case("chunks", chunked.into_bytes(), &[]),
        case(
            "a Server-Timing that is none",
            answer("200 OK", b"server-timing: ;;=\"\\,dur=x, inference;dur=-1e999, \xff\r\n", good),
            &[],
        ),
        case(
            "headers that are not text",
            answer("200 OK", b"x-model: \xff\xfe\r\nx-tidegate-variant: upstream's own\r\n", good),
            &[],
        ),
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
fn what_passes_is_what_would_pass_without_tidegate() {
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
    let plain = Gateway::before("transparency-plain", None, plain_upstream.address);
    let watched =
        Gateway::before("transparency", Some(&plugin.to_string()), watched_upstream.address);

    let mut expected: BTreeMap<(String, String), f64> = BTreeMap::new();
    for case in odd_requests().into_iter().chain(odd_answers()) {
        let without = exchange(&case, &plain, &plain_upstream);
        let with = exchange(&case, &watched, &watched_upstream);
        assert_eq!(with.0, without.0, "the client got something else: {}", case.name);
        assert_eq!(with.1, without.1, "the upstream got something else: {}", case.name);
        for (side, reason) in case.unread {
            *expected.entry(((*side).into(), (*reason).into())).or_default() += 1.0;
        }
    }

    let metrics = watched.settled_metrics();
    let unread: BTreeMap<(String, String), f64> = metrics
        .named("inference_unread_total", &[])
        .map(|sample| {
            let label = |name: &str| sample.labels[name].clone();
            ((label("side"), label("reason")), sample.value)
        })
        .filter(|(_, count)| *count > 0.0)
        .collect();
    assert_eq!(unread, expected);
}
