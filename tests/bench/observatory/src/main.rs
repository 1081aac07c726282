//! Prints what an event and a tick cost natively, as JSON: the fastest of some rounds, for what
//! else the machine does only adds.

use std::hint::black_box;
use std::time::Instant;

use tidegate_bench_observatory::{request, tick};

const ROUNDS: u32 = 200;
const REQUESTS: u32 = 1000;

fn main() {
    let mut observatory = request::observatory();
    let requests: Vec<_> = (0..100).map(request::inference).collect();
    let observe = fastest(|| {
        for request in requests.iter().cycle().take(REQUESTS as usize) {
            observatory.observe(request::START_SECONDS + 1.0, black_box(request));
        }
    });
    tick::prepare(100);
    let ticking = fastest(|| {
        black_box(tick::tick());
    });
    println!(
        r#"{{"observe_nanoseconds": {:.0}, "tick_milliseconds": {:.3}}}"#,
        observe * 1e9 / f64::from(REQUESTS),
        ticking * 1e3
    );
}

/// Seconds.
fn fastest(mut step: impl FnMut()) -> f64 {
    let mut fastest = f64::INFINITY;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        step();
        fastest = fastest.min(start.elapsed().as_secs_f64());
    }
    fastest
}
