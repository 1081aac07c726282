//! What comparing whole rows costs: `cargo bench --package tidegate-stats --bench multivariate`.
//!
//! 5,000 rows against 5,000, of 20 columns.
#![allow(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use std::time::Instant;

use tidegate_stats::Decision;
use tidegate_stats::multivariate::domain_classifier::{self, ClassifierOptions};
use tidegate_stats::multivariate::mmd::{self, Form, MmdOptions};
use tidegate_stats::multivariate::pca::{Reconstruction, ReconstructionOptions};
use tidegate_stats::multivariate::{Multivariate, Rows};

const ROWS: usize = 5_000;
const COLUMNS: usize = 20;

fn main() {
    let (reference, current) = (sample(1), sample(2));
    let reference = Rows::try_new(&reference, COLUMNS).unwrap();
    let current = Rows::try_new(&current, COLUMNS).unwrap();
    let decision = Decision::default();
    let discrepancy = |form: Form| {
        let options = MmdOptions { form, permutations: 100, ..MmdOptions::default() };
        mmd::two_sample(&reference, &current, &options, &decision).unwrap().test
    };
    println!("{ROWS} rows against {ROWS}, {COLUMNS} columns, the fastest of three rounds");
    let seconds = report("mmd, 100 permutations", || discrepancy(Form::Exact));
    println!("{:30} {}", "  bound 2 s", if seconds <= 2.0 { "met" } else { "missed" });
    report("mmd by random features", || discrepancy(Form::RandomFeatures));
    report("components", || {
        let fitted = Reconstruction::fit(&reference, &ReconstructionOptions::default()).unwrap();
        fitted.score(&current, &decision).unwrap().test
    });
    report("classifier, 100 permutations", || {
        let options = ClassifierOptions { permutations: 100, ..ClassifierOptions::default() };
        domain_classifier::two_sample(&reference, &current, &options, &decision).unwrap().test
    });
}

fn report(name: &str, compare: impl Fn() -> Multivariate) -> f64 {
    let seconds = (0..3).map(|_| {
        let start = Instant::now();
        std::hint::black_box(compare());
        start.elapsed().as_secs_f64()
    });
    let fastest = seconds.fold(f64::INFINITY, f64::min);
    println!("{name:30} {fastest:6.2} s");
    fastest
}

/// Sums of two uniform numbers, the same on every run.
fn sample(seed: u64) -> Vec<f64> {
    let mut state = seed;
    let mut uniform = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    (0..ROWS * COLUMNS).map(|_| uniform() + uniform()).collect()
}
