use alloc::{vec, vec::Vec};
use core::f64::consts::PI;

use crate::{
    num,
    special::{ln_1p_minus, stirling_error},
};

/// Probability of a two-sided statistic of at least `d` for large samples of `n` and `m` rows.
///
/// The distribution of the one-sample statistic for `N = nm/(n+m)` rows, rounded (a half to the even
/// integer), which approaches the two-sample one.
///
/// # Arguments
/// * `n`, `m`: sizes, `≥ 1`.
/// * `d`: the statistic, in `[0, 1]`. NaN counts as 0.
///
/// # Returns
/// A probability; 1 if a size is 0.
///
/// # Numerics
/// By the regions of Simard & L'Ecuyer: Durbin's matrix for small `N` and small statistics (in at
/// most 10⁷ operations), Pelz and Good's series for large `N`, and twice the one-sided tail, a sum
/// of positive terms, where the p-value is small, so that it keeps its digits down to 1e-300.
///
/// # Examples
/// ```
/// // The published critical value of large samples at 5 % is 1.3581 / √N, and N is 10⁸ here.
/// let n = 200_000_000;
/// let p_value = tidegate_stats::kolmogorov_smirnov::asymptotic_p_value(n, n, 1.3581e-4);
/// assert!((p_value - 0.05).abs() < 1e-5);
/// ```
///
/// # References
/// Simard & L'Ecuyer (2011), <https://doi.org/10.18637/jss.v039.i11>. Oracle:
/// `scipy.stats.kstwo.sf(d, round(n*m/(n+m)))`.
#[must_use]
pub fn asymptotic_p_value(n: u64, m: u64, d: f64) -> f64 {
    if n == 0 || m == 0 {
        return 1.0;
    }
    let (n, m) = (n as f64, m as f64);
    let rows = num::round_ties_even(n * m / (n + m)).max(1.0);
    one_sample_tail(rows, d.clamp(0.0, 1.0)).clamp(0.0, 1.0)
}

/// `P(D ≥ d)` of the one-sample statistic for `n` rows, an integer `≥ 1`.
fn one_sample_tail(n: f64, d: f64) -> f64 {
    let gap = n * d;
    let square = gap * d;
    // A statistic cannot be below half a row.
    if gap <= 0.5 || d.is_nan() {
        return 1.0;
    }
    if d >= 1.0 {
        return 0.0;
    }
    // Where crossing both borders is less likely than the rounding of the result, or than the
    // error of the series.
    let one_sided_from = if n <= 140.0 { 4.0 } else { 2.2 };
    if d >= 0.5 || square >= one_sided_from || gap >= n - 1.0 {
        2.0 * one_sided_tail(n, gap)
    } else if n <= 140.0 || (n <= 100_000.0 && gap * num::sqrt(d) <= 1.4) {
        1.0 - durbin(n, gap)
    } else {
        1.0 - pelz_good(n, num::sqrt(n) * d)
    }
}

/// `P(D⁺ ≥ d)` by Smirnov's sum over `0 ≤ j < n − t`, `t = nd`:
/// `Σ C(n, j) (t/(t+j)) ((j+t)/n)^j ((n−j−t)/n)^(n−j)`.
fn one_sided_tail(n: f64, t: f64) -> f64 {
    // The bound exp(−2nd²) of Massart's inequality, below the doubles.
    if 2.0 * t * t / n > 746.0 {
        return 0.0;
    }
    // The term at j = 0, then the others. Each is a smooth function of j/n, and all its derivatives
    // vanish at both ends: every k-th term, times k, is as good as the whole sum once some thousand
    // are in (the trapezoid rule on such a function).
    let stride = num::ceil(n / 16_384.0).max(1.0);
    num::exp(n * num::ln_1p(-t / n)) + smirnov_sum(n, t, stride)
}

/// `k` times every `k`-th term of Smirnov's sum, from `j = k` on.
fn smirnov_sum(n: f64, t: f64, stride: f64) -> f64 {
    let ln_scale = stirling_error(n) + 0.5 * num::ln(n / (2.0 * PI));
    let mut sum = num::Sum::default();
    let mut j = stride;
    while j < n - t {
        let rest = n - j;
        // j ln(1 + t/j) + (n−j) ln(1 − t/(n−j)): the parts linear in t cancel and are left out.
        let exponent = j * ln_1p_minus(t / j) + rest * ln_1p_minus(-t / rest);
        let ln_remainders = ln_scale - stirling_error(j) - stirling_error(rest);
        sum.add(num::exp(exponent + ln_remainders) * t / ((t + j) * num::sqrt(j * rest)));
        j += stride;
    }
    stride * sum.value()
}

/// `P(D < d)` by Durbin's matrix, in the form of Marsaglia, Tsang and Wang (2003),
/// <https://doi.org/10.18637/jss.v008.i18>: an entry of the `n`-th power of a matrix with
/// `2⌈nd⌉ − 1` rows, times `n!/nⁿ`.
fn durbin(n: f64, gap: f64) -> f64 {
    let half = num::ceil(gap);
    let h = half - gap;
    let size = 2 * half as usize - 1;
    // 1/k!, and the border's (1 − h^k)/k!, which column 0 holds downwards and the last row leftwards.
    let mut inverse_factorials = vec![1.0];
    let mut border = Vec::with_capacity(size);
    let (mut factorial, mut power) = (1.0, 1.0);
    for k in 1..=size {
        factorial /= k as f64;
        power *= h;
        inverse_factorials.push(factorial);
        border.push((1.0 - power) * factorial);
    }
    let overlap = num::pow((2.0 * h - 1.0).max(0.0), size as f64);
    let corner = (1.0 - 2.0 * power + overlap) * factorial;
    let entry = |row: usize, column: usize| {
        let last = size - 1;
        let value = match (row, column) {
            (row, 0) if row == last => return corner,
            (row, 0) => border.get(row),
            (row, column) if row == last => border.get(last - column),
            // Zero above the first diagonal over the main one.
            (row, column) => (row + 1).checked_sub(column).and_then(|k| inverse_factorials.get(k)),
        };
        value.copied().unwrap_or(0.0)
    };
    let entries = (0..size * size).map(|at| entry(at / size, at % size)).collect();
    let base = Matrix { size, entries, exponent: 0 };

    let power = base.power(n as u64);
    let middle = half as usize - 1;
    let mut probability = power.entries.get(middle * size + middle).copied().unwrap_or(0.0);
    let mut exponent = power.exponent;
    // n!/nⁿ is far below the doubles for large n.
    let mut i = 1.0;
    while i <= n {
        probability *= i / n;
        if probability < SCALE_DOWN {
            probability *= SCALE_UP;
            exponent -= SCALE_BITS;
        }
        i += 1.0;
    }
    num::scale_by_power_of_two(probability, exponent).min(1.0)
}

const SCALE_BITS: i32 = 400;
/// 2⁴⁰⁰ and its reciprocal.
const SCALE_UP: f64 = f64::from_bits((1023 + 400) << 52);
const SCALE_DOWN: f64 = f64::from_bits((1023 - 400) << 52);

/// A square matrix times a power of two, which keeps its powers within the doubles.
struct Matrix {
    size: usize,
    /// By rows.
    entries: Vec<f64>,
    exponent: i32,
}

impl Matrix {
    /// The `n`-th power, `n ≥ 1`, by repeated squaring.
    fn power(self, n: u64) -> Self {
        let mut square = self;
        let mut result: Option<Self> = None;
        let mut left = n;
        loop {
            if left % 2 == 1 {
                result = Some(match result {
                    Some(result) => result.times(&square),
                    None => Self { entries: square.entries.clone(), ..square },
                });
            }
            left /= 2;
            match result {
                Some(result) if left == 0 => return result,
                _ => square = square.times(&square),
            }
        }
    }

    fn times(&self, right: &Self) -> Self {
        let mut entries = vec![0.0; self.size * self.size];
        for (row, out) in
            self.entries.chunks_exact(self.size).zip(entries.chunks_exact_mut(self.size))
        {
            for (factor, line) in row.iter().zip(right.entries.chunks_exact(self.size)) {
                for (out, entry) in out.iter_mut().zip(line) {
                    *out += factor * entry;
                }
            }
        }
        let mut exponent = self.exponent + right.exponent;
        if entries.iter().any(|entry| *entry > SCALE_UP) {
            entries.iter_mut().for_each(|entry| *entry *= SCALE_DOWN);
            exponent += SCALE_BITS;
        }
        Self { size: self.size, entries, exponent }
    }
}

/// `P(D < d)` for large `n`, `z = √n·d`, by Pelz and Good's expansion
/// `K₀(z) + K₁(z)/√n + K₂(z)/n + K₃(z)/n^(3/2)` (1976).
fn pelz_good(n: f64, z: f64) -> f64 {
    let z2 = z * z;
    let z4 = z2 * z2;
    let z6 = z4 * z2;
    let pi2 = PI * PI;
    let mut k = [num::Sum::default(); 4];
    // The sums over odd multiples of π/2 and over multiples of π; both are even in their index.
    let mut index = 0_u32;
    loop {
        let odd = (f64::from(index) + 0.5) * PI;
        let a = odd * odd;
        let weight = num::exp(-a / (2.0 * z2));
        if weight < 1e-40 {
            break;
        }
        k[0].add(weight);
        k[1].add(weight * (a - z2));
        k[2].add(
            weight * (6.0 * z6 + 2.0 * z4 + a * (2.0 * z4 - 5.0 * z2) + a * a * (1.0 - 2.0 * z2)),
        );
        k[3].add(
            weight
                * (-30.0 * z6 - 90.0 * z4 * z4
                    + a * (135.0 * z4 - 96.0 * z6)
                    + a * a * (212.0 * z4 - 60.0 * z2)
                    + a * a * a * (5.0 - 30.0 * z2)),
        );
        index += 1;
        let even = f64::from(index) * f64::from(index) * pi2;
        let weight = num::exp(-even / (2.0 * z2));
        k[2].add(-2.0 * z4 * weight * even);
        k[3].add(30.0 * z4 * weight * even * (3.0 * z2 - even));
    }
    let root = num::sqrt(2.0 * PI);
    let [k0, k1, k2, k3] = k.map(num::Sum::value);
    root * (k0 / z
        + k1 / (6.0 * z4 * num::sqrt(n))
        + k2 / (72.0 * z6 * z * n)
        + k3 / (6480.0 * z6 * z4 * n * num::sqrt(n)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_samples_have_closed_forms() {
        // One row: D is uniform on [½, 1]. Two rows: P(D ≥ d) = 2(1 − d)² from ½ on.
        for d in [0.5, 0.6, 0.75, 0.9, 0.999] {
            assert!((one_sample_tail(1.0, d) - (2.0 - 2.0 * d)).abs() < 1e-15, "{d}");
            assert!((one_sample_tail(2.0, d) - 2.0 * (1.0 - d) * (1.0 - d)).abs() < 1e-15, "{d}");
        }
        // Up to 1/n:  1 − n! (2d − 1/n)ⁿ.
        for d in [0.26, 0.3, 0.4, 0.5] {
            let want = 1.0 - 2.0 * (2.0 * d - 0.5) * (2.0 * d - 0.5);
            assert!((one_sample_tail(2.0, d) - want).abs() < 1e-15, "{d}");
        }
    }

    #[test]
    fn regions_meet() {
        // The same point by the method on each side of a border. The one-sided tail leaves out
        // the paths that cross both borders, about exp(−6nd²) of the whole.
        for (n, d) in [(140.0, 0.169_f64), (300.0, 0.086), (1000.0, 0.047)] {
            let one_sided = 2.0 * one_sided_tail(n, n * d);
            let matrix = 1.0 - durbin(n, n * d);
            let left_out = num::exp(-6.0 * n * d * d);
            assert!(
                (one_sided / matrix - 1.0).abs() < 2.0 * left_out,
                "{n}: {one_sided}, {matrix}"
            );
        }
        // The series is good to about n⁻².
        for (n, d) in [(300.0, 0.05), (1000.0, 0.04), (3000.0, 0.015)] {
            let matrix = durbin(n, n * d);
            let series = pelz_good(n, num::sqrt(n) * d);
            assert!((series - matrix).abs() < 1.0 / (n * n), "{n}: {series} and {matrix}");
        }
    }

    #[test]
    fn every_kth_term_gives_the_sum() {
        // 1.5 ≤ √n·d ≤ 18, down to 1e-280: the region in which the sum is used.
        let n = 65_536.0;
        for d in [0.006, 0.01, 0.03, 0.07] {
            let whole = smirnov_sum(n, n * d, 1.0);
            let strided = smirnov_sum(n, n * d, 4.0);
            assert!((strided / whole - 1.0).abs() < 1e-12, "{d}: {whole:e} and {strided:e}");
        }
    }

    #[test]
    fn edges() {
        assert_eq!(asymptotic_p_value(0, 5, 0.5), 1.0);
        assert_eq!(asymptotic_p_value(1_000_000, 1_000_000, 0.0), 1.0);
        assert_eq!(asymptotic_p_value(1_000_000, 1_000_000, 1.0), 0.0);
        assert_eq!(asymptotic_p_value(1_000_000, 1_000_000, f64::NAN), 1.0);
        assert_eq!(asymptotic_p_value(1_000_000, 1_000_000, 0.5), 0.0);
        assert_eq!(asymptotic_p_value(u64::MAX, 1, 0.2), 1.0);
    }
}
