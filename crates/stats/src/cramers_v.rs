//! Cramér's V of two samples, corrected for its bias, with the p-value of the chi-square test.
//!
//! The effect of [`crate::chi_square`] as a method of its own: its `statistic` is V, in `[0, 1]`, which
//! can be compared between columns of different sizes and numbers of categories, where Pearson's
//! statistic cannot. The verdict is the same. By custom 0.1 is a small effect, 0.3 a medium one.

use crate::{Decision, Error, Method, TwoSample, chi_square};

/// Compares two samples by the bias-corrected Cramér's V.
///
/// With shares `p`, `q`: `φ² = ½ Σ (pᵢ − qᵢ)² / (pᵢ + qᵢ)`, less its mean without drift,
/// `(k − 1) / (N − 1)`, and over the corrected `min(rows, columns) − 1`; V is the root.
/// `N = 4 / (1/n + 1/m)`, which is `n + m` for equal sizes.
///
/// # Arguments
/// * `reference`: counts, shape `[k]`, `k ≥ 1`.
/// * `current`: counts in the same categories.
/// * `decision`: alpha and the effect that matters.
///
/// # Returns
/// `statistic` and `effect` are V, in `[0, 1]`, on the table whose rare categories are merged as
/// [`chi_square::two_sample`] merges them; the other numbers are those of that test.
///
/// # Errors
/// As [`chi_square::two_sample`].
///
/// # Numerics
/// As [`chi_square::two_sample`].
///
/// # Examples
/// ```
/// use tidegate_stats::{Decision, Verdict, cramers_v};
/// let decision = Decision::default();
/// let result = cramers_v::two_sample(&[5000, 5000], &[7000, 3000], &decision)?;
/// // φ² = ½ (.04/1.2 + .04/.8) = 1/24, less 1/19999.
/// assert!((result.statistic - 0.204006).abs() < 1e-5);
/// assert_eq!(result.verdict, Verdict::Drift);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Bergsma (2013), <https://doi.org/10.1016/j.jkss.2012.10.002>.
pub fn two_sample(
    reference: &[u64],
    current: &[u64],
    decision: &Decision,
) -> Result<TwoSample, Error> {
    Ok(of_test(&chi_square::two_sample(reference, current, decision)?, decision))
}

/// Compares two samples by V on bins whose edges are quantiles of the reference.
///
/// # Arguments
/// As [`two_sample`], with counts between the reference's own quantiles.
///
/// # Returns
/// As [`two_sample`], with the p-value of [`chi_square::two_sample_on_quantiles`].
///
/// # Errors
/// As [`two_sample`].
///
/// # Numerics
/// As [`two_sample`].
///
/// # Examples
/// ```
/// use tidegate_stats::{Decision, chi_square, cramers_v};
/// let decision = Decision::default();
/// let (reference, current) = (&[50; 4][..], &[60, 40, 60, 40][..]);
/// let v = cramers_v::two_sample_on_quantiles(reference, current, &decision)?;
/// assert_eq!(v.effect, cramers_v::two_sample(reference, current, &decision)?.effect);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// As [`chi_square::two_sample_on_quantiles`].
pub fn two_sample_on_quantiles(
    reference: &[u64],
    current: &[u64],
    decision: &Decision,
) -> Result<TwoSample, Error> {
    Ok(of_test(&chi_square::two_sample_on_quantiles(reference, current, decision)?, decision))
}

/// The effect of a chi-square test as a method of its own.
fn of_test(test: &TwoSample, decision: &Decision) -> TwoSample {
    let mut result = TwoSample { method: Method::CramersV, statistic: test.effect, ..*test };
    result.verdict = decision.judge(&result, None);
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EffectFloor, Verdict};

    fn compare(reference: &[u64], current: &[u64]) -> TwoSample {
        two_sample(reference, current, &Decision::default()).unwrap()
    }

    #[test]
    fn is_the_effect_of_chi_square_with_its_p_value() {
        let (a, b) = (&[500, 300, 200][..], &[300, 300, 400][..]);
        let test = chi_square::two_sample(a, b, &Decision::default()).unwrap();
        let own = compare(a, b);
        assert_eq!(own.method, Method::CramersV);
        assert_eq!(
            (own.statistic, own.effect, own.p_value),
            (test.effect, test.effect, test.p_value)
        );
        assert_eq!(own.verdict, Verdict::Drift);
    }

    #[test]
    fn has_a_floor_of_its_own() {
        let floor = EffectFloor { cramers_v: 0.5, ..EffectFloor::default() };
        let decision = Decision { effect_floor: floor, ..Decision::default() };
        let (a, b) = (&[500, 300, 200][..], &[300, 300, 400][..]);
        assert_eq!(two_sample(a, b, &decision).unwrap().verdict, Verdict::NoDrift);
        assert_eq!(chi_square::two_sample(a, b, &decision).unwrap().verdict, Verdict::Drift);
    }

    #[test]
    fn runs_from_zero_to_one() {
        assert_eq!(compare(&[1, 2, 3], &[10, 20, 30]).effect, 0.0);
        assert!(compare(&[700, 0, 300], &[0, 500, 0]).effect > 0.999);
        assert_eq!(compare(&[1, 0], &[0, 1]).verdict, Verdict::InsufficientData);
    }
}
