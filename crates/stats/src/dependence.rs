//! Rows that depend on the rows before them: how many say as much as one independent row.
//!
//! Every two-sample test of this crate takes rows to be independent. Rows of a series often are not: where each is
//! much like the one before, a thousand of them have not seen what a thousand independent ones have, a sample
//! drifts about by itself, and p-values are too small. What a mean of a block of such rows varies by, beside what
//! it would vary by if they were independent, is known as the variance inflation, or the design effect: a sample of
//! so many rows over it is judged as it should be.
//!
//! Blocks are taken as long as the sample that will be compared, where there is room: a cycle that each sample sees
//! whole, such as the hours of a day in samples of weeks, then inflates nothing, however alike neighbours are.
//!
//! Of numbers the ranks are looked at, so that no tail is too heavy; of categories all indicators together.
//! The order of the rows must be that of time: of a table that was sorted by anything else this says nothing.

use alloc::vec::Vec;

use crate::num::{self, Sum};
use crate::{Error, ErrorKind, Sorted};

/// How much rows depend on the rows before them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dependence {
    /// The variance of the mean of a block of rows, over what it would be if they were independent: about 1 if
    /// they are, `≥ 0`, at most the rows of a block but for the noise of the estimate.
    pub inflation: f64,
    /// The correlation of a row with the next, in `[-1, 1]`.
    pub neighbours: f64,
    /// Rows that it was measured on.
    pub row_count: u64,
}

impl Dependence {
    /// How many rows say as much as one that is independent, `≥ 1`.
    ///
    /// # Arguments
    /// None.
    ///
    /// # Returns
    /// The inflation, where neighbours are more alike than chance makes them, at three of its deviations (1 in 700
    /// series of independent rows); else 1, for the inflation alone varies by a third.
    ///
    /// # Errors
    /// None.
    ///
    /// # Numerics
    /// One root.
    ///
    /// # Examples
    /// ```
    /// use tidegate_stats::dependence::Dependence;
    /// let found = Dependence { inflation: 19.0, neighbours: 0.9, row_count: 1000 };
    /// assert_eq!(found.rows_per_independent(), 19.0);
    /// let chance = Dependence { inflation: 1.4, neighbours: 0.05, row_count: 1000 };
    /// assert_eq!(chance.rows_per_independent(), 1.0);
    /// ```
    ///
    /// # References
    /// The correlation of neighbours has a deviation of `1/√n` where rows are independent: Bartlett (1946),
    /// <https://doi.org/10.2307/2983611>.
    #[must_use]
    pub fn rows_per_independent(&self) -> f64 {
        const DEVIATIONS: f64 = 3.0;
        let is_plain = self.neighbours * num::sqrt(self.row_count as f64) > DEVIATIONS;
        if is_plain { self.inflation.max(1.0) } else { 1.0 }
    }

    /// Rows that do not vary, or of which none is near another.
    const fn none(row_count: usize) -> Self {
        Self { inflation: 1.0, neighbours: 0.0, row_count: row_count as u64 }
    }

    /// From sums of squared deviations, all in one unit: of rows, of block sums, and of products of neighbours.
    fn new([rows, blocks, products]: [f64; 3], count: usize, block: usize) -> Self {
        if rows <= 0.0 {
            return Self::none(count);
        }
        let (n, b) = (count as f64, block as f64);
        let scale = n * (n - 1.0) / (b * (n - b + 1.0) * (n - b));
        Self {
            inflation: scale * (blocks / rows),
            neighbours: products / rows,
            row_count: count as u64,
        }
    }
}

/// How much numbers depend on those before them.
///
/// With ranks `r` less their mean, and sums `sₜ` of `b` of them from the `t`-th on:
/// `inflation = n (n − 1) Σ sₜ² / (b (n − b + 1) (n − b) Σ rₜ²)`, the overlapping batch means' variance over that of a
/// row; `neighbours = Σ rₜ rₜ₊₁ / Σ rₜ²`.
///
/// # Arguments
/// * `values`: in the order of time, finite, of any unit; equal values share their ranks' mean.
/// * `block`: rows of a block, from 1 to half of the values. An estimate needs ten blocks to be good to a third.
///
/// # Returns
/// The [`Dependence`]; inflation 1 and neighbours 0 if all values are equal.
///
/// # Errors
/// * [`ErrorKind::NotFinite`]: a value is NaN or infinite.
/// * [`ErrorKind::OutOfRange`]: `block` is 0 or more than half of the values.
///
/// # Numerics
/// O(n log n), two copies. Ranks and their sums are whole numbers, exact up to 2⁵³.
///
/// # Examples
/// ```
/// use tidegate_stats::dependence::of_ordered_numbers;
/// // Each value stands for four rows, and no two of them know of each other.
/// let values: Vec<f64> = (0..400_i32).map(|row| f64::from((row / 4).pow(2) % 101)).collect();
/// let found = of_ordered_numbers(&values, 20)?;
/// assert!((3.0..5.0).contains(&found.rows_per_independent()), "{found:?}");
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Meketon & Schmeiser (1984), "Overlapping batch means: something for nothing?",
/// <https://dl.acm.org/doi/10.5555/800272>. Oracle: the formula in numpy on `scipy.stats.rankdata`.
pub fn of_ordered_numbers(values: &[f64], block: usize) -> Result<Dependence, Error> {
    check_block(values.len(), block)?;
    let sorted = Sorted::try_new(values.to_vec())?;
    let sorted = sorted.values();
    // Twice the rank, less twice the mean rank.
    let rank = |value: &f64| {
        let below = sorted.partition_point(|other| other < value);
        let up_to = sorted.partition_point(|other| other <= value);
        below as i64 + up_to as i64 - values.len() as i64
    };
    let ranks: Vec<i64> = values.iter().map(rank).collect();
    let square = |sum: i64| sum as f64 * sum as f64;
    let rows = ranks.iter().map(|rank| square(*rank)).collect::<Sum>().value();
    let products = ranks.windows(2).map(|pair| pair[0] as f64 * pair[1] as f64);
    let (mut blocks, mut sum) = (Sum::default(), 0_i64);
    for (row, rank) in ranks.iter().enumerate() {
        sum += rank;
        if row >= block {
            sum -= ranks[row - block];
        }
        if row + 1 >= block {
            blocks.add(square(sum));
        }
    }
    let sums = [rows, blocks.value(), products.collect::<Sum>().value()];
    Ok(Dependence::new(sums, values.len(), block))
}

/// How much categories depend on those before them.
///
/// As [`of_ordered_numbers`], of the indicators of all categories, their squares and products summed: each weighs by its
/// variance.
///
/// # Arguments
/// * `codes`: any number for each category, in the order of time.
/// * `block`: rows of a block, from 1 to half of the rows.
///
/// # Returns
/// The [`Dependence`]; inflation 1 and neighbours 0 if all rows are of one category.
///
/// # Errors
/// [`ErrorKind::OutOfRange`]: `block` is 0 or more than half of the rows.
///
/// # Numerics
/// O(n log k) for k categories; counts are whole, sums of their squares exact.
///
/// # Examples
/// ```
/// use tidegate_stats::dependence::of_ordered_categories;
/// // Runs of ten equal rows.
/// let codes: Vec<u32> = (0..1000).map(|row| row / 10 * 7 % 11 % 2).collect();
/// let found = of_ordered_categories(&codes, 50)?;
/// assert!(found.neighbours > 0.8, "{found:?}");
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// As [`of_ordered_numbers`]; the design effect of a table of categories: Rao & Scott (1981),
/// <https://doi.org/10.1080/01621459.1981.10477633>.
pub fn of_ordered_categories(codes: &[u32], block: usize) -> Result<Dependence, Error> {
    check_block(codes.len(), block)?;
    let mut distinct = codes.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    let place = |code: &u32| distinct.partition_point(|other| other < code);
    let places: Vec<usize> = codes.iter().map(place).collect();
    let n = codes.len() as i128;
    let mut counts = alloc::vec![0_i128; distinct.len()];
    for place in &places {
        counts[*place] += 1;
    }
    let squares: i128 = counts.iter().map(|count| count * count).sum();
    // All times n².
    let rows = n * (n * n - squares);
    let agree = places.windows(2).filter(|pair| pair[0] == pair[1]).count() as i128;
    let beside: i128 = places.windows(2).map(|pair| counts[pair[0]] + counts[pair[1]]).sum();
    let products = n * n * agree - n * beside + (n - 1) * squares;
    // By category, n times what a block has of it beyond its share.
    let mut excess: Vec<i128> = counts.iter().map(|count| -(block as i128) * count).collect();
    let mut sum: i128 = excess.iter().map(|excess| excess * excess).sum();
    let mut change = |place: usize, by: i128| {
        sum += by * (2 * excess[place] + by);
        excess[place] += by;
        sum
    };
    let mut blocks = Sum::default();
    for (row, place) in places.iter().enumerate() {
        let mut of_block = change(*place, n);
        if row >= block {
            of_block = change(places[row - block], -n);
        }
        if row + 1 >= block {
            blocks.add(of_block as f64);
        }
    }
    let sums = [rows as f64, blocks.value(), products as f64];
    Ok(Dependence::new(sums, codes.len(), block))
}

const fn check_block(rows: usize, block: usize) -> Result<(), Error> {
    if block == 0 || block > rows / 2 {
        return Err(Error::new(
            ErrorKind::OutOfRange,
            "block, which must be from 1 to half the rows,",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    /// Values of which each is `share` of the last and the rest new.
    fn series(share: f64, rows: usize, seed: u64) -> Vec<f64> {
        let mut random = Random::new(seed);
        // Of uniform draws: a deviation of 1.
        let mut draw = || (random.below(1_000_001) as f64 / 1e6 - 0.5) * num::sqrt(12.0);
        let mut value = draw();
        let fresh = num::sqrt(1.0 - share * share);
        let mut next = || {
            value = share * value + fresh * draw();
            value
        };
        (0..rows).map(|_| next()).collect()
    }

    fn mean(share: f64, rows: usize, block: usize) -> f64 {
        let found =
            (0..40).map(|seed| of_ordered_numbers(&series(share, rows, seed), block).unwrap());
        found.map(|found| found.rows_per_independent()).sum::<f64>() / 40.0
    }

    #[test]
    fn an_autoregressive_series_is_inflated_as_theory_says() {
        // (1 + ρ) / (1 − ρ) = 19, a little less of blocks of 500 and of ranks.
        let found = mean(0.9, 5000, 500);
        assert!((16.0..20.0).contains(&found), "{found}");
        let found = mean(0.5, 5000, 500);
        assert!((2.5..3.3).contains(&found), "{found}");
        assert!(mean(0.0, 5000, 500) < 1.01);
    }

    #[test]
    fn a_cycle_that_each_block_sees_whole_inflates_nothing() {
        let hours: Vec<f64> = (0..2400).map(|row| f64::from(row % 24)).collect();
        assert_eq!(of_ordered_numbers(&hours, 240).unwrap().rows_per_independent(), 1.0);
        let codes: Vec<u32> = (0..2400).map(|row| row % 24 / 6).collect();
        assert_eq!(of_ordered_categories(&codes, 240).unwrap().inflation, 0.0);
        assert!(of_ordered_categories(&codes, 12).unwrap().rows_per_independent() > 2.0);
    }

    #[test]
    fn two_categories_are_two_numbers() {
        let values: Vec<f64> = series(0.8, 999, 3).iter().map(|v| v.signum()).collect();
        let codes: Vec<u32> = values.iter().map(|value| u32::from(*value > 0.0)).collect();
        for block in [1, 7, 499] {
            let (one, other) =
                (of_ordered_numbers(&values, block), of_ordered_categories(&codes, block));
            let (one, other) = (one.unwrap(), other.unwrap());
            assert!((one.inflation - other.inflation).abs() < 1e-12, "{one:?} {other:?}");
            assert!((one.neighbours - other.neighbours).abs() < 1e-12);
        }
    }

    #[test]
    fn edges() {
        let kind = |found: Result<Dependence, Error>| found.unwrap_err().kind();
        assert_eq!(kind(of_ordered_numbers(&[], 1)), ErrorKind::OutOfRange);
        assert_eq!(kind(of_ordered_numbers(&[1.0; 4], 0)), ErrorKind::OutOfRange);
        assert_eq!(kind(of_ordered_categories(&[1; 4], 3)), ErrorKind::OutOfRange);
        assert_eq!(kind(of_ordered_numbers(&[1.0, f64::NAN], 1)), ErrorKind::NotFinite);
        assert_eq!(of_ordered_numbers(&[7.0; 4], 2).unwrap(), Dependence::none(4));
        assert_eq!(of_ordered_categories(&[u32::MAX; 4], 2).unwrap(), Dependence::none(4));
        assert_eq!(of_ordered_numbers(&[1e308, -1e308, 5e-324, 0.0], 1).unwrap().inflation, 1.0);
        assert_eq!(of_ordered_categories(&[0, 1, u32::MAX, 0], 1).unwrap().inflation, 1.0);
    }
}
