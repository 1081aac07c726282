//! Laws of the inference for experiments.

use proptest::prelude::*;
use tidegate_stats::{
    experiment::{
        BetaPrior, Comparison, Estimate, Proportion, SampleSummary, bayes_means, bayes_proportions,
        confidence_sequence, multinomial_sequence, sample_ratio, two_means, two_proportions,
    },
    multiple::{benjamini_hochberg, benjamini_yekutieli, holm},
    special,
};

fn proportion() -> impl Strategy<Value = Proportion> {
    let trials = prop_oneof![4 => 1..200_u64, 2 => 1..1_000_000_u64, 1 => 1..u64::MAX];
    (trials, 0.0..=1.0_f64).prop_map(|(trials, share)| {
        let successes = ((trials as f64 * share) as u64).min(trials);
        Proportion { successes, trials }
    })
}

fn summary() -> impl Strategy<Value = SampleSummary> {
    (2..5000_u64, -100.0..100.0_f64, 0.01..1e4_f64)
        .prop_map(|(count, mean, variance)| SampleSummary { count, mean, variance })
}

fn any_summary() -> impl Strategy<Value = SampleSummary> {
    (any::<u64>(), prop::num::f64::ANY, prop::num::f64::ANY)
        .prop_map(|(count, mean, variance)| SampleSummary { count, mean, variance })
}

fn check_ranges(result: &Comparison) -> Result<(), TestCaseError> {
    let holds = |estimate: &Estimate| {
        estimate.interval.lower <= estimate.value && estimate.value <= estimate.interval.upper
    };
    prop_assert!(result.statistic.is_finite(), "{result:?}");
    prop_assert!((0.0..=1.0).contains(&result.p_value), "{result:?}");
    prop_assert!(holds(&result.difference), "{result:?}");
    prop_assert!(result.lift.as_ref().is_none_or(holds), "{result:?}");
    Ok(())
}

proptest! {
    #[test]
    fn proportions_always_compare(a in proportion(), b in proportion(), alpha in 1e-12..0.999_f64) {
        let result = two_proportions(a, b, alpha).unwrap();
        check_ranges(&result)?;
        let interval = result.difference.interval;
        prop_assert!(interval.lower >= -1.0 - 1e-12 && interval.upper <= 1.0 + 1e-12);
        let swapped = two_proportions(b, a, alpha).unwrap();
        prop_assert_eq!(swapped.statistic, -result.statistic);
        prop_assert!((swapped.difference.interval.lower + interval.upper).abs() < 1e-12);
    }

    #[test]
    fn means_answer_or_say_why_not(a in any_summary(), b in any_summary(), alpha in 0.0..1.0_f64) {
        if let Ok(result) = two_means(&a, &b, alpha) {
            check_ranges(&result)?;
        }
        if let Ok(result) = confidence_sequence(&a, &b, alpha, 5000.0) {
            check_ranges(&result.comparison)?;
            prop_assert!(result.ln_p_value <= 0.0 && result.widening_ratio >= 1.0);
        }
    }

    #[test]
    fn units_do_not_change_the_evidence(a in summary(), b in summary(), scale in 1e-3..1e3_f64) {
        let scaled = |side: &SampleSummary| SampleSummary {
            mean: side.mean * scale,
            variance: side.variance * scale * scale,
            ..*side
        };
        let plain = two_means(&a, &b, 0.05).unwrap();
        let other = two_means(&scaled(&a), &scaled(&b), 0.05).unwrap();
        let near = 1e-9 * (1.0 + plain.statistic.abs());
        prop_assert!((plain.statistic - other.statistic).abs() <= near);
        prop_assert!((plain.p_value - other.p_value).abs() <= 1e-9);
    }

    #[test]
    fn looking_at_all_times_costs_width(a in summary(), b in summary()) {
        let always = confidence_sequence(&a, &b, 0.05, 5000.0).unwrap();
        let statistic = always.comparison.statistic.abs();
        prop_assert!(always.comparison.p_value >= 2.0 * special::normal_tail(statistic));
        prop_assert!(always.widening_ratio > 1.0);
    }

    #[test]
    fn one_variant_wins_and_no_loss_is_a_gain(
        (n, m) in (0..3000_u64, 0..3000_u64),
        (p, q) in (0.0..=1.0_f64, 0.0..=1.0_f64),
        (c, d) in (summary(), summary()),
    ) {
        let side = |trials: u64, share: f64| {
            Proportion { successes: ((trials as f64 * share) as u64).min(trials), trials }
        };
        let (a, b) = (side(n, p), side(m, q));
        let prior = BetaPrior::default();
        for [one, other] in [
            [bayes_proportions(a, b, prior).unwrap(), bayes_proportions(b, a, prior).unwrap()],
            [bayes_means(&c, &d).unwrap(), bayes_means(&d, &c).unwrap()],
        ] {
            prop_assert!((one.chance_to_win + other.chance_to_win - 1.0).abs() < 1e-11);
            prop_assert!(one.expected_loss_current >= 0.0 && one.expected_loss_reference >= 0.0);
            let gap = (one.expected_loss_current - other.expected_loss_reference).abs();
            prop_assert!(gap <= 1e-11 * (1.0 + one.expected_loss_current), "{one:?} {other:?}");
        }
    }

    #[test]
    fn holm_is_at_least_as_strict_as_benjamini_and_hochberg(
        p_values in prop::collection::vec(0.0..=1.0_f64, 0..30),
    ) {
        let strict = holm(&p_values).unwrap();
        let other = benjamini_hochberg(&p_values).unwrap();
        for ((strict, other), p_value) in strict.iter().zip(&other).zip(&p_values) {
            prop_assert!(*strict >= other - 1e-15 && strict >= p_value && *strict <= 1.0);
        }
    }

    #[test]
    fn any_dependence_costs_the_sum_of_the_reciprocals(
        p_values in prop::collection::vec(0.0..=1.0_f64, 0..30),
    ) {
        let strict = benjamini_yekutieli(&p_values).unwrap();
        let reversed: Vec<f64> = p_values.iter().rev().copied().collect();
        let mut again = benjamini_yekutieli(&reversed).unwrap();
        again.reverse();
        prop_assert_eq!(&strict, &again);
        let price: f64 = (1..=p_values.len()).map(|rank| 1.0 / rank as f64).sum();
        let other = benjamini_hochberg(&p_values).unwrap();
        for ((strict, other), p_value) in strict.iter().zip(&other).zip(&p_values) {
            prop_assert!(strict >= p_value && strict >= other && *strict <= 1.0);
            let paid = (other * price).min(1.0);
            prop_assert!((strict - paid).abs() <= 1e-14 * paid, "{strict} {paid}");
        }
    }

    #[test]
    fn the_order_of_variants_does_not_matter(
        counts in prop::collection::vec(0..100_000_u64, 2..8),
        concentration in 0.1..1e5_f64,
    ) {
        prop_assume!(counts.iter().any(|count| *count > 0));
        let weights: Vec<f64> = (1..=counts.len()).map(|rank| rank as f64).collect();
        let reversed = (counts.iter().rev().copied().collect::<Vec<_>>(),
            weights.iter().rev().copied().collect::<Vec<_>>());
        let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * (1.0 + a.abs());
        let plain = sample_ratio(&counts, &weights).unwrap();
        let other = sample_ratio(&reversed.0, &reversed.1).unwrap();
        prop_assert!(near(plain.statistic, other.statistic));
        prop_assert!((0.0..=1.0).contains(&plain.p_value));
        let plain = multinomial_sequence(&counts, &weights, concentration).unwrap();
        let other = multinomial_sequence(&reversed.0, &reversed.1, concentration).unwrap();
        prop_assert!(near(plain.ln_e_value, other.ln_e_value));
        prop_assert!((0.0..=1.0).contains(&plain.p_value));
    }

    #[test]
    fn tails_fall_and_points_find_them(x in -30.0..30.0_f64, step in 1e-6..5.0_f64, df in 0.2..1e6_f64) {
        prop_assert!(special::normal_tail(x + step) <= special::normal_tail(x));
        prop_assert!(special::ln_normal_tail(x + step) <= special::ln_normal_tail(x));
        let tail = special::student_t_tail(x, df).unwrap();
        prop_assert!(special::student_t_tail(x + step, df).unwrap() <= tail * (1.0 + 1e-12));
        if tail > 0.0 && tail < 0.45 {
            let point = special::student_t_point(tail, df).unwrap();
            prop_assert!((point - x).abs() <= 1e-9 * x.abs(), "{point} for {x}");
        }
    }
}

/// Chance of at least one false alarm in an experiment that is looked at all the time.
#[test]
fn an_experiment_without_effect_is_rarely_called_at_any_look() {
    let mut state = 7_u64;
    let mut coin = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) & 1 == 1
    };
    let (mut always, mut daily) = (0, 0);
    for _ in 0..400 {
        let mut counts = [0_u64; 2];
        let (mut alarm, mut alarm_daily) = (false, false);
        for arrivals in 1..=1000 {
            counts[usize::from(coin())] += 1;
            let result = multinomial_sequence(&counts, &[1.0, 1.0], 2.0).unwrap();
            alarm |= result.p_value < 0.05;
            if arrivals % 20 == 0 {
                // The same at single looks, of a test that is for one.
                let gap = counts[0] as f64 - counts[1] as f64;
                alarm_daily |= gap * gap / f64::from(arrivals) > 3.84;
            }
        }
        always += u32::from(alarm);
        daily += u32::from(alarm_daily);
    }
    // 5 % of 400 is 20, and four standard deviations are 17.
    assert!(always <= 37, "{always} of 400");
    assert!(daily >= 80, "peeking must show in the other test: {daily} of 400");
}
