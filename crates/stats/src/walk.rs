//! Both samples' distinct values in ascending order: walked once, for every statistic that wants them.

use core::ops::{Add, Sub};

use crate::{Error, Sorted, spread::power_of_two_near};

/// Two samples to be compared, neither of them empty.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pair<'a> {
    pub reference: &'a Sorted,
    pub current: &'a Sorted,
    /// 1, or a power of two in which the products of values stay in the range of a double.
    pub unit: f64,
}

impl<'a> Pair<'a> {
    pub(crate) fn try_new(reference: &'a Sorted, current: &'a Sorted) -> Result<Self, Error> {
        reference.non_empty("the reference")?;
        current.non_empty("the current sample")?;
        Ok(Self { reference, current, unit: power_of_two_near(reference, current) })
    }

    /// Rows of the reference and of the current sample.
    pub(crate) fn counts(&self) -> [u64; 2] {
        [self.reference.len() as u64, self.current.len() as u64]
    }

    /// The same as floating-point numbers.
    pub(crate) fn sizes(&self) -> [f64; 2] {
        [self.reference.len() as f64, self.current.len() as f64]
    }

    /// Shows the distinct values of both samples, in ascending order, to `statistic`.
    pub(crate) fn walk<A: Accumulate>(&self, mut statistic: A) -> A {
        let mut block = Block::new(self);
        let mut merge = Merge::new(self);
        while merge.fill(&mut block) {
            statistic.add(&block);
            block.start_again();
        }
        statistic
    }
}

/// A stretch of the number line on which both empirical distribution functions are constant.
pub(crate) struct Step {
    /// Where it begins: a value of either sample.
    pub from: f64,
    /// Where it ends: the next value of either sample; the same as `from` at the last value.
    pub to: f64,
    /// How many values of the reference are not above `from`.
    pub reference_rank: u64,
    /// How many values of the current sample are not above `from`.
    pub current_rank: u64,
}

/// Both samples' distinct values in ascending order, with the ranks that hold from each to the next: a
/// value at a time, either sample may be empty.
pub(crate) fn steps(reference: &Sorted, current: &Sorted) -> impl Iterator<Item = Step> {
    let (mut reference, mut current) = (reference.values(), current.values());
    let (mut reference_rank, mut current_rank) = (0, 0);
    let smaller = |a: &[f64], b: &[f64]| match (a.first(), b.first()) {
        (Some(&a), Some(&b)) => Some(a.min(b)),
        (first, None) | (None, first) => first.copied(),
    };
    core::iter::from_fn(move || {
        let from = smaller(reference, current)?;
        reference_rank += pass(&mut reference, from);
        current_rank += pass(&mut current, from);
        let to = smaller(reference, current).unwrap_or(from);
        Some(Step { from, to, reference_rank, current_rank })
    })
}

/// Takes the values that equal `value` off the front, and says how many there were.
fn pass(values: &mut &[f64], value: f64) -> u64 {
    let mut passed = 0;
    while let [first, rest @ ..] = *values
        && *first == value
    {
        *values = rest;
        passed += 1;
    }
    passed
}

/// What takes in the blocks of a walk, one after the other.
pub(crate) trait Accumulate {
    fn add(&mut self, block: &Block);
}

impl<A: Accumulate> Accumulate for Option<A> {
    fn add(&mut self, block: &Block) {
        if let Some(inner) = self {
            inner.add(block);
        }
    }
}

/// The most distinct values in a block.
const CAPACITY: usize = 512;
/// How many rows are merged at a time.
const CHUNK: usize = 128;
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
    fn new(pair: &Pair<'_>) -> Self {
        Self {
            len: 0,
            is_tied: false,
            is_open: false,
            sizes: pair.sizes(),
            per_unit: 1.0 / pair.unit,
            values: [0.0; CAPACITY + 1],
            ranks: [[0.0; CAPACITY + 1]; 2],
            gaps: [0.0; CAPACITY + 1],
            widths: [0.0; CAPACITY],
        }
    }

    /// How many distinct values there are.
    pub(crate) fn len(&self) -> usize {
        self.len.min(CAPACITY)
    }

    /// Whether a value is there more than once, in whichever sample.
    pub(crate) const fn is_tied(&self) -> bool {
        self.is_tied
    }

    /// `n·m·(F − G)` below the value at `index`, and at it.
    pub(crate) fn gaps(&self, index: usize) -> [f64; 2] {
        [self.gaps[index], self.gaps[index + 1]]
    }

    /// From the value at `index` to the next, in the pair's unit; 0 after the last of all.
    pub(crate) fn width(&self, index: usize) -> f64 {
        self.widths[index]
    }

    /// From the first value to that of the next block, in the pair's unit.
    pub(crate) fn span(&self) -> f64 {
        self.values[self.len()] * self.per_unit - self.values[0] * self.per_unit
    }

    /// Where the value at `index` stands.
    pub(crate) fn place(&self, index: usize) -> Place<u64> {
        let Place { below, at } = self.place_as_numbers(index);
        Place { below: below.map(|rank| rank as u64), at: at.map(|rank| rank as u64) }
    }

    /// The same as floating-point numbers, with which several values at a time are worked on.
    pub(crate) fn place_as_numbers(&self, index: usize) -> Place<f64> {
        let [reference, current] = &self.ranks;
        Place {
            below: [reference[index], current[index]],
            at: [reference[index + 1], current[index + 1]],
        }
    }

    /// The sum of a term over the values, its roundings at most some hundred.
    #[inline]
    pub(crate) fn sum(&self, term: impl Fn(usize) -> f64) -> f64 {
        let [a, b, c, d] = self.fold([0.0; LANES], |sum, index| sum + term(index));
        (a + b) + (c + d)
    }

    /// Folds the values into lanes, each value into the one that is next.
    #[inline]
    pub(crate) fn fold<T: Copy>(
        &self,
        mut lanes: [T; LANES],
        with: impl Fn(T, usize) -> T,
    ) -> [T; LANES] {
        let whole = self.len() / LANES;
        for group in 0..whole {
            let ([a, b, c, d], at) = (lanes, LANES * group);
            lanes = [with(a, at), with(b, at + 1), with(c, at + 2), with(d, at + 3)];
        }
        for index in LANES * whole..self.len() {
            let lane = index % LANES;
            lanes[lane] = with(lanes[lane], index);
        }
        lanes
    }

    /// Takes in the rows that were merged behind the last value, and the value after them, if any. A
    /// value that the next row shares stays open.
    fn take(&mut self, rows: usize, next: Option<f64>) {
        let start = self.len;
        let end = (start + rows).min(CAPACITY);
        let Some(last) = end.checked_sub(1) else { return };
        self.is_open = next == Some(self.values[last]);
        self.values[end] = next.unwrap_or(self.values[last]);
        let mut ties = usize::from(self.is_open);
        for index in start..last {
            ties += usize::from(self.values[index] == self.values[index + 1]);
        }
        self.len = end;
        if ties == 0 {
            return;
        }
        self.is_tied = true;
        let mut at = start;
        for index in start..end {
            let value = self.values[index];
            let is_last =
                if index == last { !self.is_open } else { self.values[index + 1] != value };
            self.values[at] = value;
            for ranks in &mut self.ranks {
                ranks[at + 1] = ranks[index + 1];
            }
            at += usize::from(is_last);
        }
        self.len = at;
        self.values[at] = next.unwrap_or(self.values[end]);
    }

    /// What follows from the ranks and values.
    fn derive(&mut self) {
        let [n, m] = self.sizes;
        let len = self.len();
        let [reference, current] = &self.ranks;
        if n * m < 9e15 {
            for index in 0..len {
                self.gaps[index + 1] = reference[index + 1] * m - current[index + 1] * n;
            }
        } else {
            for index in 1..=len {
                let [i, j] = [reference[index], current[index]].map(|rank| rank as i128);
                self.gaps[index] = (i * m as i128 - j * n as i128) as f64;
            }
        }
        for index in 0..len {
            let [from, to] = [self.values[index], self.values[index + 1]];
            self.widths[index] = to * self.per_unit - from * self.per_unit;
        }
    }

    /// Goes on after the last value.
    const fn start_again(&mut self) {
        let len = self.len;
        self.values[0] = self.values[len];
        self.gaps[0] = self.gaps[len];
        self.ranks[0][0] = self.ranks[0][len];
        self.ranks[1][0] = self.ranks[1][len];
        self.len = 0;
        self.is_tied = self.is_open;
    }
}

/// Both samples from some row on.
struct Merge<'a> {
    samples: [&'a [f64]; 2],
    /// Rows that were merged.
    ranks: [usize; 2],
}

impl<'a> Merge<'a> {
    fn new(pair: &Pair<'a>) -> Self {
        Self { samples: [pair.reference.values(), pair.current.values()], ranks: [0; 2] }
    }

    /// Fills a block; `false` if nothing is left.
    fn fill(&mut self, block: &mut Block) -> bool {
        while block.len + CHUNK <= CAPACITY {
            let rows = self.next_rows(block);
            if rows == 0 {
                break;
            }
            let [reference, current] = self.samples;
            let next = match (reference.get(self.ranks[0]), current.get(self.ranks[1])) {
                (Some(one), Some(other)) => Some(one.min(*other)),
                (one, other) => one.or(other).copied(),
            };
            block.take(rows, next);
        }
        block.derive();
        block.len > 0
    }

    /// Merges the next rows behind the block's values, at most [`CHUNK`], and says how many.
    fn next_rows(&mut self, block: &mut Block) -> usize {
        let [reference, current] = self.samples;
        let [mut i, mut j] = self.ranks;
        let start = block.len;
        let [reference_ranks, current_ranks] = &mut block.ranks;
        let places = block.values[start..].iter_mut().take(CHUNK);
        let ranks = reference_ranks[start + 1..].iter_mut().zip(&mut current_ranks[start + 1..]);
        let mut rows = 0;
        for (value, (reference_rank, current_rank)) in places.zip(ranks) {
            // Without a branch on which is smaller, for that cannot be foretold.
            match (reference.get(i), current.get(j)) {
                (Some(one), Some(other)) => {
                    let is_reference = one <= other;
                    *value = if is_reference { *one } else { *other };
                    i += usize::from(is_reference);
                    j += usize::from(!is_reference);
                }
                (Some(one), None) => (*value, i) = (*one, i + 1),
                (None, Some(other)) => (*value, j) = (*other, j + 1),
                (None, None) => break,
            }
            (*reference_rank, *current_rank) = (i as f64, j as f64);
            rows += 1;
        }
        self.ranks = [i, j];
        rows
    }
}

#[cfg(test)]
mod tests {
    use alloc::{vec, vec::Vec};

    use super::*;

    /// Every distinct value, with its place, width and gaps.
    #[derive(Default)]
    struct Seen(Vec<(Ranks, Ranks, f64, [f64; 2])>);

    type Ranks = [u64; 2];

    impl Accumulate for Seen {
        fn add(&mut self, block: &Block) {
            for index in 0..block.len() {
                let place = block.place(index);
                assert!(block.is_tied() || place.rows()[1] == place.rows()[0] + 1);
                let Place { below, at } = place;
                self.0.push((below, at, block.width(index), block.gaps(index)));
            }
        }
    }

    fn seen(reference: &[f64], current: &[f64]) -> Seen {
        let sorted = |values: &[f64]| Sorted::try_new(values.to_vec()).unwrap();
        let (reference, current) = (sorted(reference), sorted(current));
        Pair::try_new(&reference, &current).unwrap().walk(Seen::default())
    }

    #[test]
    fn by_hand() {
        let seen = seen(&[1.0, 2.0, 2.0], &[2.0, 5.0]);
        let want = [
            ([0, 0], [1, 0], 1.0, [0.0, 2.0]),
            ([1, 0], [3, 1], 3.0, [2.0, 3.0]),
            ([3, 1], [3, 2], 0.0, [3.0, 0.0]),
        ];
        assert_eq!(seen.0, want);
    }

    #[test]
    fn blocks_join_without_a_seam_whatever_is_tied() {
        for (rows, step) in [(5_000, 1), (5_000, 7), (5_000, 3000), (300, 1), (128, 1), (1, 1)] {
            let reference: Vec<f64> = (0..rows).map(|row| f64::from(row / step)).collect();
            let current: Vec<f64> =
                (0..rows / 2).map(|row| f64::from(row / step * 2) - 20.0).collect();
            let current = if current.is_empty() { vec![3.0] } else { current };
            let seen = seen(&reference, &current);
            let mut all: Vec<f64> = reference.iter().chain(&current).copied().collect();
            all.sort_unstable_by(f64::total_cmp);
            all.dedup();
            assert_eq!(seen.0.len(), all.len(), "{rows}, {step}");
            let mut last = ([0; 2], 0.0);
            for (index, (below, at, width, gaps)) in seen.0.into_iter().enumerate() {
                let rank = |of: &[f64]| of.iter().filter(|v| **v <= all[index]).count() as u64;
                assert_eq!((below, gaps[0]), last);
                assert_eq!(at, [rank(&reference), rank(&current)]);
                let next = all.get(index + 1).unwrap_or(&all[index]);
                assert_eq!(width, next - all[index]);
                last = (at, gaps[1]);
            }
        }
    }
}
