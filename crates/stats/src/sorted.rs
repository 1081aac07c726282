use alloc::vec::Vec;

use crate::{Error, ErrorKind, radix};

/// A sample of finite numbers in ascending order: sorted once, then used by every method.
///
/// May be empty; the methods refuse an empty sample themselves, as [`ErrorKind::EmptySample`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sorted {
    values: Vec<f64>,
}

impl Sorted {
    /// The most values that a sample may hold, 2³¹ (16 GiB): so that the product of two sizes fits
    /// 64 bits.
    pub const MAX_LEN: u64 = 1 << 31;

    /// Sorts the values, in O(n), with a buffer of their size. `-0.0` becomes `0.0`, for the two are one number.
    ///
    /// # Errors
    /// * [`ErrorKind::NotFinite`]: a value is NaN or infinite.
    /// * [`ErrorKind::OutOfRange`]: more than [`Self::MAX_LEN`] values.
    pub fn try_new(mut values: Vec<f64>) -> Result<Self, Error> {
        if values.len() as u64 > Self::MAX_LEN {
            return Err(Error::new(ErrorKind::OutOfRange, "the number of values in a sample"));
        }
        let first = values.first().map_or(0, |value| value.to_bits());
        let (mut differing, mut is_finite) = (0, true);
        for value in &mut values {
            // Adding zero leaves every number alone but -0.0, which it makes 0.0.
            *value += 0.0;
            differing |= value.to_bits() ^ first;
            is_finite &= value.is_finite();
        }
        if !is_finite {
            return Err(Error::new(ErrorKind::NotFinite, "a sample"));
        }
        radix::sort(&mut values, differing);
        Ok(Self { values })
    }

    /// The values, ascending.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The number of values.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is no value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The values, refused when there is none.
    pub(crate) fn non_empty(&self, what: &'static str) -> Result<&[f64], Error> {
        if self.is_empty() {
            return Err(Error::new(ErrorKind::EmptySample, what));
        }
        Ok(&self.values)
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn sorts_and_makes_one_zero_of_two() {
        let sorted = Sorted::try_new(vec![1.0, 0.0, -0.0, -1.0, 5e-324]).unwrap();
        assert_eq!(sorted.values(), [-1.0, 0.0, 0.0, 5e-324, 1.0]);
        assert!(sorted.values().iter().all(|v| v.to_bits() != (-0.0_f64).to_bits()));
    }

    #[test]
    fn refuses_what_is_not_finite() {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let error = Sorted::try_new(vec![1.0, bad]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotFinite);
        }
    }

    #[test]
    fn may_be_empty() {
        let sorted = Sorted::try_new(Vec::new()).unwrap();
        assert!(sorted.is_empty());
        assert_eq!(sorted.len(), 0);
        assert_eq!(sorted.non_empty("the reference").unwrap_err().kind(), ErrorKind::EmptySample);
    }
}
