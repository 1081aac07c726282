use core::ops::Range;

use crate::{
    Error, num, special,
    walk::{Block, Pair},
};

/// A quadratic form in a Brownian bridge along a distribution, `Q = ∫ B(F(x))² w(x) dx`.
///
/// Such a form follows a shifted and scaled chi-square law with the same three cumulants closely
/// (Pearson 1959; Imhof 1961, <https://doi.org/10.1093/biomet/48.3-4.419>). With `ρ` the bridge's
/// correlations and `dq = F(1−F) w dx` they are `∫ dq`, `2 ∬ ρ²₍st₎ dq dq` and
/// `8 ∭ ρ₍st₎ ρ₍tu₎ ρ₍us₎ dq dq dq`. The bridge is a Markov process, so that for `s < t < u` its
/// correlations obey `ρ₍st₎ ρ₍tu₎ = ρ₍su₎`, and `ρ²₍su₎ = r₍s₎/r₍u₎` with the odds `r = F/(1−F)`: each
/// integral is a running sum.
#[derive(Debug, Default)]
pub(crate) struct BridgeForm {
    /// `Σ x`, with `x` the mean of each stretch on which `F` is constant.
    mean: num::Sum,
    second: num::Sum,
    third: num::Sum,
    /// Over the stretches so far: `Σ x r`, `Σ x² r`, and `Σ x r x′` over pairs in order.
    singles: f64,
    squares: f64,
    pairs: f64,
}

impl BridgeForm {
    /// Adds a stretch that has the mean `x` and the odds `r`. Stretches come in ascending order.
    pub(crate) fn add(&mut self, odds: f64, x: f64) {
        if x <= 0.0 {
            return;
        }
        let [singles, squares, pairs] = [self.singles, self.squares, self.pairs].map(|s| s / odds);
        self.mean.add(x);
        self.second.add(2.0 * x * (2.0 * singles + x));
        // All orders of three stretches, of which two or all may be the same.
        self.third.add(8.0 * x * (6.0 * pairs + 3.0 * squares + 3.0 * x * singles + x * x));
        self.pairs += x * self.singles;
        self.squares += x * x * odds;
        self.singles += x * odds;
    }

    /// The mean of the form.
    pub(crate) fn mean(&self) -> f64 {
        self.mean.value()
    }

    /// The variance of the form.
    pub(crate) fn variance(&self) -> f64 {
        self.second.value()
    }

    /// The chi-square law with the same three cumulants; `None` if `F` has one value only.
    fn law(&self) -> Option<Law> {
        let [mean, second, third] = [self.mean, self.second, self.third].map(num::Sum::value);
        if third <= 0.0 {
            return None;
        }
        let scale = third / (4.0 * second);
        let df = second / (2.0 * scale * scale);
        Some(Law { scale, df, shift: mean - scale * df })
    }

    /// What the form exceeds with probability `alpha`, `≥ 0`.
    pub(crate) fn point(&self, alpha: f64) -> Result<f64, Error> {
        let Some(Law { scale, df, shift }) = self.law() else { return Ok(0.0) };
        Ok((scale * special::chi_square_point(alpha, df)? + shift).max(0.0))
    }

    /// The probability that the form is at least `q`.
    pub(crate) fn tail(&self, q: f64) -> Result<f64, Error> {
        let Some(Law { scale, df, shift }) = self.law() else { return Ok(1.0) };
        special::chi_square_tail(((q - shift) / scale).max(0.0), df)
    }
}

/// `shift + scale · χ²`.
struct Law {
    scale: f64,
    df: f64,
    shift: f64,
}

/// The stretches of the number line on which both samples together are about as far along: between
/// neighbouring values where these are few, and in the tails; elsewhere some values at a time, over
/// which the odds of the distribution function change by less than [`GRAIN`]. A smooth integral over
/// them is off by about the square of that, and they are some thousand, whatever the samples' size.
#[derive(Debug)]
pub(crate) struct Stretches {
    rows: f64,
    /// The rows at which the open stretch ends.
    until: f64,
    width: f64,
    /// `∫ (rows below) dx` over the open stretch.
    moment: f64,
}

const GRAIN: f64 = 1.0 / 64.0;

/// A stretch that is done.
pub(crate) struct Stretch {
    /// Share of the rows below, `F`, and the rest, `1 − F`.
    pub below: f64,
    pub above: f64,
    pub width: f64,
}

impl Stretch {
    /// `F/(1−F)`.
    pub(crate) fn odds(&self) -> f64 {
        self.below / self.above
    }

    /// The bridge's variance, `F(1−F)`.
    pub(crate) fn variance(&self) -> f64 {
        self.below * self.above
    }
}

impl Stretches {
    pub(crate) fn of(pair: &Pair<'_>) -> Self {
        let [n, m] = pair.sizes();
        Self { rows: n + m, until: 0.0, width: 0.0, moment: 0.0 }
    }

    /// Takes a block in, and shows each stretch that it ends.
    pub(crate) fn add(&mut self, block: &Block, mut done: impl FnMut(&Stretch)) {
        let mut from = 0;
        while from < block.len() {
            let reached = block.first_reaching(self.until, from);
            self.go_on(block, from..reached);
            if reached < block.len() {
                self.end(&mut done);
                let [_, rows] = block.place_as_numbers(reached).rows();
                // Odds that are larger by the grain: r(1+ε) / (1 + r(1+ε)) of the rows.
                let odds = rows / (self.rows - rows) * (1.0 + GRAIN);
                self.until =
                    if rows < self.rows { self.rows * (odds / (1.0 + odds)) } else { rows };
                self.go_on(block, reached..reached + 1);
            }
            from = reached + 1;
        }
    }

    /// Makes the open stretch longer.
    fn go_on(&mut self, block: &Block, range: Range<usize>) {
        let [moment] = block.sums_over(range.clone(), |at| {
            [block.place_as_numbers(at).rows()[1] * block.width(at)]
        });
        self.moment += moment;
        self.width += block.span(range);
    }

    /// Shows the stretch that is open. The one after the last value has no width.
    fn end(&mut self, done: &mut impl FnMut(&Stretch)) {
        if self.width > 0.0 {
            let below = (self.moment / self.width / self.rows).min(1.0);
            done(&Stretch { below, above: 1.0 - below, width: self.width });
        }
        (self.width, self.moment) = (0.0, 0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(stretches: impl IntoIterator<Item = (f64, f64)>) -> BridgeForm {
        let mut form = BridgeForm::default();
        for (below, mean) in stretches {
            form.add(below / (100.0 - below), mean);
        }
        form
    }

    #[test]
    fn of_one_stretch_it_is_the_square_of_a_normal_variable() {
        let form = form([(50.0, 1.0)]);
        let point = form.point(0.05).unwrap();
        assert!((num::sqrt(point) - 1.959_963_984_540_054).abs() < 1e-12);
        assert!((form.tail(point).unwrap() - 0.05).abs() < 1e-14);
    }

    #[test]
    fn cutting_a_stretch_changes_nothing() {
        let whole = form([(10.0, 3.0), (40.0, 3.0), (90.0, 3.0)]);
        let cut =
            form([10.0, 40.0, 90.0].into_iter().flat_map(|below| [(below, 1.0), (below, 2.0)]));
        let (whole, cut) = (whole.point(0.01).unwrap(), cut.point(0.01).unwrap());
        assert!((whole / cut - 1.0).abs() < 1e-13);
    }

    #[test]
    fn of_the_uniform_distribution_it_is_the_limit_of_cramer_and_von_mises() {
        // ∫ B² exceeds 0.46136 with probability 0.05 and 0.74346 with 0.01 (Anderson & Darling 1952).
        let mut form = BridgeForm::default();
        for below in 1..2000 {
            let share = f64::from(below) / 2000.0;
            form.add(share / (1.0 - share), share * (1.0 - share) / 2000.0);
        }
        for (alpha, want) in [(0.05, 0.461_36), (0.01, 0.743_46)] {
            let got = form.point(alpha).unwrap();
            assert!((got / want - 1.0).abs() < 0.02, "{alpha}: {got}");
        }
    }

    #[test]
    fn of_one_value_it_is_zero() {
        assert_eq!(BridgeForm::default().point(0.05).unwrap(), 0.0);
        assert_eq!(BridgeForm::default().tail(0.0).unwrap(), 1.0);
    }
}
