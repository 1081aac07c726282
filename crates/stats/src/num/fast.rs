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

/// Sine and cosine of an angle of at most 10⁶ radians, each within 2⁻⁵² of the exact value.
#[inline]
pub(crate) fn sin_cos_of_small(x: f64) -> (f64, f64) {
    // π/2 in three parts, the first two so short that a product with a count of turns is exact.
    const QUARTER: [f64; 3] = [
        f64::from_bits(0x3ff9_21fb_5440_0000),
        f64::from_bits(0x3dd0_b461_1a60_0000),
        2.022_266_248_795_950_7e-21,
    ];
    // (−1)ᵏ/(2k+1)! and (−1)ᵏ/(2k)!, from the highest down to k = 1.
    const SINE: [f64; 7] = [
        -1.0 / 1_307_674_368_000.0,
        1.0 / 6_227_020_800.0,
        -1.0 / 39_916_800.0,
        1.0 / 362_880.0,
        -1.0 / 5_040.0,
        1.0 / 120.0,
        -1.0 / 6.0,
    ];
    const COSINE: [f64; 8] = [
        1.0 / 20_922_789_888_000.0,
        -1.0 / 87_178_291_200.0,
        1.0 / 479_001_600.0,
        -1.0 / 3_628_800.0,
        1.0 / 40_320.0,
        -1.0 / 720.0,
        1.0 / 24.0,
        -0.5,
    ];
    let shifted = x * core::f64::consts::FRAC_2_PI + SHIFT;
    let turns = shifted - SHIFT;
    let r = ((x - turns * QUARTER[0]) - turns * QUARTER[1]) - turns * QUARTER[2];
    let square = r * r;
    let series = |coefficients: &[f64]| {
        let mut sum = 0.0;
        for coefficient in coefficients {
            sum = sum * square + coefficient;
        }
        sum * square
    };
    let sine = r + r * series(&SINE);
    let cosine = 1.0 + series(&COSINE);
    // An odd quarter turn swaps the two; the sine is negative in quarters 2 and 3, the cosine in 1 and 2.
    let quarter = shifted.to_bits();
    let (sine, cosine) = if quarter & 1 == 1 { (cosine, sine) } else { (sine, cosine) };
    let sign =
        |value: f64, quarter: u64| f64::from_bits(value.to_bits() ^ (quarter >> 1 & 1) << 63);
    (sign(sine, quarter), sign(cosine, quarter.wrapping_add(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sines_and_cosines_are_within_their_bound() {
        for step in -200_000..200_000 {
            for x in [f64::from(step) * 1e-4, f64::from(step) * 4.999_37] {
                let (sine, cosine) = sin_cos_of_small(x);
                assert!((sine - libm::sin(x)).abs() <= f64::EPSILON, "{x}");
                assert!((cosine - libm::cos(x)).abs() <= f64::EPSILON, "{x}");
            }
        }
        assert_eq!(sin_cos_of_small(0.0), (0.0, 1.0));
    }

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
