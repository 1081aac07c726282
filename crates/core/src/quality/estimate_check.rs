use serde::{Deserialize, Serialize};
use tidegate_stats::Verdict;
use tidegate_stats::estimate::{Estimated, SAMPLING_ERRORS};
use tidegate_stats::num::sqrt;
use tidegate_stats::quality::wilson_interval;

/// Of the interval of what was realized.
const ALPHA: f64 = 0.05;

/// An estimated accuracy beside the realized one of the same predictions.
///
/// An estimate follows inputs that move, for it asks only how sure the model is; it stays where it was when the
/// same inputs begin to have other outcomes. So where labels disagree with it, the relation of inputs and target
/// has changed (concept drift), and the estimate is not to be believed until it is learned anew.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EstimateCheck {
    /// Labelled predictions, with a confidence, that both are of.
    pub predictions: u64,
    /// Share of them that was expected to be right, in `[0, 1]`.
    pub estimated: f64,
    /// Three errors to either side: of as many predictions, and of what so many labelled rows of the
    /// calibration could teach.
    pub estimated_interval: [f64; 2],
    /// Share of them that was right, in `[0, 1]`.
    pub realized: f64,
    /// A Wilson interval of it, 95 per cent.
    pub realized_interval: [f64; 2],
    /// `drift` where the two intervals do not meet.
    pub verdict: Verdict,
}

/// Holds an estimate of the accuracy of `labelled` predictions against the `right` ones of them. `None` without
/// predictions, or where the reference does not say how much the accuracy scatters.
///
/// The estimate's own interval takes the calibration as exact. Here its error is added: the mean of
/// `reference_rows` rows scatters as that of as many predictions would, so the variance grows by the factor
/// `1 + labelled / reference_rows`.
#[must_use]
pub fn estimate_check(
    estimated: Estimated,
    reference_rows: u64,
    [right, labelled]: [u64; 2],
) -> Option<EstimateCheck> {
    let realized_interval = wilson_interval(right, labelled, ALPHA).ok()?;
    let growth = 1.0 + labelled as f64 / reference_rows.max(1) as f64;
    let reach = SAMPLING_ERRORS * estimated.sampling_error? * sqrt(growth);
    let [lower, upper] = [(estimated.value - reach).max(0.0), (estimated.value + reach).min(1.0)];
    let is_apart = realized_interval.upper < lower || upper < realized_interval.lower;
    Some(EstimateCheck {
        predictions: labelled,
        estimated: estimated.value,
        estimated_interval: [lower, upper],
        realized: right as f64 / labelled as f64,
        realized_interval: realized_interval.into(),
        verdict: if is_apart { Verdict::Drift } else { Verdict::NoDrift },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn estimate(value: f64, sampling_error: Option<f64>) -> Estimated {
        Estimated { value, sampling_error, interval: None }
    }

    #[test]
    fn labels_that_disagree_by_more_than_both_intervals_are_concept_drift() {
        let sure = estimate(0.93, Some(0.008));
        let found = estimate_check(sure, 1000, [620, 1000]).unwrap();
        assert_eq!((found.predictions, found.realized), (1000, 0.62));
        assert_eq!(found.verdict, Verdict::Drift);
        // Three errors, and as many rows again to learn from: 3 · 0.008 · √2.
        assert!((found.estimated_interval[0] - (0.93 - 0.033_941_125_496_954_28)).abs() < 1e-15);
        // Ninety per cent of a thousand lies within the two intervals; of a calibration of fewer rows, less does.
        assert_eq!(estimate_check(sure, 1000, [900, 1000]).unwrap().verdict, Verdict::NoDrift);
        assert_eq!(estimate_check(sure, 1_000_000, [870, 1000]).unwrap().verdict, Verdict::Drift);
        assert_eq!(estimate_check(sure, 100, [870, 1000]).unwrap().verdict, Verdict::NoDrift);
        // It is drift too where the model is better than it says.
        let unsure = estimate(0.6, Some(0.015));
        assert_eq!(estimate_check(unsure, 1000, [900, 1000]).unwrap().verdict, Verdict::Drift);
    }

    #[test]
    fn what_cannot_be_held_against_each_other_is_none() {
        assert_eq!(estimate_check(estimate(0.9, Some(0.1)), 100, [0, 0]), None);
        assert_eq!(estimate_check(estimate(0.9, None), 100, [5, 10]), None);
        let found = estimate_check(estimate(1.0, Some(0.0)), 0, [u64::MAX, u64::MAX]).unwrap();
        assert_eq!((found.realized, found.verdict), (1.0, Verdict::NoDrift));
    }
}
