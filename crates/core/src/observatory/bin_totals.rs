use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::reference::{Reference, ReferenceColumn};
use crate::pane::Window;

/// Columns of a reference, and what fell into the bins of each.
pub type BinnedColumns<'t> = Vec<(&'t ReferenceColumn, &'t [u64])>;

/// Values in each bin of a reference since it was frozen: unlike those of a [`Window`] counts that never go
/// back, as a counter of Prometheus must be, so that the counts of many gateways can be added and cut to any time.
///
/// Column by column in the order of the reference; a new reference begins with new totals.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct BinTotals(Vec<Vec<u64>>);

impl BinTotals {
    /// Adds what arrived, of the columns that the reference has.
    pub fn add(&mut self, arrived: &Window, reference: &Reference) {
        self.0.resize(reference.columns().len(), Vec::new());
        for (totals, column) in self.0.iter_mut().zip(reference.columns()) {
            let Some(part) = arrived.role(column.role) else { continue };
            let bins = part.bins(&column.name);
            if totals.len() < bins.len() {
                totals.resize(bins.len(), 0);
            }
            for (total, more) in totals.iter_mut().zip(bins) {
                *total = total.saturating_add(more);
            }
        }
    }

    /// The columns of the reference, and what fell into their bins; bins at the end that nothing fell into
    /// may be left out.
    pub fn of<'t>(&'t self, reference: &'t Reference) -> BinnedColumns<'t> {
        let totals = |(index, column)| (column, self.0.get(index).map_or(&[][..], Vec::as_slice));
        reference.columns().iter().enumerate().map(totals).collect()
    }
}
