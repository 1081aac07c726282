//! Laws and rates of the methods on counts.

use proptest::prelude::*;
use tidegate_stats::{
    Decision, EffectFloor, Error, TwoSample, Verdict, cramers_v, fisher_exact, g_test, hellinger,
    kullback_leibler, l_infinity, num, psi, total_variation,
};

type Compare = fn(&[u64], &[u64], &Decision) -> Result<TwoSample, Error>;

const SYMMETRIC: [Compare; 5] = [
    hellinger::two_sample,
    total_variation::two_sample,
    g_test::two_sample,
    cramers_v::two_sample,
    l_infinity::two_sample,
];
const ALL: [(&str, Compare); 6] = [
    ("hellinger", hellinger::two_sample),
    ("total_variation", total_variation::two_sample),
    ("kullback_leibler", kullback_leibler::two_sample),
    ("g_test", g_test::two_sample),
    ("cramers_v", cramers_v::two_sample),
    ("l_infinity", l_infinity::two_sample),
];

fn any_count() -> impl Strategy<Value = u64> {
    prop_oneof![4 => 0..50_u64, 2 => 0..1_000_000_u64, 1 => 0..u64::MAX / 64]
}

fn two_counts() -> impl Strategy<Value = (Vec<u64>, Vec<u64>)> {
    (1..20_usize).prop_flat_map(|bins| {
        let side = || prop::collection::vec(any_count(), bins);
        (side(), side())
    })
}

fn compare(method: Compare, reference: &[u64], current: &[u64]) -> Option<TwoSample> {
    method(reference, current, &Decision::default()).ok()
}

/// Equal but for the roundings of another order of summation.
fn check_near(a: f64, b: f64) -> Result<(), TestCaseError> {
    prop_assert!((a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1e-9), "{a:e} and {b:e}");
    Ok(())
}

proptest! {
    #[test]
    fn counts_always_get_a_verdict(
        (reference, current) in two_counts(),
        alpha in prop_oneof![Just(0.05), 1e-300..1.0_f64],
    ) {
        let is_empty = |counts: &[u64]| counts.iter().all(|&count| count == 0);
        let decision = Decision { alpha, ..Decision::default() };
        for (name, method) in ALL {
            let Ok(result) = method(&reference, &current, &decision) else {
                prop_assert!(is_empty(&reference) || is_empty(&current), "{name}");
                continue;
            };
            for number in [result.statistic, result.effect, result.detectable_effect] {
                prop_assert!(number.is_finite() && number >= 0.0, "{name}: {result:?}");
            }
            prop_assert!(result.threshold.is_finite(), "{name}: {result:?}");
            prop_assert!(result.p_value.is_none_or(|p| (0.0..=1.0).contains(&p)), "{result:?}");
            if name != "kullback_leibler" {
                prop_assert!(result.effect <= 1.0, "{name}: {result:?}");
            }
            prop_assert_eq!(decision.judge(&result, None), result.verdict);
        }
    }

    #[test]
    fn the_order_of_bins_does_not_matter((reference, current) in two_counts()) {
        let reversed = |counts: &[u64]| counts.iter().rev().copied().collect::<Vec<_>>();
        for (_, method) in ALL {
            let Some(one) = compare(method, &reference, &current) else { continue };
            let other = compare(method, &reversed(&reference), &reversed(&current)).unwrap();
            check_near(one.effect, other.effect)?;
            check_near(one.detectable_effect, other.detectable_effect)?;
        }
    }

    #[test]
    fn all_but_kullback_leibler_are_symmetric((reference, current) in two_counts()) {
        for method in SYMMETRIC {
            let Some(there) = compare(method, &reference, &current) else { continue };
            let back = compare(method, &current, &reference).unwrap();
            check_near(there.statistic, back.statistic)?;
            check_near(there.effect, back.effect)?;
        }
    }

    #[test]
    fn both_directions_of_kullback_leibler_are_the_index((reference, current) in two_counts()) {
        let Some(there) = compare(kullback_leibler::two_sample, &reference, &current) else {
            return Ok(());
        };
        let back = compare(kullback_leibler::two_sample, &current, &reference).unwrap();
        let index = compare(psi::two_sample, &reference, &current).unwrap();
        check_near(there.effect + back.effect, index.effect)?;
    }

    #[test]
    fn a_sample_does_not_differ_from_itself((counts, _) in two_counts()) {
        for (name, method) in ALL {
            let Some(result) = compare(method, &counts, &counts) else { continue };
            prop_assert!(result.effect == 0.0, "{name}: {result:?}");
        }
    }

    #[test]
    fn distances_keep_their_inequalities((reference, current) in two_counts()) {
        let Some(hellinger) = compare(hellinger::two_sample, &reference, &current) else {
            return Ok(());
        };
        let h = hellinger.effect;
        let variation = compare(total_variation::two_sample, &reference, &current).unwrap().effect;
        let nats = kullback_leibler::unsmoothed(&reference, &current).unwrap();
        let close = 1.0 + 1e-12;
        prop_assert!(h * h <= variation * close && variation <= num::sqrt(2.0) * h * close);
        // Pinsker's.
        prop_assert!(variation <= num::sqrt(nats / 2.0) * close);
        prop_assert!(2.0 * h * h <= nats * close);
        let largest = l_infinity::largest_change(&reference, &current).unwrap();
        prop_assert!(largest.difference <= variation * close);
        prop_assert!(largest.index < reference.len());
    }

    #[test]
    fn fishers_p_value_is_a_symmetric_probability(
        (a, b, c, d) in (0..300_u64, 0..300_u64, 0..300_u64, 0..300_u64),
    ) {
        prop_assume!(a + c > 0 && b + d > 0);
        let p_value = |reference, current| fisher_exact::test(reference, current).unwrap().p_value;
        let p = p_value([a, c], [b, d]);
        prop_assert!(p > 0.0 && p <= 1.0);
        for other in [p_value([b, d], [a, c]), p_value([c, a], [d, b])] {
            prop_assert!((other / p - 1.0).abs() < 1e-11, "{p:e} {other:e}");
        }
    }

    #[test]
    fn merging_two_bins_never_adds_a_distance((reference, current) in two_counts()) {
        prop_assume!(reference.len() > 1);
        let merged = |counts: &[u64]| {
            let mut merged = counts[1..].to_vec();
            merged[0] += counts[0];
            merged
        };
        for method in [hellinger::two_sample, total_variation::two_sample] {
            let Some(fine) = compare(method, &reference, &current) else { continue };
            let coarse = compare(method, &merged(&reference), &merged(&current)).unwrap();
            prop_assert!(coarse.effect <= fine.effect * (1.0 + 1e-12) + 1e-15);
        }
    }
}

const RUNS: u32 = 250;
/// Sizes of the reference and of the current sample.
const SIZES: [(u32, u32); 5] = [(50, 50), (200, 200), (1000, 1000), (1000, 50), (50, 1000)];

/// SplitMix64: the same stream everywhere.
struct Random(u64);

impl Random {
    /// Uniform in (0, 1).
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        ((bits >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Counts of a sample of this size over categories with these shares.
    fn counts(&mut self, size: u32, shares: &[f64]) -> Vec<u64> {
        let mut counts = vec![0; shares.len()];
        let mut above = 0.0;
        let ends: Vec<f64> = shares
            .iter()
            .map(|share| {
                above += share;
                above
            })
            .collect();
        for _ in 0..size {
            let at = self.uniform() * above;
            counts[ends.partition_point(|end| *end <= at).min(shares.len() - 1)] += 1;
        }
        counts
    }
}

/// Shares that columns have: even, falling, one that rules, many rare ones.
fn shapes() -> [(&'static str, Vec<f64>); 6] {
    [
        ("two even", vec![1.0; 2]),
        ("one in fifty", vec![49.0, 1.0]),
        ("ten even", vec![1.0; 10]),
        ("falling", (1..=12).map(|rank| 1.0 / f64::from(rank)).collect()),
        ("one rules", [vec![60.0], vec![1.0; 20]].concat()),
        ("eighty even", vec![1.0; 80]),
    ]
}

/// How many runs had the verdict, by method.
fn count(
    sizes: (u32, u32),
    shares: [&[f64]; 2],
    decision: &Decision,
    verdict: Verdict,
) -> [u32; ALL.len()] {
    let mut random = Random(21);
    let mut counts = [0; ALL.len()];
    for _ in 0..RUNS {
        let reference = random.counts(sizes.0, shares[0]);
        let current = random.counts(sizes.1, shares[1]);
        for (count, (_, method)) in counts.iter_mut().zip(ALL) {
            let result = method(&reference, &current, decision).unwrap();
            *count += u32::from(result.verdict == verdict);
        }
    }
    counts
}

fn without_floor() -> Decision {
    let effect_floor = EffectFloor {
        hellinger: 0.0,
        total_variation: 0.0,
        kullback_leibler: 0.0,
        g_test: 0.0,
        cramers_v: 0.0,
        l_infinity: 0.0,
        ..EffectFloor::default()
    };
    Decision { effect_floor, ..Decision::default() }
}

#[test]
fn without_drift_no_method_alarms_more_often_than_alpha() {
    // With no floor, only chance stands between a sample and an alarm. Four deviations above the mean of
    // a binomial count are passed once in about 30 000 times.
    let mean = 0.05 * f64::from(RUNS);
    let allowed = (mean + 4.0 * num::sqrt(mean * 0.95)).ceil() as u32;
    for (shape, shares) in shapes() {
        for sizes in SIZES {
            let found = count(sizes, [&shares, &shares], &without_floor(), Verdict::Drift);
            for ((method, _), alarms) in ALL.into_iter().zip(found) {
                assert!(
                    alarms <= allowed,
                    "{method}, {shape}, {sizes:?}: {alarms} of {RUNS}, at most {allowed}"
                );
            }
        }
    }
}

#[test]
fn on_well_filled_bins_no_method_is_blunt() {
    // At least one alarm in a hundred, of the five that alpha allows.
    let even = [1.0; 10];
    let found = count((1000, 1000), [&even, &even], &without_floor(), Verdict::Drift);
    for ((method, _), alarms) in ALL.into_iter().zip(found) {
        assert!(alarms * 100 >= RUNS, "{method}: {alarms} of {RUNS}");
    }
}

#[test]
fn a_fifth_of_the_rows_that_moves_is_found() {
    let (before, after) = ([0.4, 0.3, 0.2, 0.1], [0.2, 0.3, 0.2, 0.3]);
    for sizes in [(200, 200), (1000, 200)] {
        let found = count(sizes, [&before, &after], &Decision::default(), Verdict::Drift);
        for ((method, _), found) in ALL.into_iter().zip(found) {
            assert!(found * 10 >= RUNS * 8, "{method}, {sizes:?}: {found} of {RUNS}");
        }
    }
}

#[test]
fn without_drift_fishers_test_alarms_no_more_often_than_alpha() {
    let decision = without_floor();
    for share in [0.5, 0.03] {
        for (n, m) in SIZES {
            let mut random = Random(22);
            let mut alarms = 0;
            for _ in 0..RUNS {
                let [reference, current] =
                    [n, m].map(|size| random.counts(size, &[share, 1.0 - share]));
                let result = fisher_exact::two_sample(&reference, &current, &decision).unwrap();
                alarms += u32::from(result.p_value.unwrap() <= decision.alpha);
            }
            assert!(alarms <= 27, "{share}, {n}, {m}: {alarms} of {RUNS}");
        }
    }
}
