//! Laws of the two-sample methods.

use proptest::prelude::*;
use tidegate_stats::{
    Decision, Error, Sorted, TwoSample,
    bins::{Edges, classic_deciles},
    chi_square, jensen_shannon, kolmogorov_smirnov,
    multiple::benjamini_hochberg,
    psi, wasserstein,
};

type OnNumbers = fn(&Sorted, &Sorted, &Decision) -> Result<TwoSample, Error>;
type OnCounts = fn(&[u64], &[u64], &Decision) -> Result<TwoSample, Error>;

const ON_NUMBERS: [OnNumbers; 2] = [kolmogorov_smirnov::two_sample, wasserstein::two_sample];
const ON_COUNTS: [OnCounts; 3] =
    [psi::two_sample, jensen_shannon::two_sample, chi_square::two_sample];

/// Numbers with ties, zeros of both signs, subnormals and both ends of the range.
fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => (-5..5_i32).prop_map(f64::from),
        4 => -10.0..10.0_f64,
        1 => prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO,
        1 => prop::sample::select(vec![f64::MAX, f64::MIN, -0.0, 5e-324, f64::MIN_POSITIVE]),
    ]
}

fn plain_sample() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(-100.0..100.0_f64, 1..60)
}

fn any_count() -> impl Strategy<Value = u64> {
    prop_oneof![4 => 0..50_u64, 2 => 0..1_000_000_u64, 1 => 0..u64::MAX / 64]
}

fn two_counts() -> impl Strategy<Value = (Vec<u64>, Vec<u64>)> {
    (1..20_usize).prop_flat_map(|bins| {
        let side = || prop::collection::vec(any_count(), bins);
        (side(), side())
    })
}

fn sorted(values: &[f64]) -> Sorted {
    Sorted::try_new(values.to_vec()).unwrap()
}

/// Whatever the input, a result is made of numbers in their documented ranges.
fn check_ranges(result: &TwoSample) -> Result<(), TestCaseError> {
    prop_assert!(result.statistic.is_finite() && result.statistic >= 0.0, "{result:?}");
    prop_assert!(result.effect.is_finite() && result.effect >= 0.0, "{result:?}");
    prop_assert!(result.detectable_effect.is_finite(), "{result:?}");
    prop_assert!(result.detectable_effect >= 0.0, "{result:?}");
    prop_assert!(result.threshold.is_finite(), "{result:?}");
    if let Some(p_value) = result.p_value {
        prop_assert!((0.0..=1.0).contains(&p_value), "{result:?}");
    }
    if let Some(interval) = result.interval {
        prop_assert!(interval.lower <= result.effect && result.effect <= interval.upper);
    }
    prop_assert_eq!(Decision::default().judge(result, None), result.verdict);
    Ok(())
}

/// Equal but for the roundings of another order of summation.
fn check_near(a: f64, b: f64) -> Result<(), TestCaseError> {
    prop_assert!((a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1e-9), "{a:e} and {b:e}");
    Ok(())
}

proptest! {
    #[test]
    fn numbers_always_get_a_verdict(
        reference in prop::collection::vec(any_number(), 0..40),
        current in prop::collection::vec(any_number(), 0..40),
        alpha in prop_oneof![Just(0.05), 1e-300..1.0_f64],
    ) {
        let decision = Decision { alpha, ..Decision::default() };
        let (reference, current) = (sorted(&reference), sorted(&current));
        for compare in ON_NUMBERS {
            match compare(&reference, &current, &decision) {
                Ok(result) if alpha == 0.05 => check_ranges(&result)?,
                Ok(result) => prop_assert!(result.detectable_effect.is_finite()),
                // Empty samples, and distances beyond the doubles.
                Err(error) => prop_assert!(!error.to_string().is_empty()),
            }
        }
    }

    #[test]
    fn counts_always_get_a_verdict((reference, current) in two_counts()) {
        for compare in ON_COUNTS {
            match compare(&reference, &current, &Decision::default()) {
                Ok(result) => check_ranges(&result)?,
                Err(_) => prop_assert!(
                    reference.iter().all(|&count| count == 0)
                        || current.iter().all(|&count| count == 0)
                ),
            }
        }
    }

    #[test]
    fn the_order_of_rows_does_not_matter(reference in plain_sample(), current in plain_sample()) {
        let shuffled = || {
            let mut values = reference.clone();
            values.reverse();
            values.rotate_left(reference.len() / 3);
            sorted(&values)
        };
        for compare in ON_NUMBERS {
            let decision = Decision::default();
            let one = compare(&sorted(&reference), &sorted(&current), &decision).unwrap();
            let other = compare(&shuffled(), &sorted(&current), &decision).unwrap();
            prop_assert_eq!(one, other);
        }
    }

    #[test]
    fn the_order_of_bins_does_not_matter((reference, current) in two_counts()) {
        let reversed = |counts: &[u64]| counts.iter().rev().copied().collect::<Vec<_>>();
        for compare in ON_COUNTS {
            let decision = Decision::default();
            let Ok(one) = compare(&reference, &current, &decision) else { continue };
            let other = compare(&reversed(&reference), &reversed(&current), &decision).unwrap();
            check_near(one.effect, other.effect)?;
        }
    }

    #[test]
    fn distances_are_symmetric(reference in plain_sample(), current in plain_sample()) {
        let (reference, current) = (sorted(&reference), sorted(&current));
        for compare in ON_NUMBERS {
            let there = compare(&reference, &current, &Decision::default()).unwrap();
            let back = compare(&current, &reference, &Decision::default()).unwrap();
            check_near(there.statistic, back.statistic)?;
            if let (Some(there), Some(back)) = (there.p_value, back.p_value) {
                check_near(there, back)?;
            }
        }
    }

    #[test]
    fn distances_on_counts_are_symmetric((reference, current) in two_counts()) {
        for compare in ON_COUNTS {
            let Ok(there) = compare(&reference, &current, &Decision::default()) else { continue };
            let back = compare(&current, &reference, &Decision::default()).unwrap();
            check_near(there.effect, back.effect)?;
        }
    }

    #[test]
    fn a_sample_does_not_differ_from_itself(sample in plain_sample(), counts in two_counts()) {
        for compare in ON_NUMBERS {
            let sample = sorted(&sample);
            prop_assert_eq!(compare(&sample, &sample, &Decision::default()).unwrap().effect, 0.0);
        }
        for compare in ON_COUNTS {
            let Ok(result) = compare(&counts.0, &counts.0, &Decision::default()) else { continue };
            prop_assert_eq!(result.effect, 0.0);
        }
    }

    #[test]
    fn shifts_and_scales_keep_the_effect(
        reference in plain_sample(),
        current in plain_sample(),
        shift in -1000.0..1000.0_f64,
        exponent in -40..40_i32,
    ) {
        // Rounding may merge two values that nearly tie, so both sides are rounded alike first.
        let grid = |values: &[f64]| values.iter().map(|v| v.round()).collect::<Vec<_>>();
        let (reference, current) = (grid(&reference), grid(&current));
        let scale = tidegate_stats::num::scale_by_power_of_two(1.0, exponent);
        let moved = |values: &[f64]| {
            sorted(&values.iter().map(|v| (v + shift.round()) * scale).collect::<Vec<_>>())
        };
        for compare in ON_NUMBERS {
            let decision = Decision::default();
            let one = compare(&sorted(&reference), &sorted(&current), &decision).unwrap();
            let other = compare(&moved(&reference), &moved(&current), &decision).unwrap();
            check_near(one.effect, other.effect)?;
            check_near(one.detectable_effect, other.detectable_effect)?;
        }
    }

    #[test]
    fn a_pure_shift_is_its_own_wasserstein_distance(
        sample in plain_sample(),
        shift in 0.0..1000.0_f64,
    ) {
        let moved: Vec<f64> = sample.iter().map(|value| value + shift).collect();
        let result =
            wasserstein::two_sample(&sorted(&sample), &sorted(&moved), &Decision::default());
        prop_assert!((result.unwrap().statistic - shift).abs() < 1e-10);
    }

    #[test]
    fn a_rising_transformation_keeps_kolmogorov_smirnov(
        reference in plain_sample(),
        current in plain_sample(),
    ) {
        let cubed =
            |values: &[f64]| sorted(&values.iter().map(|v| v * v * v).collect::<Vec<_>>());
        let decision = Decision::default();
        let one =
            kolmogorov_smirnov::two_sample(&sorted(&reference), &sorted(&current), &decision);
        let other =
            kolmogorov_smirnov::two_sample(&cubed(&reference), &cubed(&current), &decision);
        prop_assert_eq!(one.unwrap(), other.unwrap());
    }

    #[test]
    fn a_larger_statistic_has_a_smaller_p(
        n in 1..400_u64,
        m in 1..400_u64,
        d in 0.0..1.0_f64,
        more in 0.0..0.2_f64,
    ) {
        let exact = |n, m, d| kolmogorov_smirnov::exact_p_value(n, m, d).unwrap();
        for p_value in [exact, kolmogorov_smirnov::asymptotic_p_value] {
            let (less_extreme, more_extreme) = (p_value(n, m, d), p_value(n, m, d + more));
            // The asymptotic one changes its method on the way.
            prop_assert!(more_extreme <= less_extreme * (1.0 + 1e-5), "{n} {m} {d} {more}");
        }
    }

    #[test]
    fn every_value_has_the_bin_that_its_edges_say(
        reference in prop::collection::vec(any_number(), 0..60),
        value in any_number(),
    ) {
        for edges in [Edges::deciles(&sorted(&reference)), classic_deciles(&sorted(&reference))] {
            let index = edges.index(value);
            prop_assert!(index < edges.len() && edges.len() <= 12);
            let (below, above) = edges.inner().split_at(index);
            prop_assert!(below.iter().all(|edge| *edge <= value));
            prop_assert!(above.iter().all(|edge| *edge > value));
        }
    }

    #[test]
    fn no_bin_mixes_a_heavy_value_with_others(
        others in prop::collection::vec(-10.0..10.0_f64, 0..30),
        heavy in -10.0..10.0_f64,
    ) {
        let mut reference = others.clone();
        reference.extend(std::iter::repeat_n(heavy, 10 + others.len()));
        let edges = Edges::deciles(&sorted(&reference));
        let home = edges.index(heavy);
        prop_assert!(edges.index(heavy.next_up()) > home);
        prop_assert!(edges.index(heavy.next_down()) < home);
    }

    #[test]
    fn edges_survive_json_to_the_bit(reference in prop::collection::vec(any_number(), 0..60)) {
        let edges = Edges::deciles(&sorted(&reference));
        let text = serde_json::to_string(&edges).unwrap();
        prop_assert_eq!(serde_json::from_str::<Edges>(&text).unwrap(), edges);
    }

    #[test]
    fn adjusted_p_values_keep_their_order_and_never_fall(
        p_values in prop::collection::vec(0.0..=1.0_f64, 0..50),
    ) {
        let adjusted = benjamini_hochberg(&p_values).unwrap();
        for (i, (p, q)) in p_values.iter().zip(&adjusted).enumerate() {
            prop_assert!(p <= q && *q <= 1.0);
            for (other_p, other_q) in p_values.iter().zip(&adjusted).skip(i) {
                prop_assert!((p <= other_p) != (q > other_q) || q == other_q);
            }
        }
    }
}
