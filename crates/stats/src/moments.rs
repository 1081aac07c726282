use crate::num;

/// Count, mean, spread and range of a stream of numbers, in 56 bytes, mergeable.
///
/// Values that are not finite are ignored, and no figure is ever NaN or infinite. Squares could leave
/// the range of a double, so [`Self::m2`] is of values in [`Self::unit`]s: 1 but for a sample whose largest
/// magnitude is beyond 2⁴⁰⁰ or below 2⁻⁴⁰⁰.
///
/// Values are counted from an origin, which is moved to the mean whenever there are twice as many of them as
/// when it was moved last, and every 1,024 values. A mean that is `d` away from the origin costs the
/// squares digits only if `d²` of each new value outweighs the spread that the same move adds to the old ones:
/// as these are no fewer, it costs one binary digit at most, whatever the data and their offset.
///
/// # References
/// Chan, Golub, LeVeque (1979), "Updating formulae and a pairwise algorithm for computing sample
/// variances": sums about a shift, and merging.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Moments {
    count: u64,
    /// Near the mean, or where it was a while ago.
    origin: f64,
    /// `Σ (x − origin)` over all values.
    sum: f64,
    /// `Σ (x − origin)²` over the values that were there when the origin was moved, in squares of the unit.
    settled: f64,
    /// The same over those that came since; 0 where the unit is not 1.
    recent: f64,
    min: f64,
    max: f64,
}

/// How many values come before the origin is moved, at most: so that rounding does not add up.
const WINDOW: u64 = 1024;

impl Moments {
    /// Adds one value. One that is not finite is ignored.
    ///
    /// # Numerics
    /// Two sums that wait for nothing but their last one: see `cargo xtask bench` for the nanoseconds.
    #[inline]
    pub fn push(&mut self, value: f64) {
        let has_one = self.count > 0 && self.count < u64::MAX;
        if has_one && is_plain(value.abs()) && is_plain(magnitude(self.min, self.max)) {
            self.count += 1;
            let apart = value - self.origin;
            self.sum += apart;
            self.recent += apart * apart;
            self.min = if value < self.min { value } else { self.min };
            self.max = if value > self.max { value } else { self.max };
            // A power of two, or a whole number of windows.
            if self.count & (self.count - 1).min(WINDOW - 1) == 0 {
                self.settle();
            }
        } else if value.is_finite() {
            self.merge(&Self {
                count: 1,
                origin: value,
                min: value,
                max: value,
                ..Self::default()
            });
        }
    }

    /// Moves the origin to the mean; the unit is 1.
    fn settle(&mut self) {
        let count = self.count as f64;
        let shift = self.sum / count;
        let squares = (self.settled + (self.recent - self.sum * shift)).max(0.0);
        let (origin, low) = num::two_sum(self.origin, shift);
        self.origin = origin;
        self.sum = low * count;
        self.settled = squares + low * low * count;
        self.recent = 0.0;
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
            part.m2() * ratio * ratio
        };
        let min = self.min.min(other.min);
        let max = self.max.max(other.max);
        let count = self.count.saturating_add(other.count);
        let weight = other.count as f64 / count as f64;
        let unit = unit(min, max);
        let (origin, shift) = (self.origin / unit, self.shift() / unit);
        let delta = (other.origin / unit - origin) + (other.shift() / unit - shift);
        let between = delta * delta * weight * self.count as f64;
        let m2 = own_m2(self, unit) + own_m2(other, unit) + between;
        let (origin, low) = num::two_sum(origin, delta * weight + shift);
        let rows = count as f64;
        *self = Self {
            count,
            origin: saturate(origin * unit),
            sum: saturate(low * unit * rows),
            settled: saturate(m2 + low * low * rows),
            recent: 0.0,
            min,
            max,
        };
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
        let settled = saturate(deviation * deviation * count as f64);
        Self { count, origin: mean, settled, min, max, ..Self::default() }
    }

    /// Number of values.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Arithmetic mean; 0 when there is no value.
    #[must_use]
    pub fn mean(&self) -> f64 {
        saturate(self.origin + self.shift())
    }

    /// Sum of squared differences from the mean, `≥ 0`, in squares of [`Self::unit`].
    #[must_use]
    pub fn m2(&self) -> f64 {
        let unit = self.unit();
        let moved = (self.sum / unit) * (self.shift() / unit);
        (self.settled + (self.recent - moved)).clamp(0.0, f64::MAX)
    }

    /// Smallest value; 0 when there is none.
    #[must_use]
    pub const fn min(&self) -> f64 {
        self.min
    }

    /// Largest value; 0 when there is none.
    #[must_use]
    pub const fn max(&self) -> f64 {
        self.max
    }

    /// What [`Self::m2`] is measured in: a power of two that keeps the squares in range.
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
        if self.count == 0 { 0.0 } else { self.m2() / self.count as f64 }
    }

    /// The mean less the origin.
    fn shift(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.sum / self.count as f64 }
    }

    /// Whether all of it is finite, as it is unless it was read from somewhere.
    pub(crate) fn is_finite(&self) -> bool {
        let Self { origin, sum, settled, recent, min, max, .. } = *self;
        [origin, sum, settled, recent, min, max].into_iter().all(f64::is_finite)
    }
}

/// Between these magnitudes the squares of numbers are in range.
const LARGE: f64 = power_of_two(400);
const SMALL: f64 = power_of_two(-400);

/// Whether a sample of this largest magnitude has the unit 1.
#[inline]
fn is_plain(magnitude: f64) -> bool {
    (SMALL..=LARGE).contains(&magnitude) || magnitude == 0.0
}

/// The larger of two magnitudes, of the ends of a sample.
const fn magnitude(min: f64, max: f64) -> f64 {
    max.max(-min)
}

/// A power of two with which the squares of numbers up to the larger of two magnitudes, and of what a
/// double still tells from it, are in range.
const fn unit(min: f64, max: f64) -> f64 {
    let magnitude = magnitude(min, max);
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
        assert_eq!((moments.count(), moments.mean()), (8, 5.0));
        assert!((moments.variance() - 4.0).abs() < 1e-15);
        assert_eq!((moments.min(), moments.max()), (2.0, 9.0));
    }

    #[test]
    fn empty_and_single() {
        let mut moments = Moments::default();
        assert_eq!((moments.variance(), moments.standard_deviation()), (0.0, 0.0));
        moments.push(f64::NAN);
        moments.push(f64::INFINITY);
        assert_eq!(moments, Moments::default());
        moments.push(-3.0);
        assert_eq!((moments.min(), moments.max(), moments.variance()), (-3.0, -3.0, 0.0));
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
    fn whatever_came_first_costs_no_digits() {
        // One value far away, then a crowd that barely differs: by whole numbers, exactly.
        for (first, offset) in [(0.0, 1e6), (1e6, 0.0), (-1e9, 1e9), (3.0, 3.0)] {
            let crowd = |index: u32| offset + f64::from(index % 8);
            let values = || core::iter::once(first).chain((0..4999).map(crowd));
            let (mut sum, mut squares) = (0_i128, 0_i128);
            for value in values() {
                sum += value as i128;
                squares += (value as i128) * (value as i128);
            }
            let want = (squares * 5000 - sum * sum) as f64 / 25e6;
            let moments: Moments = values().collect();
            assert!((moments.variance() / want - 1.0).abs() < 1e-13, "{first}, {offset}");
            assert!((moments.mean() - sum as f64 / 5e3).abs() <= 1e-15 * moments.mean().abs());
        }
    }

    #[test]
    fn rounding_does_not_add_up() {
        // Squares of 0.1 and 0.3 of a step, each rounded to the same side.
        let moments: Moments = (0..3_000_000).map(|i: u32| f64::from(i % 2) * 0.1).collect();
        assert!((moments.variance() / 0.0025 - 1.0).abs() < 1e-13, "{}", moments.variance());
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
                (moments.min(), moments.max()),
                (values[0].min(values[1]), values[0].max(values[1]))
            );
            let again = Moments::of_summary(2, moments.mean(), got, [moments.min(), moments.max()]);
            assert!((again.standard_deviation() - got).abs() <= got * 1e-15);
        }
    }

    #[test]
    fn the_largest_doubles_have_the_right_mean_and_finite_fields() {
        let moments: Moments = [f64::MAX, -f64::MAX, f64::MAX].into_iter().collect();
        assert!((moments.mean() / f64::MAX - 1.0 / 3.0).abs() < 1e-15);
        // The root of 8/9.
        let deviation = moments.standard_deviation() / f64::MAX;
        assert!((deviation - 0.942_809_041_582_063_4).abs() < 1e-15);
        assert_eq!(moments.variance(), f64::MAX);
        let senseless = Moments::of_summary(9, 1e300, 1e300, [0.0, 1.0]);
        let mut merged = moments;
        merged.merge(&senseless);
        for moments in [senseless, merged] {
            assert!(moments.m2().is_finite() && moments.mean().is_finite());
            assert!(moments.standard_deviation().is_finite());
        }
    }
}
