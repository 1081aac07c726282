use alloc::vec::Vec;

use crate::{Error, ErrorKind, num, special};

/// Expected counts below this make the chi-square law doubtful (Cochran 1954).
///
/// His stricter rule, 5, is not for a table whose columns are quantiles of the reference: there the
/// pooled count of a column tells which way the current sample went, merging the low ones keeps the
/// statistic and takes away degrees of freedom, and at 50 rows in ten bins the false-alarm rate is
/// 16 % (measured). At 1 it is at its nominal value.
const MIN_EXPECTED: f64 = 1.0;

/// Two rows of counts over the same bins or categories, checked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Table<'a> {
    reference: &'a [u64],
    current: &'a [u64],
    reference_total: u64,
    current_total: u64,
    occupied: usize,
}

impl<'a> Table<'a> {
    pub(crate) fn try_new(reference: &'a [u64], current: &'a [u64]) -> Result<Self, Error> {
        if reference.len() != current.len() {
            return Err(Error::new(ErrorKind::ShapeMismatch, "current, against the reference,"));
        }
        let occupied = reference.iter().zip(current).filter(|&(&a, &b)| a > 0 || b > 0).count();
        Ok(Self {
            reference,
            current,
            reference_total: total(reference, "the reference")?,
            current_total: total(current, "the current sample")?,
            occupied,
        })
    }

    /// Number of bins, empty ones included.
    pub(crate) fn len(&self) -> usize {
        self.reference.len()
    }

    pub(crate) fn totals(&self) -> [u64; 2] {
        [self.reference_total, self.current_total]
    }

    /// Counts of the reference and of the current sample, by bin.
    pub(crate) fn counts(&self) -> impl Iterator<Item = (u64, u64)> + use<'a> {
        self.reference.iter().copied().zip(self.current.iter().copied())
    }

    /// Shares of the reference and of the current sample, by bin, and the first less the second, of
    /// which only the sign knows the sides. Each side's shares sum to one. The difference is taken of
    /// whole numbers, for that of two rounded shares would lose the digits that they have in common.
    pub(crate) fn shares_and_differences(&self) -> impl Iterator<Item = (f64, f64, f64)> + use<'a> {
        let totals = self.totals();
        let [n, m] = totals.map(|total| total as f64);
        self.counts().map(move |(a, b)| {
            (a as f64 / n, b as f64 / m, cross_difference((a, b), totals) / (n * m))
        })
    }

    /// Shares after half an observation was added to each cell of each occupied bin. Under no drift
    /// a distance between these follows its large-sample law at small counts too, where one
    /// between plain or floored shares is too large.
    pub(crate) fn shares_with_half_added(&self) -> impl Iterator<Item = (f64, f64)> + use<'a> {
        let added = self.occupied as f64 / 2.0;
        let n = self.reference_total as f64 + added;
        let m = self.current_total as f64 + added;
        self.counts()
            .filter(|&(a, b)| a > 0 || b > 0)
            .map(move |(a, b)| ((a as f64 + 0.5) / n, (b as f64 + 0.5) / m))
    }

    /// What chance gives, with probability `alpha`, for a divergence whose leading term is
    /// `Σ (pᵢ − qᵢ)² / pᵢ`: `χ²₍k−1, 1−α₎ · (1/n + 1/m)`, `k` the occupied bins.
    pub(crate) fn noise(&self, alpha: f64) -> Result<f64, Error> {
        let df = self.occupied.saturating_sub(1).max(1);
        let [n, m] = self.totals().map(|total| total as f64);
        Ok(special::chi_square_point(alpha, df as f64)? * (1.0 / n + 1.0 / m))
    }

    /// `√(1/n + 1/m)`: the standard deviation that sampling gives the difference of two means of
    /// values that deviate by one.
    pub(crate) fn sampling_deviation(&self) -> f64 {
        let [n, m] = self.totals().map(|total| total as f64);
        num::sqrt(1.0 / n + 1.0 / m)
    }

    /// The standard deviation that sampling gives the difference of shares, by occupied bin, if both
    /// samples come from the pooled one. Half an observation is added to each cell of the bin and of
    /// the rest, without which a bin of one row would pass for a nearly certain one.
    pub(crate) fn difference_deviations(&self) -> impl Iterator<Item = f64> + use<'a> {
        let [n, m] = self.totals().map(|total| total as f64);
        let (total, unit) = (n + m, self.sampling_deviation());
        self.counts().filter(|&(a, b)| a > 0 || b > 0).map(move |(a, b)| {
            let pooled = a as f64 + b as f64;
            let variance = (pooled + 1.0) / total * ((total - pooled + 1.0) / total);
            unit * num::sqrt(variance.max(0.0))
        })
    }

    /// The counts, as `(reference, current)`, with the rare categories merged into one.
    pub(crate) fn merged(&self) -> Vec<(u64, u64)> {
        let [n, m] = self.totals().map(|total| total as f64);
        let smaller_share = n.min(m) / (n + m);
        let expected = |(a, b): (u64, u64)| (a as f64 + b as f64) * smaller_share;

        let mut rare = (0, 0);
        let mut kept: Vec<(u64, u64)> = Vec::with_capacity(self.len());
        let mut smallest = 0;
        for group in self.counts().filter(|&(a, b)| a > 0 || b > 0) {
            if expected(group) < MIN_EXPECTED {
                rare = (rare.0 + group.0, rare.1 + group.1);
            } else {
                // The first of equal ones, so that ties keep the order of the categories.
                if kept.get(smallest).is_some_and(|held| expected(group) < expected(*held)) {
                    smallest = kept.len();
                }
                kept.push(group);
            }
        }
        if rare != (0, 0) {
            if expected(rare) < MIN_EXPECTED && !kept.is_empty() {
                let group = kept.remove(smallest);
                rare = (rare.0 + group.0, rare.1 + group.1);
            }
            kept.push(rare);
        }
        kept
    }
}

/// `a·m − b·n` for counts `(a, b)` of samples of sizes `[n, m]`, rounded but once.
pub(crate) fn cross_difference((a, b): (u64, u64), [n, m]: [u64; 2]) -> f64 {
    let (left, right) = (u128::from(a) * u128::from(m), u128::from(b) * u128::from(n));
    if left >= right { (left - right) as f64 } else { -((right - left) as f64) }
}

fn total(counts: &[u64], what: &'static str) -> Result<u64, Error> {
    match counts.iter().try_fold(0_u64, |sum, &count| sum.checked_add(count)) {
        Some(0) => Err(Error::new(ErrorKind::EmptySample, what)),
        Some(total) => Ok(total),
        None => Err(Error::new(ErrorKind::OutOfRange, what)),
    }
}
