//! Two-sample Cramér-von Mises test on numbers.
//!
//! The square of the gap between the two empirical distribution functions, summed over all rows. It
//! asks the same question as [`crate::kolmogorov_smirnov`], but of the whole curve instead of its one
//! worst place, and so sees a broad small change better.

mod asymptotic;
mod exact;

pub use asymptotic::asymptotic_p_value;
pub(crate) use asymptotic::{asymptotic_point, standardised};

use crate::{
    Decision, Error, Method, Sorted, TwoSample,
    decision::Measured,
    gap_squares::{self, Term},
    interval, num,
    outline::{Cell, Outline},
    walk::{Accumulate, Block, Pair},
};

/// Up to this many rows in the larger sample the p-value is the exact one.
pub const MAX_EXACT_LEN: u64 = 20;

/// Compares two samples by the Cramér-von Mises test.
///
/// # Arguments
/// * `reference`, `current`: not empty. Ties are fine.
/// * `decision`: alpha and the effect that matters.
///
/// # Returns
/// * `statistic`: Anderson's `T = nm/(n+m)² Σ (F − G)²` over the rows of both samples, by ranks,
///   `(n Σ (rᵢ − i)² + m Σ (sⱼ − j)²) / (nm(n+m)) − (4nm − 1) / (6(n+m))`, of which tied rows have
///   the mean, as others define it.
/// * `effect`: the root mean square gap, `√(Σ (F − G)² / (n+m))`, in `[0, 1]` (0.58 for large samples
///   that are apart), 0 where the distributions are equal. Tied rows share the step of their group
///   equally. Symmetric in the samples, unchanged by any strictly increasing transformation of the
///   values.
/// * `p_value`: of `nm/(n+m)` times the squared effect, which without ties is `T`. Exact where both
///   samples have at most [`MAX_EXACT_LEN`] rows, else [`asymptotic_p_value`]; with ties it errs
///   towards no drift.
/// * `interval`: for the effect of the distributions with confidence `1 − alpha`, by its slopes (the
///   influence of each row), less the bias that chance gives it; `None` where a sample has one row.
/// * `detectable_effect`: what is just significant by the asymptotic distribution, at most 1.
///
/// # Errors
/// * [`crate::ErrorKind::EmptySample`]: a sample is empty.
/// * [`crate::ErrorKind::OutOfRange`]: `decision.alpha` is no probability.
///
/// # Ties
/// With the mean of tied ranks, `T` itself is no measure of a difference: it grows with the ties
/// where the sizes are unequal. Of 1000 and 50 rows from one Poisson distribution of mean 0.3 it is
/// near 700, and `scipy` gives a p-value of 0. Hence the p-value from the shared steps.
///
/// # Numerics
/// O(n + m) after sorting. The statistic is a difference of two large terms, taken in whole numbers:
/// it is exact up to three roundings. The exact p-value takes some milliseconds at most.
///
/// # Examples
/// ```
/// use tidegate_stats::{Decision, Sorted, cramer_von_mises};
/// let reference = Sorted::try_new(vec![1.0, 2.0, 3.0])?;
/// let current = Sorted::try_new(vec![4.0, 5.0, 6.0])?;
/// let result = cramer_von_mises::two_sample(&reference, &current, &Decision::default())?;
/// // The gaps are 1/3, 2/3, 1, 2/3, 1/3 and 0: their squares add up to 19/9.
/// assert!((result.statistic - 9.0 / 36.0 * 19.0 / 9.0).abs() < 1e-15);
/// // 2 of the 20 orders of three and three keep the samples apart.
/// assert!((result.p_value.unwrap() - 0.1).abs() < 1e-15);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Anderson (1962), <https://doi.org/10.1214/aoms/1177704477>; Xiao, Gordon & Yakovlev (2006),
/// <https://doi.org/10.18637/jss.v017.i08>. Oracle:
/// `scipy.stats.cramervonmises_2samp(reference, current, method="auto")`.
pub fn two_sample(
    reference: &Sorted,
    current: &Sorted,
    decision: &Decision,
) -> Result<TwoSample, Error> {
    decision.checked_alpha()?;
    let pair = Pair::try_new(reference, current)?;
    pair.walk(Gaps::of(&pair)).conclude(&pair, Outline::of(&pair).as_ref(), decision)
}

/// The gaps between both distribution functions.
#[derive(Debug)]
pub(crate) struct Gaps {
    /// Whether the squares of ranks, a block of them added up, are below 2⁵³, and so exact.
    is_small: bool,
    /// `4 Σ (rᵢ − i)²` by sample: a row's rank among all, less the one in its own sample.
    displaced: [u128; 2],
    /// `Σ (nm(F − G))²` over the rows, tied ones sharing the step of their group.
    squares: num::Sum,
}

impl Gaps {
    pub(crate) fn of(pair: &Pair<'_>) -> Self {
        let is_small = pair.counts().into_iter().all(|count| count < 1 << 22);
        Self { is_small, displaced: [0; 2], squares: num::Sum::default() }
    }

    pub(crate) fn conclude(
        &self,
        pair: &Pair<'_>,
        outline: Option<&Outline>,
        decision: &Decision,
    ) -> Result<TwoSample, Error> {
        let [n, m] = pair.counts();
        let (pairs, rows) = ((n * m) as f64, (n + m) as f64);
        let mean_square = self.squares.value() / pairs / pairs / rows;
        let p_value = if n.max(m) <= MAX_EXACT_LEN {
            let unit = exact::lcm(n, m) as f64;
            // A whole number without ties, whatever the last digit says; with them, the one below.
            exact::tail(n, m, num::floor(mean_square * rows * unit * unit + 1e-6) as u64)
        } else {
            asymptotic_p_value(n, m, mean_square * (pairs / rows))
        };
        let noise = asymptotic::asymptotic_point(n, m, decision.alpha) * rows / pairs;
        let effect = num::sqrt(mean_square);
        let interval = match outline {
            Some(outline) => {
                let scatter = gap_squares::scatter(outline, |cell| term(outline, cell));
                interval::of_root(effect, scatter, decision.alpha)?.map(|found| found.at_most(1.0))
            }
            None => None,
        };
        Ok(decision.conclude(Measured {
            method: Method::CramerVonMises,
            statistic: self.criterion(n, m) as f64 / (12.0 * pairs * rows),
            p_value: Some(p_value),
            effect,
            interval,
            detectable_effect: num::sqrt(noise).min(1.0),
            counts: [n, m],
        }))
    }

    /// `12 nm(n+m) T`, which is an integer: `3 · 4U − 2nm(4nm − 1)`, U Anderson's, modulo 2¹²⁸, for the
    /// difference is far below that.
    fn criterion(&self, n: u64, m: u64) -> i128 {
        let [own, others] = self.displaced;
        let pairs = u128::from(n * m);
        let four_u =
            u128::from(n).wrapping_mul(own).wrapping_add(u128::from(m).wrapping_mul(others));
        let least = pairs.wrapping_mul(pairs.wrapping_mul(4).wrapping_sub(1)).wrapping_mul(2);
        four_u.wrapping_mul(3).wrapping_sub(least).cast_signed()
    }
}

/// `h (a² + ab + b²)/3`, the rows `h` of a cell sharing the step from the gap `a` to `b`.
fn term(outline: &Outline, cell: &Cell) -> Term {
    let [a, b] = [cell.below, cell.at].map(|[f, g]| f - g);
    let rows = outline.together(cell.own());
    Term {
        by_gap: rows * (a + b),
        by_gap_at: rows * (a + 2.0 * b) / 3.0,
        by_place: 0.0,
        by_rows: (a * a + a * b + b * b) / 3.0,
        curvature: [rows / 3.0, rows / 3.0],
    }
}

impl Accumulate for Gaps {
    fn add(&mut self, block: &Block) {
        if block.is_tied() {
            self.squares.add(block.sum(|at| {
                let [below, gap] = block.gaps(at);
                let [own, others] = block.place_as_numbers(at).own();
                shared(below, gap, own + others)
            }));
        } else {
            self.squares.add(block.sum(|at| {
                let [_, gap] = block.gaps(at);
                gap * gap
            }));
        }
        if self.is_small && !block.is_tied() {
            // A row of the one sample is moved by the rows of the other below it.
            let moved = |side: usize| {
                let rows = block.sum(|at| {
                    let place = block.place_as_numbers(at);
                    let below = place.below[1 - side];
                    (place.at[side] - place.below[side]) * (below * below)
                });
                4 * rows as u128
            };
            self.displaced[0] += moved(0);
            self.displaced[1] += moved(1);
            return;
        }
        for at in 0..block.len() {
            let place = block.place(at);
            let ([i, j], [own, others]) = (place.below, place.own());
            // The rows of the other sample below, and the tied ones by half; within a group the
            // ranks stay while the indices rise.
            self.displaced[0] += displaced(2 * j + others, own);
            self.displaced[1] += displaced(2 * i + own, others);
        }
    }
}

/// `4 Σ (rank − index)²` over `tied` rows that have one rank, `twice_below / 2` above their middle
/// index: `Σ (b − (2i − t − 1))² = t b² + (t³ − t)/3` over `1 ≤ i ≤ t`.
fn displaced(twice_below: u64, tied: u64) -> u128 {
    let (b, t) = (u128::from(twice_below), u128::from(tied));
    t * b * b + (t * t * t - t) / 3
}

/// `Σ (a + (b − a) k/t)²` over `1 ≤ k ≤ t`: the gap goes from `a` to `b` in `t` equal steps.
fn shared(a: f64, b: f64, t: f64) -> f64 {
    if t <= 1.0 {
        return b * b;
    }
    let climb = b - a;
    let linear = t * a * a + a * climb * (t + 1.0);
    (linear + climb * climb * (t + 1.0) * (2.0 * t + 1.0) / (6.0 * t)).max(0.0)
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::{ErrorKind, Verdict};

    fn compare(reference: &[f64], current: &[f64]) -> TwoSample {
        let sorted = |values: &[f64]| Sorted::try_new(values.to_vec()).unwrap();
        two_sample(&sorted(reference), &sorted(current), &Decision::default()).unwrap()
    }

    #[test]
    fn without_ties_the_statistic_is_the_scaled_effect() {
        let result = compare(&[0.3, 1.2, 5.0, 6.1, 7.0], &[0.1, 2.0, 3.0, 9.0]);
        let scaled = result.effect * result.effect * 20.0 / 9.0;
        assert!((result.statistic - scaled).abs() < 1e-15);
    }

    #[test]
    fn equal_distributions_have_no_effect_in_whatever_numbers() {
        assert_eq!(compare(&[1.0, 2.0], &[1.0, 1.0, 2.0, 2.0]).effect, 0.0);
        let constant = compare(&[7.0; 400], &[7.0; 900]);
        assert_eq!((constant.effect, constant.verdict), (0.0, Verdict::NoDrift));
    }

    #[test]
    fn ties_at_unequal_sizes_are_no_difference() {
        let reference: Vec<f64> = (0..1000).map(|row| f64::from(row % 10 / 8)).collect();
        let current: Vec<f64> = (0..50).map(|row| f64::from(row % 10 / 8)).collect();
        let result = compare(&reference, &current);
        assert_eq!((result.effect, result.p_value), (0.0, Some(1.0)));
        assert!(result.statistic > 100.0, "of tied ranks, the classic statistic is large");
    }

    #[test]
    fn little_data_clears_nothing() {
        let many: Vec<f64> = (0..2000).map(f64::from).collect();
        assert_eq!(compare(&many, &[1000.5]).verdict, Verdict::InsufficientData);
        assert_eq!(compare(&many, &many).verdict, Verdict::NoDrift);
        assert_eq!(compare(&many, &[5000.0; 20]).verdict, Verdict::Drift);
        assert_eq!(compare(&[1.0], &[2.0]).p_value, Some(1.0));
    }

    #[test]
    fn an_empty_sample_is_refused() {
        let (some, none) = (Sorted::try_new([1.0].into()).unwrap(), Sorted::default());
        for (reference, current) in [(&some, &none), (&none, &some)] {
            let error = two_sample(reference, current, &Decision::default()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::EmptySample);
        }
    }
}
