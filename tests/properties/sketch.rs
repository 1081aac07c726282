//! Laws of the sketches: what merging and encoding may change, and what any bytes may do.

use proptest::prelude::*;
use tidegate_stats::{
    Sorted,
    bins::Edges,
    sketch::{FrequentItems, Histogram, Hll, Kll},
};

/// A seeded stream of numbers in `[0, 1)`.
pub struct Uniform(pub u64);

impl Uniform {
    pub fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn sketch(k: u16, values: &[f64]) -> Kll {
    let mut sketch = Kll::try_new(k).unwrap();
    sketch.extend(values.iter().copied());
    sketch
}

/// The largest error of the rank of any value.
fn largest_rank_error(sketch: &Kll, values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    largest_rank_error_of(sketch, &sorted)
}

/// The same where the values ascend.
fn largest_rank_error_of(sketch: &Kll, sorted: &[f64]) -> f64 {
    let count = sorted.len() as f64;
    let mut worst = 0.0_f64;
    let mut below = 0.0;
    for (value, cumulative) in sketch.weighted() {
        // The sketch's function is flat up to an item, and steps at it.
        let under = sorted.partition_point(|v| *v < value) as f64 / count;
        let at = sorted.partition_point(|v| *v <= value) as f64 / count;
        let rank = cumulative as f64 / count;
        worst = worst.max((under - below).abs()).max((at - rank).abs());
        below = rank;
    }
    worst
}

fn values() -> impl Strategy<Value = Vec<f64>> {
    let value = prop_oneof![-5.0..5.0_f64, (0..4_i32).prop_map(f64::from), -1e300..1e300_f64];
    prop::collection::vec(value, 0..600)
}

/// Of 200 streams of each kind, how many have a larger error than stated: 2 expected, and beyond 8 once
/// in a thousand runs.
#[test]
fn ranks_are_within_the_stated_error_in_99_of_100_streams() {
    for k in [20, 100] {
        let mut beyond = [0; 4];
        for seed in 0..200_u64 {
            let mut uniform = Uniform(seed.wrapping_mul(0x1234_5678_9abc_def1));
            let random: Vec<f64> = (0..2500).map(|_| uniform.next()).collect();
            let rounded: Vec<f64> = random.iter().map(|v| (v * 50.0).floor()).collect();
            let mut rising = random.clone();
            rising.sort_unstable_by(f64::total_cmp);
            let rising_rounded: Vec<f64> = rising.iter().map(|v| (v * 50.0).floor()).collect();
            let mut shards = Kll::try_new(k).unwrap();
            for shard in random.chunks(100) {
                shards.merge(&sketch(k, shard)).unwrap();
            }
            let made = [
                (sketch(k, &random), &rising),
                (sketch(k, &rounded), &rising_rounded),
                (sketch(k, &rising), &rising),
                (shards, &rising),
            ];
            for (beyond, (sketch, sorted)) in beyond.iter_mut().zip(&made) {
                *beyond += usize::from(largest_rank_error_of(sketch, sorted) > sketch.rank_error());
            }
        }
        assert!(beyond.iter().all(|count| *count <= 8), "k = {k}: {beyond:?} of 200");
    }
}

fn distinct(lg_k: u8, items: &[i64]) -> Hll {
    let mut sketch = Hll::try_new(lg_k).unwrap();
    items.iter().for_each(|item| sketch.push_integer(*item));
    sketch
}

/// Of 200 streams a sketch's relative error has the stated standard deviation, within a quarter, and no
/// bias beyond a fifth of it; in order, and after merging shards.
#[test]
fn distinct_counts_err_as_stated() {
    for count in [400_i64, 3000, 8000] {
        for is_merged in [false, true] {
            let mut errors = Vec::new();
            let mut stated = 0.0;
            for seed in 0..200 {
                let items: Vec<i64> = (0..count).map(|item| item + seed * 1_000_000).collect();
                let mut sketch = distinct(9, if is_merged { &[] } else { &items });
                if is_merged {
                    // Halves that overlap.
                    let third = items.len() / 3;
                    sketch.merge(&distinct(10, &items[..2 * third]));
                    sketch.merge(&distinct(9, &items[third..]));
                }
                stated = sketch.relative_error();
                errors.push(sketch.estimate() / count as f64 - 1.0);
            }
            let mean = errors.iter().sum::<f64>() / 200.0;
            let deviation = (errors.iter().map(|e| e * e).sum::<f64>() / 200.0).sqrt();
            assert!(mean.abs() < 0.2 * stated, "{count} {is_merged}: bias {mean}, {stated} stated");
            assert!(deviation < 1.25 * stated, "{count} {is_merged}: {deviation}, {stated} stated");
        }
    }
}

fn items() -> impl Strategy<Value = Vec<(i64, u64)>> {
    prop::collection::vec((-40..40_i64, 1..9_u64), 0..200)
}

fn counted(lg_max: u8, items: &[(i64, u64)]) -> FrequentItems<i64> {
    let mut sketch = FrequentItems::try_new(lg_max).unwrap();
    items.iter().for_each(|(item, count)| sketch.push(item, *count));
    sketch
}

proptest! {
    #[test]
    fn a_sketch_is_exact_while_all_values_fit(count in 0..500_usize) {
        let values: Vec<f64> = (0..count).map(|index| (index * 7 % 501) as f64).collect();
        let sketch = sketch(200, &values);
        prop_assert_eq!(sketch.is_exact(), sketch.rank_error() == 0.0);
        if count <= 200 {
            prop_assert!(sketch.is_exact());
            let exact = Edges::deciles(&Sorted::try_new(values.clone()).unwrap());
            prop_assert_eq!(sketch.counts(&exact), exact.count(&values));
        }
        let deciles = sketch.deciles();
        prop_assert_eq!(sketch.counts(&deciles).iter().sum::<u64>(), count as u64);
    }

    #[test]
    fn every_value_is_in_a_bin_or_outside(values in prop::collection::vec(-3.0..3.0_f64, 0..60)) {
        let mut histogram = Histogram::try_new([-1.0, 1.0], 7).unwrap();
        values.iter().for_each(|value| histogram.push(*value));
        let [below, above] = histogram.outside();
        prop_assert_eq!(below, values.iter().filter(|value| **value < -1.0).count() as u64);
        prop_assert_eq!(above, values.iter().filter(|value| **value > 1.0).count() as u64);
        prop_assert_eq!(histogram.bins().iter().sum::<u64>() + below + above, values.len() as u64);
    }

    #[test]
    fn what_was_seen_before_changes_no_distinct_count(
        texts in prop::collection::vec("[a-z]{0,4}", 0..40),
        numbers in prop::collection::vec(prop::num::f64::ANY, 0..40),
    ) {
        let push = |sketch: &mut Hll| {
            texts.iter().for_each(|text| sketch.push_text(text));
            numbers.iter().for_each(|number| sketch.push_number(*number));
        };
        let mut once = Hll::try_new(12).unwrap();
        push(&mut once);
        let mut twice = once.clone();
        push(&mut twice);
        prop_assert_eq!(&once, &twice);
        prop_assert_eq!(once.is_empty(), once.estimate() == 0.0);
    }

    #[test]
    fn distinct_items_are_merged_as_if_pushed(
        a in prop::collection::vec(0..2000_i64, 0..1200),
        b in prop::collection::vec(0..2000_i64, 0..1200),
        lg_k in 4..13_u8,
    ) {
        let all = distinct(lg_k, &[&a[..], &b[..]].concat());
        let (a, b) = (distinct(lg_k, &a), distinct(lg_k, &b));
        let merged = |mut one: Hll, other: &Hll| { one.merge(other); one };
        let (one, other) = (merged(a.clone(), &b), merged(b, &a));
        // The order of updates is no part of the registers, and half of the bytes after them.
        let registers = |sketch: &Hll| sketch.encode().get(40..).map(<[u8]>::to_vec);
        prop_assert_eq!(registers(&one), registers(&all));
        prop_assert_eq!(registers(&other), registers(&all));
        let bound = 6.0 * all.relative_error().max(0.02);
        prop_assert!((one.estimate() / all.estimate().max(1.0) - 1.0).abs() < bound || one.is_empty());
        prop_assert_eq!(Hll::decode(&one.encode()).unwrap(), one);
        prop_assert!(all.encode().len() <= Hll::max_encoded_bytes(lg_k));
        prop_assert!(all.estimated_size_bytes() <= 100 + 2 * Hll::max_encoded_bytes(lg_k));
    }

    #[test]
    fn bounds_hold_for_every_item_however_merged(a in items(), b in items(), lg_max in 3..7_u8) {
        let mut merged = counted(lg_max, &a);
        merged.merge(&counted(lg_max, &b));
        let all = [a, b].concat();
        for sketch in [counted(lg_max, &all), merged] {
            let total: u64 = all.iter().map(|(_, count)| count).sum();
            prop_assert_eq!(sketch.total(), total);
            prop_assert!(sketch.maximum_error() as f64 <= total as f64 / (0.375 * f64::from(1 << lg_max)));
            for item in -40..40 {
                let count: u64 = all.iter().filter(|(i, _)| *i == item).map(|(_, count)| count).sum();
                let bounds = sketch.bounds(&item);
                prop_assert!(bounds.lower <= count && count <= bounds.upper);
                let is_named = sketch.frequent().iter().any(|(named, _)| **named == item);
                prop_assert!(is_named || count <= sketch.maximum_error());
            }
            let bytes = sketch.encode();
            prop_assert!(bytes.len() <= FrequentItems::<i64>::max_encoded_bytes(lg_max, 8));
            prop_assert!(sketch.frequent().len() <= sketch.capacity());
            prop_assert!(sketch.estimated_size_bytes() <= 100 + 64 * sketch.capacity());
            prop_assert_eq!(FrequentItems::decode(&bytes).unwrap(), sketch);
        }
    }

    #[test]
    fn histograms_merge_exactly_and_quantiles_are_within_a_bin(
        a in prop::collection::vec(-0.2..1.2_f64, 0..80),
        b in prop::collection::vec(-0.2..1.2_f64, 1..80),
        bins in 1..40_usize,
    ) {
        let of = |values: &[f64]| {
            let mut histogram = Histogram::try_new([0.0, 1.0], bins).unwrap();
            values.iter().for_each(|value| histogram.push(*value));
            histogram
        };
        let mut merged = of(&a);
        merged.merge(&of(&b)).unwrap();
        let mut all = [a, b].concat();
        prop_assert_eq!(&merged, &of(&all));
        prop_assert_eq!((merged.count(), merged.range()), (all.len() as u64, [0.0, 1.0]));
        prop_assert!(merged.estimated_size_bytes() < 1000);
        all.sort_by(f64::total_cmp);
        for step in 1..20 {
            let q = f64::from(step) / 20.0;
            let exact = all[((q * all.len() as f64).ceil() as usize).clamp(1, all.len()) - 1];
            let quantile = merged.quantile(q).unwrap();
            prop_assert!((quantile - exact.clamp(0.0, 1.0)).abs() <= 1.0 / bins as f64 + 1e-9);
        }
    }

    #[test]
    fn any_bytes_of_other_sketches_are_decoded_or_refused(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        count in 0..400_i64, lg in 4..9_u8,
        changes in prop::collection::vec((0..64_usize, any::<u8>()), 0..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut texts = FrequentItems::<String>::try_new(lg).unwrap();
        (0..count).for_each(|item| texts.push(format!("{}", item % 50).as_str(), 1));
        let integers = counted(lg, &(0..count).map(|item| (item, 2)).collect::<Vec<_>>());
        let sketches =
            [distinct(lg, &(0..count).collect::<Vec<_>>()).encode(), texts.encode(), integers.encode()];
        for mut mutated in sketches.into_iter().chain([bytes]) {
            for (at, byte) in &changes {
                if let Some(held) = mutated.get_mut(*at) {
                    *held = *byte;
                }
            }
            let cut = if mutated.is_empty() { 0 } else { cut.index(mutated.len()) };
            for bytes in [&mutated[..], &mutated[..cut]] {
                if let Ok(mut sketch) = Hll::decode(bytes) {
                    prop_assert_eq!(&Hll::decode(&sketch.encode()).unwrap(), &sketch);
                    sketch.merge(&sketch.clone());
                    sketch.push_integer(1);
                    prop_assert!(sketch.estimate().is_finite() && sketch.estimate() >= 0.0);
                }
                if let Ok(mut sketch) = FrequentItems::<String>::decode(bytes) {
                    prop_assert_eq!(&FrequentItems::decode(&sketch.encode()).unwrap(), &sketch);
                    sketch.merge(&sketch.clone());
                }
                if let Ok(mut sketch) = FrequentItems::<i64>::decode(bytes) {
                    prop_assert_eq!(&FrequentItems::decode(&sketch.encode()).unwrap(), &sketch);
                    sketch.merge(&sketch.clone());
                }
            }
        }
    }

    #[test]
    fn decoding_gives_what_was_encoded(values in values(), k in 8..300_u16) {
        let sketch = sketch(k, &values);
        let bytes = sketch.encode();
        prop_assert!(bytes.len() <= Kll::max_encoded_bytes(k));
        prop_assert_eq!(Kll::decode(&bytes).unwrap(), sketch);
    }

    #[test]
    fn a_small_sketch_is_exact_and_merging_is_concatenation(a in values(), b in values()) {
        let mut merged = sketch(2000, &a);
        merged.merge(&sketch(2000, &b)).unwrap();
        let all: Vec<f64> = a.iter().chain(&b).copied().collect();
        prop_assert_eq!(merged.weighted(), sketch(2000, &all).weighted());
        prop_assert_eq!(merged.rank_error(), 0.0);
        prop_assert_eq!(largest_rank_error(&merged, &all), 0.0);
    }

    #[test]
    fn merging_in_any_order_stays_within_the_bound(
        seed: u64, parts in prop::collection::vec(0..3000_usize, 1..6),
    ) {
        let mut uniform = Uniform(seed);
        let parts: Vec<Vec<f64>> =
            parts.iter().map(|len| (0..*len).map(|_| uniform.next()).collect()).collect();
        let all = parts.concat();
        let merge = |parts: &mut dyn Iterator<Item = &Vec<f64>>| {
            let mut merged = Kll::try_new(100).unwrap();
            for part in parts {
                merged.merge(&sketch(100, part)).unwrap();
            }
            merged
        };
        for merged in [merge(&mut parts.iter()), merge(&mut parts.iter().rev())] {
            prop_assert_eq!(merged.count(), all.len() as u64);
            let ends = |fold: fn(f64, f64) -> f64| all.iter().copied().reduce(fold);
            prop_assert_eq!(merged.range().map(|[min, _]| min), ends(f64::min));
            prop_assert_eq!(merged.range().map(|[_, max]| max), ends(f64::max));
            // Twice: the bound is for 99 of 100 streams, and this is for all.
            prop_assert!(largest_rank_error(&merged, &all) <= 2.0 * merged.rank_error());
        }
    }

    #[test]
    fn quantiles_rise_and_ranks_are_shares(values in values(), k in 8..60_u16) {
        let sketch = sketch(k, &values);
        let mut last = f64::NEG_INFINITY;
        for step in 0..=20 {
            let q = f64::from(step) / 20.0;
            let Some(quantile) = sketch.quantile(q) else { break };
            prop_assert!(quantile >= last && values.contains(&quantile));
            let rank = sketch.rank(quantile).unwrap();
            prop_assert!((0.0..=1.0).contains(&rank) && rank >= sketch.rank(last).unwrap());
            last = quantile;
        }
        let size = sketch.estimated_size_bytes();
        prop_assert!(size <= 200 + 4 * Kll::max_encoded_bytes(k), "{size}");
        prop_assert!(sketch.share_error() >= 0.0 && sketch.share_error() < 1.0);
    }

    #[test]
    fn any_bytes_are_decoded_or_refused(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        seed: u64, len in 0..3000_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let _ = Kll::decode(&bytes);
        let mut uniform = Uniform(seed);
        let values: Vec<f64> = (0..len).map(|_| uniform.next()).collect();
        let mut bytes = sketch(20, &values).encode();
        for (place, byte) in changes {
            let at = place.index(bytes.len());
            bytes[at] = byte;
        }
        for bytes in [&bytes[..], &bytes[..cut.index(bytes.len())]] {
            if let Ok(mut sketch) = Kll::decode(bytes) {
                prop_assert_eq!(&Kll::decode(&sketch.encode()).unwrap(), &sketch);
                sketch.extend(values.iter().copied());
                let _ = sketch.merge(&sketch.clone());
                prop_assert!(sketch.quantile(0.5).is_none_or(f64::is_finite));
            }
        }
    }
}
