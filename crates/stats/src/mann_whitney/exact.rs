use alloc::vec;

use crate::{Error, ErrorKind};

/// The largest product of both sizes for which an exact p-value is computed.
pub const MAX_EXACT_PAIRS: u64 = 1_000_000;

/// Probability of a two-sided statistic at least as far from its middle as `u`, if both samples come
/// from one continuous distribution.
///
/// # Arguments
/// * `n`, `m`: sizes, `≥ 1`, with `n·m ≤` [`MAX_EXACT_PAIRS`] and fewer than 2¹²⁷ orders of both
///   samples together (up to 65 and 65 rows, or 8 and 125 000).
/// * `u`: the statistic, at most `n·m`.
///
/// # Returns
/// `min(1, 2 P(U ≥ max(u, nm − u)))`, in `(0, 1]`.
///
/// # Errors
/// * [`ErrorKind::OutOfRange`]: an argument is outside its range.
///
/// # Numerics
/// The number of orders by `U` has the generating function `Π (1 − q^(m+i)) / (1 − q^i)`, Gauss's
/// binomial coefficient. It is multiplied out in whole numbers up to the smaller of both tails:
/// O(min(n, m) · n·m) additions at most, O(n·m) memory, relative error of a few roundings.
///
/// # Examples
/// ```
/// use tidegate_stats::mann_whitney::exact_p_value;
/// // Of the 20 orders of three and three rows, two keep the samples apart.
/// assert!((exact_p_value(3, 3, 0)? - 0.1).abs() < 1e-15);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Mann & Whitney (1947), <https://doi.org/10.1214/aoms/1177730491>. Oracle:
/// `scipy.stats.mannwhitneyu(method="exact")`.
pub fn exact_p_value(n: u64, m: u64, u: u64) -> Result<f64, Error> {
    let refuse = |what| Err(Error::new(ErrorKind::OutOfRange, what));
    let pairs = n.checked_mul(m).filter(|pairs| (1..=MAX_EXACT_PAIRS).contains(pairs));
    let Some((pairs, orders)) = pairs.and_then(|pairs| Some((pairs, orders(n, m)?))) else {
        return refuse("a sample's size, for an exact p-value,");
    };
    if u > pairs {
        return refuse("the statistic");
    }
    let (fewer, more) = (n.min(m), n.max(m));
    let tail = u.min(pairs - u) as usize;
    // Counts modulo 2¹²⁸: what comes out is below that, whatever was subtracted on the way.
    let mut counts = vec![0_u128; tail + 1];
    if let Some(first) = counts.first_mut() {
        *first = 1;
    }
    for i in 1..=fewer {
        let (times, over) = ((more + i) as usize, i as usize);
        for at in (times..=tail).rev() {
            counts[at] = counts[at].wrapping_sub(counts[at - times]);
        }
        for at in over..=tail {
            counts[at] = counts[at].wrapping_add(counts[at - over]);
        }
    }
    let extreme: u128 = counts.iter().sum();
    Ok((2.0 * (extreme as f64 / orders)).min(1.0))
}

/// `C(n + m, n)`, if it is below 2¹²⁷.
fn orders(n: u64, m: u64) -> Option<f64> {
    let (fewer, more) = (n.min(m), n.max(m));
    let limit = (1_u128 << 127) as f64;
    let mut product = 1.0;
    for i in 1..=fewer {
        product *= (more + i) as f64 / i as f64;
        if product >= limit {
            return None;
        }
    }
    Some(product)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By listing every order of `n` and `m` rows.
    fn by_enumeration(n: u32, m: u32, u: u64) -> f64 {
        let pairs = u64::from(n * m);
        let (mut all, mut extreme) = (0.0, 0.0_f64);
        for order in 0_u32..1 << (n + m) {
            if order.count_ones() != n {
                continue;
            }
            all += 1.0;
            let (mut below, mut statistic) = (0, 0);
            for step in 0..n + m {
                if order >> step & 1 == 1 {
                    statistic += below;
                } else {
                    below += 1;
                }
            }
            if statistic >= u.max(pairs - u) {
                extreme += 1.0;
            }
        }
        f64::min(2.0 * extreme / all, 1.0)
    }

    #[test]
    fn agrees_with_enumeration_at_every_statistic() {
        for (n, m) in [(1, 1), (1, 5), (2, 3), (4, 4), (6, 4), (5, 7), (3, 9)] {
            for u in 0..=u64::from(n * m) {
                let got = exact_p_value(n.into(), m.into(), u).unwrap();
                let want = by_enumeration(n, m, u);
                assert!((got - want).abs() < 1e-15, "{n}, {m}, {u}: {got} and {want}");
            }
        }
    }

    #[test]
    fn the_largest_statistic_has_two_orders() {
        let want = 2.0 / orders(30, 40).unwrap();
        assert_eq!(exact_p_value(30, 40, 0), Ok(want));
        assert_eq!(exact_p_value(40, 30, 1200), Ok(want));
    }

    #[test]
    fn the_bounds_are_said() {
        assert!(exact_p_value(65, 65, 0).is_ok());
        for (n, m, u) in
            [(0, 5, 0), (5, 0, 0), (70, 70, 0), (8, 125_001, 0), (u64::MAX, 2, 0), (2, 2, 5)]
        {
            assert_eq!(exact_p_value(n, m, u).unwrap_err().kind(), ErrorKind::OutOfRange);
        }
    }
}
