//! Laws of the methods for whole rows, and how often they are wrong.

use proptest::prelude::*;
use tidegate_stats::multivariate::domain_classifier::{self, ClassifierOptions};
use tidegate_stats::multivariate::mmd::{
    self, Bandwidth, Estimate, Form, KernelSums, Mmd, MmdOptions, kernel_sums,
};
use tidegate_stats::multivariate::pca::{Reconstruction, ReconstructionOptions};
use tidegate_stats::multivariate::{Multivariate, MultivariateFloor, Rows, Scale};
use tidegate_stats::{Decision, EffectFloor, Sorted, Verdict, num};

use crate::calibration::Random;

const COLUMNS: usize = 3;

/// Values of a table, with ties, and now and then at the ends of the doubles.
fn sample() -> impl Strategy<Value = Vec<f64>> {
    let value = prop_oneof![
        8 => -1e3..1e3_f64,
        4 => (-3..4_i32).prop_map(f64::from),
        1 => prop::sample::select(vec![1e308, -1e308, 5e-324, 1e12, 1e-200]),
    ];
    prop::collection::vec(value, 2 * COLUMNS..20 * COLUMNS).prop_map(|mut values| {
        values.truncate(values.len() / COLUMNS * COLUMNS);
        values
    })
}

fn compare(reference: &[f64], current: &[f64], options: &MmdOptions) -> Mmd {
    let [reference, current] =
        [reference, current].map(|values| Rows::try_new(values, COLUMNS).unwrap());
    mmd::two_sample(&reference, &current, options, &Decision::default()).unwrap()
}

fn assert_in_range(test: &Multivariate) {
    let interval = test.interval.unwrap();
    for share in [test.effect, test.detectable_effect, interval.lower, interval.upper] {
        assert!((0.0..=1.0).contains(&share), "{test:?}");
    }
    assert!(interval.lower <= test.effect && test.effect <= interval.upper, "{test:?}");
    assert!(test.statistic.is_finite() && test.p_value > 0.0 && test.p_value <= 1.0, "{test:?}");
}

proptest! {
    #[test]
    fn sums_of_kernels_know_both_statistics(reference in sample(), current in sample()) {
        let [reference, current] =
            [&reference, &current].map(|values| Rows::try_new(values, COLUMNS).unwrap());
        let sums: KernelSums = kernel_sums(&reference, &current, 0.01).unwrap();
        let sizes = [&reference, &current].map(|rows| rows.len() as f64);
        // The biased statistic is a squared norm, and has the rows' kernels with themselves besides.
        prop_assert!(sums.biased(sizes) >= -1e-13);
        prop_assert!(sums.unbiased(sizes) <= sums.biased(sizes) + 1e-13);
        let itself: KernelSums = kernel_sums(&reference, &reference, 0.01).unwrap();
        prop_assert!(itself.biased([sizes[0]; 2]).abs() < 1e-13);
    }

    #[test]
    fn rows_are_the_pieces_of_the_list(values in sample()) {
        let rows = Rows::try_new(&values, COLUMNS).unwrap();
        for (index, row) in rows.iter().enumerate() {
            prop_assert_eq!(rows.row(index), row);
            prop_assert_eq!(row, &values[index * COLUMNS..(index + 1) * COLUMNS]);
        }
        prop_assert!(rows.row(rows.len()).is_empty() && rows.row(usize::MAX).is_empty());
    }

    #[test]
    fn discrepancies_are_in_range_and_know_no_order(
        reference in sample(), current in sample(), turn in 0..20_usize,
        scale in prop::sample::select(vec![Scale::Together, Scale::ByReference, Scale::AsGiven]),
    ) {
        let options = MmdOptions { scale, permutations: 39, ..MmdOptions::default() };
        let found = compare(&reference, &current, &options);
        assert_in_range(&found.test);
        let biased = MmdOptions { estimate: Estimate::Biased, ..options };
        let biased = compare(&reference, &current, &biased).test.statistic;
        prop_assert!((-1e-13..=2.0 + 1e-13).contains(&biased), "{}", biased);
        prop_assert!(found.test.statistic <= biased + 1e-13);

        let mut turned = reference.clone();
        turned.rotate_left(turn * COLUMNS % reference.len());
        let other = compare(&turned, &current, &options);
        prop_assert!((other.test.statistic - found.test.statistic).abs() < 1e-12);
        prop_assert_eq!(compare(&reference, &current, &options), found);
    }

    #[test]
    fn kernel_sums_swap_with_the_samples(
        reference in sample(), current in sample(), gamma in 1e-6..1e3_f64
    ) {
        let [x, y] = [&reference, &current].map(|of| Rows::try_new(of, COLUMNS).unwrap());
        let (one, other) = (kernel_sums(&x, &y, gamma).unwrap(), kernel_sums(&y, &x, gamma).unwrap());
        let near = |a: f64, b: f64| (a - b).abs() <= 1e-12 * (1.0 + a.abs());
        prop_assert!(near(one.reference, other.current) && near(one.current, other.reference));
        prop_assert!(near(one.cross, other.cross));
        let [n, m] = [x.len() as f64, y.len() as f64];
        prop_assert!((n..=n * n).contains(&one.reference) && (0.0..=n * m).contains(&one.cross));
        prop_assert!(near(one.biased([n, m]), other.biased([m, n])));
        prop_assert!(one.unbiased([n, m]) <= one.biased([n, m]) + 1e-13);
    }
}

proptest! {
    #[test]
    fn a_column_is_compared_as_rows_of_one(reference in sample(), current in sample()) {
        let sorted = |values: &[f64]| Sorted::try_new(values.to_vec()).unwrap();
        let (x, y) = (sorted(&reference), sorted(&current));
        let found = mmd::of_column(&x, &y, &Decision::default()).unwrap();
        let [x, y] = [&x, &y].map(|of| Rows::try_new(of.values(), 1).unwrap());
        let options =
            MmdOptions { scale: Scale::AsGiven, permutations: 999, ..MmdOptions::default() };
        let rows = mmd::two_sample(&x, &y, &options, &Decision::default()).unwrap().test;
        prop_assert_eq!((found.statistic, found.p_value), (rows.statistic, Some(rows.p_value)));
        prop_assert_eq!(found.effect, rows.effect);
    }

    #[test]
    fn random_features_are_in_range_for_all_numbers(reference in sample(), current in sample()) {
        let options =
            MmdOptions { form: Form::RandomFeatures, permutations: 39, ..MmdOptions::default() };
        assert_in_range(&compare(&reference, &current, &options).test);
    }
}

proptest! {
    #[test]
    fn reconstruction_errors_are_in_range_and_know_no_unit(
        reference in sample(), current in sample(), variance in 0.1..0.9_f64
    ) {
        let options = ReconstructionOptions { variance, ..ReconstructionOptions::default() };
        let [x, y] = [&reference, &current].map(|of| Rows::try_new(of, COLUMNS).unwrap());
        // Two rows, or all of the variance in every component, are refused.
        let Ok(fitted) = Reconstruction::fit(&x, &options) else { return Ok(()) };
        prop_assert!((1..COLUMNS).contains(&fitted.components()));
        prop_assert!(variance < fitted.explained_variance() && fitted.explained_variance() <= 1.0);
        let errors = fitted.errors(&y).unwrap();
        prop_assert!(errors.iter().all(|error| error.is_finite() && *error >= 0.0));
        let found = fitted.score(&y, &Decision::default()).unwrap();
        let test = found.test;
        prop_assert!((0.0..=1.0).contains(&test.p_value) && test.effect >= 0.0, "{:?}", test);
        prop_assert!(test.statistic.is_finite() && test.effect.is_finite(), "{:?}", test);
        prop_assert!(found.expected.lower <= found.reference_error);
        prop_assert!(found.reference_error <= found.expected.upper);

        let double = |values: &[f64]| values.iter().map(|v| v.clamp(-1e300, 1e300) * 2.0).collect();
        let plain: Vec<f64> = reference.iter().map(|v| v.clamp(-1e300, 1e300)).collect();
        let twice: Vec<f64> = double(&reference);
        let of = |values: &[f64]| {
            let rows = Rows::try_new(values, COLUMNS).unwrap();
            Reconstruction::fit(&rows, &options).map(|fitted| fitted.errors(&rows).unwrap())
        };
        if let (Ok(plain), Ok(twice)) = (of(&plain), of(&twice)) {
            for (one, other) in plain.iter().zip(twice) {
                prop_assert!((one - other).abs() <= 1e-9 * (1.0 + one));
            }
        }
    }

    #[test]
    fn areas_are_in_range_and_know_no_scale(reference in sample(), current in sample()) {
        let options = ClassifierOptions { permutations: 19, ..ClassifierOptions::default() };
        let compare = |reference: &[f64], current: &[f64]| {
            let [x, y] = [reference, current].map(|of| Rows::try_new(of, COLUMNS).unwrap());
            domain_classifier::two_sample(&x, &y, &options, &Decision::default())
        };
        let Ok(found) = compare(&reference, &current) else {
            prop_assert!(reference.len().min(current.len()) < 4 * COLUMNS);
            return Ok(());
        };
        assert_in_range(&found.test);
        let total: f64 = found.importances.iter().sum();
        prop_assert!(total == 0.0 || (total - 1.0).abs() < 1e-12);
        prop_assert!(found.importances.iter().all(|share| (0.0..=1.0).contains(share)));
        // A cube root keeps the order of numbers, and so their ranks.
        let root = |values: &[f64]| -> Vec<f64> {
            let of = |value: &f64| num::pow(value.abs(), 1.0 / 3.0).copysign(*value);
            values.iter().map(of).collect()
        };
        prop_assert_eq!(compare(&root(&reference), &root(&current)).unwrap(), found);
    }
}

// -- how often they are wrong --

/// Sizes of the reference and of the current sample, and how often each is drawn.
const SIZES: [(usize, usize, u32); 5] =
    [(50, 50, 400), (200, 200, 400), (50, 200, 400), (1000, 50, 200), (1000, 1000, 60)];

/// Rows of five columns: the first two normal with this correlation, then an exponential one, one of
/// three values, and the sum of two of them and a little noise.
fn draw(random: &mut Random, count: usize, correlation: f64, shift: f64) -> Vec<f64> {
    let rest = num::sqrt(1.0 - correlation * correlation);
    let mut rows = Vec::with_capacity(5 * count);
    for _ in 0..count {
        let (x, noise) = (random.normal(), random.normal());
        let exponential = -num::ln(random.uniform());
        let ties = num::floor(3.0 * random.uniform());
        let sum = exponential + ties + 0.3 * random.normal();
        rows.extend([x + shift, correlation * x + rest * noise, exponential, ties, sum]);
    }
    rows
}

/// The counts of runs that a binomial variable with this rate leaves once in about 15 000 times.
fn band(rate: f64, runs: u32) -> (f64, f64) {
    let mean = rate * f64::from(runs);
    let reach = 4.0 * num::sqrt(mean * (1.0 - rate));
    (mean - reach, mean + reach)
}

fn without_floor() -> Decision {
    let multivariate =
        MultivariateFloor { mmd: 0.0, pca_reconstruction: 0.0, domain_classifier: 0.0 };
    let effect_floor = EffectFloor { multivariate, ..EffectFloor::default() };
    Decision { effect_floor, ..Decision::default() }
}

type Method = fn(&Rows, &Rows, u64, &Decision) -> Multivariate;

fn by_mmd(reference: &Rows, current: &Rows, seed: u64, decision: &Decision) -> Multivariate {
    let options = MmdOptions { permutations: 99, seed, ..MmdOptions::default() };
    mmd::two_sample(reference, current, &options, decision).unwrap().test
}

fn by_features(reference: &Rows, current: &Rows, seed: u64, decision: &Decision) -> Multivariate {
    let form = Form::RandomFeatures;
    let options = MmdOptions { form, permutations: 99, seed, ..MmdOptions::default() };
    mmd::two_sample(reference, current, &options, decision).unwrap().test
}

fn by_classifier(reference: &Rows, current: &Rows, seed: u64, decision: &Decision) -> Multivariate {
    let options = ClassifierOptions { permutations: 99, seed, ..ClassifierOptions::default() };
    domain_classifier::two_sample(reference, current, &options, decision).unwrap().test
}

fn by_components(reference: &Rows, current: &Rows, seed: u64, decision: &Decision) -> Multivariate {
    let options = ReconstructionOptions { seed, ..ReconstructionOptions::default() };
    Reconstruction::fit(reference, &options).unwrap().score(current, decision).unwrap().test
}

/// How many of the runs a method called drift.
fn alarms(
    method: Method,
    seed: u64,
    (n, m, runs): (usize, usize, u32),
    [correlation, shift]: [f64; 2],
    decision: &Decision,
) -> u32 {
    let mut random = Random(seed);
    (0..runs)
        .filter(|run| {
            let reference = draw(&mut random, n, 0.0, 0.0);
            let current = draw(&mut random, m, correlation, shift);
            let [x, y] = [&reference, &current].map(|of| Rows::try_new(of, 5).unwrap());
            method(&x, &y, u64::from(*run), decision).verdict == Verdict::Drift
        })
        .count() as u32
}

#[test]
fn few_rows_of_many_columns_with_long_tails_alarm_no_more_often() {
    let decision = Decision::default();
    let methods: [Method; 3] = [by_features, by_classifier, by_components];
    for (at, method) in methods.into_iter().enumerate() {
        for (n, m, columns) in [(12, 12, 40), (10, 60, 20)] {
            let mut random = Random(77);
            let mut draw = |rows: usize| -> Vec<f64> {
                (0..rows * columns).map(|_| num::exp(1.5 * random.normal())).collect()
            };
            let alarms = (0..200).filter(|run| {
                let (reference, current) = (draw(n), draw(m));
                let [x, y] = [&reference, &current].map(|of| Rows::try_new(of, columns).unwrap());
                method(&x, &y, *run, &decision).p_value <= 0.05
            });
            // 5 % and three deviations of 200.
            let alarms = alarms.count();
            assert!(alarms <= 19, "{alarms} of 200: {at} {n} {m}");
        }
    }
}

#[test]
fn without_drift_each_method_alarms_at_its_alpha() {
    let methods: [(&str, Method); 3] =
        [("mmd", by_mmd), ("classifier", by_classifier), ("components", by_components)];
    for (name, method) in methods {
        for sizes in SIZES {
            let alarms = f64::from(alarms(method, 21, sizes, [0.0, 0.0], &without_floor()));
            let (least, most) = band(0.05, sizes.2);
            let within = (least..=most).contains(&alarms);
            assert!(within, "{name}, {sizes:?}: {alarms}, not {least} to {most}");
        }
    }
}

#[test]
fn without_drift_random_features_alarm_at_their_alpha() {
    // In the last, rows are split by blocks of two or three.
    for sizes in [(50, 50, 400), (200, 100, 300), (1000, 50, 200), (3000, 2000, 60)] {
        let alarms = f64::from(alarms(by_features, 26, sizes, [0.0, 0.0], &without_floor()));
        let (least, most) = band(0.05, sizes.2);
        assert!((least..=most).contains(&alarms), "{sizes:?}: {alarms}, not {least} to {most}");
    }
    let found = alarms(by_features, 27, (2000, 2000, 12), [0.8, 0.0], &without_floor());
    assert!(found >= 10, "a changed correlation: {found} of 12");
}

#[test]
fn with_the_default_floors_large_samples_never_alarm_without_drift() {
    for method in [by_mmd, by_classifier, by_components] {
        assert_eq!(alarms(method, 24, (3000, 3000, 8), [0.0, 0.0], &Decision::default()), 0);
    }
}

#[test]
fn a_changed_correlation_that_no_column_shows_is_found() {
    // With the default floors, of five columns two of which are joined.
    for (name, method, sizes, correlation, least) in [
        ("classifier", by_classifier as Method, (200, 200, 50), 0.6, 0.9),
        ("classifier", by_classifier, (1000, 1000, 12), 0.4, 0.9),
        ("classifier", by_classifier, (50, 50, 100), 0.9, 0.8),
        ("components", by_components, (1000, 1000, 24), 0.9, 0.5),
    ] {
        let found = f64::from(alarms(method, 25, sizes, [correlation, 0.0], &Decision::default()));
        assert!(found >= least * f64::from(sizes.2), "{name}, {sizes:?}, {correlation}: {found}");
    }
}

#[test]
fn mmd_finds_a_changed_correlation_and_a_shift() {
    for (sizes, change, least) in [
        ((200, 200, 50), [0.95, 0.0], 0.4),
        ((1000, 1000, 12), [0.8, 0.0], 0.9),
        ((200, 200, 50), [0.0, 0.8], 0.9),
    ] {
        let found = f64::from(alarms(by_mmd, 22, sizes, change, &without_floor()));
        assert!(found >= least * f64::from(sizes.2), "{sizes:?}, {change:?}: {found}");
    }
}

#[test]
fn the_interval_of_mmd_holds_the_effect() {
    // Two normal columns, 200 rows each, of correlation 0 and 0.9: by the Gaussian integrals of the
    // kernel the effect is 0.1291 at this gamma.
    let options = MmdOptions {
        bandwidth: Bandwidth::Gamma(0.25),
        scale: Scale::AsGiven,
        permutations: 99,
        ..MmdOptions::default()
    };
    let truth = {
        // E k = det(I + 2 gamma S)^(-1/2), with S the covariance of the difference of two rows.
        let mean_kernel = |variance: f64, covariance: f64| {
            let (diagonal, off) = (1.0 + 0.5 * variance, 0.5 * covariance);
            1.0 / num::sqrt(diagonal * diagonal - off * off)
        };
        let (own, other) = (mean_kernel(2.0, 0.0), mean_kernel(2.0, 1.8));
        let discrepancy = own + other - 2.0 * mean_kernel(2.0, 0.9);
        num::sqrt(discrepancy / (discrepancy + 4.0 * (1.0 - 0.5 * (own + other))))
    };
    let mut random = Random(23);
    let held = (0..200).filter(|_| {
        let mut rows = |correlation: f64| -> Vec<f64> {
            let rest = num::sqrt(1.0 - correlation * correlation);
            let mut row = || {
                let x = random.normal();
                [x, correlation * x + rest * random.normal()]
            };
            (0..200).flat_map(|_| row()).collect()
        };
        let (reference, current) = (rows(0.0), rows(0.9));
        let [x, y] = [&reference, &current].map(|of| Rows::try_new(of, 2).unwrap());
        let test = mmd::two_sample(&x, &y, &options, &Decision::default()).unwrap().test;
        let interval = test.interval.unwrap();
        (interval.lower..=interval.upper).contains(&truth)
    });
    let held = held.count();
    assert!((180..=199).contains(&held), "{held} of 200 hold {truth}");
}
