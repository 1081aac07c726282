use crate::{Error, ErrorKind};

/// Rows of finite numbers, one after another in one slice.
///
/// # Examples
/// ```
/// use tidegate_stats::multivariate::Rows;
/// let rows = Rows::try_new(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 2)?;
/// assert_eq!((rows.len(), rows.row(1)), (3, &[3.0, 4.0][..]));
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rows<'a> {
    values: &'a [f64],
    columns: usize,
}

impl<'a> Rows<'a> {
    /// The most numbers that a sample may hold, 2³¹ (16 GiB).
    pub const MAX_VALUES: u64 = 1 << 31;

    /// Takes a flat slice for rows. There may be none; the methods refuse an empty sample themselves.
    ///
    /// # Arguments
    /// * `values`: finite, shape `[n · columns]`, row by row.
    /// * `columns`: numbers in a row, `≥ 1`.
    ///
    /// # Errors
    /// * [`ErrorKind::ShapeMismatch`]: no columns, or the last row is not whole.
    /// * [`ErrorKind::OutOfRange`]: more than [`Self::MAX_VALUES`] numbers.
    /// * [`ErrorKind::NotFinite`]: a number is NaN or infinite.
    pub fn try_new(values: &'a [f64], columns: usize) -> Result<Self, Error> {
        if columns == 0 || !values.len().is_multiple_of(columns) {
            return Err(Error::new(ErrorKind::ShapeMismatch, "the list of rows"));
        }
        if values.len() as u64 > Self::MAX_VALUES {
            return Err(Error::new(ErrorKind::OutOfRange, "the number of values in a sample"));
        }
        if values.iter().any(|value| !value.is_finite()) {
            return Err(Error::new(ErrorKind::NotFinite, "a sample"));
        }
        Ok(Self { values, columns })
    }

    /// The number of rows.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.values.len() / self.columns
    }

    /// Whether there is no row.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Numbers in a row.
    #[must_use]
    pub const fn columns(&self) -> usize {
        self.columns
    }

    /// One row, by its index from 0; empty past the last.
    #[must_use]
    pub fn row(&self, index: usize) -> &'a [f64] {
        let start = index.saturating_mul(self.columns);
        self.values.get(start..start.saturating_add(self.columns)).unwrap_or_default()
    }

    /// The rows, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &'a [f64]> + Clone {
        self.values.chunks_exact(self.columns)
    }

    /// The numbers of one column, in the order of the rows.
    pub(crate) fn column(&self, column: usize) -> impl Iterator<Item = f64> + Clone {
        self.iter().filter_map(move |row| row.get(column).copied())
    }
}

/// Refuses samples that cannot be compared: of other columns, or with too few rows.
pub(crate) fn check_pair(reference: &Rows, current: &Rows, least: usize) -> Result<(), Error> {
    if reference.columns() != current.columns() {
        return Err(Error::new(ErrorKind::ShapeMismatch, "a row of the current sample"));
    }
    for (sample, what) in [(reference, "the reference"), (current, "the current sample")] {
        if sample.is_empty() {
            return Err(Error::new(ErrorKind::EmptySample, what));
        }
        if sample.len() < least {
            return Err(Error::new(ErrorKind::ShapeMismatch, what));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_are_no_rows() {
        let kind = |values: &[f64], columns| Rows::try_new(values, columns).unwrap_err().kind();
        assert_eq!(kind(&[1.0], 0), ErrorKind::ShapeMismatch);
        assert_eq!(kind(&[1.0, 2.0, 3.0], 2), ErrorKind::ShapeMismatch);
        assert_eq!(kind(&[1.0, f64::NAN], 2), ErrorKind::NotFinite);
        assert_eq!(kind(&[f64::INFINITY], 1), ErrorKind::NotFinite);
    }

    #[test]
    fn rows_and_columns_are_where_they_should_be() {
        let values = [1.0, 2.0, 3.0, 4.0];
        let rows = Rows::try_new(&values, 2).unwrap();
        assert!(rows.iter().eq([&[1.0, 2.0][..], &[3.0, 4.0]]));
        assert!(rows.column(1).eq([2.0, 4.0]));
        assert!(rows.row(2).is_empty() && rows.row(usize::MAX).is_empty());
        assert!(Rows::try_new(&[], 3).unwrap().is_empty());
    }

    #[test]
    fn samples_that_cannot_be_compared_are_refused() {
        let one = Rows::try_new(&[1.0, 2.0], 1).unwrap();
        let two = Rows::try_new(&[1.0, 2.0], 2).unwrap();
        let none = Rows::try_new(&[], 1).unwrap();
        let kind = |a: &Rows, b: &Rows| check_pair(a, b, 2).unwrap_err().kind();
        assert_eq!(kind(&one, &two), ErrorKind::ShapeMismatch);
        assert_eq!(kind(&one, &none), ErrorKind::EmptySample);
        assert_eq!(kind(&two, &two), ErrorKind::ShapeMismatch);
        assert!(check_pair(&one, &one, 2).is_ok());
    }
}
