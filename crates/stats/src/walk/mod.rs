//! Both samples' distinct values in ascending order: walked once, for every statistic that wants them.

mod block;
mod merge;

pub(crate) use block::{Block, CAPACITY};

use crate::{Error, Sorted, spread::power_of_two_near};

use merge::Merge;

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
            // A block of rows that are all like the next has no value that is done.
            if block.len() > 0 {
                statistic.add(&block);
            }
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

#[cfg(test)]
mod tests {
    use alloc::{vec, vec::Vec};

    use super::{block::Place, *};

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
