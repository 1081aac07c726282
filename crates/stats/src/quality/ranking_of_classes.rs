use alloc::{vec, vec::Vec};

use super::{Average, Ranking};
use crate::{Error, ErrorKind, num};

/// Area under the ROC curve of the probabilities of many classes, each against all others.
///
/// # Arguments
/// * `labels`: the actual classes, shape `[n]`, `n ≥ 1`, each below `classes`.
/// * `probabilities`: shape `[n, classes]`, row by row, each in `[0, 1]`. Only their order within a
///   class matters, whatever a row sums to.
/// * `classes`: `≥ 2`.
/// * `average`: over the classes, [`Average::Weighted`] by how often each occurs; [`Average::Micro`]
///   ranks all `n · classes` probabilities as one list.
///
/// # Returns
/// In `[0, 1]`; ½ is chance. `None` when a class never occurs, or no other does: its area is
/// undefined, and leaving it out would change what the average means.
///
/// # Errors
/// As [`super::log_loss_of_classes`], and
/// * [`ErrorKind::OutOfRange`]: more probabilities of one ranking than [`crate::Sorted::MAX_LEN`].
///
/// # Numerics
/// O(n k log n). One class is held at a time, but for [`Average::Micro`].
///
/// # Examples
/// ```
/// use tidegate_stats::quality::{Average, roc_auc_one_against_rest};
/// let p = [0.8, 0.1, 0.1, 0.2, 0.5, 0.3, 0.4, 0.5, 0.1];
/// // Class 0 is ranked right; class 1 ties with a 2; class 2 is below a 1 and level with a 0.
/// let area = roc_auc_one_against_rest(&[0, 1, 2], &p, 3, Average::Macro)?;
/// assert!((area.unwrap() - (1.0 + 0.75 + 0.25) / 3.0).abs() < 1e-15);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Provost & Domingos (2003), <https://doi.org/10.1023/A:1024099825458>, for the weights. Oracle:
/// `sklearn.metrics.roc_auc_score(multi_class="ovr")`.
pub fn roc_auc_one_against_rest(
    labels: &[u32],
    probabilities: &[f64],
    classes: usize,
    average: Average,
) -> Result<Option<f64>, Error> {
    one_against_rest(labels, probabilities, classes, average, Ranking::roc_auc)
}

/// Average precision of the probabilities of many classes, each against all others.
///
/// # Arguments
/// As [`roc_auc_one_against_rest`].
///
/// # Returns
/// In `[0, 1]`; the share of a class is its chance. `None` when a class never occurs.
///
/// # Errors
/// As [`roc_auc_one_against_rest`].
///
/// # Numerics
/// As [`roc_auc_one_against_rest`].
///
/// # Examples
/// ```
/// use tidegate_stats::quality::{Average, average_precision_one_against_rest};
/// let p = [0.8, 0.2, 0.3, 0.7];
/// let precision = average_precision_one_against_rest(&[0, 1], &p, 2, Average::Macro)?;
/// assert_eq!(precision, Some(1.0));
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Oracle: `sklearn.metrics.average_precision_score` of the classes as indicators.
pub fn average_precision_one_against_rest(
    labels: &[u32],
    probabilities: &[f64],
    classes: usize,
    average: Average,
) -> Result<Option<f64>, Error> {
    one_against_rest(labels, probabilities, classes, average, Ranking::average_precision)
}

/// Area under the ROC curve of the probabilities of many classes, each pair of classes by itself.
///
/// Of the rows of two classes, the mean of the areas that either one's probability gives; then the mean
/// over the pairs. It does not depend on how often the classes occur, unless it is weighted.
///
/// # Arguments
/// As [`roc_auc_one_against_rest`], but
/// * `average`: over the pairs, [`Average::Weighted`] by how often either class occurs. There is no
///   [`Average::Micro`] of pairs.
///
/// # Returns
/// In `[0, 1]`; ½ is chance. `None` when a class never occurs.
///
/// # Errors
/// As [`roc_auc_one_against_rest`], and
/// * [`ErrorKind::OutOfRange`]: `average` is [`Average::Micro`].
///
/// # Numerics
/// O(n k log n), for each row is in `k − 1` pairs.
///
/// # Examples
/// ```
/// use tidegate_stats::quality::{Average, roc_auc_one_against_one};
/// let p = [0.8, 0.1, 0.1, 0.2, 0.5, 0.3, 0.4, 0.5, 0.1];
/// // The pairs (0, 1), (0, 2) and (1, 2) have (1 + 1)/2, (1 + ½)/2 and (½ + 0)/2.
/// let area = roc_auc_one_against_one(&[0, 1, 2], &p, 3, Average::Macro)?;
/// assert!((area.unwrap() - (1.0 + 0.75 + 0.25) / 3.0).abs() < 1e-15);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Hand & Till (2001), <https://doi.org/10.1023/A:1010920819831>, equation 7. Oracle:
/// `sklearn.metrics.roc_auc_score(multi_class="ovo")`.
pub fn roc_auc_one_against_one(
    labels: &[u32],
    probabilities: &[f64],
    classes: usize,
    average: Average,
) -> Result<Option<f64>, Error> {
    super::check_table(labels, probabilities, classes)?;
    if average == Average::Micro {
        return Err(Error::new(ErrorKind::OutOfRange, "the average over pairs"));
    }
    let mut rows_of = vec![Vec::new(); classes];
    for (row, label) in probabilities.chunks_exact(classes).zip(labels) {
        if let Some(rows) = rows_of.get_mut(*label as usize) {
            rows.push(row);
        }
    }
    if rows_of.iter().any(Vec::is_empty) {
        return Ok(None);
    }
    let mut mean = Mean::default();
    for (first, of_first) in rows_of.iter().enumerate() {
        for (second, of_second) in rows_of.iter().enumerate().skip(first + 1) {
            let mut sum = 0.0;
            for (class, of_class, others) in
                [(first, of_first, of_second), (second, of_second, of_first)]
            {
                let rows = of_class.iter().chain(others);
                let scores: Vec<f64> = rows.filter_map(|row| row.get(class).copied()).collect();
                let own: Vec<bool> = (0..scores.len()).map(|row| row < of_class.len()).collect();
                sum += Ranking::try_new(&own, &scores)?.roc_auc().unwrap_or(0.5);
            }
            mean.add(0.5 * sum, average, of_first.len() + of_second.len());
        }
    }
    Ok(mean.value())
}

fn one_against_rest(
    labels: &[u32],
    probabilities: &[f64],
    classes: usize,
    average: Average,
    area: fn(&Ranking) -> Option<f64>,
) -> Result<Option<f64>, Error> {
    super::check_table(labels, probabilities, classes)?;
    if average == Average::Micro {
        let of_all: Vec<bool> =
            labels.iter().flat_map(|label| (0..classes).map(|k| k == *label as usize)).collect();
        return Ok(area(&Ranking::try_new(&of_all, probabilities)?));
    }
    let mut mean = Mean::default();
    for class in 0..classes {
        let of_class: Vec<bool> = labels.iter().map(|label| *label as usize == class).collect();
        let scores: Vec<f64> = probabilities.iter().skip(class).step_by(classes).copied().collect();
        let ranking = Ranking::try_new(&of_class, &scores)?;
        let Some(area) = area(&ranking) else { return Ok(None) };
        mean.add(area, average, ranking.positives() as usize);
    }
    Ok(mean.value())
}

#[derive(Default)]
struct Mean {
    sum: num::Sum,
    weights: f64,
}

impl Mean {
    fn add(&mut self, value: f64, average: Average, occurrences: usize) {
        let weight = if average == Average::Weighted { occurrences as f64 } else { 1.0 };
        self.sum.add(weight * value);
        self.weights += weight;
    }

    fn value(&self) -> Option<f64> {
        (self.weights > 0.0).then(|| (self.sum.value() / self.weights).min(1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_that_never_occurs_has_no_area() {
        let p = [0.5, 0.3, 0.2, 0.2, 0.5, 0.3];
        for average in [Average::Macro, Average::Weighted] {
            assert_eq!(roc_auc_one_against_rest(&[0, 1], &p, 3, average).unwrap(), None);
            assert_eq!(roc_auc_one_against_one(&[0, 1], &p, 3, average).unwrap(), None);
            assert_eq!(average_precision_one_against_rest(&[0, 1], &p, 3, average).unwrap(), None);
        }
        // All six as one list: both occurrences are the highest.
        let micro = roc_auc_one_against_rest(&[0, 1], &p, 3, Average::Micro).unwrap();
        assert_eq!(micro, Some(1.0));
    }

    #[test]
    fn weights_are_occurrences() {
        // Class 0 thrice, its area 1; class 1 once: of two classes both areas are the same.
        let p = [0.9, 0.1, 0.8, 0.2, 0.4, 0.6, 0.5, 0.5];
        let of = |average| roc_auc_one_against_rest(&[0, 0, 1, 0], &p, 2, average).unwrap();
        assert_eq!((of(Average::Macro), of(Average::Weighted)), (Some(1.0), Some(1.0)));
    }

    #[test]
    fn refuses_what_is_no_table() {
        let kind = |labels: &[u32], p: &[f64], classes| {
            let errors = [
                roc_auc_one_against_rest(labels, p, classes, Average::Macro).unwrap_err(),
                roc_auc_one_against_one(labels, p, classes, Average::Macro).unwrap_err(),
                average_precision_one_against_rest(labels, p, classes, Average::Macro).unwrap_err(),
            ];
            assert!(errors.iter().all(|error| error.kind() == errors[0].kind()));
            errors[0].kind()
        };
        assert_eq!(kind(&[], &[], 2), ErrorKind::EmptySample);
        assert_eq!(kind(&[0], &[0.5], 2), ErrorKind::ShapeMismatch);
        assert_eq!(kind(&[0], &[0.5], 1), ErrorKind::OutOfRange);
        assert_eq!(kind(&[2], &[0.5; 2], 2), ErrorKind::OutOfRange);
        assert_eq!(kind(&[0], &[0.5, f64::INFINITY], 2), ErrorKind::NotFinite);
        let micro = roc_auc_one_against_one(&[0, 1], &[0.5; 4], 2, Average::Micro).unwrap_err();
        assert_eq!(micro.kind(), ErrorKind::OutOfRange);
    }
}
