//! Laws of the assignment of units to variants.

use proptest::prelude::*;
use tidegate_stats::experiment::bucketing::{
    BucketRange, HashVersion, bucket, bucket_ranges, choose_variation, fnv1a_32, in_namespace,
};

fn weights() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(0.0..1.0_f64, 1..8).prop_map(|parts| {
        let whole: f64 = parts.iter().sum::<f64>().max(f64::MIN_POSITIVE);
        parts.iter().map(|part| part / whole).collect()
    })
}

proptest! {
    #[test]
    fn a_unit_is_in_the_first_range_that_contains_it(
        bounds in prop::collection::vec((0.0..1.0_f64, 0.0..1.0_f64), 1..6), at in 0.0..1.0_f64,
    ) {
        let ranges: Vec<BucketRange> = bounds.iter().map(|&(a, b)| [a, b].into()).collect();
        let first = ranges.iter().position(|range| range.contains(at));
        prop_assert_eq!(choose_variation(at, &ranges), first);
        for range in &ranges {
            // A half-open interval: its start is in it, unless it is empty, and its end is not.
            prop_assert_eq!(range.contains(range.start), range.start < range.end);
            prop_assert!(!range.contains(range.end));
        }
    }

    #[test]
    fn a_bucket_is_on_its_line(seed in ".{0,12}", unit in ".{0,12}") {
        for (version, steps) in [(HashVersion::V1, 1000.0), (HashVersion::V2, 10_000.0)] {
            let at = bucket(&seed, &unit, version);
            prop_assert!((0.0..1.0).contains(&at));
            prop_assert!(((at * steps).round() / steps - at).abs() < 1e-15);
        }
        // Version 1 knows only the two together.
        let together = fnv1a_32(format!("{unit}{seed}").encode_utf16());
        let at = bucket(&seed, &unit, HashVersion::V1);
        prop_assert_eq!(f64::from(together % 1000) / 1000.0, at);
        prop_assert_eq!(at, bucket("", &format!("{unit}{seed}"), HashVersion::V1));
    }

    #[test]
    fn more_coverage_changes_nobodys_variant(
        weights in weights(),
        (less, more) in (0.0..1.0_f64, 0.0..1.0_f64),
        at in 0.0..1.0_f64,
    ) {
        let chosen = |coverage: f64| {
            choose_variation(at, &bucket_ranges(weights.len(), coverage, &weights).unwrap())
        };
        let (before, after) = (chosen(less.min(more)), chosen(less.max(more)));
        prop_assert!(before.is_none() || before == after, "{before:?} {after:?}");
        prop_assert!(chosen(1.0).is_some() || at > 0.99, "all are covered but for rounding");
    }

    #[test]
    fn ranges_do_not_meet(variants in 0..12_usize, coverage in prop::num::f64::ANY, weights in weights()) {
        prop_assume!(!coverage.is_nan());
        let ranges = bucket_ranges(variants, coverage, &weights).unwrap();
        prop_assert_eq!(ranges.len(), variants);
        prop_assert!(ranges.iter().all(|range| range.start <= range.end));
        prop_assert!(ranges.windows(2).all(|pair| pair[0].end <= pair[1].start + 1e-15));
    }

    #[test]
    fn experiments_apart_in_a_namespace_share_no_unit(
        unit in ".{0,12}",
        namespace in ".{0,12}",
        bound in 0.0..=1.0_f64,
    ) {
        let below = in_namespace(&unit, &namespace, [0.0, bound].into());
        let above = in_namespace(&unit, &namespace, [bound, 1.0].into());
        prop_assert!(below != above);
    }
}

/// Within four standard deviations of the planned shares, and of independence between experiments.
#[test]
fn units_split_as_planned_and_anew_in_each_experiment() {
    let ranges = bucket_ranges(2, 1.0, &[]).unwrap();
    let mut counts = [[0_u32; 2]; 2];
    for unit in 0..20_000_u32 {
        let variant = |seed: &str| {
            let at = bucket(seed, &format!("user-{unit}"), HashVersion::V2);
            choose_variation(at, &ranges).unwrap()
        };
        counts[variant("checkout")][variant("pricing")] += 1;
    }
    // Of 20 000 a quarter is 5000, and its deviation is 61.
    assert!(counts.as_flattened().iter().all(|count| count.abs_diff(5000) < 245), "{counts:?}");
}
