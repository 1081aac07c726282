//! What one push into each summary costs, in nanoseconds: the median over runs of ten thousand pushes of a
//! million. A run is shorter than the time that a busy machine takes a program off its core for.

use std::hint::black_box;
use std::time::Instant;

use tidegate_stats::sketch::{Histogram, Hll, Kll};
use tidegate_stats::{Moments, QuantileHistogram};

const VALUES: usize = 1_000_000;
const RUN: usize = 10_000;
const ROUNDS: usize = 3;

fn nanoseconds_per_push<S>(values: &[f64], new: impl Fn() -> S, push: impl Fn(&mut S, f64)) -> f64 {
    let mut costs = Vec::with_capacity(ROUNDS * values.len() / RUN);
    for _ in 0..ROUNDS {
        let mut summary = new();
        for run in values.chunks_exact(RUN) {
            let start = Instant::now();
            for value in black_box(run) {
                push(&mut summary, *value);
            }
            black_box(&mut summary);
            costs.push(start.elapsed().as_secs_f64());
        }
    }
    costs.sort_unstable_by(f64::total_cmp);
    costs.get(costs.len() / 2).map_or(f64::NAN, |median| median * 1e9 / RUN as f64)
}

/// A multiplicative congruential stream of uniform numbers.
fn uniform() -> Vec<f64> {
    let mut state = 1_u64;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    (0..VALUES).map(|_| next()).collect()
}

fn main() {
    let values = uniform();
    let row = |name: &str, cost: f64, bound: f64| {
        let verdict = if cost <= bound { "met" } else { "missed" };
        println!("{name:<28} {cost:>6.1} ns a push (bound {bound}: {verdict})");
    };
    row("moments", nanoseconds_per_push(&values, Moments::default, Moments::push), 5.0);
    let record = |histogram: &mut QuantileHistogram, value| histogram.record(value);
    row("quantile histogram", nanoseconds_per_push(&values, Default::default, record), 5.0);
    let unit = || Histogram::try_new([0.0, 1.0], 50).unwrap_or_else(|_| std::process::exit(1));
    row("histogram", nanoseconds_per_push(&values, unit, Histogram::push), 5.0);
    row("HLL", nanoseconds_per_push(&values, Hll::default, Hll::push_number), 40.0);
    for k in [200, 400, 1024] {
        let new = || Kll::try_new(k).unwrap_or_default();
        row(&format!("KLL, k = {k}"), nanoseconds_per_push(&values, new, Kll::push), 40.0);
    }
    let mut sorted = values;
    sorted.sort_unstable_by(f64::total_cmp);
    row("KLL, ascending", nanoseconds_per_push(&sorted, Kll::default, Kll::push), 40.0);
}
