use core::ops::{Add, Range, Sub};

use super::Pair;

/// The most rows, and so distinct values, in a block.
pub(crate) const CAPACITY: usize = 512;
/// Values are added to one lane of a sum after the other, on every host alike.
const LANES: usize = 4;

/// Some distinct values in ascending order, and where both empirical distribution functions stand.
pub(crate) struct Block {
    /// Distinct values in the block, at most [`CAPACITY`].
    len: usize,
    /// Whether any of them is there more than once.
    is_tied: bool,
    /// Whether the last row taken in shares its value with the next.
    is_open: bool,
    sizes: [f64; 2],
    per_unit: f64,
    /// The distinct values, and that of the next block; the last of all is there twice.
    values: [f64; CAPACITY + 1],
    /// How many of the block's rows up to each are the reference's.
    counts: [u16; CAPACITY],
    /// Rows of the reference and of the current sample that are not above each value: whole numbers. The
    /// first are those below the block.
    ranks: [[f64; CAPACITY + 1]; 2],
    /// `n·m·(F − G)`, a whole number, likewise; rounded once where it is beyond 2⁵³.
    gaps: [f64; CAPACITY + 1],
    /// From each value to the next, in the pair's unit.
    widths: [f64; CAPACITY],
}

/// Where a distinct value stands among the rows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<T> {
    /// Rows of the reference and of the current sample below it.
    pub below: [T; 2],
    /// Rows not above it.
    pub at: [T; 2],
}

impl<T: Copy + Add<Output = T> + Sub<Output = T>> Place<T> {
    /// Rows of each sample that have the value.
    pub(crate) fn own(&self) -> [T; 2] {
        [self.at[0] - self.below[0], self.at[1] - self.below[1]]
    }

    /// Rows of both samples below it, and not above it.
    pub(crate) fn rows(&self) -> [T; 2] {
        [self.below[0] + self.below[1], self.at[0] + self.at[1]]
    }
}

impl Block {
    pub(super) fn new(pair: &Pair<'_>) -> Self {
        Self {
            len: 0,
            is_tied: false,
            is_open: false,
            sizes: pair.sizes(),
            per_unit: 1.0 / pair.unit,
            values: [0.0; CAPACITY + 1],
            counts: [0; CAPACITY],
            ranks: [[0.0; CAPACITY + 1]; 2],
            gaps: [0.0; CAPACITY + 1],
            widths: [0.0; CAPACITY],
        }
    }

    /// How many distinct values there are.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len.min(CAPACITY)
    }

    /// Whether a value is there more than once, in whichever sample.
    pub(crate) const fn is_tied(&self) -> bool {
        self.is_tied
    }

    /// `n·m·(F − G)` below the value at `index`, and at it.
    #[inline]
    pub(crate) fn gaps(&self, index: usize) -> [f64; 2] {
        [self.gaps[index], self.gaps[index + 1]]
    }

    /// From the value at `index` to the next, in the pair's unit; 0 after the last of all.
    #[inline]
    pub(crate) fn width(&self, index: usize) -> f64 {
        self.widths[index]
    }

    /// From one value to another, in the pair's unit; the one behind the last is that of the next block.
    pub(crate) fn span(&self, range: Range<usize>) -> f64 {
        self.values[range.end] * self.per_unit - self.values[range.start] * self.per_unit
    }

    /// Of a block that is not tied: of the rows up to each, how many are the reference's.
    pub(crate) fn counts(&self) -> &[u16] {
        self.counts.get(..self.len).unwrap_or_default()
    }

    /// Where the value at `index` stands.
    pub(crate) fn place(&self, index: usize) -> Place<u64> {
        let Place { below, at } = self.place_as_numbers(index);
        Place { below: below.map(|rank| rank as u64), at: at.map(|rank| rank as u64) }
    }

    /// The same as floating-point numbers, with which several values at a time are worked on.
    #[inline]
    pub(crate) fn place_as_numbers(&self, index: usize) -> Place<f64> {
        let [reference, current] = &self.ranks;
        Place {
            below: [reference[index], current[index]],
            at: [reference[index + 1], current[index + 1]],
        }
    }

    /// The first value, from `from` on, up to which there are so many rows; behind the last if there is
    /// none.
    pub(crate) fn first_reaching(&self, rows: f64, from: usize) -> usize {
        self.first(from, |reached| reached >= rows)
    }

    /// The first value, from `from` on, up to which there are more than so many rows.
    pub(crate) fn first_beyond(&self, rows: f64, from: usize) -> usize {
        self.first(from, |reached| reached > rows)
    }

    fn first(&self, from: usize, is_met: impl Fn(f64) -> bool) -> usize {
        let (mut low, mut high) = (from, self.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if is_met(self.place_as_numbers(middle).rows()[1]) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        low
    }

    /// The sums of some terms over the values, their roundings at most some hundred.
    #[inline]
    pub(crate) fn sums<const K: usize>(&self, terms: impl Fn(usize) -> [f64; K]) -> [f64; K] {
        self.sums_over(0..self.len(), terms)
    }

    /// The same over some of the values.
    #[inline]
    pub(crate) fn sums_over<const K: usize>(
        &self,
        range: Range<usize>,
        terms: impl Fn(usize) -> [f64; K],
    ) -> [f64; K] {
        let (start, end) = (range.start, range.end.min(CAPACITY));
        let mut lanes = [[0.0; LANES]; K];
        let mut at = start;
        while at + LANES <= end {
            for lane in 0..LANES {
                for (lanes, term) in lanes.iter_mut().zip(terms(at + lane)) {
                    lanes[lane] += term;
                }
            }
            at += LANES;
        }
        for (index, lane) in (at..end).zip(0..LANES) {
            for (lanes, term) in lanes.iter_mut().zip(terms(index)) {
                lanes[lane] += term;
            }
        }
        lanes.map(|[a, b, c, d]| (a + b) + (c + d))
    }

    /// The largest of some terms, none of which is negative.
    #[inline]
    pub(crate) fn largest(&self, term: impl Fn(usize) -> f64) -> f64 {
        let larger = |a: f64, b: f64| if a > b { a } else { b };
        let mut lanes = [0.0; LANES];
        let whole = self.len() / LANES;
        for group in 0..whole {
            for (lane, most) in lanes.iter_mut().enumerate() {
                *most = larger(term(LANES * group + lane), *most);
            }
        }
        (LANES * whole..self.len()).map(term).chain(lanes).fold(0.0, larger)
    }

    /// Where to put the merged rows, and of the rows up to each those of the reference.
    pub(super) const fn space(&mut self) -> (&mut [f64; CAPACITY + 1], &mut [u16; CAPACITY]) {
        (&mut self.values, &mut self.counts)
    }

    /// Takes in the rows that were merged behind so many of each sample, and the value after them, if any. A
    /// value that the next row shares stays open.
    pub(super) fn take(&mut self, rows: usize, before: [usize; 2], next: Option<f64>) {
        let Some(last) = rows.min(CAPACITY).checked_sub(1) else { return };
        let last_value = self.values[last];
        self.is_open = next == Some(last_value);
        self.len = last + 1;
        let (values, followers) = (&self.values[..last], &self.values[1..=last]);
        let has_ties = values
            .iter()
            .zip(followers)
            .fold(self.is_open, |has_ties, (value, next)| has_ties | (value == next));
        let [reference, current] = &mut self.ranks;
        let [reference, current] = [&mut reference[1..=last + 1], &mut current[1..=last + 1]];
        let [i, j] = before.map(|rank| rank as f64);
        for (rank, taken) in reference.iter_mut().zip(&self.counts) {
            *rank = i + f64::from(*taken);
        }
        for (row, (rank, taken)) in current.iter_mut().zip(&self.counts).enumerate() {
            *rank = j + f64::from(row as i32 + 1 - i32::from(*taken));
        }
        if has_ties {
            self.is_tied = true;
            self.leave_last_of_each();
        }
        self.values[self.len()] = next.unwrap_or(last_value);
        self.derive();
    }

    /// Of rows that have one value keeps the last, and none of those whose value is open.
    fn leave_last_of_each(&mut self) {
        let rows = self.len();
        let mut at = 0;
        for row in 0..rows {
            let value = self.values[row];
            let is_last =
                if row + 1 == rows { !self.is_open } else { self.values[row + 1] != value };
            self.values[at] = value;
            for ranks in &mut self.ranks {
                ranks[at + 1] = ranks[row + 1];
            }
            at += usize::from(is_last);
        }
        self.len = at;
    }

    /// What follows from the ranks and values.
    fn derive(&mut self) {
        let [n, m] = self.sizes;
        let len = self.len();
        let [reference, current] = &self.ranks;
        let ranks = reference[1..=len].iter().zip(&current[1..=len]);
        let gaps = self.gaps[1..=len].iter_mut().zip(ranks);
        if n * m < 9e15 {
            for (gap, (i, j)) in gaps {
                *gap = i * m - j * n;
            }
        } else {
            for (gap, (i, j)) in gaps {
                let [i, j, n, m] = [*i, *j, n, m].map(|number| number as i128);
                *gap = (i * m - j * n) as f64;
            }
        }
        let (values, followers) = (&self.values[..len], &self.values[1..=len]);
        for (width, (from, to)) in self.widths.iter_mut().zip(values.iter().zip(followers)) {
            *width = to * self.per_unit - from * self.per_unit;
        }
    }

    /// Goes on after the last value.
    pub(super) const fn start_again(&mut self) {
        let len = self.len;
        self.gaps[0] = self.gaps[len];
        self.ranks[0][0] = self.ranks[0][len];
        self.ranks[1][0] = self.ranks[1][len];
        self.len = 0;
        self.is_tied = self.is_open;
    }
}
