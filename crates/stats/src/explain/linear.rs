use alloc::vec;
use alloc::vec::Vec;

use super::attributions::{Attributions, finite_rows_of};
use crate::{Error, ErrorKind, num};

/// SHAP values of a linear model against background rows, features taken one by one.
///
/// With coefficients `c` and the background's means `m`, a feature of value `x` has `c (x − m)`: for a
/// linear model the average over all orders is this difference.
///
/// # Arguments
/// * `coefficients`: one a feature, `≥ 1`, finite. Of a classifier: those of its margin.
/// * `intercept`: finite.
/// * `rows`: row-major, `[n × features]`, finite.
/// * `background`: row-major, `[m × features]`, `m ≥ 1`, finite.
///
/// # Returns
/// In the unit of the model's output. `expected` is the output at the background's means, which is the
/// mean output over the background.
///
/// # Errors
/// * [`ErrorKind::ShapeMismatch`]: a table is no whole number of rows, or there is no coefficient.
/// * [`ErrorKind::EmptySample`]: no background row.
/// * [`ErrorKind::NotFinite`]: a value is NaN or infinite.
/// * [`ErrorKind::OutOfRange`]: a result leaves the range of a double, or there would be more than
///   [`Attributions::MAX_VALUES`].
///
/// # Numerics
/// O((n + m) · features). Means by compensated sums; two roundings a value.
///
/// # Examples
/// ```
/// use tidegate_stats::explain::linear;
/// let found = linear(&[2.0, -1.0], 5.0, &[3.0, 3.0], &[0.0, 0.0, 2.0, 4.0])?;
/// assert_eq!(found.expected(), [5.0]); // 5 + 2·1 − 1·2
/// assert_eq!(found.of(0, 0), [4.0, -1.0]); // 2·(3 − 1), −1·(3 − 2)
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Štrumbelj & Kononenko (2014), <https://doi.org/10.1007/s10115-013-0679-x>, section 3. Oracle:
/// `shap.LinearExplainer((coefficients, intercept), background)`.
pub fn linear(
    coefficients: &[f64],
    intercept: f64,
    rows: &[f64],
    background: &[f64],
) -> Result<Attributions, Error> {
    let features = coefficients.len();
    if !intercept.is_finite() || coefficients.iter().any(|value| !value.is_finite()) {
        return Err(Error::new(ErrorKind::NotFinite, "the list of coefficients"));
    }
    let count = finite_rows_of(rows, features, "the table of rows")?;
    let background_count = finite_rows_of(background, features, "the background")?;
    if background_count == 0 {
        return Err(Error::new(ErrorKind::EmptySample, "the background"));
    }
    let mean_of = |feature: usize| {
        let column = background.iter().skip(feature).step_by(features);
        column.copied().collect::<num::Sum>().value() / background_count as f64
    };
    let means: Vec<f64> = (0..features).map(mean_of).collect();
    let mut expected = num::Sum::default();
    expected.add(intercept);
    for (coefficient, mean) in coefficients.iter().zip(&means) {
        expected.add(coefficient * mean);
    }
    let mut found = Attributions::try_new(count, features, vec![expected.value()])?;
    let of_features = coefficients.iter().zip(&means).cycle();
    for ((value, x), (coefficient, mean)) in
        found.values_mut().iter_mut().zip(rows).zip(of_features)
    {
        *value = coefficient * (x - mean);
    }
    found.finite()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_feature_moves_nothing() {
        let found = linear(&[1e6, 1.0], 0.0, &[7.0, 1.0], &[7.0, 0.0, 7.0, 0.5]).unwrap();
        assert_eq!(found.of(0, 0), [0.0, 0.75]);
    }

    #[test]
    fn refuses_what_it_cannot_explain() {
        let kind = |coefficients: &[f64], rows: &[f64], background: &[f64]| {
            linear(coefficients, 0.0, rows, background).unwrap_err().kind()
        };
        assert_eq!(kind(&[], &[], &[]), ErrorKind::ShapeMismatch);
        assert_eq!(kind(&[1.0, 1.0], &[1.0], &[1.0, 1.0]), ErrorKind::ShapeMismatch);
        assert_eq!(kind(&[1.0], &[1.0], &[]), ErrorKind::EmptySample);
        assert_eq!(kind(&[f64::NAN], &[1.0], &[1.0]), ErrorKind::NotFinite);
        assert_eq!(kind(&[1.0], &[f64::INFINITY], &[1.0]), ErrorKind::NotFinite);
        assert_eq!(kind(&[1e200], &[1e200], &[0.0]), ErrorKind::OutOfRange);
        assert_eq!(kind(&[1.0], &[0.0], &[1e308, 1e308]), ErrorKind::OutOfRange);
    }
}
