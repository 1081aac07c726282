//! The exponential and the circular functions without a branch or a table, so that a compiler does
//! several at a time: a kernel matrix has some fifty million of them.

/// What brings an integer below 2⁵¹ into the last bits of a double, and rounds to it: `1.5 · 2⁵²`.
const SHIFT: f64 = 6_755_399_441_055_744.0;

/// `e^x` for `x ≤ 0`; 0 below −708, where the result would leave the normal doubles.
///
/// Within 1 ulp of the exact value. A positive or a NaN argument has no meaning here.
#[inline]
pub(crate) fn exp_of_negative(x: f64) -> f64 {
    // ln 2, its first part so short that a product with an exponent is exact.
    const LN2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
    const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    // 1/k! from k = 13 down to 2: the next term is below 2⁻⁵⁷ for |r| ≤ ½ ln 2.
    const COEFFICIENTS: [f64; 12] = [
        1.0 / 6_227_020_800.0,
        1.0 / 479_001_600.0,
        1.0 / 39_916_800.0,
        1.0 / 3_628_800.0,
        1.0 / 362_880.0,
        1.0 / 40_320.0,
        1.0 / 5_040.0,
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5,
    ];
    let shifted = x * core::f64::consts::LOG2_E + SHIFT;
    let k = shifted - SHIFT;
    let r = (x - k * LN2_HIGH) - k * LN2_LOW;
    let mut q = 0.0;
    for coefficient in COEFFICIENTS {
        q = q * r + coefficient;
    }
    let power = f64::from_bits((shifted.to_bits() << 52).wrapping_add(1023 << 52));
    let result = (1.0 + (r + r * r * q)) * power;
    if x < -708.0 { 0.0 } else { result }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponentials_are_within_a_unit_in_the_last_place() {
        let mut worst = 0_u64;
        for step in 0..200_000 {
            let x = -f64::from(step) * 3.54e-3;
            let want = libm::exp(x);
            worst = worst.max(exp_of_negative(x).to_bits().abs_diff(want.to_bits()));
        }
        // libm's own is within one unit too.
        assert!(worst <= 1, "{worst}");
    }

    #[test]
    fn exponentials_at_the_ends() {
        assert_eq!(exp_of_negative(0.0), 1.0);
        assert_eq!(exp_of_negative(-0.0), 1.0);
        assert_eq!(exp_of_negative(-5e-324), 1.0);
        for far in [-708.1, -1e308, f64::NEG_INFINITY] {
            assert_eq!(exp_of_negative(far), 0.0);
        }
        assert!(exp_of_negative(-708.0) > 0.0);
    }
}
