//! Bins that are fixed once, from a reference, and then count any number of later samples.

use alloc::{vec, vec::Vec};

use crate::{Error, ErrorKind, Sorted, num};

/// The inner edges of a set of bins. Bin `i` holds `edges[i−1] ≤ v < edges[i]`; the first bin has no
/// lower end and the last no upper one, so that every number has its bin.
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Vec<f64>", into = "Vec<f64>"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "Vec<f64>"))]
pub struct Edges {
    inner: Vec<f64>,
}

#[expect(clippy::len_without_is_empty, reason = "there is always at least one bin")]
impl Edges {
    /// Takes the inner edges of `edges.len() + 1` bins.
    ///
    /// # Errors
    /// * [`ErrorKind::NotFinite`]: an edge is NaN or infinite.
    /// * [`ErrorKind::OutOfRange`]: the edges do not strictly increase.
    pub fn try_new(inner: Vec<f64>) -> Result<Self, Error> {
        if inner.iter().any(|edge| !edge.is_finite()) {
            return Err(Error::new(ErrorKind::NotFinite, "a bin edge"));
        }
        if inner.is_sorted_by(|a, b| a < b) {
            Ok(Self { inner })
        } else {
            Err(Error::new(ErrorKind::OutOfRange, "the order of the bin edges, which must rise,"))
        }
    }

    /// Bins between the deciles of a reference: about ten, about equally full, never more than twelve.
    ///
    /// Where two or more deciles coincide, or one is the smallest or largest value of all, a single
    /// number holds a tenth of the rows or more. It gets a bin to itself, its upper edge being the
    /// next larger double: thus a column that was constant still shows when values move, and to
    /// which side. [`classic_deciles`] has no such bins.
    ///
    /// An empty reference gives one bin.
    #[must_use]
    pub fn deciles(reference: &Sorted) -> Self {
        Self::between(&percentiles_by_ten(reference))
    }

    /// The bins between ascending deciles, both ends among them.
    pub(crate) fn between(points: &[f64]) -> Self {
        let mut inner = Vec::new();
        for run in points.chunk_by(|a, b| a == b) {
            match run {
                // The smallest and the largest value, where no decile coincides with them.
                [end] if points.first() == Some(end) || points.last() == Some(end) => {}
                [decile] => inner.push(*decile),
                [atom, ..] => inner.extend([*atom, atom.next_up()]),
                [] => {}
            }
        }
        // The edge above an atom may be the next decile itself, or leave the doubles.
        inner.retain(|edge| edge.is_finite());
        inner.dedup();
        Self { inner }
    }

    /// The inner edges, strictly rising.
    #[must_use]
    pub fn inner(&self) -> &[f64] {
        &self.inner
    }

    /// The number of bins, one more than the inner edges.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inner.len() + 1
    }

    /// The bin that a value falls into, below [`Self::len`]. An infinity is in the first or the last
    /// bin; NaN, which callers count as missing, would be in the first.
    #[must_use]
    pub fn index(&self, value: f64) -> usize {
        self.inner.partition_point(|edge| *edge <= value)
    }

    /// How many of the values fall into each bin.
    #[must_use]
    pub fn count(&self, values: &[f64]) -> Vec<u64> {
        let mut counts = vec![0; self.len()];
        for value in values {
            if let Some(count) = counts.get_mut(self.index(*value)) {
                *count += 1;
            }
        }
        counts
    }
}

impl Edges {
    /// What [`Self::count`] gives, in O(k log n) for `k` bins.
    ///
    /// # Arguments
    /// * `sample`: of any size.
    ///
    /// # Returns
    /// A count for each bin.
    ///
    /// # Numerics
    /// Exact: a value is never compared with more than some edges.
    ///
    /// # Examples
    /// ```
    /// use tidegate_stats::{Sorted, bins::Edges};
    /// let edges = Edges::try_new(vec![1.0, 2.0])?;
    /// assert_eq!(edges.count_sorted(&Sorted::try_new(vec![2.0, 0.5, 1.0, 9.0])?), [1, 1, 2]);
    /// # Ok::<(), tidegate_stats::Error>(())
    /// ```
    ///
    /// # References
    /// None: a count.
    #[must_use]
    pub fn count_sorted(&self, sample: &Sorted) -> Vec<u64> {
        let values = sample.values();
        let mut below = 0;
        let mut counts = Vec::with_capacity(self.len());
        for edge in &self.inner {
            let reached = values.partition_point(|value| value < edge);
            counts.push((reached - below) as u64);
            below = reached;
        }
        counts.push((values.len() - below) as u64);
        counts
    }
}

impl TryFrom<Vec<f64>> for Edges {
    type Error = Error;

    fn try_from(inner: Vec<f64>) -> Result<Self, Error> {
        Self::try_new(inner)
    }
}

impl From<Edges> for Vec<f64> {
    fn from(edges: Edges) -> Self {
        edges.inner
    }
}

/// The bins that the field calls deciles: edges at the percentiles 10 to 90, those that coincide
/// with each other, or with the smallest or the largest value, merged into one.
///
/// # Examples
/// ```
/// use tidegate_stats::{Sorted, bins};
/// let reference = Sorted::try_new((0..=10).map(f64::from).collect())?;
/// let edges = bins::classic_deciles(&reference);
/// assert_eq!(edges.inner(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Oracle: `numpy.unique(numpy.percentile(reference, range(0, 101, 10)))`, without both ends.
#[must_use]
pub fn classic_deciles(reference: &Sorted) -> Edges {
    let mut inner = percentiles_by_ten(reference);
    inner.dedup();
    inner.pop();
    if !inner.is_empty() {
        inner.remove(0);
    }
    Edges { inner }
}

/// The percentiles 0, 10, …, 100, with linear interpolation; none of an empty sample.
fn percentiles_by_ten(sample: &Sorted) -> Vec<f64> {
    (0..=10).filter_map(|tenth| percentile(sample.values(), f64::from(10 * tenth))).collect()
}

/// The percentile of ascending values, by the operations and in the order that numpy's default
/// method has, so that a tie falls on the same side of an edge.
fn percentile(values: &[f64], percent: f64) -> Option<f64> {
    let position = (values.len().checked_sub(1)? as f64) * (percent / 100.0);
    let below = num::floor(position);
    let fraction = position - below;
    let index = below as usize;
    let low = *values.get(index)?;
    let high = *values.get(index + 1).unwrap_or(&low);
    // The difference of two doubles may leave their range, a weighted mean of them does not.
    let difference = high - low;
    let point = if !difference.is_finite() {
        low * (1.0 - fraction) + high * fraction
    } else if fraction < 0.5 {
        low + difference * fraction
    } else {
        high - difference * (1.0 - fraction)
    };
    Some(point)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(values: &[f64]) -> Sorted {
        Sorted::try_new(values.to_vec()).unwrap()
    }

    #[test]
    fn edges_belong_to_the_bin_above() {
        let edges = Edges::try_new(vec![1.0, 2.0]).unwrap();
        assert_eq!(edges.len(), 3);
        assert_eq!(edges.count(&[f64::MIN, 0.9, 1.0, 1.9, 2.0, f64::MAX]), [2, 2, 2]);
        assert_eq!(edges.index(f64::NEG_INFINITY), 0);
        assert_eq!(edges.index(f64::INFINITY), 2);
    }

    #[test]
    fn senseless_edges_are_refused() {
        let kind = |edges: &[f64]| Edges::try_new(edges.to_vec()).unwrap_err().kind();
        assert_eq!(kind(&[1.0, 1.0]), ErrorKind::OutOfRange);
        assert_eq!(kind(&[2.0, 1.0]), ErrorKind::OutOfRange);
        assert_eq!(kind(&[f64::NAN]), ErrorKind::NotFinite);
        assert_eq!(Edges::try_new(Vec::new()).unwrap().len(), 1);
    }

    #[test]
    fn deciles_of_distinct_values_are_equally_full() {
        let reference = sorted(&core::array::from_fn::<f64, 1000, _>(|i| i as f64));
        let edges = Edges::deciles(&reference);
        assert_eq!(edges.count(reference.values()), [100; 10]);
        assert_eq!(edges, classic_deciles(&reference));
    }

    #[test]
    fn a_constant_reference_shows_moves_to_either_side() {
        let edges = Edges::deciles(&sorted(&[0.003467; 50]));
        assert_eq!(edges.count(&[0.003467, 0.003467, 0.0034, 0.0035, 0.0035]), [1, 2, 2]);
        assert_eq!(classic_deciles(&sorted(&[0.003467; 50])).len(), 1);
    }

    #[test]
    fn an_atom_at_the_minimum_is_told_from_what_lies_below() {
        // Four tenths zeros, as in a column of delays.
        let mut values = vec![0.0; 40];
        values.extend((1..=60).map(f64::from));
        let edges = Edges::deciles(&sorted(&values));
        assert_eq!(edges.inner()[..2], [0.0, 0.0_f64.next_up()]);
        let counts = edges.count(&values);
        assert_eq!(counts[..2], [0, 40]);
        assert_eq!(edges.index(-1.0), 0);
    }

    #[test]
    fn edges_are_few_and_rising_whatever_the_reference() {
        let huge = [f64::MAX, -f64::MAX, f64::MAX, f64::MAX];
        for values in [&[][..], &[1.0], &[0.0, 1.0], &huge, &[5e-324, 0.0, 0.0, 5e-324]] {
            let edges = Edges::deciles(&sorted(values));
            assert!(edges.len() <= 12, "{edges:?}");
            assert!(Edges::try_new(edges.inner().to_vec()).is_ok(), "{edges:?}");
        }
    }
}
