//! Bootstrap intervals of a share, against the binomial distribution that its resamples have.

use tidegate_stats::bootstrap::{BootstrapOptions, Ends, interval};
use tidegate_tests::tolerance::assert_close;

use crate::golden::{cases, numbers};

#[test]
fn bootstrap_interval_as_the_binomial_distribution() {
    for case in cases("bootstrap.json") {
        let count = |name: &str| case[name].as_u64().unwrap();
        let (hits, rows) = (count("hits"), count("rows"));
        for (ends, name) in [(Ends::Percentile, "percentile"), (Ends::BiasCorrected, "corrected")] {
            let options = BootstrapOptions { resamples: 20_000, ends, ..Default::default() };
            let share = |samples: &[Vec<u64>]| {
                Ok(samples[0][0] as f64 / samples[0].iter().sum::<u64>() as f64)
            };
            let found = interval(&[&[hits, rows - hits]], &options, share).unwrap();
            for (end, want) in <[f64; 2]>::from(found).into_iter().zip(numbers(&case[name])) {
                // In rows, of which a share is a whole number.
                let in_rows = |share: f64| share * rows as f64;
                let label = format!("{name}, {hits} of {rows}");
                assert_close("bootstrap", in_rows(end), in_rows(want), &label);
            }
        }
    }
}
