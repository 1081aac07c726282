//! How often each method is wrong, over many seeded samples: false alarms without drift, and misses
//! under a change. The same with more runs is printed into the docs of the statistics crate, see
//! `calibration/print_calibration.rs`.

mod simulation;

pub use simulation::Random;

use simulation::{
    CATEGORIES, Change, NUMBERS, On, SIZES, Shape, Sizes, Subject, simulate, simulate_tables,
    subjects,
};
use tidegate_core::compare::{CompareOptions, Methods};
use tidegate_stats::{Decision, EffectFloor, Method, num};

/// The tables in the docs of the statistics crate.
const DOCS: &str = include_str!("../../crates/stats/CALIBRATION.md");

/// As many as a few seconds allow.
fn runs([n, m]: Sizes) -> u32 {
    match n.max(m) {
        0..=200 => 400,
        201..=1000 => 150,
        _ => 40,
    }
}

/// The least and the largest count between which a binomial variable with this rate is but for once in
/// about 15 000 times.
fn band(rate: f64, runs: u32) -> [f64; 2] {
    let mean = rate * f64::from(runs);
    let margin = 4.0 * num::sqrt(mean * (1.0 - rate));
    [num::floor(mean - margin), num::ceil(mean + margin)]
}

/// Whether the rate is at most alpha, and no more is promised.
fn is_conservative(subject: Subject, sizes: Sizes) -> bool {
    match subject.method {
        // Few values are possible, or many are tied, and the next larger p-value is above alpha.
        Method::KolmogorovSmirnov | Method::FisherExact => true,
        // A bound for every distribution, a bound by two equal bins, and a sum of tails.
        Method::Wasserstein | Method::TotalVariation | Method::LInfinity => true,
        // Of a skewed column with few rows the variance is large where the mean is far off.
        Method::WelchT => true,
        // Low counts widen the noise, or are merged; and the quantiles of few rows are noise that the
        // table does not have.
        _ => subject.on != On::Values && sizes.into_iter().any(|rows| rows < 1000),
    }
}

/// Alpha, or what the table tells of where a method misses it.
fn promised(subject: Subject, shape: &str, sizes: Sizes) -> f64 {
    match (subject.method, shape, sizes) {
        // A mean of 50 rows of so skewed a distribution is not normal, and the other sample's rows,
        // which would balance it, are too many.
        (Method::WelchT, "lognormal", [50, 10_000] | [10_000, 50]) => 0.18,
        // Most categories have an expected count below 1 in the smaller sample.
        (Method::ChiSquare | Method::CramersV, "twenty, most of them rare", [10_000, 50]) => 0.07,
        _ => Decision::default().alpha,
    }
}

fn fitting(subjects: &[Subject], shape: Shape) -> Vec<Subject> {
    subjects.iter().copied().filter(|subject| subject.fits(shape)).collect()
}

#[test]
fn every_method_is_simulated_and_in_the_docs() {
    let all = subjects(|_| true);
    for method in Method::ALL {
        assert!(all.iter().any(|subject| subject.method == method), "{method:?}");
    }
    for subject in all {
        let rows = DOCS.matches(&format!("| {} |", subject.name())).count();
        // False alarms, and one or more changes.
        assert!(rows >= 2, "{}: {rows} rows", subject.name());
    }
}

#[test]
fn without_drift_the_false_alarm_rate_is_within_its_band() {
    // With no floor, only chance stands between a sample and an alarm.
    let all = subjects(|is_mmd| !is_mmd);
    for (name, shape) in NUMBERS.into_iter().chain(CATEGORIES) {
        let subjects = fitting(&all, shape);
        for sizes in SIZES {
            let found = simulate(11, shape, sizes, Change::None, runs(sizes), &subjects);
            for (subject, found) in subjects.iter().zip(found) {
                let alarms = f64::from(found.significant);
                let promised = promised(*subject, name, sizes);
                let [mut least, most] = band(promised, runs(sizes));
                if is_conservative(*subject, sizes) {
                    least = 0.0;
                }
                assert!(
                    (least..=most).contains(&alarms),
                    "{}, {name}, {sizes:?}: {alarms} of {}, not in {least}..={most}",
                    subject.name(),
                    runs(sizes)
                );
            }
        }
    }
}

#[test]
fn maximum_mean_discrepancy_is_within_its_band() {
    let subjects = subjects(|is_mmd| is_mmd);
    for (name, shape) in NUMBERS {
        for (sizes, runs) in [([50, 50], 60), ([50, 200], 20)] {
            let found = simulate(12, shape, sizes, Change::None, runs, &subjects)[0];
            let [_, most] = band(0.05, runs);
            assert!(f64::from(found.significant) <= most, "{name}, {sizes:?}: {found:?}");
        }
    }
    let found = simulate(12, NUMBERS[0].1, [200, 200], Change::Shift(0.5), 10, &subjects)[0];
    assert!(found.significant >= 8, "{found:?}");
}

#[test]
fn with_the_default_floors_large_samples_never_alarm_without_drift() {
    let all = subjects(|is_mmd| !is_mmd);
    for (name, shape) in NUMBERS.into_iter().chain(CATEGORIES) {
        let subjects = fitting(&all, shape);
        let found = simulate(13, shape, [3000, 3000], Change::None, 60, &subjects);
        for (subject, found) in subjects.iter().zip(found) {
            // The heavy tail can carry a distance over its floor, within alpha.
            let is_heavy = name == "lognormal" && subject.method == Method::Wasserstein;
            let allowed = if is_heavy { band(0.05, found.runs)[1] } else { 0.0 };
            assert!(f64::from(found.drift) <= allowed, "{}, {name}: {found:?}", subject.name());
        }
    }
}

#[test]
fn a_change_is_found() {
    // Whether or not it matters: at least this share of the runs.
    let [normal, two, five] = [NUMBERS[0].1, CATEGORIES[0].1, CATEGORIES[1].1];
    let floors: [(Shape, Change, Sizes, f64); 12] = [
        (normal, Change::Shift(0.25), [1000, 1000], 0.8),
        (normal, Change::Shift(0.25), [10_000, 10_000], 1.0),
        (normal, Change::Shift(0.5), [200, 200], 0.7),
        (normal, Change::Shift(0.5), [1000, 1000], 1.0),
        (normal, Change::Shift(0.5), [10_000, 10_000], 1.0),
        (normal, Change::Shift(0.5), [1000, 200], 0.9),
        (two, Change::Points(0.1), [1000, 1000], 0.95),
        (two, Change::Points(0.2), [200, 200], 0.9),
        (five, Change::Points(0.1), [1000, 1000], 0.88),
        (five, Change::Points(0.1), [10_000, 10_000], 1.0),
        (five, Change::Points(0.2), [200, 200], 0.8),
        (five, Change::Points(0.2), [1000, 200], 0.9),
    ];
    let all = subjects(|is_mmd| !is_mmd);
    for (shape, change, sizes, least) in floors {
        let runs = if sizes[0] > 1000 { 10 } else { 100 };
        let subjects = fitting(&all, shape);
        let found = simulate(14, shape, sizes, change, runs, &subjects);
        for (subject, found) in subjects.iter().zip(found) {
            let share = f64::from(found.significant) / f64::from(runs);
            assert!(share >= least, "{}, {sizes:?}: found {share}", subject.name());
        }
    }
}

#[test]
fn half_a_standard_deviation_is_drift_by_the_default_floors() {
    let all = fitting(&subjects(|is_mmd| !is_mmd), NUMBERS[0].1);
    for (sizes, least) in [([1000, 1000], 0.7), ([3000, 200], 0.65), ([200, 200], 0.65)] {
        let found = simulate(15, NUMBERS[0].1, sizes, Change::Shift(0.5), 100, &all);
        for (subject, found) in all.iter().zip(found) {
            let share = f64::from(found.drift) / f64::from(found.runs);
            assert!(share >= least, "{}, {sizes:?}: found {share}", subject.name());
        }
    }
    // With 50 rows a side, a verdict of no drift is as wrong as a false alarm, so what the methods that
    // decide by default do not find must be "insufficient data".
    let deciding = |subject: &&Subject| {
        matches!(
            subject.method,
            Method::KolmogorovSmirnov
                | Method::Wasserstein
                | Method::Psi
                | Method::JensenShannon
                | Method::ChiSquare
        )
    };
    let deciding: Vec<Subject> = all.iter().filter(deciding).copied().collect();
    let found = simulate(16, NUMBERS[0].1, [50, 50], Change::Shift(0.5), 400, &deciding);
    for (subject, found) in deciding.iter().zip(found) {
        assert_eq!(found.drift + found.insufficient, 400, "{}", subject.name());
    }
}

/// Tables, for 20 columns take 20 times as long.
fn tables([n, m]: Sizes) -> u32 {
    match n.max(m) {
        0..=200 => 100,
        201..=1000 => 40,
        _ => 4,
    }
}

#[test]
fn over_twenty_columns_there_is_a_false_alarm_in_one_table_of_twenty_at_most() {
    let floor = EffectFloor { kolmogorov_smirnov: 0.0, chi_square: 0.0, ..EffectFloor::default() };
    let all_matters = CompareOptions { effect_floor: floor, ..CompareOptions::default() };
    let from_counts =
        CompareOptions { methods: Methods::Only(vec![Method::ChiSquare]), ..all_matters.clone() };
    for sizes in SIZES {
        let [_, most] = band(0.05, tables(sizes));
        for options in [&all_matters, &from_counts, &CompareOptions::default()] {
            let found = simulate_tables(17, sizes, Change::None, tables(sizes), options);
            assert!(f64::from(found.false_alarms) <= most, "{sizes:?}: {found:?}");
        }
    }
}

#[test]
fn of_twenty_columns_the_one_that_moved_is_found() {
    for (sizes, runs) in [([1000, 1000], 20), ([1000, 200], 20)] {
        let options = CompareOptions::default();
        let found = simulate_tables(18, sizes, Change::Shift(0.5), runs, &options);
        assert!(found.found >= runs - 1 && found.false_alarms <= 4, "{sizes:?}: {found:?}");
    }
}
