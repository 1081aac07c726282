//! What one push into each detector costs, in nanoseconds: the best of several passes over a million
//! values without a change.

use std::hint::black_box;
use std::time::Instant;

use tidegate_stats::detector::{
    Adwin, AdwinOptions, Cusum, CusumOptions, Ddm, DdmOptions, Detector, Eddm, EddmOptions, HddmA,
    HddmAOptions, HddmW, HddmWOptions, Kswin, KswinOptions, PageHinkley, PageHinkleyOptions,
    StandardPageHinkley, StandardPageHinkleyOptions,
};
use tidegate_stats::{Error, num};

const VALUES: usize = 1_000_000;
const ROUNDS: usize = 7;

fn nanoseconds_per_push<D: Detector>(values: &[f64], new: impl Fn() -> Result<D, Error>) -> f64 {
    let best = (0..ROUNDS)
        .map(|_| {
            let Ok(mut detector) = new() else { return f64::NAN };
            let start = Instant::now();
            for value in black_box(values) {
                let _ = black_box(detector.push(*value));
            }
            start.elapsed().as_secs_f64()
        })
        .fold(f64::INFINITY, f64::min);
    best * 1e9 / values.len() as f64
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
    let standard: Vec<f64> = values.iter().map(|u| (u - 0.5) * num::sqrt(12.0)).collect();
    let errors: Vec<f64> = values.iter().map(|u| f64::from(u8::from(*u < 0.2))).collect();
    let row = |name: &str, nanoseconds: f64| println!("{name:<24} {nanoseconds:>8.1} ns");
    let cost = nanoseconds_per_push(&values, || Adwin::try_new(AdwinOptions::default()));
    let verdict = if cost <= 50.0 { "met" } else { "missed" };
    println!("{:<24} {cost:>8.1} ns (bound 50: {verdict})", "adwin");
    row(
        "adwin, 0 and 1",
        nanoseconds_per_push(&errors, || Adwin::try_new(AdwinOptions::default())),
    );
    let every = AdwinOptions { clock: 1, ..Default::default() };
    row("adwin, clock 1", nanoseconds_per_push(&values, || Adwin::try_new(every)));
    row("cusum", nanoseconds_per_push(&standard, || Cusum::try_new(CusumOptions::standard(1e9)?)));
    row(
        "standard_page_hinkley",
        nanoseconds_per_push(&standard, || {
            StandardPageHinkley::try_new(StandardPageHinkleyOptions::for_run_length(1e9)?)
        }),
    );
    row(
        "page_hinkley",
        nanoseconds_per_push(&values, || PageHinkley::try_new(PageHinkleyOptions::default())),
    );
    let kswin = KswinOptions { alpha: 1e-9, ..Default::default() };
    row("kswin", nanoseconds_per_push(&values, || Kswin::try_new(kswin)));
    row("ddm", nanoseconds_per_push(&errors, || Ddm::try_new(DdmOptions::default())));
    row("eddm", nanoseconds_per_push(&errors, || Eddm::try_new(EddmOptions::default())));
    row("hddm_a", nanoseconds_per_push(&errors, || HddmA::try_new(HddmAOptions::default())));
    row("hddm_w", nanoseconds_per_push(&errors, || HddmW::try_new(HddmWOptions::default())));
}
