//! Two ascending samples into one, four stretches of a window at a time.
//!
//! Which sample the next row is from cannot be foretold, and each row waits for the one before it. So the
//! window is cut where a quarter, a half and three quarters of its rows lie behind, and the four parts are
//! merged in turn: none waits for the others.

use super::{
    Pair,
    block::{Block, CAPACITY},
};

/// Stretches of a window that are merged together.
const STREAMS: usize = 4;
/// Rows of a stretch.
const STRETCH: usize = CAPACITY / STREAMS;
/// Of a place in a window, which is as long as a power of two.
const MASK: usize = CAPACITY - 1;

type Window = [f64; CAPACITY];

/// Both samples from some row on.
pub(super) struct Merge<'a> {
    samples: [&'a [f64]; 2],
    /// Rows that were merged.
    ranks: [usize; 2],
    /// The last rows of a sample, and infinity, which is above them all.
    ends: [Window; 2],
}

impl<'a> Merge<'a> {
    pub(super) fn new(pair: &Pair<'a>) -> Self {
        Self {
            samples: [pair.reference.values(), pair.current.values()],
            ranks: [0; 2],
            ends: [[f64::INFINITY; CAPACITY]; 2],
        }
    }

    /// Fills a block with the next rows; `false` if none is left.
    pub(super) fn fill(&mut self, block: &mut Block) -> bool {
        let Self { samples: [reference, current], ranks: [i, j], ends: [end, other_end] } = self;
        let [reference, current] = [rest(reference, *i), rest(current, *j)];
        let rows = (reference.len() + current.len()).min(CAPACITY);
        if rows == 0 {
            return false;
        }
        let taken = merge(window(reference, end), window(current, other_end), rows, block);
        let next = match [rest(reference, taken[0]).first(), rest(current, taken[1]).first()] {
            [Some(one), Some(other)] => Some(one.min(*other)),
            [one, other] => one.or(other).copied(),
        };
        block.take(rows, [*i, *j], next);
        *i += taken[0];
        *j += taken[1];
        true
    }
}

fn rest(values: &[f64], from: usize) -> &[f64] {
    values.get(from..).unwrap_or_default()
}

/// The first rows of a sample; of a short one with infinity behind them.
fn window<'w>(values: &'w [f64], end: &'w mut Window) -> &'w Window {
    if let Some(window) = values.first_chunk() {
        return window;
    }
    end.fill(f64::INFINITY);
    for (place, value) in end.iter_mut().zip(values) {
        *place = *value;
    }
    end
}

/// Merges the first rows of two windows, those of the reference first where they tie, and says how many of
/// `rows` are from each.
fn merge(reference: &Window, current: &Window, rows: usize, block: &mut Block) -> [usize; 2] {
    let mut own = cuts(reference, current);
    let mut others = own;
    for (stream, others) in others.iter_mut().enumerate() {
        *others = STRETCH * stream - *others;
    }
    let (values, counts) = block.space();
    let starts = own;
    for step in 0..STRETCH {
        for stream in 0..STREAMS {
            let (row, [i, j]) = (STRETCH * stream + step, [&mut own[stream], &mut others[stream]]);
            let [one, other] = [reference[*i & MASK], current[*j & MASK]];
            // No host may choose by a branch: both are put down, and the larger is written over by the next.
            let is_reference = usize::from(one <= other);
            values[row + is_reference] = other;
            values[row + 1 - is_reference] = one;
            *i += is_reference;
            *j += 1 - is_reference;
            counts[row] = *i as u16;
        }
    }
    // But for that at the end of a stretch, which is where the next begins.
    for (stream, start) in starts.into_iter().enumerate() {
        let row = STRETCH * stream;
        let [one, other] = [reference[start & MASK], current[(row - start) & MASK]];
        values[row] = if one <= other { one } else { other };
    }
    let taken = usize::from(counts[(rows - 1) & MASK]);
    [taken, rows - taken]
}

/// Of the rows before each stretch, how many are the reference's.
fn cuts(reference: &Window, current: &Window) -> [usize; STREAMS] {
    let mut cuts = [0; STREAMS];
    // A row of the reference is among the first if it is not above the row of the current sample that
    // would be the last of them without it.
    let mut step = CAPACITY / 2;
    while step > 0 {
        for (stream, cut) in cuts.iter_mut().enumerate() {
            let (rows, next) = (STRETCH * stream, *cut + step);
            let one = reference[next.wrapping_sub(1) & MASK];
            let other = current[rows.wrapping_sub(next) & MASK];
            *cut += step * usize::from((next <= rows) & (one <= other));
        }
        step /= 2;
    }
    cuts
}
