use alloc::vec::Vec;

use super::{Measured, Signal, SignalRule, checked_sizes, least, ln_all_in};
use crate::order::sort_by;
use crate::table::Table;
use crate::{Error, ErrorKind, num};

/// Whether more of the current rows are of categories that the reference lacks than chance puts there.
///
/// If both samples come from one distribution, each split of all `N = n + m` rows into them is equally
/// likely. A category of `c` rows is then new with probability `ρ = C(m, c) / C(N, c)`, so that
/// `Σ c·ρ / m` of the current rows are expected to be. These events are negatively associated, so the
/// number `T` of new rows is bounded as a sum of independent ones is:
/// `P(T ≥ t) ≤ min over θ ≥ 0 of e^(−θt) Π (1 + ρ (e^(θc) − 1))`.
///
/// # Arguments
/// * `reference`: rows by category, shape `[k]`, at least one row in all.
/// * `current`: rows of the same categories, at least one in all. Every category of either sample is there.
/// * `rule`: alpha and the excess that matters.
///
/// # Returns
/// `share` is that of the current rows in categories without a row of the reference. `p_value` is the bound:
/// never below the probability, and above it by a small factor. `detectable_effect` is the share of the
/// smallest single category that could not be new by chance, 1 where there is none.
///
/// # Errors
/// * [`ErrorKind::ShapeMismatch`]: the lengths differ.
/// * [`ErrorKind::EmptySample`]: a sample has no row.
/// * [`ErrorKind::OutOfRange`]: the counts sum to more than 2⁶⁴, or a field of `rule` is outside its range.
///
/// # Numerics
/// Categories of one size are one term; the bound's θ is found by 64 halvings. O(k log k), one allocation.
/// Relative error of the bound below 1e-10 down to 1e-300.
///
/// # Examples
/// ```
/// use tidegate_stats::{Verdict, signal::{SignalRule, new_categories}};
/// let signal = new_categories(&[600, 400, 0], &[500, 400, 100], &SignalRule::default())?;
/// assert_eq!((signal.share, signal.verdict), (0.1, Verdict::Drift));
/// // Two rows of two categories, one in each sample: each is new in half of the splits.
/// let signal = new_categories(&[1, 0], &[0, 1], &SignalRule::default())?;
/// assert!((signal.expected_share - 1.0).abs() < 1e-15);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Joag-Dev & Proschan (1983), "Negative association of random variables with applications",
/// <https://doi.org/10.1214/aos/1176346079>, section 3; Chernoff (1952). Oracle: the formula in mpmath, and a
/// simulation of the splits in numpy. Evidently and TFDV call any new category drift, however small the reference.
pub fn new_categories(
    reference: &[u64],
    current: &[u64],
    rule: &SignalRule,
) -> Result<Signal, Error> {
    let rule = rule.checked()?;
    let table = Table::try_new(reference, current)?;
    let totals = table.totals();
    let sizes = checked_sizes(totals[0], totals[1])?;
    of_classes(&classes(table.counts(), sizes), new_rows(table.counts()), sizes, &rule)
}

/// Whether more of the reference's rows are of categories that the current sample lacks than chance puts
/// there: [`new_categories`], seen from the other side.
///
/// # Arguments
/// As [`new_categories`].
///
/// # Returns
/// As [`new_categories`], every share being one of the reference's rows.
///
/// # Errors
/// As [`new_categories`].
///
/// # Numerics
/// As [`new_categories`].
///
/// # Examples
/// ```
/// use tidegate_stats::{Verdict, signal::{SignalRule, vanished_categories}};
/// let signal = vanished_categories(&[900, 100], &[1000, 0], &SignalRule::default())?;
/// assert_eq!((signal.share, signal.verdict), (0.1, Verdict::Drift));
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// As [`new_categories`].
pub fn vanished_categories(
    reference: &[u64],
    current: &[u64],
    rule: &SignalRule,
) -> Result<Signal, Error> {
    new_categories(current, reference, rule)
}

/// New and vanished categories where some of the current rows are of categories without a name: what a bounded count
/// of categories keeps.
///
/// Whatever categories those rows are of, they are new where all of a category are in the current sample, so no
/// more of them than are in it row by row. Rows that are each a category of its own thus have the largest bound, and
/// are what [`new_categories`] is given in their place.
///
/// # Arguments
/// * `reference`: rows by category, shape `[k]`, at least one row in all.
/// * `current`: rows of the same categories.
/// * `unnamed`: current rows of categories that the reference lacks, beside those of `current`; at least one row in all.
/// * `rule`: alpha and the excess that matters.
///
/// # Returns
/// [`new_categories`] and [`vanished_categories`], in this order: the same where `unnamed` is 0, else with a
/// `p_value` and an `expected_share` that are no lower than they would be with all names.
///
/// # Errors
/// As [`new_categories`].
///
/// # Numerics
/// As [`new_categories`], twice; `unnamed` is one term.
///
/// # Examples
/// ```
/// use tidegate_stats::{Verdict, signal::{SignalRule, new_and_vanished_categories}};
/// let rule = SignalRule::default();
/// let [new, vanished] = new_and_vanished_categories(&[600, 400], &[500, 400], 100, &rule)?;
/// assert_eq!((new.share, new.verdict), (0.1, Verdict::Drift));
/// // Of a hundred rows that are each a category, 50 are expected to be in each half.
/// assert!((new.expected_share - 0.05).abs() < 1e-12);
/// assert_eq!((vanished.share, vanished.verdict), (0.0, Verdict::NoDrift));
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// As [`new_categories`]. Oracle: the same formula in mpmath.
pub fn new_and_vanished_categories(
    reference: &[u64],
    current: &[u64],
    unnamed: u64,
    rule: &SignalRule,
) -> Result<[Signal; 2], Error> {
    let rule = rule.checked()?;
    if reference.len() != current.len() {
        return Err(Error::new(ErrorKind::ShapeMismatch, "current, against the reference,"));
    }
    let total = |counts: &[u64], more: u64| {
        let sum = counts.iter().try_fold(more, |sum, &count| sum.checked_add(count));
        sum.ok_or(Error::new(ErrorKind::OutOfRange, "the number of rows in a sample"))
    };
    let sizes = checked_sizes(total(reference, 0)?, total(current, unnamed)?)?;
    let [n, m] = sizes;
    let counts = || reference.iter().copied().zip(current.iter().copied());
    let turned = || counts().map(|(one, other)| (other, one));
    let single = |is_new: bool, sizes: [u64; 2]| {
        let ln_chance = ln_all_in(1, sizes);
        (unnamed > 0).then_some(Class { rows: 1.0, is_new, categories: unnamed as f64, ln_chance })
    };
    let mut of_new = classes(counts(), sizes);
    of_new.extend(single(true, [m, n]));
    let mut of_vanished = classes(turned(), [m, n]);
    of_vanished.extend(single(false, [n, m]));
    Ok([
        of_classes(&of_new, new_rows(counts()) + unnamed, sizes, &rule)?,
        of_classes(&of_vanished, new_rows(turned()), [m, n], &rule)?,
    ])
}

/// How much of what comes is of categories that a sample has not shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UnseenMass {
    /// Good and Turing's estimate, in `[0, 1]`: the share of the rows whose category has no other row.
    pub estimate: f64,
    /// What the mass does not exceed, with probability of at least one minus alpha, in `[0, 1]`.
    pub upper: f64,
}

/// The probability that the next row is of a category that the reference has not shown.
///
/// With `n` rows, of which `f` are the only ones of their category, the estimate is `f / n`, and the bound
/// `f / n + (2√2 + √3) √(ln(3/α) / n)`.
///
/// # Arguments
/// * `reference`: rows by category, at least one row in all.
/// * `alpha`: the accepted probability that the mass is above `upper`, in `(0, 1)`.
///
/// # Returns
/// Shares. The bound holds for every distribution, so it is wide: it is below 1 from some 90 rows on.
///
/// # Errors
/// * [`ErrorKind::EmptySample`]: there is no row.
/// * [`ErrorKind::OutOfRange`]: the counts sum to more than 2⁶⁴, or `alpha` is no probability.
///
/// # Numerics
/// One pass, no allocation.
///
/// # Examples
/// ```
/// use tidegate_stats::signal::unseen_mass;
/// let mass = unseen_mass(&[9_000, 900, 98, 1, 1], 0.05)?;
/// assert!((mass.estimate - 0.0002).abs() < 1e-15);
/// assert!((mass.upper - 0.0925).abs() < 5e-5);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Good (1953), <https://doi.org/10.1093/biomet/40.3-4.237>; McAllester & Schapire (2000), "On the convergence
/// rate of Good-Turing estimators", COLT, theorem 3. Oracle: the formula in mpmath.
pub fn unseen_mass(reference: &[u64], alpha: f64) -> Result<UnseenMass, Error> {
    let rule = SignalRule { alpha, ..SignalRule::default() }.checked()?;
    let rows = reference.iter().try_fold(0_u64, |sum, &count| sum.checked_add(count));
    let rows = match rows {
        Some(0) => return Err(Error::new(ErrorKind::EmptySample, "the reference")),
        Some(rows) => rows as f64,
        None => return Err(Error::new(ErrorKind::OutOfRange, "the number of rows in a sample")),
    };
    let single = reference.iter().filter(|count| **count == 1).count() as f64;
    let estimate = single / rows;
    let factor = num::sqrt(8.0) + num::sqrt(3.0);
    let width = factor * num::sqrt(num::ln(3.0 / rule.alpha) / rows);
    Ok(UnseenMass { estimate, upper: (estimate + width).min(1.0) })
}

/// Current rows of categories without a row of the reference: no more than there are current rows.
fn new_rows(counts: impl Iterator<Item = (u64, u64)>) -> u64 {
    counts.filter(|(old, _)| *old == 0).map(|(_, count)| count).sum()
}

/// The signal of so many new rows, from the classes of all categories.
fn of_classes(
    classes: &[Class],
    new: u64,
    [n, m]: [u64; 2],
    rule: &SignalRule,
) -> Result<Signal, Error> {
    let mut expected = num::Sum::default();
    for class in classes {
        expected.add(class.categories * class.rows * num::exp(class.ln_chance));
    }
    let expected_share = (expected.value() / m as f64).min(1.0);
    let effect = (new as f64 / m as f64 - expected_share).max(0.0);
    let ln_alpha = num::ln(rule.alpha);
    let fewest = least(m, |count| ln_all_in(count, [m, n]) <= ln_alpha);
    rule.conclude(&Measured {
        counts: [new, m],
        expected_share,
        p_value: if effect > 0.0 { num::exp(ln_bound(classes)).min(1.0) } else { 1.0 },
        effect,
        detectable_effect: fewest.map_or(1.0, |count| count as f64 / m as f64),
    })
}

/// The categories of one size that are new, or those that are not.
struct Class {
    rows: f64,
    is_new: bool,
    /// How many categories.
    categories: f64,
    /// Logarithm of the probability that such a category is new by chance.
    ln_chance: f64,
}

fn classes(counts: impl Iterator<Item = (u64, u64)>, [n, m]: [u64; 2]) -> Vec<Class> {
    let mut sizes: Vec<(u64, bool)> = counts
        .map(|(reference, current)| (reference.saturating_add(current), reference == 0))
        .filter(|(size, _)| (1..=m).contains(size))
        .collect();
    sort_by(&mut sizes, Ord::cmp);
    let same = sizes.chunk_by(|one, other| one == other);
    let of = |class: &[(u64, bool)]| {
        let (size, is_new) = *class.first()?;
        let ln_chance = ln_all_in(size, [m, n]);
        Some(Class { rows: size as f64, is_new, categories: class.len() as f64, ln_chance })
    };
    same.filter_map(of).collect()
}

/// The largest θ that is tried: where it would be larger, all categories that may be new are.
const LARGEST_THETA: f64 = 1000.0;
/// From here on `1 − ρ` is nothing beside `ρ e^(θc)`, but for its first order.
const LARGE: f64 = 30.0;

/// Logarithm of the bound on the probability of as many new rows as there are.
fn ln_bound(classes: &[Class]) -> f64 {
    let [mut low, mut high] = [0.0, LARGEST_THETA];
    for _ in 0..64 {
        let theta = low + (high - low) / 2.0;
        if slope(classes, theta) < 0.0 {
            low = theta;
        } else {
            high = theta;
        }
    }
    // Any θ gives a bound.
    let mut sum = num::Sum::default();
    for class in classes {
        sum.add(class.categories * class.ln_factor(high));
    }
    sum.value()
}

/// The derivative of the bound's logarithm, which rises.
fn slope(classes: &[Class], theta: f64) -> f64 {
    let mut sum = num::Sum::default();
    for class in classes {
        // How likely such a category is to be new when rows that are new weigh e^θ, less whether it is.
        let weight = theta * class.rows + class.ln_chance;
        let against = -num::exp_m1(class.ln_chance) * num::exp(-weight);
        let excess = if class.is_new { -against / (1.0 + against) } else { 1.0 / (1.0 + against) };
        sum.add(
            class.categories
                * class.rows
                * if against.is_finite() { excess } else { class.least() },
        );
    }
    sum.value()
}

impl Class {
    /// Its part of the slope where it cannot be new by chance.
    const fn least(&self) -> f64 {
        if self.is_new { -1.0 } else { 0.0 }
    }

    /// `ln (1 + ρ (e^(θc) − 1))`, less `θc` for those that are new: then nothing large cancels.
    fn ln_factor(&self, theta: f64) -> f64 {
        let exponent = theta * self.rows;
        let weight = exponent + self.ln_chance;
        if weight > LARGE {
            let rest = num::ln_1p(-num::exp_m1(self.ln_chance) * num::exp(-weight));
            return rest + if self.is_new { self.ln_chance } else { weight };
        }
        let less = if exponent < 1.0 {
            num::exp(self.ln_chance) * num::exp_m1(exponent)
        } else {
            num::exp(weight) - num::exp(self.ln_chance)
        };
        num::ln_1p(less) - if self.is_new { exponent } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;
    use crate::Verdict;

    fn of(reference: &[u64], current: &[u64]) -> Signal {
        new_categories(reference, current, &SignalRule::default()).unwrap()
    }

    #[test]
    fn one_new_category_is_as_likely_as_a_split_that_makes_it_so() {
        // C(10, 5) / C(20, 5) = 252 / 15504, and the others cannot be new.
        let signal = of(&[10, 0], &[5, 5]);
        assert!((signal.p_value / (252.0 / 15_504.0) - 1.0).abs() < 1e-12, "{signal:?}");
        assert!((signal.expected_share - 0.5 * 252.0 / 15_504.0).abs() < 1e-15);
        assert_eq!(signal.share, 0.5);
        // Where all that can be new is, it is their product: both within one half.
        let both = of(&[1000, 0, 0], &[800, 100, 100]);
        let one = crate::fisher_exact::ln_probability(100, 100, [1000, 1000]);
        assert!((num::ln(both.p_value) / (2.0 * one) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn rare_categories_come_and_go_by_chance() {
        // Identifiers: every row is a category of its own.
        let identifiers = of(&[1, 1, 1, 1, 0, 0, 0, 0], &[0, 0, 0, 0, 1, 1, 1, 1]);
        assert!((identifiers.expected_share - 1.0).abs() < 1e-14 && identifiers.effect < 1e-14);
        assert!(identifiers.p_value > 1.0 - 1e-12);
        // One row in a thousand of a category that a reference of 50 has missed.
        assert_ne!(of(&[50, 0], &[999, 1]).verdict, Verdict::Drift);
    }

    #[test]
    fn what_vanished_is_what_is_new_from_the_other_side() {
        let (one, other) = ([50, 30, 20, 0], [70, 40, 0, 10]);
        let rule = SignalRule::default();
        let vanished = vanished_categories(&one, &other, &rule).unwrap();
        assert_eq!(vanished, of(&other, &one));
        assert_eq!(vanished.share, 0.2);
        assert_eq!(vanished.verdict, Verdict::Drift);
    }

    #[test]
    fn rows_without_names_are_no_surer_than_with_them() {
        let rule = SignalRule::default();
        let part = |reference: &[u64], current: &[u64], unnamed: u64| {
            new_and_vanished_categories(reference, current, unnamed, &rule).unwrap()
        };
        // One category, five, or fifteen of fifteen rows: all are that count.
        let [new, _] = part(&[1800, 600], &[220, 65], 15);
        for others in [vec![15], vec![3; 5], vec![1; 15]] {
            let reference = [vec![1800, 600], vec![0; others.len()]].concat();
            let named = of(&reference, &[vec![220, 65], others].concat());
            assert!(named.p_value <= new.p_value * (1.0 + 1e-9), "{named:?} {new:?}");
            assert!(named.expected_share <= new.expected_share * (1.0 + 1e-12));
        }
        assert_eq!((new.share, new.verdict), (0.05, Verdict::Drift));
        // Each of fifteen rows is in the ninth that is current.
        assert!((new.p_value / num::exp(-15.0 * num::ln(9.0)) - 1.0).abs() < 1e-12, "{new:?}");
        // Of a window of many more rows than the reference has, names say more.
        let [rows, _] = part(&[600, 400], &[200_000, 152_800], 14_400);
        let [one, _] = part(&[600, 400, 0], &[200_000, 152_800, 14_400], 0);
        assert_eq!([rows, one].map(|it| it.verdict), [Verdict::NoDrift, Verdict::Drift]);
    }

    #[test]
    fn where_all_have_names_both_signals_are_those_of_one_side() {
        let rule = SignalRule::default();
        let (reference, current) = ([500, 30, 1, 0], [480, 0, 2, 20]);
        let [new, vanished] = new_and_vanished_categories(&reference, &current, 0, &rule).unwrap();
        assert_eq!(new, of(&reference, &current));
        assert_eq!(vanished, vanished_categories(&reference, &current, &rule).unwrap());
        assert_eq!([new, vanished].map(|it| it.verdict), [Verdict::Drift; 2]);
        let kind = |reference: &[u64], current: &[u64], unnamed| {
            let found = new_and_vanished_categories(reference, current, unnamed, &rule);
            found.unwrap_err().kind()
        };
        assert_eq!(kind(&[3, 1], &[3], 0), ErrorKind::ShapeMismatch);
        assert_eq!(kind(&[0], &[0], 3), ErrorKind::EmptySample);
        assert_eq!(kind(&[3], &[0], 0), ErrorKind::EmptySample);
        assert_eq!(kind(&[3], &[3], u64::MAX), ErrorKind::OutOfRange);
        let [all, _] = new_and_vanished_categories(&[3], &[0], u64::MAX / 2, &rule).unwrap();
        assert_eq!((all.share, all.verdict), (1.0, Verdict::InsufficientData));
    }

    #[test]
    fn nothing_new_is_no_drift_or_too_little_to_say() {
        let signal = of(&[600, 400], &[650, 350]);
        assert_eq!((signal.share, signal.p_value, signal.verdict), (0.0, 1.0, Verdict::NoDrift));
        assert_eq!(of(&[6, 4], &[6, 4]).verdict, Verdict::InsufficientData);
    }

    #[test]
    fn huge_counts_and_senseless_ones() {
        let billion = 1_000_000_000;
        let huge = of(&[billion, 0, 1], &[billion, billion, 0]);
        assert_eq!((huge.p_value, huge.verdict), (0.0, Verdict::Drift));
        let singles = of(&[billion, 0, 0, 0], &[billion, 1, 1, 1]);
        assert!(singles.p_value > 0.12 && singles.verdict == Verdict::NoDrift, "{singles:?}");
        let kind =
            |a: &[u64], b: &[u64]| new_categories(a, b, &SignalRule::default()).unwrap_err().kind();
        assert_eq!(kind(&[], &[]), ErrorKind::EmptySample);
        assert_eq!(kind(&[0], &[1]), ErrorKind::EmptySample);
        assert_eq!(kind(&[1], &[1, 2]), ErrorKind::ShapeMismatch);
        assert_eq!(kind(&[u64::MAX], &[1]), ErrorKind::OutOfRange);
        assert_eq!(unseen_mass(&[], 0.05).unwrap_err().kind(), ErrorKind::EmptySample);
        assert_eq!(unseen_mass(&[1], 1.0).unwrap_err().kind(), ErrorKind::OutOfRange);
        assert_eq!(unseen_mass(&[u64::MAX, 1], 0.1).unwrap_err().kind(), ErrorKind::OutOfRange);
        assert_eq!(unseen_mass(&[1], 0.1).unwrap(), UnseenMass { estimate: 1.0, upper: 1.0 });
    }
}
