//! Intervals for any score, by a seeded bootstrap.
//!
//! Where a score has no formula for its error, the error is found by asking again: rows are drawn from each
//! sample with replacement, as many as there are, and the score is taken of what was drawn, many times
//! over. Samples come as counts by group (bins, distinct values, or rows, each with a count of 1), so that a
//! draw costs as much as there are groups, not rows.
//!
//! The tests and distances of this crate have intervals by formulas, which are faster and, near a distance
//! of 0, truer: there a bootstrap takes the distance that chance makes for a part of the truth.

use alloc::vec::Vec;

use crate::{Error, ErrorKind, Interval, num, random::Random, special};

/// How resamples are drawn, and read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BootstrapOptions {
    /// How many, in `20..=`[`Self::MAX_RESAMPLES`]. Default 1000.
    pub resamples: u32,
    /// Of the generator. Default 0.
    pub seed: u64,
    /// One minus the confidence, in `(0, 1)`. Default 0.05.
    pub alpha: f64,
    /// How the ends are read from the resamples. Default [`Ends::BiasCorrected`].
    pub ends: Ends,
}

/// How the ends of an interval are read from the scores of resamples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    /// At `α/2` and `1 − α/2`.
    Percentile,
    /// At percentiles that are moved for the bias and the skewness of the score (BCa). The score is taken once
    /// more for each group that has a row.
    BiasCorrected,
}

impl BootstrapOptions {
    /// The most resamples.
    pub const MAX_RESAMPLES: u32 = 100_000;
}

impl Default for BootstrapOptions {
    fn default() -> Self {
        Self { resamples: 1000, seed: 0, alpha: 0.05, ends: Ends::BiasCorrected }
    }
}

/// The interval of a score of one sample or more, each as counts by group.
///
/// # Arguments
/// * `samples`: the counts of each, none without a row.
/// * `options`: resamples, seed and confidence.
/// * `score`: of samples like these, with as many groups and rows each (one row less, for
///   [`Ends::BiasCorrected`]). It must give the same for the same counts.
///
/// # Returns
/// The interval, in the score's unit. If the score does not vary it is that one number.
///
/// # Errors
/// * [`ErrorKind::EmptySample`]: there is no sample, or one without a row.
/// * [`ErrorKind::OutOfRange`]: an option is out of range, a sample has more than 2⁴⁰ rows, or one row only, with
///   [`Ends::BiasCorrected`].
/// * [`ErrorKind::NotFinite`]: a score is NaN or infinite.
/// * Those of the score.
///
/// # Numerics
/// O(k) a resample for `k` groups, whatever the rows, and the resamples' scores are sorted. The same seed
/// gives the same bits on every host. The ends scatter with the seed: with 1000 resamples by about a
/// fifteenth of the interval's width.
///
/// # Examples
/// ```
/// use tidegate_stats::bootstrap::{BootstrapOptions, interval};
/// // How many of 1000 rows are in the first of two groups: 0.3 ± 1.96 √(0.3 · 0.7 / 1000).
/// let share = |samples: &[Vec<u64>]| Ok(samples[0][0] as f64 / 1000.0);
/// let options = BootstrapOptions { ends: tidegate_stats::bootstrap::Ends::Percentile, ..Default::default() };
/// let found = interval(&[&[300, 700]], &options, share)?;
/// assert!((found.lower - 0.2716).abs() < 0.004 && (found.upper - 0.3284).abs() < 0.004);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Efron (1987), <https://doi.org/10.1080/01621459.1987.10478410>, for the correction; for several samples as
/// `scipy.stats.bootstrap(method="BCa")`. Oracle: the binomial distribution, which the resamples of a share
/// have.
pub fn interval(
    samples: &[&[u64]],
    options: &BootstrapOptions,
    mut score: impl FnMut(&[Vec<u64>]) -> Result<f64, Error>,
) -> Result<Interval, Error> {
    let BootstrapOptions { resamples, seed, alpha, ends } = *options;
    let totals = checked_totals(samples, options)?;
    let mut finite = |counts: &[Vec<u64>]| {
        let found = score(counts)?;
        if found.is_finite() { Ok(found) } else { Err(Error::new(ErrorKind::NotFinite, "a score")) }
    };
    let mut counts: Vec<Vec<u64>> = samples.iter().map(|sample| sample.to_vec()).collect();
    let observed = finite(&counts)?;
    let shift = match ends {
        Ends::Percentile => None,
        Ends::BiasCorrected => Some(acceleration(samples, &totals, &mut counts, &mut finite)?),
    };
    let mut random = Random::new(seed);
    let mut scores = Vec::with_capacity(resamples as usize);
    for _ in 0..resamples {
        for ((counts, sample), total) in counts.iter_mut().zip(samples).zip(&totals) {
            draw(&mut random, sample, *total, counts);
        }
        scores.push(finite(&counts)?);
    }
    scores.sort_unstable_by(f64::total_cmp);
    let [lower, upper] = match shift {
        None => [alpha / 2.0, 1.0 - alpha / 2.0],
        Some(acceleration) => corrected(&scores, observed, acceleration, alpha)?,
    };
    Ok(Interval { lower: quantile(&scores, lower), upper: quantile(&scores, upper) })
}

fn checked_totals(samples: &[&[u64]], options: &BootstrapOptions) -> Result<Vec<u64>, Error> {
    let out_of_range = |what| Err(Error::new(ErrorKind::OutOfRange, what));
    if !(20..=BootstrapOptions::MAX_RESAMPLES).contains(&options.resamples) {
        return out_of_range("the number of resamples, which must be 20 to 100 000,");
    }
    if !(options.alpha > 0.0 && options.alpha < 1.0) {
        return out_of_range("alpha, which must be between 0 and 1,");
    }
    if samples.is_empty() {
        return Err(Error::new(ErrorKind::EmptySample, "the list of samples"));
    }
    let mut totals = Vec::with_capacity(samples.len());
    for sample in samples {
        let total = sample.iter().try_fold(0_u64, |sum, count| sum.checked_add(*count));
        match total {
            Some(0) => return Err(Error::new(ErrorKind::EmptySample, "a sample")),
            Some(1) if options.ends == Ends::BiasCorrected => {
                return out_of_range("the rows of a sample, two at least,");
            }
            Some(total) if total <= 1 << 40 => totals.push(total),
            _ => return out_of_range("the number of rows of a sample"),
        }
    }
    Ok(totals)
}

/// Draws so many rows by the shares that the groups of a sample have.
fn draw(random: &mut Random, sample: &[u64], total: u64, drawn: &mut [u64]) {
    // Group after group: each takes of the rows that are left, by its share of the rest.
    let (mut rows, mut rest) = (total, total);
    for (drawn, count) in drawn.iter_mut().zip(sample) {
        *drawn = if rest > 0 { random.binomial(rows, *count as f64 / rest as f64) } else { 0 };
        rows -= *drawn;
        rest -= count;
    }
}

/// Efron's `a`, a sixth of the skewness of the score, by leaving out a row of each group.
fn acceleration(
    samples: &[&[u64]],
    totals: &[u64],
    counts: &mut [Vec<u64>],
    score: &mut impl FnMut(&[Vec<u64>]) -> Result<f64, Error>,
) -> Result<f64, Error> {
    let (mut squares, mut cubes) = (0.0, 0.0);
    for (side, sample) in samples.iter().enumerate() {
        let mut without = Vec::with_capacity(sample.len());
        for (group, count) in sample.iter().enumerate() {
            if *count == 0 {
                continue;
            }
            take(counts, side, group, |count| count.saturating_sub(1));
            let found = score(counts);
            take(counts, side, group, |count| count + 1);
            without.push((*count as f64, found?));
        }
        let rows = totals.get(side).map_or(1.0, |total| *total as f64);
        let mean = without.iter().map(|(count, found)| count * found).collect::<num::Sum>();
        let mean = mean.value() / rows;
        let sum = |power: i32| {
            let term = |(count, found): &(f64, f64)| {
                let influence = (rows - 1.0) / rows * (mean - found);
                count * influence * influence * if power == 3 { influence } else { 1.0 }
            };
            without.iter().map(term).collect::<num::Sum>().value()
        };
        squares += sum(2);
        cubes += sum(3);
    }
    let deviation = num::sqrt(squares);
    let skewness = cubes / deviation / deviation / deviation;
    Ok(if skewness.is_finite() { skewness / 6.0 } else { 0.0 })
}

fn take(counts: &mut [Vec<u64>], side: usize, group: usize, with: impl Fn(u64) -> u64) {
    if let Some(count) = counts.get_mut(side).and_then(|counts| counts.get_mut(group)) {
        *count = with(*count);
    }
}

/// The percentiles at which the ends are read.
fn corrected(
    scores: &[f64],
    observed: f64,
    acceleration: f64,
    alpha: f64,
) -> Result<[f64; 2], Error> {
    let below = scores.partition_point(|score| *score < observed);
    let not_above = scores.partition_point(|score| *score <= observed);
    let rank = f64::midpoint(below as f64, not_above as f64);
    // Half a resample from either end at least, so that it has a normal point.
    let share = rank.clamp(0.5, scores.len() as f64 - 0.5) / scores.len() as f64;
    let bias = -special::normal_point(share)?;
    let point = special::normal_point(alpha / 2.0)?;
    Ok([-point, point].map(|z| {
        let moved = bias + z;
        let shrink = 1.0 - acceleration * moved;
        // Beyond the pole the correction says nothing.
        if shrink > 0.0 {
            special::normal_tail(-(bias + moved / shrink))
        } else {
            f64::from(z > 0.0)
        }
    }))
}

/// Of ascending scores, by linear interpolation.
fn quantile(scores: &[f64], share: f64) -> f64 {
    let position = (scores.len().saturating_sub(1)) as f64 * share.clamp(0.0, 1.0);
    let below = num::floor(position);
    let at = |index: usize| scores.get(index).or(scores.last()).copied().unwrap_or_default();
    let (low, high) = (at(below as usize), at(below as usize + 1));
    // Halves, whose difference is never beyond the doubles.
    low + 2.0 * ((high / 2.0 - low / 2.0) * (position - below))
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    fn mean(samples: &[Vec<u64>]) -> Result<f64, Error> {
        let rows: u64 = samples[0].iter().sum();
        let sum: u64 =
            samples[0].iter().enumerate().map(|(value, count)| value as u64 * count).sum();
        Ok(sum as f64 / rows as f64)
    }

    #[test]
    fn a_seed_says_all() {
        let options = BootstrapOptions::default();
        let one = interval(&[&[5, 9, 2, 7]], &options, mean).unwrap();
        assert_eq!(one, interval(&[&[5, 9, 2, 7]], &options, mean).unwrap());
        let other = BootstrapOptions { seed: 1, ..options };
        assert_ne!(one, interval(&[&[5, 9, 2, 7]], &other, mean).unwrap());
    }

    #[test]
    fn a_resample_has_as_many_rows_and_no_new_group() {
        let mut random = Random::new(3);
        let mut drawn = vec![0; 4];
        for _ in 0..1000 {
            draw(&mut random, &[0, 40, 0, 60], 100, &mut drawn);
            assert_eq!((drawn[0], drawn[2], drawn[1] + drawn[3]), (0, 0, 100));
        }
        draw(&mut random, &[1 << 38, 3, 1 << 38], (1 << 39) + 3, &mut drawn[..3]);
        assert_eq!(drawn[..3].iter().sum::<u64>(), (1 << 39) + 3);
    }

    #[test]
    fn a_score_that_does_not_vary_has_no_width() {
        let options = BootstrapOptions::default();
        let found = interval(&[&[0, 9]], &options, mean).unwrap();
        assert_eq!((found.lower, found.upper), (1.0, 1.0));
    }

    #[test]
    fn what_has_no_answer_is_refused() {
        let options = BootstrapOptions::default();
        let kind = |samples: &[&[u64]], options: &BootstrapOptions| {
            interval(samples, options, mean).unwrap_err().kind()
        };
        assert_eq!(kind(&[], &options), ErrorKind::EmptySample);
        assert_eq!(kind(&[&[0, 0]], &options), ErrorKind::EmptySample);
        assert_eq!(kind(&[&[0, 1]], &options), ErrorKind::OutOfRange);
        assert_eq!(kind(&[&[u64::MAX, 1]], &options), ErrorKind::OutOfRange);
        assert_eq!(kind(&[&[1 << 60, 1]], &options), ErrorKind::OutOfRange);
        for options in [
            BootstrapOptions { resamples: 19, ..options },
            BootstrapOptions { resamples: BootstrapOptions::MAX_RESAMPLES + 1, ..options },
            BootstrapOptions { alpha: f64::NAN, ..options },
        ] {
            assert_eq!(kind(&[&[3, 4]], &options), ErrorKind::OutOfRange);
        }
        let nan = interval(&[&[3, 4]], &options, |_| Ok(f64::NAN)).unwrap_err();
        assert_eq!(nan.kind(), ErrorKind::NotFinite);
    }
}
