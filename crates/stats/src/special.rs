//! Tail probabilities and quantiles of the distributions that the tests need, accurate far into the
//! tail: an upper tail is computed as such, never as one minus the rest.

mod beta;
mod noncentral_t;
mod normal;

pub(crate) use beta::{beta_ratio, ln_beta_factor};
pub use beta::{lower_beta_ratio, student_t_point, student_t_tail};
pub use noncentral_t::noncentral_t_tail;
pub use normal::{ln_normal_tail, normal_point, normal_tail};

use crate::{Error, ErrorKind, num};

/// `ln √(2π)`.
const LN_SQRT_TAU: f64 = 0.918_938_533_204_672_8;
/// Cap of every iteration in this module.
const MAX_ITERATIONS: u32 = 100_000;

/// `ln(1 + v) − v` for `v > −1`, without cancellation near 0.
pub(crate) fn ln_1p_minus(v: f64) -> f64 {
    if v.abs() > 0.25 {
        return num::ln_1p(v) - v;
    }
    // ln(1+v) = 2 atanh(s) with s = v/(2+v); the part linear in v is taken out by hand:
    // 2s − v = −s·v, and the rest is 2 Σ s^(2k+1)/(2k+1).
    let s = v / (2.0 + v);
    let square = s * s;
    let mut power = s * square;
    let mut rest = 0.0;
    // s ≤ 1/7, so 12 terms reach 1e-20.
    for k in 1..=12 {
        rest += power / f64::from(2 * k + 1);
        power *= square;
    }
    2.0 * rest - s * v
}

/// What Stirling's formula lacks: `ln Γ(x+1) − (x + ½) ln x + x − ln √(2π)`, for `x > 0`.
pub(crate) fn stirling_error(x: f64) -> f64 {
    if x < 16.0 {
        return num::ln_gamma(x + 1.0) - (x + 0.5) * num::ln(x) + x - LN_SQRT_TAU;
    }
    let r = 1.0 / (x * x);
    (1.0 / 12.0 - r * (1.0 / 360.0 - r * (1.0 / 1260.0 - r * (1.0 / 1680.0 - r / 1188.0)))) / x
}

/// Upper regularised incomplete gamma function, `Q(a, x) = 1/Γ(a) ∫ₓ^∞ t^(a−1) e^(−t) dt`.
///
/// # Arguments
/// * `a`: shape, finite and `> 0`.
/// * `x`: lower end of the integral, finite and `≥ 0`.
///
/// # Returns
/// In `[0, 1]`.
///
/// # Errors
/// * [`ErrorKind::OutOfRange`]: an argument is outside its range.
/// * [`ErrorKind::NotConverged`]: more than 100 000 terms would be needed (`a` beyond about 10⁹).
///
/// # Numerics
/// A power series below `x = a + 1`, a continued fraction above. The common factor
/// `x^a e^(−x) / Γ(a+1)` is formed from the deviance and Stirling's remainder, so nothing large
/// cancels: relative error below 1e-12 down to 1e-300 against mpmath.
///
/// # Examples
/// ```
/// use tidegate_stats::special::upper_gamma_ratio;
/// // For the shape 1 it is e^(−x).
/// assert!((upper_gamma_ratio(1.0, 2.0)? - 0.135335283236613).abs() < 1e-15);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// <https://dlmf.nist.gov/8.2.E4>. Oracle: mpmath's `gammainc(a, x, regularized=True)`.
pub fn upper_gamma_ratio(a: f64, x: f64) -> Result<f64, Error> {
    Ok(gamma_tail(a, x)?.ratio)
}

/// A point of the gamma distribution of shape `a`.
struct GammaTail {
    /// `Q(a, x)`.
    ratio: f64,
    /// `x^a e^(−x) / Γ(a+1)`: the density at `x`, times `x/a`.
    factor: f64,
}

fn gamma_tail(a: f64, x: f64) -> Result<GammaTail, Error> {
    if !(a > 0.0 && a.is_finite()) {
        return Err(Error::new(ErrorKind::OutOfRange, "the shape of the gamma distribution"));
    }
    if !(x >= 0.0 && x.is_finite()) {
        return Err(Error::new(ErrorKind::OutOfRange, "the argument of the gamma distribution"));
    }
    if x == 0.0 {
        return Ok(GammaTail { ratio: 1.0, factor: 0.0 });
    }
    // x^a e^(−x) / Γ(a+1), by  a·ln(x/a) − (x − a)  =  a·(ln(1+v) − v),  v = (x − a)/a.
    let ratio = x / a;
    let v = (x - a) / a;
    let bracket = if (0.5..=2.0).contains(&ratio) { ln_1p_minus(v) } else { num::ln(ratio) - v };
    let factor = num::exp(a * bracket - stirling_error(a) - LN_SQRT_TAU) / num::sqrt(a);
    if x < a + 1.0 {
        let (mut term, mut sum) = (1.0, 1.0);
        for k in 1..=MAX_ITERATIONS {
            term *= x / (a + f64::from(k));
            sum += term;
            if term <= sum * f64::EPSILON / 4.0 {
                return Ok(GammaTail { ratio: (1.0 - factor * sum).max(0.0), factor });
            }
        }
    } else {
        // Legendre's continued fraction, from its front (modified Lentz).
        let mut b = x + 1.0 - a;
        let mut c = f64::MAX;
        let mut d = 1.0 / b;
        let mut fraction = d;
        for k in 1..=MAX_ITERATIONS {
            let k = f64::from(k);
            let numerator = k * (a - k);
            b += 2.0;
            d = 1.0 / (b + numerator * d);
            c = b + numerator / c;
            let ratio = c * d;
            fraction *= ratio;
            if (ratio - 1.0).abs() <= f64::EPSILON {
                return Ok(GammaTail { ratio: (a * factor * fraction).min(1.0), factor });
            }
        }
    }
    Err(Error::new(ErrorKind::NotConverged, "the tail of the gamma distribution"))
}

/// Upper tail of the chi-square distribution with `df` degrees of freedom: `P(X ≥ x)`.
///
/// # Returns
/// In `[0, 1]`.
///
/// # Errors
/// As [`upper_gamma_ratio`], for `a = df/2` and `x/2`.
///
/// # Examples
/// ```
/// use tidegate_stats::special::chi_square_tail;
/// assert!((chi_square_tail(3.841458820694124, 1.0)? - 0.05).abs() < 1e-15);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Pearson (1900), <https://doi.org/10.1080/14786440009463897>. Oracle: mpmath's incomplete gamma function;
/// `scipy.stats.chi2.sf(x, df)`.
pub fn chi_square_tail(x: f64, df: f64) -> Result<f64, Error> {
    upper_gamma_ratio(df / 2.0, x / 2.0)
}

/// The point that a chi-square variable with `df` degrees of freedom exceeds with probability
/// `tail`.
///
/// # Arguments
/// * `tail`: in `(0, 1)`.
/// * `df`: `> 0`.
///
/// # Returns
/// A number `≥ 0`.
///
/// # Errors
/// * [`ErrorKind::OutOfRange`]: an argument is outside its range.
/// * [`ErrorKind::NotConverged`]: as [`upper_gamma_ratio`].
///
/// # Numerics
/// Newton's method on the logarithm of [`chi_square_tail`], which is nearly a line far out, inside
/// bounds that each step tightens; where a step would leave them, they are halved.
///
/// # Examples
/// ```
/// use tidegate_stats::special::chi_square_point;
/// assert!((chi_square_point(0.05, 1.0)? - 3.841458820694124).abs() < 1e-13);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// As [`chi_square_tail`]. Oracle: mpmath; `scipy.stats.chi2.isf(tail, df)`.
pub fn chi_square_point(tail: f64, df: f64) -> Result<f64, Error> {
    if !(tail > 0.0 && tail < 1.0) {
        return Err(Error::new(ErrorKind::OutOfRange, "the tail probability"));
    }
    let (mut low, mut high) = (0.0, f64::MAX);
    let mut point = df.max(1.0);
    // Halving a double's range takes a thousand steps at worst, where the point is tiny.
    for _ in 0..1200 {
        let GammaTail { ratio, factor } = gamma_tail(df / 2.0, point / 2.0)?;
        if ratio > tail {
            low = point;
        } else {
            high = point;
        }
        // The tail falls by the density, `factor · df / (2 point)`.
        let step = num::ln(ratio / tail) * ratio * point / (factor * df / 2.0);
        let next = point + step;
        let next = if next > low && next < high {
            next
        } else if high < f64::MAX {
            low + (high - low) / 2.0
        } else {
            2.0 * point
        };
        if (next - point).abs() <= point * f64::EPSILON {
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
    fn two_degrees_of_freedom_have_an_exponential_tail() {
        for x in [1e-10, 0.5, 1.0, 4.0, 100.0, 1300.0] {
            assert_close(chi_square_tail(x, 2.0).unwrap(), num::exp(-x / 2.0), 1e-13);
        }
    }

    #[test]
    fn four_degrees_of_freedom_have_a_closed_tail() {
        for x in [0.1, 3.0, 6.0, 50.0, 1000.0] {
            let want = (1.0 + x / 2.0) * num::exp(-x / 2.0);
            assert_close(chi_square_tail(x, 4.0).unwrap(), want, 1e-13);
        }
    }

    #[test]
    fn one_degree_of_freedom_is_the_normal_distribution() {
        for x in [0.01, 1.0, 2.0, 3.841_458_820_694_124, 30.0, 1000.0] {
            let want = libm::erfc(num::sqrt(x / 2.0));
            assert_close(chi_square_tail(x, 1.0).unwrap(), want, 1e-13);
        }
    }

    #[test]
    fn points_are_the_tabulated_ones() {
        // Every table of the distribution has these.
        assert_close(chi_square_point(0.05, 1.0).unwrap(), 3.841_458_820_694_124, 1e-13);
        assert_close(chi_square_point(0.05, 9.0).unwrap(), 16.918_977_604_620_448, 1e-13);
    }

    #[test]
    fn points_are_found_wherever_they_are() {
        for df in [0.1, 0.5, 1.0, 2.0, 3.7, 99.0, 1e4, 1e6] {
            for tail in [1e-300, 1e-20, 1e-3, 0.05, 0.5, 0.9, 0.999] {
                let point = chi_square_point(tail, df).unwrap();
                assert_close(chi_square_tail(point, df).unwrap(), tail, 1e-11);
            }
        }
    }

    #[test]
    fn bad_arguments_are_refused() {
        for (a, x) in [(0.0, 1.0), (-1.0, 1.0), (f64::NAN, 1.0), (1.0, -1.0), (1.0, f64::NAN)] {
            assert_eq!(upper_gamma_ratio(a, x).unwrap_err().kind(), ErrorKind::OutOfRange);
        }
        for tail in [0.0, 1.0, -0.1, f64::NAN] {
            assert_eq!(chi_square_point(tail, 3.0).unwrap_err().kind(), ErrorKind::OutOfRange);
        }
    }

    #[test]
    fn ln_1p_minus_agrees_on_both_sides_of_its_branch() {
        for v in [0.25, -0.25] {
            assert_close(ln_1p_minus(v), num::ln_1p(v) - v, 1e-14);
        }
        assert_close(ln_1p_minus(1e-8), -5e-17, 1e-8);
        assert_eq!(ln_1p_minus(0.0), 0.0);
    }
}
