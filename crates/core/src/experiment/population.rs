use alloc::string::String;
use alloc::vec::Vec;

use tidegate_stats::experiment::bucketing::{BucketRange, HashVersion, bucket, in_namespace};

/// Which units are in an experiment, and how they are hashed: in the terms of GrowthBook's SDKs, which give a
/// unit the same variant.
#[derive(Debug, Clone, PartialEq)]
pub struct Population {
    /// What the hash begins with; the experiment's name if `None`.
    pub seed: Option<String>,
    /// How units are hashed.
    pub hash_version: HashVersion,
    /// The share of units that are in the experiment, in `[0, 1]`. With a growing one units join and none
    /// changes its variant.
    pub coverage: f64,
    /// A namespace and the experiment's range of it: experiments with ranges apart share no unit.
    pub namespace: Option<(String, BucketRange)>,
    /// Units that are left out.
    pub excluded: Vec<String>,
}

impl Default for Population {
    /// Every unit, hashed by the second version with the experiment's name.
    fn default() -> Self {
        Self {
            seed: None,
            hash_version: HashVersion::V2,
            coverage: 1.0,
            namespace: None,
            excluded: Vec::new(),
        }
    }
}

impl Population {
    /// The place of the variant that a unit gets, of variants with such weights, which sum to 1, and how far
    /// behind the start of the variant's range the unit's bucket lies; `None` for a unit that is not in the
    /// experiment, and without variants.
    ///
    /// ```
    /// use tidegate_core::experiment::Population;
    /// let half = Population { coverage: 0.5, ..Population::default() };
    /// assert_eq!(half.place_of("iris-v1-vs-v2", "u1", [0.5, 0.5]), None, "its bucket is 0.2719");
    /// assert_eq!(Population::default().place_of("iris-v1-vs-v2", "u1", [0.5, 0.5]), Some((0, 0.2719)));
    /// ```
    #[must_use]
    pub fn place_of(
        &self,
        experiment: &str,
        unit: &str,
        weights: impl IntoIterator<Item = f64>,
    ) -> Option<(usize, f64)> {
        let is_in = |(name, range): &(String, BucketRange)| in_namespace(unit, name, *range);
        if !self.namespace.as_ref().is_none_or(is_in) || self.excluded.iter().any(|own| own == unit)
        {
            return None;
        }
        let bucket = bucket(self.seed.as_deref().unwrap_or(experiment), unit, self.hash_version);
        // Weights sum to 1 within rounding, so the last variant takes what rounding leaves over.
        let (mut start, mut last) = (0.0, None);
        for (index, weight) in weights.into_iter().enumerate() {
            let end = start + weight;
            last = Some((index, start, weight));
            if bucket < end {
                break;
            }
            start = end;
        }
        let (index, start, weight) = last?;
        // In the order in which the SDKs add, for a bucket may lie on the range's end.
        let is_covered = self.coverage >= 1.0 || bucket < start + self.coverage * weight;
        is_covered.then_some((index, bucket - start))
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::vec;

    use tidegate_stats::experiment::bucketing::{bucket_ranges, choose_variation};

    use super::*;

    #[test]
    fn a_unit_gets_the_variant_that_the_sdks_give_it() {
        let weights = [0.3, 0.5, 0.2];
        for coverage in [0.0, 0.1, 0.5, 1.0] {
            for hash_version in [HashVersion::V1, HashVersion::V2] {
                let seed = Some("other".into());
                let population =
                    Population { seed, hash_version, coverage, ..Population::default() };
                let ranges = bucket_ranges(3, coverage, &weights).unwrap();
                for unit in (0..500).map(|index| format!("u{index}")) {
                    let expected = choose_variation(bucket("other", &unit, hash_version), &ranges);
                    let place = population.place_of("e", &unit, weights);
                    assert_eq!(place.map(|(index, _)| index), expected, "{unit} {coverage}");
                }
            }
        }
    }

    #[test]
    fn experiments_with_ranges_apart_share_no_unit() {
        let within = |range: [f64; 2]| Population {
            namespace: Some(("pricing".into(), range.into())),
            ..Population::default()
        };
        let (low, high) = (within([0.0, 0.4]), within([0.4, 1.0]));
        let mut counts = [0, 0];
        for unit in (0..1000).map(|index| format!("u{index}")) {
            let places = [&low, &high].map(|it| it.place_of("e", &unit, [0.5, 0.5]).is_some());
            assert_ne!(places[0], places[1], "{unit}");
            counts[usize::from(places[1])] += 1;
        }
        assert!((350..450).contains(&counts[0]), "{counts:?}");
    }

    #[test]
    fn a_listed_unit_is_left_out() {
        let population = Population { excluded: vec!["probe".into()], ..Population::default() };
        assert_eq!(population.place_of("e", "probe", [0.5, 0.5]), None);
        assert!(population.place_of("e", "probe-2", [0.5, 0.5]).is_some());
    }
}
