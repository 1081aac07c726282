use alloc::vec::Vec;

/// Up to this many rows in both samples all orders are listed.
pub const MAX_EXACT_LEN: u64 = 20;

/// A sum that has all but a rounding of the observed one counts as equal to it.
const ROUNDING: f64 = 1e-10;

/// The probability of a criterion of at least `observed`, in units of [`term`], if the rows of each
/// value are dealt to both samples at random: all ways to do so, by how many there are.
///
/// `ties` are the rows of each distinct value, ascending, at most [`MAX_EXACT_LEN`] in all.
pub(super) fn tail(ties: &[u64], [n, m]: [u64; 2], observed: f64) -> f64 {
    let deal = Deal { sizes: [n, m], least: observed * (1.0 - ROUNDING), ties };
    let mut counted = Counted::default();
    deal.go_on(0, [0, 0], Sum { ways: 1.0, criterion: 0.0 }, &mut counted);
    if counted.all > 0.0 { counted.extreme / counted.all } else { 1.0 }
}

/// `l (G₋ + G)² / (B(2N − B) − Nl)` of a value that `l` rows have, with `G = im − jn` below and at it,
/// and `B` the rows below and at it together: up to constants, what it adds to the criterion.
pub(super) fn term(gaps: [f64; 2], rows: [f64; 2], all: f64) -> f64 {
    let tied = rows[1] - rows[0];
    let (gap, middle) = (gaps[0] + gaps[1], rows[0] + rows[1]);
    let weight = middle * (2.0 * all - middle) - all * tied;
    // Where all rows have one value both are 0.
    if weight > 0.0 { tied * (gap * gap) / weight } else { 0.0 }
}

struct Deal<'a> {
    sizes: [u64; 2],
    least: f64,
    ties: &'a [u64],
}

#[derive(Clone, Copy)]
struct Sum {
    ways: f64,
    criterion: f64,
}

#[derive(Default)]
struct Counted {
    all: f64,
    extreme: f64,
}

impl Deal<'_> {
    /// Deals the values from `index` on, `dealt` rows of each sample being gone.
    fn go_on(&self, index: usize, dealt: [u64; 2], sum: Sum, counted: &mut Counted) {
        let [n, m] = self.sizes;
        let Some(&tied) = self.ties.get(index) else {
            counted.all += sum.ways;
            if sum.criterion >= self.least {
                counted.extreme += sum.ways;
            }
            return;
        };
        let left = [n - dealt[0], m - dealt[1]];
        for own in tied.saturating_sub(left[1])..=tied.min(left[0]) {
            let next = [dealt[0] + own, dealt[1] + tied - own];
            let gap = |[i, j]: [u64; 2]| (i * m) as f64 - (j * n) as f64;
            let rows = [dealt, next].map(|[i, j]| (i + j) as f64);
            let criterion = sum.criterion + term([gap(dealt), gap(next)], rows, (n + m) as f64);
            let ways = sum.ways * choices(tied, own);
            self.go_on(index + 1, next, Sum { ways, criterion }, counted);
        }
    }
}

/// `C(n, k)`, for a small `n`.
fn choices(n: u64, k: u64) -> f64 {
    (1..=k).fold(1.0, |product, step| product * (n - k + step) as f64 / step as f64)
}

/// The rows of each distinct value of two samples, ascending.
pub(super) fn ties(samples: [&[f64]; 2]) -> Vec<u64> {
    let mut values = samples.concat();
    values.sort_unstable_by(f64::total_cmp);
    values.chunk_by(|one, other| one == other).map(|group| group.len() as u64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apart_there_are_two_orders() {
        let one_by_one = [1; 12];
        let apart = |i: u64| -> ([f64; 2], [f64; 2]) {
            let gap = |i: u64| i.min(6) as f64 * 6.0 - i.saturating_sub(6) as f64 * 6.0;
            ([gap(i), gap(i + 1)], [i as f64, (i + 1) as f64])
        };
        let observed: f64 = (0..12).map(apart).map(|(gaps, rows)| term(gaps, rows, 12.0)).sum();
        assert_eq!(tail(&one_by_one, [6, 6], observed), 2.0 / 924.0);
        assert_eq!(tail(&one_by_one, [6, 6], 0.0), 1.0);
    }

    #[test]
    fn of_two_values_it_is_the_hypergeometric_distribution() {
        // Four rows of each value, three and five in the samples: 3 of one kind in the first sample has
        // 2 · 4 · 1 of the 56 choices.
        let gaps = |own: f64| own * 5.0 - (4.0 - own) * 3.0;
        let of = |own: f64| {
            term([0.0, gaps(own)], [0.0, 4.0], 8.0) + term([gaps(own), 0.0], [4.0, 8.0], 8.0)
        };
        assert!((tail(&[4, 4], [3, 5], of(3.0)) - 8.0 / 56.0).abs() < 1e-15);
        assert_eq!(tail(&[4, 4], [3, 5], of(1.0)), 1.0);
    }
}
