//! The beta distribution, and Student's, which is one of its faces.

use super::{LN_SQRT_TAU, MAX_ITERATIONS, ln_1p_minus, stirling_error};
use crate::{Error, ErrorKind, num};

/// Lower regularised incomplete beta function,
/// `Iₓ(a, b) = 1/B(a, b) ∫₀ˣ t^(a−1) (1−t)^(b−1) dt`: the distribution function of Beta(a, b).
///
/// # Arguments
/// * `a`, `b`: shapes, finite and `> 0`.
/// * `x`: upper end of the integral, in `[0, 1]`.
///
/// # Returns
/// In `[0, 1]`. The upper tail is `I₁₋ₓ(b, a)`, and is not one minus this where it is small.
///
/// # Errors
/// * [`ErrorKind::OutOfRange`]: an argument is outside its range.
/// * [`ErrorKind::NotConverged`]: more than 100 000 terms would be needed (both shapes beyond
///   about 10⁹).
///
/// # Numerics
/// A continued fraction, on the side of the mean where it converges fast. Its factor
/// `x^a (1−x)^b / B(a, b)` is formed from deviances and Stirling's remainders, so nothing large
/// cancels: relative error below 1e-12 down to 1e-300 against mpmath.
///
/// # Examples
/// ```
/// use tidegate_stats::special::lower_beta_ratio;
/// // The distribution function of the larger of two uniform variables is x².
/// assert!((lower_beta_ratio(2.0, 1.0, 0.25)? - 0.0625).abs() < 1e-15);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// <https://dlmf.nist.gov/8.17.E2>. Oracle: mpmath's `betainc(a, b, 0, x, regularized=True)`.
pub fn lower_beta_ratio(a: f64, b: f64, x: f64) -> Result<f64, Error> {
    if !(0.0..=1.0).contains(&x) {
        return Err(Error::new(ErrorKind::OutOfRange, "the argument of the beta distribution"));
    }
    beta_ratio(a, b, x, 1.0 - x)
}

/// `Iₓ(a, b)` with `y = 1 − x` given apart, so that neither loses digits near 0.
pub(crate) fn beta_ratio(a: f64, b: f64, x: f64, y: f64) -> Result<f64, Error> {
    let is_shape = |shape: f64| shape > 0.0 && shape.is_finite();
    if !(is_shape(a) && is_shape(b)) {
        return Err(Error::new(ErrorKind::OutOfRange, "a shape of the beta distribution"));
    }
    if x <= 0.0 || y <= 0.0 {
        return Ok(if x <= 0.0 { 0.0 } else { 1.0 });
    }
    let factor = num::exp(ln_beta_factor(a, b, x, y));
    Ok(if x < (a + 1.0) / (a + b + 2.0) {
        (factor / continued_fraction(a, b, x, y)?).min(1.0)
    } else {
        (1.0 - factor / continued_fraction(b, a, y, x)?).max(0.0)
    })
}

/// `ln (x^a y^b / B(a, b))` for `x + y = 1`, both positive.
///
/// By Stirling's formula it is `½ ln(ab / (2πn))`, the remainders of `n = a + b`, `a` and `b`, and
/// `a ln(nx/a) + b ln(ny/b)`. With `g = nx − a = b − ny` the last two are
/// `a (ln(1+g/a) − g/a) + b (ln(1−g/b) + g/b)`: no term is positive.
pub(crate) fn ln_beta_factor(a: f64, b: f64, x: f64, y: f64) -> f64 {
    let n = a + b;
    let gap = b * x - a * y;
    let deviance = |shape: f64, share: f64, gap: f64| {
        let (ratio, v) = (n * (share / shape), gap / shape);
        let bracket =
            if (0.5..=2.0).contains(&ratio) { ln_1p_minus(v) } else { num::ln(ratio) - v };
        shape * bracket
    };
    let remainders = stirling_error(n) - stirling_error(a) - stirling_error(b);
    deviance(a, x, gap) + deviance(b, y, -gap) + remainders - LN_SQRT_TAU
        + 0.5 * num::ln(a * (b / n))
}

/// `x^a y^b / (B(a, b) Iₓ(a, b))`, from its front (modified Lentz).
///
/// Didonato and Morris's form: one step is two of the classic one's, and `ay − bx` is taken from
/// both shares, so that it keeps its digits where `x` is nearly 1.
fn continued_fraction(a: f64, b: f64, x: f64, y: f64) -> Result<f64, Error> {
    let away_from_zero = |v: f64| if v.abs() < f64::MIN_POSITIVE { f64::MIN_POSITIVE } else { v };
    let gap = a * y - b * x + 1.0;
    let mut fraction = away_from_zero(a * (gap / (a + 1.0)));
    let mut c = fraction;
    let mut d = 0.0;
    for k in 1..=MAX_ITERATIONS {
        let k = f64::from(k);
        let reach = a + 2.0 * k - 1.0;
        let shared = k * ((b - k) / reach) * x;
        let numerator = (a + k - 1.0) * ((a + b + k - 1.0) / reach) * x * shared;
        let denominator = k + shared + (a + k) * ((gap + k * (1.0 + y)) / (reach + 2.0));
        d = 1.0 / away_from_zero(denominator + numerator * d);
        c = away_from_zero(denominator + numerator / c);
        let change = c * d;
        fraction *= change;
        if (change - 1.0).abs() <= f64::EPSILON {
            return Ok(fraction);
        }
    }
    Err(Error::new(ErrorKind::NotConverged, "the tail of the beta distribution"))
}

/// Upper tail of Student's t distribution with `df` degrees of freedom: `P(T ≥ t)`.
///
/// For `t ≥ 0` it is `½ Iₓ(df/2, ½)` at `x = df / (df + t²)`. The lower tail at `t` is the upper one
/// at `−t`.
///
/// # Arguments
/// * `t`: any number, infinities included.
/// * `df`: finite and `> 0`; need not be whole.
///
/// # Returns
/// In `[0, 1]`.
///
/// # Errors
/// * [`ErrorKind::OutOfRange`]: `t` is NaN, or `df` is outside its range.
/// * [`ErrorKind::NotConverged`]: as [`lower_beta_ratio`].
///
/// # Numerics
/// As [`lower_beta_ratio`], for all `df` from 1e-3 to 1e15.
///
/// # Examples
/// ```
/// use tidegate_stats::special::student_t_tail;
/// // With one degree of freedom it is Cauchy's distribution: a quarter lies beyond 1.
/// assert!((student_t_tail(1.0, 1.0)? - 0.25).abs() < 1e-15);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Student (1908), <https://doi.org/10.1093/biomet/6.1.1>. Oracle: mpmath's incomplete beta function;
/// `scipy.stats.t.sf(t, df)`.
pub fn student_t_tail(t: f64, df: f64) -> Result<f64, Error> {
    if t.is_nan() {
        return Err(Error::new(ErrorKind::OutOfRange, "the argument of Student's distribution"));
    }
    if !(df > 0.0 && df.is_finite()) {
        return Err(Error::new(ErrorKind::OutOfRange, "the degrees of freedom"));
    }
    let scaled = t.abs() / num::sqrt(df);
    let tail = if scaled > POWER_LAW {
        power_law_tail(scaled, df)
    } else {
        let (x, y) = shares(scaled);
        0.5 * beta_ratio(df / 2.0, 0.5, x, y)?
    };
    Ok(if t < 0.0 { 1.0 - tail } else { tail })
}

/// `1 / (1 + s²)` and its complement, for `s` up to [`POWER_LAW`].
fn shares(s: f64) -> (f64, f64) {
    let square = s * s;
    (1.0 / (1.0 + square), square / (1.0 + square))
}

/// Beyond this many `√df` the tail is its power law to the last digit, and squares may overflow.
const POWER_LAW: f64 = 1e9;

/// `½ s^(−df) / (a B(a, ½))` with `a = df/2`: the first term of the series, `s = t/√df`.
fn power_law_tail(s: f64, df: f64) -> f64 {
    let a = df / 2.0;
    if a > 20.0 {
        return 0.0; // s^(−df) is below 1e-360.
    }
    let ln_beta = num::ln_gamma(a + 1.0) + num::ln_gamma(0.5) - num::ln_gamma(a + 0.5);
    0.5 * num::exp(-df * num::ln(s) - ln_beta)
}

/// The point that a Student variable with `df` degrees of freedom exceeds with probability `tail`.
///
/// # Arguments
/// * `tail`: in `(0, 1)`.
/// * `df`: finite and `> 0`.
///
/// # Returns
/// Positive where `tail` is below a half. [`f64::MAX`] stands for a point beyond the doubles.
///
/// # Errors
/// As [`student_t_tail`], and [`ErrorKind::OutOfRange`] if `tail` is NaN or not in `(0, 1)`.
///
/// # Numerics
/// Newton's method on the logarithms of the tail and of the point, between which the tail of a
/// heavy distribution is nearly a line, inside bounds that each step tightens. Relative error
/// below 1e-12 for `tail` outside `[0.45, 0.55]`; absolute, of the same size, inside.
///
/// # Examples
/// ```
/// # use tidegate_stats::special::student_t_point;
/// // Cauchy's distribution: cot(π·tail).
/// assert!((student_t_point(0.25, 1.0)? - 1.0).abs() < 1e-13);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// As [`student_t_tail`]. Oracle: mpmath; `scipy.stats.t.isf(tail, df)`.
pub fn student_t_point(tail: f64, df: f64) -> Result<f64, Error> {
    if !(tail > 0.0 && tail < 1.0) {
        return Err(Error::new(ErrorKind::OutOfRange, "the tail probability"));
    }
    if tail > 0.5 {
        return Ok(-student_t_point(1.0 - tail, df)?);
    }
    if tail == 0.5 {
        student_t_tail(0.0, df)?;
        return Ok(0.0);
    }
    let (mut low, mut high) = (0.0, f64::MAX);
    let mut point = super::normal_point(tail)?;
    // Halving a double's range takes a thousand steps at worst, where the point is tiny or huge.
    for _ in 0..1200 {
        let at_point = student_t_tail(point, df)?;
        if at_point > tail {
            low = point;
        } else {
            high = point;
        }
        // d ln tail / d ln t = −t·density / tail, and t·density = x^(df/2) y^½ / B(df/2, ½).
        let scaled = point / num::sqrt(df);
        let slope = if scaled > POWER_LAW {
            df
        } else {
            let (x, y) = shares(scaled);
            num::exp(ln_beta_factor(df / 2.0, 0.5, x, y)) / at_point
        };
        let next = point * num::exp(num::ln(at_point / tail) / slope);
        let next = if next > low && next < high {
            next
        } else if high < f64::MAX {
            low + (high - low) / 2.0
        } else {
            (2.0 * point).min(f64::MAX)
        };
        if (next - point).abs() <= next * (2.0 * f64::EPSILON) {
            return Ok(next);
        }
        point = next;
    }
    Ok(point)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_close(got: f64, want: f64, rel: f64) {
        assert!((got - want).abs() <= rel * want.abs(), "got {got:e}, want {want:e}");
    }

    #[test]
    fn a_shape_of_one_is_a_power() {
        for x in [1e-12, 0.1, 0.5, 0.9] {
            for shape in [0.3, 1.0, 7.0, 500.0] {
                assert_close(lower_beta_ratio(shape, 1.0, x).unwrap(), num::pow(x, shape), 1e-12);
                let want = -libm::expm1(shape * num::ln_1p(-x));
                assert_close(lower_beta_ratio(1.0, shape, x).unwrap(), want, 1e-12);
            }
        }
    }

    #[test]
    fn both_sides_make_one() {
        for (a, b) in [(0.5, 0.5), (3.0, 40.0), (1e6, 2e6)] {
            for x in [0.01, 1.0 / 3.0, 0.3335, 0.9] {
                let below = lower_beta_ratio(a, b, x).unwrap();
                let above = lower_beta_ratio(b, a, 1.0 - x).unwrap();
                assert_close(below + above, 1.0, 1e-9);
            }
        }
    }

    #[test]
    fn one_degree_of_freedom_is_cauchys() {
        for t in [1e-3_f64, 0.5, 1.0, 7.0, 1e8, 1e200] {
            let want = libm::atan(1.0 / t) / core::f64::consts::PI;
            assert_close(student_t_tail(t, 1.0).unwrap(), want, 1e-13);
            assert_close(student_t_tail(-t, 1.0).unwrap(), 1.0 - want, 1e-13);
        }
    }

    #[test]
    fn many_degrees_of_freedom_are_the_normal_distribution() {
        for t in [0.1, 1.0, 3.0, 6.0] {
            assert_close(student_t_tail(t, 1e15).unwrap(), super::super::normal_tail(t), 1e-11);
        }
    }

    #[test]
    fn points_give_their_tails_back() {
        for df in [0.5, 1.0, 2.5, 30.0, 1e4, 1e9] {
            for tail in [1e-100, 1e-9, 0.025, 0.3, 0.499, 0.7] {
                let point = student_t_point(tail, df).unwrap();
                assert_close(student_t_tail(point, df).unwrap(), tail, 1e-11);
            }
        }
        assert_eq!(student_t_point(0.5, 3.0).unwrap(), 0.0);
    }

    #[test]
    fn edges() {
        assert_eq!(lower_beta_ratio(2.0, 3.0, 0.0).unwrap(), 0.0);
        assert_eq!(lower_beta_ratio(2.0, 3.0, 1.0).unwrap(), 1.0);
        assert_eq!(student_t_tail(0.0, 3.0).unwrap(), 0.5);
        assert_eq!(student_t_tail(f64::INFINITY, 3.0).unwrap(), 0.0);
        assert_eq!(student_t_tail(f64::NEG_INFINITY, 3.0).unwrap(), 1.0);
        for (a, b, x) in [(0.0, 1.0, 0.5), (1.0, f64::NAN, 0.5), (1.0, 1.0, 1.1), (1.0, 1.0, -0.1)]
        {
            assert_eq!(lower_beta_ratio(a, b, x).unwrap_err().kind(), ErrorKind::OutOfRange);
        }
        for (t, df) in [(f64::NAN, 1.0), (1.0, 0.0), (1.0, f64::INFINITY), (1.0, f64::NAN)] {
            assert_eq!(student_t_tail(t, df).unwrap_err().kind(), ErrorKind::OutOfRange);
        }
        assert_eq!(student_t_point(1.0, 3.0).unwrap_err().kind(), ErrorKind::OutOfRange);
    }
}
