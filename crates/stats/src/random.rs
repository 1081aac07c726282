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

    /// How many of `rows`, at most 2⁴⁰, come out if each does with the probability `share`.
    ///
    /// Hörmann (1993), <https://doi.org/10.1080/00949659308811496>, algorithm BTRS: a constant number of
    /// draws, whatever the rows; where few come out, by adding up their probabilities.
    pub(crate) fn binomial(&mut self, rows: u64, share: f64) -> u64 {
        if share > 0.5 {
            return rows - self.binomial(rows, 1.0 - share);
        }
        if rows == 0 || share <= 0.0 {
            return 0;
        }
        let n = rows as f64;
        let odds = share / (1.0 - share);
        if n * share < 10.0 {
            let mut probability = num::exp(n * num::ln_1p(-share));
            let mut left = self.uniform();
            let mut out = 0;
            // More than 200 of a mean of ten do not come out.
            while left > probability && out < rows.min(200) {
                left -= probability;
                out += 1;
                probability *= odds * (n - out as f64 + 1.0) / out as f64;
            }
            return out;
        }
        let deviation = num::sqrt(n * share * (1.0 - share));
        let b = 1.15 + 2.53 * deviation;
        let a = -0.0873 + 0.0248 * b + 0.01 * share;
        let (centre, inner) = (n * share + 0.5, 0.92 - 4.2 / b);
        let mode = num::floor((n + 1.0) * share);
        let log_weight = |out: f64| num::ln_gamma(out + 1.0) + num::ln_gamma(n - out + 1.0);
        // A try is taken with a probability above a half.
        for _ in 0..1000 {
            let (u, v) = (self.uniform() - 0.5, self.uniform());
            let edge = 0.5 - u.abs();
            let out = num::floor((2.0 * a / edge + b) * u + centre);
            if !(0.0..=n).contains(&out) {
                continue;
            }
            if edge >= 0.07 && v <= inner {
                return out as u64;
            }
            let hat = v * (2.83 + 5.1 / b) * deviation / (a / (edge * edge) + b);
            let density = log_weight(mode) - log_weight(out) + (out - mode) * num::ln(odds);
            if num::ln(hat) <= density {
                return out as u64;
            }
        }
        mode as u64
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
    fn binomial_counts_have_their_mean_variance_and_shares() {
        let mut random = Random::new(4);
        for (rows, share) in [(40_u64, 0.01), (40, 0.5), (1000, 0.2), (1000, 0.97), (1 << 40, 0.3)]
        {
            let counts: Vec<f64> =
                (0..20_000).map(|_| random.binomial(rows, share) as f64).collect();
            let want = rows as f64 * share;
            let variance = want * (1.0 - share);
            let mean = counts.iter().map(|count| count - want).sum::<f64>() / 2e4;
            let square =
                counts.iter().map(|count| (count - want) * (count - want)).sum::<f64>() / 2e4;
            assert!(mean.abs() < 4.0 * num::sqrt(variance / 2e4), "{rows} {share}: {mean}");
            assert!((square / variance - 1.0).abs() < 0.07, "{rows} {share}: {square}");
        }
        // C(40, 20) / 2⁴⁰ and C(100, 20) 0.2²⁰ 0.8⁸⁰ at the modes.
        for (rows, share, mode, want) in [(40, 0.5, 20, 0.125_37), (100, 0.2, 20, 0.099_30)] {
            let hits = (0..50_000).filter(|_| random.binomial(rows, share) == mode).count();
            assert!((hits as f64 / 5e4 - want).abs() < 0.006, "{hits}");
        }
        assert_eq!(
            [random.binomial(0, 0.3), random.binomial(9, 0.0), random.binomial(9, 1.0)],
            [0, 0, 9]
        );
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
