//! Both samples, coarsely: as much of them as the variance of a score needs.

use alloc::vec::Vec;

use crate::{num, walk::Pair};

/// A cell spans at most this part of the rows on the nearer side of it.
const PARTS: usize = 16;

/// Neighbouring values that are taken for one, the last of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cell {
    /// In the pair's unit.
    pub value: f64,
    /// From the value to the next cell's, 0 at the last.
    pub width: f64,
    /// Shares of the reference's and of the current rows below the cell.
    pub below: [f64; 2],
    /// Shares of them that are not above its value.
    pub at: [f64; 2],
}

impl Cell {
    /// Shares of the rows in the cell.
    pub(crate) fn own(&self) -> [f64; 2] {
        [self.at[0] - self.below[0], self.at[1] - self.below[1]]
    }

    /// How far both samples are along in the middle of the cell.
    pub(crate) fn middle(&self) -> [f64; 2] {
        [0, 1].map(|side| f64::midpoint(self.below[side], self.at[side]))
    }

    /// `F(1−F)/(n−1) + G(1−G)/(m−1)` at the cell's value: the variance of the gap `F − G`.
    pub(crate) fn noise(&self, freedoms: [f64; 2]) -> f64 {
        variance(self.at[0]) / freedoms[0] + variance(self.at[1]) / freedoms[1]
    }
}

/// Of one row that is above or not.
pub(crate) fn variance(share: f64) -> f64 {
    share * (1.0 - share)
}

/// The cells of two samples, ascending: some hundred, whatever the samples' size, narrow in the tails.
/// Up to 63 rows in each sample every distinct value has its own.
#[derive(Debug)]
pub(crate) struct Outline {
    pub cells: Vec<Cell>,
    /// `n − 1` of each sample; none is 0.
    pub freedoms: [f64; 2],
    /// `n/(n+m)`, `m/(n+m)`.
    pub parts: [f64; 2],
}

impl Outline {
    /// `None` where a sample has one row only: nothing is known of its variance.
    pub(crate) fn of(pair: &Pair<'_>) -> Option<Self> {
        let samples = [pair.reference.values(), pair.current.values()];
        let sizes = pair.sizes();
        if sizes[0] < 2.0 || sizes[1] < 2.0 {
            return None;
        }
        let per_unit = 1.0 / pair.unit;
        let mut ends = samples.map(Ends::of);
        let mut ranks = [0_usize; 2];
        let mut cells: Vec<Cell> = Vec::new();
        let mut below = [0.0; 2];
        loop {
            let value = match [ends[0].value(), ends[1].value()] {
                [Some(one), Some(other)] => one.min(other),
                [Some(one), None] | [None, Some(one)] => one,
                [None, None] => break,
            };
            for side in 0..2 {
                let rest = samples[side].get(ranks[side]..).unwrap_or_default();
                ranks[side] += rest.partition_point(|other| *other <= value);
                ends[side].pass(ranks[side]);
            }
            let at = [ranks[0] as f64 / sizes[0], ranks[1] as f64 / sizes[1]];
            let value = value * per_unit;
            if let Some(last) = cells.last_mut() {
                last.width = value - last.value;
            }
            cells.push(Cell { value, width: 0.0, below, at });
            below = at;
        }
        let [n, m] = sizes;
        Some(Self { cells, freedoms: [n - 1.0, m - 1.0], parts: [n / (n + m), m / (n + m)] })
    }

    /// The share of both samples' rows, by those of each.
    pub(crate) fn together(&self, [reference, current]: [f64; 2]) -> f64 {
        reference * self.parts[0] + current * self.parts[1]
    }

    /// The variance of a score, by what a row of each sample adds to it: its influence. Cells come from
    /// the last to the first.
    pub(crate) fn variance(&self, mut influences: impl FnMut(&Cell) -> [f64; 2]) -> f64 {
        let mut sums = [[num::Sum::default(); 2]; 2];
        for cell in self.cells.iter().rev() {
            let (own, influences) = (cell.own(), influences(cell));
            for side in 0..2 {
                let term = own[side] * influences[side];
                sums[side][0].add(term);
                sums[side][1].add(term * influences[side]);
            }
        }
        let of_side = |side: usize| {
            let [mean, square] = sums[side].map(num::Sum::value);
            (square - mean * mean).max(0.0) / self.freedoms[side]
        };
        of_side(0) + of_side(1)
    }
}

/// The rows of a sample at which cells end.
#[derive(Debug)]
struct Ends<'a> {
    values: &'a [f64],
    /// Rows up to the end.
    next: usize,
}

impl<'a> Ends<'a> {
    fn of(values: &'a [f64]) -> Self {
        Self { values, next: 1 }
    }

    fn value(&self) -> Option<f64> {
        self.values.get(self.next.checked_sub(1)?).copied()
    }

    /// Goes on to the first end beyond so many rows.
    fn pass(&mut self, rows: usize) {
        let len = self.values.len();
        while self.next <= rows {
            let nearer = self.next.min(len.saturating_sub(self.next));
            let step = (nearer / PARTS).max(1);
            // The last row of all is an end.
            self.next = if self.next < len { (self.next + step).min(len) } else { len + 1 };
        }
    }
}
