use alloc::vec;

use super::MAX_EXACT_LEN;
use crate::{Error, ErrorKind, num};

/// Probability of a two-sided statistic of at least `d` for samples of `n` and `m` rows without
/// ties, if both come from one distribution: exact, by counting lattice paths.
///
/// # Arguments
/// * `n`, `m`: sizes, from 1 to [`MAX_EXACT_LEN`], for the work grows with their product.
/// * `d`: the statistic, in `[0, 1]`; taken for the nearest that the sizes admit, a multiple of
///   `1 / lcm(n, m)`. NaN counts as 0.
///
/// # Returns
/// A probability.
///
/// # Errors
/// [`ErrorKind::OutOfRange`]: a size is outside its range.
///
/// # Numerics
/// Every order of the pooled rows is a path on an `n` by `m` lattice. For equal sizes the paths that
/// leave the band around the diagonal are counted by repeated reflection, in O(n). Else the
/// probability of having left it is carried from diagonal to diagonal, in O(n·m·d) time and O(n)
/// memory. All terms of that are positive, so the relative error stays near `(n + m)` roundings,
/// however small the result; below the smallest double it is 0.
///
/// # Examples
/// ```
/// use tidegate_stats::kolmogorov_smirnov::exact_p_value;
/// // Of the 20 orders of three and three rows, two keep the samples apart.
/// assert!((exact_p_value(3, 3, 1.0)? - 0.1).abs() < 1e-15);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Hodges (1958), <https://doi.org/10.1007/BF02589501>; Gnedenko & Korolyuk (1951) for equal sizes.
/// Oracle: `scipy.stats.ks_2samp(method="exact")`.
pub fn exact_p_value(n: u64, m: u64, d: f64) -> Result<f64, Error> {
    if [n, m].iter().any(|len| !(1..=MAX_EXACT_LEN).contains(len)) {
        return Err(Error::new(ErrorKind::OutOfRange, "a sample's size, for an exact p-value,"));
    }
    let unit = greatest_common_divisor(n, m);
    let steps = num::round_ties_even(d.clamp(0.0, 1.0) * (n / unit) as f64 * m as f64);
    Ok(tail(n, m, steps as u64 * unit))
}

/// As [`exact_p_value`], with the statistic as the integer `gap = n·m·D`. Sizes are `≥ 1`.
pub(super) fn tail(n: u64, m: u64, gap: u64) -> f64 {
    if gap == 0 {
        return 1.0;
    }
    if is_below_the_doubles(n as f64, m as f64, gap as f64) {
        return 0.0;
    }
    let p_value = if n == m { equal_sizes(n, gap.div_ceil(n)) } else { any_sizes(n, m, gap) };
    p_value.clamp(0.0, 1.0)
}

/// Whether a bound on the probability is below the smallest double, so that the work can be spared.
///
/// Of the paths through a point with `|i/n − j/m| = d` there are, in proportion, at most
/// `(n+m+1) exp(−2 N d²)`, `N = nm/(n+m)`, by Stirling's bounds on the binomial coefficients and
/// Pinsker's inequality; and fewer than `2(n+m+1)` points lie on the border of the band.
fn is_below_the_doubles(n: f64, m: f64, gap: f64) -> bool {
    let points = n + m + 1.0;
    2.0 * gap * gap / (n * m * (n + m)) - num::ln(2.0 * points * points) > 746.0
}

/// `2 Σ (−1)^(k+1) C(2n, n − kh) / C(2n, n)` over `k ≥ 1`, with `h = nD`, in Horner's form.
fn equal_sizes(n: u64, h: u64) -> f64 {
    let mut nested = 0.0;
    for k in (0..=n / h).rev() {
        // C(2n, n − (k+1)h) / C(2n, n − kh)
        let ratio = (1..=h).fold(1.0, |product, step| {
            let up = (n + k * h + step) as f64;
            let down = (n + 1).saturating_sub(k * h + step) as f64;
            product * (down / up)
        });
        nested = ratio * (1.0 - nested);
    }
    2.0 * nested
}

/// The probability that a random path from `(0, 0)` to `(n, m)` meets `|i·m − j·n| ≥ gap`.
///
/// `outside[i]` is that probability for the paths to `(i, j)` on the diagonal `i + j = s`; it is 1
/// for points outside the band. The last step came from `(i−1, j)` with probability `i/s`.
fn any_sizes(n: u64, m: u64, gap: u64) -> f64 {
    let total = n + m;
    let mut outside = vec![1.0; n as usize + 1];
    let mut start = 0;
    if let Some(origin) = outside.first_mut() {
        *origin = 0.0;
    }
    for s in 1..=total {
        // In the band, |i·(n+m) − s·n| < gap, and on the lattice, s − m ≤ i ≤ min(s, n).
        let centre = s * n;
        let above = if centre < gap { 0 } else { (centre - gap) / total + 1 };
        let below = (centre + gap).div_ceil(total) - 1;
        let first = above.max(s.saturating_sub(m)) as usize;
        let last = below.min(s.min(n)) as usize;
        let Some(band) = outside.get_mut(start..=last).filter(|_| first <= last) else {
            return 1.0;
        };
        // `start` is the first point of the last diagonal: it is `first`, or it now leaves.
        let mut left = 1.0;
        let per_step = 1.0 / s as f64;
        for (i, slot) in (start as u32..).zip(band) {
            let here = *slot;
            let i = f64::from(i);
            *slot = (i * left + (s as f64 - i) * here) * per_step;
            left = here;
        }
        if let Some(left_behind) = outside.get_mut(start..first) {
            left_behind.fill(1.0);
        }
        start = first;
    }
    outside.last().copied().unwrap_or(1.0)
}

fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By listing every order of `n` and `m` rows.
    fn by_enumeration(n: u32, m: u32, gap: i64) -> f64 {
        let (mut orders, mut outside) = (0.0, 0.0);
        for order in 0_u32..1 << (n + m) {
            if order.count_ones() != n {
                continue;
            }
            orders += 1.0;
            let (mut i, mut j, mut largest) = (0_i64, 0_i64, 0_i64);
            for step in 0..n + m {
                if order >> step & 1 == 1 {
                    i += 1
                } else {
                    j += 1
                }
                largest = largest.max((i * i64::from(m) - j * i64::from(n)).abs());
            }
            if largest >= gap {
                outside += 1.0;
            }
        }
        outside / orders
    }

    #[test]
    fn agrees_with_enumeration_at_every_gap() {
        for (n, m) in [(1, 1), (1, 4), (2, 3), (4, 4), (4, 6), (6, 4), (5, 7), (3, 9), (6, 6)] {
            for gap in 0..=n * m {
                let want = by_enumeration(n, m, i64::from(gap));
                let got = tail(u64::from(n), u64::from(m), u64::from(gap));
                assert!((got - want).abs() < 1e-14, "{n}, {m}, {gap}: {got} and {want}");
            }
        }
    }

    #[test]
    fn the_largest_statistic_has_two_orders() {
        // 2 / C(n+m, n), far into the tail.
        let ln_ways = |n: f64, m: f64| {
            num::ln_gamma(n + m + 1.0) - num::ln_gamma(n + 1.0) - num::ln_gamma(m + 1.0)
        };
        for (n, m) in [(50, 100), (100, 100), (500, 510)] {
            let want = 2.0 * num::exp(-ln_ways(n as f64, m as f64));
            assert!((exact_p_value(n, m, 1.0).unwrap() / want - 1.0).abs() < 1e-10, "{n}, {m}");
        }
    }

    #[test]
    fn edges() {
        assert_eq!(exact_p_value(5, 3, 0.0), Ok(1.0));
        assert_eq!(exact_p_value(5, 3, f64::NAN), Ok(1.0));
        assert_eq!(exact_p_value(10_000, 9_999, 1.0), Ok(0.0));
        assert_eq!(exact_p_value(1, 1, 1.0), Ok(1.0));
        for (n, m) in [(0, 5), (5, 0), (10_001, 5), (5, u64::MAX)] {
            let error = exact_p_value(n, m, 0.5).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::OutOfRange);
        }
    }
}
