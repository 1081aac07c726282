use crate::Method;

/// What a comparison says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Verdict {
    /// The two samples differ by an effect that matters, and chance does not explain it.
    Drift,
    /// A difference that matters would have been seen, and was not.
    NoDrift,
    /// Too few observations to say either.
    InsufficientData,
}

/// A closed interval of confidence, as `[lower, upper]` on the wire.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "[f64; 2]", from = "[f64; 2]"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "[f64; 2]"))]
pub struct Interval {
    /// Lower bound.
    pub lower: f64,
    /// Upper bound.
    pub upper: f64,
}

impl From<[f64; 2]> for Interval {
    fn from([lower, upper]: [f64; 2]) -> Self {
        Self { lower, upper }
    }
}

impl From<Interval> for [f64; 2] {
    fn from(interval: Interval) -> Self {
        [interval.lower, interval.upper]
    }
}

/// The result of comparing two samples by one method.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TwoSample {
    /// The method that gave it.
    pub method: Method,
    /// The method's statistic, in its own unit.
    pub statistic: f64,
    /// Probability of a statistic at least as extreme if both samples came from one distribution;
    /// `None` where the method has no such probability.
    pub p_value: Option<f64>,
    /// Size of the difference on the method's comparable scale, `≥ 0`.
    pub effect: f64,
    /// Confidence interval of the effect, where one is known.
    pub interval: Option<Interval>,
    /// The smallest effect that this method could have told from chance, at the decision's alpha
    /// and these sample sizes, `≥ 0`.
    pub detectable_effect: f64,
    /// The bound that the verdict was made against: on `p_value` where there is one, else on
    /// `effect`.
    pub threshold: f64,
    /// Observations in the reference.
    pub reference_count: u64,
    /// Observations in the current sample.
    pub current_count: u64,
    /// The verdict at `threshold` and the method's effect floor.
    pub verdict: Verdict,
}
