//! Intervals of scores on numbers, against the infinitesimal jackknife of their definitions in mpmath.

use tidegate_stats::{
    Decision, Error, Sorted, TwoSample, anderson_darling, cramer_von_mises, energy, mann_whitney,
    wasserstein,
};
use tidegate_tests::tolerance::assert_close;

use crate::golden::{cases, numbers, sample, text};

type Compare = fn(&Sorted, &Sorted, &Decision) -> Result<TwoSample, Error>;

#[test]
fn intervals_of_two_sample_on_numbers_as_mpmath() {
    let methods: [(&str, Compare); 5] = [
        ("cramer_von_mises", cramer_von_mises::two_sample),
        ("anderson_darling", anderson_darling::two_sample),
        ("energy", energy::two_sample),
        ("mann_whitney", mann_whitney::two_sample),
        ("wasserstein", wasserstein::two_sample),
    ];
    for case in cases("intervals.json") {
        let (reference, current) = (sample(&case, "reference"), sample(&case, "current"));
        for (method, compare) in methods {
            let name = format!("{method}, {}", text(&case["name"]));
            let found = compare(&reference, &current, &Decision::default()).unwrap();
            let interval: [f64; 2] = found.interval.unwrap().into();
            let want = numbers(&case["intervals"][method]);
            for (end, want) in interval.into_iter().zip(want) {
                assert_close("interval", end, want, &name);
            }
        }
    }
}
