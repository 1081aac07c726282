//! What other tools print: bounds that hold whatever the data.

use proptest::prelude::*;
use tidegate_stats::Sorted;
use tidegate_stats::compatibility::{Peer, of_categories, of_numbers};

fn samples() -> impl Strategy<Value = (Vec<f64>, Vec<f64>)> {
    let value = prop_oneof![-100.0..100.0, (-9_i32..9).prop_map(f64::from), -1e100..1e100];
    let sample = || prop::collection::vec(value.clone(), 1..120);
    (sample(), sample())
}

proptest! {
    #[test]
    fn scores_of_numbers_are_finite_and_in_range((reference, current) in samples()) {
        let [reference, current] = [reference, current].map(|v| Sorted::try_new(v).unwrap());
        for peer in Peer::ALL {
            for score in of_numbers(&reference, &current, peer).unwrap() {
                if let Some(value) = score.value {
                    prop_assert!(value.is_finite() && value >= -1e-12, "{score:?}");
                    prop_assert_eq!(score.drift.is_some(), score.threshold.is_some());
                }
                if matches!(score.method, "ks" | "mannw" | "t_test" | "es" | "KS" | "EMD" | "hellinger") {
                    prop_assert!(score.value.is_none_or(|value| value <= 1.0 + 1e-9), "{score:?}");
                }
            }
        }
    }

    #[test]
    fn a_sample_does_not_differ_from_itself((values, _) in samples()) {
        let sample = Sorted::try_new(values).unwrap();
        for peer in Peer::ALL {
            for score in of_numbers(&sample, &sample, peer).unwrap() {
                prop_assert_ne!(score.drift, Some(true), "{:?}", score);
            }
        }
    }

    #[test]
    fn scores_of_categories_do_not_depend_on_their_order(
        pairs in prop::collection::vec((0_u64..400, 0_u64..400), 1..12),
        turn in 0_usize..12,
    ) {
        let mut turned = pairs.clone();
        turned.rotate_left(turn % pairs.len());
        let scores = |pairs: &[(u64, u64)], peer| {
            let (reference, current): (Vec<u64>, Vec<u64>) = pairs.iter().copied().unzip();
            of_categories(&reference, &current, peer)
        };
        for peer in Peer::ALL {
            let (Ok(one), Ok(other)) = (scores(&pairs, peer), scores(&turned, peer)) else { continue };
            for (one, other) in one.iter().zip(&other) {
                match (one.value, other.value) {
                    (Some(a), Some(b)) => {
                        // A root of the rounding of 1 − Σ is up to 1e-7.
                        prop_assert!((a - b).abs() <= 1e-7 + 1e-9 * a.abs(), "{one:?} {other:?}");
                    }
                    (a, b) => prop_assert_eq!(a, b),
                }
            }
        }
    }
}
