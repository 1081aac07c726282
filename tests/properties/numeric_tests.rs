//! Laws and rates of the tests on numbers: of place, of spread, and of both.

use proptest::prelude::*;
use tidegate_stats::{
    Decision, Error, Method, NumericTests, Sorted, TwoSample, Verdict,
    anderson_darling::{self, Variant},
    bins::Edges,
    cramer_von_mises, energy, kolmogorov_smirnov, mann_whitney, num, wasserstein, welch_t,
};

type OnNumbers = fn(&Sorted, &Sorted, &Decision) -> Result<TwoSample, Error>;

const ON_NUMBERS: [(&str, OnNumbers); 5] = [
    ("cramer_von_mises", cramer_von_mises::two_sample),
    ("anderson_darling", anderson_darling::two_sample),
    ("energy", energy::two_sample),
    ("mann_whitney", mann_whitney::two_sample),
    ("welch_t", welch_t::two_sample),
];

fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => (-5..5_i32).prop_map(f64::from),
        4 => -10.0..10.0_f64,
        1 => prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO,
        1 => prop::sample::select(vec![f64::MAX, f64::MIN, -0.0, 5e-324, f64::MIN_POSITIVE]),
    ]
}

/// Whole numbers, so that a shift moves ties along.
fn grid() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec((-100..100_i32).prop_map(f64::from), 2..60)
}

fn sorted(values: &[f64]) -> Sorted {
    Sorted::try_new(values.to_vec()).unwrap()
}

fn check_near(a: f64, b: f64) -> Result<(), TestCaseError> {
    prop_assert!((a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1e-9), "{a:e} and {b:e}");
    Ok(())
}

proptest! {
    #[test]
    fn always_a_verdict_or_a_reason(
        reference in prop::collection::vec(any_number(), 0..40),
        current in prop::collection::vec(any_number(), 0..40),
        alpha in prop_oneof![Just(0.05), 1e-300..1.0_f64],
    ) {
        let decision = Decision { alpha, ..Decision::default() };
        for (method, compare) in ON_NUMBERS {
            let Ok(result) = compare(&sorted(&reference), &sorted(&current), &decision) else {
                let few = reference.len() + current.len() < 4;
                prop_assert!(few || reference.len() < 2 || current.len() < 2, "{method}");
                continue;
            };
            prop_assert!(result.statistic.is_finite(), "{result:?}");
            prop_assert!(result.effect.is_finite() && result.effect >= 0.0, "{result:?}");
            prop_assert!(result.detectable_effect.is_finite(), "{result:?}");
            prop_assert!(result.detectable_effect >= 0.0, "{result:?}");
            prop_assert!((0.0..=1.0).contains(&result.p_value.unwrap()), "{result:?}");
            if let Some(interval) = result.interval {
                prop_assert!(interval.lower <= result.effect && result.effect <= interval.upper);
            }
            prop_assert_eq!(decision.judge(&result, None), result.verdict);
        }
    }

    #[test]
    fn in_one_walk_or_each_for_itself_the_bits_are_the_same(
        reference in prop::collection::vec(any_number(), 1..700),
        current in prop::collection::vec(any_number(), 1..700),
    ) {
        const ALL: [(Method, OnNumbers); 7] = [
            (Method::KolmogorovSmirnov, kolmogorov_smirnov::two_sample),
            (Method::CramerVonMises, cramer_von_mises::two_sample),
            (Method::AndersonDarling, anderson_darling::two_sample),
            (Method::MannWhitney, mann_whitney::two_sample),
            (Method::WelchT, welch_t::two_sample),
            (Method::Wasserstein, wasserstein::two_sample),
            (Method::Energy, energy::two_sample),
        ];
        let (reference, current) = (sorted(&reference), sorted(&current));
        let decision = Decision::default();
        let tests = NumericTests::try_new(&reference, &current, &Method::ALL).unwrap();
        for (method, alone) in ALL {
            // A result holds no NaN, so that equal means the same bits, but for the sign of a zero.
            let (together, alone) =
                (tests.test(method, &decision), alone(&reference, &current, &decision));
            prop_assert_eq!(format!("{together:?}"), format!("{alone:?}"));
        }
    }

    #[test]
    fn scaled_wasserstein_has_no_unit(
        reference in grid(),
        current in grid(),
        shift in -1000..1000_i32,
        exponent in -40..40_i32,
    ) {
        let scale = num::scale_by_power_of_two(1.0, exponent);
        let moved = |values: &[f64]| {
            sorted(&values.iter().map(|v| (v + f64::from(shift)) * scale).collect::<Vec<_>>())
        };
        let one = wasserstein::scaled(&sorted(&reference), &sorted(&current)).unwrap();
        let other = wasserstein::scaled(&moved(&reference), &moved(&current)).unwrap();
        check_near(one.raw * scale, other.raw)?;
        for (one, other) in [
            (one.by_standard_deviation, other.by_standard_deviation),
            (one.by_interquartile_range, other.by_interquartile_range),
            (one.by_median_absolute_deviation, other.by_median_absolute_deviation),
        ] {
            prop_assert_eq!(one.is_some(), other.is_some());
            check_near(one.unwrap_or(0.0), other.unwrap_or(0.0))?;
        }
    }

    #[test]
    fn sorted_values_are_counted_like_any(
        sample in prop::collection::vec(any_number(), 0..60),
        mut edges in prop::collection::vec(any_number(), 0..12),
    ) {
        edges.sort_unstable_by(f64::total_cmp);
        edges.dedup();
        let (edges, sample) = (Edges::try_new(edges).unwrap(), sorted(&sample));
        prop_assert_eq!(edges.count_sorted(&sample), edges.count(sample.values()));
    }

    #[test]
    fn swapping_the_samples_keeps_effect_and_p_value(reference in grid(), current in grid()) {
        let (reference, current) = (sorted(&reference), sorted(&current));
        for (_, compare) in ON_NUMBERS {
            let there = compare(&reference, &current, &Decision::default()).unwrap();
            let back = compare(&current, &reference, &Decision::default()).unwrap();
            check_near(there.effect, back.effect)?;
            check_near(there.p_value.unwrap(), back.p_value.unwrap())?;
        }
    }

    #[test]
    fn the_order_of_rows_does_not_matter(reference in grid(), current in grid()) {
        let mut shuffled = reference.clone();
        shuffled.reverse();
        for (_, compare) in ON_NUMBERS {
            let of = |rows: &[f64]| compare(&sorted(rows), &sorted(&current), &Decision::default());
            prop_assert_eq!(of(&reference).unwrap(), of(&shuffled).unwrap());
        }
    }

    #[test]
    fn a_sample_does_not_differ_from_itself(sample in grid()) {
        for (_, compare) in ON_NUMBERS {
            let sample = sorted(&sample);
            let result = compare(&sample, &sample, &Decision::default()).unwrap();
            prop_assert_eq!(result.effect, 0.0);
            prop_assert_ne!(result.verdict, Verdict::Drift);
        }
    }

    #[test]
    fn shifts_and_scales_keep_the_result(
        reference in grid(),
        current in grid(),
        shift in -1000..1000_i32,
        exponent in -40..40_i32,
    ) {
        let scale = num::scale_by_power_of_two(1.0, exponent);
        let moved = |values: &[f64]| {
            sorted(&values.iter().map(|v| (v + f64::from(shift)) * scale).collect::<Vec<_>>())
        };
        for (_, compare) in ON_NUMBERS {
            let decision = Decision::default();
            let one = compare(&sorted(&reference), &sorted(&current), &decision).unwrap();
            let other = compare(&moved(&reference), &moved(&current), &decision).unwrap();
            check_near(one.effect, other.effect)?;
            check_near(one.detectable_effect, other.detectable_effect)?;
            check_near(one.p_value.unwrap(), other.p_value.unwrap())?;
        }
    }

    #[test]
    fn a_rising_transformation_keeps_the_ranks(reference in grid(), current in grid()) {
        let cubed =
            |values: &[f64]| sorted(&values.iter().map(|v| v * v * v).collect::<Vec<_>>());
        for compare in [
            mann_whitney::two_sample,
            cramer_von_mises::two_sample,
            anderson_darling::two_sample,
        ] {
            let decision = Decision::default();
            let one = compare(&sorted(&reference), &sorted(&current), &decision);
            let other = compare(&cubed(&reference), &cubed(&current), &decision);
            prop_assert_eq!(one.unwrap(), other.unwrap());
        }
    }

    #[test]
    fn anderson_darling_takes_samples_in_any_order(
        samples in prop::collection::vec(grid(), 2..6),
        variant in prop::sample::select(vec![Variant::Midrank, Variant::Right, Variant::Continuous]),
    ) {
        let samples: Vec<Sorted> = samples.iter().map(|sample| sorted(sample)).collect();
        let mut order: Vec<&Sorted> = samples.iter().collect();
        let k_samples = anderson_darling::k_samples;
        let one = k_samples(&order, variant);
        order.reverse();
        let other = k_samples(&order, variant);
        prop_assert_eq!(one.is_ok(), other.is_ok());
        if let (Ok(one), Ok(other)) = (one, other) {
            check_near(one.criterion, other.criterion)?;
            check_near(one.p_value, other.p_value)?;
            prop_assert!((0.0..=1.0).contains(&one.p_value));
            prop_assert!(one.criterion >= 0.0);
        }
    }

    #[test]
    fn a_larger_anderson_darling_statistic_has_a_smaller_p(
        samples in 2..200_u64,
        statistic in -1.5..60.0_f64,
        more in 1e-3..2.0_f64,
    ) {
        let [p, less] = [statistic, statistic + more]
            .map(|statistic| anderson_darling::asymptotic_p_value(samples, statistic));
        prop_assert!(less <= p * (1.0 + 1e-10) && less >= 0.0 && p <= 1.0, "{p:e}, {less:e}");
    }

    #[test]
    fn a_more_extreme_statistic_has_a_smaller_exact_p(n in 1..30_u64, m in 1..30_u64) {
        let mut last = 0.0;
        for u in 0..=n * m / 2 {
            let p_value = mann_whitney::exact_p_value(n, m, u).unwrap();
            prop_assert!(p_value >= last && p_value <= 1.0);
            prop_assert_eq!(p_value, mann_whitney::exact_p_value(n, m, n * m - u).unwrap());
            last = p_value;
        }
    }
}

/// SplitMix64: the same stream everywhere.
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

    /// The sum of twelve uniform numbers: variance 1, and near enough to normal.
    fn bell(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }

    fn zeros_and_a_tail(&mut self) -> f64 {
        if self.uniform() < 0.4 { 0.0 } else { -num::ln(self.uniform()) }
    }

    fn sample(&mut self, draw: fn(&mut Self) -> f64, len: usize, shift: f64) -> Sorted {
        Sorted::try_new((0..len).map(|_| draw(self) + shift).collect()).unwrap()
    }
}

const RUNS: u32 = 500;
const SIZES: [(usize, usize); 5] = [(8, 8), (50, 50), (200, 200), (1000, 50), (400, 1000)];

#[test]
fn without_drift_the_p_values_keep_their_level() {
    // Four standard deviations of a binomial count: once in about 30 000 times.
    let mean = 0.05 * f64::from(RUNS);
    let allowed = (mean + 4.0 * num::sqrt(mean * 0.95)).ceil() as u32;
    for draw in [Random::bell, Random::zeros_and_a_tail] {
        for (n, m) in SIZES {
            let mut random = Random(21);
            let mut alarms = [0_u32; ON_NUMBERS.len()];
            for _ in 0..RUNS {
                let samples = [random.sample(draw, n, 0.0), random.sample(draw, m, 0.0)];
                for (alarms, (_, compare)) in alarms.iter_mut().zip(ON_NUMBERS) {
                    let result = compare(&samples[0], &samples[1], &Decision::default()).unwrap();
                    *alarms += u32::from(result.p_value.unwrap() <= 0.05);
                }
            }
            for (alarms, (method, _)) in alarms.into_iter().zip(ON_NUMBERS) {
                assert!(alarms <= allowed, "{method}, {n} and {m}: {alarms} of {RUNS}");
                // And they are not blunt either.
                assert!(n < 50 || alarms >= 7, "{method}, {n} and {m}: {alarms} of {RUNS}");
            }
        }
    }
}

#[test]
fn a_shift_by_half_a_standard_deviation_is_found() {
    for ((n, m), least) in [((1000, 1000), 0.99), ((3000, 200), 0.99), ((200, 200), 0.95)] {
        for (method, compare) in ON_NUMBERS {
            let mut random = Random(22);
            let found = (0..100)
                .filter(|_| {
                    let samples =
                        [random.sample(Random::bell, n, 0.0), random.sample(Random::bell, m, 0.5)];
                    let result = compare(&samples[0], &samples[1], &Decision::default()).unwrap();
                    result.verdict == Verdict::Drift
                })
                .count();
            assert!(found as f64 >= least * 100.0, "{method}, {n} and {m}: found {found} of 100");
        }
    }
}
