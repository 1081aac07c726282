//! What an Envoy does with a request besides passing it on: it tries it again, tries it twice at once, copies it, answers
//! it itself, or makes it a tunnel. Of an inference each is one, whatever Envoy makes of it, and what passes stays as it is.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use serde_json::{Value, json};
use tidegate_demo::envoy::config;
use tidegate_demo::{elec2, traffic};

use crate::harness::{Answer, Gateway, ModelProcess, Recorder, Setup, admin_config, tidegate};

const INFER: &str = "/v2/models/iris/infer";
const REQUEST: &str = r#"{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP64","data":[1,2]}]}"#;
const RESPONSE: &str = r#"{"model_name":"iris","outputs":[{"name":"y","shape":[1],"datatype":"BYTES","data":["setosa"]}]}"#;

fn plugin() -> String {
    json!({
        "models": [{ "match": { "path_prefix": "/" }, "protocol": "open_inference" }],
        "admin": admin_config(),
    })
    .to_string()
}

fn answer() -> Vec<u8> {
    let length = RESPONSE.len();
    format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{RESPONSE}")
        .into()
}

/// A gateway with the filter before one upstream, by a route that `change` makes its own.
fn gateway(scenario: &str, upstream: SocketAddr, change: Value) -> Gateway {
    let mut route = config::route("model");
    for (name, value) in change.as_object().unwrap() {
        route["route"][name] = value.clone();
    }
    let clusters = [config::cluster("model", upstream)];
    Gateway::start(&format!("proxying-{scenario}"), Some(&plugin()), vec![route], &clusters)
}

fn ask(gateway: &Gateway) -> u16 {
    gateway.client().request("POST", INFER, &[], REQUEST.as_bytes()).unwrap().status
}

/// What was counted: all requests, those of a status, and bodies that could not be read.
fn counted(gateway: &Gateway, status: &str) -> [f64; 3] {
    let metrics = gateway.settled_metrics();
    [
        metrics.sum("inference_requests_total", &[]),
        metrics.sum("inference_requests_total", &[("status", status)]),
        metrics.sum("tidegate_unread_bodies_total", &[]),
    ]
}

#[test]
fn a_request_that_is_tried_again_is_one() {
    let retry = json!({ "retry_policy": { "retry_on": "5xx", "num_retries": 3 } });
    let model = ModelProcess::start("v1", &["--fail-every", "3"]);
    let works = gateway("retry", model.address, retry.clone());
    let rows = elec2::rows().unwrap();
    let mut client = works.client();
    for (i, row) in rows.iter().take(9).enumerate() {
        let body = traffic::body(i, &[row]);
        let answer = client.request("POST", "/v2/models/elec2/infer", &[], &body).unwrap();
        assert_eq!(answer.status, 200);
    }
    assert!(works.envoy.stat("cluster.model.upstream_rq_retry").unwrap() > 0);
    assert_eq!(counted(&works, "success"), [9.0, 9.0, 0.0]);

    let upstream = Recorder::start();
    upstream.answer_with(b"HTTP/1.1 503 Later\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    let fails = gateway("retries-in-vain", upstream.address, retry);
    assert_eq!(ask(&fails), 503);
    assert_eq!(upstream.take_received().len(), 4);
    assert_eq!(counted(&fails, "server_error"), [1.0, 1.0, 0.0]);
}

#[test]
fn a_request_that_is_tried_twice_at_once_is_one() {
    let upstream = Recorder::start();
    let pause = Duration::from_secs(1);
    upstream.answer_as(Answer { pieces: vec![Vec::new(), answer()], pause, resets: false });
    let hedge = json!({
        "hedge_policy": { "hedge_on_per_try_timeout": true },
        "retry_policy": { "retry_on": "5xx", "num_retries": 2, "per_try_timeout": "0.2s" },
    });
    let gateway = gateway("hedge", upstream.address, hedge);
    assert_eq!(ask(&gateway), 200);
    assert!(upstream.take_received().len() > 1, "Envoy did not try it twice");
    assert_eq!(counted(&gateway, "success"), [1.0, 1.0, 0.0]);
}

#[test]
fn a_request_whose_copy_goes_elsewhere_is_one() {
    let [upstream, shadow] = [Recorder::start(), Recorder::start()];
    upstream.answer_with(&answer());
    shadow.answer_with(b"HTTP/1.1 500 Oops\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    let mut route = config::route("model");
    route["route"]["request_mirror_policies"] = json!([{ "cluster": "shadow" }]);
    let clusters =
        [config::cluster("model", upstream.address), config::cluster("shadow", shadow.address)];
    let gateway = Gateway::start("proxying-mirror", Some(&plugin()), vec![route], &clusters);
    assert_eq!(ask(&gateway), 200);
    assert_eq!(counted(&gateway, "success"), [1.0, 1.0, 0.0]);
    let bodies = [upstream, shadow].map(|it| it.take_received().pop().unwrap().body);
    assert_eq!(bodies, [REQUEST.as_bytes(), REQUEST.as_bytes()]);
}

/// Takes one request and refuses all later ones, before or after the filters that there are.
fn rate_limit() -> Value {
    let always = json!({ "default_value": { "numerator": 100, "denominator": "HUNDRED" } });
    json!({
        "name": "envoy.filters.http.local_ratelimit",
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit",
            "stat_prefix": "limit",
            "token_bucket": { "max_tokens": 1, "fill_interval": "3600s" },
            "filter_enabled": always,
            "filter_enforced": always,
        },
    })
}

fn filters(listener: &mut Value) -> &mut Vec<Value> {
    config::connection_manager(listener)["http_filters"].as_array_mut().unwrap()
}

#[test]
fn what_another_filter_refuses_is_counted_where_tidegate_saw_it() {
    let before: fn(&mut Value) = |listener| filters(listener).insert(0, rate_limit());
    let after: fn(&mut Value) = |listener| filters(listener).insert(1, rate_limit());
    for (name, change_listener, seen) in [("before", before, 1.0), ("after", after, 3.0)] {
        let upstream = Recorder::start();
        upstream.answer_with(&answer());
        let mut of_admin = config::route("model");
        of_admin["match"]["prefix"] = json!("/.tidegate");
        of_admin["typed_per_filter_config"] = json!({ "envoy.filters.http.local_ratelimit": {
            "@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig", "disabled": true,
        } });
        let setup = Setup {
            scenario: &format!("proxying-limit-{name}"),
            filter: Some(tidegate(&plugin())),
            routes: vec![of_admin, config::route("model")],
            clusters: &[config::cluster("model", upstream.address)],
            change_listener,
            options: &[],
        };
        let gateway = setup.start();
        assert_eq!([(); 3].map(|()| ask(&gateway)), [200, 429, 429]);
        assert_eq!(gateway.requests_seen_by_envoy(), 3);
        // What is refused by its head has no body that passes.
        let refused = seen - 1.0;
        assert_eq!(counted(&gateway, "client_error"), [seen, refused, refused], "{name}");
    }
}

/// Gateways before one upstream: without the filter, and with it.
fn pair(scenario: &str, routes: &[Value], upstream: SocketAddr) -> [Gateway; 2] {
    [("without", None), ("with", Some(plugin()))].map(|(kind, plugin)| {
        let setup = Setup {
            scenario: &format!("proxying-{scenario}-{kind}"),
            filter: plugin.as_deref().map(tidegate),
            routes: routes.to_vec(),
            clusters: &[config::cluster("model", upstream)],
            change_listener: |listener| {
                let upgrades =
                    json!([{ "upgrade_type": "websocket" }, { "upgrade_type": "CONNECT" }]);
                config::connection_manager(listener)["upgrade_configs"] = upgrades;
            },
            options: &[],
        };
        setup.start()
    })
}

/// All that comes back over a connection of its own, but for the times.
fn raw(gateway: &Gateway, pieces: &[&[u8]], pause: Duration) -> String {
    let mut connection = gateway.client().connect().unwrap();
    let stream = connection.get_mut();
    for piece in pieces {
        stream.write_all(piece).unwrap();
        std::thread::sleep(pause);
    }
    let mut got = Vec::new();
    stream.read_to_end(&mut got).unwrap();
    let text = String::from_utf8_lossy(&got).into_owned();
    let is_time = |line: &str| line.starts_with("date:") || line.starts_with("x-envoy-upstream");
    text.split_inclusive("\r\n").filter(|line| !is_time(line)).collect()
}

fn post(headers: &str) -> String {
    let length = REQUEST.len();
    format!(
        "POST {INFER} HTTP/1.1\r\nhost: gateway.test\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n"
    )
}

#[test]
fn answers_without_a_body_and_answers_before_the_answer_pass() {
    let upstream = Recorder::start();
    let ways = pair("bodiless", &[config::route("model")], upstream.address);
    let early = [b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n", &answer()[..]].concat();
    let answers: [&[u8]; 5] = [
        b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\nconnection: close\r\netag: \"a\"\r\n\r\n",
        b"HTTP/1.1 205 Reset Content\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
        &early,
        &answer(),
    ];
    let head = format!("HEAD {INFER} HTTP/1.1\r\nhost: gateway.test\r\nconnection: close\r\n\r\n");
    let mut requests = vec![
        (post(""), REQUEST),
        (post("expect: 100-continue\r\n"), REQUEST),
        (post("expect: something-else\r\n"), REQUEST),
        (head, ""),
    ];
    requests.push((post("te: trailers\r\nupgrade-insecure-requests: 1\r\n"), REQUEST));
    let pause = Duration::from_millis(30);
    for answer in answers {
        upstream.answer_with(answer);
        for (request, body) in &requests {
            let [without, with] =
                ways.each_ref().map(|way| raw(way, &[request.as_bytes(), body.as_bytes()], pause));
            assert!(!without.is_empty());
            assert_eq!(with, without, "{request} {}", String::from_utf8_lossy(answer));
        }
    }
    let posted = (answers.len() * (requests.len() - 1)) as f64;
    assert_eq!(counted(&ways[1], "success")[0], posted);
}

#[test]
fn a_client_may_take_its_time() {
    let upstream = Recorder::start();
    upstream.answer_with(&answer());
    let ways = pair("slow", &[config::route("model")], upstream.address);
    let request = [post("").into_bytes(), REQUEST.as_bytes().to_vec()].concat();
    let bytes: Vec<&[u8]> = request.chunks(1).collect();
    let [without, with] = ways.each_ref().map(|way| raw(way, &bytes, Duration::from_millis(5)));
    assert_eq!(with, without);
    assert_eq!(counted(&ways[1], "success"), [1.0, 1.0, 0.0]);
}

/// A server that takes the head of a request, answers it with `head`, and says all that follows again.
fn echo(head: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut got = Vec::new();
            let mut piece = [0; 4096];
            while !got.windows(4).any(|end| end == b"\r\n\r\n") {
                let Ok(length @ 1..) = stream.read(&mut piece) else { break };
                got.extend_from_slice(&piece[..length]);
            }
            if stream.write_all(head).is_err() {
                continue;
            }
            while let Ok(length @ 1..) = stream.read(&mut piece) {
                if stream.write_all(&piece[..length]).is_err() {
                    break;
                }
            }
        }
    });
    address
}

/// What comes back of a tunnel: its head, then each message as it was said again.
fn through_tunnel(gateway: &Gateway, head: &str) -> Vec<String> {
    let mut connection = gateway.client().connect().unwrap();
    let stream = connection.get_mut();
    stream.write_all(head.as_bytes()).unwrap();
    let read_to = |stream: &mut std::net::TcpStream, end: &[u8]| {
        let mut got = Vec::new();
        while !got.ends_with(end) {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            got.push(byte[0]);
        }
        String::from_utf8_lossy(&got).into_owned()
    };
    let answer = read_to(stream, b"\r\n\r\n");
    let is_time = |line: &&str| line.starts_with("date:") || line.starts_with("x-envoy-upstream");
    let mut all = vec![answer.lines().filter(|line| !is_time(line)).collect()];
    for message in ["\u{81}\0\u{ff}first.", r#"{"inputs":[]}."#, "data: x\n\n."] {
        stream.write_all(message.as_bytes()).unwrap();
        all.push(read_to(stream, b"."));
    }
    all
}

#[test]
fn tunnels_pass_and_are_no_inferences() {
    let upgraded = echo(
        b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
    );
    let ways = pair("websocket", &[config::route("model")], upgraded);
    for path in [INFER, "/v1/realtime?model=tiny"] {
        let head = format!(
            "GET {path} HTTP/1.1\r\nhost: gateway.test\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n"
        );
        let [without, with] = ways.each_ref().map(|way| through_tunnel(way, &head));
        assert!(without[0].contains("101"), "{without:?}");
        assert_eq!(with, without);
    }
    assert_eq!(counted(&ways[1], "success"), [0.0; 3]);

    // The head that the echo gives first comes through the tunnel, as any bytes of it.
    let route = json!({
        "match": { "connect_matcher": {} },
        "route": { "cluster": "model", "upgrade_configs": [{ "upgrade_type": "CONNECT", "connect_config": {} }] },
    });
    let connected = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = connected.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in connected.incoming().flatten() {
            let mut piece = [0; 4096];
            while let Ok(length @ 1..) = stream.read(&mut piece) {
                if stream.write_all(&piece[..length]).is_err() {
                    break;
                }
            }
        }
    });
    let ways = pair("connect", &[route, config::route("model")], address);
    let head = "CONNECT model.test:443 HTTP/1.1\r\nhost: model.test:443\r\n\r\n";
    let [without, with] = ways.each_ref().map(|way| through_tunnel(way, head));
    assert!(without[0].contains("200"), "{without:?}");
    assert_eq!(with, without);
    assert_eq!(counted(&ways[1], "success"), [0.0; 3]);
}

#[test]
fn what_envoy_answers_itself_passes_and_is_counted() {
    let upstream = Recorder::start();
    let direct = |path: &str, status: u16, body: &str| {
        json!({
            "match": { "path": path },
            "direct_response": { "status": status, "body": { "inline_string": body } },
        })
    };
    let routes = [
        direct("/v2/models/fixed/infer", 200, RESPONSE),
        direct("/v2/models/closed/infer", 503, "closed"),
        json!({ "match": { "path": "/v2/models/moved/infer" }, "redirect": { "path_redirect": "/new" } }),
    ];
    // Nothing else has a route.
    let ways = pair("direct", &routes, upstream.address);
    for model in ["fixed", "closed", "moved", "unknown"] {
        let request = post("").replace("/iris/", &format!("/{model}/"));
        // In one piece: Envoy answers the head at once, and resets a connection on which more comes.
        let whole = [request.as_bytes(), REQUEST.as_bytes()].concat();
        let [without, with] = ways.each_ref().map(|way| raw(way, &[&whole], Duration::ZERO));
        assert_eq!(with, without, "{model}");
    }
    let metrics = ways[1].settled_metrics();
    let of = |model, status| {
        metrics.sum("inference_requests_total", &[("model_name", model), ("status", status)])
    };
    assert_eq!(of("fixed", "success"), 1.0);
    assert_eq!(of("closed", "server_error"), 1.0);
    assert_eq!(of("unknown", "client_error"), 1.0);
    assert_eq!(metrics.sum("inference_requests_total", &[]), 4.0);
    assert!(upstream.take_received().is_empty());
}
