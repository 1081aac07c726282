//! Envoy configurations for tests and benchmarks, as JSON. The demo's own is
//! `envoy/demo/envoy.yaml.template`, for people to read.

use std::net::SocketAddr;
use std::path::Path;

use serde_json::{Value, json};

/// The name of the listener, and the prefix of its statistics.
pub const LISTENER: &str = "gateway";

/// A bootstrap with its listeners inline.
pub fn bootstrap(listener: &Value, clusters: &[Value]) -> Value {
    with_admin(json!({ "listeners": [listener], "clusters": clusters }), json!({}))
}

/// A bootstrap that watches a file for its listeners. Envoy sees an update when a new file is moved
/// onto it.
pub fn bootstrap_with_lds(lds_file: &Path, clusters: &[Value]) -> Value {
    let source = json!({
        "resource_api_version": "V3",
        "path_config_source": { "path": lds_file },
    });
    with_admin(json!({ "clusters": clusters }), json!({ "lds_config": source }))
}

/// The content of the file that [`bootstrap_with_lds`] watches.
pub fn lds(listener: &Value) -> Value {
    let mut resource = listener.clone();
    resource["@type"] = json!("type.googleapis.com/envoy.config.listener.v3.Listener");
    json!({ "resources": [resource] })
}

fn with_admin(static_resources: Value, dynamic_resources: Value) -> Value {
    json!({
        "node": { "id": "tidegate", "cluster": "tidegate" },
        "admin": { "address": socket(SocketAddr::from(([127, 0, 0, 1], 0))) },
        "static_resources": static_resources,
        "dynamic_resources": dynamic_resources,
    })
}

/// A listener on a free port of this machine, with these filters before the router.
pub fn listener(filters: &[Value], routes: &[Value]) -> Value {
    let router = json!({
        "name": "envoy.filters.http.router",
        "typed_config": { "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router" },
    });
    let filters: Vec<&Value> = filters.iter().chain([&router]).collect();
    json!({
        "name": LISTENER,
        "address": socket(SocketAddr::from(([127, 0, 0, 1], 0))),
        "filter_chains": [{ "filters": [{
            "name": "envoy.filters.network.http_connection_manager",
            "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
                "stat_prefix": LISTENER,
                "generate_request_id": false,
                "http_filters": filters,
                "route_config": { "virtual_hosts": [{ "name": "all", "domains": ["*"], "routes": routes }] },
            },
        }] }],
    })
}

/// A route of everything to one cluster.
pub fn route(cluster: &str) -> Value {
    json!({ "match": { "prefix": "/" }, "route": { "cluster": cluster } })
}

/// A route of requests with this header to one cluster.
pub fn route_by_header(name: &str, value: &str, cluster: &str) -> Value {
    let header = json!({ "name": name, "string_match": { "exact": value } });
    json!({ "match": { "prefix": "/", "headers": [header] }, "route": { "cluster": cluster } })
}

/// A cluster with one endpoint.
pub fn cluster(name: &str, endpoint: SocketAddr) -> Value {
    json!({
        "name": name,
        "connect_timeout": "2s",
        "type": "STATIC",
        "load_assignment": {
            "cluster_name": name,
            "endpoints": [{ "lb_endpoints": [{ "endpoint": { "address": socket(endpoint) } }] }],
        },
    })
}

/// The same cluster, spoken to in HTTP/2.
pub fn over_http2(mut cluster: Value) -> Value {
    cluster["typed_extension_protocol_options"] = json!({
        "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
            "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
            "explicit_http_config": { "http2_protocol_options": {} },
        },
    });
    cluster
}

/// The connection manager of a listener that [`listener`] made, to change its settings.
pub fn connection_manager(listener: &mut Value) -> &mut Value {
    &mut listener["filter_chains"][0]["filters"][0]["typed_config"]
}

/// A wasm filter from a file, with its configuration as text.
pub fn wasm_filter(name: &str, module: &Path, configuration: &str) -> Value {
    json!({
        "name": name,
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm",
            "config": {
                "name": name,
                "root_id": name,
                "fail_open": true,
                // Lets the filter hold back what is told to itself, such as events.
                "allow_on_headers_stop_iteration": true,
                "vm_config": {
                    "vm_id": name,
                    "runtime": "envoy.wasm.runtime.v8",
                    "code": { "local": { "filename": module } },
                },
                "configuration": {
                    "@type": "type.googleapis.com/google.protobuf.StringValue",
                    "value": configuration,
                },
            },
        },
    })
}

/// A filter that Envoy reads from a file, by its discovery service for extensions, as Istio delivers its own.
pub fn discovered_filter(name: &str, ecds_file: &Path) -> Value {
    json!({
        "name": name,
        "config_discovery": {
            "config_source": {
                "resource_api_version": "V3",
                "path_config_source": { "path": ecds_file },
            },
            "type_urls": ["type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm"],
        },
    })
}

/// The content of the file that [`discovered_filter`] watches, for a filter as [`wasm_filter`] makes it.
pub fn ecds(filter: &Value) -> Value {
    let mut resource = filter.clone();
    resource["@type"] = json!("type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig");
    json!({ "resources": [resource] })
}

fn socket(address: SocketAddr) -> Value {
    json!({ "socket_address": { "address": address.ip(), "port_value": address.port() } })
}
