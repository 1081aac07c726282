//! Both samples' distinct values in ascending order: walked once, for every statistic that wants them.

use core::array;

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
    /// Rows of the reference and of the current sample that are not above each value. The first are
    /// those below the block.
    ranks: [[u32; CAPACITY + 1]; 2],
    /// `n·m·(F − G)`, a whole number, likewise; rounded once where it is beyond 2⁵³.
    gaps: [f64; CAPACITY + 1],
    /// From each value to the next, in the pair's unit.
    widths: [f64; CAPACITY],
}

/// Where a distinct value stands among the rows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// Rows of the reference and of the current sample below it.
    pub below: [u64; 2],
    /// Rows not above it.
    pub at: [u64; 2],
}

impl Place {
    /// Rows of each sample that have the value.
    pub(crate) const fn own(&self) -> [u64; 2] {
        [self.at[0] - self.below[0], self.at[1] - self.below[1]]
    }

    /// Rows of both samples below it.
    pub(crate) const fn rows_below(&self) -> u64 {
        self.below[0] + self.below[1]
    }

    /// Rows of both samples not above it.
    pub(crate) const fn rows_at(&self) -> u64 {
        self.at[0] + self.at[1]
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
            ranks: [[0; CAPACITY + 1]; 2],
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

    /// Where the value at `index` stands.
    pub(crate) fn place(&self, index: usize) -> Place {
        let [reference, current] = &self.ranks;
        Place {
            below: [u64::from(reference[index]), u64::from(current[index])],
            at: [u64::from(reference[index + 1]), u64::from(current[index + 1])],
        }
    }

    /// The sum of a term over the values, its roundings at most some hundred.
    pub(crate) fn sum(&self, term: impl Fn(usize) -> f64) -> f64 {
        let [a, b, c, d] = self.fold([0.0; LANES], |sum, index| sum + term(index));
        (a + b) + (c + d)
    }

    /// Folds the values into lanes, each value into the one that is next.
    pub(crate) fn fold<T: Copy>(
        &self,
        mut lanes: [T; LANES],
        with: impl Fn(T, usize) -> T,
    ) -> [T; LANES] {
        let whole = self.len() / LANES;
        for group in 0..whole {
            lanes = array::from_fn(|lane| with(lanes[lane], LANES * group + lane));
        }
        for index in LANES * whole..self.len() {
            let lane = index % LANES;
            lanes[lane] = with(lanes[lane], index);
        }
        lanes
    }

    /// Takes a chunk of merged rows in. A value that the next row shares stays open.
    fn take(&mut self, rows: &Chunk, len: usize, base: [u32; 2]) {
        let mut at = self.len;
        let before = base[0] + base[1];
        for index in 0..len.min(CHUNK) {
            let reference = rows.reference_ranks[index];
            self.values[at] = rows.values[index];
            self.ranks[0][at + 1] = reference;
            self.ranks[1][at + 1] = before + index as u32 + 1 - reference;
            at += usize::from(rows.values[index + 1] != rows.values[index]);
        }
        self.is_tied |= at - self.len < len;
        self.is_open = rows.values[len] == rows.values[len - 1];
        self.len = at;
        self.values[at] =
            if rows.values[len].is_nan() { rows.values[len - 1] } else { rows.values[len] };
    }

    /// What follows from the ranks and values.
    fn derive(&mut self) {
        let [n, m] = self.sizes;
        let len = self.len();
        if n * m < 9e15 {
            for index in 1..=len {
                let [i, j] = [self.ranks[0][index], self.ranks[1][index]].map(f64::from);
                self.gaps[index] = i * m - j * n;
            }
        } else {
            for index in 1..=len {
                let [i, j] = [self.ranks[0][index], self.ranks[1][index]].map(i128::from);
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

/// Rows of both samples in ascending order, and the one after them.
struct Chunk {
    values: [f64; CHUNK + 1],
    /// How many rows of the reference there are up to each.
    reference_ranks: [u32; CHUNK],
}

/// Both samples from some row on.
struct Merge<'a> {
    samples: [&'a [f64]; 2],
    /// Rows that were merged.
    ranks: [usize; 2],
    chunk: Chunk,
}

impl<'a> Merge<'a> {
    fn new(pair: &Pair<'a>) -> Self {
        Self {
            samples: [pair.reference.values(), pair.current.values()],
            ranks: [0; 2],
            chunk: Chunk { values: [0.0; CHUNK + 1], reference_ranks: [0; CHUNK] },
        }
    }

    /// Fills a block; `false` if nothing is left.
    fn fill(&mut self, block: &mut Block) -> bool {
        while block.len + CHUNK <= CAPACITY {
            let base = self.ranks.map(|rank| rank as u32);
            let len = self.next_rows();
            if len == 0 {
                break;
            }
            block.take(&self.chunk, len, base);
        }
        block.derive();
        block.len > 0
    }

    /// Merges the next rows, at most [`CHUNK`], and says how many.
    fn next_rows(&mut self) -> usize {
        let [reference, current] = self.samples;
        let [mut i, mut j] = self.ranks;
        let Chunk { values, reference_ranks } = &mut self.chunk;
        let mut len = 0;
        // Without a branch on which is smaller, for that cannot be foretold.
        while len < CHUNK && i < reference.len() && j < current.len() {
            let [one, other] = [reference[i], current[j]];
            let is_reference = one <= other;
            values[len] = if is_reference { one } else { other };
            i += usize::from(is_reference);
            j += usize::from(!is_reference);
            reference_ranks[len] = i as u32;
            len += 1;
        }
        while len < CHUNK && i < reference.len() && j == current.len() {
            values[len] = reference[i];
            i += 1;
            reference_ranks[len] = i as u32;
            len += 1;
        }
        while len < CHUNK && j < current.len() && i == reference.len() {
            values[len] = current[j];
            j += 1;
            reference_ranks[len] = i as u32;
            len += 1;
        }
        values[len] = match (reference.get(i), current.get(j)) {
            (Some(one), Some(other)) => one.min(*other),
            (Some(one), None) | (None, Some(one)) => *one,
            (None, None) => f64::NAN,
        };
        self.ranks = [i, j];
        len
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
                assert!(block.is_tied() || place.rows_at() == place.rows_below() + 1);
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
