use alloc::vec::Vec;

use super::Rows;
use crate::{Moments, num};

/// The farthest that a scaled number may lie from the origin, so that the sum of squares of a row's
/// differences stays in range.
const FARTHEST: f64 = 1e150;

/// How the columns of rows are moved and stretched before rows are measured against each other.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scaling {
    columns: Vec<Column>,
}

/// What is taken away from a column, and what the rest is divided by.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Column {
    origin: f64,
    /// What the origin lost when it was rounded: at an offset of 10¹² that is no longer nothing.
    origin_low: f64,
    scale: f64,
}

impl Scaling {
    /// To mean 0 and population standard deviation 1 of the reference. A column that is constant in
    /// the reference has its spread in both samples for a unit; one that is constant in both stays as
    /// it is, but for its mean.
    pub(super) fn by_reference(reference: &Rows, current: &Rows) -> Self {
        let scale = |column: usize| {
            let own = mean_and_deviation(reference.column(column));
            let scale = if own.scale > 0.0 {
                own.scale
            } else {
                mean_and_deviation(reference.column(column).chain(current.column(column))).scale
            };
            Column { scale: if scale > 0.0 { scale } else { 1.0 }, ..own }
        };
        Self { columns: (0..reference.columns()).map(scale).collect() }
    }

    /// To mean 0 and population standard deviation 1 of both samples together. A column that is constant
    /// in both stays as it is, but for its mean.
    pub(super) fn together(reference: &Rows, current: &Rows) -> Self {
        let scale = |column: usize| {
            let both = mean_and_deviation(reference.column(column).chain(current.column(column)));
            Column { scale: if both.scale > 0.0 { both.scale } else { 1.0 }, ..both }
        };
        Self { columns: (0..reference.columns()).map(scale).collect() }
    }

    /// All columns by one unit: a power of two if squares could otherwise leave the doubles.
    pub(super) fn by_unit(columns: usize, unit: f64) -> Self {
        let column = Column { origin: 0.0, origin_low: 0.0, scale: unit };
        Self { columns: alloc::vec![column; columns] }
    }

    /// The rows, scaled, one after another.
    pub(super) fn apply(&self, rows: &Rows) -> Vec<f64> {
        let scaled = rows.iter().flat_map(|row| {
            row.iter().zip(&self.columns).map(|(value, column)| {
                let Column { origin, origin_low, scale } = column;
                let difference = value - origin;
                let scaled = if difference.is_finite() {
                    (difference - origin_low) / scale
                } else {
                    value / scale - origin / scale
                };
                scaled.clamp(-FARTHEST, FARTHEST)
            })
        });
        scaled.collect()
    }
}

/// A power of two in which no square of the rows leaves the doubles: 1 for all but the largest and
/// the smallest numbers.
pub(super) fn unit(reference: &Rows, current: &Rows) -> f64 {
    let magnitudes = reference.iter().chain(current.iter()).flatten().map(|value| value.abs());
    let largest = magnitudes.fold(0.0, f64::max);
    if largest == 0.0 || (1e-140..1e140).contains(&largest) {
        return 1.0;
    }
    // The bits of a double above its mantissa are its exponent; what has none is subnormal.
    f64::from_bits(largest.to_bits() & 0x7ff0_0000_0000_0000).max(f64::MIN_POSITIVE)
}

/// Mean and population standard deviation, in two passes; a constant has none of the latter.
fn mean_and_deviation(values: impl Iterator<Item = f64> + Clone) -> Column {
    let moments: Moments = values.clone().collect();
    let unit = moments.unit();
    let count = moments.count() as f64;
    if moments.count() == 0 || moments.min() == moments.max() {
        return Column { origin: moments.min(), origin_low: 0.0, scale: 0.0 };
    }
    let mean = values.clone().map(|value| value / unit).collect::<num::Sum>().value() / count;
    let deviations = values.map(|value| value / unit - mean);
    let mean_low = deviations.clone().collect::<num::Sum>().value() / count;
    let deviations = deviations.map(|deviation| deviation - mean_low);
    let squares: num::Sum = deviations.map(|deviation| deviation * deviation).collect();
    Column {
        origin: mean * unit,
        origin_low: mean_low * unit,
        scale: num::sqrt(squares.value() / count) * unit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scaled(reference: &[f64], current: &[f64], columns: usize) -> Vec<f64> {
        let [reference, current] =
            [reference, current].map(|of| Rows::try_new(of, columns).unwrap());
        Scaling::by_reference(&reference, &current).apply(&current)
    }

    #[test]
    fn by_hand() {
        // Means 1 and 10, deviations 1 and 2.
        assert_eq!(scaled(&[0.0, 8.0, 2.0, 12.0], &[3.0, 10.0], 2), [2.0, 0.0]);
    }

    #[test]
    fn an_offset_costs_no_digits() {
        // Of 0, 1, 1 the deviation is √2/3. The mean of the three, moved, is between two doubles.
        let moved = [1e15, 1e15 + 1.0, 1e15 + 1.0];
        let expected = [-2.0, 1.0, 1.0].map(|third| third / 2.0_f64.sqrt());
        for (found, expected) in scaled(&moved, &moved, 1).iter().zip(expected) {
            assert!((found - expected).abs() < 1e-14, "{found} {expected}");
        }
    }

    #[test]
    fn a_constant_column_is_measured_by_both_samples() {
        assert_eq!(scaled(&[5.0, 5.0], &[5.0, 5.0], 1), [0.0, 0.0]);
        // Of 5, 5, 7, 7 the deviation is 1.
        assert_eq!(scaled(&[5.0, 5.0], &[7.0, 7.0], 1), [2.0, 2.0]);
        assert_eq!(scaled(&[0.1; 10], &[0.1], 1), [0.0], "its mean does not round into a spread");
    }

    #[test]
    fn the_ends_of_the_doubles_are_scaled_too() {
        let big = scaled(&[-1e308, 1e308], &[f64::MAX, -f64::MAX, 5e-324], 1);
        assert!(big.iter().all(|value| value.abs() <= 2.0), "{big:?}");
        let small = scaled(&[0.0, 5e-324], &[f64::MAX, -f64::MAX], 1);
        assert!(small.iter().all(|value| value.abs() <= FARTHEST), "{small:?}");
        let rows = |values| Rows::try_new(values, 1).unwrap();
        assert_eq!(unit(&rows(&[0.0]), &rows(&[-3.0])), 1.0);
        assert_eq!(unit(&rows(&[5e-324]), &rows(&[0.0])), f64::MIN_POSITIVE);
        assert!(unit(&rows(&[f64::MAX]), &rows(&[0.0])) > 1e307);
    }
}
