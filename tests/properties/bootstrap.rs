//! Laws of the bootstrap, and how often its intervals hold.

use proptest::prelude::*;
use tidegate_stats::{
    Error,
    bootstrap::{BootstrapOptions, Ends, interval},
};

use crate::calibration::Random;

/// The mean of groups that stand for 0, 1, 2 and so on, of one sample or of all together.
fn mean(samples: &[Vec<u64>]) -> Result<f64, Error> {
    let rows: u64 = samples.iter().flatten().sum();
    let sum: u64 = samples
        .iter()
        .flat_map(|sample| sample.iter().enumerate())
        .map(|(value, count)| value as u64 * count)
        .sum();
    Ok(sum as f64 / rows as f64)
}

proptest! {
    #[test]
    fn an_interval_lies_among_the_scores_that_there_are(
        one in prop::collection::vec(0..2000_u64, 1..8),
        other in prop::collection::vec(0..9_u64, 1..8),
        corrected in any::<bool>(),
        seed in any::<u64>(),
    ) {
        let ends = if corrected { Ends::BiasCorrected } else { Ends::Percentile };
        let options = BootstrapOptions { resamples: 100, seed, ends, ..Default::default() };
        let Ok(found) = interval(&[&one, &other], &options, mean) else {
            let least = one.iter().sum::<u64>().min(other.iter().sum());
            prop_assert!(least < 2);
            return Ok(());
        };
        let most = one.len().max(other.len()) as f64 - 1.0;
        prop_assert!(0.0 <= found.lower && found.lower <= found.upper && found.upper <= most);
        prop_assert_eq!(found, interval(&[&one, &other], &options, mean).unwrap());
    }
}

#[test]
fn intervals_of_a_mean_hold_it() {
    // The values 0, 1, 2 and 3, in shares of which the mean is 0.9.
    const SHARES: [f64; 4] = [0.5, 0.25, 0.1, 0.15];
    for ends in [Ends::Percentile, Ends::BiasCorrected] {
        let mut random = Random(34);
        let mut held = 0;
        for run in 0..400 {
            let mut counts = [0; 4];
            for _ in 0..200 {
                let mut left = random.uniform();
                let group = SHARES.iter().position(|share| {
                    left -= share;
                    left < 0.0
                });
                counts[group.unwrap_or(0)] += 1;
            }
            let options =
                BootstrapOptions { resamples: 400, seed: run, ends, ..Default::default() };
            let found = interval(&[&counts], &options, mean).unwrap();
            held += u32::from(found.lower <= 0.9 && 0.9 <= found.upper);
        }
        // Nominal 380; 400 resamples lose about half a percent.
        assert!((365..=396).contains(&held), "{ends:?}: {held} of 400");
    }
}
