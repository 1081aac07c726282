//! Laws of the signals, and how often they are wrong where nothing changed.

use proptest::prelude::*;
use tidegate_stats::Verdict;
use tidegate_stats::signal::{
    Signal, SignalRule, missing_rate, new_and_vanished_categories, new_categories, out_of_range,
    unseen_mass, vanished_categories,
};

use crate::sketch::Uniform;

const RULE: SignalRule = SignalRule { alpha: 0.05, share_floor: 0.02 };

/// Of so many streams 50 may be significant; 75 once in some thousand runs.
const STREAMS: u64 = 1000;
const MOST: usize = 75;

fn is_sound(signal: &Signal) -> bool {
    let shares = [
        signal.share,
        signal.expected_share,
        signal.p_value,
        signal.effect,
        signal.detectable_effect,
        signal.interval.lower,
        signal.interval.upper,
    ];
    shares.iter().all(|share| (0.0..=1.0).contains(share))
        && signal.interval.lower <= signal.share
        && signal.share <= signal.interval.upper
        && (signal.verdict != Verdict::Drift || signal.p_value <= signal.threshold)
        && RULE.judge(signal, None) == signal.verdict
        && RULE.judge(signal, Some(1.0)) != Verdict::Drift
}

/// Rows by category, of which there are many, with shares that fall as their squares do.
fn categories(uniform: &mut Uniform, rows: usize) -> Vec<u64> {
    let mut counts = vec![0; 400];
    for _ in 0..rows {
        let category = (1.0 / (uniform.next() + 1.0 / 400.0)) as usize;
        counts[category.min(399)] += 1;
    }
    counts
}

#[test]
fn where_nothing_changed_signals_are_rarer_than_alpha() {
    for sizes in [[50, 50], [50, 500], [400, 60], [300, 300]] {
        let mut alarms = [0; 4];
        let mut beyond = 0;
        for seed in 0..STREAMS {
            let mut uniform = Uniform(seed.wrapping_mul(0x1234_5678_9abc_def1) ^ 0x77);
            let [reference, current] = sizes.map(|rows| categories(&mut uniform, rows));
            let new = new_categories(&reference, &current, &RULE).unwrap();
            let vanished = vanished_categories(&reference, &current, &RULE).unwrap();
            beyond += usize::from(new.share > unseen_mass(&reference, 0.05).unwrap().upper);

            let [reference, current] =
                sizes.map(|rows| (0..rows).map(|_| uniform.next()).collect::<Vec<f64>>());
            let low = reference.iter().copied().fold(f64::INFINITY, f64::min);
            let high = reference.iter().copied().fold(0.0, f64::max);
            let count =
                |is: &dyn Fn(f64) -> bool| current.iter().filter(|v| is(**v)).count() as u64;
            let outside = [count(&|value| value < low), count(&|value| value > high)];
            let [n, m] = sizes.map(|rows| rows as u64);
            let outside = out_of_range(n, outside, m, &RULE).unwrap();

            let [one, other] = [&reference, &current].map(|values| {
                let missing = values.iter().filter(|value| **value < 0.1).count() as u64;
                [values.len() as u64 - missing, missing]
            });
            let missing = missing_rate(one, other, &RULE).unwrap();
            for (alarms, signal) in alarms.iter_mut().zip([new, vanished, outside, missing]) {
                assert!(is_sound(&signal), "{signal:?}");
                *alarms += usize::from(signal.p_value <= 0.05);
            }
        }
        assert!(alarms.iter().all(|count| *count <= MOST), "{sizes:?}: {alarms:?} of {STREAMS}");
        assert!(beyond <= MOST, "{sizes:?}: {beyond}");
    }
}

/// What a bounded count keeps of categories: those of the reference, of the others so many, and the rest as one count.
fn part_of(reference: &[u64], current: &[u64], kept: usize) -> ([Vec<u64>; 2], u64) {
    let is_new = |place: &usize| reference[*place] == 0 && current[*place] > 0;
    let left_out: Vec<usize> = (0..reference.len()).filter(is_new).skip(kept).collect();
    let unnamed = left_out.iter().map(|place| current[*place]).sum();
    let named = |counts: &[u64]| {
        let named = (0..counts.len()).filter(|place| !left_out.contains(place));
        named.map(|place| counts[place]).collect()
    };
    ([named(reference), named(current)], unnamed)
}

#[test]
fn where_nothing_changed_rows_without_names_are_no_signal() {
    for sizes in [[50, 50], [50, 500], [400, 60], [300, 300]] {
        for kept in [0, 3] {
            let mut alarms = [0; 2];
            for seed in 0..STREAMS {
                let mut uniform = Uniform(seed.wrapping_mul(0x1234_5678_9abc_def1) ^ 0xbb);
                let [reference, current] = sizes.map(|rows| categories(&mut uniform, rows));
                let ([one, other], unnamed) = part_of(&reference, &current, kept);
                let both = new_and_vanished_categories(&one, &other, unnamed, &RULE).unwrap();
                for (alarms, signal) in alarms.iter_mut().zip(both) {
                    assert!(is_sound(&signal), "{signal:?}");
                    *alarms += usize::from(signal.p_value <= 0.05);
                }
            }
            assert!(alarms.iter().all(|count| *count <= MOST), "{sizes:?} {kept}: {alarms:?}");
        }
    }
}

/// A law without slack is one whose p-values are uniform, up to their steps.
#[test]
fn the_law_of_the_range_is_exact() {
    let mut at_most = [0; 3];
    let bounds = [1, 2, 4].map(|count| out_of_range(40, [count, 0], 40, &RULE).unwrap().p_value);
    for seed in 0..4 * STREAMS {
        let mut uniform = Uniform(seed.wrapping_mul(0x1234_5678_9abc_def1) ^ 0x99);
        let reference: Vec<f64> = (0..40).map(|_| uniform.next()).collect();
        let low = reference.iter().copied().fold(f64::INFINITY, f64::min);
        let high = reference.iter().copied().fold(0.0, f64::max);
        let outside = (0..40).map(|_| uniform.next()).filter(|v| *v < low || *v > high).count();
        for (count, least) in at_most.iter_mut().zip([1, 2, 4]) {
            *count += usize::from(outside >= least);
        }
    }
    for (count, p) in at_most.iter().zip(bounds) {
        let streams = 4.0 * STREAMS as f64;
        let deviation = (p * (1.0 - p) / streams).sqrt();
        assert!((*count as f64 / streams - p).abs() < 4.0 * deviation, "{count} {p}");
    }
}

#[test]
fn what_changed_is_found() {
    let mut uniform = Uniform(5);
    let reference = categories(&mut uniform, 1000);
    let mut current = categories(&mut uniform, 1000);
    current.push(60);
    let reference = [&reference[..], &[0]].concat();
    let signal = new_categories(&reference, &current, &RULE).unwrap();
    assert_eq!(signal.verdict, Verdict::Drift, "{signal:?}");
    let signal = vanished_categories(&current, &reference, &RULE).unwrap();
    assert_eq!(signal.verdict, Verdict::Drift, "{signal:?}");
}

proptest! {
    #[test]
    fn any_counts_give_shares_or_an_error(
        counts in prop::collection::vec((any::<u64>(), any::<u64>(), 0..64_u32, 0..64_u32), 0..20),
        pair in (any::<u64>(), any::<u64>(), any::<u64>(), 0..64_u32),
    ) {
        let (reference, current): (Vec<u64>, Vec<u64>) = counts
            .into_iter()
            .map(|(a, b, shift, other_shift)| (a >> shift, b >> other_shift))
            .unzip();
        for signal in [
            new_categories(&reference, &current, &RULE),
            vanished_categories(&reference, &current, &RULE),
        ].into_iter().flatten() {
            prop_assert!(is_sound(&signal), "{:?}", signal);
        }
        if let Ok(mass) = unseen_mass(&reference, 0.05) {
            prop_assert!(0.0 <= mass.estimate && mass.estimate <= mass.upper && mass.upper <= 1.0);
        }
        let (a, b, c, shift) = pair;
        let [a, b, c] = [a, b, c].map(|count| count >> shift);
        if let Ok(signal) = out_of_range(a, [b, c], b.saturating_add(c), &RULE) {
            prop_assert!(is_sound(&signal), "{:?}", signal);
        }
        if let Ok(signal) = out_of_range(a, [b / 2, 0], b, &RULE) {
            prop_assert!(is_sound(&signal), "{:?}", signal);
        }
    }

    #[test]
    fn names_that_are_left_out_never_make_a_signal_surer(
        counts in prop::collection::vec((0..40_u64, 0..40_u64), 1..20), kept in 0..4_usize,
    ) {
        let (mut reference, mut current): (Vec<u64>, Vec<u64>) = counts.into_iter().unzip();
        reference.push(5);
        current.push(5);
        let ([one, other], unnamed) = part_of(&reference, &current, kept);
        let part = new_and_vanished_categories(&one, &other, unnamed, &RULE).unwrap();
        let whole = [
            new_categories(&reference, &current, &RULE).unwrap(),
            vanished_categories(&reference, &current, &RULE).unwrap(),
        ];
        for (part, whole) in part.iter().zip(whole) {
            prop_assert!(is_sound(part));
            prop_assert_eq!(part.share, whole.share);
            prop_assert!(part.p_value >= whole.p_value * (1.0 - 1e-9), "{:?} {:?}", part, whole);
            prop_assert!(part.expected_share >= whole.expected_share * (1.0 - 1e-12));
        }
        if unnamed == 0 {
            prop_assert_eq!(part, whole);
        }
    }

    #[test]
    fn missing_rates_are_symmetric_and_of_counts(a in 0..2000_u64, b in 0..90_u64, c in 1..2000_u64, d in 0..90_u64) {
        prop_assume!(a + b > 0);
        let one = missing_rate([a, b], [c, d], &RULE).unwrap();
        let other = missing_rate([c, d], [a, b], &RULE).unwrap();
        prop_assert!(is_sound(&one) && is_sound(&other));
        prop_assert_eq!(one.effect, other.effect);
        prop_assert!((one.p_value / other.p_value - 1.0).abs() < 1e-9);
        // What is missing and what is not change by as much.
        let turned = missing_rate([b, a], [d, c], &RULE).unwrap();
        prop_assert!((one.effect - turned.effect).abs() < 1e-12);
    }

    #[test]
    fn more_outside_is_never_likelier(n in 1..400_u64, m in 1..400_u64) {
        let mut last = f64::INFINITY;
        for count in 0..=m {
            let signal = out_of_range(n, [0, count], m, &RULE).unwrap();
            prop_assert!(is_sound(&signal) && signal.p_value <= last * (1.0 + 1e-12));
            last = signal.p_value;
        }
    }

    #[test]
    fn the_order_of_categories_is_nothing(
        counts in prop::collection::vec((0..30_u64, 0..30_u64), 2..12),
    ) {
        let (mut reference, mut current): (Vec<u64>, Vec<u64>) =
            counts.into_iter().chain([(1, 1)]).unzip();
        let signal = new_categories(&reference, &current, &RULE).unwrap();
        reference.reverse();
        current.reverse();
        prop_assert_eq!(new_categories(&reference, &current, &RULE).unwrap(), signal);
        // Categories that are nowhere are nothing.
        let padded = |counts: &[u64]| [counts, &[0, 0]].concat();
        let padded = new_categories(&padded(&reference), &padded(&current), &RULE).unwrap();
        prop_assert_eq!(padded, signal);
    }
}
