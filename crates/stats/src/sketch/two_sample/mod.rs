//! The two-sample tests, from two sketches instead of two samples.
//!
//! A sketch adds an error of its own, and no verdict may rest on it. Let `e` be the sum of both sketches'
//! [`Kll::rank_error`]: with a confidence of 98 % no gap between the two distribution functions is off
//! by more. Then, for each method:
//!
//! * `statistic` and `effect` are what the sketches say, as if they were the samples;
//! * the **p-value** is that of the smallest effect within the error: of `max(0, D − e)` for
//!   Kolmogorov-Smirnov, of the root mean square gap less `e` for Cramér-von Mises, of the rank-biserial
//!   correlation less `2e` for Mann-Whitney, and on bins of the counts that are closest to the
//!   reference's among those whose distribution functions are within `e`;
//! * **`detectable_effect`** is larger by the same amount, so that without a p-value a verdict must clear
//!   chance and the sketches' error, and *no drift* is said only where drift would have been seen
//!   through both;
//! * the **interval**, where there is one, is wider by it on either side; that of Wasserstein's effect, a
//!   sum over the whole column which is never at the bound all along, by the deviations of the sketches
//!   that `alpha` asks for.
//!
//! Thus a false alarm has at most the level of the test on the full data and 2 %, and in simulations far
//! less: under no drift the error of a sketch is as rarely at its bound as the gap itself, and both would
//! have to be, at the same place. Two sketches that are still exact give what their values give.

mod caution;
mod curves;
mod frequent;

use alloc::vec::Vec;

use self::curves::Curves;
use super::Kll;
use crate::bins::Edges;
use crate::{
    Decision, Error, ErrorKind, Method, Sorted, TwoSample, counted, cramer_von_mises,
    kolmogorov_smirnov, mann_whitney, wasserstein,
};

pub use frequent::two_frequent;

/// Compares two samples by their sketches.
///
/// # Arguments
/// * `method`: any but Welch's test, which is of means: a sketch has none.
/// * `reference`, `current`: not empty.
/// * `decision`: alpha and the effect that matters.
///
/// # Returns
/// As the method itself, with the error of the sketches as the module says. Methods on bins count into
/// those between the deciles of the reference's sketch. The scale of Wasserstein's effect is the
/// standard deviation of the reference's items.
///
/// # Errors
/// * [`ErrorKind::EmptySample`]: a sketch is empty.
/// * [`ErrorKind::OutOfRange`]: the method is Welch's, or as the method says.
/// * As the method.
///
/// # Numerics
/// O(r log r) for `r` retained items. P-values are of at most [`Sorted::MAX_LEN`] rows, which errs
/// towards no drift beyond.
///
/// # Examples
/// ```
/// use tidegate_stats::sketch::{self, Kll};
/// use tidegate_stats::{Decision, Method, Verdict};
/// let reference: Kll = (0..50_000).map(f64::from).collect();
/// let current: Kll = (15_000..65_000).map(f64::from).collect();
/// let decision = Decision::default();
/// let test = sketch::two_sample(Method::KolmogorovSmirnov, &reference, &current, &decision)?;
/// // The distribution functions are 0.3 apart, and each sketch is off by at most 0.0133.
/// assert!((test.effect - 0.3).abs() < 0.0266);
/// assert_eq!(test.verdict, Verdict::Drift);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// As the method. Oracle: the test on all values, from which it may differ as the module says.
pub fn two_sample(
    method: Method,
    reference: &Kll,
    current: &Kll,
    decision: &Decision,
) -> Result<TwoSample, Error> {
    if method == Method::WelchT {
        return Err(Error::new(ErrorKind::OutOfRange, "a method for sketches"));
    }
    if !method.needs_values() {
        return on_deciles(method, reference, current, decision);
    }
    if reference.is_exact() && current.is_exact() {
        let (reference, current) = (values(reference)?, values(current)?);
        return match method {
            Method::CramerVonMises => cramer_von_mises::two_sample(&reference, &current, decision),
            Method::MannWhitney => mann_whitney::two_sample(&reference, &current, decision),
            Method::Wasserstein => wasserstein::two_sample(&reference, &current, decision),
            Method::KolmogorovSmirnov => {
                kolmogorov_smirnov::two_sample(&reference, &current, decision)
            }
            _ => Err(Error::new(ErrorKind::OutOfRange, "a method for sketches")),
        };
    }
    let curves = Curves::try_new(reference, current)?;
    match method {
        Method::KolmogorovSmirnov => curves.kolmogorov_smirnov(decision),
        Method::CramerVonMises => curves.cramer_von_mises(decision),
        Method::MannWhitney => curves.mann_whitney(decision),
        Method::Wasserstein => curves.wasserstein(decision),
        _ => Err(Error::new(ErrorKind::OutOfRange, "a method for sketches")),
    }
}

/// The values of an exact sketch.
fn values(sketch: &Kll) -> Result<Sorted, Error> {
    let mut below = 0;
    let values = sketch.weighted().into_iter().flat_map(|(value, cumulative)| {
        let times = cumulative - below;
        below = cumulative;
        (0..times).map(move |_| value)
    });
    Sorted::try_new(values.collect())
}

/// By the counts between the deciles of the reference.
fn on_deciles(
    method: Method,
    reference: &Kll,
    current: &Kll,
    decision: &Decision,
) -> Result<TwoSample, Error> {
    let edges = reference.deciles();
    let [reference_counts, current_counts] =
        [reference, current].map(|sketch| sketch.counts(&edges));
    let error = reference.rank_error() + current.rank_error();
    let test = |current: &[u64]| {
        counted::two_sample_on_quantiles(method, &reference_counts, current, decision)
    };
    let plain = test(&current_counts)?;
    if error == 0.0 {
        return Ok(plain);
    }
    let closest = caution::closest_curve(&reference_counts, &current_counts, error);
    caution::with(plain, &closest, decision, test)
}

impl Kll {
    /// The bins between the deciles of what was pushed, as [`Edges::deciles`] would have them of the
    /// values, within the error of rank.
    #[must_use]
    pub fn deciles(&self) -> Edges {
        let weighted = self.weighted();
        let of_rank = |rank: u64| {
            let at = weighted.partition_point(|(_, cumulative)| *cumulative < rank.max(1));
            weighted.get(at).map(|(value, _)| *value)
        };
        let count = u128::from(self.count());
        let tenth = |tenth: u8| of_rank((count * u128::from(tenth)).div_ceil(10) as u64);
        let ends = self.range();
        let points = (0..=10).filter_map(|at| match (at, ends) {
            (0, Some([min, _])) => Some(min),
            (10, Some([_, max])) => Some(max),
            _ => tenth(at),
        });
        Edges::between(&points.collect::<Vec<_>>())
    }

    /// How many of the values fall into each bin, each share off by at most [`Self::share_error`].
    #[must_use]
    pub fn counts(&self, edges: &Edges) -> Vec<u64> {
        let mut counts = alloc::vec![0; edges.len()];
        let mut below = 0;
        for (value, cumulative) in self.weighted() {
            if let Some(count) = counts.get_mut(edges.index(value)) {
                *count += cumulative - below;
            }
            below = cumulative;
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Verdict;

    const ON_VALUES: [Method; 4] = [
        Method::KolmogorovSmirnov,
        Method::CramerVonMises,
        Method::MannWhitney,
        Method::Wasserstein,
    ];

    fn ramp(from: i32, to: i32) -> Kll {
        // Scattered, so that no level of the sketch sees it in order.
        let len = i64::from(to - from);
        (0..len).map(|i| f64::from(from) + (i * 7919 % len) as f64).collect()
    }

    #[test]
    fn exact_sketches_give_what_their_values_give() {
        let (a, b) = (ramp(0, 150), ramp(40, 200));
        let sorted = |sketch| values(sketch).unwrap();
        let decision = Decision::default();
        let got = two_sample(Method::KolmogorovSmirnov, &a, &b, &decision).unwrap();
        let want = kolmogorov_smirnov::two_sample(&sorted(&a), &sorted(&b), &decision).unwrap();
        assert_eq!(got, want);
        let edges = Edges::deciles(&sorted(&a));
        let counts = [&a, &b].map(|sketch| edges.count(sorted(sketch).values()));
        let got = two_sample(Method::Psi, &a, &b, &decision).unwrap();
        let want = crate::psi::two_sample(&counts[0], &counts[1], &decision).unwrap();
        assert!((got.effect / want.effect - 1.0).abs() < 0.05, "{got:?} {want:?}");
    }

    #[test]
    fn a_clear_drift_is_seen_and_none_is_seen_where_there_is_none() {
        let (reference, same, moved) =
            (ramp(0, 50_000), ramp(0, 40_000 + 10_000), ramp(20_000, 70_000));
        let other: Kll = (0..40_000).map(|i| f64::from(i) * 1.25 + 0.125).collect();
        for method in Method::ALL {
            let compare = |current| two_sample(method, &reference, current, &Decision::default());
            if matches!(method, Method::WelchT | Method::FisherExact) || compare(&same).is_err() {
                continue;
            }
            assert_eq!(compare(&moved).unwrap().verdict, Verdict::Drift, "{method:?}");
            assert_eq!(compare(&other).unwrap().verdict, Verdict::NoDrift, "{method:?}");
            let p_value = compare(&other).unwrap().p_value;
            assert!(p_value.is_none_or(|p| p > 0.9), "{method:?}: {p_value:?}");
        }
    }

    #[test]
    fn refuses_empty_sketches_and_means() {
        let (some, none) = (ramp(0, 1000), Kll::default());
        for method in ON_VALUES.into_iter().chain([Method::Psi]) {
            for (reference, current) in [(&some, &none), (&none, &some), (&none, &none)] {
                let error = two_sample(method, reference, current, &Decision::default());
                assert_eq!(error.unwrap_err().kind(), ErrorKind::EmptySample, "{method:?}");
            }
        }
        let error = two_sample(Method::WelchT, &some, &some, &Decision::default()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OutOfRange);
    }

    #[test]
    fn extreme_values_give_finite_results_or_errors() {
        let mut huge = Kll::try_new(8).unwrap();
        let mut constant = Kll::try_new(8).unwrap();
        for index in 0..5000 {
            huge.push([f64::MAX, -f64::MAX, 5e-324, 0.0][index % 4]);
            constant.push(1e12);
        }
        for method in Method::ALL {
            for (one, other) in [(&huge, &constant), (&constant, &huge), (&constant, &constant)] {
                if let Ok(result) = two_sample(method, one, other, &Decision::default()) {
                    let all = [result.statistic, result.effect, result.detectable_effect];
                    assert!(all.iter().all(|x| x.is_finite()), "{result:?}");
                    assert!(result.p_value.is_none_or(|p| (0.0..=1.0).contains(&p)));
                }
            }
        }
    }

    #[test]
    fn deciles_keep_an_atom_apart() {
        let mut sketch = Kll::default();
        (0..20_000).for_each(|index| sketch.push(f64::from((index % 10 - 4).max(0))));
        let edges = sketch.deciles();
        assert!(edges.inner().contains(&0.0_f64.next_up()), "{edges:?}");
        let counts = sketch.counts(&edges);
        assert_eq!((counts.iter().sum::<u64>(), counts[0]), (20_000, 0));
        assert_eq!(Kll::default().deciles().len(), 1);
    }
}
