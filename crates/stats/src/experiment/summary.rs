//! What goes in and what comes out.

use crate::{Error, ErrorKind, Interval, Moments, num};

/// Successes among trials, such as conversions among units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Proportion {
    /// Trials that succeeded, at most `trials`.
    pub successes: u64,
    /// All trials.
    pub trials: u64,
}

impl Proportion {
    /// The share of successes, or why there is none.
    pub(super) fn share(self) -> Result<f64, Error> {
        if self.trials == 0 {
            return Err(Error::new(ErrorKind::EmptySample, "a proportion"));
        }
        if self.successes > self.trials {
            return Err(Error::new(ErrorKind::OutOfRange, "the number of successes"));
        }
        Ok(self.successes as f64 / self.trials as f64)
    }
}

/// Size, mean and variance of a sample: all that a comparison of means needs.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SampleSummary {
    /// Observations.
    pub count: u64,
    /// Arithmetic mean.
    pub mean: f64,
    /// Variance of one observation with divisor `count − 1`, `≥ 0`.
    pub variance: f64,
}

impl From<&Moments> for SampleSummary {
    /// The variance becomes [`f64::INFINITY`], which every comparison refuses, where it is beyond
    /// the doubles.
    fn from(moments: &Moments) -> Self {
        let unit = moments.unit();
        let freedom = moments.count().saturating_sub(1).max(1) as f64;
        Self {
            count: moments.count(),
            mean: moments.mean(),
            variance: moments.m2() / freedom * unit * unit,
        }
    }
}

impl From<Proportion> for SampleSummary {
    /// Each trial is a 0 or a 1. The variance is `p (1 − p)`, without the factor `n / (n − 1)`, as
    /// GrowthBook has it. No trial gives an empty summary.
    fn from(proportion: Proportion) -> Self {
        let mean = proportion.share().unwrap_or_default();
        Self { count: proportion.trials, mean, variance: mean * (1.0 - mean) }
    }
}

impl SampleSummary {
    /// The summary, if it is one of at least two observations.
    fn checked(&self) -> Result<Self, Error> {
        if self.count == 0 {
            return Err(Error::new(ErrorKind::EmptySample, "a summary"));
        }
        if self.count == 1 {
            return Err(Error::new(ErrorKind::ShapeMismatch, "a sample of one observation"));
        }
        if !(self.mean.is_finite() && self.variance.is_finite()) {
            return Err(Error::new(ErrorKind::NotFinite, "a summary"));
        }
        if self.variance < 0.0 {
            return Err(Error::new(ErrorKind::OutOfRange, "a variance"));
        }
        Ok(*self)
    }

    /// Variance of the mean.
    pub(super) fn squared_error(&self) -> f64 {
        self.variance / self.count as f64
    }
}

/// A number and the interval that holds the true one with the asked confidence.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// Its interval of confidence, two-sided.
    pub interval: Interval,
}

impl Estimate {
    pub(super) fn within(value: f64, half_width: f64) -> Self {
        Self { value, interval: [value - half_width, value + half_width].into() }
    }
}

/// The result of comparing two variants.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Comparison {
    /// The difference in standard errors; positive where `current` is larger.
    pub statistic: f64,
    /// Degrees of freedom of Student's distribution; `None` where the normal one is used.
    pub df: Option<f64>,
    /// Two-sided probability of a statistic at least as far from 0 if nothing differs, in `[0, 1]`.
    pub p_value: f64,
    /// `current − reference`.
    pub difference: Estimate,
    /// `(current − reference) / reference`, its interval by the delta method. `None` where the
    /// reference's mean is 0, or where that method knows no width.
    pub lift: Option<Estimate>,
}

/// The difference of two means, with the errors of it and of the lift.
#[derive(Debug, Clone, Copy)]
pub(super) struct Contrast {
    pub reference: SampleSummary,
    pub current: SampleSummary,
    pub difference: f64,
    pub standard_error: f64,
}

impl Contrast {
    /// # Errors
    /// As `two_means`.
    pub fn try_new(reference: &SampleSummary, current: &SampleSummary) -> Result<Self, Error> {
        let (reference, current) = (reference.checked()?, current.checked()?);
        let difference = current.mean - reference.mean;
        let standard_error = num::sqrt(reference.squared_error() + current.squared_error());
        if standard_error == 0.0 {
            return Err(Error::new(ErrorKind::OutOfRange, "the variance of two constant samples"));
        }
        if !(difference / standard_error).is_finite() {
            return Err(Error::new(ErrorKind::NotFinite, "the difference in standard errors"));
        }
        Ok(Self { reference, current, difference, standard_error })
    }

    /// The difference in standard errors.
    pub fn statistic(&self) -> f64 {
        self.difference / self.standard_error
    }

    /// The difference, give or take so many standard errors.
    ///
    /// # Errors
    /// The interval leaves the doubles.
    pub fn difference(&self, errors: f64) -> Result<Estimate, Error> {
        let found = Estimate::within(self.difference, errors * self.standard_error);
        if found.interval.lower.is_finite() && found.interval.upper.is_finite() {
            Ok(found)
        } else {
            Err(Error::new(ErrorKind::NotFinite, "the interval of the difference"))
        }
    }

    /// The lift, give or take so many standard errors of its own.
    pub fn lift(&self, errors: f64) -> Option<Estimate> {
        lift([&self.reference, &self.current], errors)
    }
}

/// `b/a − 1` for the means `a` and `b`. By the delta method its variance is
/// `var(b)/a² + var(a)·b²/a⁴`.
pub(super) fn lift([reference, current]: [&SampleSummary; 2], errors: f64) -> Option<Estimate> {
    let ratio = current.mean / reference.mean;
    let squared = current.squared_error() + ratio * ratio * reference.squared_error();
    let half_width = errors * num::sqrt(squared) / reference.mean.abs();
    let value = (current.mean - reference.mean) / reference.mean;
    let known = half_width > 0.0 && half_width.is_finite() && value.is_finite();
    known.then(|| Estimate::within(value, half_width))
}

/// `alpha`, if it is one.
pub(super) fn checked_alpha(alpha: f64) -> Result<f64, Error> {
    if alpha > 0.0 && alpha < 1.0 {
        Ok(alpha)
    } else {
        Err(Error::new(ErrorKind::OutOfRange, "alpha"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_moments_the_variance_is_unbiased() {
        let moments: Moments = [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0].into_iter().collect();
        let summary = SampleSummary::from(&moments);
        assert_eq!((summary.count, summary.mean), (8, 5.0));
        assert!((summary.variance - 32.0 / 7.0).abs() < 1e-15);
        assert_eq!(SampleSummary::from(&Moments::default()).count, 0);
    }

    #[test]
    fn senseless_summaries_are_refused() {
        let good = SampleSummary { count: 9, mean: 1.0, variance: 1.0 };
        for (bad, kind) in [
            (SampleSummary { count: 0, ..good }, ErrorKind::EmptySample),
            (SampleSummary { count: 1, ..good }, ErrorKind::ShapeMismatch),
            (SampleSummary { mean: f64::NAN, ..good }, ErrorKind::NotFinite),
            (SampleSummary { variance: f64::INFINITY, ..good }, ErrorKind::NotFinite),
            (SampleSummary { variance: -1.0, ..good }, ErrorKind::OutOfRange),
        ] {
            assert_eq!(Contrast::try_new(&good, &bad).unwrap_err().kind(), kind);
            assert_eq!(Contrast::try_new(&bad, &good).unwrap_err().kind(), kind);
        }
        let constant = SampleSummary { variance: 0.0, ..good };
        let error = Contrast::try_new(&constant, &constant).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OutOfRange);
    }
}
