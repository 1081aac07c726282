//! Laws of the summaries that panes carry.

use proptest::prelude::*;
use tidegate_stats::{Moments, QuantileHistogram};

fn of(values: &[f64]) -> QuantileHistogram {
    let mut histogram = QuantileHistogram::default();
    for value in values {
        histogram.record(*value);
    }
    histogram
}

fn merged(mut one: QuantileHistogram, other: &QuantileHistogram) -> QuantileHistogram {
    one.merge(other);
    one
}

fn latencies() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(prop_oneof![Just(0.0), 1e-6..10.0_f64, 1e-9..1e9_f64], 1..80)
}

proptest! {
    #[test]
    fn merged_histograms_are_the_histogram_of_all(a in latencies(), b in latencies()) {
        let all: Vec<f64> = a.iter().chain(&b).copied().collect();
        prop_assert_eq!(merged(of(&a), &of(&b)), of(&all));
        prop_assert_eq!(merged(of(&b), &of(&a)), of(&all));
    }

    #[test]
    fn quantiles_rise_and_are_near_the_true_ones(mut values in latencies()) {
        let histogram = of(&values);
        values.sort_by(f64::total_cmp);
        let mut last = 0.0;
        for step in 0..=20 {
            let q = f64::from(step) / 20.0;
            let answer = histogram.quantile(q).unwrap();
            prop_assert!(answer >= last);
            last = answer;
            let rank = ((q * values.len() as f64).ceil() as usize).clamp(1, values.len());
            let exact = values[rank - 1];
            prop_assert!((answer - exact).abs() <= exact * QuantileHistogram::RELATIVE_ERROR);
        }
    }

    #[test]
    fn histograms_survive_json(values in prop::collection::vec(prop::num::f64::ANY, 0..40)) {
        let histogram = of(&values);
        let text = serde_json::to_string(&histogram).unwrap();
        prop_assert_eq!(serde_json::from_str::<QuantileHistogram>(&text).unwrap(), histogram);
    }

    #[test]
    fn merged_moments_are_the_moments_of_all(
        a in prop::collection::vec(-1e3..1e3_f64, 0..50),
        b in prop::collection::vec(-1e3..1e3_f64, 0..50),
    ) {
        let mut merged: Moments = a.iter().copied().collect();
        merged.merge(&b.iter().copied().collect());
        let all: Moments = a.iter().chain(&b).copied().collect();
        prop_assert_eq!(merged.count(), all.count());
        prop_assert_eq!((merged.min(), merged.max()), (all.min(), all.max()));
        prop_assert!((merged.mean() - all.mean()).abs() < 1e-10);
        prop_assert!((merged.variance() - all.variance()).abs() < 1e-8);
    }

    #[test]
    fn moments_stay_finite_whatever_is_pushed(
        values in prop::collection::vec(prop::num::f64::ANY, 0..40),
    ) {
        let moments: Moments = values.iter().copied().collect();
        let [mean, m2, min, max] = [moments.mean(), moments.m2(), moments.min(), moments.max()];
        prop_assert!([mean, m2, min, max].iter().all(|field| field.is_finite()));
        prop_assert!(m2 >= 0.0 && min <= max);
        let text = serde_json::to_string(&moments).unwrap();
        prop_assert_eq!(serde_json::from_str::<Moments>(&text).unwrap(), moments);
    }
}
