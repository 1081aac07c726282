//! Reads a mebibyte of numbers as a gateway does, beside `serde_json::Value`: MB/s, best of several.

use std::fmt::Write;
use std::hint::black_box;
use std::time::Instant;
use tidegate_protocol::json::{Leaves, Reader};
use tidegate_protocol::{Body, Limits, Naming, Protocol};

const ROUNDS: usize = 40;

fn megabytes_per_second(bytes: usize, mut work: impl FnMut()) -> f64 {
    let best = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64()
        })
        .fold(f64::INFINITY, f64::min);
    bytes as f64 / best / 1e6
}

/// Rows of eight numbers with `decimals` digits after the point.
fn body(decimals: usize) -> String {
    let mut rows = 0_u64;
    let mut data = String::new();
    while data.len() < 1 << 20 {
        for column in 0..8_u64 {
            let value = ((rows * 8 + column) * 7_919 % 100_003) as f64 / 1_009.0;
            write!(data, "{}{value:.decimals$}", if data.is_empty() { "" } else { "," })
                .unwrap_or_default();
        }
        rows += 1;
    }
    format!(r#"{{"inputs":[{{"name":"x","shape":[{rows},8],"datatype":"FP64","data":[{data}]}}]}}"#)
}

fn main() {
    println!(
        "{:>9} {:>8} {:>8} {:>13} {:>18}",
        "decimals", "skip", "leaves", "read_request", "serde_json::Value"
    );
    for decimals in [1, 6, 17] {
        let json = body(decimals);
        let bytes = json.as_bytes();
        let data = json.find("\"data\":").and_then(|at| bytes.get(at + 7..)).unwrap_or_default();
        let skip = megabytes_per_second(bytes.len(), || {
            black_box(Reader::new(black_box(bytes)).skip().is_ok());
        });
        let leaves = megabytes_per_second(data.len(), || {
            let mut leaves = Leaves::new(black_box(data));
            while let Ok(Some(leaf)) = leaves.next_leaf() {
                black_box(leaf);
            }
        });
        let request = megabytes_per_second(bytes.len(), || {
            let body = Body { bytes: black_box(bytes), ..Body::default() };
            let facts =
                Protocol::OpenInference.read_request(&body, &Naming::default(), &Limits::default());
            black_box(facts.is_ok());
        });
        let tree = megabytes_per_second(bytes.len(), || {
            black_box(serde_json::from_slice::<serde_json::Value>(black_box(bytes)).is_ok());
        });
        println!("{decimals:>9} {skip:>8.0} {leaves:>8.0} {request:>13.0} {tree:>18.0}");
    }
}
