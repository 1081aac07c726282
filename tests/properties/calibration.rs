//! How often each method is wrong, over many seeded samples: false alarms without drift, and misses
//! under a shift.

use tidegate_stats::{
    Decision, EffectFloor, Sorted, TwoSample, Verdict, bins::Edges, chi_square, jensen_shannon,
    kolmogorov_smirnov, num, psi, wasserstein,
};

/// Sizes of the reference and of the current sample.
const SIZES: [(usize, usize); 7] =
    [(50, 50), (50, 1000), (200, 200), (1000, 1000), (1000, 50), (200, 1000), (3000, 200)];
const RUNS: u32 = 400;
const METHODS: [&str; 6] = [
    "kolmogorov_smirnov",
    "wasserstein",
    "psi on deciles",
    "jensen_shannon on deciles",
    "chi_square on deciles",
    "chi_square on categories",
];

/// SplitMix64: the same stream everywhere.
pub struct Random(pub u64);

impl Random {
    /// Uniform in (0, 1).
    pub fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        ((bits >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    fn exponential(&mut self) -> f64 {
        -num::ln(self.uniform())
    }

    pub fn normal(&mut self) -> f64 {
        // Marsaglia's polar method, of whose pair one is used.
        loop {
            let (x, y) = (2.0 * self.uniform() - 1.0, 2.0 * self.uniform() - 1.0);
            let square = x * x + y * y;
            if square < 1.0 {
                return x * num::sqrt(-2.0 * num::ln(square) / square);
            }
        }
    }
}

type Draw = fn(&mut Random) -> f64;

/// Shapes that columns have: symmetric, skewed, heavy-tailed, and with an atom.
const SHAPES: [(&str, Draw); 4] = [
    ("normal", Random::normal),
    ("exponential", Random::exponential),
    ("lognormal", |random| num::exp(1.5 * random.normal())),
    ("zeros and a tail", |random| if random.uniform() < 0.4 { 0.0 } else { random.exponential() }),
];

/// Every method once, on fresh samples.
fn compare(
    random: &mut Random,
    draw: Draw,
    (n, m): (usize, usize),
    shift: f64,
    decision: &Decision,
) -> [TwoSample; 6] {
    let mut sample = |len: usize, shift: f64| {
        Sorted::try_new((0..len).map(|_| draw(random) + shift).collect()).unwrap()
    };
    let (reference, current) = (sample(n, 0.0), sample(m, shift));
    let counted = |edges: &Edges| [edges.count(reference.values()), edges.count(current.values())];
    let [p, q] = counted(&Edges::deciles(&reference));
    let categories = Edges::try_new(vec![-1.0, -0.3, 0.1, 0.5, 1.0, 3.0]).unwrap();
    let [a, b] = counted(&categories);
    [
        kolmogorov_smirnov::two_sample(&reference, &current, decision).unwrap(),
        wasserstein::two_sample(&reference, &current, decision).unwrap(),
        psi::two_sample(&p, &q, decision).unwrap(),
        jensen_shannon::two_sample(&p, &q, decision).unwrap(),
        chi_square::two_sample_on_quantiles(&p, &q, decision).unwrap(),
        chi_square::two_sample(&a, &b, decision).unwrap(),
    ]
}

/// By method, how many of the runs had the verdict.
fn count(
    seed: u64,
    draw: Draw,
    sizes: (usize, usize),
    shift: f64,
    decision: &Decision,
    verdict: Verdict,
) -> [u32; 6] {
    let mut random = Random(seed);
    let mut counts = [0; 6];
    for _ in 0..RUNS {
        let results = compare(&mut random, draw, sizes, shift, decision);
        for (count, result) in counts.iter_mut().zip(results) {
            *count += u32::from(result.verdict == verdict);
        }
    }
    counts
}

/// The largest count that a binomial variable with this rate exceeds once in about 30 000 times.
fn upper_band(rate: f64) -> u32 {
    let mean = rate * f64::from(RUNS);
    (mean + 4.0 * num::sqrt(mean * (1.0 - rate))).ceil() as u32
}

fn without_floor() -> Decision {
    let effect_floor = EffectFloor {
        kolmogorov_smirnov: 0.0,
        wasserstein: 0.0,
        psi: 0.0,
        jensen_shannon: 0.0,
        chi_square: 0.0,
        ..EffectFloor::default()
    };
    Decision { effect_floor, ..Decision::default() }
}

#[test]
fn without_drift_no_method_alarms_more_often_than_alpha() {
    // With no floor, only chance stands between a sample and an alarm.
    for (shape, draw) in SHAPES {
        for sizes in SIZES {
            let alarms = count(11, draw, sizes, 0.0, &without_floor(), Verdict::Drift);
            for (method, alarms) in METHODS.into_iter().zip(alarms) {
                let allowed = upper_band(0.05);
                assert!(
                    alarms <= allowed,
                    "{method}, {shape}, {sizes:?}: {alarms} of {RUNS}, at most {allowed}"
                );
            }
        }
    }
}

#[test]
fn with_the_default_floors_large_samples_never_alarm_without_drift() {
    for (shape, draw) in SHAPES {
        let alarms = count(12, draw, (3000, 3000), 0.0, &Decision::default(), Verdict::Drift);
        for (method, alarms) in METHODS.into_iter().zip(alarms) {
            // The heavy tail can carry a Wasserstein distance over its floor, within alpha.
            let allowed = if shape == "lognormal" { upper_band(0.05) } else { 0 };
            assert!(alarms <= allowed, "{method}, {shape}: {alarms} of {RUNS}");
        }
    }
}

#[test]
fn the_exact_methods_use_the_alpha_that_they_are_given() {
    // Not only at most alpha, but about alpha: on continuous data the tests are not blunt.
    for sizes in [(1000, 1000), (3000, 200)] {
        let alarms = count(13, Random::normal, sizes, 0.0, &without_floor(), Verdict::Drift);
        for (method, alarms) in METHODS.into_iter().zip(alarms) {
            // The Wasserstein bound holds for every distribution, and is wide for most.
            let least = if method == "wasserstein" { 0 } else { 5 };
            assert!(alarms >= least, "{method}, {sizes:?}: {alarms} of {RUNS}");
        }
    }
}

#[test]
fn a_shift_by_half_a_standard_deviation_is_found() {
    // At least this share of the runs, by size: with 50 rows a side, a verdict of no drift is as wrong
    // as a false alarm, so what is not found must be "insufficient data".
    for (sizes, least) in [((1000, 1000), 0.85), ((3000, 200), 0.85), ((200, 200), 0.8)] {
        let found = count(14, Random::normal, sizes, 0.5, &Decision::default(), Verdict::Drift);
        for (method, found) in METHODS.into_iter().zip(found) {
            let share = f64::from(found) / f64::from(RUNS);
            assert!(share >= least, "{method}, {sizes:?}: found {share}");
        }
    }
    let missed = count(15, Random::normal, (50, 50), 0.5, &Decision::default(), Verdict::NoDrift);
    assert_eq!(missed, [0; 6], "fifty rows cannot clear a column");
}
