use alloc::string::String;
use serde::{Deserialize, Serialize};

/// Which way a figure is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Orientation {
    /// Accuracy, and its like.
    HigherIsBetter,
    /// Losses and errors.
    LowerIsBetter,
}

/// Which way a figure of [`super::Figures::by_name`] is better.
#[must_use]
pub fn orientation(metric: &str) -> Orientation {
    match metric.strip_prefix("model_").unwrap_or(metric) {
        "log_loss" | "brier" | "calibration_error" | "mae" | "rmse" | "mape" => {
            Orientation::LowerIsBetter
        }
        _ => Orientation::HigherIsBetter,
    }
}

/// A figure held against its baseline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Degradation {
    /// The figure.
    pub metric: String,
    /// What is normal.
    pub baseline: f64,
    /// What it is now.
    pub current: f64,
    /// By which share of the baseline it is worse; negative where it is better.
    pub degradation: f64,
}

/// By which share of `baseline` a figure is worse: `(baseline − current)/|baseline|` where higher is better,
/// the negative of it where lower is. `None` if the baseline is 0, of which nothing is a share, or if
/// either is no finite number.
///
/// ```
/// use tidegate_core::quality::degradation;
/// assert!((degradation("accuracy", 0.9, 0.81).unwrap() - 0.1).abs() < 1e-12);
/// assert!((degradation("log_loss", 0.5, 0.6).unwrap() - 0.2).abs() < 1e-12);
/// assert_eq!(degradation("accuracy", 0.0, 0.5), None);
/// ```
#[must_use]
pub fn degradation(metric: &str, baseline: f64, current: f64) -> Option<f64> {
    if baseline == 0.0 || !baseline.is_finite() || !current.is_finite() {
        return None;
    }
    let lost = match orientation(metric) {
        Orientation::HigherIsBetter => baseline - current,
        Orientation::LowerIsBetter => current - baseline,
    };
    Some(lost / baseline.abs())
}
