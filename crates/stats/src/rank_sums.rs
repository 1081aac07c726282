//! What the methods on ranks need to know of two samples, gathered in one walk.

use crate::{
    num,
    walk::{Accumulate, Block, Pair},
};

/// Sums over the rows of both samples in ascending order. But for [`Self::squares`] they are of whole
/// numbers, and exact.
#[derive(Debug)]
pub(crate) struct RankSums {
    /// The largest `nm |F − G|`.
    pub largest_gap: f64,
    /// `Σ (nm(F − G))²` over the rows, tied ones sharing the step of their group.
    pub squares: num::Sum,
    /// `4 Σ (rᵢ − i)²` by sample: a row's rank among all, less the one in its own sample.
    pub displaced: [u128; 2],
    /// Pairs in which the reference's row is the larger, doubled, and those that tie.
    pub twice_u: u64,
    /// `Σ t³ − t` over groups of `t` tied rows.
    pub cubes: u128,
}

impl RankSums {
    pub(crate) fn of(pair: &Pair<'_>) -> Self {
        pair.walk(Self::default())
    }

    fn add_tied(&mut self, block: &Block) {
        let [squares] = block.sums(|at| {
            let [below, gap] = block.gaps(at);
            let [own, others] = block.place_as_numbers(at).own();
            [shared(below, gap, own + others)]
        });
        self.squares.add(squares);
        for at in 0..block.len() {
            let place = block.place(at);
            let ([i, j], [own, others]) = (place.below, place.own());
            self.twice_u += own * (2 * j + others);
            self.cubes += cube_less_itself(own + others);
            // The rows of the other sample below, and the tied ones by half; within a group the
            // ranks stay while the indices rise.
            self.displaced[0] += displaced(2 * j + others, own);
            self.displaced[1] += displaced(2 * i + own, others);
        }
    }

    /// Of rows that do not tie. With `d` the reference's rows among the block's up to each, `e` the others,
    /// and `D`, `E` all of them, `Σ d² = Σ d₋² + D²`, `d₋` being `d` before the row, and over the
    /// reference's rows alone `d₋` runs from 0 to `D − 1`: so what is asked of either sample's rows follows
    /// from sums over all.
    fn add_untied(&mut self, block: &Block) {
        let [squares] = block.sums(|at| {
            let [_, gap] = block.gaps(at);
            [gap * gap]
        });
        self.squares.add(squares);
        let counts = block.counts();
        let (mut sum, mut own_squares, mut other_squares) = (0_u32, 0_u32, 0_u32);
        for (row, own) in (1_u16..).zip(counts) {
            let [own, others] = [*own as i16, (row - own) as i16].map(i32::from);
            sum += own as u32;
            own_squares += (own * own) as u32;
            other_squares += (others * others) as u32;
        }
        let rows = counts.len() as u64;
        let own = counts.last().map_or(0, |own| u64::from(*own));
        let others = rows - own;
        let [i, j] = block.place(0).below;
        let (sum, [own_squares, other_squares]) =
            (u64::from(sum), [own_squares, other_squares].map(u64::from));
        // Over the rows of a sample, of the other's rows below in the block: sum, and sum of squares.
        let below_own = own * rows - sum - triangle(own);
        let below_others = sum - own - triangle(own);
        let squares_below_own = other_squares - pyramid(others + 1);
        let squares_below_others = own_squares - pyramid(own + 1);
        self.twice_u += 2 * (j * own + below_own);
        let of_side = |before: u64, rows: u64, below: u64, squares: u64| {
            let [before, rows, below] = [before, rows, below].map(u128::from);
            4 * (before * (before * rows + 2 * below) + u128::from(squares))
        };
        self.displaced[0] += of_side(j, own, below_own, squares_below_own);
        self.displaced[1] += of_side(i, others, below_others, squares_below_others);
    }
}

impl Default for RankSums {
    fn default() -> Self {
        Self {
            largest_gap: 0.0,
            squares: num::Sum::default(),
            displaced: [0; 2],
            twice_u: 0,
            cubes: 0,
        }
    }
}

impl Accumulate for RankSums {
    fn add(&mut self, block: &Block) {
        self.largest_gap = self.largest_gap.max(block.largest(|at| block.gaps(at)[1].abs()));
        if block.is_tied() {
            self.add_tied(block);
        } else {
            self.add_untied(block);
        }
    }
}

/// `0 + 1 + … + (n − 1)`.
const fn triangle(n: u64) -> u64 {
    n * n.saturating_sub(1) / 2
}

/// `0² + 1² + … + (n − 1)²`.
const fn pyramid(n: u64) -> u64 {
    let less = n.saturating_sub(1);
    less * n * (less + n) / 6
}

/// `t³ − t`.
fn cube_less_itself(tied: u64) -> u128 {
    if tied <= 1 {
        return 0;
    }
    let tied = u128::from(tied);
    tied * tied * tied - tied
}

/// `4 Σ (rank − index)²` over `tied` rows that have one rank, `twice_below / 2` above their middle
/// index: `Σ (b − (2i − t − 1))² = t b² + (t³ − t)/3` over `1 ≤ i ≤ t`.
fn displaced(twice_below: u64, tied: u64) -> u128 {
    let (b, t) = (u128::from(twice_below), u128::from(tied));
    t * b * b + (t * t * t - t) / 3
}

/// `Σ (a + (b − a) k/t)²` over `1 ≤ k ≤ t`: the gap goes from `a` to `b` in `t` equal steps.
fn shared(a: f64, b: f64, t: f64) -> f64 {
    if t <= 1.0 {
        return b * b;
    }
    let climb = b - a;
    let linear = t * a * a + a * climb * (t + 1.0);
    (linear + climb * climb * (t + 1.0) * (2.0 * t + 1.0) / (6.0 * t)).max(0.0)
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::Sorted;

    /// By the definitions, row by row, of values that differ.
    fn by_rows(reference: &[f64], current: &[f64]) -> RankSums {
        let (n, m) = (reference.len() as i64, current.len() as i64);
        let mut rows: Vec<(f64, bool)> = reference.iter().map(|value| (*value, true)).collect();
        rows.extend(current.iter().map(|value| (*value, false)));
        rows.sort_unstable_by(|one, other| one.0.total_cmp(&other.0));
        let mut sums = RankSums::default();
        let (mut i, mut j) = (0_i64, 0_i64);
        for (_, is_reference) in rows {
            if is_reference {
                sums.twice_u += 2 * j as u64;
                sums.displaced[0] += 4 * (j * j) as u128;
                i += 1;
            } else {
                sums.displaced[1] += 4 * (i * i) as u128;
                j += 1;
            }
            let gap = (i * m - j * n) as f64;
            sums.largest_gap = sums.largest_gap.max(gap.abs());
            sums.squares.add(gap * gap);
        }
        sums
    }

    #[test]
    fn sums_over_blocks_are_those_over_rows() {
        let mut state = 1_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 11) as f64
        };
        for [n, m] in [[1, 1], [3, 2], [511, 1], [700, 900], [3, 3000], [5000, 4000]] {
            let mut draw = |len| (0..len).map(|_| next()).collect::<Vec<f64>>();
            let [reference, current] = [draw(n), draw(m)];
            let want = by_rows(&reference, &current);
            let [reference, current] = [reference, current].map(|v| Sorted::try_new(v).unwrap());
            let got = RankSums::of(&Pair::try_new(&reference, &current).unwrap());
            assert_eq!(got.largest_gap, want.largest_gap, "{n}, {m}");
            assert_eq!((got.displaced, got.twice_u), (want.displaced, want.twice_u), "{n}, {m}");
            assert_eq!((got.cubes, got.squares.value()), (0, want.squares.value()), "{n}, {m}");
        }
    }

    #[test]
    fn sums_of_the_first_whole_numbers() {
        assert_eq!([0, 1, 2, 5].map(triangle), [0, 0, 1, 10]);
        assert_eq!([0, 1, 2, 5].map(pyramid), [0, 0, 1, 30]);
    }
}
