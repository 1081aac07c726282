//! Corrections of p-values for looking at many columns at once.
//!
//! | procedure | what stays at or below `alpha` | when |
//! |---|---|---|
//! | [`benjamini_hochberg`] | the expected share of false ones among those called drifted | many columns, independent or rising together: the usual case |
//! | [`benjamini_yekutieli`] | the same | many columns, of which some fall when others rise |
//! | [`holm`] | the chance of even one false one | few tests, each of which somebody acts on |

use alloc::{vec, vec::Vec};

use crate::{Error, ErrorKind, num, order};

/// p-values adjusted by the Benjamini-Hochberg procedure.
///
/// With `p₍₁₎ ≤ … ≤ p₍ₙ₎`:  `adjusted₍ᵢ₎ = min over k ≥ i of  p₍ₖ₎ · n / k`, at most 1. Calling
/// the columns with an adjusted value `≤ alpha` drifted keeps the expected share of false ones among
/// them at or below `alpha`, for columns that are independent or positively dependent; for any other
/// dependence there is [`benjamini_yekutieli`].
///
/// # Arguments
/// * `p_values`: each in `[0, 1]`, in any order. May be empty.
///
/// # Returns
/// The adjusted values, in the order of the arguments, each in `[p, 1]`.
///
/// # Errors
/// [`ErrorKind::OutOfRange`]: a value is NaN or not in `[0, 1]`.
///
/// # Numerics
/// O(n log n), two allocations; two roundings a value.
///
/// # Examples
/// ```
/// let adjusted = tidegate_stats::multiple::benjamini_hochberg(&[0.5, 0.25, 0.125])?;
/// assert_eq!(adjusted, [0.5, 0.375, 0.375]); // 0.5·3/3, 0.25·3/2, 0.125·3/1
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Benjamini & Hochberg (1995), <https://doi.org/10.1111/j.2517-6161.1995.tb02031.x>. Oracle:
/// `scipy.stats.false_discovery_control(p, method="bh")`.
pub fn benjamini_hochberg(p_values: &[f64]) -> Result<Vec<f64>, Error> {
    step_up(p_values, p_values.len() as f64)
}

/// p-values adjusted by the Benjamini-Yekutieli procedure.
///
/// [`benjamini_hochberg`]'s values times `1 + 1/2 + … + 1/n`, at most 1. The expected share of false
/// ones among those called drifted is at or below `alpha` whatever the dependence of the columns,
/// negative too; the price is a factor of 2.9 for 10 columns and of 5.2 for 100. Columns that are
/// made of each other, such as the shares of a whole, fall when others rise: for them this is the one
/// to use.
///
/// # Arguments
/// * `p_values`: each in `[0, 1]`, in any order. May be empty.
///
/// # Returns
/// The adjusted values, in the order of the arguments, each in `[p, 1]`.
///
/// # Errors
/// [`ErrorKind::OutOfRange`]: a value is NaN or not in `[0, 1]`.
///
/// # Numerics
/// O(n log n), two allocations; three roundings a value and those of the sum.
///
/// # Examples
/// ```
/// let adjusted = tidegate_stats::multiple::benjamini_yekutieli(&[0.25, 0.125])?;
/// assert_eq!(adjusted, [0.375, 0.375]); // 0.25·(1 + 1/2), and 0.125·2·(1 + 1/2) is no less
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Benjamini & Yekutieli (2001), theorem 1.3, <https://doi.org/10.1214/aos/1013699998>. Oracle:
/// `statsmodels.stats.multitest.multipletests(p, method="fdr_by")`.
pub fn benjamini_yekutieli(p_values: &[f64]) -> Result<Vec<f64>, Error> {
    let smallest_first = (1..=p_values.len()).rev();
    let harmonic: num::Sum = smallest_first.map(|rank| 1.0 / rank as f64).collect();
    step_up(p_values, p_values.len() as f64 * harmonic.value())
}

/// The least, over what is not smaller, of a p-value times `tests` over its rank.
fn step_up(p_values: &[f64], tests: f64) -> Result<Vec<f64>, Error> {
    let order = ascending(p_values)?;
    let mut adjusted = vec![0.0; p_values.len()];
    let mut smallest = 1.0_f64;
    for (rank, &(column, p_value)) in order.iter().enumerate().rev() {
        smallest = smallest.min(p_value * (tests / (rank + 1) as f64));
        if let Some(slot) = adjusted.get_mut(column) {
            *slot = smallest;
        }
    }
    Ok(adjusted)
}

/// The p-values with their places, the smallest first.
fn ascending(p_values: &[f64]) -> Result<Vec<(usize, f64)>, Error> {
    if p_values.iter().any(|p| !(0.0..=1.0).contains(p)) {
        return Err(Error::new(ErrorKind::OutOfRange, "a p-value"));
    }
    let places = order::ascending(p_values);
    Ok(places.into_iter().map(|place| (place, p_values[place])).collect())
}

/// p-values adjusted by Holm's procedure.
///
/// With `p₍₁₎ ≤ … ≤ p₍ₙ₎`:  `adjusted₍ᵢ₎ = max over k ≤ i of  p₍ₖ₎ · (n − k + 1)`, at most 1.
/// Calling those with an adjusted value `≤ alpha` significant keeps the chance of even one false one
/// at or below `alpha`, whatever the dependence. For the few metrics of an experiment; for many
/// columns [`benjamini_hochberg`] misses less.
///
/// # Arguments
/// * `p_values`: each in `[0, 1]`, in any order. May be empty.
///
/// # Returns
/// The adjusted values, in the order of the arguments, each in `[p, 1]`.
///
/// # Errors
/// [`ErrorKind::OutOfRange`]: a value is NaN or not in `[0, 1]`.
///
/// # Numerics
/// O(n log n), two allocations; one rounding a value.
///
/// # Examples
/// ```
/// let adjusted = tidegate_stats::multiple::holm(&[0.5, 0.25, 0.125])?;
/// assert_eq!(adjusted, [0.5, 0.5, 0.375]); // 3/8, 2/4, 1/2
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Holm (1979), "A simple sequentially rejective multiple test procedure", Scandinavian Journal of
/// Statistics 6. Oracle: `statsmodels.stats.multitest.multipletests(p, method="holm")`.
pub fn holm(p_values: &[f64]) -> Result<Vec<f64>, Error> {
    let order = ascending(p_values)?;
    let mut adjusted = vec![0.0; p_values.len()];
    let mut largest = 0.0_f64;
    for (rank, &(column, p_value)) in order.iter().enumerate() {
        largest = largest.max(p_value * (p_values.len() - rank) as f64).min(1.0);
        if let Some(slot) = adjusted.get_mut(column) {
            *slot = largest;
        }
    }
    Ok(adjusted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holm_at_its_edges() {
        assert!(holm(&[]).unwrap().is_empty());
        assert_eq!(holm(&[0.0, 1.0]).unwrap(), [0.0, 1.0]);
        assert_eq!(holm(&[0.5, 0.75]).unwrap(), [1.0, 1.0]);
        for bad in [-0.1, 1.1, f64::NAN] {
            assert_eq!(holm(&[bad]).unwrap_err().kind(), ErrorKind::OutOfRange);
        }
    }

    #[test]
    fn benjamini_yekutieli_at_its_edges() {
        assert!(benjamini_yekutieli(&[]).unwrap().is_empty());
        assert_eq!(benjamini_yekutieli(&[0.3]).unwrap(), [0.3]);
        assert_eq!(benjamini_yekutieli(&[0.0, 1.0]).unwrap(), [0.0, 1.0]);
        assert_eq!(benjamini_yekutieli(&[0.75, 0.5]).unwrap(), [1.0, 1.0]);
        for bad in [-0.1, 1.1, f64::NAN] {
            assert_eq!(benjamini_yekutieli(&[bad]).unwrap_err().kind(), ErrorKind::OutOfRange);
        }
    }

    #[test]
    fn by_hand() {
        // n/k·p is 0.04, 0.08, 0.04, 0.04 from the smallest up; then the running minimum.
        let adjusted = benjamini_hochberg(&[0.04, 0.01, 0.03, 0.04]).unwrap();
        for (got, want) in adjusted.iter().zip([0.04, 0.04, 0.04, 0.04]) {
            assert!((got - want).abs() < 1e-15, "{adjusted:?}");
        }
    }

    #[test]
    fn edges() {
        assert!(benjamini_hochberg(&[]).unwrap().is_empty());
        assert_eq!(benjamini_hochberg(&[0.3]).unwrap(), [0.3]);
        assert_eq!(benjamini_hochberg(&[0.0, 1.0]).unwrap(), [0.0, 1.0]);
        for bad in [-0.1, 1.1, f64::NAN] {
            assert_eq!(benjamini_hochberg(&[bad]).unwrap_err().kind(), ErrorKind::OutOfRange);
        }
    }
}
