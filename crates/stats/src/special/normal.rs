//! The normal distribution.

use super::LN_SQRT_TAU;
use crate::{Error, ErrorKind, num};

/// Where the continued fraction of the tail takes over from its logarithm.
const FAR: f64 = 8.0;

/// Upper tail of the standard normal distribution, `P(Z ≥ x) = ½ erfc(x / √2)`.
///
/// The lower tail at `x` is the upper one at `−x`. A NaN gives a NaN.
///
/// # Numerics
/// O(1). Relative error below 1e-12 down to 1e-300 against mpmath; 0 beyond `x = 38.6`, where
/// [`ln_normal_tail`] goes on.
///
/// # Examples
/// ```
/// use tidegate_stats::special::normal_tail;
/// assert!((normal_tail(1.959963984540054) - 0.025).abs() < 1e-15);
/// ```
///
/// # References
/// <https://dlmf.nist.gov/7.2.E2>. Oracle: mpmath's `erfc(x / sqrt(2)) / 2`.
#[must_use]
pub fn normal_tail(x: f64) -> f64 {
    0.5 * num::erfc(x * core::f64::consts::FRAC_1_SQRT_2)
}

/// Natural logarithm of [`normal_tail`], which does not underflow.
///
/// # Numerics
/// O(1). Against mpmath, relative error below 1e-14 from 0 up, wherever the square of `x` is a
/// double, and below 1e-12 for negative `x`.
///
/// # Examples
/// ```
/// use tidegate_stats::special::ln_normal_tail;
/// // The tail itself, 3.7e-350, is no double.
/// assert!((ln_normal_tail(40.0) + 804.608442013754).abs() < 1e-11);
/// ```
///
/// # References
/// <https://dlmf.nist.gov/7.9.E1>, for the continued fraction. Oracle: mpmath; `scipy.stats.norm.logsf(x)`.
#[must_use]
pub fn ln_normal_tail(x: f64) -> f64 {
    if x < -1.0 {
        return num::ln_1p(-normal_tail(-x));
    }
    if x < FAR {
        return num::ln(normal_tail(x));
    }
    // Laplace's continued fraction of Mills' ratio: 1/(x + 1/(x + 2/(x + 3/(x + …)))).
    let mut below = x;
    for k in (1..=50).rev() {
        below = x + f64::from(k) / below;
    }
    ln_normal_density(x) - num::ln(below)
}

/// Natural logarithm of the standard normal density.
fn ln_normal_density(x: f64) -> f64 {
    -0.5 * x * x - LN_SQRT_TAU
}

/// The point that a standard normal variable exceeds with probability `tail`.
///
/// # Arguments
/// * `tail`: in `(0, 1)`.
///
/// # Returns
/// A finite number; positive where `tail` is below a half.
///
/// # Errors
/// [`ErrorKind::OutOfRange`]: `tail` is NaN or not in `(0, 1)`.
///
/// # Numerics
/// O(1). Newton's method: on the error function where `tail` is near a half, on the logarithm of
/// the tail elsewhere. Relative error below 1e-14 from 5e-324 up, against mpmath.
///
/// # Examples
/// ```
/// # use tidegate_stats::special::normal_point;
/// assert!((normal_point(0.025)? - 1.959963984540054).abs() < 1e-14);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// As [`normal_tail`]. Oracle: mpmath; `scipy.stats.norm.isf(tail)`.
pub fn normal_point(tail: f64) -> Result<f64, Error> {
    if !(tail > 0.0 && tail < 1.0) {
        return Err(Error::new(ErrorKind::OutOfRange, "the tail probability"));
    }
    if tail > 0.5 {
        // Exact: the two are within a factor of two, or the difference has the same last digit.
        return Ok(-normal_point(1.0 - tail)?);
    }
    if tail > 0.3 {
        let target = 0.5 - tail;
        let mut x = target / num::exp(-LN_SQRT_TAU);
        for _ in 0..6 {
            let miss = target - 0.5 * num::erf(x * core::f64::consts::FRAC_1_SQRT_2);
            x += miss / num::exp(ln_normal_density(x));
        }
        return Ok(x);
    }
    let target = num::ln(tail);
    // The logarithm of the tail is concave, so Newton from anywhere ends up above the root and
    // comes down to it.
    let mut x = num::sqrt(-2.0 * target);
    for _ in 0..12 {
        let ln_tail = ln_normal_tail(x);
        let step = (ln_tail - target) * num::exp(ln_tail - ln_normal_density(x));
        x += step;
        if step.abs() <= f64::EPSILON * x {
            break;
        }
    }
    Ok(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_close(got: f64, want: f64, rel: f64) {
        assert!((got - want).abs() <= rel * want.abs(), "got {got:e}, want {want:e}");
    }

    #[test]
    fn both_tails_make_one() {
        for x in [0.0, 0.3, 1.0, 5.0] {
            assert_close(normal_tail(x) + normal_tail(-x), 1.0, 1e-15);
        }
    }

    #[test]
    fn the_logarithm_agrees_on_both_sides_of_its_branches() {
        for x in [-1.0, FAR] {
            let (below, above) = (ln_normal_tail(x.next_down()), ln_normal_tail(x));
            assert_close(below, above, 1e-14);
        }
        assert_eq!(ln_normal_tail(-40.0), -normal_tail(40.0));
    }

    #[test]
    fn points_give_their_tails_back() {
        for tail in [5e-324, 1e-300, 1e-20, 1e-3, 0.025, 0.3, 0.300_000_1, 0.5, 0.7, 0.999] {
            let x = normal_point(tail).unwrap();
            assert_close(ln_normal_tail(x), num::ln(tail), 1e-13);
        }
        assert_eq!(normal_point(0.5).unwrap(), 0.0);
    }

    #[test]
    fn edges() {
        assert_eq!((normal_tail(f64::INFINITY), normal_tail(f64::NEG_INFINITY)), (0.0, 1.0));
        for tail in [0.0, 1.0, -0.1, f64::NAN] {
            assert_eq!(normal_point(tail).unwrap_err().kind(), ErrorKind::OutOfRange);
        }
    }
}
