use alloc::{vec, vec::Vec};

use super::{Isotonic, shuffle::StratifiedSplits};
use crate::{
    Error, num, order,
    quality::{self, Ranking},
};

const SPLITS: usize = 10;
const BINS: usize = 10;
const SEED: u32 = 42;
/// Scores that separate the classes better than this are left alone.
const SEPARATED: f64 = 0.999;

/// Whether isotonic calibration makes probabilities mean more what they say.
///
/// Ten times the rows are split at random, stratified; a curve is fitted to nine tenths and tried on the
/// last. Over the ten tenths together, the expected calibration error (ECE) in ten bins of equal count
/// must be smaller after calibration than before.
///
/// # Arguments
/// * `labels`: whether each is a positive, shape `[n]`, `n ≥ 1`.
/// * `probabilities`: of being positive, shape `[n]`, each in `[0, 1]`.
///
/// # Returns
/// `false` also when all labels are the same, when the ROC area exceeds 0.999, or when there are fewer than
/// 11 rows, or one of a class, which cannot be split.
///
/// # Errors
/// * [`crate::ErrorKind::ShapeMismatch`]: the lengths differ.
/// * [`crate::ErrorKind::EmptySample`]: there is no row.
/// * [`crate::ErrorKind::NotFinite`], [`crate::ErrorKind::OutOfRange`]: a value is no probability.
///
/// # Numerics
/// O(n log n). The splits are those of the oracle, bit by bit (Mersenne Twister, seed 42), and so the
/// same on every host.
///
/// # Examples
/// ```
/// use tidegate_stats::estimate::needs_calibration;
/// // Probabilities that say a half less than they should.
/// let labels: Vec<bool> = (0..200).map(|row| row * 7 % 20 < row / 10).collect();
/// let p: Vec<f64> = (0..200).map(|row| f64::from(row / 10) / 40.0).collect();
/// assert!(needs_calibration(&labels, &p)?);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Oracle: `nannyml.calibration.needs_calibration`. DIFFERENCE: where equal probabilities fall into two
/// bins, the oracle parts them in the order of numpy's unstable sort, which is not the same on all
/// processors; here the sort is stable. It matters where the gain is small and ties are many: of 400 such
/// samples, with one or two decimals and 40 to 600 rows, the oracle decided 28 and 73 otherwise on two
/// other processors.
pub fn needs_calibration(labels: &[bool], probabilities: &[f64]) -> Result<bool, Error> {
    for p in probabilities {
        quality::check_probability(*p)?;
    }
    let area = Ranking::try_new(labels, probabilities)?.roc_auc();
    if area.is_none_or(|area| area > SEPARATED) {
        return Ok(false);
    }
    let Some(mut splits) = StratifiedSplits::new(labels, SEED) else { return Ok(false) };
    let of = |row: u32| {
        let row = row as usize;
        (probabilities.get(row).map_or(0.0, |p| p + 0.0), labels.get(row) == Some(&true))
    };
    let probabilities: Vec<f64> = (0..labels.len() as u32).map(|row| of(row).0).collect();
    let by_probability: Vec<u32> =
        order::ascending(&probabilities).into_iter().map(|row| row as u32).collect();

    let (mut raw, mut calibrated) = (Vec::new(), Vec::new());
    for _ in 0..SPLITS {
        let apart = splits.next_test_rows();
        let mut is_apart = vec![false; labels.len()];
        for row in &apart {
            if let Some(flag) = is_apart.get_mut(*row as usize) {
                *flag = true;
            }
        }
        let others =
            by_probability.iter().filter(|row| is_apart.get(**row as usize) == Some(&false));
        let curve = Isotonic::of_sorted(others.map(|row| of(*row)));
        for (p, label) in apart.into_iter().map(of) {
            raw.push((p, label));
            calibrated.push((curve.calibrate(p), label));
        }
    }
    Ok(calibration_error(&raw) > calibration_error(&calibrated))
}

/// The expected calibration error in bins of equal count, of which the last is larger.
fn calibration_error(rows: &[(f64, bool)]) -> f64 {
    let probabilities: Vec<f64> = rows.iter().map(|(p, _)| *p).collect();
    let places = order::ascending(&probabilities);
    let rows: Vec<(f64, bool)> = places.into_iter().map(|place| rows[place]).collect();
    let len = rows.len();
    let bins = if len <= 2 * BINS { len / 2 } else { BINS };
    let size = (len / bins.max(1)).max(1);
    let whole_bins = len / size;
    let mut error = num::Sum::default();
    for bin in 0..whole_bins {
        let end = if bin + 1 == whole_bins { len } else { (bin + 1) * size };
        let Some(bin) = rows.get(bin * size..end) else { continue };
        let positives = bin.iter().filter(|(_, label)| *label).count();
        let mut gap: num::Sum = bin.iter().map(|(p, _)| *p).collect();
        gap.add(-(positives as f64));
        error.add(gap.value().abs() / len as f64);
    }
    error.value()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn what_cannot_be_judged_is_left_alone() {
        let is_needed = |labels: &[bool], p: &[f64]| needs_calibration(labels, p).unwrap();
        assert!(!is_needed(&[true; 30], &[0.1; 30]), "one class");
        assert!(!is_needed(&[true, false], &[0.2, 0.3]), "two rows");
        let labels: Vec<bool> = (0..40).map(|row| row >= 20).collect();
        let p: Vec<f64> = (0..40).map(|row| f64::from(row) / 80.0).collect();
        assert!(!is_needed(&labels, &p), "separated");
    }

    #[test]
    fn refuses_what_is_no_probability() {
        let kind = |labels: &[bool], p: &[f64]| needs_calibration(labels, p).unwrap_err().kind();
        assert_eq!(kind(&[], &[]), ErrorKind::EmptySample);
        assert_eq!(kind(&[true], &[]), ErrorKind::ShapeMismatch);
        assert_eq!(kind(&[true], &[f64::NAN]), ErrorKind::NotFinite);
        assert_eq!(kind(&[true], &[1.1]), ErrorKind::OutOfRange);
    }

    #[test]
    fn the_last_bin_takes_the_rest() {
        // 25 rows: twelve bins of two, the last of three, each with a gap of ½ but for the last.
        let rows: Vec<(f64, bool)> = (0..25).map(|row| (f64::from(row) / 100.0, true)).collect();
        let mean_gap = 1.0 - 12.0 / 100.0;
        assert!((calibration_error(&rows) - mean_gap).abs() < 1e-15);
    }
}
