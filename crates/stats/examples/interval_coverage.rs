//! Measures how often the interval of a score at 95 % holds the score of the distributions.
//!
//! `cargo run --release --example interval_coverage [RUNS]`: a line for each method, distribution, sizes and
//! drift, then the least and the largest share of each method on counts. Seeds are fixed: the same numbers on
//! every run.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    missing_docs,
    reason = "a measurement stops where something is wrong"
)]

use tidegate_stats::{
    Decision, Error, Method, NumericTests, Sorted, TwoSample, cramers_v, hellinger, jensen_shannon,
    kullback_leibler, l_infinity, num, psi, special, total_variation,
};

const METHODS: [Method; 6] = [
    Method::Wasserstein,
    Method::MannWhitney,
    Method::CramerVonMises,
    Method::AndersonDarling,
    Method::Energy,
    Method::WelchT,
];
const SIZES: [(usize, usize); 6] =
    [(50, 50), (200, 200), (1000, 1000), (1000, 200), (200, 1000), (10_000, 500)];
const SHIFTS: [f64; 5] = [0.0, 0.05, 0.15, 0.4, 1.0];

/// SplitMix64.
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        ((bits >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Marsaglia's polar method, of whose pair one is used.
    fn normal(&mut self) -> f64 {
        loop {
            let (x, y) = (2.0 * self.uniform() - 1.0, 2.0 * self.uniform() - 1.0);
            let square = x * x + y * y;
            if square < 1.0 {
                return x * num::sqrt(-2.0 * num::ln(square) / square);
            }
        }
    }
}

type Draw = fn(&mut Random, f64) -> f64;

/// A row of each distribution, moved.
const SHAPES: [(&str, Draw); 5] =
    [
        ("normal", |random, by| random.normal() + by),
        ("wider normal", |random, by| random.normal() * (1.0 + by)),
        ("exponential", |random, by| -num::ln(random.uniform()) * (1.0 + by)),
        ("zeros and a tail", |random, by| {
            if random.uniform() < 0.4 { 0.0 } else { by - num::ln(random.uniform()) }
        }),
        ("zeros and ones", |random, by| if random.uniform() < 0.3 + 0.3 * by { 1.0 } else { 0.0 }),
    ];

type OnCounts = fn(&[u64], &[u64], &Decision) -> Result<TwoSample, Error>;

const ON_COUNTS: [(&str, OnCounts); 7] = [
    ("psi", psi::two_sample),
    ("kullback_leibler", kullback_leibler::two_sample),
    ("jensen_shannon", jensen_shannon::two_sample),
    ("hellinger", hellinger::two_sample),
    ("total_variation", total_variation::two_sample),
    ("l_infinity", l_infinity::two_sample),
    ("cramers_v", cramers_v::two_sample),
];

/// The shares of four categories of which some move, and of the deciles of a normal variable that moves.
fn shares(categories: bool, moved: f64) -> Vec<f64> {
    if categories {
        let plain = [0.5, 0.3, 0.15, 0.05].into_iter();
        return plain.zip([-0.3, 0.1, 0.1, 0.1]).map(|(share, by)| share + moved * by).collect();
    }
    let end = |decile: i32| match decile {
        0 => 0.0,
        10 => 1.0,
        _ => {
            special::normal_tail(moved - -special::normal_point(f64::from(decile) / 10.0).unwrap())
        }
    };
    (1..=10).map(|decile| end(decile) - end(decile - 1)).collect()
}

fn draw_counts(random: &mut Random, shares: &[f64], rows: usize) -> Vec<u64> {
    let mut counts = vec![0; shares.len()];
    for _ in 0..rows {
        let mut left = random.uniform();
        let category = shares.iter().position(|share| {
            left -= share;
            left < 0.0
        });
        counts[category.unwrap_or(0)] += 1;
    }
    counts
}

fn on_counts(runs: u32) {
    let decision = Decision::default();
    let mut extremes = [[1.0_f64, 0.0_f64]; 7];
    for (categories, drifts) in [(true, [0.0, 0.2, 0.5, 1.0]), (false, [0.0, 0.15, 0.3, 0.6])] {
        for moved in drifts {
            let (p, q) = (shares(categories, 0.0), shares(categories, moved));
            let many = |shares: &[f64]| -> Vec<u64> {
                shares.iter().map(|share| num::round_ties_even(share * 1e12) as u64).collect()
            };
            let (all, others) = (many(&p), many(&q));
            for (n, m) in [(200, 200), (1000, 1000), (1000, 200), (200, 1000)] {
                let mut random = Random(5);
                let mut held = [0; 7];
                for _ in 0..runs {
                    let a = draw_counts(&mut random, &p, n);
                    let b = draw_counts(&mut random, &q, m);
                    for (held, (_, compare)) in held.iter_mut().zip(ON_COUNTS) {
                        let truth = compare(&all, &others, &decision).unwrap().effect;
                        let truth = if moved > 0.0 { truth } else { 0.0 };
                        let interval = compare(&a, &b, &decision).unwrap().interval.unwrap();
                        let holds = interval.lower <= truth && truth <= interval.upper;
                        *held += u32::from(holds);
                    }
                }
                for (extremes, held) in extremes.iter_mut().zip(held) {
                    let share = f64::from(held) / f64::from(runs);
                    *extremes = [extremes[0].min(share), extremes[1].max(share)];
                }
            }
        }
    }
    for ([least, most], (name, _)) in extremes.into_iter().zip(ON_COUNTS) {
        println!("{name}: {least:.4} to {most:.4}");
    }
}

fn main() {
    let runs: u32 = std::env::args().nth(1).and_then(|runs| runs.parse().ok()).unwrap_or(400);
    on_counts(runs);
    let decision = Decision::default();
    for (name, draw) in SHAPES {
        for shift in SHIFTS {
            // 400 000 rows of each stand in for the distributions.
            let mut random = Random(1);
            let mut sample = |rows: usize, by: f64| {
                Sorted::try_new((0..rows).map(|_| draw(&mut random, by)).collect()).unwrap()
            };
            let (reference, current) = (sample(400_000, 0.0), sample(400_000, shift));
            let all = NumericTests::try_new(&reference, &current, &METHODS).unwrap();
            let truth = |method| {
                if shift > 0.0 { all.test(method, &decision).unwrap().effect } else { 0.0 }
            };
            for (n, m) in SIZES {
                // How far both are apart by rank depends on the sizes, so large samples keep their ratio.
                let rows = |size: usize| 400_000 * size / n.min(m);
                let (reference, current) = (sample(rows(n), 0.0), sample(rows(m), shift));
                let all = if n == m { None } else { Some((reference, current)) };
                let by_size =
                    all.as_ref().map(|(a, b)| NumericTests::try_new(a, b, &METHODS).unwrap());
                let truth = |method| match &by_size {
                    Some(tests) if shift > 0.0 => tests.test(method, &decision).unwrap().effect,
                    _ => truth(method),
                };
                let truths = METHODS.map(truth);
                let (mut held, mut above, mut width) = ([0; 6], [0; 6], [0.0; 6]);
                for _ in 0..runs {
                    let (a, b) = (sample(n, 0.0), sample(m, shift));
                    let tests = NumericTests::try_new(&a, &b, &METHODS).unwrap();
                    for (at, method) in METHODS.into_iter().enumerate() {
                        let found = tests.test(method, &decision).unwrap();
                        let interval = found.interval.unwrap();
                        let holds = interval.lower <= truths[at] && truths[at] <= interval.upper;
                        held[at] += u32::from(holds);
                        above[at] += u32::from(interval.lower > truths[at]);
                        width[at] += interval.upper - interval.lower;
                    }
                }
                for (at, method) in METHODS.into_iter().enumerate() {
                    let share = f64::from(held[at]) / f64::from(runs);
                    println!(
                        "{name:15} {shift:4} {n:5} {m:5} {method:?}: {share:.3} above {} truth {:.4} width {:.4}",
                        above[at],
                        truths[at],
                        width[at] / f64::from(runs)
                    );
                }
            }
        }
    }
}
