use crate::num;

/// Count, mean, spread and range of a stream of numbers, in 40 bytes, mergeable.
///
/// Values that are not finite are ignored. Where squares leave the range of a double (values beyond
/// about 1e154) `m2` stays at [`f64::MAX`]: no field is ever NaN or infinite.
///
/// # References
/// Welford (1962), <https://doi.org/10.1080/00401706.1962.10490022> (one value at a time);
/// Chan, Golub, LeVeque (1979), "Updating formulae and a pairwise algorithm for computing sample
/// variances" (merging).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Moments {
    /// Number of values.
    pub count: u64,
    /// Arithmetic mean; 0 when there is no value.
    pub mean: f64,
    /// Sum of squared differences from the mean, `≥ 0`.
    pub m2: f64,
    /// Smallest value; 0 when there is none.
    pub min: f64,
    /// Largest value; 0 when there is none.
    pub max: f64,
}

impl Moments {
    /// Adds one value. One that is not finite is ignored.
    pub fn push(&mut self, value: f64) {
        if value.is_finite() {
            self.merge(&Self { count: 1, mean: value, m2: 0.0, min: value, max: value });
        }
    }

    /// Adds all that `other` has seen, as if its values had been pushed here, up to rounding.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        if self.count == 0 {
            *self = *other;
            return;
        }
        let count = self.count.saturating_add(other.count);
        let weight = other.count as f64 / count as f64;
        let delta = saturate(other.mean - self.mean);
        self.m2 =
            saturate(self.m2 + other.m2 + saturate(delta * delta) * weight * self.count as f64);
        self.mean = saturate(self.mean + delta * weight);
        self.count = count;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// Population variance, `m2 / count`; 0 when there is no value.
    #[must_use]
    pub fn variance(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.m2 / self.count as f64 }
    }

    /// Population standard deviation, the root of [`Self::variance`].
    #[must_use]
    pub fn standard_deviation(&self) -> f64 {
        num::sqrt(self.variance())
    }
}

/// The nearest finite number.
fn saturate(value: f64) -> f64 {
    value.clamp(-f64::MAX, f64::MAX)
}

impl Extend<f64> for Moments {
    fn extend<I: IntoIterator<Item = f64>>(&mut self, values: I) {
        for value in values {
            self.push(value);
        }
    }
}

impl FromIterator<f64> for Moments {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut moments = Self::default();
        moments.extend(values);
        moments
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_textbook_sample() {
        // Mean 5 and population variance 4, by hand.
        let moments: Moments = [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0].into_iter().collect();
        assert_eq!((moments.count, moments.mean), (8, 5.0));
        assert!((moments.variance() - 4.0).abs() < 1e-15);
        assert_eq!((moments.min, moments.max), (2.0, 9.0));
    }

    #[test]
    fn empty_and_single() {
        let mut moments = Moments::default();
        assert_eq!((moments.variance(), moments.standard_deviation()), (0.0, 0.0));
        moments.push(f64::NAN);
        moments.push(f64::INFINITY);
        assert_eq!(moments, Moments::default());
        moments.push(-3.0);
        assert_eq!((moments.min, moments.max, moments.variance()), (-3.0, -3.0, 0.0));
    }

    #[test]
    fn a_huge_offset_does_not_swallow_the_spread() {
        let moments: Moments = [1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0].into_iter().collect();
        assert!((moments.variance() - 22.5).abs() < 1e-6);
    }

    #[test]
    fn the_largest_doubles_leave_every_field_finite() {
        let moments: Moments = [f64::MAX, -f64::MAX, f64::MAX].into_iter().collect();
        assert!(moments.mean.is_finite() && moments.m2.is_finite());
        assert_eq!((moments.min, moments.max), (-f64::MAX, f64::MAX));
    }
}
