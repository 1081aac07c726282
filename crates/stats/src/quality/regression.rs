use alloc::vec::Vec;

use crate::{Error, ErrorKind, Moments, num};

/// What the errors `actual − predicted` of a regression sum up to, in 160 bytes, mergeable.
///
/// Each figure is `None` when it has no value: all of them before the first prediction.
///
/// # Examples
/// ```
/// use tidegate_stats::quality::Regression;
/// let regression = Regression::of_predictions(&[1.0, 2.0, 6.0], &[2.0, 2.0, 4.0])?;
/// assert_eq!(regression.mean_absolute_error(), Some(1.0));
/// assert!((regression.mean_squared_error().unwrap() - 5.0 / 3.0).abs() < 1e-15);
/// assert!((regression.r_squared().unwrap() - (1.0 - 5.0 / 14.0)).abs() < 1e-15);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Parts", into = "Parts"))]
pub struct Regression {
    actual: Moments,
    error: Moments,
    /// Sums of the errors above and below 0, both without their sign.
    under: num::Sum,
    over: num::Sum,
    /// Sum of `|error| / max(|actual|, ε)`.
    relative: num::Sum,
}

/// Moments of the actual values and of the errors; sums under, over and relative.
type Parts = ([Moments; 2], [num::Sum; 3]);

impl From<Regression> for Parts {
    fn from(of: Regression) -> Self {
        ([of.actual, of.error], [of.under, of.over, of.relative])
    }
}

impl TryFrom<Parts> for Regression {
    type Error = Error;

    fn try_from(([actual, error], [under, over, relative]): Parts) -> Result<Self, Error> {
        if !(actual.is_finite() && error.is_finite()) {
            return Err(Error::new(ErrorKind::NotFinite, "a moment"));
        }
        if actual.count() == error.count() {
            Ok(Self { actual, error, under, over, relative })
        } else {
            Err(Error::new(ErrorKind::ShapeMismatch, "the list of predictions"))
        }
    }
}

impl Regression {
    /// The largest magnitude of a value. No sum of that many can leave the range of a double.
    pub const MAX_MAGNITUDE: f64 = 1e250;

    /// The errors of all of these predictions.
    ///
    /// # Arguments
    /// * `actual`: shape `[n]`, finite. May be empty.
    /// * `predicted`: shape `[n]`, finite.
    ///
    /// # Errors
    /// As [`Self::push`], and
    /// * [`ErrorKind::ShapeMismatch`]: the lengths differ.
    ///
    /// # Numerics
    /// O(n), no allocation.
    pub fn of_predictions(actual: &[f64], predicted: &[f64]) -> Result<Self, Error> {
        check_lengths(actual, predicted)?;
        let mut regression = Self::default();
        for (actual, predicted) in actual.iter().zip(predicted) {
            regression.push(*actual, *predicted)?;
        }
        Ok(regression)
    }

    /// Adds one prediction. O(1).
    ///
    /// # Errors
    /// * [`ErrorKind::NotFinite`]: a value is NaN or infinite. Nothing is added then.
    /// * [`ErrorKind::OutOfRange`]: a magnitude exceeds [`Self::MAX_MAGNITUDE`]. Nothing is added.
    pub fn push(&mut self, actual: f64, predicted: f64) -> Result<(), Error> {
        check_value(actual)?;
        check_value(predicted)?;
        let error = actual - predicted;
        self.actual.push(actual);
        self.error.push(error);
        if error > 0.0 {
            self.under.add(error)
        } else {
            self.over.add(-error)
        }
        self.relative.add(error.abs() / actual.abs().max(f64::EPSILON));
        Ok(())
    }

    /// Adds all that `other` has seen, as if its predictions had been pushed here, up to rounding.
    pub fn merge(&mut self, other: &Self) {
        self.actual.merge(&other.actual);
        self.error.merge(&other.error);
        self.under.merge(other.under);
        self.over.merge(other.over);
        self.relative.merge(other.relative);
    }

    /// The number of predictions.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.actual.count()
    }

    /// Moments of the actual values.
    #[must_use]
    pub const fn actual(&self) -> &Moments {
        &self.actual
    }

    /// Moments of the errors `actual − predicted`; the mean is the bias, above 0 for predictions that
    /// are too low.
    #[must_use]
    pub const fn error(&self) -> &Moments {
        &self.error
    }

    /// Mean absolute error (MAE): `mean(|error|)`, `≥ 0`, in the unit of the values.
    ///
    /// # References
    /// Oracle: `sklearn.metrics.mean_absolute_error`.
    #[must_use]
    pub fn mean_absolute_error(&self) -> Option<f64> {
        self.mean(self.under.value() + self.over.value())
    }

    /// Mean squared error (MSE): `mean(error²)`, `≥ 0`, in the unit of the values squared.
    /// [`f64::MAX`] where it would be larger.
    ///
    /// # Numerics
    /// The variance of the errors plus the square of their mean, neither of which can cancel.
    ///
    /// # References
    /// Oracle: `sklearn.metrics.mean_squared_error`.
    #[must_use]
    pub fn mean_squared_error(&self) -> Option<f64> {
        let (count, mean) = (self.error.count(), self.error.mean());
        (count > 0).then(|| (self.error.variance() + mean * mean).min(f64::MAX))
    }

    /// Root mean squared error (RMSE), `≥ 0`, in the unit of the values.
    ///
    /// # References
    /// Oracle: `sklearn.metrics.root_mean_squared_error`.
    #[must_use]
    pub fn root_mean_squared_error(&self) -> Option<f64> {
        let (count, mean) = (self.error.count(), self.error.mean());
        (count > 0).then(|| length(mean.abs(), self.error.standard_deviation()))
    }

    /// Mean absolute percentage error (MAPE), as a share: `mean(|error| / max(|actual|, 2⁻⁵²))`, `≥ 0`.
    ///
    /// One actual value of 0 makes it enormous, as in scikit-learn; have no zeros, or take another
    /// figure.
    ///
    /// # References
    /// Oracle: `sklearn.metrics.mean_absolute_percentage_error`.
    #[must_use]
    pub fn mean_absolute_percentage_error(&self) -> Option<f64> {
        self.mean(self.relative.value())
    }

    /// Coefficient of determination (R²): `1 − Σ error² / Σ (actual − mean)²`, at most 1; 0 is what
    /// always predicting the mean would get.
    ///
    /// `None` when all actual values are equal. (scikit-learn says 1 if all errors are 0, else 0.)
    ///
    /// # References
    /// Oracle: `sklearn.metrics.r2_score`.
    #[must_use]
    pub fn r_squared(&self) -> Option<f64> {
        self.explained(self.root_mean_squared_error()?)
    }

    /// Explained variance: as [`Self::r_squared`], a constant bias of the predictions being forgiven.
    ///
    /// # References
    /// Oracle: `sklearn.metrics.explained_variance_score`.
    #[must_use]
    pub fn explained_variance(&self) -> Option<f64> {
        self.explained(self.error.standard_deviation())
    }

    /// Mean pinball loss of predictions of the `quantile`: `mean(max(q · error, (q − 1) · error))`,
    /// `≥ 0`, in the unit of the values; half the mean absolute error for the median.
    ///
    /// # Arguments
    /// * `quantile`: in `[0, 1]`; `None` is returned for another.
    ///
    /// # References
    /// Koenker & Bassett (1978), <https://doi.org/10.2307/1913643>. Oracle:
    /// `sklearn.metrics.mean_pinball_loss`.
    #[must_use]
    pub fn pinball_loss(&self, quantile: f64) -> Option<f64> {
        if !(0.0..=1.0).contains(&quantile) {
            return None;
        }
        self.mean(quantile * self.under.value() + (1.0 - quantile) * self.over.value())
    }

    /// Largest absolute error, `≥ 0`, in the unit of the values.
    ///
    /// # References
    /// Oracle: `sklearn.metrics.max_error`.
    #[must_use]
    pub fn max_error(&self) -> Option<f64> {
        (self.error.count() > 0).then(|| self.error.max().abs().max(self.error.min().abs()))
    }

    fn mean(&self, sum: f64) -> Option<f64> {
        (self.count() > 0).then(|| sum / self.count() as f64)
    }

    /// The share of the actual values' spread that errors of this size leave explained.
    fn explained(&self, size_of_errors: f64) -> Option<f64> {
        let spread = self.actual.standard_deviation();
        let ratio = size_of_errors / spread;
        (spread > 0.0).then(|| (1.0 - ratio * ratio).max(-f64::MAX))
    }
}

/// Median absolute error, `≥ 0`, in the unit of the values; the mean of the two middle ones for an even
/// number. It needs all the errors at once, so it is no part of [`Regression`].
///
/// # Arguments
/// * `actual`: shape `[n]`, `n ≥ 1`, finite.
/// * `predicted`: shape `[n]`, finite.
///
/// # Errors
/// * [`ErrorKind::ShapeMismatch`]: the lengths differ.
/// * [`ErrorKind::EmptySample`]: there is no prediction.
/// * [`ErrorKind::NotFinite`]: a value is NaN or infinite.
/// * [`ErrorKind::OutOfRange`]: a magnitude exceeds [`Regression::MAX_MAGNITUDE`].
///
/// # Numerics
/// O(n), one allocation.
///
/// # Examples
/// ```
/// use tidegate_stats::quality::median_absolute_error;
/// assert_eq!(median_absolute_error(&[1.0, 2.0, 9.0, 4.0], &[1.0, 3.0, 4.0, 6.0])?, 1.5);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Oracle: `sklearn.metrics.median_absolute_error`.
pub fn median_absolute_error(actual: &[f64], predicted: &[f64]) -> Result<f64, Error> {
    check_lengths(actual, predicted)?;
    let mut errors = Vec::with_capacity(actual.len());
    for (actual, predicted) in actual.iter().zip(predicted) {
        check_value(*actual)?;
        check_value(*predicted)?;
        errors.push((actual - predicted).abs());
    }
    if errors.is_empty() {
        return Err(Error::new(ErrorKind::EmptySample, "the list of predictions"));
    }
    let middle = errors.len() / 2;
    let (below, upper, _) = errors.select_nth_unstable_by(middle, f64::total_cmp);
    let upper = *upper;
    let lower = below.iter().copied().fold(0.0, f64::max);
    Ok(if actual.len().is_multiple_of(2) { 0.5 * (lower + upper) } else { upper })
}

/// Mean squared logarithmic error (MSLE): `mean((ln(1 + actual) − ln(1 + predicted))²)`, `≥ 0`: what
/// matters is the ratio of the two, for large values. Its root is the RMSLE.
///
/// # Arguments
/// * `actual`: shape `[n]`, `n ≥ 1`, each `> −1`.
/// * `predicted`: shape `[n]`, each `> −1`.
///
/// # Errors
/// * [`ErrorKind::ShapeMismatch`]: the lengths differ.
/// * [`ErrorKind::EmptySample`]: there is no prediction.
/// * [`ErrorKind::NotFinite`]: a value is NaN or infinite.
/// * [`ErrorKind::OutOfRange`]: a value is `≤ −1`.
///
/// # Numerics
/// O(n), no allocation, a compensated sum. The logarithms are taken without cancellation near 0.
///
/// # Examples
/// ```
/// use tidegate_stats::quality::mean_squared_log_error;
/// let error = mean_squared_log_error(&[core::f64::consts::E - 1.0, 3.0], &[0.0, 3.0])?;
/// assert!((error - 0.5).abs() < 1e-15);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Oracle: `sklearn.metrics.mean_squared_log_error`.
pub fn mean_squared_log_error(actual: &[f64], predicted: &[f64]) -> Result<f64, Error> {
    super::check_pairs(actual.len(), predicted.len())?;
    let mut sum = num::Sum::default();
    for (actual, predicted) in actual.iter().zip(predicted) {
        let error = log_of_one_more(*actual)? - log_of_one_more(*predicted)?;
        sum.add(error * error);
    }
    Ok(sum.value() / actual.len() as f64)
}

fn log_of_one_more(value: f64) -> Result<f64, Error> {
    if !value.is_finite() {
        Err(Error::new(ErrorKind::NotFinite, "the list of predictions or actual values"))
    } else if value <= -1.0 {
        Err(Error::new(ErrorKind::OutOfRange, "a value, which must be above -1,"))
    } else {
        Ok(num::ln_1p(value))
    }
}

/// `√(a² + b²)` of two numbers that are not negative, whose squares may leave the range of a double.
fn length(a: f64, b: f64) -> f64 {
    let (large, small) = (a.max(b), a.min(b));
    let ratio = small / large;
    if small == 0.0 { large } else { large * num::sqrt(1.0 + ratio * ratio) }
}

const fn check_lengths(actual: &[f64], predicted: &[f64]) -> Result<(), Error> {
    if actual.len() == predicted.len() {
        Ok(())
    } else {
        Err(Error::new(ErrorKind::ShapeMismatch, "the list of predictions"))
    }
}

const fn check_value(value: f64) -> Result<(), Error> {
    if !value.is_finite() {
        Err(Error::new(ErrorKind::NotFinite, "the list of predictions or actual values"))
    } else if value.abs() > Regression::MAX_MAGNITUDE {
        Err(Error::new(ErrorKind::OutOfRange, "the magnitude of a value"))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(actual: &[f64], predicted: &[f64]) -> Regression {
        Regression::of_predictions(actual, predicted).unwrap()
    }

    #[test]
    fn by_hand() {
        // Errors 1, −2, 0, 3.
        let regression = of(&[2.0, 2.0, 4.0, 8.0], &[1.0, 4.0, 4.0, 5.0]);
        assert_eq!(regression.mean_absolute_error(), Some(1.5));
        assert_eq!(regression.mean_squared_error(), Some(3.5));
        assert!((regression.root_mean_squared_error().unwrap() - num::sqrt(3.5)).abs() < 1e-15);
        // (1/2 + 2/2 + 0 + 3/8) / 4.
        assert_eq!(regression.mean_absolute_percentage_error(), Some(0.468_75));
        // Squares from the mean of 4: 4 + 4 + 0 + 16.
        assert!((regression.r_squared().unwrap() - (1.0 - 14.0 / 24.0)).abs() < 1e-15);
        assert!((regression.explained_variance().unwrap() - (1.0 - 13.0 / 24.0)).abs() < 1e-15);
        assert_eq!(regression.pinball_loss(0.25), Some((0.25 * 4.0 + 0.75 * 2.0) / 4.0));
        assert_eq!(regression.max_error(), Some(3.0));
        assert_eq!((regression.error().mean(), regression.actual().mean()), (0.5, 4.0));
    }

    #[test]
    fn takes_as_little_memory_as_promised() {
        assert_eq!(size_of::<Regression>(), 160);
    }

    #[test]
    fn what_is_undefined_is_none() {
        let none = Regression::default();
        assert_eq!((none.mean_absolute_error(), none.root_mean_squared_error()), (None, None));
        assert_eq!(
            (none.r_squared(), none.max_error(), none.pinball_loss(0.5)),
            (None, None, None)
        );
        let constant = of(&[3.0, 3.0], &[3.0, 4.0]);
        assert_eq!((constant.r_squared(), constant.explained_variance()), (None, None));
        assert_eq!(constant.pinball_loss(1.5), None);
        assert_eq!(constant.pinball_loss(f64::NAN), None);
    }

    #[test]
    fn sizes_whose_squares_leave_the_range_have_a_root_and_an_r_squared() {
        for size in [1e-200, 1e200, Regression::MAX_MAGNITUDE / 4.0] {
            let regression = of(&[2.0 * size, 4.0 * size], &[size, 4.0 * size]);
            let root = regression.root_mean_squared_error().unwrap() / size;
            assert!((root - num::sqrt(0.5)).abs() < 1e-15, "{size:e}: {root}");
            assert!((regression.r_squared().unwrap() - 0.5).abs() < 1e-15, "{size:e}");
            assert!(regression.mean_squared_error().unwrap().is_finite());
        }
    }

    #[test]
    fn refuses_what_it_cannot_sum() {
        let mut regression = Regression::default();
        for bad in [f64::NAN, f64::INFINITY] {
            assert_eq!(regression.push(bad, 0.0).unwrap_err().kind(), ErrorKind::NotFinite);
            assert_eq!(regression.push(0.0, bad).unwrap_err().kind(), ErrorKind::NotFinite);
        }
        assert_eq!(regression.push(1e308, 0.0).unwrap_err().kind(), ErrorKind::OutOfRange);
        assert_eq!(regression.count(), 0);
        let kind = |a: &[f64], p: &[f64]| median_absolute_error(a, p).unwrap_err().kind();
        assert_eq!(kind(&[], &[]), ErrorKind::EmptySample);
        assert_eq!(kind(&[1.0], &[]), ErrorKind::ShapeMismatch);
        assert_eq!(kind(&[1.0], &[-1e308]), ErrorKind::OutOfRange);
        assert_eq!(median_absolute_error(&[1.0, 2.0, 9.0], &[1.0, 3.0, 4.0]).unwrap(), 1.0);
    }

    #[test]
    fn logarithms_want_values_above_minus_one() {
        let kind = |a: &[f64], p: &[f64]| mean_squared_log_error(a, p).unwrap_err().kind();
        assert_eq!(kind(&[], &[]), ErrorKind::EmptySample);
        assert_eq!(kind(&[1.0], &[]), ErrorKind::ShapeMismatch);
        assert_eq!(kind(&[1.0], &[-1.0]), ErrorKind::OutOfRange);
        assert_eq!(kind(&[f64::NAN], &[1.0]), ErrorKind::NotFinite);
        let smallest = mean_squared_log_error(&[(-1.0_f64).next_up()], &[f64::MAX]).unwrap();
        assert!(smallest.is_finite());
        assert_eq!(mean_squared_log_error(&[0.0, -0.5], &[0.0, -0.5]).unwrap(), 0.0);
    }
}
