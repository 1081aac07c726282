use alloc::vec::Vec;

use super::{asymptotic_p_value, normalise};
use crate::{Error, ErrorKind, Sorted, num};

/// How tied rows count in the criterion of [`k_samples`]. Without ties, `Right` and `Continuous` are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Variant {
    /// By the middle of their group, equation 7 of Scholz and Stephens: for numbers that were rounded.
    #[default]
    Midrank,
    /// By the end of their group, equation 6: for columns that take a few values.
    Right,
    /// One after the other, equation 3, which knows no ties.
    Continuous,
}

/// What the test of several samples says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KSamples {
    /// The criterion less its mean, by its standard deviation.
    pub statistic: f64,
    /// The criterion `A²`, `≥ 0`; its mean is one less than there are samples.
    pub criterion: f64,
    /// Probability of a statistic at least as large, if all samples come from one distribution.
    pub p_value: f64,
}

/// Tests whether several samples come from one distribution, by Anderson and Darling's criterion.
///
/// # Arguments
/// * `samples`: two at least, none empty, four rows in all at least.
/// * `variant`: how tied rows count.
///
/// # Returns
/// The normalised statistic, and its p-value by [`asymptotic_p_value`]. On two samples and with
/// [`Variant::Midrank`] the statistic is that of [`super::two_sample`].
///
/// # Errors
/// * [`ErrorKind::ShapeMismatch`]: fewer than two samples.
/// * [`ErrorKind::EmptySample`]: a sample is empty.
/// * [`ErrorKind::OutOfRange`]: fewer than four rows in all, or more than [`Sorted::MAX_LEN`].
///
/// # Numerics
/// O(N log N) for the `N` rows of all samples, as much memory again, compensated sums.
///
/// # Examples
/// ```
/// use tidegate_stats::{Sorted, anderson_darling::{Variant, k_samples}};
/// let monday = Sorted::try_new(vec![1.0, 2.0, 4.0, 5.0])?;
/// let tuesday = Sorted::try_new(vec![1.5, 2.5, 4.5, 6.0])?;
/// let sunday = Sorted::try_new(vec![11.0, 12.0, 14.0, 15.0])?;
/// let of = |samples: &[&Sorted]| k_samples(samples, Variant::Midrank);
/// assert!(of(&[&monday, &tuesday])?.p_value > 0.5);
/// assert!(of(&[&monday, &tuesday, &sunday])?.p_value < 0.02);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Scholz & Stephens (1987), <https://doi.org/10.1080/01621459.1987.10478517>. Oracle for the statistic:
/// `scipy.stats.anderson_ksamp(samples, variant=...)`.
pub fn k_samples(samples: &[&Sorted], variant: Variant) -> Result<KSamples, Error> {
    if samples.len() < 2 {
        return Err(Error::new(ErrorKind::ShapeMismatch, "the list of samples, two at least,"));
    }
    for sample in samples {
        sample.non_empty("a sample")?;
    }
    let sizes: Vec<u64> = samples.iter().map(|sample| sample.len() as u64).collect();
    let pooled = Sorted::try_new(
        samples.iter().flat_map(|sample| sample.values()).copied().collect::<Vec<f64>>(),
    )?;
    let criterion = criterion(samples, &pooled, variant);
    let (_, statistic) = normalise(criterion, &sizes)?;
    let p_value = asymptotic_p_value(sizes.len() as u64, statistic);
    Ok(KSamples { statistic, criterion, p_value })
}

fn criterion(samples: &[&Sorted], pooled: &Sorted, variant: Variant) -> f64 {
    let rows = pooled.len() as f64;
    let mut total = num::Sum::default();
    for sample in samples {
        let size = sample.len() as f64;
        let mut rest = sample.values();
        let mut sum = num::Sum::default();
        let mut end = 0.0;
        for group in pooled.values().chunk_by(|one, other| one == other) {
            let own = rest.iter().take_while(|value| group.first() == Some(*value)).count();
            rest = rest.get(own..).unwrap_or_default();
            let rank = size - rest.len() as f64;
            let (tied, own) = (group.len() as f64, own as f64);
            let start = end;
            end += tied;
            // What `count` rows add that are at `rank` of the sample and `at` of all.
            let mut add = |count: f64, rank: f64, at: f64, weight: f64| {
                let gap = rows * rank - at * size;
                if weight > 0.0 {
                    sum.add(count * (gap * gap / weight));
                }
            };
            match variant {
                Variant::Midrank => {
                    let at = start + tied / 2.0;
                    add(tied, rank - own / 2.0, at, at * (rows - at) - rows * tied / 4.0);
                }
                Variant::Right => add(tied, rank, end, end * (rows - end)),
                Variant::Continuous => {
                    for step in 1..=group.len() {
                        let at = start + step as f64;
                        add(1.0, rank, at, at * (rows - at));
                    }
                }
            }
        }
        total.add(sum.value() / size);
    }
    let criterion = total.value() / rows;
    match variant {
        Variant::Midrank => criterion * ((rows - 1.0) / rows),
        Variant::Right | Variant::Continuous => criterion,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Decision, anderson_darling::two_sample};

    fn sorted(values: &[f64]) -> Sorted {
        Sorted::try_new(values.to_vec()).unwrap()
    }

    #[test]
    fn of_two_samples_it_is_the_test_of_two() {
        let (one, other) = (sorted(&[1.0, 2.0, 2.0, 3.0, 7.0]), sorted(&[2.0, 4.0, 4.0, 9.0]));
        let several = k_samples(&[&one, &other], Variant::Midrank).unwrap();
        let two = two_sample(&one, &other, &Decision::default()).unwrap();
        assert!((several.statistic - two.statistic).abs() < 1e-14);
    }

    #[test]
    fn without_ties_right_and_continuous_are_one() {
        let (one, other) = (sorted(&[1.0, 2.5, 3.0, 7.0]), sorted(&[2.0, 4.0, 4.5, 9.0]));
        let of = |variant| k_samples(&[&one, &other], variant).unwrap();
        assert_eq!(of(Variant::Right), of(Variant::Continuous));
    }

    #[test]
    fn of_one_value_there_is_no_difference() {
        let (one, other) = (sorted(&[7.0; 4]), sorted(&[7.0; 9]));
        for variant in [Variant::Midrank, Variant::Right] {
            let result = k_samples(&[&one, &other, &one], variant).unwrap();
            assert_eq!((result.criterion, result.p_value), (0.0, 1.0));
        }
    }

    #[test]
    fn what_has_no_answer_is_refused() {
        let (one, none) = (sorted(&[1.0]), Sorted::default());
        let kind = |samples: &[&Sorted]| k_samples(samples, Variant::Right).unwrap_err().kind();
        assert_eq!(kind(&[]), ErrorKind::ShapeMismatch);
        assert_eq!(kind(&[&one]), ErrorKind::ShapeMismatch);
        assert_eq!(kind(&[&one, &none]), ErrorKind::EmptySample);
        assert_eq!(kind(&[&one, &one, &one]), ErrorKind::OutOfRange);
    }
}
