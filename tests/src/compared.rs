//! What the tests of this thread compared with an oracle: so that hosts can be held against each other
//! to the bit, however close to the oracle they all are.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;

/// The bits of all numbers that a function gave, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bits {
    count: u64,
    hash: u64,
}

impl Bits {
    /// Of no number.
    const NONE: Self = Self { count: 0, hash: 0xcbf2_9ce4_8422_2325 };

    /// Takes one more by the hash FNV-1a.
    fn push(&mut self, number: f64) {
        self.count += 1;
        for byte in number.to_bits().to_le_bytes() {
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

impl fmt::Display for Bits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:016x}", self.count, self.hash)
    }
}

thread_local! {
    static COMPARED: RefCell<BTreeMap<&'static str, Bits>> = const { RefCell::new(BTreeMap::new()) };
}

/// Notes a number that a function gave.
pub(crate) fn note(function: &'static str, got: f64) {
    COMPARED.with_borrow_mut(|all| all.entry(function).or_insert(Bits::NONE).push(got));
}

/// What was compared since the last call, by function.
#[must_use]
pub fn take() -> BTreeMap<&'static str, Bits> {
    COMPARED.take()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_neighbouring_number_and_another_order_have_other_bits() {
        let of = |numbers: &[f64]| {
            drop(take());
            numbers.iter().for_each(|number| note("any", *number));
            take()["any"]
        };
        let bits = of(&[0.1, 0.2]);
        assert_eq!((bits.count, bits), (2, of(&[0.1, 0.2])));
        for other in [&[0.1, 0.2_f64.next_up()][..], &[0.2, 0.1], &[0.1, 0.2, 0.0], &[0.1, -0.2]] {
            assert_ne!(bits, of(other));
        }
        assert!(take().is_empty());
    }
}
