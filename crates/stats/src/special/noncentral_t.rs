//! Student's distribution where there is a difference: what power is made of.

use super::{LN_SQRT_TAU, ln_1p_minus, normal_tail, stirling_error};
use crate::{Error, ErrorKind, num};

/// Points of the quadrature at most.
const MAX_POINTS: f64 = 100_000.0;
/// Terms below `e^−45` of the largest count for nothing.
const DEPTH: f64 = 45.0;
/// A normal variable is never so far from 0, as far as doubles go.
const FAR: f64 = 40.0;
/// Of `1/√(df + y²)`, `y` the steepest slope: the error of the rule is about `e^(−π²/step²)`.
const STEP: f64 = 0.45;
/// The integrand dies out in a strip of `±π/4`, so the error is about `e^(−π²/(2·step))` too.
const MAX_STEP: f64 = 0.125;

/// Upper tail of the noncentral t distribution: `P((Z + δ) / √(χ²/df) ≥ t)`, `Z` standard normal and
/// `χ²` an independent chi-square variable of `df` degrees of freedom.
///
/// # Arguments
/// * `t`: finite.
/// * `df`: finite and `> 0`; need not be whole.
/// * `noncentrality`: `δ`, finite; 0 gives Student's distribution.
///
/// # Returns
/// In `[0, 1]`. The lower tail is that of `−t` and `−δ`.
///
/// # Errors
/// * [`ErrorKind::OutOfRange`]: an argument is outside its range.
/// * [`ErrorKind::NotConverged`]: 100 000 points are too few: `δ` or `t` beyond some 10⁴ `√df`.
///
/// # Numerics
/// `∫ f(u) P(Z ≥ t eᵘ − δ) du` with `f` the density of `u = ½ ln(χ²/df)`, by the trapezoid rule: the
/// integrand is analytic and dies out at both ends, so the rule converges faster than any power of
/// its step, and all its terms are positive. Some hundred points. Against mpmath relative error below
/// 1e-12 down to 1e-300 for `t ≥ 0`.
///
/// # Examples
/// ```
/// use tidegate_stats::special::noncentral_t_tail;
/// // With infinitely many degrees of freedom it is a shifted normal variable.
/// assert!((noncentral_t_tail(1.0, 1e14, 1.0)? - 0.5).abs() < 1e-13);
/// // scipy.stats.nct.sf(2, 10, 1)
/// assert!((noncentral_t_tail(2.0, 10.0, 1.0)? - 0.192_388_437_469_624_7).abs() < 1e-13);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Johnson, Kotz, Balakrishnan (1995), "Continuous univariate distributions", vol. 2, chapter 31.
/// Trefethen & Weideman (2014), <https://doi.org/10.1137/130932132>, for the rule. Oracle: the
/// integral over `χ` by mpmath.
pub fn noncentral_t_tail(t: f64, df: f64, noncentrality: f64) -> Result<f64, Error> {
    if !(t.is_finite() && noncentrality.is_finite()) {
        return Err(Error::new(ErrorKind::OutOfRange, "the argument of the noncentral t"));
    }
    if !(df > 0.0 && df.is_finite()) {
        return Err(Error::new(ErrorKind::OutOfRange, "the degrees of freedom"));
    }
    if t < 0.0 {
        return Ok((1.0 - noncentral_t_tail(-t, df, -noncentrality)?).max(0.0));
    }
    // The density falls by x² df / (1 + x) or more at x below 0, and by x² df above.
    let below = |depth: f64| {
        let k = depth / df;
        0.5 * (k + num::sqrt(k * (k + 4.0)))
    };
    let short = (t - noncentrality).max(0.0);
    // What a smaller u may win in the tail of Z; and below where that tail is flat, nothing.
    let won = below(DEPTH + 5.0 + 0.5 * short * short);
    let flat = num::ln_1p(t * (1.0 + noncentrality.abs())) + below(DEPTH);
    let (low, high) = (-won.min(flat), num::sqrt(DEPTH / df));
    if t * num::exp(high) - noncentrality < -FAR {
        return Ok(1.0);
    }
    if t * num::exp(low) - noncentrality > FAR {
        return Ok(0.0);
    }
    let steepest = (t * num::exp(high)).min(noncentrality.max(0.0) + FAR);
    let step = MAX_STEP.min(STEP / num::sqrt(df + steepest * steepest));
    let points = num::ceil((high - low) / step);
    if points > MAX_POINTS {
        return Err(Error::new(ErrorKind::NotConverged, "the tail of the noncentral t"));
    }
    let a = 0.5 * df;
    // f(u) = 2 √(a/2π) e^(−s(a)) exp(a (ln(1+v) − v)) with v = e^(2u) − 1 and Stirling's remainder s.
    let ln_factor = 0.5 * num::ln(a) - LN_SQRT_TAU - stirling_error(a) + core::f64::consts::LN_2;
    let mut sum = num::Sum::default();
    for index in 0..=points as u32 {
        let u = low + step * f64::from(index);
        let scale = num::exp(u);
        let v = num::exp_m1(2.0 * u);
        // Where v is nearly −1 its logarithm is 2u.
        let bracket = if u < -0.5 { 2.0 * u - v } else { ln_1p_minus(v) };
        sum.add(num::exp(a * bracket + ln_factor) * normal_tail(t * scale - noncentrality));
    }
    Ok((sum.value() * step).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::super::{student_t_point, student_t_tail};
    use super::*;

    fn assert_close(got: f64, want: f64, rel: f64) {
        assert!((got - want).abs() <= rel * want.abs(), "got {got:e}, want {want:e}");
    }

    #[test]
    fn without_noncentrality_it_is_students() {
        for df in [0.5, 1.0, 3.0, 30.0, 1e3, 1e6, 1e12] {
            for t in [0.0, 0.3, 1.0, 2.5, 7.0, 30.0] {
                let want = student_t_tail(t, df).unwrap();
                if want > 1e-290 {
                    assert_close(noncentral_t_tail(t, df, 0.0).unwrap(), want, 1e-11);
                }
            }
        }
    }

    #[test]
    fn of_zero_it_is_the_normal_tail() {
        for delta in [-5.0, -1.0, 0.0, 2.0, 8.0] {
            assert_close(noncentral_t_tail(0.0, 7.0, delta).unwrap(), normal_tail(-delta), 1e-12);
        }
    }

    #[test]
    fn both_tails_make_one() {
        for (t, df, delta) in [(1.0, 4.0, 2.0), (2.0, 50.0, 2.0), (0.5, 1.0, -1.0)] {
            let upper = noncentral_t_tail(t, df, delta).unwrap();
            let lower = noncentral_t_tail(-t, df, -delta).unwrap();
            assert_close(upper + lower, 1.0, 1e-13);
        }
    }

    #[test]
    fn far_out_it_is_sure_or_fails() {
        let point = student_t_point(0.025, 1e9).unwrap();
        assert_eq!(noncentral_t_tail(point, 1e9, 1e12), Ok(1.0));
        assert_eq!(noncentral_t_tail(point, 1e9, -1e12), Ok(0.0));
        for (t, df, delta) in [(1e300, 5.0, 1.0), (1e300, 5.0, 1e300), (1e4, 1e-3, 3.0)] {
            let got = noncentral_t_tail(t, df, delta);
            assert!(got.is_ok_and(|p| (0.0..=1.0).contains(&p)) || got.is_err(), "{got:?}");
        }
    }

    #[test]
    fn bad_arguments_are_refused() {
        for (t, df, delta) in [
            (f64::NAN, 1.0, 0.0),
            (f64::INFINITY, 1.0, 0.0),
            (1.0, 0.0, 0.0),
            (1.0, f64::INFINITY, 0.0),
            (1.0, 1.0, f64::NAN),
        ] {
            let error = noncentral_t_tail(t, df, delta).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::OutOfRange);
        }
    }
}
