//! Rows that depend on each other: how many say as much as one independent row.
//!
//! Every two-sample test of this crate takes rows to be independent. Rows of a series often are not: where each is
//! much like the one before, a thousand of them have not seen what a thousand independent ones have, a sample
//! drifts about by itself, and p-values are too small. The same goes for rows that came together, such as those of one
//! user, if they are more alike than others. What a mean of a block of such rows varies by, beside what it would vary
//! by if they were independent, is known as the variance inflation, or the design effect: a sample of so many rows
//! over it is judged as it should be.
//!
//! Rows come in batches, of one row or of many. The rows of one batch came at one time, so their order says nothing;
//! the order of the batches is that of time. Of the batches two things are asked:
//!
//! * Are rows of one batch more alike than others? The intra-class correlation `ρ` of an analysis of variance says how
//!   much, and a sample in batches of `m` rows is worth `1 + (m̃ − 1) ρ` times fewer, `m̃` the mean size of the batch
//!   that a row is in.
//! * Is a batch like the one before it? Then means of blocks of batches are looked at, blocks as long as the sample
//!   that will be compared, where there is room: a cycle that each sample sees whole, such as the hours of a day in
//!   samples of weeks, then inflates nothing, however alike neighbours are.
//!
//! Of numbers the ranks are looked at, so that no tail is too heavy; of categories all indicators together.
//! The order of the batches must be that of time: of a table that was sorted by anything else this says nothing.
//! Nor does it of one batch, or of a few: whether they differ by chance can then be asked, but not by how much.

use alloc::vec;
use alloc::vec::Vec;

use crate::num::{self, Sum};
use crate::{Error, ErrorKind, Sorted, special};

/// A chance so small that what has it is not taken for chance: 1 in 741, three deviations of a normal one.
const BY_CHANCE: f64 = 0.001_35;

/// The same in deviations.
const DEVIATIONS: f64 = 3.0;

/// How much rows depend on each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dependence {
    /// The variance of the mean of a block of batches, over what it would be if rows were independent: about 1 if
    /// they are, `≥ 0`, at most the rows of a block but for the noise of the estimate.
    pub inflation: f64,
    /// The correlation of a batch with the next, in `[-1, 1]`: of sums of their rows.
    pub neighbours: f64,
    /// How many of its deviations that is from what independent batches have, in `±√batches`.
    pub neighbour_deviations: f64,
    /// The correlation of two rows of one batch, at most 1; 0 where each batch has one row, or one has all.
    pub within_batches: f64,
    /// By how much that inflates the variance of a mean, from 0 to the rows of a batch; 1 if rows are independent.
    pub batch_inflation: f64,
    /// Probability that batches of independent rows differ so much, in `[0, 1]`.
    pub batch_p_value: f64,
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
    /// The larger of two, each only where it is plain, for either alone varies by a third: the inflation of blocks,
    /// where a batch is like the next beyond three deviations of chance; and that of batches, where they differ more
    /// than 1 in 741 of independent rows would.
    ///
    /// # Errors
    /// None.
    ///
    /// # Numerics
    /// Two comparisons.
    ///
    /// # Examples
    /// ```
    /// use tidegate_stats::dependence::of_ordered_numbers;
    /// // Each value is the last and one more, five hundred times: a ramp.
    /// let ramp: Vec<f64> = (0..500).map(f64::from).collect();
    /// assert!(of_ordered_numbers(&ramp, 50)?.rows_per_independent() > 45.0);
    /// // One that goes up and down says of chance what it would without any order.
    /// let saw: Vec<f64> = (0..500).map(|row| f64::from(row * 7 % 11)).collect();
    /// assert_eq!(of_ordered_numbers(&saw, 50)?.rows_per_independent(), 1.0);
    /// # Ok::<(), tidegate_stats::Error>(())
    /// ```
    ///
    /// # References
    /// The design effect: Kish (1965), "Survey sampling", section 5.4. The larger of both, and not their product, for a
    /// block of batches holds what its batches have in common.
    #[must_use]
    pub fn rows_per_independent(&self) -> f64 {
        let of_time = if self.neighbour_deviations > DEVIATIONS { self.inflation } else { 1.0 };
        let of_batches = if self.batch_p_value < BY_CHANCE { self.batch_inflation } else { 1.0 };
        of_time.max(of_batches).max(1.0)
    }

    /// Rows that do not vary, or of which none is near another.
    const fn none(row_count: usize) -> Self {
        Self {
            inflation: 1.0,
            neighbours: 0.0,
            neighbour_deviations: 0.0,
            within_batches: 0.0,
            batch_inflation: 1.0,
            batch_p_value: 1.0,
            row_count: row_count as u64,
        }
    }
}

/// How much numbers depend on those before them, each of a time of its own.
///
/// With ranks `r` less their mean, and sums `sₜ` of `b` of them from the `t`-th on:
/// `inflation = n (n − 1) Σ sₜ² / (b (n − b + 1) (n − b) Σ rₜ²)`, the overlapping batch means' variance over that of a
/// row; `neighbours = Σ rₜ rₜ₊₁ / Σ rₜ²`; `neighbour_deviations = Σ rₜ rₜ₊₁ / √Σ (rₜ rₜ₊₁)²`.
///
/// # Arguments
/// * `values`: in the order of time, finite, of any unit; equal values share their ranks' mean.
/// * `block`: rows of a block, from 1 to half of the values. An estimate needs ten blocks to be good to a third.
///
/// # Returns
/// The [`Dependence`], batches of one row; inflation 1 and neighbours 0 if all values are equal.
///
/// # Errors
/// * [`ErrorKind::NotFinite`]: a value is NaN or infinite.
/// * [`ErrorKind::OutOfRange`]: `block` is 0 or more than half of the values.
///
/// # Numerics
/// O(n log n), a few copies. Ranks and the squares of their sums are whole numbers.
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
    of_batched_numbers(values, &vec![1; values.len()], block)
}

/// How much categories depend on those before them, each of a time of its own.
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
/// O(n log k) for k categories; counts and squares of their sums are whole numbers.
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
    of_batched_categories(codes, &vec![1; codes.len()], block)
}

/// How much numbers depend on each other that came in batches.
///
/// With ranks `r` less their mean, `n` of them in `K` batches of `mₖ` rows and sums `Sₖ`, `SSB = Σ Sₖ² / mₖ`,
/// `MSB = SSB / (K − 1)`, `MSW = (Σ r² − SSB) / (n − K)` and `m₀ = (n − Σ mₖ² / n) / (K − 1)`:
/// `within_batches = ρ = (MSB − MSW) / (MSB + (m₀ − 1) MSW)`, `batch_inflation = 1 + (Σ mₖ² / n − 1) ρ`, and
/// `batch_p_value` is the tail of `χ²` with `K − 1` degrees of freedom above `(n − 1) SSB / Σ r²`, the test of Kruskal and
/// Wallis. `neighbours = Σ Sₖ Sₖ₊₁ / Σ Sₖ²` and `neighbour_deviations = Σ Sₖ Sₖ₊₁ / √Σ (Sₖ Sₖ₊₁)²`, which holds of
/// batches of any sizes and is never large for the sake of a few large ones. With sums `sₜ` of the shortest runs of
/// whole batches of at least `block` rows, `bₜ` of them in the run from the `t`-th batch on:
/// `inflation = n (n − 1) Σ sₜ² / (Σ bₜ (n − bₜ) Σ r²)`.
///
/// # Arguments
/// * `values`: batch by batch, finite, of any unit; their order within a batch says nothing.
/// * `batches`: rows of each, at least 1, in the order of time; of all the sum is that of the values.
/// * `block`: rows of a block, from 1 to half of the values.
///
/// # Returns
/// The [`Dependence`]; none if all values are equal or all are of one batch. Of batches that are no more than ten,
/// it is not known well by how much they differ.
///
/// # Errors
/// * [`ErrorKind::NotFinite`]: a value is NaN or infinite.
/// * [`ErrorKind::OutOfRange`]: `block` is 0 or more than half of the values.
/// * [`ErrorKind::ShapeMismatch`]: a batch has no row, or batches have not as many as there are values.
/// * [`ErrorKind::NotConverged`]: see [`special::chi_square_tail`].
///
/// # Numerics
/// O(n log n), a few copies. Ranks and the squares of their sums are whole numbers.
///
/// # Examples
/// ```
/// use tidegate_stats::dependence::of_batched_numbers;
/// // Each batch has the same values, sorted: their order says nothing.
/// let sorted: Vec<f64> = (0..400).map(|row| f64::from(row % 20)).collect();
/// let found = of_batched_numbers(&sorted, &[20; 20], 40)?;
/// assert_eq!((found.rows_per_independent(), found.neighbours), (1.0, 0.0));
/// // Each batch is all alike, and unlike others: of twenty rows one is independent.
/// let alike: Vec<f64> = (0..400_i32).map(|row| f64::from((row / 20 * 7) % 20)).collect();
/// let found = of_batched_numbers(&alike, &[20; 20], 40)?;
/// assert_eq!((found.within_batches, found.rows_per_independent()), (1.0, 20.0));
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// The intra-class correlation of an analysis of variance with batches of unequal sizes: Donner (1986),
/// <https://doi.org/10.2307/1403259>, section 2. The design effect with `Σ mₖ² / n`: Kish (1965), "Survey sampling",
/// section 5.4. Oracles: `scipy.stats.kruskal`; mean squares of `statsmodels`' `anova_lm` on `scipy.stats.rankdata`;
/// blocks by numpy.
pub fn of_batched_numbers(
    values: &[f64],
    batches: &[usize],
    block: usize,
) -> Result<Dependence, Error> {
    check(values.len(), batches, block)?;
    let sorted = Sorted::try_new(values.to_vec())?;
    let sorted = sorted.values();
    // Twice the rank, less twice the mean rank.
    let rank = |value: &f64| {
        let below = sorted.partition_point(|other| other < value);
        let up_to = sorted.partition_point(|other| other <= value);
        below as i64 + up_to as i64 - values.len() as i64
    };
    let ranks: Vec<i64> = values.iter().map(rank).collect();
    let square = |sum: i64| i128::from(sum) * i128::from(sum);
    let rows: i128 = ranks.iter().map(|rank| square(*rank)).sum();
    let mut sum = 0;
    let mut change = |row: usize, by: i64| {
        sum += by * ranks[row];
        square(sum)
    };
    measure(batches, block, (rows as f64, 1.0), &mut change)
}

/// How much categories depend on each other that came in batches.
///
/// As [`of_batched_numbers`], of the indicators of all categories, their squares and products summed: each weighs by
/// its variance. Of categories with shares `pᵢ`, `batch_p_value` is the tail of `χ²` with `(K − 1) d` degrees of freedom
/// above `(n − 1) d SSB / SST`, where `d = (1 − Σ pᵢ²)² / (Σ pᵢ² − 2 Σ pᵢ³ + (Σ pᵢ²)²)` is how many indicators of one
/// variance would vary as much together; 1 of two categories, `C − 1` of `C` equal ones.
///
/// # Arguments
/// * `codes`: any number for each category, batch by batch.
/// * `batches`: rows of each, at least 1, in the order of time.
/// * `block`: rows of a block, from 1 to half of the rows.
///
/// # Returns
/// The [`Dependence`]; none if all rows are of one category or of one batch.
///
/// # Errors
/// As [`of_batched_numbers`], but for what a number can be.
///
/// # Numerics
/// O(n log k) for k categories; counts and squares of their sums are whole numbers.
///
/// # Examples
/// ```
/// use tidegate_stats::dependence::of_batched_categories;
/// // By halves one category and the other: of ten batches, of fifty rows each.
/// let codes: Vec<u32> = (0..500).map(|row| u32::from(row % 50 < 25)).collect();
/// assert_eq!(of_batched_categories(&codes, &[50; 10], 50)?.rows_per_independent(), 1.0);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Light & Margolin (1971), "An analysis of variance for categorical data",
/// <https://doi.org/10.1080/01621459.1971.10482297>, with Satterthwaite's degrees of freedom, for its categories are
/// of equal shares. Oracle: the formulas in numpy and `scipy.stats.chi2`.
pub fn of_batched_categories(
    codes: &[u32],
    batches: &[usize],
    block: usize,
) -> Result<Dependence, Error> {
    check(codes.len(), batches, block)?;
    let mut distinct = codes.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    let place = |code: &u32| distinct.partition_point(|other| other < code);
    let places: Vec<usize> = codes.iter().map(place).collect();
    let n = codes.len() as i128;
    let mut counts = vec![0_i128; distinct.len()];
    for place in &places {
        counts[*place] += 1;
    }
    let squares: i128 = counts.iter().map(|count| count * count).sum();
    let share = |count: &i128| *count as f64 / n as f64;
    let cubes: Sum = counts.iter().map(|it| share(it) * share(it) * share(it)).collect();
    let agree = squares as f64 / (n * n) as f64;
    let alike = agree - 2.0 * cubes.value() + agree * agree;
    let dimensions = if alike > 0.0 { (1.0 - agree) * (1.0 - agree) / alike } else { 1.0 };
    // Of a run of `length` rows, by category how many; their squares, and their products with all counts.
    let mut held = vec![0_i128; distinct.len()];
    let (mut own, mut with_all, mut length) = (0, 0, 0);
    let mut change = |row: usize, by: i64| {
        let (place, by) = (places[row], i128::from(by));
        own += by * (2 * held[place] + by);
        held[place] += by;
        with_all += by * counts[place];
        length += by;
        // n² times the squares of what it has beyond its share.
        n * n * own - 2 * n * length * with_all + length * length * squares
    };
    let rows = n * (n * n - squares);
    measure(batches, block, (rows as f64, dimensions), &mut change)
}

const fn check(rows: usize, batches: &[usize], block: usize) -> Result<(), Error> {
    if block == 0 || block > rows / 2 {
        return Err(Error::new(
            ErrorKind::OutOfRange,
            "block, which must be from 1 to half the rows,",
        ));
    }
    let (mut left, mut at) = (rows, 0);
    while at < batches.len() {
        if batches[at] == 0 || batches[at] > left {
            return Err(Error::new(ErrorKind::ShapeMismatch, "the batches"));
        }
        left -= batches[at];
        at += 1;
    }
    if left > 0 {
        return Err(Error::new(ErrorKind::ShapeMismatch, "the batches"));
    }
    Ok(())
}

/// From the squares of the rows and how many dimensions they vary in, and from the squares of what runs of rows hold:
/// `change` adds a row to the run or takes one out of it.
fn measure(
    batches: &[usize],
    block: usize,
    (rows, dimensions): (f64, f64),
    change: &mut dyn FnMut(usize, i64) -> i128,
) -> Result<Dependence, Error> {
    let count: usize = batches.iter().sum();
    if rows <= 0.0 {
        return Ok(Dependence::none(count));
    }
    let mut runs = |least| runs(batches, least, change);
    let (single, pairs, blocks) = (runs([1, 1]), runs([1, 2]), runs([block, 1]));
    let n = count as f64;
    let of_blocks: Sum = blocks.iter().map(|run| run.square as f64).collect();
    let by_chance: Sum =
        blocks.iter().map(|run| run.rows as f64 * (count - run.rows) as f64).collect();
    let inflation = match by_chance.value() {
        none if none <= 0.0 => 1.0,
        some => n * (n - 1.0) / some * (of_blocks.value() / rows),
    };
    // Of two batches together, what is neither's own.
    let products = || {
        let own = single.windows(2).map(|two| two[0].square + two[1].square);
        pairs.iter().zip(own).map(|(pair, own)| (pair.square - own) as f64 / 2.0)
    };
    let product = products().collect::<Sum>().value();
    let of_batches: Sum = single.iter().map(|run| run.square as f64).collect();
    let ratio = |of: f64, to: f64| if to > 0.0 { of / to } else { 0.0 };
    let product_squares: Sum = products().map(|product| product * product).collect();
    Ok(Dependence {
        inflation,
        neighbours: ratio(product, of_batches.value()),
        neighbour_deviations: ratio(product, num::sqrt(product_squares.value())),
        row_count: count as u64,
        ..among(&single, count, (rows, dimensions))?
    })
}

/// The analysis of variance of batches.
fn among(
    single: &[Run],
    count: usize,
    (rows, dimensions): (f64, f64),
) -> Result<Dependence, Error> {
    let none = Dependence::none(count);
    if single.len() < 2 || single.len() == count {
        return Ok(none);
    }
    let (n, batches) = (count as f64, single.len() as f64);
    let between: Sum = single.iter().map(|run| run.square as f64 / run.rows as f64).collect();
    let between = between.value().min(rows);
    let mean_size: Sum = single.iter().map(|run| run.rows as f64 * run.rows as f64 / n).collect();
    let mean_size = mean_size.value();
    let usual_size = (n - mean_size) / (batches - 1.0);
    let mean_between = between / (batches - 1.0);
    let mean_within = (rows - between) / (n - batches);
    let within_batches =
        (mean_between - mean_within) / (mean_between + (usual_size - 1.0) * mean_within);
    let statistic = (n - 1.0) * dimensions * (between / rows);
    Ok(Dependence {
        within_batches,
        batch_inflation: (1.0 + (mean_size - 1.0) * within_batches).max(0.0),
        batch_p_value: special::chi_square_tail(statistic, (batches - 1.0) * dimensions)?,
        ..none
    })
}

/// Some batches in turn: their rows, and the square of what they hold beyond their share.
struct Run {
    rows: usize,
    square: i128,
}

/// From each batch on, the shortest run of whole batches of at least so many rows and batches.
fn runs(
    batches: &[usize],
    [least_rows, least_batches]: [usize; 2],
    change: &mut dyn FnMut(usize, i64) -> i128,
) -> Vec<Run> {
    let mut found = Vec::with_capacity(batches.len());
    let (mut from, mut to, mut next, mut square) = (0, 0, 0, 0);
    for (at, batch) in batches.iter().enumerate() {
        while to - from < least_rows || next - at < least_batches {
            let Some(batch) = batches.get(next) else { break };
            for row in to..to + batch {
                square = change(row, 1);
            }
            (to, next) = (to + batch, next + 1);
        }
        if to - from >= least_rows && next - at >= least_batches {
            found.push(Run { rows: to - from, square });
        }
        for row in from..from + batch {
            square = change(row, -1);
        }
        from += batch;
    }
    found
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

    /// Batches of so many rows, of which a share of the variance is that of the batch.
    fn batched(sizes: &[usize], share: f64, seed: u64) -> Vec<f64> {
        let mut random = Random::new(seed);
        let (own, common) = (num::sqrt(1.0 - share), num::sqrt(share));
        let mut values = Vec::new();
        for size in sizes {
            let of_batch = common * random.normal();
            values.extend((0..*size).map(|_| of_batch + own * random.normal()));
        }
        values
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
    fn batches_that_are_alike_within_are_inflated_as_theory_says() {
        // 1 + (20 - 1) 0.3 = 6.7, a little less of ranks.
        let sizes = [20; 200];
        let of = |seed| of_batched_numbers(&batched(&sizes, 0.3, seed), &sizes, 400).unwrap();
        let found: Vec<Dependence> = (0..40).map(of).collect();
        let mean = found.iter().map(Dependence::rows_per_independent).sum::<f64>() / 40.0;
        assert!((6.0..7.0).contains(&mean), "{mean}");
        let by_time = found.iter().filter(|found| found.neighbour_deviations > DEVIATIONS);
        assert!(by_time.count() <= 1);
    }

    #[test]
    fn the_order_within_a_batch_says_nothing() {
        let sizes: Vec<usize> = (0..300).map(|at| 1 + at * at % 7).collect();
        let mut plain = 0;
        for seed in 0..100 {
            let mut values = batched(&sizes, 0.0, seed);
            let before = of_batched_numbers(&values, &sizes, 100).unwrap();
            let mut rest = &mut values[..];
            for size in &sizes {
                let (batch, others) = rest.split_at_mut(*size);
                batch.sort_by(f64::total_cmp);
                rest = others;
            }
            assert_eq!(of_batched_numbers(&values, &sizes, 100).unwrap(), before);
            plain += usize::from(before.rows_per_independent() > 1.0);
            let codes: Vec<u32> = values.iter().map(|it| u32::from(*it > 0.3)).collect();
            let found = of_batched_categories(&codes, &sizes, 100).unwrap();
            plain += usize::from(found.rows_per_independent() > 1.0);
        }
        assert!(plain <= 3, "{plain} of 200");
    }

    #[test]
    fn one_batch_says_nothing() {
        let ramp: Vec<f64> = (0..100).map(f64::from).collect();
        let found = of_batched_numbers(&ramp, &[100], 10).unwrap();
        assert_eq!(found, Dependence::none(100));
        let codes: Vec<u32> = (0..100).map(|row| row / 10).collect();
        assert_eq!(of_batched_categories(&codes, &[100], 10).unwrap(), Dependence::none(100));
    }

    #[test]
    fn edges() {
        let kind = |found: Result<Dependence, Error>| found.unwrap_err().kind();
        assert_eq!(kind(of_ordered_numbers(&[], 1)), ErrorKind::OutOfRange);
        assert_eq!(kind(of_ordered_numbers(&[1.0; 4], 0)), ErrorKind::OutOfRange);
        assert_eq!(kind(of_ordered_categories(&[1; 4], 3)), ErrorKind::OutOfRange);
        assert_eq!(kind(of_ordered_numbers(&[1.0, f64::NAN], 1)), ErrorKind::NotFinite);
        for batches in [&[][..], &[2, 0, 2], &[2, 1], &[2, 3], &[usize::MAX, 2]] {
            assert_eq!(kind(of_batched_numbers(&[1.0; 4], batches, 1)), ErrorKind::ShapeMismatch);
            assert_eq!(kind(of_batched_categories(&[1; 4], batches, 1)), ErrorKind::ShapeMismatch);
        }
        assert_eq!(of_ordered_numbers(&[7.0; 4], 2).unwrap(), Dependence::none(4));
        assert_eq!(of_ordered_categories(&[u32::MAX; 4], 2).unwrap(), Dependence::none(4));
        assert_eq!(of_ordered_numbers(&[1e308, -1e308, 5e-324, 0.0], 1).unwrap().inflation, 1.0);
        assert_eq!(of_ordered_categories(&[0, 1, u32::MAX, 0], 1).unwrap().inflation, 1.0);
    }
}
