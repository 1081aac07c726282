//! Laws of what a decision is made from.

use proptest::prelude::*;
use tidegate_stats::{Decision, chi_square, cramers_v};

fn two_counts() -> impl Strategy<Value = (Vec<u64>, Vec<u64>)> {
    (1..14_usize).prop_flat_map(|bins| {
        let side = || prop::collection::vec(prop_oneof![0..40_u64, 0..1_000_000_u64], bins);
        (side(), side())
    })
}

proptest! {
    #[test]
    fn two_sample_on_quantiles_is_pearsons_while_the_reference_is_not_small(
        (reference, current) in two_counts(),
    ) {
        let decision = Decision::default();
        let total = |counts: &[u64]| counts.iter().sum::<u64>();
        prop_assume!(total(&reference) > 0 && total(&current) > 0);
        let own = chi_square::two_sample_on_quantiles(&reference, &current, &decision).unwrap();
        let plain = chi_square::two_sample(&reference, &current, &decision).unwrap();
        prop_assert!(own.statistic >= 0.0 && (0.0..=1.0).contains(&own.p_value.unwrap()));
        prop_assert_eq!((own.effect, own.detectable_effect), (plain.effect, plain.detectable_effect));
        if total(&current) <= 2 * total(&reference) {
            let near = (own.statistic - plain.statistic).abs();
            prop_assert!(near <= 1e-9 * plain.statistic.max(1e-9), "{own:?} {plain:?}");
        }
        let v = cramers_v::two_sample_on_quantiles(&reference, &current, &decision).unwrap();
        prop_assert_eq!((v.effect, v.p_value), (own.effect, own.p_value));
    }
}
