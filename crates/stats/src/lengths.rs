//! What the methods on values need to know of two samples, gathered in one walk.

use crate::{
    bridge::{BridgeForm, Stretches},
    num,
    walk::{Accumulate, Block, Pair},
};

/// Integrals along the number line, in the pair's unit.
#[derive(Debug)]
pub(crate) struct Lengths {
    sizes: [f64; 2],
    /// `nm ∫ |F − G| dx`.
    pub area: num::Sum,
    /// `∫ (nm(F − G))² dx`.
    pub squares: num::Sum,
    /// `nm ∫ F(1−G) + G(1−F) dx`, the sum of distances between rows of different samples.
    pub distances: num::Sum,
    stretches: Stretches,
    /// `∫ B(H)² / √(H(1−H)) dx`, `B` being a Brownian bridge and `H` both samples together.
    pub by_deviation: BridgeForm,
    /// `∫ B(H)² dx`.
    pub by_width: BridgeForm,
}

impl Lengths {
    pub(crate) fn of(pair: &Pair<'_>) -> Self {
        pair.walk(Self::new(pair))
    }

    pub(crate) fn new(pair: &Pair<'_>) -> Self {
        Self {
            sizes: pair.sizes(),
            area: num::Sum::default(),
            squares: num::Sum::default(),
            distances: num::Sum::default(),
            stretches: Stretches::of(pair),
            by_deviation: BridgeForm::default(),
            by_width: BridgeForm::default(),
        }
    }
}

impl Accumulate for Lengths {
    fn add(&mut self, block: &Block) {
        let [n, _] = self.sizes;
        let [area, squares, distances] = block.sums(|at| {
            let ([_, gap], width) = (block.gaps(at), block.width(at));
            let [i, j] = block.place_as_numbers(at).at;
            // i(m − j) + j(n − i), since the gap is im − jn.
            let apart = gap + 2.0 * (j * (n - i));
            [gap.abs() * width, gap * gap * width, apart * width]
        });
        self.area.add(area);
        self.squares.add(squares);
        self.distances.add(distances);
        let Self { stretches, by_deviation, by_width, .. } = self;
        stretches.add(block, |stretch| {
            let variance = stretch.variance();
            by_deviation.add(stretch.odds(), num::sqrt(variance) * stretch.width);
            by_width.add(stretch.odds(), variance * stretch.width);
        });
    }
}
