//! The kernel matrix of two samples, tile by tile and never kept, and its sums over many ways to
//! split the rows in two.

use alloc::vec;
use alloc::vec::Vec;

use crate::num;
use crate::random::Random;

/// Rows of a tile, done side by side.
const LANES: usize = 8;
/// Columns of a tile.
const WIDTH: usize = 64;
/// Columns whose subsets are summed beforehand: a split then costs one addition for four numbers.
const GROUP: usize = 4;
const GROUPS: usize = WIDTH / GROUP;

type Lanes = [f64; LANES];

/// Rows of both samples in tiles: the reference's, then the current ones, each beginning a new block of
/// [`LANES`] rows.
pub(super) struct Tiles {
    columns: usize,
    /// By block and column, one number for each lane.
    blocks: Vec<Lanes>,
    /// By block, how many of its lanes hold a row.
    filled: Vec<usize>,
    reference_blocks: usize,
    counts: [usize; 2],
}

/// Sums of a kernel over the pairs of different rows, each pair once: within one part, within the
/// other, and across.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct PairSums {
    pub(super) within: [f64; 2],
    pub(super) across: f64,
}

/// What a pass over the kernel matrix gave.
pub(super) struct Summed {
    /// By the samples themselves: reference, current.
    pub(super) observed: PairSums,
    /// By each random split into parts of the samples' sizes, in the samples' order.
    pub(super) permuted: Vec<PairSums>,
    /// By row of the reference and of the current sample: the sums over the other rows of the
    /// reference and of the current sample.
    pub(super) rows: [Vec<[f64; 2]>; 2],
}

impl Tiles {
    /// Takes scaled rows, flat.
    pub(super) fn new(reference: &[f64], current: &[f64], columns: usize) -> Self {
        let mut tiles = Self {
            columns,
            blocks: Vec::new(),
            filled: Vec::new(),
            reference_blocks: 0,
            counts: [reference.len() / columns, current.len() / columns],
        };
        tiles.push(reference);
        tiles.reference_blocks = tiles.filled.len();
        tiles.push(current);
        tiles
    }

    fn push(&mut self, rows: &[f64]) {
        for block in rows.chunks(LANES * self.columns) {
            let start = self.blocks.len();
            self.blocks.resize(start + self.columns, [0.0; LANES]);
            for (lane, row) in block.chunks_exact(self.columns).enumerate() {
                for (lanes, value) in self.blocks[start..].iter_mut().zip(row) {
                    lanes[lane] = *value;
                }
            }
            self.filled.push(block.len() / self.columns);
        }
    }

    /// Places for rows, those of lanes that hold none among them.
    fn places(&self) -> usize {
        self.filled.len() * LANES
    }

    /// Whether a place holds a row.
    fn holds_row(&self, place: usize) -> bool {
        self.filled.get(place / LANES).is_some_and(|filled| place % LANES < *filled)
    }

    fn places_of_rows(&self) -> impl Iterator<Item = usize> {
        (0..self.places()).filter(|place| self.holds_row(*place))
    }

    /// Sums `e^(−γ d²)` over all pairs of different rows.
    pub(super) fn sum(&self, gamma: f64, permutations: usize, seed: u64) -> Summed {
        // The reference, the current sample, then a random part each.
        let parts = permutations + 2;
        let mut selection = Selection::new(self.places(), parts);
        let mut places: Vec<usize> = self.places_of_rows().collect();
        let reference_places = self.reference_blocks * LANES;
        for place in &places {
            selection.select(usize::from(*place >= reference_places), *place);
        }
        // The smaller sample is what is drawn: the sums of the larger part then follow by
        // differences that lose nothing.
        let [n, m] = self.counts;
        let drawn = n.min(m);
        let mut random = Random::new(seed);
        for part in 2..parts {
            random.pick(&mut places, drawn);
            for place in &places[..drawn] {
                selection.select(part, *place);
            }
        }

        let mut sums = vec![num::Sum::default(); parts];
        let mut observed = [num::Sum::default(); 3];
        let mut row_sums = [vec![0.0; self.places()], vec![0.0; self.places()]];
        let mut lanes = vec![[0.0; LANES]; parts];
        let mut tile = [[0.0; LANES]; WIDTH];
        for block in 0..self.filled.len() {
            lanes.fill([0.0; LANES]);
            let side = usize::from(block >= self.reference_blocks);
            for across in block * LANES / WIDTH..self.places().div_ceil(WIDTH) {
                self.fill(&mut tile, block, across, gamma);
                for (sum, column) in row_sums[side][across * WIDTH..].iter_mut().zip(&tile) {
                    *sum += sum_of(column);
                }
                add_parts(&mut lanes, &tile, selection.of(across));
            }
            for lane in 0..LANES {
                for (sums, lanes) in row_sums.iter_mut().zip(&lanes) {
                    sums[block * LANES + lane] += lanes[lane];
                }
            }
            for (part, (sum, lanes)) in sums.iter_mut().zip(&lanes).enumerate() {
                let held = selection.of_block(part, block);
                let mut total = 0.0;
                for (lane, value) in lanes.iter().enumerate() {
                    total += if held >> lane & 1 == 1 { *value } else { 0.0 };
                }
                sum.add(total);
            }
            // The reference comes first: its rows meet all of the current ones.
            let [with_reference, with_current] = [sum_of(&lanes[0]), sum_of(&lanes[1])];
            if side == 0 {
                observed[0].add(with_reference);
                observed[2].add(with_current);
            } else {
                observed[1].add(with_current);
            }
        }

        let [own, other, across] = observed.map(num::Sum::value);
        let observed = PairSums { within: [own, other], across };
        let all: num::Sum = [own, other, across].into_iter().collect();
        let permuted = (2..parts).map(|part| {
            let inside = sums[part].value();
            let touching: num::Sum = selection
                .places_of(part)
                .map(|place| row_sums[0][place] + row_sums[1][place])
                .collect();
            let touching = touching.value();
            let rest = (all.value() - touching + inside).max(0.0);
            let across = (touching - 2.0 * inside).max(0.0);
            PairSums { within: if n <= m { [inside, rest] } else { [rest, inside] }, across }
        });
        let sums_of = |side: usize| {
            let of_side = |place: &usize| usize::from(*place >= reference_places) == side;
            let places = self.places_of_rows().filter(of_side);
            places.map(|place| [row_sums[0][place], row_sums[1][place]]).collect()
        };
        Summed { observed, permuted: permuted.collect(), rows: [sums_of(0), sums_of(1)] }
    }

    /// Fills a tile: each pair of different rows once, zero for all else.
    fn fill(&self, tile: &mut [Lanes; WIDTH], block: usize, across: usize, gamma: f64) {
        let rows = &self.blocks[block * self.columns..(block + 1) * self.columns];
        for (offset, kernel) in tile.iter_mut().enumerate() {
            let place = across * WIDTH + offset;
            *kernel = [f64::INFINITY; LANES];
            if !self.holds_row(place) || place < block * LANES {
                continue;
            }
            let other = place / LANES * self.columns;
            let mut squares = [0.0; LANES];
            for (lanes, other) in rows.iter().zip(&self.blocks[other..other + self.columns]) {
                let value = other[place % LANES];
                for (square, lane) in squares.iter_mut().zip(lanes) {
                    let difference = lane - value;
                    *square += difference * difference;
                }
            }
            *kernel = squares;
        }
        for kernel in tile.iter_mut() {
            for value in kernel.iter_mut() {
                *value = num::exp_of_negative(-gamma * *value);
            }
        }
        let filled = self.filled[block];
        let begins_here = across * WIDTH < (block + 1) * LANES;
        if filled < LANES || begins_here {
            for (offset, kernel) in tile.iter_mut().enumerate() {
                for (lane, value) in kernel.iter_mut().enumerate() {
                    if lane >= filled || across * WIDTH + offset <= block * LANES + lane {
                        *value = 0.0;
                    }
                }
            }
        }
    }
}

/// Adds to each part the columns of a tile that are in it.
fn add_parts(parts: &mut [Lanes], tile: &[Lanes; WIDTH], codes: &[[u8; GROUPS]]) {
    let mut subsets = [[[0.0; LANES]; 1 << GROUP]; GROUPS];
    for (sums, group) in subsets.iter_mut().zip(tile.chunks_exact(GROUP)) {
        for (bit, column) in group.iter().enumerate() {
            for subset in 0..1 << bit {
                for lane in 0..LANES {
                    sums[subset | 1 << bit][lane] = sums[subset][lane] + column[lane];
                }
            }
        }
    }
    for (part, codes) in parts.iter_mut().zip(codes) {
        let mut sum = *part;
        for (subsets, code) in subsets.iter().zip(codes) {
            let subset = &subsets[usize::from(*code) % (1 << GROUP)];
            for lane in 0..LANES {
                sum[lane] += subset[lane];
            }
        }
        *part = sum;
    }
}

/// The sum of the lanes, as a tree.
fn sum_of(lanes: &Lanes) -> f64 {
    let [a, b, c, d, e, f, g, h] = *lanes;
    ((a + b) + (c + d)) + ((e + f) + (g + h))
}

/// Which places each of some parts holds, four places a byte.
struct Selection {
    parts: usize,
    /// By tile column, then by part.
    codes: Vec<[u8; GROUPS]>,
}

impl Selection {
    fn new(places: usize, parts: usize) -> Self {
        Self { parts, codes: vec![[0; GROUPS]; places.div_ceil(WIDTH) * parts] }
    }

    fn select(&mut self, part: usize, place: usize) {
        let group = place % WIDTH / GROUP;
        self.codes[place / WIDTH * self.parts + part][group] |= 1 << (place % GROUP);
    }

    /// The codes of all parts for a tile column.
    fn of(&self, across: usize) -> &[[u8; GROUPS]] {
        &self.codes[across * self.parts..(across + 1) * self.parts]
    }

    /// A bit for each row of a block.
    fn of_block(&self, part: usize, block: usize) -> u8 {
        let place = block * LANES;
        let codes = &self.codes[place / WIDTH * self.parts + part];
        let group = place % WIDTH / GROUP;
        codes[group] | codes[group + 1] << GROUP
    }

    fn places_of(&self, part: usize) -> impl Iterator<Item = usize> {
        (0..self.codes.len() / self.parts * WIDTH).filter(move |place| {
            let code = self.codes[place / WIDTH * self.parts + part][place % WIDTH / GROUP];
            code >> (place % GROUP) & 1 == 1
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All of it by its definition.
    fn plain(reference: &[f64], current: &[f64], columns: usize, gamma: f64) -> PairSums {
        let rows: Vec<&[f64]> = reference.chunks(columns).chain(current.chunks(columns)).collect();
        let n = reference.len() / columns;
        let mut sums = PairSums::default();
        for i in 0..rows.len() {
            for j in 0..i {
                let square: f64 = rows[i].iter().zip(rows[j]).map(|(a, b)| (a - b) * (a - b)).sum();
                let kernel = num::exp(-gamma * square);
                match (j < n, i < n) {
                    (true, true) => sums.within[0] += kernel,
                    (false, false) => sums.within[1] += kernel,
                    _ => sums.across += kernel,
                }
            }
        }
        sums
    }

    fn close(got: f64, want: f64) -> bool {
        (got - want).abs() <= 1e-13 * want.abs() + 1e-13
    }

    fn assert_same(got: &PairSums, want: &PairSums) {
        for (got, want) in got.within.iter().zip(want.within) {
            assert!(close(*got, want), "{got} {want}");
        }
        assert!(close(got.across, want.across), "{} {}", got.across, want.across);
    }

    #[test]
    fn sums_are_those_of_the_definition_for_all_fillings_of_blocks() {
        let mut random = Random::new(3);
        for (n, m, columns) in [(2, 2, 1), (7, 9, 3), (8, 8, 2), (3, 70, 4), (130, 65, 2)] {
            let mut draw = |len: usize| (0..len).map(|_| random.normal()).collect::<Vec<f64>>();
            let (reference, current) = (draw(n * columns), draw(m * columns));
            let summed = Tiles::new(&reference, &current, columns).sum(0.3, 5, 11);
            assert_same(&summed.observed, &plain(&reference, &current, columns, 0.3));
            assert_eq!((summed.rows[0].len(), summed.rows[1].len()), (n, m));
            let of_rows: f64 = summed.rows[0].iter().map(|[own, _]| own).sum();
            assert!(close(of_rows, 2.0 * summed.observed.within[0]));
            for side in 0..2 {
                let across: f64 = summed.rows[side].iter().map(|sums| sums[1 - side]).sum();
                assert!(close(across, summed.observed.across));
            }
        }
    }

    #[test]
    fn splits_have_the_sums_of_the_rows_that_they_hold() {
        let mut random = Random::new(4);
        for (n, m) in [(9, 14), (14, 9), (40, 90)] {
            let mut draw = |len: usize| (0..len).map(|_| random.normal()).collect::<Vec<f64>>();
            let (reference, current) = (draw(n), draw(m));
            let summed = Tiles::new(&reference, &current, 1).sum(0.5, 4, 5);
            let pooled = [reference, current].concat();
            let mut order: Vec<usize> = (0..n + m).collect();
            let mut random = Random::new(5);
            for permuted in &summed.permuted {
                random.pick(&mut order, n.min(m));
                let part = |range: &[usize]| range.iter().map(|i| pooled[*i]).collect::<Vec<f64>>();
                let (drawn, rest) = (part(&order[..n.min(m)]), part(&order[n.min(m)..]));
                let want = if n <= m {
                    plain(&drawn, &rest, 1, 0.5)
                } else {
                    plain(&rest, &drawn, 1, 0.5)
                };
                assert_same(permuted, &want);
            }
        }
    }
}
