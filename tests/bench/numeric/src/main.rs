//! Prints milliseconds, as JSON: the fastest of some rounds, for what else the machine does only adds.

use std::hint::black_box;
use std::time::Instant;

use tidegate_bench_numeric::{compare_sorted, prepare, sort, sort_plain};

const ROUNDS: u32 = 15;

fn main() {
    let rows = std::env::args().nth(1).and_then(|rows| rows.parse().ok()).unwrap_or(1_000_000);
    prepare(rows);
    let mut fastest = [f64::INFINITY; 3];
    for _ in 0..ROUNDS {
        let steps: [fn(); 3] = [
            || {
                black_box(sort_plain());
            },
            || sort(),
            || {
                black_box(compare_sorted());
            },
        ];
        for (fastest, step) in fastest.iter_mut().zip(steps) {
            let start = Instant::now();
            step();
            *fastest = fastest.min(start.elapsed().as_secs_f64() * 1e3);
        }
    }
    let [plain, sorting, comparing] = fastest;
    println!(r#"{{"sort_plain": {plain}, "sort": {sorting}, "compare": {comparing}}}"#);
}
