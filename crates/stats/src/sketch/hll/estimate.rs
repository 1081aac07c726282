//! How many distinct items there were, from what a sketch holds.

use crate::num;

/// Registers hold at most this.
const HIGHEST: usize = 63;

/// Of distinct coupons. Two items share one with probability `2⁻²⁶/3`; this turns around the mean
/// number of coupons, to the third order.
pub(super) fn of_coupons(coupons: usize) -> f64 {
    // Σ p² and Σ p³ over all coupons.
    const PAIR: f64 = 1.0 / (3.0 * (1_u64 << 26) as f64);
    const TRIPLE: f64 = 1.0 / (7.0 * (1_u64 << 52) as f64);
    let c = coupons as f64;
    c + c * c * (PAIR / 2.0) + c * c * c * (PAIR * PAIR / 2.0 - TRIPLE / 6.0)
}

/// Of the registers alone.
///
/// # References
/// Ertl (2017), "New cardinality estimation algorithms for HyperLogLog sketches",
/// <https://arxiv.org/abs/1702.01284>, algorithm 6: without a table of corrections, and good for any
/// number of items.
pub(super) fn of_registers(registers: &[u8]) -> f64 {
    let mut counts = [0_u32; HIGHEST + 1];
    for register in registers {
        counts[usize::from(*register).min(HIGHEST)] += 1;
    }
    let m = registers.len() as f64;
    let share = |value: usize| f64::from(counts[value]) / m;
    let mut sum = m * of_full(1.0 - share(HIGHEST));
    for value in (1..HIGHEST).rev() {
        sum = 0.5 * (sum + f64::from(counts[value]));
    }
    if counts[0] as usize == registers.len() {
        return 0.0;
    }
    sum += m * of_empty(share(0));
    // Where every register is full there is no upper bound: as many as make them so.
    let sum = sum.max(m * super::inverse_power(HIGHEST as u8));
    // 1 / (2 ln 2)
    core::f64::consts::LOG2_E / 2.0 * m * m / sum
}

/// `x + Σ x^(2^k) · 2^(k−1)`, for a share `x` below 1 of registers that are empty.
fn of_empty(mut x: f64) -> f64 {
    let (mut weight, mut sum) = (1.0, x);
    // After 30 squarings even the largest share below 1 that 2²¹ registers can have is 0.
    for _ in 0..64 {
        x *= x;
        let before = sum;
        sum += x * weight;
        weight += weight;
        if sum == before {
            break;
        }
    }
    sum
}

/// `(1 − x − Σ (1 − x^(2^−k))² · 2^−k) / 3`, for the share `x` of registers below the highest value.
fn of_full(mut x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return 0.0;
    }
    let (mut weight, mut sum) = (1.0, 1.0 - x);
    for _ in 0..64 {
        x = num::sqrt(x);
        let before = sum;
        weight *= 0.5;
        sum -= (1.0 - x) * (1.0 - x) * weight;
        if sum == before {
            break;
        }
    }
    sum / 3.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_is_zero_and_the_fullest_is_finite() {
        assert_eq!((of_registers(&[0; 16]), of_coupons(0)), (0.0, 0.0));
        for value in [1, 31, 62, 63, 255] {
            let estimate = of_registers(&[value; 16]);
            assert!(estimate > 0.0 && estimate.is_finite(), "{value}: {estimate}");
        }
    }

    #[test]
    fn one_register_in_use_is_about_one_item() {
        let mut registers = [0; 1024];
        registers[5] = 3;
        assert!((of_registers(&registers) - 1.0).abs() < 0.001);
    }
}
