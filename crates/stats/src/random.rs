//! Pseudo-random numbers from a seed, the same on every host.

use crate::num;

/// SplitMix64.
///
/// # References
/// Steele, Lea, Flood (2014), <https://doi.org/10.1145/2660193.2660195>.
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) const fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A whole number below `end`, 0 if that is 0. What is uneven about it is below `end / 2⁶⁴`.
    pub(crate) const fn below(&mut self, end: usize) -> usize {
        ((self.bits() as u128 * end as u128) >> 64) as usize
    }

    /// Uniform in (0, 1).
    pub(crate) fn uniform(&mut self) -> f64 {
        ((self.bits() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Standard normal, by Box and Muller's transform, of whose pair one is used.
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = num::sqrt(-2.0 * num::ln(self.uniform()));
        radius * num::cos(core::f64::consts::TAU * self.uniform())
    }

    /// Brings `picked` random items to the front, each subset being as likely as any other.
    pub(crate) fn pick<T>(&mut self, items: &mut [T], picked: usize) {
        let len = items.len();
        for index in 0..picked.min(len) {
            items.swap(index, index + self.below(len - index));
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn the_first_numbers_of_seed_zero() {
        // The published test vector.
        let mut random = Random::new(0);
        assert_eq!(random.bits(), 0xe220_a839_7b1d_cdaf);
        assert_eq!(random.bits(), 0x6e78_9e6a_a1b9_65f4);
    }

    #[test]
    fn a_pick_is_a_rearrangement_and_favours_none() {
        let mut random = Random::new(1);
        let mut hits = [0; 5];
        for _ in 0..5000 {
            let mut items: Vec<usize> = (0..5).collect();
            random.pick(&mut items, 2);
            for item in &items[..2] {
                hits[*item] += 1;
            }
            items.sort_unstable();
            assert_eq!(items, [0, 1, 2, 3, 4]);
        }
        assert!(hits.iter().all(|hit| (1850..2150).contains(hit)), "{hits:?}");
        assert_eq!(Random::new(1).below(0), 0);
    }

    #[test]
    fn normals_have_mean_zero_and_variance_one() {
        let mut random = Random::new(2);
        let values: Vec<f64> = (0..20_000).map(|_| random.normal()).collect();
        let mean = values.iter().sum::<f64>() / 2e4;
        let square = values.iter().map(|value| value * value).sum::<f64>() / 2e4;
        assert!(mean.abs() < 0.03 && (square - 1.0).abs() < 0.04, "{mean} {square}");
    }
}
