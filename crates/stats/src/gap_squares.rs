//! How a mean square of the gaps between two distribution functions scatters.

use crate::{
    bridge::BridgeForm,
    interval::Scatter,
    outline::{Cell, Outline},
};

/// What a cell adds to the mean, by its slopes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Term {
    /// By the gap below the cell and at its value at once.
    pub by_gap: f64,
    /// By the gap at its value alone.
    pub by_gap_at: f64,
    /// By where the middle of the cell is among the rows of both samples.
    pub by_place: f64,
    /// By its share of the rows.
    pub by_rows: f64,
    /// Half the curvatures by the gaps: of the ends, and of both together.
    pub curvature: [f64; 2],
}

/// The scatter of a sum of terms.
pub(crate) fn scatter(outline: &Outline, term: impl Fn(&Cell) -> Term) -> Scatter {
    let mut form = BridgeForm::default();
    let mut bias = 0.0;
    for cell in &outline.cells {
        let [ends, both] = term(cell).curvature;
        let [below, at] = [cell.below, cell.at].map(|shares| outline.together(shares));
        let along = f64::midpoint(below, at);
        let spread = |below: f64, at: f64| {
            ends * (below * (1.0 - below) + at * (1.0 - at)) + both * (below * (1.0 - at))
        };
        form.add(along / (1.0 - along), spread(below, at));
        bias += spread(cell.below[0], cell.at[0]) / outline.freedoms[0]
            + spread(cell.below[1], cell.at[1]) / outline.freedoms[1];
    }
    let mut beyond = [0.0; 2];
    let variance = outline.variance(|cell| {
        let term = term(cell);
        let mut influence = [0.0; 2];
        for (side, sign) in [1.0, -1.0].into_iter().enumerate() {
            let part = outline.parts[side];
            let own = sign * term.by_gap_at + part * (term.by_place / 2.0 + term.by_rows);
            influence[side] = beyond[side] + own;
            beyond[side] += sign * term.by_gap + part * term.by_place;
        }
        influence
    });
    Scatter { bias, variance, noise: noise(bias, &form) }
}

/// The variance without drift of a form in a Brownian bridge that has this mean.
pub(crate) fn noise(mean: f64, form: &BridgeForm) -> f64 {
    let scale = if form.mean() > 0.0 { mean / form.mean() } else { 0.0 };
    scale * scale * form.variance()
}
