//! The kernel as a mean of cosines of random frequencies, so that a sample is one sum over its rows.

use alloc::vec;
use alloc::vec::Vec;

use super::{Evidence, KernelSums};
use crate::num;
use crate::random::Random;

/// Blocks of the smaller sample, at most: rows are split by blocks, so that a split costs so many
/// additions and not one for each row.
const BLOCKS: usize = 1024;

/// Rows of each sample whose witness function is evaluated for the interval.
const WITNESSES: usize = 4096;

/// The largest phase, in radians: what lies farther away, some 10⁵ widths of the kernel, is taken to
/// lie there.
const FARTHEST: f64 = 1e6;

/// Scaled rows of both samples and a kernel.
pub(super) struct Features<'a> {
    pub(super) samples: [&'a [f64]; 2],
    pub(super) columns: usize,
    pub(super) gamma: f64,
    pub(super) frequencies: usize,
}

/// Maps a row to the cosines and sines of its phases.
struct Map {
    columns: usize,
    /// What is taken from each column first, so that an offset costs no digits.
    origin: Vec<f64>,
    /// By column, one number for each frequency.
    frequencies: Vec<Vec<f64>>,
    phases: Vec<f64>,
    row: Vec<f64>,
}

impl Features<'_> {
    /// Sums over both samples and over random splits.
    pub(super) fn evidence(&self, permutations: usize, seed: u64) -> Evidence {
        let mut random = Random::new(seed);
        let mut map = self.map(&mut random);
        let width = 2 * self.frequencies;
        let rows = self.samples.map(|sample| sample.len() / self.columns);
        let least = rows[0].min(rows[1]);
        let block_rows = least.div_ceil(BLOCKS).max(1);
        let blocks = rows.map(|rows| rows / block_rows);
        let drawn = blocks[0].min(blocks[1]);

        let mut members: Vec<(u32, u32)> = Vec::with_capacity(permutations * drawn);
        let mut order: Vec<u32> = (0..).take(blocks[0] + blocks[1]).collect();
        for part in (0..).take(permutations) {
            random.pick(&mut order, drawn);
            members.extend(order[..drawn].iter().map(|block| (*block, part)));
        }
        members.sort_unstable();

        let mut totals = [vec![0.0; width], vec![0.0; width]];
        let mut parts = vec![0.0; permutations * width];
        let mut block = vec![0.0; width];
        let mut next = members.iter().peekable();
        let mut index = 0;
        for side in 0..2 {
            let mut shuffled: Vec<usize> = (0..rows[side]).collect();
            random.pick(&mut shuffled, rows[side]);
            for of_block in shuffled.chunks_exact(block_rows).take(blocks[side]) {
                block.fill(0.0);
                for row in of_block {
                    map.add(self.row(side, *row), &mut block);
                }
                add(&mut totals[side], &block);
                while let Some((_, part)) = next.next_if(|(of, _)| *of == index) {
                    let start = *part as usize * width;
                    add(&mut parts[start..start + width], &block);
                }
                index += 1;
            }
        }

        let sizes = blocks.map(|blocks| (blocks * block_rows) as f64);
        let count = self.frequencies as f64;
        let sums = |reference: &[f64], current: &[f64]| KernelSums {
            reference: product(reference, reference) / count,
            current: product(current, current) / count,
            cross: product(reference, current) / count,
        };
        let all: Vec<f64> = totals[0].iter().zip(&totals[1]).map(|(a, b)| a + b).collect();
        let permuted = parts.chunks_exact(width).map(|part| {
            let rest: Vec<f64> = all.iter().zip(part).map(|(all, own)| all - own).collect();
            if blocks[0] <= blocks[1] { sums(part, &rest) } else { sums(&rest, part) }
        });
        Evidence {
            observed: sums(&totals[0], &totals[1]),
            permuted: permuted.collect(),
            sizes,
            variance: self.witness_variance(&mut map, &totals, sizes),
        }
    }

    fn map(&self, random: &mut Random) -> Map {
        let columns = self.columns;
        let origin = (0..columns).map(|column| {
            let values = self.samples[0].iter().skip(column).step_by(columns);
            let count = (self.samples[0].len() / columns) as f64;
            values.map(|value| value / count).collect::<num::Sum>().value()
        });
        let spread = num::sqrt(2.0 * self.gamma);
        let frequencies =
            (0..columns).map(|_| (0..self.frequencies).map(|_| random.normal() * spread).collect());
        Map {
            columns,
            origin: origin.collect(),
            frequencies: frequencies.collect(),
            phases: vec![0.0; self.frequencies],
            row: vec![0.0; 2 * self.frequencies],
        }
    }

    fn row(&self, side: usize, index: usize) -> &[f64] {
        &self.samples[side][index * self.columns..(index + 1) * self.columns]
    }

    /// `4 (Var f(X)/n + Var f(Y)/m)` with `f` the witness function, from some rows of each sample.
    fn witness_variance(&self, map: &mut Map, totals: &[Vec<f64>; 2], sizes: [f64; 2]) -> f64 {
        let count = self.frequencies as f64;
        let difference = totals[0].iter().zip(&totals[1]);
        let difference: Vec<f64> =
            difference.map(|(own, other)| (own / sizes[0] - other / sizes[1]) / count).collect();
        let mut variance = 0.0;
        for (side, size) in sizes.into_iter().enumerate() {
            let rows = self.samples[side].len() / self.columns;
            let step = rows.div_ceil(WITNESSES).max(1);
            let mut values = Vec::with_capacity(rows / step + 1);
            for row in (0..rows).step_by(step) {
                let mut features = vec![0.0; 2 * self.frequencies];
                map.add(self.row(side, row), &mut features);
                values.push(product(&features, &difference));
            }
            let count = values.len() as f64;
            let mean = values.iter().copied().collect::<num::Sum>().value() / count;
            let squares: num::Sum =
                values.iter().map(|value| (value - mean) * (value - mean)).collect();
            variance += 4.0 * squares.value() / (count - 1.0).max(1.0) / size;
        }
        variance
    }
}

impl Map {
    /// Adds the cosines and sines of a row.
    fn add(&mut self, row: &[f64], sums: &mut [f64]) {
        self.phases.fill(0.0);
        for ((value, origin), frequencies) in row.iter().zip(&self.origin).zip(&self.frequencies) {
            let value = value - origin;
            for (phase, frequency) in self.phases.iter_mut().zip(frequencies) {
                *phase += value * frequency;
            }
        }
        debug_assert_eq!(row.len(), self.columns);
        let (cosines, sines) = self.row.split_at_mut(self.phases.len());
        for ((phase, cosine), sine) in self.phases.iter().zip(cosines).zip(sines) {
            (*sine, *cosine) = num::sin_cos_of_small(phase.clamp(-FARTHEST, FARTHEST));
        }
        add(sums, &self.row);
    }
}

fn add(sums: &mut [f64], values: &[f64]) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += value;
    }
}

fn product(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| a * b).collect::<num::Sum>().value()
}

#[cfg(test)]
mod tests {
    use super::super::tiles::Tiles;
    use super::*;

    fn evidence(reference: &[f64], current: &[f64], columns: usize, gamma: f64) -> Evidence {
        let samples = [reference, current];
        Features { samples, columns, gamma, frequencies: 4096 }.evidence(9, 5)
    }

    #[test]
    fn with_many_frequencies_the_sums_are_those_of_the_kernel() {
        let mut random = Random::new(1);
        for (n, m, columns) in [(30, 50, 2), (1100, 2000, 1)] {
            let mut draw = |len: usize| (0..len).map(|_| random.normal()).collect::<Vec<f64>>();
            let (reference, current) = (draw(n * columns), draw(m * columns));
            let found = evidence(&reference, &current, columns, 0.3);
            let exact: Evidence = Tiles::new(&reference, &current, columns).sum(0.3, 0, 0).into();
            for (got, want) in [
                (found.observed.reference, exact.observed.reference),
                (found.observed.current, exact.observed.current),
                (found.observed.cross, exact.observed.cross),
            ] {
                assert!((got / want - 1.0).abs() < 0.02, "{got} {want}");
            }
            assert!((found.variance / exact.variance - 1.0).abs() < 0.5, "{n} {m}");
            assert_eq!(found.permuted.len(), 9);
            assert!(found.sizes[0] > 0.99 * n as f64 && found.sizes[0] <= n as f64);
        }
    }

    #[test]
    fn far_rows_and_offsets_are_finite() {
        let found = evidence(&[1e150, 0.0, -1e150, 1.0], &[1e12, 1e12 + 1.0], 1, 0.5);
        assert!(found.observed.reference.is_finite() && found.observed.cross.is_finite());
        let near = evidence(&[0.0, 1.0, 2.0], &[0.5, 1.5], 1, 0.5).observed;
        let far = [1e12, 1e12 + 1.0, 1e12 + 2.0];
        let far = evidence(&far, &[1e12 + 0.5, 1e12 + 1.5], 1, 0.5).observed;
        assert!((near.reference - far.reference).abs() < 1e-3, "{near:?} {far:?}");
    }
}
