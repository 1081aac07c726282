use alloc::{vec, vec::Vec};

/// The number of orders of both samples, by the sum of squares that each has so far.
type Counts = Vec<(u64, f64)>;

/// `P(T ≥ t)` if both samples come from one continuous distribution, by counting the orders of `n` and
/// `m` rows, with `t = squares · nm / ((n+m)² lcm(n, m)²)`.
///
/// An order is a path from `(0, 0)` to `(n, m)`, and `T` the sum of `(j·lcm/m − i·lcm/n)²` over its
/// points, scaled. By the recursion of Xiao, Gordon and Yakovlev (2006),
/// <https://doi.org/10.18637/jss.v017.i08>, with two short cuts: a path whose sum has reached
/// `squares` counts with all of its continuations, and one that can no longer reach it not at all.
pub(super) fn tail(n: u64, m: u64, squares: u64) -> f64 {
    if squares == 0 {
        return 1.0;
    }
    let unit = lcm(n, m);
    let gap = |i: u64, j: u64| (j * (unit / m)).abs_diff(i * (unit / n)).pow(2);
    let width = m as usize + 1;
    let reach = reach(n, m, gap);
    let ways = ways(n, m);
    let mut extreme = 0.0;
    let mut row: Vec<Counts> = vec![Vec::new(); width];
    for i in 0..=n {
        let mut left: Counts = if i == 0 { vec![(0, 1.0)] } else { Vec::new() };
        for (j, above) in (0_u64..).zip(row.iter_mut()) {
            let at = i as usize * width + j as usize;
            let (further, on) =
                (reach.get(at).copied().unwrap_or(0), ways.get(at).copied().unwrap_or(0.0));
            let here = gap(i, j);
            let mut counts = merge(&left, above);
            counts.retain_mut(|(sum, count)| {
                *sum += here;
                if *sum >= squares {
                    extreme += *count * on;
                }
                *sum < squares && *sum + further >= squares
            });
            left.clone_from(&counts);
            *above = counts;
        }
    }
    (extreme / ways.first().copied().unwrap_or(1.0)).min(1.0)
}

/// Both lists of counts in one, in ascending order of the sums.
fn merge(mut left: &[(u64, f64)], mut right: &[(u64, f64)]) -> Counts {
    let mut merged = Vec::with_capacity(left.len() + right.len());
    loop {
        match (left, right) {
            ([(a, count), rest @ ..], [(b, _), ..]) if a < b => {
                merged.push((*a, *count));
                left = rest;
            }
            ([(a, one), left_rest @ ..], [(b, other), right_rest @ ..]) if a == b => {
                merged.push((*a, one + other));
                (left, right) = (left_rest, right_rest);
            }
            (_, [first, rest @ ..]) => {
                merged.push(*first);
                right = rest;
            }
            (rest, []) => {
                merged.extend_from_slice(rest);
                return merged;
            }
        }
    }
}

/// By point, the largest sum over the points after it.
fn reach(n: u64, m: u64, gap: impl Fn(u64, u64) -> u64) -> Vec<u64> {
    backwards(n, m, 0, |i, j, down, right| {
        let step = |next: Option<u64>, i, j| next.map(|sum| sum + gap(i, j));
        step(down, i + 1, j).max(step(right, i, j + 1)).unwrap_or(0)
    })
}

/// By point, the number of paths from it to the end.
fn ways(n: u64, m: u64) -> Vec<f64> {
    backwards(n, m, 0.0, |_, _, down, right| match (down, right) {
        (None, None) => 1.0,
        (down, right) => down.unwrap_or(0.0) + right.unwrap_or(0.0),
    })
}

/// A table over the lattice, by rows, filled from its end; `of` sees what is below and to the right.
fn backwards<T: Copy>(
    n: u64,
    m: u64,
    empty: T,
    of: impl Fn(u64, u64, Option<T>, Option<T>) -> T,
) -> Vec<T> {
    let width = m as usize + 1;
    let mut table = vec![empty; (n as usize + 1) * width];
    for i in (0..=n).rev() {
        for j in (0..=m).rev() {
            let at = i as usize * width + j as usize;
            let down = if i < n { table.get(at + width).copied() } else { None };
            let right = if j < m { table.get(at + 1).copied() } else { None };
            let value = of(i, j, down, right);
            if let Some(slot) = table.get_mut(at) {
                *slot = value;
            }
        }
    }
    table
}

/// The least common multiple; both `≥ 1`.
pub(super) fn lcm(n: u64, m: u64) -> u64 {
    let (mut a, mut b) = (n, m);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    n / a * m
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By listing every order of `n` and `m` rows.
    fn by_enumeration(n: u32, m: u32, squares: u64) -> f64 {
        let unit = lcm(n.into(), m.into());
        let (mut orders, mut extreme) = (0.0, 0.0);
        for order in 0_u32..1 << (n + m) {
            if order.count_ones() != n {
                continue;
            }
            orders += 1.0;
            let (mut i, mut j, mut sum) = (0_u64, 0_u64, 0);
            for step in 0..n + m {
                if order >> step & 1 == 1 {
                    i += 1
                } else {
                    j += 1
                }
                sum += (j * unit / u64::from(m)).abs_diff(i * unit / u64::from(n)).pow(2);
            }
            if sum >= squares {
                extreme += 1.0;
            }
        }
        extreme / orders
    }

    #[test]
    fn agrees_with_enumeration() {
        for (n, m) in [(1_u32, 1_u32), (1, 4), (2, 3), (4, 4), (4, 6), (6, 4), (5, 7)] {
            let largest = lcm(n.into(), m.into()).pow(2) * u64::from(n + m);
            for squares in (0..=largest).step_by((largest / 60 + 1) as usize) {
                let got = tail(n.into(), m.into(), squares);
                let want = by_enumeration(n, m, squares);
                assert!((got - want).abs() < 1e-14, "{n}, {m}, {squares}: {got} and {want}");
            }
        }
    }

    #[test]
    fn apart_there_are_two_orders() {
        // The sum over i² of 1 to 20 and back.
        assert!((tail(20, 20, 2 * 2870 - 400) - 2.0 / 137_846_528_820.0).abs() < 1e-25);
    }
}
