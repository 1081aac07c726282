//! The limiting law of the Cramér-von Mises statistic, as a series that is cut off early.

use core::f64::consts::PI;

use crate::num;

/// The series ends with the first term below this.
const SMALLEST_TERM: f64 = 1e-7;
/// Below it the law has no mass.
const SMALLEST: f64 = 0.003;
/// Cap on the terms; the largest statistic of two samples of 2³¹ rows takes fewer.
const MAX_TERMS: u32 = 200_000;
/// Step of the quadrature, whose error falls as `exp(−π²/step)`.
const STEP: f64 = 0.2;

/// `P(ω² ≤ z)`, by the terms that are not below 10⁻⁷ and one more:
///
/// `Σₖ Γ(k+½)/k! · √(4k+1) · e^(−q) K₁⸝₄(q) / (π^(3/2) √z)`, `q = (4k+1)²/16z`.
pub(super) fn below(z: f64) -> f64 {
    if z < SMALLEST {
        return 0.0;
    }
    let root = PI * num::sqrt(PI) * num::sqrt(z);
    // Γ(k + ½)/k!, from √π.
    let mut gamma_ratio = num::sqrt(PI);
    let mut sum = 0.0;
    for k in 0..MAX_TERMS {
        let y = f64::from(4 * k + 1);
        let term = gamma_ratio / root * num::sqrt(y) * scaled_bessel(y * y / (16.0 * z));
        sum += term;
        if term < SMALLEST_TERM {
            break;
        }
        gamma_ratio *= (f64::from(k) + 0.5) / (f64::from(k) + 1.0);
    }
    sum
}

/// `e^(−q) K₁⸝₄(q) = ∫₀^∞ exp(−q (1 + cosh t)) cosh(t/4) dt`, by equal steps.
fn scaled_bessel(q: f64) -> f64 {
    let mut sum = num::Sum::default();
    sum.add(num::exp(-2.0 * q) / 2.0);
    for node in 1..1000 {
        let t = f64::from(node) * STEP;
        let hyperbolic = |x: f64| (num::exp(x) + num::exp(-x)) / 2.0;
        let exponent = q * (1.0 + hyperbolic(t));
        if exponent > 745.0 {
            break;
        }
        sum.add(num::exp(-exponent) * hyperbolic(t / 4.0));
    }
    sum.value() * STEP
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_the_tabulated_points() {
        // Anderson & Darling (1952), table 1.
        for (z, tail) in [(0.118_88, 0.5), (0.347_30, 0.1), (0.461_36, 0.05), (0.743_46, 0.01)] {
            assert!((1.0 - below(z) - tail).abs() < 2e-5, "{z}: {}", below(z));
        }
        assert_eq!(below(0.0), 0.0);
        assert!((below(1e6) - 1.0).abs() < 1e-3);
    }
}
