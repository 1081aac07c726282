//! Doubles as integers of the same order, which compare and sort faster.

/// The key of a finite value that is not `-0.0`.
#[inline]
pub(super) const fn of(value: f64) -> i64 {
    flip(value.to_bits() as i64)
}

/// The value of a key.
#[inline]
pub(super) const fn value(key: i64) -> f64 {
    f64::from_bits(flip(key) as u64)
}

/// Negative numbers have their bits below the sign turned over: their own inverse.
const fn flip(bits: i64) -> i64 {
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_in_the_order_of_their_values() {
        let values = [-f64::MAX, -2.0, -1.0, -5e-324, 0.0, 5e-324, 1.0, 2.0, f64::MAX];
        assert!(values.map(of).is_sorted_by(|one, other| one < other));
        assert_eq!(values.map(of).map(value), values);
    }
}
