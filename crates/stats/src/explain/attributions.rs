use alloc::vec;
use alloc::vec::Vec;

use crate::{Error, ErrorKind};

/// What each feature adds to each output of a model, row by row.
///
/// Values are additive: for each row and output, [`Self::expected`] plus the row's values is the
/// model's output for that row, up to rounding.
#[derive(Debug, Clone, PartialEq)]
pub struct Attributions {
    features: usize,
    expected: Vec<f64>,
    values: Vec<f64>,
}

impl Attributions {
    /// The most values in one result, 2²⁸ (2 GiB).
    pub const MAX_VALUES: usize = 1 << 28;

    /// Zeros for so many rows.
    pub(super) fn try_new(rows: usize, features: usize, expected: Vec<f64>) -> Result<Self, Error> {
        let len = rows
            .checked_mul(features)
            .and_then(|len| len.checked_mul(expected.len()))
            .filter(|len| *len <= Self::MAX_VALUES)
            .ok_or(Error::new(ErrorKind::OutOfRange, "the number of attributions"))?;
        Ok(Self { features, expected, values: vec![0.0; len] })
    }

    /// Features a row.
    #[must_use]
    pub const fn features(&self) -> usize {
        self.features
    }

    /// Outputs of the model: one, or one a class.
    #[must_use]
    pub const fn outputs(&self) -> usize {
        self.expected.len()
    }

    /// Explained rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.values.len() / (self.features * self.outputs()).max(1)
    }

    /// The output that the model is expected to give before any feature is known; one an output.
    #[must_use]
    pub fn expected(&self) -> &[f64] {
        &self.expected
    }

    /// One value a feature; empty where there is no such row or output.
    #[must_use]
    pub fn of(&self, row: usize, output: usize) -> &[f64] {
        if output >= self.outputs() {
            return &[];
        }
        let start = row.saturating_mul(self.outputs()).saturating_add(output);
        let start = start.saturating_mul(self.features);
        self.values.get(start..start.saturating_add(self.features)).unwrap_or(&[])
    }

    /// All values: by row, then output, then feature.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The values of one output: by row, then feature.
    #[must_use]
    pub fn of_output(&self, output: usize) -> Vec<f64> {
        (0..self.rows()).flat_map(|row| self.of(row, output)).copied().collect()
    }

    /// The values, to be added to.
    pub(super) const fn values_mut(&mut self) -> &mut Vec<f64> {
        &mut self.values
    }

    /// What is expected, to be added to.
    pub(super) const fn expected_mut(&mut self) -> &mut Vec<f64> {
        &mut self.expected
    }

    /// Itself, refused when a number left the range of a double.
    pub(super) fn finite(self) -> Result<Self, Error> {
        if self.values.iter().chain(&self.expected).all(|value| value.is_finite()) {
            Ok(self)
        } else {
            Err(Error::new(ErrorKind::OutOfRange, "the magnitude of an attribution"))
        }
    }
}

/// The number of rows in a row-major table, refused where it is no table.
pub(super) fn rows_of(values: &[f64], features: usize, what: &'static str) -> Result<usize, Error> {
    if features == 0 || !values.len().is_multiple_of(features) {
        Err(Error::new(ErrorKind::ShapeMismatch, what))
    } else {
        Ok(values.len() / features)
    }
}

/// The same, refused where a value is not finite too.
pub(super) fn finite_rows_of(
    values: &[f64],
    features: usize,
    what: &'static str,
) -> Result<usize, Error> {
    if values.iter().all(|value| value.is_finite()) {
        rows_of(values, features, what)
    } else {
        Err(Error::new(ErrorKind::NotFinite, what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_by_row_and_output() {
        let mut found = Attributions::try_new(2, 2, vec![1.0, 2.0]).unwrap();
        found.values_mut().copy_from_slice(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
        assert_eq!((found.rows(), found.outputs(), found.features()), (2, 2, 2));
        assert_eq!(found.of(1, 0), [5.0, 6.0]);
        assert_eq!(found.of_output(1), [3.0, 4.0, 7.0, 8.0]);
        for (row, output) in [(2, 0), (0, 2), (usize::MAX, 1)] {
            assert!(found.of(row, output).is_empty());
        }
    }

    #[test]
    fn too_many_and_too_large_are_refused() {
        for rows in [Attributions::MAX_VALUES + 1, usize::MAX] {
            let error = Attributions::try_new(rows, 2, vec![0.0]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::OutOfRange);
        }
        let infinite = Attributions::try_new(1, 1, vec![f64::INFINITY]).unwrap();
        assert_eq!(infinite.finite().unwrap_err().kind(), ErrorKind::OutOfRange);
    }
}
