use crate::{Error, ErrorKind, num};

/// Log loss of the probabilities of many classes: `−mean(ln p₍label₎)`, in nats.
///
/// # Arguments
/// * `labels`: the actual classes, shape `[n]`, `n ≥ 1`, each below `classes`.
/// * `probabilities`: shape `[n, classes]`, row by row, each in `[0, 1]`. Rows are taken as they are,
///   whatever their sum; entries are clipped as in [`super::log_loss`].
/// * `classes`: `≥ 2`.
///
/// # Returns
/// At least 2.2e-16, at most 36.05; `ln k` for a model that always says `1/k`.
///
/// # Errors
/// * [`ErrorKind::ShapeMismatch`]: there are not `n · classes` probabilities.
/// * [`ErrorKind::EmptySample`]: there is no prediction.
/// * [`ErrorKind::NotFinite`], [`ErrorKind::OutOfRange`]: a value is no probability.
/// * [`ErrorKind::OutOfRange`]: a label is no class, or `classes` is below 2.
///
/// # Numerics
/// O(n k), no allocation, a compensated sum.
///
/// # Examples
/// ```
/// use tidegate_stats::quality;
/// let loss = quality::log_loss_of_classes(&[0, 2], &[0.5, 0.25, 0.25, 0.25, 0.25, 0.5], 3)?;
/// assert!((loss - core::f64::consts::LN_2).abs() < 1e-15);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Oracle: `sklearn.metrics.log_loss`.
pub fn log_loss_of_classes(
    labels: &[u32],
    probabilities: &[f64],
    classes: usize,
) -> Result<f64, Error> {
    mean_over_rows(labels, probabilities, classes, |_, p| {
        -num::ln(p.clamp(f64::EPSILON, 1.0 - f64::EPSILON))
    })
}

/// Brier score of the probabilities of many classes: the mean over the predictions of
/// `Σₖ (pₖ − yₖ)²`, where `yₖ` is 1 for the actual class and 0 for the others. In `[0, 2]` for rows
/// that sum to 1; 0 is best.
///
/// For two classes it is twice [`super::brier`], as Brier defined it.
///
/// # Arguments
/// As [`log_loss_of_classes`], but without clipping.
///
/// # Errors
/// As [`log_loss_of_classes`].
///
/// # Numerics
/// O(n k), no allocation, compensated sums.
///
/// # Examples
/// ```
/// use tidegate_stats::quality;
/// let score = quality::brier_of_classes(&[0, 1], &[0.75, 0.25, 0.5, 0.5], 2)?;
/// assert_eq!(score, (0.125 + 0.5) / 2.0);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Brier (1950), <https://doi.org/10.1175/1520-0493(1950)078%3C0001:VOFEIT%3E2.0.CO;2>, equation 2.
/// Oracle: `sklearn.metrics.brier_score_loss`.
pub fn brier_of_classes(
    labels: &[u32],
    probabilities: &[f64],
    classes: usize,
) -> Result<f64, Error> {
    mean_over_rows(labels, probabilities, classes, |row, actual| {
        let squares: num::Sum = row.iter().map(|p| p * p).collect();
        // All squares, but (1 − p)² in place of the actual one's p².
        (squares.value() + (1.0 - 2.0 * actual)).max(0.0)
    })
}

/// Share of the predictions whose actual class is among the `k` most probable ones, in `[0, 1]`.
///
/// Where a class ties with the actual one, that of the higher index counts as more probable.
///
/// # Arguments
/// As [`log_loss_of_classes`], and
/// * `k`: `≥ 1`.
///
/// # Errors
/// As [`log_loss_of_classes`], and
/// * [`ErrorKind::OutOfRange`]: `k` is 0.
///
/// # Numerics
/// O(n · classes), no allocation, exact but for one division.
///
/// # Examples
/// ```
/// use tidegate_stats::quality;
/// let probabilities = [0.5, 0.25, 0.25, 0.25, 0.0, 0.75];
/// assert_eq!(quality::top_k_accuracy(&[0, 0], &probabilities, 3, 1)?, 0.5);
/// assert_eq!(quality::top_k_accuracy(&[0, 0], &probabilities, 3, 2)?, 1.0);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Oracle: `sklearn.metrics.top_k_accuracy_score`.
pub fn top_k_accuracy(
    labels: &[u32],
    probabilities: &[f64],
    classes: usize,
    k: usize,
) -> Result<f64, Error> {
    if k == 0 {
        return Err(Error::new(ErrorKind::OutOfRange, "k, which must be at least 1,"));
    }
    check_shape(labels, probabilities, classes)?;
    let mut hits = 0_u64;
    for (label, row) in labels.iter().zip(probabilities.chunks_exact(classes)) {
        let actual = checked_row(*label, row)?;
        let label = *label as usize;
        let above = row
            .iter()
            .enumerate()
            .filter(|&(class, p)| *p > actual || (*p == actual && class > label))
            .count();
        hits += u64::from(above < k);
    }
    Ok(hits as f64 / labels.len() as f64)
}

fn mean_over_rows(
    labels: &[u32],
    probabilities: &[f64],
    classes: usize,
    loss: fn(&[f64], f64) -> f64,
) -> Result<f64, Error> {
    check_shape(labels, probabilities, classes)?;
    let mut sum = num::Sum::default();
    for (label, row) in labels.iter().zip(probabilities.chunks_exact(classes)) {
        sum.add(loss(row, checked_row(*label, row)?));
    }
    Ok(sum.value() / labels.len() as f64)
}

fn check_shape(labels: &[u32], probabilities: &[f64], classes: usize) -> Result<(), Error> {
    if classes < 2 {
        return Err(Error::new(ErrorKind::OutOfRange, "the number of classes"));
    }
    if labels.len().checked_mul(classes) != Some(probabilities.len()) {
        return Err(Error::new(ErrorKind::ShapeMismatch, "the table of probabilities"));
    }
    super::check_pairs(labels.len(), labels.len())
}

/// Refuses a table whose rows are no probabilities, or whose labels are no classes.
pub(crate) fn check_table(
    labels: &[u32],
    probabilities: &[f64],
    classes: usize,
) -> Result<(), Error> {
    check_shape(labels, probabilities, classes)?;
    for (label, row) in labels.iter().zip(probabilities.chunks_exact(classes)) {
        checked_row(*label, row)?;
    }
    Ok(())
}

/// The probability of the actual class, all of the row being probabilities.
fn checked_row(label: u32, row: &[f64]) -> Result<f64, Error> {
    for p in row {
        super::check_probability(*p)?;
    }
    row.get(label as usize).copied().ok_or(Error::new(ErrorKind::OutOfRange, "a class"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_classes_agree_with_the_form_for_two() {
        let labels = [1, 0, 1];
        let probabilities = [0.3, 0.7, 0.9, 0.1, 0.55, 0.45];
        let positive = [true, false, true];
        let of_positive = [0.7, 0.1, 0.45];
        let loss = log_loss_of_classes(&labels, &probabilities, 2).unwrap();
        assert!((loss - super::super::log_loss(&positive, &of_positive).unwrap()).abs() < 1e-15);
        let brier = brier_of_classes(&labels, &probabilities, 2).unwrap();
        let twice = 2.0 * super::super::brier(&positive, &of_positive).unwrap();
        assert!((brier - twice).abs() < 1e-15);
        assert_eq!(top_k_accuracy(&labels, &probabilities, 2, 1).unwrap(), 2.0 / 3.0);
        assert_eq!(top_k_accuracy(&labels, &probabilities, 2, 9).unwrap(), 1.0);
    }

    #[test]
    fn a_tie_goes_to_the_higher_class() {
        assert_eq!(top_k_accuracy(&[0], &[0.5, 0.5], 2, 1).unwrap(), 0.0);
        assert_eq!(top_k_accuracy(&[1], &[0.5, 0.5], 2, 1).unwrap(), 1.0);
    }

    #[test]
    fn refuses_what_is_no_table() {
        for score in [log_loss_of_classes, brier_of_classes] {
            let kind =
                |labels: &[u32], p: &[f64], classes| score(labels, p, classes).unwrap_err().kind();
            assert_eq!(kind(&[], &[], 2), ErrorKind::EmptySample);
            assert_eq!(kind(&[0], &[0.5], 2), ErrorKind::ShapeMismatch);
            assert_eq!(kind(&[0, 0], &[0.5; 4], usize::MAX), ErrorKind::ShapeMismatch);
            assert_eq!(kind(&[0], &[1.0], 1), ErrorKind::OutOfRange);
            assert_eq!(kind(&[2], &[0.5; 2], 2), ErrorKind::OutOfRange);
            assert_eq!(kind(&[0], &[0.5, f64::NAN], 2), ErrorKind::NotFinite);
        }
        assert_eq!(
            top_k_accuracy(&[0], &[0.5; 2], 2, 0).unwrap_err().kind(),
            ErrorKind::OutOfRange
        );
    }
}
