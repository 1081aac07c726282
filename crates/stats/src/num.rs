//! The one door to transcendental functions, so that all hosts agree to the bit.

mod fast;

pub(crate) use fast::{exp_of_negative, sin_cos_of_small};

/// Natural exponential, `eˣ`.
///
/// # Examples
/// ```
/// use tidegate_stats::num;
/// assert!((num::exp(1.0) - core::f64::consts::E).abs() < 1e-15);
/// ```
#[must_use]
pub fn exp(x: f64) -> f64 {
    libm::exp(x)
}

/// `exp(x) − 1`, without cancellation near 0.
///
/// # Examples
/// ```
/// use tidegate_stats::num;
/// // x + x²/2 + …
/// assert_eq!(num::exp_m1(1e-10), 1.000_000_000_05e-10);
/// ```
#[must_use]
pub fn exp_m1(x: f64) -> f64 {
    libm::expm1(x)
}

/// Natural logarithm, the `y` with `eʸ = x`.
///
/// # Examples
/// ```
/// use tidegate_stats::num;
/// assert_eq!(num::ln(10.0), core::f64::consts::LN_10);
/// ```
#[must_use]
pub fn ln(x: f64) -> f64 {
    libm::log(x)
}

/// `ln(1 + x)`, without cancellation near 0.
///
/// # Examples
/// ```
/// use tidegate_stats::num;
/// // x − x²/2 + …
/// assert!((num::ln_1p(1e-10) - 9.999_999_999_5e-11).abs() < 1e-25);
/// ```
#[must_use]
pub fn ln_1p(x: f64) -> f64 {
    libm::log1p(x)
}

/// `x` to the power `y`.
///
/// # Examples
/// ```
/// use tidegate_stats::num;
/// assert_eq!(num::pow(2.0, 0.5), core::f64::consts::SQRT_2);
/// ```
#[must_use]
pub fn pow(x: f64, y: f64) -> f64 {
    libm::pow(x, y)
}

/// Natural logarithm of the gamma function, for `x > 0`.
///
/// # Examples
/// ```
/// use tidegate_stats::num;
/// // Γ(5) = 4!
/// assert!((num::ln_gamma(5.0) - num::ln(24.0)).abs() < 1e-15);
/// ```
#[must_use]
pub fn ln_gamma(x: f64) -> f64 {
    libm::lgamma(x)
}

/// Error function, `2/√π ∫₀ˣ e^(−t²) dt`.
///
/// # Examples
/// ```
/// use tidegate_stats::num;
/// assert!((num::erf(1.0) - 0.842_700_792_949_715).abs() < 1e-15);
/// ```
#[must_use]
pub fn erf(x: f64) -> f64 {
    libm::erf(x)
}

/// `1 − erf(x)`, without cancellation in the upper tail.
///
/// # Examples
/// ```
/// use tidegate_stats::num;
/// assert!((num::erfc(1.0) - 0.157_299_207_050_285).abs() < 1e-15);
/// ```
#[must_use]
pub fn erfc(x: f64) -> f64 {
    libm::erfc(x)
}

/// Sine of an angle `x` in radians.
///
/// # Examples
/// ```
/// use tidegate_stats::num;
/// assert!((num::sin(core::f64::consts::FRAC_PI_6) - 0.5).abs() < 1e-15);
/// ```
#[must_use]
pub fn sin(x: f64) -> f64 {
    libm::sin(x)
}

/// Cosine of an angle `x` in radians.
///
/// # Examples
/// ```
/// use tidegate_stats::num;
/// assert!((num::cos(core::f64::consts::FRAC_PI_3) - 0.5).abs() < 1e-15);
/// ```
#[must_use]
pub fn cos(x: f64) -> f64 {
    libm::cos(x)
}

/// The angle of the point `(x, y)`, in `[−π, π]`.
///
/// # Examples
/// ```
/// use tidegate_stats::num;
/// assert!((num::atan2(1.0, -1.0) - 0.75 * core::f64::consts::PI).abs() < 1e-15);
/// ```
#[must_use]
pub fn atan2(y: f64, x: f64) -> f64 {
    libm::atan2(y, x)
}

/// Square root, the `y ≥ 0` with `y² = x`. Exact to IEEE 754 everywhere; here because `core` has none.
///
/// # Examples
/// ```
/// use tidegate_stats::num;
/// assert_eq!(num::sqrt(2.0), core::f64::consts::SQRT_2);
/// ```
#[must_use]
pub fn sqrt(x: f64) -> f64 {
    libm::sqrt(x)
}

/// The largest integer that is not above `x`. Exact.
///
/// # Examples
/// ```
/// use tidegate_stats::num;
/// assert_eq!(num::floor(-1.5), -2.0);
/// ```
#[must_use]
pub fn floor(x: f64) -> f64 {
    libm::floor(x)
}

/// The smallest integer that is not below `x`. Exact.
///
/// # Examples
/// ```
/// use tidegate_stats::num;
/// assert_eq!(num::ceil(-1.5), -1.0);
/// ```
#[must_use]
pub fn ceil(x: f64) -> f64 {
    libm::ceil(x)
}

/// The integer nearest to `x`, a half going to the even one. Exact.
///
/// # Examples
/// ```
/// use tidegate_stats::num;
/// assert_eq!([2.5, 3.5].map(num::round_ties_even), [2.0, 4.0]);
/// ```
#[must_use]
pub fn round_ties_even(x: f64) -> f64 {
    libm::rint(x)
}

/// `x · 2ⁿ`. Exact, unless the result leaves the range of normal doubles.
///
/// # Examples
/// ```
/// use tidegate_stats::num;
/// assert_eq!(num::scale_by_power_of_two(3.0, 4), 48.0);
/// ```
#[must_use]
pub fn scale_by_power_of_two(x: f64, n: i32) -> f64 {
    libm::scalbn(x, n)
}

/// A sum that carries its rounding error along (Neumaier's variant of Kahan's), so that its error
/// does not grow with the number of terms.
#[derive(Debug, Clone, Copy, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "[f64; 2]", into = "[f64; 2]"))]
pub struct Sum {
    total: f64,
    lost: f64,
}

impl Sum {
    /// Adds one term.
    pub fn add(&mut self, term: f64) {
        let total = self.total + term;
        self.lost += if self.total.abs() >= term.abs() {
            (self.total - total) + term
        } else {
            (term - total) + self.total
        };
        self.total = total;
    }

    /// Adds all terms of another sum.
    pub fn merge(&mut self, other: Self) {
        self.add(other.total);
        self.lost += other.lost;
    }

    /// The sum so far.
    #[must_use]
    pub fn value(self) -> f64 {
        self.total + self.lost
    }
}

/// A sum and what it rounds away (Knuth).
#[inline]
pub(crate) fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let b_in_sum = sum - a;
    (sum, (a - (sum - b_in_sum)) + (b - b_in_sum))
}

impl From<Sum> for [f64; 2] {
    fn from(sum: Sum) -> Self {
        [sum.total, sum.lost]
    }
}

impl TryFrom<[f64; 2]> for Sum {
    type Error = crate::Error;

    /// The sum of these parts: the plain sum and what its rounding lost, both finite.
    fn try_from([total, lost]: [f64; 2]) -> Result<Self, Self::Error> {
        if (total + lost).is_finite() {
            Ok(Self { total, lost })
        } else {
            Err(crate::Error::new(crate::ErrorKind::NotFinite, "a sum"))
        }
    }
}

impl FromIterator<f64> for Sum {
    fn from_iter<I: IntoIterator<Item = f64>>(terms: I) -> Self {
        let mut sum = Self::default();
        for term in terms {
            sum.add(term);
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sum_keeps_what_a_plain_sum_loses() {
        let terms = [1e16, 1.0, -1e16, 1.0];
        assert_eq!(terms.into_iter().collect::<Sum>().value(), 2.0);
        assert_ne!(terms.iter().sum::<f64>(), 2.0, "the plain sum forgets a one");
    }

    #[test]
    fn merged_sums_keep_it_too() {
        let mut sum: Sum = [1e16, 1.0].into_iter().collect();
        sum.merge([-1e16, 1.0].into_iter().collect());
        assert_eq!(sum.value(), 2.0);
    }

    #[test]
    fn halves_round_to_even() {
        assert_eq!([0.5, 1.5, 2.5, -0.5].map(round_ties_even), [0.0, 2.0, 2.0, 0.0]);
    }
}
