//! How strongly two samples differ over categories, as Cramér's V with Bergsma's correction: the effect of
//! every test on counts.

use crate::{
    Error, Interval,
    interval::{self, Slopes},
    num, special,
};

/// The V of a table with two rows, both samples given the same weight.
pub(crate) struct Association {
    n: f64,
    m: f64,
    df: f64,
}

impl Association {
    /// For samples of these sizes over `df + 1` categories.
    pub(crate) fn new(totals: [u64; 2], df: u64) -> Self {
        let [n, m] = totals.map(|total| total as f64);
        Self { n, m, df: df.max(1) as f64 }
    }

    /// The size that a table of two equally large samples would have for the same noise.
    fn size(&self) -> f64 {
        4.0 / (1.0 / self.n + 1.0 / self.m)
    }

    /// V of groups of `(reference, current)` counts.
    pub(crate) fn effect(&self, groups: &[(u64, u64)]) -> f64 {
        self.corrected(self.phi_squared(groups))
    }

    fn phi_squared(&self, groups: &[(u64, u64)]) -> f64 {
        let phi_squared: num::Sum = groups
            .iter()
            .map(|&(a, b)| (a as f64 / self.n, b as f64 / self.m))
            .filter(|&(p, q)| p + q > 0.0)
            .map(|(p, q)| (p - q) * (p - q) / (2.0 * (p + q)))
            .collect();
        phi_squared.value()
    }

    /// The interval of the V of the distributions, with confidence `1 − alpha`.
    pub(crate) fn interval(&self, groups: &[(u64, u64)], alpha: f64) -> Result<Interval, Error> {
        // Half an observation in each cell, so that no share is 0.
        let added = groups.len() as f64 / 2.0;
        let [n, m] = [self.n + added, self.m + added];
        let shares = || groups.iter().map(|&(a, b)| ((a as f64 + 0.5) / n, (b as f64 + 0.5) / m));
        let found = self.phi_squared(groups);
        let squared = interval::of_shares(shares, [self.n, self.m], found, slopes, alpha)?;
        let v = self.effect(groups);
        let scale = |phi_squared: f64| num::sqrt(phi_squared / self.bound()).min(1.0);
        let [lower, upper] = [squared.lower, squared.upper].map(scale);
        Ok(Interval { lower: lower.min(v), upper: upper.max(v) })
    }

    /// V of a chi-square statistic that is just significant.
    pub(crate) fn detectable(&self, alpha: f64) -> Result<f64, Error> {
        Ok(self.corrected(special::chi_square_point(alpha, self.df)? / self.size()))
    }

    /// Bergsma's V, from `φ²`. In `[0, 1]`.
    fn corrected(&self, phi_squared: f64) -> f64 {
        let (size, df) = (self.size(), self.df);
        if size <= 2.0 {
            // One row a side: the correction would divide by zero, and no V can be told from chance.
            return 1.0_f64.min(num::sqrt(phi_squared));
        }
        let excess = (phi_squared - df / (size - 1.0)).max(0.0);
        num::sqrt(excess / self.bound()).min(1.0)
    }

    /// The corrected numbers of rows and columns, less one; two rows bound V, unless there are few
    /// columns.
    fn bound(&self) -> f64 {
        let (size, df) = (self.size(), self.df);
        if size <= 2.0 {
            return 1.0;
        }
        let rows = 2.0 - 1.0 / (size - 1.0);
        let columns = df + 1.0 - df * df / (size - 1.0);
        (rows.min(columns) - 1.0).max(f64::EPSILON)
    }
}

/// Of `½ (p − q)² / (p + q)`.
fn slopes(p: f64, q: f64) -> Slopes {
    let (sum, gap) = (p + q, p - q);
    let [own, other] = [p / sum, q / sum];
    Slopes {
        first: [gap / sum * (own + 3.0 * other) / 2.0, -gap / sum * (other + 3.0 * own) / 2.0],
        second: [4.0 * other * other / sum, 4.0 * own * own / sum],
    }
}
