use core::f64::consts::{FRAC_PI_2, LN_2, PI};

use crate::{
    limit::{Limit, point},
    num, special,
};

/// Cap on the nodes of the quadrature; two samples take some dozens, a thousand samples some hundred.
const MAX_NODES: u32 = 20_000;
/// Degrees of freedom from which the limit is taken for normal.
const MANY: f64 = 1e6;
/// `Σ 1/(j(j+1))²`, half the limiting variance of two samples.
pub(super) const SUM_OF_SQUARES: f64 = PI * PI / 3.0 - 3.0;

/// Probability of a normalised statistic of at least `statistic` for large samples, if all come from
/// one distribution.
///
/// # Arguments
/// * `samples`: how many samples there are, `k ≥ 2`.
/// * `statistic`: the criterion less its mean, `k − 1`, by its standard deviation. NaN counts as
///   minus infinity.
///
/// # Returns
/// `P(A² ≥ k − 1 + σ · statistic)`, with `A² = Σ χ²ⱼ / (j(j+1))` over `j ≥ 1` the limiting variable,
/// the `χ²ⱼ` with `k − 1` degrees of freedom each, and `σ² = 2(k−1)(π²−9)/3` its variance; so that mean
/// and variance are those of the samples' sizes, as Scholz and Stephens do. 1 for fewer than two samples.
///
/// # Numerics
/// The characteristic function has a closed form, with which the tail itself (never one minus the
/// rest, where it is small) is an integral in the complex plane, taken through the saddle point along
/// a parabola: the trapezoid rule's error falls exponentially there. Relative error below 1e-12 down
/// to 1e-300, against mpmath, for some dozen samples, and 1e-10 for a thousand; beyond a million samples
/// the normal distribution's tail. No table is interpolated, and nothing is clipped.
///
/// # Examples
/// ```
/// // The published critical value of two samples at 5 % is 1.96.
/// let p_value = tidegate_stats::anderson_darling::asymptotic_p_value(2, 1.96);
/// assert!((p_value - 0.05).abs() < 5e-4);
/// ```
///
/// # References
/// Anderson & Darling (1952), <https://doi.org/10.1214/aoms/1177729437>, for the limit; Scholz &
/// Stephens (1987), <https://doi.org/10.1080/01621459.1987.10478517>, for `k` samples. Oracle: mpmath,
/// by Imhof's integral; `scipy.stats.anderson_ksamp` interpolates in a table of seven points, and clips
/// to `[0.001, 0.25]`.
#[must_use]
pub fn asymptotic_p_value(samples: u64, statistic: f64) -> f64 {
    if samples < 2 || statistic.is_nan() {
        return 1.0;
    }
    let df = (samples - 1) as f64;
    if df > MANY {
        return special::normal_tail(statistic);
    }
    limit(df, df + deviation(df) * statistic).tail.clamp(0.0, 1.0)
}

/// The normalised statistic that [`asymptotic_p_value`] gives the p-value `tail`.
pub(super) fn asymptotic_point(samples: u64, tail: f64) -> f64 {
    let df = samples.saturating_sub(1).max(1) as f64;
    let deviation = deviation(df);
    let high = df + deviation * (1500.0 + 40.0 * num::sqrt(df));
    let z = point(tail, [0.0, high], df + deviation, |z| limit(df, z));
    (z - df) / deviation
}

fn deviation(df: f64) -> f64 {
    num::sqrt(2.0 * df * SUM_OF_SQUARES)
}

/// The limiting variable of `df + 1` samples at `z`.
///
/// With `D(y) = Π (1 − y/(j(j+1))) = −cos(½π√(1+4y)) / (πy)` the tail is the integral of
/// `D(2s)^(−df/2) e^(−sz) / s` along any path from below to above the real axis, right of the pole at
/// 0 and left of the first singularity, at 1, over `2πi`; left of the pole it is the tail less 1.
fn limit(df: f64, z: f64) -> Limit {
    if z.is_nan() || z <= 0.0 {
        return Limit { tail: 1.0, density: 0.0 };
    }
    if z == f64::INFINITY {
        return Limit { tail: 0.0, density: 0.0 };
    }
    let saddle = saddle(df, z);
    let peak = num::sqrt(2.0 * df * sum_of_squares(2.0 * saddle));
    let spread = num::sqrt(2.0 * df * SUM_OF_SQUARES);
    let clear = (1.0 / spread).min(0.25);
    // Around the middle the path goes left of the pole, which it then need not come near.
    let is_left = z <= df + 2.0 * spread;
    let crossing = if is_left { saddle.min(-clear) } else { saddle.max(clear) };
    // s = focus + μ(u² − 1) + 2iμu: the two branches go to the right, where e^(−sz) falls. Around the
    // pole they are wider, and so better; but many samples have strong singularities to keep away from.
    let focus = if is_left && df <= 50.0 { 0.0 } else { 1.0 };
    let scale = focus - crossing;
    // How far the pole, or the singularities, are from the path, in u.
    let room = if focus > 0.0 { (1.0 / num::sqrt(scale) - 1.0).abs() } else { 1.0 };
    let step = (0.1_f64).min(0.18 * room).min(0.2 / (2.0 * scale * peak));
    let [mut tail, mut density] = [num::Sum::default(); 2];
    for node in 0..MAX_NODES {
        let u = (f64::from(node) + 0.5) * step;
        let s = Complex { re: focus + scale * (u * u - 1.0), im: 2.0 * scale * u };
        let ln_product = ln_product(s.times(2.0));
        let height = num::exp(-0.5 * df * ln_product.re - z * s.re);
        let angle = -0.5 * df * ln_product.im - z * s.im;
        let value = Complex { re: height * num::cos(angle), im: height * num::sin(angle) };
        // ds = 2μ(u + i) du; the other branch has the conjugate.
        let value = value.by(Complex { re: 2.0 * scale * u, im: 2.0 * scale });
        let over = value.over(s);
        density.add(value.im);
        tail.add(over.im);
        let small = |term: f64, sum: num::Sum| term.abs() <= 1e-18 * sum.value().abs();
        let [value, over] = [&value, &over].map(|c| c.re.abs() + c.im.abs());
        if (u > 1.0 || peak * scale * u > 4.0) && small(value, density) && small(over, tail) {
            break;
        }
    }
    let share = step / PI;
    let tail = share * tail.value() + if is_left { 1.0 } else { 0.0 };
    Limit { tail: tail.clamp(0.0, 1.0), density: (share * density.value()).max(0.0) }
}

/// Where the integrand is smallest on the real axis: `df Σ 1/(j(j+1) − 2s) = z`, to some digits.
fn saddle(df: f64, z: f64) -> f64 {
    // The first term alone; for large −s the sum is near π / √(−8s).
    let high = 1.0 - df / (2.0 * z);
    let [mut low, mut high] = [(-2.0 * (df / z) * (df / z)).min(high - 10.0), high];
    for _ in 0..60 {
        let middle = low + (high - low) / 2.0;
        if df * sum_of_inverses(2.0 * middle) < z {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

/// `Σ 1/(j(j+1) − y)` for `y < 2`.
fn sum_of_inverses(y: f64) -> f64 {
    if y.abs() < 1e-3 {
        return 1.0 + y * SUM_OF_SQUARES;
    }
    let square = 1.0 + 4.0 * y;
    if square.abs() < 1e-6 {
        return FRAC_PI_2 * PI + 1.0 / y;
    }
    let root = num::sqrt(square.abs());
    let angle = FRAC_PI_2 * root;
    if square > 0.0 {
        PI * num::sin(angle) / (num::cos(angle) * root) + 1.0 / y
    } else {
        let fall = num::exp(-2.0 * angle);
        PI * (1.0 - fall) / ((1.0 + fall) * root) + 1.0 / y
    }
}

/// `Σ 1/(j(j+1) − y)²` for `y < 2`, to some digits.
fn sum_of_squares(y: f64) -> f64 {
    let inverse = |j: f64| 1.0 / (j * (j + 1.0) - y);
    (1..64_u32).map(|j| inverse(j.into()) * inverse(j.into())).sum()
}

/// `ln D(y)` above the real axis, continuous from 0 on.
fn ln_product(y: Complex) -> Complex {
    // With w = ½π√(1+4y), also above the axis:  ln cos w = −iw − ln 2 + ln(1 + e^(2iw)).
    let root = Complex { re: 1.0 + 4.0 * y.re, im: 4.0 * y.im }.sqrt();
    let w = root.times(FRAC_PI_2);
    let fall = num::exp(-2.0 * w.im);
    let (cos, sin) = (num::cos(2.0 * w.re), num::sin(2.0 * w.re));
    let rest = Complex { re: 1.0 + fall * cos, im: fall * sin };
    let minus_y = Complex { re: -y.re, im: -y.im };
    Complex {
        re: w.im - LN_2 + rest.ln_abs() - minus_y.ln_abs() - num::ln(PI),
        im: -w.re + rest.angle() - minus_y.angle(),
    }
}

#[derive(Debug, Clone, Copy)]
struct Complex {
    re: f64,
    im: f64,
}

impl Complex {
    fn times(self, factor: f64) -> Self {
        Self { re: self.re * factor, im: self.im * factor }
    }

    fn by(self, other: Self) -> Self {
        Self {
            re: self.re * other.re - self.im * other.im,
            im: self.re * other.im + self.im * other.re,
        }
    }

    fn over(self, other: Self) -> Self {
        let square = other.re * other.re + other.im * other.im;
        self.by(Self { re: other.re, im: -other.im }).times(1.0 / square)
    }

    fn abs(self) -> f64 {
        num::sqrt(self.re * self.re + self.im * self.im)
    }

    fn ln_abs(self) -> f64 {
        0.5 * num::ln(self.re * self.re + self.im * self.im)
    }

    fn angle(self) -> f64 {
        num::atan2(self.im, self.re)
    }

    /// The root in the right half plane.
    fn sqrt(self) -> Self {
        let larger = num::sqrt(0.5 * (self.abs() + self.re.abs()));
        let other = self.im.abs() / (2.0 * larger);
        let (re, im) = if self.re >= 0.0 { (larger, other) } else { (other, larger) };
        Self { re, im: im.copysign(self.im) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_samples_have_the_tabulated_points() {
        // Anderson & Darling (1954), of the limiting variable.
        for (z, tail) in [(1.933, 0.1), (2.492, 0.05), (3.8781, 0.01)] {
            let got = limit(1.0, z).tail;
            assert!((got / tail - 1.0).abs() < 2e-3, "{z}: {got}");
        }
    }

    #[test]
    fn three_samples_are_a_sum_of_exponentials() {
        // With two degrees of freedom each: P = Σ c e^(−j(j+1)z/2), c by partial fractions, which are
        // (−1)^(j+1) (2j+1).
        for z in [0.5, 1.0, 2.0, 3.5, 6.0, 20.0, 200.0, 690.0] {
            let want: f64 = (1..60_i32)
                .map(|j| {
                    let sign = if j % 2 == 1 { 1.0 } else { -1.0 };
                    let j = f64::from(j);
                    sign * (2.0 * j + 1.0) * num::exp(-j * (j + 1.0) * z / 2.0)
                })
                .sum();
            let got = limit(2.0, z).tail;
            assert!((got / want - 1.0).abs() < 1e-12, "{z}: {got:e} and {want:e}");
        }
    }

    #[test]
    fn the_density_is_the_slope() {
        for df in [1.0, 3.0, 20.0] {
            for z in [0.4, 1.0, 2.2, 3.0, 10.0, 100.0].map(|z| z * df) {
                let (low, high) = (limit(df, z * (1.0 - 1e-5)), limit(df, z * (1.0 + 1e-5)));
                let slope = (low.tail - high.tail) / (2e-5 * z);
                let got = limit(df, z).density;
                assert!(
                    (got / slope - 1.0).abs() < 1e-4 || slope < 1e-9,
                    "{df}, {z}: {got:e} {slope:e}"
                );
            }
        }
    }

    #[test]
    fn both_paths_agree_where_they_meet() {
        for df in [1.0, 2.0, 5.0, 50.0, 1000.0] {
            let border = df + 2.0 * deviation(df);
            let (left, right) = (limit(df, border), limit(df, border * (1.0 + 1e-14)));
            let allowed = 1e-12 + 1e-13 * df;
            assert!((left.tail / right.tail - 1.0).abs() < allowed, "{df}: {left:?}, {right:?}");
        }
    }

    #[test]
    fn points_are_found_wherever_they_are() {
        for samples in [2, 3, 10, 200] {
            for tail in [1e-300, 1e-20, 0.05, 0.5, 0.99] {
                let point = asymptotic_point(samples, tail);
                let back = asymptotic_p_value(samples, point);
                assert!((back / tail - 1.0).abs() < 1e-8, "{samples}, {tail}: {back}");
            }
        }
    }

    #[test]
    fn edges() {
        assert_eq!(asymptotic_p_value(1, 5.0), 1.0);
        assert_eq!(asymptotic_p_value(2, f64::NAN), 1.0);
        assert_eq!(asymptotic_p_value(2, -1e300), 1.0);
        assert_eq!(asymptotic_p_value(2, 1e300), 0.0);
        assert_eq!(asymptotic_p_value(2, f64::INFINITY), 0.0);
        assert!(asymptotic_p_value(u64::MAX, 0.0) <= 1.0);
    }
}
