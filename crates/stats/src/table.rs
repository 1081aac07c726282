use crate::{Error, ErrorKind, special};

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

    /// Shares of the reference and of the current sample, by bin; each sums to one.
    pub(crate) fn shares(&self) -> impl Iterator<Item = (f64, f64)> + use<'a> {
        let (n, m) = (self.reference_total as f64, self.current_total as f64);
        self.counts().map(move |(a, b)| (a as f64 / n, b as f64 / m))
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
}

fn total(counts: &[u64], what: &'static str) -> Result<u64, Error> {
    match counts.iter().try_fold(0_u64, |sum, &count| sum.checked_add(count)) {
        Some(0) => Err(Error::new(ErrorKind::EmptySample, what)),
        Some(total) => Ok(total),
        None => Err(Error::new(ErrorKind::OutOfRange, what)),
    }
}
