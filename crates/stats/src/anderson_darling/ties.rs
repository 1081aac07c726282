use core::ops::Range;

use crate::{num, walk::Block};

use super::asymptotic::SUM_OF_SQUARES;

/// By how much ties widen the criterion.
///
/// The limit is `Σ q G²` over the distinct values, `q` the share of the rows that have one and `G` the mean
/// of a Brownian bridge below and at it, by its standard deviation. Its mean stays 1 whatever the ties; its
/// variance is `2 Σ q² + 4 Σ x x′ r/r′` over pairs in order, with the odds `r = h/(1−h)` of the middle `h` of
/// a value's rows and `x = q · h(1−h) / (h(1−h) − q/4)`, and without ties `2 Σ 1/(j(j+1))²`.
#[derive(Debug)]
pub(super) struct Ties {
    rows: f64,
    is_tied: bool,
    variance: num::Sum,
    /// `Σ x r` over the stretches so far.
    singles: f64,
    /// Some values that are about as far along, taken for one.
    open: Stretch,
}

#[derive(Debug, Default)]
struct Stretch {
    /// Rows below it.
    from: f64,
    /// Rows below and in it, at most.
    until: f64,
    /// Rows in it, and the sum of their `x`, in rows.
    rows: f64,
    weighted: f64,
}

/// By how much the odds change along a stretch.
const GRAIN: f64 = 1.0 / 64.0;

/// So many rows from either end `x` is no longer 1 : 4 · `FEW` above `q`.
const FEW: f64 = 4096.0;

impl Ties {
    pub(super) fn of(rows: f64) -> Self {
        Self {
            rows,
            is_tied: false,
            variance: num::Sum::default(),
            singles: 0.0,
            open: Stretch::default(),
        }
    }

    pub(super) fn add(&mut self, block: &Block) {
        self.is_tied |= block.is_tied();
        let mut from = 0;
        while from < block.len() {
            // The first value that ends beyond the stretch.
            let beyond = block.first_beyond(self.open.until, from);
            self.go_on(block, from..beyond);
            if beyond < block.len() {
                self.close();
                let [below, _] = block.place_as_numbers(beyond).rows();
                let odds = below / (self.rows - below) * (1.0 + GRAIN);
                let until = self.rows * (odds / (1.0 + odds));
                self.open = Stretch { from: below, until, ..Stretch::default() };
                self.go_on(block, beyond..beyond + 1);
            }
            from = beyond + 1;
        }
    }

    /// Makes the open stretch longer.
    fn go_on(&mut self, block: &Block, range: Range<usize>) {
        if !block.is_tied() && self.open.from.min(self.rows - self.open.until) > FEW {
            // Each value has a row, whose `x` is next to that.
            self.open.rows += range.len() as f64;
            self.open.weighted += range.len() as f64;
            return;
        }
        let [rows, weighted] = block.sums_over(range, |at| {
            let [below, end] = block.place_as_numbers(at).rows();
            let (tied, middle) = (end - below, below + end);
            let along = middle * (2.0 * self.rows - middle);
            let variance = along - self.rows * tied;
            if variance > 0.0 { [tied, tied * (along / variance)] } else { [0.0; 2] }
        });
        self.open.rows += rows;
        self.open.weighted += weighted;
    }

    fn close(&mut self) {
        if let Some((variance, single)) = self.of_open() {
            self.variance.add(variance);
            self.singles += single;
        }
        self.open.rows = 0.0;
    }

    /// What the open stretch adds to the variance, and to the sum of `x r`.
    fn of_open(&self) -> Option<(f64, f64)> {
        let Stretch { from, rows, weighted, .. } = self.open;
        if rows <= 0.0 {
            return None;
        }
        let middle = from + rows / 2.0;
        let odds = middle / (self.rows - middle);
        let [share, x] = [rows, weighted].map(|rows| rows / self.rows);
        Some((2.0 * (2.0 * x * (self.singles / odds) + share * share), x * odds))
    }

    /// The criterion's standard deviation with the ties there are, by that without.
    pub(super) fn widening(&self) -> f64 {
        let open = self.of_open().map_or(0.0, |(variance, _)| variance);
        let variance = self.variance.value() + open;
        if self.is_tied && variance > 0.0 {
            num::sqrt(variance / (2.0 * SUM_OF_SQUARES))
        } else {
            1.0
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::{
        Sorted,
        walk::{Accumulate, Pair},
    };

    struct Walked(Ties);

    impl Accumulate for Walked {
        fn add(&mut self, block: &Block) {
            self.0.add(block);
        }
    }

    fn ties(reference: Vec<f64>, current: Vec<f64>) -> Ties {
        let [reference, current] = [reference, current].map(|v| Sorted::try_new(v).unwrap());
        let pair = Pair::try_new(&reference, &current).unwrap();
        let [n, m] = pair.sizes();
        pair.walk(Walked(Ties::of(n + m))).0
    }

    #[test]
    fn of_two_values_the_criterion_is_the_square_of_a_normal_variable() {
        let column = |ones: usize| [[0.0].repeat(200 - ones), [1.0].repeat(ones)].concat();
        // A variance of 2.
        let want = num::sqrt(1.0 / SUM_OF_SQUARES);
        assert!((ties(column(20), column(90)).widening() / want - 1.0).abs() < 1e-14);
    }

    #[test]
    fn without_ties_it_is_one_and_with_few_it_is_near() {
        for len in [500, 20_000_u32] {
            let of = |start: f64| (0..len).map(|i| f64::from(i) + start).collect::<Vec<f64>>();
            assert_eq!(ties(of(0.0), of(0.5)).widening(), 1.0);
            // Each value is there twice.
            let twice = ties(of(0.0), of(0.0)).widening();
            assert!((twice - 1.0).abs() < 0.01, "{len}: {twice}");
        }
    }

    #[test]
    fn an_atom_by_the_definition() {
        // Rows 0, 0, 0, 0, 1, 2, 3, 4, 5, 6 in both samples together, ten times: all pairs of values.
        let values = || {
            [[0.0].repeat(20), (1..=6).flat_map(|v| [f64::from(v)].repeat(5)).collect()].concat()
        };
        let (shares, mut below) = ([0.4, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1], 0.0);
        let parts: Vec<[f64; 3]> = shares
            .iter()
            .map(|q| {
                let middle = below + q / 2.0;
                below += q;
                [*q, middle, middle * (1.0 - middle) - q / 4.0]
            })
            .collect();
        let mut variance = 0.0;
        for [q, h, v] in &parts {
            for [other, k, w] in &parts {
                let covariance = h.min(*k) * (1.0 - h.max(*k));
                let square = if h == k { 1.0 } else { covariance * covariance / (v * w) };
                variance += 2.0 * q * other * square;
            }
        }
        let want = num::sqrt(variance / (2.0 * SUM_OF_SQUARES));
        assert!((ties(values(), values()).widening() / want - 1.0).abs() < 1e-13);
    }

    #[test]
    fn of_one_value_it_is_one() {
        assert_eq!(ties([7.0].repeat(30), [7.0].repeat(40)).widening(), 1.0);
    }
}
