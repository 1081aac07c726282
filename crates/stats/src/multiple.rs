//! Corrections of p-values for looking at many columns at once.

use alloc::{vec, vec::Vec};

use crate::{Error, ErrorKind};

/// p-values adjusted by the Benjamini-Hochberg procedure.
///
/// With `p₍₁₎ ≤ … ≤ p₍ₙ₎`:  `adjusted₍ᵢ₎ = min over k ≥ i of  p₍ₖ₎ · n / k`, at most 1. Calling
/// the columns with an adjusted value `≤ alpha` drifted keeps the expected share of false ones among
/// them at or below `alpha`, for columns that are independent or positively dependent.
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
/// # References
/// Benjamini & Hochberg (1995), <https://doi.org/10.1111/j.2517-6161.1995.tb02031.x>. Oracle:
/// `scipy.stats.false_discovery_control(p, method="bh")`.
pub fn benjamini_hochberg(p_values: &[f64]) -> Result<Vec<f64>, Error> {
    if p_values.iter().any(|p| !(0.0..=1.0).contains(p)) {
        return Err(Error::new(ErrorKind::OutOfRange, "a p-value"));
    }
    let mut order: Vec<(usize, f64)> = p_values.iter().copied().enumerate().collect();
    order.sort_by(|a, b| a.1.total_cmp(&b.1));
    let count = p_values.len() as f64;
    let mut adjusted = vec![0.0; p_values.len()];
    let mut smallest = 1.0_f64;
    for (rank, &(column, p_value)) in order.iter().enumerate().rev() {
        smallest = smallest.min(p_value * (count / (rank + 1) as f64));
        if let Some(slot) = adjusted.get_mut(column) {
            *slot = smallest;
        }
    }
    Ok(adjusted)
}

#[cfg(test)]
mod tests {
    use super::*;

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
