use alloc::vec;
use alloc::vec::Vec;

use super::attributions::finite_rows_of;
use crate::random::Random;
use crate::{Error, ErrorKind, Verdict, num};

/// How [`split_points`] looks for changes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SplitPointOptions {
    /// The fewest rows on either side of a split, `≥ 1`.
    pub min_segment: usize,
    /// Rows that depend on their neighbours are shuffled in blocks of so many, `≥ 1`; 1 if they do not.
    pub block_rows: usize,
    /// Random orders, `1..=`[`Self::MAX_PERMUTATIONS`]. The least p-value is `1/(permutations + 1)`.
    pub permutations: u32,
    /// The orders follow from it.
    pub seed: u64,
    /// The adjusted p-value from which on a split is no drift, in `(0, 1)`: the chance of a false alarm in
    /// all columns together.
    pub alpha: f64,
}

impl SplitPointOptions {
    /// The most random orders.
    pub const MAX_PERMUTATIONS: u32 = 1 << 20;
}

impl Default for SplitPointOptions {
    fn default() -> Self {
        Self { min_segment: 20, block_rows: 1, permutations: 999, seed: 0, alpha: 0.05 }
    }
}

/// The most likely change of one column's mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SplitPoint {
    /// The first row after the change.
    pub index: usize,
    /// Student's t between the rows before and after, the largest of all splits in magnitude; positive
    /// where the mean rose. Where a split leaves no variance on either side, [`f64::MAX`] with its sign.
    pub statistic: f64,
    /// Difference of the means in standard deviations within both sides (Cohen's d), with its sign.
    pub effect: f64,
    /// Mean of the rows before.
    pub mean_before: f64,
    /// Mean of the rows after.
    pub mean_after: f64,
    /// How often chance alone has as large a statistic anywhere in this column.
    pub p_value: f64,
    /// How often it has as large a one anywhere in any column.
    pub p_adjusted: f64,
    /// By `p_adjusted`.
    pub verdict: Verdict,
}

/// Where a column's mean changed in time, and whether it did: for SHAP values, or a feature's share of the
/// loss, row by row as the model served them.
///
/// All splits are tried, so that some split looks like a change in any stream: the largest of many
/// statistics is compared with what the largest is without a change. A test at each split that is not
/// corrected for their number, as in `shap.plots.monitoring`, finds a change in a third of the streams of
/// 1000 rows that have none, and in two thirds of those of 5000.
///
/// # Arguments
/// * `values`: row-major, `[n × columns]`, in the order of time; finite; `n ≥ 2 · min_segment`.
/// * `columns`: in a row, `≥ 1`.
/// * `options`: see [`SplitPointOptions`].
///
/// # Returns
/// One a column. The p-values are by permutation, of whole rows, so that they hold whatever the columns'
/// distributions and whatever they have to do with each other. Rows must be exchangeable while nothing
/// changes; where neighbours are alike, give a `block_rows` beyond which they are not.
///
/// # Errors
/// * [`ErrorKind::ShapeMismatch`]: `values` is no whole number of rows.
/// * [`ErrorKind::EmptySample`]: fewer than `2 · min_segment` rows.
/// * [`ErrorKind::NotFinite`]: a value is NaN or infinite.
/// * [`ErrorKind::OutOfRange`]: an option is outside its range.
///
/// # Numerics
/// O(n · columns · permutations). The statistic is monotone in the sum of squares between both sides,
/// whose complement no order changes: a random order costs one pass.
///
/// # Examples
/// ```
/// use tidegate_stats::{Verdict, explain::{SplitPointOptions, split_points}};
/// let values: Vec<f64> = (0..100).map(|row| f64::from(row % 7 + 4 * (row / 60))).collect();
/// let found = split_points(&values, 1, &SplitPointOptions::default())?;
/// assert_eq!((found[0].index, found[0].verdict), (60, Verdict::Drift));
/// assert_eq!(found[0].p_value, 0.001);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Worsley (1979), <https://doi.org/10.1080/01621459.1979.10482519>, for the statistic; Westfall & Young
/// (1993), "Resampling-based multiple testing", for the largest of all columns. Oracle: the largest
/// `scipy.stats.ttest_ind` of all splits; all orders of a short stream for the p-value.
pub fn split_points(
    values: &[f64],
    columns: usize,
    options: &SplitPointOptions,
) -> Result<Vec<SplitPoint>, Error> {
    let SplitPointOptions { min_segment, block_rows, permutations, seed, alpha } = *options;
    let in_range = min_segment > 0
        && block_rows > 0
        && (1..=SplitPointOptions::MAX_PERMUTATIONS).contains(&permutations)
        && alpha > 0.0
        && alpha < 1.0;
    if !in_range {
        return Err(Error::new(ErrorKind::OutOfRange, "an option"));
    }
    let rows = finite_rows_of(values, columns, "the stream")?;
    if rows / 2 < min_segment {
        return Err(Error::new(ErrorKind::EmptySample, "a side of each split"));
    }
    let stream = Stream::new(values, columns, min_segment);
    let observed = stream.largest(0..rows);

    let mut blocks: Vec<usize> = (0..rows.div_ceil(block_rows)).collect();
    let mut random = Random::new(seed);
    let mut as_large = vec![[0_u32; 2]; columns];
    for _ in 0..permutations {
        let count = blocks.len();
        random.pick(&mut blocks, count);
        let order = blocks.iter().flat_map(|block| {
            let start = block * block_rows;
            start..(start + block_rows).min(rows)
        });
        let shuffled = stream.largest(order);
        let of_all = shuffled.iter().fold(0.0_f64, |largest, of| largest.max(of.between));
        for ((counts, shuffled), observed) in as_large.iter_mut().zip(&shuffled).zip(&observed) {
            let least = observed.between * (1.0 - SLACK);
            counts[0] += u32::from(shuffled.between >= least);
            counts[1] += u32::from(of_all >= least);
        }
    }
    let p_value = |count: u32| f64::from(1 + count) / f64::from(1 + permutations);
    Ok(observed
        .iter()
        .zip(as_large)
        .enumerate()
        .map(|(column, (largest, [own, any]))| {
            let p_adjusted = p_value(any);
            SplitPoint {
                p_value: p_value(own),
                p_adjusted,
                verdict: if p_adjusted <= alpha { Verdict::Drift } else { Verdict::NoDrift },
                ..stream.describe(column, largest)
            }
        })
        .collect())
}

/// Sums of squares of one split that were summed in another order.
const SLACK: f64 = 1e-12;

/// The split with the largest sum of squares between its sides, as a share of all squares.
#[derive(Debug, Clone, Copy, Default)]
struct Largest {
    between: f64,
    index: usize,
}

/// Columns of mean 0 and one sum of squares, or of zeros.
struct Stream {
    columns: usize,
    rows: usize,
    min_segment: usize,
    scaled: Vec<f64>,
    /// What each column was divided by after its mean was subtracted, and the mean.
    units: Vec<f64>,
    means: Vec<f64>,
    sizes: Vec<f64>,
}

impl Stream {
    fn new(values: &[f64], columns: usize, min_segment: usize) -> Self {
        let rows = values.len() / columns;
        let mut stream = Self {
            columns,
            rows,
            min_segment,
            scaled: vec![0.0; values.len()],
            units: vec![0.0; columns],
            means: vec![0.0; columns],
            sizes: vec![0.0; columns],
        };
        for column in 0..columns {
            let of = || values.iter().skip(column).step_by(columns);
            // In units of the largest magnitude, so that squares are in range.
            let size = of().fold(0.0_f64, |size, value| size.max(value.abs()));
            let is_constant = of().all(|value| Some(value) == values.get(column));
            stream.sizes[column] = if size > 0.0 { size } else { 1.0 };
            let mean: num::Sum = of().map(|value| value / stream.sizes[column]).collect();
            let mean = mean.value() / rows as f64;
            stream.means[column] = mean;
            if is_constant {
                continue;
            }
            let squares: num::Sum = of()
                .map(|value| value / stream.sizes[column] - mean)
                .map(|deviation| deviation * deviation)
                .collect();
            let unit = num::sqrt(squares.value());
            if unit > 0.0 {
                stream.units[column] = unit;
                let scaled = stream.scaled.iter_mut().skip(column).step_by(columns);
                for (scaled, value) in scaled.zip(of()) {
                    *scaled = (value / stream.sizes[column] - mean) / unit;
                }
            }
        }
        stream
    }

    /// The largest split of each column, its rows being in that order.
    fn largest(&self, order: impl Iterator<Item = usize>) -> Vec<Largest> {
        let mut found = vec![Largest::default(); self.columns];
        for largest in &mut found {
            largest.index = self.min_segment;
        }
        let mut sums = vec![0.0; self.columns];
        for (before, row) in order.enumerate() {
            if before > self.rows - self.min_segment {
                break;
            }
            if before >= self.min_segment {
                let (n, k) = (self.rows as f64, before as f64);
                let factor = n / (k * (n - k));
                for (largest, sum) in found.iter_mut().zip(&sums) {
                    let between = sum * sum * factor;
                    if between > largest.between {
                        *largest = Largest { between, index: before };
                    }
                }
            }
            let values = &self.scaled[row * self.columns..][..self.columns];
            for (sum, value) in sums.iter_mut().zip(values) {
                *sum += value;
            }
        }
        found
    }

    /// All of a split but its p-values.
    fn describe(&self, column: usize, largest: &Largest) -> SplitPoint {
        let (n, k) = (self.rows as f64, largest.index as f64);
        let mean_of = |rows: core::ops::Range<usize>, count: f64| {
            let sum: num::Sum = rows
                .filter_map(|row| self.scaled.get(row * self.columns + column).copied())
                .collect();
            sum.value() / count
        };
        let before = mean_of(0..largest.index, k);
        let after = mean_of(largest.index..self.rows, n - k);
        let within = (1.0 - largest.between).max(0.0);
        let difference = after - before;
        let deviation = num::sqrt(within / (n - 2.0).max(1.0));
        let in_deviations = |value: f64| {
            if value == 0.0 { 0.0 } else { (value / deviation).clamp(-f64::MAX, f64::MAX) }
        };
        let in_values = |mean: f64| {
            let value = (mean * self.units[column] + self.means[column]) * self.sizes[column];
            value.clamp(-f64::MAX, f64::MAX)
        };
        SplitPoint {
            index: largest.index,
            statistic: in_deviations(difference / num::sqrt(1.0 / k + 1.0 / (n - k))),
            effect: in_deviations(difference),
            mean_before: in_values(before),
            mean_after: in_values(after),
            p_value: 1.0,
            p_adjusted: 1.0,
            verdict: Verdict::NoDrift,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(values: &[f64]) -> SplitPoint {
        let options = SplitPointOptions { min_segment: 2, ..SplitPointOptions::default() };
        split_points(values, 1, &options).unwrap()[0]
    }

    #[test]
    fn by_hand() {
        // Means 1 and 5; squares within 2 + 2 of six rows.
        let found = one(&[0.0, 1.0, 2.0, 4.0, 5.0, 6.0]);
        assert_eq!(found.index, 3);
        assert!((found.mean_before - 1.0).abs() < 1e-14 && (found.mean_after - 5.0).abs() < 1e-14);
        assert!((found.effect - 4.0).abs() < 1e-13);
        assert!((found.statistic - 4.0 / num::sqrt(2.0 / 3.0)).abs() < 1e-13);
    }

    #[test]
    fn a_constant_column_does_not_change() {
        for value in [0.0, 7.0, -1e308, 5e-324, 0.1] {
            let found = one(&[value; 9]);
            assert_eq!(
                (found.statistic, found.p_value, found.verdict),
                (0.0, 1.0, Verdict::NoDrift)
            );
            assert!((found.mean_before - value).abs() <= 1e-15 * value.abs());
        }
    }

    #[test]
    fn a_clean_step_has_a_finite_statistic() {
        for step in [1.0, 1e308, 5e-324] {
            let values: Vec<f64> = (0..40).map(|row| if row < 25 { -step } else { step }).collect();
            let found = one(&values);
            assert_eq!((found.index, found.verdict), (25, Verdict::Drift));
            assert!(found.statistic.is_finite() && found.effect.is_finite(), "{found:?}");
        }
    }

    #[test]
    fn an_offset_hides_nothing() {
        let found = [0.0, 1e12].map(|offset| {
            let step = |row| if row < 30 { 0.0 } else { 3.0 };
            let values: Vec<f64> =
                (0..60).map(|row| offset + f64::from(row % 5) + step(row)).collect();
            one(&values)
        });
        assert_eq!(found[0].p_value, found[1].p_value);
        assert!((found[1].statistic / found[0].statistic - 1.0).abs() < 1e-3);
        assert_eq!(found[1].verdict, Verdict::Drift);
    }

    #[test]
    fn blocks_cover_all_rows() {
        let values: Vec<f64> = (0..50).map(|row| f64::from(row % 3)).collect();
        for block_rows in [1, 7, 50, 99] {
            let options =
                SplitPointOptions { block_rows, permutations: 9, ..SplitPointOptions::default() };
            let found = split_points(&values, 1, &options).unwrap();
            // One block has one order.
            assert!(block_rows < 50 || found[0].p_value == 1.0);
        }
    }

    #[test]
    fn refuses_what_it_cannot_split() {
        let kind = |values: &[f64], columns, change: fn(&mut SplitPointOptions)| {
            let mut options = SplitPointOptions { min_segment: 1, ..SplitPointOptions::default() };
            change(&mut options);
            split_points(values, columns, &options).unwrap_err().kind()
        };
        assert_eq!(kind(&[1.0], 1, |_| ()), ErrorKind::EmptySample);
        assert_eq!(kind(&[1.0], 2, |_| ()), ErrorKind::ShapeMismatch);
        assert_eq!(kind(&[1.0, f64::NAN], 1, |_| ()), ErrorKind::NotFinite);
        assert_eq!(kind(&[1.0; 4], 1, |options| options.min_segment = 0), ErrorKind::OutOfRange);
        assert_eq!(kind(&[1.0; 4], 1, |options| options.block_rows = 0), ErrorKind::OutOfRange);
        assert_eq!(kind(&[1.0; 4], 1, |options| options.permutations = 0), ErrorKind::OutOfRange);
        assert_eq!(kind(&[1.0; 4], 1, |options| options.alpha = 1.0), ErrorKind::OutOfRange);
    }
}
