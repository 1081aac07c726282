use alloc::{vec, vec::Vec};

use super::{
    Detector, Signal, calibration, calibration::ValueTable, check, check_fraction, finite,
};
use crate::{Error, num};

/// Adaptive windowing (ADWIN2): keeps the longest window in which no change is seen.
///
/// The window is an exponential histogram: rows of at most `max_buckets` buckets, a bucket of row
/// `i` standing for `2ⁱ` values by their sum and spread. Every `clock` values it is cut at the bounds
/// of its buckets into an older part of `n₀` and a newer one of `n₁` values. Where the means differ by
/// more than `ε`, the oldest bucket is dropped, and that is a change:
///
/// `ε = √(2/m · σ² · δ′) + 2/(3m) · δ′`, with `δ′ = ln(2 ln(n)/δ)`, `σ²` the variance of the window
/// and `1/m = 1/(n₀ − w + 1) + 1/(n₁ − w + 1)`, `w` being `min_window`.
///
/// After a change [`Adwin::width`] and [`Adwin::mean`] tell what is left of the window; the next
/// value starts a new one, as in river, where the paper keeps the rest.
///
/// Memory: at most `max_buckets + 1` buckets of 16 bytes for each of the `log₂ n` rows; 5 kB for 2⁵³
/// values with the defaults. A push is O(1) amortised; a check O(buckets).
///
/// # Examples
/// ```
/// use tidegate_stats::detector::{Adwin, AdwinOptions, Detector, Signal};
/// let mut detector = Adwin::try_new(AdwinOptions::default())?;
/// for _ in 0..1000 {
///     detector.push(0.0)?;
/// }
/// let seen = (1000..2000).find(|_| detector.push(1.0) == Ok(Signal::Change));
/// assert_eq!(seen, Some(1023), "at the first check after the step");
/// assert!(detector.width() < 1024);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Bifet & Gavaldà (2007), <https://doi.org/10.1137/1.9781611972771.42>. `river.drift.ADWIN` 0.26: the
/// same signals at the same indices, with the same window after each.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Adwin {
    options: AdwinOptions,
    /// Row `i` has buckets of `2ⁱ` values, the oldest first.
    rows: Vec<Vec<Bucket>>,
    width: u64,
    total: f64,
    /// Sum of squared differences from the mean of the window.
    m2: f64,
    /// Values since the start, or since the last change.
    seen: u64,
    changed: bool,
}

/// Settings of [`Adwin`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct AdwinOptions {
    /// `δ`, the probability of a false alarm at one check, in `(0, 1)`. Default 0.002.
    pub delta: f64,
    /// The window is checked at every `clock`-th value, `≥ 1`. Default 32.
    pub clock: u64,
    /// Buckets in a row before the two oldest become one of the next row, in `1..=64`. Default 5.
    pub max_buckets: usize,
    /// Values that either side of a cut has at least, `≥ 1`. Default 5.
    pub min_window: u64,
    /// No check up to a window of this many values. Default 10.
    pub grace: u64,
}

impl Default for AdwinOptions {
    fn default() -> Self {
        Self { delta: 0.002, clock: 32, max_buckets: 5, min_window: 5, grace: 10 }
    }
}

/// `−ln δ` by run length, for normal values of variance 1 and the other settings as by default.
const RUN_LENGTHS: &ValueTable =
    &[(1e3, 0.005), (3e3, 0.807), (1e4, 1.761), (1e5, 3.627), (1e6, 5.478)];

impl AdwinOptions {
    /// The defaults, but with a false alarm in so many values.
    ///
    /// That holds for independent values of a standard deviation of 1; for a smaller one alarms are
    /// rarer, for the bound is made for values that may be 1 apart. So divide a stream by its usual
    /// standard deviation. The default `δ` is for some 2·10⁶ values.
    ///
    /// # Arguments
    /// * `run_length`: values for each false alarm, in `10³..=10⁶`.
    ///
    /// # Errors
    /// * [`crate::ErrorKind::OutOfRange`]: it is outside its range.
    ///
    /// # Examples
    /// ```
    /// use tidegate_stats::detector::AdwinOptions;
    /// let options = AdwinOptions::for_run_length(10_000.0)?;
    /// assert!((options.delta - 0.172).abs() < 0.001);
    /// # Ok::<(), tidegate_stats::Error>(())
    /// ```
    ///
    /// # References
    /// Simulation: `examples/detector_run_length.rs`.
    pub fn for_run_length(run_length: f64) -> Result<Self, Error> {
        let at = calibration::on_values(RUN_LENGTHS, run_length)?;
        Ok(Self { delta: num::exp(-at), ..Self::default() })
    }
}

/// Some values by their sum and their squared differences from their own mean.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Bucket {
    total: f64,
    m2: f64,
}

/// What two groups of `n` and `m` values add to their squared differences when they become one.
fn between(n: f64, mean_n: f64, m: f64, mean_m: f64) -> f64 {
    n * m * (mean_n - mean_m) * (mean_n - mean_m) / (n + m)
}

/// How many values a bucket of a row stands for.
fn bucket_size(row: usize) -> f64 {
    num::scale_by_power_of_two(1.0, row.min(63) as i32)
}

impl Adwin {
    /// A detector that has seen nothing.
    ///
    /// # Errors
    /// * [`crate::ErrorKind::OutOfRange`]: a setting is outside its range.
    pub fn try_new(options: AdwinOptions) -> Result<Self, Error> {
        check_fraction(options.delta, "delta")?;
        check(options.clock >= 1, "clock")?;
        check((1..=64).contains(&options.max_buckets), "max_buckets")?;
        check(options.min_window >= 1, "min_window")?;
        Ok(Self {
            options,
            rows: vec![Vec::new()],
            width: 0,
            total: 0.0,
            m2: 0.0,
            seen: 0,
            changed: false,
        })
    }

    /// How many values are in the window.
    #[must_use]
    pub const fn width(&self) -> u64 {
        self.width
    }

    /// Mean of the window; 0 when it is empty.
    #[must_use]
    pub fn mean(&self) -> f64 {
        if self.width == 0 { 0.0 } else { self.total / self.width as f64 }
    }

    /// Population variance of the window; 0 when it is empty.
    #[must_use]
    pub fn variance(&self) -> f64 {
        if self.width == 0 { 0.0 } else { (self.m2 / self.width as f64).max(0.0) }
    }

    fn insert(&mut self, value: f64) {
        let before = self.width as f64;
        self.width = self.width.saturating_add(1);
        if before > 0.0 {
            let gap = value - self.total / before;
            self.m2 += before * gap * gap / (before + 1.0);
        }
        self.total += value;
        self.carry(Bucket { total: value, m2: 0.0 });
    }

    /// Adds a bucket to the first row, and makes one of the two oldest of each row that overflows.
    fn carry(&mut self, bucket: Bucket) {
        let mut carried = bucket;
        let mut size = 1.0;
        for row in &mut self.rows {
            row.push(carried);
            let &[a, b, ..] = row.as_slice() else { return };
            if row.len() <= self.options.max_buckets {
                return;
            }
            row.copy_within(2.., 0);
            row.truncate(row.len() - 2);
            // [`between`] two groups of one size: powers of two cost nothing to divide by, and the
            // bits are the same.
            let gap = (a.total - b.total) / size;
            let apart = gap * gap * (0.5 * size);
            carried = Bucket { total: a.total + b.total, m2: a.m2 + b.m2 + apart };
            size *= 2.0;
        }
        self.rows.push(vec![carried]);
    }

    /// Drops the oldest bucket.
    fn drop_oldest(&mut self) {
        let size = bucket_size(self.rows.len().saturating_sub(1));
        let Some(row) = self.rows.last_mut().filter(|row| !row.is_empty()) else { return };
        let bucket = row.remove(0);
        if row.is_empty() {
            self.rows.pop();
        }
        self.width = self.width.saturating_sub(size as u64);
        self.total -= bucket.total;
        let rest = self.width as f64;
        self.m2 -= bucket.m2 + between(size, bucket.total / size, rest, self.mean());
    }

    /// Whether some cut of the window parts two different means.
    fn has_cut(&self) -> bool {
        let min_window = self.options.min_window as f64;
        let width = self.width as f64;
        let confidence = num::ln(2.0 * num::ln(width) / self.options.delta);
        let variance = self.variance();
        // Most cuts are far from the bound. As 1/m ≥ 1/n₀ + 1/n₁ = n/(n₀n₁), there is no change where
        // (t₀n₁ − t₁n₀)² ≤ 2σ²δ′·n·n₀n₁, and that takes neither root nor quotient. The margin is for
        // rounding: what is near is told as river tells it.
        let certain = 0.999_999 * 2.0 * variance * confidence * width;
        let (mut older, mut newer) = ((0.0, 0.0), (width, self.total));
        let mut size = bucket_size(self.rows.len());
        for row in self.rows.iter().rev() {
            size *= 0.5;
            for bucket in row {
                older = (older.0 + size, older.1 + bucket.total);
                newer = (newer.0 - size, newer.1 - bucket.total);
                if older.0 < min_window || newer.0 < min_window {
                    continue;
                }
                let gap = older.1 * newer.0 - newer.1 * older.0;
                if gap * gap <= certain * older.0 * newer.0 {
                    continue;
                }
                let per_value =
                    1.0 / (older.0 - min_window + 1.0) + 1.0 / (newer.0 - min_window + 1.0);
                let bound = num::sqrt(2.0 * per_value * variance * confidence)
                    + 2.0 / 3.0 * confidence * per_value;
                if (older.1 / older.0 - newer.1 / newer.0).abs() > bound {
                    return true;
                }
            }
        }
        false
    }
}

impl Detector for Adwin {
    fn push(&mut self, value: f64) -> Result<Signal, Error> {
        let value = finite(value)?;
        if self.changed {
            self.reset();
        }
        self.insert(value);
        self.seen = self.seen.wrapping_add(1);
        if self.seen.is_multiple_of(self.options.clock) && self.width > self.options.grace {
            // Each turn drops a bucket, so it ends.
            while self.width > 1 && self.has_cut() {
                self.drop_oldest();
                self.changed = true;
            }
        }
        Ok(if self.changed { Signal::Change } else { Signal::None })
    }

    fn reset(&mut self) {
        self.rows.clear();
        self.rows.push(Vec::new());
        self.width = 0;
        self.total = 0.0;
        self.m2 = 0.0;
        self.seen = 0;
        self.changed = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(options: AdwinOptions) -> Adwin {
        Adwin::try_new(options).unwrap()
    }

    #[test]
    fn the_window_is_the_sum_of_its_buckets() {
        let mut detector = new(AdwinOptions { delta: 1e-9, ..Default::default() });
        for step in 0..5000_u32 {
            detector.push(f64::from(step % 10)).unwrap();
            let sizes: f64 =
                (0..).zip(&detector.rows).map(|(i, row)| bucket_size(i) * row.len() as f64).sum();
            assert_eq!(sizes as u64, detector.width());
        }
        assert_eq!((detector.width(), detector.mean()), (5000, 4.5));
        assert!((detector.variance() - 8.25).abs() < 1e-10, "(10² − 1)/12 by hand");
    }

    #[test]
    fn memory_grows_with_the_logarithm() {
        let mut detector = new(AdwinOptions::default());
        for _ in 0..100_000 {
            detector.push(1.0).unwrap();
        }
        assert!(detector.rows.len() <= 17);
        assert!(detector.rows.iter().all(|row| row.len() <= 6 && row.capacity() <= 8));
    }

    #[test]
    fn the_largest_values_stay_finite() {
        let mut detector = new(AdwinOptions { clock: 1, ..Default::default() });
        for step in 0..1000 {
            detector.push(if step % 2 == 0 { 1e100 } else { -1e100 }).unwrap();
            assert!(detector.mean().is_finite() && detector.variance().is_finite());
        }
    }

    #[test]
    fn senseless_settings_are_refused() {
        for options in [
            AdwinOptions { delta: 0.0, ..Default::default() },
            AdwinOptions { clock: 0, ..Default::default() },
            AdwinOptions { max_buckets: 0, ..Default::default() },
            AdwinOptions { min_window: 0, ..Default::default() },
        ] {
            assert!(Adwin::try_new(options).is_err(), "{options:?}");
        }
    }
}
