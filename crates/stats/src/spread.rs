//! How wide samples are, and a unit in which that cannot overflow.

use crate::{Sorted, num};

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
