//! Every method that needs no more than counts, by its name.

use crate::{
    Decision, Error, ErrorKind, Method, TwoSample, chi_square, cramers_v, fisher_exact, g_test,
    hellinger, jensen_shannon, kullback_leibler, l_infinity, psi, total_variation,
};

/// Compares two samples that were counted in the same bins or categories.
///
/// # Arguments
/// * `method`: one that does not need the values themselves, see [`Method::needs_values`].
/// * `reference`: counts, shape `[k]`, `k ≥ 1`.
/// * `current`: counts in the same bins.
/// * `decision`: alpha and the effect that matters.
///
/// # Returns
/// What the method's own module says.
///
/// # Errors
/// As the method, and [`ErrorKind::OutOfRange`] if it needs values.
///
/// # Numerics
/// As the method.
///
/// # Examples
/// ```
/// use tidegate_stats::{Decision, Method, counted, psi};
/// let (reference, current, decision) = ([50, 50], [60, 40], Decision::default());
/// let result = counted::two_sample(Method::Psi, &reference, &current, &decision)?;
/// assert_eq!(result, psi::two_sample(&reference, &current, &decision)?);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// As the method.
pub fn two_sample(
    method: Method,
    reference: &[u64],
    current: &[u64],
    decision: &Decision,
) -> Result<TwoSample, Error> {
    match method {
        Method::Psi => psi::two_sample(reference, current, decision),
        Method::JensenShannon => jensen_shannon::two_sample(reference, current, decision),
        Method::KullbackLeibler => kullback_leibler::two_sample(reference, current, decision),
        Method::Hellinger => hellinger::two_sample(reference, current, decision),
        Method::TotalVariation => total_variation::two_sample(reference, current, decision),
        Method::ChiSquare => chi_square::two_sample(reference, current, decision),
        Method::GTest => g_test::two_sample(reference, current, decision),
        Method::FisherExact => fisher_exact::two_sample(reference, current, decision),
        Method::CramersV => cramers_v::two_sample(reference, current, decision),
        Method::LInfinity => l_infinity::two_sample(reference, current, decision),
        _ => Err(Error::new(ErrorKind::OutOfRange, "a method for counts")),
    }
}

/// Compares two samples that were counted in bins between quantiles of the reference.
///
/// # Arguments
/// As [`two_sample`].
///
/// # Returns
/// As [`two_sample`], but for the methods whose module has a form of its own for such bins.
///
/// # Errors
/// As [`two_sample`].
///
/// # Numerics
/// As the method.
///
/// # Examples
/// ```
/// use tidegate_stats::{Decision, Method, chi_square, counted};
/// let (reference, current, decision) = ([50, 50], [60, 40], Decision::default());
/// let result =
///     counted::two_sample_on_quantiles(Method::ChiSquare, &reference, &current, &decision)?;
/// assert_eq!(result, chi_square::two_sample_on_quantiles(&reference, &current, &decision)?);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// As the method.
pub fn two_sample_on_quantiles(
    method: Method,
    reference: &[u64],
    current: &[u64],
    decision: &Decision,
) -> Result<TwoSample, Error> {
    match method {
        Method::ChiSquare => chi_square::two_sample_on_quantiles(reference, current, decision),
        Method::CramersV => cramers_v::two_sample_on_quantiles(reference, current, decision),
        _ => two_sample(method, reference, current, decision),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_on_counts_has_its_name_and_no_other() {
        for method in Method::ALL {
            let result = two_sample(method, &[60, 40], &[30, 70], &Decision::default());
            match result {
                Ok(result) => assert_eq!((result.method, method.needs_values()), (method, false)),
                Err(error) => {
                    assert!(method.needs_values(), "{method:?}: {error}");
                    assert_eq!(error.kind(), ErrorKind::OutOfRange);
                }
            }
        }
    }
}
