//! Anderson-Darling test on two or more samples of numbers.
//!
//! As [`crate::cramer_von_mises`] it adds up the squares of the gaps between empirical distribution
//! functions, but each divided by the variance that chance would give it. So the tails count as much
//! as the middle: of the tests by ranks it is the one for a change in the extremes.

mod asymptotic;
mod exact;
mod k_samples;
mod moments;
mod ties;

pub use asymptotic::asymptotic_p_value;
pub use exact::MAX_EXACT_LEN;
pub use k_samples::{KSamples, Variant, k_samples};

use crate::{
    Decision, Error, ErrorKind, Method, Sorted, TwoSample,
    decision::Measured,
    gap_squares::{self, Term},
    interval, num,
    outline::{Cell, Outline},
    walk::{Accumulate, Block, CAPACITY, Pair},
};

/// Compares two samples by the Anderson-Darling test, tied rows having their mean rank.
///
/// # Arguments
/// * `reference`, `current`: not empty, four rows together at least. Ties are fine.
/// * `decision`: alpha and the effect that matters.
///
/// # Returns
/// * `statistic`: Scholz and Stephens' criterion `A²` less its mean, 1, by its standard deviation, as
///   others publish it: about 0 without drift, 1.96 at a level of 5 %, without an upper end.
/// * `effect`: `√(mean of (F − G)² / 4H(1 − H))` over the rows of both, `H` being both samples
///   together: the root mean square gap, each gap weighted by what chance would make it, and by 1 in
///   the middle. 0 for equal distributions; of samples that are apart 0.62 at equal sizes, and more where
///   one is far smaller. Symmetric in the samples, unchanged by any strictly increasing transformation.
/// * `p_value`: exact up to [`MAX_EXACT_LEN`] rows in both together: of all ways to deal the rows to
///   the samples, ties and all, the share with a criterion at least as large. Beyond by
///   [`asymptotic_p_value`], of the statistic divided by how much ties widen it: with four rows in ten
///   alike by 28 %, without ties by nothing. (With ties others take the law that knows none, and see
///   drift in 7 to 8 % of such columns where 5 % is asked for.) Far out in the tail of a column with many
///   ties the exponent is no more than an order.
/// * `interval`: for the effect of the distributions with confidence `1 − alpha`, by its slopes (the
///   influence of each row), less the bias that chance gives it; `None` where a sample has one row.
/// * `detectable_effect`: what is just significant by the same distribution.
///
/// # Errors
/// * [`ErrorKind::EmptySample`]: a sample is empty.
/// * [`ErrorKind::OutOfRange`]: fewer than four rows, of which the criterion has no standard deviation;
///   `decision.alpha` is no probability.
///
/// # Numerics
/// O(n + m) after sorting, and some hundred cells for the interval. The gaps are whole numbers and all terms positive: relative
/// error of the criterion below 1e-13. The exact p-value takes some milliseconds at most.
///
/// # Examples
/// ```
/// use tidegate_stats::{Decision, Sorted, anderson_darling};
/// let reference = Sorted::try_new(vec![1.0, 2.0, 3.0])?;
/// let current = Sorted::try_new(vec![4.0, 5.0, 6.0])?;
/// let result = anderson_darling::two_sample(&reference, &current, &Decision::default())?;
/// // 2 of the 20 orders of three and three keep the samples apart.
/// assert_eq!(result.p_value, Some(0.1));
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Scholz & Stephens (1987), <https://doi.org/10.1080/01621459.1987.10478517>. Oracle for the statistic:
/// `scipy.stats.anderson_ksamp([reference, current])`.
pub fn two_sample(
    reference: &Sorted,
    current: &Sorted,
    decision: &Decision,
) -> Result<TwoSample, Error> {
    decision.checked_alpha()?;
    let pair = Pair::try_new(reference, current)?;
    let criterion = pair.walk(Criterion::of(&pair));
    criterion.conclude(&pair, Outline::of(&pair).as_ref(), decision)
}

/// The weighted gaps between both distribution functions.
#[derive(Debug)]
pub(crate) struct Criterion {
    rows: f64,
    /// The sum of [`exact::term`]s.
    terms: num::Sum,
    ties: ties::Ties,
}

impl Criterion {
    pub(crate) fn of(pair: &Pair<'_>) -> Self {
        let [n, m] = pair.sizes();
        Self { rows: n + m, terms: num::Sum::default(), ties: ties::Ties::of(n + m) }
    }

    pub(crate) fn conclude(
        &self,
        pair: &Pair<'_>,
        outline: Option<&Outline>,
        decision: &Decision,
    ) -> Result<TwoSample, Error> {
        let (counts, [n, m]) = (pair.counts(), pair.sizes());
        let rows = self.rows;
        let terms = self.terms.value();
        let criterion = terms / (n * m) * ((rows - 1.0) / rows);
        let (deviation, statistic) = normalise(criterion, &counts)?;
        let widening = self.ties.widening();
        let p_value = if counts[0] + counts[1] <= MAX_EXACT_LEN {
            exact::tail(
                &exact::ties([pair.reference.values(), pair.current.values()]),
                counts,
                terms,
            )
        } else {
            asymptotic_p_value(2, statistic / widening)
        };
        let effect = |criterion: f64| num::sqrt(criterion.max(0.0) * (rows / (4.0 * n * m)));
        let just_significant =
            1.0 + deviation * widening * asymptotic::asymptotic_point(2, decision.alpha);
        let interval = match outline {
            Some(outline) => {
                let scatter = gap_squares::scatter(outline, |cell| term(outline, cell));
                interval::of_root(effect(criterion), scatter, decision.alpha)?
            }
            None => None,
        };
        Ok(decision.conclude(Measured {
            method: Method::AndersonDarling,
            statistic,
            p_value: Some(p_value),
            effect: effect(criterion),
            interval,
            detectable_effect: effect(just_significant),
            counts,
        }))
    }
}

/// `h d² / (4H(1 − H) − h)`, as [`exact::term`]: `h` being the rows of a cell, `d` the gap and `H` both
/// samples together in its middle.
fn term(outline: &Outline, cell: &Cell) -> Term {
    let [f, g] = cell.middle();
    let (gap, along, rows) = (f - g, outline.together([f, g]), outline.together(cell.own()));
    let weight = 4.0 * along * (1.0 - along) - rows;
    if weight <= 0.0 {
        return Term {
            by_gap: 0.0,
            by_gap_at: 0.0,
            by_place: 0.0,
            by_rows: 0.0,
            curvature: [0.0; 2],
        };
    }
    let by_gap = 2.0 * rows * gap / weight;
    let square = gap * gap / weight;
    Term {
        by_gap,
        by_gap_at: by_gap / 2.0,
        by_place: -4.0 * (1.0 - 2.0 * along) * rows * square / weight,
        by_rows: square + rows * square / weight,
        curvature: [rows / weight / 4.0, rows / weight / 2.0],
    }
}

impl Accumulate for Criterion {
    fn add(&mut self, block: &Block) {
        self.ties.add(block);
        let rows = self.rows;
        if block.is_tied() {
            let [terms] = block
                .sums(|at| [exact::term(block.gaps(at), block.place_as_numbers(at).rows(), rows)]);
            self.terms.add(terms);
            return;
        }
        // Two terms by one division: a/v + b/w = (aw + bv)/vw.
        let half = if block.len() == CAPACITY { CAPACITY / 2 } else { 0 };
        let [before, _] = block.place_as_numbers(0).rows();
        let first = 2.0 * before + 1.0;
        let middle = |at: usize| first + f64::from(2 * at as i32);
        let [terms] = block.sums_over(0..half, |at| {
            let beyond = CAPACITY / 2 + at;
            let (a, v) = part(block.gaps(at), middle(at), rows);
            let (b, w) = part(block.gaps(beyond), middle(beyond), rows);
            [(a * w + b * v) / (v * w)]
        });
        let [last] = block.sums_over(2 * half..block.len(), |at| {
            let (square, weight) = part(block.gaps(at), middle(at), rows);
            [if weight > 0.0 { square / weight } else { 0.0 }]
        });
        self.terms.add(terms + last);
    }
}

/// The square and the weight of [`exact::term`] of a value that one row has.
#[inline(always)]
fn part([below, gap]: [f64; 2], middle: f64, rows: f64) -> (f64, f64) {
    let gap = below + gap;
    (gap * gap, middle * (2.0 * rows - middle) - rows)
}

/// The criterion's standard deviation without drift, and the normalised criterion.
fn normalise(criterion: f64, sizes: &[u64]) -> Result<(f64, f64), Error> {
    let few =
        Error::new(ErrorKind::OutOfRange, "the number of rows of all samples, four at least,");
    let deviation = moments::deviation(sizes).filter(|deviation| *deviation > 0.0).ok_or(few)?;
    let mean = sizes.len() as f64 - 1.0;
    Ok((deviation, (criterion - mean) / deviation))
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::Verdict;

    fn compare(reference: &[f64], current: &[f64]) -> TwoSample {
        let sorted = |values: &[f64]| Sorted::try_new(values.to_vec()).unwrap();
        two_sample(&sorted(reference), &sorted(current), &Decision::default()).unwrap()
    }

    #[test]
    fn equal_distributions_have_no_effect_in_whatever_numbers() {
        assert_eq!(compare(&[1.0, 2.0], &[1.0, 1.0, 2.0, 2.0]).effect, 0.0);
        let constant = compare(&[7.0; 400], &[7.0; 900]);
        assert_eq!((constant.effect, constant.verdict), (0.0, Verdict::NoDrift));
        assert_eq!(constant.p_value, Some(1.0));
    }

    #[test]
    fn samples_apart_have_the_largest_effect() {
        let low: Vec<f64> = (0..5000).map(f64::from).collect();
        let high: Vec<f64> = low.iter().map(|v| v + 9000.0).collect();
        let result = compare(&low, &high);
        // √(½ ∫ h/(1−h) dh) over both halves.
        let want = num::sqrt(2.0 * (num::ln(2.0) - 0.5));
        assert!((result.effect / want - 1.0).abs() < 1e-3, "{}", result.effect);
        assert!(result.p_value.unwrap() < 1e-300);
    }

    #[test]
    fn the_exact_p_value_meets_the_asymptotic_one() {
        let reference = [0.1, 1.0, 2.5, 3.0, 4.5, 5.0, 6.5, 7.0, 8.5, 9.0];
        for (shift, near) in [(0.2, 0.03), (2.2, 0.03), (4.2, 0.015), (6.2, 0.005)] {
            let result = compare(&reference, &reference.map(|value| value + shift));
            let asymptotic = asymptotic_p_value(2, result.statistic);
            assert!(
                (result.p_value.unwrap() - asymptotic).abs() < near,
                "{shift}: {result:?}, {asymptotic}"
            );
        }
    }

    #[test]
    fn little_data_clears_nothing() {
        let many: Vec<f64> = (0..2000).map(f64::from).collect();
        assert_eq!(compare(&many, &[1000.5]).verdict, Verdict::InsufficientData);
        assert_eq!(compare(&many, &many).verdict, Verdict::NoDrift);
        assert_eq!(compare(&many, &[5000.0; 20]).verdict, Verdict::Drift);
    }

    #[test]
    fn what_has_no_answer_is_refused() {
        let sorted = |values: &[f64]| Sorted::try_new(values.to_vec()).unwrap();
        for (reference, current, kind) in [
            (&[][..], &[1.0][..], ErrorKind::EmptySample),
            (&[1.0], &[], ErrorKind::EmptySample),
            (&[1.0], &[1.0, 2.0], ErrorKind::OutOfRange),
        ] {
            let result = two_sample(&sorted(reference), &sorted(current), &Decision::default());
            assert_eq!(result.unwrap_err().kind(), kind);
        }
    }
}
