//! What other tools print for the same data, by their own rules, right or wrong.
//!
//! For whoever moves from one of them, or wants to know why two tools disagree. The number that a
//! method gives is made by its bins, its rule for empty ones, its logarithm and its scale as much as by
//! the data; each score here says in a line what sets it apart from ours. No verdict of ours uses
//! them.
//!
//! | peer | version that was read | numbers | categories |
//! |---|---|---|---|
//! | Evidently | 0.7 | all but its two permutation tests | the same |
//! | NannyML | 0.13 | all | all |
//! | TensorFlow Data Validation | 1.17 | Jensen-Shannon | Jensen-Shannon, L∞ |
//! | deepchecks | 0.19 | all | all |
//! | whylogs | 1.6 | Hellinger | chi-square |
//! | frouros | 0.9 | PSI | |
//!
//! Where a peer works on a sketch (TFDV, whylogs), the score here is the one of exact counts, which the
//! sketch comes near. Where a peer looks at the type of a column, numbers are taken for floats.

mod arithmetic;
mod deepchecks;
mod epps_singleton;
mod equal_width;
mod evidently;
mod frouros;
mod nannyml;
mod tfdv;
mod truncated_series;
mod whylogs;

use alloc::vec::Vec;

use crate::{Error, Sorted, table::Table};

/// Another tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum Peer {
    /// Evidently.
    Evidently,
    /// NannyML.
    Nannyml,
    /// TensorFlow Data Validation.
    Tfdv,
    /// deepchecks.
    Deepchecks,
    /// whylogs.
    Whylogs,
    /// frouros.
    Frouros,
}

impl Peer {
    /// Every peer.
    pub const ALL: [Self; 6] = [
        Self::Evidently,
        Self::Nannyml,
        Self::Tfdv,
        Self::Deepchecks,
        Self::Whylogs,
        Self::Frouros,
    ];
}

/// What a peer would have printed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PeerScore {
    /// The peer.
    pub peer: Peer,
    /// The method, by the name that the peer has for it.
    pub method: &'static str,
    /// The number that it prints: a distance, a statistic or a p-value. `None` where it stops with an
    /// error or has no finite number.
    pub value: Option<f64>,
    /// Its default cut, in the unit of `value`; `None` where it has none.
    pub threshold: Option<f64>,
    /// What its defaults say about drift; `None` where they say nothing.
    pub drift: Option<bool>,
    /// Why the number differs from ours.
    pub note: &'static str,
}

/// Scores of two samples of numbers by a peer's methods for numbers.
///
/// # Arguments
/// * `reference`, `current`: not empty.
/// * `peer`: whose.
///
/// # Returns
/// One score for each of its methods, the one that it chooses by itself first.
///
/// # Errors
/// * [`crate::ErrorKind::EmptySample`]: a sample is empty.
///
/// # Numerics
/// O(n + m). A peer's plain sums are compensated here, unless their rounding is all that a number is
/// made of, as in `1 − Σ`; agreement is to 1e-12 of the number, or to what the peer's own rounding
/// leaves of it.
///
/// # Examples
/// ```
/// use tidegate_stats::{Sorted, compatibility::{Peer, of_numbers}};
/// let reference = Sorted::try_new((0..100).map(f64::from).collect())?;
/// let current = Sorted::try_new((50..150).map(f64::from).collect())?;
/// let scores = of_numbers(&reference, &current, Peer::Deepchecks)?;
/// // Half of the rows lie above all of the reference.
/// assert_eq!((scores[0].method, scores[0].value), ("KS", Some(0.5)));
/// assert_eq!((scores[0].threshold, scores[0].drift), (Some(0.2), Some(true)));
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Oracle: the peers themselves where they could be run, else their formulas in numpy.
pub fn of_numbers(
    reference: &Sorted,
    current: &Sorted,
    peer: Peer,
) -> Result<Vec<PeerScore>, Error> {
    reference.non_empty("the reference")?;
    current.non_empty("the current sample")?;
    Ok(match peer {
        Peer::Evidently => evidently::of_numbers(reference, current),
        Peer::Nannyml => nannyml::of_numbers(reference, current),
        Peer::Tfdv => tfdv::of_numbers(reference, current),
        Peer::Deepchecks => deepchecks::of_numbers(reference, current),
        Peer::Whylogs => whylogs::of_numbers(reference, current),
        Peer::Frouros => frouros::of_numbers(reference, current),
    })
}

/// Scores of two samples of categories by a peer's methods for categories.
///
/// # Arguments
/// * `reference`: counts, shape `[k]`, `k ≥ 1`.
/// * `current`: counts in the same categories.
/// * `peer`: whose.
///
/// # Returns
/// As [`of_numbers`]; nothing of a peer that has no method for categories.
///
/// # Errors
/// * [`crate::ErrorKind::ShapeMismatch`]: the lengths differ.
/// * [`crate::ErrorKind::EmptySample`]: a sample sums to zero.
/// * [`crate::ErrorKind::OutOfRange`]: a total exceeds 2⁶⁴.
///
/// # Numerics
/// O(k).
///
/// # Examples
/// ```
/// use tidegate_stats::compatibility::{Peer, of_categories};
/// let scores = of_categories(&[50, 50], &[80, 20], Peer::Tfdv)?;
/// assert_eq!(scores[1].method, "infinity_norm");
/// assert!((scores[1].value.unwrap() - 0.3).abs() < 1e-15);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// As [`of_numbers`].
pub fn of_categories(
    reference: &[u64],
    current: &[u64],
    peer: Peer,
) -> Result<Vec<PeerScore>, Error> {
    let table = Table::try_new(reference, current)?;
    let counts: Vec<(u64, u64)> = table.counts().filter(|&(a, b)| a > 0 || b > 0).collect();
    let counts = Counts { counts: &counts, totals: table.totals() };
    Ok(match peer {
        Peer::Evidently => evidently::of_categories(&counts),
        Peer::Nannyml => nannyml::of_categories(&counts),
        Peer::Tfdv => tfdv::of_categories(&counts),
        Peer::Deepchecks => deepchecks::of_categories(&counts),
        Peer::Whylogs => whylogs::of_categories(&counts),
        Peer::Frouros => Vec::new(),
    })
}

/// Counts of the reference and of the current sample by category, without empty ones.
struct Counts<'a> {
    counts: &'a [(u64, u64)],
    totals: [u64; 2],
}

impl Counts<'_> {
    fn sizes(&self) -> [f64; 2] {
        self.totals.map(|total| total as f64)
    }

    fn shares(&self) -> Vec<(f64, f64)> {
        let [n, m] = self.sizes();
        self.counts.iter().map(|&(a, b)| (a as f64 / n, b as f64 / m)).collect()
    }
}

/// How a peer's default cut is read.
#[derive(Debug, Clone, Copy)]
enum Cut {
    /// Drift from the cut on.
    AtLeast(f64),
    /// Drift beyond the cut.
    Above(f64),
    /// Drift up to the cut.
    AtMost(f64),
    /// Drift below the cut.
    Below(f64),
    /// No cut.
    None,
}

/// A score with the verdict of a peer's default cut; a value that is not finite is none.
fn score(
    peer: Peer,
    method: &'static str,
    value: Option<f64>,
    cut: Cut,
    note: &'static str,
) -> PeerScore {
    let value = value.filter(|value| value.is_finite());
    let (threshold, is_drift): (_, fn(f64, f64) -> bool) = match cut {
        Cut::AtLeast(threshold) => (Some(threshold), |value, threshold| value >= threshold),
        Cut::Above(threshold) => (Some(threshold), |value, threshold| value > threshold),
        Cut::AtMost(threshold) => (Some(threshold), |value, threshold| value <= threshold),
        Cut::Below(threshold) => (Some(threshold), |value, threshold| value < threshold),
        Cut::None => (None, |_, _| false),
    };
    let drift = value.zip(threshold).map(|(value, threshold)| is_drift(value, threshold));
    PeerScore { peer, method, value, threshold, drift, note }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn every_peer_answers_whatever_the_numbers() {
        let ramp: Vec<f64> = (0..500).map(f64::from).collect();
        let samples = [
            vec![0.0],
            vec![1.0, 2.0],
            vec![7.0; 40],
            vec![f64::MAX, -f64::MAX, 0.0],
            vec![5e-324, 0.0, 1e-320],
            ramp.iter().map(|value| 1e12 + value).collect(),
            ramp.iter().map(|value| value * 1e300).collect(),
            ramp.iter().map(|value| value * f64::EPSILON + 1.0).collect(),
            ramp,
        ];
        for reference in &samples {
            for current in &samples {
                let [a, b] = [reference, current].map(|v| Sorted::try_new(v.clone()).unwrap());
                for peer in Peer::ALL {
                    for score in of_numbers(&a, &b, peer).unwrap() {
                        assert!(score.value.is_none_or(f64::is_finite), "{score:?}");
                        assert!(!score.note.is_empty() && score.peer == peer, "{score:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn every_peer_answers_whatever_the_counts() {
        let counts = [[1, 0, 0], [0, 0, 1], [5, 5, 5], [1_000_000_000, 1, 0], [3, 900, 7]];
        for reference in &counts {
            for current in &counts {
                for peer in Peer::ALL {
                    for score in of_categories(reference, current, peer).unwrap() {
                        assert!(score.value.is_none_or(f64::is_finite), "{score:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_cannot_be_compared_is_refused() {
        let (none, one) = (Sorted::default(), Sorted::try_new(vec![1.0]).unwrap());
        for peer in Peer::ALL {
            assert!(of_numbers(&none, &one, peer).is_err());
            assert!(of_numbers(&one, &none, peer).is_err());
            assert!(of_categories(&[1], &[1, 2], peer).is_err());
            assert!(of_categories(&[0], &[1], peer).is_err());
        }
    }

    #[test]
    fn a_cut_is_read_as_its_peer_reads_it() {
        let drift = |value, cut| score(Peer::Tfdv, "m", value, cut, "n").drift;
        assert_eq!(drift(Some(0.1), Cut::AtLeast(0.1)), Some(true));
        assert_eq!(drift(Some(0.1), Cut::Above(0.1)), Some(false));
        assert_eq!(drift(Some(0.1), Cut::AtMost(0.1)), Some(true));
        assert_eq!(drift(Some(0.1), Cut::Below(0.1)), Some(false));
        assert_eq!(drift(Some(0.1), Cut::None), None);
        assert_eq!(drift(Some(f64::NAN), Cut::Below(0.1)), None);
    }
}
