use crate::{Error, num, special};

/// A bound on the integral of a Brownian bridge along a distribution, `L = ∫ |B(F(x))| dx`.
///
/// By the Cauchy-Schwarz inequality with the weight `g = √(F(1−F))`, the bridge's own standard
/// deviation,
///
/// `L ≤ √(J · Q)`,  `J = ∫ g dx`,  `Q = ∫ B(F)²/g dx`,
///
/// with equality where `F` has two values only. `Q` is a quadratic form in a Gaussian process, and
/// such a form follows a shifted and scaled chi-square law with the same three cumulants closely
/// (Pearson 1959; Imhof 1961, <https://doi.org/10.1093/biomet/48.3-4.419>). The cumulants are
/// `J`, `2 ∬ ρ²₍st₎ g₍s₎ g₍t₎` and `8 ∭ ρ₍st₎ ρ₍tu₎ ρ₍us₎ g₍s₎ g₍t₎ g₍u₎`. The bridge is a Markov
/// process, so that for `s < t < u` its correlations obey `ρ₍st₎ ρ₍tu₎ = ρ₍su₎`, and
/// `ρ²₍su₎ = r₍s₎/r₍u₎` with the odds `r = F/(1−F)`: each integral is a running sum.
#[derive(Debug, Default)]
pub(crate) struct BridgeNorm {
    /// `Σ x`, with `x = g · width` for each stretch on which `F` is constant.
    mean: num::Sum,
    second: num::Sum,
    third: num::Sum,
    /// Over the stretches so far: `Σ x r`, `Σ x² r`, and `Σ x r x′` over pairs in order.
    singles: f64,
    squares: f64,
    pairs: f64,
}

impl BridgeNorm {
    /// Adds a stretch of the given width, `below` rows being under it and `above` over it. Stretches
    /// come in ascending order.
    pub(crate) fn add(&mut self, below: f64, above: f64, width: f64) {
        let x = num::sqrt(below * above) / (below + above) * width;
        if x <= 0.0 {
            return;
        }
        let odds = below / above;
        let [singles, squares, pairs] = [self.singles, self.squares, self.pairs].map(|s| s / odds);
        self.mean.add(x);
        self.second.add(2.0 * x * (2.0 * singles + x));
        // All orders of three stretches, of which two or all may be the same.
        self.third.add(8.0 * x * (6.0 * pairs + 3.0 * squares + 3.0 * x * singles + x * x));
        self.pairs += x * self.singles;
        self.squares += x * x * odds;
        self.singles += x * odds;
    }

    /// What `L` exceeds with probability at most `alpha`; 0 if `F` has one value only.
    pub(crate) fn bound(&self, alpha: f64) -> Result<f64, Error> {
        let [mean, second, third] = [self.mean, self.second, self.third].map(num::Sum::value);
        if third <= 0.0 {
            return Ok(0.0);
        }
        let scale = third / (4.0 * second);
        let df = second / (2.0 * scale * scale);
        let shift = mean - scale * df;
        let quadratic = scale * special::chi_square_point(alpha, df)? + shift;
        Ok(num::sqrt(mean * quadratic.max(0.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_values_it_is_the_normal_distribution() {
        // B(½) has standard deviation ½, and |Z| exceeds 1.96 with probability 0.05.
        let mut norm = BridgeNorm::default();
        norm.add(50.0, 50.0, 2.0);
        assert!((norm.bound(0.05).unwrap() - 1.959_963_984_540_054).abs() < 1e-12);
    }

    #[test]
    fn cutting_a_stretch_changes_nothing() {
        let (mut whole, mut cut) = (BridgeNorm::default(), BridgeNorm::default());
        for below in [10.0, 40.0, 90.0] {
            whole.add(below, 100.0 - below, 3.0);
            cut.add(below, 100.0 - below, 1.0);
            cut.add(below, 100.0 - below, 0.5);
            cut.add(below, 100.0 - below, 1.5);
        }
        let (whole, cut) = (whole.bound(0.01).unwrap(), cut.bound(0.01).unwrap());
        assert!((whole / cut - 1.0).abs() < 1e-13);
    }

    #[test]
    fn of_the_uniform_distribution_it_is_just_above_the_tabulated_point() {
        // Johnson & Killeen (1983): ∫|B| exceeds 0.5821 with probability 0.05.
        let mut norm = BridgeNorm::default();
        for below in 1..2000 {
            norm.add(f64::from(below), f64::from(2000 - below), 1.0 / 2000.0);
        }
        let bound = norm.bound(0.05).unwrap();
        assert!(bound > 0.5821 && bound < 0.66, "{bound}");
    }

    #[test]
    fn of_one_value_it_is_zero() {
        assert_eq!(BridgeNorm::default().bound(0.05).unwrap(), 0.0);
    }
}
