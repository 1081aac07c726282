//! How wide samples are, and a unit in which that cannot overflow.

use crate::{Sorted, num};

/// A sample's size, mean and spread, in some unit.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Spread {
    pub count: f64,
    /// A value of the sample, its middle one: in the unit.
    pub origin: f64,
    /// The mean less the origin.
    pub mean: f64,
    /// Sum of squared differences from the mean; 0 only of a constant.
    pub squares: f64,
}

impl Spread {
    /// In one pass. The mean is within a standard deviation of the middle value, so that counting from
    /// there costs the squares one binary digit at most, whatever the offset of the data.
    pub(crate) fn of(sample: &Sorted, unit: f64) -> Self {
        let (values, per_unit) = (sample.values(), 1.0 / unit);
        let (Some(first), Some(last)) = (values.first(), values.last()) else {
            return Self::default();
        };
        let count = values.len() as f64;
        let origin = values.get(values.len() / 2).map_or(0.0, |middle| middle * per_unit);
        // A constant has no spread: said here, for its mean may round to a neighbour.
        if first == last {
            return Self { count, origin, mean: 0.0, squares: 0.0 };
        }
        let [mut sum, mut squares] = [num::Sum::default(); 2];
        for part in values.chunks(512) {
            let mut lanes = [[0.0; 2]; 4];
            let (whole, rest) = part.as_chunks::<4>();
            for four in whole {
                for (lane, value) in lanes.iter_mut().zip(four) {
                    let apart = value * per_unit - origin;
                    *lane = [lane[0] + apart, lane[1] + apart * apart];
                }
            }
            for (lane, value) in lanes.iter_mut().zip(rest) {
                let apart = value * per_unit - origin;
                *lane = [lane[0] + apart, lane[1] + apart * apart];
            }
            let [a, b, c, d] = lanes;
            sum.add((a[0] + b[0]) + (c[0] + d[0]));
            squares.add((a[1] + b[1]) + (c[1] + d[1]));
        }
        let mean = sum.value() / count;
        let squares = squares.value() - sum.value() * mean;
        Self { count, origin, mean, squares: squares.max(0.0) }
    }

    /// Of the population, in the unit.
    pub(crate) fn standard_deviation(&self) -> f64 {
        if self.count > 0.0 { num::sqrt(self.squares / self.count) } else { 0.0 }
    }

    /// Unbiased, in squares of the unit; of one row it is not defined.
    pub(crate) fn variance(&self) -> f64 {
        self.squares / (self.count - 1.0)
    }
}

/// 1, or a power of two near the largest magnitude if cubes could leave the range of a double.
pub(crate) fn power_of_two_near(reference: &Sorted, current: &Sorted) -> f64 {
    let ends = [reference, current].map(|sample| {
        let magnitude = |end: Option<&f64>| end.map_or(0.0, |value| value.abs());
        magnitude(sample.values().first()).max(magnitude(sample.values().last()))
    });
    let largest = ends[0].max(ends[1]);
    if largest == 0.0 || (1e-50..1e50).contains(&largest) {
        return 1.0;
    }
    // The bits of a double above its mantissa are its exponent; what has none is subnormal.
    let exponent = largest.to_bits() & 0x7ff0_0000_0000_0000;
    f64::from_bits(exponent).max(f64::MIN_POSITIVE)
}

/// Population standard deviation of some samples together, in `unit`s. Two passes.
pub(crate) fn standard_deviation(samples: &[&Sorted], unit: f64) -> f64 {
    let values = || samples.iter().flat_map(|sample| sample.values()).map(|value| value / unit);
    // A constant has no spread: said here, for its mean may round to a neighbour.
    let mut ends = samples.iter().flat_map(|s| [s.values().first(), s.values().last()]).flatten();
    let first = ends.next();
    if ends.all(|end| Some(end) == first) {
        return 0.0;
    }
    let count = samples.iter().map(|sample| sample.len()).sum::<usize>() as f64;
    let mean = values().collect::<num::Sum>().value() / count;
    let squares: num::Sum = values().map(|value| (value - mean) * (value - mean)).collect();
    num::sqrt(squares.value() / count)
}

/// From the first to the third quartile of ascending values, in `unit`s, by linear interpolation.
pub(crate) fn interquartile_range(values: &[f64], unit: f64) -> f64 {
    let at = |share: f64| {
        let position = values.len().saturating_sub(1) as f64 * share;
        let below = num::floor(position);
        let value = |index: usize| values.get(index).map_or(0.0, |value| value / unit);
        let low = value(below as usize);
        let high = if position > below { value(below as usize + 1) } else { low };
        low + (high - low) * (position - below)
    };
    at(0.75) - at(0.25)
}

/// The median of the distances of ascending values from their median, in `unit`s.
pub(crate) fn median_absolute_deviation(values: &[f64], unit: f64) -> f64 {
    let len = values.len();
    let value = |index: usize| values.get(index).map_or(0.0, |value| value / unit);
    if len == 0 {
        return 0.0;
    }
    let median = value((len - 1) / 2) / 2.0 + value(len / 2) / 2.0;
    // The values nearest to the median are neighbours: the k nearest lie in a window that has an end at
    // the k-th distance. Where it starts is found by halving, for the distances fall and then rise.
    let nearest = |count: usize| {
        let (mut low, mut high) = (0, len - count);
        while low < high {
            let start = low + (high - low) / 2;
            if median - value(start) > value(start + count) - median {
                low = start + 1;
            } else {
                high = start;
            }
        }
        (median - value(low)).max(value(low + count - 1) - median)
    };
    nearest((len - 1) / 2 + 1) / 2.0 + nearest(len / 2 + 1) / 2.0
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn the_median_of_distances_is_that_of_the_list_of_them() {
        let mut state = 3_u64;
        for len in (1..60).chain([500, 501]) {
            let mut values: Vec<f64> = (0..len)
                .map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    ((state >> 33) % 40) as f64
                })
                .collect();
            values.sort_unstable_by(f64::total_cmp);
            let middle = |values: &[f64]| f64::midpoint(values[(len - 1) / 2], values[len / 2]);
            let median = middle(&values);
            let mut distances: Vec<f64> = values.iter().map(|v| (v - median).abs()).collect();
            distances.sort_unstable_by(f64::total_cmp);
            assert_eq!(median_absolute_deviation(&values, 1.0), middle(&distances), "{values:?}");
        }
    }

    #[test]
    fn quartiles_are_interpolated() {
        assert_eq!(interquartile_range(&[1.0, 2.0, 3.0, 10.0], 1.0), 4.75 - 1.75);
        assert_eq!(interquartile_range(&[7.0], 1.0), 0.0);
    }
}
