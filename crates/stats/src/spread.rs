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
