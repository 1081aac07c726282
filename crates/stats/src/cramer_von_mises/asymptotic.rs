use core::f64::consts::{FRAC_PI_2, PI};

use crate::{
    limit::{Limit, point},
    num,
};

/// Nodes of the quadrature: the narrowest peak that gives a double, at 1e-300, takes a hundred.
const NODES: u32 = 192;
/// Cap on the terms of the alternating series; the smallest statistic takes thirty.
const MAX_TERMS: u32 = 64;
/// Below it the limiting distribution has no mass: `P(ω² < 0.003) < 2e-18`.
const SMALLEST: f64 = 0.003;

/// Probability of a statistic of at least `t` for large samples of `n` and `m` rows.
///
/// # Arguments
/// * `n`, `m`: sizes, `≥ 1`.
/// * `t`: the statistic. NaN counts as 0.
///
/// # Returns
/// `P(ω² ≥ z)` with `ω²` the limiting variable `∫ B(u)² du`, `B` a Brownian bridge, and
/// `z = ⅙ + (t − E T) / √(45 Var T)`, so that mean and variance are those of these sizes; 1 if a size
/// is 0.
///
/// # Numerics
/// Smirnov's integral for the upper tail itself, never one minus the rest, so that small p-values
/// keep their digits: relative error below 1e-12 down to 1e-300, against mpmath. Some
/// thousand exponentials.
///
/// # Examples
/// ```
/// // The published critical value of large samples at 5 % is 0.46136.
/// let n = 1_000_000_000;
/// let p_value = tidegate_stats::cramer_von_mises::asymptotic_p_value(n, n, 0.46136);
/// assert!((p_value - 0.05).abs() < 1e-6);
/// ```
///
/// # References
/// Anderson & Darling (1952), <https://doi.org/10.1214/aoms/1177729437>, equation 4.35 for the
/// distribution; Anderson (1962), <https://doi.org/10.1214/aoms/1177704477>, for the moments. Oracle:
/// `scipy.stats.cramervonmises_2samp(method="asymptotic")`, which subtracts from 1, and so has no
/// digits below 1e-16; mpmath there.
#[must_use]
pub fn asymptotic_p_value(n: u64, m: u64, t: f64) -> f64 {
    if n == 0 || m == 0 {
        return 1.0;
    }
    // Of one row each there is one statistic only.
    standardised(n, m, t).map_or(1.0, |z| limit(z).tail)
}

/// The statistic with the mean and the variance of the limiting variable. `None` where it has none.
pub(crate) fn standardised(n: u64, m: u64, t: f64) -> Option<f64> {
    let Moments { mean, deviation } = Moments::of(n, m);
    (deviation > 0.0).then(|| 1.0 / 6.0 + (t.max(0.0) - mean) / deviation)
}

/// The statistic that [`asymptotic_p_value`] gives the p-value `tail`, `≥ 0`.
pub(crate) fn asymptotic_point(n: u64, m: u64, tail: f64) -> f64 {
    let Moments { mean, deviation } = Moments::of(n, m);
    let z = point(tail, [SMALLEST, 300.0], 0.5, limit);
    (mean + (z - 1.0 / 6.0) * deviation).max(0.0)
}

/// Of the statistic for samples of these sizes, both `≥ 1`, from one continuous distribution.
struct Moments {
    mean: f64,
    /// `√(45 Var T)`: 1 for large samples.
    deviation: f64,
}

impl Moments {
    fn of(n: u64, m: u64) -> Self {
        let (n, m) = (n as f64, m as f64);
        let rows = n + m;
        // 45 Var T = (N+1) (4nmN − 3(n² + m²) − 2nm) / (4nm N²), and n² + m² = N² − 2nm.
        let bracket = 1.0 - 0.75 * (rows / (n * m)) + 1.0 / rows;
        let variance = (1.0 + 1.0 / rows) * bracket;
        Self { mean: (1.0 + 1.0 / rows) / 6.0, deviation: num::sqrt(variance) }
    }
}

/// `P(ω² ≥ z) = (1/π) Σ (−1)^(k−1) ∫ (1/y) √(−√y / sin √y) e^(−zy/2) dy` over the intervals from
/// `((2k−1)π)²` to `(2kπ)²`.
///
/// With `√y = (2k − ½)π + (π/2) cos θ` the sine is `−cos((π/2) cos θ)`, and what is left is smooth and
/// periodic in `θ`, so that equal steps are as good as any rule (Gauss and Chebyshev's).
fn limit(z: f64) -> Limit {
    if z.is_nan() || z < SMALLEST {
        return Limit { tail: 1.0, density: 0.0 };
    }
    let mut tail = num::Sum::default();
    let mut density = num::Sum::default();
    for k in 1..=MAX_TERMS {
        let sign = if k % 2 == 1 { 1.0 } else { -1.0 };
        let start = f64::from(2 * k - 1) * PI;
        // What this and all further terms can hold, against the largest, the first.
        if k > 1 && z * (start * start - PI * PI) / 2.0 > 80.0 {
            break;
        }
        let (mut term, mut slope) = (num::Sum::default(), num::Sum::default());
        for node in 0..NODES {
            let theta = (f64::from(node) + 0.5) * PI / f64::from(NODES);
            // 1 + cos θ = 2 cos²(θ/2); the sine by the nearer end, where it has all of its digits.
            let (to_start, to_end) = (num::cos(theta / 2.0), num::sin(theta / 2.0));
            let root = start + PI * to_start * to_start;
            let nearer = to_start.min(to_end);
            let sine = num::sin(PI * nearer * nearer);
            let edges = 2.0 * to_start * to_end / num::sqrt(sine * root);
            let weight = edges * num::exp(-z * root * root / 2.0);
            term.add(weight);
            slope.add(weight * root * root / 2.0);
        }
        tail.add(sign * term.value());
        density.add(sign * slope.value());
    }
    // dy/y = 2 d√y / √y, and the width of a step in θ is π/NODES; the step of √y is (π/2) sin θ dθ.
    let scale = 2.0 * FRAC_PI_2 / f64::from(NODES);
    Limit {
        tail: (scale * tail.value()).clamp(0.0, 1.0),
        density: (scale * density.value()).max(0.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_change_sides_to_the_last_bit() {
        let [one, other] =
            [(19, 624), (624, 19)].map(|(n, m)| asymptotic_p_value(n, m, 9.970_398_377_673_662));
        assert_eq!(one.to_bits(), other.to_bits());
    }

    #[test]
    fn the_limit_has_the_tabulated_points() {
        // Anderson & Darling (1952), table 1.
        for (z, tail) in [
            (0.118_88, 0.5),
            (0.347_30, 0.1),
            (0.461_36, 0.05),
            (0.743_46, 0.01),
            (1.167_86, 0.001),
        ] {
            assert!((limit(z).tail / tail - 1.0).abs() < 2e-4, "{z}: {}", limit(z).tail);
        }
    }

    #[test]
    fn the_density_is_the_slope() {
        for z in [0.05, 0.2, 1.0, 10.0, 100.0] {
            let (low, high) = (limit(z * (1.0 - 1e-6)), limit(z * (1.0 + 1e-6)));
            let slope = (low.tail - high.tail) / (2e-6 * z);
            assert!((limit(z).density / slope - 1.0).abs() < 1e-5, "{z}");
        }
    }

    #[test]
    fn points_are_found_wherever_they_are() {
        for (n, m) in [(1, 4), (2, 30), (50, 50), (1_000_000, 20)] {
            for tail in [1e-300, 1e-20, 0.05, 0.5, 0.99] {
                let point = asymptotic_point(n, m, tail);
                let back = asymptotic_p_value(n, m, point);
                assert!(
                    point == 0.0 || (back / tail - 1.0).abs() < 1e-8,
                    "{n}, {m}, {tail}: {back}"
                );
            }
        }
    }

    #[test]
    fn edges() {
        assert_eq!(asymptotic_p_value(0, 5, 1.0), 1.0);
        assert_eq!(asymptotic_p_value(1, 1, 0.25), 1.0);
        assert_eq!(asymptotic_p_value(100, 100, f64::NAN), 1.0);
        assert_eq!(asymptotic_p_value(100, 100, 0.0), 1.0);
        assert_eq!(asymptotic_p_value(100, 100, 1e300), 0.0);
    }
}
