//! Categories whose counts are known between bounds.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::caution;
use crate::sketch::{FrequentItem, FrequentItems};
use crate::{Decision, Error, ErrorKind, Method, TwoSample, counted};

/// Compares two samples of categories by their frequent items.
///
/// Each item that either sketch names is a category, with its lower bound for a count; all else is one
/// category more. What the bounds leave open is no evidence: a share that rose counts from the
/// reference's upper bound on, one that fell up to the current sample's, as
/// [the module](crate::sketch) says.
///
/// # Arguments
/// * `method`: one on counts.
/// * `reference`, `current`: not empty.
/// * `decision`: alpha and the effect that matters.
///
/// # Returns
/// As the method; while both sketches are exact, exactly.
///
/// # Errors
/// * [`ErrorKind::EmptySample`]: a sketch is empty.
/// * As the method.
///
/// # Numerics
/// O(c log c) for `c` named items.
///
/// # Examples
/// ```
/// use tidegate_stats::sketch::{self, FrequentItems};
/// use tidegate_stats::{Decision, Method, Verdict, chi_square};
/// let mut sketches = [FrequentItems::<String>::try_new(6)?, FrequentItems::try_new(6)?];
/// for (sketch, counts) in sketches.iter_mut().zip([[500, 500], [700, 300]]) {
///     sketch.push("red", counts[0]);
///     sketch.push("green", counts[1]);
/// }
/// let [reference, current] = &sketches;
/// let decision = Decision::default();
/// let result = sketch::two_frequent(Method::ChiSquare, reference, current, &decision)?;
/// assert_eq!(result, chi_square::two_sample(&[500, 500], &[300, 700], &decision)?);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// As the method. Oracle: the test on the full counts.
pub fn two_frequent<T: FrequentItem>(
    method: Method,
    reference: &FrequentItems<T>,
    current: &FrequentItems<T>,
    decision: &Decision,
) -> Result<TwoSample, Error> {
    for (sketch, what) in [(reference, "the reference"), (current, "the current sample")] {
        if sketch.total() == 0 {
            return Err(Error::new(ErrorKind::EmptySample, what));
        }
    }
    let sketches = [reference, current];
    let named: BTreeSet<&T> =
        sketches.iter().flat_map(|sketch| sketch.frequent()).map(|(item, _)| item).collect();
    let [mut reference_counts, mut current_counts] =
        sketches.map(|sketch| named.iter().map(|item| sketch.bounds(*item).lower).collect());
    // By how much a share may be larger than its lower bound says.
    let open = sketches.map(|sketch| sketch.maximum_error() as f64 / sketch.total() as f64);
    let mut allowed: Vec<[f64; 2]> = named.iter().map(|_| open).collect();
    let others = [(&mut reference_counts, reference), (&mut current_counts, current)].map(
        |(counts, sketch): (&mut Vec<u64>, _)| {
            let held = counts.iter().fold(0_u64, |sum, count| sum.saturating_add(*count));
            let other = sketch.total().saturating_sub(held);
            counts.push(other);
            other
        },
    );
    if others == [0; 2] {
        reference_counts.pop();
        current_counts.pop();
    } else {
        // All of it may belong to items that are named.
        let [reference, current] =
            [0, 1].map(|side| others[side] as f64 / sketches[side].total() as f64);
        allowed.push([current, reference]);
    }
    let test = |current: &[u64]| counted::two_sample(method, &reference_counts, current, decision);
    let plain = test(&current_counts)?;
    if open == [0.0; 2] {
        return Ok(plain);
    }
    let closest = caution::closest_shares(&reference_counts, &current_counts, &allowed);
    caution::with(plain, &closest, decision, test)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Verdict;

    /// A Zipf-like stream: item `i` comes `4000 / i` times, of `len` items.
    fn tail(lg_max: u8, len: i64, shift: i64) -> FrequentItems<i64> {
        let mut sketch = FrequentItems::try_new(lg_max).unwrap();
        for item in 1..len {
            sketch.push(&(item + shift), (4000 / item) as u64);
        }
        sketch
    }

    #[test]
    fn what_the_bounds_leave_open_is_no_drift() {
        let decision = Decision::default();
        let full = tail(12, 2000, 0);
        for method in [Method::ChiSquare, Method::Psi, Method::TotalVariation] {
            let verdict = |current: FrequentItems<i64>| {
                two_frequent(method, &full, &current, &decision).unwrap().verdict
            };
            assert_ne!(verdict(tail(5, 2000, 0)), Verdict::Drift, "{method:?}");
            assert_eq!(verdict(full.clone()), Verdict::NoDrift, "{method:?}");
            assert_eq!(verdict(tail(8, 2000, 1000)), Verdict::Drift, "{method:?}");
        }
    }

    #[test]
    fn an_empty_sketch_is_refused() {
        let (some, none) = (tail(5, 9, 0), FrequentItems::try_new(5).unwrap());
        for (reference, current) in [(&some, &none), (&none, &some)] {
            let error = two_frequent(Method::Psi, reference, current, &Decision::default());
            assert_eq!(error.unwrap_err().kind(), ErrorKind::EmptySample);
        }
    }
}
