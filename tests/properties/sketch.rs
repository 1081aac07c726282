//! Laws of the sketches: what merging and encoding may change, and what any bytes may do.

use proptest::prelude::*;
use tidegate_stats::sketch::Kll;

/// A seeded stream of numbers in `[0, 1)`.
struct Uniform(u64);

impl Uniform {
    fn next(&mut self) -> f64 {
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
    sorted.sort_by(f64::total_cmp);
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
            let random: Vec<f64> = (0..4000).map(|_| uniform.next()).collect();
            let rounded: Vec<f64> = random.iter().map(|v| (v * 50.0).floor()).collect();
            let mut rising = random.clone();
            rising.sort_by(f64::total_cmp);
            let mut shards = Kll::try_new(k).unwrap();
            for shard in random.chunks(100) {
                shards.merge(&sketch(k, shard)).unwrap();
            }
            let made = [
                (sketch(k, &random), &random),
                (sketch(k, &rounded), &rounded),
                (sketch(k, &rising), &rising),
                (shards, &random),
            ];
            for (beyond, (sketch, values)) in beyond.iter_mut().zip(&made) {
                *beyond += usize::from(largest_rank_error(sketch, values) > sketch.rank_error());
            }
        }
        assert!(beyond.iter().all(|count| *count <= 8), "k = {k}: {beyond:?} of 200");
    }
}

proptest! {
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
