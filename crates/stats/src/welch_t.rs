//! Welch's t-test on the means of two samples of numbers, two-sided.
//!
//! Did the mean move? The variances need not be equal. The p-value rests on the means being nearly
//! normal, which the central limit theorem gives from some dozens of rows on, and more where the
//! column is skewed. It sees no change of shape that leaves the mean where it was, and one far outlier
//! can hide a move: then [`crate::mann_whitney`] is the better question.

use crate::{
    Decision, Error, ErrorKind, Interval, Method, Sorted, TwoSample,
    decision::Measured,
    num,
    outline::{Cell, Outline},
    special::{student_t_point, student_t_tail},
    spread::{Spread, standard_deviation},
    walk::Pair,
};

/// Compares the means of two samples by Welch's t-test, two-sided.
///
/// With means `x̄`, `ȳ` and unbiased variances `s²`, `v²`:  `t = (x̄ − ȳ) / √(s²/n + v²/m)`.
///
/// # Arguments
/// * `reference`, `current`: two rows each at least. Ties are fine.
/// * `decision`: alpha and the effect that matters.
///
/// # Returns
/// * `statistic`: `t`, negative where the current mean is the larger. If both samples are constant, 0
///   when they are equal, else the largest double with the sign of the difference.
/// * `effect`: Cohen's d without its sign, `|x̄ − ȳ|` in pooled standard deviations,
///   `√(((n−1)s² + (m−1)v²) / (n+m−2))`. If both samples are constant and differ, in population
///   standard deviations of both together.
/// * `p_value`: `P(|T| ≥ |t|)`, by Student's distribution with Welch and Satterthwaite's degrees of
///   freedom, `(s²/n + v²/m)² / ((s²/n)²/(n−1) + (v²/m)²/(m−1))`.
/// * `interval`: for the effect with confidence `1 − alpha`, from the interval of the difference of
///   the means, wider (or narrower, where skewed rows move both) by what the pooled standard deviation
///   scatters.
/// * `detectable_effect`: the effect that is just significant with these variances.
///
/// # Errors
/// * [`ErrorKind::EmptySample`]: a sample is empty.
/// * [`ErrorKind::OutOfRange`]: a sample has one row, and so no variance; `decision.alpha` is no
///   probability.
///
/// # Numerics
/// O(n + m), one pass with compensated sums, and some hundred cells for the interval. Each sample is counted from its middle
/// value, so a large offset costs no digits; values near the ends of a double's range are
/// scaled by a power of two first. The p-value keeps its digits down to 1e-300.
///
/// # Examples
/// ```
/// use tidegate_stats::{Decision, Sorted, welch_t};
/// let reference = Sorted::try_new(vec![1.0, 2.0, 3.0])?;
/// let current = Sorted::try_new(vec![3.0, 4.0, 5.0])?;
/// let result = welch_t::two_sample(&reference, &current, &Decision::default())?;
/// assert_eq!(result.effect, 2.0); // moved by two standard deviations
/// // t = −2/√(1/3 + 1/3), and 4 degrees of freedom.
/// assert!((result.statistic + 6.0_f64.sqrt()).abs() < 1e-15);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Welch (1947), <https://doi.org/10.1093/biomet/34.1-2.28>; Cohen (1988), chapter 2. Oracle:
/// `scipy.stats.ttest_ind(reference, current, equal_var=False)`.
pub fn two_sample(
    reference: &Sorted,
    current: &Sorted,
    decision: &Decision,
) -> Result<TwoSample, Error> {
    decision.checked_alpha()?;
    let pair = Pair::try_new(reference, current)?;
    let spreads = [reference, current].map(|sample| Spread::of(sample, pair.unit));
    conclude(&pair, spreads, Outline::of(&pair).as_ref(), decision)
}

/// The test of two samples with these means and variances.
pub(crate) fn conclude(
    pair: &Pair<'_>,
    [x, y]: [Spread; 2],
    outline: Option<&Outline>,
    decision: &Decision,
) -> Result<TwoSample, Error> {
    let (n, m) = (x.count, y.count);
    if n < 2.0 || m < 2.0 {
        return Err(Error::new(ErrorKind::OutOfRange, "the variance of a single row"));
    }
    let difference = (x.origin - y.origin) + (x.mean - y.mean);
    let (own, other) = (x.variance() / n, y.variance() / m);
    let error = num::sqrt(own + other);
    let pooled = num::sqrt((x.squares + y.squares) / (n + m - 2.0));
    let (t, df, error, scale) = if error > 0.0 {
        let share = own / (own + other);
        let rest = 1.0 - share;
        let df = 1.0 / (share * share / (n - 1.0) + rest * rest / (m - 1.0));
        (difference / error, df, error, pooled)
    } else {
        // The error that there would be if rows varied by one `scale`.
        let scale = standard_deviation(&[pair.reference, pair.current], pair.unit);
        let t = if difference == 0.0 { 0.0 } else { f64::MAX.copysign(difference) };
        (t, n + m - 2.0, scale * num::sqrt(1.0 / n + 1.0 / m), scale)
    };
    let point = student_t_point(decision.alpha / 2.0, df)?;
    let margin = point * error;
    let in_deviations =
        |length: f64| if scale > 0.0 { (length / scale).min(f64::MAX) } else { 0.0 };
    let size = difference.abs();
    let by_scale = match outline {
        Some(outline) if pooled > 0.0 => variance_by_scale(outline, [&x, &y], difference, pooled),
        _ => 0.0,
    };
    // Where the scale moves along with the means there is less of it; a tenth is left at least.
    let whole = point * num::sqrt((error * error + by_scale).max(error * error / 100.0));
    Ok(decision.conclude(Measured {
        method: Method::WelchT,
        statistic: t,
        p_value: Some((2.0 * student_t_tail(t.abs(), df)?).min(1.0)),
        effect: in_deviations(size),
        interval: Some(Interval {
            lower: in_deviations((size - whole).max(0.0)),
            upper: in_deviations(size + whole),
        }),
        detectable_effect: in_deviations(margin),
        counts: pair.counts(),
    }))
}

/// What the pooled deviation, which is found too, adds to the variance of the effect: in squares of the
/// pair's unit. A row `z` deviations from its mean moves the difference by `z`, and the effect `d` by
/// `− d z² / 2` of its sample's share of the rows besides.
fn variance_by_scale(outline: &Outline, spreads: [&Spread; 2], difference: f64, scale: f64) -> f64 {
    let effect = difference / scale;
    let influences = |cell: &Cell, effect: f64| {
        let of = |side: usize, sign: f64| {
            let Spread { origin, mean, .. } = spreads[side];
            let z = ((cell.value - origin) - mean) / scale;
            sign * z - effect * outline.parts[side] * z * z / 2.0
        };
        [of(0, 1.0), of(1, -1.0)]
    };
    let [with, without] =
        [effect, 0.0].map(|effect| outline.variance(|cell| influences(cell, effect)));
    (with - without) * scale * scale
}

/// The two-sided p-value of Student's test, which takes both variances for equal. `None` where there is
/// no variance to measure by.
pub(crate) fn pooled_p_value(reference: &Sorted, current: &Sorted) -> Option<f64> {
    let pair = Pair::try_new(reference, current).ok()?;
    let [x, y] = [reference, current].map(|sample| Spread::of(sample, pair.unit));
    let df = x.count + y.count - 2.0;
    let variance = (x.squares + y.squares) / df;
    let difference = (x.origin - y.origin) + (x.mean - y.mean);
    let t = difference / num::sqrt(variance * (1.0 / x.count + 1.0 / y.count));
    if !t.is_finite() {
        return None;
    }
    Some((2.0 * student_t_tail(t.abs(), df).ok()?).min(1.0))
}

#[cfg(test)]
mod tests {
    use alloc::{vec, vec::Vec};

    use super::*;
    use crate::Verdict;

    fn compare(reference: &[f64], current: &[f64]) -> Result<TwoSample, Error> {
        let sorted = |values: &[f64]| Sorted::try_new(values.to_vec()).unwrap();
        two_sample(&sorted(reference), &sorted(current), &Decision::default())
    }

    #[test]
    fn by_hand() {
        // Means 1 and 4, variances 2 and 8: t = −3/√(1 + 4), df = 25/(1 + 16).
        let result = compare(&[0.0, 2.0], &[2.0, 6.0]).unwrap();
        assert!((result.statistic + 3.0 / num::sqrt(5.0)).abs() < 1e-15);
        assert!((result.effect - 3.0 / num::sqrt(5.0)).abs() < 1e-15);
        let want = 2.0 * student_t_tail(3.0 / num::sqrt(5.0), 25.0 / 17.0).unwrap();
        assert!((result.p_value.unwrap() - want).abs() < 1e-15);
    }

    #[test]
    fn an_offset_of_a_trillion_costs_no_digits() {
        let reference: Vec<f64> = (0..50).map(f64::from).collect();
        let current: Vec<f64> = reference.iter().map(|value| value * 1.5 + 3.0).collect();
        let near = compare(&reference, &current).unwrap();
        let far = |values: &[f64]| values.iter().map(|value| value + 1e12).collect::<Vec<_>>();
        let result = compare(&far(&reference), &far(&current)).unwrap();
        assert!((result.statistic / near.statistic - 1.0).abs() < 1e-14);
        assert!((result.p_value.unwrap() / near.p_value.unwrap() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn constants_are_equal_or_apart() {
        let constant = vec![0.1; 500];
        let same = compare(&constant, &constant).unwrap();
        assert_eq!((same.statistic, same.effect, same.p_value), (0.0, 0.0, Some(1.0)));
        assert_eq!(same.verdict, Verdict::NoDrift);
        let moved = compare(&constant, &[0.2; 500]).unwrap();
        assert_eq!((moved.statistic, moved.effect, moved.p_value), (f64::MIN, 2.0, Some(0.0)));
        assert_eq!(moved.verdict, Verdict::Drift);
    }

    #[test]
    fn the_scale_of_the_data_does_not_matter_up_to_the_ends_of_the_range() {
        let reference: Vec<f64> = (1..=50).map(f64::from).collect();
        let current: Vec<f64> = reference.iter().map(|value| value + 20.0).collect();
        let plain = compare(&reference, &current).unwrap();
        for scale in [num::pow(2.0, 1000.0), num::pow(2.0, -1000.0)] {
            let scaled = |values: &[f64]| values.iter().map(|v| v * scale).collect::<Vec<_>>();
            let result = compare(&scaled(&reference), &scaled(&current)).unwrap();
            assert!((result.statistic / plain.statistic - 1.0).abs() < 1e-14, "{scale:e}");
            assert!((result.effect / plain.effect - 1.0).abs() < 1e-14);
        }
        assert!(compare(&[-f64::MAX, 0.0], &[f64::MAX, 0.0]).unwrap().effect.is_finite());
    }

    #[test]
    fn a_sample_without_a_variance_is_refused() {
        assert_eq!(compare(&[1.0], &[1.0, 2.0]).unwrap_err().kind(), ErrorKind::OutOfRange);
        assert_eq!(compare(&[], &[1.0, 2.0]).unwrap_err().kind(), ErrorKind::EmptySample);
    }
}
