//! Laws of what is decided before an experiment, and of what is known from before it.

use proptest::prelude::*;
use tidegate_stats::{
    experiment::{
        Alternative, Counts, CovariateSummary, Design, GuardrailOptions, GuardrailVerdict, Harm,
        Looks, SampleSummary, covariate_adjusted, cuped, guardrail, two_means_counts,
        two_means_detectable_effect, two_means_power, two_proportions_counts,
        two_proportions_detectable_rate, two_proportions_power,
    },
    special::noncentral_t_tail,
};

use crate::calibration::Random;

fn design() -> impl Strategy<Value = Design> {
    let alternative = prop_oneof![Just(Alternative::TwoSided), Just(Alternative::Greater)];
    let looks = prop_oneof![
        Just(Looks::Once),
        (1.0..1e6_f64).prop_map(|tuning_count| Looks::Always { tuning_count }),
    ];
    (1e-4..0.3_f64, alternative, looks).prop_map(|(alpha, alternative, looks)| Design {
        alpha,
        alternative,
        looks,
    })
}

fn counts() -> impl Strategy<Value = Counts> {
    (2..5000_u64, 2..5000_u64).prop_map(|(reference, current)| Counts { reference, current })
}

fn units() -> impl Strategy<Value = Vec<(f64, Option<f64>)>> {
    let covariate = prop::option::weighted(0.8, -50.0..50.0_f64);
    prop::collection::vec((-50.0..50.0_f64, covariate), 2..40)
}

fn summary(units: &[(f64, Option<f64>)]) -> CovariateSummary {
    let mut summary = CovariateSummary::default();
    for &(value, covariate) in units {
        summary.push(value, covariate).unwrap();
    }
    summary
}

proptest! {
    #[test]
    fn the_noncentral_tail_is_one_and_falls(
        t in -20.0..20.0_f64,
        step in 1e-3..5.0_f64,
        df in 0.5..1e6_f64,
        delta in -20.0..20.0_f64,
    ) {
        let tail = noncentral_t_tail(t, df, delta).unwrap();
        prop_assert!((0.0..=1.0).contains(&tail));
        prop_assert!(noncentral_t_tail(t + step, df, delta).unwrap() <= tail + 1e-12);
        prop_assert!(noncentral_t_tail(t, df, delta + step).unwrap() >= tail - 1e-12);
        let lower = noncentral_t_tail(-t, df, -delta).unwrap();
        prop_assert!((tail + lower - 1.0).abs() < 1e-11);
    }

    #[test]
    fn any_argument_of_the_noncentral_tail_is_answered_or_refused(
        (t, df, delta) in (prop::num::f64::ANY, prop::num::f64::ANY, prop::num::f64::ANY),
    ) {
        if let Ok(tail) = noncentral_t_tail(t, df, delta) {
            prop_assert!((0.0..=1.0).contains(&tail), "{tail}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn larger_effects_and_more_units_have_more_power(
        counts in counts(),
        (effect, more) in (0.0..2.0_f64, 0.0..2.0_f64),
        design in design(),
    ) {
        let power = two_means_power(effect, counts, &design).unwrap();
        prop_assert!((0.0..=1.0).contains(&power));
        prop_assert!(two_means_power(effect + more, counts, &design).unwrap() >= power - 1e-12);
        let twice = Counts { reference: 2 * counts.reference, current: 2 * counts.current };
        if effect > 0.1 && design.looks == Looks::Once {
            prop_assert!(two_means_power(effect, twice, &design).unwrap() >= power - 1e-9);
        }
        if design.alternative == Alternative::TwoSided {
            let mirror = two_means_power(-effect, counts, &design).unwrap();
            prop_assert!((mirror - power).abs() < 1e-12);
        }
    }

    #[test]
    fn sizes_reach_their_power_and_effects_give_it_back(
        (effect, ratio, power) in (0.05..2.0_f64, 0.2..5.0_f64, 0.5..0.99_f64),
        design in design(),
    ) {
        let counts = two_means_counts(effect, power, ratio, &design).unwrap();
        prop_assert!(two_means_power(effect, counts, &design).unwrap() >= power);
        let least = two_means_detectable_effect(counts, power, &design).unwrap();
        prop_assert!(least <= effect * (1.0 + 1e-9), "{least} {effect}");
    }

    #[test]
    fn rates_too(
        (p, gap, power) in (0.01..0.6_f64, 0.02..0.3_f64, 0.5..0.99_f64),
        ratio in 0.2..5.0_f64,
        design in design(),
    ) {
        let counts = two_proportions_counts(p, p + gap, power, ratio, &design).unwrap();
        prop_assert!(two_proportions_power(p, p + gap, counts, &design).unwrap() >= power);
        let rate = two_proportions_detectable_rate(p, counts, power, &design).unwrap();
        prop_assert!(rate > p && rate <= (p + gap) * (1.0 + 1e-9), "{rate} {}", p + gap);
    }

    #[test]
    fn a_guardrail_is_never_both(
        (n, m) in (2..100_000_u64, 2..100_000_u64),
        (a, b) in (-10.0..10.0_f64, -10.0..10.0_f64),
        (margin, alpha) in (0.0..3.0_f64, 1e-6..0.49_f64),
        decrease in any::<bool>(),
    ) {
        let side = |count, mean| SampleSummary { count, mean, variance: 4.0 };
        let harm = if decrease { Harm::Decrease } else { Harm::Increase };
        let options = GuardrailOptions { harm, margin, alpha, ..Default::default() };
        let result = guardrail(&side(n, a), &side(m, b), &options).unwrap();
        prop_assert!(result.lower_bound < result.harm && result.harm < result.upper_bound);
        prop_assert!(result.harmed_p_value.max(result.safe_p_value) == 1.0, "{result:?}");
        prop_assert_eq!(result.verdict == GuardrailVerdict::Harmed, result.lower_bound > margin);
        prop_assert_eq!(result.verdict == GuardrailVerdict::Safe, result.upper_bound < margin);
    }

    #[test]
    fn merged_summaries_are_those_of_all_units(a in units(), b in units()) {
        let whole = summary(&[a.clone(), b.clone()].concat());
        let mut merged = summary(&a);
        merged.merge(&summary(&b));
        let near = |x: f64, y: f64| (x - y).abs() <= 1e-9 * (1.0 + x.abs());
        prop_assert_eq!(merged.count(), whole.count());
        prop_assert!(near(merged.known.co_moment, whole.known.co_moment));
        prop_assert!(near(merged.known.covariate_m2, whole.known.covariate_m2));
        prop_assert!(near(merged.known.m2, whole.known.m2));
        prop_assert!(near(merged.unknown_m2, whole.unknown_m2));
        prop_assert!(near(merged.unadjusted().mean, whole.unadjusted().mean));
    }

    #[test]
    fn the_covariates_unit_and_offset_do_not_matter(
        (a, b) in (units(), units()),
        (scale, offset) in (0.01..100.0_f64, -100.0..100.0_f64),
    ) {
        let moved = |units: &[(f64, Option<f64>)]| {
            let pair = |&(value, covariate): &(f64, Option<f64>)| {
                (value, covariate.map(|x| scale * x + offset))
            };
            summary(&units.iter().map(pair).collect::<Vec<_>>())
        };
        let plain = covariate_adjusted(&summary(&a), &summary(&b)).unwrap();
        let other = covariate_adjusted(&moved(&a), &moved(&b)).unwrap();
        let near = |x: f64, y: f64| (x - y).abs() <= 1e-7 * (1.0 + x.abs());
        prop_assert!(near(plain.theta, other.theta * scale));
        prop_assert!(near(plain.reference.mean, other.reference.mean));
        prop_assert!(near(plain.current.variance, other.current.variance));
        prop_assert!(plain.variance_reduction_ratio <= 1.0);
        if let Ok(result) = cuped(&summary(&a), &summary(&b), 0.05) {
            prop_assert!((0.0..=1.0).contains(&result.p_value));
        }
    }
}

/// An effect that is not there is called at the level, one that is there with more power.
#[test]
fn cuped_keeps_the_level_and_wins_power() {
    let mut random = Random(3);
    let mut found = [[0_u32; 2]; 2];
    for _ in 0..400 {
        for (index, effect) in [0.0, 0.35].into_iter().enumerate() {
            let mut arm = |extra: f64| {
                let mut arm = CovariateSummary::default();
                for step in 0..100 {
                    let before = random.normal();
                    let value = 2.0 * before + random.normal() + extra;
                    arm.push(value, (step % 10 > 0).then_some(before)).unwrap();
                }
                arm
            };
            let (reference, current) = (arm(0.0), arm(effect));
            let plain = tidegate_stats::experiment::two_means(
                &reference.unadjusted(),
                &current.unadjusted(),
                0.05,
            );
            let adjusted = cuped(&reference, &current, 0.05);
            found[index][0] += u32::from(plain.unwrap().p_value < 0.05);
            found[index][1] += u32::from(adjusted.unwrap().p_value < 0.05);
        }
    }
    // 20 of 400 by chance, with a deviation of 4.4; power 0.2 before and 0.44 after.
    assert!(found[0].iter().all(|count| (5..=38).contains(count)), "{found:?}");
    assert!(found[1][1] > found[1][0] + 50, "{found:?}");
}

/// A rollout without harm is looked at at each hundredth unit, and hardly ever rolled back.
#[test]
fn a_harmless_rollout_is_rarely_rolled_back_at_any_look() {
    let mut random = Random(4);
    let options = GuardrailOptions { alpha: 0.05, tuning_count: 1000.0, ..Default::default() };
    let (mut harmless, mut harmful) = (0, 0);
    for _ in 0..300 {
        let mut rolled_back = |harm: f64| {
            let mut sides = [CovariateSummary::default(); 2];
            (1..=30).any(|_| {
                for _ in 0..50 {
                    sides[0].push(random.normal(), None).unwrap();
                    sides[1].push(random.normal() + harm, None).unwrap();
                }
                let [a, b] = sides.map(|side| side.unadjusted());
                guardrail(&a, &b, &options).unwrap().verdict == GuardrailVerdict::Harmed
            })
        };
        harmless += u32::from(rolled_back(0.0));
        harmful += u32::from(rolled_back(0.2));
    }
    // 5 % of 300 is 15, and four standard deviations are 15.
    assert!(harmless <= 30, "{harmless} of 300");
    assert!(harmful >= 240, "{harmful} of 300");
}
