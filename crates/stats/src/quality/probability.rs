use crate::{Error, num};

/// How near to 0 and 1 a probability may be in a logarithm, as scikit-learn: 2⁻⁵².
const CLIP: f64 = f64::EPSILON;

/// What the losses of probabilities of the positive class sum up to, in 40 bytes, mergeable.
///
/// # Examples
/// ```
/// use tidegate_stats::quality::ProbabilityLoss;
/// let mut loss = ProbabilityLoss::default();
/// loss.push(true, 0.5)?;
/// loss.push(false, 1.0)?;
/// assert_eq!(loss.brier(), Some((0.25 + 1.0) / 2.0));
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ProbabilityLoss {
    count: u64,
    log: num::Sum,
    squared: num::Sum,
}

impl ProbabilityLoss {
    /// Adds one prediction. O(1).
    ///
    /// # Errors
    /// * [`crate::ErrorKind::NotFinite`], [`crate::ErrorKind::OutOfRange`]: the value is no
    ///   probability. Nothing is added then.
    pub fn push(&mut self, label: bool, probability: f64) -> Result<(), Error> {
        super::check_probability(probability)?;
        self.count += 1;
        self.log.add(log_loss_of_one(label, probability));
        self.squared.add(squared_gap(label, probability));
        Ok(())
    }

    /// Adds all that `other` has seen, as if its predictions had been pushed here, up to rounding.
    pub fn merge(&mut self, other: &Self) {
        self.count = self.count.saturating_add(other.count);
        self.log.merge(other.log);
        self.squared.merge(other.squared);
    }

    /// The number of predictions.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// As [`log_loss`]; `None` when there is no prediction.
    #[must_use]
    pub fn log_loss(&self) -> Option<f64> {
        (self.count > 0).then(|| self.log.value() / self.count as f64)
    }

    /// As [`brier`]; `None` when there is no prediction.
    #[must_use]
    pub fn brier(&self) -> Option<f64> {
        (self.count > 0).then(|| self.squared.value() / self.count as f64)
    }
}

/// Log loss of probabilities of the positive class: `−mean(y ln p + (1 − y) ln(1 − p))`, in nats.
///
/// # Arguments
/// * `labels`: whether each is a positive, shape `[n]`, `n ≥ 1`.
/// * `probabilities`: of being positive, shape `[n]`, each in `[0, 1]`. They are clipped to
///   `[2⁻⁵², 1 − 2⁻⁵²]`, without which one certain mistake would make the loss infinite: it weighs
///   36.04 instead.
///
/// # Returns
/// At least 2.2e-16, at most 36.05; `ln 2` for a model that always says ½.
///
/// # Errors
/// * [`crate::ErrorKind::ShapeMismatch`]: the lengths differ.
/// * [`crate::ErrorKind::EmptySample`]: there is no prediction.
/// * [`crate::ErrorKind::NotFinite`], [`crate::ErrorKind::OutOfRange`]: a value is no probability.
///
/// # Numerics
/// O(n), no allocation, a compensated sum. `ln(1 − p)` is taken without cancellation, so a loss below
/// 1e-9 has more right digits than the oracle's.
///
/// # Examples
/// ```
/// use tidegate_stats::quality;
/// let loss = quality::log_loss(&[true, false], &[0.5, 0.5])?;
/// assert!((loss - core::f64::consts::LN_2).abs() < 1e-15);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Good (1952), <https://doi.org/10.1111/j.2517-6161.1952.tb00104.x>. Oracle:
/// `sklearn.metrics.log_loss`.
pub fn log_loss(labels: &[bool], probabilities: &[f64]) -> Result<f64, Error> {
    mean_loss(labels, probabilities, log_loss_of_one)
}

/// Brier score of probabilities of the positive class: `mean((p − y)²)`, in `[0, 1]`; 0 is best, and ¼
/// is what a model that always says ½ gets.
///
/// # Arguments
/// * `labels`: whether each is a positive, shape `[n]`, `n ≥ 1`.
/// * `probabilities`: of being positive, shape `[n]`, each in `[0, 1]`.
///
/// # Errors
/// As [`log_loss`].
///
/// # Numerics
/// O(n), no allocation, a compensated sum.
///
/// # Examples
/// ```
/// use tidegate_stats::quality;
/// assert_eq!(quality::brier(&[true, false], &[0.5, 1.0])?, (0.25 + 1.0) / 2.0);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Brier (1950), <https://doi.org/10.1175/1520-0493(1950)078%3C0001:VOFEIT%3E2.0.CO;2>. Oracle:
/// `sklearn.metrics.brier_score_loss`.
pub fn brier(labels: &[bool], probabilities: &[f64]) -> Result<f64, Error> {
    mean_loss(labels, probabilities, squared_gap)
}

fn log_loss_of_one(label: bool, p: f64) -> f64 {
    let p = p.clamp(CLIP, 1.0 - CLIP);
    if label { -num::ln(p) } else { -num::ln_1p(-p) }
}

const fn squared_gap(label: bool, p: f64) -> f64 {
    let gap = if label { 1.0 - p } else { p };
    gap * gap
}

fn mean_loss(
    labels: &[bool],
    probabilities: &[f64],
    loss: fn(bool, f64) -> f64,
) -> Result<f64, Error> {
    super::check_pairs(labels.len(), probabilities.len())?;
    let mut sum = num::Sum::default();
    for (label, p) in labels.iter().zip(probabilities) {
        sum.add(loss(*label, super::check_probability(*p)?));
    }
    Ok(sum.value() / labels.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn certainty_is_clipped() {
        let right = log_loss(&[true, false], &[1.0, 0.0]).unwrap();
        assert!((right / f64::EPSILON - 1.0).abs() < 1e-12);
        // 52 ln 2.
        let wrong = log_loss(&[true, false], &[0.0, 1.0]).unwrap();
        assert!((wrong - 36.043_653_389_117_15).abs() < 1e-12);
        assert_eq!(brier(&[true, false], &[0.0, 1.0]).unwrap(), 1.0);
    }

    #[test]
    fn sums_say_what_the_functions_say() {
        let (labels, p) = ([true, false, true], [0.9, 0.2, 0.0]);
        let mut loss = ProbabilityLoss::default();
        assert_eq!((loss.log_loss(), loss.brier()), (None, None));
        for (label, p) in labels.iter().zip(p) {
            loss.push(*label, p).unwrap();
        }
        assert_eq!(loss.log_loss(), Some(log_loss(&labels, &p).unwrap()));
        assert_eq!(loss.brier(), Some(brier(&labels, &p).unwrap()));
        assert_eq!(loss.push(true, 1.5).unwrap_err().kind(), ErrorKind::OutOfRange);
        assert_eq!((loss.count(), size_of::<ProbabilityLoss>()), (3, 40));
    }

    #[test]
    fn a_small_loss_keeps_its_digits() {
        // −ln(1 − p) = p + p²/2 + …
        let loss = log_loss(&[false; 3], &[1e-15; 3]).unwrap();
        assert!((loss / 1e-15 - 1.0).abs() < 1e-14, "{loss:e}");
    }

    #[test]
    fn refuses_what_is_no_probability() {
        for score in [log_loss, brier] {
            let kind = |labels: &[bool], p: &[f64]| score(labels, p).unwrap_err().kind();
            assert_eq!(kind(&[], &[]), ErrorKind::EmptySample);
            assert_eq!(kind(&[true], &[0.5, 0.5]), ErrorKind::ShapeMismatch);
            assert_eq!(kind(&[true], &[f64::NAN]), ErrorKind::NotFinite);
            assert_eq!(kind(&[true], &[1.0_f64.next_up()]), ErrorKind::OutOfRange);
            assert_eq!(kind(&[true], &[-1e-300]), ErrorKind::OutOfRange);
        }
    }
}
