//! Rows that no test of the values shows.

use serde::{Deserialize, Serialize};
use tidegate_stats::signal::Signal;

use super::{Interval, Verdict};

/// What a share of rows is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum SignalKind {
    /// Current values that are missing, against the reference's share of them.
    Missing,
    /// Current values of categories that the reference does not have.
    NewCategories,
    /// Reference values of categories that the current table does not have.
    VanishedCategories,
    /// Current values outside of the reference's range.
    OutOfRange,
}

impl SignalKind {
    /// Every kind.
    pub const ALL: [Self; 4] =
        [Self::Missing, Self::NewCategories, Self::VanishedCategories, Self::OutOfRange];

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::NewCategories => "new_categories",
            Self::VanishedCategories => "vanished_categories",
            Self::OutOfRange => "out_of_range",
        }
    }
}

/// A share of a column's rows that is a signal of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SignalReport {
    /// What it is a share of.
    pub signal: SignalKind,
    /// The share, in `[0, 1]`.
    pub share: f64,
    /// The share that is expected where nothing changed.
    pub expected_share: f64,
    /// Probability of such a share where nothing changed, or a bound above it.
    pub p_value: f64,
    /// The p-value of as many rows as are independent, where the column's rows depend on each other.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub p_effective: Option<f64>,
    /// The p-value, or `p_effective` where there is one, adjusted over the columns (Benjamini-Hochberg).
    pub p_adjusted: Option<f64>,
    /// How far the share is from the expected one.
    pub effect: f64,
    /// Confidence interval of the share.
    pub interval: Interval,
    /// The smallest effect that could have been told from chance at these sample sizes.
    pub detectable_effect: f64,
    /// The bound on `p_adjusted` that the verdict was made against.
    pub threshold: f64,
    /// The smallest effect that matters.
    #[serde(default)]
    pub effect_floor: f64,
    /// The verdict, its p-value adjusted.
    pub verdict: Verdict,
}

impl SignalReport {
    /// As it came, its p-value not yet adjusted.
    pub(crate) const fn new(signal: SignalKind, found: &Signal) -> Self {
        Self {
            signal,
            share: found.share,
            expected_share: found.expected_share,
            p_value: found.p_value,
            p_effective: None,
            p_adjusted: None,
            effect: found.effect,
            interval: found.interval,
            detectable_effect: found.detectable_effect,
            threshold: found.threshold,
            effect_floor: 0.0,
            verdict: found.verdict,
        }
    }

    pub(super) const fn found(&self) -> Signal {
        Signal {
            share: self.share,
            expected_share: self.expected_share,
            p_value: self.p_value,
            effect: self.effect,
            interval: self.interval,
            detectable_effect: self.detectable_effect,
            threshold: self.threshold,
            verdict: self.verdict,
        }
    }
}
